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
    const struct succession_strike strike = {THINGS_NONE, known, known};
    struct succession found =
        succession_of_listing(facts, question, &strike, listing, members, members, &from);
    struct succession_owners owners;
    succession_owners(facts, question->platform, listing, known, &owners);
    for (size_t i = 0; i < owners.count; i++)
        theirs = theirs || cluster_has(members, owners.at[i]);
    if (found.possible && found.came && !cluster_has(members, from))
        *ret_came = (struct came){from, owners.count == 1 && !owners.more};
    else if (!theirs && cluster_has(members, now)) /* theirs since, and no strike of theirs */
        *ret_came = (struct came){owners.at[0], owners.count == 1 && !owners.more};
    return theirs || found.possible || cluster_has(members, now);
}

bool came_strike(const struct facts *facts, const struct strikes_question *question,
                 const struct record *issued, const struct cluster *members, struct came *ret_came)
{
    const struct succession_strike strike = {issued->merchant, record_moment(issued),
                                             record_moment(issued)};
    struct succession found = succession_of(facts, question, &strike, members, members);
    bool theirs = cluster_has(members, issued->merchant);
    *ret_came = (struct came){theirs ? THINGS_NONE : issued->merchant, true};
    return theirs || found.possible;
}
