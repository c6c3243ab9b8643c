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
    lists_problem *problem;
    void *context;
    unsigned problems;
    struct matcher_error error; /* the last */
    struct tsv tsv;
    const char *const *names;
    size_t required, known; /* the first required of known names must be there */
    size_t place[COLUMNS];  /* SIZE_MAX: not there */
    size_t cells_count;     /* of each row */
    struct lists_ids ids;
};

/* Tells reading->error; returns result. */
static int tell(struct reading *reading, int result)
{
    if (reading->problems < LISTS_PROBLEMS_MAX)
        reading->problem(reading->context, &reading->error);
    reading->problems++;
    return result;
}

/* Tells a problem of the line at hand, with a format and its arguments; -EINVAL. */
#define fail_at(reading, column, ...)                                                              \
    tell((reading),                                                                                \
         matcher_error_set(&(reading)->error, (reading)->tsv.line, (column), __VA_ARGS__))

static int fail(struct reading *reading, const struct tsv_cell *cell, const char *what)
{
    return fail_at(reading, cell->column, "%s", what);
}

/* The same, and no further row is read: all of them would have this problem. */
static int fail_for_good(struct reading *reading, const struct tsv_cell *cell, const char *what)
{
    reading->tsv.at = reading->tsv.len;
    return fail(reading, cell, what);
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
    uint32_t cp = 0;
    size_t at = 0;
    if (!lists_is_label(cell->text, cell->len, &cp, &at))
        return fail_at(reading, cell->column + (unsigned)at,
                       "an id, category or language may not hold U+%04X: it controls the "
                       "screen or shows as nothing",
                       (unsigned)cp);
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
               : fail_at(reading, cell->column, "the id %.*s is there already", (int)cell->len,
                         cell->text);
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
        return fail_for_good(reading, cell, "more than 1000000 marks and aliases");
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
    int done = 0;
    for (size_t begin = 0; cell != NULL && cell->len > 0 && begin <= cell->len;) {
        const char *text = cell->text + begin;
        const char *bar = memchr(text, '|', cell->len - begin);
        size_t len = bar == NULL ? cell->len - begin : (size_t)(bar - text);
        struct tsv_cell alias = {text, len, cell->column + (unsigned)begin};
        struct lists_text unused;
        done = lists_worse(done, add_form(reading, &alias, mark, &unused));
        begin += len + 1;
    }
    return done;
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

static int take_generic(struct reading *reading, const struct tsv_cell *cell, bool *ret_generic)
{
    *ret_generic = false;
    if (cell == NULL)
        return 0;
    if (cell->len != 1 || (cell->text[0] != '0' && cell->text[0] != '1'))
        return fail(reading, cell, "generic is neither 0 nor 1");
    *ret_generic = cell->text[0] == '1';
    return 0;
}

static int take_strength(struct reading *reading, const struct tsv_cell *cell,
                         unsigned *ret_strength)
{
    if (cell->len != 1 || cell->text[0] < '1' || cell->text[0] > '3')
        return fail(reading, cell, "strength is none of 1, 2, 3");
    *ret_strength = (unsigned)(cell->text[0] - '0');
    return 0;
}

/* A row's problems are told together. A bad one is added too: its id is taken. */
static int add_mark(struct reading *reading, const struct tsv_cell *cells)
{
    struct matcher_lists *lists = reading->lists;
    struct lists_mark mark = {.generic = false};
    uint32_t index = (uint32_t)lists->marks_count;
    if (index == MATCHER_MARKS_MAX)
        return fail_for_good(reading, &cells[0], "more than 200000 marks");
    int done = take_id(reading, cell_of(reading, cells, 0), index, &mark.id);
    done = lists_worse(done, add_form(reading, cell_of(reading, cells, 1), index, &mark.text));
    done = lists_worse(done, take_label(reading, cell_of(reading, cells, 2), &mark.category));
    done = lists_worse(done, take_generic(reading, cell_of(reading, cells, 3), &mark.generic));
    done = lists_worse(done, add_aliases(reading, cell_of(reading, cells, 4), index));
    done = lists_worse(done, take_variants(reading, cell_of(reading, cells, 5), &mark.variants));
    int grown =
        lists_grow((void **)&lists->marks, &lists->marks_room, lists->marks_count + 1, sizeof mark);
    if (grown == 0)
        lists->marks[lists->marks_count++] = mark;
    return lists_worse(done, grown);
}

static int add_cue(struct reading *reading, const struct tsv_cell *cells)
{
    struct matcher_lists *lists = reading->lists;
    struct lists_cue cue = {.strength = 0};
    struct lists_text core;
    uint32_t index = (uint32_t)lists->cues_count;
    if (index == MATCHER_CUES_MAX)
        return fail_for_good(reading, &cells[0], "more than 10000 cues");
    int done = take_id(reading, cell_of(reading, cells, 0), index, &cue.id);
    done = lists_worse(done, take_text(reading, cell_of(reading, cells, 1), &cue.text, &core));
    done = lists_worse(done, take_strength(reading, cell_of(reading, cells, 2), &cue.strength));
    done = lists_worse(done, take_label(reading, cell_of(reading, cells, 3), &cue.lang));
    int grown =
        lists_grow((void **)&lists->cues, &lists->cues_room, lists->cues_count + 1, sizeof cue);
    if (grown == 0)
        lists->cues[lists->cues_count++] = cue;
    return lists_worse(done, grown);
}

/* The next row; a bad one is told. */
static int next_row(struct reading *reading, struct tsv_cell cells[TSV_COLUMNS_MAX],
                    size_t *ret_count)
{
    int row = tsv_next(&reading->tsv, cells, ret_count, &reading->error);
    return row < 0 ? tell(reading, row) : row;
}

/* Reads the line that names the columns. */
static int read_header(struct reading *reading)
{
    struct tsv_cell cells[TSV_COLUMNS_MAX];
    int row = next_row(reading, cells, &reading->cells_count);
    if (row < 0)
        return row;
    if (row == 0) {
        reading->tsv.line = 1;
        return fail_at(reading, 1, "the list is empty: its first line must name its columns");
    }
    int done = 0;
    for (size_t known = 0; known < reading->known; known++) {
        const char *name = reading->names[known];
        reading->place[known] = SIZE_MAX;
        for (size_t i = 0; i < reading->cells_count; i++) {
            if (cells[i].len != strlen(name) || memcmp(cells[i].text, name, cells[i].len) != 0)
                continue;
            if (reading->place[known] != SIZE_MAX)
                done = fail_at(reading, cells[i].column, "the column %s is there twice", name);
            reading->place[known] = i;
        }
        if (reading->place[known] == SIZE_MAX && known < reading->required)
            done = fail_at(reading, 1, "no column %s: the first line names them, with tabs between",
                           name);
    }
    return done;
}

static int read_rows(struct reading *reading,
                     int (*add)(struct reading *reading, const struct tsv_cell *cells))
{
    struct tsv_cell cells[TSV_COLUMNS_MAX];
    int done = read_header(reading);
    if (done < 0)
        return done; /* rows mean nothing without it */
    while (done != -ENOMEM && reading->problems < LISTS_PROBLEMS_MAX) {
        size_t count = 0;
        int row = next_row(reading, cells, &count);
        if (row == 0)
            break;
        if (row > 0 && count != reading->cells_count)
            row = fail_at(reading, cells[count - 1].column,
                          "%zu cell%s, but the first line names %zu columns: "
                          "cells are separated by one tab each",
                          count, count == 1 ? "" : "s", reading->cells_count);
        else if (row > 0)
            row = add(reading, cells);
        done = lists_worse(done, row);
    }
    return done;
}

/* Begins to read: the ids that are there already are known. 0 or -ENOMEM. */
static int begin(struct reading *reading, const char *tsv, size_t len, size_t known_ids)
{
    reading->tsv = tsv_begin(tsv, len);
    return lists_ids_open(&reading->ids, known_ids + lists_ids_lines(tsv, len));
}

/* After an error the lists are as before. */
static int end(struct reading *reading, const struct matcher_lists *before, int done)
{
    lists_ids_close(&reading->ids);
    if (done < 0) {
        reading->lists->marks_count = before->marks_count;
        reading->lists->forms_count = before->forms_count;
        reading->lists->cues_count = before->cues_count;
        reading->lists->arena_len = before->arena_len;
    }
    return done;
}

int lists_read_marks(struct matcher_lists *lists, const char *tsv, size_t len,
                     lists_problem *problem, void *context)
{
    static const char *const names[COLUMNS] = {"mark_id", "mark",    "category",
                                               "generic", "aliases", "variants"};
    struct reading reading = {.lists = lists,
                              .problem = problem,
                              .context = context,
                              .names = names,
                              .required = 2,
                              .known = 6};
    const struct matcher_lists before = *lists;
    if (begin(&reading, tsv, len, lists->marks_count) < 0)
        return -ENOMEM;
    for (uint32_t i = 0; i < lists->marks_count; i++)
        (void)lists_ids_add(&reading.ids, lists, lists->marks[i].id, i); /* all differ */
    return end(&reading, &before, read_rows(&reading, add_mark));
}

int lists_read_cues(struct matcher_lists *lists, const char *tsv, size_t len,
                    lists_problem *problem, void *context)
{
    static const char *const names[COLUMNS] = {"cue_id", "phrase", "strength", "lang", "", ""};
    struct reading reading = {.lists = lists,
                              .problem = problem,
                              .context = context,
                              .names = names,
                              .required = 3,
                              .known = 4};
    const struct matcher_lists before = *lists;
    if (begin(&reading, tsv, len, lists->cues_count) < 0)
        return -ENOMEM;
    for (uint32_t i = 0; i < lists->cues_count; i++)
        (void)lists_ids_add(&reading.ids, lists, lists->cues[i].id, i); /* all differ */
    return end(&reading, &before, read_rows(&reading, add_cue));
}

void lists_keep_first(void *context, const struct matcher_error *error)
{
    struct lists_first *first = context;
    if (!first->seen)
        *first->error = *error;
    first->seen = true;
}

int matcher_lists_add_marks(struct matcher_lists *lists, const char *tsv, size_t len,
                            struct matcher_error *reterr_error)
{
    struct lists_first first = {reterr_error, false};
    return lists_read_marks(lists, tsv, len, lists_keep_first, &first);
}

int matcher_lists_add_cues(struct matcher_lists *lists, const char *tsv, size_t len,
                           struct matcher_error *reterr_error)
{
    struct lists_first first = {reterr_error, false};
    return lists_read_cues(lists, tsv, len, lists_keep_first, &first);
}
