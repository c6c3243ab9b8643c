/*
 * A lane's thread: the loop from receive to record. Knows streams, the intake and its queue.
 *
 * One turn: the backend runs what completed (lines go to the intake as they come), then what is
 * pending is decided, the queue published, and connections are told what has become true. When the
 * queue is full the line that met it stays with the stream, which stops receiving; the writer's
 * wake resumes it.
 */
#include "daemon/lane_thread.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "daemon/log.h"

#define WAIT_NS_MAX     250000000u /* an idle lane turns this often, for the watchdog */
#define RESUMES_MAX     4u  /* of parked lines in one turn, so that replies are not starved */
#define UNC_MS_SYNCED   50u /* knowledge-domain 2.2: crawler, clock synchronised or not */
#define UNC_MS_UNSYNCED 5000u

static void attend(struct lane *lane, struct connection *connection)
{
    if (connection->attention)
        return;
    connection->attention = true;
    assert(lane->attention_count < LANE_CONNECTIONS_MAX);
    lane->attention[lane->attention_count++] = connection;
}

static int on_rejected(void *context, const struct intake_origin *origin,
                       const struct reject *reject, const char *bytes, size_t len)
{
    struct lane *lane = context;
    struct connection *connection = origin->user;
    bool kept = false;
    int result = 0;
    if (reject->code == REJECT_NOT_ALLOWED && (lane->outcome.refused || origin->events_only)) {
        result = lane_put_refusal(lane, origin, bytes, len);
        if (result < 0)
            return result;
    }
    result =
        emit_reject(&lane->emit, lane_source_of(connection), origin, reject, bytes, len, &kept);
    if (result < 0)
        return result;
    lane->refused_put = lane->outcome.refused = false;
    connection->rejected++;
    if (!connection->ack && connection->state != CONNECTION_REFUSED)
        return 0;
    lane->counts.nacked++;
    result =
        reply_nack(&connection->reply, origin->line, reject, kept, queue_put_position(lane->queue));
    if (result < 0 && connection->peer != NULL)
        stream_close_peer(
            connection->peer); /* without its nack it may not be acknowledged either */
    return 0;
}

static struct intake_origin origin_of(struct connection *connection, uint64_t line,
                                      const struct stream_frame *frame)
{
    return (struct intake_origin){.connection = connection->id,
                                  .line = line,
                                  .offset = frame->offset,
                                  .line_bytes = frame->line_bytes,
                                  .user = connection,
                                  .map = connection->map,
                                  .events_only =
                                      (connection_kinds(connection) >> RECORD_SIGHTING & 1) == 0};
}

/* The first line of a socket. 0: go on with it as a line; 1: it is used up; -EAGAIN. */
static int greet(struct lane *lane, struct connection *connection, const struct stream_frame *frame)
{
    struct reject reject;
    int result = connection_greet(connection, lane->parser, lane->config.maps, frame, &reject);
    if (result >= 0)
        return result;
    struct intake_origin origin = origin_of(connection, 0, frame);
    result = intake_refuse(lane->intake, &origin, &reject, frame->bytes, frame->len);
    if (result < 0) { /* the same line comes again */
        connection->state = CONNECTION_NEW;
        connection->finishing = false;
    }
    attend(lane, connection);
    return result < 0 ? result : 1;
}

