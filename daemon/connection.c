/*
 * One connection's state in a lane. Knows the wire; knows no matcher.
 *
 *   FREE -> NEW        [connection_open]
 *   NEW -> OPEN        [connection_greet: a good hello, or a first line that is none]
 *   NEW -> REFUSED     [connection_greet: a bad hello]
 *   NEW, OPEN, REFUSED -> ENDED   [the lane, when the peer is gone]
 *   ENDED -> FREE      [connection_close, once no pending listing names it]
 */
#include "daemon/connection.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

void connection_open(struct connection *connection, struct stream_peer *peer, uint64_t id,
                     const struct lane_source *source, const struct event_peer *ids)
{
    assert(connection->state == CONNECTION_FREE);
    *connection = (struct connection){.state = source->is_file ? CONNECTION_OPEN : CONNECTION_NEW,
                                      .peer = peer,
                                      .id = id,
                                      .ids = *ids,
                                      .permissions = source->permissions,
                                      .map = source->map,
                                      .reading = source->reading};
    connection->kinds = permissions_of(source->permissions, ids, &connection->permissions_turn);
    connection->source_len = strnlen(source->name, LANE_SOURCE_BYTES_MAX);
    memcpy(connection->source, source->name, connection->source_len);
    if (source->reading == NULL)
        return;
    connection->session_len = strlen(source->reading->session); /* of our own making */
    memcpy(connection->session, source->reading->session, connection->session_len + 1);
}

event_kinds_set connection_kinds(struct connection *connection)
{
    struct permissions *permissions = connection->permissions;
    if (permissions_turn(permissions) != connection->permissions_turn)
        connection->kinds =
            permissions_of(permissions, &connection->ids, &connection->permissions_turn);
    return connection->kinds;
}

/* The map that a hello names. 0 or -EINVAL. */
static int pick_map(struct connection *connection, const struct maps *maps,
                    const struct hello *hello, struct reject *reterr_reject)
{
    if (hello->map_len == 0)
        return 0;
    connection->map = maps_find(maps, hello->map, hello->map_len);
    if (connection->map != NULL || strcmp(hello->map, MAPS_NONE) == 0)
        return 0;
    (void)reject_set(reterr_reject, REJECT_BAD_VALUE,
                     "map: no such map: %s; `noticectl map list` names the built-in ones, maps: in "
                     "the configuration others",
                     hello->map);
    return -EINVAL;
}

int connection_greet(struct connection *connection, struct json_parser *parser,
                     const struct maps *maps, const struct stream_frame *frame,
                     struct reject *reterr_reject)
{
    assert(connection->state == CONNECTION_NEW);
    if (frame->kind != STREAM_LINE_WHOLE) {
        connection->state = CONNECTION_OPEN;
        return 0;
    }
    struct hello hello;
    int result = hello_decode(parser, frame->bytes, frame->len, &hello, reterr_reject);
    if (result == 1 && pick_map(connection, maps, &hello, reterr_reject) < 0)
        result = -EINVAL;
    if (result < 0) {
        connection->state = CONNECTION_REFUSED;
        connection->finishing = true;
        return result;
    }
    connection->state = CONNECTION_OPEN;
    if (result == 1) {
        connection->ack = hello.ack;
        connection->reply.counts_matches = hello.matches;
        if (hello.source_len > 0) {
            assert(hello.source_len <= LANE_SOURCE_BYTES_MAX);
            memcpy(connection->source, hello.source, hello.source_len + 1);
            connection->source_len = hello.source_len;
        }
        memcpy(connection->session, hello.session, sizeof connection->session);
        connection->session_len = hello.session_len;
        /* The lines before `first` were taken by another connection of the session. */
        connection->lines = connection->decided = connection->reply.acked = hello.first - 1;
    }
    return result;
}

int connection_decided(struct connection *connection, uint64_t position)
{
    if (!connection->ack || connection->lines == connection->decided)
        return 0;
    const struct reply_point point = {
        .line = connection->lines, .matches = connection->matches, .position = position};
    int result = reply_ack(&connection->reply, &point);
    if (result == 0)
        connection->decided = connection->lines;
    return result;
}

static bool has_more(const struct connection *connection)
{
    return reply_waits(&connection->reply) ||
           (connection->ack && connection->decided < connection->lines);
}

uint64_t connection_reply(struct connection *connection, uint64_t durable)
{
    if (connection->peer == NULL || stream_sending(connection->peer))
        return 0;
    const char *bytes = NULL;
    uint64_t acked = connection->reply.acked;
    size_t len = reply_take(&connection->reply, durable, &bytes);
    if (len > 0 && stream_send(connection->peer, bytes, len) < 0)
        return 0; /* the peer is ending: its ended() comes */
    if (connection->paused && reply_has_room(&connection->reply)) {
        connection->paused = false;
        stream_resume_peer(connection->peer);
    }
    if (connection->finishing && !has_more(connection))
        stream_close_peer(connection->peer);
    return connection->reply.acked - acked;
}

bool connection_waits(const struct connection *connection)
{
    return connection->peer != NULL && (connection->finishing || connection->paused ||
                                        has_more(connection) || stream_sending(connection->peer));
}

void connection_tell_end(struct lane_reading *reading, int error)
{
    const uint64_t one = 1;
    const int fd = reading->wake_fd;
    reading->error = error;
    atomic_store_explicit(&reading->ended, true, memory_order_release); /* it is the giver's now */
    (void)!write(fd, &one, sizeof one); /* full only when a wake is pending anyway */
}

bool connection_end_told(struct connection *connection, uint64_t position, uint64_t durable)
{
    struct lane_reading *reading = connection->reading;
    if (reading == NULL)
        return true;
    if (!connection->end_known)
        connection->end_position = position;
    connection->end_known = true;
    if (durable < connection->end_position)
        return false;
    reading->lines = connection->lines;
    reading->rejected = connection->rejected;
    connection->reading = NULL;
    connection_tell_end(reading, connection->error);
    return true;
}

void connection_close(struct connection *connection)
{
    reply_close(&connection->reply);
    *connection = (struct connection){.state = CONNECTION_FREE};
}
