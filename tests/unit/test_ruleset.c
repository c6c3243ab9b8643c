/*
 * Sets as images: sealed, whole, and the same set on the other side.
 */
#include <errno.h>
#include <stdlib.h>

#include "tests/unit/ruleset_rig.h"

static char text[RULESET_ERROR_BYTES];

static int write_image(void)
{
    int fd = memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_true(fd >= 0);
    rig_write_good();
    if (ruleset_write_image(rig_files, 2, fd, text) < 0)
        fail_msg("%s", text);
    return fd;
}

/* A copy of the image's first len bytes, sealed or not. */
static int copy_image(int image, size_t len, bool sealed)
{
    char *bytes = malloc(len);
    int fd = memfd_create("copy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_non_null(bytes);
    assert_true(fd >= 0);
    assert_int_equal(pread(image, bytes, len, 0), (ssize_t)len);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    if (sealed)
        assert_int_equal(
            fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL), 0);
    free(bytes);
    return fd;
}

static void refuse(int fd, const char *why)
{
    struct ruleset *none = NULL;
    text[0] = '\0';
    assert_int_equal(ruleset_read_image(fd, &none, text), -EINVAL);
    if (strstr(text, why) == NULL)
        fail_msg("%s, not %s", text, why);
    assert_null(none);
    assert_int_equal(close(fd), 0);
}

static void an_image_is_sealed_and_read_as_the_set_that_was_written(void **state)
{
    (void)state;
    struct ruleset *here = NULL, *there = NULL;
    int fd = write_image();
    assert_int_equal(pwrite(fd, "x", 1, 0), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(fd, 1), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(fd, 1 << 24), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ruleset_read_image(fd, &there, text), 0);
    assert_int_equal(ruleset_compile(rig_files, 2, &here, text), 0);
    assert_memory_equal(there->sha256, here->sha256, sizeof here->sha256);
    assert_int_equal(there->sources_count, 2);
    assert_string_equal(there->sources[1].path, rig_paths[1]);
    assert_int_equal(matcher_db_marks_count(there->db), 2);
    assert_int_equal(matcher_db_rule(there->db, 0).rev, 3);
    assert_int_equal(matcher_db_literals_count(there->db), matcher_db_literals_count(here->db));
    assert_null(ruleset_free(there));
    assert_null(ruleset_free(here));
    assert_int_equal(close(fd), 0);
}

static void an_image_that_is_not_sealed_or_not_whole_is_refused(void **state)
{
    (void)state;
    int fd = write_image();
    size_t len = (size_t)lseek(fd, 0, SEEK_END);
    refuse(copy_image(fd, len, false), "not sealed");
    refuse(copy_image(fd, 8, true), "empty");
    for (size_t cut = 16; cut < len; cut += len / 7)
        refuse(copy_image(fd, cut, true), "whole");
    refuse(copy_image(fd, len - 1, true), "whole");
    refuse(open("/dev/null", O_RDONLY | O_CLOEXEC), "empty");
    assert_int_equal(close(fd), 0);
}

static void a_bad_list_is_named_with_line_and_column(void **state)
{
    (void)state;
    struct ruleset *none = NULL;
    char want[128];
    rig_write_good();
    rig_write(0, "mark_id\tmark\nM1\tSquishmallow\nM1\tJellycat\n");
    assert_int_equal(ruleset_compile(rig_files, 2, &none, text), -EINVAL);
    (void)snprintf(want, sizeof want, "%s:3:1: the id M1 is there already", rig_paths[0]);
    assert_string_equal(text, want);
    rig_write_good();
    rig_write(1, "rules:\n- {id: r, rev: 1, marks: M1, class: mark, examples: [Jellycat],"
                 " negative_examples: [x]}\n");
    assert_int_equal(ruleset_compile(rig_files, 2, &none, text), -EINVAL);
    (void)snprintf(want, sizeof want, "%s:2:54: rule r does not find this example", rig_paths[1]);
    assert_string_equal(text, want);
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_is_sealed_and_read_as_the_set_that_was_written),
        cmocka_unit_test(an_image_that_is_not_sealed_or_not_whole_is_refused),
        cmocka_unit_test(a_bad_list_is_named_with_line_and_column),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
