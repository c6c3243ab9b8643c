/*
 * The keys of events: what is found under which thing, and which ids need no key.
 */
#include <errno.h>
#include <string.h>

#include "daemon/index_keys.h"
#include "daemon/number_set.h"
#include "tests/fakes/test.h"

static int64_t keys[64];
static size_t count;

static struct knowledge_text text(const char *string)
{
    return (struct knowledge_text){string, strlen(string)};
}

static int take(void *context, int64_t key)
{
    (void)context;
    assert_true(count < 64);
    keys[count++] = key;
    return 0;
}

static void put(const struct knowledge_event *event, uint64_t seq)
{
    struct index_origin origin = {.seq = seq, .run = 3};
    count = 0;
    assert_int_equal(index_keys(event, &origin, take, NULL), 0);
}

static bool has(int64_t key)
{
    for (size_t i = 0; i < count; i++)
        if (keys[i] == key)
            return true;
    return false;
}

static void names_and_platforms_never_run_together(void **state)
{
    (void)state;
    assert_true(index_key(INDEX_LISTING, text("ab"), text("c")) !=
                index_key(INDEX_LISTING, text("a"), text("bc")));
    assert_true(index_key(INDEX_LISTING, text(""), text("a")) !=
                index_key(INDEX_MERCHANT, text(""), text("a")));
}

static void a_sighting_of_the_daemon_has_no_key_for_its_id(void **state)
{
    struct knowledge_text none = {NULL, 0};
    struct knowledge_event event = {.kind = KNOWLEDGE_SIGHTING,
                                    .id = text("3.17"),
                                    .platform = text("P"),
                                    .listing = text("L")};
    (void)state;
    put(&event, 17);
    assert_int_equal(count, 1);
    assert_true(has(index_key(INDEX_LISTING, text("P"), text("L"))));
    /* The same id on another record, of another run or kind, is somebody else's. */
    put(&event, 18);
    assert_true(has(index_key(INDEX_ID, none, text("3.17"))));
    event.id = text("4.17");
    put(&event, 17);
    assert_true(has(index_key(INDEX_ID, none, text("4.17"))));
    event.id = text("3.17");
    event.kind = KNOWLEDGE_TAKEDOWN;
    put(&event, 17);
    assert_true(has(index_key(INDEX_ID, none, text("3.17"))));
}

static void own_ids_are_told_by_their_form(void **state)
{
    static const char *const other[] = {"",
                                        ".",
                                        "3.",
                                        ".7",
                                        "3.07",
                                        "03.7",
                                        "a.7",
                                        "3.7.1",
                                        "listings.7",
                                        "3.7x",
                                        "3.99999999999999999999"};
    uint64_t seq = 0;
    (void)state;
    assert_int_equal(index_own_id(text("0.0"), &seq), 0);
    assert_int_equal(index_own_id(text("12.345"), &seq), 0);
    assert_int_equal(seq, 345);
    assert_int_equal(index_own_id(text("listing.9"), &seq), 0);
    assert_int_equal(seq, 9);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        assert_int_equal(index_own_id(text(other[i]), &seq), -ENOENT);
}

static void a_notice_is_found_under_each_listing(void **state)
{
    struct knowledge_text none = {NULL, 0}, listings[] = {text("L1"), text("L2")};
    struct knowledge_event event = {.kind = KNOWLEDGE_NOTICE_SENT,
                                    .id = text("ns"),
                                    .platform = text("P"),
                                    .subject = text("N"),
                                    .listings = {listings, 2, true}};
    (void)state;
    put(&event, 5);
    assert_true(has(index_key(INDEX_NOTICE, none, text("N"))));
    assert_true(has(index_key(INDEX_LISTING, text("P"), text("L1"))));
    assert_true(has(index_key(INDEX_LISTING, text("P"), text("L2"))));
    assert_true(has(index_key(INDEX_ID, none, text("ns"))));
    assert_int_equal(count, 4);
}

static void support_without_a_target_is_found_by_all(void **state)
{
    struct knowledge_text none = {NULL, 0};
    struct knowledge_event event = {
        .kind = KNOWLEDGE_SUPPORT, .id = text("ad"), .platform = text("P")};
    (void)state;
    put(&event, 5);
    assert_true(has(index_key(INDEX_UNRESOLVED, none, text(""))));
    event.merchant = text("M");
    put(&event, 5);
    assert_false(has(index_key(INDEX_UNRESOLVED, none, text(""))));
    assert_true(has(index_key(INDEX_MERCHANT, none, text("M"))));
}

static void a_set_of_numbers_holds_each_once(void **state)
{
    struct number_set set = {0};
    (void)state;
    assert_false(number_set_has(&set, 0));
    for (uint64_t i = 0; i < 5000; i++)
        assert_int_equal(number_set_add(&set, i * i), 1);
    for (uint64_t i = 0; i < 5000; i++) {
        assert_int_equal(number_set_add(&set, i * i), 0);
        assert_true(number_set_has(&set, i * i));
        assert_false(number_set_has(&set, i * i + i + i + 2));
    }
    number_set_close(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_platforms_never_run_together),
        cmocka_unit_test(a_sighting_of_the_daemon_has_no_key_for_its_id),
        cmocka_unit_test(own_ids_are_told_by_their_form),
        cmocka_unit_test(a_notice_is_found_under_each_listing),
        cmocka_unit_test(support_without_a_target_is_found_by_all),
        cmocka_unit_test(a_set_of_numbers_holds_each_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
