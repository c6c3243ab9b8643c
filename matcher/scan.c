/*
 * The scanner's life and its batch: fold listings in, scan them in one call, tell hits to listings.
 */
#include "matcher/scan.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "matcher/rules_run.h"

static_assert(FOLD_SLACK_BYTES >= MATCHER_SLACK_BYTES,
              "the engine reads past the end of the batch");
static_assert(SCAN_BATCH_BYTES <= INT32_MAX, "offsets fit");

#define FORM_ROOM (LISTS_TEXT_BYTES_MAX * FOLD_GROWTH_MAX + 2 + FOLD_SLACK_BYTES)
#define MAP_BYTES (2 * sizeof(uint32_t) + sizeof(uint16_t)) /* of one folded byte */

static int open_map(struct fold_map *map, char **text, size_t room)
{
    *text = malloc(room);
    map->from = malloc(room * sizeof *map->from);
    map->to = malloc(room * sizeof *map->to);
    map->bits = malloc(room * sizeof *map->bits);
    return *text == NULL || map->from == NULL || map->to == NULL || map->bits == NULL ? -ENOMEM : 0;
}

static void close_map(struct fold_map *map, char *text)
{
    free(text);
    free(map->from);
    free(map->to);
    free(map->bits);
}

int matcher_open(struct matcher **ret_matcher)
{
    struct matcher *matcher = calloc(1, sizeof *matcher);
    if (matcher == NULL)
        return -ENOMEM;
    matcher->batch = malloc(SCAN_BATCH_BYTES);
    matcher->listings = calloc(MATCHER_BATCH_MAX, sizeof *matcher->listings);
    matcher->raw_marks = malloc(MATCHER_BATCH_MAX * SCAN_RAW_MARKS_MAX * sizeof(struct scan_raw));
    matcher->raw_cues = malloc(MATCHER_BATCH_MAX * SCAN_RAW_CUES_MAX * sizeof(struct scan_raw));
    matcher->squeeze_room = malloc(squeeze_room_bytes());
    matcher->squeezed = malloc(MATCHER_BATCH_MAX * sizeof *matcher->squeezed);
    matcher->found = malloc(SCAN_FOUND_MAX * sizeof *matcher->found);
    matcher->cues = malloc(SCAN_FOUND_MAX * sizeof *matcher->cues);
    matcher->hits = malloc(MATCHER_HITS_MAX * sizeof *matcher->hits);
    int maps =
        open_map(&matcher->field_map, &matcher->field_text, fold_bound(MATCHER_TEXT_BYTES_MAX));
    if (maps == 0)
        maps = open_map(&matcher->form_map, &matcher->form_text, FORM_ROOM);
    if (maps < 0 || matcher->batch == NULL || matcher->listings == NULL ||
        matcher->raw_marks == NULL || matcher->raw_cues == NULL || matcher->found == NULL ||
        matcher->cues == NULL || matcher->hits == NULL || matcher->squeezed == NULL ||
        matcher->squeeze_room == NULL) {
        (void)matcher_close(matcher); /* always NULL */
        return -ENOMEM;
    }
    *ret_matcher = matcher;
    return 0;
}

struct matcher *matcher_close(struct matcher *matcher)
{
    if (matcher == NULL)
        return NULL;
    (void)hs_free_scratch(matcher->scratch); /* NULL is fine; can only fail for what is not ours */
    matcher->db = matcher_db_unref(matcher->db);
    matcher->rules = rules_run_close(matcher->rules);
    close_map(&matcher->field_map, matcher->field_text);
    close_map(&matcher->form_map, matcher->form_text);
    free(matcher->batch);
    free(matcher->listings);
    free(matcher->raw_marks);
    free(matcher->raw_cues);
    free(matcher->squeeze_room);
    free(matcher->squeezed);
    free(matcher->found);
    free(matcher->cues);
    free(matcher->hits);
    free(matcher);
    return NULL;
}

