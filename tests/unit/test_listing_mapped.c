/*
 * Lines of other shapes, through field maps: what becomes which field, and what is refused.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/mapped_rig.h"

static void an_item_of_scrapy_becomes_a_listing(void **state)
{
    const struct map *map = maps_find(maps, "scrapy", 6);

    (void)state;
    assert_int_equal(decode(map,
                            "{\"type\":\"toy\",\"url\":\"https://u@www.Shop.example:8443/i/7?a#b\","
                            "\"name\":\"Plush\",\"sku\":1234567890123456789012,\"price\":12.50,"
                            "\"currency\":\"EUR\",\"seller\":{\"id\":77},\"description\":\"Louis\","
                            "\"brand\":\"Vuitton\",\"tags\":[\"a\",5,null,\"b\"],"
                            "\"sponsored\":1,\"scraped_at\":1764489600.25}"),
                     REJECT_NONE);
    is_text(listing.platform, "shop.example");
    is_text(listing.listing_id, "1234567890123456789012"); /* as written */
    is_text(listing.title, "Plush");
    is_text(listing.price, "12.50");
    is_text(listing.seller_id, "77");
    is_text(listing.description, "Louis\nVuitton\na\nb");
    assert_int_equal(listing.parts_count, 4);
    is_text(listing.parts[0], "Louis");
    is_text(listing.parts[1], "Vuitton");
    is_text(listing.parts[3], "b");
    assert_ptr_equal(listing.parts[0].at, listing.description.at);
    is_text(listing.observed_at, "2025-11-30T08:00:00.250000000Z");
    assert_true(listing.has_observed_at);
    is_text(listing.state, "active");
    is_text(listing.via, "page");
    assert_int_equal(listing.support, 1);
}

static void the_first_word_that_gives_something_holds(void **state)
{
    static const char *const words[] = {
        BASE, "title=/b/c", "title=/d", "title==none", "seller_id=/s", "seller_id=/s/id", NULL};
    static const struct {
        const char *line, *title, *seller;
    } cases[] = {
        {"{\"id\":1,\"t\":\"x\",\"d\":\"y\"}", "x", NULL},
        {"{\"id\":1,\"t\":null,\"d\":\"y\"}", "y", NULL},
        {"{\"id\":1,\"t\":\"\",\"b\":{\"c\":\"z\"},\"d\":\"y\"}", "z", NULL},
        {"{\"id\":1,\"t\":{\"c\":1},\"d\":[1]}", "none", NULL},
        {"{\"id\":1,\"s\":{\"id\":5}}", "none", "5"},
        {"{\"id\":1,\"s\":true}", "none", NULL},
    };
    struct map *map = make(words);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(decode(map, cases[i].line), REJECT_NONE);
        is_text(listing.title, cases[i].title);
        is_text(listing.seller_id, cases[i].seller);
        is_text(listing.description, NULL);
        assert_int_equal(listing.parts_count, 0);
    }
    assert_null(map_close(map));
}

static void a_value_that_is_too_long_gives_way_to_the_next_word(void **state)
{
    static const char *const words[] = {BASE, "listing_id=/url", NULL};
    struct map *map = make(words);
    char line[1024];

    (void)state;
    (void)snprintf(line, sizeof(line), "{\"t\":\"x\",\"id\":\"%0300d\",\"url\":\"u\"}", 5);
    assert_int_equal(decode(map, line), REJECT_NONE);
    is_text(listing.listing_id, "u");
    (void)snprintf(line, sizeof(line), "{\"t\":\"x\",\"id\":\"%0300d\"}", 5);
    assert_int_equal(decode(map, line), REJECT_BAD_VALUE);
    assert_string_equal(reject.detail, "listing_id: has 300 bytes, at most 256 are allowed");
    assert_null(map_close(map));
}

