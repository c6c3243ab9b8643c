/*
 * json_parse_into: all of a document in memory that the caller gives.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/json_tape.h"
#include "tests/unit/json_rig.h"

/* Parses in room of exactly the promised size, which a sanitizer guards; *ret_room is to be freed.
 */
static enum json_status parse(const char *text, size_t len, char behind, char **ret_room,
                              const struct json_tape **ret_tape)
{
    char *bytes = malloc(len + JSON_SLACK_BYTES), *room = malloc(JSON_ROOM_BYTES(len));
    bool surrogate;

    assert_true(bytes != NULL && room != NULL);
    memcpy(bytes, text, len);
    memset(bytes + len, behind, JSON_SLACK_BYTES);
    enum json_status status = json_parse_into(parser, bytes, len, room, ret_tape, &surrogate);
    if (status == JSON_OK)
        assert_memory_equal(room, text, len);
    memset(bytes, '?', len);
    free(bytes);
    *ret_room = room;
    return status;
}

/* [UNIT,UNIT,...,UNIT] of as many units as fit len bytes. Each unit ends with a comma. */
static size_t array_of(const char *unit, char *ret_text, size_t len)
{
    size_t used = 0, unit_len = strlen(unit);

    ret_text[used++] = '[';
    for (; used + unit_len <= len; used += unit_len)
        memcpy(ret_text + used, unit, unit_len);
    ret_text[used - 1] = ']';
    return used;
}

static void the_strings_of_any_text_fit_the_room(void **state)
{
    static const char *const units[] = {"\"\",",
                                        "\"a\",",
                                        "\"\\n\",",
                                        "{\"\":\"\"},",
                                        "\"\\ud800\",",
                                        "1e999,\"\",\"\",",
                                        "\"0123456789abcde\","};
    static char text[JSON_BYTES_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        for (size_t len = 20; len <= JSON_BYTES_MAX; len += len < 600 ? 1 : JSON_BYTES_MAX - 600) {
            const struct json_tape *tape;
            size_t used = array_of(units[i], text, len), count = 0, last_len = 0;
            char *room;
            if (parse(text, used, ' ', &room, &tape) != JSON_OK)
                fail_msg("%s, %zu bytes: %s", units[i], used, json_reason(parser));
            const char *last = NULL;
            uint64_t index = JSON_TAPE_ROOT + 1;
            for (; json_tape_type(tape, index) != ']'; count++) {
                if (json_tape_type(tape, index) == '"')
                    last = json_tape_string(tape, index, &last_len);
                index = json_tape_after(tape, index);
            }
            assert_int_equal(count, json_tape_count(tape, JSON_TAPE_ROOT));
            volatile char sum = 0;
            for (size_t k = 0; last != NULL && k < last_len + JSON_SLACK_BYTES; k++)
                sum = (char)(sum + last[k]);
            free(room);
        }
    }
}

static void texts_and_spellings_outlive_the_next_parse(void **state)
{
    static const char first[] = "{\"a\":\"\\u0041bc\",\"b\":-1.50}",
                      other[] = "[\"zzzzzzzz\",99999]";
    const struct json_tape *tape;
    struct json_value root, number;
    struct json_member members[2];
    char *room, *room_of_other;
    const char *spelling;
    size_t len;
    bool surrogate;

    (void)state;
    assert_int_equal(parse(first, strlen(first), 'x', &room, &tape), JSON_OK);
    (void)json_tape_read(tape, JSON_TAPE_ROOT, &root);
    assert_int_equal(json_members(&root, members, 2), 2);
    number = members[1].value;
    json_spelling(parser, &number, &spelling, &len);
    assert_true(spelling >= room && spelling < room + strlen(first));
    assert_int_equal(parse(other, strlen(other), 'x', &room_of_other, &tape), JSON_OK);
    free(room_of_other);
    assert_int_equal(json_parse(parser,
                                "[\"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
                                "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\"]",
                                1, &root, &surrogate),
                     JSON_BAD);
    assert_int_equal(len, 5);
    assert_memory_equal(spelling, "-1.50", 5);
    assert_int_equal(members[0].value.len, 3);
    assert_memory_equal(members[0].value.text, "Abc", 4); /* and its NUL */
    free(room);
}

static void what_is_told_of_a_cut_text_does_not_depend_on_what_follows_it(void **state)
{
    static const char *const texts[] = {"[12", "[tru", "[true", "{\"a\":nul", "[-", "[1.", "\"a"};
    static const char behind[] = {' ', '1', 'e', '"', ']', '}', '\\', '\x80', '\0'};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *reason = NULL;
        for (size_t k = 0; k < sizeof(behind); k++) {
            const struct json_tape *tape;
            char *room;
            assert_int_equal(parse(texts[i], strlen(texts[i]), behind[k], &room, &tape), JSON_BAD);
            free(room);
            if (reason != NULL)
                assert_string_equal(json_reason(parser), reason);
            reason = json_reason(parser);
        }
    }
}

static void a_text_too_long_leaves_the_room_alone(void **state)
{
    static char text[JSON_BYTES_MAX + 1 + JSON_SLACK_BYTES];
    const struct json_tape *tape = NULL;
    char room[1] = {'r'};
    bool surrogate;

    (void)state;
    assert_int_equal(json_parse_into(parser, text, JSON_BYTES_MAX + 1, room, &tape, &surrogate),
                     JSON_TOO_LONG);
    assert_int_equal(room[0], 'r');
    assert_null(tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_strings_of_any_text_fit_the_room),
        cmocka_unit_test(texts_and_spellings_outlive_the_next_parse),
        cmocka_unit_test(what_is_told_of_a_cut_text_does_not_depend_on_what_follows_it),
        cmocka_unit_test(a_text_too_long_leaves_the_room_alone),
    };
    return cmocka_run_group_tests(tests, open_parser, close_parser);
}
