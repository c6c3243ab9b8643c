/*
 * Every file of JSONTestSuite: what must be accepted is, what must be rejected is, and what is left
 * to the implementation goes as the table below says. Objects are then taken as listings.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/json.h"
#include "daemon/listing.h"
#include "tests/fakes/shell.h"
#include "tests/fakes/test.h"

#define SUITE "../shared/data/jsontestsuite.tar.xz"

/* The i_ files: numbers of any size are JSON; a lone surrogate is mended and flagged; bytes that
   are not UTF-8, other encodings and a byte order mark are not taken; nesting has a limit. */
static const struct {
    const char *name;
    enum json_status status;
    bool surrogate;
} ours[] = {
    {"i_number_double_huge_neg_exp.json", JSON_OK, false},
    {"i_number_huge_exp.json", JSON_OK, false},
    {"i_number_neg_int_huge_exp.json", JSON_OK, false},
    {"i_number_pos_double_huge_exp.json", JSON_OK, false},
    {"i_number_real_neg_overflow.json", JSON_OK, false},
    {"i_number_real_pos_overflow.json", JSON_OK, false},
    {"i_number_real_underflow.json", JSON_OK, false},
    {"i_number_too_big_neg_int.json", JSON_OK, false},
    {"i_number_too_big_pos_int.json", JSON_OK, false},
    {"i_number_very_big_negative_int.json", JSON_OK, false},
    {"i_object_key_lone_2nd_surrogate.json", JSON_OK, true},
    {"i_string_1st_surrogate_but_2nd_missing.json", JSON_OK, true},
    {"i_string_1st_valid_surrogate_2nd_invalid.json", JSON_OK, true},
    {"i_string_UTF-16LE_with_BOM.json", JSON_BAD_UTF8, false},
    {"i_string_UTF-8_invalid_sequence.json", JSON_BAD_UTF8, false},
    {"i_string_UTF8_surrogate_U+D800.json", JSON_BAD_UTF8, false},
    {"i_string_incomplete_surrogate_and_escape_valid.json", JSON_OK, true},
    {"i_string_incomplete_surrogate_pair.json", JSON_OK, true},
    {"i_string_incomplete_surrogates_escape_valid.json", JSON_OK, true},
    {"i_string_invalid_lonely_surrogate.json", JSON_OK, true},
    {"i_string_invalid_surrogate.json", JSON_OK, true},
    {"i_string_invalid_utf-8.json", JSON_BAD_UTF8, false},
    {"i_string_inverted_surrogates_U+1D11E.json", JSON_OK, true},
    {"i_string_iso_latin_1.json", JSON_BAD_UTF8, false},
    {"i_string_lone_second_surrogate.json", JSON_OK, true},
    {"i_string_lone_utf8_continuation_byte.json", JSON_BAD_UTF8, false},
    {"i_string_not_in_unicode_range.json", JSON_BAD_UTF8, false},
    {"i_string_overlong_sequence_2_bytes.json", JSON_BAD_UTF8, false},
    {"i_string_overlong_sequence_6_bytes.json", JSON_BAD_UTF8, false},
    {"i_string_overlong_sequence_6_bytes_null.json", JSON_BAD_UTF8, false},
    {"i_string_truncated-utf-8.json", JSON_BAD_UTF8, false},
    {"i_string_utf16BE_no_BOM.json", JSON_BAD_UTF8, false},
    {"i_string_utf16LE_no_BOM.json", JSON_BAD_UTF8, false},
    {"i_structure_500_nested_arrays.json", JSON_TOO_DEEP, false},
    {"i_structure_UTF-8_BOM_empty_object.json", JSON_BAD, false},
};

static char folder[64];

