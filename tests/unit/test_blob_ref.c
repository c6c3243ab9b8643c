/*
 * What lines say of blobs. Goal: what noticed wrote is read, what others sent is not.
 */
#include <string.h>

#include "daemon/ledger/blob_ref.h"
#include "tests/fakes/test.h"

#define SHA "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static uint8_t list[BLOB_REF_LIST_MAX][DIGEST_BYTES];

static bool kept(enum record_kind kind, const char *line)
{
    return blob_ref_kept(kind, line, strlen(line), list[0]);
}

static size_t listed(enum record_kind kind, const char *line)
{
    return blob_ref_list(kind, line, strlen(line), list);
}

static void a_sighting_names_what_it_says_was_kept(void **state)
{
    (void)state;
    assert_true(kept(RECORD_SIGHTING, "{\"v\":1,\"blob\":\"" SHA "\",\"blob_len\":3,"
                                      "\"blob_kept\":true,\"event\":{\"id\":\"0.4\"}}"));
    assert_int_equal(list[0][0], 0x00);
    assert_int_equal(list[0][15], 0xff);
    assert_false(kept(RECORD_SIGHTING, "{\"v\":1,\"blob\":\"" SHA "\",\"blob_len\":3}"));
    assert_false(kept(RECORD_MATCH, "{\"v\":1,\"blob\":\"" SHA "\",\"blob_kept\":true}"));
    assert_false(kept(RECORD_SIGHTING, "{\"v\":1,\"blob\":\"sha256:00\",\"blob_kept\":true}"));
}

static void what_a_sender_writes_into_an_event_names_nothing(void **state)
{
    (void)state;
    assert_false(kept(RECORD_SIGHTING,
                      "{\"v\":1,\"sha256\":\"x\",\"event\":{\"id\":\"a\",\"blob\":\"" SHA
                      "\",\"blob_len\":3,\"blob_kept\":true}}"));
    assert_false(kept(RECORD_SIGHTING, "{\"v\":1,\"blob\":\"" SHA "\",\"blob_len\":3,"
                                       "\"event\":{\"id\":\"a\",\"blob_kept\":true}}"));
}

static void a_hold_or_an_erase_lists_blobs(void **state)
{
    (void)state;
    assert_int_equal(listed(RECORD_ERASE, "{\"blobs\":[\"" SHA "\"]}"), 0); /* no first member */
    assert_int_equal(listed(RECORD_ERASE, "{\"v\":1,\"blobs\":[\"" SHA "\"]}"), 1);
    assert_int_equal(listed(RECORD_HOLD, "{\"v\":1,\"blobs\":[\"" SHA "\",\"" SHA "\"],\"by\":1}"),
                     2);
    assert_int_equal(listed(RECORD_HOLD, "{\"v\":1,\"blobs\":[\"" SHA "\",\"sha256:0\"]}"), 1);
    assert_int_equal(listed(RECORD_HOLD, "{\"v\":1,\"blobs\":[\"" SHA), 1);
    assert_int_equal(listed(RECORD_SIGHTING, "{\"v\":1,\"blobs\":[\"" SHA "\"]}"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sighting_names_what_it_says_was_kept),
        cmocka_unit_test(what_a_sender_writes_into_an_event_names_nothing),
        cmocka_unit_test(a_hold_or_an_erase_lists_blobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
