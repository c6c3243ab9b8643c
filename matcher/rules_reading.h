/*
 * A text of rules while it is being read. Shared by the parts of the reader. Private to the
 * matcher.
 */
#ifndef MATCHER_RULES_READING_H
#define MATCHER_RULES_READING_H

#include "matcher/lists_ids.h"
#include "matcher/rules.h"
#include "matcher/yaml.h"

struct rules_reading {
    struct matcher_lists *lists;
    struct rules *rules;
    struct yaml yaml;
    uint32_t source; /* of this text */
    lists_problem *problem;
    void *context;
    unsigned problems;
    struct lists_ids marks; /* by id; opened when first needed */
};

/* Tells a problem and returns -EINVAL. */
int rules_fail(struct rules_reading *reading, unsigned line, unsigned column, const char *format,
               ...) __attribute__((format(printf, 4, 5)));

/* The same at a value. */
#define rules_fail_at(reading, node, ...)                                                          \
    rules_fail((reading), (node)->line, (node)->column, __VA_ARGS__)

/* The value of a key in a mapping; NULL if it is not there. */
const struct yaml_node *rules_find(const struct rules_reading *reading, const struct yaml_node *map,
                                   const char *key);

/* Where a value is written. */
struct rules_at rules_at_node(const struct rules_reading *reading, const struct yaml_node *node);

/* Keeps a scalar of 1 to max bytes. -EINVAL (told) if it is anything else; -ENOMEM. */
int rules_take_text(struct rules_reading *reading, const struct yaml_node *node, const char *what,
                    size_t max, struct lists_text *ret);

/* The same for an id, which people read: at most LISTS_ID_BYTES_MAX and lists_is_label. */
int rules_take_label(struct rules_reading *reading, const struct yaml_node *node, const char *what,
                     struct lists_text *ret);

/* Keeps the key of a value as the name of a list; likewise. */
int rules_take_name(struct rules_reading *reading, const struct yaml_node *node, const char *what,
                    struct lists_text *ret);

/* Walks what is either one scalar or a list: the first and then the next item. */
const struct yaml_node *rules_first(const struct rules_reading *reading,
                                    const struct yaml_node *node);
const struct yaml_node *rules_next(const struct rules_reading *reading,
                                   const struct yaml_node *item);

/* A number of [min, max], told if it is not. */
int rules_take_number(struct rules_reading *reading, const struct yaml_node *node, const char *what,
                      uint32_t min, uint32_t max, uint32_t *ret);

/* A day, told if it is none. */
int rules_take_day(struct rules_reading *reading, const struct yaml_node *node, int64_t *ret_ns);

/* `title`, `description`, or a list of them, as a mask. */
int rules_take_fields(struct rules_reading *reading, const struct yaml_node *node, uint16_t *ret);

/* A mapping of names to phrases, of the rule with this index or of the whole text (RULES_NONE). */
int rules_take_terms(struct rules_reading *reading, const struct yaml_node *map, uint32_t rule);

/* The term of a name as a rule sees it, which is used from now on; RULES_NONE if there is none. */
uint32_t rules_find_term(struct rules_reading *reading, const struct yaml_node *name,
                         uint32_t rule);

/* A mapping of names to lists of sellers. */
int rules_take_sellers(struct rules_reading *reading, const struct yaml_node *map);

/* Adds one seller or platform. */
int rules_add_entry(struct rules_reading *reading, struct rules_entry entry);

/* Sorts entries as the evaluator looks for them: by platform, then seller. */
void rules_sort_entries(struct rules_reading *reading, uint32_t first, uint32_t end);

/* The marks of a rule, from its keys marks and category; fills rule->marks, mark, marks_count. */
int rules_take_marks(struct rules_reading *reading, const struct yaml_node *map,
                     struct rules_rule *rule);

/* The conditions of a rule: all keys of its mapping that are conditions. */
int rules_take_conditions(struct rules_reading *reading, const struct yaml_node *map,
                          uint32_t rule_index, struct rules_rule *rule);

/* Whether a key is one of a condition. */
bool rules_is_condition(const struct yaml_node *node);

/* One regex: a pattern, or a mapping. */
int rules_take_regex(struct rules_reading *reading, const struct yaml_node *node,
                     uint32_t rule_index, uint32_t *ret_index);

/* Examples that the rule must meet, or must not. */
int rules_take_examples(struct rules_reading *reading, const struct yaml_node *node, bool negative);

#endif
