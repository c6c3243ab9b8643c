/*
 * JSON out, as text.h promises. Knows bytes, UTF-8 and JSON's spelling; knows no record.
 */
#include "daemon/ledger/text.h"

#include <assert.h>
#include <string.h>

#include "daemon/time_text.h"

#define SHA256_BYTES 32u

#define TEXT_DECIMAL_BYTES_MAX 20u
#define TEXT_ESCAPE_BYTES_MAX  12u /* a surrogate pair */

static const char text_hex_digits[] = "0123456789abcdef";

/* A character of a JSON string that stands for itself: printable ASCII but quote and backslash. */
static bool text_is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

/* How many of the len bytes at the front are plain: eight at a time, then one by one. A byte of
   `odd` has its high bit set where the byte is a quote, a backslash, DEL, below 0x20 or past 0x7f;
   a borrow can only mark too many bytes, and these are then looked at singly. */
static size_t text_plain_run(const char *bytes, size_t len)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    size_t at = 0;

    for (; at + 8 <= len; at += 8) {
        uint64_t word;
        memcpy(&word, bytes + at, 8);
        uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');
        uint64_t odd =
            word | (word + ones) | (word - ones * 0x20) | (quote - ones) | (slash - ones);
        if ((odd & highs) != 0)
            break;
    }
    while (at < len && text_is_plain((unsigned char)bytes[at]))
        at++;
    return at;
}

/* By Unicode's table 3-7. */
size_t text_decode(const char *bytes, size_t len, uint32_t *ret_point)
{
    const unsigned char *at = (const unsigned char *)bytes;
    unsigned char low = 0x80, high = 0xbf;
    size_t need;
    uint32_t point;

    *ret_point = 0xfffd;
    if (at[0] < 0x80) {
        *ret_point = at[0];
        return 1;
    }
    if (at[0] < 0xc2 || at[0] > 0xf4)
        return 1;
    if (at[0] < 0xe0) {
        need = 2;
        point = at[0] & 0x1fu;
    } else if (at[0] < 0xf0) {
        need = 3;
        point = at[0] & 0x0fu;
        low = at[0] == 0xe0 ? 0xa0 : low;
        high = at[0] == 0xed ? 0x9f : high;
    } else {
        need = 4;
        point = at[0] & 0x07u;
        low = at[0] == 0xf0 ? 0x90 : low;
        high = at[0] == 0xf4 ? 0x8f : high;
    }
    for (size_t i = 1; i < need; i++) {
        if (i == len || at[i] < low || at[i] > high)
            return i;
        point = point << 6 | (at[i] & 0x3fu);
        low = 0x80;
        high = 0xbf;
    }
    *ret_point = point;
    return need;
}

static size_t text_unit(char *out, uint32_t unit)
{
    out[0] = '\\';
    out[1] = 'u';
    for (unsigned i = 0; i < 4; i++)
        out[2 + i] = text_hex_digits[unit >> (12 - 4 * i) & 0xfu];
    return 6;
}

/* One code point escaped, TEXT_ESCAPE_BYTES_MAX at most. */
static size_t text_escape(char *out, uint32_t point)
{
    static const char short_form[0x20] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    char letter = point < 0x20 ? short_form[point] : 0;

    if (point == '"' || point == '\\')
        letter = (char)point;
    if (letter != 0) {
        out[0] = '\\';
        out[1] = letter;
        return 2;
    }
    if (point < 0x10000)
        return text_unit(out, point);
    point -= 0x10000;
    return text_unit(out, 0xd800 | point >> 10) + text_unit(out + 6, 0xdc00 | (point & 0x3ffu));
}

/* In its place at once where it surely fits. */
static void put_escape(struct text *text, uint32_t point)
{
    char escape[TEXT_ESCAPE_BYTES_MAX];

    if (!text->overflow && text->room - text->len >= TEXT_ESCAPE_BYTES_MAX)
        text->len += text_escape(text->at + text->len, point);
    else
        text_raw(text, escape, text_escape(escape, point));
}

