/*
 * The watched set and its filter, beside lists that do the same one by one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/gradual.h"
#include "daemon/watched.h"
#include "tests/fakes/test.h"

#define NAMES 300u

static struct watched_name name_of(unsigned n)
{
    char text[16];
    size_t len = (size_t)snprintf(text, sizeof text, "L%u", n);
    return (struct watched_name){.print = fingerprint_listing((struct fingerprint_part){"p", 1},
                                                              (struct fingerprint_part){text, len}),
                                 .hash = watched_hash(false, "p", 1, text, len)};
}

/* What the set must be: entries, each with when it was last seen. */
struct naive {
    size_t max, count;
    uint64_t clock, evicted, refused;
    struct {
        bool there, named, matched;
        uint64_t seen;
    } names[NAMES];
};

static bool naive_take(struct naive *naive, unsigned n)
{
    if (naive->names[n].there)
        return true;
    if (naive->count == naive->max) {
        unsigned oldest = NAMES;
        for (unsigned i = 0; i < NAMES; i++)
            if (naive->names[i].there && !naive->names[i].named &&
                (oldest == NAMES || naive->names[i].seen < naive->names[oldest].seen))
                oldest = i;
        if (oldest == NAMES) {
            naive->refused++;
            return false;
        }
        memset(&naive->names[oldest], 0, sizeof naive->names[0]);
        naive->count--;
        naive->evicted++;
    }
    naive->names[n].there = true;
    naive->names[n].seen = ++naive->clock;
    naive->count++;
    return true;
}

static void step(struct watched *watched, struct naive *naive, uint32_t random)
{
    const unsigned n = (random >> 8) % NAMES;
    const struct watched_name name = name_of(n);
    const struct fingerprint merchant = {.word = {1 + (random >> 24) % 3, 7}};
    switch (random % 8) {
    case 0:
        if (naive->count < naive->max * 2 / 3 || (random >> 16) % 16 == 0) {
            bool room = naive_take(naive, n);
            assert_int_equal(watched_add_named(watched, &name), room ? 0 : -ENOSPC);
            if (room)
                naive->names[n].named = true;
        }
        return;
    case 1:
    case 2:
    case 3:
        watched_add_matched(watched, &name);
        if (naive_take(naive, n))
            naive->names[n].matched = true;
        return;
    case 4:
        watched_set_merchant(watched, &name, &merchant);
        if (naive_take(naive, n))
            assert_true(watched_is_of(watched, &name, &merchant));
        return;
    default:
        watched_touch(watched, &name);
        if (naive->names[n].there && !naive->names[n].named)
            naive->names[n].seen = ++naive->clock;
    }
}

static void compare(const struct watched *watched, const struct naive *naive)
{
    const struct watched_filter *filter = watched_lanes_filter(watched);
    struct watched_counts counts = watched_counts(watched);
    uint64_t named = 0;
    for (unsigned n = 0; n < NAMES; n++) {
        struct watched_name name = name_of(n);
        bool holds = naive->names[n].named || naive->names[n].matched;
        assert_int_equal(watched_holds(watched, &name), holds);
        assert_int_equal(watched_filter_has(filter, name.hash), holds);
        named += naive->names[n].named ? 1 : 0;
    }
    assert_int_equal(counts.held, naive->count);
    assert_int_equal(counts.named, named);
    assert_int_equal(counts.evicted, naive->evicted);
    assert_int_equal(counts.refused, naive->refused);
}

static void encode(struct watched *watched, uint8_t *bytes)
{
    assert_int_equal(watched_encode(watched, bytes), 0);
    gradual_copy(watched_copy(watched), bytes + watched_encoded_bytes(watched));
    assert_null(watched_copy(watched)->to);
}

/* Another set from its bytes, whose bytes are the same. */
static struct watched *copy_of(struct watched *watched, size_t max)
{
    size_t len = watched_encoded_bytes(watched);
    uint8_t *bytes = malloc(len), *again = malloc(len);
    struct watched *copy = NULL;
    assert_non_null(bytes);
    assert_non_null(again);
    encode(watched, bytes);
    assert_int_equal(watched_open(max, &copy), 0);
    assert_int_equal(watched_decode(copy, bytes, len), 0);
    assert_int_equal(watched_encoded_bytes(copy), len);
    encode(copy, again);
    assert_memory_equal(bytes, again, len);
    free(bytes);
    free(again);
    return copy;
}

