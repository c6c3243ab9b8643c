/* Filters of the feed: what is asked passes and nothing else, and the short way that looks at bytes
 * refuses no record that would pass. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/filter.h"
#include "daemon/ledger/text.h"
#include "tests/fakes/test.h"

#define WALL_NS INT64_C(1795878000000000000)

/* A record of the feed as the daemon spells it. */
struct rig {
    struct view_reader *reader;
    struct filter *filter;
    uint64_t seq;
    char line[RECORD_LINE_BYTES_MAX];
    size_t len;
};

static void setup(struct rig *rig)
{
    *rig = (struct rig){.reader = view_open(), .filter = filter_open()};
    assert_non_null(rig->reader);
    assert_non_null(rig->filter);
}

static void teardown(struct rig *rig)
{
    assert_null(view_close(rig->reader));
    assert_null(filter_close(rig->filter));
}

static void again(struct rig *rig)
{
    assert_null(filter_close(rig->filter));
    rig->filter = filter_open();
    assert_non_null(rig->filter);
}

static void spell(struct rig *rig, enum record_kind kind, int64_t wall_ns, const char *body)
{
    struct record_draft draft = {.kind = kind, .body = body, .len = strlen(body)};
    struct record_head head = {
        .seq = rig->seq++, .clk = RECORD_NO_SEQ, .wall_ns = wall_ns, .boot_ns = 1};
    rig->len = record_encode(&head, &draft, rig->line, sizeof rig->line);
    assert_true(rig->len > 0);
    rig->len--; /* the newline */
}

/* Whether the record passes, the short way and the long way, which are one way. */
static bool passes(struct rig *rig)
{
    struct record_head head;
    enum record_kind kind;
    struct view view;
    assert_int_equal(record_decode_head(rig->line, rig->len, &head, &kind), 0);
    assert_int_equal(view_parse(rig->reader, rig->line, rig->len, &view), 0);
    bool may = filter_may_pass(rig->filter, &head, kind, rig->line, rig->len);
    return may && filter_passes(rig->filter, &view);
}

static const char match_body[] =
    ",\"platform\":\"shop\",\"listing\":\"B1\",\"merchant\":\"shop/s1\",\"title\":\"Plush toy\","
    "\"scan\":\"ok\",\"class\":\"counterfeit\",\"hits\":[{\"mark\":\"M1\",\"rule\":\"r.one\","
    "\"text\":\"Squish\"},{\"mark\":\"M2\",\"rule\":\"default.mark\",\"text\":\"x\"}],"
    "\"n_hits\":2}";

static void ask(struct rig *rig, enum filter_field field, const char *word)
{
    assert_int_equal(filter_ask(rig->filter, field, word), 0);
}

static void a_filter_asks_for_all_fields_and_any_of_their_words(void **state)
{
    (void)state;
    static const struct {
        enum filter_field field;
        const char *yes, *no;
    } rows[] = {
        {FILTER_CLASS, "counterfeit", "mark"},
        {FILTER_MARK, "M2", "M"},
        {FILTER_RULE, "r.one", "r.on"},
        {FILTER_PLATFORM, "shop", "sho"},
        {FILTER_SELLER, "s1", "1"},
        {FILTER_SELLER, "shop/s1", "hop/s1"},
        {FILTER_MARK, "M1", "Squish"},
        {FILTER_PLATFORM, "shop", "B1"},
    };
    struct rig rig;
    setup(&rig);
    spell(&rig, RECORD_MATCH, WALL_NS, match_body);
    assert_true(passes(&rig));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        again(&rig);
        ask(&rig, rows[i].field, rows[i].no);
        assert_false(passes(&rig));
        ask(&rig, rows[i].field, rows[i].yes);
        assert_true(passes(&rig));
        ask(&rig, FILTER_PLATFORM, "other");
        assert_int_equal(passes(&rig), rows[i].field == FILTER_PLATFORM);
    }
    again(&rig);
    assert_int_equal(filter_ask(rig.filter, FILTER_CLASS, "counterfei"), -EINVAL);
    for (unsigned i = 0; i < FILTER_WORDS_MAX; i++)
        ask(&rig, FILTER_MARK, "M");
    assert_int_equal(filter_ask(rig.filter, FILTER_MARK, "M"), -E2BIG);
    teardown(&rig);
}

