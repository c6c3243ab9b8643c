/*
 * Indexes of rules by mark and term, and compiling expressions.
 */
#include "matcher/rules_set.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/hash.h"
#include "matcher/tsv.h"

static int make_arrays(const struct matcher_lists *lists, struct rules_set *set)
{
    const struct rules *rules = lists->rules;
    set->mark_first = calloc(lists->marks_count + 2, sizeof *set->mark_first);
    set->mark_rules = calloc(rules->mark_of_count + 1, sizeof *set->mark_rules);
    set->term_first = calloc(rules->terms_count + 2, sizeof *set->term_first);
    set->term_rules = calloc(rules->count + 1, sizeof *set->term_rules);
    set->all = calloc(rules->count + 1, sizeof *set->all);
    bool all = set->mark_first != NULL && set->mark_rules != NULL && set->term_first != NULL &&
               set->term_rules != NULL && set->all != NULL;
    return all ? 0 : -ENOMEM;
}

/* Turns counts, which stand one place to the right, into first indexes, which stand one more. */
static void add_up(uint32_t *first, size_t count)
{
    for (size_t i = 1; i < count + 2; i++)
        first[i] += first[i - 1];
}

int rules_set_make(const struct matcher_lists *lists, struct rules_set *ret_set)
{
    const struct rules *rules = lists->rules;
    struct rules_set set = {.all_count = 0};
    *ret_set = set;
    if (rules == NULL)
        return 0;
    int done = make_arrays(lists, &set);
    if (done < 0) {
        rules_set_free(&set);
        return done;
    }
    /* While filling, first[i + 1] is where the next one of i goes; afterwards it is where i ends.
     */
    for (size_t i = 0; i < rules->count; i++) {
        const struct rules_rule *rule = &rules->items[i];
        for (uint32_t k = 0; k < rule->marks_count; k++)
            set.mark_first[rules->mark_of[rule->mark + k] + 2]++;
        if (rule->report != RULES_NONE)
            set.term_first[rule->report + 2]++;
    }
    add_up(set.mark_first, lists->marks_count);
    add_up(set.term_first, rules->terms_count);
    for (size_t i = 0; i < rules->count; i++) {
        const struct rules_rule *rule = &rules->items[i];
        for (uint32_t k = 0; k < rule->marks_count; k++)
            set.mark_rules[set.mark_first[rules->mark_of[rule->mark + k] + 1]++] = (uint32_t)i;
        if (rule->report != RULES_NONE)
            set.term_rules[set.term_first[rule->report + 1]++] = (uint32_t)i;
        if (rule->marks == RULES_MARKS_ALL)
            set.all[set.all_count++] = (uint32_t)i;
    }
    *ret_set = set;
    return 0;
}

static int tell_refusal(const struct rules_regex *regex, hs_compile_error_t *refusal,
                        struct matcher_error *reterr_error)
{
    int done = matcher_error_set(reterr_error, regex->at.line, regex->at.column,
                                 "regex: the engine refuses it: %s",
                                 refusal == NULL ? "no reason given" : refusal->message);
    reterr_error->source = regex->at.source;
    return done;
}

static unsigned flags_of(const struct rules_regex *regex)
{
    return regex->flags | HS_FLAG_SINGLEMATCH;
}

/* The pattern with a NUL behind it. */
static char *pattern_of(const struct matcher_lists *lists, const struct rules_regex *regex)
{
    char *pattern = malloc(regex->text.len + 1);
    if (pattern == NULL)
        return NULL;
    memcpy(pattern, lists_at(lists, regex->text), regex->text.len);
    pattern[regex->text.len] = '\0';
    return pattern;
}

