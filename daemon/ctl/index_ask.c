/*
 * A walk over keys, breadth first. An event leads on to what the rules read beside it:
 *
 *   any event            to all of its id, which may contradict it, and to the reviews of it
 *   listing              to all about the listing; few are met that are not the merchant's
 *   merchant.link        to the other merchant, who may be the same
 *   notice.*, counter.*  to all about the notice
 *   strike               to all about the strike, which may revoke it
 *   order.party          to the merchant, when the question is the order
 */
#include "daemon/ctl/index_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/folder.h"
#include "daemon/ctl/index_build.h"
#include "daemon/index_keys.h"
#include "daemon/json.h"
#include "daemon/knowledge/vector.h"
#include "daemon/ledger/record.h"
#include "daemon/number_set.h"
#include "io/segment.h"

#define FILES_MAX       64u /* segments that are open at once */
#define PATH_BYTES      4096u
#define LINE_READ_BYTES (RECORD_LINE_BYTES_MAX + JSON_SLACK_BYTES)

struct file {
    uint64_t segment;
    int fd; /* + 1; 0: not open */
};

struct index_ask {
    struct index_db *db;
    struct feed *feed;
    struct evidence *evidence;
    int folder_fd;
    struct file files[FILES_MAX];
    struct number_set keys, seqs; /* that were asked for, and read */
    int64_t *queue;
    size_t queue_at, queue_count, queue_room;
    struct index_place *places; /* under the key under way */
    size_t places_count, places_room;
    struct knowledge_text order; /* whose parties are asked about */
    char line[LINE_READ_BYTES];
};

static int push(struct index_ask *ask, int64_t key)
{
    /* The set holds no UINT64_MAX: such a key shares the place of its neighbour. */
    uint64_t number = (uint64_t)key == UINT64_MAX ? UINT64_MAX - 1 : (uint64_t)key;
    int added = number_set_add(&ask->keys, number);
    if (added <= 0)
        return added;
    int64_t *queue = vector_room(ask->queue, &ask->queue_room, ask->queue_count, 1, sizeof *queue);
    if (queue == NULL)
        return -ENOMEM;
    ask->queue = queue;
    queue[ask->queue_count++] = key;
    return 0;
}

static int push_name(struct index_ask *ask, enum index_thing thing, struct knowledge_text name)
{
    static const struct knowledge_text none = {NULL, 0};
    return name.at == NULL ? 0 : push(ask, index_key(thing, none, name));
}

/* Of a listing, with and without its platform. */
static int push_listing(struct index_ask *ask, const struct knowledge_event *event)
{
    static const struct knowledge_text none = {NULL, 0};
    int result = push(ask, index_key(INDEX_LISTING, event->platform, event->listing));
    return result < 0 ? result : push(ask, index_key(INDEX_LISTING, none, event->listing));
}

static int take_place(void *context, const struct index_place *place)
{
    struct index_ask *ask = context;
    struct index_place *places =
        vector_room(ask->places, &ask->places_room, ask->places_count, 1, sizeof *places);
    if (places == NULL)
        return -ENOMEM;
    ask->places = places;
    places[ask->places_count++] = *place;
    return 0;
}

/* An id of the daemon's own form leads to the record that it names, whose own id is no key. */
static int follow_own(struct index_ask *ask, const struct evidence_item *item)
{
    uint64_t seq, found;
    const char *line;
    size_t len;
    if (index_own_id(item->event->id, &seq) < 0 || seq == item->seq)
        return 0;
    int result = feed_seek(ask->feed, seq);
    int more = result < 0 ? result : feed_next(ask->feed, &line, &len, &found);
    if (more <= 0 || found != seq)
        return more < 0 ? more : 0;
    struct index_place place = {.seq = seq, .len = (uint32_t)len};
    feed_place(ask->feed, &place.segment, &place.offset);
    return take_place(ask, &place);
}

