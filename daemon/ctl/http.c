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
#define RAW_WINDOW (-15)     /* no header, as some servers send "deflate" */

enum coding { CODING_NONE = 0, CODING_GZIP, CODING_DEFLATE, CODING_UNKNOWN };

struct head {
    enum coding coding;
    bool chunked, has_body_len;
    uint64_t body_len; /* as it says */
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

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The codings of a list: "gzip, chunked". */
static void take_codings(const char *value, size_t len, struct head *head)
{
    for (size_t at = 0; at < len; at++) {
        char word[HTTP_TYPE_BYTES];
        at += lower_word(value + at, len - at, ",", word, sizeof word);
        if (strcmp(word, "chunked") == 0)
            head->chunked = true;
        else if (strcmp(word, "gzip") == 0 || strcmp(word, "x-gzip") == 0)
            head->coding = CODING_GZIP;
        else if (strcmp(word, "deflate") == 0)
            head->coding = CODING_DEFLATE;
        else if (word[0] != '\0' && strcmp(word, "identity") != 0)
            head->coding = CODING_UNKNOWN;
    }
}

static void take_body_len(const char *value, size_t len, struct head *head)
{
    size_t at = 0;
    head->body_len = 0;
    while (at < len && (value[at] == ' ' || value[at] == '\t'))
        at++;
    for (head->has_body_len = false; at < len && is_digit(value[at]); at++) {
        head->has_body_len = head->body_len < UINT64_MAX / 16;
        head->body_len =
            head->has_body_len ? head->body_len * 10 + (uint64_t)(value[at] - '0') : UINT64_MAX;
    }
}

static void take_field(const char *line, size_t len, struct head *head, struct http *http)
{
    const char *value = NULL;
    size_t value_len = 0;
    if (is_field(line, len, "content-type", &value, &value_len))
        http_type(value, value_len, http);
    else if (is_field(line, len, "content-encoding", &value, &value_len) ||
             is_field(line, len, "transfer-encoding", &value, &value_len))
        take_codings(value, value_len, head);
    else if (is_field(line, len, "content-length", &value, &value_len))
        take_body_len(value, value_len, head);
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
    for (; *at < len && (bytes[*at] == ' ' || bytes[*at] == '\t'); (*at)++)
        ;
    const char *newline = memchr(bytes + *at, '\n', len - *at);
    if (digits == 0 || newline == NULL || memchr(";\r\n", bytes[*at], 3) == NULL)
        return false;
    *at = (size_t)(newline - bytes) + 1;
    *ret_size = size;
    return true;
}

/* Joins the chunks of the body in place, up to one that is bad or broken. A body that does not
   begin with a chunk stays as it is: its writer has joined them. */
static void join_chunks(struct http *http)
{
    char *bytes = http->body;
    size_t len = http->body_len, at = 0, written = 0, size = 0;
    if (!chunk_size(bytes, len, &at, &size))
        return;
    while (size > 0 && !http->cut) {
        size_t some = size < len - at ? size : len - at;
        memmove(bytes + written, bytes + at, some);
        written += some;
        at += some;
        at += at < len && bytes[at] == '\r';
        at += at < len && bytes[at] == '\n';
        http->cut = some < size || !chunk_size(bytes, len, &at, &size);
    }
    http->body_len = written;
}

/* What a writer has unpacked already begins as a page does. */
static bool is_plain(const char *bytes, size_t len)
{
    size_t at = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < len && strchr(" \t\r\n", bytes[at]) != NULL)
        at++;
    return at == len || bytes[at] == '<';
}

/* Whether another member of gzip begins here (RFC 1952, 2.2). */
static bool is_member(const unsigned char *bytes, size_t len)
{
    return len >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

/* Unpacks the body into room, all its members. False: nothing came out of it, or it is not of this
   kind. */
static bool inflate_body(struct http *http, char *room, int window)
{
    z_stream stream = {.next_in = (unsigned char *)http->body,
                       .avail_in = (unsigned)http->body_len,
                       .next_out = (unsigned char *)room,
                       .avail_out = HTTP_BODY_BYTES_MAX};
    if (inflateInit2(&stream, window) != Z_OK)
        return false;
    int result = inflate(&stream, Z_FINISH);
    while (result == Z_STREAM_END && is_member(stream.next_in, stream.avail_in) &&
           inflateReset(&stream) == Z_OK)
        result = inflate(&stream, Z_FINISH);
    (void)inflateEnd(&stream); /* nothing is lost by it */
    size_t len = HTTP_BODY_BYTES_MAX - stream.avail_out;
    /* Without a header and a checksum, what breaks was perhaps never packed. */
    if ((len == 0 && result != Z_STREAM_END) || (window == RAW_WINDOW && result == Z_DATA_ERROR))
        return false;
    http->cut = http->cut || result != Z_STREAM_END;
    http->body = room;
    http->body_len = len;
    return true;
}

static void unpack_body(struct http *http, enum coding coding, char *room)
{
    if (coding == CODING_UNKNOWN)
        http->fault = "its body is packed by something else than gzip or deflate";
    else if (!inflate_body(http, room, ANY_WINDOW) &&
             (coding != CODING_DEFLATE || !inflate_body(http, room, RAW_WINDOW)))
        http->fault = "its body says that it is packed by gzip or deflate, and is not";
    else if (is_member((const unsigned char *)http->body, http->body_len))
        http->fault = "its body is packed more than once";
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
        join_chunks(&http);
    if (head.coding != CODING_NONE && !is_plain(http.body, http.body_len))
        unpack_body(&http, head.coding, room);
    else if (head.coding == CODING_NONE && !head.chunked && head.has_body_len)
        http.cut = http.body_len < head.body_len;
    *ret_http = http;
    return true;
}
