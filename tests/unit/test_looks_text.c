/*
 * The reading by looks over whole texts: against a naive one on random text, cut off at every
 * byte, at the end of a mapped page, and on text made to be slow.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "matcher/fold.h"
#include "matcher/looks.h"
#include "matcher/matcher.h"
#include "tests/unit/matcher_test.h"

#define TEXT_MAX  2048
#define FLOOD     1048576u
#define TAG_BYTES 512u

static const char *const pieces[] = {
    "a",
    "B",
    "z",
    "7",
    " ",
    "\n",
    "-",
    "!",
    "&#97;",
    "&#x62;",
    "&amp;",
    "&lt;",
    "&gt;",
    "&amp;#99;",
    "&",
    "&#",
    "&nbsp;",
    "%64",
    "%2565",
    "%",
    "%6",
    "%D0%B0",
    "%D0",
    "%u0066",
    "\\u0067",
    "\\x68",
    "\\u{69}",
    "\\",
    "\\u00",
    "\\\\u006a",
    "\\ud835",
    "\\udc00",
    "<b>",
    "</b>",
    "<br>",
    "<b",
    "<",
    ">",
    "<!--",
    "-->",
    "<span a=",
    "\"",
    "'",
    "/>",
    "</",
    "<style>",
    "</style>",
    "<img>",
    "<x></x>",
    "<!",
    "\xD0\xB0",
    "\xCE\xB7",
    "\xE7\x89\x8C",
    "\xF0\x9F\xA7\xB8",
    "\xCC\xB6",
    "\xCC\x81",
    "\xE2\x80\x8B",
    "\xC3\xA9",
    "\xFF",
    "\xC3",
    "\xE7\x89",
    "\xEF\xBC\xA1",
    "\xF0\x9D\x90\x80",
    "=",
};

static size_t random_text(char *out, unsigned *seed)
{
    size_t len = 0, count = (size_t)rand_r(seed) % 40;
    for (size_t i = 0; i < count; i++) {
        const char *piece = pieces[(size_t)rand_r(seed) % (sizeof pieces / sizeof pieces[0])];
        memcpy(out + len, piece, strlen(piece));
        len += strlen(piece);
    }
    return len;
}

static bool is_continuation(char byte)
{
    return ((uint8_t)byte & 0xC0) == 0x80;
}

/* Checks what the header promises of every unit. */
static void check_unit(const char *text, size_t len, size_t at, const struct looks_unit *unit)
{
    assert_int_equal(unit->from, at);
    assert_true(unit->to > at && unit->to <= len);
    assert_true(unit->cp <= 0x10FFFF);
    assert_true(unit->letters_count <= LOOKS_LETTERS_MAX);
    assert_true((unit->kind == LOOKS_LETTERS) == (unit->letters_count > 0));
    for (unsigned i = 0; i < unit->letters_count; i++)
        assert_true((unit->letters[i] >= 'a' && unit->letters[i] <= 'z') ||
                    (unit->letters[i] >= '0' && unit->letters[i] <= '9'));
    const char *leet = looks_leet(unit->cp);
    assert_int_equal(unit->leet, leet == NULL ? 0 : strlen(leet));
    bool tag = (unit->techniques & MATCHER_TECHNIQUE_MARKUP) != 0;
    assert_true(!tag || (unit->cp == 0 && unit->to - unit->from <= TAG_BYTES));
    /* At a boundary unless the bytes are none of UTF-8. */
    bool bad = unit->cp == 0xFFFD || unit->to == len;
    assert_true(bad || tag || !is_continuation(text[unit->to]) ||
                !is_continuation(text[unit->to - 1]) || (uint8_t)text[unit->from] >= 0x80 ||
                strchr("&%\\", text[unit->from]) != NULL);
}

/* Whether what stands before a sign is a number and nothing that it may belong to. */
static bool ends_in_number(const char *text, size_t len)
{
    size_t digits = 0;
    while (len > 0 && strchr("0123456789.,", text[len - 1]) != NULL && ++digits)
        len--;
    return digits > 0 && text[len + digits - 1] >= '0' &&
           (len == 0 ||
            (!fold_is_alnum((uint8_t)text[len - 1]) && strchr("=/_&?%", text[len - 1]) == NULL));
}

