/*
 * A line becomes a listing, or is rejected for the first fault in the order that listing.h states.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/listing_rig.h"

static char buffer[JSON_BYTES_MAX + JSON_SLACK_BYTES];

static enum reject_code decode(const char *text, size_t len, struct listing *ret_listing,
                               struct reject *reterr_reject)
{
    memset(buffer, '#', sizeof(buffer));
    memcpy(buffer, text, len);
    arena_reset(&arena);
    enum reject_code code = listing_decode(parser, buffer, len, &arena, ret_listing, reterr_reject);
    memset(buffer, '?', sizeof(buffer)); /* nothing may point into the line handed in */
    if (code != REJECT_NONE)
        assert_int_equal(arena.used, 0);
    return code;
}

static void is_text(struct listing_text text, const char *expected)
{
    if (expected == NULL) {
        assert_null(text.at);
        assert_int_equal(text.len, 0);
        return;
    }
    assert_non_null(text.at);
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.at, expected, text.len);
}

#define GOOD "\"platform\":\"p\",\"listing_id\":\"l\",\"title\":\"t\""

static void every_field_arrives_as_written(void **state)
{
    const char *line =
        "{\"via\":\"search_index\",\"state\":\"gone\",\"observed_at\":\"2025-01-06T01:00:00.5+01:"
        "00\","
        "\"price\":19.90,\"currency\":\"EUR\",\"url\":\"https://x.example/"
        "\\u00e9\",\"description\":"
        "\"d\\n\",\"seller_id\":\"s/1\",\"title\":\"T\xc3\xa9\",\"listing_id\":\"l/1\","
        "\"platform\":\"p\",\"type\":\"sighting\",\"lang\":\"de\",\"deep\":{\"title\":[1,{}]}}";
    struct listing listing;
    struct reject reject;

    (void)state;
    assert_int_equal(decode(line, strlen(line), &listing, &reject), REJECT_NONE);
    is_text(listing.platform, "p");
    is_text(listing.listing_id, "l/1");
    is_text(listing.title, "T\xc3\xa9");
    is_text(listing.seller_id, "s/1");
    is_text(listing.description, "d\n");
    is_text(listing.url, "https://x.example/\xc3\xa9");
    is_text(listing.currency, "EUR");
    is_text(listing.price, "19.90");
    is_text(listing.state, "gone");
    is_text(listing.via, "search_index");
    is_text(listing.observed_at, "2025-01-06T01:00:00.5+01:00");
    is_text(listing.line, line);
    assert_true(listing.has_observed_at);
    assert_int_equal(listing.observed_at_ns, INT64_C(1736121600500000000));
    assert_false(listing.surrogate);
}

static void what_is_missing_null_or_blank_is_not_there(void **state)
{
    static const char *const lines[] = {
        "{" GOOD "}",
        "{" GOOD ",\"seller_id\":null,\"description\":null,\"url\":null,\"currency\":null,"
        "\"price\":null,\"state\":null,\"via\":null,\"observed_at\":null,\"type\":null}",
        "{" GOOD ",\"seller_id\":\"\",\"description\":\"\",\"url\":\"\",\"currency\":\"\","
        "\"price\":\"\"}",
    };
    struct listing listing;
    struct reject reject;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        memset(&listing, 0xff, sizeof(listing));
        assert_int_equal(decode(lines[i], strlen(lines[i]), &listing, &reject), REJECT_NONE);
        is_text(listing.seller_id, NULL);
        is_text(listing.description, NULL);
        is_text(listing.url, NULL);
        is_text(listing.currency, NULL);
        is_text(listing.price, NULL);
        is_text(listing.observed_at, NULL);
        is_text(listing.state, "active");
        is_text(listing.via, "page");
        assert_false(listing.has_observed_at);
        volatile char sum = 0;
        for (size_t k = 0; k < JSON_SLACK_BYTES; k++) /* a default has slack as well */
            sum = (char)(sum + listing.state.at[6 + k] + listing.via.at[4 + k]);
    }
}

