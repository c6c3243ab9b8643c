/* Records of a WARC become lines wherever their bytes are cut, and a damaged one costs no other. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "daemon/ctl/input.h"
#include "daemon/digest.h"
#include "tests/fakes/test.h"

#define HEAD(type, mime, length)                                                                   \
    "WARC/1.0\r\nWARC-Type: " type "\r\nWARC-Target-URI: <https://a.example/1>\r\n"                \
    "WARC-Date: 2026-11-30T08:00:00Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n"                          \
    "WARC-Payload-Digest: sha1:AB\r\nContent-Type: " mime "\r\ncontent-length: " length "\r\n\r\n"
#define WET HEAD("conversion", "text/plain", "5") "plush\r\n\r\n"
#define FIELDS(type, at)                                                                           \
    "{\"WARC-Type\":\"" type "\",\"WARC-Target-URI\":\"https://a.example/1\","                     \
    "\"WARC-Date\":\"2026-11-30T08:00:00Z\",\"WARC-Record-ID\":\"<urn:uuid:1>\","                  \
    "\"WARC-Payload-Digest\":\"sha1:AB\",\"offset\":" at
#define PLUSH(at)        FIELDS("conversion", at) ",\"text\":\"plush\"}\n"
#define DAMAGED(why, at) "{\"damaged\":\"" why "\",\"offset\":" at "}\n"

struct told {
    unsigned count;
    uint64_t offset;
};

static void on_damage(void *context, uint64_t offset, const char *why)
{
    struct told *told = context;
    assert_non_null(why);
    told->count++;
    told->offset = offset;
}

/* The lines of bytes that come in pieces. */
static size_t lines_of(const char *bytes, size_t len, size_t piece, char *out, size_t room,
                       struct told *told)
{
    int ends[2];
    size_t sent = 0, out_len = 0;
    ssize_t got = -EAGAIN;
    struct input *input = input_open();
    assert_non_null(input);
    *told = (struct told){0};
    input_on_damage(input, on_damage, told);
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    input_start(input, ends[0]);
    while (got != 0) {
        size_t some = len - sent < piece ? len - sent : piece;
        if (some > 0 && !input_has(input)) {
            assert_int_equal(write(ends[1], bytes + sent, some), some);
            sent += some;
        } else if (some == 0 && ends[1] != -1) {
            assert_int_equal(close(ends[1]), 0);
            ends[1] = -1;
        }
        assert_true(room - out_len >= INPUT_ROOM_MIN);
        got = input_read(input, out + out_len, INPUT_ROOM_MIN);
        assert_true(got >= 0 || got == -EAGAIN);
        out_len += got > 0 ? (size_t)got : 0;
    }
    assert_int_equal(close(ends[0]), 0);
    assert_null(input_close(input));
    return out_len;
}

static void expect(const char *bytes, size_t len, const char *lines, unsigned damaged,
                   uint64_t offset)
{
    static char out[1u << 20];
    struct told told;
    for (size_t piece = len < 4096 ? 1 : 2187; piece <= 60000; piece *= 9) {
        size_t out_len = lines_of(bytes, len, piece, out, sizeof out, &told);
        if (out_len != strlen(lines) || memcmp(out, lines, out_len) != 0)
            fail_msg("pieces of %zu: %.*s, not %s", piece, (int)out_len, out, lines);
        assert_int_equal(told.count, damaged);
        if (damaged > 0)
            assert_int_equal(told.offset, offset);
    }
}

static void a_text_keeps_what_names_its_capture(void **state)
{
    (void)state;
    char lines[2048];
    (void)snprintf(lines, sizeof lines, PLUSH("0") PLUSH("%zu"), strlen(WET));
    expect(WET WET, 2 * strlen(WET), lines, 0, 0);
}

