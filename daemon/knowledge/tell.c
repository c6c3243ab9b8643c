/*
 * Which records hold an event, and what each notice came to.
 */
#include "daemon/knowledge/tell.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/knowledge/came.h"
#include "daemon/knowledge/deadline.h"
#include "daemon/knowledge/notices.h"
#include "daemon/knowledge/set.h"
#include "daemon/knowledge/vector.h"

size_t knowledge_seqs(const struct knowledge *knowledge, struct knowledge_text id,
                      uint64_t *ret_seqs, size_t room)
{
    const struct records *records = &knowledge->facts.records;
    assert(knowledge->built);
    uint32_t number = names_find(&records->ids, id);
    if (number == NAMES_NONE)
        return 0;
    /* Ids with several records stand together, by number. */
    size_t low = 0, high = records->seqs_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (records->seqs[middle].id < number)
            low = middle + 1;
        else
            high = middle;
    }
    size_t count = 0;
    for (; low < records->seqs_count && records->seqs[low].id == number; low++) {
        if (count < room)
            ret_seqs[count] = records->seqs[low].seq;
        count++;
    }
    if (count > 0 || knowledge->record_of[number] == 0)
        return count;
    if (room > 0)
        ret_seqs[0] = records->at[knowledge->record_of[number] - 1].seq;
    return 1;
}

int knowledge_notice_ids(const struct knowledge *knowledge, struct knowledge_text notice,
                         knowledge_take_id *take, void *context)
{
    const struct facts *facts = &knowledge->facts;
    assert(knowledge->built);
    uint32_t name = names_find(&facts->records.names, notice);
    uint32_t thing = things_find(&facts->notices_named, 0, name);
    if (name == NAMES_NONE || thing == THINGS_NONE)
        return 0;
    struct index_slice records = facts_of(facts, FACTS_NOTICE_RECORDS, thing);
    int result = 0;
    for (size_t i = 0; i < records.count && result == 0; i++)
        result = take(context, record_id(&facts->records, facts_record(facts, records.at[i])));
    return result;
}

bool knowledge_is_party(const struct knowledge *knowledge, struct knowledge_text merchant)
{
    const struct facts *facts = &knowledge->facts;
    uint32_t name = names_find(&facts->records.names, merchant);
    uint32_t thing = things_find(&facts->merchants, 0, name);
    return name != NAMES_NONE && thing != THINGS_NONE && facts_is_party(facts, thing);
}

/* A walk over notices. */
struct telling {
    const struct facts *facts;
    uint32_t platform;               /* 0: all */
    const struct cluster *merchants; /* NULL: all */
    const struct cluster *reached;   /* whose accounts passed to or from these */
    struct moment at;
    knowledge_take_notice *take;
    void *context;
    struct knowledge_noticed *listings;
    size_t listings_room;
    struct knowledge_persisted *persisted; /* of the notice under way */
    size_t persisted_count, persisted_room;
};

static struct knowledge_text name_of(const struct facts *facts, const struct things *things,
                                     uint32_t number)
{
    return names_text(&facts->records.names, things_name(things, number));
}

/* The last live sighting surely in (from, to), if there is one, ends a period in which the listing
   stayed active. 0 or -ENOMEM. */
static int tell_period(struct telling *telling, uint32_t listing, int64_t from_ns, int64_t to_ns)
{
    const struct facts *facts = telling->facts;
    struct index_slice active = facts_of(facts, FACTS_LISTING_ACTIVE, listing);
    size_t i = facts_after(facts, active, to_ns < telling->at.at_ns ? to_ns : telling->at.at_ns);
    while (i > 0 && moment_high(record_moment(facts_record(facts, active.at[i - 1]))) >= to_ns)
        i--;
    for (; i > 0 && facts_record(facts, active.at[i - 1])->at_ns > from_ns; i--) {
        const struct record *seen = facts_record(facts, active.at[i - 1]);
        if (moment_low(record_moment(seen)) <= from_ns)
            continue;
        struct knowledge_persisted *persisted =
            vector_room(telling->persisted, &telling->persisted_room, telling->persisted_count, 1,
                        sizeof *persisted);
        if (persisted == NULL)
            return -ENOMEM;
        telling->persisted = persisted;
        persisted[telling->persisted_count++] =
            (struct knowledge_persisted){from_ns, seen->at_ns, record_id(&facts->records, seen)};
        break;
    }
    return 0;
}

/* "a particular infringing listing remains active despite notice" (op. at 7): when it did, as
   remained.c judges it (domain 2.3, PERSISTING and RESTORED_BY_PLATFORM). 0 or -ENOMEM. */
