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
    const struct facts *facts;
    const struct strikes_question *question;
    const struct cluster *surely, *possibly;
    struct step steps[1 + SUCCESSION_DOUBTS_MAX];
    size_t count;
    bool all;  /* wherever it may be is one of `surely` */
    bool more; /* there are more ways, which are not gone */
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

/* Whoever gave an account away, and surely was given none before he gave one to somebody else, has
   said twice who has the business now. Hands over his next such transfer past the place, `first`
   being the one that was taken; NULL: none. */
static const struct record *next_other(const struct facts *facts, const struct step *step,
                                       const struct record *first, size_t *place,
                                       uint32_t *ret_number)
{
    struct index_slice given = facts_of(facts, FACTS_MERCHANT_GIVEN, step->merchant);
    int64_t back_ns = INT64_MAX; /* from then on he has another business */
    for (size_t i = 0; i < given.count; i++) {
        const struct record *record = facts_record(facts, given.at[i]);
        struct moment at = record_moment(record);
        if (record->platform == first->platform && moment_high(at) < back_ns &&
            moment_before(record_moment(first), at) == MOMENT_YES)
            back_ns = moment_high(at);
    }
    const struct record *other;
    while ((other = next_transfer(facts, first->platform, step, place, ret_number)) != NULL)
        if (other->other != THINGS_NONE && other->other != first->other &&
            moment_low(record_moment(other)) <= back_ns)
            return other;
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
static enum carriage carriage_of(const struct walk *walk, const struct record *transfer)
{
    const struct cluster *surely = walk->surely, *possibly = walk->possibly;
    const struct record_policy *policy =
        facts_policy(walk->facts, transfer->platform, transfer->at_ns);
    struct moment asked = walk->question->at;
    if (policy != NULL && policy->transfer_carries)
        return CARRIED;
    if (transfer->other == THINGS_NONE)
        return LOST;
    if ((cluster_has(surely, transfer->merchant) && cluster_has(surely, transfer->other)) ||
        is_linked(walk->facts, transfer, asked, KNOWLEDGE_STATE_VERIFIED))
        return CARRIED;
    bool maybe =
        (cluster_has(possibly, transfer->merchant) && cluster_has(possibly, transfer->other)) ||
        is_linked(walk->facts, transfer, asked, KNOWLEDGE_STATE_ASSERTED);
    return maybe ? OPEN : LOST;
}

/* It may be there. */
static void reach(struct succession *found, const struct step *step, const struct walk *walk)
{
    if (found->possible || !cluster_has(walk->possibly, step->merchant))
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
        walk->more = true;
}

/* The strike went with a transfer that is not the only one: it may be with another receiver. */
static void open_others(struct walk *walk, const struct step *step, const struct record *first,
                        size_t place)
{
    const struct record *other;
    uint32_t number;
    while ((other = next_other(walk->facts, step, first, &place, &number)) != NULL) {
        struct moment at = record_moment(other);
        if (moment_before(at, walk->question->at) == MOMENT_NO)
            continue;
        struct step next = {other->other, at, at, number, true};
        walk->all = false;
        if (carriage_of(walk, other) != LOST)
            open_way(walk, &next);
    }
}

/* Goes one way to its end. */
static void follow(struct walk *walk, struct step step, struct succession *found)
{
    const struct record *transfer;
    uint32_t number;
    size_t place = 0;
    while ((transfer = next_transfer(walk->facts, walk->question->platform, &step, &place,
                                     &number)) != NULL) {
        struct moment at = record_moment(transfer);
        enum moment_order asked = moment_before(at, walk->question->at);
        bool definite = asked == MOMENT_YES && moment_before(step.known, at) == MOMENT_YES &&
                        moment_before(step.established, at) == MOMENT_YES;
        enum carriage carriage = carriage_of(walk, transfer);
        if (asked == MOMENT_NO || (carriage == CARRIED && transfer->other == THINGS_NONE))
            continue;
        if (carriage != CARRIED)
            walk->all = false;
        if (definite)
            open_others(walk, &step, transfer, place);
        if (carriage == LOST && definite)
            return; /* another owner begins without them */
        if (carriage == LOST)
            continue;
        struct step next = {transfer->other, at, at, number, true};
        if (!definite) {
            open_way(walk, &next);
            continue;
        }
        reach(found, &step, walk);
        step = next;
        place = 0;
    }
    reach(found, &step, walk);
    walk->all = walk->all && cluster_has(walk->surely, step.merchant);
}

struct succession succession_of(const struct facts *facts, const struct strikes_question *question,
                                const struct succession_strike *strike,
                                const struct cluster *surely, const struct cluster *possibly)
{
    struct succession found = {0};
    struct walk walk;
    walk.facts = facts;
    walk.question = question;
    walk.surely = surely;
    walk.possibly = possibly;
    walk.steps[0] = (struct step){strike->merchant, strike->known, strike->established, 0, false};
    walk.count = 1;
    walk.all = true;
    walk.more = false;
    for (size_t i = 0; i < walk.count; i++)
        follow(&walk, walk.steps[i], &found);
    found.sure = walk.all && !walk.more;
    found.possible = found.possible || walk.more;
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

static void add_owner(struct succession_owners *owners, uint32_t merchant)
{
    for (size_t i = 0; i < owners->count; i++)
        if (owners->at[i] == merchant)
            return;
    if (owners->count < SUCCESSION_OWNERS_MAX)
        owners->at[owners->count++] = merchant;
    else
        owners->more = true;
}

/* A merchant, of whose things those of until then may have come. */
struct giver {
    uint32_t merchant;
    int64_t until_ns;
};

struct givers {
    struct giver at[SUCCESSION_OWNERS_MAX];
    size_t count;
    bool more;
};

/* Takes in that the giver of a transfer may have had what came with it. Returns whether that is
   news. */
static bool add_giver(struct givers *givers, const struct record *transfer, int64_t until_ns)
{
    struct moment at = record_moment(transfer);
    size_t i = 0;
    if (moment_low(at) > until_ns)
        return false; /* given only when that was given on already */
    until_ns = moment_high(at) < until_ns ? moment_high(at) : until_ns;
    while (i < givers->count && givers->at[i].merchant != transfer->merchant)
        i++;
    if (i == SUCCESSION_OWNERS_MAX) {
        givers->more = true;
        return false;
    }
    if (i < givers->count && givers->at[i].until_ns >= until_ns)
        return false;
    givers->at[i] = (struct giver){transfer->merchant, until_ns};
    givers->count += i == givers->count;
    return true;
}

/* Adds whoever gave the merchant an account not surely before the moment, and whoever gave that
   one his, not surely after he gave it on. */
static void add_givers(const struct facts *facts, uint32_t platform, uint32_t merchant,
                       struct moment since, struct succession_owners *owners)
{
    struct givers givers = {.at = {{merchant, INT64_MAX}}, .count = 1};
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < givers.count; i++) {
            struct index_slice given = facts_of(facts, FACTS_MERCHANT_GIVEN, givers.at[i].merchant);
            for (size_t j = 0; j < given.count; j++) {
                const struct record *record = facts_record(facts, given.at[j]);
                if (record->platform == platform &&
                    moment_before(record_moment(record), since) != MOMENT_YES)
                    again = add_giver(&givers, record, givers.at[i].until_ns) || again;
            }
        }
    }
    for (size_t i = 1; i < givers.count; i++)
        add_owner(owners, givers.at[i].merchant);
    owners->more = owners->more || givers.more;
}

