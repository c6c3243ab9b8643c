/*
 * Lines to a daemon's socket and its answers back, both at the same time: nothing is lost and
 * nobody waits for the other for ever. Prints nothing: what it learns goes to the events.
 *
 *   SENDING -> WAITING  [settle: the input has ended and all bytes are sent]
 *   WAITING -> DONE     [settle: the last line is acknowledged]
 *   SENDING, WAITING -> LOST   [lost: the daemon closed, or an error]
 */
#ifndef DAEMON_CTL_SENDER_H
#define DAEMON_CTL_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/input.h"
#include "daemon/ctl/replies.h"

enum sender_state {
    SENDER_SENDING = 0,
    SENDER_WAITING, /* everything is sent, not everything acknowledged */
    SENDER_DONE,    /* every line is acknowledged */
    SENDER_LOST,    /* the connection ended before that; error says how */
};

/* Lines are counted through all inputs, those that are passed over too (hello.first). */
struct sender_counts {
    uint64_t lines; /* handed to the connection, or passed over; the hello not counted */
    uint64_t bytes;
    uint64_t acked; /* every line <= this one is decided and durable, or to be passed over */
    uint64_t nacked;
    uint64_t matched; /* of the acknowledged lines, those with a match record */
};

struct sender_events {
    /* A line was refused, or the daemon said something that is not of this protocol. */
    void (*refused)(void *context, const struct reply_line *reply);
    /* An event has its record. NULL: nobody wants to know. */
    void (*answered)(void *context, const struct reply_line *reply);
};

struct sender;

/* What the hello says of the lines: 1 to 64 bytes of A-Z a-z 0-9 . _ : - each. */
struct sender_hello {
    const char *source;
    const char *map;     /* NULL: none is named */
    const char *session; /* NULL: none; else its lines are those of all inputs, from 1 */
    uint64_t first;      /* with a session, the lines before this one are not sent; 0 as 1 */
};

/* Takes over a connected socket. 0 or -ENOMEM. */
int sender_open(int fd, const struct sender_hello *hello, const struct sender_events *events,
                void *context, struct sender **ret_sender);

/* While this descriptor is readable, sender_step takes in what the daemon has said and does nothing
   else; nobody reads from it here. */
void sender_stop_on(struct sender *sender, int fd);

/* Begins to read this input, which stays the caller's, until sender_step says that it ended. */
void sender_input(struct sender *sender, struct input *input);

/* Waits at most wait_ms for something to do and does it. 1: the input has ended and a newline was
   added after its last line; 0: the input has ended; -EAGAIN: go on; another -errno: of reading the
   input, see input_error. After the last input call sender_finish, and then step until the state is
   DONE or LOST. */
int sender_step(struct sender *sender, int wait_ms);

/* No further input comes. */
void sender_finish(struct sender *sender);

/* Where it stands. */
enum sender_state sender_state(const struct sender *sender);

/* In SENDER_LOST: -errno (-EPROTO: the daemon speaks something else), or 0 when the daemon closed.
 */
int sender_error(const struct sender *sender);

/* What was taken and answered so far. */
struct sender_counts sender_counts(const struct sender *sender);

/* How many of counts.lines are in the socket, whole; the rest still waits here. */
uint64_t sender_lines_sent(const struct sender *sender);

/* Closes the socket and frees; NULL is fine. Returns NULL. */
struct sender *sender_close(struct sender *sender);

#endif