static int tell_persisted(struct telling *telling, const struct facts_item *item,
                          struct moment grace_end, struct knowledge_noticed *noticed)
{
    const struct facts *facts = telling->facts;
    struct index_slice removals = facts_of(facts, FACTS_LISTING_REMOVALS, item->listing);
    int64_t from_ns = moment_high(grace_end);
    size_t before = telling->persisted_count;
    bool open = true;
    int result = 0;
    for (size_t i = facts_after(facts, removals, item->at_ns); i < removals.count && result == 0;
         i++) {
        const struct record *record = facts_record(facts, removals.at[i]);
        if (record->at_ns > telling->at.at_ns)
            break;
        if (open)
            result =
                tell_period(telling, item->listing, from_ns, moment_low(record_moment(record)));
        open = record->kind == KNOWLEDGE_RESTORE && record->state == KNOWLEDGE_STATE_PLATFORM &&
               (record->flags & RECORD_AFTER_COUNTER) == 0;
        from_ns = moment_high(record_moment(record));
    }
    if (open && result == 0)
        result = tell_period(telling, item->listing, from_ns, INT64_MAX);
    noticed->persisted_count = telling->persisted_count - before;
    return result;
}

/* When it was first removed after the notice took effect, and what was seen last. */
static void tell_removal(const struct telling *telling, const struct facts_item *item,
                         struct moment grace_end, struct knowledge_noticed *noticed)
{
    const struct facts *facts = telling->facts;
    struct index_slice removals = facts_of(facts, FACTS_LISTING_REMOVALS, item->listing);
    struct index_slice active = facts_of(facts, FACTS_LISTING_ACTIVE, item->listing);
    int64_t last_ns = INT64_MIN;
    for (size_t i = facts_after(facts, removals, item->at_ns); i < removals.count; i++) {
        const struct record *record = facts_record(facts, removals.at[i]);
        if (record->at_ns > telling->at.at_ns)
            break;
        last_ns = record->at_ns;
        if (record->kind == KNOWLEDGE_RESTORE || noticed->removed)
            continue;
        noticed->removed = true;
        noticed->found_gone = record->kind == KNOWLEDGE_SIGHTING;
        noticed->removed_ns = record->at_ns;
        noticed->removed_unc_ms = record->unc_ms;
        noticed->removed_id = record_id(&facts->records, record);
        bool after = moment_before(grace_end, record_moment(record)) == MOMENT_YES;
        /* Domain 2.1: observed gone gives only an upper bound (removal_time_unknown). */
        size_t first = telling->persisted_count - noticed->persisted_count;
        bool persisted =
            noticed->persisted_count > 0 && telling->persisted[first].to_ns < record->at_ns;
        noticed->late = after && (persisted || !noticed->found_gone);
        noticed->late_unknown = after && !noticed->late;
    }
    size_t seen = facts_after(facts, active, telling->at.at_ns);
    if (seen == 0)
        return;
    const struct record *record = facts_record(facts, active.at[seen - 1]);
    noticed->active = record->at_ns > last_ns;
    noticed->active_ns = record->at_ns;
    noticed->active_id = record_id(&facts->records, record);
}

/* The grace time that the platform had by its policy of then. Returns when it ends. */
static struct moment tell_grace(const struct facts *facts, const struct facts_item *item,
                                struct knowledge_noticed *noticed)
{
    uint32_t platform = facts_record(facts, facts->notices[item->notice].record)->platform;
    noticed->grace = facts_grace(facts, platform, item->at_ns);
    return deadline_grace(&facts->records, facts_policy(facts, platform, item->at_ns),
                          notices_moment(item));
}

/* Room for one more; it is zeroed but for its listing and merchant. NULL: out of memory. */
static struct knowledge_noticed *add_listing(struct telling *telling, size_t count,
                                             uint32_t listing)
{
    const struct facts *facts = telling->facts;
    struct knowledge_noticed *listings =
        vector_room(telling->listings, &telling->listings_room, count, 1, sizeof *listings);
    if (listings == NULL)
        return NULL;
    telling->listings = listings;
    listings[count] = (struct knowledge_noticed){
        .listing = name_of(facts, &facts->listings, listing),
        .merchant = name_of(facts, &facts->merchants, facts->merchant_of[listing]),
    };
    return &listings[count];
}

/* Whether it is told of; *ret_came: from whom it came to who is asked for. */
static bool is_wanted(const struct telling *telling, const struct record *sent, uint32_t listing,
                      struct moment known, struct knowledge_came *ret_came)
{
    const struct facts *facts = telling->facts;
    const struct strikes_question question = {sent->platform, telling->at};
    struct came came = {THINGS_NONE, true};
    bool wanted =
        telling->merchants == NULL ||
        came_notice(facts, &question, listing, known, telling->merchants, telling->reached, &came);
    *ret_came = (struct knowledge_came){name_of(facts, &facts->merchants, came.from), came.sure};
    return wanted;
}

/* All of a notice's listings; *items and *unmet are where they begin, and then those of the next
   notice. 0 or -ENOMEM. */
