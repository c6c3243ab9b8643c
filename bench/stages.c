/*
 * The pipeline's stages over a load, batch by batch.
 */
#include "bench/stages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"
#include "matcher/db.h"
#include "matcher/engine.h"
#include "matcher/fold.h"
#include "matcher/squeeze.h"

#define FOLDED_BYTES_MAX (8u << 20)

static int on_hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                  void *context)
{
    (void)id;
    (void)from;
    (void)to;
    (void)flags;
    (*(uint64_t *)context)++;
    return 0;
}

static size_t split(struct stages *stages, const char **at, const char *end)
{
    size_t count = 0;
    while (count < STAGES_BATCH && *at < end) {
        const char *newline = memchr(*at, '\n', (size_t)(end - *at));
        stages->at[count] = *at;
        stages->len[count++] = (size_t)(newline - *at);
        *at = newline + 1;
    }
    return count;
}

/* Validation and a walk over all members: what simdjson and json.h cost without our rules. */
static void walk(struct stages *stages, size_t count)
{
    struct json_member members[32];
    for (size_t i = 0; i < count; i++) {
        struct json_value root;
        bool surrogate = false;
        if (json_parse(stages->parser, stages->at[i], stages->len[i], &root, &surrogate) != JSON_OK)
            stages->failures++;
        else
            measure_use(members, json_members(&root, members, 32));
    }
}

static void decode(struct stages *stages, size_t count)
{
    struct reject reject;
    for (size_t i = 0; i < count; i++)
        if (listing_decode(stages->parser, stages->at[i], stages->len[i], &stages->arena,
                           &stages->listings[i], &reject) != REJECT_NONE)
            stages->failures++;
}

static size_t fold(struct stages *stages, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        const struct listing *listing = &stages->listings[i];
        len += fold_text(listing->title.at, listing->title.len, stages->folded + len);
        stages->folded[len++] = '\x01';
        len += fold_text(listing->description.at, listing->description.len, stages->folded + len);
        stages->folded[len++] = '\x01';
        stages->text_bytes += listing->title.len + listing->description.len;
    }
    memset(stages->folded + len, 0, MATCHER_SLACK_BYTES);
    stages->folded_bytes += len;
    return len;
}

static void squeeze(struct stages *stages, const struct matcher_db *db, size_t count)
{
    static struct squeeze_found found;
    for (size_t i = 0; i < count; i++) {
        const struct listing *listing = &stages->listings[i];
        const struct matcher_field fields[2] = {
            {listing->title.at, listing->title.len},
            {listing->description.at, listing->description.len}};
        squeeze_found_begin(&found);
        for (uint32_t field = 0; field < 2; field++)
            squeeze_field(stages->room, &db->squeeze, db->lists, &fields[field], field, &found);
    }
}

/* Both views of each listing, as the matcher's batch holds them. */
static void views(struct stages *stages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct listing *listing = &stages->listings[i];
        const struct matcher_field fields[2] = {
            {listing->title.at, listing->title.len},
            {listing->description.at, listing->description.len}};
        uint32_t index = 0;
        if (matcher_add(stages->matcher, fields, 2, &index) < 0)
            stages->failures++;
    }
}

static void evaluate(struct stages *stages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct matcher_result result;
        matcher_result(stages->matcher, (uint32_t)i, &result);
        stages->matched += result.hits_count > 0;
    }
}

static void search(struct stages *stages, const hs_database_t *engine, size_t len, uint64_t *hits)
{
    if (engine != NULL && hs_scan(engine, stages->folded, (unsigned)len, 0, stages->scratch, on_hit,
                                  hits) != HS_SUCCESS)
        stages->failures++;
}

void stages_pass(struct stages *stages, const struct load *load, uint64_t ns[STAGES_COUNT])
{
    const char *at = load->bytes, *end = load->bytes + load->len;
    while (at < end) {
        uint64_t time[STAGES_COUNT + 1] = {measure_cpu_ns()};
        size_t count = split(stages, &at, end);
        time[STAGE_SPLIT + 1] = measure_cpu_ns();
        walk(stages, count);
        time[STAGE_JSON + 1] = measure_cpu_ns();
        decode(stages, count);
        time[STAGE_DECODE + 1] = measure_cpu_ns();
        size_t len = fold(stages, count);
        time[STAGE_FOLD + 1] = measure_cpu_ns();
        squeeze(stages, load->db, count);
        time[STAGE_SQUEEZE + 1] = measure_cpu_ns();
        views(stages, count);
        time[STAGE_VIEWS + 1] = measure_cpu_ns();
        search(stages, load->db->engine, len, &stages->hits);
        time[STAGE_HS + 1] = measure_cpu_ns();
        matcher_scan(stages->matcher);
        time[STAGE_SCAN + 1] = measure_cpu_ns();
        evaluate(stages, count);
        time[STAGE_EVALUATE + 1] = measure_cpu_ns();
        search(stages, stages->raw, len, &stages->raw_hits);
        time[STAGE_RAW + 1] = measure_cpu_ns();
        matcher_reset(stages->matcher);
        arena_reset(&stages->arena);
        for (unsigned stage = 0; stage < STAGES_COUNT; stage++)
            ns[stage] += time[stage + 1] - time[stage];
    }
}

