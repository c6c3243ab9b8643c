/*
 * Reads mark and cue lists: which columns there are, what a row must hold, and nothing half done.
 */
#include "matcher/lists.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/fold.h"
#include "matcher/lists_ids.h"
#include "matcher/tsv.h"

#define COLUMNS 6u /* at most, of one kind of list */

/* One list while it is being read. Which column of the text holds each column that we know. */
struct reading {
    struct matcher_lists *lists;
    struct matcher_error *error;
    struct tsv tsv;
    const char *const *names;
    size_t required, known; /* the first required of known names must be there */
    size_t place[COLUMNS];  /* SIZE_MAX: not there */
    size_t cells_count;     /* of each row */
    struct lists_ids ids;
};

static int fail(struct reading *reading, const struct tsv_cell *cell, const char *what)
{
    unsigned column = cell == NULL ? 0 : cell->column;
    return matcher_error_set(reading->error, reading->tsv.line, column, "%s", what);
}

int lists_grow(void **items, size_t *room, size_t need, size_t size)
{
    if (need <= *room)
        return 0;
    size_t wanted = need < 64 ? 64 : need + need / 2;
    void *more = realloc(*items, wanted * size);
    if (more == NULL)
        return -ENOMEM;
    *items = more;
    *room = wanted;
    return 0;
}

int lists_keep(struct matcher_lists *lists, const char *text, size_t len, struct lists_text *ret)
{
    if (lists->arena_len + len > LISTS_ARENA_MAX)
        return -ENOMEM;
    int grown =
        lists_grow((void **)&lists->arena, &lists->arena_room, lists->arena_len + len + 1, 1);
    if (grown < 0)
        return grown;
    memcpy(lists->arena + lists->arena_len, text, len);
    *ret = (struct lists_text){(uint32_t)lists->arena_len, (uint32_t)len};
    lists->arena_len += len;
    return 0;
}

struct lists_text lists_core(const char *text, struct lists_text whole)
{
    static const uint32_t room = LISTS_TEXT_BYTES_MAX * FOLD_GROWTH_MAX + 2 + FOLD_SLACK_BYTES;
    char folded[LISTS_TEXT_BYTES_MAX * FOLD_GROWTH_MAX + 2 + FOLD_SLACK_BYTES];
    uint32_t from[sizeof folded], to[sizeof folded];
    uint16_t bits[sizeof folded];
    assert(whole.len <= LISTS_TEXT_BYTES_MAX);
    assert(fold_bound(whole.len) <= room);
    struct fold_map map = {from, to, bits};
    size_t len = fold_map(text, whole.len, folded, &map);
    if (len < 2)
        return (struct lists_text){whole.at, 0};
    return (struct lists_text){whole.at + from[1], to[len - 2] - from[1]};
}

/* Checks and keeps a cell that will be matched: not empty, not too long, folds to something. */
static int take_text(struct reading *reading, const struct tsv_cell *cell, struct lists_text *ret,
                     struct lists_text *ret_core)
{
    if (cell->len == 0)
        return fail(reading, cell, "the text to be matched is empty");
    if (cell->len > LISTS_TEXT_BYTES_MAX)
        return fail(reading, cell, "the text to be matched is longer than 1024 bytes");
    int kept = lists_keep(reading->lists, cell->text, cell->len, ret);
    if (kept < 0)
        return kept;
    *ret_core = lists_core(cell->text, *ret);
    if (ret_core->len == 0)
        return fail(reading, cell, "the text folds to nothing: it holds no letter or digit");
    return 0;
}

static int take_label(struct reading *reading, const struct tsv_cell *cell, struct lists_text *ret)
{
    *ret = (struct lists_text){0, 0};
    if (cell == NULL)
        return 0;
    if (cell->len > LISTS_ID_BYTES_MAX)
        return fail(reading, cell, "the cell is longer than 128 bytes");
    return lists_keep(reading->lists, cell->text, cell->len, ret);
}

static int take_id(struct reading *reading, const struct tsv_cell *cell, uint32_t index,
                   struct lists_text *ret)
{
    if (cell->len == 0)
        return fail(reading, cell, "the id is empty");
    int kept = take_label(reading, cell, ret);
    if (kept < 0)
        return kept;
    return lists_ids_add(&reading->ids, reading->lists, *ret, index)
               ? 0
               : matcher_error_set(reading->error, reading->tsv.line, cell->column,
                                   "the id %.*s is there already", (int)cell->len, cell->text);
}