static void kinds_and_their_families_are_asked_for(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    spell(&rig, RECORD_NOTICE_ACK, WALL_NS, ",\"event\":{\"notice\":\"N1\"}}");
    assert_int_equal(filter_ask_kind(rig.filter, "notice"), -EINVAL);
    assert_int_equal(filter_ask_kind(rig.filter, "no.*"), -EINVAL);
    assert_int_equal(filter_ask_kind(rig.filter, "*"), -EINVAL);
    assert_true(passes(&rig));
    assert_int_equal(filter_ask_kind(rig.filter, "match"), 0);
    assert_false(passes(&rig));
    assert_int_equal(filter_ask_kind(rig.filter, "notice.*"), 0);
    assert_true(passes(&rig));
    teardown(&rig);
}

static void times_bound_on_both_sides(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    filter_ask_since(rig.filter, WALL_NS);
    filter_ask_until(rig.filter, WALL_NS + 5);
    for (int64_t apart = -1; apart <= 6; apart++) {
        spell(&rig, RECORD_MATCH, WALL_NS + apart, match_body);
        assert_int_equal(passes(&rig), apart >= 0 && apart <= 5);
    }
    teardown(&rig);
}

static void an_expression_is_looked_for_in_what_people_see(void **state)
{
    (void)state;
    struct rig rig;
    char why[80] = "";
    setup(&rig);
    spell(&rig, RECORD_MATCH, WALL_NS, match_body);
    assert_int_equal(filter_ask_text(rig.filter, "plush t.y$", why, sizeof why), 0);
    assert_true(passes(&rig));
    assert_true(passes(&rig)); /* nothing is left of the record before */
    assert_int_not_equal(filter_ask_text(rig.filter, "x", why, sizeof why), 0);
    again(&rig);
    assert_int_equal(filter_ask_text(rig.filter, "^2026-.*  counterfeit  shop B1", why, 80), 0);
    assert_true(passes(&rig));
    again(&rig);
    assert_int_equal(filter_ask_text(rig.filter, "PLUSH", why, sizeof why), 0);
    assert_false(passes(&rig));
    again(&rig);
    assert_int_not_equal(filter_ask_text(rig.filter, "(", why, sizeof why), 0);
    assert_true(strlen(why) > 0);
    assert_int_equal(filter_asks(rig.filter), false);
    teardown(&rig);
}

static void learn(struct rig *rig)
{
    struct view view;
    assert_int_equal(view_parse(rig->reader, rig->line, rig->len, &view), 0);
    assert_int_equal(filter_learn(rig->filter, &view), 0);
}