size_t stages_fold(struct stages *stages, const char **at, const char *end)
{
    size_t count = split(stages, at, end);
    decode(stages, count);
    size_t len = fold(stages, count);
    arena_reset(&stages->arena);
    return len;
}

uint64_t stages_copy(const struct load *load, char *to)
{
    uint64_t begin = measure_cpu_ns();
    for (const char *at = load->bytes, *end = at + load->len; at < end;) {
        size_t len = (size_t)(end - at) < 512 ? (size_t)(end - at) : 512;
        memcpy(to, at, len);
        measure_use(to, len);
        at += len;
    }
    return measure_cpu_ns() - begin;
}

/* Whether a literal stands in a list as it is, as a mark or a cue. */
static bool is_listed(const struct literals *literals, size_t literal)
{
    for (uint32_t i = literals->first[literal]; i < literals->first[literal + 1]; i++) {
        const struct literals_target *target = &literals->targets[i];
        if (target->kind == LITERALS_CUE ||
            (target->kind == LITERALS_MARK && target->variant == VARIANTS_LISTED))
            return true;
    }
    return false;
}

/* The listed marks and cues alone, without what the matcher looks for beyond them. */
static int compile_raw(const struct literals *all, hs_database_t **ret_engine)
{
    struct matcher_error error;
    struct literals listed = {.bytes = malloc(all->begin[all->count] + 1),
                              .begin = calloc(all->count + 1, sizeof *listed.begin),
                              .tails = all->tails};
    int result = listed.bytes == NULL || listed.begin == NULL ? -ENOMEM : 0;
    for (size_t i = 0; result == 0 && i < all->count; i++) {
        uint32_t len = all->begin[i + 1] - all->begin[i], at = listed.begin[listed.count];
        if (!is_listed(all, i))
            continue;
        memcpy(listed.bytes + at, all->bytes + all->begin[i], len);
        listed.begin[++listed.count] = at + len;
    }
    if (result == 0)
        result = engine_compile(&listed, engine_padding(&listed), ret_engine, &error);
    free(listed.bytes);
    free(listed.begin);
    return result;
}

int stages_open(struct stages *ret_stages, const struct load *load, bool raw)
{
    struct stages stages = {.parser = json_open(), .folded = malloc(FOLDED_BYTES_MAX)};
    int result = arena_open(&stages.arena, STAGES_BATCH * 16384u + LISTING_ARENA_BYTES_MAX);
    if (result == 0)
        result = matcher_open(&stages.matcher);
    if (result == 0)
        result = matcher_use(stages.matcher, load->db);
    if (result == 0 && raw)
        result = compile_raw(&load->db->literals, &stages.raw);
    stages.room = malloc(squeeze_room_bytes());
    if (stages.parser == NULL || stages.folded == NULL || stages.room == NULL ||
        hs_alloc_scratch(load->db->engine, &stages.scratch) != HS_SUCCESS ||
        (stages.raw != NULL && hs_alloc_scratch(stages.raw, &stages.scratch) != HS_SUCCESS))
        result = -ENOMEM;
    if (result < 0)
        stages_close(&stages);
    else
        *ret_stages = stages;
    return result;
}

void stages_close(struct stages *stages)
{
    (void)hs_free_scratch(stages->scratch); /* NULL is fine; only fails for what is not ours */
    (void)hs_free_database(stages->raw);    /* likewise */
    (void)matcher_close(stages->matcher);   /* always NULL */
    (void)json_close(stages->parser);       /* always NULL */
    arena_close(&stages->arena);
    free(stages->folded);
    free(stages->room);
    *stages = (struct stages){0};
}

uint64_t stages_sum(const uint64_t ns[STAGES_COUNT])
{
    return ns[STAGE_SPLIT] + ns[STAGE_DECODE] + ns[STAGE_VIEWS] + ns[STAGE_SCAN] +
           ns[STAGE_EVALUATE];
}
