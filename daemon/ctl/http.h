/*
 * A response of HTTP/1.x as a WARC keeps it: the head is parsed, the body made what the server
 * meant it to be. Knows no WARC.
 */
#ifndef DAEMON_CTL_HTTP_H
#define DAEMON_CTL_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_TYPE_BYTES     128u
#define HTTP_BODY_BYTES_MAX (4u << 20) /* of an unpacked body; the rest is not read */

struct http {
    unsigned status;               /* 100 to 599 */
    char type[HTTP_TYPE_BYTES];    /* "text/html", in small letters; "" when not given */
    char charset[HTTP_TYPE_BYTES]; /* "utf-8"; "" when not given */
    char *body;                    /* in the response, or in room */
    size_t body_len;
    bool cut;          /* the body is not all that the server sent, or more than is read */
    const char *fault; /* why the body cannot be read; static. NULL: it can */
};

/* Reads the bytes of a response, and writes to them: chunks are joined, a body packed by gzip (in
   any number of members) or deflate, by the server or on the way, is unpacked into room
   (HTTP_BODY_BYTES_MAX). A body that ends or breaks in the middle, in a chunk, in what packs it or
   before its Content-Length, is read up to there and is cut. What follows a body that is whole is
   none of it. False: they do not begin with a head of HTTP/1. A body that its writer has joined or
   unpacked while the head still says otherwise is read as it is. */
bool http_read(char *bytes, size_t len, char *room, struct http *ret_http);

/* Reads a media type, "text/html; charset=utf-8", as http_read does that of a head. */
void http_type(const char *value, size_t len, struct http *http);

#endif
