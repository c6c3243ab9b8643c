/*
 * The door to the sealer. Goal: each request ends in one answer or in one word that the sealer is
 * gone, and a service that comes back is found again. Method: real sockets, with this test as the
 * sealer, on io_uring and on epoll.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/ledger/seal.h"
#include "daemon/log.h"
#include "daemon/sealer_door.h"
#include "tests/fakes/test.h"

#define TURN_NS  5000000000u
#define RETRY_NS 1000000u

struct rig {
    struct backend *backend;
    struct sealer_door *door;
    int peer; /* the sealer's end */
    char answer[SEAL_ANSWER_BYTES_MAX];
    size_t answer_len;
    unsigned answers, breaks;
    int error;
    bool ask_again;
};

static const enum backend_kind kinds[] = {BACKEND_URING, BACKEND_POLL};

static void on_answered(void *context, const void *bytes, size_t len)
{
    struct rig *rig = context;

    assert_in_range(len, 1, sizeof(rig->answer));
    memcpy(rig->answer, bytes, len);
    rig->answer_len = len;
    rig->answers++;
    if (rig->ask_again) {
        rig->ask_again = false;
        assert_int_equal(sealer_door_ask(rig->door, "again", 5), 0);
    }
}

static void on_broken(void *context, int error)
{
    struct rig *rig = context;

    rig->breaks++;
    rig->error = error;
    assert_int_equal(sealer_door_ask(rig->door, "at once", 7), -EPIPE);
}

/* False: this kernel has no such backend. */
static bool open_rig(struct rig *rig, enum backend_kind kind, int fd, const char *socket)
{
    *rig = (struct rig){.peer = -1};
    int error = backend_open(kind, 0, &rig->backend);
    if (error < 0 && kind == BACKEND_URING)
        return false;
    assert_int_equal(error, 0);
    const struct sealer_door_config config = {.backend = rig->backend,
                                              .fd = fd,
                                              .socket = socket,
                                              .retry_ns = RETRY_NS,
                                              .answered = on_answered,
                                              .broken = on_broken,
                                              .context = rig};
    assert_int_equal(sealer_door_open(&config, &rig->door), 0);
    return true;
}

static bool open_pair(struct rig *rig, enum backend_kind kind)
{
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
    if (!open_rig(rig, kind, fds[0], NULL)) {
        assert_int_equal(close(fds[0]), 0);
        assert_int_equal(close(fds[1]), 0);
        return false;
    }
    rig->peer = fds[1];
    return true;
}

static void close_rig(struct rig *rig)
{
    rig->backend = backend_close(rig->backend);
    rig->door = sealer_door_close(rig->door);
    if (rig->peer != -1)
        assert_int_equal(close(rig->peer), 0);
}

static void turn_until(const struct rig *rig, const unsigned *count, unsigned wanted)
{
    for (unsigned i = 0; i < 100 && *count < wanted; i++)
        assert_int_equal(rig->backend->ops->turn(rig->backend, TURN_NS), 0);
    assert_int_equal(*count, wanted);
}

static void peer_takes(const struct rig *rig, const char *wanted)
{
    char bytes[SEAL_REQUEST_BYTES_MAX];
    ssize_t len = recv(rig->peer, bytes, sizeof(bytes), 0);

    assert_int_equal(len, strlen(wanted));
    assert_memory_equal(bytes, wanted, (size_t)len);
}

static void a_request_goes_out_whole_and_its_answer_comes_in_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct rig rig;
        if (!open_pair(&rig, kinds[i]))
            continue;
        for (unsigned round = 1; round <= 3; round++) {
            assert_int_equal(sealer_door_ask(rig.door, "request", 7), 0);
            assert_int_equal(sealer_door_ask(rig.door, "second", 6), -EBUSY);
            peer_takes(&rig, "request");
            assert_int_equal(send(rig.peer, "answer", 6, 0), 6);
            turn_until(&rig, &rig.answers, round);
            assert_int_equal(rig.answer_len, 6);
            assert_memory_equal(rig.answer, "answer", 6);
        }
        assert_int_equal(rig.breaks, 0);
        close_rig(&rig);
    }
}

static void an_answer_may_lead_to_the_next_request_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct rig rig;
        if (!open_pair(&rig, kinds[i]))
            continue;
        rig.ask_again = true;
        assert_int_equal(sealer_door_ask(rig.door, "request", 7), 0);
        peer_takes(&rig, "request");
        assert_int_equal(send(rig.peer, "one", 3, 0), 3);
        turn_until(&rig, &rig.answers, 1);
        peer_takes(&rig, "again");
        assert_int_equal(send(rig.peer, "two", 3, 0), 3);
        turn_until(&rig, &rig.answers, 2);
        assert_memory_equal(rig.answer, "two", 3);
        close_rig(&rig);
    }
}

static void a_child_that_ends_breaks_the_open_request_once_and_stays_away(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct rig rig;
        if (!open_pair(&rig, kinds[i]))
            continue;
        assert_int_equal(sealer_door_ask(rig.door, "request", 7), 0);
        assert_int_equal(close(rig.peer), 0);
        rig.peer = -1;
        turn_until(&rig, &rig.breaks, 1);
        assert_true(rig.error < 0);
        for (unsigned turn = 0; turn < 3; turn++) {
            assert_int_equal(rig.backend->ops->turn(rig.backend, 0), 0);
            assert_int_equal(sealer_door_ask(rig.door, "request", 7), -EPIPE);
        }
        assert_int_equal(rig.breaks, 1);
        assert_int_equal(rig.answers, 0);
        close_rig(&rig);
    }
}

