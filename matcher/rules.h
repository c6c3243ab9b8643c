/*
 * Rules as read, before anything is compiled: flat arrays that index each other, strings in the
 * arena of the lists. Private to the matcher. The language is described in rules.example.yaml and
 * in the README.
 *
 *  1. A rule speaks of hits: of its marks, wherever one stands, or, without marks, of one of its
 *     named lists of words ("report").
 *  2. Its conditions are a tree in preorder; the root is a node ALL. Inside every ALL those that
 *     need a regular expression come last, so that it runs only if everything else holds.
 *  3. A condition holds, does not hold, or is unknown (a price that is no number, a listing without
 *     a seller, words that were cut): not unknown is unknown. A rule speaks only if all of it is
 *     known to hold.
 */
#ifndef MATCHER_RULES_H
#define MATCHER_RULES_H

#include "matcher/lists.h"
#include "matcher/matcher.h"

#define RULES_MAX            4096u
#define RULES_SOURCES_MAX    64u
#define RULES_TERMS_MAX      16384u  /* named lists of words */
#define RULES_PHRASES_MAX    100000u /* in all of them */
#define RULES_NODES_MAX      65536u
#define RULES_NODES_OF_ONE   256u /* conditions of one rule */
#define RULES_DEPTH_MAX      4u   /* any, all, none within each other */
#define RULES_REGEXES_MAX    2048u
#define RULES_REGEX_BYTES    4096u /* of one expression */
#define RULES_SELLERS_MAX    1024u /* named lists of sellers */
#define RULES_ENTRIES_MAX    200000u
#define RULES_PRICES_MAX     16384u
#define RULES_MARKS_OF_MAX   1000000u /* ids named by all rules together */
#define RULES_EXAMPLES_MAX   65536u
#define RULES_EXAMPLES_OF    64u /* of one rule, of each kind */
#define RULES_WITHIN_MAX     1000u
#define RULES_DECIMAL_BYTES  64u
#define RULES_NOTE_BYTES_MAX 1024u
#define RULES_NONE           UINT32_MAX

/* Which fields: bit i is field i. The names are those of a listing, whose description may be
   several fields, the second and all behind it. */
#define RULES_FIELD_TITLE       1u
#define RULES_FIELD_DESCRIPTION 0xFFFEu
#define RULES_FIELDS_ALL        0xFFFFu

/* Where something is written: in the source-th text handed in, from 1. */
struct rules_at {
    uint32_t source, line, column;
};

enum rules_kind {
    RULES_ALL = 0, /* children up to end */
    RULES_ANY,
    RULES_NOT_ANY, /* "none" */
    RULES_TERM,    /* first: the term */
    RULES_NEAR,    /* first and second: terms, or RULES_NONE for the mark itself; within */
    RULES_REGEX,   /* first: the regex */
    RULES_PRICE,   /* prices [first, second) */
    RULES_LISTED,  /* entries [first, second) */
};

struct rules_node {
    enum rules_kind kind;
    uint16_t fields;
    bool ordered;
    uint32_t end; /* index behind the node and all within it */
    uint32_t first, second;
    uint32_t within; /* folded characters between the two */
    struct rules_at at;
};

/* A named list of words. Of a whole text if rule is RULES_NONE. */
struct rules_term {
    struct lists_text name;
    uint32_t rule;
    uint32_t phrase, phrases_count;
    bool used;
    struct rules_at at;
};

/* core as in struct lists_form. */
struct rules_phrase {
    struct lists_text text, core;
    uint32_t term;
    struct rules_at at;
};

enum rules_view {
    RULES_VIEW_RAW = 0,
    RULES_VIEW_FOLDED = 1,
    RULES_VIEWS_COUNT = 2,
};

struct rules_regex {
    struct lists_text text;
    unsigned flags; /* of the engine */
    enum rules_view view;
    uint32_t rule;
    struct rules_at at;
};

/* A seller, or a whole platform if seller is empty, in [from_ns, until_ns). */
struct rules_entry {
    struct lists_text platform, seller;
    int64_t from_ns, until_ns; /* INT64_MIN, INT64_MAX: not given */
    struct rules_at at;
};

struct rules_sellers {
    struct lists_text name;
    uint32_t source;
    uint32_t first, end; /* entries, sorted by platform and seller */
    bool used;
    struct rules_at at;
};

struct rules_price {
    char currency[3];
    struct lists_text amount; /* a decimal */
};

struct rules_example {
    struct lists_text title, description, platform, seller, price, currency;
    bool negative, has_observed;
    int64_t observed_ns;
    struct rules_at at;
};

enum rules_marks {
    RULES_MARKS_NONE = 0, /* the rule reports a term */
    RULES_MARKS_SOME = 1,
    RULES_MARKS_ALL = 2,
};

enum rules_variants {
    RULES_VARIANTS_AUTO = 0,
    RULES_VARIANTS_OFF = 1,
    RULES_VARIANTS_ON = 2,
};

struct rules_rule {
    struct lists_text id;
    uint32_t rev;
    enum matcher_class class;
    enum rules_marks marks;
    enum rules_variants variants;
    uint16_t fields;
    bool of_mark;    /* a condition speaks of the place of the mark */
    bool has_text;   /* a word, nearness or expression must be there: fit for generic marks */
    uint32_t report; /* term; of rules without marks */
    uint32_t mark, marks_count; /* of mark_of */
    uint32_t node, nodes_count;
    uint32_t example, examples_count;
    struct rules_at at;
};

struct rules {
    struct rules_rule *items;
    struct rules_node *nodes;
    struct rules_term *terms;
    struct rules_phrase *phrases;
    struct rules_regex *regexes;
    struct rules_sellers *sellers;
    struct rules_entry *entries;
    struct rules_price *prices;
    struct rules_example *examples;
    uint32_t *mark_of; /* marks named by rules */
    size_t count, room;
    size_t nodes_count, nodes_room;
    size_t terms_count, terms_room;
    size_t phrases_count, phrases_room;
    size_t regexes_count, regexes_room;
    size_t sellers_count, sellers_room;
    size_t entries_count, entries_room;
    size_t prices_count, prices_room;
    size_t examples_count, examples_room;
    size_t mark_of_count, mark_of_room;
    uint32_t sources_count;
    bool marks_unknown; /* any id is taken for that of a mark: to check rules without their marks */
    bool regexes_tried; /* each is compiled alone when read: to tell all that the engine refuses */
};

/* As matcher_lists_add_rules, but goes on after a problem where that is possible and tells all of
   them. The lists are unchanged if there was any: -EINVAL. */
int rules_read(struct matcher_lists *lists, const char *yaml, size_t len, lists_problem *problem,
               void *context);

/* Copies; NULL stays NULL. 0 or -ENOMEM. */
int rules_copy(const struct rules *rules, struct rules **ret_copy);

/* Frees; NULL is fine. Returns NULL. */
struct rules *rules_close(struct rules *rules);

#endif