/* The unit at text[at], by its definition: a notation is undone by writing what it means in its
   place and reading again. Only for units that are neither tags nor marks. */
static size_t naive(const char *whole, size_t whole_len, size_t at, struct looks_unit *ret_unit)
{
    const char *text = whole + at;
    size_t len = whole_len - at;
    static const struct {
        const char *notation, *means;
    } spelled[] = {
        {"&#97;", "a"},         {"&#x62;", "b"},  {"&amp;#97;", "a"}, {"&amp;#99;", "c"},
        {"&nbsp;", "\xC2\xA0"}, {"%64", "d"},     {"%2565", "e"},     {"%D0%B0", "\xD0\xB0"},
        {"%u0066", "f"},        {"\\u0067", "g"}, {"\\x68", "h"},     {"\\u{69}", "i"},
        {"\\\\u006a", "j"},     {"\\\\x68", "h"}, {"\\\\u0067", "g"}, {"\\\\u{69}", "i"},
    };
    for (size_t i = 0; i < sizeof spelled / sizeof spelled[0]; i++) {
        size_t bytes = strlen(spelled[i].notation), meant = strlen(spelled[i].means);
        bool number = *text == '%' && (uint8_t)*spelled[i].means < 0x80 && text[1] != 'u' &&
                      ends_in_number(whole, at);
        if (!number && len >= bytes && memcmp(text, spelled[i].notation, bytes) == 0) {
            looks_next(spelled[i].means, meant, 0, ret_unit);
            return bytes;
        }
    }
    uint32_t cp = 0xFFFD;
    uint8_t bytes[4];
    unsigned step = fold_decode((const uint8_t *)text, len, &cp);
    unsigned room = fold_encode(cp, bytes);
    looks_next((const char *)bytes, room, 0, ret_unit);
    return step != 0 ? step : 1;
}

/* Whether a second half or a further escape may belong to what the naive reading knows. */
static bool is_longer(const char *text, size_t len)
{
    return (len > 1 && text[0] == '\\' && text[1] == '\\') ||
           (len > 2 && memcmp(text, "%25", 3) == 0) || (len > 5 && memcmp(text, "&amp;", 5) == 0);
}

static void random_text_is_read_as_the_naive_reading_has_it(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    unsigned seed = 20240209, compared = 0;
    for (unsigned round = 0; round < 100000; round++) {
        size_t len = random_text(text, &seed);
        struct looks_unit unit = {.to = 0}, other;
        for (size_t at = 0; at < len; at = unit.to) {
            looks_next(text, len, at, &unit);
            check_unit(text, len, at, &unit);
            bool mark = unit.kind == LOOKS_NOTHING;
            size_t step = naive(text, len, at, &other);
            /* Tags, and notations that pieces make together, are beyond the naive reading. */
            bool beyond = step == 1 && unit.to - at > 1 && strchr("<&%\\", text[at]) != NULL;
            if (mark || beyond || is_longer(text + at, len - at))
                continue;
            assert_int_equal(step, unit.to - unit.from);
            assert_int_equal(other.kind, unit.kind);
            assert_int_equal(other.cp, unit.cp);
            assert_int_equal(other.leet, unit.leet);
            assert_int_equal(other.letters_count, unit.letters_count);
            assert_memory_equal(other.letters, unit.letters, sizeof unit.letters);
            unsigned spelled = MATCHER_TECHNIQUE_ENTITY | MATCHER_TECHNIQUE_ESCAPED;
            assert_int_equal(other.techniques, unit.techniques & ~spelled);
            compared++;
        }
    }
    assert_true(compared > 500000);
}