static void a_price_keeps_its_spelling(void **state)
{
    static const char *const spellings[] = {"0",    "-0",    "19.90",
                                            "1E+2", "1e400", "123456789012345678901234567890"};
    char line[256];
    struct listing listing;
    struct reject reject;

    (void)state;
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        (void)snprintf(line, sizeof(line), "{" GOOD ",\"pri\\u0063e\" : %s ,\"x\":[1,2]}",
                       spellings[i]);
        assert_int_equal(decode(line, strlen(line), &listing, &reject), REJECT_NONE);
        is_text(listing.price, spellings[i]);
    }
    (void)snprintf(line, sizeof(line), "{" GOOD ",\"price\":\"ab 1,99 \\u20ac\"}");
    assert_int_equal(decode(line, strlen(line), &listing, &reject), REJECT_NONE);
    is_text(listing.price, "ab 1,99 \xe2\x82\xac");
}

static void a_lone_surrogate_is_replaced_and_flagged(void **state)
{
    const char *line =
        "{\"title\":\"\\ud83d bag\",\"platform\":\"p\",\"listing_id\":\"l\",\"price\":7}";
    struct listing listing;
    struct reject reject;

    (void)state;
    assert_int_equal(decode(line, strlen(line), &listing, &reject), REJECT_NONE);
    is_text(listing.title, "\xef\xbf\xbd bag");
    is_text(listing.price, "7");
    is_text(listing.line, line);
    assert_true(listing.surrogate);
}

static void a_nul_is_part_of_a_title_and_of_nothing_that_names(void **state)
{
    const char *line = "{\"platform\":\"p\",\"listing_id\":\"l\",\"title\":\"a\\u0000b\","
                       "\"description\":\"\\u0000\"}";
    struct listing listing;
    struct reject reject;

    (void)state;
    assert_int_equal(decode(line, strlen(line), &listing, &reject), REJECT_NONE);
    assert_int_equal(listing.title.len, 3);
    assert_memory_equal(listing.title.at, "a\0b", 3);
    assert_int_equal(listing.description.len, 1);
}

