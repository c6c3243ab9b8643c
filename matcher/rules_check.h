/*
 * What `noticectl rules check` asks of the matcher beside what every reader of rules does: all
 * problems at once, rules that can never speak, and what rules cost.
 */
#ifndef MATCHER_RULES_CHECK_H
#define MATCHER_RULES_CHECK_H

#include "matcher/rules.h"

/* Before rules are read: has each expression compiled alone then, so that all that are refused are
   told, and, if the rules' marks are not at hand, takes any id for that of a mark. 0 or -ENOMEM. */
int rules_check_begin(struct matcher_lists *lists, bool marks_unknown);

/* Tells rules that can never speak (a word that must and must not be there, an earlier or stronger
   rule that always speaks first). Returns how many. */
size_t rules_check_reach(const struct matcher_lists *lists, lists_problem *problem, void *context);

/* Tells words of less than three folded letters, and lists that no rule uses. Returns how many. */
size_t rules_check_words(const struct matcher_lists *lists, lists_problem *problem, void *context);

/* Compiles everything and runs all examples of the rules that were read. 0; -EINVAL if anything was
   told; -ENOMEM. */
int rules_check_compile(const struct matcher_lists *lists, lists_problem *problem, void *context);

/* Takes the rules, or the variants of marks, out of the lists, to measure what is left. */
void rules_check_drop_rules(struct matcher_lists *lists);
void rules_check_drop_variants(struct matcher_lists *lists);

/* Words of ordinary listings in a few languages, separated by spaces, without a mark. Static. */
const char *rules_check_sample(size_t *ret_len);

/* One expression compiled alone. */
struct rules_probe {
    struct rules_at at;
    size_t bytes; /* of its engine */
    void *engine, *scratch;
};

/* Compiles expression number index alone. 0; -ENOENT: there is none of this number; -EINVAL with
 *reterr_error; -ENOMEM. */
int rules_probe_open(const struct matcher_lists *lists, size_t index, struct rules_probe *ret_probe,
                     struct matcher_error *reterr_error);

/* Looks for it in the built-in sample once; returns the bytes looked at, 0 if the engine fails. */
size_t rules_probe_run(const struct rules_probe *probe);

/* Frees; zeroed ones are fine. */
void rules_probe_close(struct rules_probe *probe);

#endif
