/*
 * /entries: records as an answer that is made while it is sent, by the thread of its connection. A
 * slow or silent client costs that thread, and never the daemon that writes.
 */
#ifndef DAEMON_WEB_ENTRIES_H
#define DAEMON_WEB_ENTRIES_H

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdbool.h>

#define ENTRIES_MAX 24u /* answers at a time */

/* Queues the records that the request asks for (head: only that they would come), or why there are
   none. All borrowed for as long as the server runs; stop_fd is readable once it ends. open counts
   such answers: past ENTRIES_MAX there is none, so that the other paths always have connections
   left. */
enum MHD_Result entries_answer(struct MHD_Connection *connection, bool head, const char *ledger,
                               int stop_fd, atomic_uint *open);

#endif
