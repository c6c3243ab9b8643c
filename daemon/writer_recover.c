/*
 * Recovery: hands the segments' bytes to the rules of daemon/ledger/recover.c, and says in words
 * what they found. A torn tail is set aside by a call of its own,
 * after the checkpoints were looked at: a ledger that is refused is not touched.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/writer_core.h"
#include "daemon/writer_replay.h"
#include "io/segment.h"

#define ADVICE "restore the file from a copy, or move the ledger aside to begin a new one"

static_assert(WRITER_WINDOW_BYTES >= 2 * DEADLETTER_LINE_BYTES_MAX, "a window holds any line");

int writer_error_set(struct writer_error *reterr_error, int error, const char *format, ...)
{
    va_list arguments;

    reterr_error->error = error;
    va_start(arguments, format);
    (void)vsnprintf(reterr_error->text, sizeof(reterr_error->text), format, arguments); /* cut */
    va_end(arguments);
    return error;
}

static int scan_feed_segment(struct journal *feed, uint64_t first, char *bytes,
                             struct recover *recover)
{
    struct writer_window window = {.journal = feed, .first = first, .bytes = bytes};
    size_t taken = 0;
    int more = 1;

    while (more > 0 && recover->fault == RECOVER_FAULT_NONE) {
        more = writer_window_move(&window, taken);
        taken = more < 0 ? 0 : recover_lines(recover, window.bytes, window.len);
    }
    if (more >= 0)
        recover_finish(recover, window.len - taken);
    return more < 0 ? more : 0;
}

/* The head of the last line of a segment that is not the last one. */
static int read_last_head(struct journal *feed, const struct journal_segment *segment, char *bytes,
                          struct record_head *ret_head, enum record_kind *ret_kind)
{
    uint64_t from = segment->bytes > RECORD_LINE_BYTES_MAX + 1u
                        ? segment->bytes - RECORD_LINE_BYTES_MAX - 1u
                        : 0;
    size_t len = (size_t)(segment->bytes - from);
    int error = writer_read_at(feed, segment->first, bytes, len, from);
    if (error < 0)
        return error;
    return recover_last_line(bytes, len, ret_head, ret_kind);
}

/* Each segment must end with the record before the first of the next one. */
static int check_chain(struct writer_core *core, char *bytes, struct writer_found *found,
                       struct writer_error *reterr_error)
{
    size_t count;
    const struct journal_segment *segments = journal_segments(core->feed, &count);

    if (segments[0].first != 0)
        return writer_error_set(reterr_error, -EBADMSG,
                                "feed/ begins with record %" PRIu64
                                ": the segment of record 0 is missing: " ADVICE,
                                segments[0].first);
    for (size_t i = 0; i + 1 < count; i++) {
        int error =
            read_last_head(core->feed, &segments[i], bytes, &found->last, &found->last_kind);
        if (error == 0 && found->last.seq + 1 != segments[i + 1].first)
            error = -EBADMSG;
        if (error == -EBADMSG)
            return writer_error_set(reterr_error, error,
                                    "feed/%020" PRIu64 ".jsonl does not end with record %" PRIu64
                                    ", after which %020" PRIu64 ".jsonl begins: " ADVICE,
                                    segments[i].first, segments[i + 1].first - 1,
                                    segments[i + 1].first);
        if (error < 0)
            return writer_error_set(reterr_error, error,
                                    "cannot read feed/%020" PRIu64 ".jsonl: %s", segments[i].first,
                                    strerrordesc_np(-error));
        found->any = true;
    }
    return 0;
}

/* What state/durable says must be there. *ret_end: the durable end of the last segment, as far as
   known. */
static int check_durable(struct writer_core *core, bool known, const struct position *durable,
                         uint64_t *ret_end, struct writer_error *reterr_error)
{
    size_t count;
    const struct journal_segment *segments = journal_segments(core->feed, &count);

    *ret_end = 0;
    if (!known)
        return 0;
    for (size_t i = 0; i < count; i++) {
        if (segments[i].first != durable->first)
            continue;
        if (segments[i].bytes < durable->end)
            return writer_error_set(reterr_error, -EBADMSG,
                                    "feed/%020" PRIu64 ".jsonl has %" PRIu64
                                    " bytes of the %" PRIu64 " that were durable: " ADVICE,
                                    durable->first, segments[i].bytes, durable->end);
        *ret_end = i + 1 == count ? durable->end : 0;
        return 0;
    }
    return writer_error_set(reterr_error, -EBADMSG,
                            "feed/%020" PRIu64 ".jsonl is missing, and its record %" PRIu64
                            " was durable: " ADVICE,
                            durable->first, durable->seq);
}

static int judge_last(const struct recover *recover, const struct journal_segment *last,
                      uint64_t durable_end, struct writer_found *found,
                      struct writer_error *reterr_error)
{
    switch (recover_verdict(recover, last->bytes, durable_end, JOURNAL_BATCH_BYTES_MAX)) {
    case RECOVER_WHOLE:
        return 0;
    case RECOVER_TORN:
        found->torn = true;
        return 0;
    case RECOVER_DAMAGED:
        break;
    }
    return writer_error_set(reterr_error, -EBADMSG,
                            "feed/%020" PRIu64 ".jsonl line %" PRIu64 " (byte %" PRIu64
                            ", record %" PRIu64 "): %s where durable records were: " ADVICE,
                            last->first, recover->valid.lines + 1, recover->valid.end,
                            recover->valid.next_seq, recover_fault_text(recover->fault));
}

static int recover_feed(struct writer_core *core, char *bytes, struct writer_found *found,
                        struct writer_error *reterr_error)
{
    size_t count;
    struct position durable;
    uint64_t durable_end;
    bool known = false;
    const struct journal_segment *segments = journal_segments(core->feed, &count);

