/* Whatever form an input has, its lines are the same, however its bytes come. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "daemon/ctl/array.h"
#include "daemon/ctl/input.h"
#include "tests/fakes/test.h"

static int file_of(const char *bytes, size_t len)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

/* All lines of a descriptor. Returns the last result of input_read, 0 or an error. */
static int read_all(struct input *input, int fd, char *out, size_t room, size_t *ret_len)
{
    *ret_len = 0;
    input_start(input, fd);
    for (;;) {
        assert_true(room - *ret_len >= INPUT_ROOM_MIN);
        ssize_t got = input_read(input, out + *ret_len, INPUT_ROOM_MIN);
        if (got > 0)
            *ret_len += (size_t)got;
        else if (got != -EAGAIN)
            return (int)got;
    }
}

static void expect(const char *text, const char *lines, int result)
{
    static char out[65536];
    size_t len = 0;
    struct input *input = input_open();
    assert_non_null(input);
    int fd = file_of(text, strlen(text));
    assert_int_equal(read_all(input, fd, out, sizeof out, &len), result);
    if (len != strlen(lines) || memcmp(out, lines, len) != 0)
        fail_msg("%s gives %.*s, not %s", text, (int)len, out, lines);
    assert_int_equal(close(fd), 0);
    assert_null(input_close(input));
}

static void an_array_gives_a_line_for_each_element(void **state)
{
    (void)state;
    expect("[]", "", 0);
    expect(" [ ] \n", "", 0);
    expect("[{\"a\":1},{\"b\":[2,3]}]", "{\"a\":1}\n{\"b\":[2,3]}\n", 0);
    expect("[\n {\"a\": 1,\n\"b\": 2},\n [3] ,4\n]\n", "{\"a\": 1, \"b\": 2}\n[3] \n4 \n", 0);
    expect("[\n\"],\\\"\",{\"a]\":\"},[\\\\\"}]", "\"],\\\"\"\n{\"a]\":\"},[\\\\\"}\n", 0);
    expect("[1]\r\n[2]", "[1]\r\n[2]", 0); /* two lines of NDJSON */
    expect("[1] [2]", "1\n2\n", 0);
    expect("[\n1][2,3]", "1\n2\n3\n", 0);
}

static void lines_that_are_arrays_stay_lines(void **state)
{
    (void)state;
    expect("[1]\n[2]\n", "[1]\n[2]\n", 0);
    expect("[1]\n\n{\"a\":1}\n", "[1]\n\n{\"a\":1}\n", 0);
    expect("{\"a\":1\n{\"b\":2}\n", "{\"a\":1\n{\"b\":2}\n", 0);
    expect("{\"a\":1}\n[\n", "{\"a\":1}\n[\n", 0);
    expect("\n\n", "\n\n", 0);
    expect("", "", 0);
}

static void an_object_over_lines_gives_one(void **state)
{
    (void)state;
    expect("{\n  \"a\": 1\n}", "{   \"a\": 1 }\n", 0);
    expect(" { \r\n\"}\": [{}]\n}\n{\n}[1,2]{\"b\":3}",
           "{ \r \"}\": [{}] }\n{ }\n1\n2\n{\"b\":3}\n", 0);
    expect("{\n} x", "{ }\nx", 0);
    expect("{\n\"a\": {}", "{ \"a\": {}", -ENODATA);
    expect("{", "{", 0);
}

/* Nothing is passed over in silence: what is no element becomes a line that is no JSON. */
static void what_is_wrong_with_an_array_is_told(void **state)
{
    (void)state;
    expect("[\n1,,2]", "1\n,\n2\n", 0);
    expect("[\n,1,]", ",\n1\n]\n", 0);
    expect("[\n1 2]", "1 2\n", 0);
    expect("[\n{\"a\":\"x\ny\"}]", "{\"a\":\"x\ry\"}\n", 0); /* JSON allows neither in a string */
    expect("[\n1] x\n{\"a\":2}\n", "1\nx\n{\"a\":2}\n", 0);
    expect("[\n1,{\"a\"", "1\n{\"a\"", -ENODATA);
    expect("[\n1", "1", -ENODATA);
    expect("[\n", "", -ENODATA);
    expect("[1,", "1\n", -ENODATA);
}

