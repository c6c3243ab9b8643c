/*
 * The window of what has a record already, beside one that remembers everything in a list.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/dedupe.h"
#include "daemon/gradual.h"
#include "tests/fakes/test.h"

#define NAIVE_MAX  4000u
#define FULL_BYTES (8 + DEDUPE_ENTRY_BYTES * 64)

static struct fingerprint name_of(unsigned n)
{
    char text[16];
    int len = snprintf(text, sizeof text, "%u", n);
    return fingerprint_listing((struct fingerprint_part){"p", 1},
                               (struct fingerprint_part){text, (size_t)len});
}

/* What the window must hold: the latest max additions. */
struct naive {
    size_t max, count;
    struct {
        unsigned name;
        uint64_t seq;
        bool matched;
    } entries[NAIVE_MAX];
};

static size_t naive_find(const struct naive *naive, unsigned name)
{
    size_t i = 0;
    while (i < naive->count && naive->entries[i].name != name)
        i++;
    return i;
}

static void naive_add(struct naive *naive, unsigned name, uint64_t seq)
{
    if (naive_find(naive, name) < naive->count)
        return;
    if (naive->count == naive->max) {
        memmove(naive->entries, naive->entries + 1, (naive->count - 1) * sizeof naive->entries[0]);
        naive->count--;
    }
    naive->entries[naive->count].name = name;
    naive->entries[naive->count].seq = seq;
    naive->entries[naive->count].matched = false;
    naive->count++;
}

static void compare(const struct dedupe *dedupe, const struct naive *naive, unsigned names)
{
    assert_int_equal(dedupe_count(dedupe), naive->count);
    for (unsigned n = 0; n < names; n++) {
        struct fingerprint name = name_of(n);
        struct dedupe_entry entry;
        size_t at = naive_find(naive, n);
        assert_int_equal(dedupe_find(dedupe, &name, &entry), at < naive->count);
        if (at == naive->count)
            continue;
        assert_int_equal(entry.seq, naive->entries[at].seq);
        assert_int_equal(entry.matched, naive->entries[at].matched);
    }
}

static void encode(struct dedupe *dedupe, uint8_t *bytes)
{
    assert_int_equal(dedupe_encode(dedupe, bytes), 0);
    gradual_copy(dedupe_copy(dedupe), bytes + dedupe_encoded_bytes(dedupe));
    assert_null(dedupe_copy(dedupe)->to);
}

static struct dedupe *copy_of(struct dedupe *dedupe, size_t max)
{
    struct dedupe *copy = NULL;
    size_t len = dedupe_encoded_bytes(dedupe);
    uint8_t *bytes = malloc(len), *again = malloc(len);
    assert_non_null(bytes);
    assert_non_null(again);
    encode(dedupe, bytes);
    assert_int_equal(dedupe_open(max, &copy), 0);
    assert_int_equal(dedupe_decode(copy, bytes, len), 0);
    assert_int_equal(dedupe_encoded_bytes(copy), len);
    encode(copy, again);
    assert_memory_equal(bytes, again, len);
    free(bytes);
    free(again);
    return copy;
}

static void it_holds_the_latest_and_nothing_else(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 7, 64, 1000};
    static struct naive naive;
    uint32_t seed = 1;
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct dedupe *dedupe = NULL;
        const unsigned names = (unsigned)sizes[i] * 3;
        naive.max = sizes[i];
        naive.count = 0;
        assert_int_equal(dedupe_open(sizes[i], &dedupe), 0);
        for (uint64_t seq = 5; seq < 5 + 12 * sizes[i]; seq++) {
            seed = seed * 1664525u + 1013904223u;
            unsigned n = (seed >> 8) % names;
            struct fingerprint name = name_of(n);
            dedupe_add(dedupe, &name, seq);
            naive_add(&naive, n, seq);
            if ((seed >> 4) % 3 == 0) {
                size_t at = (seed >> 9) % naive.count;
                dedupe_set_matched(dedupe, naive.entries[at].seq);
                naive.entries[at].matched = true;
            }
        }
        compare(dedupe, &naive, names);
        struct dedupe *copy = copy_of(dedupe, sizes[i]);
        compare(copy, &naive, names);
        copy = dedupe_close(copy);
        dedupe = dedupe_close(dedupe);
    }
}

static void what_is_copied_while_it_changes_is_what_stood_there_at_the_beginning(void **state)
{
    uint32_t seed = 7;
    (void)state;
    for (unsigned turn = 0; turn < 100; turn++) {
        const size_t max = 20 + turn * 7;
        struct dedupe *dedupe = NULL;
        uint64_t seq = 1;
        assert_int_equal(dedupe_open(max, &dedupe), 0);
        for (; seq < 1 + turn * 20; seq++) {
            struct fingerprint name = name_of((unsigned)seq);
            dedupe_add(dedupe, &name, seq);
        }
        size_t len = dedupe_encoded_bytes(dedupe);
        uint8_t *before = malloc(len), *bytes = malloc(len);
        encode(dedupe, before);
        assert_int_equal(dedupe_encode(dedupe, bytes), 0);
        for (size_t end = 0; dedupe_copy(dedupe)->to != NULL; end += seed % 900) {
            for (unsigned i = 0; i < 10; i++, seq++) {
                struct fingerprint name = name_of((unsigned)seq);
                seed = seed * 1664525u + 1013904223u;
                dedupe_add(dedupe, &name, seq);
                dedupe_set_matched(dedupe, seq - seed % max);
            }
            gradual_copy(dedupe_copy(dedupe), bytes + (end < len ? end : len));
        }
        assert_memory_equal(before, bytes, len);
        free(before);
        free(bytes);
        dedupe = dedupe_close(dedupe);
    }
}

