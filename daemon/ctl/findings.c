/*
 * noticectl findings: what a file of events shows, for every act and merchant. Reads and prints;
 * the rules are daemon/knowledge's.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/findings_print.h"
#include "daemon/ctl/lines.h"
#include "daemon/event.h"
#include "daemon/intake.h"
#include "daemon/knowledge/knowledge.h"
#include "daemon/time_text.h"

#define LINE_BYTES_MIN ((size_t)64 * 1024) /* of one finding, at first */
#define REJECTS_SHOWN  100u                /* then only their number is told */

enum findings_option {
    FINDINGS_OPTION_EVENTS = 0,
    FINDINGS_OPTION_PLATFORM,
    FINDINGS_OPTION_MERCHANT,
    FINDINGS_OPTION_ACT,
    FINDINGS_OPTION_AS_OF,
    FINDINGS_OPTION_SEQ_MAX,
    FINDINGS_OPTION_OUTPUT,
    FINDINGS_OPTION_COLOR,
};

static const struct ctl_option options[] = {
    {"events", 0, "FILE", "events, one JSON object a line; - is standard input"},
    {"platform", 0, "NAME", "only acts on this platform"},
    {"merchant", 0, "ID", "only findings on this merchant"},
    {"act", 0, "ID", "only findings on this act"},
    {"as-of", 0, "TIME", "leave out events after this time, like 2026-11-24T15:00:00Z"},
    {"seq-max", 0, "N", "leave out records past N; line 1 of a file is record 0"},
    {"output", 'o', "FORM", "json (one finding a line) or text (for people)"},
    {"color", 0, "WHEN", "of text: auto, always or never"},
    {0},
};

struct findings {
    const char *events;
    struct knowledge_filter filter;
    bool has_as_of, has_seq_max, text;
    int64_t as_of_ns;
    uint64_t seq_max;
    enum term_colour_choice colour;
    struct term term;
    struct knowledge *knowledge;
    struct event_decoder *decoder;
    struct lines *lines;
    char *line; /* one finding as JSON */
    size_t line_room;
    uint64_t rejects, acts;
};

static void reject_line(struct findings *findings, uint64_t number, const struct reject *reject)
{
    if (findings->rejects++ < REJECTS_SHOWN)
        ctl_message("%s:%llu: %s: %s", findings->events, (unsigned long long)number,
                    reject_code_name(reject->code), reject->detail);
}

/* Takes one line into the set, or refuses it. 0 or -errno. */
static int take_line(struct findings *findings, const struct line *line)
{
    struct knowledge_event event;
    struct reject reject = {0};
    if (intake_is_blank(line->at, line->len) ||
        (findings->has_seq_max && line->number - 1 > findings->seq_max))
        return 0;
    if (line->bytes > line->len) {
        (void)reject_set(&reject, REJECT_TOO_LONG, "line of %llu bytes; the limit is %u",
                         (unsigned long long)line->bytes, LINES_LINE_BYTES_MAX);
        reject_line(findings, line->number, &reject);
        return 0;
    }
    if (event_decode(findings->decoder, line->at, line->len, false, &event, &reject) !=
        REJECT_NONE) {
        reject_line(findings, line->number, &reject);
        return 0;
    }
    if (findings->has_as_of && event.at_ns > findings->as_of_ns)
        return 0;
    return knowledge_add(findings->knowledge, &event);
}

static int take_lines(struct findings *findings, int fd)
{
    struct line line = {0};
    lines_start(findings->lines, fd);
    for (;;) {
        int result = lines_next(findings->lines, &line);
        if (result < 0)
            return ctl_error("cannot read %s: %s", findings->events, ctl_errno(result));
        if (result == LINES_END)
            return CTL_OK;
        if (result == LINES_WAIT)
            continue;
        result = take_line(findings, &line);
        if (result < 0)
            return ctl_error("findings: %s:%llu: %s", findings->events,
                             (unsigned long long)line.number, ctl_errno(result));
    }
}