int matcher_use(struct matcher *matcher, struct matcher_db *db)
{
    assert(matcher->count == 0);
    hs_scratch_t *scratch = NULL; /* fresh: a failed growth would lose the one in use */
    struct rules_run *rules = NULL;
    bool good = hs_alloc_scratch(db->engine, &scratch) == HS_SUCCESS;
    for (unsigned view = 0; view < RULES_VIEWS_COUNT && good; view++)
        good = db->rules.engines[view] == NULL ||
               hs_alloc_scratch(db->rules.engines[view], &scratch) == HS_SUCCESS;
    if (good && matcher_db_rules_count(db) > 0)
        good = rules_run_open(db, &rules) == 0;
    if (!good) {
        (void)hs_free_scratch(scratch); /* NULL is fine; not in use here */
        return -ENOMEM;
    }
    matcher->rules = rules_run_close(matcher->rules);
    matcher->rules = rules;
    (void)hs_free_scratch(matcher->scratch); /* NULL is fine; not in use here */
    matcher->scratch = scratch;
    struct matcher_db *before = matcher->db;
    matcher->db = matcher_db_ref(db);
    (void)matcher_db_unref(before); /* always NULL */
    return 0;
}

int matcher_add(struct matcher *matcher, const struct matcher_field *fields, size_t fields_count,
                uint32_t *ret_index)
{
    assert(matcher->db != NULL);
    assert(fields_count <= MATCHER_FIELDS_MAX);
    assert(!matcher->scanned);
    size_t total = 0;
    for (size_t i = 0; i < fields_count; i++) {
        if (fields[i].len > MATCHER_TEXT_BYTES_MAX - total)
            return -EMSGSIZE;
        total += fields[i].len;
    }
    size_t need = fold_bound(total) + fields_count * 4;
    if (matcher->count == MATCHER_BATCH_MAX ||
        (matcher->count > 0 && matcher->batch_len + need > SCAN_BATCH_BYTES))
        return -EAGAIN;
    struct scan_listing *listing = &matcher->listings[matcher->count];
    *listing =
        (struct scan_listing){.begin = (uint32_t)matcher->batch_len, .fields_count = fields_count};
    struct squeeze_found *squeezed = &matcher->squeezed[matcher->count];
    squeeze_found_begin(squeezed);
    for (size_t i = 0; i < fields_count; i++) {
        listing->fields[i] = fields[i];
        if (fields[i].len == 0)
            listing->fields[i].text = "";
        listing->field_begin[i] = (uint32_t)matcher->batch_len;
        char *out = matcher->batch + matcher->batch_len;
        size_t folded = fold_text(listing->fields[i].text, fields[i].len, out);
        out[folded] = SCAN_SEPARATOR;
        matcher->batch_len += folded + 1;
        squeeze_field(matcher->squeeze_room, &matcher->db->squeeze, matcher->db->lists,
                      &listing->fields[i], (uint32_t)i, squeezed);
    }
    listing->field_begin[fields_count] = listing->end = (uint32_t)matcher->batch_len;
    assert(matcher->batch_len + MATCHER_SLACK_BYTES <= SCAN_BATCH_BYTES);
    *ret_index = (uint32_t)matcher->count++;
    return 0;
}

/* What the engine's callback needs. */
struct scanning {
    struct matcher *matcher;
    size_t first;   /* batch offset of what is scanned */
    size_t base;    /* batch offset at which this call began */
    size_t listing; /* where the hit before was: the next is near */
};