/* An array of several MiB, with elements longer than a line may be; its lines. */
static char *big_array(size_t *ret_len, char **ret_lines, size_t *ret_lines_len)
{
    const size_t room = 4u << 20;
    char *text = malloc(room), *lines = malloc(room);
    assert_non_null(text);
    assert_non_null(lines);
    size_t len = 0, lines_len = 0;
    text[len++] = '[';
    for (unsigned i = 0; len < room - 700000; i++) {
        size_t width = i % 5 == 4 ? 600000 : (i * 7919) % 3000;
        if (i > 0) {
            text[len++] = ',';
            text[len++] = '\n';
        }
        text[len++] = lines[lines_len++] = '"';
        memset(text + len, 'a' + (int)(i % 26), width);
        memset(lines + lines_len, 'a' + (int)(i % 26), width);
        len += width;
        lines_len += width;
        text[len++] = lines[lines_len++] = '"';
        lines[lines_len++] = '\n';
    }
    text[len++] = ']';
    *ret_len = len;
    *ret_lines = lines;
    *ret_lines_len = lines_len;
    return text;
}

static void check_big(const char *bytes, size_t len, const char *lines, size_t lines_len)
{
    const size_t room = lines_len + 2 * INPUT_ROOM_MIN;
    char *out = malloc(room);
    assert_non_null(out);
    size_t out_len = 0;
    struct input *input = input_open();
    int fd = file_of(bytes, len);
    assert_int_equal(read_all(input, fd, out, room, &out_len), 0);
    assert_int_equal(out_len, lines_len);
    assert_memory_equal(out, lines, lines_len);
    assert_int_equal(input_offset(input), len);
    assert_int_equal(close(fd), 0);
    assert_null(input_close(input));
    free(out);
}

static void a_long_array_is_the_same_plain_and_packed(void **state)
{
    (void)state;
    size_t len = 0, lines_len = 0;
    char *lines = NULL, *text = big_array(&len, &lines, &lines_len);
    check_big(text, len, lines, lines_len);
    size_t room = ZSTD_compressBound(len) + 4096;
    char *packed = malloc(room);
    assert_non_null(packed);
    size_t packed_len = ZSTD_compress(packed, room, text, len, 1);
    assert_false(ZSTD_isError(packed_len));
    check_big(packed, packed_len, lines, lines_len);
    z_stream gzip = {.next_in = (unsigned char *)text,
                     .avail_in = (unsigned)len,
                     .next_out = (unsigned char *)packed,
                     .avail_out = (unsigned)room};
    assert_int_equal(deflateInit2(&gzip, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&gzip, Z_FINISH), Z_STREAM_END);
    check_big(packed, room - gzip.avail_out, lines, lines_len);
    assert_int_equal(deflateEnd(&gzip), Z_OK);
    free(packed);
    free(text);
    free(lines);
}

