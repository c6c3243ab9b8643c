/*
 * Events in a lane: who sent them, what they are told. Knows the lane's inside and SO_PEERCRED.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/lane_thread.h"

struct event_request lane_request_of(const struct lane *lane, const struct intake_origin *origin,
                                     const char *bytes, size_t len)
{
    struct connection *connection = origin->user;
    return (struct event_request){.bytes = bytes,
                                  .len = len,
                                  .source = connection->source,
                                  .source_len = connection->source_len,
                                  .connection = origin->connection,
                                  .line = origin->line,
                                  .peer = connection->ids,
                                  .kinds = connection_kinds(connection),
                                  .synced = writer_counts(lane->config.writer).synced,
                                  .ticket = WRITER_NO_TICKET};
}

int lane_take_event(void *context, const struct intake_origin *origin, const char *bytes,
                    size_t len, struct reject *reterr_reject)
{
    struct lane *lane = context;
    struct connection *connection = origin->user;
    struct event_request request = lane_request_of(lane, origin, bytes, len);
    if (connection->ack && lane->tickets_given - lane->tickets_taken == WRITER_ANSWERS_MAX)
        return -EAGAIN; /* until the writer has answered some */
    if (connection->ack)
        request.ticket = (uint32_t)(lane->tickets_given % WRITER_ANSWERS_MAX);
    int result = event_intake_line(lane->events, lane->queue, &request, &lane->outcome);
    if (result == -EBADMSG)
        *reterr_reject = lane->outcome.reject;
    if (result < 0)
        return result;
    lane->counts.by_kind[lane->outcome.kind]++;
    if (!connection->ack)
        return 0;
    uint64_t position = queue_put_position(lane->queue);
    lane->tickets[request.ticket] = (struct lane_ticket){
        .connection = connection, .id = connection->id, .line = origin->line, .position = position};
    lane->tickets_given++;
    if (reply_event(&connection->reply, origin->line, position) < 0 && connection->peer != NULL)
        stream_close_peer(connection->peer); /* without its answer it may not be acknowledged */
    return 0;
}

int lane_put_refusal(struct lane *lane, const struct intake_origin *origin, const char *bytes,
                     size_t len)
{
    struct event_request request = lane_request_of(lane, origin, bytes, len);
    enum record_kind kind =
        origin->events_only && !lane->outcome.refused ? RECORD_SIGHTING : lane->outcome.kind;
    int result = lane->refused_put ? 0 : event_intake_refused(lane->queue, &request, kind);
    lane->refused_put = result == 0;
    return result;
}

void lane_take_answers(struct lane *lane, uint64_t durable)
{
    while (lane->tickets_taken < lane->tickets_given) {
        uint32_t number = (uint32_t)(lane->tickets_taken % WRITER_ANSWERS_MAX);
        const struct lane_ticket *ticket = &lane->tickets[number];
        if (ticket->position > durable)
            return;
        struct writer_answer answer =
            writer_answer(lane->config.writer, lane->config.index, number);
        /* Its slot may be another connection's by now. */
        if (ticket->connection->state != CONNECTION_FREE && ticket->connection->id == ticket->id)
            reply_answer(&ticket->connection->reply, ticket->line, answer.seq,
                         answer.known ? NULL : answer.sha256);
        lane->tickets_taken++;
    }
}

struct event_peer lane_peer(int fd)
{
    struct ucred ids;
    socklen_t len = sizeof ids;
    int family = 0;
    socklen_t family_len = sizeof family;
    /* TCP has no ids: the kernel then gives -1, or an error. */
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &family_len) == -1 || family != AF_UNIX ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &ids, &len) == -1)
        return (struct event_peer){.known = false};
    return (struct event_peer){.known = true, .uid = ids.uid, .gid = ids.gid};
}
