/* A spool folder: what is there whole is met once, by name; nothing is waited for, lost or
 * replaced. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/spool.h"
#include "tests/fakes/test.h"

static char folder[] = "/tmp/test_spool.XXXXXX";
static struct spool *spool;
static struct spool_file file;
static const char *why;

static char path_text[512];

static const char *path(const char *name)
{
    (void)snprintf(path_text, sizeof path_text, "%s/%s", folder, name); /* both are short */
    return path_text;
}

static void put(const char *name, const char *text)
{
    int fd = open(path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

static bool there(const char *name)
{
    struct stat status;
    return lstat(path(name), &status) == 0;
}

static void clear(const char *name)
{
    char command[600];
    (void)snprintf(command, sizeof command, "rm -rf %s", path(name));
    assert_int_equal(system(command), 0);
}

static int set_up(void **state)
{
    (void)state;
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    return mkdtemp(folder) == NULL ? -1 : spool_open(folder, &spool);
}

static int tear_down(void **state)
{
    (void)state;
    spool = spool_close(spool);
    clear("");
    return 0;
}

/* The next file is this one and cannot be read, or can. */
static void expect(const char *name, int result)
{
    assert_int_equal(spool_next(spool, &file, &why), result);
    assert_string_equal(file.name, name);
}

static void settle(enum spool_fate fate, int result, const char *name)
{
    char moved_to[SPOOL_NAME_BYTES_MAX + 1];
    assert_int_equal(spool_settle(spool, &file, fate, moved_to), result);
    if (result == 0)
        assert_string_equal(moved_to, name);
    if (file.fd != -1)
        (void)close(file.fd);
}

static void look(void)
{
    spool_look(spool, true);
}

static void whole_files_are_met_by_name_and_unfinished_ones_are_not(void **state)
{
    (void)state;
    static const char *const names[] = {"b", ".hidden", "a", "c.tmp", "d.part", ".tmp"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        put(names[i], "x");
    assert_int_equal(mkdir(path("aa"), 0700), 0);
    expect("a", 1);
    settle(SPOOL_DONE, 0, "a");
    expect("b", 1);
    settle(SPOOL_REMOVED, 0, "");
    assert_int_equal(spool_next(spool, &file, &why), 0);
    assert_true(there("done/a") && !there("a") && !there("b") && !there("done/b"));
    assert_true(there("c.tmp") && there("aa"));
}

static void a_file_that_is_renamed_into_the_folder_is_told(void **state)
{
    (void)state;
    assert_int_equal(spool_next(spool, &file, &why), 0);
    put(".a", "x");
    spool_look(spool, false);
    assert_int_equal(spool_next(spool, &file, &why), 0);
    char to[512];
    memcpy(to, path("a"), strlen(path("a")) + 1);
    assert_int_equal(rename(path(".a"), to), 0);
    spool_look(spool, false);
    expect("a", 1);
    settle(SPOOL_DONE, 0, "a");
}

static void what_is_no_file_is_told_and_moved_without_a_wait(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path("1"), 0600), 0);
    assert_int_equal(symlink("/etc/passwd", path("2")), 0);
    expect("1", -EBADMSG);
    assert_non_null(strstr(why, "FIFO"));
    settle(SPOOL_FAILED, 0, "1");
    expect("2", -EBADMSG);
    assert_non_null(strstr(why, "symbolic link"));
    settle(SPOOL_FAILED, 0, "2");
    assert_true(there("failed/1") && there("failed/2") && !there("1") && !there("2"));
}

static void a_file_without_permission_is_told_and_moved(void **state)
{
    (void)state;
    put("secret", "x");
    assert_int_equal(chmod(path("secret"), 0), 0);
    if (access(path("secret"), R_OK) == 0) {
        /* Root reads everything: so as another user, who owns the folder. */
        assert_int_equal(chown(folder, 65534, (gid_t)-1), 0);
        assert_int_equal(chown(path("done"), 65534, (gid_t)-1), 0);
        assert_int_equal(chown(path("failed"), 65534, (gid_t)-1), 0);
        assert_int_equal(seteuid(65534), 0);
    }
    expect("secret", -EBADMSG);
    assert_non_null(strstr(why, "may not read"));
    settle(SPOOL_FAILED, 0, "secret");
    assert_int_equal(seteuid(getuid()), 0);
    assert_true(there("failed/secret"));
}

static void a_taken_name_gets_a_number_and_nothing_is_replaced(void **state)
{
    (void)state;
    static const char *const moved[] = {"a", "a.1", "a.2"};
    for (size_t i = 0; i < 3; i++) {
        put("a", moved[i]);
        look();
        expect("a", 1);
        settle(SPOOL_DONE, 0, moved[i]);
    }
    char longest[SPOOL_NAME_BYTES_MAX + 1];
    memset(longest, 'n', SPOOL_NAME_BYTES_MAX);
    longest[SPOOL_NAME_BYTES_MAX] = '\0';
    char numbered[SPOOL_NAME_BYTES_MAX + 1];
    memcpy(numbered, longest, sizeof numbered);
    memcpy(numbered + SPOOL_NAME_BYTES_MAX - 5, ".1", 3);
    for (size_t i = 0; i < 2; i++) {
        put(longest, "x");
        look();
        expect(longest, 1);
        settle(SPOOL_DONE, 0, i == 0 ? longest : numbered);
    }
}

static void a_file_that_vanished_or_was_replaced_is_left_alone(void **state)
{
    (void)state;
    put("a", "first");
    expect("a", 1);
    assert_int_equal(unlink(path("a")), 0);
    settle(SPOOL_DONE, -ESTALE, NULL);
    put("a", "second");
    look();
    expect("a", 1);
    put(".new", "third");
    char to[512];
    memcpy(to, path("a"), strlen(path("a")) + 1);
    assert_int_equal(rename(path(".new"), to), 0);
    settle(SPOOL_REMOVED, -ESTALE, NULL);
    assert_true(there("a") && !there("done/a"));
    expect("a", 1); /* the third, without a further look */
    assert_int_equal(file.bytes, 5);
    settle(SPOOL_DONE, 0, "a");
}

static void a_file_that_is_written_to_meanwhile_is_seen(void **state)
{
    (void)state;
    put("a", "first");
    expect("a", 1);
    assert_false(spool_changed(&file));
    put("a", "first and more");
    assert_true(spool_changed(&file));
    settle(SPOOL_FAILED, 0, "a");
}

static void more_files_than_one_listing_holds_all_come(void **state)
{
    (void)state;
    char name[16];
    for (unsigned i = 0; i <= SPOOL_NAMES_MAX; i++) {
        (void)snprintf(name, sizeof name, "%u", i);
        put(name, "");
    }
    for (unsigned i = 0; i <= SPOOL_NAMES_MAX; i++) {
        assert_int_equal(spool_next(spool, &file, &why), 1);
        char to[SPOOL_NAME_BYTES_MAX + 1];
        memcpy(to, file.name, sizeof to);
        settle(SPOOL_REMOVED, 0, "");
    }
    assert_int_equal(spool_next(spool, &file, &why), 0);
}

static void a_folder_that_cannot_be_used_is_an_error(void **state)
{
    (void)state;
    struct spool *none = NULL;
    assert_int_equal(spool_open("/nowhere/at/all", &none), -ENOENT);
    put("file", "");
    assert_int_equal(spool_open(path("file"), &none), -ENOTDIR);
    assert_null(none);
    clear("");
    assert_int_equal(spool_next(spool, &file, &why), -ENOENT);
    assert_int_equal(mkdir(folder, 0700), 0);
    put("a", "");
    expect("a", 1); /* it was made anew */
    settle(SPOOL_DONE, 0, "a");
}

static void what_was_taken_away_is_made_anew_under_a_file_that_is_read(void **state)
{
    (void)state;
    put("a", "x");
    expect("a", 1);
    char to[512];
    memcpy(to, path("old"), strlen(path("old")) + 1);
    assert_int_equal(rename(path("done"), to), 0);
    settle(SPOOL_DONE, 0, "a");
    assert_true(there("done/a") && !there("a"));
    put("b", "x");
    look();
    expect("b", 1);
    clear("");
    assert_int_equal(mkdir(folder, 0700), 0);
    put("b", "another");
    settle(SPOOL_DONE, -ESTALE, NULL);
    expect("b", 1); /* the other one, without a further look */
    assert_int_equal(file.bytes, 7);
    settle(SPOOL_DONE, 0, "b");
}

static void the_names_of_its_own_folders_are_never_taken(void **state)
{
    (void)state;
    struct spool *none = NULL;
    assert_int_equal(spool_check(folder), 0);
    clear("done");
    assert_int_equal(spool_check(folder), 0); /* it would be made */
    assert_int_equal(symlink("/tmp", path("done")), 0);
    assert_int_equal(spool_check(folder), -ENOTDIR);
    assert_int_equal(spool_open(folder, &none), -ENOTDIR);
    clear("failed");
    put("failed", "x");
    look();
    assert_int_equal(spool_next(spool, &file, &why), 0);
    put("a", "x");
    look();
    expect("a", 1);
    settle(SPOOL_DONE, -ENOTDIR, NULL); /* no link is followed */
    assert_true(there("a") && there("done") && there("failed"));
    clear("done");
    clear("failed");
    assert_int_equal(spool_check(folder), 0);
    assert_int_equal(spool_check(path("a")), -ENOTDIR);
}

static void what_cannot_be_moved_is_passed_over_until_it_is_another(void **state)
{
    (void)state;
    char name[16];
    clear("done");
    put("done", "x");
    for (unsigned i = 0; i <= SPOOL_PASSED_MAX; i++) {
        (void)snprintf(name, sizeof name, "%03u", i);
        put(name, "");
        look();
        expect(name, 1); /* none of those before it */
        settle(SPOOL_DONE, -ENOTDIR, NULL);
        assert_int_equal(spool_pass_over(spool, &file), i < SPOOL_PASSED_MAX);
    }
    look();
    expect(name, 1); /* the one that could not be remembered */
    (void)close(file.fd);
    assert_int_equal(spool_next(spool, &file, &why), 0);
    clear("done");
    assert_int_equal(unlink(path("007")), 0);
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    assert_int_equal(utimensat(AT_FDCWD, path("003"), times, 0), 0);
    look();
    expect("003", 1);
    settle(SPOOL_DONE, 0, "003");
    expect(name, 1);
    assert_true(spool_pass_over(spool, &file)); /* those that are gone are forgotten */
    settle(SPOOL_REMOVED, 0, "");
    assert_int_equal(spool_next(spool, &file, &why), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whole_files_are_met_by_name_and_unfinished_ones_are_not),
        TEST(a_file_that_is_renamed_into_the_folder_is_told),
        TEST(what_is_no_file_is_told_and_moved_without_a_wait),
        TEST(a_file_without_permission_is_told_and_moved),
        TEST(a_taken_name_gets_a_number_and_nothing_is_replaced),
        TEST(a_file_that_vanished_or_was_replaced_is_left_alone),
        TEST(a_file_that_is_written_to_meanwhile_is_seen),
        TEST(more_files_than_one_listing_holds_all_come),
        TEST(a_folder_that_cannot_be_used_is_an_error),
        TEST(what_was_taken_away_is_made_anew_under_a_file_that_is_read),
        TEST(the_names_of_its_own_folders_are_never_taken),
        TEST(what_cannot_be_moved_is_passed_over_until_it_is_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
