/*
 * Building the index. A batch is sorted before it is put, so that SQLite writes each page of its
 * tree once a batch and not once a record.
 */
#include "daemon/ctl/index_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/digest.h"
#include "daemon/event.h"
#include "daemon/evidence.h"
#include "daemon/index_keys.h"
#include "daemon/ledger/record.h"
#include "daemon/record_event.h"
#include "daemon/warning_record.h"

#define BATCH_POSTINGS 1000000u
#define BATCH_ROOM     (BATCH_POSTINGS + 2u * EVENT_VALUES_MAX) /* and those of one more event */

struct building {
    struct index_db *db;
    struct event_decoder *decoder;
    struct json_parser *parser;
    struct index_posting *postings;
    size_t count;
    struct line_place place; /* of the line under way */
    bool unscoped;
    int64_t first_sum;
    char last[RECORD_LINE_BYTES_MAX]; /* the line under way */
};

static int64_t sum_of(const char *line, size_t len)
{
    uint8_t digest[DIGEST_BYTES];
    uint64_t sum = 0;
    digest_sha256(line, len, digest);
    for (unsigned i = 0; i < 8; i++)
        sum = sum << 8 | digest[i];
    return (int64_t)sum;
}

static int add_key(void *context, int64_t key)
{
    struct building *building = context;
    building->postings[building->count++] = (struct index_posting){key, building->place};
    return 0;
}

static int add_global(struct building *building)
{
    struct knowledge_text none = {"", 0};
    return add_key(building, index_key(INDEX_GLOBAL, none, none));
}

static int take_event(struct building *building, const struct record_head *head, const char *raw,
                      size_t len)
{
    struct knowledge_event event;
    struct reject reject = {0};
    struct index_origin origin = {head->seq, head->run};
    /* What cannot be read, or is held back, is told with every answer. */
    if (event_peek(building->decoder, raw, len, &event, &reject) != REJECT_NONE)
        return add_global(building);
    bool ahead = evidence_is_ahead(&event, head->wall_ns);
    int result = ahead ? add_global(building) : 0;
    if (event.platform.at == NULL && (event.listing.at != NULL || event.kind == KNOWLEDGE_CHANNEL))
        building->unscoped = true;
    if (result == 0)
        result = index_keys(&event, &origin, add_key, building);
    if (result < 0 || event.listing.at == NULL)
        return result;
    int64_t owner = index_key(INDEX_LISTING, event.platform, event.listing);
    if (event.kind == KNOWLEDGE_LISTING && !ahead)
        return index_db_register(building->db, owner, event.at_ns);
    if (event.kind == KNOWLEDGE_SUPPORT && event.merchant.at == NULL)
        return index_db_support(building->db, owner, event.at_ns);
    return 0;
}

/* Under what it is about; one that says nothing that is known is left to `noticectl tail`. */
static int take_warning(struct building *building, const char *line, size_t len)
{
    static const struct knowledge_text none = {NULL, 0};
    struct warning warning;
    int result = warning_decode(building->parser, line, len, &warning);
    if (result < 0)
        return 0;
    if (warning.listing.at != NULL)
        result = add_key(building, index_key(INDEX_LISTING, warning.platform, warning.listing));
    if (warning.merchant.at != NULL && result == 0)
        result = add_key(building, index_key(INDEX_MERCHANT, none, warning.merchant));
    return result;
}

static int take_line(struct building *building, const char *line, size_t len)
{
    struct record_head head;
    enum record_kind kind;
    const char *raw;
    size_t raw_len;
    if (record_decode_head(line, len, &head, &kind) < 0)
        return -EBADMSG;
    if (head.seq == 0)
        building->first_sum = sum_of(line, len);
    if (kind == RECORD_GAP || kind == RECORD_STOP || kind == RECORD_START)
        return add_global(building);
    if (kind == RECORD_WARNING)
        return take_warning(building, line, len);
    if (!record_event_find(line, len, &raw, &raw_len))
        return 0;
    return take_event(building, &head, raw, raw_len);
}

static int compare(const void *left, const void *right)
{
    const struct index_posting *a = left, *b = right;
    if (a->owner != b->owner)
        return a->owner < b->owner ? -1 : 1;
    return (a->place.seq > b->place.seq) - (a->place.seq < b->place.seq);
}

