/*
 * The conditions that have no others within them. Private to the evaluator.
 */
#ifndef MATCHER_RULES_LEAF_H
#define MATCHER_RULES_LEAF_H

#include "matcher/rules_run.h"

/* Whether a term stands in one of the fields. */
enum rules_value rules_leaf_term(const struct rules_run *run, const struct rules_node *node);

/* Whether two terms, or a term and the found mark, stand near each other. */
enum rules_value rules_leaf_near(struct matcher *matcher, const struct rules_node *node,
                                 const struct scan_found *found);

/* Whether an expression is found in one of the fields; sets run->failed if the engine fails. */
enum rules_value rules_leaf_regex(struct matcher *matcher, const struct rules_node *node);

/* Whether the price is known to be below that of its currency. */
enum rules_value rules_leaf_price(const struct matcher *matcher, const struct rules_node *node);

/* Whether the listing's seller or platform is listed, on the day on which it was observed. */
enum rules_value rules_leaf_listed(const struct matcher *matcher, const struct rules_node *node);

/* Whether the field of a batch offset is one of fields. */
bool rules_leaf_in_fields(const struct scan_listing *listing, uint16_t fields, uint32_t offset);

#endif
