/*
 * The inside of a lane: its state and its turn. For lane*.c alone: lane.c is what the control
 * thread calls, lane_thread.c the turn, lane_events.c and lane_records.c what the turn puts into
 * the queue, lane_counts.c what others see of it.
 */
#ifndef DAEMON_LANE_THREAD_H
#define DAEMON_LANE_THREAD_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "daemon/clock.h"
#include "daemon/config.h"
#include "daemon/connection.h"
#include "daemon/emit.h"
#include "daemon/lane.h"
#include "io/mailbox.h"

/* Ended connections keep their slot until the lines that name them are decided. */
#define LANE_CONNECTIONS_MAX (2u * STREAM_PEERS_MAX)
#define LANE_COUNTS_WORDS    (sizeof(struct lane_counts) / sizeof(uint64_t))

/* The mailbox's eventfd being watched. */
struct lane_wake {
    struct backend_op op;
    struct lane *lane;
};

/* A descriptor and its source, as they came in the mailbox. */
struct lane_mail {
    int fd, source;
};

/* An event on its way into the ledger, whose connection wants its answer. */
struct lane_ticket {
    struct connection *connection;
    uint64_t id, line, position; /* of the connection; of the event; where its entry ends */
};

struct lane {
    struct lane_config config;
    pthread_t thread;
    sem_t ready;
    int open_error;
    struct backend *backend;
    struct clock clock;  /* only asked for the time */
    bool has_received;   /* the time of this turn is known */
    int64_t received_ns; /* when the first line of this turn came, wall time */
    struct stream *stream;
    struct intake *intake;
    size_t intake_bytes; /* as of lane_thread_open; constant after it */
    struct json_parser *parser;
    struct event_intake *events;
    unsigned supports_put; /* acts that the listing in hand shows and that are in the queue: bits */
    bool refused_put;      /* the line's record of a refusal is in the queue, its dead letter not */
    struct event_outcome outcome;          /* of the event in hand */
    uint64_t tickets_given, tickets_taken; /* counted; modulo WRITER_ANSWERS_MAX they are tickets */
    struct lane_ticket tickets[WRITER_ANSWERS_MAX];
    struct mailbox *mailbox;
    struct queue *queue;
    struct emit emit;
    struct lane_wake wake;
    uint64_t published_position;
    const char *io_name;
    struct lane_counts counts;         /* what the lane itself counts */
    struct lane_counts snapshot;       /* all counts as of snapshot_position in the queue */
    struct lane_counts durable_counts; /* the latest snapshot whose records are durable */
    uint64_t snapshot_position;
    bool snapshot_waits;
    _Atomic uint64_t published[LANE_COUNTS_WORDS];
    _Atomic(struct ruleset *) ruleset_next;
    _Atomic(struct ruleset *) ruleset_now;
    atomic_bool stop, stopped, quit;
    bool ended;          /* the control thread's: it has been joined */
    _Atomic size_t load; /* connections and files, those in the mailbox included */
    size_t slots_used;   /* of connections */
    bool reading_stopped;
    bool blocked; /* the queue was full when pending lines were to be decided */
    const struct lane_source *incoming; /* of the descriptor being adopted */
    struct event_peer incoming_ids;     /* likewise */
    size_t held_count; /* files that wait until the stream takes one more, oldest first */
    struct lane_mail held[CONFIG_PATHS_MAX];
    size_t attention_count;
    struct connection *attention[LANE_CONNECTIONS_MAX];
    struct connection connections[LANE_CONNECTIONS_MAX];
};

/* Names of a connection that stand in its records; lane_records.c. */
struct emit_source lane_source_of(const struct connection *connection);

/* An event of a connection's line, or made of it, without a ticket; lane_events.c. */
struct event_request lane_request_of(const struct lane *lane, const struct intake_origin *origin,
                                     const char *bytes, size_t len);

/* The intake's sink for listings; lane_records.c. */
int lane_take_match(void *context, const struct intake_origin *origin,
                    const struct listing *listing, const struct matcher_result *result);
int lane_take_unmatched(void *context, const struct intake_origin *origin,
                        const struct listing *listing);

/* Opens backend, stream, intake and the rest, on the lane's own thread. 0 or -errno; what was
   opened is closed by lane_thread_close either way. */
int lane_thread_open(struct lane *lane);

/* One turn: receive, decide, publish, reply. Waits up to a quarter of a second for something to do.
 */
void lane_thread_turn(struct lane *lane);

/* lane_events.c: a line with a type, as the intake's sink wants it; the record of a line that its
   sender may not write, before its dead letter, 0 or -EAGAIN; and what became durable, to whom it
   was promised. */
int lane_take_event(void *context, const struct intake_origin *origin, const char *bytes,
                    size_t len, struct reject *reterr_reject);
int lane_put_refusal(struct lane *lane, const struct intake_origin *origin, const char *bytes,
                     size_t len);
void lane_take_answers(struct lane *lane, uint64_t durable);

/* Whom the kernel says a socket is connected to. */
struct event_peer lane_peer(int fd);

/* Publishes the counters as far as they are durable; lane_counts_publish is lane_counts.c. */
void lane_counts_publish(struct lane *lane);

/* Closes what lane_thread_open opened. */
void lane_thread_close(struct lane *lane);

#endif
