/*
 * Which records stand under which key. Goal: every tie is found again in its order, and of a
 * listing's sightings those that matter stay. Method: many keys; few sightings in every order.
 */
#include <stdlib.h>

#include "daemon/ties.h"
#include "tests/fakes/test.h"

static struct tie tie_at(uint64_t seq, enum tie_role role, int64_t at_ns)
{
    return (struct tie){.place = {.seq = seq, .len = 1}, .role = role, .at_ns = at_ns};
}

static size_t count_of(const struct ties *ties, int64_t key, enum tie_role role)
{
    const struct ties_thing *thing = ties_find(ties, key);
    size_t count = 0;
    for (uint32_t i = thing == NULL ? 0 : thing->first; i != 0; i = ties_at(ties, i)->next)
        count += ties_at(ties, i)->role == role ? 1 : 0;
    return count;
}

static bool has(const struct ties *ties, int64_t key, uint64_t seq)
{
    const struct ties_thing *thing = ties_find(ties, key);
    for (uint32_t i = thing == NULL ? 0 : thing->first; i != 0; i = ties_at(ties, i)->next)
        if (ties_at(ties, i)->place.seq == seq)
            return true;
    return false;
}

static void every_tie_of_many_things_is_found_again_in_its_order(void **state)
{
    (void)state;
    struct ties *ties = ties_open(1 << 30);
    assert_null(ties_find(ties, 7));
    for (uint64_t i = 0; i < 30000; i++) {
        struct tie tie = tie_at(i, TIE_RECORD, 0);
        assert_int_equal(ties_put(ties, (int64_t)((i % 10000) * UINT64_C(0x123456789abcd)), &tie),
                         0);
    }
    for (uint64_t key = 0; key < 10000; key++) {
        const struct ties_thing *thing =
            ties_find(ties, (int64_t)(key * UINT64_C(0x123456789abcd)));
        assert_non_null(thing);
        uint64_t seq = key;
        for (uint32_t i = thing->first; i != 0; i = ties_at(ties, i)->next, seq += 10000)
            assert_int_equal(ties_at(ties, i)->place.seq, seq);
        assert_int_equal(seq, key + 30000);
        assert_int_equal(thing->changed, key + 20001);
    }
    assert_true(ties_bytes(ties) > 30000 * sizeof(struct tie));
    assert_null(ties_close(ties));
    assert_null(ties_close(NULL));
}

/* A thing that stays. */
static struct ties_thing *keep(struct ties *ties, int64_t key)
{
    struct ties_thing *thing;
    assert_int_equal(ties_add(ties, key, &thing), 0);
    assert_non_null(thing);
    ties_keep(ties, thing);
    thing->noticed = true;
    return thing;
}

static void the_last_registration_by_date_names_the_merchant_however_often_it_changes(void **state)
{
    (void)state;
    struct ties *ties = ties_open(1 << 20);
    struct tie tie = tie_at(1, TIE_LISTING, 100);
    tie.merchant = 50;
    assert_int_equal(ties_put_listing(ties, 2, &tie), 1);
    tie = tie_at(2, TIE_LISTING, 99);
    tie.merchant = 77;
    assert_int_equal(ties_put_listing(ties, 2, &tie), 1);
    assert_int_equal(ties_registration(ties, ties_find(ties, 2), 0)->merchant, 50);
    /* Sellers that alternate. */
    for (uint64_t i = 0; i < 1000; i++) {
        tie = tie_at(3 + i, TIE_LISTING, 200 + (int64_t)i);
        tie.merchant = i % 2 == 0 ? 50 : 77;
        assert_int_equal(ties_put_listing(ties, 2, &tie), 0);
        assert_int_equal(ties_registration(ties, ties_find(ties, 2), 0)->merchant, tie.merchant);
    }
    assert_int_equal(count_of(ties, 2, TIE_LISTING), 2);
    /* And many. */
    for (uint64_t i = 0; i < 100; i++) {
        tie = tie_at(2000 + i, TIE_LISTING, 2000 + (int64_t)i);
        tie.merchant = 1000 + (int64_t)i;
        assert_int_equal(ties_put_listing(ties, 2, &tie), 1);
        assert_int_equal(ties_registration(ties, ties_find(ties, 2), 0)->merchant, tie.merchant);
    }
    assert_int_equal(count_of(ties, 2, TIE_LISTING), TIES_LISTING_MAX);
    tie = tie_at(3000, TIE_LISTING, 1);
    tie.merchant = 5;
    assert_int_equal(ties_put_listing(ties, 2, &tie), 0);
    assert_null(ties_registration(ties, ties_find(ties, 2), 8)); /* of another platform */
    assert_null(ties_registration(ties, keep(ties, 1000), 0));
    assert_null(ties_close(ties));
}

