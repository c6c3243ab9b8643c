/*
 * What a scanner needs to evaluate rules: the places of their terms, facts, and memory of what is
 * known of the listing at hand. Private to the matcher.
 *
 * 1. All work for a listing is bounded: RULES_PLACES_MAX places, RULES_LEAVES_MAX rules and
 *    conditions looked at. What was cut makes conditions unknown that would otherwise be refuted,
 *    and the outcome MATCHER_OUTCOME_CUT.
 * 2. A condition that does not speak of the mark's place is evaluated once a listing and rule.
 * 3. Nearness counts code points of folded text between two spans that do not overlap, over the
 *    fields in order; the space between two neighbours is one.
 */
#ifndef MATCHER_RULES_RUN_H
#define MATCHER_RULES_RUN_H

#include "matcher/scan.h"

#define RULES_RAW_MAX    256u   /* raw hits with terms kept of one listing */
#define RULES_PLACES_MAX 1024u  /* places of terms in one listing */
#define RULES_LEAVES_MAX 65536u /* conditions looked at for one listing */
#define RULES_BLOCK      256u   /* bytes whose code points are counted together */

enum rules_value {
    RULES_NO = 0,
    RULES_UNKNOWN = 1,
    RULES_YES = 2,
};

struct rules_place {
    uint32_t begin, end; /* batch offsets */
    uint32_t term, phrase;
};

struct rules_run {
    /* of each pending listing */
    struct matcher_facts *facts;
    struct scan_raw *raw; /* RULES_RAW_MAX each */
    uint32_t *raw_count;
    uint64_t *raw_lost;
    /* of the listing at hand */
    const struct scan_listing *listing;
    const struct matcher_facts *fact;
    struct rules_place *places; /* by term, then begin */
    struct rules_place *ends;   /* the same by term, then end */
    size_t places_count;
    uint32_t leaves; /* looked at so far */
    bool cut, failed;
    bool has_chars;
    bool has_view[RULES_VIEWS_COUNT]; /* its expressions were looked for */
    bool bad_view[RULES_VIEWS_COUNT]; /* not UTF-8: what they would say is unknown */
    uint32_t *chars;                  /* code points before each block */
    uint8_t *regex_fields;            /* of each expression: the fields in which it is found */
    uint8_t *values;                  /* of each rule: enum rules_value, or RULES_UNSET */
    uint32_t *touched;                /* rules whose value is set */
    size_t touched_count;
    uint32_t only; /* in self-tests: the only rule there is; RULES_NONE: all */
};

#define RULES_UNSET 0xFFu

/* Makes room for the rules of a database, whose lists have some. 0 or -ENOMEM. */
int rules_run_open(const struct matcher_db *db, struct rules_run **ret_run);

/* Frees; NULL is fine. Returns NULL. */
struct rules_run *rules_run_close(struct rules_run *run);

/* Bytes it holds. */
size_t rules_run_bytes(const struct matcher_db *db);

/* Keeps a raw hit that stands for terms. */
void rules_run_note(struct rules_run *run, size_t index, struct scan_raw raw);

/* Forgets the raw hits of a listing; and all that is known of listings below count. */
void rules_run_forget(struct rules_run *run, size_t index);
void rules_run_reset(struct rules_run *run, size_t count);

/* Collects the places of terms of a listing. */
void rules_run_begin(struct matcher *matcher, uint32_t index);

/* Whether a rule is known to hold for a span of its mark, or of the term it reports. Only between
 * rules_run_begin and the next listing. */
bool rules_run_holds(struct matcher *matcher, uint32_t rule, const struct scan_found *found);

/* Gives found spans their rules, drops generic marks that have neither cue nor rule, and adds what
   rules without marks report. Returns how many are found now. */
size_t rules_apply(struct matcher *matcher, size_t found, uint64_t *lost);

/* Sets the classes that rules give, after the default ones. */
void rules_classes(struct matcher *matcher, size_t found);

#endif
