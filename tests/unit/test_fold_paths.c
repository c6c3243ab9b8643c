/*
 * The fold's paths, its map and its parts agree on any bytes; growth and time are bounded.
 */
#include "matcher/fold.h"
#include "tests/unit/matcher_test.h"

#define TEXT_MAX 4096

static char folded[TEXT_MAX * FOLD_GROWTH_MAX + 128];
static uint32_t map_from[sizeof folded], map_to[sizeof folded];
static uint16_t map_bits[sizeof folded];
static const struct fold_map map = {map_from, map_to, map_bits};

static const char *const pieces[] = {"a",
                                     "B",
                                     " ",
                                     "-",
                                     "&",
                                     "&#97;",
                                     "&amp;",
                                     "&#",
                                     ";",
                                     "é",
                                     "ж",
                                     "毛",
                                     "カ",
                                     "ｶ",
                                     "ﾞ",
                                     "゛",
                                     "\xE3\x82\x99",
                                     "\xCC\x81",
                                     "\xE2\x80\x8B",
                                     "กุ่",
                                     "\xE0\xB9\x88",
                                     "कॉ",
                                     "\xE0\xA4\xBC",
                                     "\xE1\x84\x85",
                                     "\xE1\x85\xA6",
                                     "\xE1\x86\xAB",
                                     "레",
                                     "𝐍",
                                     "😀",
                                     "½",
                                     "㌖",
                                     "™",
                                     "\xFF",
                                     "\xC3",
                                     "\xE3\x82",
                                     "\xF0\x9F",
                                     "\xEF\xB7\xBA",
                                     "ß",
                                     "İ",
                                     "1",
                                     "word",
                                     "longer words here",
                                     "\x01",
                                     "\t",
                                     "&nbsp;",
                                     "&eacute",
                                     "%",
                                     "\\",
                                     "%41",
                                     "%20",
                                     "%E8%80%90",
                                     "%25",
                                     "\\u0041",
                                     "\\u8010",
                                     "\\ud83d",
                                     "\\x4",
                                     "<b>",
                                     "</span",
                                     "<p class=\"",
                                     "\">",
                                     " alt='",
                                     "<!--",
                                     "&lt;"};

/* Texts that are likely to go wrong somewhere: pieces of every kind, random bytes between. */
static size_t random_text(char *out, size_t room, unsigned *seed)
{
    size_t len = 0, count = (size_t)rand_r(seed) % 60;
    for (size_t i = 0; i < count; i++) {
        char byte[2] = {(char)rand_r(seed), '\0'};
        const char *piece = rand_r(seed) % 8 == 0
                                ? byte
                                : pieces[(size_t)rand_r(seed) % (sizeof pieces / sizeof pieces[0])];
        size_t piece_len = piece == byte ? 1 : strlen(piece);
        if (len + piece_len > room)
            break;
        memcpy(out + len, piece, piece_len);
        len += piece_len;
    }
    return len;
}

static void all_paths_and_the_map_agree_on_any_bytes(void **state)
{
    (void)state;
    static char text[1024], other[1024 * FOLD_GROWTH_MAX + 128];
    unsigned seed = 1;
    for (unsigned round = 0; round < 60000; round++) {
        size_t shift = round % 64, len = random_text(text + shift, sizeof text - 64, &seed);
        size_t expected = fold_map(text + shift, len, folded, &map);
        for (size_t i = 0; i < expected; i++) {
            assert_true(map_from[i] <= map_to[i]);
            assert_true(map_to[i] <= len);
        }
        for (unsigned path = 0; path <= (unsigned)fold_path_best(); path++) {
            size_t got = fold_text_by((enum fold_path)path, text + shift, len, other);
            assert_int_equal(got, expected);
            assert_memory_equal(other, folded, expected);
        }
        size_t again = fold_text(folded, expected, other);
        assert_int_equal(again, expected);
        assert_memory_equal(other, folded, expected);
    }
}