static void a_page_gives_its_text_and_its_product(void **state)
{
    (void)state;
    static const char body[] =
        "HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=\"ISO-8859-1\"\r\n\r\n"
        "<title>caf\xe9</title><script>no</script><p>Squish<b>mallows</b><p>x<img alt=y>"
        "<script type=application/ld+json>[{\"@type\":\"Thing\"},{\"@type\":\"Product\",\n"
        "\"name\":\"n\",\"offers\":{\"price\":12.50}}]</script>"
        "<script type=application/ld+json>{bad</script>";
    char bytes[4096];
    int len = snprintf(bytes, sizeof bytes,
                       HEAD("response", "application/http; msgtype=response", "%zu") "%s\r\n\r\n",
                       sizeof body - 1, body);
    expect(bytes, (size_t)len,
           FIELDS("response", "0") ",\"status\":200,\"title\":\"caf\\u00e9\","
                                   "\"text\":\"Squishmallows\\nx y\",\"jsonld\":[[{\"@type\":"
                                   "\"Thing\"},{\"@type\":\"Product\", \"name\":\"n\",\"offers\":{"
                                   "\"price\":12.50}}]],\"product\":{\"@type\":\"Product\", "
                                   "\"name\":\"n\",\"offers\":{\"price\":12.50}}}\n",
           0, 0);
}

/* A block that no line can hold, or whose product the map refuses. */
static void expect_left_out(const char *json, bool kept)
{
    static char bytes[8192], body[4096], lines[8192];
    int body_len = snprintf(body, sizeof body,
                            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nplush"
                            "<script type=application/ld+json>%s</script>",
                            json);
    assert_true(body_len > 0 && (size_t)body_len < sizeof body);
    int len = snprintf(bytes, sizeof bytes,
                       HEAD("response", "application/http; msgtype=response", "%d") "%s\r\n\r\n",
                       body_len, body);
    (void)snprintf(
        lines, sizeof lines,
        FIELDS("response", "0") ",\"status\":200,\"text\":\"plush\"%s%s%s,\"cut\":true}\n",
        kept ? ",\"jsonld\":[" : "", kept ? json : "", kept ? "]" : "");
    expect(bytes, (size_t)len, lines, 0, 0);
}

static void a_product_costs_no_page_its_text(void **state)
{
    (void)state;
    char json[1024];
    for (unsigned deep = 63; deep <= 66; deep++) {
        memset(json, '[', deep);
        json[deep] = '1';
        memset(json + deep + 1, ']', deep);
        json[2 * deep + 1] = '\0';
        expect_left_out(json, false);
    }
    expect_left_out("{\"@type\":\"Product\",\"name\":\"a\",\"name\":\"b\"}", true);
    expect_left_out("{\"@type\":\"Product\",\"offers\":{\"seller\":{\"name\":\"a\\u0000\"}}}",
                    true);
    (void)snprintf(json, sizeof json, "{\"@type\":\"Product\",\"offers\":{\"price\":\"%0*d\"}}",
                   300, 1);
    expect_left_out(json, true);
    (void)snprintf(json, sizeof json,
                   "{\"@type\":\"Product\",\"offers\":{\"seller\":{\"name\":\"%0*d\"}}}", 300, 1);
    expect_left_out(json, true);
}

static void a_damaged_record_is_told_and_the_next_one_is_read(void **state)
{
    (void)state;
    static const char no_length[] = HEAD("conversion", "text/plain", "x") "plush\r\n\r\n" WET;
    static const char garbage[] = WET "garbage\nmore WARC/1.0\r\n" WET;
    static const char cut[] = WET HEAD("conversion", "text/plain", "9") "plush";
    const size_t wet = sizeof WET - 1;
    char lines[2048];
    (void)snprintf(lines, sizeof lines,
                   DAMAGED("its header has no Content-Length that is a number", "0") PLUSH("%zu"),
                   wet);
    expect(no_length, sizeof no_length - 1, lines, 1, 0);
    (void)snprintf(lines, sizeof lines,
                   PLUSH("0") DAMAGED("it does not begin with WARC/1.", "%zu") PLUSH("%zu"), wet,
                   sizeof garbage - 1 - wet);
    expect(garbage, sizeof garbage - 1, lines, 1, wet);
    (void)snprintf(lines, sizeof lines,
                   PLUSH("0") DAMAGED("the file ends in the middle of it", "%zu"), wet);
    expect(cut, sizeof cut - 1, lines, 1, wet);
}