/* The verdict and the lines do not depend on how the bytes are cut. */
static size_t gzip_of(const char *text, size_t len, char *out, size_t room)
{
    z_stream gzip = {0};
    assert_int_equal(deflateInit2(&gzip, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    gzip.next_in = (unsigned char *)(uintptr_t)text;
    gzip.avail_in = (unsigned)len;
    gzip.next_out = (unsigned char *)out;
    gzip.avail_out = (unsigned)room;
    assert_int_equal(deflate(&gzip, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&gzip), Z_OK);
    return room - gzip.avail_out;
}

/* Of what lies before the damage nothing is lost but the block that it is in. */
static void damage_is_told_behind_what_was_unpacked_before_it(void **state)
{
    (void)state;
    enum { TEXT = 600000, ROOM = 1 << 20 };
    char *text = malloc(TEXT), *packed = malloc(ROOM), *out = malloc(ROOM);
    assert_true(text != NULL && packed != NULL && out != NULL);
    uint32_t random = 1;
    for (size_t i = 0; i < TEXT; i++) {
        random = random * 1664525u + 1013904223u;
        text[i] = i % 50 == 49 ? '\n' : (char)('a' + (random >> 28));
    }
    for (unsigned zstd = 0; zstd < 2; zstd++) {
        size_t len = zstd == 1 ? ZSTD_compress(packed, ROOM, text, TEXT, 1)
                               : gzip_of(text, TEXT, packed, ROOM);
        size_t out_len = 0;
        /* Ends in the middle, and is damaged there. */
        for (unsigned cut = 0; cut < 2; cut++) {
            memset(packed + len * 3 / 4, 0xff, len / 8);
            struct input *input = input_open();
            int fd = file_of(packed, cut == 1 ? len * 3 / 4 : len);
            assert_int_equal(read_all(input, fd, out, ROOM, &out_len), -EBADMSG);
            assert_true(out_len >= TEXT / 2 && out_len < TEXT);
            assert_memory_equal(out, text, TEXT / 2);
            assert_int_equal(close(fd), 0);
            assert_null(input_close(input));
        }
    }
    free(text);
    free(packed);
    free(out);
}

/* RFC 8878, 3.1.2: as pzstd writes one before each frame. */
static void a_skippable_frame_of_zstd_is_passed_over_wherever_it_stands(void **state)
{
    (void)state;
    static const char skippable[] = "\x5f\x2a\x4d\x18\4\0\0\0size";
    char bytes[256], out[3 * INPUT_ROOM_MIN];
    size_t len = 0, out_len = 0;
    for (unsigned i = 0; i < 3; i++) {
        memcpy(bytes + len, skippable, sizeof skippable - 1);
        bytes[len] = (char)(0x50 + 7 * i);
        len += sizeof skippable - 1;
        if (i < 2)
            len += ZSTD_compress(bytes + len, 64, i == 0 ? "a\n" : "b\n", 2, 1);
    }
    struct input *input = input_open();
    int fd = file_of(bytes, len);
    assert_int_equal(read_all(input, fd, out, sizeof out, &out_len), 0);
    assert_int_equal(out_len, 4);
    assert_memory_equal(out, "a\nb\n", 4);
    assert_int_equal(close(fd), 0);
    assert_null(input_close(input));
}

static void zero_bytes_behind_a_gzip_member_are_passed_over_and_told(void **state)
{
    (void)state;
    static const struct {
        const char *behind;
        size_t len;
        int result;
    } cases[] = {{"", 0, 0}, {"\0\0\0", 3, 0}, {"\0x", 2, -EBADMSG}, {"x", 1, -EBADMSG}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char bytes[4096] = {0}, out[3 * INPUT_ROOM_MIN], note[INPUT_NOTE_BYTES];
        size_t len = gzip_of("a\n", 2, bytes, 64), out_len = 0;
        memcpy(bytes + len, cases[i].behind, cases[i].len);
        struct input *input = input_open();
        int fd = file_of(bytes, len + cases[i].len);
        assert_int_equal(read_all(input, fd, out, sizeof out, &out_len), cases[i].result);
        assert_int_equal(out_len, 2);
        assert_memory_equal(out, "a\n", 2);
        assert_int_equal(input_note(input, false, note), cases[i].behind[0] == '\0' && i > 0);
        assert_int_equal(close(fd), 0);
        /* and between two members */
        size_t more = gzip_of("b\n", 2, bytes + len + 2000, 64);
        memset(bytes + len, 0, 2000);
        fd = file_of(bytes, len + 2000 + more);
        assert_int_equal(read_all(input, fd, out, sizeof out, &out_len), 0);
        assert_int_equal(out_len, 4);
        assert_memory_equal(out, "a\nb\n", 4);
        assert_true(input_note(input, false, note));
        assert_string_equal(note, "zero bytes behind a gzip member were passed over");
        assert_int_equal(close(fd), 0);
        assert_null(input_close(input));
    }
}

static void a_pipe_may_cut_anywhere(void **state)
{
    (void)state;
    static const char *const texts[] = {"[1]\n{\"a\":[2]}\n", "[{\"a\":\"],\\\"\"},\n[2]]",
                                        " [\"\\\\\",1] ",     "\xef\xbb\xbf[1,\n2]",
                                        "\xef\xbb",           "\xef\xbb\xbf\xef\xbb\xbf{}\n"};
    static const char *const lines[] = {"[1]\n{\"a\":[2]}\n", "{\"a\":\"],\\\"\"}\n[2]\n",
                                        "\"\\\\\"\n1\n",      "1\n2\n",
                                        "\xef\xbb",           "\xef\xbb\xbf{}\n"};
    static char out[65536];
    struct input *input = input_open();
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int ends[2];
        assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
        input_start(input, ends[0]);
        size_t len = 0;
        ssize_t got = -EAGAIN;
        for (const char *at = texts[i]; got != 0;) {
            if (*at != '\0')
                assert_int_equal(write(ends[1], at++, 1), 1);
            else if (ends[1] != -1) {
                assert_int_equal(close(ends[1]), 0);
                ends[1] = -1;
            }
            for (unsigned tries = 0; tries < 3 && got != 0; tries++) {
                got = input_read(input, out + len, sizeof out - len);
                assert_true(got >= 0 || got == -EAGAIN);
                len += got > 0 ? (size_t)got : 0;
            }
        }
        assert_int_equal(len, strlen(lines[i]));
        assert_memory_equal(out, lines[i], len);
        assert_int_equal(close(ends[0]), 0);
    }
    assert_null(input_close(input));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_array_gives_a_line_for_each_element),
        cmocka_unit_test(lines_that_are_arrays_stay_lines),
        cmocka_unit_test(an_object_over_lines_gives_one),
        cmocka_unit_test(what_is_wrong_with_an_array_is_told),
        cmocka_unit_test(a_long_array_is_the_same_plain_and_packed),
        cmocka_unit_test(damage_is_told_behind_what_was_unpacked_before_it),
        cmocka_unit_test(a_skippable_frame_of_zstd_is_passed_over_wherever_it_stands),
        cmocka_unit_test(zero_bytes_behind_a_gzip_member_are_passed_over_and_told),
        cmocka_unit_test(a_pipe_may_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
