/*
 * Joining parts, dropping doubles, and sorting: what makes a set of records of a list.
 *
 * For each id, over all records that have it:
 *  1. Parts (DESIGN 9.14) of one event agree in everything but `listings`; all of 1..n must be
 *     there, or they are ignored and reported. Joined, they are one record.
 *  2. Records that say the same are one. Two that do not are both excluded, and reported
 *     (domain 2.3, scenario 10c): neither may be believed over the other.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/knowledge/records.h"
#include "daemon/knowledge/things.h"
#include "daemon/knowledge/vector.h"

/*
 * What the records of one id come to:
 *
 *     ALONE --another that says the same--> ALONE
 *     ALONE --another body--> CONFLICT
 *     PARTIAL --all parts are there--> ALONE     PARTIAL --the end--> INCOMPLETE
 */
enum verdict {
    VERDICT_ALONE = 0, /* one record stays */
    VERDICT_CONFLICT,
    VERDICT_INCOMPLETE, /* and nothing else has this id */
};

static const struct record_list *list_of(const struct records *records, uint32_t record)
{
    return record_list(records, &records->at[record]);
}

static bool same_rest(const struct records *records, uint32_t a, uint32_t b)
{
    return memcmp(records->rests[a], records->rests[b], KNOWLEDGE_DIGEST_BYTES) == 0;
}

static bool same_listings(const struct records *records, const struct record_list *a,
                          const struct record_list *b)
{
    if (a->given != b->given || a->listings_count != b->listings_count)
        return false;
    return a->listings_count == 0 ||
           memcmp(records->pool + a->listings, records->pool + b->listings,
                  a->listings_count * sizeof *records->pool) == 0;
}

static bool same(const struct records *records, uint32_t a, uint32_t b)
{
    return same_rest(records, a, b) &&
           same_listings(records, list_of(records, a), list_of(records, b));
}

/* Makes the first part's record the whole one: `parts` are the records of 1..count. */
static int join(struct records *records, const uint32_t *parts, uint32_t count)
{
    size_t listings = 0;
    for (uint32_t i = 0; i < count; i++)
        listings += list_of(records, parts[i])->listings_count;
    uint32_t *pool = vector_room(records->pool, &records->pool_room, records->pool_count, listings,
                                 sizeof *pool);
    if (pool == NULL)
        return -ENOMEM;
    records->pool = pool;
    uint32_t begin = (uint32_t)records->pool_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct record_list *list = list_of(records, parts[i]);
        if (list->listings_count > 0)
            memcpy(pool + records->pool_count, pool + list->listings,
                   list->listings_count * sizeof *pool);
        records->pool_count += list->listings_count;
    }
    struct record_list *whole = &records->lists[records->at[parts[0]].detail - 1];
    whole->listings = begin;
    whole->listings_count = (uint32_t)listings;
    whole->given = true;
    whole->part = whole->parts = 0;
    return 0;
}

/* Sorts the parts of one id into parts[0..count), from 1 each. *ret_missing: not all are there. */
static enum verdict gather(const struct records *records, struct index_slice group, uint32_t *parts,
                           uint32_t *ret_count, bool *ret_missing)
{
    uint32_t first = UINT32_MAX, found = 0;
    *ret_count = 0;
    for (size_t i = 0; i < group.count; i++) {
        const struct record_list *list = list_of(records, group.at[i]);
        if (list->parts == 0)
            continue;
        if (first == UINT32_MAX) {
            first = group.at[i];
            *ret_count = list->parts;
            for (uint32_t part = 0; part < list->parts; part++)
                parts[part] = UINT32_MAX;
        }
        if (list->parts != *ret_count || !same_rest(records, first, group.at[i]))
            return VERDICT_CONFLICT;
        uint32_t *place = &parts[list->part - 1];
        if (*place != UINT32_MAX && !same(records, *place, group.at[i]))
            return VERDICT_CONFLICT;
        found += *place == UINT32_MAX;
        *place = group.at[i];
    }
    *ret_missing = found < *ret_count;
    return VERDICT_ALONE;
}

/* What the records of one id come to; *ret_record is the one that stays. 0 or -ENOMEM. */
static int judge(struct records *records, struct index_slice group, uint32_t *ret_record,
                 enum verdict *ret_verdict)
{
    uint32_t parts[KNOWLEDGE_PARTS_MAX], count = 0, kept = UINT32_MAX;
    bool missing = false;
    *ret_verdict = gather(records, group, parts, &count, &missing);
    if (*ret_verdict == VERDICT_CONFLICT)
        return 0;
    if (count > 0 && !missing) {
        if (join(records, parts, count) < 0)
            return -ENOMEM;
        kept = parts[0];
    }
    for (size_t i = 0; i < group.count; i++) {
        /* The parts are done, and the joined one counts as whole now. */
        if (list_of(records, group.at[i])->parts > 0)
            continue;
        if (kept == UINT32_MAX)
            kept = group.at[i];
        if (!same(records, kept, group.at[i])) {
            *ret_verdict = VERDICT_CONFLICT;
            return 0;
        }
    }
    *ret_record = kept;
    *ret_verdict = kept == UINT32_MAX ? VERDICT_INCOMPLETE : VERDICT_ALONE;
    return 0;
}

