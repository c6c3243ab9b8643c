/*
 * Real disks that are full or fail. Goal: no position moves without the bytes on the disk. Method:
 * a small tmpfs in a mount namespace of our own; in it, a sparse file with ext4 on a loop device,
 * whose writeback then fails although each write succeeded. Needs root; skipped, with the reason,
 * elsewhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/writer_core.h"
#include "tests/fakes/ledger_rig.h"
#include "tests/fakes/test.h"

#define TURNS_MAX 4000u

static char place[128];
static bool mounted;
static struct writer_core core;
static struct queue *queue;
static struct backend *backend;

static int mount_tmpfs(void **state)
{
    (void)state;
    rig_folder("/tmp", place);
    if (unshare(CLONE_NEWNS) == -1 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
        mount("tmpfs", place, "tmpfs", 0, "size=24m") == -1)
        print_message("skipped: no mount namespace of our own: %s\n", strerrorname_np(errno));
    else
        mounted = true;
    return 0;
}

static int unmount_tmpfs(void **state)
{
    (void)state;
    if (mounted)
        (void)umount2(place, MNT_DETACH); /* the namespace goes with us anyway */
    return rmdir(place);
}

static struct writer_config config_in(char path[256], const char *folder)
{
    assert_in_range(snprintf(path, 256, "%s/%s", place, folder), 1, 255);
    return (struct writer_config){.ledger = path,
                                  .queues = 1,
                                  .queue_bytes = 2u * QUEUE_ENTRY_BYTES_MAX,
                                  .segment_records = 1000000,
                                  .segment_bytes = 1u << 30,
                                  .rejects_bytes_max = 1u << 20,
                                  .derived = {.dedupe_max = 1000, .watched_max = 1000},
                                  .blobs = {.window = 1000, .pack_bytes = 4000}};
}

static void open_core(const struct writer_config *config, enum backend_kind io)
{
    struct writer_error error;

    assert_int_equal(backend_open(io, 0, &backend), 0);
    assert_int_equal(queue_open(config->queue_bytes, &queue), 0);
    if (writer_core_open(&core, config, backend, &queue, &error) < 0)
        fail_msg("%s", error.text);
}

static void close_core(void)
{
    writer_core_close(&core);
    queue = queue_close(queue);
    backend = backend_close(backend);
}

static void step(void)
{
    (void)writer_core_gather(&core);
    writer_core_turn(&core, 100000000);
}

struct tally {
    unsigned records, gaps, waits; /* gaps: of a full disk; waits: of no descriptor */
};

static void count(void *context, const char *line, size_t len, uint64_t seq)
{
    struct tally *tally = context;
    unsigned lane, number;

    (void)seq;
    tally->gaps += memmem(line, len, "\"disk_full\",\"intake\":\"crawl\"", 28) != NULL;
    tally->waits += memmem(line, len, "\"cause\":\"no_descriptor\"", 23) != NULL;
    if (!rig_read(line, len, &lane, &number))
        return;
    assert_int_equal(number, tally->records);
    tally->records++;
}

static void a_full_tmpfs_is_waited_out_on(enum backend_kind io)
{
    char path[256];
    struct tally tally = {0};
    unsigned put = 0, turns = 0;

    if (!mounted)
        skip();
    struct writer_config config = config_in(path, "full");
    open_core(&config, io);
    while (!core.waits[JOURNAL_COMMON].on) {
        assert_true(turns++ < TURNS_MAX);
        for (unsigned i = 0; i < 50; i++)
            put += rig_put_record(queue, 0, put, 8000);
        step();
    }
    while (core.in_flight)
        step();
    uint64_t durable = queue_durable(queue);
    for (unsigned i = 0; i < 3; i++)
        step();
    assert_int_equal(queue_durable(queue), durable);
    assert_int_equal(core.counts.failed, 0);
    assert_int_equal(rig_shell(place, "mount -o remount,size=64m $PWD"), 0);
    while (!writer_core_idle(&core)) {
        assert_true(turns++ < TURNS_MAX);
        step();
    }
    assert_int_equal(queue_durable(queue), queue_put_position(queue));
    for (unsigned i = 0; core.waits[JOURNAL_COMMON].gap_due || !writer_core_idle(&core); i++) {
        assert_true(i < TURNS_MAX);
        step();
    }
    close_core();
    (void)rig_read_feed(path, count, &tally);
    assert_int_equal(tally.records, put);
    assert_int_equal(tally.gaps, 1);
    rig_remove(path);
    assert_int_equal(rig_shell(place, "mount -o remount,size=24m $PWD"), 0);
}

