/*
 * Records in, warnings out; which were given; and which are to be given when the start is over.
 */
#include "daemon/warnings.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/knowledge/vector.h"
#include "daemon/record_event.h"
#include "daemon/warnings_core.h"

/* The slot of the key, or the free one where it belongs. */
static size_t find_slot(const struct warnings *warnings, int64_t key)
{
    uint64_t mixed = (uint64_t)key * UINT64_C(0x9e3779b97f4a7c15);
    size_t slot = (size_t)(mixed ^ mixed >> 32) & (warnings->slots_count - 1);
    while (warnings->slots[slot] != 0 && warnings->given[warnings->slots[slot] - 1].key != key)
        slot = (slot + 1) & (warnings->slots_count - 1);
    return slot;
}

static struct warnings_given *find_given(const struct warnings *warnings, int64_t key)
{
    if (warnings->given_count == 0)
        return NULL;
    uint32_t number = warnings->slots[find_slot(warnings, key)];
    return number == 0 ? NULL : &warnings->given[number - 1];
}

bool warnings_were_given(const struct warnings *warnings, int64_t key)
{
    const struct warnings_given *given = find_given(warnings, key);
    return given != NULL && given->since_ns != INT64_MIN;
}

enum warnings_period warnings_period(const struct warnings *warnings, int64_t key, int64_t since_ns)
{
    const struct warnings_given *given = find_given(warnings, key);
    if (given == NULL || given->since_ns == INT64_MIN)
        return WARNINGS_PERIOD_NEW;
    if (given->since_ns == since_ns)
        return WARNINGS_PERIOD_GIVEN;
    if (given->shut)
        return WARNINGS_PERIOD_NEW;
    return since_ns < given->since_ns ? WARNINGS_PERIOD_GIVEN : WARNINGS_PERIOD_LATER;
}

void warnings_shut(struct warnings *warnings, int64_t key, int64_t at_ns)
{
    struct warnings_given *given = find_given(warnings, key);
    if (given != NULL && at_ns > given->since_ns)
        given->shut = true;
}

/* The key's place; it is new with since_ns INT64_MIN. NULL: out of memory. */
static struct warnings_given *add_given(struct warnings *warnings, int64_t key)
{
    struct warnings_given *there = find_given(warnings, key);
    if (there != NULL)
        return there;
    struct warnings_given *given = vector_room(warnings->given, &warnings->given_room,
                                               warnings->given_count, 1, sizeof *given);
    if (given == NULL)
        return NULL;
    warnings->given = given;
    int grown = vector_slots(&warnings->slots, &warnings->slots_count, warnings->given_count);
    if (grown < 0)
        return NULL;
    for (size_t i = 0; grown > 0 && i < warnings->given_count; i++)
        warnings->slots[find_slot(warnings, given[i].key)] = (uint32_t)i + 1;
    warnings->slots[find_slot(warnings, key)] = (uint32_t)warnings->given_count + 1;
    given[warnings->given_count] = (struct warnings_given){.key = key, .since_ns = INT64_MIN};
    return &given[warnings->given_count++];
}

/* Without the sightings that it rests on, its period could not be told from one that begins when a
   removal is recorded late. 0 or -ENOMEM. */
static int rely(struct warnings *warnings, const struct warning *warning)
{
    int result = 0;
    if (warning->by_strikes || warning->listing.at == NULL)
        return 0;
    int64_t key = warnings_listing_key(warning->listing);
    for (size_t i = 0; i < warning->rests_count && result == 0; i++)
        result = ties_rely(warnings->ties, key, warning->rests[i]);
    return result;
}

int warnings_give(struct warnings *warnings, const struct warning *warning)
{
    if (!warnings->live)
        return 0;
    struct warnings_given *given = add_given(warnings, warning_key(warning));
    if (given == NULL)
        return -ENOMEM;
    given->since_ns = warning->since_ns;
    given->shut = false;
    int result = rely(warnings, warning);
    return result < 0 ? result : warnings->due(warnings->context, warning);
}

/* A warning's own record: it was given. Once live this is known before. */
static int take_own(struct warnings *warnings, const char *line, size_t len)
{
    struct warning own;
    if (warnings->live || warning_decode(warnings->parser, line, len, &own) < 0)
        return 0; /* or it is not of this version's form */
    struct warnings_given *given = add_given(warnings, warning_key(&own));
    if (given == NULL)
        return -ENOMEM;
    given->since_ns = own.since_ns;
    given->shut = false;
    if (own.on > warnings->settled)
        warnings->settled = own.on; /* there may be another on the same */
    return rely(warnings, &own);
}

/* The event in a record's line. 1; 0: there is none that can be read. */
static int read_event(struct warnings *warnings, const char *line, const struct record_head *head,
                      const struct line_place *place, struct knowledge_event *ret_event,
                      struct warnings_record *ret_record)
{
    struct reject reject = {0};
    const char *raw;
    size_t raw_len;
    if (!record_event_find(line, place->len, &raw, &raw_len) ||
        event_peek(warnings->decoder, raw, raw_len, ret_event, &reject) != REJECT_NONE)
        return 0;
    *ret_record = (struct warnings_record){.event = ret_event,
                                           .place = *place,
                                           .run = head->run,
                                           .wall_ns = head->wall_ns,
                                           .ahead = evidence_is_ahead(ret_event, head->wall_ns)};
    return 1;
}

