/*
 * Charsets by iconv; UTF-8 by itself, since most pages are and need no copy.
 */
#include "daemon/ctl/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/ledger/text.h"

#define LABEL_BYTES 64u
#define GROWTH      3u /* bytes of UTF-8 that one byte becomes, but in charsets nobody sends */

static const char replacement[3] = "\xef\xbf\xbd"; /* U+FFFD */

/* What a label means by the WHATWG Encoding Standard (encoding.spec.whatwg.org, 4.2 Names and
   labels), as browsers read pages, where iconv takes it for a smaller set or does not know it. */
static const char *charset_meant(const char *label)
{
    static const struct {
        const char *label, *meant;
    } meanings[] = {
        {"gb2312", "GB18030"},      {"gbk", "GB18030"},       {"gb_2312-80", "GB18030"},
        {"x-gbk", "GB18030"},       {"shift_jis", "CP932"},   {"shift-jis", "CP932"},
        {"sjis", "CP932"},          {"x-sjis", "CP932"},      {"us-ascii", "CP1252"},
        {"ascii", "CP1252"},        {"iso-8859-1", "CP1252"}, {"latin1", "CP1252"},
        {"iso8859-1", "CP1252"},    {"euc-kr", "CP949"},      {"ks_c_5601-1987", "CP949"},
        {"big5", "BIG5-HKSCS"},     {"iso-8859-9", "CP1254"}, {"iso-8859-11", "CP874"},
        {"tis-620", "CP874"},       {"utf-16", "UTF-16LE"},   {"utf8", "UTF-8"},
        {"x-cp1252", "CP1252"},     {"x-cp1251", "CP1251"},   {"x-euc-jp", "EUC-JP"},
        {"x-x-big5", "BIG5-HKSCS"},
    };
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (strcasecmp(label, meanings[i].label) == 0)
            return meanings[i].meant;
    return label;
}

static bool is_utf8(const char *charset)
{
    return strcasecmp(charset, "UTF-8") == 0;
}

static bool is_wide(const char *charset)
{
    return strncasecmp(charset, "UTF-16", 6) == 0;
}

/* Whether a label names a charset. What is behind a '/' would be an order to iconv. */
static bool is_known(const char *label)
{
    if (label[0] == '\0' || strchr(label, '/') != NULL)
        return false;
    iconv_t converter = iconv_open("UTF-8", charset_meant(label));
    return converter != (iconv_t)-1 && iconv_close(converter) == 0;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool begins(const char *at, const char *end, const char *word)
{
    size_t len = strlen(word);
    return (size_t)(end - at) >= len && strncasecmp(at, word, len) == 0;
}

/* The label of charset=label in a tag. False: it has none. */
static bool read_label(const char *at, const char *end, char label[LABEL_BYTES])
{
    static const char name[] = "charset";
    for (; at < end; at++) {
        const char *to = at;
        size_t len = 0;
        if (!begins(at, end, name))
            continue;
        for (to += sizeof name - 1; to < end && is_space(*to); to++)
            ;
        if (to == end || *to != '=')
            continue;
        for (to++; to < end && (is_space(*to) || *to == '"' || *to == '\''); to++)
            ;
        for (; to < end && len + 1 < LABEL_BYTES && *to > ' ' && strchr("\"';,/>", *to) == NULL;)
            label[len++] = *to++;
        label[len] = '\0';
        return len > 0;
    }
    return false;
}

/* The known charset that a page says it has. False: it says none. */
static bool find_meta(const char *at, const char *end, char label[LABEL_BYTES])
{
    for (; (at = memchr(at, '<', (size_t)(end - at))) != NULL; at++) {
        if (begins(at, end, "<!--")) {
            const char *behind = memmem(at + 4, (size_t)(end - at) - 4, "-->", 3);
            if (behind == NULL)
                return false;
            at = behind;
        } else if (begins(at, end, "<meta")) {
            const char *close = memchr(at, '>', (size_t)(end - at));
            if (close == NULL)
                return false;
            if (read_label(at + strlen("<meta"), close, label) && is_known(label))
                return true;
        }
    }
    return false;
}

/* Whether the first character beyond ASCII, if there is one, is UTF-8. */
static bool looks_utf8(const char *bytes, size_t len)
{
    uint32_t point = 0;
    for (size_t at = 0; at < len && point < 0x80;)
        at += text_decode(bytes + at, len - at, &point);
    return point != 0xfffd;
}

static const char *charset_of(const char *bytes, size_t len, const char *charset,
                              char label[LABEL_BYTES])
{
    if (is_known(charset))
        return charset_meant(charset);
    size_t looked = len < CHARSET_META_BYTES_MAX ? len : CHARSET_META_BYTES_MAX;
    if (find_meta(bytes, bytes + looked, label)) {
        const char *meant = charset_meant(label);
        return is_wide(meant) ? "UTF-8" : meant; /* a page whose <meta> was read is not wide */
    }
    return looks_utf8(bytes, len) ? "UTF-8" : "CP1252";
}

/* The byte order mark of a page, and its length. NULL: it has none. */
static const char *marked(const char *bytes, size_t len, size_t *ret_len)
{
    static const struct {
        const char *mark, *charset;
    } marks[] = {{"\xef\xbb\xbf", "UTF-8"}, {"\xfe\xff", "UTF-16BE"}, {"\xff\xfe", "UTF-16LE"}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        *ret_len = strlen(marks[i].mark);
        if (len >= *ret_len && memcmp(bytes, marks[i].mark, *ret_len) == 0)
            return marks[i].charset;
    }
    *ret_len = 0;
    return NULL;
}

/* Where the first bytes that are no UTF-8 are; len: nowhere. */
static size_t first_bad(const char *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t point = 0;
        size_t some = 1;
        uint64_t eight = UINT64_MAX;
        if (len - at >= sizeof eight)
            memcpy(&eight, bytes + at, sizeof eight);
        if ((eight & UINT64_C(0x8080808080808080)) == 0) {
            at += sizeof eight;
            continue;
        }
        if ((unsigned char)bytes[at] >= 0x80)
            some = text_decode(bytes + at, len - at, &point);
        if (point == 0xfffd && (some < 3 || memcmp(bytes + at, replacement, 3) != 0))
            return at;
        at += some;
    }
    return len;
}

