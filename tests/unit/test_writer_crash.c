/*
 * Crashes. Goal: what was durable before a crash is in the ledger after it, once; what is in the
 * ledger is a prefix of what each lane put in; a second recovery changes nothing. Method: the
 * writer on a simulated disk that ends before call n, for every n of a run, as a killed process and
 * as a power loss, and again while it recovers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/shape.h"
#include "daemon/writer_core.h"
#include "io/segment.h"
#include "tests/fakes/crash_rig.h"
#include "tests/fakes/ledger_rig.h"
#include "tests/fakes/test.h"

#define QUEUES       2u
#define RUNS_MAX     6u
#define LANES_MAX    (QUEUES * RUNS_MAX)
#define LANE_RECORDS 24u
#define READ_MAX     (1u << 20)
#define TURNS_MAX    20000u

/* What one lane put in: a queue in one run. */
struct sent {
    unsigned records, rejects;                 /* put */
    unsigned durable_records, durable_rejects; /* of these, when the machine ended */
    uint64_t record_at[LANE_RECORDS], reject_at[LANE_RECORDS];
};

struct trial {
    struct crash_rig rig;
    struct queue *queues[QUEUES];
    struct sent sent[LANES_MAX];
    unsigned run;
    uint64_t seed;
};

static struct writer_core core;
static char bytes[READ_MAX];

static const struct writer_config config = {.ledger = "ledger",
                                            .queues = QUEUES,
                                            .queue_bytes = 2u * QUEUE_ENTRY_BYTES_MAX,
                                            .segment_records = 17,
                                            .segment_bytes = 1u << 20,
                                            .rejects_bytes_max = 1u << 20};

static uint64_t next_random(struct trial *trial)
{
    trial->seed ^= trial->seed << 13;
    trial->seed ^= trial->seed >> 7;
    trial->seed ^= trial->seed << 17;
    return trial->seed;
}

/* What the lanes have been told when the machine ends: only that must be kept. */
static void note_durable(void *context)
{
    struct trial *trial = context;

    for (unsigned i = 0; i < QUEUES; i++) {
        struct sent *sent = &trial->sent[trial->run * QUEUES + i];
        uint64_t durable = queue_durable(trial->queues[i]);
        sent->durable_records = 0;
        sent->durable_rejects = 0;
        for (unsigned n = 0; n < sent->records; n++)
            sent->durable_records += sent->record_at[n] <= durable;
        for (unsigned n = 0; n < sent->rejects; n++)
            sent->durable_rejects += sent->reject_at[n] <= durable;
    }
}

static void put_some(struct trial *trial)
{
    for (unsigned i = 0; i < QUEUES; i++) {
        unsigned lane = trial->run * QUEUES + i;
        struct sent *sent = &trial->sent[lane];
        unsigned burst = (unsigned)(next_random(trial) % 5);
        for (unsigned n = 0; n < burst && sent->records < LANE_RECORDS; n++) {
            assert_true(
                rig_put_record(trial->queues[i], lane, sent->records, next_random(trial) % 1500));
            sent->record_at[sent->records++] = queue_put_position(trial->queues[i]);
        }
        if (burst == 1 && sent->rejects < LANE_RECORDS) {
            assert_true(rig_put_reject(trial->queues[i], lane * 1000 + sent->rejects, "[1,", 3,
                                       next_random(trial) % 2 == 0));
            sent->reject_at[sent->rejects++] = queue_put_position(trial->queues[i]);
        }
    }
}

static bool has_more(const struct trial *trial)
{
    return trial->sent[trial->run * QUEUES].records < LANE_RECORDS ||
           trial->sent[trial->run * QUEUES + 1].records < LANE_RECORDS;
}

/* One life of the writer, until all is durable or the machine ends. 0 when it lived, 1 when it did
   not, -errno when it refused to start. */
static int live(struct trial *trial, bool stop)
{
    struct writer_error error = {0};
    struct crash_rig *rig = &trial->rig;

    for (unsigned i = 0; i < QUEUES; i++)
        assert_int_equal(queue_open(config.queue_bytes, &trial->queues[i]), 0);
    int opened = writer_core_open(&core, &config, rig->backend, trial->queues, &error);
    if (opened < 0 && rig->after == NULL) {
        print_message("refused: %s\n", error.text);
    } else if (opened == 0) {
        unsigned turns = 0;
        while (rig->after == NULL && (has_more(trial) || stop || !writer_core_idle(&core))) {
            assert_true(turns++ < TURNS_MAX);
            put_some(trial);
            if (stop && !has_more(trial) && writer_core_idle(&core)) {
                rig_put_stop(trial->queues[0]);
                stop = false;
            }
            (void)writer_core_gather(&core);
            writer_core_turn(&core, 1000000);
        }
        if (rig->after == NULL)
            note_durable(trial);
        writer_core_close(&core);
    }
    for (unsigned i = 0; i < QUEUES; i++)
        trial->queues[i] = queue_close(trial->queues[i]);
    trial->run++;
    return rig->after != NULL ? 1 : opened;
}

static size_t read_segment(struct backend *backend, int folder_fd, uint64_t first)
{
    int fd = segment_open(backend, folder_fd, first, false);
    assert_true(fd >= 0);
    size_t len = 0;
    ssize_t done;
    while ((done = backend->ops->pread(backend, fd, bytes + len, READ_MAX - len, len)) > 0)
        len += (size_t)done;
    assert_int_equal(done, 0);
    assert_true(len < READ_MAX);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    return len;
}

struct seen {
    unsigned records[LANES_MAX], rejects[LANES_MAX];
    uint64_t lines, sum;
};

