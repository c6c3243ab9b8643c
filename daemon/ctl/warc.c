/*
 * Records of a WARC, byte by byte where headers are and in pieces where blocks are.
 */
#include "daemon/ctl/warc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAGIC        "WARC/1."
#define MAGIC_BYTES  7u
#define LENGTH_MAX   (UINT64_C(1) << 53)
#define LENGTH_BYTES 32u
#define NOWHERE      UINT64_MAX

#define HEAD_LONG "its header is longer than 65536 bytes"

enum state { STATE_BETWEEN = 0, STATE_HEAD, STATE_BLOCK, STATE_SEEK };

struct warc {
    enum state state;
    uint64_t offset; /* of the record */
    size_t head_len;
    bool head_long;          /* it did not fit: of it only its length is kept */
    bool line_long;          /* nor does this line, which is passed over */
    struct warc_text length; /* of a head that did not fit, in length_text; at NULL: not yet */
    char length_text[LENGTH_BYTES];
    bool parted, shared; /* packed: a record began in another member, the same as the one before */
    size_t matched;      /* in SEEK: of "\n" MAGIC */
    uint64_t block_seen;
    struct warc_record record;
    char head[WARC_HEAD_BYTES_MAX];
    char block[WARC_BLOCK_BYTES_MAX + WARC_SLACK_BYTES];
};

static const char *const names[WARC_FIELDS_COUNT] = {
    [WARC_TYPE] = "WARC-Type",
    [WARC_TARGET_URI] = "WARC-Target-URI",
    [WARC_DATE] = "WARC-Date",
    [WARC_RECORD_ID] = "WARC-Record-ID",
    [WARC_PAYLOAD_DIGEST] = "WARC-Payload-Digest",
    [WARC_TRUNCATED] = "WARC-Truncated",
    [WARC_CONTENT_TYPE] = "Content-Type",
    [WARC_CONTENT_LENGTH] = "Content-Length",
};

const char *warc_field_name(enum warc_field field)
{
    assert(field < WARC_FIELDS_COUNT);
    return names[field];
}

struct warc *warc_open(void)
{
    return calloc(1, sizeof(struct warc));
}

void warc_start(struct warc *warc)
{
    warc->state = STATE_BETWEEN;
    warc->head_len = 0;
    warc->offset = NOWHERE;
    warc->parted = warc->shared = false;
}

/* Whether a record was begun and has not ended. */
static bool is_inside(const struct warc *warc)
{
    return warc->state == STATE_HEAD || warc->state == STATE_BLOCK;
}

static void begin_head(struct warc *warc, uint64_t offset)
{
    warc->state = STATE_HEAD;
    warc->offset = offset;
    warc->head_len = 0;
    warc->head_long = warc->line_long = false;
    warc->length = (struct warc_text){0};
}

static bool damaged(struct warc *warc, const char *why, struct warc_record *ret_record)
{
    *ret_record = (struct warc_record){.offset = warc->offset, .damage = why};
    warc->state = STATE_SEEK;
    warc->matched = 0;
    return true;
}

static struct warc_text trimmed(const char *at, size_t len)
{
    while (len > 0 && (*at == ' ' || *at == '\t')) {
        at++;
        len--;
    }
    while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\t' || at[len - 1] == '\r'))
        len--;
    return (struct warc_text){at, len};
}

/* One line of a header. Lines that are no field, and fields that are not read here, are passed
   over; of a field that is there twice the first holds. */
static void take_field(struct warc_record *record, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    if (colon == NULL)
        return;
    size_t name_len = (size_t)(colon - line);
    for (enum warc_field field = 0; field < WARC_FIELDS_COUNT; field++) {
        struct warc_text *text = &record->fields[field];
        if (text->at != NULL || strlen(names[field]) != name_len ||
            strncasecmp(names[field], line, name_len) != 0)
            continue;
        *text = trimmed(colon + 1, len - name_len - 1);
        /* The grammar of 1.0 puts addresses in brackets, and some writers do. */
        if (field == WARC_TARGET_URI && text->len >= 2 && text->at[0] == '<' &&
            text->at[text->len - 1] == '>')
            *text = (struct warc_text){text->at + 1, text->len - 2};
    }
}

static bool read_length(struct warc_text text, uint64_t *ret_length)
{
    uint64_t length = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || length > LENGTH_MAX)
            return false;
        length = length * 10 + (uint64_t)(text.at[i] - '0');
    }
    *ret_length = length;
    return text.len > 0 && length <= LENGTH_MAX;
}

