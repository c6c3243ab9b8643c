/* What a page shows is read whole or told to be cut, whatever its markup is. */
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/page.h"
#include "tests/fakes/test.h"

#define LD     "<script type=application/ld+json>"
#define LD_END "</script>"

static char *put(char *to, const char *text)
{
    size_t len = strlen(text);
    memcpy(to, text, len);
    return to + len;
}

static struct page *page_of(const char *bytes, size_t len, const char *charset)
{
    struct page *page = malloc(sizeof *page);
    assert_non_null(page);
    assert_int_equal(page_read(bytes, len, charset, page), 0);
    return page;
}

/* " aab": a name of its own for each number. */
static size_t put_name(char *to, unsigned number)
{
    to[0] = ' ';
    for (unsigned i = 1; i <= 3; i++, number /= 26)
        to[i] = (char)('a' + number % 26);
    return 4;
}

static void scripts_keep_to_their_room_with_the_slack_behind_each(void **state)
{
    (void)state;
    const size_t second = PAGE_SCRIPT_BYTES_MAX;
    char *html = malloc(PAGE_SCRIPT_BYTES_MAX + second + 1000);
    assert_non_null(html);
    for (size_t len = PAGE_SCRIPT_BYTES_MAX - 2 * PAGE_SLACK_BYTES - 1;
         len <= PAGE_SCRIPT_BYTES_MAX + 1; len++) {
        char *end = put(html, LD);
        memset(end, 'x', len);
        end = put(put(end + len, LD_END), LD);
        memset(end, 'y', second);
        end = put(put(end + second, LD_END), "seen");
        struct page *page = page_of(html, (size_t)(end - html), "");
        bool fits = len <= PAGE_SCRIPT_BYTES_MAX - PAGE_SLACK_BYTES;
        assert_int_equal(page->scripts_count, fits);
        assert_int_equal(page->scripts_len, fits ? len + PAGE_SLACK_BYTES : 0);
        assert_true(!fits || page->script[0].len == len);
        assert_true(page->cut);
        assert_int_equal(page->text_len, 4);
        free(page);
    }
    free(html);
}

static void a_page_of_too_many_open_elements_is_cut_there(void **state)
{
    (void)state;
    char html[8192];
    for (unsigned deep = 500; deep < 520; deep++) {
        char *end = put(html, "<html><body>before");
        for (unsigned i = 2; i < deep; i++)
            end = put(end, "<span>");
        end = put(end, "</i></i>behind");
        struct page *page = page_of(html, (size_t)(end - html), "");
        assert_int_equal(page->cut, deep > PAGE_DEPTH_MAX);
        assert_int_equal(page->text_len, deep > PAGE_DEPTH_MAX ? 6 : 12);
        free(page);
    }
}

static void elements_that_end_are_not_open(void **state)
{
    (void)state;
    char html[65536];
    char *end = html;
    for (unsigned i = 0; i < 3000; i++)
        end = put(end, "<p><br><b>x</b>");
    struct page *page = page_of(html, (size_t)(end - html), "");
    assert_false(page->cut);
    assert_int_equal(page->text_len, 3000 * 2 - 1);
    free(page);
}

static void a_flood_of_attributes_hides_no_text_or_is_told(void **state)
{
    (void)state;
    enum { TAGS = 40, EACH = 5000 };
    char *html = malloc(TAGS * EACH * 8);
    assert_non_null(html);
    for (unsigned tags = 1; tags <= TAGS; tags += TAGS - 1) {
        char *end = html;
        for (unsigned tag = 0; tag < tags; tag++) {
            end = put(end, "<b");
            for (unsigned i = 0; i < EACH; i++)
                end += put_name(end, i);
            end = put(end, ">");
        }
        end = put(end, "<script>no</script>behind<img alt=it>");
        struct page *page = page_of(html, (size_t)(end - html), "");
        assert_int_equal(page->cut, tags > 1);
        assert_int_equal(page->text_len, tags > 1 ? 0 : strlen("behind it"));
        free(page);
    }
    free(html);
}

static void expect_text(const char *html, const char *charset, const char *text)
{
    struct page *page = page_of(html, strlen(html), charset);
    if (page->text_len != strlen(text) || memcmp(page->text, text, strlen(text)) != 0)
        fail_msg("%s: %.*s, not %s", charset, (int)page->text_len, page->text, text);
    assert_false(page->cut);
    free(page);
}

