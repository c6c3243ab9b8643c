/* See stream_rig.h. */
#include "tests/fakes/stream_rig.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fakes/test.h"

enum backend_kind rig_kinds[2] = {BACKEND_URING, BACKEND_POLL};

#define TURN_NS       1000000u
#define TURNS_MAX     400000u
#define QUIET_TURNS   12u
#define CARRY_DEFAULT ((size_t)64 << 20)

unsigned rig_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    unsigned count = 0;
    while (readdir(dir) != NULL) { /* NOLINT(concurrency-mt-unsafe): one thread */
        count++;
    }
    (void)closedir(dir);
    return count;
}

uint64_t rig_random(struct rig *rig, uint64_t below)
{
    rig->random ^= rig->random << 13;
    rig->random ^= rig->random >> 7;
    rig->random ^= rig->random << 17;
    return rig->random % below;
}

char *rig_text(struct rig *rig, size_t len, size_t line_max)
{
    char *text = malloc(len + 1);
    assert_non_null(text);
    for (size_t at = 0; at < len;) {
        size_t scale = rig_random(rig, 8) == 0 ? line_max : line_max / 64 + 1;
        size_t line = rig_random(rig, scale + 1);
        line = line < len - at - 1 ? line : len - at - 1;
        for (size_t i = 0; i < line; i++) {
            uint64_t value = (at + i) * 0x9E3779B97F4A7C15u >> 56;
            text[at + i] = value == '\n' ? 'n' : (char)value;
        }
        at += line;
        if (line > 0 && rig_random(rig, 4) == 0) {
            text[at - 1] = '\r';
        }
        text[at++] = '\n';
    }
    return text;
}

/* The slack is touched so that a sanitizer sees when it is not there. */
static void check_slack(const struct stream_frame *frame)
{
    volatile char sum = 0;
    for (size_t i = 0; i < BACKEND_SLACK_BYTES; i++) {
        sum = (char)(sum + frame->bytes[frame->len + i]);
    }
}

static void check_frame(const struct rig_client *client, const struct stream_frame *frame)
{
    const char *begin = client->text + client->at;
    size_t rest = client->len - client->at;
    const char *newline = rest > 0 ? memchr(begin, '\n', rest) : NULL;
    size_t len = newline != NULL ? (size_t)(newline - begin) : rest;
    size_t kept = len < STREAM_LINE_BYTES_MAX ? len : STREAM_LINE_BYTES_MAX;
    assert_int_equal(frame->offset, client->at);
    assert_int_equal(frame->line_bytes, len);
    assert_int_equal(frame->len, kept);
    assert_int_equal(memcmp(frame->bytes, begin, kept), 0);
    enum stream_line kind = newline != NULL ? STREAM_LINE_WHOLE : STREAM_LINE_UNTERMINATED;
    assert_int_equal(frame->kind, kept < len ? STREAM_LINE_TOO_LONG : kind);
    check_slack(frame);
}

static int on_line(void *context, struct stream_peer *peer, const struct stream_frame *frame)
{
    struct rig *rig = context;
    struct rig_client *client = stream_peer_user(peer);
    assert_ptr_equal(client->peer, peer);
    assert_false(client->ended);
    assert_false(stream_parked(rig->stream));
    check_frame(client, frame);
    if (rig->parked != NULL) {
        assert_ptr_equal(client, rig->parked);
        assert_int_equal(frame->offset, rig->parked_offset);
        rig->parked = NULL;
    }
    int result = rig->decide != NULL ? rig->decide(rig, client, frame) : 0;
    if (result == -EAGAIN) {
        rig->parked = client;
        rig->parked_offset = frame->offset;
    }
    if (result != 0) {
        return result;
    }
    client->order = client->lines == 0 ? rig->lines : client->order;
    client->at += frame->line_bytes + (frame->kind == STREAM_LINE_UNTERMINATED ? 0 : 1);
    client->lines++;
    client->too_long += frame->kind == STREAM_LINE_TOO_LONG ? 1 : 0;
    client->unterminated += frame->kind == STREAM_LINE_UNTERMINATED ? 1 : 0;
    rig->lines++;
    return 0;
}