static void what_cannot_be_mapped_is_refused_with_its_reason(void **state)
{
    static const char *const words[] = {BASE, "state=/s", "status=/c", "observed_at=/at", NULL};
    static const struct {
        const char *line;
        enum reject_code code;
        const char *detail;
    } cases[] = {
        {"{\"id\":1", REJECT_BAD_JSON, "line: "},
        {"[1]", REJECT_BAD_TYPE, "line: is an array, must be an object"},
        {"{\"id\":1}", REJECT_MISSING_FIELD, "title: missing: map m finds nothing at /t"},
        {"{\"id\":1,\"t\":[]}", REJECT_BAD_TYPE,
         "title: /t is an array, must be a string or number"},
        {"{\"id\":\"\",\"t\":\"x\"}", REJECT_BAD_VALUE, "listing_id: is empty"},
        {"{\"id\":\"a\\u0000\",\"t\":\"x\"}", REJECT_BAD_VALUE, "listing_id: holds a NUL"},
        {"{\"id\":1,\"t\":\"x\",\"t\":\"x\"}", REJECT_DUP_KEY,
         "title: a member in /t is there twice"},
        {"{\"id\":1,\"t\":\"x\",\"s\":\"sold\"}", REJECT_BAD_VALUE, "state: sold is not known"},
        {"{\"id\":1,\"t\":\"x\",\"c\":503}", REJECT_BAD_VALUE, "status: 503 "},
        {"{\"id\":1,\"t\":\"x\",\"at\":\"2026-11-30 08:00:00\"}", REJECT_BAD_TIME, "observed_at: "},
        {"{\"id\":1,\"t\":\"x\",\"at\":99999999999999999999}", REJECT_BAD_TIME, "observed_at: "},
        {"{\"id\":1,\"t\":\"x\",\"at\":-5}", REJECT_BAD_TIME, "observed_at: "},
    };
    struct map *map = make(words);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(decode(map, cases[i].line), cases[i].code);
        if (strncmp(reject.detail, cases[i].detail, strlen(cases[i].detail)) != 0)
            fail_msg("%s: %s", cases[i].line, reject.detail);
    }
    assert_int_equal(decode(map, "{\"id\":1,\"t\":\"x\",\"c\":404}"), REJECT_NONE);
    is_text(listing.state, "gone");
    is_text(listing.status, "404");
    assert_null(map_close(map));
}

static void times_of_crawlers_become_rfc_3339(void **state)
{
    static const char *const words[] = {BASE, "observed_at=/at", "zone=+02:00", NULL};
    static const struct {
        const char *at, *written;
    } cases[] = {
        {"1764489600", "2025-11-30T08:00:00.000000000Z"},
        {"1764489600123", "2025-11-30T08:00:00.123000000Z"},
        {"\"1764489600.5\"", "2025-11-30T08:00:00.500000000Z"},
        {"1764489600.1234567891", "2025-11-30T08:00:00.123456789Z"},
        {"1000000000", "2001-09-09T01:46:40.000000000Z"},
        {"\"2026-11-30 08:00:00\"", "2026-11-30 08:00:00+02:00"},
        {"\"2026-11-30T08:00:00.5\"", "2026-11-30T08:00:00.5+02:00"},
        {"\"2026-11-30T08:00:00Z\"", "2026-11-30T08:00:00Z"},
        {"\"2026-11-30T08:00:00-05:00\"", "2026-11-30T08:00:00-05:00"},
    };
    struct map *map = make(words);
    char line[256];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(line, sizeof(line), "{\"id\":1,\"t\":\"x\",\"at\":%s}", cases[i].at);
        assert_int_equal(decode(map, line), REJECT_NONE);
        is_text(listing.observed_at, cases[i].written);
    }
    static const char *const no_times[] = {
        "0",         "20260304",    "\"20260304\"",  "\"202603041015\"",
        "999999999", "10000000000", "17644896001234"};
    for (size_t i = 0; i < sizeof(no_times) / sizeof(no_times[0]); i++) {
        (void)snprintf(line, sizeof(line), "{\"id\":1,\"t\":\"x\",\"at\":%s}", no_times[i]);
        assert_int_equal(decode(map, line), REJECT_BAD_TIME);
    }
    assert_null(map_close(map));
}

/* A description may name a text that the line holds once many times over. */
static void a_description_is_never_longer_than_its_room(void **state)
{
    static const char *const words[] = {
        BASE, "description=/t", "description=/a", "description=/a", "description=/a", NULL};
    struct map *map = make(words);
    char *line = malloc(JSON_BYTES_MAX);

    (void)state;
    assert_non_null(line);
    /* title and the first string fill the room to the byte, or all but one or two */
    for (int less = 0; less < 3; less++) {
        size_t title = JSON_BYTES_MAX / 2 - (size_t)less;
        int len = snprintf(line, JSON_BYTES_MAX, "{\"id\":\"1\",\"a\":\"%0*d\",\"t\":\"%0*d\"}",
                           100000, 7, (int)title, 7);
        assert_in_range(len, 1, JSON_BYTES_MAX - 1);
        assert_int_equal(decode_len(map, line, (size_t)len), REJECT_TOO_LONG);
    }
    free(line);
    assert_null(map_close(map));
}

