/*
 * Which platform a notice is about. Goal: what its notice.sent said is found again, also from a
 * snapshot, and nothing else is taken for one. Method: many notices; bytes changed one by one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/event.h"
#include "daemon/notice_platforms.h"
#include "tests/fakes/test.h"

static struct knowledge_text text(const char *string)
{
    return (struct knowledge_text){string, string == NULL ? 0 : strlen(string)};
}

static bool is(struct knowledge_text found, const char *wanted)
{
    return found.at != NULL && found.len == strlen(wanted) &&
           memcmp(found.at, wanted, found.len) == 0;
}

static void a_notice_is_of_the_platform_that_its_first_notice_sent_gives(void **state)
{
    (void)state;
    static char long_text[EVENT_TEXT_BYTES_MAX + 2];
    struct notice_platforms *platforms = notice_platforms_open(10);
    assert_null(notice_platforms_find(platforms, text("N1")).at);
    notice_platforms_take(platforms, text("N1"), text(NULL));
    notice_platforms_take(platforms, text(NULL), text("souq"));
    assert_null(notice_platforms_find(platforms, text("N1")).at);
    notice_platforms_take(platforms, text("N1"), text("souq"));
    notice_platforms_take(platforms, text("N1"), text("bazaar"));
    notice_platforms_take(platforms, text("N2"), text("bazaar"));
    notice_platforms_take(platforms, text("N3"), text("souq"));
    assert_true(is(notice_platforms_find(platforms, text("N1")), "souq"));
    assert_true(is(notice_platforms_find(platforms, text("N2")), "bazaar"));
    assert_true(is(notice_platforms_find(platforms, text("N3")), "souq"));
    assert_null(notice_platforms_find(platforms, text("N")).at);
    memset(long_text, 'x', sizeof long_text - 1);
    notice_platforms_take(platforms, text(long_text), text("souq"));
    notice_platforms_take(platforms, text("N4"), text(long_text));
    assert_null(notice_platforms_find(platforms, text(long_text)).at);
    assert_null(notice_platforms_find(platforms, text("N4")).at);
    assert_int_equal(notice_platforms_refused(platforms), 0);
    assert_null(notice_platforms_close(platforms));
    assert_null(notice_platforms_close(NULL));
}

static void notices_past_the_bound_are_counted_and_not_known(void **state)
{
    (void)state;
    struct notice_platforms *platforms = notice_platforms_open(2);
    notice_platforms_take(platforms, text("N1"), text("p"));
    notice_platforms_take(platforms, text("N2"), text("p"));
    notice_platforms_take(platforms, text("N2"), text("p"));
    assert_int_equal(notice_platforms_refused(platforms), 0);
    notice_platforms_take(platforms, text("N3"), text("p"));
    assert_int_equal(notice_platforms_refused(platforms), 1);
    assert_null(notice_platforms_find(platforms, text("N3")).at);
    assert_true(is(notice_platforms_find(platforms, text("N2")), "p"));
    assert_null(notice_platforms_close(platforms));
}

/* Those that were found, one behind the other. */
static char found[64];

static void note_found(void *context, struct knowledge_text listing)
{
    size_t len = strlen(found);
    assert_null(context);
    assert_true(len + listing.len + 2 <= sizeof found);
    (void)snprintf(found + len, sizeof found - len, "%.*s ", (int)listing.len, listing.at);
}

static void a_listing_named_before_its_notice_is_found_with_it(void **state)
{
    (void)state;
    char name[16];
    struct notice_platforms *platforms = notice_platforms_open(10);
    found[0] = '\0';
    notice_platforms_wait(platforms, text("N1"), text("L1"));
    notice_platforms_wait(platforms, text("N2"), text("L2"));
    notice_platforms_wait(platforms, text("N1"), text("L3"));
    notice_platforms_wait(platforms, text("N1"), text("L1"));
    notice_platforms_wait(platforms, text(NULL), text("L4"));
    notice_platforms_wait(platforms, text("N1"), text(NULL));
    notice_platforms_end_wait(platforms, text("N3"), note_found, NULL);
    assert_string_equal(found, "");
    notice_platforms_end_wait(platforms, text("N1"), note_found, NULL);
    notice_platforms_end_wait(platforms, text("N1"), note_found, NULL);
    assert_string_equal(found, "L1 L3 ");
    notice_platforms_end_wait(platforms, text("N2"), note_found, NULL);
    assert_string_equal(found, "L1 L3 L2 ");
    for (unsigned i = 0; i <= NOTICE_PLATFORMS_WAITING_MAX; i++) {
        (void)snprintf(name, sizeof name, "L%u", i);
        notice_platforms_wait(platforms, text("N5"), text(name));
    }
    assert_int_equal(notice_platforms_refused(platforms), 1);
    assert_null(notice_platforms_close(platforms));
}