/* Codes and how the detail begins. */
static const struct {
    const char *line;
    enum reject_code code;
    const char *detail;
} faults[] = {
    {"", REJECT_BAD_JSON, "line: nothing but white space"},
    {"GET / HTTP/1.1", REJECT_BAD_JSON, "line: "},
    {"{" GOOD, REJECT_BAD_JSON, "line: "},
    {"{\"title\":\"abc", REJECT_BAD_JSON, "line: a string is not closed"},
    {"{\"title\":\"a\nb\"}", REJECT_BAD_JSON, "line: a control character"},
    {"{" GOOD "} {}", REJECT_BAD_JSON, "line: "},
    {"{" GOOD ",\"x\":\"\xff\"}", REJECT_BAD_UTF8, "line: not valid UTF-8"},
    {"[{" GOOD "}]", REJECT_BAD_TYPE, "line: is an array, must be an object"},
    {"null", REJECT_BAD_TYPE, "line: is null, must be an object"},
    {"{}", REJECT_MISSING_FIELD, "platform: missing"},
    {"{\"platform\":\"p\"}", REJECT_MISSING_FIELD, "listing_id: missing"},
    {"{\"platform\":\"p\",\"listing_id\":\"l\"}", REJECT_MISSING_FIELD, "title: missing"},
    {"{\"platform\":\"p\",\"listing_id\":7,\"title\":\"t\"}", REJECT_BAD_TYPE,
     "listing_id: is a number, must be a string"},
    {"{\"platform\":\"p\",\"listing_id\":\"l\",\"title\":null}", REJECT_BAD_TYPE,
     "title: is null, must be a string"},
    {"{\"platform\":\"p\",\"listing_id\":\"l\",\"title\":[]}", REJECT_BAD_TYPE,
     "title: is an array, must be a string"},
    {"{\"platform\":\"p\",\"listing_id\":\"l\",\"title\":{}}", REJECT_BAD_TYPE,
     "title: is an object, must be a string"},
    {"{" GOOD ",\"seller_id\":true}", REJECT_BAD_TYPE, "seller_id: is true or false"},
    {"{" GOOD ",\"price\":[]}", REJECT_BAD_TYPE, "price: is an array, must be a string or number"},
    {"{" GOOD ",\"observed_at\":1735689600}", REJECT_BAD_TYPE, "observed_at: is a number"},
    {"{" GOOD ",\"type\":1}", REJECT_BAD_TYPE, "type: is a number"},
    {"{" GOOD ",\"type\":\"notice.sent\"}", REJECT_NOT_ALLOWED, "type: notice.sent"},
    {"{" GOOD ",\"title\":\"second\"}", REJECT_DUP_KEY, "title: is there twice"},
    {"{" GOOD ",\"titl\\u0065\":\"second\"}", REJECT_DUP_KEY, "title: is there twice"},
    {"{" GOOD ",\"price\":1,\"price\":1}", REJECT_DUP_KEY, "price: is there twice"},
    {"{" GOOD ",\"url\":null,\"url\":null}", REJECT_DUP_KEY, "url: is there twice"},
    {"{\"platform\":\"\",\"listing_id\":\"l\",\"title\":\"t\"}", REJECT_BAD_VALUE,
     "platform: is empty"},
    {"{\"platform\":\"a/b\",\"listing_id\":\"l\",\"title\":\"t\"}", REJECT_BAD_VALUE,
     "platform: holds a '/'"},
    {"{\"platform\":\"p\",\"listing_id\":\"\",\"title\":\"t\"}", REJECT_BAD_VALUE,
     "listing_id: is empty"},
    {"{\"platform\":\"p\\u0000\",\"listing_id\":\"l\",\"title\":\"t\"}", REJECT_BAD_VALUE,
     "platform: holds a NUL"},
    {"{" GOOD ",\"seller_id\":\"\\u0000\"}", REJECT_BAD_VALUE, "seller_id: holds a NUL"},
    {"{" GOOD ",\"state\":\"sold\"}", REJECT_BAD_VALUE, "state: sold is not known"},
    {"{" GOOD ",\"state\":\"\"}", REJECT_BAD_VALUE, "state: "},
    {"{" GOOD ",\"via\":\"Page\"}", REJECT_BAD_VALUE, "via: Page is not known"},
    {"{" GOOD ",\"observed_at\":\"yesterday\"}", REJECT_BAD_TIME, "observed_at: not RFC 3339"},
    {"{" GOOD ",\"observed_at\":\"2025-13-45T00:00:00Z\"}", REJECT_BAD_TIME, "observed_at: "},
    {"{" GOOD ",\"observed_at\":\"\"}", REJECT_BAD_TIME, "observed_at: "},
    {"{" GOOD ",\"observed_at\":\"2025-01-01\"}", REJECT_BAD_TIME, "observed_at: "},
    {"{" GOOD ",\"observed_at\":\"2025-01-01T00:00:00\"}", REJECT_BAD_TIME, "observed_at: "},
    /* Several faults: the first in the order of listing.h. */
    {"[\xff", REJECT_BAD_UTF8, "line: "},
    {"{\"title\":1,\"title\":2}", REJECT_DUP_KEY, "title: "},
    {"{\"type\":\"order\",\"via\":\"x\",\"via\":\"y\"}", REJECT_DUP_KEY, "via: "},
    {"{\"type\":\"order\",\"title\":1}", REJECT_NOT_ALLOWED, "type: "},
    {"{\"title\":1,\"listing_id\":2}", REJECT_MISSING_FIELD, "platform: "},
    {"{\"platform\":\"/\",\"title\":1}", REJECT_BAD_VALUE, "platform: "},
    {"{" GOOD ",\"observed_at\":\"x\",\"price\":[],\"via\":1}", REJECT_BAD_TYPE, "price: "},
};