static void conditions_say_what_is_gone_and_what_was_supported(void **state)
{
    static const char *const words[] = {BASE,
                                        "gone=/removed",
                                        "gone=/status=sold out",
                                        "gone=/left=0",
                                        "support.preferred_status=/badges/*=gold",
                                        "support.promo_email=/mail",
                                        NULL};
    static const struct {
        const char *members;
        bool gone;
        unsigned support;
    } cases[] = {
        {"", false, 0},
        {",\"removed\":true", true, 0},
        {",\"removed\":false", false, 0},
        {",\"removed\":\"\"", false, 0},
        {",\"removed\":0.0", false, 0},
        {",\"removed\":0.5", true, 0},
        {",\"removed\":{}", false, 0},
        {",\"status\":\"sold out\"", true, 0},
        {",\"status\":\"sold\"", false, 0},
        {",\"left\":0", true, 0},
        {",\"left\":\"0\"", true, 0},
        {",\"left\":10", false, 0},
        {",\"badges\":[\"new\",\"gold\"]", false, 1u << 3},
        {",\"badges\":[\"golden\"],\"mail\":\"yes\"", false, 1u << 1},
    };
    struct map *map = make(words);
    char line[256];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(line, sizeof(line), "{\"id\":1,\"t\":\"x\"%s}", cases[i].members);
        assert_int_equal(decode(map, line), REJECT_NONE);
        is_text(listing.state, cases[i].gone ? "gone" : "active");
        assert_int_equal(listing.support, cases[i].support);
    }
    assert_null(map_close(map));
}

static void json_ld_gives_its_one_product(void **state)
{
    static const char product[] =
        "{\"@type\":[\"Product\",\"Thing\"],\"name\":\"Bag\",\"sku\":\"S1\",\"brand\":{\"name\":"
        "\"Acme\"},\"isRelatedTo\":{\"@type\":\"Product\",\"name\":\"Other\"},\"offers\":[{"
        "\"price\":\"9\",\"priceCurrency\":\"EUR\",\"url\":\"https://m.example/p\",\"seller\":{"
        "\"name\":\"Shop 7\"}}]}";
    static const char other[] = "{\"@type\":\"BreadcrumbList\",\"name\":\"x\"}";
    static const struct {
        const char *text; /* P, O: the two objects */
        unsigned products;
    } shapes[] = {
        {"P", 1},
        {"[O,P]", 1},
        {"{\"@context\":\"https://schema.org\",\"@graph\":[O,P]}", 1},
        {"[{\"@graph\":[O]},{\"@graph\":[P]}]", 1},
        {"{\"@type\":\"page\",\"mainEntity\":P}", 1},
        {"[P,P]", 2},
        {"[O]", 0},
    };
    const struct map *map = maps_find(maps, "schema-org", 10);
    char line[2048];

    (void)state;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        size_t len = 0;
        for (const char *at = shapes[i].text; *at != '\0'; at++) {
            const char one[] = {*at, '\0'};
            const char *piece = *at == 'P' ? product : *at == 'O' ? other : one;
            len += (size_t)snprintf(line + len, sizeof(line) - len, "%s", piece);
        }
        enum reject_code code = decode(map, line);
        if (shapes[i].products != 1) {
            assert_int_equal(code,
                             shapes[i].products == 0 ? REJECT_MISSING_FIELD : REJECT_BAD_VALUE);
            continue;
        }
        if (code != REJECT_NONE)
            fail_msg("%s: %s", line, reject.detail);
        is_text(listing.platform, "m.example");
        is_text(listing.listing_id, "S1");
        is_text(listing.title, "Bag");
        is_text(listing.description, "Acme");
        is_text(listing.seller_id, "Shop 7");
        is_text(listing.price, "9");
        is_text(listing.currency, "EUR");
    }
}