static int put_meta(struct building *building, uint64_t end)
{
    const struct line_place *last = &building->place;
    const struct {
        enum index_meta name;
        int64_t value;
    } rows[] = {
        {INDEX_META_END, (int64_t)end},
        {INDEX_META_LAST_SUM, sum_of(building->last, last->len)},
        {INDEX_META_LAST_SEGMENT, (int64_t)last->segment},
        {INDEX_META_LAST_OFFSET, (int64_t)last->offset},
        {INDEX_META_LAST_LEN, last->len},
    };
    int result = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && result == 0; i++)
        result = index_db_set(building->db, rows[i].name, rows[i].value);
    if (result == 0 && building->first_sum != 0)
        result = index_db_set(building->db, INDEX_META_FIRST_SUM, building->first_sum);
    if (result == 0 && building->unscoped)
        result = index_db_set(building->db, INDEX_META_UNSCOPED, 1);
    return result;
}

static int put_batch(struct building *building, uint64_t end, bool file)
{
    if (building->count > 1)
        qsort(building->postings, building->count, sizeof *building->postings, compare);
    int result = index_db_post(building->db, building->postings, building->count);
    building->count = 0;
    if (result == 0 && file)
        result = put_meta(building, end);
    if (result == 0 && file)
        result = index_db_commit(building->db);
    return result;
}

/* Batch after batch. *ret_end is the seq after the last record that is in. */
static int build(struct building *building, struct feed *feed, uint64_t until, enum index_mode mode,
                 uint64_t *ret_end)
{
    bool file = mode != INDEX_TEMP;
    const char *line;
    size_t len;
    uint64_t seq;
    int more = 1;
    while (more > 0) {
        int result = file ? index_db_begin(building->db, mode == INDEX_QUICK) : 0;
        bool any = false;
        while (result == 0 && building->count < BATCH_POSTINGS &&
               (more = *ret_end < until ? feed_next(feed, &line, &len, &seq) : 0) > 0) {
            building->place = (struct line_place){.seq = seq, .len = (uint32_t)len};
            feed_place(feed, &building->place.segment, &building->place.offset);
            result = take_line(building, line, len);
            memcpy(building->last, line, len); /* feed_next gives no longer line */
            *ret_end = seq + 1;
            any = true;
        }
        if (result == 0 && any)
            result = put_batch(building, *ret_end, file);
        else if (result == 0 && file)
            result = index_db_commit(building->db);
        if (result < 0)
            return result;
    }
    return !file && building->unscoped ? -ESTALE : more;
}

int index_build(struct index_db *db, struct feed *feed, uint64_t from, uint64_t until,
                enum index_mode mode, uint64_t *ret_end)
{
    struct building *building = calloc(1, sizeof *building);
    if (building == NULL)
        return -ENOMEM;
    int result = feed_seek(feed, from);
    *ret_end = from;
    building->db = db;
    building->decoder = event_open();
    building->parser = json_open();
    building->postings = malloc(BATCH_ROOM * sizeof *building->postings);
    if (building->decoder == NULL || building->parser == NULL || building->postings == NULL)
        result = -ENOMEM;
    if (result == 0)
        result = build(building, feed, until, mode, ret_end);
    building->decoder = event_close(building->decoder);
    building->parser = json_close(building->parser);
    free(building->postings);
    free(building);
    return result;
}

/* The sum of the record's line, where the ledger has it. 1, 0, -errno. */
static int sum_at(struct feed *feed, uint64_t seq, const struct line_place *wanted,
                  int64_t *ret_sum)
{
    const char *line;
    size_t len;
    uint64_t found, segment, offset;
    int result = feed_seek(feed, seq);
    int more = result < 0 ? result : feed_next(feed, &line, &len, &found);
    if (more <= 0)
        return more;
    feed_place(feed, &segment, &offset);
    if (found != seq ||
        (wanted != NULL && (segment != wanted->segment || offset != wanted->offset)))
        return 0;
    *ret_sum = sum_of(line, len);
    return 1;
}

int index_fits(struct index_db *db, struct feed *feed, uint64_t *ret_end)
{
    int64_t values[INDEX_META_COUNT], sum = 0;
    int result = 0;
    for (unsigned i = 0; i < INDEX_META_COUNT && result == 0; i++)
        result = index_db_get(db, (enum index_meta)i, &values[i]);
    if (result < 0)
        return result;
    *ret_end = (uint64_t)values[INDEX_META_END];
    if (*ret_end == 0)
        return 1;
    struct line_place last = {.segment = (uint64_t)values[INDEX_META_LAST_SEGMENT],
                              .offset = (uint64_t)values[INDEX_META_LAST_OFFSET]};
    result = sum_at(feed, 0, NULL, &sum);
    if (result <= 0 || sum != values[INDEX_META_FIRST_SUM])
        return result < 0 ? result : 0;
    result = sum_at(feed, *ret_end - 1, &last, &sum);
    if (result <= 0)
        return result;
    return sum == values[INDEX_META_LAST_SUM];
}
