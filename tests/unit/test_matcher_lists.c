/*
 * Mark and cue lists: what is read, what is refused and where, and that nothing stays half done.
 */
#include <errno.h>
#include <stdio.h>

#include "matcher/lists.h"
#include "matcher/matcher.h"
#include "tests/unit/matcher_test.h"

static struct matcher_lists *lists;
static struct matcher_error error;

static int set_up(void **state)
{
    (void)state;
    return matcher_lists_open(&lists);
}

static int tear_down(void **state)
{
    (void)state;
    lists = matcher_lists_close(lists);
    return 0;
}

static void add(const char *tsv, bool marks)
{
    int added = marks ? matcher_lists_add_marks(lists, tsv, strlen(tsv), &error)
                      : matcher_lists_add_cues(lists, tsv, strlen(tsv), &error);
    assert_int_equal(added, 0);
}

/* The text is refused at line and column, the message holds word, and the lists are as before. */
static void refuse(const char *tsv, size_t len, bool marks, unsigned line, unsigned column,
                   const char *word)
{
    size_t marks_before = lists->marks_count, forms_before = lists->forms_count;
    size_t cues_before = lists->cues_count, arena_before = lists->arena_len;
    memset(&error, 0xFF, sizeof error);
    int added = marks ? matcher_lists_add_marks(lists, tsv, len, &error)
                      : matcher_lists_add_cues(lists, tsv, len, &error);
    assert_int_equal(added, -EINVAL);
    assert_non_null(memchr(error.text, '\0', sizeof error.text));
    if (error.line != line || error.column != column || strstr(error.text, word) == NULL)
        print_message("%u:%u: %s\n", error.line, error.column, error.text);
    assert_int_equal(error.line, line);
    assert_int_equal(error.column, column);
    assert_non_null(strstr(error.text, word));
    assert_int_equal(lists->marks_count, marks_before);
    assert_int_equal(lists->forms_count, forms_before);
    assert_int_equal(lists->cues_count, cues_before);
    assert_int_equal(lists->arena_len, arena_before);
}

static void refuse_marks(const char *tsv, unsigned line, unsigned column, const char *word)
{
    refuse(tsv, strlen(tsv), true, line, column, word);
}

static void refuse_cues(const char *tsv, unsigned line, unsigned column, const char *word)
{
    refuse(tsv, strlen(tsv), false, line, column, word);
}

static void columns_are_found_by_name_in_any_order(void **state)
{
    (void)state;
    add("aliases\tnote\tmark\tgeneric\tmark_id\n"
        "b|c\tx\ta\t1\tM1\n",
        true);
    assert_int_equal(lists->marks_count, 1);
    assert_int_equal(lists->forms_count, 3);
    assert_true(lists->marks[0].generic);
    assert_memory_equal(lists_at(lists, lists->forms[2].text), "c", 1);
}

static void comments_empty_lines_and_carriage_returns_are_fine(void **state)
{
    (void)state;
    add("\xEF\xBB\xBF# list\r\n\r\nmark_id\tmark\r\n#M0\tno\r\nM1\tNike\r\n\n", true);
    assert_int_equal(lists->marks_count, 1);
    assert_int_equal(lists->forms[0].text.len, 4);
    add("cue_id\tphrase\tstrength\r\nC1\treplica\t3\r\n", false);
    assert_int_equal(lists->cues[0].strength, 3);
}

static void a_last_line_needs_no_newline(void **state)
{
    (void)state;
    add("mark_id\tmark\nM1\tNike", true);
    assert_int_equal(lists->marks_count, 1);
}

static void several_lists_add_up_and_share_ids(void **state)
{
    (void)state;
    add("mark_id\tmark\nM1\tNike\n", true);
    add("mark_id\tmark\nM2\tLego\n", true);
    assert_int_equal(lists->marks_count, 2);
    refuse_marks("mark_id\tmark\nM3\tPuma\nM1\tCasio\n", 3, 1, "M1");
}

static void a_list_without_its_columns_is_refused(void **state)
{
    (void)state;
    refuse_marks("", 1, 1, "columns");
    refuse_marks("# only\n\n", 1, 1, "columns");
    refuse_marks("mark_id\tname\n", 1, 1, "mark");
    refuse_marks("\nmark_id\tmark\tmark\n", 2, 14, "twice");
    refuse_cues("cue_id\tphrase\n", 1, 1, "strength");
}

