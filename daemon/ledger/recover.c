/*
 * Torn or damaged. The writer has one batch in flight at most, and syncs it before the next one and
 * before anything of it is acknowledged. Hence, for the last segment:
 *   1. Bytes below the durable end were synced. If a line there is not valid, or they are missing,
 *      that is damage, whoever did it. The ledger is refused.
 *   2. Bytes past it belong to the batch in flight: a crash can leave any of its sectors written,
 *      zero, or garbage, in any order. So from the first line that is not valid on, all of it is
 *      torn, valid lines in between too: none of them was acknowledged.
 *   3. Valid lines past it that follow without a hole are whole records that lack the sync only.
 *      They are kept, and synced before they are published; the parts of an event only when all
 *      are there.
 *   4. state/durable may lag after a power loss, never lead. So what is torn may seem to begin
 *      before the last batch, but it is never longer than one batch: a longer one is damage.
 *   5. Segments before the last were synced whole before the last one was made: any fault in them
 *      is damage. Damage within one batch of the end, while state/durable lags, looks like a lost
 *      sector (rule 4): that is for the checkpoints to find.
 */
#include "daemon/ledger/recover.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/ledger/shape.h"

struct recover recover_begin(uint64_t first, uint64_t deep_from)
{
    return (struct recover){.valid.next_seq = first, .deep_from = deep_from};
}

/* Whether a record goes on with its run, or begins the next one; nothing else follows a stop. */
static bool fits_run(const struct recover *recover, const struct record_head *head,
                     enum record_kind kind)
{
    if (kind == RECORD_START)
        return head->run == head->seq;
    return recover->valid.lines == 0 ||
           (head->run == recover->valid.last.run && recover->valid.last_kind != RECORD_STOP);
}

static const char *read_number(const char *at, const char *end, unsigned *ret_number)
{
    *ret_number = 0;
    while (at < end && *at >= '0' && *at <= '9')
        *ret_number = *ret_number * 10 + (unsigned)(*at++ - '0');
    return at;
}

/* Whether a line is part i of n of an event: it ends with ,"part":[i,n]}} (event_record.c). */
static bool is_part(const char *line, size_t len, unsigned *ret_i, unsigned *ret_n)
{
    static const char begin[] = ",\"part\":[", end[] = "]}}", most[] = "4096,4096";
    const size_t tail_max = sizeof(begin) + sizeof(most) + sizeof(end);
    const char *stop = line + len - (sizeof(end) - 1);

    if (len < sizeof(end) - 1 || memcmp(stop, end, sizeof(end) - 1) != 0)
        return false;
    size_t tail = len < tail_max ? len : tail_max;
    const char *at = memmem(line + len - tail, tail, begin, sizeof(begin) - 1);
    if (at == NULL)
        return false;
    at = read_number(at + sizeof(begin) - 1, stop, ret_i);
    if (at == stop || *at != ',')
        return false;
    return read_number(at + 1, stop, ret_n) == stop;
}

/* Before a line is taken: keeps what was valid before the first part of an event. */
static void note_part(struct recover *recover, const char *line, size_t len)
{
    unsigned i = 0, n = 0;
    bool part = is_part(line, len, &i, &n);

    if (part && i == 1 && !recover->in_event)
        recover->before = recover->valid;
    recover->in_event = part && i < n && (i == 1 || recover->in_event);
}

/* Takes one line of len bytes without its newline, if it is the next record. */
static enum recover_fault take_line(struct recover *recover, const char *line, size_t len)
{
    struct record_head head;
    enum record_kind kind;

    if (record_decode_head(line, len, &head, &kind) < 0)
        return RECOVER_FAULT_NO_RECORD;
    if (recover->valid.end + len + 1 > recover->deep_from && !shape_is_object(line, len))
        return RECOVER_FAULT_NO_RECORD;
    if (head.seq != recover->valid.next_seq)
        return RECOVER_FAULT_SEQ;
    if (!fits_run(recover, &head, kind))
        return RECOVER_FAULT_RUN;
    /* The durable end is always behind a newline: a line across it has grown or shrunk since. */
    if (recover->valid.end < recover->deep_from &&
        recover->valid.end + len + 1 > recover->deep_from)
        return RECOVER_FAULT_ACROSS;
    note_part(recover, line, len);
    recover->valid.last = head;
    recover->valid.last_kind = kind;
    recover->valid.next_seq++;
    recover->valid.lines++;
    recover->valid.end += len + 1;
    return RECOVER_FAULT_NONE;
}

size_t recover_lines(struct recover *recover, const char *bytes, size_t len)
{
    size_t at = 0;

    assert(recover->fault == RECOVER_FAULT_NONE);
    while (at < len) {
        size_t left = len - at;
        const char *newline =
            memchr(bytes + at, '\n', left < RECORD_LINE_BYTES_MAX ? left : RECORD_LINE_BYTES_MAX);
        if (newline == NULL) {
            if (left >= RECORD_LINE_BYTES_MAX)
                recover->fault = RECOVER_FAULT_TOO_LONG;
            break;
        }
        size_t line = (size_t)(newline - (bytes + at));
        recover->fault = take_line(recover, bytes + at, line);
        if (recover->fault != RECOVER_FAULT_NONE)
            break;
        at += line + 1;
    }
    return at;
}

void recover_finish(struct recover *recover, size_t left)
{
    if (left > 0 && recover->fault == RECOVER_FAULT_NONE)
        recover->fault = RECOVER_FAULT_NO_NEWLINE;
    if (!recover->in_event || recover->before.end < recover->deep_from)
        return; /* what is durable stays */
    recover->valid = recover->before;
    recover->in_event = false;
    recover->fault = RECOVER_FAULT_PARTS;
}

enum recover_verdict recover_verdict(const struct recover *recover, uint64_t segment_bytes,
                                     uint64_t durable_end, uint64_t batch_bytes_max)
{
    assert(recover->valid.end <= segment_bytes);

    if (recover->valid.end < durable_end)
        return RECOVER_DAMAGED;
    if (recover->valid.end == segment_bytes)
        return RECOVER_WHOLE;
    return segment_bytes - recover->valid.end <= batch_bytes_max ? RECOVER_TORN : RECOVER_DAMAGED;
}

int recover_last_line(const char *bytes, size_t len, struct record_head *ret_head,
                      enum record_kind *ret_kind)
{
    if (len == 0 || bytes[len - 1] != '\n')
        return -EBADMSG;
    const char *newline = memrchr(bytes, '\n', len - 1);
    const char *line = newline == NULL ? bytes : newline + 1;
    size_t line_len = (size_t)(bytes + len - 1 - line);

    if (record_decode_head(line, line_len, ret_head, ret_kind) < 0 ||
        !shape_is_object(line, line_len))
        return -EBADMSG;
    return 0;
}

const char *recover_fault_text(enum recover_fault fault)
{
    switch (fault) {
    case RECOVER_FAULT_NONE:
        return "the file ends too early";
    case RECOVER_FAULT_NO_NEWLINE:
        return "a line without an end";
    case RECOVER_FAULT_TOO_LONG:
        return "a line over the limit";
    case RECOVER_FAULT_NO_RECORD:
        return "not a record";
    case RECOVER_FAULT_ACROSS:
        return "a line across the durable end: lines before it were made longer or shorter";
    case RECOVER_FAULT_SEQ:
        return "a record out of its turn";
    case RECOVER_FAULT_PARTS:
        return "an event without its last part";
    case RECOVER_FAULT_RUN:
        return "a record of another run, or behind a stop";
    }
    assert(false);
    return "";
}
