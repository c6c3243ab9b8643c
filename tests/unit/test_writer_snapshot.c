/*
 * Snapshots: with the records behind them they are what a rebuild gives, whatever happens to them.
 * On a simulated disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/backend_sim.h"
#include "tests/fakes/crash_rig.h"
#include "tests/fakes/derived_rig.h"
#include "tests/fakes/ledger_rig.h"
#include "tests/fakes/test.h"

/* Reads what is derived from a snapshot or without any, after a start. */
static uint8_t *bytes_after_start(size_t *ret_len)
{
    derived_rig_open();
    return derived_rig_bytes(&derived_rig.core.derived, ret_len);
}

/* Cuts every snapshot to nothing: what a start then has is rebuilt. */
static int cut(void *context, const char *entry)
{
    uint64_t seq;
    if (snapshot_parse(entry, &seq)) {
        char path[64];
        (void)snprintf(path, sizeof path, "ledger/state/%s", entry);
        int fd = derived_rig.backend->ops->open(derived_rig.backend, AT_FDCWD, path, O_WRONLY, 0);
        assert_true(fd >= 0);
        assert_int_equal(
            derived_rig.backend->ops->truncate(derived_rig.backend, fd, *(const uint64_t *)context),
            0);
        assert_int_equal(derived_rig.backend->ops->close_fd(derived_rig.backend, fd), 0);
    }
    return 0;
}

static void cut_snapshots(uint64_t to)
{
    int fd = derived_rig.backend->ops->open(derived_rig.backend, AT_FDCWD, "ledger/state",
                                            O_RDONLY | O_DIRECTORY, 0);
    assert_true(fd >= 0);
    assert_int_equal(derived_rig.backend->ops->list(derived_rig.backend, fd, cut, &to), 0);
    assert_int_equal(derived_rig.backend->ops->close_fd(derived_rig.backend, fd), 0);
}

/* Some history; then the writer stops in order, and leaves a snapshot. */
static void live(unsigned seed)
{
    for (unsigned i = 0; i < 40; i++) {
        unsigned pick = (seed * 97 + i) * 2654435761u >> 7;
        if (pick % 11 == 0)
            derived_rig_notice(pick % 4);
        derived_rig_line("run", seed * 40 + i, pick % 30, pick / 32 % 4, pick / 128 % 3 == 0);
        if (i % 10 == 0)
            derived_rig_settle();
    }
    rig_put_stop(derived_rig.queue);
    derived_rig_settle();
}

/* The newest snapshot there is, of the two kept. */
static uint64_t newest(void)
{
    return derived_rig.core.snapshot.kept[0];
}

static void a_snapshot_and_the_records_behind_it_are_what_a_rebuild_gives(void **state)
{
    (void)state;
    derived_rig_begin();
    for (unsigned life = 0; life < 6; life++) {
        size_t len, loaded_len, rebuilt_len;
        live(life);
        uint8_t *bytes = derived_rig_bytes(&derived_rig.core.derived, &len);
        derived_rig_close();
        uint8_t *loaded = bytes_after_start(&loaded_len);
        assert_true(newest() > 0);
        assert_int_equal(derived_rig.core.derived.changes, 0); /* nothing was behind it */
        derived_rig_close();
        cut_snapshots(life * 50);
        uint8_t *rebuilt = bytes_after_start(&rebuilt_len);
        assert_true(derived_rig.core.derived.changes > 0);
        assert_int_equal(len, loaded_len);
        assert_int_equal(len, rebuilt_len);
        assert_memory_equal(bytes, loaded, len);
        assert_memory_equal(bytes, rebuilt, len);
        free(bytes);
        free(loaded);
        free(rebuilt);
    }
    derived_rig_finish();
}

