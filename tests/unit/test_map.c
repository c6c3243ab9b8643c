/*
 * Field maps as they are written: pointers, words, names, the built-in ones.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/map_pointer.h"
#include "daemon/maps.h"
#include "tests/unit/json_rig.h"

static char text[4096];
static char room[JSON_ROOM_BYTES(sizeof(text))];

/* What a pointer leads to in a line, as "type type ...", or what went wrong. */
static const char *walk(const char *pointer_text, const char *line, uint64_t steps)
{
    static char found[256];
    static const char *const ends[] = {"", "", "twice", "steps"};
    struct map_pointer pointer;
    struct map_walk walk;
    char problem[MAP_POINTER_PROBLEM];
    const struct json_tape *tape = NULL;
    bool surrogate;
    size_t len = strlen(line), used = 0;
    enum map_found result;
    uint64_t index;

    memset(text, ' ', sizeof(text));
    memcpy(text, line, len);
    assert_int_equal(map_pointer_parse(pointer_text, strlen(pointer_text), &pointer, problem), 0);
    assert_int_equal(json_parse_into(parser, text, len, room, &tape, &surrogate), JSON_OK);
    map_walk_begin(&walk, tape, JSON_TAPE_ROOT, &pointer, &steps);
    found[0] = '\0';
    while ((result = map_walk_next(&walk, &index)) == MAP_FOUND_VALUE) {
        struct json_value value;
        (void)json_tape_read(tape, index, &value);
        if (value.type == JSON_INTEGER)
            used += (size_t)snprintf(found + used, sizeof(found) - used, "%lld ",
                                     (long long)value.integer);
        else
            used += (size_t)snprintf(found + used, sizeof(found) - used, "%s ",
                                     json_type_name(value.type));
        assert_true(used < sizeof(found));
    }
    (void)snprintf(found + used, sizeof(found) - used, "%s", ends[result]);
    return found;
}

