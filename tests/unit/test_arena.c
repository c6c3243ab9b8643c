/*
 * One block, handed out from the front, with slack behind everything; and the safe spelling of a
 * reject's detail.
 */
#include <string.h>

#include "daemon/arena.h"
#include "daemon/reject.h"
#include "tests/fakes/test.h"

static void everything_taken_is_aligned_and_within_the_block(void **state)
{
    struct arena arena;

    (void)state;
    assert_int_equal(arena_open(&arena, 61), 0);
    assert_int_equal(arena_room(&arena), 64);
    char *first = arena_take(&arena, 1);
    char *second = arena_take(&arena, 17);
    assert_int_equal((uintptr_t)first % 8, 0);
    assert_ptr_equal(second, first + 8);
    assert_int_equal(arena_room(&arena), 32);
    memset(arena_take(&arena, 32), 1, 32);
    assert_int_equal(arena_room(&arena), 0);
    arena_reset(&arena);
    assert_int_equal(arena_room(&arena), 64);
    assert_ptr_equal(arena_take(&arena, 0), first);
    arena_close(&arena);
    arena_close(&arena);
}

static void slack_follows_what_was_taken_last(void **state)
{
    struct arena arena;

    (void)state;
    for (size_t len = 0; len <= 256; len++) {
        volatile char sum = 0;
        assert_int_equal(arena_open(&arena, len), 0);
        char *at = arena_take(&arena, len);
        memset(at, 'x', len);
        for (size_t i = 0; i < ARENA_SLACK_BYTES; i++) /* a sanitizer guards the block's end */
            sum = (char)(sum + at[len + i]);
        arena_close(&arena);
    }
}

static void what_is_given_back_is_handed_out_again(void **state)
{
    struct arena arena;

    (void)state;
    assert_int_equal(arena_open(&arena, 64), 0);
    char *kept = arena_take(&arena, 8), *large = arena_take(&arena, 56);
    arena_give_back(&arena, large + 3); /* 8 bytes stay: everything begins on 8 */
    assert_int_equal(arena_room(&arena), 48);
    assert_ptr_equal(arena_take(&arena, 48), large + 8);
    arena_give_back(&arena, arena.block + arena.bytes); /* nothing */
    assert_int_equal(arena_room(&arena), 0);
    arena_give_back(&arena, kept + 8);
    assert_ptr_equal(arena_take(&arena, 1), large);
    arena_close(&arena);
}

static void a_detail_is_printable_ascii_and_cut_to_its_room(void **state)
{
    struct reject reject;
    char text[400];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    text[5] = '\n';
    text[6] = '\x1b';
    text[7] = '\xe2';
    assert_int_equal(reject_set(&reject, REJECT_BAD_VALUE, "a: %s", text), REJECT_BAD_VALUE);
    assert_int_equal(reject.code, REJECT_BAD_VALUE);
    assert_int_equal(strlen(reject.detail), REJECT_DETAIL_BYTES - 1);
    assert_memory_equal(reject.detail, "a: xxxxx???x", 12);
}

static void the_codes_have_the_names_of_the_wire(void **state)
{
    static const char *const names[REJECT_CODES_COUNT] = {
        "none",          "bad_json", "bad_utf8", "bad_time", "bad_type",   "bad_value",
        "missing_field", "dup_key",  "too_long", "too_deep", "not_allowed"};

    (void)state;
    for (unsigned i = 0; i < REJECT_CODES_COUNT; i++)
        assert_string_equal(reject_code_name((enum reject_code)i), names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_taken_is_aligned_and_within_the_block),
        cmocka_unit_test(what_is_given_back_is_handed_out_again),
        cmocka_unit_test(slack_follows_what_was_taken_last),
        cmocka_unit_test(a_detail_is_printable_ascii_and_cut_to_its_room),
        cmocka_unit_test(the_codes_have_the_names_of_the_wire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
