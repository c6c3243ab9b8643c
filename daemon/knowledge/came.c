/*
 * By the ways that strikes go.
 */
#include "daemon/knowledge/came.h"

#include "daemon/knowledge/succession.h"

bool came_notice(const struct facts *facts, const struct strikes_question *question,
                 uint32_t listing, struct moment known, const struct cluster *members,
                 const struct cluster *reached, struct came *ret_came)
{
    uint32_t now = facts->merchant_of[listing], from;
    bool theirs = false;
    *ret_came = (struct came){THINGS_NONE, true};
    if (!facts->transfers)
        return cluster_has(members, now);
    if (!cluster_has(reached, now))
        return false;
    /* Whenever it became a strike: all that an act in between may have found is told. */
    const struct succession_strike exact = {THINGS_NONE, known, known};
    const struct succession_strike ever = {THINGS_NONE, known, cluster_ever};
    struct succession_owners owners;
    succession_owners(facts, question->platform, listing, known, &owners);
    struct succession sure =
        succession_of_listing(facts, question, &exact, &owners, members, members, &from);
    struct succession found =
        succession_of_listing(facts, question, &ever, &owners, members, members, &from);
    bool single = owners.count == 1 && !owners.more;
    for (size_t i = 0; i < owners.count; i++)
        theirs = theirs || cluster_has(members, owners.at[i]);
    if (!theirs && found.possible)
        *ret_came = (struct came){from, single && sure.possible && sure.clear};
    else if (!theirs && cluster_has(members, now)) /* theirs since, and no strike of theirs */
        *ret_came = (struct came){owners.at[0], single};
    return theirs || found.possible || cluster_has(members, now);
}

bool came_strike(const struct facts *facts, const struct strikes_question *question,
                 const struct record *issued, const struct cluster *members, struct came *ret_came)
{
    struct moment at = record_moment(issued);
    const struct succession_strike exact = {issued->merchant, at, at};
    const struct succession_strike ever = {issued->merchant, at, cluster_ever};
    struct succession sure = succession_of(facts, question, &exact, members, members);
    struct succession found = succession_of(facts, question, &ever, members, members);
    bool theirs = cluster_has(members, issued->merchant);
    *ret_came = (struct came){theirs ? THINGS_NONE : issued->merchant,
                              theirs || (sure.possible && sure.clear)};
    return theirs || found.possible;
}
