/* A body is what its server meant, and says when some of it is lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "daemon/ctl/http.h"
#include "tests/fakes/test.h"

enum window { GZIP = 15 + 16, ZLIB = 15, RAW = -15 };

static char message[256 * 1024];
static char *room;

/* A head with these fields; returns its length. */
static size_t head(const char *fields)
{
    return (size_t)snprintf(message, sizeof message,
                            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n%s\r\n", fields);
}

static size_t pack(enum window window, const char *text, size_t len, char *out, size_t out_room)
{
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)text,
                       .avail_in = (unsigned)len,
                       .next_out = (unsigned char *)out,
                       .avail_out = (unsigned)out_room};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&stream), Z_OK);
    return out_room - stream.avail_out;
}

/* Reads the first len bytes of the message, from a block without a byte behind it. */
static void expect(size_t len, const char *body, bool cut)
{
    char *bytes = malloc(len);
    struct http http;
    assert_non_null(bytes);
    memcpy(bytes, message, len);
    assert_true(http_read(bytes, len, room, &http));
    if (http.fault != NULL || http.body_len != strlen(body) ||
        memcmp(http.body, body, http.body_len) != 0 || http.cut != cut)
        fail_msg("%.*s%s%s, not %s%s", (int)http.body_len, http.body, http.cut ? " (cut)" : "",
                 http.fault == NULL ? "" : http.fault, body, cut ? " (cut)" : "");
    free(bytes);
}

static void expect_fault(size_t len)
{
    struct http http;
    assert_true(http_read(message, len, room, &http));
    assert_non_null(http.fault);
}

static void expect_of(const char *fields, const char *sent, const char *body, bool cut)
{
    size_t len = head(fields);
    memcpy(message + len, sent, strlen(sent));
    expect(len + strlen(sent), body, cut);
}

static void a_body_that_is_shorter_than_its_content_length_is_cut(void **state)
{
    (void)state;
    expect_of("Content-Length: 5\r\n", "plush", "plush", false);
    expect_of("Content-Length: 4\r\n", "plush", "plush", false);
    expect_of("Content-Length: 6\r\n", "plush", "plush", true);
    expect_of("Content-Length: many\r\n", "plush", "plush", false);
    expect_of("Content-Length: 99999999999999999999999\r\n", "plush", "plush", false);
    expect_of("Content-Length: 9\r\nContent-Encoding: gzip\r\n", "<p>a", "<p>a", false);
}

static void chunks_that_end_early_or_are_bad_are_cut(void **state)
{
    (void)state;
    static const char fields[] = "Transfer-Encoding: chunked\r\n";
    static const char whole[] = "3\r\nplu\r\n2;a=b\r\nsh\r\n0\r\n\r\n";
    size_t len = head(fields);
    memcpy(message + len, whole, sizeof whole - 1);
    const char *const bodies[] = {"", "p", "pl", "plu", "plus", "plush"};
    for (size_t some = 4; some < sizeof whole; some++) {
        size_t shown = some <= 6 ? some - 3 : some <= 15 ? 3 : some == 16 ? 4 : 5;
        expect(len + some, bodies[shown], some < 22);
    }
    expect_of(fields, "3\r\nplu\r\nxx\r\nsh\r\n0\r\n\r\n", "plu", true);
    expect_of(fields, "3\r\nplush\r\n0\r\n\r\n", "plu", true);
    expect_of(fields, "Add to cart\n", "Add to cart\n", false);
}

static void every_member_of_a_packed_body_is_read(void **state)
{
    (void)state;
    size_t begin = head("Content-Encoding: gzip\r\n"), at = begin;
    at += pack(GZIP, "plu", 3, message + at, sizeof message - at);
    size_t second = at;
    at += pack(GZIP, "sh", 2, message + at, sizeof message - at);
    expect(at, "plush", false);
    message[at] = 'x';
    expect(at + 1, "plush", false);
    expect(second + 2, "plu", true);
    expect(at - 1, "plush", true);
    message[second + 2] = 'x';
    expect(at, "plu", true);
}

