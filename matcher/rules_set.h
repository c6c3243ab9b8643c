/*
 * Rules compiled: which rules a mark or term concerns, and the engines of their expressions.
 * Private to the matcher.
 *
 * The engine of a view holds all expressions over it. It runs only on listings in which everything
 * else of a rule holds; only whether an expression is found matters, not where.
 */
#ifndef MATCHER_RULES_SET_H
#define MATCHER_RULES_SET_H

#include <hs.h>

#include "matcher/rules.h"

struct rules_set {
    uint32_t *mark_first; /* marks + 1 indexes into mark_rules */
    uint32_t *mark_rules; /* rules that name a mark, in order */
    uint32_t *term_first; /* terms + 1 indexes into term_rules */
    uint32_t *term_rules; /* rules without marks that report a term */
    uint32_t *all;        /* rules of all marks */
    size_t all_count;
    hs_database_t *engines[RULES_VIEWS_COUNT]; /* NULL: no expression over it */
};

/* Makes everything but the engines; lists->rules may be NULL. 0 or -ENOMEM. */
int rules_set_make(const struct matcher_lists *lists, struct rules_set *ret_set);

/* Compiles the engines. 0; -EINVAL with *reterr_error at the first expression that is refused, and
   the engine's reason; -ENOMEM. */
int rules_set_compile(const struct matcher_lists *lists, struct rules_set *set,
                      struct matcher_error *reterr_error);

/* Compiles one expression alone, with the flags that a set uses. As above. The caller frees. */
int rules_set_compile_one(const struct matcher_lists *lists, const struct rules_regex *regex,
                          hs_database_t **ret_engine, struct matcher_error *reterr_error);

/* Frees; zeroed ones are fine. */
void rules_set_free(struct rules_set *set);

/* A number that other expressions do not share but by chance. */
uint64_t rules_set_hash(const struct matcher_lists *lists);

#endif
