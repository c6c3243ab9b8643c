/*
 * Shared data for the tests of the matcher: lists and labelled listings in ../shared/data. Where
 * that folder is not there, the tests say so and are skipped.
 */
#ifndef TESTS_UNIT_MATCHER_DATA_H
#define TESTS_UNIT_MATCHER_DATA_H

#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "matcher/matcher.h"
#include "tests/unit/matcher_test.h"

#define DATA_FOLDER "../shared/data/"

enum data_cell {
    DATA_TITLE,
    DATA_DESCRIPTION,
    DATA_KIND,
    DATA_TECHNIQUE,
    DATA_GENERIC,
    DATA_CUE,
    DATA_MARKS,
    DATA_EXPECT, /* of the examples: alert, mention, review, none */
    DATA_CELLS,
};

struct data {
    char *text; /* MATCHER_SLACK_BYTES more can be read */
    size_t len, at;
};

struct data_row {
    const char *cell[DATA_CELLS]; /* NUL-terminated, borrowed from the data */
};

static inline bool data_read_stream(FILE *stream, struct data *ret)
{
    size_t room = 1u << 26;
    *ret = (struct data){.text = calloc(1, room)};
    assert_non_null(ret->text);
    ret->len = fread(ret->text, 1, room - MATCHER_SLACK_BYTES - 1, stream);
    return ret->len > 0;
}

static inline bool data_is_there(const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, DATA_FOLDER "%s", name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        (void)printf("skipped: no %s\n", path);
        return false;
    }
    (void)fclose(file);
    return true;
}

static inline void data_free(struct data *data)
{
    free(data->text);
    data->text = NULL;
}

/* Reads a file of listings; false if it is not there. */
static inline bool data_read_rows(const char *name, struct data *ret)
{
    char path[256], python[] = "python3", script[] = "tests/unit/matcher_rows.py";
    char *const arguments[] = {python, script, path, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2], status = 0;
    pid_t child = 0;
    *ret = (struct data){.text = NULL};
    if (!data_is_there(name))
        return false;
    (void)snprintf(path, sizeof path, DATA_FOLDER "%s", name);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO), 0);
    assert_int_equal(posix_spawn_file_actions_addclose(&actions, ends[0]), 0);
    assert_int_equal(posix_spawnp(&child, python, &actions, NULL, arguments, environ), 0);
    assert_int_equal(posix_spawn_file_actions_destroy(&actions), 0);
    assert_int_equal(close(ends[1]), 0);
    FILE *stream = fdopen(ends[0], "rb");
    assert_non_null(stream);
    bool read = data_read_stream(stream, ret);
    (void)fclose(stream); /* only read from */
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    return read;
}

static inline bool data_next(struct data *data, struct data_row *ret)
{
    for (size_t i = 0; i < DATA_CELLS; i++) {
        char *end = memchr(data->text + data->at, 0x1F, data->len - data->at);
        if (end == NULL)
            return false;
        *end = '\0';
        ret->cell[i] = data->text + data->at;
        data->at = (size_t)(end - data->text) + 1;
    }
    data->at++; /* the end of the row */
    return true;
}

static inline void data_add_list(struct matcher_lists *lists, const char *name, bool marks)
{
    char path[256];
    struct data list;
    struct matcher_error error;
    (void)snprintf(path, sizeof path, DATA_FOLDER "%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_true(data_read_stream(file, &list));
    (void)fclose(file);
    int added = marks ? matcher_lists_add_marks(lists, list.text, list.len, &error)
                      : matcher_lists_add_cues(lists, list.text, list.len, &error);
    if (added != 0)
        (void)printf("%s:%u:%u: %s\n", path, error.line, error.column, error.text);
    assert_int_equal(added, 0);
    data_free(&list);
}

/* Compiles two lists of the folder, which must be there; folded: only what is listed is looked for,
   as the fold reads it, no variants and no disguises. */
static inline struct matcher_db *data_compile_with(const char *marks, const char *cues, bool folded)
{
    struct matcher_lists *lists = NULL;
    struct matcher_db *db = NULL;
    struct matcher_error error;
    assert_int_equal(matcher_lists_open(&lists), 0);
    data_add_list(lists, marks, true);
    data_add_list(lists, cues, false);
    matcher_lists_set_variants(lists, folded ? MATCHER_VARIANTS_OFF : MATCHER_VARIANTS_AUTO);
    matcher_lists_set_squeeze(lists, !folded);
    assert_int_equal(matcher_db_compile(lists, &db, &error), 0);
    assert_null(matcher_lists_close(lists));
    return db;
}

/* The same as the lists say themselves. */
static inline struct matcher_db *data_compile(const char *marks, const char *cues)
{
    return data_compile_with(marks, cues, false);
}

#endif