int rules_set_compile_one(const struct matcher_lists *lists, const struct rules_regex *regex,
                          hs_database_t **ret_engine, struct matcher_error *reterr_error)
{
    hs_compile_error_t *refusal = NULL;
    char *pattern = pattern_of(lists, regex);
    if (pattern == NULL)
        return -ENOMEM;
    int done = 0;
    if (hs_compile(pattern, flags_of(regex), HS_MODE_BLOCK, NULL, ret_engine, &refusal) !=
        HS_SUCCESS)
        done = tell_refusal(regex, refusal, reterr_error);
    if (refusal != NULL)
        (void)hs_free_compile_error(refusal); /* can only fail for what is not ours */
    free(pattern);
    return done;
}

/* Compiles the expressions of a view whose patterns are made already. */
static int compile_view(const struct rules *rules, enum rules_view view, char *const *patterns,
                        hs_database_t **ret_engine, struct matcher_error *reterr_error)
{
    const char **expressions = calloc(rules->regexes_count, sizeof *expressions);
    unsigned *flags = calloc(rules->regexes_count, sizeof *flags);
    unsigned *ids = calloc(rules->regexes_count, sizeof *ids);
    unsigned count = 0;
    int done = expressions == NULL || flags == NULL || ids == NULL ? -ENOMEM : 0;
    for (unsigned i = 0; i < rules->regexes_count && done == 0; i++) {
        if (rules->regexes[i].view != view)
            continue;
        expressions[count] = patterns[i];
        flags[count] = flags_of(&rules->regexes[i]);
        ids[count++] = i;
    }
    hs_compile_error_t *refusal = NULL;
    if (done == 0 && count > 0 &&
        hs_compile_multi(expressions, flags, ids, count, HS_MODE_BLOCK, NULL, ret_engine,
                         &refusal) != HS_SUCCESS) {
        bool one = refusal != NULL && refusal->expression >= 0;
        done = tell_refusal(&rules->regexes[ids[one ? refusal->expression : 0]], refusal,
                            reterr_error);
    }
    if (refusal != NULL)
        (void)hs_free_compile_error(refusal); /* can only fail for what is not ours */
    free(expressions);
    free(flags);
    free(ids);
    return done;
}

int rules_set_compile(const struct matcher_lists *lists, struct rules_set *set,
                      struct matcher_error *reterr_error)
{
    const struct rules *rules = lists->rules;
    if (rules == NULL || rules->regexes_count == 0)
        return 0;
    char **patterns = calloc(rules->regexes_count, sizeof *patterns);
    int done = patterns == NULL ? -ENOMEM : 0;
    for (size_t i = 0; i < rules->regexes_count && done == 0; i++) {
        patterns[i] = pattern_of(lists, &rules->regexes[i]);
        done = patterns[i] == NULL ? -ENOMEM : 0;
    }
    for (unsigned view = 0; view < RULES_VIEWS_COUNT && done == 0; view++)
        done =
            compile_view(rules, (enum rules_view)view, patterns, &set->engines[view], reterr_error);
    for (size_t i = 0; patterns != NULL && i < rules->regexes_count; i++)
        free(patterns[i]);
    free(patterns);
    return done;
}

void rules_set_free(struct rules_set *set)
{
    for (unsigned view = 0; view < RULES_VIEWS_COUNT; view++)
        (void)hs_free_database(set->engines[view]); /* NULL is fine; otherwise it is ours */
    free(set->mark_first);
    free(set->mark_rules);
    free(set->term_first);
    free(set->term_rules);
    free(set->all);
    *set = (struct rules_set){.all_count = 0};
}

uint64_t rules_set_hash(const struct matcher_lists *lists)
{
    const struct rules *rules = lists->rules;
    uint64_t hash = HASH_BEGIN;
    for (size_t i = 0; rules != NULL && i < rules->regexes_count; i++) {
        const struct rules_regex *regex = &rules->regexes[i];
        hash = hash_feed_bytes(hash, lists_at(lists, regex->text), regex->text.len);
        hash = hash_feed(hash, regex->flags << 2 | (unsigned)regex->view << 1 | 1);
    }
    return hash;
}