static void on_opened(void *context, struct stream_peer *peer)
{
    struct rig *rig = context;
    assert_null(stream_peer_user(peer));
    struct rig_client *client = &rig->clients[rig->clients_count - 1];
    client->peer = peer;
    stream_peer_set_user(peer, client);
}

static void on_ended(void *context, struct stream_peer *peer, enum stream_end end, int error,
                     uint64_t discarded_bytes)
{
    struct rig *rig = context;
    struct rig_client *client = stream_peer_user(peer);
    assert_false(client->ended);
    client->ended = true;
    client->end = end;
    client->error = error;
    client->discarded = discarded_bytes;
    client->peer = NULL;
    if (rig->parked == client) {
        rig->parked = NULL;
    }
}

static void on_sent(void *context, struct stream_peer *peer)
{
    struct rig *rig = context;
    struct rig_client *client = stream_peer_user(peer);
    client->sent_calls++;
    if (rig->on_sent != NULL) {
        rig->on_sent(rig, client);
    }
}

static bool on_eof(void *context, struct stream_peer *peer)
{
    struct rig *rig = context;
    struct rig_client *client = stream_peer_user(peer);
    client->eof_calls++;
    return rig->keep_at_eof;
}

struct rig *rig_open(void **state, unsigned buffers, size_t carry_bytes_total)
{
    static const struct stream_handler handler = {
        .line = on_line, .opened = on_opened, .ended = on_ended, .sent = on_sent, .eof = on_eof};
    unsigned descriptors = rig_descriptors();
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    rig->descriptors = descriptors;
    rig->random = 88172645463325252u;
    const enum backend_kind *kind = *state;
    assert_int_equal(backend_open(*kind, buffers, &rig->backend), 0);
    struct stream_limits limits = {.peers_max = STREAM_PEERS_MAX,
                                   .carry_bytes_total =
                                       carry_bytes_total != 0 ? carry_bytes_total : CARRY_DEFAULT};
    assert_int_equal(stream_open(rig->backend, &limits, &handler, rig, &rig->stream), 0);
    return rig;
}

static struct rig_client *new_client(struct rig *rig, const char *text, size_t len)
{
    assert_true(rig->clients_count < RIG_CLIENTS_MAX);
    struct rig_client *client = &rig->clients[rig->clients_count++];
    *client = (struct rig_client){
        .rig = rig, .fd = -1, .text = text, .len = len, .hold = SIZE_MAX, .piece_max = 65536};
    return client;
}

struct rig_client *rig_connect(struct rig *rig, const char *text, size_t len)
{
    int pair[2];
    struct stream_peer *peer = NULL;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    struct rig_client *client = new_client(rig, text, len);
    client->fd = pair[1];
    assert_int_equal(stream_adopt_socket(rig->stream, pair[0], &peer), 0);
    assert_ptr_equal(peer, client->peer);
    return client;
}

struct rig_client *rig_connect_tcp(struct rig *rig, const char *text, size_t len)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t address_len = sizeof address;
    struct stream_peer *peer = NULL;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, address_len), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &address_len), 0);
    struct rig_client *client = new_client(rig, text, len);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(client->fd, (struct sockaddr *)&address, address_len), 0);
    int accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(accepted >= 0);
    assert_int_equal(close(listener), 0);
    assert_int_equal(stream_adopt_socket(rig->stream, accepted, &peer), 0);
    return client;
}

struct rig_client *rig_file(struct rig *rig, const char *text, size_t len)
{
    char path[] = "/tmp/test_stream.XXXXXX";
    struct stream_peer *peer = NULL;
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    struct rig_client *client = new_client(rig, text, len);
    client->sent = len;
    assert_int_equal(stream_adopt_file(rig->stream, fd, &peer), 0);
    return client;
}