static void see_record(struct seen *seen, const char *line, size_t len)
{
    struct record_head head;
    enum record_kind kind;
    unsigned lane, number;

    assert_int_equal(record_decode_head(line, len, &head, &kind), 0);
    assert_true(shape_is_object(line, len));
    assert_int_equal(head.seq, seen->lines);
    seen->lines++;
    if (!rig_read(line, len, &lane, &number))
        return;
    assert_true(lane < LANES_MAX);
    assert_int_equal(number, seen->records[lane]);
    seen->records[lane]++;
}

static void see_reject(struct seen *seen, const char *line, size_t len)
{
    const char *at = memmem(line, len, ",\"line\":", 8);
    assert_non_null(at);
    unsigned long number = strtoul(at + 8, NULL, 10);
    assert_true(shape_is_object(line, len));
    assert_true(number / 1000 < LANES_MAX);
    assert_int_equal(number % 1000, seen->rejects[number / 1000]);
    seen->rejects[number / 1000]++;
}

/* Reads one folder of the ledger, in order. */
static void see_folder(struct trial *trial, const char *path, struct seen *seen,
                       void (*see)(struct seen *, const char *, size_t))
{
    struct backend *backend = trial->rig.backend;
    int folder_fd = backend->ops->open(backend, AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
    uint64_t *firsts = NULL;
    size_t count = 0;

    if (folder_fd < 0)
        return; /* nothing was durable yet */
    assert_int_equal(segment_list(backend, folder_fd, &firsts, &count), 0);
    for (size_t i = 0; i < count; i++) {
        size_t len = read_segment(backend, folder_fd, firsts[i]);
        for (size_t at = 0; at < len;) {
            const char *newline = memchr(bytes + at, '\n', len - at);
            assert_non_null(newline);
            see(seen, bytes + at, (size_t)(newline - (bytes + at)));
            at = (size_t)(newline - bytes) + 1;
        }
        for (size_t at = 0; at < len; at++)
            seen->sum = (seen->sum ^ (unsigned char)bytes[at]) * 0x100000001b3u;
    }
    free(firsts);
    assert_int_equal(backend->ops->close_fd(backend, folder_fd), 0);
}

/* After a life that ended well: all that was ever durable is there, and nothing that was not put.
 */
static struct seen check(struct trial *trial)
{
    struct seen seen = {0};

    see_folder(trial, "ledger/feed", &seen, see_record);
    see_folder(trial, "ledger/rejects", &seen, see_reject);
    for (unsigned lane = 0; lane < trial->run * QUEUES; lane++) {
        const struct sent *sent = &trial->sent[lane];
        assert_in_range(seen.records[lane], sent->durable_records, sent->records);
        assert_in_range(seen.rejects[lane], sent->durable_rejects, sent->rejects);
    }
    return seen;
}

static struct trial begin(uint64_t seed, unsigned chaos)
{
    struct trial trial = {.seed = seed * 2654435761u + 1};

    assert_int_equal(backend_sim_open(seed, 0, &trial.rig.backend), 0);
    backend_sim_chaos(trial.rig.backend, chaos);
    return trial;
}

/* Runs the writer with a crash at each of crash_at[], then twice without. */
static void crash_and_recover(uint64_t seed, const uint64_t *crash_at, unsigned crashes,
                              unsigned chaos)
{
    struct trial trial = begin(seed, chaos);

    trial.rig.crashed = note_durable;
    trial.rig.context = &trial;
    for (unsigned i = 0; i < crashes; i++) {
        crash_rig_arm(&trial.rig, crash_at[i],
                      (seed + i) % 2 == 0 ? BACKEND_SIM_KILLED : BACKEND_SIM_POWER_LOST);
        int lived = live(&trial, false);
        assert_in_range(lived, 0, 1);
        if (lived == 1)
            crash_rig_restart(&trial.rig);
    }
    crash_rig_arm(&trial.rig, 0, BACKEND_SIM_KILLED);
    assert_int_equal(live(&trial, true), 0);
    struct seen first = check(&trial);
    uint64_t before = first.lines;

    /* Once more, with nothing to recover: two records more, and all else as it was. */
    assert_int_equal(live(&trial, true), 0);
    struct seen second = check(&trial);
    assert_int_equal(second.lines, before + 2 + 1 + 2 * LANE_RECORDS);
    assert_null(backend_close(trial.rig.backend));
}

/* How many calls a whole life makes. */
static uint64_t calls_of_a_life(uint64_t seed)
{
    struct trial trial = begin(seed, 0);

    crash_rig_arm(&trial.rig, 0, BACKEND_SIM_KILLED);
    assert_int_equal(live(&trial, true), 0);
    uint64_t calls = trial.rig.calls;
    assert_null(backend_close(trial.rig.backend));
    return calls;
}

static void a_crash_before_any_call_loses_nothing_durable(void **state)
{
    (void)state;
    uint64_t calls = calls_of_a_life(1);

    assert_true(calls > 100);
    for (uint64_t n = 1; n <= calls; n++) {
        crash_and_recover(1 + 2 * n, &n, 1, 0);
        crash_and_recover(2 + 2 * n, &n, 1, 0);
    }
}

static void a_crash_while_it_recovers_from_a_crash_loses_nothing(void **state)
{
    (void)state;
    uint64_t seed = 4711;

    for (unsigned i = 0; i < 300; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint64_t crash_at[4] = {1 + (seed >> 40) % 160, 1 + (seed >> 33) % 40,
                                1 + (seed >> 25) % 60, 1 + (seed >> 20) % 160};
        crash_and_recover(seed >> 16, crash_at, 4, i % 3 == 0 ? 300 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_before_any_call_loses_nothing_durable),
        cmocka_unit_test(a_crash_while_it_recovers_from_a_crash_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
