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
    struct ties *ties = ties_open(10);
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

static void
registrations_past_the_bound_are_counted_and_those_of_noticed_listings_kept(void **state)
{
    (void)state;
    struct ties *ties = ties_open(3);
    for (int64_t i = 0; i < 5; i++) {
        struct tie tie = tie_at((uint64_t)i, TIE_LISTING, 100 - i);
        tie.merchant = 50 + i;
        assert_int_equal(ties_put_listing(ties, i, &tie), 0);
    }
    assert_int_equal(ties_refused(ties), 2);
    assert_null(ties_find(ties, 4));
    ties_add(ties, 2)->noticed = true;
    struct tie later = tie_at(9, TIE_LISTING, 99);
    later.merchant = 77;
    assert_int_equal(ties_put_listing(ties, 2, &later), 0);
    assert_int_equal(ties_refused(ties), 2);
    /* The last by date, whenever it came. */
    assert_int_equal(ties_registration(ties, ties_find(ties, 2), 0)->merchant, 77);
    struct tie earlier = tie_at(10, TIE_LISTING, 1);
    assert_int_equal(ties_put_listing(ties, 2, &earlier), 0);
    assert_int_equal(ties_registration(ties, ties_find(ties, 2), 0)->merchant, 77);
    assert_null(ties_registration(ties, ties_find(ties, 2), 8)); /* of another platform */
    assert_null(ties_registration(ties, ties_add(ties, 1000), 0));
    assert_null(ties_close(ties));
}

static void the_latest_sightings_as_active_stay_in_whatever_order_they_come(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed < 50; seed++) {
        struct ties *ties = ties_open(0);
        srand(seed);
        int64_t latest = 0;
        ties_add(ties, 5)->noticed = true;
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
    struct ties *ties = ties_open(0);
    ties_add(ties, 5)->noticed = true;
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
    struct ties *ties = ties_open(0);
    uint64_t seq = 0;
    ties_add(ties, 5)->noticed = true;
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
    struct ties *ties = ties_open(6);
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
    struct tie first = tie_at(50, TIE_GONE, 1), second = tie_at(51, TIE_GONE, 2);
    assert_int_equal(ties_put_sighting(ties, 6, &first), 0);
    assert_int_equal(ties_put_sighting(ties, 6, &second), 0);
    assert_int_equal(ties_refused(ties), 1);
    assert_null(ties_close(ties));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tie_of_many_things_is_found_again_in_its_order),
        cmocka_unit_test(
            registrations_past_the_bound_are_counted_and_those_of_noticed_listings_kept),
        cmocka_unit_test(the_latest_sightings_as_active_stay_in_whatever_order_they_come),
        cmocka_unit_test(the_last_sighting_as_active_before_each_removal_stays),
        cmocka_unit_test(of_a_listing_that_no_notice_names_the_latest_as_gone_are_kept),
        cmocka_unit_test(a_sighting_as_gone_is_kept_once_after_it_was_active_or_restored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
