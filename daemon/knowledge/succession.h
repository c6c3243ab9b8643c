/*
 * To whom a strike belongs where accounts pass to others (merchant.transfer, domain 2.3: "strikes
 * do not follow unless policy says").
 */
#ifndef KNOWLEDGE_SUCCESSION_H
#define KNOWLEDGE_SUCCESSION_H

#include "daemon/knowledge/cluster.h"
#include "daemon/knowledge/facts.h"
#include "daemon/knowledge/strikes.h"

/* A strike before any transfer: whose, since when its conduct was known, and when it was
   established. */
struct succession_strike {
    uint32_t merchant;
    struct moment known, established;
};

/* Whether it is one of theirs at the time asked about. */
struct succession {
    bool sure, possible;
    bool came; /* by a transfer, at that moment; else it was given to one of them */
    struct moment since;
};

/* Transfers on the way of one strike whose place in time is in doubt; past that many, where it is
   is not sure. */
#define SUCCESSION_DOUBTS_MAX 32

/* `surely` are the merchants that are one with the one asked about, `possibly` those that may be.
   A transfer takes what was known before it away from the account's owner of now. Where the policy
   in force then carries strikes over, they go with the business: to the account `to`, or stay with
   the account where none is named. Whether an account that gave its business away keeps them is
   said nowhere: that is possible, and not sure. Whoever passes an account to himself keeps them
   whatever the policy says; where it may be himself, they are lost or kept. Where conduct, strike,
   transfers and the time asked about do not surely follow each other, both ways are possible. */
struct succession succession_of(const struct facts *facts, const struct strikes_question *question,
                                const struct succession_strike *strike,
                                const struct cluster *surely, const struct cluster *possibly);

/* Whose a listing was: not `sure` where that is in doubt, and then `or_else` may have had it; that
   may be THINGS_NONE. */
struct succession_owner {
    uint32_t merchant, or_else;
    bool sure;
};

/* Whose the listing was when a notice of it became known: as it was registered last, but where that
   one had the business of whoever it was registered for then, whoever had the business then. Where
   nothing was registered then, one that was given an account since may have had the listing with
   it. */
struct succession_owner succession_owner(const struct facts *facts, uint32_t platform,
                                         uint32_t listing, struct moment known);

#endif