static void what_a_notice_named_before_is_post_notice(void **state)
{
    (void)state;
    static const char sighting[] = ",\"platform\":\"shop\",\"listing\":\"B1\","
                                   "\"event\":{\"state\":\"active\"}}";
    struct rig rig;
    setup(&rig);
    filter_ask_post_notice(rig.filter);
    spell(&rig, RECORD_SIGHTING, WALL_NS, sighting);
    assert_false(passes(&rig));
    spell(&rig, RECORD_NOTICE_DRAFT, WALL_NS,
          ",\"event\":{\"platform\":\"shop\",\"listings\":[\"B1\"]}}");
    learn(&rig);
    spell(&rig, RECORD_SIGHTING, WALL_NS, sighting);
    assert_false(passes(&rig));
    spell(&rig, RECORD_NOTICE_SENT, WALL_NS,
          ",\"event\":{\"platform\":\"shop\",\"notice\":\"N\",\"listings\":[\"A\",\"B1\"]}}");
    learn(&rig);
    assert_false(passes(&rig)); /* the notice itself is no sighting */
    spell(&rig, RECORD_SIGHTING, WALL_NS, sighting);
    assert_true(passes(&rig));
    spell(&rig, RECORD_MATCH, WALL_NS, match_body);
    assert_true(passes(&rig));
    /* A correction names its notice, and that its platform. */
    static const char added[] = ",\"platform\":\"shop\",\"listing\":\"C\"}";
    spell(&rig, RECORD_NOTICE_CORRECT, WALL_NS, ",\"event\":{\"notice\":\"M\",\"add\":[\"C\"]}}");
    learn(&rig);
    spell(&rig, RECORD_SIGHTING, WALL_NS, added);
    assert_false(passes(&rig));
    spell(&rig, RECORD_NOTICE_SENT, WALL_NS,
          ",\"event\":{\"platform\":\"mart\",\"notice\":\"M\"}}");
    learn(&rig);
    spell(&rig, RECORD_SIGHTING, WALL_NS, ",\"platform\":\"mart\",\"listing\":\"C\"}");
    assert_true(passes(&rig)); /* though it came before its notice */
    spell(&rig, RECORD_NOTICE_CORRECT, WALL_NS, ",\"event\":{\"notice\":\"N\",\"add\":[\"C\"]}}");
    learn(&rig);
    spell(&rig, RECORD_SIGHTING, WALL_NS, added);
    assert_true(passes(&rig));
    rig.seq = 0;
    spell(&rig, RECORD_MATCH, WALL_NS, match_body);
    assert_false(passes(&rig)); /* it came before the notice */
    rig.seq = 10;
    spell(&rig, RECORD_MATCH, WALL_NS, ",\"platform\":\"shopB\",\"listing\":\"1\"}");
    assert_false(passes(&rig));
    spell(&rig, RECORD_NOTICE_CORRECT, WALL_NS,
          ",\"event\":{\"platform\":\"shop\",\"add\":[\"B2\"]}}");
    learn(&rig);
    spell(&rig, RECORD_SIGHTING, WALL_NS, ",\"platform\":\"shop\",\"listing\":\"B2\"}");
    assert_true(passes(&rig));
    for (unsigned i = 0; i < 1000; i++) { /* the table grows */
        char body[120];
        (void)snprintf(body, sizeof body,
                       ",\"event\":{\"platform\":\"p%u\",\"listings\":[\"L%u\"]}}", i, i);
        spell(&rig, RECORD_NOTICE_SENT, WALL_NS, body);
        learn(&rig);
    }
    spell(&rig, RECORD_SIGHTING, WALL_NS, ",\"platform\":\"p500\",\"listing\":\"L500\"}");
    assert_true(passes(&rig));
    spell(&rig, RECORD_SIGHTING, WALL_NS, ",\"platform\":\"p500\",\"listing\":\"L501\"}");
    assert_false(passes(&rig));
    teardown(&rig);
}

/* Names hold whatever a marketplace lets them hold. */
static void a_word_is_found_however_a_record_spells_it(void **state)
{
    (void)state;
    static const char *const words[] = {
        "plain",
        "a\"b",
        "back\\slash",
        "tab\there",
        "\x01",
        "sl/ash",
        "m\xc3\xa4rz",
        "\xe5\x90\x89",
        "\xf0\x9f\x98\x80",
        "del\x7f",
        "\xef\xbf\xbf",
        "new\nline",
        "",
        "'quoted'",
    };
    struct rig rig;
    setup(&rig);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char body[512];
        struct text text = text_into(body, sizeof body - 1);
        text_literal(&text, ",\"platform\":");
        text_string(&text, words[i], strlen(words[i]));
        text_literal(&text, ",\"merchant\":");
        char merchant[64];
        (void)snprintf(merchant, sizeof merchant, "%s/%s", words[i], words[i]);
        text_string(&text, merchant, strlen(merchant));
        text_literal(&text, "}");
        body[text.len] = '\0';
        again(&rig);
        spell(&rig, RECORD_SIGHTING, WALL_NS, body);
        ask(&rig, FILTER_PLATFORM, words[i]);
        assert_true(passes(&rig));
        if (strchr(words[i], '/') == NULL) /* no platform holds one */
            ask(&rig, FILTER_SELLER, words[i]);
        assert_true(passes(&rig));
    }
    teardown(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filter_asks_for_all_fields_and_any_of_their_words),
        cmocka_unit_test(kinds_and_their_families_are_asked_for),
        cmocka_unit_test(times_bound_on_both_sides),
        cmocka_unit_test(an_expression_is_looked_for_in_what_people_see),
        cmocka_unit_test(what_a_notice_named_before_is_post_notice),
        cmocka_unit_test(a_word_is_found_however_a_record_spells_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
