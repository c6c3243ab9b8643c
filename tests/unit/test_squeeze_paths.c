/*
 * The search for suspects finds the same by all paths, in time proportional to the text, and reads
 * nothing behind it.
 */
#include <sys/mman.h>

#include "matcher/db.h"
#include "matcher/scan.h"
#include "matcher/squeeze.h"
#include "matcher/squeeze_find.h"
#include "matcher/squeeze_quick.h"
#include "tests/unit/hostile_text.h"
#include "tests/unit/matcher_rig.h"

#define TEXT_MAX     4096
#define SUSPECTS_MAX 4096

struct seen {
    struct squeeze_suspect items[SUSPECTS_MAX];
    size_t count;
};

static struct seen scalar, other;
static struct squeeze_suspect room[SQUEEZE_SUSPECTS_MAX];

static void take(void *context, const struct squeeze_suspect *suspects, size_t count)
{
    struct seen *seen = context;
    assert_true(seen->count + count <= SUSPECTS_MAX);
    memcpy(seen->items + seen->count, suspects, count * sizeof *suspects);
    seen->count += count;
}

static void find(enum fold_path path, const char *text, size_t len, struct seen *seen)
{
    seen->count = 0;
    squeeze_find(path, &db->squeeze, text, len, room, take, seen);
}

static void all_paths_find_the_same(void **state)
{
    (void)state;
    static char text[TEXT_MAX + 64];
    unsigned seed = 3;
    for (unsigned round = 0; round < 30000; round++) {
        size_t shift = round % 64;
        size_t most = round % 8 == 0 ? 1500 : 300; /* 512 bytes are looked at together */
        size_t len = hostile_text(text + shift, (size_t)rand_r(&seed) % most, &seed);
        for (size_t i = 0; i < len && round % 16 == 0; i++) /* chunks of many blocks */
            if (text[shift + i] == ' ' && rand_r(&seed) % 64 != 0)
                text[shift + i] = "a.\xD0\x82"[rand_r(&seed) % 4];
        find(FOLD_PATH_SCALAR, text + shift, len, &scalar);
        for (unsigned path = 1; path <= (unsigned)fold_path_best(); path++) {
            find((enum fold_path)path, text + shift, len, &other);
            assert_int_equal(other.count, scalar.count);
            assert_memory_equal(other.items, scalar.items, scalar.count * sizeof *scalar.items);
        }
    }
}

static void all_paths_judge_suspects_alike(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    static struct squeeze_quick quick;
    unsigned seed = 4, kept = 0;
    for (unsigned round = 0; round < 20000; round++) {
        size_t len = hostile_text(text, (size_t)rand_r(&seed) % 300, &seed);
        find(FOLD_PATH_SCALAR, text, len, &scalar);
        quick.index = &db->squeeze;
        quick.text = text;
        quick.len = len;
        for (size_t i = 0; i < scalar.count; i++) {
            enum squeeze_holds slow = squeeze_may_hold(&quick, FOLD_PATH_SCALAR, &scalar.items[i]);
            assert_int_equal(squeeze_may_hold(&quick, fold_path_best(), &scalar.items[i]), slow);
            kept += slow != SQUEEZE_HOLDS_NOTHING;
        }
    }
    assert_true(kept > 1000);
}

static void a_glance_drops_only_what_holds_nothing(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    static struct squeeze_quick quick;
    unsigned seed = 6, dropped = 0, kept = 0;
    for (unsigned round = 0; round < 40000; round++) {
        size_t len = hostile_text(text, (size_t)rand_r(&seed) % (round % 2 == 0 ? 16 : 200), &seed);
        find(FOLD_PATH_SCALAR, text, len, &scalar);
        quick.index = &db->squeeze;
        quick.text = text;
        quick.len = len;
        for (unsigned path = 0; path <= (unsigned)fold_path_best(); path++) {
            bool has[SQUEEZE_SUSPECTS_MAX] = {false};
            size_t left = squeeze_glance(&quick, (enum fold_path)path, scalar.items, scalar.count);
            for (size_t i = 0; i < left; i++)
                has[quick.kept[i]] = true;
            for (size_t i = 0; i < scalar.count; i++)
                if (!has[i])
                    assert_int_equal(squeeze_may_hold(&quick, FOLD_PATH_SCALAR, &scalar.items[i]),
                                     SQUEEZE_HOLDS_NOTHING);
            kept += (unsigned)left;
            dropped += (unsigned)(scalar.count - left);
        }
    }
    assert_true(dropped > 10000);
    assert_true(kept > 10000);
}