static int on_line(void *context, struct stream_peer *peer, const struct stream_frame *frame)
{
    struct lane *lane = context;
    struct connection *connection = stream_peer_user(peer);
    if (connection->state == CONNECTION_REFUSED)
        return 0;
    if (connection->state == CONNECTION_NEW) {
        int result = greet(lane, connection, frame);
        if (result != 0)
            return result < 0 ? result : 0;
    }
    struct intake_origin origin = origin_of(connection, connection->lines + 1, frame);
    /* One look at the clock a turn: lines of one turn came within it. */
    if (!lane->has_received)
        lane->received_ns = clock_now(&lane->clock).wall_ns;
    lane->has_received = origin.has_received = true;
    origin.received_ns = lane->received_ns;
    int result = 0;
    if (frame->kind == STREAM_LINE_TOO_LONG) {
        struct reject reject;
        (void)reject_set(&reject, REJECT_TOO_LONG, "line: %llu bytes, at most %u are taken",
                         (unsigned long long)frame->line_bytes, STREAM_LINE_BYTES_MAX);
        result = intake_refuse(lane->intake, &origin, &reject, frame->bytes, frame->len);
    } else {
        result = intake_line(lane->intake, &origin, frame->bytes, frame->len);
    }
    if (result < 0)
        return result;
    connection->lines++;
    attend(lane, connection);
    if (!connection->paused && !reply_has_room(&connection->reply)) {
        stream_pause_peer(peer);
        connection->paused = true;
    }
    return 0;
}

static void on_opened(void *context, struct stream_peer *peer)
{
    struct lane *lane = context;
    for (size_t i = 0; i < LANE_CONNECTIONS_MAX; i++) {
        struct connection *connection = &lane->connections[i];
        if (connection->state != CONNECTION_FREE)
            continue;
        uint64_t id = stream_peer_id(peer) * lane->config.lanes_count + lane->config.index;
        connection_open(connection, peer, id, lane->incoming, &lane->incoming_ids);
        lane->slots_used++;
        stream_peer_set_user(peer, connection);
        lane->counts.connections++;
        return;
    }
    assert(false); /* take_mail takes nothing without a free slot */
}

static void on_ended(void *context, struct stream_peer *peer, enum stream_end end, int error,
                     uint64_t discarded_bytes)
{
    struct lane *lane = context;
    struct connection *connection = stream_peer_user(peer);
    connection->error = end == STREAM_END_CLOSED ? -ECANCELED : error;
    if (!stream_peer_is_socket(peer) && connection->reading == NULL)
        log_write(error < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "input %s: %s after %llu lines%s%s",
                  connection->source, end == STREAM_END_EOF ? "read to its end" : "ended",
                  (unsigned long long)connection->lines, error < 0 ? ": " : "",
                  error < 0 ? strerrordesc_np(-error) : "");
    if (!stream_peer_is_socket(peer)) {
        lane->counts.files_open--;
    } else if (discarded_bytes > 0) {
        log_write(LOG_LEVEL_WARNING,
                  "connection %llu (%s) %s inside a line: %llu bytes discarded, going on",
                  (unsigned long long)connection->id, connection->source,
                  error == -ETIMEDOUT ? "stuck while others waited for its memory" : "ended",
                  (unsigned long long)discarded_bytes);
    }
    lane->counts.discarded_bytes += discarded_bytes;
    atomic_fetch_sub_explicit(&lane->load, 1, memory_order_relaxed);
    connection->peer = NULL;
    connection->state = CONNECTION_ENDED;
    attend(lane, connection);
}

static void on_sent(void *context, struct stream_peer *peer)
{
    struct lane *lane = context;
    attend(lane, stream_peer_user(peer));
}

/* A client that sent everything and closed its sending side still gets its replies. */
static bool on_eof(void *context, struct stream_peer *peer)
{
    struct lane *lane = context;
    struct connection *connection = stream_peer_user(peer);
    if (!connection->ack && connection->state != CONNECTION_REFUSED)
        return false;
    connection->finishing = true;
    attend(lane, connection);
    return true;
}

static void on_wake(struct backend_op *op, const struct backend_completion *completion)
{
    struct lane *lane = ((struct lane_wake *)op)->lane;
    mailbox_drain_wakes(lane->mailbox);
    if ((completion->flags & BACKEND_MORE) == 0 && completion->result != -ECANCELED) {
        int result = lane->backend->ops->watch(lane->backend, op, mailbox_fd(lane->mailbox));
        assert(result == 0);
    }
}

