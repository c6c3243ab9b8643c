/*
 * The settled records with everything that the rules ask for at hand: things instead of names, what
 * each notice came to, and indexes, all in the order of time. Made once; then only read.
 */
#ifndef KNOWLEDGE_FACTS_H
#define KNOWLEDGE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/knowledge/knowledge.h"
#include "daemon/knowledge/records.h"
#include "daemon/knowledge/things.h"

/* Items are numbers of records, unless it says otherwise. */
enum facts_index {
    FACTS_NOTICE_RECORDS = 0, /* notice -> its sent, received, ack, ..., counter.decision */
    FACTS_PLATFORM_POLICIES,  /* platform -> policy */
    FACTS_LISTING_ACTIVE,     /* listing -> live sightings as active */
    FACTS_LISTING_CACHED,     /* listing -> sightings as active that are not live */
    FACTS_LISTING_REMOVALS,   /* listing -> takedown, live sighting as gone, restore */
    FACTS_LISTING_ITEMS,      /* listing -> facts.items */
    FACTS_LISTING_UNMET,      /* listing -> facts.notices that name it without effect */
    FACTS_LISTING_REGISTERED, /* listing that a notice names -> listing */
    FACTS_MERCHANT_LISTINGS,  /* merchant -> listings that a notice names */
    FACTS_MERCHANT_ITEMS,     /* merchant -> facts.items of its listings */
    FACTS_MERCHANT_UNMET,     /* merchant -> facts.notices that name one of its without effect */
    FACTS_MERCHANT_LINKS,     /* merchant -> merchant.link, on both ends */
    FACTS_MERCHANT_PARTIES,   /* merchant -> order.party, order.dismissed */
    FACTS_MERCHANT_STRIKES,   /* merchant -> strike, issued */
    FACTS_MERCHANT_ACCOUNT,   /* merchant -> account, merchant.transfer of it */
    FACTS_MERCHANT_GIVEN,     /* merchant -> merchant.transfer to it */
    FACTS_ORDER_RECORDS,      /* order -> order, order.served, order.ack, order.vacated */
    FACTS_INDEXES_COUNT,
};

enum facts_grade { FACTS_GRADE_A = 0, FACTS_GRADE_B, FACTS_GRADE_C };

/* A listing that a notice put the platform on notice of: since when, and on which records. */
struct facts_item {
    int64_t at_ns;
    uint32_t unc_ms;
    uint32_t notice;  /* in facts.notices */
    uint32_t listing; /* thing */
    uint32_t basis;   /* first of its records in facts.basis; from 1 */
    uint32_t basis_last;
    enum facts_grade grade;
};

struct facts_basis {
    uint32_t record, next; /* next from 1; 0: the last */
};

/* A notice.sent and what it came to. */
struct facts_notice {
    uint32_t record;
    bool designated; /* sent through a designated channel */
    uint64_t why;    /* bits 1 << enum knowledge_reason: why listings are without effect */
};

/* That the feed of counter-notices of a platform is complete. */
struct facts_coverage {
    uint32_t platform;
    int64_t from_ns, to_ns; /* to_ns: the latest end of this one and those before it */
};

struct facts {
    struct records records;
    bool scoped; /* listing and channel ids count by platform (DESIGN 9.3) */
    struct things platforms, listings, merchants, notices_named, orders, strikes, channels;
    size_t noticed;               /* listings 1..noticed are named in a notice */
    struct facts_notice *notices; /* in the order of time */
    size_t notices_count, notices_room;
    struct facts_item *items; /* by notice; within it in the order in which they came up */
    size_t items_count, items_room;
    struct facts_basis *basis;
    size_t basis_count, basis_room;
    uint32_t *unmet; /* pairs: notice, listing thing */
    size_t unmet_count, unmet_room;
    uint32_t *merchant_of;           /* [listing]: its merchant as last registered, or 0 */
    uint32_t *first_listing;         /* [merchant]: the first of its listings by name */
    uint32_t *listing_unc_ms;        /* [listing]: the widest uncertainty of its sightings */
    bool *designated;                /* [channel] */
    bool *revoked;                   /* [strike] */
    bool transfers;                  /* some account was transferred to another */
    struct facts_coverage *coverage; /* of counter-notices, by platform and beginning */
    size_t coverage_count;
    uint32_t *acts; /* support, sorted by id */
    size_t acts_count;
    uint32_t *entered; /* order, in the order of time */
    size_t entered_count;
    uint32_t *parties; /* merchants of order.party, each once, sorted by name */
    size_t parties_count;
    struct index index[FACTS_INDEXES_COUNT];
};

/* Makes facts of records, which it settles. 0, -ENOMEM or -EOVERFLOW; facts_close after either. */
int facts_build(struct facts *facts);

/* The second half of facts_build: acts, orders, parties and coverage, sorted. 0 or -ENOMEM. */
int facts_list(struct facts *facts);

/* Frees all, the records too. */
void facts_close(struct facts *facts);

/* The items of an owner. */
static inline struct index_slice facts_of(const struct facts *facts, enum facts_index which,
                                          uint32_t owner)
{
    return index_of(&facts->index[which], owner);
}

static inline const struct record *facts_record(const struct facts *facts, uint32_t record)
{
    return &facts->records.at[record];
}

/* The policy of the platform in force at an instant, or NULL: its record, and what it says; and its
   grace time. */
const struct record *facts_policy_record(const struct facts *facts, uint32_t platform,
                                         int64_t at_ns);
struct knowledge_grace facts_grace(const struct facts *facts, uint32_t platform, int64_t at_ns);
const struct record_policy *facts_policy(const struct facts *facts, uint32_t platform,
                                         int64_t at_ns);

/* The first of the records, which are sorted by time, with a time past at_ns. */
size_t facts_after(const struct facts *facts, struct index_slice slice, int64_t at_ns);

/* Whether one record of coverage reaches from from_ns to to_ns. */
bool facts_covered(const struct facts *facts, uint32_t platform, int64_t from_ns, int64_t to_ns);

/* Whether an order names the merchant. */
bool facts_is_party(const struct facts *facts, uint32_t merchant);

/* Sorts merchants by name. */
void facts_sort_merchants(const struct facts *facts, uint32_t *merchants, size_t count);

/* Listings by the bytes of platform (where ids are scoped) and name; for sorting. */
int facts_compare_listings(const struct facts *facts, uint32_t a, uint32_t b);

#endif