static void ordinary_words_of_other_scripts_are_no_suspects(void **state)
{
    (void)state;
    static const char text[] = "звонок часы рюкзак самовывоз наручные личных Τσάντα γυναικεία "
                               "時計 カバン 가방 กระเป๋า élégante français größe";
    find(fold_path_best(), text, sizeof text - 1, &scalar);
    assert_int_equal(scalar.count, 0);
}

static void nothing_behind_the_text_is_read(void **state)
{
    (void)state;
    size_t page = 4096;
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
    unsigned seed = 5;
    struct squeeze_room *reader = malloc(squeeze_room_bytes());
    static struct squeeze_found found;
    assert_non_null(reader);
    for (size_t len = 1; len <= 512; len++) {
        char text[512];
        size_t made = hostile_text(text, len, &seed);
        memset(text + made, '1', len - made);
        memcpy(pages + page - len, text, len);
        struct matcher_field field = {pages + page - len, len};
        for (unsigned path = 0; path <= (unsigned)fold_path_best(); path++)
            find((enum fold_path)path, field.text, len, &scalar);
        memset(&found, 0, sizeof found);
        squeeze_field(reader, &db->squeeze, db->lists, &field, 0, &found);
    }
    free(reader);
    assert_int_equal(munmap(pages, 2 * page), 0);
}

/* Hostile texts are read to their end, whatever their kind: the mark behind them is all that is
   found. */
static void long_texts_of_one_kind_are_read_to_the_end(void **state)
{
    (void)state;
    static const char *const units[] = {"a",    "a.",  "1",      "<",        "l1",   "h0t ",
                                        "*",    "n*",  "a ",     "&#97;",    "é",    "о",
                                        "s q ", "%41", "gucc1-", "n.k.e.x ", "n1x3 "};
    static char text[65536 + 64 + MATCHER_SLACK_BYTES];
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t len = strlen(units[i]), at = 0;
        for (; at + len <= 65536; at += len)
            memcpy(text + at, units[i], len);
        memcpy(text + at, " l3go", 6);
        struct matcher_result result = scan(text, NULL);
        assert_int_equal(result.outcome, MATCHER_OUTCOME_OK);
        assert_int_equal(result.hits_total, 1);
        assert_int_equal(result.hits[0].span.from, at + 1);
        assert_int_equal(result.hits[0].span.to, at + 5);
    }
}

/* "n1ke-2" must be read to see that it is no mark. What is past the maximum is not, and it is said
 * so.
 */
static void more_suspects_than_are_read_are_a_cut(void **state)
{
    (void)state;
    static char text[7 * (SQUEEZE_READS_MAX + 1) + 8 + MATCHER_SLACK_BYTES];
    for (size_t count = SQUEEZE_READS_MAX - 2; count <= SQUEEZE_READS_MAX + 1; count++) {
        for (size_t i = 0; i < count; i++)
            memcpy(text + 7 * i, "n1ke-2 ", 7);
        memcpy(text + 7 * count, "l3go", 5);
        struct matcher_result result = scan(text, NULL);
        bool cut = count + 1 > SQUEEZE_READS_MAX;
        assert_int_equal(result.outcome, cut ? MATCHER_OUTCOME_CUT : MATCHER_OUTCOME_OK);
        assert_int_equal(result.hits_total, cut ? 0 : 1);
    }
}