struct text text_into(void *at, size_t room)
{
    return (struct text){.at = at, .room = room};
}

void text_raw(struct text *text, const char *bytes, size_t len)
{
    if (text->overflow || len > text->room - text->len) {
        text->overflow = true;
        return;
    }
    if (len > 0)
        memcpy(text->at + text->len, bytes, len);
    text->len += len;
}

void text_literal(struct text *text, const char *string)
{
    text_raw(text, string, strlen(string));
}

size_t text_string_cut(struct text *text, const char *bytes, size_t len, size_t bytes_max)
{
    const size_t end = len < bytes_max ? len : bytes_max;
    size_t at = 0;

    text_raw(text, "\"", 1);
    bool whole = true; /* but a last code point that goes past the end */
    while (at < end && whole && !text->overflow) {
        size_t plain = text_plain_run(bytes + at, end - at);
        text_raw(text, bytes + at, plain);
        at += plain;
        /* In most scripts one that is escaped follows another. */
        while (at < end && !text_is_plain((unsigned char)bytes[at]) && !text->overflow) {
            uint32_t point;
            size_t step = text_decode(bytes + at, len - at, &point);
            whole = step <= end - at;
            if (!whole)
                break;
            put_escape(text, point);
            at += step;
        }
    }
    text_raw(text, "\"", 1);
    return at;
}

void text_string(struct text *text, const char *bytes, size_t len)
{
    (void)text_string_cut(text, bytes, len, len); /* all of it is taken, unless it overflows */
}

void text_u64(struct text *text, uint64_t value)
{
    char digits[TEXT_DECIMAL_BYTES_MAX];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    text_raw(text, digits + at, sizeof(digits) - at);
}

void text_i64(struct text *text, int64_t value)
{
    if (value < 0)
        text_raw(text, "-", 1);
    text_u64(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void text_u64_string(struct text *text, uint64_t value)
{
    text_raw(text, "\"", 1);
    text_u64(text, value);
    text_raw(text, "\"", 1);
}

void text_hex(struct text *text, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char pair[2] = {text_hex_digits[bytes[i] >> 4], text_hex_digits[bytes[i] & 0xfu]};
        text_raw(text, pair, 2);
    }
}

bool text_hex_read(const char *hex, uint8_t *ret_bytes, size_t len)
{
    for (size_t i = 0; i < 2 * len; i++) {
        const char *digit = memchr(text_hex_digits, hex[i], sizeof(text_hex_digits) - 1);
        if (digit == NULL)
            return false;
        unsigned before = i % 2 == 0 ? 0 : ret_bytes[i / 2];
        ret_bytes[i / 2] = (uint8_t)(before << 4 | (unsigned)(digit - text_hex_digits));
    }
    return true;
}

void text_key(struct text *text, const char *key)
{
    text_raw(text, ",\"", 2);
    text_literal(text, key);
    text_raw(text, "\":", 2);
}

void text_member_string(struct text *text, const char *key, const char *value)
{
    text_key(text, key);
    text_string(text, value, strlen(value));
}

void text_member_u64(struct text *text, const char *key, uint64_t value)
{
    text_key(text, key);
    text_u64(text, value);
}

void text_member_i64(struct text *text, const char *key, int64_t value)
{
    text_key(text, key);
    text_i64(text, value);
}

void text_member_bool(struct text *text, const char *key, bool value)
{
    text_key(text, key);
    text_literal(text, value ? "true" : "false");
}

void text_member_sha256(struct text *text, const char *key, const uint8_t *digest)
{
    text_key(text, key);
    text_literal(text, "\"sha256:");
    text_hex(text, digest, SHA256_BYTES);
    text_literal(text, "\"");
}

void text_member_time(struct text *text, const char *key, int64_t wall_ns)
{
    char time[TIME_TEXT_BYTES];

    time_text_format(wall_ns, time);
    text_member_string(text, key, time);
}
