/*
 * Blobs into packs. Knows the queue's bytes and the format of packs (pack.c); knows no record.
 *
 * A batch with new blobs is made durable in two steps: its blobs, then its lines (writer_batch.c).
 * So every record that is on disk names bytes that are; a crash between the two leaves blobs that
 * no record names, which are kept and found again in the window.
 */
#include "daemon/writer_blobs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/little_endian.h"
#include "daemon/log.h"
#include "daemon/writer_core.h"
#include "daemon/writer_replay.h"
#include "io/segment.h"
#include "io/whole.h"

#define RESTORE_TURNS_MAX 100u /* of one second */

#define ADVICE "restore the file from a copy, or move blobs/ aside"

/* The window's names are the first half of the blobs' own (fingerprint.h on what that is worth). */
static struct fingerprint name_of(const uint8_t sha256[DIGEST_BYTES])
{
    return (struct fingerprint){{little_endian_get_u64(sha256), little_endian_get_u64(sha256 + 8)}};
}

/* One pack from front to back. */
struct pack_reader {
    struct writer_window window;
    struct pack_walk walk;
    uint64_t limit;        /* number that the next pack begins with, or UINT64_MAX */
    uint64_t checked_from; /* bytes of blobs that end past it are checked too */
};

/* Takes the whole frames at the front of the window. Returns how many bytes they are. */
static size_t take_frames(struct writer_blobs *blobs, struct pack_reader *reader)
{
    const uint8_t *bytes = (const uint8_t *)reader->window.bytes, *blob;
    size_t taken = 0;

    for (;;) {
        struct pack_walk before = reader->walk;
        struct pack_frame frame;
        size_t now =
            pack_walk_next(&reader->walk, bytes + taken, reader->window.len - taken, &frame);
        if (now == 0)
            return taken;
        enum pack_fault fault = frame.number >= reader->limit ? PACK_BAD_NUMBER
                                : reader->walk.end <= reader->checked_from
                                    ? PACK_OK
                                    : pack_decode(blobs->coder, &frame, &blob);
        if (fault == PACK_BAD_NUMBER || fault == PACK_BAD_BYTES) {
            reader->walk = before;
            reader->walk.fault = fault;
            return taken;
        }
        const struct fingerprint name = name_of(frame.sha256);
        dedupe_add(blobs->window, &name, frame.number);
        taken += now;
    }
}

/* 0 or -errno; what is wrong with the pack is in reader->walk. */
static int read_pack(struct writer_blobs *blobs, uint64_t first, struct pack_reader *reader)
{
    size_t taken = 0;
    int more = 1;

    reader->walk = pack_walk_begin(first);
    reader->window = (struct writer_window){
        .journal = blobs->packs, .first = first, .bytes = reader->window.bytes};
    while (more > 0 && reader->walk.fault == PACK_OK) {
        more = writer_window_move(&reader->window, taken);
        taken = more < 0 ? 0 : take_frames(blobs, reader);
    }
    pack_walk_finish(&reader->walk, reader->window.len - taken);
    return more < 0 ? more : 0;
}

/* What the last pack's bytes past its last good blob are. */
static int judge_last(struct writer_blobs *blobs, const struct journal_segment *last,
                      const struct pack_walk *walk, uint64_t durable_end,
                      struct writer_error *reterr_error)
{
    if (walk->number < blobs->next) /* of the durable position */
        return writer_error_set(reterr_error, -EBADMSG,
                                "blobs/: packs with blobs %" PRIu64 " to %" PRIu64
                                " are gone: " ADVICE,
                                walk->number, blobs->next - 1);
    blobs->next = walk->number;
    if (walk->end < durable_end || last->bytes - walk->end > JOURNAL_BATCH_BYTES_MAX)
        return writer_error_set(reterr_error, -EBADMSG,
                                "blobs/%020" PRIu64 ".pack byte %" PRIu64
                                ": %s where durable blobs were: " ADVICE,
                                last->first, walk->end, pack_fault_text(walk->fault));
    blobs->torn = walk->end < last->bytes;
    blobs->torn_from = walk->end;
    return 0;
}

/* The packs whose blobs the window has room for, and the last one in any case. */
static int read_packs(struct writer_core *core, const struct position *durable, char *bytes,
                      struct writer_error *reterr_error)
{
    struct writer_blobs *blobs = &core->blobs;
    size_t count;
    const struct journal_segment *packs = journal_segments(blobs->packs, &count);