/* Unpacks the suite and calls judge for each file of it whose name begins with the letter. */
static unsigned for_each(char letter,
                         void (*judge)(const char *name, const char *bytes, size_t len))
{
    char command[256], path[512];
    unsigned count = 0;

    shell_folder(folder);
    (void)snprintf(command, sizeof(command), "xz -dc " SUITE " 2>/dev/null | tar -xf - -C %s 2>&1",
                   folder);
    (void)shell_run(command); /* nothing there: no file is found below */
    (void)snprintf(command, sizeof(command),
                   "cd %s && find . -name '*.json' -exec mv {} . \\; "
                   "2>/dev/null",
                   folder);
    (void)shell_run(command); /* mv complains of those that are in place */
    DIR *opened = opendir(folder);
    assert_non_null(opened);
    for (struct dirent *entry; (entry = readdir(opened)) != NULL;) {
        size_t len;
        if (entry->d_name[0] != letter || entry->d_name[1] != '_')
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        char *bytes = shell_read(path, &len);
        assert_non_null(bytes);
        judge(entry->d_name, bytes, len);
        free(bytes);
        count++;
    }
    (void)closedir(opened);
    shell_remove(folder);
    if (count == 0) {
        print_message("skipped: no ../shared\n");
        skip();
    }
    return count;
}

static enum json_status parse(const char *bytes, size_t len, enum json_type *ret_type,
                              bool *ret_surrogate)
{
    struct json_parser *parser = json_open();
    struct json_value root = {.type = JSON_NULL};

    assert_non_null(parser);
    enum json_status status = json_parse(parser, bytes, len, &root, ret_surrogate);
    if (status != JSON_OK)
        assert_true(strlen(json_reason(parser)) > 0);
    *ret_type = root.type;
    parser = json_close(parser);
    return status;
}

static void must_accept(const char *name, const char *bytes, size_t len)
{
    bool surrogate = false;
    enum json_type type;

    if (parse(bytes, len, &type, &surrogate) != JSON_OK)
        fail_msg("%s is not accepted", name);
    assert_false(surrogate);
    if (type != JSON_OBJECT)
        return;
    struct json_parser *parser = json_open();
    struct arena arena;
    struct listing listing;
    struct reject reject = {.code = REJECT_NONE};
    assert_int_equal(arena_open(&arena, LISTING_ARENA_BYTES_MAX), 0);
    enum reject_code code = listing_decode(parser, bytes, len, &arena, &listing, &reject);
    if (code == REJECT_NONE || code == REJECT_BAD_JSON || code == REJECT_BAD_UTF8)
        fail_msg("%s as a listing: %s", name, reject_code_name(code));
    arena_close(&arena);
    parser = json_close(parser);
}

static void must_reject(const char *name, const char *bytes, size_t len)
{
    bool surrogate = false;
    enum json_type type;

    if (parse(bytes, len, &type, &surrogate) == JSON_OK)
        fail_msg("%s is accepted", name);
}

static void must_go_as_listed(const char *name, const char *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        bool surrogate = false;
        enum json_type type;
        if (strcmp(ours[i].name, name) != 0)
            continue;
        enum json_status status = parse(bytes, len, &type, &surrogate);
        if (status != ours[i].status || surrogate != ours[i].surrogate)
            fail_msg("%s: status %d, surrogate %d", name, (int)status, surrogate);
        return;
    }
    fail_msg("%s is not in the table", name);
}

static void every_y_file_is_accepted_and_its_object_gets_an_answer(void **state)
{
    (void)state;
    assert_true(for_each('y', must_accept) >= 90);
}

static void every_n_file_is_rejected(void **state)
{
    (void)state;
    assert_true(for_each('n', must_reject) >= 180);
}

static void every_i_file_goes_as_the_table_says(void **state)
{
    (void)state;
    assert_int_equal(for_each('i', must_go_as_listed), sizeof(ours) / sizeof(ours[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_y_file_is_accepted_and_its_object_gets_an_answer),
        cmocka_unit_test(every_n_file_is_rejected),
        cmocka_unit_test(every_i_file_goes_as_the_table_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
