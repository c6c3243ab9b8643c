/*
 * noticectl explain: one text, what the matcher makes of it, and why. For people; `scan` is for
 * programs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/patterns.h"
#include "daemon/ctl/term.h"
#include "daemon/encode.h"
#include "matcher/fold.h"
#include "matcher/squeeze.h"

#define TEXT_BYTES_MAX 65536u

enum explain_option { EXPLAIN_OPTION_COLOR = PATTERNS_OPTIONS_COUNT };

static const struct ctl_option options[] = {
    PATTERNS_OPTIONS,
    {"color", 0, "WHEN", "auto, always or never"},
    {0},
};

/* The text to explain, with the slack that the matcher reads past it. */
struct explain {
    struct term term;
    const struct matcher_db *db;
    size_t len;
    char text[TEXT_BYTES_MAX + MATCHER_SLACK_BYTES];
};

static void label(const struct explain *explain, const char *name)
{
    term_style(&explain->term, TERM_DIM);
    printf("%-9s", name);
    term_style(&explain->term, TERM_PLAIN);
}

static void quoted(const struct explain *explain, const char *bytes, size_t len)
{
    putchar('"');
    term_print(&explain->term, bytes, len);
    putchar('"');
}

static void print_span(const struct explain *explain, const struct matcher_span *span)
{
    quoted(explain, explain->text + span->from, span->to - span->from);
    printf(", bytes %u to %u", span->from, span->to);
}

static enum term_style style_of(enum matcher_class class)
{
    static const enum term_style styles[] = {TERM_DIM, TERM_CYAN, TERM_YELLOW, TERM_RED};
    return styles[class];
}

static const char *stage_meaning(enum matcher_stage stage)
{
    switch (stage) {
    case MATCHER_STAGE_PLAIN:
        return "written as listed";
    case MATCHER_STAGE_FOLDED:
        return "not as listed, the same after folding";
    case MATCHER_STAGE_SQUEEZED:
        return "disguised: the same only without separators, repeats and look-alikes";
    case MATCHER_STAGE_TYPO:
        return "a misspelling of the mark";
    }
    return "";
}

/* The reasons behind the default classes (DESIGN 4), for the class that the matcher gave. */
static void print_why(const struct explain *explain, const struct matcher_hit *hit)
{
    if (hit->has_rule) {
        struct matcher_rule rule = matcher_db_rule(explain->db, hit->rule);
        printf("what rule ");
        term_print(&explain->term, rule.id, rule.id_len);
        printf(", revision %u, asks for holds here", rule.rev);
        return;
    }
    bool disguised = hit->stage != MATCHER_STAGE_PLAIN;
    switch (hit->class) {
    case MATCHER_CLASS_COUNTERFEIT:
        if (hit->has_cue)
            printf("the mark stands near words that say it is a copy");
        else
            printf("the mark is disguised, which honest sellers have no reason for");
        break;
    case MATCHER_CLASS_MARK:
        printf("the mark is there, and no cue near it%s",
               disguised ? "; the way it is written is not reason enough" : "");
        break;
    case MATCHER_CLASS_MENTION:
        printf("the mark is named in a context that may be lawful");
        break;
    case MATCHER_CLASS_NONE:
        printf("the mark does not count here");
        break;
    }
    if (matcher_db_mark(explain->db, hit->mark).generic)
        printf("; it is an ordinary word too, which never counts alone");
}

static void print_techniques(unsigned techniques)
{
    static const struct {
        unsigned bit;
        const char *meaning;
    } meanings[] = {
        {MATCHER_TECHNIQUE_INVISIBLE, "invisible characters inside"},
        {MATCHER_TECHNIQUE_ENTITY, "letters as HTML references"},
        {MATCHER_TECHNIQUE_COMBINING, "stacked combining marks"},
        {MATCHER_TECHNIQUE_COMPAT, "mathematical or circled letters"},
        {MATCHER_TECHNIQUE_WIDTH, "full-width or half-width letters"},
        {MATCHER_TECHNIQUE_ACCENT, "accents that the mark has not, or lacks"},
        {MATCHER_TECHNIQUE_CONFUSABLE, "look-alike letters of other scripts"},
        {MATCHER_TECHNIQUE_LEET, "digits or signs for letters"},
        {MATCHER_TECHNIQUE_SEPARATED, "signs or spaces between letters"},
        {MATCHER_TECHNIQUE_REPEATED, "repeated letters"},
        {MATCHER_TECHNIQUE_ESCAPED, "letters in escapes"},
        {MATCHER_TECHNIQUE_MARKUP, "markup inside the word"},
        {MATCHER_TECHNIQUE_MASKED, "masked letters"},
        {MATCHER_TECHNIQUE_JOINED, "words written as one"},
        {MATCHER_TECHNIQUE_SPLIT, "one word written as two"},
        {MATCHER_TECHNIQUE_TYPO, "one letter wrong"},
        {MATCHER_TECHNIQUE_TURNED, "written from its end"},
    };
    const char *separator = "; ";
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if ((techniques & meanings[i].bit) == 0)
            continue;
        printf("%s%s", separator, meanings[i].meaning);
        separator = ", ";
    }
}

