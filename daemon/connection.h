/*
 * One connection's or file's state in a lane: who it says it is, how far it is, what it is to be
 * told. Knows the wire (DESIGN 3, 9.5); knows no matcher.
 */
#ifndef DAEMON_CONNECTION_H
#define DAEMON_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/hello.h"
#include "daemon/json.h"
#include "daemon/lane.h"
#include "daemon/maps.h"
#include "daemon/reply.h"
#include "io/stream.h"

enum connection_state {
    CONNECTION_FREE = 0,    /* the slot is not in use */
    CONNECTION_NEW = 1,     /* no line yet: the first may be a hello */
    CONNECTION_OPEN = 2,    /* lines are taken */
    CONNECTION_REFUSED = 3, /* a bad hello: told so and closed, further lines are dropped */
    CONNECTION_ENDED = 4,   /* the peer is gone; pending listings may still name it */
};

struct connection {
    enum connection_state state;
    bool ack;                 /* it asked for replies */
    bool attention;           /* stands in the lane's list */
    bool finishing;           /* it is to be closed once it has been told everything */
    bool paused;              /* its replies do not drain: no more lines until they do */
    struct stream_peer *peer; /* NULL once ended */
    uint64_t id;
    struct event_peer ids;
    struct permissions *permissions; /* of its source */
    event_kinds_set kinds;           /* that its peer may write, as of that turn */
    unsigned permissions_turn;
    uint64_t lines;               /* number of the last line taken; the hello is not counted */
    uint64_t decided;             /* of these, decided and handed to the reply */
    uint64_t matches;             /* match records put into the queue, of lines taken so far */
    uint64_t rejected;            /* of the lines taken so far */
    struct lane_reading *reading; /* of a file that somebody waits for; NULL: none, or told */
    int error;                    /* of its end: -errno, or 0 */
    bool end_known;               /* of such a file that has ended: where its records do */
    uint64_t end_position;
    size_t source_len;
    char source[LANE_SOURCE_BYTES_MAX + 1]; /* NUL-terminated */
    size_t session_len;                     /* 0: none */
    char session[HELLO_SESSION_BYTES_MAX + 1];
    const struct map *map; /* of its lines; NULL: they are listings and events as they are */
    struct reply reply;
};

/* Begins a connection in a free slot. */
void connection_open(struct connection *connection, struct stream_peer *peer, uint64_t id,
                     const struct lane_source *source, const struct event_peer *ids);

/* The kinds that its peer may write now. */
event_kinds_set connection_kinds(struct connection *connection);

/* Looks at the first line of a socket. 1: it is a hello and is used up. 0: it is a line like
   others. -EINVAL: a bad hello, or one that names none of these maps; *reterr_reject says why, and
   the connection is CONNECTION_REFUSED. */
int connection_greet(struct connection *connection, struct json_parser *parser,
                     const struct maps *maps, const struct stream_frame *frame,
                     struct reject *reterr_reject);

/* Says that all its lines so far are decided and their records end at position. 0 or -ENOMEM. */
int connection_decided(struct connection *connection, uint64_t position);

/* Sends what has become true, if nothing is being sent; resumes a paused connection that has room
   for replies again; closes a finishing connection that has been told everything. Returns how many
   lines were acknowledged by what was handed to the socket. */
uint64_t connection_reply(struct connection *connection, uint64_t durable);

/* Whether it still has something to be told, or to be closed. */
bool connection_waits(const struct connection *connection);

/* Whether nobody waits for the end of a file: says that it came, once it is durable that far. Of
   one that has ended, with all its lines decided and their records before position. */
bool connection_end_told(struct connection *connection, uint64_t position, uint64_t durable);

/* Says to who waits for the file that it has ended so. */
void connection_tell_end(struct lane_reading *reading, int error);

/* Forgets it: the slot is free. */
void connection_close(struct connection *connection);

#endif
