/*
 * A walk from account to account along their transfers, each not surely earlier than the one
 * before. Where clocks leave open which came first, both ways are gone.
 */
#include "daemon/knowledge/succession.h"

/* An account that the strike came to, and the record of the transfer that brought it. */
struct step {
    uint32_t merchant;
    struct moment known, established;
    uint32_t by; /* that record; nothing before the first transfer */
    bool came;
};

/* The ways that doubts have opened: [0] is where the strike was given. */
struct walk {
    struct step steps[1 + SUCCESSION_DOUBTS_MAX];
    size_t count;
    bool all; /* wherever it may be is one of `surely` */
};

enum carriage { LOST, OPEN, CARRIED };

/* The account's next transfer on the platform, past the place, that is not surely of before the
   step, and not the one that led there. NULL: none; *place is past it. */
static const struct record *next_transfer(const struct facts *facts, uint32_t platform,
                                          const struct step *step, size_t *place,
                                          uint32_t *ret_number)
{
    struct index_slice accounts = facts_of(facts, FACTS_MERCHANT_ACCOUNT, step->merchant);
    while (*place < accounts.count) {
        uint32_t number = accounts.at[(*place)++];
        const struct record *record = facts_record(facts, number);
        if (record->state != KNOWLEDGE_STATE_TRANSFERRED || record->platform != platform ||
            (step->came && number == step->by) ||
            moment_before(record_moment(record), step->known) == MOMENT_YES)
            continue;
        *ret_number = number;
        return record;
    }
    return NULL;
}

/* Whether a link joins giver and receiver, as such links count at the time asked about. */
static bool is_linked(const struct facts *facts, const struct record *transfer, struct moment at,
                      enum knowledge_state state)
{
    struct index_slice links = facts_of(facts, FACTS_MERCHANT_LINKS, transfer->merchant);
    for (size_t i = 0; i < links.count; i++) {
        const struct record *link = facts_record(facts, links.at[i]);
        if (link->state == state && moment_before(record_moment(link), at) == MOMENT_YES &&
            (link->merchant == transfer->other || link->other == transfer->other))
            return true;
    }
    return false;
}

/* What becomes of strikes at a transfer: whoever passes an account to himself keeps them, whatever
   the policy says. */
static enum carriage carriage_of(const struct facts *facts, const struct record *transfer,
                                 struct moment asked, const struct cluster *surely,
                                 const struct cluster *possibly)
{
    const struct record_policy *policy = facts_policy(facts, transfer->platform, transfer->at_ns);
    if (policy != NULL && policy->transfer_carries)
        return CARRIED;
    if (transfer->other == THINGS_NONE)
        return LOST;
    if ((cluster_has(surely, transfer->merchant) && cluster_has(surely, transfer->other)) ||
        is_linked(facts, transfer, asked, KNOWLEDGE_STATE_VERIFIED))
        return CARRIED;
    bool maybe =
        (cluster_has(possibly, transfer->merchant) && cluster_has(possibly, transfer->other)) ||
        is_linked(facts, transfer, asked, KNOWLEDGE_STATE_ASSERTED);
    return maybe ? OPEN : LOST;
}

/* It may be there. */
static void reach(struct succession *found, const struct step *step, const struct cluster *possibly)
{
    if (found->possible || !cluster_has(possibly, step->merchant))
        return;
    found->possible = true;
    found->came = step->came;
    found->since = step->known;
}

/* Opens a way, unless it is open already. */
static void open_way(struct walk *walk, const struct step *next)
{
    for (size_t i = 0; i < walk->count; i++)
        if (walk->steps[i].came && walk->steps[i].by == next->by)
            return;
    if (walk->count < sizeof walk->steps / sizeof walk->steps[0])
        walk->steps[walk->count++] = *next;
    else
        walk->all = false;
}

/* Goes one way to its end. */
static void follow(const struct facts *facts, const struct strikes_question *question,
                   const struct cluster *surely, const struct cluster *possibly, struct walk *walk,
                   struct step step, struct succession *found)
{
    const struct record *transfer;
    uint32_t number;
    size_t place = 0;
    while ((transfer = next_transfer(facts, question->platform, &step, &place, &number)) != NULL) {
        struct moment at = record_moment(transfer);
        enum moment_order asked = moment_before(at, question->at);
        bool definite = asked == MOMENT_YES && moment_before(step.known, at) == MOMENT_YES &&
                        moment_before(step.established, at) == MOMENT_YES;
        enum carriage carriage = carriage_of(facts, transfer, question->at, surely, possibly);
        if (asked == MOMENT_NO || (carriage == CARRIED && transfer->other == THINGS_NONE))
            continue;
        if (carriage != CARRIED)
            walk->all = false;
        if (carriage == LOST && definite)
            return; /* another owner begins without them */
        if (carriage == LOST)
            continue;
        struct step next = {transfer->other, at, at, number, true};
        if (!definite) {
            open_way(walk, &next);
            continue;
        }
        reach(found, &step, possibly);
        step = next;
        place = 0;
    }
    reach(found, &step, possibly);
    walk->all = walk->all && cluster_has(surely, step.merchant);
}