/* What is behind the first hit that is not kept is not looked for, in chunks and in one run. */
static void a_lost_hit_ends_the_reading_and_is_a_cut(void **state)
{
    (void)state;
    static const char *const names[] = {"l3go ", "g.u.c.c.i, "};
    static char text[4096 + MATCHER_SLACK_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i]), count = 4000 / len;
        for (size_t at = 0; at < count; at++)
            memcpy(text + at * len, names[i], len + 1);
        struct matcher_result result = scan(text, NULL);
        assert_int_equal(result.outcome, MATCHER_OUTCOME_CUT);
        assert_int_equal(result.class, MATCHER_CLASS_COUNTERFEIT);
        assert_in_range(result.hits_total, SQUEEZE_HITS_MAX + 1, count - 1);
        assert_int_equal(result.hits[0].span.from, 0);
        assert_int_equal(result.hits[result.hits_count - 1].span.from,
                         (result.hits_count - 1) * len);
    }
}

/* A name that is doubtful ("nnike") does not hide one that is not, however often it is there. */
static void doubtful_names_leave_room_for_sure_ones(void **state)
{
    (void)state;
    static char text[6 * SQUEEZE_HITS_MAX * 2 + 32 + MATCHER_SLACK_BYTES];
    size_t at = 0;
    for (unsigned i = 0; i < SQUEEZE_HITS_MAX * 2; i++, at += 6)
        memcpy(text + at, i % 2 == 0 ? "leggo " : "nnike ", 6);
    memcpy(text + at, "l3go", 5);
    struct matcher_result result = scan(text, NULL);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_CUT);
    assert_int_equal(result.class, MATCHER_CLASS_COUNTERFEIT);
    assert_int_equal(result.hits_count, 1);
    for (size_t i = 48; i < at; i += 48) /* near all of them */
        memcpy(text + i, "replica     ", 12);
    result = scan(text, NULL);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_CUT);
    assert_int_equal(result.hits_count, MATCHER_HITS_MAX);
    assert_int_equal(result.hits[result.hits_count - 1].span.from, at);
}

/* The same of misspellings that the engine finds. */
static void a_flood_of_doubtful_slips_hides_no_sure_name(void **state)
{
    (void)state;
    static char text[6 * SCAN_RAW_MARKS_MAX * 2 + 32 + MATCHER_SLACK_BYTES];
    size_t at = 0;
    for (unsigned i = 0; i < SCAN_RAW_MARKS_MAX * 2; i++, at += 6)
        memcpy(text + at, i % 2 == 0 ? "leggo " : "nnike ", 6);
    memcpy(text + at, "Squishmallows", 14);
    struct matcher_result result = scan(text, NULL);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_CUT);
    assert_int_equal(result.class, MATCHER_CLASS_MARK);
    assert_int_equal(result.hits_count, 1);
    assert_int_equal(result.hits[0].span.from, at);
}

static int open_rig(void **state)
{
    (void)state;
    return matcher_rig_open("mark_id\tmark\n1\tlego\n2\tnike\n3\tHot Wheels\n4\tgucci\n5\tugg\n"
                            "6\tSquishmallows\n7\tsqu\n",
                            "cue_id\tphrase\tstrength\n1\treplica\t3\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_paths_find_the_same),
        cmocka_unit_test(all_paths_judge_suspects_alike),
        cmocka_unit_test(a_glance_drops_only_what_holds_nothing),
        cmocka_unit_test(ordinary_words_of_other_scripts_are_no_suspects),
        cmocka_unit_test(nothing_behind_the_text_is_read),
        cmocka_unit_test(long_texts_of_one_kind_are_read_to_the_end),
        cmocka_unit_test(more_suspects_than_are_read_are_a_cut),
        cmocka_unit_test(doubtful_names_leave_room_for_sure_ones),
        cmocka_unit_test(a_flood_of_doubtful_slips_hides_no_sure_name),
        cmocka_unit_test(a_lost_hit_ends_the_reading_and_is_a_cut),
    };
    return cmocka_run_group_tests(tests, open_rig, matcher_rig_close);
}
