/*
 * The records that the writer makes itself, and the one way of any record into the feed.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/digest.h"
#include "daemon/ledger/text.h"
#include "daemon/log.h"
#include "daemon/time_text.h"
#include "daemon/writer_core.h"
#include "io/segment.h"
#include "io/whole.h"

/* As writer_append, at a time that the body names too. */
static void append_at(struct writer_core *core, struct writer_lane *lane,
                      const struct record_draft *draft, const struct derived_about *about,
                      struct backend_time time)
{
    struct record_head head = {.seq = core->next_seq,
                               .clk = core->clock_seq,
                               .run = core->run,
                               .wall_ns = time.wall_ns,
                               .boot_ns = time.boot_ns,
                               .previous = lane == NULL ? RECORD_NO_SEQ : lane->gathered_seq};
    if (draft->kind == RECORD_CLOCK)
        head.clk = head.seq;

    size_t len = record_encode(&head, draft, core->line, sizeof(core->line));
    if (len == 0) {
        writer_fail(core, -EMSGSIZE);
        return;
    }
    int error = journal_append(core->feed, core->line, len);
    if (error < 0) {
        writer_fail(core, error);
        return;
    }
    writer_seal_line(core, &head, draft->kind, core->line, len - 1);
    writer_derive(core, &head, draft->kind, about, len - 1);
    writer_owner_line(core, draft->kind, core->line, len - 1);
    core->last = head;
    if (lane != NULL)
        lane->gathered_seq = head.seq;
    core->stopped = core->stopped || draft->kind == RECORD_STOP;
    core->next_seq++;
    core->clock_seq = head.clk;
    atomic_store_explicit(&core->counts.next_seq, core->next_seq, memory_order_relaxed);
    atomic_fetch_add_explicit(&core->counts.records, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&core->counts.feed_bytes, len, memory_order_relaxed);
}

void writer_append(struct writer_core *core, unsigned lane, const struct record_draft *draft,
                   const struct derived_about *about)
{
    append_at(core, &core->lanes[lane], draft, about, clock_now(&core->clock));
}

static void append_own(struct writer_core *core, enum record_kind kind, const struct text *body,
                       struct backend_time time)
{
    struct record_draft draft = {.kind = kind, .body = body->at, .len = body->len};

    if (body->overflow)
        writer_fail(core, -EMSGSIZE);
    else
        append_at(core, NULL, &draft, NULL, time);
}

/* Who signs this log, and the checkpoint that the run begins behind. */
static void append_signer(const struct writer_core *core, struct text *text)
{
    const struct writer_seal *seal = &core->seal;
    char vkey[NOTE_KEY_TEXT_BYTES_MAX];

    if (seal->config == NULL) {
        text_literal(text, ",\"origin\":null,\"vkey\":null");
    } else {
        (void)note_key_format(&seal->key, vkey); /* it ends with a NUL */
        text_member_string(text, "origin", seal->key.name);
        text_member_string(text, "vkey", vkey);
    }
    if (seal->has_signed) {
        text_member_u64(text, "prev_size", seal->signed_size);
        text_member_sha256(text, "prev_root", seal->signed_root.bytes);
    } else {
        text_literal(text, ",\"prev_size\":null,\"prev_root\":null");
    }
    if (seal->has_sealed)
        text_member_u64(text, "sealed_size", seal->sealed_size);
    else
        text_literal(text, ",\"sealed_size\":null");
}

void writer_append_start(struct writer_core *core, const struct writer_found *found)
{
    char body[RECORD_BODY_BYTES_MAX];
    struct text text = text_into(body, sizeof(body));

    text_raw(&text, core->config->start_body, core->config->start_body_len);
    text_member_string(&text, "io", core->backend->ops->name);
    text_member_bool(&text, "unclean", found->any && found->last_kind != RECORD_STOP);
    if (found->any)
        text_member_time(&text, "last_seq_t", found->last.wall_ns);
    else
        text_literal(&text, ",\"last_seq_t\":null");
    append_signer(core, &text);
    text_literal(&text, "}");
    core->run = core->next_seq;
    atomic_store_explicit(&core->counts.run, core->run, memory_order_relaxed);
    append_own(core, RECORD_START, &text, clock_now(&core->clock));
}

/* Hashes a file of torn/, which is at most one batch long. false when it is not there, or cannot be
   read: then the file itself is all that tells of it. */
static bool hash_torn(struct writer_core *core, int torn_fd, const char *name, uint64_t *ret_bytes,
                      uint8_t ret_digest[DIGEST_BYTES])
{
    struct backend *backend = core->backend;
    int fd = backend->ops->open(backend, torn_fd, name, O_RDONLY, 0);
    if (fd < 0)
        return false;
    char *bytes = malloc(JOURNAL_BATCH_BYTES_MAX);
    ssize_t len =
        bytes == NULL ? -ENOMEM : whole_read(backend, fd, bytes, JOURNAL_BATCH_BYTES_MAX, 0);
    if (len >= 0)
        digest_sha256(bytes, (size_t)len, ret_digest);
    free(bytes);
    (void)backend->ops->close_fd(backend, fd); /* only read from */
    *ret_bytes = len < 0 ? 0 : (uint64_t)len;
    return len >= 0;
}

/* A gap for each tail that was set aside where a file's valid part ends, from this turn on. Those
   of this start are among them, and those of a start that did not live to record them: once a gap
   is recorded, the feed ends further on, and the log of checkpoints with the next of them. Dead
   letters may end at the same place in several crashes; but they are cut only when the gap is
   durable, so that earlier turns have theirs. */
