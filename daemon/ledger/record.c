/*
 * The line of a record. This is the file format of the feed; a change here is a change of format.
 *
 * Format, version 1. A feed is a sequence of segments, feed/<seq of its first record, 20
 * digits>.jsonl, each a sequence of lines. A line is
 *
 *   {"v":1,"seq":N,"kind":"NAME","t":"TIME","b":"NS","clk":N|null,"run":N<body>\n
 *
 *   N     decimal without leading zeros
 *   NAME  1 to 31 of a-z _ . and digits, beginning with a letter
 *   TIME  wall clock, RFC 3339, UTC, nine digits of fraction, "Z"
 *   NS    CLOCK_BOOTTIME in nanoseconds; a string, because readers keep numbers in doubles
 *   clk   seq of the latest clock record of this run, null before the first
 *   run   seq of the start record of the run that wrote it
 *   body  "}" or ',' , the kind's own members, and "}"
 *
 * Invariants, which recovery and verification rely on:
 *   1. The first seq is 0, and each line's seq is that of the line before plus one, also across
 *      segments.
 *   2. A line is one JSON object of printable ASCII (0x20..0x7e), at most RECORD_LINE_BYTES_MAX
 *      bytes with its newline, the only one in it. So zeros and torn bytes are never taken for a
 *      record.
 *   3. A seq is on exactly one line for ever; a line is never edited; a correction is a new record.
 *   4. clk < seq or clk == seq (a clock record names itself); likewise run.
 *   5. Order is seq, never t: the wall clock may step. b does not decrease within one run.
 *   6. The line without its newline is the leaf that is hashed: its spelling is fixed, byte by
 *      byte.
 */
#include "daemon/ledger/record.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/ledger/text.h"
#include "daemon/time_text.h"

#define RECORD_KIND_BYTES_MAX 31u

static const char *const record_kind_names[] = {
#define KIND(symbol, name, meaning) [RECORD_##symbol] = (name),
    LEDGER_KINDS(KIND)
#undef KIND
};

const char *record_kind_name(enum record_kind kind)
{
    assert((unsigned)kind < RECORD_KINDS_COUNT);
    return record_kind_names[kind];
}

enum record_kind record_kind_find(const char *name, size_t len)
{
    for (unsigned i = 0; i < RECORD_KINDS_COUNT; i++) {
        if (strlen(record_kind_names[i]) == len && memcmp(record_kind_names[i], name, len) == 0)
            return (enum record_kind)i;
    }
    return RECORD_KINDS_COUNT;
}

static void encode_hole(struct text *text, const struct record_head *head, const char *time,
                        unsigned kind)
{
    switch ((enum record_hole_kind)kind) {
    case RECORD_HOLE_ID:
        text_u64(text, head->run);
        text_raw(text, ".", 1);
        text_u64(text, head->seq);
        return;
    case RECORD_HOLE_PREVIOUS:
        text_u64(text, head->previous);
        return;
    case RECORD_HOLE_TIME:
        text_raw(text, time, TIME_TEXT_BYTES - 1);
        return;
    case RECORD_HOLE_SEQ:
        text_u64(text, head->seq);
        return;
    }
    assert(false);
}

size_t record_encode(const struct record_head *head, const struct record_draft *draft, void *out,
                     size_t room)
{
    assert(draft->holes_count <= RECORD_HOLES_MAX);

    struct text text = text_into(out, room < RECORD_LINE_BYTES_MAX ? room : RECORD_LINE_BYTES_MAX);
    char time[TIME_TEXT_BYTES];
    size_t at = 0;

    time_text_format(head->wall_ns, time);
    text_literal(&text, "{\"v\":1,\"seq\":");
    text_u64(&text, head->seq);
    text_literal(&text, ",\"kind\":\"");
    text_literal(&text, record_kind_name(draft->kind));
    text_literal(&text, "\",\"t\":\"");
    text_raw(&text, time, TIME_TEXT_BYTES - 1);
    text_literal(&text, "\",\"b\":");
    text_u64_string(&text, head->boot_ns);
    text_literal(&text, ",\"clk\":");
    if (head->clk == RECORD_NO_SEQ)
        text_literal(&text, "null");
    else
        text_u64(&text, head->clk);
    text_literal(&text, ",\"run\":");
    text_u64(&text, head->run);
    for (size_t i = 0; i < draft->holes_count; i++) {
        const struct record_hole *hole = &draft->holes[i];
        assert(hole->at >= at);
        assert(hole->at <= draft->len);
        text_raw(&text, draft->body + at, hole->at - at);
        encode_hole(&text, head, time, hole->kind);
        at = hole->at;
    }
    text_raw(&text, draft->body + at, draft->len - at);
    text_raw(&text, "\n", 1);
    return text.overflow ? 0 : text.len;
}

