/* Receiving into provided buffers, on every real backend: no byte lost, doubled or moved. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/backend.h"
#include "tests/fakes/backend_probe.h"
#include "tests/fakes/test.h"

#define HELD_MAX     64u
#define TURNS_MAX    200000u
#define WAIT_NS      1000000000u
#define STREAM_BYTES (8u << 20)
#define READY_MAX    48u /* sockets that have something at once */

/* A receiver that checks every byte, may keep buffers, and counts how its recv ended. */
struct receiver {
    struct backend_op op;
    struct backend *backend;
    size_t received;
    unsigned held[HELD_MAX];
    unsigned held_count;
    unsigned keep;         /* so many buffers are kept before any goes back */
    unsigned cancel_every; /* cancels after each so many completions; 0: never */
    unsigned completions;
    unsigned data_at_the_end; /* bytes came without BACKEND_MORE */
    unsigned nobufs, cancels;
    bool armed, at_end;
};

static void give_back(struct receiver *receiver)
{
    while (receiver->held_count > 0)
        receiver->backend->ops->buffer_return(receiver->backend,
                                              receiver->held[--receiver->held_count]);
    assert_int_equal(receiver->backend->ops->buffers_held(receiver->backend), 0);
}

static void receiver_done(struct backend_op *op, const struct backend_completion *completion)
{
    struct receiver *receiver = (struct receiver *)op;
    const struct backend_ops *ops = receiver->backend->ops;
    receiver->armed = (completion->flags & BACKEND_MORE) != 0;
    receiver->completions++;
    if (completion->result > 0) {
        assert_true((completion->flags & BACKEND_BUFFER) != 0);
        assert_true(completion->result <= (int)BACKEND_BUFFER_BYTES);
        const unsigned char *bytes =
            (const unsigned char *)ops->buffer(receiver->backend, completion->buffer_id);
        for (int i = 0; i < completion->result; i++) {
            if (bytes[i] != probe_byte(receiver->received + (size_t)i))
                fail_msg("byte %zu is wrong", receiver->received + (size_t)i);
        }
        receiver->received += (size_t)completion->result;
        receiver->held[receiver->held_count++] = completion->buffer_id;
        assert_int_equal(ops->buffers_held(receiver->backend), receiver->held_count);
        receiver->data_at_the_end += receiver->armed ? 0 : 1;
    } else {
        assert_false(receiver->armed);
        assert_true((completion->flags & BACKEND_BUFFER) == 0);
        receiver->nobufs += completion->result == -ENOBUFS ? 1 : 0;
        receiver->cancels += completion->result == -ECANCELED ? 1 : 0;
        receiver->at_end = completion->result == 0;
        if (completion->result < 0 && completion->result != -ENOBUFS)
            assert_int_equal(completion->result, -ECANCELED);
    }
    if (receiver->held_count > receiver->keep)
        give_back(receiver);
    if (receiver->cancel_every > 0 && receiver->completions % receiver->cancel_every == 0)
        ops->cancel(receiver->backend, &receiver->op);
}

/* Sends STREAM_BYTES from the other end while turning; arms whenever the recv ended. */
static void receive_stream(struct receiver *receiver, int fd, int sender)
{
    size_t sent = 0;
    bool closed = false;
    for (unsigned turn = 0; turn < TURNS_MAX && !receiver->at_end; turn++) {
        probe_send_some(sender, &sent, STREAM_BYTES);
        if (sent == STREAM_BYTES && !closed) {
            assert_int_equal(shutdown(sender, SHUT_WR), 0);
            closed = true;
        }
        if (!receiver->armed) {
            give_back(receiver);
            assert_int_equal(receiver->backend->ops->recv(receiver->backend, &receiver->op, fd), 0);
            receiver->armed = true;
        }
        assert_int_equal(receiver->backend->ops->turn(receiver->backend, WAIT_NS), 0);
    }
    assert_true(receiver->at_end);
    assert_int_equal(receiver->received, STREAM_BYTES);
    give_back(receiver);
}

static void run_stream(void **state, unsigned buffers, unsigned keep, unsigned cancel_every,
                       struct receiver *ret_receiver)
{
    int fd = -1;
    int sender = -1;
    struct receiver receiver = {
        .op.done = receiver_done, .keep = keep, .cancel_every = cancel_every};
    receiver.backend = probe_open(state, buffers);
    probe_socketpair(&fd, &sender);
    receive_stream(&receiver, fd, sender);
    assert_null(backend_close(receiver.backend));
    (void)close(fd);
    (void)close(sender);
    *ret_receiver = receiver;
}

static void a_stream_arrives_whole_and_ends_with_nothing(void **state)
{
    struct receiver receiver;
    run_stream(state, 8, 0, 0, &receiver);
    assert_int_equal(receiver.cancels, 0);
}

