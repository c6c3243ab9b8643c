/*
 * A sender and a daemon in the same thread: the test plays the daemon between steps.
 */
#ifndef TESTS_UNIT_SENDER_RIG_H
#define TESTS_UNIT_SENDER_RIG_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/ctl/sender.h"
#include "tests/fakes/test.h"

struct scene {
    struct sender *sender;
    struct input *input;
    int daemon_fd;
    unsigned refused;
    struct reply_line last;
    char *got;
    size_t got_len, got_room;
};

static inline void on_refused(void *context, const struct reply_line *reply)
{
    struct scene *scene = context;
    scene->refused++;
    scene->last = *reply;
}

static inline void begin_with(struct scene *scene, const struct sender_hello *hello)
{
    static const struct sender_events events = {.refused = on_refused};
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
    *scene = (struct scene){.daemon_fd = pair[1], .got_room = 64u << 20, .input = input_open()};
    assert_non_null(scene->input);
    scene->got = malloc(scene->got_room);
    assert_non_null(scene->got);
    assert_int_equal(sender_open(pair[0], hello, &events, scene, &scene->sender), 0);
}

static inline void begin(struct scene *scene)
{
    begin_with(scene, &(struct sender_hello){.source = "test"});
}

static inline void end(struct scene *scene)
{
    assert_null(sender_close(scene->sender));
    assert_null(input_close(scene->input));
    if (scene->daemon_fd != -1)
        assert_int_equal(close(scene->daemon_fd), 0);
    free(scene->got);
}

static inline int file_of(const char *bytes, size_t len)
{
    char path[] = "/tmp/test_ctl_sender.XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(write(fd, bytes, len), len);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

/* The daemon reads what is there, at most len bytes. */
static inline void daemon_read(struct scene *scene, size_t len)
{
    assert_true(scene->got_room - scene->got_len >= len);
    ssize_t got = recv(scene->daemon_fd, scene->got + scene->got_len, len, MSG_DONTWAIT);
    assert_true(got > 0 || errno == EAGAIN);
    scene->got_len += got > 0 ? (size_t)got : 0;
}

static inline void daemon_says(struct scene *scene, const char *text)
{
    assert_int_equal(send(scene->daemon_fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static inline void daemon_closes(struct scene *scene)
{
    assert_int_equal(close(scene->daemon_fd), 0);
    scene->daemon_fd = -1;
}

static inline void give(struct scene *scene, int fd)
{
    input_start(scene->input, fd);
    sender_input(scene->sender, scene->input);
}

/* Steps until the input has ended; the daemon reads everything. */
static inline int send_all(struct scene *scene, int fd)
{
    give(scene, fd);
    int result = -EAGAIN;
    while (result == -EAGAIN && sender_state(scene->sender) == SENDER_SENDING) {
        result = sender_step(scene->sender, 0);
        daemon_read(scene, 1u << 20);
    }
    assert_int_equal(close(fd), 0);
    return result;
}

static inline void drain(struct scene *scene)
{
    for (unsigned i = 0; i < 8; i++) {
        (void)sender_step(scene->sender, 0);
        if (scene->daemon_fd != -1)
            daemon_read(scene, 1u << 20);
    }
}

#endif
