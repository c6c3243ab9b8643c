/*
 * Where literals may begin: the ranges hold every literal that a text holds, and are the same by
 * all paths.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "matcher/db.h"
#include "matcher/starts.h"
#include "tests/unit/matcher_rig.h"

#define TEXT_MAX   8192u
#define RANGES_MAX 2048u

struct ranges {
    size_t begin[RANGES_MAX], end[RANGES_MAX], count, most;
};

static bool take(void *context, size_t begin, size_t end)
{
    struct ranges *ranges = context;
    assert_true(begin < end);
    assert_true(ranges->count == 0 || begin > ranges->end[ranges->count - 1]);
    ranges->begin[ranges->count] = begin;
    ranges->end[ranges->count++] = end;
    return ranges->count < ranges->most;
}

static struct ranges find(const struct starts *starts, enum fold_path path, const char *text,
                          size_t len)
{
    struct ranges ranges = {.most = RANGES_MAX};
    assert_true(starts_find(starts, path, text, len, take, &ranges));
    assert_true(ranges.count == 0 || ranges.end[ranges.count - 1] <= len);
    return ranges;
}

/* Words that are alike: of few letters, short and long, of scripts with and without spaces. */
static size_t put_word(char *out, unsigned *seed)
{
    static const char *const letters[] = {"a",  "b",  "7",  "ab", "é", "ß", "и",
                                          "北", "面", "の", "가", "ก", "ا", "ab a"};
    size_t len = 0, count = 1 + (size_t)rand_r(seed) % (rand_r(seed) % 8 == 0 ? 30 : 3);
    size_t from = (size_t)rand_r(seed) % 3 * 5, kinds = from == 10 ? 4 : 3;
    for (size_t i = 0; i < count; i++) {
        const char *letter = letters[from + (size_t)rand_r(seed) % kinds];
        memcpy(out + len, letter, strlen(letter));
        len += strlen(letter);
    }
    return len;
}

static size_t put_words(char *out, size_t count, unsigned *seed)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        len += put_word(out + len, seed);
        out[len++] = ' ';
    }
    return len;
}

/* A list of count marks of one to three such words. */
static struct matcher_db *random_db(size_t count, unsigned *seed)
{
    static char list[1 << 20];
    size_t len = (size_t)snprintf(list, sizeof list, "mark_id\tmark\n");
    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(list + len, sizeof list - len, "M%zu\t", i);
        len += put_words(list + len, 1 + (size_t)rand_r(seed) % 3, seed);
        list[len - 1] = '\n';
    }
    list[len] = '\0';
    return compile(list, NULL);
}

static void check_literals(const struct literals *literals, const char *text, size_t len,
                           const struct ranges *ranges, size_t *found)
{
    for (size_t i = 0; i < literals->count; i++) {
        const uint8_t *literal = literals->bytes + literals->begin[i];
        size_t bytes = literals->begin[i + 1] - literals->begin[i];
        const char *at = text;
        while ((at = memmem(at, len - (size_t)(at - text), literal, bytes)) != NULL) {
            size_t begin = (size_t)(at++ - text), k = 0;
            while (k < ranges->count && ranges->end[k] < begin + bytes)
                k++;
            assert_true(k < ranges->count && ranges->begin[k] <= begin);
            ++*found;
        }
    }
}

static void every_literal_lies_in_a_range_that_all_paths_find(void **state)
{
    (void)state;
    static char raw[TEXT_MAX], text[TEXT_MAX * FOLD_GROWTH_MAX + 2 + FOLD_SLACK_BYTES];
    unsigned seed = 11;
    size_t found = 0, covered = 0, all = 0;
    for (unsigned round = 0; round < 24; round++) {
        struct matcher_db *made =
            random_db(1 + (size_t)rand_r(&seed) % (round % 2 == 0 ? 60 : 4), &seed);
        for (unsigned i = 0; i < 50; i++) {
            size_t len = put_words(raw, (size_t)rand_r(&seed) % 120, &seed);
            len = fold_text(raw, len, text);
            struct ranges ranges = find(&made->starts, FOLD_PATH_SCALAR, text, len);
            struct ranges best = find(&made->starts, fold_path_best(), text, len);
            assert_memory_equal(&ranges, &best, sizeof ranges);
            check_literals(&made->literals, text, len, &ranges, &found);
            for (size_t k = 0; k < ranges.count; k++)
                covered += ranges.end[k] - ranges.begin[k];
            all += len;
        }
        made = matcher_db_unref(made);
    }
    assert_true(found > 5000);
    assert_true(covered < all * 9 / 10); /* or nothing would be gained */
}