static int read_events(struct findings *findings)
{
    bool standard = strcmp(findings->events, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(findings->events, O_RDONLY | O_CLOEXEC);
    if (fd == -1)
        return ctl_error("cannot open %s: %s", findings->events, ctl_errno(errno));
    int exit_code = take_lines(findings, fd);
    if (!standard)
        (void)close(fd); /* only read from */
    if (exit_code == CTL_OK && findings->rejects > 0)
        /* Findings on a part of the records would be findings on other records. */
        return ctl_error("findings: %llu lines of %s are no events; nothing is found on the rest",
                         (unsigned long long)findings->rejects, findings->events);
    return exit_code;
}

/* What is left out of the set, and why. */
static void tell_problems(const struct findings *findings)
{
    struct knowledge_text id;
    enum knowledge_problem problem;
    for (size_t i = 0; knowledge_problem_at(findings->knowledge, i, &id, &problem); i++)
        (void)ctl_error("findings: id %.*s: %s", (int)id.len, id.at,
                        problem == KNOWLEDGE_CONFLICT
                            ? "two different events have it; both are left out"
                            : "some of its parts are missing; it is left out");
}

static int print_json(struct findings *findings, const struct knowledge_finding *finding)
{
    for (;;) {
        struct text text = text_into(findings->line, findings->line_room);
        findings_json(&text, finding);
        text_literal(&text, "\n");
        if (!text.overflow) {
            (void)fwrite(findings->line, 1, text.len, stdout); /* ctl_finish sees the error */
            return 0;
        }
        char *line = realloc(findings->line, 2 * findings->line_room);
        if (line == NULL)
            return -ENOMEM;
        findings->line = line;
        findings->line_room *= 2;
    }
}

static int take_finding(void *context, const struct knowledge_finding *finding)
{
    struct findings *findings = context;
    findings->acts++;
    if (!findings->text)
        return print_json(findings, finding);
    findings_text(&findings->term, finding);
    return 0;
}

static int find(struct findings *findings)
{
    int result = knowledge_build(findings->knowledge);
    if (result == 0) {
        tell_problems(findings);
        result = knowledge_findings(findings->knowledge, &findings->filter, take_finding, findings);
    }
    if (result < 0)
        return ctl_error("findings: %s", ctl_errno(result));
    if (findings->text && findings->acts == 0)
        printf("No act of support is recorded that was asked for.\n\n");
    if (findings->text)
        printf("%s\n", FINDINGS_EXIT_TEXT);
    return ctl_finish();
}

static struct knowledge_text text_of(const char *value)
{
    return (struct knowledge_text){value, strlen(value)};
}

static int wrong(const char *what, const char *value)
{
    (void)ctl_error("findings: %s: %s", what, value);
    return -EINVAL;
}

static int take_option(struct findings *findings, enum findings_option option, const char *value)
{
    switch (option) {
    case FINDINGS_OPTION_EVENTS:
        findings->events = value;
        return 0;
    case FINDINGS_OPTION_PLATFORM:
        findings->filter.platform = text_of(value);
        return 0;
    case FINDINGS_OPTION_MERCHANT:
        findings->filter.merchant = text_of(value);
        return 0;
    case FINDINGS_OPTION_ACT:
        findings->filter.act = text_of(value);
        return 0;
    case FINDINGS_OPTION_AS_OF:
        findings->has_as_of = true;
        if (time_text_parse(value, strlen(value), &findings->as_of_ns) < 0)
            return wrong("--as-of must be a time with an offset, like 2026-11-24T15:00:00Z, not",
                         value);
        return 0;
    case FINDINGS_OPTION_SEQ_MAX:
        findings->has_seq_max = true;
        return ctl_number(value, UINT64_MAX, &findings->seq_max) < 0
                   ? wrong("--seq-max must be a number, not", value)
                   : 0;
    case FINDINGS_OPTION_OUTPUT:
        findings->text = strcmp(value, "text") == 0;
        return findings->text || strcmp(value, "json") == 0
                   ? 0
                   : wrong("--output must be json or text, not", value);
    case FINDINGS_OPTION_COLOR:
        return term_colour_parse(value, &findings->colour) < 0
                   ? wrong("--color must be auto, always or never, not", value)
                   : 0;
    }
    assert(false);
    return -EINVAL;
}

static int open_findings(struct findings *findings)
{
    /* The seed of hash tables: where the loader put us is enough chance, and no result depends
       on it. */
    findings->knowledge = knowledge_open((uint64_t)(uintptr_t)findings);
    findings->decoder = event_open();
    findings->lines = lines_open();
    findings->line_room = LINE_BYTES_MIN;
    findings->line = malloc(findings->line_room);
    findings->term = term_open(stdout, findings->colour);
    if (findings->knowledge == NULL || findings->decoder == NULL || findings->lines == NULL ||
        findings->line == NULL)
        return ctl_error("findings: %s", ctl_errno(ENOMEM));
    return CTL_OK;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct findings findings = {0};
    const char *value = NULL;
    int first = argc;
    for (;;) {
        int option = ctl_next_option(command, argc, argv, &value, &first);
        if (option == CTL_OPTION_END)
            break;
        if (option == CTL_OPTION_HELP)
            return ctl_finish();
        if (option < 0 || take_option(&findings, (enum findings_option)option, value) < 0)
            return CTL_USAGE;
    }
    if (first < argc)
        return ctl_error("findings: reading a ledger comes with a later version; "
                         "name a file of events with --events");
    if (findings.events == NULL)
        return ctl_error("findings: say what to read with --events");
    int exit_code = open_findings(&findings);
    if (exit_code == CTL_OK)
        exit_code = read_events(&findings);
    if (exit_code == CTL_OK)
        exit_code = find(&findings);
    free(findings.line);
    (void)lines_close(findings.lines); /* all three give NULL */
    (void)event_close(findings.decoder);
    (void)knowledge_close(findings.knowledge);
    return exit_code;
}

const struct ctl_command ctl_findings = {
    .name = "findings",
    .arguments = "--events FILE",
    .summary = "say what recorded notices, orders, sightings and acts show",
    .details = "Each act of support, with its merchant and with every merchant bound by an order,\n"
               "gives one finding: for each element shown, not_shown, rebutted or indeterminate,\n"
               "why, and by which records. A line that is no event is reported on stderr as\n"
               "FILE:LINE: reason: detail; then nothing is found, and the exit code is 2.\n"
               "Events that share an id but not their body are left out, and named on stderr.\n"
               "\n" FINDINGS_EXIT_TEXT "\n",
    .options = options,
    .run = run,
};