int index_ask_see(struct index_ask *ask, const struct evidence_item *item)
{
    const struct knowledge_event *event = item->event;
    int result = push_name(ask, INDEX_ID, event->id);
    if (result == 0)
        result = follow_own(ask, item);
    if (result < 0)
        return result;
    switch (event->kind) {
    case KNOWLEDGE_LISTING:
        return push_listing(ask, event);
    case KNOWLEDGE_MERCHANT_LINK:
        result = push_name(ask, INDEX_MERCHANT, event->merchant);
        return result < 0 ? result : push_name(ask, INDEX_MERCHANT, event->other);
    case KNOWLEDGE_STRIKE:
        return push_name(ask, INDEX_STRIKE, event->subject);
    case KNOWLEDGE_ORDER_PARTY:
        if (ask->order.at == NULL || event->subject.len != ask->order.len ||
            memcmp(event->subject.at, ask->order.at, ask->order.len) != 0)
            return 0;
        return push_name(ask, INDEX_MERCHANT, event->merchant);
    case KNOWLEDGE_COUNTER_DECISION:
    case KNOWLEDGE_COUNTER_FILED:
    case KNOWLEDGE_NOTICE_ACK:
    case KNOWLEDGE_NOTICE_CORRECT:
    case KNOWLEDGE_NOTICE_DECISION:
    case KNOWLEDGE_NOTICE_RECEIVED:
    case KNOWLEDGE_NOTICE_SENT:
    case KNOWLEDGE_NOTICE_WITHDRAW:
        return push_name(ask, INDEX_NOTICE, event->subject);
    case KNOWLEDGE_OTHER:
    case KNOWLEDGE_ACCOUNT:
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

static int take_orphan(void *context, int64_t owner)
{
    return push(context, owner);
}

/* The segment's file. Its fd or -errno. */
static int open_file(struct index_ask *ask, uint64_t segment)
{
    char name[SEGMENT_NAME_BYTES];
    struct file *file = &ask->files[segment % FILES_MAX];
    if (file->fd > 0 && file->segment == segment)
        return file->fd - 1;
    if (file->fd > 0)
        (void)close(file->fd - 1); /* only read from */
    file->fd = 0;
    segment_name(segment, SEGMENT_LINES, name);
    int fd = openat(ask->folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd == -1)
        return errno == ENOENT ? -ESTALE : -errno;
    *file = (struct file){segment, fd + 1};
    return fd;
}

/* Reads one line, the first time that it is asked for, and hands it over. */
static int read_place(struct index_ask *ask, const struct index_place *place)
{
    struct record_head head;
    enum record_kind kind;
    int added = number_set_add(&ask->seqs, place->seq);
    if (added <= 0)
        return added;
    if (place->len >= RECORD_LINE_BYTES_MAX)
        return -ESTALE;
    int fd = open_file(ask, place->segment);
    if (fd < 0)
        return fd;
    ssize_t done = folder_read_at(fd, ask->line, place->len, place->offset);
    if (done < 0)
        return (int)done;
    memset(ask->line + done, 0, JSON_SLACK_BYTES);
    if ((size_t)done != place->len || record_decode_head(ask->line, place->len, &head, &kind) < 0 ||
        head.seq != place->seq)
        return -ESTALE;
    return evidence_line(ask->evidence, ask->line, place->len);
}

/* Until no key is left that was not asked for. */
static int walk(struct index_ask *ask)
{
    int result = 0;
    while (result == 0 && ask->queue_at < ask->queue_count) {
        ask->places_count = 0;
        result = index_db_find(ask->db, ask->queue[ask->queue_at++], take_place, ask);
        /* What is read may add places. */
        for (size_t i = 0; i < ask->places_count && result == 0; i++) {
            struct index_place place = ask->places[i];
            result = read_place(ask, &place);
        }
    }
    return result;
}

/* The record that says when the last one was written; whatever it is about. */
static int read_last(struct index_ask *ask, uint64_t seq)
{
    struct index_place place = {.seq = seq};
    const char *line;
    size_t len;
    uint64_t found;
    int result = feed_seek(ask->feed, seq);
    int more = result < 0 ? result : feed_next(ask->feed, &line, &len, &found);
    if (more <= 0 || found != seq)
        return more < 0 ? more : -ESTALE;
    feed_place(ask->feed, &place.segment, &place.offset);
    place.len = (uint32_t)len;
    result = read_place(ask, &place);
    return result < 0 ? result : walk(ask);
}

int index_ask_read(struct index_ask *ask, const struct index_question *question,
                   struct evidence *evidence)
{
    static const struct knowledge_text empty = {"", 0};
    int result = push_name(ask, INDEX_GLOBAL, empty);
    ask->evidence = evidence;
    /* A merchant alone, though its order is named: the other parties are not asked about. */
    if (question->merchant.at == NULL)
        ask->order = question->order;
    if (result == 0)
        result = push_name(ask, INDEX_UNRESOLVED, empty);
    if (result == 0)
        result = index_db_orphans(ask->db, take_orphan, ask);
    if (result == 0)
        result = push_name(ask, INDEX_MERCHANT, question->merchant);
    if (result == 0)
        result = push_name(ask, INDEX_PARTIES, ask->order);
    if (result == 0)
        result = walk(ask);
    return result < 0 || question->end == 0 ? result : read_last(ask, question->end - 1);
}

int index_ask_open(const char *ledger, struct index_ask **ret_ask, uint64_t *ret_end)
{
    char path[PATH_BYTES], feed_path[PATH_BYTES];
    int64_t unscoped = 0;
    struct index_ask *ask = calloc(1, sizeof *ask);
    *ret_ask = ask;
    if (ask == NULL)
        return -ENOMEM;
    ask->folder_fd = -1;
    if (snprintf(path, sizeof path, "%s/state/index.sqlite", ledger) >= (int)sizeof path ||
        snprintf(feed_path, sizeof feed_path, "%s/feed", ledger) >= (int)sizeof feed_path)
        return -ENAMETOOLONG;
    int result = index_db_open(path, false, &ask->db);
    if (result < 0)
        return result;
    ask->folder_fd = open(feed_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (ask->folder_fd == -1)
        return -errno;
    result = feed_open(ledger, &ask->feed);
    if (result < 0)
        return result;
    int fits = index_fits(ask->db, ask->feed, ret_end);
    if (fits <= 0)
        return fits == 0 ? -ESTALE : fits;
    result = index_build(ask->db, ask->feed, *ret_end, UINT64_MAX, INDEX_TEMP, ret_end);
    if (result == 0)
        result = index_db_get(ask->db, INDEX_META_UNSCOPED, &unscoped);
    return result == 0 && unscoped != 0 ? -ESTALE : result;
}

struct index_ask *index_ask_close(struct index_ask *ask)
{
    if (ask == NULL)
        return NULL;
    for (size_t i = 0; i < FILES_MAX; i++)
        if (ask->files[i].fd > 0)
            (void)close(ask->files[i].fd - 1); /* only read from */
    if (ask->folder_fd != -1)
        (void)close(ask->folder_fd); /* only read from */
    ask->feed = feed_close(ask->feed);
    ask->db = index_db_close(ask->db);
    number_set_close(&ask->keys);
    number_set_close(&ask->seqs);
    free(ask->queue);
    free(ask->places);
    free(ask);
    return NULL;
}