static void rows_that_do_not_fit_are_refused_where_they_stand(void **state)
{
    (void)state;
    refuse_marks("mark_id\tmark\nM1\tNike\tx\n", 2, 9, "cells");
    refuse_marks("mark_id\tmark\nM1\n", 2, 1, "cells");
    refuse_marks("mark_id\tmark\nM1\tNike\nM1\tLego\n", 3, 1, "M1");
    refuse_marks("mark_id\tmark\n\tNike\n", 2, 1, "id is empty");
    refuse_marks("mark_id\tmark\nM1\t\n", 2, 4, "empty");
    refuse_marks("mark_id\tmark\nM1\t-- \xE2\x84\xA2\n", 2, 4, "nothing");
    refuse_marks("mark_id\tmark\tgeneric\nM1\tNike\t2\n", 2, 9, "generic");
    refuse_marks("mark_id\tmark\tgeneric\nM1\tNike\t\n", 2, 9, "generic");
    refuse_marks("mark_id\tmark\tvariants\nM1\tNike\t2\n", 2, 9, "variants");
    refuse_marks("mark_id\tmark\tvariants\nM1\tNike\tauto\n", 2, 9, "variants");
    refuse_marks("mark_id\tmark\taliases\nM1\tNike\tAir||Max\n", 2, 13, "empty");
    refuse_marks("mark_id\tmark\taliases\nM1\tNike\tAir|\n", 2, 13, "empty");
    refuse_marks("mark_id\tmark\taliases\nM1\tNike\tAir|?\n", 2, 13, "nothing");
    refuse_cues("cue_id\tphrase\tstrength\nC1\tcopy\t0\n", 2, 9, "strength");
    refuse_cues("cue_id\tphrase\tstrength\nC1\tcopy\t4\n", 2, 9, "strength");
    refuse_cues("cue_id\tphrase\tstrength\nC1\tcopy\t33\n", 2, 9, "strength");
    refuse_cues("cue_id\tphrase\tstrength\nC1\tcopy\t1\nC1\tfake\t1\n", 3, 1, "C1");
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    (void)state;
    refuse_marks("mark_id\tmark\nM1\tNi\xFFke\n", 2, 6, "UTF-8");
    refuse_marks("mark_id\tmark\nM1\tNi\xC3\n", 2, 6, "UTF-8");
    refuse("mark_id\tmark\nM1\tN\0ke\n", 21, true, 2, 5, "control character 0x00");
}

static void ids_that_a_screen_would_obey_or_hide_are_refused(void **state)
{
    (void)state;
    refuse_marks("mark_id\tmark\nM\x1B[31m1\tNike\n", 2, 2, "control character 0x1b");
    refuse_marks("mark_id\tmark\nM1\tNi\xC2\x9Bke\n", 2, 6, "control character 0x9b");
    refuse_marks("mark_id\tmark\nM1\xE2\x80\xAE\tNike\n", 2, 3, "U+202E");
    refuse_marks("mark_id\tmark\tcategory\nM1\tNike\tto\xE2\x80\x8Bys\n", 2, 11, "U+200B");
    refuse_cues("cue_id\tphrase\tstrength\nC\x7F\tfake\t3\n", 2, 2, "0x7f");
    refuse_cues("cue_id\tphrase\tstrength\tlang\nC1\tfake\t3\te\xC2\xADn\n", 2, 12, "U+00AD");
    /* a name may need a joiner, and an id letters of any script */
    add("mark_id\tmark\nمارک\tنی\xE2\x80\x8Cک\n", true);
}

static void keep(void *context, const struct matcher_error *told)
{
    char *out = context;
    size_t at = strlen(out);
    (void)snprintf(out + at, 1024 - at, "%u:%u ", told->line, told->column);
}

