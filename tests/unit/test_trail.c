/*
 * A walk over keys. Goal: each key is asked for once, and in the order in which an index keeps
 * them, as a question about many merchants asks for hundreds of thousands. Method: an index without
 * records. What records lead on to is tests/e2e/35_noticectl_index.sh's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/trail.h"
#include "tests/fakes/ledger_rig.h"
#include "tests/fakes/test.h"

#define ASKED_MAX 16u

struct asked {
    struct trail *trail;
    int64_t keys[ASKED_MAX];
    size_t count;
};

/* Nothing stands under a key; the first leads on to two others. */
static int find(void *context, int64_t key, trail_take *take, void *take_context)
{
    struct asked *asked = context;
    (void)take;
    (void)take_context;
    assert_true(asked->count < ASKED_MAX);
    asked->keys[asked->count++] = key;
    if (asked->count > 1)
        return 0;
    assert_int_equal(trail_key(asked->trail, -7), 0);
    return trail_key(asked->trail, -9);
}

static void the_keys_of_a_turn_are_asked_for_once_and_in_their_order(void **state)
{
    static const int64_t keys[] = {5, -3, 9, 5, 0, 9}, expected[] = {-3, 0, 5, 9, -9, -7};
    struct feed_lines *lines = NULL;
    struct asked asked = {0};
    char ledger[128], path[256];
    (void)state;
    rig_folder("/tmp", ledger);
    (void)snprintf(path, sizeof path, "%s/feed", ledger);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(feed_lines_open(ledger, &lines), 0);
    asked.trail = trail_open(lines, find, NULL, &asked);
    assert_non_null(asked.trail);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(trail_key(asked.trail, keys[i]), 0);
    assert_int_equal(trail_walk(asked.trail, NULL), 0);
    assert_int_equal(asked.count, sizeof expected / sizeof *expected);
    assert_memory_equal(asked.keys, expected, sizeof expected);
    assert_null(trail_close(asked.trail));
    assert_null(feed_lines_close(lines));
    rig_remove(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_keys_of_a_turn_are_asked_for_once_and_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
