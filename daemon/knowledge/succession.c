/*
 * A walk from account to account along their transfers, each later than the one before.
 */
#include "daemon/knowledge/succession.h"

/* An account that the strike came to, and the record of the transfer that brought it. */
struct step {
    uint32_t merchant;
    struct moment known, established;
    uint32_t after; /* transfers past this record count; with `first` all do */
    bool first;
};

/* The next transfer of the account on the platform that is not surely of before the conduct. NULL:
   none; *ret_number is that of the record. */
static const struct record *next_transfer(const struct facts *facts, uint32_t platform,
                                          const struct step *step, uint32_t *ret_number)
{
    struct index_slice accounts = facts_of(facts, FACTS_MERCHANT_ACCOUNT, step->merchant);
    for (size_t i = 0; i < accounts.count; i++) {
        const struct record *record = facts_record(facts, accounts.at[i]);
        if (record->state != KNOWLEDGE_STATE_TRANSFERRED || record->platform != platform ||
            (!step->first && accounts.at[i] <= step->after) ||
            moment_before(step->known, record_moment(record)) == MOMENT_NO)
            continue;
        *ret_number = accounts.at[i];
        return record;
    }
    return NULL;
}

static bool does_carry(const struct facts *facts, const struct record *transfer)
{
    const struct record_policy *policy = facts_policy(facts, transfer->platform, transfer->at_ns);
    return policy != NULL && policy->transfer_carries;
}

/* It may be there. */
static void reach(struct succession *found, const struct step *step, bool came,
                  const struct cluster *possibly)
{
    if (found->possible || !cluster_has(possibly, step->merchant))
        return;
    found->possible = true;
    found->came = came;
    found->since = step->known;
}

struct succession succession_of(const struct facts *facts, const struct strikes_question *question,
                                const struct succession_strike *strike,
                                const struct cluster *surely, const struct cluster *possibly)
{
    struct step step = {strike->merchant, strike->known, strike->established, 0, true};
    struct succession found = {0};
    bool all = true, came = false; /* all: wherever else it may be is one of `surely` */
    const struct record *transfer;
    uint32_t number;
    while ((transfer = next_transfer(facts, question->platform, &step, &number)) != NULL) {
        struct moment at = record_moment(transfer);
        enum moment_order asked = moment_before(at, question->at);
        bool definite = asked == MOMENT_YES && moment_before(step.known, at) == MOMENT_YES &&
                        moment_before(step.established, at) == MOMENT_YES;
        bool carries = does_carry(facts, transfer);
        step.after = number;
        step.first = false;
        if (asked == MOMENT_NO || (carries && transfer->other == THINGS_NONE))
            continue;
        if (!carries && definite)
            return found; /* another owner begins without them */
        if (!carries) {
            all = false;
            continue;
        }
        reach(&found, &step, came, possibly);
        all = all && (definite || cluster_has(surely, step.merchant));
        came = true;
        step = (struct step){transfer->other, at, at, number, false};
    }
    reach(&found, &step, came, possibly);
    found.sure = all && cluster_has(surely, step.merchant);
    return found;
}

/* The listing's registration in force at an instant; NULL: there was none yet. */
static const struct record *registered_at(const struct facts *facts, uint32_t listing,
                                          int64_t at_ns)
{
    struct index_slice records = facts_of(facts, FACTS_LISTING_REGISTERED, listing);
    size_t after = facts_after(facts, records, at_ns);
    return after == 0 ? NULL : facts_record(facts, records.at[after - 1]);
}

uint32_t succession_owner(const struct facts *facts, uint32_t platform, uint32_t listing,
                          int64_t known_ns)
{
    uint32_t now = facts->merchant_of[listing];
    if (facts_of(facts, FACTS_MERCHANT_GIVEN, now).count == 0)
        return now;
    const struct record *then = registered_at(facts, listing, known_ns);
    if (then == NULL || then->merchant == THINGS_NONE)
        return now;
    struct step step = {then->merchant, {known_ns, 0}, {known_ns, 0}, 0, true};
    const struct record *transfer;
    uint32_t number;
    while (step.merchant != now &&
           (transfer = next_transfer(facts, platform, &step, &number)) != NULL) {
        step.after = number;
        step.first = false;
        if (transfer->other != THINGS_NONE)
            step.merchant = transfer->other;
    }
    return step.merchant == now ? then->merchant : now;
}