static size_t listing_at(const struct matcher *matcher, uint32_t offset, size_t guess)
{
    const struct scan_listing *listings = matcher->listings;
    if (offset >= listings[guess].begin && offset < listings[guess].end)
        return guess;
    size_t low = 0, high = matcher->count - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (listings[middle].end <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int on_hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                  void *context)
{
    (void)from; /* always 0: the start is not asked for */
    (void)flags;
    struct scanning *scanning = context;
    struct matcher *matcher = scanning->matcher;
    const struct literals *literals = &matcher->db->literals;
    if (id >= literals->count)
        return 0; /* padding */
    uint8_t kinds = literals->kinds[id];
    uint32_t end = (uint32_t)(scanning->base + to);
    size_t index = scanning->listing = listing_at(matcher, end - 1, scanning->listing);
    struct scan_listing *listing = &matcher->listings[index];
    struct scan_raw raw = {id, end};
    bool has_mark = (kinds & 1u << LITERALS_MARK) != 0;
    bool has_cue = (kinds & 1u << LITERALS_CUE) != 0;
    if ((kinds & 1u << LITERALS_TERM) != 0)
        rules_run_note(matcher->rules, index, raw);
    bool doubtful = has_mark && (kinds & 1u << LITERALS_SURE) == 0;
    /* Doubtful names leave room for others. */
    bool has_room =
        listing->marks < SCAN_RAW_MARKS_MAX && !(doubtful && listing->doubts == SCAN_DOUBTS_MAX);
    listing->doubts += doubtful && has_room;
    if (has_mark && has_room)
        matcher->raw_marks[index * SCAN_RAW_MARKS_MAX + listing->marks++] = raw;
    else if (has_mark)
        listing->lost_marks++;
    if (has_cue && listing->cues < SCAN_RAW_CUES_MAX)
        matcher->raw_cues[index * SCAN_RAW_CUES_MAX + listing->cues++] = raw;
    else if (has_cue)
        listing->lost_cues++;
    return 0;
}

static void forget_hits(struct matcher *matcher, size_t index)
{
    struct scan_listing *listing = &matcher->listings[index];
    if (matcher->rules != NULL)
        rules_run_forget(matcher->rules, index);
    listing->marks = listing->doubts = listing->cues = 0;
    listing->lost_marks = listing->lost_cues = 0;
}

/* Scans [begin, end) of what is scanned. Whether the engine examined all of it. */
static bool scan_range(void *context, size_t begin, size_t end)
{
    struct scanning *scanning = context;
    struct matcher *matcher = scanning->matcher;
    const char *text = matcher->batch + scanning->first + begin;
    scanning->base = scanning->first + begin;
    return hs_scan(matcher->db->engine, text, (unsigned)(end - begin), 0, matcher->scratch, on_hit,
                   scanning) == HS_SUCCESS;
}

/* Scans [begin, end) of the batch, wherever a literal may begin. listing: one that is there.
   Whether the engine examined all of that. */
static bool scan(struct matcher *matcher, size_t begin, size_t end, size_t listing)
{
    struct scanning scanning = {.matcher = matcher, .first = begin, .listing = listing};
    assert(end + MATCHER_SLACK_BYTES <= SCAN_BATCH_BYTES);
    const struct starts *starts = &matcher->db->starts;
    enum fold_path path = fold_path_best();
    if (!starts_pay(starts, path))
        return scan_range(&scanning, 0, end - begin);
    return starts_find(starts, path, matcher->batch + begin, end - begin, scan_range, &scanning);
}

void matcher_scan(struct matcher *matcher)
{
    assert(!matcher->scanned);
    matcher->scanned = true;
    if (matcher->count == 0 || scan(matcher, 0, matcher->batch_len, 0))
        return;
    /* One bad listing must not take the others with it. */
    for (size_t i = 0; i < matcher->count; i++)
        forget_hits(matcher, i);
    for (size_t i = 0; i < matcher->count; i++) {
        struct scan_listing *listing = &matcher->listings[i];
        listing->failed = !scan(matcher, listing->begin, listing->end, i);
        if (listing->failed)
            forget_hits(matcher, i);
    }
}

void matcher_set_facts(struct matcher *matcher, uint32_t index, const struct matcher_facts *facts)
{
    assert(!matcher->scanned);
    assert(index < matcher->count);
    if (matcher->rules != NULL)
        matcher->rules->facts[index] = *facts;
}

void matcher_reset(struct matcher *matcher)
{
    if (matcher->rules != NULL)
        rules_run_reset(matcher->rules, matcher->count);
    matcher->count = 0;
    matcher->batch_len = 0;
    matcher->scanned = false;
}

size_t matcher_bytes(const struct matcher *matcher)
{
    size_t scratch = 0;
    if (matcher->scratch != NULL)
        (void)hs_scratch_size(matcher->scratch, &scratch); /* stays 0 if it fails */
    size_t rules = matcher->rules == NULL ? 0 : rules_run_bytes(matcher->db);
    return sizeof *matcher + SCAN_BATCH_BYTES + scratch + squeeze_room_bytes() + rules +
           MATCHER_BATCH_MAX *
               (sizeof(struct scan_listing) + sizeof(struct squeeze_found) +
                (SCAN_RAW_MARKS_MAX + SCAN_RAW_CUES_MAX) * sizeof(struct scan_raw)) +
           SCAN_FOUND_MAX * (sizeof(struct scan_found) + sizeof(struct scan_cue)) +
           MATCHER_HITS_MAX * sizeof(struct matcher_hit) +
           (fold_bound(MATCHER_TEXT_BYTES_MAX) + FORM_ROOM) * (MAP_BYTES + 1);
}
