/*
 * One end of the interval of a merchant's strikes, out of the candidates (domain 2.4).
 */
#ifndef KNOWLEDGE_STRIKE_COUNT_H
#define KNOWLEDGE_STRIKE_COUNT_H

#include "daemon/knowledge/strike_candidates.h"

/* The strikes that stand at the lower (definite) or the upper end, into alive, which has room for
   all candidates. Returns how many. Notes in each candidate what became of it. */
size_t strike_count(struct counting *counting, bool definite, struct strike *alive);

/* A strike by this candidate. */
struct strike strike_of(const struct facts *facts, const struct strike_candidate *candidate);

/* Whether one that counted still stands, surely or possibly. */
bool strike_is_alive(const struct strike_candidate *candidate, struct moment act, bool definite);

/* Puts them in the order of time: those that came with an account stand here since they came. */
void strike_sort(const struct counting *counting, struct strike *alive, size_t count);

#endif