static void a_text_cut_off_anywhere_is_read_to_its_end(void **state)
{
    (void)state;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    static const char whole[] = "&amp;#109;%256D\\ud835\\udc00\\u{6d}<span a=\"b\">x<!-- - -->"
                                "<style>a</style>&#x336;\xF0\x9D\x90\x80\xE7\x89\x8C<x></x>%D0%B0";
    char *base = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(base != MAP_FAILED);
    assert_int_equal(mprotect(base + page, page, PROT_NONE), 0);
    for (size_t begin = 0; begin < sizeof whole - 1; begin++) {
        for (size_t len = 1; begin + len <= sizeof whole - 1; len++) {
            char *text = base + page - len;
            struct looks_unit unit = {.to = 0};
            memcpy(text, whole + begin, len);
            for (size_t at = 0; at < len; at = unit.to) {
                looks_next(text, len, at, &unit);
                check_unit(text, len, at, &unit);
            }
        }
    }
    assert_int_equal(munmap(base, 2 * page), 0);
}

static void random_text_at_the_end_of_a_page_is_read_from_any_offset(void **state)
{
    (void)state;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    static char made[TEXT_MAX];
    unsigned seed = 7;
    char *base = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(base != MAP_FAILED);
    assert_int_equal(mprotect(base, page, PROT_NONE), 0);
    assert_int_equal(mprotect(base + 2 * page, page, PROT_NONE), 0);
    for (unsigned round = 0; round < 20000; round++) {
        size_t len = random_text(made, &seed);
        char *text = round % 2 == 0 ? base + 2 * page - len : base + page;
        struct looks_unit unit;
        memcpy(text, made, len);
        for (size_t at = 0; at < len; at++) {
            looks_next(text, len, at, &unit);
            assert_true(unit.from == at && unit.to > at && unit.to <= len);
        }
    }
    assert_int_equal(munmap(base, 3 * page), 0);
}

/* A text of FLOOD bytes of one piece; the units of it that are looked at go through all of it. */
static size_t units_of_flood(const char *piece)
{
    char *text = malloc(FLOOD);
    size_t units = 0;
    struct looks_unit unit = {.to = 0};
    assert_non_null(text);
    for (size_t i = 0; i < FLOOD; i++)
        text[i] = piece[i % strlen(piece)];
    for (size_t at = 0; at < FLOOD; at = unit.to, units++)
        looks_next(text, FLOOD, at, &unit);
    free(text);
    return units;
}

static void a_flood_of_what_never_closes_is_one_sign_after_the_other(void **state)
{
    (void)state;
    static const char *const floods[] = {
        "<b x=\" ", "<!-- ",  "<",  "<b ",     "<!--a>",   "<style>", "&a",     "&amp;",      "%25",
        "\\",       "&lt;b ", "</", "<b x=y ", "\xCC\xB6", "&#0",     "<b x='", "&amp;lt;!--"};
    for (size_t i = 0; i < sizeof floods / sizeof floods[0]; i++)
        assert_true(units_of_flood(floods[i]) > 0);
    assert_int_equal(units_of_flood("<"), FLOOD);
    assert_int_equal(units_of_flood("\\"), FLOOD);
}

static void a_tag_longer_than_the_limit_is_text(void **state)
{
    (void)state;
    static char text[2 * TAG_BYTES];
    for (size_t value = TAG_BYTES - 20; value < TAG_BYTES + 20; value++) {
        struct looks_unit unit;
        size_t len = (size_t)snprintf(text, sizeof text, "<b x=%0*u>", (int)value, 0u);
        looks_next(text, len, 0, &unit);
        bool tag = len <= TAG_BYTES;
        assert_int_equal(unit.kind, tag ? LOOKS_NOTHING : LOOKS_SIGN);
        assert_int_equal(unit.to, tag ? len : 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_text_is_read_as_the_naive_reading_has_it),
        cmocka_unit_test(a_text_cut_off_anywhere_is_read_to_its_end),
        cmocka_unit_test(random_text_at_the_end_of_a_page_is_read_from_any_offset),
        cmocka_unit_test(a_flood_of_what_never_closes_is_one_sign_after_the_other),
        cmocka_unit_test(a_tag_longer_than_the_limit_is_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