static void each_fault_has_its_code_and_names_its_field(void **state)
{
    struct listing listing;
    struct reject reject;

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        const char *line = faults[i].line;
        enum reject_code code = decode(line, strlen(line), &listing, &reject);
        if (code != faults[i].code || reject.code != code ||
            strncmp(reject.detail, faults[i].detail, strlen(faults[i].detail)) != 0)
            fail_msg("%s: %s: %s", line, reject_code_name(code), reject.detail);
    }
}

/* One member "key" of so many bytes beside the good ones. */
static enum reject_code with_length(const char *key, size_t bytes, struct reject *ret_reject)
{
    size_t room = bytes + 256;
    struct listing listing;
    char *line = malloc(room);

    assert_non_null(line);
    int used = snprintf(line, room, "{" GOOD ",\"%s\":\"", key);
    memset(line + used, 'x', bytes);
    memcpy(line + (size_t)used + bytes, "\"}", 2);
    enum reject_code code = decode(line, (size_t)used + bytes + 2, &listing, ret_reject);
    free(line);
    return code;
}

static void each_text_has_its_greatest_length(void **state)
{
    static const struct {
        const char *key;
        size_t bytes_max;
    } limits[] = {{"seller_id", LISTING_ID_BYTES_MAX},
                  {"url", LISTING_URL_BYTES_MAX},
                  {"currency", LISTING_WORD_BYTES_MAX},
                  {"price", LISTING_WORD_BYTES_MAX}};
    struct reject reject;

    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        assert_int_equal(with_length(limits[i].key, limits[i].bytes_max, &reject), REJECT_NONE);
        assert_int_equal(with_length(limits[i].key, limits[i].bytes_max + 1, &reject),
                         REJECT_BAD_VALUE);
        assert_memory_equal(reject.detail, limits[i].key, strlen(limits[i].key));
    }
    assert_int_equal(with_length("description", 200000, &reject), REJECT_NONE);
    assert_int_equal(with_length("observed_at", 200000, &reject), REJECT_BAD_TIME);
}

static void the_line_itself_has_its_limits(void **state)
{
    static char line[JSON_BYTES_MAX + 1 + JSON_SLACK_BYTES];
    struct listing listing;
    struct reject reject;
    size_t used = 0;

    (void)state;
    memset(line, ' ', sizeof(line));
    assert_int_equal(listing_decode(parser, line, JSON_BYTES_MAX + 1, &arena, &listing, &reject),
                     REJECT_TOO_LONG);
    used = (size_t)snprintf(line, sizeof(line), "{" GOOD ",\"x\":");
    memset(line + used, '[', 2000);
    memset(line + used + 2000, ']', 2000);
    line[used + 4000] = '}';
    assert_int_equal(decode(line, used + 4001, &listing, &reject), REJECT_TOO_DEEP);
    used = (size_t)snprintf(line, sizeof(line), "{" GOOD);
    for (unsigned i = 3; i < LISTING_MEMBERS_MAX; i++)
        used += (size_t)snprintf(line + used, sizeof(line) - used, ",\"k%u\":%u", i, i);
    line[used] = '}';
    assert_int_equal(decode(line, used + 1, &listing, &reject), REJECT_NONE);
    used += (size_t)snprintf(line + used, sizeof(line) - used, ",\"one\":\"more\"}");
    assert_int_equal(decode(line, used, &listing, &reject), REJECT_BAD_VALUE);
    assert_string_equal(reject.detail, "line: has 257 members, at most 256 are allowed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_arrives_as_written),
        cmocka_unit_test(what_is_missing_null_or_blank_is_not_there),
        cmocka_unit_test(a_price_keeps_its_spelling),
        cmocka_unit_test(a_lone_surrogate_is_replaced_and_flagged),
        cmocka_unit_test(a_nul_is_part_of_a_title_and_of_nothing_that_names),
        cmocka_unit_test(each_fault_has_its_code_and_names_its_field),
        cmocka_unit_test(each_text_has_its_greatest_length),
        cmocka_unit_test(the_line_itself_has_its_limits),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
