/*
 * One walk over the tokens. What json_parse took is balanced and its strings are closed: that is
 * asserted, not judged again.
 */
#include "daemon/event_text.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/text.h"

struct event_text *event_text_open(void)
{
    return malloc(sizeof(struct event_text)); /* written before it is read */
}

struct event_text *event_text_close(struct event_text *text)
{
    free(text);
    return NULL;
}

static uint32_t read_hex(const char *at)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)at[i];
        value = value << 4 | (c <= '9' ? c - 48u : (c | 0x20u) - 87u); /* '0'; 'a' is ten */
    }
    return value;
}

static size_t put_utf8(char *out, uint32_t point)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xc0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xe0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

/* The escape at a backslash, as UTF-8, which is never longer. Returns how many bytes it has here.
 */
static size_t take_escape(const char *at, const char *end, char *out, size_t *out_len)
{
    static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
    assert(end - at >= 2);
    if (at[1] != 'u') {
        const char *letter = strchr(letters, at[1]);
        out[(*out_len)++] = letter != NULL ? meant[letter - letters] : at[1];
        return 2;
    }
    assert(end - at >= 6);
    uint32_t unit = read_hex(at + 2);
    size_t used = 6;
    if (unit >= 0xd800 && unit < 0xdc00 && end - at >= 12 && at[6] == '\\' && at[7] == 'u') {
        uint32_t low = read_hex(at + 8);
        if (low >= 0xdc00 && low < 0xe000) {
            unit = 0x10000 + ((unit - 0xd800) << 10 | (low - 0xdc00));
            used = 12;
        }
    }
    if (unit >= 0xd800 && unit < 0xe000)
        unit = 0xfffd; /* a lone surrogate (DESIGN 9.4) */
    *out_len += put_utf8(out + *out_len, unit);
    return used;
}

/* The string whose quote is at `at`. Returns what is behind it. */
static const char *take_string(struct event_text *text, struct text *out, const char *at,
                               const char *end)
{
    size_t len = 0;
    for (at++; at < end && *at != '"';) {
        if (*at == '\\')
            at += take_escape(at, end, text->scratch, &len);
        else
            text->scratch[len++] = *at++;
    }
    assert(at < end);
    text_string(out, text->scratch, len);
    return at + 1;
}

static void end_member(struct event_text *text, size_t at)
{
    text->members[text->count++].end = at;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool event_text_take(struct event_text *text, const char *json, size_t len)
{
    assert(len <= JSON_BYTES_MAX);
    struct text out = text_into(text->bytes, sizeof text->bytes);
    const char *at = json, *end = json + len;
    size_t depth = 0;
    bool key = false; /* the next string is the key of a member of ours */
    text->count = 0;
    while (at < end && !out.overflow) {
        char c = *at;
        if (c == '"') {
            if (key && text->count == EVENT_MEMBERS_MAX)
                return false;
            if (key)
                text->members[text->count].begin = out.len;
            key = false;
            at = take_string(text, &out, at, end);
            continue;
        }
        at++;
        if (is_space(c))
            continue;
        bool inner = depth == 1;
        if (inner && (c == ',' || (c == '}' && !key)))
            end_member(text, out.len);
        depth += c == '{' || c == '[' ? 1 : 0;
        depth -= c == '}' || c == ']' ? 1 : 0;
        key = depth == 1 && (c == '{' || c == ',');
        text_raw(&out, &c, 1);
        if (inner && c == ':')
            text->members[text->count].value = out.len;
    }
    assert(out.overflow || depth == 0);
    text->len = out.len;
    return !out.overflow;
}

bool event_text_is(const struct event_text *text, const struct event_member *member,
                   const char *key)
{
    size_t len = strlen(key);
    return member->value - member->begin == len + 3 &&
           memcmp(text->bytes + member->begin + 1, key, len) == 0;
}

const struct event_member *event_text_find(const struct event_text *text, const char *key)
{
    for (size_t i = 0; i < text->count; i++) {
        const struct event_member *member = &text->members[i];
        if (event_text_is(text, member, key))
            return text->bytes[member->value] == 'n' ? NULL : member;
    }
    return NULL;
}
