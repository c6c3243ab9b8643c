/*
 * Bounds that hold for each choice of the doubtful candidates, in time linear in them.
 *
 * Least: a sure candidate counts, or one counts that is within a spacing before it. Take sure ones
 * that stand, no two of which one other could keep from counting: so many count. Of these one
 * stands surely unless what may keep it from counting may be expired, or may have opened its
 * listings.
 *
 * Most: those that stand and count have the least spacing between them; and each opens a listing
 * that was not open, or has one that was removed since it was opened.
 */
#include "daemon/knowledge/strike_bounds.h"

#include <assert.h>
#include <string.h>

#include "daemon/knowledge/deadline.h"
#include "daemon/knowledge/remained.h"
#include "daemon/knowledge/strike_count.h"

bool strike_bounds_doubted(const struct counting *counting)
{
    bool passed = false, unsure = false;
    for (size_t i = 0; i < counting->candidates; i++) {
        passed = passed || counting->scratch->candidates[i].passed;
        unsure = unsure || !counting->scratch->candidates[i].sure;
    }
    return passed && unsure;
}

static struct strike_candidate *candidate_at(const struct counting *counting, size_t index)
{
    return &counting->scratch->candidates[index];
}

static uint32_t listing_at(const struct counting *counting,
                           const struct strike_candidate *candidate, size_t item)
{
    return counting->facts->items[candidate->items[item]].listing;
}

/* No listing is marked. */
static void begin_turn(struct counting *counting)
{
    struct strikes_scratch *scratch = counting->scratch;
    if (++scratch->turn != 0)
        return;
    memset(scratch->opened, 0, (counting->facts->noticed + 1) * sizeof *scratch->opened);
    scratch->turn = 1;
}

/* The instant kept for the listing, or the one that is given. */
static int64_t marked(const struct counting *counting, uint32_t listing, int64_t none_ns)
{
    const struct strikes_scratch *scratch = counting->scratch;
    return scratch->opened[listing] == scratch->turn ? scratch->opened_ns[listing] : none_ns;
}

static void mark(struct counting *counting, uint32_t listing, int64_t at_ns)
{
    counting->scratch->opened[listing] = counting->scratch->turn;
    counting->scratch->opened_ns[listing] = at_ns;
}

/* Whether one that counted at `last` may keep this candidate from counting, at any step of its
   policy's spacing. */
static bool may_block(const struct facts *facts, const struct strike_candidate *candidate,
                      struct moment last)
{
    const struct record_policy *policy = candidate->policy;
    for (size_t i = 0; i < policy->spacing_count; i++)
        if (moment_low(candidate->established) <
            moment_high(deadline_spacing(&facts->records, policy, last, i)))
            return true;
    return false;
}

/* Whether it may count after one that counted at `last`, at any step. */
static bool may_follow(const struct facts *facts, const struct strike_candidate *candidate,
                       struct moment last, int64_t unc_ns)
{
    const struct record_policy *policy = candidate->policy;
    struct moment at = {candidate->established.at_ns, unc_ns};
    last.unc_ns = unc_ns;
    for (size_t i = 0; i < policy->spacing_count; i++)
        if (moment_high(at) >= moment_low(deadline_spacing(&facts->records, policy, last, i)))
            return true;
    return policy->spacing_count == 0;
}

/* Marks as alone those whose listings no candidate names that is behind and may yet be of before.
 */
static void find_alone(struct counting *counting)
{
    begin_turn(counting);
    for (size_t i = counting->candidates; i > 0; i--) {
        struct strike_candidate *candidate = candidate_at(counting, i - 1);
        int64_t low_ns = moment_low(candidate->established);
        candidate->alone = true;
        for (size_t j = 0; j < candidate->items_count; j++) {
            uint32_t listing = listing_at(counting, candidate, j);
            int64_t next_ns = marked(counting, listing, INT64_MAX);
            if (next_ns < moment_high(candidate->established))
                candidate->alone = false;
            mark(counting, listing, low_ns < next_ns ? low_ns : next_ns);
        }
    }
}

/* Whether one of its listings is not open, whichever of the candidates before counted. Then marks
   each with the last notice of it so far. */
static bool is_open(struct counting *counting, const struct strike_candidate *candidate)
{
    bool open = false;
    for (size_t i = 0; i < candidate->items_count; i++) {
        uint32_t listing = listing_at(counting, candidate, i);
        int64_t last_ns = marked(counting, listing, INT64_MIN);
        open = open || last_ns == INT64_MIN ||
               remained_removed_between(counting->facts, listing, last_ns, candidate->known.at_ns);
        mark(counting, listing,
             candidate->known.at_ns > last_ns ? candidate->known.at_ns : last_ns);
    }
    return open;
}