static void a_damaged_snapshot_is_passed_over_for_the_older_one(void **state)
{
    (void)state;
    derived_rig_begin();
    live(1);
    derived_rig_close();
    derived_rig_open();
    live(2);
    size_t len, after_len;
    uint8_t *bytes = derived_rig_bytes(&derived_rig.core.derived, &len);
    derived_rig_close();
    derived_rig_open();
    const uint64_t good = derived_rig.core.snapshot.kept[1],
                   bad = derived_rig.core.snapshot.kept[0];
    assert_true(good > 0);
    assert_true(bad > good);
    derived_rig_close();
    char path[64], name[SNAPSHOT_NAME_BYTES];
    snapshot_name(bad, name);
    (void)snprintf(path, sizeof path, "ledger/state/%s", name);
    int fd = derived_rig.backend->ops->open(derived_rig.backend, AT_FDCWD, path, O_RDWR, 0);
    assert_true(fd >= 0);
    int64_t size = derived_rig.backend->ops->size(derived_rig.backend, fd);
    for (int64_t at = 0; at < size; at += 1 + size / 40) {
        uint8_t byte, flipped;
        assert_int_equal(
            derived_rig.backend->ops->pread(derived_rig.backend, fd, &byte, 1, (uint64_t)at), 1);
        flipped = byte ^ 0x10;
        assert_int_equal(
            derived_rig.backend->ops->pwrite(derived_rig.backend, fd, &flipped, 1, (uint64_t)at),
            1);
        uint8_t *after = bytes_after_start(&after_len);
        assert_true(derived_rig.core.derived.changes > 0); /* of the records behind the older one */
        assert_int_equal(len, after_len);
        assert_memory_equal(bytes, after, len);
        free(after);
        derived_rig_close();
        assert_int_equal(
            derived_rig.backend->ops->pwrite(derived_rig.backend, fd, &byte, 1, (uint64_t)at), 1);
    }
    assert_int_equal(derived_rig.backend->ops->close_fd(derived_rig.backend, fd), 0);
    derived_rig_open();
    assert_int_equal(derived_rig.core.derived.changes, 0);
    free(bytes);
    derived_rig_finish();
}

static void a_snapshot_of_other_bounds_or_another_ledger_is_of_no_use(void **state)
{
    struct derived derived, copy;
    const struct derived_bounds bounds = {.dedupe_max = 10, .watched_max = 10},
                                other = {.dedupe_max = 10, .watched_max = 11};
    const struct snapshot_head head = {.seq = 7, .first = 3, .end = 99, .wall_ns = 5, .boot_ns = 6};
    struct snapshot_head found;
    static uint8_t scratch[DIGEST_BYTES + SNAPSHOT_SLICE_BYTES];
    (void)state;
    assert_int_equal(derived_open(&bounds, &derived), 0);
    size_t len = snapshot_bytes(&derived);
    uint8_t *bytes = malloc(len), digest[DIGEST_BYTES] = {0};
    assert_non_null(bytes);
    assert_int_equal(snapshot_encode(&derived, &head, bytes), 0);
    snapshot_copy(&derived, bytes + len);
    snapshot_digest(digest, bytes, len - DIGEST_BYTES, scratch);
    memcpy(bytes + len - DIGEST_BYTES, digest, DIGEST_BYTES);
    assert_int_equal(snapshot_read_head(bytes, len, &found), 0);
    assert_memory_equal(&found, &head, sizeof head);
    assert_int_equal(derived_open(&bounds, &copy), 0);
    assert_int_equal(snapshot_decode(bytes, len, &copy), 0);
    derived_close(&copy);
    assert_int_equal(derived_open(&other, &copy), 0);
    assert_int_equal(snapshot_decode(bytes, len, &copy), -EBADMSG);
    derived_close(&copy);
    /* It says that record 6 ends at byte 99: in this ledger it does not, nor is 700 there at all.
     */
    derived_rig_begin();
    for (uint64_t seq = 7; seq <= 700; seq += 693) {
        char path[64], name[SNAPSHOT_NAME_BYTES];
        snapshot_name(seq, name);
        (void)snprintf(path, sizeof path, "ledger/state/%s", name);
        int fd = derived_rig.backend->ops->open(derived_rig.backend, AT_FDCWD, path,
                                                O_WRONLY | O_CREAT, 0640);
        assert_true(fd >= 0);
        assert_int_equal(derived_rig.backend->ops->pwrite(derived_rig.backend, fd, bytes, len, 0),
                         (ssize_t)len);
        assert_int_equal(derived_rig.backend->ops->close_fd(derived_rig.backend, fd), 0);
    }
    live(3);
    size_t live_len, after_len;
    uint8_t *alive = derived_rig_bytes(&derived_rig.core.derived, &live_len), *after;
    derived_rig.core.stopped = false; /* as a crash: no snapshot at the end */
    derived_rig_close();
    after = bytes_after_start(&after_len);
    assert_int_equal(live_len, after_len);
    assert_memory_equal(alive, after, live_len);
    free(alive);
    free(after);
    derived_rig_finish();
    free(bytes);
    derived_close(&derived);
}

