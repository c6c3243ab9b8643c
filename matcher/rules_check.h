/*
 * What `noticectl rules check` asks of the matcher beside what every reader of rules does: all
 * problems at once, rules that can never speak, and what rules cost.
 */
#ifndef MATCHER_RULES_CHECK_H
#define MATCHER_RULES_CHECK_H

#include "matcher/rules.h"

/* Takes any id for that of a mark from now on: the rules' marks are not at hand. 0 or -ENOMEM. */
int rules_check_without_marks(struct matcher_lists *lists);

/* Tells rules that can never speak (a word that must and must not be there, an earlier or stronger
   rule that always speaks first). Returns how many. */
size_t rules_check_reach(const struct matcher_lists *lists, rules_problem *problem, void *context);

/* Tells words of less than three folded letters, and lists that no rule uses. Returns how many. */
size_t rules_check_words(const struct matcher_lists *lists, rules_problem *problem, void *context);

/* Compiles everything and runs all examples. 0; -EINVAL if anything was told; -ENOMEM. */
int rules_check_compile(const struct matcher_lists *lists, rules_problem *problem, void *context);

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
