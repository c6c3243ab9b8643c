/*
 * Which feeds of which platforms are said to be complete.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/knowledge/set.h"
#include "daemon/knowledge/tell.h"
#include "daemon/knowledge/vector.h"

/* What the records say of one platform. */
struct platform {
    bool concerned; /* something but its rules is about it */
    bool counter, crawl;
};

static bool is_rule(const struct record *record)
{
    return record->kind == KNOWLEDGE_POLICY || record->kind == KNOWLEDGE_CHANNEL ||
           record->kind == KNOWLEDGE_COVERAGE;
}

/* Whether the record is about one of the merchants: names one, or a listing of one. */
static bool is_of(const struct facts *facts, const bool *wanted, const struct record *record)
{
    return wanted[record->merchant] ||
           (record->listing != THINGS_NONE && wanted[facts->merchant_of[record->listing]]);
}

/* A merchant, and all that may be the same. */
static void want(struct knowledge *knowledge, uint32_t merchant, bool *wanted)
{
    struct cluster *linked = &knowledge->evaluator.linked;
    if (wanted[merchant])
        return;
    cluster_find(linked, &knowledge->facts, merchant, cluster_ever, true);
    for (size_t i = 0; i < linked->count; i++)
        wanted[linked->members[i]] = true;
}

/* [merchant]: whom the question is about; THINGS_NONE: it is about all, and records that name none.
   NULL when out of memory. */
static bool *find_wanted(struct knowledge *knowledge, struct knowledge_text asked, bool parties)
{
    const struct facts *facts = &knowledge->facts;
    bool *wanted = vector_zeroed(facts->merchants.count + 1, sizeof *wanted);
    if (wanted == NULL)
        return NULL;
    uint32_t merchant = things_find(&facts->merchants, 0, names_find(&facts->records.names, asked));
    if (merchant != THINGS_NONE)
        want(knowledge, merchant, wanted);
    for (size_t i = 0; asked.at == NULL && parties && i < facts->parties_count; i++)
        want(knowledge, facts->parties[i], wanted);
    wanted[THINGS_NONE] = asked.at == NULL && !parties;
    return wanted;
}

static int tell(const struct facts *facts, const struct platform *platforms, uint32_t only,
                knowledge_take_covered *take, void *context)
{
    int result = 0;
    for (uint32_t i = 1; i <= facts->platforms.count && result == 0; i++) {
        const struct knowledge_covered covered = {
            .platform = names_text(&facts->records.names, things_name(&facts->platforms, i)),
            .counter = platforms[i].counter,
            .crawl = platforms[i].crawl,
        };
        if (only == THINGS_NONE ? platforms[i].concerned : i == only)
            result = take(context, &covered);
    }
    return result;
}

int knowledge_coverage(struct knowledge *knowledge, const struct knowledge_filter *filter,
                       bool parties, knowledge_take_covered *take, void *context)
{
    const struct facts *facts = &knowledge->facts;
    assert(knowledge->built);
    uint32_t only =
        things_find(&facts->platforms, 0, names_find(&facts->records.names, filter->platform));
    if (filter->platform.at != NULL && only == THINGS_NONE)
        return 0;
    bool *wanted = find_wanted(knowledge, filter->merchant, parties);
    struct platform *platforms = vector_zeroed(facts->platforms.count + 1, sizeof *platforms);
    int result = wanted == NULL || platforms == NULL ? -ENOMEM : 0;
    for (size_t i = 0; i < facts->records.count && result == 0; i++) {
        const struct record *record = facts_record(facts, (uint32_t)i);
        struct platform *platform = &platforms[record->platform];
        if (record->kind == KNOWLEDGE_COVERAGE) {
            platform->counter = platform->counter || record->state == KNOWLEDGE_STATE_COUNTER;
            platform->crawl = platform->crawl || record->state == KNOWLEDGE_STATE_CRAWL;
        } else if (!is_rule(record)) {
            platform->concerned =
                platform->concerned || wanted[THINGS_NONE] || is_of(facts, wanted, record);
        }
    }
    if (result == 0)
        result = tell(facts, platforms, only, take, context);
    free(platforms);
    free(wanted);
    return result;
}