    blobs->next = durable->seq; /* packs that were moved aside leave their numbers behind */
    const uint64_t begin = count > 0 ? packs[0].first : blobs->next;
    if (begin > 0)
        log_write(LOG_LEVEL_WARNING,
                  "blobs/ has no pack with the first %" PRIu64
                  " blobs (noticectl verify names each record whose bytes are missing), going on",
                  begin);
    for (size_t i = count; i > 0 && blobs->ends_count < WRITER_BLOBS_ENDS; i--)
        blobs->ends[blobs->ends_count++] = packs[i - 1].first;
    for (size_t i = 0; i < count; i++) {
        const bool last = i + 1 == count;
        if (!last && packs[i + 1].first + core->config->blobs.window < packs[count - 1].first)
            continue;
        struct pack_reader reader = {.window.bytes = bytes,
                                     .limit = last ? UINT64_MAX : packs[i + 1].first,
                                     .checked_from = UINT64_MAX};
        if (last)
            reader.checked_from = durable->first == packs[i].first ? durable->end : 0;
        int error = read_pack(blobs, packs[i].first, &reader);
        if (error < 0)
            return writer_error_set(reterr_error, error,
                                    "cannot read blobs/%020" PRIu64 ".pack: %s", packs[i].first,
                                    strerrordesc_np(-error));
        if (last)
            return judge_last(blobs, &packs[i], &reader.walk, reader.checked_from, reterr_error);
        if (reader.walk.fault != PACK_OK || reader.walk.number != packs[i + 1].first)
            log_write(LOG_LEVEL_WARNING,
                      "blobs/%020" PRIu64 ".pack is damaged at byte %" PRIu64
                      " (noticectl verify says more), going on",
                      packs[i].first, reader.walk.end);
    }
    return 0;
}

int writer_blobs_open(struct writer_core *core, struct writer_error *reterr_error)
{
    struct writer_blobs *blobs = &core->blobs;
    struct position durable = {.first = UINT64_MAX};
    bool known = false;
    char *bytes = malloc(WRITER_WINDOW_BYTES);

    blobs->coder = pack_coder_open();
    int error = dedupe_open(core->config->blobs.window, &blobs->window);
    if (error < 0 || blobs->coder == NULL || bytes == NULL) {
        free(bytes);
        return writer_error_set(reterr_error, -ENOMEM,
                                "no memory for the window of blobs "
                                "(blobs.window)");
    }
    error = durable_store_open(&blobs->durable, core->backend, core->dir_fd, WRITER_BLOBS_NAME,
                               &known, &durable);
    if (error < 0)
        (void)writer_error_set(reterr_error, error, "cannot open state/" WRITER_BLOBS_NAME ": %s",
                               strerrordesc_np(-error));
    else
        error = read_packs(core, &durable, bytes, reterr_error);
    free(bytes);
    blobs->flight_next = blobs->next;
    return error;
}

int writer_blobs_cut(struct writer_core *core, struct writer_error *reterr_error)
{
    struct writer_blobs *blobs = &core->blobs;
    int error = blobs->torn ? journal_cut_tail(blobs->packs, WRITER_TORN_DIR, blobs->torn_from) : 0;

    if (error < 0)
        return writer_error_set(reterr_error, error,
                                "cannot set the torn end of the last pack in blobs/ aside: %s",
                                strerrordesc_np(-error));
    if (blobs->torn)
        log_write(LOG_LEVEL_INFO, "the end of the last pack in blobs/ is torn: set aside in torn/");
    return 0;
}

struct restoring {
    struct writer_core *core;
    int torn_fd;
    uint8_t *bytes;
    bool no_room;
};

/* Whether one more blob may be gathered; what was before is made durable when that takes it. */
static bool make_room(struct writer_core *core)
{
    if (!writer_blobs_are_ready(core, JOURNAL_COMMON)) {
        writer_commit(core);
        for (unsigned i = 0; i < RESTORE_TURNS_MAX && core->in_flight && !writer_has_failed(core) &&
                             !journal_waiting(core->blobs.packs, JOURNAL_COMMON);
             i++)
            writer_core_turn(core, WRITER_IDLE_NS);
    }
    return writer_blobs_are_ready(core, JOURNAL_COMMON);
}

static void restore_blobs(struct restoring *restoring, size_t len)
{
    struct writer_core *core = restoring->core;
    const uint8_t *bytes = restoring->bytes, *blob;
    struct pack_frame frame;

    /* Its head tells where the next one is, but that of a torn one may be gone. */
    for (size_t at = 0; at + PACK_HEAD_BYTES < len && !restoring->no_room; at++) {
        if (!pack_frame_read(bytes + at, len - at, &frame) ||
            pack_decode(core->blobs.coder, &frame, &blob) != PACK_OK)
            continue;
        restoring->no_room = !make_room(core);
        if (!restoring->no_room)
            writer_blobs_put(core, frame.sha256, blob, frame.blob_len);
        at += PACK_HEAD_BYTES + frame.stored_len - 1;
    }
}

