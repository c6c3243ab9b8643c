/*
 * Lines with a type in the intake: in their place among listings, whatever the sink refuses.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/intake.h"
#include "tests/fakes/test.h"

#define MARKS   "mark_id\tmark\tgeneric\nbb\tLabubu\t0\n"
#define LISTING "{\"platform\":\"p\",\"listing_id\":\"1\",\"title\":\"Labubu\"}"

/* A sink that refuses every line `refusals` times first. */
struct notes {
    unsigned refusals, refused;
    size_t matched, rejected;
    enum reject_code last_code;
};

static bool refuses(struct notes *notes)
{
    notes->refused = notes->refused < notes->refusals ? notes->refused + 1 : 0;
    return notes->refused > 0;
}

static int on_matched(void *context, const struct intake_origin *origin,
                      const struct listing *listing, const struct matcher_result *result)
{
    struct notes *notes = context;
    (void)origin;
    (void)listing;
    (void)result;
    if (refuses(notes))
        return -EAGAIN;
    notes->matched++;
    return 0;
}

static int on_rejected(void *context, const struct intake_origin *origin,
                       const struct reject *reject, const char *bytes, size_t len)
{
    struct notes *notes = context;
    (void)origin;
    assert_non_null(bytes);
    assert_true(len > 0);
    if (refuses(notes))
        return -EAGAIN;
    notes->last_code = reject->code;
    notes->rejected++;
    return 0;
}

/* Every third line is an event, every second of them accepted. All listings before it are decided.
 */
static int on_event(void *context, const struct intake_origin *origin, const char *bytes,
                    size_t len, struct reject *reterr_reject)
{
    struct notes *notes = context;
    bool accepted = origin->line / 3 % 2 == 1; /* of the others the dead letter is refused first */
    if (accepted && refuses(notes))
        return -EAGAIN;
    assert_non_null(memmem(bytes, len, "type", 4));
    assert_int_equal(notes->matched, origin->line - origin->line / 3);
    if (accepted)
        return 0;
    (void)reject_set(reterr_reject, REJECT_BAD_TIME, "at: is none");
    return -EBADMSG;
}

static struct matcher_db *db;

static struct intake *opened(struct notes *notes)
{
    static const struct intake_sink sink = {
        .matched = on_matched, .rejected = on_rejected, .event = on_event};
    struct matcher_lists *lists = NULL;
    struct matcher_error error;
    struct intake *intake = NULL;
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, MARKS, strlen(MARKS), &error), 0);
    assert_int_equal(matcher_db_compile(lists, &db, &error), 0);
    (void)matcher_lists_close(lists); /* always NULL */
    assert_int_equal(intake_open(&sink, notes, &intake), 0);
    assert_int_equal(intake_use(intake, db), 0);
    return intake;
}

static void closed(struct intake *intake)
{
    assert_null(intake_close(intake));
    db = matcher_db_unref(db);
}

static void take(struct intake *intake, const struct intake_origin *origin, const char *text)
{
    size_t len = strlen(text);
    char *bytes = calloc(1, len + JSON_SLACK_BYTES);
    assert_non_null(bytes);
    memcpy(bytes, text, len);
    int result = -EAGAIN;
    while (result == -EAGAIN)
        result = intake_line(intake, origin, bytes, len);
    assert_int_equal(result, 0);
    result = -EAGAIN;
    while (result == -EAGAIN && origin->line % 7 == 0)
        result = intake_flush(intake);
    free(bytes);
}

static void events_keep_their_place_among_listings(void **state)
{
    static const char *const events[] = {"{\"type\":\"order\"}", "{\"type\":\"sighting\"}",
                                         "{\"x\":1,\"type\":\"match\",\"title\":\"Labubu\"}"};
    (void)state;
    for (unsigned refusals = 0; refusals < 3; refusals++) {
        struct notes notes = {.refusals = refusals};
        struct intake *intake = opened(&notes);
        for (uint64_t n = 1; n <= 300; n++) {
            const struct intake_origin origin = {.line = n};
            take(intake, &origin, n % 3 == 0 ? events[n / 3 % 3] : LISTING);
        }
        assert_int_equal(notes.matched, 200);
        assert_int_equal(notes.rejected, 50);
        struct intake_counts counts = intake_counts(intake);
        assert_int_equal(counts.events, 50);
        assert_int_equal(counts.accepted, 200);
        assert_int_equal(counts.by_reject[REJECT_BAD_TIME], 50);
        assert_int_equal(counts.lines, 300);
        closed(intake);
    }
}

static void who_may_not_send_listings_is_refused_them(void **state)
{
    struct notes notes = {.refusals = 1};
    struct intake *intake = opened(&notes);
    const struct intake_origin origin = {.line = 7, .events_only = true};
    (void)state;
    take(intake, &origin, LISTING);
    assert_int_equal(notes.rejected, 1);
    assert_int_equal(notes.last_code, REJECT_NOT_ALLOWED);
    assert_int_equal(notes.matched, 0);
    closed(intake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_keep_their_place_among_listings),
        cmocka_unit_test(who_may_not_send_listings_is_refused_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
