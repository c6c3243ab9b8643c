/*
 * When queries are written. Goal: one at the start, each interval if there is something new, at
 * once for what is urgent; none twice; what fails is tried with the next checkpoint. Method: the
 * simulated disk and its clock; each step is told the time.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/anchor_query.h"
#include "daemon/ledger/checkpoint.h"
#include "daemon/outbox.h"
#include "io/backend_sim.h"
#include "tests/fakes/test.h"

#define SECOND UINT64_C(1000000000)
#define HOUR   (3600 * SECOND)
#define START  (5 * SECOND) /* boot time of the first step */

static struct backend *backend;
static struct outbox *outbox;

static int begin(void **state)
{
    (void)state;
    assert_int_equal(backend_sim_open(1, 4, &backend), 0);
    assert_int_equal(backend->ops->mkdir(backend, AT_FDCWD, "ledger", 0750), 0);
    assert_int_equal(outbox_open("ledger", HOUR, &outbox), 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    outbox = outbox_close(outbox);
    backend = backend_close(backend);
    return 0;
}

static bool has(const char *path)
{
    int fd = backend->ops->open(backend, AT_FDCWD, path, O_RDONLY, 0);
    if (fd >= 0)
        assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    else
        assert_int_equal(fd, -ENOENT);
    return fd >= 0;
}

static bool has_query(uint64_t size)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "ledger/outbox/%" PRIu64 ".tsq", size);
    return has(path);
}

static void put(uint64_t size, bool urgent)
{
    char bytes[64];
    int len = snprintf(bytes, sizeof(bytes), "checkpoint %" PRIu64, size);

    outbox_put(outbox, &(struct writer_checkpoint){
                           .size = size, .urgent = urgent, .bytes = bytes, .len = (size_t)len});
}

static void step(uint64_t now_ns)
{
    outbox_step(outbox, backend, now_ns);
}

static uint64_t calls(void)
{
    return backend_sim_calls(backend, BACKEND_SIM_OPEN);
}

static void without_a_checkpoint_nothing_is_written(void **state)
{
    (void)state;
    step(START);
    step(START + 2 * HOUR);
    assert_false(has("ledger/outbox"));
    assert_int_equal(outbox_state(outbox).size, 0);
}

static void the_first_checkpoint_of_a_run_is_asked_about(void **state)
{
    char bytes[64];

    (void)state;
    put(3, false);
    step(START);
    assert_true(has_query(3));
    assert_int_equal(outbox_state(outbox).size, 3);
    assert_int_equal(outbox_state(outbox).asked_ns, START);
    int fd = backend->ops->open(backend, AT_FDCWD, "ledger/outbox/3.checkpoint", O_RDONLY, 0);
    assert_true(fd >= 0);
    assert_int_equal(backend->ops->pread(backend, fd, bytes, sizeof(bytes), 0), 12);
    assert_memory_equal(bytes, "checkpoint 3", 12);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
}

static void the_newest_is_asked_about_when_the_interval_has_passed(void **state)
{
    (void)state;
    put(3, false);
    step(START);
    put(4, false);
    put(9, false);
    step(START + HOUR - 1);
    assert_false(has_query(9));
    step(START + HOUR);
    assert_true(has_query(9));
    assert_false(has_query(4));
    put(12, false); /* the next interval begins with that query */
    step(START + 2 * HOUR - 1);
    assert_false(has_query(12));
    step(START + 2 * HOUR);
    assert_true(has_query(12));
}

static void with_nothing_new_the_disk_is_left_alone(void **state)
{
    (void)state;
    put(3, true);
    step(START);
    uint64_t before = calls();
    put(3, true);
    for (unsigned i = 1; i < 5; i++)
        step(START + i * HOUR);
    assert_int_equal(calls(), before);
    assert_int_equal(outbox_state(outbox).asked_ns, START);
}

static void an_urgent_checkpoint_is_asked_about_at_once(void **state)
{
    (void)state;
    put(3, false);
    step(START);
    put(4, true);
    put(5, false); /* covers it as well */
    step(START + 2 * SECOND);
    assert_true(has_query(5));
    put(6, false); /* that was all of the urgency */
    step(START + 4 * SECOND);
    assert_false(has_query(6));
    step(START + 2 * SECOND + HOUR);
    assert_true(has_query(6));
}

static void many_notices_are_asked_about_together(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        put(3 + i, true);
        step(START + i * SECOND / 100);
    }
    assert_true(has_query(3));
    for (uint64_t size = 4; size < 103; size++)
        assert_false(has_query(size));
    step(START + OUTBOX_GAP_NS);
    assert_true(has_query(102));
}

