/*
 * Verification. The records are hashed into a tree of their own, and everything stored is compared
 * with that: each tile when it is full, the partial ones at the signed size, the root of each
 * checkpoint when the tree has its size. So one pass suffices, and nothing stored is believed.
 *
 * What is bad when two things differ:
 *   1. The root at the signed size is the records': the records are what was signed. A tile that
 *      differs is bad.
 *   2. It is not, but the stored tiles prove another leaf hash to the signed root: that record is
 *      bad, and it is the first one.
 *   3. Neither: the tiles are followed from the signed root down to the first record that differs
 *      from them; the first tile that its parent does not confirm is bad. Where the tiles do not
 *      even give the root, or agree with the records, all that is known is that the root differs,
 *      and up to which earlier checkpoint (matched_size) it did not.
 * A line that is no record, or out of its turn, ends the pass: it is the first bad thing. One that
 * does not fit its run does not: the record before it may be the one that was changed, and 2 tells.
 *
 * What it cannot show by itself: that this is the newest state of the ledger and the only one
 * (--min-size, --compare, witnesses and anchors can), that what was never appended happened, and
 * when: order is seq, times are the host's. Without a key from elsewhere, that anybody signed.
 */
#include "daemon/ledger/verify.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ledger/verify_anchor.h"
#include "daemon/ledger/verify_past.h"
#include "daemon/ledger/verify_tiles.h"

static const char *const fault_names[] = {
#define FAULT(symbol, name, meaning) [VERIFY_##symbol] = (name),
    VERIFY_FAULTS(FAULT)
#undef FAULT
};

static const char *const fault_texts[] = {
#define FAULT(symbol, name, meaning) [VERIFY_##symbol] = (meaning),
    VERIFY_FAULTS(FAULT)
#undef FAULT
};

const char *verify_fault_name(enum verify_fault fault)
{
    assert((unsigned)fault < VERIFY_FAULTS_COUNT);
    return fault_names[fault];
}

const char *verify_fault_text(enum verify_fault fault)
{
    assert((unsigned)fault < VERIFY_FAULTS_COUNT);
    return fault_texts[fault];
}

void verify_file_name(const struct verify_chunk *chunk, char ret_file[VERIFY_FILE_BYTES])
{
    struct tile_id id = {
        .level = TILE_LEVEL_ENTRIES, .width = chunk->width, .index = chunk->segment};

    if (chunk->bundle)
        tile_path(&id, ret_file);
    else
        (void)snprintf(ret_file, VERIFY_FILE_BYTES, "feed/%020" PRIu64 ".jsonl", chunk->segment);
}

void verify_fail(struct verify *verify, enum verify_fault fault, const char *file, uint64_t seq,
                 uint64_t offset)
{
    if (verify->damage.fault != VERIFY_OK)
        return;
    verify->damage = (struct verify_damage){.fault = fault, .seq = seq, .offset = offset};
    (void)snprintf(verify->damage.file, VERIFY_FILE_BYTES, "%s",
                   file); /* names of ours are short */
}

static void fail_checkpoint(struct verify *verify, const char *file, enum tlog_fault why,
                            uint64_t size)
{
    if (verify->damage.fault != VERIFY_OK)
        return;
    verify_fail(verify, VERIFY_BAD_CHECKPOINT, file, VERIFY_NO_SEQ, 0);
    verify->damage.why = why;
    verify->damage.size = size;
}

/* Opens a checkpoint as far as it can be without a key. */
static bool open_checkpoint(struct verify *verify, const char *file, const char *bytes, size_t len,
                            struct checkpoint *ret_checkpoint)
{
    const struct note_key *key = verify->config.key;
    enum tlog_fault fault;

    if (key != NULL) {
        fault = checkpoint_open(bytes, len, key, &verify->note, ret_checkpoint);
    } else {
        fault = note_parse(bytes, len, &verify->note);
        if (fault == TLOG_OK)
            fault = checkpoint_parse(verify->note.text, verify->note.text_len, ret_checkpoint);
    }
    if (fault != TLOG_OK) {
        fail_checkpoint(verify, file, fault, 0);
        return false;
    }
    verify->counts.signatures += key != NULL;
    return true;
}

/* Takes the next entry of checkpoints.log. */
static void next_logged(struct verify *verify)
{
    const struct verify_reader *reader = &verify->config.reader;
    struct checkpoint before = {.size = verify->logged_size, .root = verify->logged_root}, next;
    const char *bytes;
    size_t len;

    verify->has_logged = false;
    int more = reader->logged(reader->context, &bytes, &len);
    if (more == -EBADMSG)
        fail_checkpoint(verify, "checkpoints.log", TLOG_CUT, 0);
    else if (more < 0)
        verify->io_error = more;
    if (more <= 0 || !open_checkpoint(verify, "checkpoints.log", bytes, len, &next))
        return;
    if (verify->counts.checkpoints++ > 0) {
        enum tlog_fault fault = checkpoint_follows(&before, &next);
        if (fault != TLOG_OK) {
            fail_checkpoint(verify, "checkpoints.log", fault, next.size);
            return;
        }
    }
    if (verify->is_signed && next.size == verify->signed_size) {
        if (!merkle_equal(&next.root, &verify->signed_root)) {
            fail_checkpoint(verify, "checkpoint", TLOG_EQUIVOCATION, next.size);
            return;
        }
        verify->signed_logged = true;
    }
    verify->has_logged = true;
    verify->logged_size = next.size;
    verify->logged_root = next.root;
}