static void it_holds_what_was_named_and_the_latest_of_the_rest(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 50, 200, 400};
    static struct naive naive;
    uint32_t random = 7;
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct watched *watched = NULL;
        memset(&naive, 0, sizeof naive);
        naive.max = sizes[i];
        assert_int_equal(watched_open(sizes[i], &watched), 0);
        for (unsigned turn = 0; turn < 4000; turn++) {
            random = random * 1664525u + 1013904223u;
            step(watched, &naive, random);
            if (turn % 256 == 0)
                compare(watched, &naive);
            if (turn == 2000) { /* it goes on from its bytes as if nothing had been */
                struct watched *copy = copy_of(watched, sizes[i]);
                watched = watched_close(watched);
                watched = copy;
            }
        }
        compare(watched, &naive);
        watched = watched_close(watched);
    }
}

static void what_is_copied_while_it_changes_is_what_stood_there_at_the_beginning(void **state)
{
    (void)state;
    static struct naive naive;
    uint32_t seed = 11;
    for (unsigned turn = 0; turn < 200; turn++) {
        struct watched *watched = NULL;
        memset(&naive, 0, sizeof naive);
        naive.max = NAMES / 2;
        assert_int_equal(watched_open(naive.max, &watched), 0);
        for (unsigned i = 0; i < 40 * turn; i++) {
            seed = seed * 1664525u + 1013904223u;
            step(watched, &naive, seed >> 3);
        }
        size_t len = watched_encoded_bytes(watched);
        uint8_t *before = malloc(len), *bytes = malloc(len);
        encode(watched, before);
        assert_int_equal(watched_encode(watched, bytes), 0);
        const struct gradual *copy = watched_copy(watched);
        for (size_t end = 0; copy->to != NULL; end += seed % 700) {
            for (unsigned i = 0; i < 5; i++) {
                seed = seed * 1664525u + 1013904223u;
                step(watched, &naive, seed >> 3);
            }
            gradual_copy(watched_copy(watched), bytes + (end < len ? end : len));
        }
        assert_memory_equal(before, bytes, len);
        free(before);
        free(bytes);
        assert_null(watched_close(watched));
    }
}

static void seen_again_it_outlives_what_was_not(void **state)
{
    struct watched *watched = NULL;
    struct watched_name a = name_of(1), b = name_of(2), c = name_of(3), d = name_of(4);
    (void)state;
    assert_int_equal(watched_open(3, &watched), 0);
    watched_add_matched(watched, &a);
    watched_add_matched(watched, &b);
    watched_add_matched(watched, &c);
    watched_touch(watched, &c);
    watched_touch(watched, &b);
    watched_touch(watched, &a);
    watched_add_matched(watched, &d);
    assert_false(watched_holds(watched, &c));
    assert_true(watched_holds(watched, &a));
    assert_true(watched_holds(watched, &b));
    watched = watched_close(watched);
}

static void past_its_bound_what_is_named_is_refused_and_counted(void **state)
{
    struct watched *watched = NULL;
    struct watched_name names[] = {name_of(1), name_of(2), name_of(3)};
    (void)state;
    assert_int_equal(watched_open(2, &watched), 0);
    watched_add_matched(watched, &names[2]);
    assert_int_equal(watched_add_named(watched, &names[0]), 0);
    assert_int_equal(watched_add_named(watched, &names[1]), 0); /* puts the matched one out */
    assert_false(watched_holds(watched, &names[2]));
    assert_int_equal(watched_add_named(watched, &names[2]), -ENOSPC);
    assert_int_equal(watched_add_named(watched, &names[1]), 0); /* once more: it is there */
    assert_int_equal(watched_counts(watched).refused, 1);
    assert_int_equal(watched_counts(watched).evicted, 1);
    watched = watched_close(watched);
}

