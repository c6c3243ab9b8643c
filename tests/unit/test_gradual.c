/*
 * A copy made in steps. Goal: it is what stood there at the beginning, whatever changes meanwhile.
 * Method: an array that changes at random places, in front of the copy and behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/gradual.h"
#include "tests/fakes/test.h"

#define ENTRIES 1000u

static uint8_t entries[ENTRIES];
static size_t encoded; /* how often one was */

static void encode(const void *context, size_t index, uint8_t *ret_bytes)
{
    assert_ptr_equal(context, entries);
    encoded++;
    ret_bytes[0] = entries[index];
    ret_bytes[1] = (uint8_t)~entries[index];
}

static void what_is_copied_is_what_stood_there_at_the_beginning_and_each_entry_once(void **state)
{
    (void)state;
    static const size_t counts[] = {1, 63, 64, 65, 128, 640, 999, ENTRIES};
    struct gradual gradual = {.encode = encode, .context = entries, .entry_bytes = 2};
    uint32_t seed = 5;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        uint8_t *bytes = malloc(2 * counts[i]), before[ENTRIES];
        memcpy(before, entries, sizeof before);
        encoded = 0;
        assert_int_equal(gradual_begin(&gradual, counts[i], bytes), 0);
        for (size_t end = 0; gradual.to != NULL; end += seed % 50) {
            for (unsigned k = 0; k < 3; k++) {
                seed = seed * 1664525u + 1013904223u;
                size_t index = (seed >> 8) % ENTRIES;
                gradual_before_change(&gradual, index);
                entries[index]++;
            }
            gradual_copy(&gradual, bytes + (end < 2 * counts[i] ? end : 2 * counts[i]));
        }
        for (size_t k = 0; k < counts[i]; k++) {
            assert_int_equal(bytes[2 * k], before[k]);
            assert_int_equal(bytes[2 * k + 1], (uint8_t)~before[k]);
        }
        assert_int_equal(encoded, counts[i]);
        gradual_before_change(&gradual, 0); /* none is under way */
        assert_int_equal(encoded, counts[i]);
        free(bytes);
    }
}

static void no_more_is_copied_than_is_asked_for_but_for_a_page(void **state)
{
    (void)state;
    struct gradual gradual = {.encode = encode, .context = entries, .entry_bytes = 2};
    uint8_t bytes[2 * ENTRIES];
    assert_int_equal(gradual_begin(&gradual, 0, bytes), 0);
    assert_null(gradual.to);
    encoded = 0;
    assert_int_equal(gradual_begin(&gradual, ENTRIES, bytes), 0);
    gradual_copy(&gradual, bytes);
    assert_int_equal(encoded, 0);
    gradual_copy(&gradual, bytes + 1);
    assert_true(encoded > 0 && encoded <= 64);
    gradual_copy(&gradual, bytes + 500);
    assert_true(encoded >= 250 && encoded <= 250 + 64);
    gradual_end(&gradual);
    gradual_copy(&gradual, bytes + sizeof bytes);
    assert_true(encoded <= 250 + 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_copied_is_what_stood_there_at_the_beginning_and_each_entry_once),
        cmocka_unit_test(no_more_is_copied_than_is_asked_for_but_for_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
