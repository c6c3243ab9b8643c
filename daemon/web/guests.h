/*
 * Who is connected to noticed-web, and who has to go when places become few: who has been without
 * an answer under way for longest, as after half a request. Knows no HTTP. Any thread.
 */
#ifndef DAEMON_WEB_GUESTS_H
#define DAEMON_WEB_GUESTS_H

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define GUESTS_STAY    48u /* connections, each with a thread: one more, and an idle one is ended */
#define GUESTS_MAX     128u /* with those whose thread has not seen yet that it is ended */
#define GUESTS_READERS 24u  /* of them read records; they are never idle */
static_assert(GUESTS_READERS < GUESTS_STAY && GUESTS_STAY < GUESTS_MAX, "somebody can always go");

struct guest {
    int fd;        /* its connection, until guests_leave */
    uint64_t turn; /* of guests.turns, when it came, asked, or had its answer last */
    bool reads;    /* it has one of the readers' places */
    bool leaving;  /* it was shut down */
};

struct guests {
    pthread_mutex_t lock;
    uint64_t turns;
    unsigned count;
    struct guest at[GUESTS_MAX];
};

/* 0 or -errno; then guests_close is not due. */
int guests_open(struct guests *guests);

/* A connection begins. With more than GUESTS_STAY the one that has been idle for longest is shut
   down, whose own thread then closes it. At most GUESTS_MAX are there at a time. */
void guests_come(struct guests *guests, int fd);

/* It asks for something. */
void guests_ask(struct guests *guests, int fd);

/* What it asks for are records: whether one of the readers' places is free for it, which it then
   has until guests_rest. */
bool guests_read(struct guests *guests, int fd);

/* Its answer is over: it is idle from now on. */
void guests_rest(struct guests *guests, int fd);

/* It is to be closed: to be told before the number of the descriptor can be another's. */
void guests_leave(struct guests *guests, int fd);

/* Nobody may be there any more. */
void guests_close(struct guests *guests);

#endif
