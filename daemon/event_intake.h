/*
 * A line with a type, from bytes to its records in the queue: may this sender write this kind, is
 * the event right, into which records does it go. Knows the writer's entries; knows no connection.
 */
#ifndef DAEMON_EVENT_INTAKE_H
#define DAEMON_EVENT_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/derived.h"
#include "daemon/event_record.h"
#include "daemon/queue.h"
#include "daemon/reject.h"

/* A set of kinds: bit k is enum record_kind k. */
typedef uint64_t event_kinds_set;

/* All kinds that may come from outside. */
event_kinds_set event_kinds_all(void);

/* The kinds of the same name as the word: "takedown"; "notice.*", all that begin with "notice.";
   "all". 0: there is none. */
event_kinds_set event_kinds_named(const char *word, size_t len);

struct event_intake;

/* A line and who sent it. */
struct event_request {
    const char *bytes; /* followed by JSON_SLACK_BYTES readable bytes */
    size_t len;
    const char *source;
    size_t source_len;
    uint64_t connection, line;
    struct event_peer peer;
    event_kinds_set kinds; /* that this sender may write */
    bool synced;           /* the clock */
    uint32_t ticket;       /* of the answer, WRITER_NO_TICKET for none */
    const uint8_t *sha256; /* of the line that the event was made of; NULL: it is the line */
    const struct derived_about *if_watched; /* recorded only while that is watched, without an
                                               answer; NULL: always */
};

/* What became of it. */
struct event_outcome {
    enum record_kind kind; /* when it was accepted, or refused for its kind */
    bool refused;          /* the sender may not write this kind: there is to be a record of it */
    struct reject reject;  /* why it was not accepted */
};

/* Makes one with all the memory it needs. It belongs to one thread. NULL when out of memory. */
struct event_intake *event_intake_open(void);

/* Puts the event's records into the queue, as one entry; the caller publishes. 0; -EAGAIN: the
   queue is full, call again; -EBADMSG: it is not accepted, *ret_outcome says why. Whether a sender
   may write a kind comes before whether the event is right. */
int event_intake_line(struct event_intake *intake, struct queue *queue,
                      const struct event_request *request, struct event_outcome *ret_outcome);

/* Puts the record of a refusal (kind refused) into the queue: who tried, which kind, the line's
   hash; never its text. 0 or -EAGAIN. */
int event_intake_refused(struct queue *queue, const struct event_request *request,
                         enum record_kind kind);

/* Most bytes that one holds. */
size_t event_intake_bytes(void);

/* Frees; NULL is fine. Returns NULL. */
struct event_intake *event_intake_close(struct event_intake *intake);

#endif