static void a_crash_at_any_step_of_a_snapshot_leaves_one_that_is_good_or_none(void **state)
{
    struct crash_rig rig = {0};
    (void)state;
    for (uint64_t n = 1;; n++) {
        derived_rig_begin();
        live(1);
        derived_rig_close();
        derived_rig_open();
        live(2);
        size_t len, after_len;
        uint8_t *bytes = derived_rig_bytes(&derived_rig.core.derived, &len);
        rig.backend = derived_rig.backend;
        crash_rig_arm(&rig, n, n % 2 == 0 ? BACKEND_SIM_KILLED : BACKEND_SIM_POWER_LOST);
        derived_rig_close();
        bool crashed = rig.after != NULL;
        if (crashed)
            crash_rig_restart(&rig);
        else
            crash_rig_arm(&rig, 0, BACKEND_SIM_KILLED); /* never, then */
        derived_rig.backend = rig.backend;
        uint8_t *after = bytes_after_start(&after_len);
        assert_int_equal(len, after_len);
        assert_memory_equal(bytes, after, len);
        assert_true(newest() > 0);
        free(bytes);
        free(after);
        derived_rig_finish();
        if (!crashed)
            break;
        assert_true(n < 100);
    }
}

static void after_a_minute_a_snapshot_is_written_while_records_go_on(void **state)
{
    (void)state;
    derived_rig_begin();
    uint64_t line = 0;
    for (unsigned minute = 0; minute < 4; minute++) {
        backend_sim_advance(derived_rig.backend, WRITER_SNAPSHOT_NS);
        uint64_t before = newest();
        for (unsigned i = 0; i < 10; i++) {
            line++;
            derived_rig_line("run", line, (unsigned)line % 30, 1, true);
            derived_rig_settle();
        }
        for (unsigned i = 0; i < 20 && derived_rig.core.snapshot.state != WRITER_SNAPSHOT_IDLE; i++)
            writer_core_turn(&derived_rig.core, 1000000);
        assert_true(newest() > before);
        assert_true(newest() < derived_rig.core.next_seq);
    }
    size_t len, after_len;
    uint8_t *bytes = derived_rig_bytes(&derived_rig.core.derived, &len);
    derived_rig_close(); /* no stop record: no snapshot at the end */
    uint8_t *after = bytes_after_start(&after_len);
    assert_true(derived_rig.core.derived.changes > 0);
    assert_true(derived_rig.core.derived.changes < 3 * line);
    assert_int_equal(len, after_len);
    assert_memory_equal(bytes, after, len);
    free(bytes);
    free(after);
    derived_rig_finish();
}

static void what_is_no_file_in_a_snapshots_place_ends_nothing(void **state)
{
    (void)state;
    derived_rig_begin();
    derived_rig_settle();
    for (unsigned minute = 0; minute < 2; minute++) {
        backend_sim_advance(derived_rig.backend, WRITER_SNAPSHOT_NS);
        if (minute == 0)
            backend_sim_fail(derived_rig.backend, BACKEND_SIM_OPEN, 1, 1, -BACKEND_NO_FILE);
        derived_rig_line("run", minute, minute, 1, true);
        derived_rig_settle();
        derived_rig_line("run", minute + 10, minute, 1, true);
        derived_rig_settle();
        for (unsigned i = 0; i < 20 && derived_rig.core.snapshot.state != WRITER_SNAPSHOT_IDLE; i++)
            writer_core_turn(&derived_rig.core, 1000000);
        assert_int_equal(derived_rig.core.counts.failed, 0);
        assert_int_equal(newest() > 0, minute == 1); /* and with the next one it is there */
    }
    derived_rig_finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_snapshot_and_the_records_behind_it_are_what_a_rebuild_gives),
        cmocka_unit_test(a_damaged_snapshot_is_passed_over_for_the_older_one),
        cmocka_unit_test(a_snapshot_of_other_bounds_or_another_ledger_is_of_no_use),
        cmocka_unit_test(a_crash_at_any_step_of_a_snapshot_leaves_one_that_is_good_or_none),
        cmocka_unit_test(after_a_minute_a_snapshot_is_written_while_records_go_on),
        cmocka_unit_test(what_is_no_file_in_a_snapshots_place_ends_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
