/*
 * Lives of a writer, and what must hold of its ledger.
 */
#include "tests/fakes/writer_trial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/shape.h"
#include "io/segment.h"
#include "tests/fakes/ledger_rig.h"
#include "tests/fakes/test.h"

#define READ_MAX  (1u << 20)
#define TURNS_MAX 20000u

#define TRIAL_TEXTS     60u
#define TRIAL_BLOBS_MAX 1000u

struct writer_core trial_core;
static char bytes[READ_MAX];
static uint8_t stored[TRIAL_BLOBS_MAX][DIGEST_BYTES];

const struct writer_config trial_config = {.ledger = "ledger",
                                           .queues = TRIAL_QUEUES,
                                           .queue_bytes = 2u * QUEUE_ENTRY_BYTES_MAX,
                                           .segment_records = 17,
                                           .segment_bytes = 1u << 20,
                                           .rejects_bytes_max = 1u << 20,
                                           .derived = {.dedupe_max = 1000, .watched_max = 1000},
                                           .blobs = {.window = 1000, .pack_bytes = 4000}};

static uint64_t next_random(struct trial *trial)
{
    trial->seed ^= trial->seed << 13;
    trial->seed ^= trial->seed >> 7;
    trial->seed ^= trial->seed << 17;
    return trial->seed;
}

/* What the lanes have been told when the machine ends: only that must be kept. */
void trial_note_durable(void *context)
{
    struct trial *trial = context;

    for (unsigned i = 0; i < TRIAL_QUEUES; i++) {
        struct trial_sent *sent = &trial->sent[trial->run * TRIAL_QUEUES + i];
        uint64_t durable = queue_durable(trial->queues[i]);
        sent->durable_records = 0;
        sent->durable_rejects = 0;
        for (unsigned n = 0; n < sent->records; n++)
            sent->durable_records += sent->record_at[n] <= durable;
        for (unsigned n = 0; n < sent->rejects; n++)
            sent->durable_rejects += sent->reject_at[n] <= durable;
    }
}

/* One of TRIAL_TEXTS blobs, or none: what is sent twice is stored once. */
static struct rig_blob draw_blob(struct trial *trial)
{
    static char text[4096];
    unsigned which = (unsigned)(next_random(trial) % (2 * TRIAL_TEXTS));
    int len = snprintf(text, sizeof(text), "blob %u", which);

    if (which >= TRIAL_TEXTS)
        return (struct rig_blob){text, 0};
    for (; len < (int)(which * 20); len++)
        text[len] = (char)('a' + len * (int)which % 23);
    return (struct rig_blob){text, (size_t)len};
}

/* As a record, or as an event of up to three. */
static void put_one(struct trial *trial, unsigned index)
{
    unsigned lane = trial->run * TRIAL_QUEUES + index, count = 1;
    struct trial_sent *sent = &trial->sent[lane];
    struct queue *queue = trial->queues[index];
    size_t filler = next_random(trial) % 1500;

    if (!trial->fills || index == 0) {
        assert_true(rig_put_blob(queue, lane, sent->records, filler, draw_blob(trial)));
    } else {
        count += (unsigned)(next_random(trial) % 3);
        count =
            count < TRIAL_LANE_RECORDS - sent->records ? count : TRIAL_LANE_RECORDS - sent->records;
        assert_true(rig_put_event(queue, lane, sent->records, count, filler));
    }
    while (count-- > 0)
        sent->record_at[sent->records++] = queue_put_position(queue);
}

static void put_some(struct trial *trial)
{
    for (unsigned i = 0; i < TRIAL_QUEUES; i++) {
        unsigned lane = trial->run * TRIAL_QUEUES + i;
        struct trial_sent *sent = &trial->sent[lane];
        unsigned burst = (unsigned)(next_random(trial) % 5);
        for (unsigned n = 0; n < burst && sent->records < TRIAL_LANE_RECORDS; n++)
            put_one(trial, i);
        if (burst == 1 && sent->rejects < TRIAL_LANE_RECORDS) {
            assert_true(rig_put_reject(trial->queues[i], lane * 1000 + sent->rejects, "[1,", 3,
                                       trial->fills || next_random(trial) % 2 == 0));
            sent->reject_at[sent->rejects++] = queue_put_position(trial->queues[i]);
        }
    }
}

static bool has_more(const struct trial *trial)
{
    return trial->sent[trial->run * TRIAL_QUEUES].records < TRIAL_LANE_RECORDS ||
           trial->sent[trial->run * TRIAL_QUEUES + 1].records < TRIAL_LANE_RECORDS;
}