static void adopt(struct lane *lane, struct lane_mail mail)
{
    struct stream_peer *peer = NULL;
    lane->incoming = &lane->config.sources[mail.source];
    lane->incoming_ids = lane_peer(mail.fd);
    int result = lane->incoming->is_file ? stream_adopt_file(lane->stream, mail.fd, &peer)
                                         : stream_adopt_socket(lane->stream, mail.fd, &peer);
    if (result == 0)
        return;
    log_write(LOG_LEVEL_ERROR, "cannot %s %s: %s, going on",
              lane->incoming->is_file ? "read" : "take a connection of", lane->incoming->name,
              strerrordesc_np(-result));
    (void)close(mail.fd); /* nothing was read from it */
    atomic_fetch_sub_explicit(&lane->load, 1, memory_order_relaxed);
    lane->counts.files_open -= lane->incoming->is_file ? 1 : 0;
    if (lane->incoming->reading != NULL)
        connection_tell_end(lane->incoming->reading, result);
}

/* While nothing can be decided, connections that ended keep their slots: no new one then. */
static bool has_room(const struct lane *lane)
{
    return stream_peers_count(lane->stream) < lane->config.limits.peers_max &&
           lane->slots_used < LANE_CONNECTIONS_MAX;
}

/* Files beyond what the stream reads at a time are held, and count as open; connections that came
   after them are taken. */
static void take_mail(struct lane *lane)
{
    struct lane_mail mail;
    while (lane->held_count > 0 && has_room(lane) && stream_takes_file(lane->stream)) {
        mail = lane->held[0];
        lane->held_count--;
        memmove(lane->held, lane->held + 1, lane->held_count * sizeof lane->held[0]);
        adopt(lane, mail);
    }
    while (has_room(lane) && mailbox_take(lane->mailbox, &mail.fd, &mail.source) == 0) {
        bool is_file = lane->config.sources[mail.source].is_file;
        lane->counts.files_open += is_file ? 1 : 0;
        if (is_file && !stream_takes_file(lane->stream)) {
            assert(lane->held_count < CONFIG_PATHS_MAX); /* of the inputs in the configuration */
            lane->held[lane->held_count++] = mail;
        } else {
            adopt(lane, mail);
        }
    }
}

static void take_ruleset(struct lane *lane)
{
    struct ruleset *next = atomic_load_explicit(&lane->ruleset_next, memory_order_acquire);
    if (next == lane->emit.ruleset || intake_pending(lane->intake))
        return;
    if (intake_use(lane->intake, next->db) < 0) {
        log_write(LOG_LEVEL_ERROR, "no memory to scan with the new marks, trying again, going on");
        return;
    }
    lane->emit.ruleset = next;
    atomic_store_explicit(&lane->ruleset_now, next, memory_order_release);
}

/* Decides what is pending and goes on with a line that found the queue full. */
static void decide(struct lane *lane)
{
    for (unsigned i = 0; i < RESUMES_MAX; i++) {
        lane->blocked = intake_flush(lane->intake) < 0;
        if (lane->blocked)
            return;
        take_ruleset(lane);
        if (!stream_parked(lane->stream))
            return;
        stream_resume(lane->stream);
    }
}

static void publish_queue(struct lane *lane)
{
    uint64_t position = queue_put_position(lane->queue);
    if (position == lane->published_position)
        return;
    lane->published_position = position;
    queue_publish(lane->queue);
    writer_wake(lane->config.writer);
}

static void close_slot(struct lane *lane, struct connection *connection)
{
    connection_close(connection);
    assert(lane->slots_used > 0);
    lane->slots_used--;
}

/* Replies, and freeing the slots of connections that are gone and decided. */
static void attend_all(struct lane *lane)
{
    bool undecided = intake_pending(lane->intake);
    uint64_t position = queue_put_position(lane->queue);
    uint64_t durable = queue_durable(lane->queue);
    size_t kept = 0;
    lane_take_answers(lane, durable);
    for (size_t i = 0; i < lane->attention_count; i++) {
        struct connection *connection = lane->attention[i];
        if (connection->state == CONNECTION_ENDED) {
            if (undecided || !connection_end_told(connection, position, durable))
                lane->attention[kept++] = connection;
            else
                close_slot(lane, connection);
            continue;
        }
        if (!undecided && connection_decided(connection, position) < 0)
            stream_close_peer(connection->peer);
        lane->counts.acked += connection_reply(connection, durable);
        connection->attention = connection_waits(connection);
        if (connection->attention)
            lane->attention[kept++] = connection;
    }
    lane->attention_count = kept;
}