static int add_problem(struct records *records, uint32_t id, enum verdict verdict)
{
    struct record_problem *problems = vector_room(records->problems, &records->problems_room,
                                                  records->problems_count, 1, sizeof *problems);
    if (problems == NULL)
        return -ENOMEM;
    records->problems = problems;
    problems[records->problems_count++] =
        (struct record_problem){.id = id, .incomplete = verdict == VERDICT_INCOMPLETE};
    return 0;
}

static int compare_seqs(const void *left, const void *right)
{
    uint64_t a = ((const struct record_seq *)left)->seq;
    uint64_t b = ((const struct record_seq *)right)->seq;
    return (a > b) - (a < b);
}

/* Remembers all records of an id that has several. */
static int add_seqs(struct records *records, uint32_t id, struct index_slice group)
{
    struct record_seq *seqs = vector_room(records->seqs, &records->seqs_room, records->seqs_count,
                                          group.count, sizeof *seqs);
    if (seqs == NULL)
        return -ENOMEM;
    records->seqs = seqs;
    for (size_t i = 0; i < group.count; i++)
        seqs[records->seqs_count + i] = (struct record_seq){id, records->at[group.at[i]].seq};
    qsort(seqs + records->seqs_count, group.count, sizeof *seqs, compare_seqs);
    records->seqs_count += group.count;
    return 0;
}

/* What is sorted: a record's place in time. */
struct place {
    int64_t at_ns;
    uint32_t record;
    uint32_t id;
};

static int compare_places(const void *left, const void *right, void *records)
{
    const struct place *a = left, *b = right;
    if (a->at_ns != b->at_ns)
        return a->at_ns < b->at_ns ? -1 : 1;
    const struct records *set = records;
    return names_compare(&set->ids, a->id, b->id);
}

static int compare_problems(const void *left, const void *right, void *records)
{
    const struct record_problem *a = left, *b = right;
    const struct records *set = records;
    return names_compare(&set->ids, a->id, b->id);
}

/* The records that stay, one an id, into places. 0 or -ENOMEM. */
static int choose(struct records *records, const struct index *by_id, struct place *places,
                  size_t *ret_count)
{
    *ret_count = 0;
    for (uint32_t id = 1; id <= records->ids.count; id++) {
        struct index_slice group = index_of(by_id, id);
        uint32_t kept = group.at[0];
        enum verdict verdict = VERDICT_ALONE;
        int result = 0;
        if (group.count > 1 || list_of(records, kept)->parts > 0)
            result = judge(records, group, &kept, &verdict);
        if (result == 0 && (group.count > 1 || verdict != VERDICT_ALONE))
            result = add_seqs(records, id, group);
        if (result == 0 && verdict != VERDICT_ALONE)
            result = add_problem(records, id, verdict);
        if (result < 0)
            return result;
        if (verdict == VERDICT_ALONE)
            places[(*ret_count)++] = (struct place){records->at[kept].at_ns, kept, id};
    }
    return 0;
}

static int group_by_id(const struct records *records, struct index *ret_index)
{
    int result = index_open(ret_index, records->ids.count + 1);
    for (size_t i = 0; i < records->count && result == 0; i++)
        index_count(ret_index, records->at[i].id);
    if (result == 0)
        result = index_ready(ret_index);
    for (size_t i = 0; i < records->count && result == 0; i++)
        index_put(ret_index, records->at[i].id, (uint32_t)i);
    return result;
}

/* The chosen records in the order of their places become the set. */
static int replace(struct records *records, const struct place *places, size_t count)
{
    struct record *sorted = vector_zeroed(count, sizeof *sorted);
    if (sorted == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        sorted[i] = records->at[places[i].record];
    free(records->at);
    free(records->rests);
    records->at = sorted;
    records->count = records->room = count;
    records->rests = NULL;
    return 0;
}

int records_settle(struct records *records)
{
    struct index by_id = {0};
    struct place *places = vector_zeroed(records->ids.count, sizeof *places);
    size_t count = 0;
    int result = places == NULL ? -ENOMEM : group_by_id(records, &by_id);
    if (result == 0)
        result = choose(records, &by_id, places, &count);
    index_close(&by_id);
    if (result == 0) {
        qsort_r(places, count, sizeof *places, compare_places, records);
        if (records->problems_count > 1)
            qsort_r(records->problems, records->problems_count, sizeof *records->problems,
                    compare_problems, records);
        result = replace(records, places, count);
    }
    free(places);
    return result;
}
