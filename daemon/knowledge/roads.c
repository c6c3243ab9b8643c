/*
 * The two roads, each asked of the code that findings ask.
 */
#include "daemon/knowledge/roads.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "daemon/knowledge/remained.h"
#include "daemon/knowledge/set.h"

/* A walk over roads. */
struct asking {
    struct knowledge *knowledge;
    uint32_t platform;
    struct moment at, until;
    const struct record_policy *policy; /* NULL: none */
    knowledge_take_road *take;
    void *context;
};

static uint32_t find_listing(const struct facts *facts, struct knowledge_text platform,
                             struct knowledge_text listing)
{
    const struct names *names = &facts->records.names;
    uint32_t name = names_find(names, listing);
    uint32_t scope = facts->scoped ? names_find(names, platform) : 0;
    return name == NAMES_NONE ? THINGS_NONE : things_find(&facts->listings, scope, name);
}

/* Whether the road had surely begun before what came ("nevertheless persists", op. at 7). */
static bool has_begun(const struct asking *asking, const struct start *start)
{
    return moment_before((struct moment){start->at_ns, start->unc_ns}, asking->at) == MOMENT_YES;
}

/* "a particular infringing listing remains active despite notice" (op. at 7). */
static int ask_listing(const struct asking *asking, uint32_t listing)
{
    const struct facts *facts = &asking->knowledge->facts;
    struct ids *ids = &asking->knowledge->evaluator.ids;
    const struct remained_act act = {asking->platform, asking->until, asking->policy};
    ids->count = 0;
    struct remained remained = remained_listing(facts, ids, listing, &act);
    if (ids->failed)
        return -ENOMEM;
    if (remained.known.answer != KNOWLEDGE_SHOWN || remained.active.answer != KNOWLEDGE_SHOWN ||
        !remained.start.given)
        return 0;
    uint32_t merchant = facts->merchant_of[listing];
    struct knowledge_road road = {
        .listing = names_text(&facts->records.names, things_name(&facts->listings, listing)),
        .merchant = names_text(&facts->records.names, things_name(&facts->merchants, merchant)),
        .since_ns = remained.start.at_ns,
        .begun = has_begun(asking, &remained.start),
        .ids = ids->at,
        .ids_count = ids->count,
    };
    const struct knowledge_finding none = {0};
    knowledge_reason_name(&none, remained.active.reason, road.shown);
    return asking->take(asking->context, &road);
}

/* "because that Merchant Defendant is in violation of the three-strikes policy" (op. at 7). */
static int ask_strikes(const struct asking *asking, uint32_t merchant)
{
    const struct facts *facts = &asking->knowledge->facts;
    struct evaluator *evaluator = &asking->knowledge->evaluator;
    const struct strikes_question question = {asking->platform, asking->until};
    struct strikes strikes;
    evaluator->ids.count = 0;
    if (strikes_count(facts, &evaluator->ids, &evaluator->strikes, &question, &evaluator->same,
                      &evaluator->linked, &strikes) < 0 ||
        evaluator->ids.failed)
        return -ENOMEM;
    if (strikes.over.answer != KNOWLEDGE_SHOWN || !strikes.start.given)
        return 0;
    struct knowledge_road road = {
        .by_strikes = true,
        .merchant = names_text(&facts->records.names, things_name(&facts->merchants, merchant)),
        .since_ns = strikes.start.at_ns,
        .begun = has_begun(asking, &strikes.start),
        .ids = evaluator->ids.at + strikes.over.ids.begin,
        .ids_count = strikes.over.ids.count,
        .notices = strikes.by_notice,
    };
    const struct knowledge_finding counted = {
        .strikes_min = strikes.min, .strikes_max = strikes.max, .threshold = strikes.threshold};
    knowledge_reason_name(&counted, strikes.over.reason, road.shown);
    return asking->take(asking->context, &road);
}

/* Those of a merchant, and of whom verified links join with it. */
static int ask_merchant(const struct asking *asking, uint32_t merchant, bool all_listings)
{
    const struct facts *facts = &asking->knowledge->facts;
    struct evaluator *evaluator = &asking->knowledge->evaluator;
    cluster_find(&evaluator->same, facts, merchant, asking->until, false);
    cluster_find(&evaluator->linked, facts, merchant, asking->until, true);
    int result = 0;
    for (size_t i = 0; all_listings && i < evaluator->same.count && result == 0; i++) {
        struct index_slice listings =
            facts_of(facts, FACTS_MERCHANT_LISTINGS, evaluator->same.members[i]);
        for (size_t j = 0; j < listings.count && result == 0; j++)
            result = ask_listing(asking, listings.at[j]);
    }
    return result != 0 ? result : ask_strikes(asking, merchant);
}

int knowledge_roads(struct knowledge *knowledge, const struct knowledge_roads_question *question,
                    knowledge_take_road *take, void *context)
{
    const struct facts *facts = &knowledge->facts;
    const struct names *names = &facts->records.names;
    struct asking asking = {.knowledge = knowledge,
                            .at = {question->at_ns, question->unc_ms * MOMENT_NS_PER_MS},
                            .until = {question->until_ns, 0},
                            .take = take,
                            .context = context};
    assert(knowledge->built);
    assert(question->until_ns >= question->at_ns);
    if (question->until_ns == question->at_ns)
        asking.until = asking.at;
    asking.platform = things_find(&facts->platforms, 0, names_find(names, question->platform));
    if (asking.platform == THINGS_NONE)
        return 0;
    asking.policy = facts_policy(facts, asking.platform, question->until_ns);
    uint32_t listing = question->listing.at == NULL
                           ? THINGS_NONE
                           : find_listing(facts, question->platform, question->listing);
    int result = listing == THINGS_NONE ? 0 : ask_listing(&asking, listing);
    uint32_t merchant =
        question->merchant.at == NULL
            ? THINGS_NONE
            : things_find(&facts->merchants, 0, names_find(names, question->merchant));
    if (result != 0 || merchant == THINGS_NONE)
        return result;
    return ask_merchant(&asking, merchant, question->all_listings);
}

struct knowledge_text knowledge_listing_merchant(const struct knowledge *knowledge,
                                                 struct knowledge_text platform,
                                                 struct knowledge_text listing)
{
    const struct facts *facts = &knowledge->facts;
    assert(knowledge->built);
    uint32_t merchant = facts->merchant_of[find_listing(facts, platform, listing)];
    return names_text(&facts->records.names, things_name(&facts->merchants, merchant));
}

bool knowledge_is_noticed(const struct knowledge *knowledge, struct knowledge_text platform,
                          struct knowledge_text listing)
{
    const struct facts *facts = &knowledge->facts;
    assert(knowledge->built);
    uint32_t number = find_listing(facts, platform, listing);
    return number != THINGS_NONE && number <= facts->noticed;
}

bool knowledge_is_affirmative(struct knowledge_text kind)
{
    return kind.at != NULL && evaluate_is_affirmative(kind);
}
