/*
 * What the records show: a set of events in, findings out. A pure function of the set: the order of
 * arrival, duplicates and restarts never matter. Rules: the domain, sections 1 and 2, cited where
 * they stand; "op." is the opinion that they answer to. Findings say what records show, never who
 * is liable. One knowledge belongs to one thread; no clock, no I/O.
 */
#ifndef KNOWLEDGE_KNOWLEDGE_H
#define KNOWLEDGE_KNOWLEDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/knowledge/event.h"
#include "daemon/knowledge/reasons.h"

/* In the order of their weight: the better of two answers is the greater. */
enum knowledge_answer {
    KNOWLEDGE_NOT_SHOWN = 0,
    KNOWLEDGE_REBUTTED,
    KNOWLEDGE_INDETERMINATE,
    KNOWLEDGE_SHOWN,
    KNOWLEDGE_ANSWERS_COUNT,
};

#define REASON(name, text, meaning) KNOWLEDGE_REASON_##name,
enum knowledge_reason { KNOWLEDGE_REASONS(REASON) KNOWLEDGE_REASONS_COUNT };
#undef REASON

/* In the order of a finding's members (domain 2.1). */
enum knowledge_element_name {
    KNOWLEDGE_DECREE_KNOWN = 0,
    KNOWLEDGE_MERCHANT_BOUND,
    KNOWLEDGE_LISTING_KNOWN,
    KNOWLEDGE_LISTING_REMAINED_ACTIVE,
    KNOWLEDGE_MERCHANT_OVER_THRESHOLD,
    KNOWLEDGE_KNOWLEDGE,
    KNOWLEDGE_AFFIRMATIVE_ACT,
    KNOWLEDGE_ACT_AFTER_KNOWLEDGE,
    KNOWLEDGE_ACT_CONNECTED,
    KNOWLEDGE_FOR_BENEFIT,
    KNOWLEDGE_ELEMENTS_COUNT,
};

struct knowledge_element {
    enum knowledge_answer answer;
    enum knowledge_reason reason;
    const struct knowledge_text *ids; /* of the events it rests on */
    size_t ids_count;
    bool notices; /* ids are not of events, but names of the notices that strikes rest on */
};

enum knowledge_result {
    KNOWLEDGE_ALL_SHOWN = 0,
    KNOWLEDGE_MISSING, /* an element that is needed is not shown or rebutted */
    KNOWLEDGE_OPEN,    /* none is, but one is indeterminate */
};

/* The grace time that a policy gives. */
struct knowledge_grace {
    struct knowledge_text policy; /* its event; at == NULL: KNOWLEDGE_GRACE_S, as there is none */
    int64_t seconds;
    int64_t days; /* business days in place of them; 0: none */
};

/* One act against one merchant. */
struct knowledge_finding {
    struct knowledge_text act, merchant, platform;
    struct knowledge_text kind; /* of the act */
    int64_t act_at_ns;
    uint32_t act_unc_ms;
    bool selective;  /* recorded as chosen for this merchant or listing; no element asks for it:
                        "consciously and selectively chose to promote content provided by a
                        particular [user]" (op. at 4, quoting Twitter) */
    bool by_strikes; /* the road: strikes, or a listing */
    struct knowledge_text listing;   /* the one that shows most; at == NULL: there is none */
    size_t strikes_min, strikes_max; /* what doubt leaves open */
    bool has_threshold;              /* false: strikes are not computable, there is no policy */
    int64_t threshold;
    struct knowledge_grace grace; /* by the policy in force at the act */
    bool changed_grace; /* it was another, `grace_then`, when the notice took effect on which the
                           listing's road rests */
    struct knowledge_grace grace_then;
    enum knowledge_result result;
    struct knowledge_element elements[KNOWLEDGE_ELEMENTS_COUNT];
};

/* "shown", "decree_known", "all_elements_shown": as findings print them; static. */
const char *knowledge_answer_name(enum knowledge_answer answer);
const char *knowledge_element_name(enum knowledge_element_name element);
const char *knowledge_result_name(enum knowledge_result result);

#define KNOWLEDGE_REASON_BYTES 80u

/* The reason's code, "strikes_3_of_3" for KNOWLEDGE_REASON_STRIKES, NUL-terminated. Of other
   reasons there may be no finding (NULL). */
void knowledge_reason_name(const struct knowledge_finding *finding, enum knowledge_reason reason,
                           char ret_name[KNOWLEDGE_REASON_BYTES]);

/* What it means in a few words; static. */
const char *knowledge_reason_meaning(enum knowledge_reason reason);

/* Whether the result needs this element; the three others are roads to `knowledge`. */
bool knowledge_needs(enum knowledge_element_name element);

struct knowledge;

/* Makes an empty set. The seed is of hash tables: no result depends on it. NULL when out of memory.
 */
struct knowledge *knowledge_open(uint64_t seed);

/* Takes an event into the set; copies what it needs. Not after knowledge_build. 0, -ENOMEM, or
   -EOVERFLOW past 4 GiB of text or 2^32 events. After an error the set is to be closed. */
int knowledge_add(struct knowledge *knowledge, const struct knowledge_event *event);

/* Joins parts, drops duplicates, excludes ids with two bodies, sorts and indexes. Once. Time n log
   n in the events. 0, -ENOMEM or -EOVERFLOW; after an error the set is to be closed. */
int knowledge_build(struct knowledge *knowledge);

enum knowledge_problem {
    KNOWLEDGE_CONFLICT = 0, /* two bodies under one id: both are excluded (domain 2.3) */
    KNOWLEDGE_INCOMPLETE,   /* some of its parts are missing: ignored (DESIGN 9.14) */
};

/* The problems of the set, sorted by id: false past the last one. */
bool knowledge_problem_at(const struct knowledge *knowledge, size_t index,
                          struct knowledge_text *ret_id, enum knowledge_problem *ret_problem);

/* Which findings are wanted; a text with at == NULL takes all. */
struct knowledge_filter {
    struct knowledge_text platform, merchant, act;
    bool connected; /* only acts for the merchant, or for one that may be the same, and acts whose
                       target is not resolved */
    bool by_time;   /* in the order in which the acts happened */
};

/* Takes one finding, which dies when it returns. Not 0 ends knowledge_findings with that value. */
typedef int knowledge_take(void *context, const struct knowledge_finding *finding);

/* Each act with its target and with every merchant that is a party to any order, sorted by act (or
   its time) and merchant. The cost of one finding grows with the records of its merchant. 0, what
   `take` returned, or -ENOMEM. */
int knowledge_findings(struct knowledge *knowledge, const struct knowledge_filter *filter,
                       knowledge_take *take, void *context);

/* Frees; NULL is fine. Returns NULL. */
struct knowledge *knowledge_close(struct knowledge *knowledge);

#endif
