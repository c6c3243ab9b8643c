/*
 * Copying events into records, in the order of arrival. What becomes of doubles is settle.c's.
 */
#include "daemon/knowledge/records.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/knowledge/vector.h"

static_assert(sizeof(struct record) == 56, "the size that records.h states");

/* Puts the texts into the pool. 0, -ENOMEM or -EOVERFLOW. */
static int add_texts(struct records *records, const struct knowledge_texts *texts,
                     uint32_t *ret_begin, uint32_t *ret_count)
{
    assert(texts->count <= KNOWLEDGE_LIST_MAX);
    uint32_t *pool = vector_room(records->pool, &records->pool_room, records->pool_count,
                                 texts->count, sizeof *pool);
    if (pool == NULL)
        return -ENOMEM;
    records->pool = pool;
    *ret_begin = (uint32_t)records->pool_count;
    *ret_count = (uint32_t)texts->count;
    for (size_t i = 0; i < texts->count; i++) {
        int result = names_add(&records->names, texts->at[i], &pool[records->pool_count]);
        if (result < 0)
            return result;
        records->pool_count++;
    }
    return 0;
}

static int add_list(struct records *records, const struct knowledge_event *event,
                    uint32_t *ret_detail)
{
    struct record_list *lists =
        vector_room(records->lists, &records->lists_room, records->lists_count, 1, sizeof *lists);
    if (lists == NULL)
        return -ENOMEM;
    records->lists = lists;
    struct record_list *list = &lists[records->lists_count];
    *list = (struct record_list){
        .given = event->listings.given, .part = event->part, .parts = event->parts};
    int result = add_texts(records, &event->listings, &list->listings, &list->listings_count);
    if (result == 0)
        result = names_add(&records->names, event->right, &list->right);
    if (result == 0)
        result = add_texts(records, &event->words, &list->words, &list->words_count);
    if (result == 0)
        *ret_detail = (uint32_t)++records->lists_count;
    return result;
}

/* The calendar of a policy. Days are kept as what they are, which may be negative. */
static int add_calendar(struct records *records, const struct knowledge_calendar *calendar,
                        struct record_policy *policy)
{
    size_t count = calendar->exceptions_count;
    uint32_t *pool =
        vector_room(records->pool, &records->pool_room, records->pool_count, count, sizeof *pool);
    if (pool == NULL && count > 0)
        return -ENOMEM;
    records->pool = pool;
    policy->offset_s = calendar->offset_s;
    policy->weekend = calendar->weekend;
    policy->from_day = calendar->from_day;
    policy->until_day = calendar->until_day;
    policy->exceptions = (uint32_t)records->pool_count;
    policy->exceptions_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++)
        pool[records->pool_count++] = (uint32_t)calendar->exceptions[i];
    return 0;
}

static int add_policy(struct records *records, const struct knowledge_event *event,
                      uint32_t *ret_detail)
{
    const struct knowledge_policy *from = &event->policy;
    struct record_policy *policies = vector_room(records->policies, &records->policies_room,
                                                 records->policies_count, 1, sizeof *policies);
    if (policies == NULL)
        return -ENOMEM;
    records->policies = policies;
    struct record_policy *policy = &policies[records->policies_count];
    assert(from->spacing_count <= KNOWLEDGE_SPACING_MAX);
    *policy = (struct record_policy){
        .grace_s = from->grace_s,
        .threshold = from->threshold,
        .validity_s = from->validity_s,
        .counter_window_s = from->counter_window_s,
        .spacing_count = (uint32_t)from->spacing_count,
        .grace_days = from->grace_days,
        .counter_days = from->counter_days,
        .per_right = from->per_right,
        .per_kind = from->per_kind,
        .transfer_carries = from->transfer_carries,
        .spacing_in_days = from->spacing_in_days,
        .has_strike = from->has_strike,
        .lapse = from->lapse,
    };
    memcpy(policy->spacing, from->spacing, sizeof policy->spacing);
    int result = add_texts(records, &event->words, &policy->required, &policy->required_count);
    if (result == 0)
        result = add_texts(records, &from->kinds, &policy->kinds, &policy->kinds_count);
    if (result == 0 && from->has_calendar)
        result = add_calendar(records, &from->calendar, policy);
    if (result == 0)
        *ret_detail = (uint32_t)++records->policies_count;
    return result;
}