static void append_torn(struct writer_core *core, const struct writer_found *found,
                        const struct segment_tail *tail, unsigned turn)
{
    struct backend *backend = core->backend;
    int torn_fd =
        backend->ops->open(backend, core->dir_fd, WRITER_TORN_DIR, O_RDONLY | O_DIRECTORY, 0);

    for (; turn < SEGMENT_TURNS_MAX && torn_fd >= 0; turn++) {
        char name[SEGMENT_TORN_BYTES], body[1024];
        uint8_t digest[DIGEST_BYTES];
        uint64_t bytes;
        struct text text = text_into(body, sizeof(body));
        segment_torn_name(tail, turn, name);
        if (!hash_torn(core, torn_fd, name, &bytes, digest))
            break;
        if (found->any)
            text_member_time(&text, "from_t", found->last.wall_ns);
        text_member_u64(&text, "from_seq", found->next_seq);
        text_member_string(&text, "cause", "torn");
        text_member_sha256(&text, "sha256", digest);
        text_member_u64(&text, "bytes", bytes);
        text_member_string(&text, "file", name);
        text_literal(&text, "}");
        append_own(core, RECORD_GAP, &text, clock_now(&core->clock));
    }
    if (torn_fd >= 0)
        (void)backend->ops->close_fd(backend, torn_fd); /* only read from */
}

/* Whole lines past the stored durable end: after a kill, records that nobody was told of; after a
   power loss the stored end may lag, and some of them were acknowledged. They are synced by now and
   stay. The stored end moves with this gap: a start that dies before leaves them to the next one.
 */
static void append_kept(struct writer_core *core, const struct writer_found *found)
{
    char body[256];
    struct text text = text_into(body, sizeof(body));

    if (found->kept == 0)
        return;
    text_member_time(&text, "to_t", found->last.wall_ns);
    text_member_u64(&text, "from_seq", found->next_seq - found->kept);
    text_member_string(&text, "cause", "recovered");
    text_member_u64(&text, "count", found->kept);
    text_literal(&text, "}");
    append_own(core, RECORD_GAP, &text, clock_now(&core->clock));
}

void writer_append_gaps(struct writer_core *core, const struct writer_found *found)
{
    char body[1024];
    struct text text = text_into(body, sizeof(body));
    const struct segment_tail feed = {.journal = "feed", .first = found->first, .end = found->end},
                              log = {.journal = WRITER_SEAL_LOG,
                                     .first = core->seal.found_size,
                                     .end = core->seal.log_end},
                              rejects = {.journal = "rejects",
                                         .first = found->rejects_first,
                                         .end = found->rejects_end};

    append_kept(core, found);
    append_torn(core, found, &feed, 0);
    append_torn(core, found, &log, 0);
    if (found->rejects_torn)
        append_torn(core, found, &rejects, found->rejects_turn);
    if (!found->any || found->last_kind == RECORD_STOP)
        return;
    /* Not before: b must not decrease from one record to the next. */
    struct backend_time now = clock_now(&core->clock);
    text_member_time(&text, "from_t", found->last.wall_ns);
    text_member_time(&text, "to_t", now.wall_ns);
    text_member_u64(&text, "from_seq", found->next_seq);
    text_member_string(&text, "cause", "crash");
    text_literal(&text, "}");
    append_own(core, RECORD_GAP, &text, now);
}

void writer_append_clock(struct writer_core *core, enum clock_cause cause)
{
    char body[CLOCK_BODY_BYTES_MAX];
    size_t len = clock_body(&core->clock, cause, body, sizeof(body));
    struct text text = {.at = body, .room = sizeof(body), .len = len};

    append_own(core, RECORD_CLOCK, &text, clock_now(&core->clock));
    if (!clock_synced(&core->clock) && (cause == CLOCK_START || cause == CLOCK_SYNC_CHANGE))
        log_write(
            LOG_LEVEL_WARNING,
            "the kernel does not call its clock synchronised: times in the record may be wrong, "
            "and each clock record says so; run chrony or systemd-timesyncd (timedatectl), "
            "going on");
    atomic_store_explicit(&core->counts.clock_seq, core->clock_seq, memory_order_relaxed);
    atomic_store_explicit(&core->counts.synced, clock_synced(&core->clock), memory_order_relaxed);
}

static void append_wait(struct writer_core *core, enum journal_share share)
{
    struct writer_wait *wait = &core->waits[share];
    char body[1024];
    struct text text = text_into(body, sizeof(body));
    struct backend_time now = clock_now(&core->clock);

    text_member_time(&text, "from_t", wait->since.wall_ns);
    text_member_time(&text, "to_t", now.wall_ns);
    text_member_u64(&text, "from_seq", wait->seq);
    text_member_string(&text, "cause", wait->was_full ? "disk_full" : "no_descriptor");
    text_member_string(&text, "intake", share == JOURNAL_COMMON ? "crawl" : "all");
    text_member_u64(&text, "count", wait->count);
    text_member_u64(&text, "connections", wait->connections);
    text_key(&text, "ns");
    text_u64_string(&text, now.boot_ns - wait->since.boot_ns);
    text_literal(&text, "}");
    append_own(core, RECORD_GAP, &text, now);
    wait->gap_due = false;
}

void writer_append_waits(struct writer_core *core)
{
    for (unsigned share = 0; share < JOURNAL_SHARES; share++)
        if (core->waits[share].gap_due && !core->waits[share].on)
            append_wait(core, (enum journal_share)share);
}
