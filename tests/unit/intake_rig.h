/*
 * What the tests of the intake share: a set of two marks and a cue, and a sink that notes what it
 * gets.
 */
#ifndef TESTS_UNIT_INTAKE_RIG_H
#define TESTS_UNIT_INTAKE_RIG_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/encode.h"
#include "daemon/intake.h"
#include "tests/fakes/test.h"

#define MARKS "mark_id\tmark\tgeneric\naa\tSquishmallow\t0\nbb\tLabubu\t0\n"
#define CUES  "cue_id\tphrase\tstrength\nc\treplica\t3\n"

/* A sink that notes what it gets and refuses each call `refusals` times first. */
struct notes {
    struct matcher_db *db;
    unsigned refusals, refused;
    uint64_t matched[4096], rejected[4096];
    size_t matched_count, rejected_count;
    enum reject_code last_code;
    char body[RECORD_BODY_BYTES_MAX], hits[RECORD_BODY_BYTES_MAX];
    struct record_draft sighting, match;
};

static inline bool refuses(struct notes *notes)
{
    if (notes->refused < notes->refusals) {
        notes->refused++;
        return true;
    }
    notes->refused = 0;
    return false;
}

static inline int on_matched(void *context, const struct intake_origin *origin,
                             const struct listing *listing, const struct matcher_result *result)
{
    struct notes *notes = context;
    if (refuses(notes))
        return -EAGAIN;
    static const uint8_t sha256[32] = {1};
    const struct encode_context encode = {.db = notes->db,
                                          .ruleset_seq = UINT64_MAX >> 11,
                                          .ruleset_sha256 = sha256,
                                          .source = "s",
                                          .source_len = 1,
                                          .unc_ms = 5000};
    encode_sighting(&encode, origin, listing, sha256, notes->body, &notes->sighting);
    encode_match(&encode, origin, listing, result, notes->hits, &notes->match);
    notes->matched[notes->matched_count++] = origin->line;
    return 0;
}

static inline int on_rejected(void *context, const struct intake_origin *origin,
                              const struct reject *reject, const char *bytes, size_t len)
{
    struct notes *notes = context;
    if (refuses(notes))
        return -EAGAIN;
    assert_non_null(bytes);
    assert_true(len > 0);
    notes->last_code = reject->code;
    notes->rejected[notes->rejected_count++] = origin->line;
    return 0;
}

static inline struct matcher_db *compiled(void)
{
    struct matcher_lists *lists = NULL;
    struct matcher_db *db = NULL;
    struct matcher_error error;
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, MARKS, strlen(MARKS), &error), 0);
    assert_int_equal(matcher_lists_add_cues(lists, CUES, strlen(CUES), &error), 0);
    assert_int_equal(matcher_db_compile(lists, &db, &error), 0);
    (void)matcher_lists_close(lists);
    return db;
}

static inline struct intake *opened(struct notes *notes)
{
    static const struct intake_sink sink = {.matched = on_matched, .rejected = on_rejected};
    struct intake *intake = NULL;
    memset(notes, 0, sizeof *notes);
    notes->db = compiled();
    assert_int_equal(intake_open(&sink, notes, &intake), 0);
    assert_int_equal(intake_use(intake, notes->db), 0);
    return intake;
}

static inline void closed(struct intake *intake, struct notes *notes)
{
    assert_null(intake_close(intake));
    notes->db = matcher_db_unref(notes->db);
}

/* Hands a line over with its slack, again and again until it is taken. */
static inline void take(struct intake *intake, uint64_t number, const char *text, size_t len)
{
    char *bytes = calloc(1, len + JSON_SLACK_BYTES);
    assert_non_null(bytes);
    memcpy(bytes, text, len);
    const struct intake_origin origin = {.line = number, .line_bytes = len};
    int result = -EAGAIN;
    while (result == -EAGAIN)
        result = intake_line(intake, &origin, bytes, len);
    assert_int_equal(result, 0);
    free(bytes);
}

static inline void flush(struct intake *intake)
{
    int result = -EAGAIN;
    while (result == -EAGAIN)
        result = intake_flush(intake);
    assert_int_equal(result, 0);
    assert_false(intake_pending(intake));
}

#endif
