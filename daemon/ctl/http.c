/*
 * HTTP/1.x by RFC 9112: status line, fields, chunks; gzip and deflate by zlib. What is wrong in a
 * body ends it: the bytes before that were sent, and count.
 */
#include "daemon/ctl/http.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#define ANY_WINDOW (15 + 32) /* the largest; a header of gzip or of zlib */

enum coding { CODING_NONE = 0, CODING_ZLIB, CODING_UNKNOWN };

struct head {
    enum coding coding;
    bool chunked;
    size_t len;
};

/* A word in small letters, up to a separator. Returns how many bytes it took. */
static size_t lower_word(const char *at, size_t len, const char *separators, char *out, size_t room)
{
    size_t i = 0, written = 0;
    for (; i < len && strchr(separators, at[i]) == NULL; i++) {
        char c = at[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c > ' ' && c < 0x7f && written + 1 < room)
            out[written++] = c;
    }
    out[written] = '\0';
    return i;
}

void http_type(const char *value, size_t len, struct http *http)
{
    static const char name[] = "charset=";
    size_t at = lower_word(value, len, ";,", http->type, HTTP_TYPE_BYTES);
    http->charset[0] = '\0';
    for (; at + sizeof name - 1 <= len; at++)
        if (strncasecmp(value + at, name, sizeof name - 1) == 0) {
            at += sizeof name - 1;
            at += at < len && value[at] == '"';
            (void)lower_word(value + at, len - at, ";, \"", http->charset, HTTP_TYPE_BYTES);
            return;
        }
}

static bool is_field(const char *line, size_t len, const char *name, const char **ret_value,
                     size_t *ret_len)
{
    size_t name_len = strlen(name);
    if (len <= name_len || line[name_len] != ':' || strncasecmp(line, name, name_len) != 0)
        return false;
    *ret_value = line + name_len + 1;
    *ret_len = len - name_len - 1;
    return true;
}

static void take_field(const char *line, size_t len, struct head *head, struct http *http)
{
    const char *value = NULL;
    size_t value_len = 0;
    char word[HTTP_TYPE_BYTES];
    if (is_field(line, len, "content-type", &value, &value_len)) {
        http_type(value, value_len, http);
    } else if (is_field(line, len, "content-encoding", &value, &value_len)) {
        (void)lower_word(value, value_len, "", word, sizeof word);
        head->coding = strcmp(word, "identity") == 0 || word[0] == '\0' ? CODING_NONE
                       : strcmp(word, "gzip") == 0 || strcmp(word, "x-gzip") == 0 ||
                               strcmp(word, "deflate") == 0
                           ? CODING_ZLIB
                           : CODING_UNKNOWN;
    } else if (is_field(line, len, "transfer-encoding", &value, &value_len)) {
        (void)lower_word(value, value_len, "", word, sizeof word);
        head->chunked = strcmp(word, "chunked") == 0;
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The status line and the fields. False: there is no such head. */
static bool read_head(const char *bytes, size_t len, struct head *head, struct http *http)
{
    if (len < 12 || memcmp(bytes, "HTTP/1.", 7) != 0 || bytes[8] != ' ' || !is_digit(bytes[9]) ||
        !is_digit(bytes[10]) || !is_digit(bytes[11]))
        return false;
    http->status = (unsigned)(bytes[9] - '0') * 100 + (unsigned)(bytes[10] - '0') * 10 +
                   (unsigned)(bytes[11] - '0');
    for (size_t at = 0; at < len;) {
        const char *newline = memchr(bytes + at, '\n', len - at);
        if (newline == NULL)
            return false;
        size_t line_len = (size_t)(newline - (bytes + at));
        size_t shown = line_len > 0 && newline[-1] == '\r' ? line_len - 1 : line_len;
        if (shown == 0) {
            head->len = at + line_len + 1;
            return http->status >= 100 && http->status <= 599;
        }
        take_field(bytes + at, shown, head, http);
        at += line_len + 1;
    }
    return false;
}

static int hex(char c)
{
    return is_digit(c)            ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The size of a chunk at *at, which goes behind its line. False: there is none. */
static bool chunk_size(const char *bytes, size_t len, size_t *at, size_t *ret_size)
{
    size_t size = 0, digits = 0;
    for (; *at < len && hex(bytes[*at]) >= 0; (*at)++, digits++) {
        if (size > (SIZE_MAX >> 8))
            return false;
        size = size * 16 + (size_t)hex(bytes[*at]);
    }
    const char *newline = memchr(bytes + *at, '\n', len - *at);
    if (digits == 0 || newline == NULL)
        return false;
    *at = (size_t)(newline - bytes) + 1;
    *ret_size = size;
    return true;
}

/* Joins the chunks in place. Returns how long the body is; `len`, with nothing done, when it does
   not begin with a chunk. */
static size_t join_chunks(char *bytes, size_t len)
{
    size_t at = 0, written = 0, size = 0;
    if (!chunk_size(bytes, len, &at, &size))
        return len;
    while (size > 0) {
        size_t some = size < len - at ? size : len - at;
        memmove(bytes + written, bytes + at, some);
        written += some;
        at += some;
        at += at < len && bytes[at] == '\r';
        at += at < len && bytes[at] == '\n';
        if (some < size || !chunk_size(bytes, len, &at, &size))
            break;
    }
    return written;
}

/* What a writer has unpacked already begins as a page does. */
static bool is_plain(const char *bytes, size_t len)
{
    size_t at = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < len && strchr(" \t\r\n", bytes[at]) != NULL)
        at++;
    return at == len || bytes[at] == '<';
}

static void unpack_body(struct http *http, char *room)
{
    z_stream stream = {.next_in = (unsigned char *)http->body,
                       .avail_in = (unsigned)http->body_len,
                       .next_out = (unsigned char *)room,
                       .avail_out = HTTP_BODY_BYTES_MAX};
    http->fault = "its body says that it is packed by gzip or deflate, and is not";
    if (inflateInit2(&stream, ANY_WINDOW) != Z_OK)
        return;
    (void)inflate(&stream, Z_FINISH); /* what came out counts, wherever it ended */
    (void)inflateEnd(&stream);        /* nothing is lost by it */
    if (stream.avail_out == HTTP_BODY_BYTES_MAX)
        return;
    http->fault = NULL;
    http->body = room;
    http->body_len = HTTP_BODY_BYTES_MAX - stream.avail_out;
}

bool http_read(char *bytes, size_t len, char *room, struct http *ret_http)
{
    struct http http = {.status = 0};
    struct head head = {.coding = CODING_NONE};
    if (!read_head(bytes, len, &head, &http))
        return false;
    http.body = bytes + head.len;
    http.body_len = len - head.len;
    if (head.chunked)
        http.body_len = join_chunks(http.body, http.body_len);
    if (head.coding != CODING_NONE && !is_plain(http.body, http.body_len)) {
        if (head.coding == CODING_ZLIB)
            unpack_body(&http, room);
        else
            http.fault = "its body is packed by something else than gzip or deflate";
    }
    *ret_http = http;
    return true;
}
