/*
 * noticectl explain: one text, what the matcher makes of it, and why. For people; `scan` is for
 * programs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/explanation.h"
#include "daemon/ctl/patterns.h"
#include "daemon/ctl/term.h"
#include "matcher/fold.h"

#define TEXT_BYTES_MAX 65536u

enum explain_option { EXPLAIN_OPTION_COLOR = PATTERNS_OPTIONS_COUNT };

static const struct ctl_option options[] = {
    PATTERNS_OPTIONS,
    {"color", 0, "WHEN", "auto, always or never"},
    {0},
};

/* The text to explain, with the slack that the matcher reads past it. */
struct explain {
    size_t len;
    char text[TEXT_BYTES_MAX + MATCHER_SLACK_BYTES];
};

static int print(const struct explain *explain, struct term term, const struct matcher_db *db,
                 const struct matcher_result *result)
{
    if (result->outcome == MATCHER_OUTCOME_FAILED)
        return ctl_error("explain: the engine failed on this text: it was not examined");
    const struct explanation explanation = {
        .term = term, .db = db, .text = explain->text, .len = explain->len, .result = result};
    int done = explanation_print(&explanation);
    return done < 0 ? ctl_error("explain: %s", ctl_errno(done)) : CTL_OK;
}

static int match(const struct explain *explain, struct term term, struct matcher_db *db)
{
    struct matcher *matcher = NULL;
    int result = matcher_open(&matcher);
    if (result == 0)
        result = matcher_use(matcher, db);
    struct matcher_field field = {.text = explain->text, .len = explain->len};
    uint32_t index = 0;
    if (result == 0)
        result = matcher_add(matcher, &field, 1, &index);
    int exit_code = CTL_OK;
    if (result == 0) {
        struct matcher_result found = {0};
        matcher_scan(matcher);
        matcher_result(matcher, index, &found);
        exit_code = print(explain, term, db, &found);
    } else {
        exit_code = ctl_error("explain: %s", ctl_errno(result));
    }
    (void)matcher_close(matcher); /* always NULL */
    return exit_code;
}

/* Joins the words with spaces, as echo does, and refuses what no listing could hold. */
static int take_text(struct explain *explain, int count, char **words)
{
    if (count == 0)
        return ctl_error("explain: give the text to explain; see `noticectl explain --help`");
    for (int i = 0; i < count; i++) {
        size_t len = strlen(words[i]);
        if (explain->len + (i > 0) + len > TEXT_BYTES_MAX)
            return ctl_error("explain: the text may have %u bytes at most", TEXT_BYTES_MAX);
        if (i > 0)
            explain->text[explain->len++] = ' ';
        memcpy(explain->text + explain->len, words[i], len);
        explain->len += len;
    }
    for (size_t at = 0; at < explain->len;) {
        uint32_t code_point = 0;
        const uint8_t *from = (const uint8_t *)explain->text + at;
        unsigned len = fold_decode(from, explain->len - at, &code_point);
        if (len == 0)
            return ctl_error("explain: byte %zu of the text is not UTF-8; a listing with such a "
                             "byte is rejected as bad_utf8",
                             at);
        at += len;
    }
    return CTL_OK;
}

static int explain_text(const struct explain *explain, enum term_colour_choice colour,
                        const struct patterns *patterns, const struct ctl_command *command)
{
    struct ruleset *ruleset = patterns_compile(patterns, command);
    if (ruleset == NULL)
        return CTL_USAGE;
    int exit_code = match(explain, term_open(stdout, colour), ruleset->db);
    (void)ruleset_free(ruleset); /* always NULL */
    int finished = ctl_finish();
    return exit_code == CTL_OK ? finished : exit_code;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct patterns patterns = {0};
    enum term_colour_choice colour = TERM_COLOUR_AUTO;
    const char *value = NULL;
    int first = argc, option = 0;
    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0) {
        if (option == EXPLAIN_OPTION_COLOR) {
            if (term_colour_parse(value, &colour) < 0)
                return ctl_error("explain: --color is auto, always or never, not %s", value);
        } else if (patterns_take(&patterns, command, (enum patterns_option)option, value) < 0) {
            return CTL_USAGE;
        }
    }
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    struct explain *explain = calloc(1, sizeof *explain);
    if (explain == NULL)
        return ctl_error("explain: %s", ctl_errno(ENOMEM));
    int exit_code = take_text(explain, argc - first, argv + first);
    if (exit_code == CTL_OK)
        exit_code = explain_text(explain, colour, &patterns, command);
    free(explain);
    return exit_code;
}

const struct ctl_command ctl_explain = {
    .name = "explain",
    .arguments = "--marks FILE TEXT",
    .summary = "show what the matcher makes of a text, and why",
    .details =
        "TEXT is at most 65,536 bytes of UTF-8; several words are joined by spaces. Invisible\n"
        "and control characters are shown as \\u{200b}. text: as given; fold: capitals,\n"
        "accents, look-alike letters and the like undone, which is where marks and cues are\n"
        "looked for; squeeze: words that may be a disguise, and what they look like. bytes\n"
        "count from 0 in the text as given, folded bytes in what fold shows.\n",
    .options = options,
    .run = run,
};