/* Who sells under the name "Replica Shop" has not written that into the listing. */
static void json_ld_of_one_offer_has_no_text_of_its_seller(void **state)
{
    static const char line[] =
        "{\"@type\":\"Product\",\"name\":\"Bag\",\"url\":\"https://m.example/p\",\"offers\":{"
        "\"name\":\"large\",\"seller\":{\"name\":\"Replica Shop\"}}}";

    (void)state;
    assert_int_equal(decode(maps_find(maps, "schema-org", 10), line), REJECT_NONE);
    is_text(listing.description, "large");
    is_text(listing.seller_id, "Replica Shop");
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl" /* 64 */

static void pages_of_other_crawlers_become_listings(void **state)
{
    static const struct {
        const char *map, *line, *platform, *id, *title;
    } cases[] = {
        {"crawlee", "{\"request\":{\"loadedUrl\":\"https://a.example/x\"},\"title\":\"T\"}",
         "a.example", "https://a.example/x", "T"},
        {"scrapy-cluster",
         "{\"appid\":\"a\",\"crawlid\":\"c\",\"url\":\"http://b.example/1\",\"response_url\":"
         "\"http://www.b.example/1\",\"status_code\":200,\"body\":\"<p>fake</p>\",\"timestamp\":"
         "\"2026-11-30T08:00:00.123456\"}",
         "b.example", "http://www.b.example/1", "http://www.b.example/1"},
        {"wet",
         "{\"WARC-Type\":\"conversion\",\"WARC-Target-URI\":\"https://c.example/\",\"WARC-Date\":"
         "\"2026-11-30T08:00:00Z\",\"WARC-Record-ID\":\"<urn:uuid:1>\",\"text\":\"words\"}",
         "c.example", "https://c.example/", "https://c.example/"},
        {"wet",
         "{\"WARC-Target-URI\":\"https://d.example/" LETTERS LETTERS LETTERS LETTERS
         "\",\"WARC-Date\":\"2026-11-30T08:00:00Z\",\"WARC-Record-ID\":\"<urn:uuid:1>\","
         "\"listing_id\":\"sha256:ab\",\"title\":\"T\",\"text\":\"words\"}",
         "d.example", "sha256:ab", "T"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct map *map = maps_find(maps, cases[i].map, strlen(cases[i].map));
        if (decode(map, cases[i].line) != REJECT_NONE)
            fail_msg("%s: %s", cases[i].map, reject.detail);
        is_text(listing.platform, cases[i].platform);
        is_text(listing.listing_id, cases[i].id);
        is_text(listing.title, cases[i].title);
    }
    is_text(listing.observed_at, "2026-11-30T08:00:00Z");
}

static void a_host_is_found_in_an_address_and_nowhere_else(void **state)
{
    static const char *const words[] = {"platform=host:/u", "platform==none", "listing_id==1",
                                        "title==t", NULL};
    static const struct {
        const char *url, *host;
    } cases[] = {
        {"https://Shop.Example/a//b", "shop.example"},
        {"//cdn.example?x", "cdn.example"},
        {"https://a:b@c@h.example:1/", "h.example"},
        {"http://[::1]:80/x", "[::1]"},
        {"http://www.x.example", "x.example"},
        {"http://www./", "www."},
        {"shop.example/a//b", "none"},
        {"mailto:a@b.example", "none"},
        {"https://", "none"},
        {"", "none"},
    };
    struct map *map = make(words);
    char line[256];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(line, sizeof(line), "{\"u\":\"%s\"}", cases[i].url);
        assert_int_equal(decode(map, line), REJECT_NONE);
        is_text(listing.platform, cases[i].host);
    }
    assert_null(map_close(map));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_of_scrapy_becomes_a_listing),
        cmocka_unit_test(the_first_word_that_gives_something_holds),
        cmocka_unit_test(a_value_that_is_too_long_gives_way_to_the_next_word),
        cmocka_unit_test(what_cannot_be_mapped_is_refused_with_its_reason),
        cmocka_unit_test(times_of_crawlers_become_rfc_3339),
        cmocka_unit_test(a_description_is_never_longer_than_its_room),
        cmocka_unit_test(conditions_say_what_is_gone_and_what_was_supported),
        cmocka_unit_test(json_ld_gives_its_one_product),
        cmocka_unit_test(json_ld_of_one_offer_has_no_text_of_its_seller),
        cmocka_unit_test(pages_of_other_crawlers_become_listings),
        cmocka_unit_test(a_host_is_found_in_an_address_and_nowhere_else),
    };
    return cmocka_run_group_tests(tests, open_maps, close_maps);
}
