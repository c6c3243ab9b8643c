/*
 * The merchant under the platform's own strike policy (domain 2.4, merchant_over_threshold): an
 * interval, of which only the lower end is shown.
 */
#ifndef KNOWLEDGE_STRIKES_H
#define KNOWLEDGE_STRIKES_H

#include "daemon/knowledge/cluster.h"
#include "daemon/knowledge/facts.h"
#include "daemon/knowledge/ids.h"

/* When a merchant's strikes are asked for, and on which platform. */
struct strikes_question {
    uint32_t platform;
    struct moment at;
};

/* A notice that is no candidate, and why: kept when it is asked for. */
struct strikes_refused {
    uint32_t notice; /* in facts.notices */
    enum knowledge_reason reason;
    bool no_policy; /* then the reason means nothing */
};

/* A strike that stands at the time of the act. */
struct strike {
    struct moment at; /* when it was established, or issued; or came to the merchant, if later */
    struct knowledge_text text; /* the notice, or the event of an issued one */
    uint32_t right, kind;       /* names of the notice's; 0: not recorded */
    struct moment issued;       /* of one that the platform issued: when */
    uint32_t from;              /* of those: another merchant, whose account it came with */
    size_t place;               /* for sorting */
    bool doubted; /* issued, and it may not have followed the account to its owner of now */
};

/* For sorting strikes by what they are for. */
struct strike_order {
    uint32_t group, index;
};

/* Growing arrays that one count after the other uses; zeroed at first. */
struct strikes_scratch {
    uint32_t *items; /* facts.items of the cluster, sorted */
    size_t items_room;
    struct strike_candidate *candidates;
    size_t candidates_room;
    struct strike *min, *max, *issued; /* standing strikes */
    struct strike *issued_max;         /* those issued, with the doubted ones */
    size_t min_room, max_room, issued_room, issued_max_room;
    struct strike_order *order;
    size_t order_room;
    size_t candidates_count, issued_count, issued_max_count; /* of the last count */
    size_t max_count; /* of max, of which fewer may stand together */
    bool keeps_refused;
    struct strikes_refused *refused;
    size_t refused_count, refused_room;
    int64_t *opened_ns; /* [listing, up to facts.noticed]: K of its first counted notice */
    uint32_t *opened;   /* [listing]: turn, when opened_ns is set */
    uint32_t turn;
    struct cluster reached; /* see struct counting; only where accounts passed to others */
};

struct strikes {
    struct answer over;
    size_t min, max;
    bool by_notice; /* over.ids are names of notices, not ids of events */
    bool has_threshold;
    int64_t threshold;
    struct start start; /* when the threshold was reached */
};

/* Memory for the facts' listings. 0 or -ENOMEM; strikes_close after either. */
int strikes_open(struct strikes_scratch *ret_scratch, const struct facts *facts);

/* Counts the merchant's strikes at that time. `same` are the merchants verified as one, `linked`
   also those that are only asserted. What was counted stays in the scratch. 0 or -ENOMEM. */
int strikes_count(const struct facts *facts, struct ids *ids, struct strikes_scratch *scratch,
                  const struct strikes_question *question, const struct cluster *same,
                  const struct cluster *linked, struct strikes *ret_strikes);

/* Frees what it holds. */
void strikes_close(struct strikes_scratch *scratch);

#endif