int warnings_take(struct warnings *warnings, const struct line_place *place, const char *line)
{
    struct knowledge_event event;
    struct warnings_record record;
    struct record_head head;
    enum record_kind kind;
    if (record_decode_head(line, place->len, &head, &kind) < 0)
        return -EBADMSG;
    if (kind == RECORD_WARNING)
        return take_own(warnings, line, place->len);
    if (kind == RECORD_MATCH || (kind == RECORD_SUPPORT && warnings->noticed == 0) ||
        !read_event(warnings, line, &head, place, &event, &record))
        return 0;
    int result = warnings_tie(warnings, &record);
    return result != 0 ? result : warnings_ask(warnings, &record, WARNINGS_BOTH);
}

static int compare_waiting(const void *a, const void *b)
{
    uint64_t first = ((const struct warnings_waiting *)a)->place.seq;
    uint64_t second = ((const struct warnings_waiting *)b)->place.seq;
    bool first_of = ((const struct warnings_waiting *)a)->of_merchant;
    bool second_of = ((const struct warnings_waiting *)b)->of_merchant;
    if (first != second)
        return first < second ? -1 : 1;
    return (int)first_of - (int)second_of;
}

static int ask_waiting(struct warnings *warnings, const struct warnings_waiting *waiting)
{
    const struct line_place *place = &waiting->place;
    struct knowledge_event event;
    struct warnings_record record;
    struct record_head head;
    enum record_kind kind;
    const char *line;
    int result = feed_lines_at(warnings->lines, place, &line);
    if (result < 0)
        return result;
    if (record_decode_head(line, place->len, &head, &kind) < 0)
        return -EBADMSG;
    if (!read_event(warnings, line, &head, place, &event, &record))
        return 0;
    return warnings_ask(warnings, &record,
                        waiting->of_merchant ? WARNINGS_MERCHANT : WARNINGS_LISTING);
}

static void end_waiting(struct warnings *warnings)
{
    free(warnings->waiting);
    warnings->waiting = NULL;
    warnings->waiting_count = warnings->waiting_room = warnings->waiting_at = 0;
}

int warnings_live(struct warnings *warnings)
{
    if (!warnings->live && warnings->waiting_count > 0)
        /* As they came, which is as they stand in the feed. Their things find them no longer. */
        qsort(warnings->waiting, warnings->waiting_count, sizeof *warnings->waiting,
              compare_waiting);
    warnings->live = true;
    while (warnings->waiting_at < warnings->waiting_count) {
        const struct warnings_waiting *now = &warnings->waiting[warnings->waiting_at++];
        if (now->place.seq < warnings->settled)
            continue;
        /* The last by date is mostly the last that came. */
        if (warnings->waiting_at > 1 && now[-1].place.seq == now->place.seq &&
            now[-1].of_merchant == now->of_merchant)
            continue;
        int result = ask_waiting(warnings, now);
        return result < 0 ? result : 1;
    }
    end_waiting(warnings);
    return 0;
}

int warnings_open(const char *ledger, size_t bytes_max, warnings_due *due, void *context,
                  struct warnings **ret_warnings)
{
    static const struct evidence_limits limits = {.has_as_of = false};
    struct warnings *warnings = calloc(1, sizeof *warnings);
    if (warnings == NULL)
        return -ENOMEM;
    warnings->due = due;
    warnings->context = context;
    int result = feed_lines_open(ledger, &warnings->lines);
    warnings->decoder = event_open();
    warnings->parser = json_open();
    warnings->ties = ties_open(bytes_max);
    warnings->evidence = evidence_open(&limits, warnings_item, warnings_see, warnings);
    if (result == 0)
        warnings->trail = trail_open(warnings->lines, warnings_find, NULL, warnings);
    if (result == 0 &&
        (warnings->decoder == NULL || warnings->parser == NULL || warnings->ties == NULL ||
         warnings->evidence == NULL || warnings->trail == NULL))
        result = -ENOMEM;
    if (result < 0)
        warnings = warnings_close(warnings);
    *ret_warnings = warnings;
    return result;
}

size_t warnings_bytes(const struct warnings *warnings)
{
    return ties_bytes(warnings->ties) + warnings->given_room * sizeof *warnings->given +
           warnings->slots_count * sizeof *warnings->slots +
           warnings->waiting_room * sizeof *warnings->waiting;
}

uint64_t warnings_refused(const struct warnings *warnings)
{
    return ties_refused(warnings->ties);
}

uint64_t warnings_evicted(const struct warnings *warnings)
{
    return ties_evicted(warnings->ties);
}

struct warnings *warnings_close(struct warnings *warnings)
{
    if (warnings == NULL)
        return NULL;
    warnings->trail = trail_close(warnings->trail);
    warnings->lines = feed_lines_close(warnings->lines);
    warnings->decoder = event_close(warnings->decoder);
    warnings->parser = json_close(warnings->parser);
    warnings->ties = ties_close(warnings->ties);
    warnings->evidence = evidence_close(warnings->evidence);
    free(warnings->given);
    free(warnings->slots);
    free(warnings->waiting);
    free(warnings);
    return NULL;
}