static void ordinary_text_has_no_range(void **state)
{
    (void)state;
    static const char text[512] =
        " the quick brown fox with a north wind behind it jumps 北 over 7 "
        "faces and squishmarshes or heaps of lego like bricks ";
    struct matcher_db *made =
        compile("mark_id\tmark\nM1\tThe North Face\nM2\tSquishmallows\nM3\tLego Star Wars\n"
                "M4\t北面\nM5\tA Bathing Ape\n",
                NULL);
    for (unsigned path = 0; path <= (unsigned)fold_path_best(); path++)
        assert_int_equal(find(&made->starts, (enum fold_path)path, text, strlen(text)).count, 0);
    made = matcher_db_unref(made);
}

/* A name of letters without word spaces that runs on, ends a text before a space, or stands before
   words; the keys of these are shorter than what is looked up. */
static void letters_and_words_side_by_side_are_both_found(void **state)
{
    (void)state;
    static const char texts[][128] = {" 北面山 nike ", " 北面 nike 北面の ", " nike 山北面 ",
                                      " 山北面の山 a nike "};
    static const size_t wanted[] = {2, 3, 2, 2};
    struct matcher_db *made = compile("mark_id\tmark\nM1\tNike\nM2\t北面\nM3\t北面の\n", NULL);
    for (unsigned path = 0; path <= (unsigned)fold_path_best(); path++)
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            size_t len = strlen(texts[i]), found = 0;
            struct ranges ranges = find(&made->starts, (enum fold_path)path, texts[i], len);
            check_literals(&made->literals, texts[i], len, &ranges, &found);
            assert_true(found >= wanted[i]);
        }
    made = matcher_db_unref(made);
}

static void literals_that_begin_otherwise_are_looked_for_everywhere(void **state)
{
    (void)state;
    static uint8_t bytes[] = " nike lego";
    static uint32_t begin[] = {0, 6, 10};
    const struct literals literals = {.bytes = bytes, .begin = begin, .count = 2};
    struct starts starts;
    assert_int_equal(starts_make(&literals, &starts), 0);
    struct ranges ranges = find(&starts, fold_path_best(), " a b ", 5);
    assert_int_equal(ranges.count, 1);
    assert_int_equal(ranges.begin[0], 0);
    assert_int_equal(ranges.end[0], 5);
    assert_false(starts_pay(&starts, FOLD_PATH_AVX512));
    starts_free(&starts);
}

static void the_search_ends_when_it_is_told(void **state)
{
    (void)state;
    static char text[TEXT_MAX + FOLD_SLACK_BYTES];
    struct matcher_db *made = compile("mark_id\tmark\nM1\tNike\n", NULL);
    struct ranges ranges = {.most = 2};
    for (size_t at = 0; at < TEXT_MAX; at += 512) {
        memset(text + at, ' ', 512);
        memcpy(text + at + 100, "nike", 4);
    }
    assert_false(starts_find(&made->starts, fold_path_best(), text, TEXT_MAX, take, &ranges));
    assert_int_equal(ranges.count, 2);
    made = matcher_db_unref(made);
}

/* At the end of a mapped page, the slack behind it: more is not read. */
static void nothing_is_read_behind_the_slack(void **state)
{
    (void)state;
    struct matcher_db *made = compile("mark_id\tmark\nM1\tNike\nM2\t北面\n", NULL);
    size_t page = 4096;
    char *base = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(base != MAP_FAILED);
    assert_int_equal(mprotect(base + page, page, PROT_NONE), 0);
    memset(base, 'a', page);
    for (size_t len = 1; len < 700; len++) {
        char *text = base + page - FOLD_SLACK_BYTES - len;
        text[0] = ' ';
        for (unsigned path = 0; path <= (unsigned)fold_path_best(); path++)
            (void)find(&made->starts, (enum fold_path)path, text, len);
        text[0] = 'a';
    }
    assert_int_equal(munmap(base, 2 * page), 0);
    made = matcher_db_unref(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_literal_lies_in_a_range_that_all_paths_find),
        cmocka_unit_test(ordinary_text_has_no_range),
        cmocka_unit_test(letters_and_words_side_by_side_are_both_found),
        cmocka_unit_test(literals_that_begin_otherwise_are_looked_for_everywhere),
        cmocka_unit_test(the_search_ends_when_it_is_told),
        cmocka_unit_test(nothing_is_read_behind_the_slack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
