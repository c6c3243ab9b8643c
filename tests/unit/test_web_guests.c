/* Who has to go when places become few. */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/web/guests.h"
#include "tests/fakes/test.h"

struct rig {
    struct guests guests;
    int fds[GUESTS_MAX][2];
};

static void come(struct rig *rig, unsigned i)
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, rig->fds[i]), 0);
    guests_come(&rig->guests, rig->fds[i][0]);
}

static bool is_shut(const struct rig *rig, unsigned i)
{
    struct pollfd end = {.fd = rig->fds[i][1], .events = POLLRDHUP};
    return poll(&end, 1, 0) == 1;
}

static void leave(struct rig *rig, unsigned i)
{
    guests_leave(&rig->guests, rig->fds[i][0]);
    (void)close(rig->fds[i][0]);
    (void)close(rig->fds[i][1]);
}

static void the_idlest_makes_room_and_a_reader_never_does(void **state)
{
    struct rig rig;
    unsigned i;
    (void)state;
    assert_int_equal(guests_open(&rig.guests), 0);
    for (i = 0; i < GUESTS_STAY; i++)
        come(&rig, i);
    for (unsigned j = 0; j < GUESTS_READERS; j++)
        assert_true(guests_read(&rig.guests, rig.fds[j][0]));
    assert_false(guests_read(&rig.guests, rig.fds[GUESTS_READERS][0]));
    guests_ask(&rig.guests, rig.fds[GUESTS_READERS][0]); /* it came before the next one, but asks */
    for (unsigned j = 0; j < GUESTS_STAY; j++)
        assert_false(is_shut(&rig, j));
    come(&rig, i++);
    for (unsigned j = 0; j < i; j++)
        assert_int_equal(is_shut(&rig, j), j == GUESTS_READERS + 1);
    come(&rig, i++); /* the one that is shut already is not counted twice */
    assert_true(is_shut(&rig, GUESTS_READERS + 2) && !is_shut(&rig, GUESTS_READERS + 3));
    guests_rest(&rig.guests, rig.fds[0][0]); /* an answer is over: idle, but not for long */
    assert_true(guests_read(&rig.guests, rig.fds[i - 1][0]));
    while (i < GUESTS_MAX)
        come(&rig, i++);
    assert_true(is_shut(&rig, 0) && is_shut(&rig, GUESTS_READERS));
    for (unsigned j = 1; j < GUESTS_READERS; j++)
        assert_false(is_shut(&rig, j));
    assert_false(is_shut(&rig, i - 1) || is_shut(&rig, GUESTS_STAY + 1));
    while (i > 0)
        leave(&rig, --i);
    guests_close(&rig.guests);
}

static void nobody_goes_while_there_is_room(void **state)
{
    struct rig rig;
    (void)state;
    assert_int_equal(guests_open(&rig.guests), 0);
    for (unsigned round = 0; round < 4; round++) {
        for (unsigned i = 0; i < GUESTS_STAY; i++)
            come(&rig, i);
        for (unsigned i = 0; i < GUESTS_STAY; i++)
            assert_false(is_shut(&rig, i));
        for (unsigned i = 0; i < GUESTS_STAY; i++)
            leave(&rig, i);
    }
    guests_close(&rig.guests);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_idlest_makes_room_and_a_reader_never_does),
        cmocka_unit_test(nobody_goes_while_there_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
