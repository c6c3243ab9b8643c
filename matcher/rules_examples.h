/*
 * Whether rules do what their examples say. Private to the matcher.
 */
#ifndef MATCHER_RULES_EXAMPLES_H
#define MATCHER_RULES_EXAMPLES_H

#include "matcher/db.h"

/* Runs the examples of all rules as they stand, with other words around them, and in capitals. Each
   rule is looked at as if it were the only one. Words around them are left out for a rule whose
   expressions hold ^ $ \A \z, capitals for one whose expressions mind case. Tells what is not as it
   should be. 0; -EINVAL if anything was told; -ENOMEM. Rules whose marks are not known are left
   out. */
int rules_examples_run(struct matcher_db *db, lists_problem *problem, void *context);

#endif