static void running_out_of_buffers_loses_no_byte(void **state)
{
    struct receiver receiver;
    run_stream(state, 4, HELD_MAX, 0, &receiver);
    assert_true(receiver.nobufs > 1);
}

/* A backend may give the kernel a few of its buffers at a time; nobody is to hear of it. */
static void nobody_misses_a_buffer_while_one_is_free(void **state)
{
    struct backend *backend = probe_open(state, 64);
    struct probe *recv = calloc(READY_MAX, sizeof(*recv));
    int fds[READY_MAX], senders[READY_MAX];
    assert_non_null(recv);
    for (unsigned i = 0; i < READY_MAX; i++) {
        probe_socketpair(&fds[i], &senders[i]);
        probe_ready(&recv[i]);
        assert_int_equal(backend->ops->recv(backend, &recv[i].op, fds[i]), 0);
        assert_int_equal(send(senders[i], "x", 1, 0), 1);
    }
    for (unsigned i = 0; i < READY_MAX; i++) {
        probe_turn_until(backend, &recv[i], 1);
        assert_int_equal(recv[i].results[0], 1);
        assert_int_equal(recv[i].buffer_count, 1);
    }
    assert_int_equal(backend->ops->buffers_held(backend), READY_MAX);
    for (unsigned i = 0; i < READY_MAX; i++) {
        (void)close(senders[i]);
        if (!recv[i].ended) /* as a small ring does with what it has no room to go on with */
            probe_turn_until_ended(backend, &recv[i]);
        assert_int_equal(recv[i].last_result, recv[i].done_count == 1 ? 1 : 0);
        (void)close(fds[i]);
    }
    assert_null(backend_close(backend));
    free(recv);
}

static void cancelling_and_arming_again_is_byte_exact_backpressure(void **state)
{
    struct receiver receiver;
    run_stream(state, 8, 0, 3, &receiver);
    assert_true(receiver.cancels + receiver.data_at_the_end > 1);
}

static void cancelling_while_buffers_run_out_is_byte_exact_too(void **state)
{
    struct receiver receiver;
    run_stream(state, 2, 1, 2, &receiver);
}

static void the_end_of_a_stream_is_zero_without_a_buffer(void **state)
{
    struct backend *backend = probe_open(state, 2);
    struct probe recv;
    int fd = -1;
    int sender = -1;
    probe_socketpair(&fd, &sender);
    probe_ready(&recv);
    assert_int_equal(backend->ops->recv(backend, &recv.op, fd), 0);
    assert_int_equal(send(sender, "x", 1, 0), 1);
    probe_turn_until(backend, &recv, 1);
    assert_int_equal(recv.last_result, 1);
    assert_int_equal(recv.last_flags, BACKEND_MORE | BACKEND_BUFFER);
    (void)close(sender);
    probe_turn_until_ended(backend, &recv);
    assert_int_equal(recv.last_result, 0);
    assert_int_equal(recv.last_flags, 0);
    assert_int_equal(backend->ops->buffers_held(backend), 1);
    (void)close(fd);
    assert_null(backend_close(backend));
}

static void errors_end_the_receive(void **state)
{
    struct backend *backend = probe_open(state, 2);
    struct probe recv;
    int ends[2];
    probe_ready(&recv);
    assert_int_equal(backend->ops->recv(backend, &recv.op, 1000000), 0);
    probe_turn_until_ended(backend, &recv);
    assert_int_equal(recv.last_result, -EBADF);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    probe_ready(&recv);
    assert_int_equal(backend->ops->recv(backend, &recv.op, ends[0]), 0);
    probe_turn_until_ended(backend, &recv);
    assert_int_equal(recv.last_result, -ENOTSOCK);
    assert_int_equal(backend->ops->buffers_held(backend), 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_null(backend_close(backend));
}

static void a_reset_connection_is_an_error_not_an_end(void **state)
{
    struct backend *backend = probe_open(state, 2);
    struct probe recv;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof(address);
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int sender = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &bytes), 0);
    assert_int_equal(connect(sender, (struct sockaddr *)&address, sizeof(address)), 0);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(fd >= 0);
    probe_ready(&recv);
    assert_int_equal(backend->ops->recv(backend, &recv.op, fd), 0);
    probe_turns(backend, 2);
    assert_int_equal(setsockopt(sender, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
    (void)close(sender);
    probe_turn_until_ended(backend, &recv);
    assert_int_equal(recv.last_result, -ECONNRESET);
    (void)close(fd);
    (void)close(listener);
    assert_null(backend_close(backend));
}

static void buffers_are_whole_apart_and_followed_by_slack(void **state)
{
    struct backend *backend = probe_open(state, 4);
    struct probe recv;
    int fd = -1;
    int sender = -1;
    const char *ends[4];
    probe_socketpair(&fd, &sender);
    probe_ready(&recv);
    assert_int_equal(backend->ops->recv(backend, &recv.op, fd), 0);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(send(sender, "x", 1, 0), 1);
        probe_turn_until(backend, &recv, i + 1);
    }
    assert_int_equal(backend->ops->buffers_held(backend), 4);
    for (unsigned id = 0; id < 4; id++) {
        char *buffer = backend->ops->buffer(backend, id);
        unsigned sum = 0;
        for (unsigned i = 0; i < BACKEND_SLACK_BYTES; i++)
            sum += (unsigned char)buffer[BACKEND_BUFFER_BYTES + i];
        assert_int_equal(sum, 0);
        assert_int_equal(buffer[0], 'x');
        ends[id] = buffer;
        for (unsigned other = 0; other < id; other++)
            assert_true(ends[other] + BACKEND_BUFFER_BYTES + BACKEND_SLACK_BYTES <= buffer ||
                        buffer + BACKEND_BUFFER_BYTES + BACKEND_SLACK_BYTES <= ends[other]);
    }
    (void)close(sender);
    backend->ops->cancel(backend, &recv.op);
    probe_turn_until_ended(backend, &recv);
    for (unsigned id = 0; id < 4; id++)
        backend->ops->buffer_return(backend, id);
    (void)close(fd);
    assert_null(backend_close(backend));
}

