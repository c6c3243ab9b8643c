/*
 * One act against one merchant: all elements, and what they come to.
 */
#ifndef KNOWLEDGE_EVALUATE_H
#define KNOWLEDGE_EVALUATE_H

#include "daemon/knowledge/cluster.h"
#include "daemon/knowledge/decree.h"
#include "daemon/knowledge/facts.h"
#include "daemon/knowledge/ids.h"
#include "daemon/knowledge/knowledge.h"
#include "daemon/knowledge/strikes.h"

/* What evaluations share; made by evaluate_open. */
struct evaluator {
    const struct facts *facts;
    struct ids ids;
    struct cluster same, linked;
    struct decree_scratch decree;
    struct strikes_scratch strikes;
};

/* Memory for the facts, which must stay. 0 or -ENOMEM; evaluate_close after either. */
int evaluate_open(struct evaluator *ret_evaluator, const struct facts *facts);

/* The finding on an act (a record of kind support) and a merchant; it dies with the next one. 0 or
   -ENOMEM. */
int evaluate(struct evaluator *evaluator, uint32_t act, uint32_t merchant,
             struct knowledge_finding *ret_finding);

/* The merchant that the act was for; THINGS_NONE: unresolved. */
uint32_t evaluate_target(const struct facts *facts, const struct record *act);

/* Whether support of this kind is affirmative. */
bool evaluate_is_affirmative(struct knowledge_text kind);

/* Frees what it holds. */
void evaluate_close(struct evaluator *evaluator);

#endif
