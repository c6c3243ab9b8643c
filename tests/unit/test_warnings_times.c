/*
 * Warnings beside a set of everything that was recorded, whenever the records come. Method: random
 * histories of which some records come within one instant, and some within the time in which a
 * listing is asked about once; in half of them the warnings' own records are lost.
 */
#include "tests/unit/warnings_histories.h"

/* Those that were given at all so far, without their beginnings. */
static char keys[64][300];
static size_t keys_count;

static bool was_given(const char *key)
{
    for (size_t i = 0; i < keys_count; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

/* What was given now: each is a road that the whole set knows, and has it since then. */
static void take_given(long set, const char *text, bool keep)
{
    char told[300], key[300];
    for (size_t k = 0; k < given_count; k++) {
        spell(&given[k], true, told);
        spell(&given[k], false, key);
        if (!is_wanted(told))
            fail_msg("set %ld, %s: not open: %s", set, text, told);
        if (was_given(key))
            continue;
        assert_true(keys_count < sizeof keys / sizeof *keys);
        (void)snprintf(keys[keys_count++], sizeof keys[0], "%s", key);
    }
    if (keep)
        record_given();
}

/* What is open now was given. */
static void all_were_given(long set, const char *when)
{
    for (size_t w = 0; w < wanted_count; w++) {
        char key[300];
        (void)snprintf(key, sizeof key, "%.*s", (int)(strstr(wanted[w], " since") - wanted[w]),
                       wanted[w]);
        if (!was_given(key))
            fail_msg("set %ld, %s: never warned of: %s", set, when, wanted[w]);
    }
}

/* Each listing is seen once more, later than all else. Returns how many roads are open. */
static size_t see_all(struct event_decoder *decoder, long set, bool keep, bool put_them)
{
    size_t open = 0;
    by = WARNING_BY_SIGHTING;
    for (int listing = 0; listing < LISTINGS; listing++) {
        char *text = texts[texts_count];
        given_count = 0;
        if (put_them) {
            (void)snprintf(text, sizeof texts[0],
                           "{'id':'last%d','type':'sighting','at':'2023-02-20T0%d:00:00Z',"
                           "'unc_ms':0,'platform':'P','listing':'L%d','state':'active'}",
                           listing, listing, listing + 1);
            texts_count++;
            put(text);
        }
        wanted_count = 0;
        ask_all(decoder, listing, 0, note);
        open += wanted_count;
        if (put_them)
            take_given(set, text, keep);
        all_were_given(set, put_them ? "seen once more" : "after a start");
    }
    return open;
}

/* Records come within one instant, within what is asked about once, or later; and in half of the
   histories the warnings' own records are lost. Then less is asked at a time: what is told must
   still be right, and what is open must be told once it is seen later, and after a start. */
static void warnings_are_right_and_come_whenever_records_do(void **state)
{
    (void)state;
    static const int64_t gaps_ns[] = {0, 1000000, 900000000, 1100000000, 59000000000, 61000000000};
    struct event_decoder *decoder = event_open();
    const char *sets = getenv("WARNINGS_SETS"); /* NOLINT(concurrency-mt-unsafe): one thread */
    long count = sets == NULL ? 40 : strtol(sets, NULL, 10);
    size_t open = 0;
    for (long set = 0; set < count; set++) {
        bool keep = set % 2 == 0;
        begin_history(1000100 + set);
        keys_count = 0;
        for (int i = 0; i < EVENTS; i++) {
            char members[512];
            int listing, merchant;
            int64_t at_ns = day_of(i);
            bool asks = make_event(members, at_ns, &listing, &merchant);
            char *text = write_event(i, at_ns, 0, members);
            gap_ns = gaps_ns[draw(6)];
            given_count = wanted_count = 0;
            put(text);
            if (asks)
                ask_all(decoder, listing, merchant, note);
            take_given(set, text, keep);
        }
        recorded_ns += RIG_LATER_NS;
        gap_ns = RIG_LATER_NS;
        open += see_all(decoder, set, keep, true);
        if (keep) {
            restart_repeats_none();
        } else {
            rig_restart();
            keys_count = 0;
            for (size_t k = 0; k < given_count; k++)
                spell(&given[k], false, keys[keys_count++]);
            (void)see_all(decoder, set, keep, false);
        }
        rig_end();
    }
    assert_true(open > (size_t)count);
    decoder = event_close(decoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warnings_are_right_and_come_whenever_records_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
