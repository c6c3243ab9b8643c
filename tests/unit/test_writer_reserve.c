/*
 * The reserve of a full disk. Goal: what is urgent goes on while crawlers wait, until the reserve
 * is used up; then all wait, and go on when there is space; whatever the disk does and whenever the
 * machine ends, nothing that was durable is lost, and nothing is there that was not put. Method: a
 * simulated disk that fills up and is emptied at random while events are on their way, with crashes
 * before its nth call, for many n of a run.
 */
#include <errno.h>
#include <stdlib.h>

#include "tests/fakes/ledger_rig.h"
#include "tests/fakes/test.h"
#include "tests/fakes/writer_trial.h"

#define TURNS_MAX 2000u

static struct queue *queues[TRIAL_QUEUES];
static struct trial trial;
static struct writer_config config;

static uint64_t connections(void *context, bool all)
{
    (void)context;
    return all ? 7 : 5;
}

static int begin(void **state)
{
    struct writer_error error;

    (void)state;
    trial = trial_begin(8, 0);
    config = trial_config;
    config.urgent_queues = 1;
    config.reserve_bytes = TRIAL_RESERVE_BYTES;
    config.connections = connections;
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_int_equal(queue_open(config.queue_bytes, &queues[i]), 0);
    assert_int_equal(writer_core_open(&trial_core, &config, trial.rig.backend, queues, &error), 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        queues[i] = queue_close(queues[i]);
    assert_null(backend_close(trial.rig.backend));
    return 0;
}

static void step(void)
{
    (void)writer_core_gather(&trial_core);
    writer_core_turn(&trial_core, 100000000);
}

static bool is_durable(unsigned lane)
{
    return queue_durable(queues[lane]) == queue_put_position(queues[lane]);
}

/* Closes, and says what is in the ledger. All that was put must be. */
static struct trial_seen close_and_check(void)
{
    writer_core_close(&trial_core);
    trial.run = 1;
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        trial.sent[i].durable_records = trial.sent[i].records;
    return trial_check(&trial);
}

/* Crawlers' records until they wait. */
static void fill(void)
{
    unsigned *put = &trial.sent[0].records;

    backend_sim_set_free(trial.rig.backend, 0);
    for (unsigned i = 0; !trial_core.waits[JOURNAL_COMMON].on || queue_bytes(queues[0]) == 0; i++) {
        assert_true(i < TURNS_MAX * 4);
        *put += rig_put_record(queues[0], 0, *put, 8000);
        step();
    }
    while (trial_core.in_flight)
        step();
}

/* An event of one record, and whether it becomes durable within some turns. */
static bool put_notice(void)
{
    assert_true(rig_put_event(queues[1], 1, trial.sent[1].records++, 1, 1000));
    for (unsigned i = 0; i < 20 && !is_durable(1); i++)
        step();
    return is_durable(1);
}

static void free_disk(void)
{
    backend_sim_set_free(trial.rig.backend, UINT64_MAX);
    for (unsigned i = 0; !writer_core_idle(&trial_core) || writer_has_waited(&trial_core) ||
                         trial_core.waits[JOURNAL_COMMON].on;
         i++) {
        assert_true(i < TURNS_MAX);
        step();
    }
}

static void what_is_urgent_goes_on_while_crawlers_wait_and_fills_the_reserve_again(void **state)
{
    (void)state;
    const uint64_t letters = TRIAL_RESERVE_BYTES / 8;
    unsigned notices = 0;

    fill();
    uint64_t crawl = queue_durable(queues[0]);
    while (put_notice())
        assert_true(++notices < 100);
    assert_in_range(notices, (TRIAL_RESERVE_BYTES - letters) / 1200 - 20, 100);
    assert_int_equal(queue_durable(queues[0]), crawl);
    assert_int_equal(trial_core.counts.wait_error, -ENOSPC);
    assert_int_equal(trial_core.counts.events_wait_error, -ENOSPC);
    assert_false(put_notice());
    free_disk();
    assert_true(is_durable(0));
    assert_true(is_durable(1));
    assert_int_equal(trial_core.counts.events_wait_error, 0);
    assert_int_equal(trial_core.counts.reserve_left, TRIAL_RESERVE_BYTES - letters);
    struct trial_seen seen = close_and_check();
    assert_int_equal(seen.full, 1);
    assert_int_equal(seen.all_full, 1);
    assert_int_equal(seen.records[1], notices + 2);
}

static void a_stop_on_a_full_disk_says_first_who_waited(void **state)
{
    (void)state;
    fill();
    trial.sent[0].records -= (unsigned)queue_entries(queues[0]);
    rig_put_stop(queues[1]);
    for (unsigned i = 0; i < 20; i++)
        step();
    assert_true(is_durable(1));
    assert_true(trial_core.stopped);
    assert_int_equal(close_and_check().full, 1);
}

/* rejects/ has a share of the reserve; when that is used up a bad line of a notice's sender does
   not stop his notices. */
static void bad_lines_do_not_stop_notices(void **state)
{
    (void)state;
    fill();
    for (unsigned i = 0; i < 60; i++)
        assert_true(rig_put_reject(queues[1], 1000 + i, "[1,", 3, false));
    assert_true(put_notice());
    assert_int_equal(trial_core.counts.rejects, 60);
    free_disk();
    trial.sent[1].rejects = 60;
    struct trial_seen seen = close_and_check();
    assert_in_range(seen.rejects[1], 1, 59);
    assert_int_equal(seen.all_full, 0);
}

static void a_segment_that_there_is_no_space_for_stops_no_notice(void **state)
{
    (void)state;
    fill();
    uint64_t first = journal_first(trial_core.feed);
    for (unsigned i = 0; i < config.segment_records + 5; i++)
        assert_true(put_notice());
    assert_int_equal(journal_first(trial_core.feed), first);
    free_disk();
    assert_true(journal_first(trial_core.feed) > first);
    (void)close_and_check(); /* it asserts */
}

static void notices_without_a_pause_keep_no_crawler_from_a_new_segment(void **state)
{
    (void)state;
    unsigned turns = 0;

    while (trial_core.next_seq - journal_first(trial_core.feed) < config.segment_records)
        assert_true(put_notice());
    const uint64_t first = journal_first(trial_core.feed);
    backend_sim_fail(trial.rig.backend, BACKEND_SIM_OPEN, 1, 1, -EMFILE);
    assert_true(put_notice());
    assert_true(trial_core.rotating_feed);
    for (; journal_first(trial_core.feed) == first && turns < 200; turns++) {
        /* There is always one behind the one that is in flight. */
        assert_true(rig_put_event(queues[1], 1, trial.sent[1].records++, 1, 1000));
        backend_sim_advance(trial.rig.backend, 10000000);
        step();
    }
    assert_in_range(turns, 1, 100);
    free_disk();
    (void)close_and_check(); /* it asserts */
}

/* One of the journals beside the feed: an entry of a crawler's that goes into it, until a segment
   of it is full. */
struct other {
    struct journal **journal;
    uint64_t full_bytes;
    void (*put)(unsigned number);
};

static void put_blob(unsigned number)
{
    static uint64_t random = 88172645463325252u;
    uint8_t blob[1500];

    (void)number;
    for (size_t i = 0; i < sizeof(blob); i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        blob[i] = (uint8_t)random;
    }
    assert_true(rig_put_blob(queues[0], 0, trial.sent[0].records++, 10,
                             (struct rig_blob){blob, sizeof(blob)}));
}

static void put_reject(unsigned number)
{
    static char bytes[DEADLETTER_BYTES_KEPT_MAX];

    assert_true(rig_put_reject(queues[0], number, bytes, sizeof(bytes), true));
}

static const struct other others[] = {{&trial_core.blobs.packs, 4000, put_blob},
                                      {&trial_core.rejects, 64u << 20, put_reject}};

/* Fills a segment, and one entry more waits behind it while notices come without a pause. Returns
   the turns until it is durable; max when it is not. */
static unsigned turns_until_another_is_begun(const struct other *other, bool no_descriptor,
                                             unsigned max)
{
    unsigned turns = 0, number = 0;
    bool tried = false;

    config.segment_records = 1u << 20; /* another feed is a pause for all */
    for (; journal_end(*other->journal) < other->full_bytes; number++) {
        other->put(number);
        for (unsigned i = 0; i < 20 && !is_durable(0); i++)
            step();
        assert_true(is_durable(0));
    }
    if (no_descriptor)
        backend_sim_fail(trial.rig.backend, BACKEND_SIM_OPEN, 1, 1000, -EMFILE);
    assert_true(rig_put_event(queues[1], 1, trial.sent[1].records++, 1, 1000));
    (void)writer_core_gather(&trial_core);
    assert_true(trial_core.in_flight);
    other->put(number);
    for (; !is_durable(0) && turns < max; turns++) {
        if (trial_core.blobs.rotating || trial_core.rotating_rejects) {
            tried = true;
            backend_sim_fail_nothing(trial.rig.backend);
        }
        assert_true(rig_put_event(queues[1], 1, trial.sent[1].records++, 1, 10));
        backend_sim_advance(trial.rig.backend, 10000000);
        step();
    }
    assert_int_equal(tried, no_descriptor);
    return turns;
}

static void notices_without_a_pause_keep_no_crawler_from_another_journal(void **state)
{
    for (size_t i = 0; i < 2; i++) {
        if (i > 0)
            (void)begin(state);
        assert_in_range(turns_until_another_is_begun(&others[i], false, 200), 1, 20);
        writer_core_close(&trial_core);
        if (i == 0)
            (void)end(state);
    }
}

/* The try that found no descriptor is repeated. */
static void nor_when_there_was_no_descriptor_for_it(void **state)
{
    for (size_t i = 0; i < 2; i++) {
        if (i > 0)
            (void)begin(state);
        assert_in_range(turns_until_another_is_begun(&others[i], true, 200), 1, 100);
        writer_core_close(&trial_core);
        if (i == 0)
            (void)end(state);
    }
}

struct tally {
    unsigned long full, all_full, refused;
};

/* A life on a disk that fills up, a crash before its nth call, and a life that begins on what space
   there is; then all is well again. */
static void crash_and_recover(uint64_t n, enum backend_sim_end how, unsigned chaos,
                              struct tally *tally)
{
    struct trial crashed = trial_begin(3 * n + how, chaos);

    crashed.fills = true;
    crashed.rig.crashed = trial_note_durable;
    crashed.rig.context = &crashed;
    for (unsigned i = 0; i < 3; i++) {
        crash_rig_arm(&crashed.rig, i == 2 ? 0 : i == 0 ? n : n % 97, how);
        int lived = trial_live(&crashed, false);
        if (lived == 1)
            crash_rig_restart(&crashed.rig);
        else
            assert_true(lived == 0 || lived == -ENOSPC);
        tally->refused += lived == -ENOSPC;
    }
    backend_sim_set_free(crashed.rig.backend, UINT64_MAX);
    crash_rig_arm(&crashed.rig, 0, how);
    assert_int_equal(trial_live(&crashed, true), 0);
    struct trial_seen seen = trial_check(&crashed);
    tally->full += seen.full;
    tally->all_full += seen.all_full;
    assert_null(backend_close(crashed.rig.backend));
}

static void a_crash_on_a_disk_that_fills_up_loses_nothing_durable(void **state)
{
    (void)state;
    const uint64_t apart = getenv("CRASHES") != NULL ? 1 : 7 * TEST_APART;
    struct tally tally = {0};

    for (uint64_t n = 1; n < 1200; n += apart) {
        crash_and_recover(n, BACKEND_SIM_KILLED, 0, &tally);
        crash_and_recover(n, BACKEND_SIM_POWER_LOST, n % 2 == 0 ? 0 : 300, &tally);
    }
    print_message("waits of crawlers %lu, of all %lu; starts refused for space %lu\n", tally.full,
                  tally.all_full, tally.refused);
    assert_true(tally.full * TEST_APART > 40);
    assert_true(tally.all_full > 0 || TEST_APART > 1);
}

#define RESERVE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RESERVE_TEST(what_is_urgent_goes_on_while_crawlers_wait_and_fills_the_reserve_again),
        RESERVE_TEST(a_stop_on_a_full_disk_says_first_who_waited),
        RESERVE_TEST(bad_lines_do_not_stop_notices),
        RESERVE_TEST(a_segment_that_there_is_no_space_for_stops_no_notice),
        RESERVE_TEST(notices_without_a_pause_keep_no_crawler_from_a_new_segment),
        RESERVE_TEST(notices_without_a_pause_keep_no_crawler_from_another_journal),
        RESERVE_TEST(nor_when_there_was_no_descriptor_for_it),
        cmocka_unit_test(a_crash_on_a_disk_that_fills_up_loses_nothing_durable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