/* The map of a part is that of the whole, wherever a word begins. */
static void a_part_is_mapped_as_in_the_whole(void **state)
{
    (void)state;
    static char text[4096], out[sizeof folded];
    static uint32_t from[sizeof folded], to[sizeof folded];
    static uint16_t bits[sizeof folded];
    struct fold_map part_map = {from, to, bits};
    unsigned seed = 11;
    for (unsigned round = 0; round < 3000; round++) {
        size_t len = 0;
        while (len < 1500)
            len += random_text(text + len, 1024, &seed);
        size_t all = fold_map(text, len, folded, &map);
        struct fold_part part = {(size_t)rand_r(&seed) % all, 0};
        while (part.begin > 0 && folded[part.begin - 1] != ' ')
            part.begin--;
        part.end = part.begin + (size_t)rand_r(&seed) % (all - part.begin);
        while (part.end > part.begin && folded[part.end] != ' ')
            part.end--;
        (void)fold_map_part(text, len, out, &part_map, part);
        assert_memory_equal(out + part.begin, folded + part.begin, part.end - part.begin);
        for (size_t i = part.begin; i < part.end; i++) {
            assert_int_equal(from[i], map_from[i]);
            assert_int_equal(to[i], map_to[i]);
            assert_int_equal(bits[i], map_bits[i]);
        }
    }
}

static void all_paths_agree_at_every_length_of_ascii(void **state)
{
    (void)state;
    static char text[512], other[512 * FOLD_GROWTH_MAX + 128];
    unsigned seed = 7;
    for (size_t len = 0; len < 300; len++) {
        for (unsigned round = 0; round < 20; round++) {
            for (size_t i = 0; i < len; i++)
                text[i] = (char)(rand_r(&seed) % 128);
            size_t expected = fold_text_by(FOLD_PATH_SCALAR, text, len, folded);
            for (unsigned path = 1; path <= (unsigned)fold_path_best(); path++) {
                size_t got = fold_text_by((enum fold_path)path, text, len, other);
                assert_int_equal(got, expected);
                assert_memory_equal(other, folded, expected);
            }
        }
    }
}

/* Each between letters, between spaces and beside itself, at every place of a block. */
static void all_paths_agree_on_every_code_point_of_two_and_three_bytes(void **state)
{
    (void)state;
    static const char *const around[] = {"", "a", " ", "毛", ".", "\xE0\xB8\xB8"};
    static char other[512 * FOLD_GROWTH_MAX + 128];
    for (uint32_t cp = 0x80; cp < 0x10000; cp++) {
        for (size_t i = cp < 0x800 ? 0 : cp % 9; i < 36; i += cp < 0x800 ? 1 : 9) {
            char text[512];
            size_t len = (cp + i * 11) % 66;
            memset(text, 'x', len);
            for (unsigned times = 0; times < 2; times++) {
                for (const char *byte = around[i / 6]; *byte != '\0'; byte++)
                    text[len++] = *byte;
                len += fold_encode(cp, (uint8_t *)text + len);
                for (const char *byte = around[i % 6]; *byte != '\0'; byte++)
                    text[len++] = *byte;
            }
            size_t expected = fold_text_by(FOLD_PATH_SCALAR, text, len, folded);
            for (unsigned path = 1; path <= (unsigned)fold_path_best(); path++) {
                assert_int_equal(fold_text_by((enum fold_path)path, text, len, other), expected);
                assert_memory_equal(other, folded, expected);
            }
        }
    }
}

static void growth_stays_within_the_bound(void **state)
{
    (void)state;
    for (uint32_t cp = 1; cp < 0x110000; cp++) {
        uint8_t text[8];
        unsigned len = fold_encode(cp, text);
        size_t got = fold_text((const char *)text, len, folded);
        assert_true(got <= len * FOLD_GROWTH_MAX + 2);
    }
}

static void long_runs_of_marks_take_linear_time(void **state)
{
    (void)state;
    static char text[200000];
    for (size_t i = 0; i + 6 <= sizeof text; i += 6)
        memcpy(text + i, "\xE0\xB9\x88\xE0\xB8\xB8", 6); /* each pair in the wrong order */
    char *out = malloc(fold_bound(sizeof text));
    assert_non_null(out);
    assert_true(fold_text(text, sizeof text, out) >= sizeof text - 8);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_paths_and_the_map_agree_on_any_bytes),
        cmocka_unit_test(a_part_is_mapped_as_in_the_whole),
        cmocka_unit_test(all_paths_agree_at_every_length_of_ascii),
        cmocka_unit_test(all_paths_agree_on_every_code_point_of_two_and_three_bytes),
        cmocka_unit_test(growth_stays_within_the_bound),
        cmocka_unit_test(long_runs_of_marks_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
