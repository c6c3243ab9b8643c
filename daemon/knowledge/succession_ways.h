/*
 * The ways that accounts go by transfers and links, one step at a time; of succession.c.
 */
#ifndef KNOWLEDGE_SUCCESSION_WAYS_H
#define KNOWLEDGE_SUCCESSION_WAYS_H

#include "daemon/knowledge/facts.h"
#include "daemon/knowledge/succession.h"

/* An account that the strike came to, and the record of the transfer that brought it. */
struct succession_step {
    uint32_t merchant;
    struct moment known, established;
    uint32_t by; /* that record; nothing before the first transfer */
    bool came;
    bool clear; /* no transfer on the way is in doubt */
};

/* The account's next transfer on the platform, past the place, that is not surely of before the
   step, and not the one that led there. Who passes an account to itself passes nothing. NULL: none;
   *place is past it. */
const struct record *succession_next(const struct facts *facts, uint32_t platform,
                                     const struct succession_step *step, size_t *place,
                                     uint32_t *ret_number);

/* Whoever gave an account away, and surely was given none before he gave one to somebody else, has
   said twice who has the business now. Hands over his next such transfer past the place, `first`
   being the one that was taken; NULL: none. */
const struct record *succession_next_other(const struct facts *facts,
                                           const struct succession_step *step,
                                           const struct record *first, size_t *place,
                                           uint32_t *ret_number);

enum succession_ways {
    SUCCESSION_ASSERTED = 1, /* asserted links beside the verified ones */
    SUCCESSION_HEIRS = 2,    /* whom a member gave an account */
    SUCCESSION_GIVERS = 4,   /* who gave a member one */
};

/* Merchants that ways join. */
struct succession_kin {
    struct succession_owners all; /* the one that it begins with first */
    bool linked, passed;          /* some by a link; some by a transfer */
};

/* Finds whom verified links of before `until`, and the ways that are asked for, join with the
   merchant; no transfer that is surely of before `since`. It ends early at the bound. */
void succession_kin(const struct facts *facts, uint32_t platform, uint32_t merchant, unsigned ways,
                    struct moment since, struct moment until, struct succession_kin *ret_kin);

/* Whether the merchant is among them. */
bool succession_owners_have(const struct succession_owners *owners, uint32_t merchant);
/* The merchant is among them, or there are more. */
void succession_owners_add(struct succession_owners *owners, uint32_t merchant);

/* What becomes of strikes at a transfer. */
enum succession_carriage { SUCCESSION_LOST, SUCCESSION_OPEN, SUCCESSION_CARRIED };

/* Whoever passes an account to himself (by links of before the moment asked about) keeps them,
   whatever the policy says; where he may be himself, or policies that may have been in force say
   one this, one that, it is open. */
enum succession_carriage succession_carriage(const struct facts *facts,
                                             const struct record *transfer, struct moment asked);

#endif
