/*
 * The bounds of what a map makes of a line: parts, bytes, steps.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/mapped_rig.h"

static void more_parts_than_are_kept_apart_join_the_last(void **state)
{
    static const char *const words[] = {BASE, "description=/d/*", NULL};
    struct map *map = make(words);
    char line[512];
    size_t len = (size_t)snprintf(line, sizeof(line), "{\"id\":1,\"t\":\"x\",\"d\":[\"first\"");

    (void)state;
    for (unsigned i = 2; i <= MAP_PARTS_MAX + 2; i++)
        len += (size_t)snprintf(line + len, sizeof(line) - len, ",\"p%u\"", i);
    (void)snprintf(line + len, sizeof(line) - len, "]}");
    assert_int_equal(decode(map, line), REJECT_NONE);
    assert_int_equal(listing.parts_count, MAP_PARTS_MAX);
    is_text(listing.parts[1], "p2");
    is_text(listing.parts[MAP_PARTS_MAX - 1], "p15\np16\np17");
    assert_memory_equal(listing.description.at, "first\np2\np3\n", 12);
    assert_null(map_close(map));
}

/* The longest line, all of it twice in the texts: it must be refused, not overflow. */
static void title_and_description_are_no_longer_than_a_line(void **state)
{
    static const char *const words[] = {BASE, "description=/t", "description=/t", NULL};
    const size_t len = JSON_BYTES_MAX;
    struct map *map = make(words);
    char *line = malloc(len);

    (void)state;
    assert_non_null(line);
    memset(line, 'a', len);
    memcpy(line, "{\"id\":1,\"t\":\"", 13);
    memcpy(line + len - 2, "\"}", 2);
    assert_int_equal(decode_len(map, line, len), REJECT_TOO_LONG);
    line[90000] = '"';
    memset(line + 90001, ' ', len - 90001);
    line[len - 1] = '}';
    assert_int_equal(decode_len(map, line, len), REJECT_TOO_LONG);
    line[80000] = '"';
    line[90000] = ' ';
    memset(line + 80001, ' ', 9999);
    assert_int_equal(decode_len(map, line, len), REJECT_NONE);
    assert_int_equal(listing.description.len, (size_t)2 * (80000 - 13) + 1);
    free(line);
    assert_null(map_close(map));
}

/* A line that would take a map minutes ends soon. */
static void a_line_costs_a_map_so_many_steps_and_no_more(void **state)
{
    static const char *const words[] = {BASE,
                                        "description=/x/*/*",
                                        "description=/x/*/*",
                                        "description=/x/*/*",
                                        "description=/x/*/*",
                                        NULL};
    const size_t len = 200000;
    struct map *map = make(words);
    char *line = malloc(len);

    (void)state;
    assert_non_null(line);
    memset(line, ' ', len);
    memcpy(line, "{\"id\":1,\"t\":\"x\",\"x\":[[1", 23);
    for (size_t i = 23; i < len - 3; i += 2)
        memcpy(line + i, ",1", 2);
    memcpy(line + len - 3, "]]}", 3);
    assert_int_equal(decode_len(map, line, len), REJECT_BAD_VALUE);
    assert_memory_equal(reject.detail, "line: has more members than a map looks at", 42);
    free(line);
    assert_null(map_close(map));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_parts_than_are_kept_apart_join_the_last),
        cmocka_unit_test(title_and_description_are_no_longer_than_a_line),
        cmocka_unit_test(a_line_costs_a_map_so_many_steps_and_no_more),
    };
    return cmocka_run_group_tests(tests, open_maps, close_maps);
}
