/* Descriptors pass from one thread to another in order, none lost, none twice. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <unistd.h>

#include "io/mailbox.h"
#include "tests/fakes/test.h"

#define PASSED 200000

static void letters_come_out_in_order_and_a_full_box_refuses(void **state)
{
    (void)state;
    struct mailbox *mailbox = NULL;
    int fd = -1;
    int tag = -1;
    assert_int_equal(mailbox_open(4, &mailbox), 0);
    assert_int_equal(mailbox_take(mailbox, &fd, &tag), -EAGAIN);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++)
            assert_int_equal(mailbox_put(mailbox, 1000 + i, round), 0);
        assert_int_equal(mailbox_put(mailbox, 2000, round), -EAGAIN);
        for (int i = 0; i < 4; i++) {
            assert_int_equal(mailbox_take(mailbox, &fd, &tag), 0);
            assert_int_equal(fd, 1000 + i);
            assert_int_equal(tag, round);
        }
    }
    assert_int_equal(mailbox_take(mailbox, &fd, &tag), -EAGAIN);
    assert_null(mailbox_close(mailbox));
    assert_null(mailbox_close(NULL));
}

static bool rings(const struct mailbox *mailbox)
{
    struct pollfd bell = {.fd = mailbox_fd(mailbox), .events = POLLIN};
    return poll(&bell, 1, 0) == 1;
}

static void the_bell_rings_until_it_is_drained(void **state)
{
    (void)state;
    struct mailbox *mailbox = NULL;
    int fd = -1;
    int tag = -1;
    assert_int_equal(mailbox_open(2, &mailbox), 0);
    assert_false(rings(mailbox));
    mailbox_wake(mailbox);
    mailbox_wake(mailbox);
    assert_true(rings(mailbox));
    mailbox_drain_wakes(mailbox);
    assert_false(rings(mailbox));
    mailbox_drain_wakes(mailbox);
    assert_int_equal(mailbox_put(mailbox, 1000, 1), 0);
    assert_true(rings(mailbox));
    assert_int_equal(mailbox_take(mailbox, &fd, &tag), 0);
    assert_true(fcntl(mailbox_fd(mailbox), F_GETFD) & FD_CLOEXEC);
    assert_null(mailbox_close(mailbox));
}

static void closing_closes_what_is_still_inside(void **state)
{
    (void)state;
    struct mailbox *mailbox = NULL;
    int ends[2];
    char byte;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(mailbox_open(2, &mailbox), 0);
    assert_int_equal(mailbox_put(mailbox, ends[1], 0), 0);
    assert_null(mailbox_close(mailbox));
    assert_int_equal(read(ends[0], &byte, 1), 0); /* the writing end is gone */
    (void)close(ends[0]);
}

static void *produce(void *context)
{
    struct mailbox *mailbox = context;
    for (int i = 0; i < PASSED; i++) {
        while (mailbox_put(mailbox, i, -i) == -EAGAIN)
            (void)sched_yield();
    }
    return NULL;
}

static void two_threads_pass_every_letter_once_and_in_order(void **state)
{
    (void)state;
    struct mailbox *mailbox = NULL;
    pthread_t producer;
    int next = 0;
    assert_int_equal(mailbox_open(64, &mailbox), 0);
    assert_int_equal(pthread_create(&producer, NULL, produce, mailbox), 0);
    while (next < PASSED) {
        struct pollfd bell = {.fd = mailbox_fd(mailbox), .events = POLLIN};
        int fd = -1;
        int tag = 1;
        assert_true(poll(&bell, 1, -1) == 1);
        mailbox_drain_wakes(mailbox);
        while (mailbox_take(mailbox, &fd, &tag) == 0) {
            assert_int_equal(fd, next);
            assert_int_equal(tag, -next);
            next++;
        }
    }
    assert_int_equal(pthread_join(producer, NULL), 0);
    assert_null(mailbox_close(mailbox));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_come_out_in_order_and_a_full_box_refuses),
        cmocka_unit_test(the_bell_rings_until_it_is_drained),
        cmocka_unit_test(closing_closes_what_is_still_inside),
        cmocka_unit_test(two_threads_pass_every_letter_once_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