/* A walk from whoever it was registered for to whoever it is registered for now. */
struct descent {
    uint32_t holder; /* who had it when it was known; any of the owners, where clocks doubt it */
    bool arrives;    /* it leads there */
    bool sure;       /* and there is no other way */
};

static struct descent descend(const struct facts *facts, uint32_t platform,
                              const struct record *then, uint32_t now, struct moment known,
                              struct succession_owners *owners)
{
    struct step step = {then->merchant, record_moment(then), {0}, 0, false};
    struct descent found = {then->merchant, false, true};
    const struct record *transfer;
    uint32_t number;
    size_t place = 0, doubts = 0;
    while (step.merchant != now && doubts <= SUCCESSION_DOUBTS_MAX &&
           (transfer = next_transfer(facts, platform, &step, &place, &number)) != NULL) {
        struct moment at = record_moment(transfer);
        size_t behind = place;
        uint32_t other;
        if (transfer->other == THINGS_NONE)
            continue;
        if (moment_before(step.known, at) != MOMENT_YES ||
            next_other(facts, &step, transfer, &behind, &other) != NULL)
            doubts++;
        if (moment_before(at, known) == MOMENT_YES)
            found.holder = transfer->other;
        else if (moment_before(known, at) != MOMENT_YES)
            add_owner(owners, transfer->other);
        step = (struct step){transfer->other, at, at, number, true};
        place = 0;
    }
    add_owner(owners, found.holder);
    found.sure = doubts == 0;
    found.arrives = step.merchant == now;
    return found;
}

void succession_owners(const struct facts *facts, uint32_t platform, uint32_t listing,
                       struct moment known, struct succession_owners *ret_owners)
{
    uint32_t now = facts->merchant_of[listing];
    *ret_owners = (struct succession_owners){.at = {now}, .count = 1};
    if (facts_of(facts, FACTS_MERCHANT_GIVEN, now).count == 0)
        return;
    bool sure;
    const struct record *then = registered_at(facts, listing, known, &sure);
    if (then != NULL && then->merchant != THINGS_NONE) {
        struct succession_owners owners = {0};
        struct descent found = descend(facts, platform, then, now, known, &owners);
        if (!sure || !found.sure || found.arrives)
            *ret_owners = owners;
        if (sure && found.sure)
            return;
    }
    add_owner(ret_owners, now);
    add_givers(facts, platform, now, known, ret_owners);
}

struct succession succession_of_listing(const struct facts *facts,
                                        const struct strikes_question *question,
                                        const struct succession_strike *strike, uint32_t listing,
                                        const struct cluster *surely,
                                        const struct cluster *possibly, uint32_t *ret_from)
{
    struct succession_owners owners;
    struct succession found = {.sure = true};
    succession_owners(facts, question->platform, listing, strike->known, &owners);
    *ret_from = owners.at[0];
    for (size_t i = 0; i < owners.count; i++) {
        const struct succession_strike of = {owners.at[i], strike->known, strike->established};
        struct succession next = succession_of(facts, question, &of, surely, possibly);
        bool sure = found.sure && next.sure;
        if (next.possible && !found.possible) {
            found = next;
            *ret_from = owners.at[i];
        }
        found.sure = sure;
    }
    found.possible = found.possible || owners.more;
    found.sure = found.sure && !owners.more;
    return found;
}
