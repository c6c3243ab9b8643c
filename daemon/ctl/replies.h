/*
 * What the daemon says on a connection, taken apart: bytes in, acks, nacks and answers out. A push
 * parser without I/O.
 */
#ifndef DAEMON_CTL_REPLIES_H
#define DAEMON_CTL_REPLIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLIES_LINE_BYTES_MAX 4096u /* the daemon's are shorter than 512 */
#define REPLIES_BUFFER_BYTES   65536u
#define REPLIES_TEXT_BYTES     256u

enum reply_kind {
    REPLY_ACK = 0,
    REPLY_NACK,
    REPLY_EVENT,   /* an event has its record */
    REPLY_UNKNOWN, /* not what this protocol says: err holds the line as it came */
};

/* sha256, err and detail may hold anything but NUL: they are to be escaped before they are shown.
 */
struct reply_line {
    enum reply_kind kind;
    uint64_t line;
    uint64_t matches; /* of an ack that counts them */
    bool counted;     /* it does */
    uint64_t seq;     /* of an event's record */
    bool known;       /* it was there before: this line made none */
    bool lost;        /* "kept":false: the dead letters were full, only the hash is kept */
    char sha256[REPLIES_TEXT_BYTES]; /* of the record's line, "" when known */
    char err[REPLIES_TEXT_BYTES];
    char detail[REPLIES_TEXT_BYTES];
};

struct replies;

/* NULL when out of memory. */
struct replies *replies_open(void);

/* Room for bytes from the connection: at least one, once replies_next has said 0. */
char *replies_room(struct replies *replies, size_t *ret_room);

/* len bytes were put there. */
void replies_filled(struct replies *replies, size_t len);

/* The next whole reply: 1; 0 when none is there; -EPROTO when a line is longer than
   REPLIES_LINE_BYTES_MAX: then nothing that follows can be understood. */
int replies_next(struct replies *replies, struct reply_line *ret_line);

/* Frees; NULL is fine. Returns NULL. */
struct replies *replies_close(struct replies *replies);

#endif
