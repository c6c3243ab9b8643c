/*
 * A walk from account to account along their transfers, each not surely earlier than the one
 * before. Where clocks leave open which came first, both ways are gone.
 */
#include "daemon/knowledge/succession.h"

#include "daemon/knowledge/succession_ways.h"

/* The ways that doubts have opened: [0] is where the strike was given. */
struct walk {
    const struct facts *facts;
    const struct strikes_question *question;
    const struct cluster *surely, *possibly;
    struct succession_step steps[1 + SUCCESSION_TRANSFERS_MAX];
    size_t count;
    size_t gone; /* transfers, on all ways */
    bool all;    /* wherever it may be is one of `surely` */
    bool more;   /* there are more ways, which are not gone */
};

/* The policy counts for who asks, too: links of any length join his own accounts. */
static enum succession_carriage carriage_of(const struct walk *walk, const struct record *transfer)
{
    if (cluster_has(walk->surely, transfer->merchant) && cluster_has(walk->surely, transfer->other))
        return SUCCESSION_CARRIED;
    return succession_carriage(walk->facts, transfer, walk->question->at);
}

/* It may be there. */
static void reach(struct succession *found, const struct succession_step *step,
                  const struct walk *walk)
{
    if (found->possible || !cluster_has(walk->possibly, step->merchant))
        return;
    found->possible = true;
    found->came = step->came;
    found->clear = step->clear;
    found->since = step->known;
}

/* The account that a transfer leads to. What may have become a strike only later may do so there.
 */
static struct succession_step step_of(const struct succession_step *from,
                                      const struct record *transfer, uint32_t number, bool clear)
{
    struct moment at = record_moment(transfer);
    bool later = moment_before(from->established, at) != MOMENT_YES;
    return (struct succession_step){transfer->other, at,   later ? from->established : at,
                                    number,          true, clear};
}

/* Opens a way, unless it is open already. */
static void open_way(struct walk *walk, const struct succession_step *next)
{
    for (size_t i = 0; i < walk->count; i++)
        if (walk->steps[i].came && walk->steps[i].by == next->by)
            return;
    if (walk->count < sizeof walk->steps / sizeof walk->steps[0])
        walk->steps[walk->count++] = *next;
    else
        walk->more = true;
}

/* The strike went with a transfer that is not the only one: it may be with another receiver.
   Returns whether there is one. */
static bool open_others(struct walk *walk, const struct succession_step *step,
                        const struct record *first, size_t place)
{
    const struct record *other;
    uint32_t number;
    bool any = false;
    while (!walk->more &&
           (other = succession_next_other(walk->facts, step, first, &place, &number)) != NULL) {
        struct moment at = record_moment(other);
        if (moment_before(at, walk->question->at) == MOMENT_NO)
            continue;
        struct succession_step next = step_of(step, other, number, false);
        enum succession_carriage carriage = carriage_of(walk, other);
        any = true;
        if (carriage != SUCCESSION_CARRIED)
            walk->all = false;
        if (carriage != SUCCESSION_LOST)
            open_way(walk, &next);
    }
    return any;
}

/* The next transfer, unless as many are gone as may be. */
static const struct record *go_on(struct walk *walk, const struct succession_step *step,
                                  size_t *place, uint32_t *ret_number)
{
    const struct record *transfer =
        succession_next(walk->facts, walk->question->platform, step, place, ret_number);
    if (transfer == NULL || walk->gone++ < SUCCESSION_TRANSFERS_MAX)
        return transfer;
    walk->more = true;
    return NULL;
}