struct rig_client *rig_pipe(struct rig *rig, const char *text, size_t len, bool nonblock)
{
    int ends[2];
    struct stream_peer *peer = NULL;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    if (nonblock) {
        assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    }
    struct rig_client *client = new_client(rig, text, len);
    client->fd = ends[1];
    assert_int_equal(stream_adopt_file(rig->stream, ends[0], &peer), 0);
    assert_false(stream_peer_is_socket(peer));
    return client;
}

/* One write of one client; true when bytes went out. */
static bool client_write(struct rig_client *client)
{
    size_t end = client->hold < client->len ? client->hold : client->len;
    if (client->fd < 0 || client->sent >= end) {
        return false;
    }
    size_t piece = 1 + rig_random(client->rig, client->piece_max);
    piece = piece < end - client->sent ? piece : end - client->sent;
    const char *bytes = client->text + client->sent;
    ssize_t count = send(client->fd, bytes, piece, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count == -1 && errno == ENOTSOCK) {
        count = write(client->fd, bytes, piece);
    }
    if (count <= 0) {
        return false;
    }
    client->sent += (size_t)count;
    if (client->sent == client->len && client->shut_when_sent) {
        (void)close(client->fd);
        client->fd = -1;
    }
    return true;
}

static bool clients_write(struct rig *rig)
{
    bool any = false;
    for (size_t i = 0; i < rig->clients_count; i++) {
        any = client_write(&rig->clients[i]) || any;
    }
    return any;
}

static void turn(struct rig *rig, uint64_t wait_ns_max)
{
    assert_int_equal(rig->backend->ops->turn(rig->backend, wait_ns_max), 0);
    size_t held = rig->backend->ops->buffers_held(rig->backend);
    rig->held_max = held > rig->held_max ? held : rig->held_max;
}

void rig_turn(struct rig *rig)
{
    bool any = clients_write(rig);
    turn(rig, any ? 0 : TURN_NS);
}

void rig_settle(struct rig *rig)
{
    unsigned quiet = 0;
    for (unsigned i = 0; quiet < QUIET_TURNS; i++) {
        assert_true(i < TURNS_MAX);
        struct stream_counts before = stream_counts(rig->stream);
        bool any = clients_write(rig);
        turn(rig, TURN_NS);
        struct stream_counts after = stream_counts(rig->stream);
        any = any || memcmp(&before, &after, sizeof before) != 0;
        quiet = any ? 0 : quiet + 1;
    }
}

static void turn_and_resume(struct rig *rig)
{
    rig_turn(rig);
    if (stream_parked(rig->stream) && rig_random(rig, 3) == 0) {
        stream_resume(rig->stream);
    }
}

void rig_until_ended(struct rig *rig, const struct rig_client *client)
{
    for (unsigned i = 0; !client->ended; i++) {
        assert_true(i < TURNS_MAX);
        turn_and_resume(rig);
    }
}

void rig_until_all_ended(struct rig *rig)
{
    for (unsigned i = 0; stream_peers_count(rig->stream) > 0; i++) {
        assert_true(i < TURNS_MAX);
        turn_and_resume(rig);
    }
}

void rig_until_lines(struct rig *rig, size_t lines)
{
    for (unsigned i = 0; rig->lines < lines; i++) {
        assert_true(i < TURNS_MAX);
        turn_and_resume(rig);
    }
}

void rig_close(struct rig *rig)
{
    assert_null(stream_close(rig->stream));
    assert_int_equal(rig->backend->ops->buffers_held(rig->backend), 0);
    for (size_t i = 0; i < rig->clients_count; i++) {
        assert_true(rig->clients[i].ended);
        if (rig->clients[i].fd >= 0) {
            (void)close(rig->clients[i].fd);
        }
    }
    assert_null(backend_close(rig->backend));
    assert_int_equal(rig_descriptors(), rig->descriptors);
    free(rig);
}