/* The cell of a known column, NULL if the text has no such column. */
static const struct tsv_cell *cell_of(const struct reading *reading, const struct tsv_cell *cells,
                                      size_t column)
{
    return reading->place[column] == SIZE_MAX ? NULL : &cells[reading->place[column]];
}

static int add_form(struct reading *reading, const struct tsv_cell *cell, uint32_t mark,
                    struct lists_text *ret_text)
{
    struct matcher_lists *lists = reading->lists;
    struct lists_form form = {.mark = mark};
    if (lists->forms_count == LISTS_FORMS_MAX)
        return fail(reading, cell, "more than 1000000 marks and aliases");
    int taken = take_text(reading, cell, &form.text, &form.core);
    if (taken < 0)
        return taken;
    taken =
        lists_grow((void **)&lists->forms, &lists->forms_room, lists->forms_count + 1, sizeof form);
    if (taken < 0)
        return taken;
    lists->forms[lists->forms_count++] = form;
    *ret_text = form.text;
    return 0;
}

static int add_aliases(struct reading *reading, const struct tsv_cell *cell, uint32_t mark)
{
    for (size_t begin = 0; cell != NULL && cell->len > 0 && begin <= cell->len;) {
        const char *text = cell->text + begin;
        const char *bar = memchr(text, '|', cell->len - begin);
        size_t len = bar == NULL ? cell->len - begin : (size_t)(bar - text);
        struct tsv_cell alias = {text, len, cell->column + (unsigned)begin};
        struct lists_text unused;
        int added = add_form(reading, &alias, mark, &unused);
        if (added < 0)
            return added;
        begin += len + 1;
    }
    return 0;
}

/* 1, 0, or nothing: as the lists say. */
static int take_variants(struct reading *reading, const struct tsv_cell *cell,
                         enum matcher_variants *ret_variants)
{
    *ret_variants = MATCHER_VARIANTS_AUTO;
    if (cell == NULL || cell->len == 0)
        return 0;
    if (cell->len != 1 || (cell->text[0] != '0' && cell->text[0] != '1'))
        return fail(reading, cell, "variants is none of 1, 0 and nothing");
    *ret_variants = cell->text[0] == '1' ? MATCHER_VARIANTS_ON : MATCHER_VARIANTS_OFF;
    return 0;
}

static int add_mark(struct reading *reading, const struct tsv_cell *cells)
{
    struct matcher_lists *lists = reading->lists;
    struct lists_mark mark = {.generic = false};
    uint32_t index = (uint32_t)lists->marks_count;
    if (index == MATCHER_MARKS_MAX)
        return fail(reading, &cells[0], "more than 200000 marks");
    int done = take_id(reading, cell_of(reading, cells, 0), index, &mark.id);
    if (done == 0)
        done = add_form(reading, cell_of(reading, cells, 1), index, &mark.text);
    if (done == 0)
        done = take_label(reading, cell_of(reading, cells, 2), &mark.category);
    const struct tsv_cell *generic = cell_of(reading, cells, 3);
    if (done == 0 && generic != NULL) {
        mark.generic = generic->len == 1 && generic->text[0] == '1';
        if (!mark.generic && (generic->len != 1 || generic->text[0] != '0'))
            return fail(reading, generic, "generic is neither 0 nor 1");
    }
    if (done == 0)
        done = add_aliases(reading, cell_of(reading, cells, 4), index);
    if (done == 0)
        done = take_variants(reading, cell_of(reading, cells, 5), &mark.variants);
    if (done == 0)
        done = lists_grow((void **)&lists->marks, &lists->marks_room, lists->marks_count + 1,
                          sizeof mark);
    if (done == 0)
        lists->marks[lists->marks_count++] = mark;
    return done;
}

static int add_cue(struct reading *reading, const struct tsv_cell *cells)
{
    struct matcher_lists *lists = reading->lists;
    struct lists_cue cue = {.strength = 0};
    struct lists_text core;
    uint32_t index = (uint32_t)lists->cues_count;
    if (index == MATCHER_CUES_MAX)
        return fail(reading, &cells[0], "more than 10000 cues");
    int done = take_id(reading, cell_of(reading, cells, 0), index, &cue.id);
    if (done == 0)
        done = take_text(reading, cell_of(reading, cells, 1), &cue.text, &core);
    const struct tsv_cell *strength = cell_of(reading, cells, 2);
    if (done == 0 && (strength->len != 1 || strength->text[0] < '1' || strength->text[0] > '3'))
        return fail(reading, strength, "strength is none of 1, 2, 3");
    if (done == 0)
        done = take_label(reading, cell_of(reading, cells, 3), &cue.lang);
    if (done == 0)
        done =
            lists_grow((void **)&lists->cues, &lists->cues_room, lists->cues_count + 1, sizeof cue);
    if (done < 0)
        return done;
    cue.strength = (unsigned)(strength->text[0] - '0');
    lists->cues[lists->cues_count++] = cue;
    return 0;
}

