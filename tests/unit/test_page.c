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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_keep_to_their_room_with_the_slack_behind_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