    int error = durable_store_open(&core->durable, core->backend, core->dir_fd, DURABLE_NAME,
                                   &known, &durable);
    if (error < 0)
        return writer_error_set(reterr_error, error, "cannot open %s/" DURABLE_PATH ": %s",
                                core->config->ledger, strerrordesc_np(-error));
    error = check_durable(core, known, &durable, &durable_end, reterr_error);
    if (error < 0 || count == 0)
        return error;
    error = check_chain(core, bytes, found, reterr_error);
    if (error < 0)
        return error;
    const struct journal_segment *last = &segments[count - 1];
    struct recover recover = recover_begin(last->first, durable_end);
    error = scan_feed_segment(core->feed, last->first, bytes, &recover);
    if (error < 0)
        return writer_error_set(reterr_error, error, "cannot read feed/%020" PRIu64 ".jsonl: %s",
                                last->first, strerrordesc_np(-error));
    error = judge_last(&recover, last, durable_end, found, reterr_error);
    if (recover.valid.lines > 0) {
        found->any = true;
        found->last = recover.valid.last;
        found->last_kind = recover.valid.last_kind;
    }
    found->first = last->first;
    found->end = recover.valid.end;
    found->next_seq = recover.valid.next_seq;
    if (known && recover.valid.next_seq > durable.seq + 1)
        found->kept = recover.valid.next_seq - durable.seq - 1;
    return error;
}

int writer_recover_torn(struct writer_core *core, const struct writer_found *found,
                        struct writer_error *reterr_error)
{
    int error = found->torn ? journal_cut_tail(core->feed, WRITER_TORN_DIR, found->end) : 0;

    if (error < 0)
        return writer_error_set(reterr_error, error,
                                "cannot set the torn end of feed/%020" PRIu64 ".jsonl aside: %s",
                                found->first, strerrordesc_np(-error));
    return 0;
}

int writer_recover_feed(struct writer_core *core, struct writer_found *ret_found,
                        struct writer_error *reterr_error)
{
    struct writer_found found = {0};
    char *bytes = malloc(WRITER_WINDOW_BYTES);

    if (bytes == NULL)
        return writer_error_set(reterr_error, -ENOMEM, "no memory to read the ledger");
    int error = recover_feed(core, bytes, &found, reterr_error);
    free(bytes);
    if (error == 0)
        *ret_found = found;
    return error;
}

static int scan_rejects(struct journal *rejects, uint64_t first, char *bytes, uint64_t *ret_count,
                        uint64_t *ret_end)
{
    struct writer_window window = {.journal = rejects, .first = first, .bytes = bytes};
    uint64_t count = 0;
    size_t taken = 0;
    bool bad = false;
    int more = 1;

    while (more > 0 && !bad) {
        more = writer_window_move(&window, taken);
        taken = more < 0 ? 0 : deadletter_lines(window.bytes, window.len, &count, &bad);
    }
    *ret_count = count;
    *ret_end = window.offset + taken;
    return more < 0 ? more : 0;
}

int writer_recover_rejects(struct writer_core *core, struct writer_found *found,
                           struct writer_error *reterr_error)
{
    size_t count;
    const struct journal_segment *segments = journal_segments(core->rejects, &count);
    uint64_t used = 0, lines = 0, end = 0;

    for (size_t i = 0; i < count; i++)
        used += segments[i].bytes;
    deadletter_budget_open(&core->budget, core->config->rejects_bytes_max, used);
    atomic_store_explicit(&core->counts.rejects_bytes, used, memory_order_relaxed);
    if (count == 0)
        return 0;
    const struct journal_segment *last = &segments[count - 1];
    char *bytes = malloc(WRITER_WINDOW_BYTES);
    if (bytes == NULL)
        return writer_error_set(reterr_error, -ENOMEM, "no memory to read the dead letters");
    int error = scan_rejects(core->rejects, last->first, bytes, &lines, &end);
    free(bytes);
    if (error == 0 && end < last->bytes) {
        /* As for the feed: what is torn is one batch at most. */
        if (last->bytes - end > JOURNAL_BATCH_BYTES_MAX)
            return writer_error_set(reterr_error, -EBADMSG,
                                    "rejects/%020" PRIu64 ".jsonl byte %" PRIu64
                                    ": not a dead letter: move the file aside",
                                    last->first, end);
        int turn = journal_copy_tail(core->rejects, WRITER_TORN_DIR, end);
        error = turn < 0 ? turn : 0;
        found->rejects_torn = error == 0;
        found->rejects_turn = (unsigned)(turn < 0 ? 0 : turn);
        found->rejects_first = last->first;
        found->rejects_end = end;
    }
    if (error < 0)
        return writer_error_set(reterr_error, error,
                                "cannot recover rejects/%020" PRIu64 ".jsonl: %s", last->first,
                                strerrordesc_np(-error));
    core->next_reject = last->first + lines;
    return 0;
}

/* Once the gap for a torn end is durable: a start that dies before leaves both to the next one. One
   that dies in between leaves a gap that the next one makes again, for the same file. */
int writer_start_rejects(struct writer_core *core, const struct writer_found *found,
                         struct writer_error *reterr_error)
{
    const uint64_t letters = core->config->reserve_bytes / WRITER_REJECTS_PART;
    int error = 0;

    if (found->rejects_torn)
        error = journal_cut_tail(core->rejects, WRITER_TORN_DIR, found->rejects_end);
    if (error == 0)
        error = journal_start(core->rejects, 0, letters);
    if (error < 0)
        return writer_error_set(reterr_error, error, "cannot continue %s/rejects: %s",
                                core->config->ledger, strerrordesc_np(-error));
    return 0;
}