/* Reads the line that names the columns. */
static int read_header(struct reading *reading)
{
    struct tsv_cell cells[TSV_COLUMNS_MAX];
    int row = tsv_next(&reading->tsv, cells, &reading->cells_count, reading->error);
    if (row < 0)
        return row;
    if (row == 0)
        return matcher_error_set(reading->error, 0, 0,
                                 "the list is empty: its first line must name its columns");
    for (size_t known = 0; known < reading->known; known++) {
        const char *name = reading->names[known];
        reading->place[known] = SIZE_MAX;
        for (size_t i = 0; i < reading->cells_count; i++) {
            if (cells[i].len != strlen(name) || memcmp(cells[i].text, name, cells[i].len) != 0)
                continue;
            if (reading->place[known] != SIZE_MAX)
                return matcher_error_set(reading->error, reading->tsv.line, cells[i].column,
                                         "the column %s is there twice", name);
            reading->place[known] = i;
        }
        if (reading->place[known] == SIZE_MAX && known < reading->required)
            return matcher_error_set(reading->error, reading->tsv.line, 1,
                                     "the column %s is missing", name);
    }
    return 0;
}

static int read_rows(struct reading *reading,
                     int (*add)(struct reading *reading, const struct tsv_cell *cells))
{
    struct tsv_cell cells[TSV_COLUMNS_MAX];
    int done = read_header(reading);
    while (done == 0) {
        size_t count = 0;
        int row = tsv_next(&reading->tsv, cells, &count, reading->error);
        if (row <= 0)
            return row;
        if (count != reading->cells_count)
            return matcher_error_set(reading->error, reading->tsv.line, cells[count - 1].column,
                                     "%zu cell%s, but the first line names %zu columns: "
                                     "cells are separated by one tab each",
                                     count, count == 1 ? "" : "s", reading->cells_count);
        done = add(reading, cells);
    }
    return done;
}

int matcher_lists_add_marks(struct matcher_lists *lists, const char *tsv, size_t len,
                            struct matcher_error *reterr_error)
{
    static const char *const names[COLUMNS] = {"mark_id", "mark",    "category",
                                               "generic", "aliases", "variants"};
    struct reading reading = {.lists = lists,
                              .error = reterr_error,
                              .tsv = tsv_begin(tsv, len),
                              .names = names,
                              .required = 2,
                              .known = 6};
    struct matcher_lists before = *lists;
    if (lists_ids_open(&reading.ids, lists->marks_count + lists_ids_lines(tsv, len)) < 0)
        return -ENOMEM;
    for (uint32_t i = 0; i < lists->marks_count; i++)
        (void)lists_ids_add(&reading.ids, lists, lists->marks[i].id,
                            i); /* they are known to differ */
    int done = read_rows(&reading, add_mark);
    lists_ids_close(&reading.ids);
    if (done < 0) {
        lists->marks_count = before.marks_count;
        lists->forms_count = before.forms_count;
        lists->arena_len = before.arena_len;
    }
    return done;
}

int matcher_lists_add_cues(struct matcher_lists *lists, const char *tsv, size_t len,
                           struct matcher_error *reterr_error)
{
    static const char *const names[COLUMNS] = {"cue_id", "phrase", "strength", "lang", "", ""};
    struct reading reading = {.lists = lists,
                              .error = reterr_error,
                              .tsv = tsv_begin(tsv, len),
                              .names = names,
                              .required = 3,
                              .known = 4};
    struct matcher_lists before = *lists;
    if (lists_ids_open(&reading.ids, lists->cues_count + lists_ids_lines(tsv, len)) < 0)
        return -ENOMEM;
    for (uint32_t i = 0; i < lists->cues_count; i++)
        (void)lists_ids_add(&reading.ids, lists, lists->cues[i].id,
                            i); /* they are known to differ */
    int done = read_rows(&reading, add_cue);
    lists_ids_close(&reading.ids);
    if (done < 0) {
        lists->cues_count = before.cues_count;
        lists->arena_len = before.arena_len;
    }
    return done;
}
