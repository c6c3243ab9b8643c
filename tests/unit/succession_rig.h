/*
 * Accounts that pass from one merchant to another in the world of knowledge_rig.h, under a policy
 * of two strikes of which some versions carry them over: shared by the tests of that.
 */
#ifndef TESTS_UNIT_SUCCESSION_RIG_H
#define TESTS_UNIT_SUCCESSION_RIG_H

#include "tests/unit/knowledge_rig.h"

#define CARRIES ",'transfer_carries':true"

static inline void begin_with(const char *more)
{
    char own[1024];
    (void)snprintf(own, sizeof own,
                   "{'id':'pol','type':'policy','at':'2022-01-01T00:00:00Z','platform':'P',"
                   "'grace_s':86400,'required':['location'],'strike':{'kinds':['counterfeit'],"
                   "'threshold':2,'validity_s':31536000,'spacing_s':[],"
                   "'established':'decision'%s}}",
                   more);
    begin_under(own);
    add("{'id':'reg2','type':'listing','at':'2022-01-02T00:00:00Z','listing':'L2',"
        "'merchant':'M1'}");
}

/* Notice Ni of listing Li on that day, upheld and removed ten hours later. */
static inline void strike(int i, int day)
{
    char name[8], listing[8];
    (void)snprintf(name, sizeof name, "N%d", i % 10);
    (void)snprintf(listing, sizeof listing, "L%d", i % 10);
    add_notice(name, listing, day);
    addf("{'id':'nd-N%d','type':'notice.decision','at':'2023-01-%02dT20:00:00Z','notice':'N%d',"
         "'outcome':'upheld'}",
         i, day, i);
    addf("{'id':'t-N%d','type':'takedown','at':'2023-01-%02dT20:00:00Z','listing':'L%d'}", i, day,
         i);
}

static inline void pass(const char *from, const char *to, const char *at)
{
    addf("{'id':'tr%s%s','type':'merchant.transfer','at':'%s','platform':'P','merchant':'%s',"
         "'to':'%s'}",
         from, to, at, from, to);
}

static inline void act_for(const char *merchant, const char *at)
{
    addf("{'id':'ad','type':'support','at':'%s','platform':'P','kind':'preferred_status',"
         "'gen':'human','merchant':'%s'}",
         at, merchant);
}

static inline void moved(int i, const char *id, const char *at, const char *merchant)
{
    addf("{'id':'%s%d','type':'listing','at':'%s','listing':'L%d','merchant':'%s'}", id, i, at, i,
         merchant);
}

#endif