static void at_the_bound_what_is_not_kept_and_was_put_to_least_recently_makes_room(void **state)
{
    (void)state;
    const size_t bytes_max = 20000;
    struct ties *ties = ties_open(bytes_max);
    for (int64_t key = 0; key < 10; key++) {
        struct tie tie = tie_at((uint64_t)key, TIE_RECORD, key);
        (void)keep(ties, key);
        assert_int_equal(ties_put(ties, key, &tie), 0);
    }
    for (int64_t i = 0; i < 500; i++) {
        struct tie tie = tie_at((uint64_t)i, TIE_RECORD, i);
        assert_int_equal(ties_put(ties, 1000 + i, &tie), 0);
        if (i % 20 == 0)
            assert_int_equal(ties_put(ties, 500, &tie), 0); /* so that it stays */
        assert_true(has(ties, 500, 0));
        assert_true(ties_bytes(ties) <= bytes_max);
    }
    assert_null(ties_find(ties, 1000));
    for (int64_t i = 0; i < 10000; i++) {
        struct tie tie = tie_at((uint64_t)i, TIE_RECORD, i);
        assert_int_equal(ties_put(ties, 20000 + i, &tie), 0);
        assert_true(ties_bytes(ties) <= bytes_max);
        assert_true(has(ties, 20000 + i, (uint64_t)i));
        if (i > 0)
            assert_true(has(ties, 20000 + i - 1, (uint64_t)i - 1));
    }
    assert_null(ties_find(ties, 500));
    assert_null(ties_find(ties, 20000));
    assert_true(ties_evicted(ties) > 9000);
    assert_int_equal(ties_refused(ties), 0);
    for (int64_t key = 0; key < 10; key++)
        assert_true(has(ties, key, (uint64_t)key));
    /* When all are kept, what comes has no room, and is counted. */
    int64_t key = 50000;
    struct ties_thing *thing;
    while (ties_add(ties, key, &thing) == 0 && thing != NULL) {
        ties_keep(ties, thing);
        key++;
    }
    assert_int_equal(ties_refused(ties), 1);
    struct tie tie = tie_at(7, TIE_RECORD, 7);
    assert_int_equal(ties_put(ties, 99999, &tie), 0);
    assert_null(ties_find(ties, 99999));
    assert_true(ties_refused(ties) > 1);
    assert_true(has(ties, 3, 3));
    assert_null(ties_close(ties));
}

static void the_latest_sightings_as_active_stay_in_whatever_order_they_come(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed < 50; seed++) {
        struct ties *ties = ties_open(1 << 20);
        srand(seed);
        int64_t latest = 0;
        (void)keep(ties, 5);
        uint64_t latest_seq = 0;
        for (uint64_t i = 0; i < 100; i++) {
            int64_t at_ns = rand(); /* NOLINT(concurrency-mt-unsafe): one thread */
            struct tie tie = tie_at(i, TIE_ACTIVE, at_ns);
            latest_seq = at_ns > latest ? i : latest_seq;
            latest = at_ns > latest ? at_ns : latest;
            assert_int_equal(ties_put_sighting(ties, 5, &tie), 0);
            assert_true(has(ties, 5, latest_seq));
        }
        assert_int_equal(count_of(ties, 5, TIE_ACTIVE), TIES_ACTIVE_MAX + 1);
        assert_int_equal(ties_find(ties, 5)->changed, 0); /* they move no road by themselves */
        assert_null(ties_close(ties));
    }
}

static void the_last_sighting_as_active_before_each_removal_stays(void **state)
{
    (void)state;
    struct ties *ties = ties_open(1 << 20);
    (void)keep(ties, 5);
    uint64_t seq = 0;
    for (int64_t removal = 0; removal < 10; removal++) {
        for (int64_t hour = 0; hour < 50; hour++) {
            struct tie active = tie_at(seq++, TIE_ACTIVE, 100 * removal + hour);
            assert_int_equal(ties_put_sighting(ties, 5, &active), 0);
        }
        struct tie taken = tie_at(seq++, TIE_REMOVAL, 100 * removal + 60);
        assert_int_equal(ties_put(ties, 5, &taken), 0);
    }
    for (uint64_t removal = 0; removal < 10; removal++)
        assert_true(has(ties, 5, 51 * removal + 49));
    /* One that is recorded late. */
    struct tie late = tie_at(seq++, TIE_ACTIVE, 355);
    assert_int_equal(ties_put_sighting(ties, 5, &late), 0);
    assert_true(has(ties, 5, late.place.seq));
    struct tie earlier = tie_at(seq++, TIE_ACTIVE, 130);
    assert_int_equal(ties_put_sighting(ties, 5, &earlier), 0);
    assert_false(has(ties, 5, earlier.place.seq));
    assert_true(count_of(ties, 5, TIE_ACTIVE) <= 10 + TIES_ACTIVE_MAX);
    /* However many removals. */
    for (int64_t removal = 10; removal < 100; removal++) {
        struct tie active = tie_at(seq++, TIE_ACTIVE, 100 * removal);
        struct tie taken = tie_at(seq++, TIE_REMOVAL, 100 * removal + 60);
        assert_int_equal(ties_put_sighting(ties, 5, &active), 0);
        assert_int_equal(ties_put(ties, 5, &taken), 0);
        assert_true(has(ties, 5, active.place.seq));
    }
    assert_true(count_of(ties, 5, TIE_ACTIVE) <= TIES_ACTIVE_MAX + TIES_GONE_MAX);
    assert_null(ties_close(ties));
}