static void a_size_that_has_a_query_or_an_answer_gets_no_second_one(void **state)
{
    (void)state;
    int fd = backend->ops->open(backend, AT_FDCWD, "ledger", O_RDONLY | O_DIRECTORY, 0);
    assert_int_equal(anchor_query_write(backend, fd, 3, "checkpoint 3", 12), 0);
    uint64_t random = backend_sim_calls(backend, BACKEND_SIM_RANDOM);
    put(3, true);
    step(START);
    assert_int_equal(backend_sim_calls(backend, BACKEND_SIM_RANDOM), random); /* no nonce */
    assert_int_equal(outbox_state(outbox).size, 3);
    assert_int_equal(backend->ops->mkdir(backend, fd, "anchors/4", 0750), 0);
    int answered = backend->ops->open(backend, fd, "anchors/4/query.tsq", O_WRONLY | O_CREAT, 0640);
    assert_true(answered >= 0);
    assert_int_equal(backend->ops->close_fd(backend, answered), 0);
    put(4, true);
    step(START + 2 * SECOND);
    assert_false(has_query(4));
    assert_int_equal(outbox_state(outbox).size, 4);
    assert_int_equal(outbox_state(outbox).error, 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
}

/* The nth write and so on: whatever fails, nothing is lost but time. */
static void a_failure_shows_and_the_next_checkpoint_is_tried(void **state)
{
    static const struct {
        enum backend_sim_call call;
        int error;
    } faults[] = {{BACKEND_SIM_OPEN, -EMFILE},  {BACKEND_SIM_MKDIR, -ENOSPC},
                  {BACKEND_SIM_WRITE, -ENOSPC}, {BACKEND_SIM_SYNC, -EIO},
                  {BACKEND_SIM_RENAME, -EIO},   {BACKEND_SIM_RANDOM, -EIO},
                  {BACKEND_SIM_LOCK, -ENOLCK},  {BACKEND_SIM_LIST, -EIO}};

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        backend_sim_fail(backend, faults[i].call, 1, 1, faults[i].error);
        put(3, true);
        step(START);
        assert_int_equal(outbox_state(outbox).error, faults[i].error);
        assert_int_equal(outbox_state(outbox).size, 0);
        assert_false(has_query(3));
        uint64_t before = calls();
        step(START + 2 * SECOND); /* the same checkpoint: not in a loop */
        assert_int_equal(calls(), before);
        put(4, false);
        step(START + SECOND / 2); /* and not at once */
        assert_int_equal(calls(), before);
        step(START + OUTBOX_GAP_NS);
        assert_true(has_query(4));
        assert_int_equal(outbox_state(outbox).error, 0);
        assert_int_equal(outbox_state(outbox).size, 4);
        (void)end(state);
        (void)begin(state);
    }
}

static void while_noticectl_writes_there_it_waits_without_a_word(void **state)
{
    (void)state;
    put(3, false);
    step(START);
    int fd = backend->ops->open(backend, AT_FDCWD, "ledger/outbox", O_RDONLY | O_DIRECTORY, 0);
    assert_int_equal(backend->ops->lock(backend, fd), 0);
    put(4, true);
    step(START + 2 * SECOND);
    assert_false(has_query(4));
    assert_int_equal(outbox_state(outbox).error, 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    step(START + 2 * SECOND + 1); /* the same checkpoint, and as urgent as before */
    assert_true(has_query(4));
}

static void an_interval_of_0_writes_nothing(void **state)
{
    (void)state;
    outbox = outbox_close(outbox);
    assert_int_equal(outbox_open("ledger", 0, &outbox), 0);
    uint64_t before = calls();
    put(3, true);
    step(START);
    assert_int_equal(calls(), before);
    assert_int_equal(outbox_state(outbox).size, 0);
}

static void the_longest_checkpoint_is_copied_whole(void **state)
{
    static char longest[CHECKPOINT_BYTES_MAX], back[CHECKPOINT_BYTES_MAX + 1];

    (void)state;
    memset(longest, 'x', sizeof(longest));
    outbox_put(outbox,
               &(struct writer_checkpoint){.size = 7, .bytes = longest, .len = sizeof(longest)});
    step(START);
    int fd = backend->ops->open(backend, AT_FDCWD, "ledger/outbox/7.checkpoint", O_RDONLY, 0);
    assert_true(fd >= 0);
    assert_int_equal(backend->ops->pread(backend, fd, back, sizeof(back), 0), sizeof(longest));
    assert_memory_equal(back, longest, sizeof(longest));
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(without_a_checkpoint_nothing_is_written),
        CASE(the_first_checkpoint_of_a_run_is_asked_about),
        CASE(the_newest_is_asked_about_when_the_interval_has_passed),
        CASE(with_nothing_new_the_disk_is_left_alone),
        CASE(an_urgent_checkpoint_is_asked_about_at_once),
        CASE(many_notices_are_asked_about_together),
        CASE(a_size_that_has_a_query_or_an_answer_gets_no_second_one),
        CASE(a_failure_shows_and_the_next_checkpoint_is_tried),
        CASE(while_noticectl_writes_there_it_waits_without_a_word),
        CASE(an_interval_of_0_writes_nothing),
        CASE(the_longest_checkpoint_is_copied_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
