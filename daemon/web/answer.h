/*
 * What every answer of noticed-web has in common: strict headers, and short texts.
 */
#ifndef DAEMON_WEB_ANSWER_H
#define DAEMON_WEB_ANSWER_H

#include <microhttpd.h>

#define ANSWER_TEXT_BYTES 1024u

/* Adds the content type and the headers that keep a browser from doing anything with the answer but
   showing it, then queues it, and drops the caller's reference; the answer's own is the
   connection's. response NULL: out of memory, and the connection is closed. */
enum MHD_Result answer_queue(struct MHD_Connection *connection, unsigned status,
                             const char *content_type, struct MHD_Response *response);

/* Queues a line of text for people, at most ANSWER_TEXT_BYTES. */
enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status, const char *format,
                            ...) __attribute__((format(printf, 3, 4)));

#endif
