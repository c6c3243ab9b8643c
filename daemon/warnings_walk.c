/*
 * What the walk over the records, and the evidence, call while a set is made: which records stand
 * under a key, and what of them goes into the set.
 */
#include "daemon/warnings_core.h"

/* Whether an event of this kind may end a road, or begin one; others are not waited for. */
static bool moves_roads(const struct knowledge_event *event)
{
    switch (event->kind) {
    case KNOWLEDGE_ACCOUNT:
    case KNOWLEDGE_COUNTER_DECISION:
    case KNOWLEDGE_COUNTER_FILED:
    case KNOWLEDGE_NOTICE_ACK:
    case KNOWLEDGE_NOTICE_CORRECT:
    case KNOWLEDGE_NOTICE_DECISION:
    case KNOWLEDGE_NOTICE_RECEIVED:
    case KNOWLEDGE_NOTICE_SENT:
    case KNOWLEDGE_NOTICE_WITHDRAW:
    case KNOWLEDGE_RESTORE:
    case KNOWLEDGE_STRIKE:
    case KNOWLEDGE_TAKEDOWN:
        return true;
    case KNOWLEDGE_SIGHTING:
        return event->state == KNOWLEDGE_STATE_GONE;
    case KNOWLEDGE_OTHER:
    case KNOWLEDGE_CHANNEL:
    case KNOWLEDGE_COVERAGE:
    case KNOWLEDGE_LISTING:
    case KNOWLEDGE_MERCHANT_LINK:
    case KNOWLEDGE_ORDER:
    case KNOWLEDGE_ORDER_ACK:
    case KNOWLEDGE_ORDER_DISMISSED:
    case KNOWLEDGE_ORDER_PARTY:
    case KNOWLEDGE_ORDER_SERVED:
    case KNOWLEDGE_ORDER_VACATED:
    case KNOWLEDGE_POLICY:
    case KNOWLEDGE_SUPPORT:
    case KNOWLEDGE_KINDS_COUNT:
        break;
    }
    return false;
}

int warnings_item(void *context, const struct evidence_item *item)
{
    struct warnings *warnings = context;
    if (moves_roads(item->event) && item->event->at_ns > warnings->latest_ns)
        warnings->latest_ns = item->event->at_ns;
    return knowledge_add(warnings->set, item->event);
}

int warnings_see(void *context, const struct evidence_item *item)
{
    struct warnings *warnings = context;
    return trail_see(warnings->trail, item);
}

int warnings_find(void *context, int64_t key, trail_take *take, void *take_context)
{
    const struct warnings *warnings = context;
    const struct ties_thing *thing = ties_find(warnings->ties, key);
    int result = 0;
    for (uint32_t i = thing == NULL ? 0 : thing->first; i != 0 && result == 0;) {
        const struct tie *tie = ties_at(warnings->ties, i);
        i = tie->next;
        result = take(take_context, &tie->place);
    }
    return result;
}
