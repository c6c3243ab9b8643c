/*
 * Steps between accounts.
 */
#include "daemon/knowledge/succession_ways.h"

const struct record *succession_next(const struct facts *facts, uint32_t platform,
                                     const struct succession_step *step, size_t *place,
                                     uint32_t *ret_number)
{
    struct index_slice accounts = facts_of(facts, FACTS_MERCHANT_ACCOUNT, step->merchant);
    while (*place < accounts.count) {
        uint32_t number = accounts.at[(*place)++];
        const struct record *record = facts_record(facts, number);
        if (record->state != KNOWLEDGE_STATE_TRANSFERRED || record->platform != platform ||
            record->other == record->merchant || (step->came && number == step->by) ||
            moment_before(record_moment(record), step->known) == MOMENT_YES)
            continue;
        *ret_number = number;
        return record;
    }
    return NULL;
}

const struct record *succession_next_other(const struct facts *facts,
                                           const struct succession_step *step,
                                           const struct record *first, size_t *place,
                                           uint32_t *ret_number)
{
    struct index_slice given = facts_of(facts, FACTS_MERCHANT_GIVEN, step->merchant);
    int64_t back_ns = INT64_MAX; /* from then on he has another business */
    for (size_t i = 0; i < given.count; i++) {
        const struct record *record = facts_record(facts, given.at[i]);
        struct moment at = record_moment(record);
        if (record->platform == first->platform && record->merchant != step->merchant &&
            moment_high(at) < back_ns && moment_before(record_moment(first), at) == MOMENT_YES)
            back_ns = moment_high(at);
    }
    const struct record *other;
    while ((other = succession_next(facts, first->platform, step, place, ret_number)) != NULL)
        if (other->other != THINGS_NONE && other->other != first->other &&
            moment_low(record_moment(other)) <= back_ns)
            return other;
    return NULL;
}

bool succession_owners_have(const struct succession_owners *owners, uint32_t merchant)
{
    for (size_t i = 0; i < owners->count; i++)
        if (owners->at[i] == merchant)
            return true;
    return false;
}

void succession_owners_add(struct succession_owners *owners, uint32_t merchant)
{
    if (succession_owners_have(owners, merchant))
        return;
    if (owners->count < SUCCESSION_OWNERS_MAX)
        owners->at[owners->count++] = merchant;
    else
        owners->more = true;
}

/* Adds whom links join with the member. */
static void add_linked(const struct facts *facts, uint32_t member, unsigned ways,
                       struct moment until, struct succession_kin *kin)
{
    struct index_slice links = facts_of(facts, FACTS_MERCHANT_LINKS, member);
    for (size_t i = 0; i < links.count && !kin->all.more; i++) {
        const struct record *link = facts_record(facts, links.at[i]);
        bool counts = link->state == KNOWLEDGE_STATE_VERIFIED ||
                      ((ways & SUCCESSION_ASSERTED) && link->state == KNOWLEDGE_STATE_ASSERTED);
        if (!counts || link->merchant == link->other ||
            moment_before(record_moment(link), until) != MOMENT_YES)
            continue;
        kin->linked = true;
        succession_owners_add(&kin->all, link->merchant == member ? link->other : link->merchant);
    }
}

/* Adds the other side of the member's transfers, of one of both indexes. */
static void add_passed(const struct facts *facts, uint32_t platform, uint32_t member,
                       enum facts_index which, struct moment since, struct succession_kin *kin)
{
    struct index_slice passed = facts_of(facts, which, member);
    for (size_t i = 0; i < passed.count && !kin->all.more; i++) {
        const struct record *record = facts_record(facts, passed.at[i]);
        if (record->state != KNOWLEDGE_STATE_TRANSFERRED || record->other == THINGS_NONE ||
            record->platform != platform || record->other == record->merchant ||
            moment_before(record_moment(record), since) == MOMENT_YES)
            continue;
        kin->passed = true;
        succession_owners_add(&kin->all,
                              record->merchant == member ? record->other : record->merchant);
    }
}

void succession_kin(const struct facts *facts, uint32_t platform, uint32_t merchant, unsigned ways,
                    struct moment since, struct moment until, struct succession_kin *ret_kin)
{
    struct succession_kin *kin = ret_kin;
    *kin = (struct succession_kin){.all = {.at = {merchant}, .count = 1}};
    for (size_t i = 0; i < kin->all.count && !kin->all.more; i++) {
        add_linked(facts, kin->all.at[i], ways, until, kin);
        if (ways & SUCCESSION_HEIRS)
            add_passed(facts, platform, kin->all.at[i], FACTS_MERCHANT_ACCOUNT, since, kin);
        if (ways & SUCCESSION_GIVERS)
            add_passed(facts, platform, kin->all.at[i], FACTS_MERCHANT_GIVEN, since, kin);
    }
}

/* What the policies say that may have been in force. */
static enum succession_carriage say_policies(const struct facts *facts, uint32_t platform,
                                             struct moment at)
{
    struct index_slice policies = facts_of(facts, FACTS_PLATFORM_POLICIES, platform);
    int64_t since_ns = INT64_MIN; /* one that is surely in force by then began not before */
    bool carries = false, loses = false, any = false;
    for (size_t i = 0; i < policies.count; i++) {
        struct moment begins = record_moment(facts_record(facts, policies.at[i]));
        if (moment_high(begins) > moment_low(at))
            continue;
        any = true;
        since_ns = moment_low(begins) > since_ns ? moment_low(begins) : since_ns;
    }
    for (size_t i = 0; i < policies.count; i++) {
        const struct record *record = facts_record(facts, policies.at[i]);
        struct moment begins = record_moment(record);
        if (moment_low(begins) > moment_high(at) || moment_high(begins) < since_ns)
            continue;
        if (facts->records.policies[record->detail - 1].transfer_carries)
            carries = true;
        else
            loses = true;
    }
    loses = loses || !any;
    return !carries ? SUCCESSION_LOST : loses ? SUCCESSION_OPEN : SUCCESSION_CARRIED;
}

enum succession_carriage succession_carriage(const struct facts *facts,
                                             const struct record *transfer, struct moment asked)
{
    enum succession_carriage said =
        say_policies(facts, transfer->platform, record_moment(transfer));
    if (said == SUCCESSION_CARRIED || transfer->other == THINGS_NONE)
        return said;
    struct succession_kin kin;
    succession_kin(facts, transfer->platform, transfer->merchant, 0, asked, asked, &kin);
    if (succession_owners_have(&kin.all, transfer->other))
        return SUCCESSION_CARRIED;
    succession_kin(facts, transfer->platform, transfer->merchant, SUCCESSION_ASSERTED, asked, asked,
                   &kin);
    return kin.all.more || succession_owners_have(&kin.all, transfer->other) ? SUCCESSION_OPEN
                                                                             : said;
}