size_t strike_bounds_min(struct counting *counting, struct strike *min, size_t count)
{
    const struct facts *facts = counting->facts;
    struct moment expired = {INT64_MIN, 0}, last = {INT64_MIN, 0};
    size_t behind = 0, kept = 0; /* behind: the last that is not surely alive */
    bool spaced = false;
    for (size_t i = 0; i < counting->candidates; i++) {
        const struct strike_candidate *candidate = candidate_at(counting, i);
        spaced = spaced || candidate->policy->spacing_count > 0;
        if (strike_is_alive(candidate, counting->at, true))
            continue;
        behind = i + 1;
        if (moment_high(candidate->established) > expired.at_ns)
            expired.at_ns = moment_high(candidate->established);
    }
    find_alone(counting);
    begin_turn(counting);
    for (size_t i = 0; i < counting->candidates; i++) {
        struct strike_candidate *candidate = candidate_at(counting, i);
        bool open = is_open(counting, candidate);
        if (candidate->lower != STRIKE_COUNTED)
            continue;
        candidate->lower = STRIKE_UNSURE;
        if (!open || !candidate->alone || i < behind ||
            (last.at_ns != INT64_MIN && may_block(facts, candidate, last)))
            continue;
        last = candidate->established;
        if (expired.at_ns != INT64_MIN && may_block(facts, candidate, expired))
            continue;
        candidate->lower = candidate->upper = STRIKE_COUNTED;
        assert(kept < count);
        min[kept] = strike_of(facts, candidate);
        if (spaced) /* another may count in its place: of another right, or kind */
            min[kept].right = min[kept].kind = 0;
        kept++;
    }
    strike_sort(counting, min, kept);
    return kept;
}

/* How many there may be that stand, by the spacing alone. */
static size_t most_spaced(const struct counting *counting)
{
    struct moment last = {INT64_MIN, 0};
    int64_t unc_ns = 0;
    size_t most = 0;
    for (size_t i = 0; i < counting->candidates; i++)
        if (candidate_at(counting, i)->established.unc_ns > unc_ns)
            unc_ns = candidate_at(counting, i)->established.unc_ns;
    for (size_t i = 0; i < counting->candidates; i++) {
        const struct strike_candidate *candidate = candidate_at(counting, i);
        if (!strike_is_alive(candidate, counting->at, false) ||
            (most > 0 && !may_follow(counting->facts, candidate, last, unc_ns)))
            continue;
        last = candidate->established;
        most++;
    }
    return most;
}

/* Whether one of its listings was removed since a notice of it that may have counted. */
static bool is_opened_again(const struct counting *counting,
                            const struct strike_candidate *candidate)
{
    for (size_t i = 0; i < candidate->items_count; i++) {
        uint32_t listing = listing_at(counting, candidate, i);
        if (remained_removed_between(counting->facts, listing, marked(counting, listing, INT64_MAX),
                                     candidate->known.at_ns))
            return true;
    }
    return false;
}

/* How many there may be that stand, by their listings alone. */
static size_t most_opened(struct counting *counting)
{
    size_t again = 0, rest = 0, listings = 0;
    begin_turn(counting);
    for (size_t i = 0; i < counting->candidates; i++) {
        const struct strike_candidate *candidate = candidate_at(counting, i);
        for (size_t j = 0; j < candidate->items_count; j++) {
            uint32_t listing = listing_at(counting, candidate, j);
            int64_t first_ns = marked(counting, listing, INT64_MAX);
            listings += first_ns == INT64_MAX;
            mark(counting, listing,
                 candidate->known.at_ns < first_ns ? candidate->known.at_ns : first_ns);
        }
    }
    for (size_t i = 0; i < counting->candidates; i++) {
        const struct strike_candidate *candidate = candidate_at(counting, i);
        if (!strike_is_alive(candidate, counting->at, false))
            continue;
        if (is_opened_again(counting, candidate))
            again++;
        else
            rest++;
    }
    return again + (rest < listings ? rest : listings);
}

size_t strike_bounds_max(struct counting *counting, struct strike *max, size_t *count)
{
    size_t spaced = most_spaced(counting), opened = most_opened(counting);
    size_t most = spaced < opened ? spaced : opened, standing = 0;
    if (most <= *count)
        return *count;
    for (size_t i = 0; i < counting->candidates; i++) {
        struct strike_candidate *candidate = candidate_at(counting, i);
        if (!strike_is_alive(candidate, counting->at, false))
            continue;
        max[standing++] = strike_of(counting->facts, candidate);
        candidate->upper = STRIKE_COUNTED;
    }
    strike_sort(counting, max, standing);
    *count = standing;
    return most;
}
