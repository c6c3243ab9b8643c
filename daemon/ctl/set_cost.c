/*
 * Measuring sets. Knows the matcher and the processor time.
 */
#include "daemon/ctl/set_cost.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/stopwatch.h"
#include "matcher/db.h"
#include "matcher/rules_check.h"

#define LISTINGS       64u
#define LISTING_BYTES  600u
#define WORDS_MAX      512u
#define MEASURE_US     20000u
#define MEASURE_ROUNDS 5u

struct cost {
    struct matcher_cost literals;
    size_t bytes;
    uint64_t compile_ms;
    uint64_t scan_ns; /* of a listing */
};

/* Listings made of the sample's words in other orders, so that no cache knows them by heart. */
struct listings {
    char text[LISTINGS][LISTING_BYTES + MATCHER_SLACK_BYTES];
};

static void make_listings(struct listings *listings)
{
    const char *words[WORDS_MAX];
    size_t lens[WORDS_MAX], count = 0, sample_len = 0;
    const char *sample = rules_check_sample(&sample_len);
    for (size_t at = 0; at < sample_len && count < WORDS_MAX;) {
        size_t len = strcspn(sample + at, " ");
        words[count] = sample + at;
        lens[count++] = len;
        at += len + 1;
    }
    assert(count > 0);
    uint32_t draw = 1;
    for (size_t i = 0; i < LISTINGS; i++) {
        size_t len = 0;
        memset(listings->text[i], ' ', sizeof listings->text[i]);
        for (;;) {
            draw = draw * 1664525u + 1013904223u; /* Numerical Recipes' generator */
            size_t word = (draw >> 8) % count;
            if (len + lens[word] > LISTING_BYTES)
                break;
            memcpy(listings->text[i] + len, words[word], lens[word]);
            len += lens[word] + 1;
        }
    }
}

/* Looks at all listings once. False if something could not be looked at. */
static bool scan_once(struct matcher *matcher, const struct listings *listings)
{
    bool good = true;
    for (size_t i = 0; i < LISTINGS; i++) {
        struct matcher_field field = {listings->text[i], LISTING_BYTES};
        uint32_t index = 0;
        good = good && matcher_add(matcher, &field, 1, &index) == 0;
    }
    matcher_scan(matcher);
    for (uint32_t i = 0; good && i < LISTINGS; i++) {
        struct matcher_result result;
        matcher_result(matcher, i, &result);
        good = result.outcome != MATCHER_OUTCOME_FAILED;
    }
    matcher_reset(matcher);
    return good;
}

/* The best of some rounds: whatever else the machine does only adds. */
static int measure_scan(struct matcher_db *db, const struct listings *listings, uint64_t *ret_ns)
{
    struct matcher *matcher = NULL;
    int done = matcher_open(&matcher);
    if (done == 0)
        done = matcher_use(matcher, db);
    *ret_ns = UINT64_MAX;
    for (unsigned round = 0; done == 0 && round < MEASURE_ROUNDS; round++) {
        uint64_t begun_us = stopwatch_cpu_us(), us = 0, seen = 0;
        for (; us < MEASURE_US && done == 0; us = stopwatch_cpu_us() - begun_us) {
            done = scan_once(matcher, listings) ? 0 : -EIO;
            seen += LISTINGS;
        }
        if (us * 1000 / seen < *ret_ns)
            *ret_ns = us * 1000 / seen;
    }
    (void)matcher_close(matcher); /* always NULL */
    return done;
}

static int measure(const struct matcher_lists *lists, const struct listings *listings,
                   struct cost *ret_cost)
{
    struct matcher_error error;
    struct matcher_db *db = NULL;
    int done = matcher_lists_cost(lists, &ret_cost->literals);
    uint64_t begun_us = stopwatch_cpu_us();
    if (done == 0)
        done = db_compile(lists, &db, &error);
    ret_cost->compile_ms = (stopwatch_cpu_us() - begun_us) / 1000;
    if (done == 0) {
        ret_cost->bytes = matcher_db_bytes(db);
        done = measure_scan(db, listings, &ret_cost->scan_ns);
    }
    (void)matcher_db_unref(db); /* always NULL */
    return done;
}

static void print_row(const char *name, const struct cost *cost)
{
    printf("%-24s %9zu %11zu %11llu %13llu\n", name, cost->literals.literals,
           (cost->bytes + 1023) / 1024, (unsigned long long)cost->compile_ms,
           (unsigned long long)cost->scan_ns);
}

/* What a set costs more than without something. */
static void print_more(const char *what, const struct cost *with, const struct cost *without)
{
    long long ns = (long long)with->scan_ns - (long long)without->scan_ns;
    printf("%s cost %zu literals, %lld KB, %lld ms to compile, %lld ns a listing (%lld %%)\n", what,
           with->literals.literals - without->literals.literals,
           ((long long)with->bytes - (long long)without->bytes) / 1024,
           (long long)with->compile_ms - (long long)without->compile_ms, ns,
           without->scan_ns == 0 ? 0 : 100 * ns / (long long)without->scan_ns);
}

/* Of which kinds variants are, and which marks have most of them. */
static void print_kinds(const struct matcher_lists *lists, const struct matcher_cost *cost)
{
    printf(
        "  variants are %zu slips, %zu look-alikes and pieces, %zu joined, %zu split, %zu in the "
        "other number; most of",
        cost->typo, cost->disguised, cost->joined, cost->split, cost->inflected);
    for (size_t i = 0; i < cost->top_count && i < 3; i++) {
        struct matcher_mark mark = matcher_lists_mark(lists, cost->top[i].mark);
        printf("%s %.*s (%zu)", i == 0 ? "" : ",", (int)mark.id_len, mark.id,
               cost->top[i].literals);
    }
    printf("\n");
}

/* From the whole set to what is left without its rules, and without variants. */
static int measure_all(struct matcher_lists *lists, const struct listings *listings)
{
    struct cost whole = {.bytes = 0}, marks = {.bytes = 0}, plain = {.bytes = 0};
    bool has_rules = lists->rules != NULL && lists->rules->count > 0;
    int done = has_rules ? measure(lists, listings, &whole) : 0;
    rules_check_drop_rules(lists);
    bool has_marks = lists->marks_count > 0;
    if (done == 0 && has_marks)
        done = measure(lists, listings, &marks);
    rules_check_drop_variants(lists);
    if (done == 0 && has_marks)
        done = measure(lists, listings, &plain);
    if (done < 0)
        return done;
    printf("\n%-24s %9s %11s %11s %13s\n", "", "literals", "database KB", "compile ms",
           "ns a listing");
    if (has_marks) {
        print_row("marks and cues as listed", &plain);
        print_row("  with variants", &marks);
    }
    if (has_rules)
        print_row(has_marks ? "  with rules too" : "rules", &whole);
    if (has_marks) {
        print_more("variants", &marks, &plain);
        print_kinds(lists, &marks.literals);
    }
    if (has_marks && has_rules)
        print_more("rules", &whole, &marks);
    printf(
        "processor time of this machine, for a listing of %u bytes without marks; a tenth more or "
        "less says nothing\n",
        LISTING_BYTES);
    return 0;
}

int set_cost_print(struct matcher_lists *lists)
{
    struct listings *listings = malloc(sizeof *listings);
    if (listings == NULL)
        return -ENOMEM;
    make_listings(listings);
    int done = measure_all(lists, listings);
    free(listings);
    return done;
}