static void a_copy_goes_on_as_the_window_itself(void **state)
{
    struct dedupe *dedupe = NULL;
    (void)state;
    assert_int_equal(dedupe_open(50, &dedupe), 0);
    for (unsigned n = 0; n < 130; n++) {
        struct fingerprint name = name_of(n);
        dedupe_add(dedupe, &name, n);
    }
    struct dedupe *copy = copy_of(dedupe, 50);
    for (unsigned n = 130; n < 175; n++) {
        struct fingerprint name = name_of(n);
        dedupe_add(dedupe, &name, n);
        dedupe_add(copy, &name, n);
        dedupe_set_matched(dedupe, n - 3);
        dedupe_set_matched(copy, n - 3);
    }
    uint8_t bytes[2][FULL_BYTES];
    assert_int_equal(dedupe_encoded_bytes(dedupe), dedupe_encoded_bytes(copy));
    encode(dedupe, bytes[0]);
    encode(copy, bytes[1]);
    assert_memory_equal(bytes[0], bytes[1], dedupe_encoded_bytes(dedupe));
    copy = dedupe_close(copy);
    dedupe = dedupe_close(dedupe);
}

static void what_is_no_window_is_refused_and_leaves_it_empty(void **state)
{
    struct dedupe *dedupe = NULL, *other = NULL;
    uint8_t bytes[FULL_BYTES], bad[FULL_BYTES + 24];
    (void)state;
    assert_int_equal(dedupe_open(10, &dedupe), 0);
    assert_int_equal(dedupe_open(9, &other), 0);
    for (unsigned n = 0; n < 10; n++) {
        struct fingerprint name = name_of(n);
        dedupe_add(dedupe, &name, 2 * n + 1);
    }
    size_t len = dedupe_encoded_bytes(dedupe);
    encode(dedupe, bytes);
    assert_int_equal(dedupe_decode(other, bytes, len), -EBADMSG); /* one more than fits */
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(dedupe_decode(other, bytes, cut), -EBADMSG);
    memcpy(bad, bytes, len);
    bad[0] = 9; /* one less than there are */
    assert_int_equal(dedupe_decode(other, bad, len), -EBADMSG);
    assert_int_equal(dedupe_decode(other, bad, len - DEDUPE_ENTRY_BYTES), 0);
    assert_int_equal(dedupe_count(other), 9);
    other = dedupe_close(other);
    assert_int_equal(dedupe_open(10, &other), 0);
    memcpy(bad, bytes, len);
    memcpy(bad + 8 + 24, bad + 8, 16); /* a name twice */
    assert_int_equal(dedupe_decode(other, bad, len), -EBADMSG);
    assert_int_equal(dedupe_count(other), 0);
    memcpy(bad, bytes, len);
    bad[8 + 24 + 16] = 1; /* a seq twice */
    assert_int_equal(dedupe_decode(other, bad, len), -EBADMSG);
    assert_int_equal(dedupe_count(other), 0);
    assert_int_equal(dedupe_decode(other, bytes, len), 0);
    other = dedupe_close(other);
    dedupe = dedupe_close(dedupe);
}

static void names_are_told_apart_by_kind_and_by_where_their_parts_end(void **state)
{
    const struct fingerprint_part ab = {"ab", 2}, a = {"a", 1}, bc = {"bc", 2}, c = {"c", 1};
    uint8_t zeros[DIGEST_BYTES] = {0}, one[DIGEST_BYTES] = {1};
    (void)state;
    const struct fingerprint prints[] = {
        fingerprint_listing(ab, c),        fingerprint_listing(a, bc),
        fingerprint_merchant(ab, c),       fingerprint_merchant(a, bc),
        fingerprint_event(ab, c, zeros),   fingerprint_event(a, bc, zeros),
        fingerprint_event(ab, c, one),     fingerprint_line(ab, c, 1, zeros),
        fingerprint_line(ab, c, 2, zeros), fingerprint_line(ab, c, 1, one),
        fingerprint_line(a, bc, 1, zeros)};
    for (size_t i = 0; i < sizeof prints / sizeof prints[0]; i++) {
        assert_false(fingerprint_none(&prints[i]));
        for (size_t j = 0; j < i; j++)
            assert_false(fingerprint_equal(&prints[i], &prints[j]));
    }
    struct fingerprint again = fingerprint_line(ab, c, 1, one);
    assert_true(fingerprint_equal(&prints[9], &again));
}

static void the_memory_of_the_standard_window_is_what_the_readme_says(void **state)
{
    (void)state;
    assert_int_equal(dedupe_bytes(1000000) >> 20, 38); /* MiB */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_holds_the_latest_and_nothing_else),
        cmocka_unit_test(what_is_copied_while_it_changes_is_what_stood_there_at_the_beginning),
        cmocka_unit_test(a_copy_goes_on_as_the_window_itself),
        cmocka_unit_test(what_is_no_window_is_refused_and_leaves_it_empty),
        cmocka_unit_test(names_are_told_apart_by_kind_and_by_where_their_parts_end),
        cmocka_unit_test(the_memory_of_the_standard_window_is_what_the_readme_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