static int tell_listings(struct telling *telling, uint32_t notice, size_t *items, size_t *unmet,
                         struct knowledge_notice *ret_notice)
{
    const struct facts *facts = telling->facts;
    const struct record *sent = facts_record(facts, facts->notices[notice].record);
    struct knowledge_came came;
    size_t count = 0;
    telling->persisted_count = 0;
    for (; *items < facts->items_count && facts->items[*items].notice == notice; ++*items) {
        const struct facts_item *item = &facts->items[*items];
        if (item->at_ns > telling->at.at_ns ||
            !is_wanted(telling, sent, item->listing, notices_moment(item), &came))
            continue;
        struct knowledge_noticed *noticed = add_listing(telling, count, item->listing);
        if (noticed == NULL)
            return -ENOMEM;
        struct notices_standing standing = notices_standing(facts, item, telling->at);
        noticed->came = came;
        noticed->effective = true;
        noticed->known_ns = item->at_ns;
        noticed->known_unc_ms = item->unc_ms;
        noticed->grade = (enum knowledge_reason)(KNOWLEDGE_REASON_GRADE_A + item->grade);
        noticed->standing = standing.answer;
        noticed->why = standing.reason;
        struct moment grace_end = tell_grace(facts, item, noticed);
        if (tell_persisted(telling, item, grace_end, noticed) < 0)
            return -ENOMEM;
        tell_removal(telling, item, grace_end, noticed);
        count++;
    }
    for (; *unmet < facts->unmet_count && facts->unmet[*unmet] == notice; *unmet += 2) {
        uint64_t why = facts->notices[notice].why;
        if (!is_wanted(telling, sent, facts->unmet[*unmet + 1], record_moment(sent), &came))
            continue;
        struct knowledge_noticed *noticed = add_listing(telling, count, facts->unmet[*unmet + 1]);
        if (noticed == NULL)
            return -ENOMEM;
        noticed->came = came;
        noticed->why =
            why == 0 ? KNOWLEDGE_REASON_NO_NOTICE : (enum knowledge_reason)__builtin_ctzll(why);
        count++;
    }
    const struct knowledge_persisted *next = telling->persisted; /* which moves no more */
    for (size_t i = 0; i < count; i++) {
        telling->listings[i].persisted = next;
        next += telling->listings[i].persisted_count;
    }
    ret_notice->listings = telling->listings;
    ret_notice->listings_count = count;
    return 0;
}

static int tell_notice(struct telling *telling, uint32_t notice, size_t *items, size_t *unmet)
{
    const struct facts *facts = telling->facts;
    const struct record *sent = facts_record(facts, facts->notices[notice].record);
    struct knowledge_notice told = {
        .notice = name_of(facts, &facts->notices_named, sent->subject),
        .id = record_id(&facts->records, sent),
        .platform = name_of(facts, &facts->platforms, sent->platform),
        .channel = name_of(facts, &facts->channels, sent->other),
        .kind = names_text(&facts->records.names, sent->word),
        .sent_ns = sent->at_ns,
        .sent_unc_ms = sent->unc_ms,
        .designated = facts->notices[notice].designated,
    };
    int result = tell_listings(telling, notice, items, unmet, &told);
    bool wanted = telling->merchants == NULL || told.listings_count > 0;
    if (telling->platform != THINGS_NONE && telling->platform != sent->platform)
        wanted = false;
    if (result < 0 || !wanted || sent->at_ns > telling->at.at_ns)
        return result;
    return telling->take(telling->context, &told);
}

int knowledge_notices(struct knowledge *knowledge, const struct knowledge_filter *filter,
                      int64_t at_ns, knowledge_take_notice *take, void *context)
{
    const struct facts *facts = &knowledge->facts;
    const struct names *names = &facts->records.names;
    struct telling telling = {
        .facts = facts, .at = {.at_ns = at_ns}, .take = take, .context = context};
    size_t items = 0, unmet = 0;
    int result = 0;
    assert(knowledge->built);
    telling.platform = things_find(&facts->platforms, 0, names_find(names, filter->platform));
    uint32_t merchant = things_find(&facts->merchants, 0, names_find(names, filter->merchant));
    if ((filter->platform.at != NULL && telling.platform == THINGS_NONE) ||
        (filter->merchant.at != NULL && merchant == THINGS_NONE))
        return 0;
    if (merchant != THINGS_NONE) {
        cluster_find(&knowledge->evaluator.same, facts, merchant, cluster_ever, false);
        telling.merchants = &knowledge->evaluator.same;
        telling.reached = &knowledge->evaluator.strikes.reached;
        if (facts->transfers)
            cluster_reach(&knowledge->evaluator.strikes.reached, facts, telling.merchants);
    }
    /* Items and unmet listings stand by notice, in the order of notices. */
    for (uint32_t i = 0; i < facts->notices_count && result == 0; i++)
        result = tell_notice(&telling, i, &items, &unmet);
    free(telling.listings);
    free(telling.persisted);
    return result;
}