/* 300 notices of 7 platforms, and a listing that waits for another. */
static struct notice_platforms *make(void)
{
    struct notice_platforms *platforms = notice_platforms_open(1000);
    char notice[16], platform[16];
    for (int i = 0; i < 300; i++) {
        (void)snprintf(notice, sizeof notice, "N%d", i);
        (void)snprintf(platform, sizeof platform, "platform%d", i % 7);
        notice_platforms_take(platforms, text(notice), text(platform));
    }
    notice_platforms_wait(platforms, text("later"), text("L1"));
    notice_platforms_wait(platforms, text("later"), text("L22"));
    return platforms;
}

static void what_a_snapshot_holds_is_the_same_again(void **state)
{
    (void)state;
    struct notice_platforms *platforms = make(), *again = notice_platforms_open(1000);
    size_t len = notice_platforms_encoded_bytes(platforms);
    uint8_t *bytes = malloc(len), *other = malloc(len);
    notice_platforms_encode(platforms, bytes);
    assert_int_equal(notice_platforms_decode(again, bytes, len), 0);
    assert_int_equal(notice_platforms_encoded_bytes(again), len);
    notice_platforms_encode(again, other);
    assert_memory_equal(bytes, other, len);
    for (int i = 0; i < 300; i++) {
        char notice[16], platform[16];
        (void)snprintf(notice, sizeof notice, "N%d", i);
        (void)snprintf(platform, sizeof platform, "platform%d", i % 7);
        assert_true(is(notice_platforms_find(again, text(notice)), platform));
    }
    found[0] = '\0';
    notice_platforms_end_wait(again, text("later"), note_found, NULL);
    assert_string_equal(found, "L1 L22 ");
    free(bytes);
    free(other);
    assert_null(notice_platforms_close(platforms));
    assert_null(notice_platforms_close(again));
}

static void what_is_cut_or_names_no_platform_is_refused(void **state)
{
    (void)state;
    struct notice_platforms *platforms = make();
    size_t len = notice_platforms_encoded_bytes(platforms);
    uint8_t *bytes = malloc(len);
    notice_platforms_encode(platforms, bytes);
    for (size_t cut = 0; cut < len; cut += cut < 200 ? 1 : 97) {
        struct notice_platforms *again = notice_platforms_open(1000);
        uint8_t *some = malloc(cut + 1);
        memcpy(some, bytes, cut);
        assert_int_equal(notice_platforms_decode(again, some, cut), -EBADMSG);
        free(some);
        assert_null(notice_platforms_close(again));
    }
    /* Numbers of what is not there; whatever else is changed, nothing past the end is read. */
    for (size_t i = 8; i < len; i++) {
        struct notice_platforms *again = notice_platforms_open(1000);
        bytes[i] ^= 0x80;
        int result = notice_platforms_decode(again, bytes, len);
        assert_true(result == 0 || result == -EBADMSG);
        if (i < 40)
            assert_int_equal(result, -EBADMSG);
        bytes[i] ^= 0x80;
        assert_null(notice_platforms_close(again));
    }
    struct notice_platforms *small = notice_platforms_open(299);
    assert_int_equal(notice_platforms_decode(small, bytes, len), -EBADMSG);
    assert_null(notice_platforms_close(small));
    free(bytes);
    assert_null(notice_platforms_close(platforms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notice_is_of_the_platform_that_its_first_notice_sent_gives),
        cmocka_unit_test(notices_past_the_bound_are_counted_and_not_known),
        cmocka_unit_test(a_listing_named_before_its_notice_is_found_with_it),
        cmocka_unit_test(what_a_snapshot_holds_is_the_same_again),
        cmocka_unit_test(what_is_cut_or_names_no_platform_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
