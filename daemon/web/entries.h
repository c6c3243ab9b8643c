/*
 * /entries: records as an answer that is made while it is sent, by the thread of its connection. A
 * slow or silent client costs that thread, and never the daemon that writes.
 */
#ifndef DAEMON_WEB_ENTRIES_H
#define DAEMON_WEB_ENTRIES_H

#include <microhttpd.h>
#include <stdbool.h>

/* Queues the records that the request asks for (head: only that they would come), or why there are
   none. All borrowed for as long as the server runs; stop_fd is readable once it ends. Finding the
   first record, which may take long, ends early when the client is gone. */
enum MHD_Result entries_answer(struct MHD_Connection *connection, bool head, const char *ledger,
                               int stop_fd);

#endif
