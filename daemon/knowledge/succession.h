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
    bool open;  /* whose it was is in doubt, or where it went is not all looked at */
    bool came;  /* by a transfer, at that moment; else it was given to one of them */
    bool clear; /* the account surely came, whatever became of the strike since */
    struct moment since;
};

/* Transfers on the ways of one strike; past that many it may be anybody's, and is surely nobody's.
   It bounds what one strike costs. */
#define SUCCESSION_TRANSFERS_MAX 32

/* `surely` are the merchants that are one with the one asked about, `possibly` those that may be.
   A transfer takes what was known before it away from the account's owner of now. Where the policy
   in force then carries strikes over, they go with the business: to the account `to`, or stay with
   the account where none is named. Whether an account that gave its business away keeps them is
   said nowhere: that is possible, and not sure. Whoever passes an account to himself keeps them
   whatever the policy says; where it may be himself, or another policy may have been in force, they
   are lost or kept. Where conduct, strike, transfers and the time asked about do not surely follow
   each other, both ways are possible; so are all where somebody gave an account to several and was
   given none in between. */
struct succession succession_of(const struct facts *facts, const struct strikes_question *question,
                                const struct succession_strike *strike,
                                const struct cluster *surely, const struct cluster *possibly);

#define SUCCESSION_OWNERS_MAX 16u

/* Whose a listing may have been. With one owner it was surely that one's, unless there are `more`:
   then it may have been anybody's. */
struct succession_owners {
    uint32_t at[SUCCESSION_OWNERS_MAX]; /* merchants, at least one; THINGS_NONE: nobody's */
    size_t count;
    bool more;
};

/* Whose the listing was when a notice of it became known: as it was registered last, but where that
   one had the business of whoever it was registered for then, whoever had the business then. Where
   nothing was registered then, or a transfer leaves it in doubt, all that gave an account since
   which came to who it is registered for now may have had the listing, too. Where one of those that
   the account may have come to, or come from, is linked with another account (whenever, verified or
   asserted), each of them, and each that is linked, may have had it. */
void succession_owners(const struct facts *facts, uint32_t platform, uint32_t listing,
                       struct moment known, struct succession_owners *ret_owners);

/* The same as succession_of for a strike by a notice of a listing, of whose owner strike->merchant
   says nothing; owners: what succession_owners said; *ret_from: whose it was, or may have been. */
struct succession succession_of_listing(const struct facts *facts,
                                        const struct strikes_question *question,
                                        const struct succession_strike *strike,
                                        const struct succession_owners *owners,
                                        const struct cluster *surely,
                                        const struct cluster *possibly, uint32_t *ret_from);

#endif
