/* Lines are numbered and cut as DESIGN 9.5 says, whatever the sizes of the reads. */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/lines.h"
#include "tests/fakes/test.h"

static int file_of(const char *bytes, size_t len)
{
    char path[] = "/tmp/test_ctl_lines.XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    for (size_t done = 0; done < len;) {
        ssize_t written = write(fd, bytes + done, len - done);
        assert_true(written > 0);
        done += (size_t)written;
    }
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void expect(struct lines *lines, const char *text, uint64_t number, uint64_t offset)
{
    struct line line = {0};
    assert_int_equal(lines_next(lines, &line), LINES_LINE);
    assert_int_equal(line.len, strlen(text));
    assert_memory_equal(line.at, text, line.len);
    assert_int_equal(line.number, number);
    assert_int_equal(line.offset, offset);
    assert_int_equal(line.bytes, line.len);
}

static void blank_lines_count_and_a_carriage_return_is_kept(void **state)
{
    (void)state;
    static const char text[] = "one\n\n  \nfour\r\n\nsix\n";
    struct lines *lines = lines_open();
    int fd = file_of(text, sizeof text - 1);
    lines_start(lines, fd);
    expect(lines, "one", 1, 0);
    expect(lines, "", 2, 4);
    expect(lines, "  ", 3, 5);
    expect(lines, "four\r", 4, 8);
    expect(lines, "", 5, 14);
    expect(lines, "six", 6, 15);
    struct line line;
    assert_int_equal(lines_next(lines, &line), LINES_END);
    assert_int_equal(lines_next(lines, &line), LINES_END);
    assert_int_equal(close(fd), 0);
    assert_null(lines_close(lines));
}

static void an_unterminated_last_line_is_a_line_and_an_empty_file_has_none(void **state)
{
    (void)state;
    struct lines *lines = lines_open();
    struct line line;
    int fd = file_of("a\nb", 3);
    lines_start(lines, fd);
    expect(lines, "a", 1, 0);
    expect(lines, "b", 2, 2);
    assert_int_equal(lines_next(lines, &line), LINES_END);
    assert_int_equal(close(fd), 0);
    fd = file_of("", 0);
    lines_start(lines, fd);
    assert_int_equal(lines_next(lines, &line), LINES_END);
    assert_int_equal(close(fd), 0);
    assert_null(lines_close(lines));
}

/* Lines of len bytes, one after the other, and a short one. */
static void check_length(size_t len, unsigned count, bool terminated)
{
    size_t total = (len + 1) * count + 6;
    char *text = malloc(total);
    assert_non_null(text);
    for (unsigned i = 0; i < count; i++) {
        memset(text + (len + 1) * i, 'a' + (int)i, len);
        text[(len + 1) * i + len] = '\n';
    }
    memcpy(text + (len + 1) * count, "short\n", 6);
    int fd = file_of(text, terminated ? total : total - 7);
    struct lines *lines = lines_open();
    lines_start(lines, fd);
    struct line line = {0};
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(lines_next(lines, &line), LINES_LINE);
        assert_int_equal(line.number, i + 1);
        assert_int_equal(line.offset, (len + 1) * i);
        assert_int_equal(line.bytes, len);
        assert_int_equal(line.len, len < LINES_LINE_BYTES_MAX ? len : LINES_LINE_BYTES_MAX);
        assert_memory_equal(line.at, text + (len + 1) * i, line.len);
    }
    if (terminated)
        expect(lines, "short", count + 1, (len + 1) * count);
    assert_int_equal(lines_next(lines, &line), LINES_END);
    assert_int_equal(close(fd), 0);
    assert_null(lines_close(lines));
    free(text);
}

static void a_line_of_exactly_the_limit_is_whole_and_one_more_byte_is_too_long(void **state)
{
    (void)state;
    check_length(LINES_LINE_BYTES_MAX - 1, 9, true);
    check_length(LINES_LINE_BYTES_MAX, 9, true);
    check_length(LINES_LINE_BYTES_MAX + 1, 9, true);
    check_length(LINES_LINE_BYTES_MAX, 9, false);
    check_length(LINES_LINE_BYTES_MAX + 1, 9, false);
}

static void a_huge_line_is_counted_and_the_next_one_is_read_normally(void **state)
{
    (void)state;
    check_length((1u << 20) + 5, 3, true);
    check_length((5u << 20) + 1, 2, true);
    check_length((5u << 20) + 1, 2, false);
}

static void lines_straddle_reads_of_every_size(void **state)
{
    (void)state;
    int pair[2];
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    struct lines *lines = lines_open();
    lines_start(lines, pair[0]);
    struct line line;
    static const char text[] = "first\nsecond\nlast";
    size_t next = 0;
    unsigned seen = 0, waits = 0;
    while (seen < 2) {
        int result = lines_next(lines, &line);
        if (result == LINES_WAIT) {
            waits++;
            assert_int_equal(write(pair[1], text + next++, 1), 1);
            continue;
        }
        assert_int_equal(result, LINES_LINE);
        seen++;
        assert_int_equal(line.number, seen);
    }
    assert_int_equal(waits, 13); /* one before each byte: whoever waits is told so */
    assert_int_equal(write(pair[1], text + next, sizeof text - 1 - next), 4);
    assert_int_equal(close(pair[1]), 0);
    expect(lines, "last", 3, 13);
    assert_int_equal(lines_next(lines, &line), LINES_END);
    assert_int_equal(close(pair[0]), 0);
    assert_null(lines_close(lines));
}

static void a_failed_read_is_told(void **state)
{
    (void)state;
    struct lines *lines = lines_open();
    struct line line;
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    lines_start(lines, fd);
    assert_true(lines_next(lines, &line) < 0);
    assert_int_equal(close(fd), 0);
    assert_null(lines_close(lines));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blank_lines_count_and_a_carriage_return_is_kept),
        cmocka_unit_test(an_unterminated_last_line_is_a_line_and_an_empty_file_has_none),
        cmocka_unit_test(a_line_of_exactly_the_limit_is_whole_and_one_more_byte_is_too_long),
        cmocka_unit_test(a_huge_line_is_counted_and_the_next_one_is_read_normally),
        cmocka_unit_test(lines_straddle_reads_of_every_size),
        cmocka_unit_test(a_failed_read_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