static bool has_failed(void)
{
    return atomic_load_explicit(&trial_core.counts.failed, memory_order_relaxed) != 0;
}

/* The disk fills up and is emptied. */
static void move_disk(struct trial *trial)
{
    static const uint64_t free[] = {0, 6000, 40000, UINT64_MAX};

    if (!has_more(trial))
        backend_sim_set_free(trial->rig.backend, UINT64_MAX);
    else if (next_random(trial) % 3 == 0)
        backend_sim_set_free(trial->rig.backend, free[next_random(trial) % 4]);
}

int trial_live(struct trial *trial, bool stop)
{
    static struct writer_config config;
    struct writer_error error = {0};
    struct crash_rig *rig = &trial->rig;

    config = trial_config;
    config.seal = trial->sealer != NULL ? &trial->sealer->config : NULL;
    config.urgent_queues = trial->fills ? 1 : 0;
    config.reserve_bytes = trial->fills ? TRIAL_RESERVE_BYTES : 0;

    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_int_equal(queue_open(trial_config.queue_bytes, &trial->queues[i]), 0);
    int opened = writer_core_open(&trial_core, &config, rig->backend, trial->queues, &error);
    if (opened < 0)
        assert_true(strlen(error.text) > 0);
    if (opened == 0) {
        unsigned turns = 0;
        while (rig->after == NULL && !has_failed() &&
               (has_more(trial) || stop || !writer_core_idle(&trial_core) ||
                (trial->sealer != NULL && !writer_seal_settled(&trial_core)))) {
            assert_true(turns++ < TURNS_MAX);
            put_some(trial);
            if (trial->fills)
                move_disk(trial);
            if (stop && !has_more(trial) && writer_core_idle(&trial_core)) {
                rig_put_stop(trial->queues[0]);
                stop = false;
            }
            (void)writer_core_gather(&trial_core);
            writer_core_turn(&trial_core, trial->fills ? 100000000 : 1000000);
            if (trial->sealer != NULL && rig->after == NULL)
                seal_fake_deliver(trial->sealer);
        }
        if (rig->after == NULL)
            trial_note_durable(trial);
        writer_core_close(&trial_core);
        opened = atomic_load_explicit(&trial_core.counts.failed, memory_order_relaxed);
    }
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        trial->queues[i] = queue_close(trial->queues[i]);
    trial->run++;
    return rig->after != NULL ? 1 : opened;
}