/* Bytes that were on their way when the op ended must not reach the next user of the same op, slot
   and descriptor number. */
static void what_comes_late_never_reaches_the_next_user(void **state)
{
    struct backend *backend = probe_open(state, 8);
    struct probe *recv = calloc(1, sizeof(*recv));
    assert_non_null(recv);
    for (unsigned round = 0; round < 300; round++) {
        int fd = -1;
        int sender = -1;
        probe_socketpair(&fd, &sender);
        probe_ready(recv);
        assert_int_equal(backend->ops->recv(backend, &recv->op, fd), 0);
        if (round % 2 == 0)
            probe_turns(backend, 1);
        if (round % 3 != 0)
            assert_int_equal(send(sender, "old", 3, 0), 3);
        backend->ops->cancel(backend, &recv->op);
        backend->ops->cancel(backend, &recv->op);
        probe_turn_until_ended(backend, recv);
        unsigned before = recv->done_count;
        assert_in_range(before, 1, 2);
        (void)close(fd);
        (void)close(sender);
        probe_turns(backend, 2);
        assert_int_equal(recv->done_count, before);
        for (unsigned i = 0; i < recv->buffer_count; i++)
            backend->ops->buffer_return(backend, recv->buffer_ids[i]);
        assert_int_equal(backend->ops->buffers_held(backend), 0);
    }
    free(recv);
    assert_null(backend_close(backend));
}

static void cancelling_what_is_not_in_flight_does_nothing(void **state)
{
    struct backend *backend = probe_open(state, 2);
    struct probe recv;
    int fd = -1;
    int sender = -1;
    probe_socketpair(&fd, &sender);
    probe_ready(&recv);
    backend->ops->cancel(backend, &recv.op);
    assert_int_equal(backend->ops->recv(backend, &recv.op, fd), 0);
    backend->ops->cancel(backend, &recv.op);
    assert_int_equal(recv.done_count, 0);
    probe_turn_until_ended(backend, &recv);
    assert_int_equal(recv.done_count, 1);
    assert_int_equal(recv.last_result, -ECANCELED);
    backend->ops->cancel(backend, &recv.op);
    assert_int_equal(send(sender, "x", 1, 0), 1);
    assert_int_equal(backend->ops->recv(backend, &recv.op, fd), 0);
    probe_turn_until(backend, &recv, 2);
    assert_int_equal(recv.last_result, 1);
    (void)close(fd);
    (void)close(sender);
    assert_null(backend_close(backend));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROBE_ON_EACH(a_stream_arrives_whole_and_ends_with_nothing),
        PROBE_ON_EACH(running_out_of_buffers_loses_no_byte),
        PROBE_ON_EACH(nobody_misses_a_buffer_while_one_is_free),
        PROBE_ON_EACH(cancelling_and_arming_again_is_byte_exact_backpressure),
        PROBE_ON_EACH(cancelling_while_buffers_run_out_is_byte_exact_too),
        PROBE_ON_EACH(the_end_of_a_stream_is_zero_without_a_buffer),
        PROBE_ON_EACH(errors_end_the_receive),
        PROBE_ON_EACH(a_reset_connection_is_an_error_not_an_end),
        PROBE_ON_EACH(buffers_are_whole_apart_and_followed_by_slack),
        PROBE_ON_EACH(what_comes_late_never_reaches_the_next_user),
        PROBE_ON_EACH(cancelling_what_is_not_in_flight_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
