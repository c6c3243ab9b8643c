/*
 * Memory for rules in a scanner, and the places of terms.
 */
#include "matcher/rules_run.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/sort.h"

#define BLOCKS (SCAN_BATCH_BYTES / RULES_BLOCK + 2)

int rules_run_open(const struct matcher_db *db, struct rules_run **ret_run)
{
    const struct rules *rules = db->lists->rules;
    struct rules_run *run = calloc(1, sizeof *run);
    if (run == NULL)
        return -ENOMEM;
    run->facts = calloc(MATCHER_BATCH_MAX, sizeof *run->facts);
    run->raw = malloc((size_t)MATCHER_BATCH_MAX * RULES_RAW_MAX * sizeof *run->raw);
    run->raw_count = calloc(MATCHER_BATCH_MAX, sizeof *run->raw_count);
    run->raw_lost = calloc(MATCHER_BATCH_MAX, sizeof *run->raw_lost);
    run->places = malloc(RULES_PLACES_MAX * sizeof *run->places);
    run->ends = malloc(RULES_PLACES_MAX * sizeof *run->ends);
    run->chars = malloc(BLOCKS * sizeof *run->chars);
    run->regex_fields = malloc(rules->regexes_count + 1);
    run->values = malloc(rules->count + 1);
    run->touched = malloc((rules->count + 1) * sizeof *run->touched);
    run->only = RULES_NONE;
    if (run->facts == NULL || run->raw == NULL || run->raw_count == NULL || run->raw_lost == NULL ||
        run->places == NULL || run->ends == NULL || run->chars == NULL ||
        run->regex_fields == NULL || run->values == NULL || run->touched == NULL) {
        (void)rules_run_close(run); /* always NULL */
        return -ENOMEM;
    }
    memset(run->values, RULES_UNSET, rules->count);
    *ret_run = run;
    return 0;
}

struct rules_run *rules_run_close(struct rules_run *run)
{
    if (run == NULL)
        return NULL;
    free(run->facts);
    free(run->raw);
    free(run->raw_count);
    free(run->raw_lost);
    free(run->places);
    free(run->ends);
    free(run->chars);
    free(run->regex_fields);
    free(run->values);
    free(run->touched);
    free(run);
    return NULL;
}

size_t rules_run_bytes(const struct matcher_db *db)
{
    const struct rules *rules = db->lists->rules;
    return sizeof(struct rules_run) +
           MATCHER_BATCH_MAX * (sizeof(struct matcher_facts) + sizeof(uint32_t) + sizeof(uint64_t) +
                                RULES_RAW_MAX * sizeof(struct scan_raw)) +
           2 * RULES_PLACES_MAX * sizeof(struct rules_place) + BLOCKS * sizeof(uint32_t) +
           rules->regexes_count + rules->count * (1 + sizeof(uint32_t));
}

void rules_run_note(struct rules_run *run, size_t index, struct scan_raw raw)
{
    if (run->raw_count[index] < RULES_RAW_MAX)
        run->raw[index * RULES_RAW_MAX + run->raw_count[index]++] = raw;
    else
        run->raw_lost[index]++;
}

void rules_run_forget(struct rules_run *run, size_t index)
{
    run->raw_count[index] = 0;
    run->raw_lost[index] = 0;
}

void rules_run_reset(struct rules_run *run, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rules_run_forget(run, i);
        run->facts[i] = (struct matcher_facts){.platform = NULL};
    }
}

static bool before_by_begin(const void *left, const void *right)
{
    const struct rules_place *a = left, *b = right;
    if (a->term != b->term)
        return a->term < b->term;
    if (a->begin != b->begin)
        return a->begin < b->begin;
    return a->end > b->end;
}

static bool before_by_end(const void *left, const void *right)
{
    const struct rules_place *a = left, *b = right;
    return a->term != b->term ? a->term < b->term : a->end < b->end;
}

static void add_places(struct rules_run *run, const struct literals *literals, struct scan_raw raw)
{
    uint32_t len = literals->begin[raw.literal + 1] - literals->begin[raw.literal];
    for (uint32_t i = literals->first[raw.literal]; i < literals->first[raw.literal + 1]; i++) {
        const struct literals_target *target = &literals->targets[i];
        if (target->kind != LITERALS_TERM)
            continue;
        if (run->places_count == RULES_PLACES_MAX) {
            run->cut = true;
            return;
        }
        run->places[run->places_count++] = (struct rules_place){
            .begin = raw.end - len + target->front,
            .end = raw.end - target->back,
            .term = target->index,
            .phrase = target->form,
        };
    }
}

void rules_run_begin(struct matcher *matcher, uint32_t index)
{
    struct rules_run *run = matcher->rules;
    run->listing = &matcher->listings[index];
    run->fact = &run->facts[index];
    run->places_count = 0;
    run->leaves = 0;
    run->cut = run->raw_lost[index] > 0;
    run->failed = run->has_chars = false;
    for (unsigned view = 0; view < RULES_VIEWS_COUNT; view++)
        run->has_view[view] = run->bad_view[view] = false;
    for (size_t i = 0; i < run->touched_count; i++)
        run->values[run->touched[i]] = RULES_UNSET;
    run->touched_count = 0;
    for (uint32_t i = 0; i < run->raw_count[index]; i++)
        add_places(run, &matcher->db->literals, run->raw[(size_t)index * RULES_RAW_MAX + i]);
    sort_in_place(run->places, run->places_count, sizeof *run->places, before_by_begin);
    memcpy(run->ends, run->places, run->places_count * sizeof *run->ends);
    sort_in_place(run->ends, run->places_count, sizeof *run->ends, before_by_end);
}