static void a_record_that_its_writer_truncated_says_cut(void **state)
{
    (void)state;
    static const char whole[] = WET;
    char bytes[1024];
    const char *behind = strstr(whole, "Content-Type");
    int len = snprintf(bytes, sizeof bytes, "%.*sWARC-Truncated: length\r\n%s",
                       (int)(behind - whole), whole, behind);
    expect(bytes, (size_t)len, FIELDS("conversion", "0") ",\"text\":\"plush\",\"cut\":true}\n", 0,
           0);
}

/* One record whose address is of so many characters; ones that are not UTF-8 take three bytes. */
static void expect_id(size_t uri_len, char filler, bool listed)
{
    char uri[8192] = "https://a.example/", bytes[16384], digest[DIGEST_BYTES * 2 + 1] = "";
    static char out[1u << 20];
    uint8_t sha256[DIGEST_BYTES];
    struct told told;
    size_t len = strlen(uri);
    for (; len < uri_len; len++)
        uri[len] = filler;
    int bytes_len = snprintf(bytes, sizeof bytes,
                             "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: %.*s\r\n"
                             "Content-Type: text/plain\r\nContent-Length: 1\r\n\r\na\r\n\r\n",
                             (int)len, uri);
    size_t out_len = lines_of(bytes, (size_t)bytes_len, 6000, out, sizeof out, &told);
    out[out_len] = '\0';
    digest_sha256(uri, len, sha256);
    for (unsigned i = 0; i < DIGEST_BYTES; i++)
        (void)snprintf(digest + 2 * i, 3, "%02x", sha256[i]);
    const char *id = strstr(out, ",\"listing_id\":\"sha256:");
    assert_int_equal(id != NULL, listed);
    if (listed)
        assert_memory_equal(id + strlen(",\"listing_id\":\"sha256:"), digest, sizeof digest - 1);
    assert_int_equal(strstr(out, "\"cut\":true") != NULL, len > 4094);
}

static void a_long_address_has_the_same_listing_in_each_crawl(void **state)
{
    (void)state;
    expect_id(256, 'a', false);
    expect_id(257, 'a', true);
    expect_id(18 + 79, '\xff', false); /* 18 + 3 * 79 = 255 */
    expect_id(18 + 80, '\xff', true);
    expect_id(4094, 'a', true); /* all of it is in the line */
    expect_id(4095, 'a', true);
}

static size_t pack(const char *text, char *out, size_t room)
{
    z_stream gzip = {.next_in = (unsigned char *)(uintptr_t)text,
                     .avail_in = (unsigned)strlen(text),
                     .next_out = (unsigned char *)out,
                     .avail_out = (unsigned)room};
    assert_int_equal(deflateInit2(&gzip, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&gzip, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&gzip), Z_OK);
    return room - gzip.avail_out;
}

/* A page chooses its address: one that makes the header too long must not make its body one that is
   searched for records. */
static void an_address_without_end_forges_no_record(void **state)
{
    (void)state;
    static char bytes[300000], lines[1024];
    static const size_t lengths[] = {32000, 65000, 65300, 65536, 66000, 99000, 140000};
    for (size_t i = 0; i < 2 * sizeof lengths / sizeof lengths[0]; i++) {
        size_t len = lengths[i / 2], body_len = sizeof WET - 1 + 6;
        bool before = i % 2 == 0; /* where its Content-Length stands */
        char length[64];
        (void)snprintf(length, sizeof length, "Content-Length: %zu\r\n", body_len);
        int at = snprintf(bytes, sizeof bytes,
                          "WARC/1.0\r\nWARC-Type: request\r\n%sWARC-Target-URI: %0*d\r\n%s"
                          "X: %01000d\r\n\r\n<html>%s\r\n\r\n" WET,
                          before ? length : "", (int)len, 1, before ? "" : length, 2, WET);
        assert_true(at > 0 && (size_t)at < sizeof bytes);
        bool told = len + 1000 + 70 > 65536;
        (void)snprintf(lines, sizeof lines, "%s" PLUSH("%zu"),
                       told ? DAMAGED("its header is longer than 65536 bytes", "0") : "",
                       (size_t)at - (sizeof WET - 1));
        expect(bytes, (size_t)at, lines, told, 0);
    }
}