/* UTF-8 of which some is none. made has room for GROWTH * len. */
static size_t repair(const char *bytes, size_t len, char *made)
{
    size_t written = 0;
    for (size_t at = 0; at < len;) {
        size_t good = first_bad(bytes + at, len - at);
        memcpy(made + written, bytes + at, good);
        at += good;
        written += good;
        if (at < len) {
            uint32_t point = 0;
            at += text_decode(bytes + at, len - at, &point);
            memcpy(made + written, replacement, 3);
            written += 3;
        }
    }
    return written;
}

/* By iconv. */
static size_t convert(iconv_t converter, size_t unit, const char *bytes, size_t len, char *made,
                      bool *ret_cut)
{
    char *in = (char *)(uintptr_t)bytes, *out = made; /* iconv writes nothing there */
    size_t room = GROWTH * len;
    *ret_cut = false;
    while (len > 0 && iconv(converter, &in, &len, &out, &room) == (size_t)-1) {
        size_t some = len < unit || errno == EINVAL ? len : unit;
        if (errno == E2BIG || room < sizeof replacement) {
            *ret_cut = true;
            break;
        }
        memcpy(out, replacement, sizeof replacement);
        out += sizeof replacement;
        room -= sizeof replacement;
        in += some;
        len -= some;
    }
    *ret_cut = iconv(converter, NULL, NULL, &out, &room) == (size_t)-1 || *ret_cut;
    return (size_t)(out - made);
}

int charset_decode(const char *bytes, size_t len, const char *charset,
                   struct charset_text *ret_text)
{
    char label[LABEL_BYTES];
    size_t mark_len = 0;
    const char *mark = marked(bytes, len, &mark_len);
    struct charset_text text = {.at = bytes + mark_len, .len = len - mark_len};
    const char *from = mark != NULL ? mark : charset_of(bytes, len, charset, label);
    if (!is_utf8(from) || first_bad(text.at, text.len) < text.len) {
        text.made = malloc(GROWTH * text.len + 1);
        if (text.made == NULL)
            return -ENOMEM;
        if (is_utf8(from)) {
            text.len = repair(text.at, text.len, text.made);
        } else {
            iconv_t converter = iconv_open("UTF-8", from);
            if (converter == (iconv_t)-1) { /* it was opened before: only memory can be short */
                free(text.made);
                return -ENOMEM;
            }
            text.len =
                convert(converter, is_wide(from) ? 2 : 1, text.at, text.len, text.made, &text.cut);
            (void)iconv_close(converter); /* nothing is lost by it */
        }
        text.at = text.made;
    }
    *ret_text = text;
    return 0;
}