static void note_fork(struct verify *verify, const char *file, uint64_t size)
{
    if (verify->fork.fault != VERIFY_OK)
        return;
    verify->fork = (struct verify_damage){.fault = VERIFY_FORK, .seq = VERIFY_NO_SEQ, .size = size};
    (void)snprintf(verify->fork.file, VERIFY_FILE_BYTES, "%s", file); /* ours are short */
}

static void note_root(struct verify *verify, uint64_t size, bool same)
{
    if (same)
        verify->matched_size = size;
    else if (verify->differs_size == 0)
        verify->differs_size = size;
}

/* Compares the roots that are due at the tree's size, and says when the next one is. */
static void check_roots(struct verify *verify)
{
    uint64_t size = verify->builder.tree.size, next = UINT64_MAX;
    struct merkle_hash root = merkle_root(&verify->builder.tree);

    if (verify->is_signed && verify->signed_size == size) {
        verify->root_differs = !merkle_equal(&root, &verify->signed_root);
        note_root(verify, size, !verify->root_differs);
        verify_signed_edge(verify);
    }
    if (verify->has_compare && verify->compare_size == size &&
        !merkle_equal(&root, &verify->compare_root))
        note_fork(verify, "--compare", size);
    while (verify->has_logged && verify->logged_size == size) {
        bool same = merkle_equal(&root, &verify->logged_root);
        note_root(verify, size, same);
        if (!same)
            note_fork(verify, "checkpoints.log", size);
        verify_past_logged(verify);
        next_logged(verify);
    }
    if (verify->is_signed && verify->signed_size > size)
        next = verify->signed_size;
    if (verify->has_compare && verify->compare_size > size && verify->compare_size < next)
        next = verify->compare_size;
    if (verify->has_logged && verify->logged_size < next)
        next = verify->logged_size;
    verify_anchor_roots(verify, &root, &next);
    verify->next_root = next;
}

static void begin_compare(struct verify *verify)
{
    struct checkpoint checkpoint;

    if (verify->config.compare == NULL ||
        !open_checkpoint(verify, "--compare", verify->config.compare, verify->config.compare_len,
                         &checkpoint))
        return;
    verify->has_compare = true;
    verify->compare_size = checkpoint.size;
    verify->compare_root = checkpoint.root;
}

void verify_begin(struct verify *verify, const struct verify_config *config)
{
    const struct verify_reader *reader = &config->reader;
    struct checkpoint checkpoint;

    memset(verify, 0, sizeof(*verify));
    verify->config = *config;
    verify->leaf = VERIFY_NO_SEQ;
    verify->clk = RECORD_NO_SEQ;
    verify_anchor_begin(verify);
    verify_past_begin(verify);
    ssize_t len = reader->file(reader->context, "checkpoint", verify->bytes, VERIFY_BYTES);
    if (len == -EFBIG)
        fail_checkpoint(verify, "checkpoint", TLOG_TOO_LONG, 0);
    else if (len < 0 && len != -ENOENT)
        verify->io_error = (int)len;
    if (len >= 0 && open_checkpoint(verify, "checkpoint", (const char *)verify->bytes, (size_t)len,
                                    &checkpoint)) {
        verify->is_signed = true;
        verify->signed_size = checkpoint.size;
        verify->signed_root = checkpoint.root;
    }
    /* Whoever strips all signatures would else pass for one who never had any. */
    if (len == -ENOENT &&
        (config->must_be_signed || config->min_size > 0 || config->compare != NULL))
        verify_fail(verify, VERIFY_NO_CHECKPOINT, "checkpoint", VERIFY_NO_SEQ, 0);
    if (verify->is_signed && verify->signed_size < config->min_size) {
        verify_fail(verify, VERIFY_TOO_SMALL, "checkpoint", VERIFY_NO_SEQ, 0);
        verify->damage.size = verify->signed_size;
    }
    begin_compare(verify);
    next_logged(verify);
    if (verify_goes_on(verify))
        check_roots(verify);
}

bool verify_goes_on(const struct verify *verify)
{
    return verify->damage.fault == VERIFY_OK && verify->io_error == 0;
}

/* What one record says of the run that it belongs to. */
static enum verify_fault check_run(struct verify *verify, const struct verify_line *line)
{
    const struct record_head *head = &line->head;