static int add_span(struct records *records, const struct knowledge_event *event,
                    uint32_t *ret_detail)
{
    struct record_span *spans =
        vector_room(records->spans, &records->spans_room, records->spans_count, 1, sizeof *spans);
    if (spans == NULL)
        return -ENOMEM;
    records->spans = spans;
    spans[records->spans_count] = (struct record_span){event->from_ns, event->to_ns};
    *ret_detail = (uint32_t)++records->spans_count;
    return 0;
}

static int add_detail(struct records *records, const struct knowledge_event *event,
                      struct record *record)
{
    if (event->kind == KNOWLEDGE_POLICY)
        return add_policy(records, event, &record->detail);
    if (event->kind == KNOWLEDGE_COVERAGE || (event->kind == KNOWLEDGE_ORDER && event->expires))
        return add_span(records, event, &record->detail);
    if (!event->listings.given && event->words.count == 0 && event->parts == 0 &&
        event->right.at == NULL)
        return 0;
    record->flags |= RECORD_LIST;
    return add_list(records, event, &record->detail);
}

static int add_names(struct records *records, const struct knowledge_event *event,
                     struct record *record)
{
    const struct {
        const struct knowledge_text *text;
        uint32_t *number;
    } rows[] = {
        {&event->platform, &record->platform}, {&event->subject, &record->subject},
        {&event->listing, &record->listing},   {&event->merchant, &record->merchant},
        {&event->other, &record->other},       {&event->word, &record->word},
    };
    int result = names_add(&records->ids, event->id, &record->id);
    for (size_t i = 0; i < sizeof rows / sizeof *rows && result == 0; i++)
        result = names_add(&records->names, *rows[i].text, rows[i].number);
    return result;
}

int records_add(struct records *records, const struct knowledge_event *event)
{
    assert(event->id.at != NULL);
    assert(event->kind < KNOWLEDGE_KINDS_COUNT);
    assert(event->unc_ms <= KNOWLEDGE_UNC_MS_MAX);
    assert(event->parts <= KNOWLEDGE_PARTS_MAX);
    assert(event->part <= event->parts);
    if (records->count >= VECTOR_ELEMENTS_MAX)
        return -EOVERFLOW;
    struct record *at =
        vector_room(records->at, &records->room, records->count, 1, sizeof *records->at);
    if (at == NULL)
        return -ENOMEM;
    records->at = at;
    void *rests = vector_room(records->rests, &records->rests_room, records->count, 1,
                              sizeof *records->rests);
    if (rests == NULL)
        return -ENOMEM;
    records->rests = rests;
    struct record record = {
        .at_ns = event->at_ns,
        .seq = event->seq,
        .unc_ms = event->unc_ms,
        .kind = (uint8_t)event->kind,
        .state = (uint8_t)event->state,
        .flags = (uint8_t)((event->live ? RECORD_LIVE : 0) |
                           (event->after_counter ? RECORD_AFTER_COUNTER : 0) |
                           (event->selective ? RECORD_SELECTIVE : 0)),
    };
    int result = add_names(records, event, &record);
    if (result == 0)
        result = add_detail(records, event, &record);
    if (result < 0)
        return result;
    memcpy(records->rests[records->count], event->rest, KNOWLEDGE_DIGEST_BYTES);
    records->at[records->count++] = record;
    return 0;
}

const struct record_list *record_list(const struct records *records, const struct record *record)
{
    static const struct record_list none = {0};
    return (record->flags & RECORD_LIST) == 0 ? &none : &records->lists[record->detail - 1];
}

void records_close(struct records *records)
{
    names_close(&records->ids);
    names_close(&records->names);
    free(records->at);
    free(records->rests);
    free(records->lists);
    free(records->policies);
    free(records->spans);
    free(records->pool);
    free(records->problems);
    free(records->seqs);
    *records = (struct records){0};
}