/* A place in the line being read; any mismatch is sticky. */
struct record_reader {
    const char *at, *end;
    bool bad;
};

static void read_literal(struct record_reader *reader, const char *literal)
{
    size_t len = strlen(literal);

    if (reader->bad || (size_t)(reader->end - reader->at) < len ||
        memcmp(reader->at, literal, len) != 0) {
        reader->bad = true;
        return;
    }
    reader->at += len;
}

static uint64_t read_u64(struct record_reader *reader)
{
    const char *begin = reader->at;
    uint64_t value = 0;

    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') {
        uint64_t digit = (uint64_t)(*reader->at++ - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            reader->bad = true;
            return 0;
        }
        value = value * 10 + digit;
    }
    if (reader->at == begin || (*begin == '0' && reader->at - begin > 1))
        reader->bad = true;
    return value;
}

static int64_t read_time(struct record_reader *reader)
{
    int64_t wall_ns = 0;

    if (reader->bad || reader->end - reader->at < (ptrdiff_t)TIME_TEXT_BYTES - 1 ||
        time_text_parse_exact(reader->at, &wall_ns) != 0) {
        reader->bad = true;
        return 0;
    }
    reader->at += TIME_TEXT_BYTES - 1;
    return wall_ns;
}

static enum record_kind read_kind(struct record_reader *reader)
{
    const char *begin = reader->at;

    while (reader->at < reader->end &&
           ((*reader->at >= 'a' && *reader->at <= 'z') || *reader->at == '_' ||
            *reader->at == '.' || (*reader->at >= '0' && *reader->at <= '9')))
        reader->at++;
    size_t len = (size_t)(reader->at - begin);
    if (len == 0 || len > RECORD_KIND_BYTES_MAX || *begin < 'a' || *begin > 'z') {
        reader->bad = true;
        return RECORD_KINDS_COUNT;
    }
    return record_kind_find(begin, len);
}

static bool is_printable(const char *bytes, size_t len)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    size_t at = 0;

    /* High bits appear for bytes past 0x7e and, by the borrow, below 0x20; a borrow or carry can
       only mark a neighbour too, which the loop below then clears singly. */
    for (; at + 8 <= len; at += 8) {
        uint64_t word;
        memcpy(&word, bytes + at, 8);
        if (((word | (word + ones) | (word - ones * 0x20)) & highs) != 0)
            break;
    }
    while (at < len && bytes[at] >= 0x20 && bytes[at] < 0x7f)
        at++;
    return at == len;
}

int record_decode_head(const char *line, size_t len, struct record_head *ret_head,
                       enum record_kind *ret_kind)
{
    struct record_reader reader = {.at = line, .end = line + len};
    struct record_head head = {.clk = RECORD_NO_SEQ};

    if (len >= RECORD_LINE_BYTES_MAX || !is_printable(line, len))
        return -EBADMSG;
    read_literal(&reader, "{\"v\":1,\"seq\":");
    head.seq = read_u64(&reader);
    read_literal(&reader, ",\"kind\":\"");
    enum record_kind kind = read_kind(&reader);
    read_literal(&reader, "\",\"t\":\"");
    head.wall_ns = read_time(&reader);
    read_literal(&reader, "\",\"b\":\"");
    head.boot_ns = read_u64(&reader);
    read_literal(&reader, "\",\"clk\":");
    if (reader.at < reader.end && *reader.at == 'n')
        read_literal(&reader, "null");
    else
        head.clk = read_u64(&reader);
    read_literal(&reader, ",\"run\":");
    head.run = read_u64(&reader);
    if (reader.bad || head.seq == RECORD_NO_SEQ || head.run > head.seq ||
        (head.clk != RECORD_NO_SEQ && head.clk > head.seq))
        return -EBADMSG;
    size_t body = (size_t)(reader.end - reader.at);
    if (body == 0 || line[len - 1] != '}' ||
        (body > 1 && (body < 3 || reader.at[0] != ',' || reader.at[1] != '"')))
        return -EBADMSG;
    *ret_head = head;
    *ret_kind = kind;
    return 0;
}