    if (line->kind == RECORD_START) {
        if (head->run != head->seq)
            return VERIFY_BAD_RUN;
        verify->counts.unclean_runs += verify->has_run && !verify->stopped;
        verify->counts.runs++;
        verify->has_run = true;
        verify->stopped = false;
        verify->run = head->seq;
        verify->clk = RECORD_NO_SEQ;
    } else if (!verify->has_run || verify->stopped || head->run != verify->run) {
        return VERIFY_BAD_RUN;
    } else if (head->boot_ns < verify->boot_ns) {
        return VERIFY_BAD_BOOT_TIME;
    }
    if (line->kind == RECORD_CLOCK)
        verify->clk = head->seq;
    if (head->clk != verify->clk)
        return VERIFY_BAD_CLK;
    verify->boot_ns = head->boot_ns;
    verify->stopped = line->kind == RECORD_STOP;
    verify->counts.gaps += line->kind == RECORD_GAP;
    return VERIFY_OK;
}

static enum verify_fault check_line(struct verify *verify, const struct verify_chunk *chunk,
                                    const struct verify_line *line)
{
    if (chunk->bundle)
        return VERIFY_OK;
    if (line->head.seq != verify->builder.tree.size)
        return VERIFY_BAD_SEQ;
    return check_run(verify, line);
}

void verify_join(struct verify *verify, const struct verify_chunk *chunk)
{
    char file[VERIFY_FILE_BYTES];

    verify_file_name(chunk, file);
    if (chunk->stray) {
        verify_fail(verify, VERIFY_SEGMENT_EXTRA, file, VERIFY_NO_SEQ, 0);
        return;
    }
    if (!chunk->bundle && chunk->offset == 0 && chunk->segment != verify->builder.tree.size) {
        bool missing = chunk->segment > verify->builder.tree.size;
        struct verify_chunk expected = {.segment = verify->builder.tree.size};
        if (missing)
            verify_file_name(&expected, file);
        verify_fail(verify, missing ? VERIFY_SEGMENT_MISSING : VERIFY_SEGMENT_EXTRA, file,
                    VERIFY_NO_SEQ, 0);
        return;
    }
    for (size_t i = 0; i < chunk->count && verify_goes_on(verify); i++) {
        const struct verify_line *line = &chunk->lines[i];
        enum verify_fault fault = check_line(verify, chunk, line);
        if (fault == VERIFY_BAD_SEQ) {
            verify_fail(verify, fault, file, verify->builder.tree.size,
                        chunk->offset + line->offset);
            return;
        }
        if (fault != VERIFY_OK && verify->odd.fault == VERIFY_OK) {
            verify->odd = (struct verify_damage){.fault = fault,
                                                 .seq = verify->builder.tree.size,
                                                 .offset = chunk->offset + line->offset};
            (void)snprintf(verify->odd.file, VERIFY_FILE_BYTES, "%s", file); /* of this size */
        }
        verify->counts.records++;
        if (!chunk->bundle) {
            size_t end = i + 1 < chunk->count ? chunk->lines[i + 1].offset : chunk->end;
            const char *bytes = chunk->bytes + line->offset;
            verify_anchor_line(verify, line, bytes, end - line->offset - 1);
            if (line->kind == RECORD_START)
                verify_past_start(verify, line->head.seq, bytes, end - line->offset - 1);
        }
        /* verify_tile notes what it finds and always gives 0. */
        (void)tile_builder_append(&verify->builder, &line->leaf, verify_tile, verify);
        if (verify->builder.tree.size == verify->next_root)
            check_roots(verify);
    }
    verify->counts.bytes += chunk->end;
    if (chunk->fault != VERIFY_CHUNK_OK)
        verify_fail(verify,
                    chunk->fault == VERIFY_CHUNK_BAD_BUNDLE ? VERIFY_BAD_BUNDLE : VERIFY_BAD_RECORD,
                    file, verify->builder.tree.size, chunk->offset + chunk->end);
}

/* The signed sizes that the records do not reach. */
static void check_short(struct verify *verify)
{
    uint64_t size = verify->builder.tree.size;

    if ((verify->is_signed && verify->signed_size > size) ||
        (verify->has_logged && verify->logged_size > size)) {
        bool log = !verify->is_signed || verify->signed_size <= size;
        verify_fail(verify, VERIFY_TOO_SHORT, "", size, 0);
        verify->damage.size = log ? verify->logged_size : verify->signed_size;
    }
    if (verify->has_compare && verify->compare_size > size) {
        verify_fail(verify, VERIFY_TOO_SMALL, "--compare", VERIFY_NO_SEQ, 0);
        verify->damage.size = verify->compare_size;
    }
}

void verify_finish(struct verify *verify)
{
    if (!verify_goes_on(verify))
        return;
    verify_edge(verify);
    if (verify->root_differs)
        verify_blame(verify);
    else if (verify->odd.fault != VERIFY_OK)
        verify->damage = verify->odd;
    else if (verify->fork.fault != VERIFY_OK)
        verify->damage = verify->fork;
    else if (verify->tile.fault != VERIFY_OK)
        verify->damage = verify->tile;
    if (!verify_goes_on(verify))
        return;
    check_short(verify);
    verify_past_finish(verify);
    verify_anchor_finish(verify);
    if (verify->config.ledger && verify->is_signed && !verify->signed_logged)
        verify_fail(verify, VERIFY_NOT_LOGGED, "checkpoints.log", VERIFY_NO_SEQ, 0);
}