static void all_problems_of_a_list_are_told_at_once(void **state)
{
    (void)state;
    char told[1024] = "";
    static const char tsv[] = "mark_id\tmark\tgeneric\taliases\n"
                              "M1\t-\t2\t?|Air|!\n"
                              "M2\tNike\n"
                              "M1\tPuma\t0\t\n"
                              "M3\tOK\t0\t\n"
                              "M4\tO\xFFK\t0\t\n"
                              "M2\tLego\t0\t\n"
                              "M2\tLego\t0\t\n";
    assert_int_equal(lists_read_marks(lists, tsv, strlen(tsv), keep, told), -EINVAL);
    assert_string_equal(told, "2:4 2:6 2:8 2:14 3:4 4:1 6:5 8:1 ");
    assert_int_equal(lists->marks_count, 0);
    told[0] = '\0';
    assert_int_equal(lists_read_cues(lists, "cue_id\n", 7, keep, told), -EINVAL);
    assert_string_equal(told, "1:1 1:1 ");
    told[0] = '\0';
    static const char cues[] = "cue_id\tphrase\tstrength\nC1\t\t9\nC1\tfake\t3\n";
    assert_int_equal(lists_read_cues(lists, cues, strlen(cues), keep, told), -EINVAL);
    assert_string_equal(told, "2:4 2:5 3:1 ");
}

static void overlong_cells_and_rows_are_refused(void **state)
{
    (void)state;
    char text[4096] = "mark_id\tmark\nM1\t";
    size_t at = strlen(text);
    memset(text + at, 'x', LISTS_TEXT_BYTES_MAX + 1);
    refuse_marks(text, 2, 4, "longer");
    text[at + LISTS_TEXT_BYTES_MAX] = '\0';
    add(text, true);
    memset(text, '\t', 100);
    text[100] = '\0';
    refuse_marks(text, 1, 65, "more than 64 cells");
}

static void a_cut_list_never_stays_half_done(void **state)
{
    (void)state;
    static const char tsv[] =
        "mark_id\tmark\tgeneric\taliases\nM1\tNike\t0\tナイキ|耐克\nM2\tLego\t1\tx\n";
    for (size_t len = 0; len < sizeof tsv; len++) {
        struct matcher_lists *one = NULL;
        assert_int_equal(matcher_lists_open(&one), 0);
        if (matcher_lists_add_marks(one, tsv, len, &error) < 0) {
            assert_int_equal(one->marks_count, 0);
            assert_int_equal(one->forms_count, 0);
        }
        assert_null(matcher_lists_close(one));
    }
}

static void the_core_of_a_form_has_letters_at_both_ends(void **state)
{
    (void)state;
    add("mark_id\tmark\nM1\t«Tiffany & Co.»\n", true);
    struct lists_text core = lists->forms[0].core;
    assert_int_equal(core.len, 12);
    assert_memory_equal(lists_at(lists, core), "Tiffany & Co", core.len);
}

/* The ids of the first list are still known when the second one has made the lists grow. */
static void an_id_of_an_earlier_list_is_refused_in_a_long_one(void **state)
{
    (void)state;
    char rows[64 * 1024];
    for (int marks = 0; marks < 2; marks++) {
        const char *head = marks ? "mark_id\tmark\n" : "cue_id\tphrase\tstrength\n";
        const char *end = marks ? "" : "\t3";
        size_t at = (size_t)snprintf(rows, sizeof rows, "%sFIRST\tword%s\n", head, end);
        add(rows, marks);
        at = (size_t)snprintf(rows, sizeof rows, "%s", head);
        for (unsigned i = 0; i < 2000; i++)
            at += (size_t)snprintf(rows + at, sizeof rows - at, "M%04u\tword%04u%s\n", i, i, end);
        (void)snprintf(rows + at, sizeof rows - at, "FIRST\tword%s\n", end);
        refuse(rows, strlen(rows), marks, 2002, 1, "the id FIRST is there already");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(columns_are_found_by_name_in_any_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(comments_empty_lines_and_carriage_returns_are_fine, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_last_line_needs_no_newline, set_up, tear_down),
        cmocka_unit_test_setup_teardown(several_lists_add_up_and_share_ids, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_without_its_columns_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_that_do_not_fit_are_refused_where_they_stand, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(bytes_that_are_no_text_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ids_that_a_screen_would_obey_or_hide_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(all_problems_of_a_list_are_told_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(overlong_cells_and_rows_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cut_list_never_stays_half_done, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_id_of_an_earlier_list_is_refused_in_a_long_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_core_of_a_form_has_letters_at_both_ends, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