struct succession succession_of(const struct facts *facts, const struct strikes_question *question,
                                const struct succession_strike *strike,
                                const struct cluster *surely, const struct cluster *possibly)
{
    struct succession found = {0};
    struct walk walk;
    walk.steps[0] = (struct step){strike->merchant, strike->known, strike->established, 0, false};
    walk.count = 1;
    walk.all = true;
    for (size_t i = 0; i < walk.count; i++)
        follow(facts, question, surely, possibly, &walk, walk.steps[i], &found);
    found.sure = walk.all;
    return found;
}

/* The listing's registration in force at a moment; NULL: there was none yet. *ret_sure: the clocks
   leave no doubt which it is. */
static const struct record *registered_at(const struct facts *facts, uint32_t listing,
                                          struct moment at, bool *ret_sure)
{
    struct index_slice records = facts_of(facts, FACTS_LISTING_REGISTERED, listing);
    size_t after = facts_after(facts, records, at.at_ns);
    const struct record *found = after == 0 ? NULL : facts_record(facts, records.at[after - 1]);
    *ret_sure = found != NULL && found->merchant != THINGS_NONE &&
                moment_before(record_moment(found), at) != MOMENT_UNKNOWN;
    if (after < records.count &&
        moment_before(at, record_moment(facts_record(facts, records.at[after]))) == MOMENT_UNKNOWN)
        *ret_sure = false;
    return found;
}

/* Whoever gave the merchant an account not surely before the moment; THINGS_NONE: nobody. */
static uint32_t giver_since(const struct facts *facts, uint32_t platform, uint32_t merchant,
                            struct moment since)
{
    struct index_slice given = facts_of(facts, FACTS_MERCHANT_GIVEN, merchant);
    for (size_t i = 0; i < given.count; i++) {
        const struct record *record = facts_record(facts, given.at[i]);
        if (record->platform == platform &&
            moment_before(record_moment(record), since) != MOMENT_YES)
            return record->merchant;
    }
    return THINGS_NONE;
}

/* From whoever it was registered for to whoever it is registered for now, by transfers. */
static struct succession_owner owner_between(const struct facts *facts, uint32_t platform,
                                             const struct record *then, uint32_t now,
                                             struct moment known)
{
    struct step step = {then->merchant, record_moment(then), {0}, 0, false};
    struct succession_owner owner = {then->merchant, THINGS_NONE, true};
    const struct record *transfer;
    uint32_t number;
    size_t place = 0, doubts = 0;
    while (step.merchant != now && doubts <= SUCCESSION_DOUBTS_MAX &&
           (transfer = next_transfer(facts, platform, &step, &place, &number)) != NULL) {
        struct moment at = record_moment(transfer);
        if (transfer->other == THINGS_NONE)
            continue;
        if (moment_before(step.known, at) != MOMENT_YES)
            doubts++;
        if (moment_before(at, known) == MOMENT_YES) {
            owner.merchant = transfer->other;
        } else if (moment_before(known, at) != MOMENT_YES) {
            owner.or_else = transfer->other;
            owner.sure = false;
        }
        step = (struct step){transfer->other, at, at, number, true};
        place = 0;
    }
    if (doubts > 0)
        owner.sure = false;
    if (step.merchant == now)
        return owner;
    return (struct succession_owner){now, owner.sure ? THINGS_NONE : owner.merchant, owner.sure};
}

struct succession_owner succession_owner(const struct facts *facts, uint32_t platform,
                                         uint32_t listing, struct moment known)
{
    uint32_t now = facts->merchant_of[listing];
    if (facts_of(facts, FACTS_MERCHANT_GIVEN, now).count == 0)
        return (struct succession_owner){now, THINGS_NONE, true};
    bool sure;
    const struct record *then = registered_at(facts, listing, known, &sure);
    uint32_t giver = sure ? THINGS_NONE : giver_since(facts, platform, now, known);
    struct succession_owner owner = {now, THINGS_NONE, true};
    if (then != NULL && then->merchant != THINGS_NONE)
        owner = owner_between(facts, platform, then, now, known);
    if (giver == THINGS_NONE)
        return owner;
    owner.sure = false;
    if (owner.or_else == THINGS_NONE)
        owner.or_else = owner.merchant == giver ? now : giver;
    return owner;
}
