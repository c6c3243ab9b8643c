/*
 * What a connection is told, and when: acks, nacks and the numbers of events held back until the
 * records they speak of are durable (DESIGN 3, 9.5). Pure: knows positions of a queue and bytes, no
 * socket.
 */
#ifndef DAEMON_REPLY_H
#define DAEMON_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/reject.h"

#define REPLY_NACK_BYTES_MAX  512u   /* one nack line */
#define REPLY_EVENT_BYTES_MAX 160u   /* the line that answers an event */
#define REPLY_PENDING_BYTES   32768u /* both of them, held back per connection */
#define REPLY_SEND_BYTES      4096u  /* handed out at once */

/* All lines up to `line` are decided, `matches` of them have a match record, and all their records
   end at `position`. */
struct reply_point {
    uint64_t line, matches, position;
};

/* Zero it to begin with; reply_close frees. Memory is taken with the first nack or ack. */
struct reply {
    bool counts_matches; /* acks are {"ack":N,"matches":M}; set it before the first */
    char *pending;       /* nacks and answers, each behind its position and length */
    char *send;
    size_t pending_len;
    uint64_t acked;                     /* the greatest line whose ack reply_take handed out */
    struct reply_point waiting, latest; /* the ack that comes next; the one after it */
};

/* Holds back a nack for a line until position is durable. detail is printable ASCII. kept: its
   bytes are in the dead letters. 0; -ENOSPC when REPLY_PENDING_BYTES are full (see reply_has_room);
   -ENOMEM. */
int reply_nack(struct reply *reply, uint64_t line, const struct reject *reject, bool kept,
               uint64_t position);

/* Keeps the place of the answer to an event, in the order of lines. 0, -ENOSPC or -ENOMEM. */
int reply_event(struct reply *reply, uint64_t line, uint64_t position);

/* Gives the answer of the first event that has none yet; its position is durable by now. sha256 is
   that of the record's line, NULL when the event was known. Without effect when there is none. */
void reply_answer(struct reply *reply, uint64_t line, uint64_t seq, const uint8_t *sha256);

/* Says how far lines are decided. Neither of the point's numbers ever goes back. 0 or -ENOMEM. */
int reply_ack(struct reply *reply, const struct reply_point *point);

/* Whether one more nack or answer fits. */
bool reply_has_room(const struct reply *reply);

/* Whether anything waits to be sent, now or later. */
bool reply_waits(const struct reply *reply);

/* Takes what may be sent now that everything up to `durable` is on disk: nacks and answers first,
   then the ack that covers them. Returns the bytes in *ret_bytes, which stay valid until the next
   call; 0 when there is nothing to say yet. */
size_t reply_take(struct reply *reply, uint64_t durable, const char **ret_bytes);

/* Frees the memory and forgets what was held back; the struct may be used again. */
void reply_close(struct reply *reply);

#endif
