/*
 * Expressions of other projects through the reader of rules: what Hyperscan accepts is accepted,
 * and the rest is refused with the engine's reason. The letters of a row are Hyperscan's; those
 * that have no meaning for a rule are left out: H and O change no verdict, x and u are in the
 * pattern.
 */
#include <errno.h>
#include <stdio.h>

#include "daemon/json.h"
#include "matcher/rules_set.h"
#include "tests/unit/rules_rig.h"

#define DATA      "../shared/data/regexes_sample.ndjson"
#define LINE_ROOM 65536

/* The engine's compiler takes minutes for all of them when each of its allocations is watched. */
#ifdef __SANITIZE_ADDRESS__
#define EVERY 9u
#else
#define EVERY 1u
#endif

struct row {
    char expr[16384], flags[16], error[512];
    size_t expr_len;
    bool ok, extended, beyond; /* letters that a rule does not offer */
};

static bool read_row(struct json_parser *parser, char *line, size_t len, struct row *row)
{
    struct json_value root;
    struct json_member members[32];
    bool surrogate = false;
    if (json_parse(parser, line, len, &root, &surrogate) != JSON_OK)
        return false;
    size_t count = json_members(&root, members, 32), flags = 0;
    *row = (struct row){.ok = false};
    for (size_t i = 0; i < count; i++) {
        const struct json_member *member = &members[i];
        const char *text = member->value.text;
        size_t text_len = member->value.type == JSON_STRING ? member->value.len : 0;
        if (strncmp(member->key, "expr", member->key_len) == 0 && member->key_len == 4) {
            assert_true(text_len < sizeof row->expr);
            memcpy(row->expr, text, text_len);
            row->expr_len = text_len;
        }
        row->ok = row->ok ||
                  (member->key_len == 7 && memcmp(member->key, "verdict", 7) == 0 && text_len == 2);
        row->extended = row->extended || (member->key_len == 3 && text_len > 0 &&
                                          memcmp(member->key, "ext", 3) == 0);
        if (member->key_len == 5 && memcmp(member->key, "error", 5) == 0)
            (void)snprintf(row->error, sizeof row->error, "%.*s", (int)text_len, text);
        if (member->key_len != 5 || memcmp(member->key, "flags", 5) != 0)
            continue;
        for (size_t k = 0; k < text_len; k++) {
            row->beyond = row->beyond || strchr("PLCV", text[k]) != NULL;
            char letter = text[k] == '8' ? 'u' : text[k] == 'W' ? 'w' : text[k];
            if (strchr("ism8W", text[k]) != NULL)
                row->flags[flags++] = letter;
        }
    }
    return true;
}

/* A rule with the expression as a double-quoted YAML text. */
static void write_rule(const struct row *row, char *out, size_t room)
{
    size_t at = (size_t)snprintf(out, room,
                                 "rules:\n- {id: r, rev: 1, marks: bear, class: mark,\n"
                                 "   examples: [x], negative_examples: [x],\n"
                                 "   regex: {flags: '%s', pattern: \"",
                                 row->flags);
    for (size_t i = 0; i < row->expr_len; i++) {
        unsigned char byte = (unsigned char)row->expr[i];
        if (byte == '"' || byte == '\\')
            at += (size_t)snprintf(out + at, room - at, "\\%c", byte);
        else if (byte < 0x20 || byte == 0x7F)
            at += (size_t)snprintf(out + at, room - at, "\\x%02x", byte);
        else
            out[at++] = (char)byte;
    }
    (void)snprintf(out + at, room - at, "\"}}\n");
}

/* What the reader and the compiler of rules say; an empty text if they accept. */
static const char *verdict_of(const char *yaml)
{
    static struct matcher_error error;
    struct matcher_lists *lists = rig_lists();
    hs_database_t *engine = NULL;
    error.text[0] = '\0';
    int done = matcher_lists_add_rules(lists, yaml, strlen(yaml), &error);
    if (done == 0)
        done = rules_set_compile_one(lists, &lists->rules->regexes[0], &engine, &error);
    (void)hs_free_database(engine);
    assert_null(matcher_lists_close(lists));
    assert_true(done == 0 || (done == -EINVAL && error.line == 4));
    return done == 0 ? "" : error.text;
}

static void expressions_of_other_projects_have_the_verdict_of_the_engine(void **state)
{
    (void)state;
    static char line[LINE_ROOM + JSON_SLACK_BYTES], yaml[LINE_ROOM];
    static struct row row;
    static const char refusal[] = "regex: the engine refuses it: ";
    unsigned rows = 0, accepted = 0, refused = 0, beyond = 0, other = 0;
    FILE *file = fopen(DATA, "rb");
    if (file == NULL) {
        (void)print_message("skipped: no ../shared\n");
        skip();
    }
    struct json_parser *parser = json_open();
    while (fgets(line, LINE_ROOM, file) != NULL) {
        assert_true(read_row(parser, line, strcspn(line, "\n"), &row));
        bool heavy = strcmp(row.error, "Pattern is too large.") == 0;
        if (rows++ % EVERY != 0 || (EVERY > 1 && heavy))
            continue;
        write_rule(&row, yaml, sizeof yaml);
        const char *verdict = verdict_of(yaml);
        if (row.extended || row.beyond) {
            beyond++;
            continue;
        }
        accepted += row.ok;
        refused += !row.ok;
        bool same = row.ok ? verdict[0] == '\0'
                           : strncmp(verdict, refusal, sizeof refusal - 1) == 0 &&
                                 strcmp(verdict + sizeof refusal - 1, row.error) == 0;
        if (!same)
            (void)print_message("%s /%s: \"%s\", not \"%s\"\n", row.expr, row.flags, verdict,
                                row.ok ? "" : row.error);
        other += !same;
    }
    parser = json_close(parser);
    (void)fclose(file);
    (void)print_message(
        "%u rows: %u accepted, %u refused, %u with letters or parameters that rules "
        "do not have; %u with another verdict\n",
        rows, accepted, refused, beyond, other);
    assert_int_equal(rows, 702);
    assert_int_equal(other, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_of_other_projects_have_the_verdict_of_the_engine),
    };
    return cmocka_run_group_tests_name("expressions of rules", tests, NULL, NULL);
}