static bool drained(const struct lane *lane)
{
    return stream_quiet(lane->stream) && !intake_pending(lane->intake) &&
           lane->attention_count == 0 &&
           queue_durable(lane->queue) == queue_put_position(lane->queue);
}

void lane_thread_turn(struct lane *lane)
{
    /* Lines of a connection that was just resumed may be pending: they are not left until later. */
    lane->has_received = false;
    bool more = !lane->blocked && (intake_pending(lane->intake) || stream_parked(lane->stream));
    int result = lane->backend->ops->turn(lane->backend, more ? 0 : WAIT_NS_MAX);
    if (result < 0)
        log_write(LOG_LEVEL_ERROR, "lane %u: waiting for input failed: %s, going on",
                  lane->config.index, strerrordesc_np(-result));
    bool stopping = atomic_load_explicit(&lane->stop, memory_order_acquire);
    if (stopping && !lane->reading_stopped) {
        stream_stop_reading(lane->stream);
        lane->reading_stopped = true;
    }
    if (!stopping)
        take_mail(lane);
    stream_tick(lane->stream);
    lane->emit.unc_ms = writer_counts(lane->config.writer).synced ? UNC_MS_SYNCED : UNC_MS_UNSYNCED;
    decide(lane);
    publish_queue(lane);
    attend_all(lane);
    lane_counts_publish(lane);
    if (stopping && drained(lane))
        atomic_store_explicit(&lane->stopped, true, memory_order_release);
}

int lane_thread_open(struct lane *lane)
{
    static const struct stream_handler stream_handler = {
        .line = on_line, .opened = on_opened, .ended = on_ended, .sent = on_sent, .eof = on_eof};
    static const struct intake_sink intake_sink = {.matched = lane_take_match,
                                                   .unmatched = lane_take_unmatched,
                                                   .rejected = on_rejected,
                                                   .event = lane_take_event};
    int result = backend_open(lane->config.io, LANE_BUFFERS, &lane->backend);
    if (result < 0)
        return result;
    clock_open(&lane->clock, lane->backend);
    lane->io_name = lane->backend->ops->name;
    lane->parser = json_open();
    lane->events = event_intake_open();
    if (lane->parser == NULL || lane->events == NULL)
        return -ENOMEM;
    result = stream_open(lane->backend, &lane->config.limits, &stream_handler, lane, &lane->stream);
    if (result == 0)
        result = intake_open(&intake_sink, lane, &lane->intake);
    if (result == 0)
        result = intake_use(lane->intake, lane->config.ruleset->db);
    if (result < 0)
        return result;
    lane->intake_bytes = intake_bytes(lane->intake);
    lane->emit.ruleset = lane->config.ruleset;
    lane->wake = (struct lane_wake){.op.done = on_wake, .lane = lane};
    return lane->backend->ops->watch(lane->backend, &lane->wake.op, mailbox_fd(lane->mailbox));
}

void lane_thread_close(struct lane *lane)
{
    while (lane->held_count > 0)
        (void)close(lane->held[--lane->held_count].fd); /* nothing was read from it */
    if (lane->stream != NULL)
        lane->stream = stream_close(lane->stream);
    for (size_t i = 0; i < LANE_CONNECTIONS_MAX; i++)
        connection_close(&lane->connections[i]);
    lane->intake = intake_close(lane->intake);
    lane->parser = json_close(lane->parser);
    lane->events = event_intake_close(lane->events);
    if (lane->backend != NULL)
        lane->backend = lane->backend->ops->close(lane->backend);
}
