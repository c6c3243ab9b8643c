/*
 * A walk over keys, breadth first, one turn after the other. An event leads on to what the rules
 * read beside it:
 *
 *   any event            to all of its id, which may contradict it, and to the reviews of it
 *   listing              to all about the listing; few are met that are not the merchant's
 *   merchant.link        to the other merchant, who may be the same
 *   merchant.transfer    to the other account, whose strikes may have come with it
 *   notice.*, counter.*  to all about the notice
 *   strike               to all about the strike, which may revoke it
 *   order.party          to the merchant, when the question is the order
 */
#include "daemon/trail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/knowledge/vector.h"
#include "daemon/number_set.h"

struct trail {
    struct feed_lines *lines;
    trail_find *find;
    trail_record *record;
    void *context;
    struct number_set keys, seqs; /* that were asked for, and read */
    int64_t *queue;
    size_t queue_at, queue_count, queue_room;
    struct line_place *places; /* under the keys under way */
    size_t places_count, places_room;
    struct knowledge_text order; /* whose parties are asked about */
};

int trail_key(struct trail *trail, int64_t key)
{
    /* The set holds no UINT64_MAX: such a key shares the place of its neighbour. */
    uint64_t number = (uint64_t)key == UINT64_MAX ? UINT64_MAX - 1 : (uint64_t)key;
    int added = number_set_add(&trail->keys, number);
    if (added <= 0)
        return added;
    int64_t *queue =
        vector_room(trail->queue, &trail->queue_room, trail->queue_count, 1, sizeof *queue);
    if (queue == NULL)
        return -ENOMEM;
    trail->queue = queue;
    queue[trail->queue_count++] = key;
    return 0;
}

int trail_name(struct trail *trail, enum index_thing thing, struct knowledge_text name)
{
    static const struct knowledge_text none = {NULL, 0};
    return name.at == NULL ? 0 : trail_key(trail, index_key(thing, none, name));
}

void trail_parties_of(struct trail *trail, struct knowledge_text order)
{
    trail->order = order;
}

/* Of a listing, with and without its platform. */
static int push_listing(struct trail *trail, const struct knowledge_event *event)
{
    static const struct knowledge_text none = {NULL, 0};
    int result = trail_key(trail, index_key(INDEX_LISTING, event->platform, event->listing));
    return result < 0 ? result : trail_key(trail, index_key(INDEX_LISTING, none, event->listing));
}

static int take_place(void *context, const struct line_place *place)
{
    struct trail *trail = context;
    struct line_place *places =
        vector_room(trail->places, &trail->places_room, trail->places_count, 1, sizeof *places);
    if (places == NULL)
        return -ENOMEM;
    trail->places = places;
    places[trail->places_count++] = *place;
    return 0;
}

/* An id of the daemon's own form leads to the record that it names, whose own id is no key. */
static int follow_own(struct trail *trail, const struct evidence_item *item)
{
    uint64_t seq;
    if (trail->record == NULL || index_own_id(item->event->id, &seq) < 0 || seq == item->seq)
        return 0;
    return trail->record(trail->context, seq, take_place, trail);
}