/* Nor does a record whose length is not known, where each is a member of its own. */
static void a_damaged_record_ends_with_its_member(void **state)
{
    (void)state;
    char bytes[4096], lines[2048];
    size_t bad = pack(WET, bytes, sizeof bytes);
    size_t good = bad + pack(HEAD("conversion", "text/plain", "x") "forged\n" WET, bytes + bad,
                             sizeof bytes - bad);
    size_t len = good + pack(WET, bytes + good, sizeof bytes - good);
    (void)snprintf(lines, sizeof lines,
                   PLUSH("0") DAMAGED("its header has no Content-Length that is a number", "%zu")
                       PLUSH("%zu"),
                   bad, good);
    expect(bytes, len, lines, 1, bad);
}

/* Each byte of the second of three members is damaged in turn: the other two are always read. */
static void a_damaged_member_costs_no_other(void **state)
{
    (void)state;
    static char out[1u << 20];
    char bytes[4096], third[1024];
    size_t first = pack(WET, bytes, sizeof bytes);
    size_t second = first + pack(WET, bytes + first, sizeof bytes - first);
    size_t len = second + pack(WET, bytes + second, sizeof bytes - second);
    int third_len = snprintf(third, sizeof third, PLUSH("%zu"), second);
    for (size_t at = first; at < second; at++) {
        struct told told;
        bytes[at] = (char)(bytes[at] ^ 0x55);
        size_t out_len = lines_of(bytes, len, 4096, out, sizeof out, &told);
        bytes[at] = (char)(bytes[at] ^ 0x55);
        assert_memory_equal(out, PLUSH("0"), sizeof(PLUSH("0")) - 1);
        assert_true(out_len > (size_t)third_len);
        if (memcmp(out + out_len - (size_t)third_len, third, (size_t)third_len) != 0)
            fail_msg("byte %zu of %zu to %zu: %.*s", at, first, second, (int)out_len, out);
        assert_true(told.count > 0 || at < first + 10); /* zlib checks little of a header */
        if (told.count > 0)
            assert_true(told.offset >= first && told.offset < second);
    }
}

/* It is known to be a WARC by the second. */
static void a_damaged_first_member_costs_no_other(void **state)
{
    (void)state;
    char bytes[4096], lines[2048];
    size_t second = pack(WET, bytes, sizeof bytes);
    size_t len = second + pack(WET, bytes + second, sizeof bytes - second);
    bytes[12] = (char)(bytes[12] ^ 0x55);
    bytes[second - 6] = (char)(bytes[second - 6] ^ 0x55);
    (void)snprintf(lines, sizeof lines,
                   DAMAGED("its packed bytes are damaged, or end in the middle", "0") PLUSH("%zu"),
                   second);
    expect(bytes, len, lines, 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_keeps_what_names_its_capture),
        cmocka_unit_test(a_page_gives_its_text_and_its_product),
        cmocka_unit_test(a_product_costs_no_page_its_text),
        cmocka_unit_test(a_damaged_record_is_told_and_the_next_one_is_read),
        cmocka_unit_test(a_record_that_its_writer_truncated_says_cut),
        cmocka_unit_test(a_long_address_has_the_same_listing_in_each_crawl),
        cmocka_unit_test(an_address_without_end_forges_no_record),
        cmocka_unit_test(a_damaged_record_ends_with_its_member),
        cmocka_unit_test(a_damaged_member_costs_no_other),
        cmocka_unit_test(a_damaged_first_member_costs_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
