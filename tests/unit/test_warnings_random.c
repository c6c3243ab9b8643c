/*
 * Warnings beside a set of everything that was recorded. Goal: what is kept at hand, and read
 * again, answers as all records do, in whatever order they come. Method: random histories, of which
 * the records come so far apart that each sighting and act is asked about; the whole set is, too.
 */
#include "tests/unit/warnings_histories.h"

/* One that was expected so far. */
struct expected {
    char key[200];
    int64_t since_ns;
    bool shut; /* was found shut since */
};

static struct expected expected[1024];
static size_t expected_count;

/* Whether the road was shut at any quarter of an hour in between: one that begins later is. While
   it is not sure that it has begun already it is not shut, but its period begins. */
static bool was_shut(struct knowledge *set, const struct knowledge_roads_question *asked,
                     bool by_strikes, int64_t from_ns, int64_t until_ns)
{
    for (int64_t at_ns = from_ns + UNC_NS; at_ns < until_ns; at_ns += DAY_NS / 96) {
        struct knowledge_roads_question question = *asked;
        struct road road = {.by_strikes = by_strikes};
        question.at_ns = question.until_ns = at_ns;
        question.unc_ms = 0;
        assert_int_equal(knowledge_roads(set, &question, take_road, &road), 0);
        if (!road.open || road.first_ns > at_ns)
            return true;
    }
    return false;
}

/* Adds to what is wanted. */
static void want(struct knowledge *set, const struct knowledge_roads_question *asked,
                 struct road *road)
{
    assert_int_equal(knowledge_roads(set, asked, take_road, road), 0);
    size_t i = 0;
    while (i < expected_count && strcmp(expected[i].key, road->key) != 0)
        i++;
    if (!road->open && i < expected_count && asked->until_ns > expected[i].since_ns)
        expected[i].shut = true;
    if (!road->begun)
        return;
    if (i < expected_count) {
        int64_t given_ns = expected[i].since_ns;
        if (road->since_ns == given_ns ||
            (!expected[i].shut &&
             !was_shut(set, asked, road->by_strikes, given_ns, road->since_ns)))
            return;
    } else {
        (void)snprintf(expected[expected_count++].key, sizeof expected[0].key, "%s", road->key);
    }
    expected[i].since_ns = road->since_ns;
    expected[i].shut = false;
    (void)snprintf(wanted[wanted_count++], sizeof wanted[0], "%s since %lld", road->key,
                   (long long)road->since_ns);
}

static void what_is_kept_at_hand_warns_as_the_whole_record_does(void **state)
{
    (void)state;
    struct event_decoder *decoder = event_open();
    const char *sets = getenv("WARNINGS_SETS"); /* NOLINT(concurrency-mt-unsafe): one thread */
    long count = sets == NULL ? 60 : strtol(sets, NULL, 10);
    unsigned all = 0;
    for (long set = 0; set < count; set++) {
        begin_history(set);
        expected_count = 0;
        for (int i = 0; i < EVENTS; i++) {
            char members[512];
            int listing, merchant;
            int64_t at_ns = day_of(i);
            bool asks = make_event(members, at_ns, &listing, &merchant);
            char *text = write_event(i, at_ns, draw(3) == 0 ? draw(UNC_MS) : 0, members);
            given_count = 0;
            put(text);
            wanted_count = 0;
            if (asks)
                ask_all(decoder, listing, merchant, want);
            all += (unsigned)wanted_count;
            record_given();
            bool same = wanted_count == given_count;
            char last[300] = "none";
            for (size_t k = 0; k < given_count && same; k++) {
                char told[300];
                spell(&given[k], true, told);
                same = is_wanted(told);
                (void)snprintf(last, sizeof last, "%s", told);
            }
            if (!same)
                fail_msg("set %ld, event %d %s: %zu warnings, wanted %zu; first %s / %s", set, i,
                         text, given_count, wanted_count, last,
                         wanted_count > 0 ? wanted[0] : "none");
        }
        restart_repeats_none();
        rig_end();
    }
    assert_true(all > (unsigned)count); /* the histories are worth something */
    decoder = event_close(decoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_at_hand_warns_as_the_whole_record_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
