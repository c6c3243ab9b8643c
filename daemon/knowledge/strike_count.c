/*
 * What of the candidates counts, and what of that still stands.
 */
#include "daemon/knowledge/strike_count.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/knowledge/deadline.h"
#include "daemon/knowledge/remained.h"

static uint32_t listing_at(const struct counting *counting,
                           const struct strike_candidate *candidate, size_t item)
{
    return counting->facts->items[candidate->items[item]].listing;
}

struct strike strike_of(const struct facts *facts, const struct strike_candidate *candidate)
{
    const struct record *sent = facts_record(facts, facts->notices[candidate->notice].record);
    const struct names *names = &facts->records.names;
    return (struct strike){
        .at = candidate->since,
        .text = names_text(names, things_name(&facts->notices_named, sent->subject)),
        .right = record_list(&facts->records, sent)->right,
        .kind = sent->word,
        .from = candidate->from,
    };
}

/* Whether all of the notice's listings were open already: counted, and never removed since. Two
   notices on one listing that was never removed are one strike (domain 2.3). */
static bool is_repeated(const struct counting *counting, const struct strike_candidate *candidate)
{
    const struct strikes_scratch *scratch = counting->scratch;
    for (size_t i = 0; i < candidate->items_count; i++) {
        uint32_t listing = listing_at(counting, candidate, i);
        if (scratch->opened[listing] != scratch->turn ||
            remained_removed_between(counting->facts, listing, scratch->opened_ns[listing],
                                     candidate->known.at_ns))
            return false;
    }
    return true;
}

/* Domain 2.4: the next counts only when established a spacing after the last that counted: surely
   for the lower end, possibly for the upper. */
static bool is_spaced(const struct facts *facts, const struct strike_candidate *candidate,
                      struct moment last, size_t counted, bool definite)
{
    const struct record_policy *policy = candidate->policy;
    if (policy->spacing_count > 0) {
        size_t step =
            counted - 1 < policy->spacing_count - 1 ? counted - 1 : policy->spacing_count - 1;
        last = deadline_spacing(&facts->records, policy, last, step);
    }
    if (definite)
        return moment_low(candidate->established) >= moment_high(last);
    return moment_high(candidate->established) >= moment_low(last);
}

bool strike_is_alive(const struct strike_candidate *candidate, struct moment act, bool definite)
{
    int64_t validity_ns = candidate->policy->validity_s * MOMENT_NS_PER_S;
    if (definite)
        return moment_high(act) < moment_sum(moment_low(candidate->established), validity_ns);
    return moment_low(act) < moment_sum(moment_high(candidate->established), validity_ns);
}

static void open_listings(const struct counting *counting, const struct strike_candidate *candidate)
{
    struct strikes_scratch *scratch = counting->scratch;
    for (size_t i = 0; i < candidate->items_count; i++) {
        uint32_t listing = listing_at(counting, candidate, i);
        if (scratch->opened[listing] == scratch->turn)
            continue;
        scratch->opened[listing] = scratch->turn;
        scratch->opened_ns[listing] = candidate->known.at_ns;
    }
}

static int compare_strikes(const void *left, const void *right)
{
    const struct strike *a = left, *b = right;
    if (a->at.at_ns != b->at.at_ns)
        return a->at.at_ns < b->at.at_ns ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

void strike_sort(const struct counting *counting, struct strike *alive, size_t count)
{
    if (!counting->facts->transfers || count < 2)
        return;
    for (size_t i = 0; i < count; i++)
        alive[i].place = i;
    qsort(alive, count, sizeof *alive, compare_strikes);
}

size_t strike_count(struct counting *counting, bool definite, struct strike *alive)
{
    struct strikes_scratch *scratch = counting->scratch;
    struct moment last = {0};
    size_t counted = 0, standing = 0;
    if (++scratch->turn == 0) {
        memset(scratch->opened, 0, (counting->facts->noticed + 1) * sizeof *scratch->opened);
        scratch->turn = 1;
    }
    for (size_t i = 0; i < counting->candidates; i++) {
        struct strike_candidate *candidate = &scratch->candidates[i];
        enum strike_fate *fate = definite ? &candidate->lower : &candidate->upper;
        *fate = STRIKE_COUNTED;
        if (definite && !candidate->sure)
            *fate = STRIKE_UNSURE;
        else if (is_repeated(counting, candidate))
            *fate = STRIKE_REPEATED;
        else if (counted > 0 && !is_spaced(counting->facts, candidate, last, counted, definite))
            *fate = STRIKE_TOO_SOON;
        if (*fate != STRIKE_COUNTED)
            continue;
        last = candidate->established;
        counted++;
        open_listings(counting, candidate);
        if (strike_is_alive(candidate, counting->at, definite))
            alive[standing++] = strike_of(counting->facts, candidate);
        else
            *fate = STRIKE_EXPIRED;
    }
    strike_sort(counting, alive, standing);
    if (standing < counted)
        strike_because(counting, KNOWLEDGE_REASON_STRIKE_EXPIRED);
    return standing;
}