int trail_see(struct trail *trail, const struct evidence_item *item)
{
    const struct knowledge_event *event = item->event;
    int result = trail_name(trail, INDEX_ID, event->id);
    if (result == 0)
        result = follow_own(trail, item);
    if (result < 0)
        return result;
    switch (event->kind) {
    case KNOWLEDGE_LISTING:
        return push_listing(trail, event);
    case KNOWLEDGE_ACCOUNT:
    case KNOWLEDGE_MERCHANT_LINK:
        result = trail_name(trail, INDEX_MERCHANT, event->merchant);
        return result < 0 ? result : trail_name(trail, INDEX_MERCHANT, event->other);
    case KNOWLEDGE_STRIKE:
        return trail_name(trail, INDEX_STRIKE, event->subject);
    case KNOWLEDGE_ORDER_PARTY:
        if (trail->order.at == NULL || event->subject.len != trail->order.len ||
            memcmp(event->subject.at, trail->order.at, trail->order.len) != 0)
            return 0;
        return trail_name(trail, INDEX_MERCHANT, event->merchant);
    case KNOWLEDGE_COUNTER_DECISION:
    case KNOWLEDGE_COUNTER_FILED:
    case KNOWLEDGE_NOTICE_ACK:
    case KNOWLEDGE_NOTICE_CORRECT:
    case KNOWLEDGE_NOTICE_DECISION:
    case KNOWLEDGE_NOTICE_RECEIVED:
    case KNOWLEDGE_NOTICE_SENT:
    case KNOWLEDGE_NOTICE_WITHDRAW:
        return trail_name(trail, INDEX_NOTICE, event->subject);
    case KNOWLEDGE_OTHER:
    case KNOWLEDGE_CHANNEL:
    case KNOWLEDGE_COVERAGE:
    case KNOWLEDGE_ORDER:
    case KNOWLEDGE_ORDER_ACK:
    case KNOWLEDGE_ORDER_DISMISSED:
    case KNOWLEDGE_ORDER_SERVED:
    case KNOWLEDGE_ORDER_VACATED:
    case KNOWLEDGE_POLICY:
    case KNOWLEDGE_RESTORE:
    case KNOWLEDGE_SIGHTING:
    case KNOWLEDGE_SUPPORT:
    case KNOWLEDGE_TAKEDOWN:
    case KNOWLEDGE_KINDS_COUNT:
        break;
    }
    return 0;
}

/* Reads one line, the first time that it is asked for, and hands it over. */
static int read_place(struct trail *trail, const struct line_place *place,
                      struct evidence *evidence)
{
    const char *line;
    int added = number_set_add(&trail->seqs, place->seq);
    if (added <= 0)
        return added;
    int result = feed_lines_at(trail->lines, place, &line);
    return result < 0 ? result : evidence_line(evidence, line, place->len);
}

static int compare_keys(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static int compare_places(const void *left, const void *right)
{
    uint64_t a = ((const struct line_place *)left)->seq;
    uint64_t b = ((const struct line_place *)right)->seq;
    return (a > b) - (a < b);
}

/* All keys that wait now, and all their records: each in the order in which it is kept, so that no
   page of an index or a feed is sought twice. What is read adds keys for the next turn. */
static int walk_wave(struct trail *trail, struct evidence *evidence)
{
    size_t end = trail->queue_count;
    int result = 0;
    trail->places_count = 0;
    if (end - trail->queue_at > 1)
        qsort(trail->queue + trail->queue_at, end - trail->queue_at, sizeof *trail->queue,
              compare_keys);
    while (trail->queue_at < end && result == 0)
        result = trail->find(trail->context, trail->queue[trail->queue_at++], take_place, trail);
    if (trail->places_count > 1)
        qsort(trail->places, trail->places_count, sizeof *trail->places, compare_places);
    /* What is read may add places, too, behind those. */
    for (size_t i = 0; i < trail->places_count && result == 0; i++) {
        struct line_place place = trail->places[i];
        result = read_place(trail, &place, evidence);
    }
    return result;
}

int trail_walk(struct trail *trail, struct evidence *evidence)
{
    int result = 0;
    while (result == 0 && trail->queue_at < trail->queue_count)
        result = walk_wave(trail, evidence);
    return result;
}

int trail_line(struct trail *trail, const struct line_place *place, struct evidence *evidence)
{
    int result = read_place(trail, place, evidence);
    return result < 0 ? result : trail_walk(trail, evidence);
}

struct trail *trail_open(struct feed_lines *lines, trail_find *find, trail_record *record,
                         void *context)
{
    struct trail *trail = calloc(1, sizeof *trail);
    if (trail == NULL)
        return NULL;
    trail->lines = lines;
    trail->find = find;
    trail->record = record;
    trail->context = context;
    return trail;
}

void trail_begin(struct trail *trail)
{
    number_set_clear(&trail->keys);
    number_set_clear(&trail->seqs);
    trail->queue_at = trail->queue_count = trail->places_count = 0;
    trail->order = (struct knowledge_text){NULL, 0};
}

struct trail *trail_close(struct trail *trail)
{
    if (trail == NULL)
        return NULL;
    number_set_close(&trail->keys);
    number_set_close(&trail->seqs);
    free(trail->queue);
    free(trail->places);
    free(trail);
    return NULL;
}