static void what_is_no_set_is_refused(void **state)
{
    struct watched *watched = NULL;
    uint8_t bytes[32 + 3 * 48], bad[sizeof bytes];
    (void)state;
    assert_int_equal(watched_open(3, &watched), 0);
    for (unsigned n = 0; n < 3; n++) {
        struct watched_name name = name_of(n);
        watched_add_matched(watched, &name);
    }
    assert_int_equal(watched_encoded_bytes(watched), sizeof bytes);
    encode(watched, bytes);
    watched = watched_close(watched);
    static const struct {
        size_t at;
        uint8_t to;
    } changes[] = {{24, 2}, {0, 2}, {32 + 24, 2}, {32 + 24, 0}, {32 + 24, 9}, {32 + 40, 4}};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0] + 3; i++) {
        size_t len = sizeof bytes;
        memcpy(bad, bytes, sizeof bytes);
        if (i < sizeof changes / sizeof changes[0])
            bad[changes[i].at] = changes[i].to;
        else if (i == sizeof changes / sizeof changes[0])
            memcpy(bad + 32 + 48, bad + 32, 16); /* a name twice */
        else if (i == sizeof changes / sizeof changes[0] + 1)
            len--;
        else
            memset(bad + 32 + 16, 0, 8); /* no hash */
        assert_int_equal(watched_open(3, &watched), 0);
        assert_int_equal(watched_decode(watched, bad, len), -EBADMSG);
        watched = watched_close(watched);
    }
    assert_int_equal(watched_open(2, &watched), 0); /* one more than fits */
    assert_int_equal(watched_decode(watched, bytes, sizeof bytes), -EBADMSG);
    watched = watched_close(watched);
}

static void the_filter_misses_nothing_however_much_comes_and_goes(void **state)
{
    enum { HELD = 20000, TURNS = 200000 };
    struct watched_filter filter;
    uint64_t *held = calloc(HELD, sizeof *held), hash = 88172645463325252u;
    unsigned wrong = 0;
    (void)state;
    assert_non_null(held);
    assert_int_equal(watched_filter_open(&filter), 0);
    for (unsigned turn = 0; turn < TURNS; turn++) {
        hash ^= hash << 13;
        hash ^= hash >> 7;
        hash ^= hash << 17;
        uint64_t *place = &held[turn % HELD];
        if (*place != 0)
            watched_filter_remove(&filter, *place);
        *place = hash;
        watched_filter_add(&filter, hash);
        wrong += watched_filter_has(&filter, hash ^ 1) ? 1 : 0;
        assert_true(watched_filter_has(&filter, held[hash % (turn < HELD ? turn + 1 : HELD)]));
    }
    for (unsigned i = 0; i < HELD; i++)
        assert_true(watched_filter_has(&filter, held[i]));
    assert_int_equal(wrong, 0);
    assert_false(atomic_load_explicit(&filter.all, memory_order_relaxed));
    watched_filter_close(&filter);
    free(held);
}

static void hashes_tell_kinds_and_ends_apart(void **state)
{
    (void)state;
    const uint64_t hashes[] = {watched_hash(false, "p", 1, "abc", 3),
                               watched_hash(true, "p", 1, "abc", 3),
                               watched_hash(false, "pa", 2, "bc", 2),
                               watched_hash(false, "p", 1, "abcdefgh", 8),
                               watched_hash(false, "p", 1, "abcdefgh\0", 9),
                               watched_hash(false, "p", 1, "", 0),
                               watched_hash(false, "", 0, "p", 1)};
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(hashes[i] != hashes[j]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_holds_what_was_named_and_the_latest_of_the_rest),
        cmocka_unit_test(what_is_copied_while_it_changes_is_what_stood_there_at_the_beginning),
        cmocka_unit_test(seen_again_it_outlives_what_was_not),
        cmocka_unit_test(past_its_bound_what_is_named_is_refused_and_counted),
        cmocka_unit_test(what_is_no_set_is_refused),
        cmocka_unit_test(the_filter_misses_nothing_however_much_comes_and_goes),
        cmocka_unit_test(hashes_tell_kinds_and_ends_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
