/*
 * Cursors. Knows their spelling and the leaf hash; knows no file.
 */
#include "daemon/ctl/cursor.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/ledger/merkle.h"
#include "daemon/ledger/text.h"

#define SEQ_DIGITS_MAX 20u

static const char before_all[] = "begin";

int cursor_parse(const char *text, size_t len, struct cursor *ret_cursor)
{
    struct cursor cursor = {0};
    size_t at = 2;
    if (len == sizeof before_all - 1 && memcmp(text, before_all, len) == 0) {
        *ret_cursor = (struct cursor){.begin = true};
        return 0;
    }
    if (len < 3 || memcmp(text, "i=", 2) != 0)
        return -EINVAL;
    for (; at < len && text[at] >= '0' && text[at] <= '9'; at++) {
        unsigned digit = (unsigned)text[at] - '0';
        if (cursor.seq > (UINT64_MAX - 1 - digit) / 10)
            return -EINVAL;
        cursor.seq = 10 * cursor.seq + digit;
    }
    if (at == 2)
        return -EINVAL;
    cursor.has_hash = at < len;
    if (cursor.has_hash &&
        (len - at != 3 + (size_t)2 * CURSOR_HASH_BYTES || memcmp(text + at, ";h=", 3) != 0 ||
         !text_hex_read(text + at + 3, cursor.hash, CURSOR_HASH_BYTES)))
        return -EINVAL;
    *ret_cursor = cursor;
    return 0;
}

void cursor_format(const struct cursor *cursor, char ret_text[CURSOR_TEXT_BYTES])
{
    struct text text = text_into(ret_text, CURSOR_TEXT_BYTES - 1);
    static_assert(CURSOR_TEXT_BYTES > 5 + SEQ_DIGITS_MAX + 2 * CURSOR_HASH_BYTES, "it fits");
    if (cursor->begin) {
        text_literal(&text, before_all);
    } else {
        text_literal(&text, "i=");
        text_u64(&text, cursor->seq);
    }
    if (cursor->has_hash) {
        text_literal(&text, ";h=");
        text_hex(&text, cursor->hash, CURSOR_HASH_BYTES);
    }
    assert(!text.overflow);
    ret_text[text.len] = '\0';
}

struct cursor cursor_of(uint64_t seq, const char *line, size_t len)
{
    struct cursor cursor = {.seq = seq, .has_hash = true};
    struct merkle_hash leaf = merkle_leaf(line, len);
    memcpy(cursor.hash, leaf.bytes, CURSOR_HASH_BYTES);
    return cursor;
}

bool cursor_is_at(const struct cursor *cursor, uint64_t seq, const char *line, size_t len)
{
    if (cursor->begin || cursor->seq != seq)
        return false;
    struct cursor other = cursor_of(seq, line, len);
    return !cursor->has_hash || memcmp(cursor->hash, other.hash, CURSOR_HASH_BYTES) == 0;
}
