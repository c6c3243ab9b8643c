/*
 * The matcher at the end of mapped memory: nothing reads a byte past the promised slack, whatever
 * the length of a text and the size of a set, and what is found there is what is found anywhere.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "matcher/scan.h"
#include "tests/unit/matcher_names.h"
#include "tests/unit/matcher_rig.h"

#define LENGTH_MAX 512u
#define TEXT_BYTES 8192u

static char *pages[2]; /* where memory ends */
static char *bases[2];
static size_t mapped;

/* Memory of which the first byte behind it cannot be touched. Returns its end. */
static char *guarded(char **ret_base, size_t *ret_bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t bytes = (LENGTH_MAX * FOLD_GROWTH_MAX + MATCHER_SLACK_BYTES + page) / page * page;
    char *base =
        mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(base != MAP_FAILED);
    assert_int_equal(mprotect(base + bytes, page, PROT_NONE), 0);
    *ret_base = base;
    *ret_bytes = bytes + page;
    return base + bytes;
}

/* Names of the set, plain and in disguise, up to the end of text, which so ends in a name. */
static void fill(char text[TEXT_BYTES], unsigned count)
{
    size_t at = TEXT_BYTES;
    for (unsigned i = 0;; i++) {
        char name[32], spelled[64];
        size_t len = names_put(name, i * 31 % count), out = 0;
        for (size_t k = 0; k < len; k++) {
            spelled[out++] = i % 4 == 1 && name[k] == 'o' ? '0' : name[k];
            if (i % 4 == 3 && k + 1 < len)
                spelled[out++] = '.';
        }
        if (out + 1 > at)
            break;
        at -= out;
        memcpy(text + at, spelled, out);
        text[--at] = ' ';
    }
    memset(text, ' ', at);
}

struct seen {
    size_t total;
    struct matcher_hit hits[MATCHER_HITS_MAX];
};

static void add(const char *text, size_t len)
{
    struct matcher_field field = {text, len};
    uint32_t index = 0;
    matcher_reset(matcher);
    assert_int_equal(matcher_add(matcher, &field, 1, &index), 0);
}

static void take(struct seen *seen)
{
    struct matcher_result result;
    memset(seen, 0, sizeof *seen);
    matcher_scan(matcher);
    matcher_result(matcher, 0, &result);
    assert_int_not_equal(result.outcome, MATCHER_OUTCOME_FAILED);
    seen->total = result.hits_total;
    for (size_t i = 0; i < result.hits_count; i++)
        seen->hits[i] = result.hits[i];
}

/* Both the text and the batch made of it stand so that memory ends where their slack does. */
static size_t check(const char *text, size_t len)
{
    struct seen anywhere, at_the_end;
    add(text, len);
    take(&anywhere);
    char *copy = pages[0] - MATCHER_SLACK_BYTES - len, *heap = matcher->batch;
    memcpy(copy, text, len);
    add(copy, len);
    matcher->batch = pages[1] - MATCHER_SLACK_BYTES - matcher->batch_len;
    memcpy(matcher->batch, heap, matcher->batch_len);
    take(&at_the_end);
    matcher->batch = heap;
    assert_int_equal(at_the_end.total, anywhere.total);
    assert_memory_equal(&at_the_end, &anywhere, sizeof anywhere);
    return anywhere.total;
}

static void check_set(unsigned count)
{
    static char text[TEXT_BYTES];
    char *marks = names_tsv(count);
    size_t found = 0;
    (void)matcher_rig_open(marks, NULL); /* always 0 */
    free(marks);
    fill(text, count);
    for (size_t len = 1; len <= LENGTH_MAX; len++) {
        found += check(text + TEXT_BYTES - len, len);
        found += check(text + TEXT_BYTES / 2, len);
    }
    (void)matcher_rig_close(NULL);   /* always 0 */
    assert_true(found > LENGTH_MAX); /* or the texts say nothing */
}

static void fifty_marks_read_no_more_than_the_slack(void **state)
{
    (void)state;
    check_set(50);
}

/* A sanitizer sees what is ours, which is the same for every set; what the engine reads, the page
   behind the text tells. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static void one_mark_reads_no_more_than_the_slack(void **state)
{
    (void)state;
    check_set(1);
}

static void three_hundred_marks_read_no_more_than_the_slack(void **state)
{
    (void)state;
    check_set(300);
}

static void a_thousand_marks_read_no_more_than_the_slack(void **state)
{
    (void)state;
    check_set(1000);
}

static void ten_thousand_marks_read_no_more_than_the_slack(void **state)
{
    (void)state;
    check_set(10000);
}
#endif

static int map_pages(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++)
        pages[i] = guarded(&bases[i], &mapped);
    return 0;
}

static int unmap_pages(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(munmap(bases[i], mapped), 0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifty_marks_read_no_more_than_the_slack),
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        cmocka_unit_test(one_mark_reads_no_more_than_the_slack),
        cmocka_unit_test(three_hundred_marks_read_no_more_than_the_slack),
        cmocka_unit_test(a_thousand_marks_read_no_more_than_the_slack),
        cmocka_unit_test(ten_thousand_marks_read_no_more_than_the_slack),
#endif
    };
    return cmocka_run_group_tests(tests, map_pages, unmap_pages);
}