/* One name in torn/. */
static int restore_from(void *context, const char *name)
{
    struct restoring *restoring = context;
    struct backend *backend = restoring->core->backend;
    const struct writer_blobs *blobs = &restoring->core->blobs;
    char begins[SEGMENT_TORN_BYTES];
    bool ours = false;

    for (size_t i = 0; i < blobs->ends_count; i++) {
        int len = snprintf(begins, sizeof(begins), PACK_FOLDER ".%020" PRIu64 ".", blobs->ends[i]);
        ours = ours || strncmp(name, begins, (size_t)len) == 0;
    }
    int fd = ours ? backend->ops->open(backend, restoring->torn_fd, name, O_RDONLY, 0) : -ENOENT;
    if (!ours || fd == -ENOENT)
        return 0;
    ssize_t len =
        fd < 0 ? fd : whole_read(backend, fd, restoring->bytes, JOURNAL_BATCH_BYTES_MAX, 0);
    if (fd >= 0)
        (void)backend->ops->close_fd(backend, fd); /* only read from */
    if (len >= 0)
        restore_blobs(restoring, (size_t)len);
    else
        log_write(LOG_LEVEL_WARNING, "cannot read " WRITER_TORN_DIR "/%s: %s, going on", name,
                  strerrordesc_np((int)-len));
    return 0;
}

void writer_blobs_restore(struct writer_core *core)
{
    struct backend *backend = core->backend;
    struct restoring restoring = {.core = core};
    const uint64_t before = core->blobs.next;

    restoring.torn_fd =
        backend->ops->open(backend, core->dir_fd, WRITER_TORN_DIR, O_RDONLY | O_DIRECTORY, 0);
    if (restoring.torn_fd == -ENOENT)
        return;
    restoring.bytes = malloc(JOURNAL_BATCH_BYTES_MAX);
    int error = restoring.torn_fd < 0 ? restoring.torn_fd : restoring.bytes == NULL ? -ENOMEM : 0;
    if (error == 0)
        error = backend->ops->list(backend, restoring.torn_fd, restore_from, &restoring);
    free(restoring.bytes);
    if (restoring.torn_fd >= 0)
        (void)backend->ops->close_fd(backend, restoring.torn_fd); /* a folder */
    if (error < 0)
        log_write(LOG_LEVEL_WARNING, "cannot read " WRITER_TORN_DIR "/: %s, going on",
                  strerrordesc_np(-error));
    if (restoring.no_room)
        log_write(LOG_LEVEL_WARNING, "no space for whole blobs of a torn end of a pack in blobs/: "
                                     "they are in torn/ only, until the next start, going on");
    else if (core->blobs.next > before)
        log_write(LOG_LEVEL_INFO, "whole blobs of a torn end of a pack are stored again");
}

void writer_blobs_put(struct writer_core *core, const uint8_t sha256[DIGEST_BYTES],
                      const void *bytes, size_t len)
{
    struct writer_blobs *blobs = &core->blobs;
    const struct fingerprint name = name_of(sha256);
    struct dedupe_entry entry;

    const struct custody_entry *custody = custody_find(core->derived.custody, sha256);
    if (custody != NULL && custody->erased_by != RECORD_NO_SEQ)
        return; /* what was erased stays so, and the erase record says why it is not there */
    if (dedupe_find(blobs->window, &name, &entry))
        return; /* it may be in flight: then so is the batch that names it, or it is an earlier one
                 */
    size_t frame = pack_encode(blobs->coder, blobs->next, bytes, len, sha256, blobs->frame);
    int error = journal_append(blobs->packs, blobs->frame, frame);
    if (error < 0) {
        writer_fail(core, error);
        return;
    }
    dedupe_add(blobs->window, &name, blobs->next++);
}

void writer_blobs_durable(struct writer_core *core)
{
    struct writer_blobs *blobs = &core->blobs;
    const struct position position = {.seq = blobs->flight_next,
                                      .first = journal_first(blobs->packs),
                                      .end = journal_end(blobs->packs)};

    /* On an error a start checks more of the last pack. */
    if (durable_store_put(&blobs->durable, &position) < 0)
        atomic_fetch_add_explicit(&core->counts.state_errors, 1, memory_order_relaxed);
}

void writer_blobs_close(struct writer_core *core)
{
    struct writer_blobs *blobs = &core->blobs;

    blobs->window = dedupe_close(blobs->window);
    blobs->coder = pack_coder_close(blobs->coder);
}
