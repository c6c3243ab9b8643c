/*
 * Where the walk's places come from: the index's tables, and the feed for what names its own seq.
 */
#include "daemon/ctl/index_ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/ctl/index_build.h"
#include "daemon/index_keys.h"
#include "daemon/trail.h"

#define PATH_BYTES 4096u

struct index_ask {
    struct index_db *db;
    struct feed *feed;
    struct feed_lines *lines;
    struct trail *trail;
};

int index_ask_see(struct index_ask *ask, const struct evidence_item *item)
{
    return trail_see(ask->trail, item);
}

static int find(void *context, int64_t key, trail_take *take, void *take_context)
{
    struct index_ask *ask = context;
    return index_db_find(ask->db, key, take, take_context);
}

/* The place of the record of this seq; 0 when the ledger has none. */
static int find_record(void *context, uint64_t seq, trail_take *take, void *take_context)
{
    struct index_ask *ask = context;
    struct line_place place = {.seq = seq};
    const char *line;
    size_t len;
    uint64_t found;
    int result = feed_seek(ask->feed, seq);
    int more = result < 0 ? result : feed_next(ask->feed, &line, &len, &found);
    if (more <= 0 || found != seq)
        return more < 0 ? more : 0;
    feed_place(ask->feed, &place.segment, &place.offset);
    place.len = (uint32_t)len;
    return take(take_context, &place);
}

static int take_orphan(void *context, int64_t owner)
{
    return trail_key(context, owner);
}

/* What says when the last record was written, whatever it is about. */
struct last {
    struct trail *trail;
    struct evidence *evidence;
    bool found;
};

static int take_last(void *context, const struct line_place *place)
{
    struct last *last = context;
    last->found = true;
    return trail_line(last->trail, place, last->evidence);
}

static int read_last(struct index_ask *ask, uint64_t seq, struct evidence *evidence)
{
    struct last last = {ask->trail, evidence, false};
    int result = find_record(ask, seq, take_last, &last);
    return result == 0 && !last.found ? -ESTALE : result;
}

static int walk(struct index_ask *ask, const struct index_question *question,
                struct evidence *evidence)
{
    static const struct knowledge_text empty = {"", 0};
    struct trail *trail = ask->trail;
    int result = trail_name(trail, INDEX_GLOBAL, empty);
    /* A merchant alone, though its order is named: the other parties are not asked about. */
    struct knowledge_text order = {NULL, 0};
    if (question->merchant.at == NULL)
        order = question->order;
    trail_parties_of(trail, order);
    if (result == 0)
        result = trail_name(trail, INDEX_UNRESOLVED, empty);
    if (result == 0)
        result = index_db_orphans(ask->db, take_orphan, trail);
    if (result == 0)
        result = trail_name(trail, INDEX_MERCHANT, question->merchant);
    if (result == 0)
        result = trail_name(trail, INDEX_PARTIES, order);
    if (result == 0)
        result = trail_walk(trail, evidence);
    return result < 0 || question->end == 0 ? result : read_last(ask, question->end - 1, evidence);
}

int index_ask_read(struct index_ask *ask, const struct index_question *question,
                   struct evidence *evidence)
{
    int result = index_db_begin_reading(ask->db);
    if (result < 0)
        return result;
    result = walk(ask, question, evidence);
    int ended = index_db_commit(ask->db);
    return result < 0 ? result : ended;
}

int index_ask_open(const char *ledger, struct index_ask **ret_ask, uint64_t *ret_end)
{
    char path[PATH_BYTES];
    int64_t unscoped = 0;
    struct index_ask *ask = calloc(1, sizeof *ask);
    *ret_ask = ask;
    if (ask == NULL)
        return -ENOMEM;
    if (snprintf(path, sizeof path, "%s/state/index.sqlite", ledger) >= (int)sizeof path)
        return -ENAMETOOLONG;
    int result = index_db_open(path, false, &ask->db);
    if (result < 0)
        return result;
    result = feed_lines_open(ledger, &ask->lines);
    if (result == 0)
        result = feed_open(ledger, &ask->feed);
    if (result < 0)
        return result;
    ask->trail = trail_open(ask->lines, find, find_record, ask);
    if (ask->trail == NULL)
        return -ENOMEM;
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
    ask->trail = trail_close(ask->trail);
    ask->lines = feed_lines_close(ask->lines);
    ask->feed = feed_close(ask->feed);
    ask->db = index_db_close(ask->db);
    free(ask);
    return NULL;
}