static void print_mark(const struct explain *explain, const struct matcher_hit *hit)
{
    const struct term *term = &explain->term;
    if (hit->mark == MATCHER_NO_MARK) {
        printf("words of a rule\n");
        return;
    }
    struct matcher_mark mark = matcher_db_mark(explain->db, hit->mark);
    term_style(term, TERM_BOLD);
    term_print(term, mark.text, mark.text_len);
    term_style(term, TERM_PLAIN);
    printf(" (");
    term_print(term, mark.id, mark.id_len);
    if (mark.category_len > 0) {
        printf(", ");
        term_print(term, mark.category, mark.category_len);
    }
    printf(")\n");
}

static void print_hit(const struct explain *explain, const struct matcher_hit *hit)
{
    const struct term *term = &explain->term;
    putchar('\n');
    term_style(term, style_of(hit->class));
    printf("%s", encode_class_name(hit->class));
    term_style(term, TERM_PLAIN);
    printf(": ");
    print_mark(explain, hit);
    label(explain, "  text");
    print_span(explain, &hit->span);
    printf("\n");
    label(explain, "  stage");
    printf("%s: %s", encode_stage_name(hit->stage), stage_meaning(hit->stage));
    print_techniques(hit->techniques);
    printf("\n");
    if (hit->has_cue) {
        struct matcher_cue cue = matcher_db_cue(explain->db, hit->cue);
        label(explain, "  cue");
        print_span(explain, &hit->cue_span);
        printf(" (");
        term_print(term, cue.id, cue.id_len);
        printf(", strength %u)\n", cue.strength);
    }
    if (hit->context != MATCHER_CONTEXT_NONE) {
        label(explain, "  context");
        print_span(explain, &hit->context_span);
        printf(" (%s)\n", encode_context_name(hit->context));
    }
    label(explain, "  why");
    print_why(explain, hit);
    printf("\n");
}

static void print_suspect(void *context, size_t from, size_t to, const char *letters, size_t len)
{
    const struct explain *explain = context;
    label(explain, "squeeze");
    quoted(explain, explain->text + from, to - from);
    printf(" read as ");
    quoted(explain, letters, len);
    printf("\n");
}

static int print_views(struct explain *explain)
{
    char *fold = malloc(fold_bound(explain->len));
    if (fold == NULL)
        return ctl_error("explain: %s", ctl_errno(ENOMEM));
    size_t fold_len = fold_text(explain->text, explain->len, fold);
    label(explain, "text");
    quoted(explain, explain->text, explain->len);
    printf("\n");
    label(explain, "fold");
    quoted(explain, fold, fold_len);
    printf("\n");
    free(fold);
    int result = squeeze_explain(explain->db, explain->text, explain->len, print_suspect, explain);
    return result < 0 ? ctl_error("explain: %s", ctl_errno(-result)) : CTL_OK;
}

static int print_result(const struct explain *explain, const struct matcher_result *result)
{
    if (result->outcome == MATCHER_OUTCOME_FAILED)
        return ctl_error("explain: the engine failed on this text: it was not examined");
    for (size_t i = 0; i < result->hits_count; i++)
        print_hit(explain, &result->hits[i]);
    if (result->hits_count < result->hits_total)
        printf("\n%zu further hits are not shown\n", result->hits_total - result->hits_count);
    if (result->outcome == MATCHER_OUTCOME_CUT)
        printf("\nthe text holds more than is looked at: there may be more in it\n");
    else if (result->hits_total == 0)
        printf("\nno mark of the lists is in this text\n");
    putchar('\n');
    label(explain, "class");
    term_style(&explain->term, style_of(result->class));
    printf("%s", encode_class_name(result->class));
    term_style(&explain->term, TERM_PLAIN);
    printf("\n");
    return CTL_OK;
}

static int match(struct explain *explain, struct matcher_db *db)
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
        exit_code = print_result(explain, &found);
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
        if (explain->len + len + 1 > TEXT_BYTES_MAX)
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

static int explain_words(struct explain *explain, const struct patterns *patterns,
                         const struct ctl_command *command, int count, char **words)
{
    int exit_code = take_text(explain, count, words);
    if (exit_code != CTL_OK)
        return exit_code;
    struct ruleset *ruleset = patterns_compile(patterns, command);
    if (ruleset == NULL)
        return CTL_USAGE;
    explain->db = ruleset->db;
    exit_code = print_views(explain);
    if (exit_code == CTL_OK)
        exit_code = match(explain, ruleset->db);
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
    explain->term = term_open(stdout, colour);
    int exit_code = explain_words(explain, &patterns, command, argc - first, argv + first);
    free(explain);
    return exit_code;
}

const struct ctl_command ctl_explain = {
    .name = "explain",
    .arguments = "--marks FILE TEXT",
    .summary = "show what the matcher makes of a text, and why",
    .details = "Invisible and control characters are shown as \\u{200b}.\n",
    .options = options,
    .run = run,
};