/* Takes the whole lines. Returns the beginning of the one that has not ended. */
static char *take_lines(struct warc_record *record, char *line, const char *end)
{
    char *newline = NULL;
    while ((newline = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        take_field(record, line, (size_t)(newline - line));
        line = newline + 1;
    }
    return line;
}

/* Makes room in a header that does not fit. Where its block ends must be known all the same: what
   stands in a page is never searched for records because its address is long. */
static void shorten(struct warc *warc)
{
    struct warc_record record = {0};
    const char *end = warc->head + warc->head_len;
    char *rest = take_lines(&record, warc->head, end);
    struct warc_text length = record.fields[WARC_CONTENT_LENGTH];
    if (warc->length.at == NULL && length.at != NULL) {
        size_t len = length.len <= LENGTH_BYTES ? length.len : 0; /* longer is no number */
        memcpy(warc->length_text, length.at, len);
        warc->length = (struct warc_text){warc->length_text, len};
    }
    size_t rest_len = (size_t)(end - rest);
    warc->head_long = true;
    warc->line_long = rest_len >= WARC_HEAD_BYTES_MAX / 2;
    warc->head_len = 0;
    if (warc->line_long)
        return; /* its newline will be the first byte */
    memmove(warc->head + 1, rest, rest_len);
    warc->head[0] = '\n';
    warc->head_len = rest_len + 1;
}

/* The whole header is there. True: it is damaged, and where its block ends is not known. */
static bool take_head(struct warc *warc, struct warc_record *ret_record)
{
    struct warc_record *record = &warc->record;
    *record = (struct warc_record){.offset = warc->offset, .block = warc->block};
    (void)take_lines(record, warc->head, warc->head + warc->head_len); /* the last is blank */
    if (warc->length.at != NULL)
        record->fields[WARC_CONTENT_LENGTH] = warc->length;
    if (!read_length(record->fields[WARC_CONTENT_LENGTH], &record->block_bytes))
        return damaged(
            warc, warc->head_long ? HEAD_LONG : "its header has no Content-Length that is a number",
            ret_record);
    if (warc->head_long)
        record->damage = HEAD_LONG;
    else if (record->fields[WARC_TYPE].at == NULL)
        record->damage = "its header has no WARC-Type";
    if (record->damage != NULL)
        memset(record->fields, 0, sizeof record->fields);
    warc->state = STATE_BLOCK;
    warc->block_seen = 0;
    return false;
}

/* One byte of a header; sets *ret_record when that damages it. */
static bool head(struct warc *warc, char c, struct warc_record *ret_record)
{
    if (warc->head_len == WARC_HEAD_BYTES_MAX)
        shorten(warc);
    if (!warc->head_long && warc->head_len < MAGIC_BYTES && c != MAGIC[warc->head_len])
        return damaged(warc, "it does not begin with WARC/1.", ret_record);
    if (warc->line_long && c != '\n')
        return false;
    warc->line_long = false;
    warc->head[warc->head_len++] = c;
    if (warc->head_len <= (warc->head_long ? 1 : MAGIC_BYTES))
        return false;
    const char *at = warc->head + warc->head_len; /* a long one begins with a newline */
    bool blank = c == '\n' && (at[-2] == '\n' || (at[-2] == '\r' && at[-3] == '\n'));
    return blank && take_head(warc, ret_record);
}

/* True: the record is whole. */
static bool block(struct warc *warc, const char *bytes, size_t len, size_t *ret_taken,
                  struct warc_record *ret_record)
{
    struct warc_record *record = &warc->record;
    uint64_t left = record->block_bytes - warc->block_seen;
    size_t some = len < left ? len : (size_t)left;
    size_t room = WARC_BLOCK_BYTES_MAX - record->block_len;
    size_t kept = some < room ? some : room;
    memcpy(warc->block + record->block_len, bytes, kept);
    record->block_len += kept;
    warc->block_seen += some;
    *ret_taken = some;
    if (warc->block_seen < record->block_bytes)
        return false;
    memset(warc->block + record->block_len, 0, WARC_SLACK_BYTES);
    warc->state = STATE_BETWEEN;
    *ret_record = *record;
    return true;
}

/* Notes how records lie in members. */
static void note_member(struct warc *warc, uint64_t member)
{
    bool same = member == warc->offset;
    warc->shared = warc->shared || same;
    warc->parted = warc->parted || (!same && warc->offset != NOWHERE);
}

/* One byte of a member that is damaged, where each record has its own: the next one begins where
   the next member does. Whether the byte is taken. */
static bool pass_member(struct warc *warc, uint64_t member)
{
    if (member == warc->offset)
        return true;
    warc->state = STATE_BETWEEN;
    return false;
}

/* One byte where no record is. */
static void seek(struct warc *warc, char c, uint64_t offset, bool packed)
{
    static const char wanted[] = "\n" MAGIC;
    warc->matched = c == wanted[warc->matched] ? warc->matched + 1 : c == '\n';
    if (warc->matched <= MAGIC_BYTES)
        return;
    begin_head(warc, packed ? offset : offset + 1 - MAGIC_BYTES);
    memcpy(warc->head, MAGIC, MAGIC_BYTES);
    warc->head_len = MAGIC_BYTES;
}

bool warc_next(struct warc *warc, const char *bytes, size_t len, uint64_t offset, bool packed,
               size_t *ret_taken, struct warc_record *ret_record)
{
    for (size_t i = 0; i < len;) {
        size_t taken = 1;
        bool told = false;
        uint64_t here = packed ? offset : offset + i;
        switch (warc->state) {
        case STATE_BETWEEN:
            taken = bytes[i] == '\r' || bytes[i] == '\n';
            if (taken == 0 && packed)
                note_member(warc, here);
            if (taken == 0)
                begin_head(warc, here);
            break;
        case STATE_HEAD:
            told = head(warc, bytes[i], ret_record);
            break;
        case STATE_BLOCK:
            told = block(warc, bytes + i, len - i, &taken, ret_record);
            break;
        case STATE_SEEK:
            if (packed && warc->parted && !warc->shared)
                taken = pass_member(warc, here);
            else
                seek(warc, bytes[i], here, packed);
            break;
        }
        i += taken;
        *ret_taken = i;
        if (!told && warc->state == STATE_BLOCK && warc->record.block_bytes == warc->block_seen)
            told = block(warc, bytes, 0, &taken, ret_record); /* an empty one */
        if (told)
            return true;
    }
    return false;
}

bool warc_cut(struct warc *warc, const char *why, struct warc_record *ret_record)
{
    bool cut = is_inside(warc);
    if (cut)
        (void)damaged(warc, why, ret_record); /* always true */
    warc->state = STATE_BETWEEN;
    return cut;
}

struct warc *warc_close(struct warc *warc)
{
    free(warc);
    return NULL;
}