static void a_child_that_is_gone_before_the_request_gives_epipe_and_no_word_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct rig rig;
        if (!open_pair(&rig, kinds[i]))
            continue;
        assert_int_equal(close(rig.peer), 0);
        rig.peer = -1;
        assert_int_equal(sealer_door_ask(rig.door, "request", 7), -EPIPE);
        for (unsigned turn = 0; turn < 3; turn++)
            assert_int_equal(rig.backend->ops->turn(rig.backend, 0), 0);
        assert_int_equal(sealer_door_ask(rig.door, "request", 7), -EPIPE);
        assert_int_equal(rig.breaks, 0);
        close_rig(&rig);
    }
}

static void what_nobody_asked_for_or_is_too_long_ends_the_connection(void **state)
{
    (void)state;
    static const char bytes[SEAL_ANSWER_BYTES_MAX + 1];
    for (size_t i = 0; i < 4; i++) {
        struct rig rig;
        if (!open_pair(&rig, kinds[i % 2]))
            continue;
        bool asked = i < 2;
        if (asked)
            assert_int_equal(sealer_door_ask(rig.door, "request", 7), 0);
        assert_int_equal(send(rig.peer, bytes, asked ? sizeof(bytes) : 1, 0),
                         asked ? sizeof(bytes) : 1);
        /* The end is seen at the sealer, whose read ends. */
        char request[SEAL_REQUEST_BYTES_MAX];
        ssize_t len = -1;
        for (unsigned turn = 0; turn < 100 && len != 0; turn++) {
            assert_int_equal(rig.backend->ops->turn(rig.backend, 10000000), 0);
            len = recv(rig.peer, request, sizeof(request), MSG_DONTWAIT);
        }
        assert_int_equal(len, 0);
        assert_int_equal(rig.answers, 0);
        assert_int_equal(rig.breaks, asked);
        assert_int_equal(sealer_door_ask(rig.door, "request", 7), -EPIPE);
        close_rig(&rig);
    }
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    (void)unlink(path); /* it may not be there */
    assert_true(strlen(path) < sizeof(address.sun_path));
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 4), 0);
    return fd;
}

/* Asks until the door may try again; the clock of the backend is the kernel's. */
static int ask_for_long(const struct rig *rig)
{
    const uint64_t begin_ns = rig->backend->ops->now(rig->backend).boot_ns;
    int result = -EPIPE;

    while (result == -EPIPE && rig->backend->ops->now(rig->backend).boot_ns - begin_ns < TURN_NS) {
        assert_int_equal(rig->backend->ops->turn(rig->backend, 20000000), 0);
        result = sealer_door_ask(rig->door, "request", 7);
    }
    return result;
}

static void a_service_that_was_away_is_asked_again_when_it_is_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct rig rig;
        char folder[] = "/tmp/noticed-door.XXXXXX", path[64];
        assert_non_null(mkdtemp(folder));
        (void)snprintf(path, sizeof(path), "%s/s", folder);
        assert_int_equal(sealer_door_connect(path), -ENOENT);
        if (!open_rig(&rig, kinds[i], -1, path)) {
            assert_int_equal(rmdir(folder), 0);
            continue;
        }
        assert_int_equal(sealer_door_ask(rig.door, "request", 7), -EPIPE);
        for (unsigned round = 1; round <= 2; round++) {
            int listen_fd = listen_at(path);
            assert_int_equal(ask_for_long(&rig), 0);
            rig.peer = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
            assert_true(rig.peer >= 0);
            peer_takes(&rig, "request");
            assert_int_equal(send(rig.peer, "answer", 6, 0), 6);
            turn_until(&rig, &rig.answers, round);
            assert_int_equal(sealer_door_ask(rig.door, "request", 7), 0);
            assert_int_equal(close(listen_fd), 0);
            assert_int_equal(close(rig.peer), 0);
            turn_until(&rig, &rig.breaks, round);
        }
        rig.peer = -1;
        assert_int_equal(sealer_door_connect(path), -ECONNREFUSED);
        close_rig(&rig);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(folder), 0);
    }
}

static void a_path_that_no_socket_can_have_is_refused(void **state)
{
    (void)state;
    char path[200];

    memset(path, 'p', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(sealer_door_connect(path), -ENAMETOOLONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_goes_out_whole_and_its_answer_comes_in_whole),
        cmocka_unit_test(an_answer_may_lead_to_the_next_request_at_once),
        cmocka_unit_test(a_child_that_ends_breaks_the_open_request_once_and_stays_away),
        cmocka_unit_test(a_child_that_is_gone_before_the_request_gives_epipe_and_no_word_more),
        cmocka_unit_test(what_nobody_asked_for_or_is_too_long_ends_the_connection),
        cmocka_unit_test(a_service_that_was_away_is_asked_again_when_it_is_back),
        cmocka_unit_test(a_path_that_no_socket_can_have_is_refused),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