static size_t read_segment(struct backend *backend, int folder_fd, const char *suffix,
                           uint64_t first)
{
    int fd = segment_open(backend, folder_fd, suffix, first, false);
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

/* A gap that names a torn file is written after that file is durable. */
static void see_torn(struct trial *trial, const char *line, size_t len)
{
    struct backend *backend = trial->rig.backend;
    const char *at = memmem(line, len, ",\"cause\":\"torn\"", 15), *bytes_at, *file_at;
    char path[256];

    if (at == NULL)
        return;
    bytes_at = memmem(line, len, ",\"bytes\":", 9);
    file_at = memmem(line, len, ",\"file\":\"", 9);
    assert_non_null(bytes_at);
    assert_non_null(file_at);
    int file_len = (int)(line + len - 2 - (file_at + 9));
    (void)snprintf(path, sizeof(path), "ledger/torn/%.*s", file_len, file_at + 9);
    int fd = backend->ops->open(backend, AT_FDCWD, path, O_RDONLY, 0);
    assert_true(fd >= 0);
    assert_int_equal(backend->ops->size(backend, fd), strtoll(bytes_at + 9, NULL, 10));
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
}

/* What a record names is in the packs. */
static void see_named(struct trial_seen *seen, const char *line, size_t len)
{
    const char *at = memmem(line, len, ",\"blob\":\"sha256:", 16);
    char hex[2 * DIGEST_BYTES + 1];

    if (at == NULL)
        return;
    for (size_t i = 0; i < seen->blobs; i++) {
        digest_hex(stored[i], hex);
        if (memcmp(hex, at + 16, 2 * DIGEST_BYTES) == 0) {
            seen->named++;
            return;
        }
    }
    fail_msg("a record names a blob that is not stored: %.*s", (int)len, line);
}

/* Every pack, whole: all of it can be read, and no number is missing. */
static void see_packs(struct trial *trial, struct trial_seen *seen)
{
    static struct pack_coder *coder;
    struct backend *backend = trial->rig.backend;
    int folder_fd =
        backend->ops->open(backend, AT_FDCWD, "ledger/blobs", O_RDONLY | O_DIRECTORY, 0);
    uint64_t *firsts = NULL;
    size_t count = 0;
    struct pack_frame frame;
    const uint8_t *blob;

    coder = coder == NULL ? pack_coder_open() : coder;
    assert_true(folder_fd >= 0);
    assert_int_equal(segment_list(backend, folder_fd, PACK_SUFFIX, &firsts, &count), 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(firsts[i], seen->blobs);
        size_t len = read_segment(backend, folder_fd, PACK_SUFFIX, firsts[i]), at = 0, taken;
        struct pack_walk walk = pack_walk_begin(firsts[i]);
        while ((taken = pack_walk_next(&walk, (uint8_t *)bytes + at, len - at, &frame)) > 0) {
            assert_int_equal(pack_decode(coder, &frame, &blob), PACK_OK);
            assert_true(seen->blobs < TRIAL_BLOBS_MAX);
            memcpy(stored[seen->blobs++], frame.sha256, DIGEST_BYTES);
            at += taken;
        }
        assert_int_equal(at, len);
    }
    free(firsts);
    assert_int_equal(backend->ops->close_fd(backend, folder_fd), 0);
}

static void see_record(struct trial *trial, struct trial_seen *seen, const char *line, size_t len)
{
    struct record_head head;
    enum record_kind kind;
    unsigned lane, number;

    assert_int_equal(record_decode_head(line, len, &head, &kind), 0);
    assert_true(shape_is_object(line, len));
    assert_int_equal(head.seq, seen->lines);
    seen->lines++;
    see_torn(trial, line, len);
    see_named(seen, line, len);
    seen->torn_rejects += memmem(line, len, ",\"file\":\"rejects.", 17) != NULL;
    seen->full += memmem(line, len, ",\"cause\":\"disk_full\",\"intake\":\"crawl\"", 37) != NULL;
    seen->all_full += memmem(line, len, ",\"cause\":\"disk_full\",\"intake\":\"all\"", 35) != NULL;
    seen->clocks += kind == RECORD_CLOCK;
    if (!rig_read(line, len, &lane, &number))
        return;
    assert_true(lane < TRIAL_LANES_MAX);
    assert_int_equal(number, seen->records[lane]);
    seen->records[lane]++;
}

static void see_reject(struct trial *trial, struct trial_seen *seen, const char *line, size_t len)
{
    (void)trial;
    const char *at = memmem(line, len, ",\"line\":", 8);
    assert_non_null(at);
    unsigned long number = strtoul(at + 8, NULL, 10);
    assert_true(shape_is_object(line, len));
    assert_true(number / 1000 < TRIAL_LANES_MAX);
    assert_int_equal(number % 1000, seen->rejects[number / 1000]);
    seen->rejects[number / 1000]++;
}

/* Reads one folder of the ledger, in order. */
static void see_folder(struct trial *trial, const char *path, struct trial_seen *seen,
                       void (*see)(struct trial *, struct trial_seen *, const char *, size_t))
{
    struct backend *backend = trial->rig.backend;
    int folder_fd = backend->ops->open(backend, AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
    uint64_t *firsts = NULL;
    size_t count = 0;

    if (folder_fd < 0)
        return; /* nothing was durable yet */
    assert_int_equal(segment_list(backend, folder_fd, SEGMENT_LINES, &firsts, &count), 0);
    for (size_t i = 0; i < count; i++) {
        size_t len = read_segment(backend, folder_fd, SEGMENT_LINES, firsts[i]);
        for (size_t at = 0; at < len;) {
            const char *newline = memchr(bytes + at, '\n', len - at);
            assert_non_null(newline);
            see(trial, seen, bytes + at, (size_t)(newline - (bytes + at)));
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
struct trial_seen trial_check(struct trial *trial)
{
    struct trial_seen seen = {0};

    see_packs(trial, &seen);
    see_folder(trial, "ledger/feed", &seen, see_record);
    see_folder(trial, "ledger/rejects", &seen, see_reject);
    assert_in_range(seen.blobs, 0, TRIAL_TEXTS); /* none of them twice */
    for (unsigned lane = 0; lane < trial->run * TRIAL_QUEUES; lane++) {
        const struct trial_sent *sent = &trial->sent[lane];
        assert_in_range(seen.records[lane], sent->durable_records, sent->records);
        assert_in_range(seen.rejects[lane], sent->durable_rejects, sent->rejects);
    }
    return seen;
}

struct trial trial_begin(uint64_t seed, unsigned chaos)
{
    struct trial trial = {.seed = seed * 2654435761u + 1};

    assert_int_equal(backend_sim_open(seed, 0, &trial.rig.backend), 0);
    backend_sim_chaos(trial.rig.backend, chaos);
    return trial;
}