static void what_is_behind_an_unclosed_svg_or_noscript_is_read(void **state)
{
    (void)state;
    expect_text("<svg><div>a<p>b", "", "a\nb");
    expect_text("<noscript><div></noscript><p>a", "", "a");
}

static void a_charset_is_what_browsers_take_it_for(void **state)
{
    (void)state;
    expect_text("a \xe9\x46 b", "gb2312", "a \xe9\x95\x95 b"); /* in GBK alone */
    expect_text("a \x87\x40 b", "shift_jis", "a \xe2\x91\xa0 b");
    expect_text("a \x99 b", "iso-8859-1", "a \xe2\x84\xa2 b");
    expect_text("a \xe9 b", "us-ascii", "a \xc3\xa9 b");
}

static void a_page_is_read_in_the_charset_that_it_names(void **state)
{
    (void)state;
    expect_text("<meta charset=gb2312><p>a \xe9\x46 b", "", "a \xe9\x95\x95 b");
    expect_text("<meta charset=utf-8><p>\xe9\x46 b", "gb2312", "\xe9\x95\x95 b");
    expect_text("<!--<meta charset=koi8-r>--><META http-equiv=content-type content='text/html; "
                "Charset = \"x-sjis\"'>\x87\x40",
                "", "\xe2\x91\xa0");
    expect_text("<meta charset=no-such><meta charset='iso-8859-1' />\x99", "none", "\xe2\x84\xa2");
    expect_text("<meta charset=utf-16>\xc3\xa9", "", "\xc3\xa9");
    expect_text("<meta charset", "", "");
    expect_text("a \xc3\xa9", "utf8//translit", "a \xc3\xa9");
    expect_text("\xef\xbb\xbf\xc3\xa9", "iso-8859-1", "\xc3\xa9");
    expect_text("caf\xe9 \x99", "", "caf\xc3\xa9 \xe2\x84\xa2");
}

static void wide_characters_are_read(void **state)
{
    (void)state;
    static const char page[] = "\xff\xfe<\0p\0>\0\xe9\0\0\xd8"
                               "b\0"; /* a lone surrogate */
    static const char shown[] = "\xc3\xa9\xef\xbf\xbd"
                                "b";
    for (unsigned mark = 0; mark < 2; mark++) {
        struct page *read = page_of(page + 2 * mark, sizeof page - 1 - 2 * mark, "utf-16");
        assert_int_equal(read->text_len, sizeof shown - 1);
        assert_memory_equal(read->text, shown, sizeof shown - 1);
        free(read);
    }
}

/* libxml2 by itself stops at them, and shows nothing of the page behind. */
static void bytes_that_no_charset_has_cost_no_text_behind_them(void **state)
{
    (void)state;
    static const char *const charsets[] = {"utf-8", "gb2312", "shift_jis", "euc-kr", ""};
    enum { BEFORE = 20000 };
    char html[BEFORE + 32];
    for (unsigned i = 0; i < sizeof charsets / sizeof charsets[0]; i++) {
        memset(html, 'a', BEFORE);
        memcpy(html, "<p>\xc3\xa9", 5);
        memcpy(html + BEFORE, "\xff\xff<p>behind", sizeof "\xff\xff<p>behind");
        struct page *page = page_of(html, BEFORE + 11, charsets[i]);
        assert_false(page->cut);
        assert_true(page->text_len > BEFORE);
        assert_memory_equal(page->text + page->text_len - 13, "\xef\xbf\xbd\xef\xbf\xbd\nbehind",
                            13);
        free(page);
    }
    expect_text("a \xff\xff\xff b", "gb2312", "a \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd b");
    expect_text("\xc3\xa9 \xe9 \xef\xbf\xbd \xe2\x84", "",
                "\xc3\xa9 \xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_keep_to_their_room_with_the_slack_behind_each),
        cmocka_unit_test(a_page_of_too_many_open_elements_is_cut_there),
        cmocka_unit_test(elements_that_end_are_not_open),
        cmocka_unit_test(a_flood_of_attributes_hides_no_text_or_is_told),
        cmocka_unit_test(what_is_behind_an_unclosed_svg_or_noscript_is_read),
        cmocka_unit_test(a_charset_is_what_browsers_take_it_for),
        cmocka_unit_test(a_page_is_read_in_the_charset_that_it_names),
        cmocka_unit_test(wide_characters_are_read),
        cmocka_unit_test(bytes_that_no_charset_has_cost_no_text_behind_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