static void a_full_tmpfs_is_waited_out_on_uring(void **state)
{
    (void)state;
    a_full_tmpfs_is_waited_out_on(BACKEND_URING);
}

static void a_full_tmpfs_is_waited_out_on_poll(void **state)
{
    (void)state;
    a_full_tmpfs_is_waited_out_on(BACKEND_POLL);
}

/* The next segment cannot be opened: that is no full disk, and neither the counters nor the record
   say so. */
static void without_a_descriptor_it_waits_and_says_why(void **state)
{
    char path[256];
    struct rlimit limit, none;
    struct tally tally = {0};
    unsigned put = 0, turns = 0;

    (void)state;
    if (!mounted)
        skip();
    struct writer_config config = config_in(path, "descriptors");
    config.segment_records = 20;
    open_core(&config, BACKEND_POLL);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    while (!core.waits[JOURNAL_COMMON].on && turns++ < TURNS_MAX) {
        put += rig_put_record(queue, 0, put, 100);
        step();
    }
    int wait_error = core.counts.wait_error, failed = core.counts.failed;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(turns < TURNS_MAX);
    assert_int_equal(wait_error, -EMFILE);
    assert_int_equal(failed, 0);
    while (core.waits[JOURNAL_COMMON].on || core.waits[JOURNAL_COMMON].gap_due ||
           !writer_core_idle(&core)) {
        assert_true(turns++ < TURNS_MAX);
        step();
    }
    assert_int_equal(core.counts.wait_error, 0);
    assert_int_equal(queue_durable(queue), queue_put_position(queue));
    close_core();
    (void)rig_read_feed(path, count, &tally);
    assert_int_equal(tally.records, put);
    assert_int_equal(tally.gaps, 0);
    assert_int_equal(tally.waits, 1);
    rig_remove(path);
}

/* ext4 believes in 64 MiB, the tmpfs below it has 24: the write goes into the page cache and
   succeeds, the sync fails, and a second sync would succeed and lie. */
static void after_a_real_failed_sync_no_position_moves_on(enum backend_kind io)
{
    char path[256];
    unsigned put = 0, turns = 0;

    if (!mounted)
        skip();
    if (rig_shell(place,
                  "truncate -s 64M disk.img && mkfs.ext4 -q -O ^has_journal disk.img "
                  "2>/dev/null && mkdir -p ext4 && mount -o loop disk.img ext4 2>/dev/null") != 0) {
        print_message("skipped: no ext4 on a loop device here\n");
        assert_int_equal(rig_shell(place, "rm -rf disk.img ext4"), 0);
        skip();
    }
    struct writer_config config = config_in(path, "ext4/ledger");
    open_core(&config, io);
    while (core.counts.failed == 0) {
        assert_true(turns++ < TURNS_MAX);
        for (unsigned i = 0; i < 50; i++)
            put += rig_put_record(queue, 0, put, 8000);
        step();
    }
    uint64_t durable = queue_durable(queue), seq = core.counts.durable_seq;
    assert_true(durable > 0);
    assert_true(durable < queue_put_position(queue));
    for (unsigned i = 0; i < 20; i++)
        step();
    assert_int_equal(queue_durable(queue), durable);
    assert_int_equal(core.counts.durable_seq, seq);
    assert_true(core.counts.failed == -EIO || core.counts.failed == -ENOSPC);
    close_core();
    assert_int_equal(rig_shell(place, "umount ext4; rm -r ext4 disk.img"), 0);
}

static void after_a_real_failed_sync_no_position_moves_on_uring(void **state)
{
    (void)state;
    after_a_real_failed_sync_no_position_moves_on(BACKEND_URING);
}

static void after_a_real_failed_sync_no_position_moves_on_poll(void **state)
{
    (void)state;
    after_a_real_failed_sync_no_position_moves_on(BACKEND_POLL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_tmpfs_is_waited_out_on_uring),
        cmocka_unit_test(a_full_tmpfs_is_waited_out_on_poll),
        cmocka_unit_test(without_a_descriptor_it_waits_and_says_why),
        cmocka_unit_test(after_a_real_failed_sync_no_position_moves_on_uring),
        cmocka_unit_test(after_a_real_failed_sync_no_position_moves_on_poll),
    };
    return cmocka_run_group_tests(tests, mount_tmpfs, unmount_tmpfs);
}
