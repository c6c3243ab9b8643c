#include <stdbool.h>
#include <string.h>

#include "daemon/nearest.h"
#include "tests/fakes/test.h"

static const char *const names[] = {"crawl.socket", "control", "marks", "cues", "io", "marks"};

static void expect(const char *word, const char *wanted)
{
    struct nearest nearest = nearest_begin(word, strlen(word));
    char text[NEAREST_TEXT_BYTES];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        nearest_try(&nearest, names[i], strlen(names[i]));
    nearest_text(&nearest, "--", text);
    assert_string_equal(text, wanted);
}

static void a_slip_in_three_letters_is_seen_through(void **state)
{
    (void)state;
    expect("crawl.scoket", "; did you mean --crawl.socket?"); /* exchanged: one slip */
    expect("mark", "; did you mean --marks?");
    expect("markss", "; did you mean --marks?");
    expect("narks", "; did you mean --marks?");
    expect("cnotrl", "; did you mean --control?"); /* two in seven */
    expect("eus", "");                             /* two in four */
    expect("xy", "");
    expect("", "");
}

static void of_names_as_near_the_first_is_taken(void **state)
{
    (void)state;
    struct nearest nearest = nearest_begin("abcd", 4);
    nearest_try(&nearest, "abce", 4);
    nearest_try(&nearest, "abcf", 4);
    assert_string_equal(nearest.name, "abce");
    nearest_try(&nearest, "abcdefg", 4); /* its first four bytes */
    assert_int_equal(nearest.distance, 0);
    assert_int_equal(nearest.name_len, 4);
}

static void what_is_longer_than_any_name_is_near_nothing(void **state)
{
    (void)state;
    char word[NEAREST_BYTES_MAX + 2], longest[NEAREST_BYTES_MAX + 1], text[NEAREST_TEXT_BYTES];
    memset(word, 'a', sizeof word);
    memset(longest, 'a', sizeof longest);
    struct nearest nearest = nearest_begin(word, NEAREST_BYTES_MAX + 1);
    nearest_try(&nearest, longest, NEAREST_BYTES_MAX);
    assert_null(nearest.name);
    nearest = nearest_begin(word, NEAREST_BYTES_MAX);
    nearest_try(&nearest, longest, NEAREST_BYTES_MAX + 1);
    assert_null(nearest.name);
    nearest_try(&nearest, longest, NEAREST_BYTES_MAX - 1);
    assert_int_equal(nearest.distance, 1);
    nearest_text(&nearest, "--", text);
    assert_int_equal(strlen(text), strlen("; did you mean --?") + NEAREST_BYTES_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_in_three_letters_is_seen_through),
        cmocka_unit_test(of_names_as_near_the_first_is_taken),
        cmocka_unit_test(what_is_longer_than_any_name_is_near_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