static void a_packed_body_that_breaks_is_cut(void **state)
{
    (void)state;
    char text[2001];
    size_t begin = head("Content-Encoding: gzip\r\n");
    for (unsigned i = 0; i < 2000; i++)
        text[i] = (char)('a' + i * i % 23);
    text[2000] = '\0';
    size_t len = pack(GZIP, text, 2000, message + begin, sizeof message - begin);
    struct http http;
    for (size_t some = 40; some < len; some++) {
        assert_true(http_read(message, begin + some, room, &http));
        assert_null(http.fault);
        assert_true(http.cut);
        assert_memory_equal(http.body, text, http.body_len);
    }
    expect(begin + len, text, false);
}

static void a_body_over_its_room_is_cut(void **state)
{
    (void)state;
    char *text = malloc(HTTP_BODY_BYTES_MAX + 1);
    assert_non_null(text);
    memset(text, 'a', HTTP_BODY_BYTES_MAX + 1);
    size_t begin = head("Content-Encoding: gzip\r\n");
    for (unsigned more = 0; more < 2; more++) {
        size_t len =
            pack(GZIP, text, HTTP_BODY_BYTES_MAX + more, message + begin, sizeof message - begin);
        struct http http;
        assert_true(http_read(message, begin + len, room, &http));
        assert_int_equal(http.body_len, HTTP_BODY_BYTES_MAX);
        assert_int_equal(http.cut, more > 0);
    }
    free(text);
}

static void deflate_is_read_with_and_without_a_header(void **state)
{
    (void)state;
    static const enum window windows[] = {ZLIB, RAW, GZIP};
    for (unsigned i = 0; i < 3; i++) {
        size_t len = head("Content-Encoding: deflate\r\n");
        len += pack(windows[i], "plush", 5, message + len, sizeof message - len);
        expect(len, "plush", false);
    }
    size_t len = head("Content-Encoding: deflate\r\n");
    memcpy(message + len, "Rather plain text", 17);
    expect_fault(len + 17);
    len = head("Content-Encoding: gzip\r\n");
    expect_fault(len + pack(RAW, "plush", 5, message + len, sizeof message - len));
}

static void what_is_packed_on_the_way_is_unpacked(void **state)
{
    (void)state;
    static const char *const fields[] = {
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: GZIP\r\nTransfer-Encoding: chunked\r\n",
        "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
    };
    char packed[256];
    size_t packed_len = pack(GZIP, "plush", 5, packed, sizeof packed);
    for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        size_t len = head(fields[i]);
        len += (size_t)snprintf(message + len, 16, "%zx\r\n", packed_len);
        memcpy(message + len, packed, packed_len);
        memcpy(message + len + packed_len, "\r\n0\r\n\r\n", 7);
        expect(len + packed_len + 7, "plush", false);
    }
}

static void what_cannot_be_unpacked_is_a_fault(void **state)
{
    (void)state;
    char packed[256];
    size_t len = head("Content-Encoding: br\r\n");
    memcpy(message + len, "\x0b\x02\x80", 3);
    expect_fault(len + 3);
    len = head("Content-Encoding: gzip, gzip\r\n");
    size_t packed_len = pack(GZIP, "plush", 5, packed, sizeof packed);
    expect_fault(len + pack(GZIP, packed, packed_len, message + len, sizeof message - len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_that_is_shorter_than_its_content_length_is_cut),
        cmocka_unit_test(chunks_that_end_early_or_are_bad_are_cut),
        cmocka_unit_test(every_member_of_a_packed_body_is_read),
        cmocka_unit_test(a_packed_body_that_breaks_is_cut),
        cmocka_unit_test(a_body_over_its_room_is_cut),
        cmocka_unit_test(deflate_is_read_with_and_without_a_header),
        cmocka_unit_test(what_is_packed_on_the_way_is_unpacked),
        cmocka_unit_test(what_cannot_be_unpacked_is_a_fault),
    };
    room = malloc(HTTP_BODY_BYTES_MAX);
    if (room == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(room);
    return failed;
}