/* RFC 6901, section 5, and what `*` adds. */
static void a_pointer_leads_where_rfc_6901_says(void **state)
{
    static const char rfc[] = "{\"foo\":[10,11],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
                              "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,\"*\":9,\"0\":12,"
                              "\"01\":13,\"d\":{\"x\":{\"n\":1},\"y\":{\"n\":2},\"z\":3}}";
    static const struct {
        const char *pointer, *found;
    } cases[] = {
        {"", "an object "},
        {"/foo", "an array "},
        {"/foo/0", "10 "},
        {"/foo/1", "11 "},
        {"/foo/2", ""},
        {"/foo/-", ""},
        {"/foo/01", ""},
        {"/foo/99999999999999999999", ""},
        {"/", "0 "},
        {"/a~1b", "1 "},
        {"/c%d", "2 "},
        {"/e^f", "3 "},
        {"/g|h", "4 "},
        {"/i\\j", "5 "},
        {"/k\"l", "6 "},
        {"/ ", "7 "},
        {"/m~0n", "8 "},
        {"/~2", "9 "},
        {"/0", "12 "},
        {"/01", "13 "},
        {"/foo/*", "10 11 "},
        {"/d/*/n", "1 2 "},
        {"/d/*", "an object an object 3 "},
        {"/d/*/*", "1 2 "},
        {"/*/0", "10 "},
        {"/nothing", ""},
        {"/foo/0/x", ""},
        {"/d/z/*", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *found = walk(cases[i].pointer, rfc, 1000);
        if (strcmp(found, cases[i].found) != 0)
            fail_msg("%s: %s, not %s", cases[i].pointer, found, cases[i].found);
    }
}

static void a_member_that_is_there_twice_is_never_picked(void **state)
{
    (void)state;
    assert_string_equal(walk("/a", "{\"a\":1,\"b\":2,\"a\":1}", 100), "twice");
    assert_string_equal(walk("/b", "{\"a\":1,\"b\":2,\"a\":1}", 100), "2 ");
    assert_string_equal(walk("/*/a", "[{\"a\":1},{\"a\":1,\"\\u0061\":2}]", 100), "1 twice");
}

static void a_walk_ends_when_its_steps_are_used_up(void **state)
{
    (void)state;
    assert_string_equal(walk("/*", "[1,2,3]", 3), "1 2 3 ");
    assert_string_equal(walk("/*", "[1,2,3]", 2), "1 2 steps");
    assert_string_equal(walk("/c", "{\"a\":1,\"b\":2,\"c\":3}", 2), "steps");
    assert_string_equal(walk("/2", "[1,2,3]", 1), "steps");
}

static void each_wrong_word_is_told(void **state)
{
    static const struct {
        enum map_key key;
        const char *word, *problem;
    } cases[] = {
        {MAP_TITLE, "name", "must be a pointer such as /name, =text, or host:/url, not \"name\""},
        {MAP_TITLE, "", "must be a pointer"},
        {MAP_TITLE, "/a~b", "the pointer holds a \"~\" that is not ~0 (~), ~1 (/) or ~2 (*)"},
        {MAP_TITLE, "/a~", "the pointer holds a \"~\""},
        {MAP_TITLE, "/a~3", "the pointer holds a \"~\""},
        {MAP_TITLE, "/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7", "the pointer has more than 16 parts"},
        {MAP_PLATFORM, "host:url", "the pointer does not begin with \"/\": \"url\""},
        {MAP_DESCRIPTION, "host:/url", "a host is no text to look for marks in"},
        {MAP_ROOT, "a", "the pointer does not begin with \"/\""},
        {MAP_WHERE, "=a", "must be a pointer, or a pointer and what it is, such as /type=ad"},
        {MAP_GONE, "", "must be a pointer, or"},
        {MAP_ZONE, "UTC", "must be Z or an offset such as +01:00"},
        {MAP_ZONE, "+25:00", "must be Z or an offset"},
        {MAP_ZONE, "", "must be Z or an offset"},
    };
    char problem[MAP_PROBLEM_BYTES], long_word[MAP_POINTER_BYTES_MAX + 2];
    struct map *map = NULL;

    (void)state;
    assert_int_equal(map_open("m", &map), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        problem[0] = '\0';
        assert_int_equal(map_add(map, cases[i].key, cases[i].word, strlen(cases[i].word), problem),
                         -EINVAL);
        if (strncmp(problem, cases[i].problem, strlen(cases[i].problem)) != 0)
            fail_msg("%s: %s", cases[i].word, problem);
        assert_int_equal(map_words_count(map, cases[i].key), 0);
    }
    memset(long_word, 'a', sizeof(long_word));
    long_word[0] = '/';
    assert_int_equal(map_add(map, MAP_URL, long_word, MAP_POINTER_BYTES_MAX, problem), 0);
    assert_int_equal(map_add(map, MAP_URL, long_word, sizeof(long_word), problem), -EINVAL);
    assert_int_equal(map_add(map, MAP_TITLE, "/a\0b", 4, problem), -EINVAL);
    for (unsigned i = 0; i < MAP_WORDS_MAX; i++)
        assert_int_equal(map_add(map, MAP_TITLE, "/a", 2, problem), 0);
    assert_int_equal(map_add(map, MAP_TITLE, "/a", 2, problem), -EINVAL);
    assert_int_equal(map_add(map, MAP_ZONE, "Z", 1, problem), 0);
    assert_int_equal(map_add(map, MAP_ZONE, "Z", 1, problem), -EINVAL);
    assert_null(map_close(map));
    assert_null(map_close(NULL));
}

static void a_map_takes_over_what_it_does_not_say_itself(void **state)
{
    char problem[MAP_PROBLEM_BYTES];
    struct map *base = NULL, *map = NULL;

    (void)state;
    assert_int_equal(map_open("base", &base), 0);
    assert_int_equal(map_open("map", &map), 0);
    assert_int_equal(map_add(base, MAP_PLATFORM, "=a", 2, problem), 0);
    assert_int_equal(map_add(base, MAP_LISTING_ID, "/id", 3, problem), 0);
    assert_int_equal(map_check(base, problem), -EINVAL);
    assert_string_equal(problem, "says nothing of title, which every listing needs");
    assert_int_equal(map_add(base, MAP_TITLE, "/t", 2, problem), 0);
    assert_int_equal(map_check(base, problem), 0);
    assert_int_equal(map_add(map, MAP_PLATFORM, "=b", 2, problem), 0);
    assert_int_equal(map_inherit(map, base), 0);
    assert_int_equal(map_words_count(map, MAP_PLATFORM), 1);
    assert_string_equal(map_word(map, MAP_PLATFORM, 0), "=b");
    assert_string_equal(map_word(map, MAP_TITLE, 0), "/t");
    assert_string_equal(map_name(map), "map");
    assert_int_equal(map_check(map, problem), 0);
    assert_null(map_close(base));
    assert_null(map_close(map));
}

static void the_built_in_maps_are_whole_and_their_names_are_kept(void **state)
{
    static const char *const names[] = {"scrapy",     "crawlee", "scrapy-cluster",
                                        "schema-org", "wet",     "warc"};
    static const struct {
        const char *name, *problem;
    } wrong[] = {
        {"scrapy", "is built in"},  {"none", "none stands for no map"}, {"a b", "a name has only"},
        {"a.b", "a name has only"}, {"", "a name has 1 to 64"},         {"mine", "is there twice"},
    };
    char problem[MAP_PROBLEM_BYTES];
    struct maps *maps = NULL;
    struct map *map = NULL;

    (void)state;
    assert_int_equal(maps_open(&maps), 0);
    assert_int_equal(maps_count(maps), sizeof(names) / sizeof(names[0]));
    for (size_t i = 0; i < maps_count(maps); i++) {
        assert_string_equal(map_name(maps_at(maps, i)), names[i]);
        assert_int_equal(map_check(maps_at(maps, i), problem), 0);
        assert_true(maps_is_builtin(maps, maps_at(maps, i)));
    }
    assert_int_equal(maps_add(maps, "mine", 4, &map, problem), 0);
    assert_ptr_equal(maps_find(maps, "mine", 4), map);
    assert_null(maps_find(maps, "min", 3));
    assert_false(maps_is_builtin(maps, map));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(maps_add(maps, wrong[i].name, strlen(wrong[i].name), &map, problem),
                         -EINVAL);
        assert_memory_equal(problem, wrong[i].problem, strlen(wrong[i].problem));
    }
    for (unsigned i = 0; maps_count(maps) < MAPS_MAX; i++) {
        char name[8];
        int len = snprintf(name, sizeof(name), "m%u", i);
        assert_int_equal(maps_add(maps, name, (size_t)len, &map, problem), 0);
    }
    assert_int_equal(maps_add(maps, "more", 4, &map, problem), -EINVAL);
    assert_null(maps_close(maps));
    assert_null(maps_close(NULL));
}

static void each_key_has_the_name_it_is_found_by(void **state)
{
    (void)state;
    for (enum map_key key = 0; key < MAP_KEYS_COUNT; key++)
        assert_int_equal(map_key_named(map_key_name(key), strlen(map_key_name(key))), key);
    assert_int_equal(map_key_named("titl", 4), MAP_KEYS_COUNT);
    assert_int_equal(map_key_named("support.hosting", 15), MAP_KEYS_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pointer_leads_where_rfc_6901_says),
        cmocka_unit_test(a_member_that_is_there_twice_is_never_picked),
        cmocka_unit_test(a_walk_ends_when_its_steps_are_used_up),
        cmocka_unit_test(each_wrong_word_is_told),
        cmocka_unit_test(a_map_takes_over_what_it_does_not_say_itself),
        cmocka_unit_test(the_built_in_maps_are_whole_and_their_names_are_kept),
        cmocka_unit_test(each_key_has_the_name_it_is_found_by),
    };
    return cmocka_run_group_tests(tests, open_parser, close_parser);
}