/* Goes one way to its end. */
static void follow(struct walk *walk, struct succession_step step, struct succession *found)
{
    const struct record *transfer;
    uint32_t number;
    size_t place = 0;
    while ((transfer = go_on(walk, &step, &place, &number)) != NULL) {
        struct moment at = record_moment(transfer);
        enum moment_order asked = moment_before(at, walk->question->at);
        bool definite = asked == MOMENT_YES && moment_before(step.known, at) == MOMENT_YES &&
                        moment_before(step.established, at) == MOMENT_YES;
        enum succession_carriage carriage = carriage_of(walk, transfer);
        if (asked == MOMENT_NO ||
            (carriage == SUCCESSION_CARRIED && transfer->other == THINGS_NONE))
            continue;
        if (carriage != SUCCESSION_CARRIED)
            walk->all = false;
        if (definite && open_others(walk, &step, transfer, place))
            step.clear = false;
        if (carriage == SUCCESSION_LOST && definite)
            return; /* another owner begins without them */
        if (carriage == SUCCESSION_LOST || transfer->other == THINGS_NONE)
            continue;
        struct succession_step next = step_of(&step, transfer, number, definite && step.clear);
        if (!definite) {
            open_way(walk, &next);
            continue;
        }
        reach(found, &step, walk);
        step = next;
        step.clear = step.clear && carriage == SUCCESSION_CARRIED;
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
    walk.steps[0] = (struct succession_step){
        strike->merchant, strike->known, strike->established, 0, false, true};
    walk.count = 1;
    walk.gone = 0;
    walk.all = true;
    walk.more = false;
    for (size_t i = 0; i < walk.count && !walk.more; i++)
        follow(&walk, walk.steps[i], &found);
    found.sure = walk.all && !walk.more;
    found.possible = found.possible || walk.more;
    found.open = walk.more;
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
        succession_owners_add(owners, givers.at[i].merchant);
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
    struct succession_step step = {then->merchant, record_moment(then), {0}, 0, false, true};
    struct descent found = {then->merchant, false, true};
    const struct record *transfer;
    uint32_t number;
    size_t place = 0, doubts = 0;
    while (step.merchant != now && doubts <= SUCCESSION_TRANSFERS_MAX &&
           (transfer = succession_next(facts, platform, &step, &place, &number)) != NULL) {
        struct moment at = record_moment(transfer);
        size_t behind = place;
        uint32_t other;
        if (transfer->other == THINGS_NONE)
            continue;
        if (moment_before(step.known, at) != MOMENT_YES ||
            succession_next_other(facts, &step, transfer, &behind, &other) != NULL)
            doubts++;
        if (moment_before(at, known) == MOMENT_YES)
            found.holder = transfer->other;
        else if (moment_before(known, at) != MOMENT_YES)
            succession_owners_add(owners, transfer->other);
        step = (struct succession_step){transfer->other, at, at, number, true, true};
        place = 0;
    }
    succession_owners_add(owners, found.holder);
    found.sure = doubts == 0;
    found.arrives = step.merchant == now;
    return found;
}

void succession_owners(const struct facts *facts, uint32_t platform, uint32_t listing,
                       struct moment known, struct succession_owners *ret_owners)
{
    uint32_t now = facts->merchant_of[listing];
    struct succession_kin kin;
    *ret_owners = (struct succession_owners){.at = {now}, .count = 1};
    if (!facts->transfers || now == THINGS_NONE)
        return;
    bool sure;
    const struct record *then = registered_at(facts, listing, known, &sure);
    if (sure && then->merchant == now)
        return;
    if (sure)
        succession_kin(facts, platform, then->merchant, SUCCESSION_ASSERTED | SUCCESSION_HEIRS,
                       record_moment(then), cluster_ever, &kin);
    else
        succession_kin(facts, platform, now, SUCCESSION_ASSERTED | SUCCESSION_GIVERS, known,
                       cluster_ever, &kin);
    if (!kin.all.more && (!kin.passed || (sure && !succession_owners_have(&kin.all, now))))
        return;
    if (kin.linked || kin.all.more) {
        *ret_owners = kin.all;
        succession_owners_add(ret_owners, now);
        return;
    }
    if (then != NULL && then->merchant != THINGS_NONE) {
        struct succession_owners owners = {0};
        struct descent found = descend(facts, platform, then, now, known, &owners);
        if (!sure || !found.sure || found.arrives)
            *ret_owners = owners;
        if (sure && found.sure)
            return;
    }
    succession_owners_add(ret_owners, now);
    add_givers(facts, platform, now, known, ret_owners);
}

struct succession succession_of_listing(const struct facts *facts,
                                        const struct strikes_question *question,
                                        const struct succession_strike *strike,
                                        const struct succession_owners *owners,
                                        const struct cluster *surely,
                                        const struct cluster *possibly, uint32_t *ret_from)
{
    struct succession found = {.sure = true};
    bool open = owners->count > 1 || owners->more;
    *ret_from = owners->at[0];
    for (size_t i = 0; i < owners->count; i++) {
        const struct succession_strike of = {owners->at[i], strike->known, strike->established};
        struct succession next = succession_of(facts, question, &of, surely, possibly);
        bool sure = found.sure && next.sure;
        open = open || next.open;
        if (next.possible && !found.possible) {
            found = next;
            *ret_from = owners->at[i];
        }
        found.sure = sure;
    }
    found.possible = found.possible || owners->more;
    found.sure = found.sure && !owners->more;
    found.clear = found.clear && !open;
    found.open = open;
    return found;
}