static void a_sighting_as_gone_is_kept_once_after_it_was_active_or_restored(void **state)
{
    (void)state;
    struct ties *ties = ties_open(1 << 20);
    uint64_t seq = 0;
    (void)keep(ties, 5);
    for (int64_t day = 0; day < 10; day++) {
        struct tie gone = tie_at(seq++, TIE_GONE, day);
        assert_int_equal(ties_put_sighting(ties, 5, &gone), 0);
    }
    assert_int_equal(count_of(ties, 5, TIE_GONE), 1);
    assert_int_equal(count_of(ties, 5, TIE_STILL_GONE), 1);
    assert_true(has(ties, 5, 9)); /* and that is the last */
    struct tie restore = tie_at(seq++, TIE_RESTORE, 20);
    assert_int_equal(ties_put(ties, 5, &restore), 0);
    struct tie again = tie_at(seq++, TIE_GONE, 21);
    assert_int_equal(ties_put_sighting(ties, 5, &again), 0);
    assert_true(has(ties, 5, again.place.seq));
    assert_int_equal(ties_find(ties, 5)->changed, again.place.seq + 1);
    for (int64_t day = 30; day < 130; day += 2) {
        struct tie active = tie_at(seq++, TIE_ACTIVE, day);
        struct tie gone = tie_at(seq++, TIE_GONE, day + 1);
        assert_int_equal(ties_put_sighting(ties, 5, &active), 0);
        assert_int_equal(ties_put_sighting(ties, 5, &gone), 0);
        assert_true(has(ties, 5, gone.place.seq));
    }
    assert_int_equal(count_of(ties, 5, TIE_GONE), TIES_GONE_MAX);
    assert_null(ties_close(ties));
}

static void of_a_listing_that_no_notice_names_the_latest_as_gone_are_kept(void **state)
{
    (void)state;
    struct ties *ties = ties_open(1 << 20);
    for (uint64_t i = 0; i < 10; i++) {
        struct tie active = tie_at(100 + i, TIE_ACTIVE, (int64_t)i);
        struct tie gone = tie_at(i, TIE_GONE, (int64_t)(i * 7 % 10));
        assert_int_equal(ties_put_sighting(ties, 5, &active), 0);
        assert_int_equal(ties_put_sighting(ties, 5, &gone), 0);
    }
    assert_int_equal(count_of(ties, 5, TIE_ACTIVE), 1);
    assert_true(has(ties, 5, 109));
    assert_int_equal(count_of(ties, 5, TIE_GONE), TIES_LOOSE_GONE_MAX);
    assert_true(has(ties, 5, 7)); /* 9, 8, 7, 6 */
    assert_true(has(ties, 5, 4));
    assert_true(has(ties, 5, 1));
    assert_true(has(ties, 5, 8));
    assert_null(ties_close(ties));
}

static void what_a_warning_rests_on_stays_whatever_is_seen_later(void **state)
{
    (void)state;
    struct ties *ties = ties_open(1 << 20);
    (void)keep(ties, 5);
    for (uint64_t i = 0; i < 3 * TIES_RELIED_MAX; i++) {
        struct tie active = tie_at(i, TIE_ACTIVE, (int64_t)i);
        assert_int_equal(ties_put_sighting(ties, 5, &active), 0);
        if (i < TIES_RELIED_MAX) {
            assert_int_equal(ties_rely(ties, 5, i), 0);
            assert_int_equal(ties_rely(ties, 5, i), 0); /* once */
        }
    }
    assert_int_equal(count_of(ties, 5, TIE_RELIED), TIES_RELIED_MAX);
    assert_true(has(ties, 5, 0));
    assert_false(has(ties, 5, TIES_RELIED_MAX));
    assert_int_equal(ties_rely(ties, 5, TIES_RELIED_MAX), 0); /* no longer held */
    assert_int_equal(ties_rely(ties, 6, 0), 0);
    assert_true(has(ties, 5, 0));
    assert_int_equal(ties_rely(ties, 5, 3 * TIES_RELIED_MAX - 1), 0); /* the oldest gives way */
    assert_int_equal(count_of(ties, 5, TIE_RELIED), TIES_RELIED_MAX);
    assert_false(has(ties, 5, 0));
    assert_true(has(ties, 5, 1));
    assert_null(ties_close(ties));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tie_of_many_things_is_found_again_in_its_order),
        cmocka_unit_test(the_last_registration_by_date_names_the_merchant_however_often_it_changes),
        cmocka_unit_test(at_the_bound_what_is_not_kept_and_was_put_to_least_recently_makes_room),
        cmocka_unit_test(the_latest_sightings_as_active_stay_in_whatever_order_they_come),
        cmocka_unit_test(the_last_sighting_as_active_before_each_removal_stays),
        cmocka_unit_test(of_a_listing_that_no_notice_names_the_latest_as_gone_are_kept),
        cmocka_unit_test(what_a_warning_rests_on_stays_whatever_is_seen_later),
        cmocka_unit_test(a_sighting_as_gone_is_kept_once_after_it_was_active_or_restored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
