/*
 * Events as compact records: parts joined, duplicates dropped, sorted by time. Knows no rule but
 * that of duplicates.
 */
#ifndef KNOWLEDGE_RECORDS_H
#define KNOWLEDGE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/knowledge/event.h"
#include "daemon/knowledge/moment.h"
#include "daemon/knowledge/names.h"

/* 56 bytes, so that ten million sightings are half a gigabyte. Fields are as in struct
   knowledge_event; texts are numbers of records.names, until facts.c makes things of them. */
struct record {
    int64_t at_ns;
    uint64_t seq;
    uint32_t unc_ms;
    uint32_t id; /* in records.ids */
    uint32_t platform, subject, listing, merchant, other, word;
    uint32_t detail; /* from 1: its list, policy or span, as its kind says; 0: none */
    uint8_t kind, state, flags;
};

#define RECORD_LIVE          1u /* as struct knowledge_event's live */
#define RECORD_AFTER_COUNTER 2u
#define RECORD_LIST          4u /* detail is a list */
#define RECORD_SELECTIVE     8u

/* What a notice.* or counter.* record lists; numbers of names in records.pool. */
struct record_list {
    uint32_t listings, listings_count;
    uint32_t words, words_count;
    uint32_t right; /* notice.sent: number of its name; 0: not said */
    uint32_t part, parts;
    bool given;
};

struct record_policy {
    int64_t grace_s, threshold, validity_s, counter_window_s;
    int64_t per_right, per_kind; /* as in struct knowledge_policy */
    int64_t spacing[KNOWLEDGE_SPACING_MAX];
    uint32_t spacing_count;
    uint32_t required, required_count, kinds, kinds_count; /* in records.pool */
    int64_t grace_days, counter_days; /* as in struct knowledge_policy, and so its calendar */
    int32_t offset_s, from_day, until_day;
    unsigned weekend;
    uint32_t exceptions, exceptions_count; /* in records.pool, as numbers of days */
    bool has_strike, lapse, transfer_carries, spacing_in_days;
};

/* coverage: from and to; order: it expires at to. */
struct record_span {
    int64_t from_ns, to_ns;
};

struct record_problem {
    uint32_t id;
    bool incomplete; /* else two bodies */
};

/* One more record of an id: a part, a double, or one of those that are excluded. */
struct record_seq {
    uint32_t id;
    uint64_t seq;
};

/* Zeroed but for the names' seeds, it is empty and ready. */
struct records {
    struct names ids, names;
    struct record *at;
    size_t count, room;
    uint8_t (*rests)[KNOWLEDGE_DIGEST_BYTES]; /* of each record, until records_settle */
    size_t rests_room;
    struct record_list *lists;
    size_t lists_count, lists_room;
    struct record_policy *policies;
    size_t policies_count, policies_room;
    struct record_span *spans;
    size_t spans_count, spans_room;
    uint32_t *pool;
    size_t pool_count, pool_room;
    struct record_problem *problems; /* sorted by id */
    size_t problems_count, problems_room;
    struct record_seq *seqs; /* of ids with several records: each of them, by id and seq */
    size_t seqs_count, seqs_room;
};

/* Appends the event. 0, -ENOMEM or -EOVERFLOW. */
int records_add(struct records *records, const struct knowledge_event *event);

/* Once, after the last: at becomes the set, sorted by (at, id). 0 or -ENOMEM. */
int records_settle(struct records *records);

/* The record's time as an interval. */
static inline struct moment record_moment(const struct record *record)
{
    return (struct moment){record->at_ns, record->unc_ms * MOMENT_NS_PER_MS};
}

/* What the record lists; an empty list that is not given when it has none. */
const struct record_list *record_list(const struct records *records, const struct record *record);

/* The text of the record's event id. */
static inline struct knowledge_text record_id(const struct records *records,
                                              const struct record *record)
{
    return names_text(&records->ids, record->id);
}

/* Frees what it holds. */
void records_close(struct records *records);

#endif
