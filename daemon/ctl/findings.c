/*
 * noticectl findings: what a ledger, or a file of events, shows for every act and merchant. Reads
 * and prints; the rules are daemon/knowledge's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/asking.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/findings_print.h"
#include "daemon/ctl/json_line.h"
#include "daemon/ctl/lines.h"
#include "daemon/event.h"
#include "daemon/intake.h"
#include "daemon/knowledge/tell.h"

#define REJECTS_SHOWN 100u /* then only their number is told */

static const struct ctl_option options[] = {
    {"events", 0, "FILE",
     "a file of events instead of a ledger, one JSON object a line; - is stdin"},
    {"platform", 0, "NAME", "only acts on this platform"},
    {"merchant", 0, "ID", "only findings on this merchant"},
    {"order", 0, "NAME", "only this order counts; only findings on its parties"},
    {"act", 0, "ID", "only findings on this act"},
    {"all-pairs", 0, NULL, "of a ledger also acts for others, against every party to an order"},
    {"track", 0, "NAME",
     "notice_action: instead of acts, each listing that a notice names, without any order"},
    {"as-of", 0, "TIME", "leave out events after this time, like 2026-11-24T15:00:00Z"},
    {"seq-max", 0, "N", "leave out records past N; line 1 of a file is record 0"},
    {"output", 'o', "FORM", "json (one finding a line) or text (for people)"},
    {"color", 0, "WHEN", "of text: auto, always or never"},
    {0},
};

struct findings {
    struct asking asking;
    const char *events;
    bool notice_action;
    int64_t at_ns; /* then: as of when */
    struct event_decoder *decoder;
    struct lines *lines;
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
    const struct evidence_limits *limits = &findings->asking.limits;
    struct knowledge_event event;
    struct reject reject = {0};
    if (intake_is_blank(line->at, line->len) ||
        (limits->has_seq_max && line->number - 1 > limits->seq_max))
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
    if (limits->has_as_of && event.at_ns > limits->as_of_ns)
        return 0;
    event.seq = line->number - 1;
    return knowledge_add(findings->asking.knowledge, &event);
}

static int take_lines(struct findings *findings, int fd)
{
    struct line line = {0};
    lines_start(findings->lines, fd);
    for (;;) {
        int result = lines_next(findings->lines, &line);
        if (result < 0)
            return ctl_error("cannot read %s: %s", findings->events, input_error(result));
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

static int read_file(struct findings *findings)
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

/* What is left out of a file's set, and why; of a ledger the account at the end says it. */
static void tell_problems(const struct findings *findings)
{
    struct knowledge_text id;
    enum knowledge_problem problem;
    for (size_t i = 0; knowledge_problem_at(findings->asking.knowledge, i, &id, &problem); i++)
        (void)ctl_error("findings: id %.*s: %s", (int)id.len, id.at,
                        problem == KNOWLEDGE_CONFLICT
                            ? "two different events have it; both are left out"
                            : "some of its parts are missing; it is left out");
}

static int read_events(struct findings *findings)
{
    findings->decoder = event_open();
    findings->lines = lines_open();
    int exit_code = asking_open(&findings->asking);
    if (findings->decoder == NULL || findings->lines == NULL)
        exit_code = ctl_error("findings: %s", ctl_errno(ENOMEM));
    if (exit_code == CTL_OK)
        exit_code = read_file(findings);
    findings->lines = lines_close(findings->lines);
    findings->decoder = event_close(findings->decoder);
    if (exit_code != CTL_OK)
        return exit_code;
    int result = knowledge_build(findings->asking.knowledge);
    if (result < 0)
        return ctl_error("findings: %s", ctl_errno(result));
    tell_problems(findings);
    return CTL_OK;
}

/* One finding as a line. */
struct shown {
    const struct knowledge_finding *finding;
    const struct knowledge *ledger; /* NULL: a file of events */
};

static void write_finding(struct text *text, const void *context)
{
    const struct shown *shown = context;
    findings_json(text, shown->finding, shown->ledger);
}

static int take_finding(void *context, const struct knowledge_finding *finding)
{
    struct findings *findings = context;
    struct asking *asking = &findings->asking;
    struct shown shown = {finding, asking->ledger != NULL ? asking->knowledge : NULL};
    /* The parties to the order, and who may be one of them under another name. */
    if (asking->order.at != NULL &&
        finding->elements[KNOWLEDGE_MERCHANT_BOUND].reason == KNOWLEDGE_REASON_NOT_A_PARTY &&
        !knowledge_is_party(asking->knowledge, finding->merchant))
        return 0;
    findings->acts++;
    if (finding->act_at_ns > asking->until_ns)
        asking->until_ns = finding->act_at_ns;
    if (!asking->text)
        return json_line_print(write_finding, &shown);
    findings_text(&asking->term, finding, shown.ledger);
    return 0;
}

/* One listing as a line. */
struct shown_action {
    const struct findings *findings;
    const struct knowledge_notice_action *action;
};

static const struct knowledge *ledger_of(const struct findings *findings)
{
    return findings->asking.ledger != NULL ? findings->asking.knowledge : NULL;
}

static void write_action(struct text *text, const void *context)
{
    const struct shown_action *shown = context;
    findings_action_json(text, shown->action, shown->findings->at_ns, ledger_of(shown->findings));
}

static int take_action(void *context, const struct knowledge_notice_action *action)
{
    struct findings *findings = context;
    const struct shown_action shown = {findings, action};
    findings->acts++;
    if (!findings->asking.text)
        return json_line_print(write_action, &shown);
    findings_action_text(&findings->asking.term, action, findings->at_ns, ledger_of(findings));
    return 0;
}

/* As of --as-of; else of the ledger's last record, or just after the last event of a file. */
static int find_actions(struct findings *findings)
{
    struct asking *asking = &findings->asking;
    if (asking->ledger != NULL || asking->limits.has_as_of)
        findings->at_ns = asking->limits.has_as_of ? asking->limits.as_of_ns : asking_now(asking);
    else
        findings->at_ns = knowledge_last_ns(asking->knowledge) + 1;
    asking->until_ns = findings->at_ns;
    return knowledge_notice_actions(asking->knowledge, &asking->filter, findings->at_ns,
                                    take_action, findings);
}

static int find(struct findings *findings)
{
    struct asking *asking = &findings->asking;
    asking->filter.connected = asking->ledger != NULL && !asking->all_pairs;
    int result = findings->notice_action ? find_actions(findings)
                                         : knowledge_findings(asking->knowledge, &asking->filter,
                                                              take_finding, findings);
    if (result < 0)
        return ctl_error("findings: %s", ctl_errno(result));
    if (asking->text && findings->acts == 0)
        printf("No %s is recorded that was asked for.\n\n",
               findings->notice_action ? "notice of a listing" : "act of support");
    if (asking->ledger != NULL)
        asking_tell(asking);
    else if (asking->text)
        printf("%s\n", ASKING_STATEMENT);
    int exit_code = ctl_finish();
    return exit_code == CTL_OK && asking->ledger != NULL ? asking_exit(asking) : exit_code;
}

static int take_options(const struct ctl_command *command, int argc, char **argv,
                        struct findings *findings, int *ret_first)
{
    const char *value = NULL;
    for (;;) {
        int option = ctl_next_option(command, argc, argv, &value, ret_first);
        if (option < 0)
            return option;
        if (strcmp(options[option].name, "events") == 0)
            findings->events = value;
        else if (strcmp(options[option].name, "track") == 0 && strcmp(value, "notice_action") == 0)
            findings->notice_action = true;
        else if (strcmp(options[option].name, "track") == 0) {
            (void)ctl_error("findings: --track must be notice_action, not %s", value);
            return CTL_OPTION_WRONG;
        } else if (asking_option(&findings->asking, options[option].name, value) < 0)
            return CTL_OPTION_WRONG;
    }
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct findings findings = {.asking = {.command = command->name}};
    struct asking *asking = &findings.asking;
    int first = argc;
    int option = take_options(command, argc, argv, &findings, &first);
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (argc - first > 1)
        return ctl_error("findings: one ledger at a time; there is %s", argv[first + 1]);
    if ((first < argc) == (findings.events != NULL))
        return ctl_error("findings: say what to read: the folder of a ledger, or --events FILE");
    if (first < argc)
        asking->ledger = argv[first];
    int exit_code =
        asking->ledger != NULL ? asking_read(asking, NULL, NULL) : read_events(&findings);
    if (exit_code == CTL_OK)
        exit_code = find(&findings);
    asking_close(asking);
    return exit_code;
}

const struct ctl_command ctl_findings = {
    .name = "findings",
    .arguments = "LEDGER",
    .summary = "say what recorded notices, orders, sightings and acts show",
    .details =
        "Each act of support with its merchant, and with every merchant bound by an order,\n"
        "gives one finding: for each element shown, not_shown, rebutted or indeterminate,\n"
        "why, and by which records. Of a ledger only acts that are connected with the\n"
        "merchant, or whose merchant is not known, are told unless --all-pairs is given;\n"
        "the account at the end says what it rests on and what is missing.\n"
        "\n"
        "--track notice_action asks no order and no act: each listing that a notice names is\n"
        "said to be known, and to have remained active, or not, at the time of --as-of.\n"
        "\n"
        "Events that share an id but not their body are left out and named; of a ledger\n"
        "also those dated after their own record, until a review confirms them. A line of\n"
        "a file that is no event is reported on stderr; then nothing is found, and the exit\n"
        "code is 2. Records whose event cannot be read: exit code 4.\n"
        "\n" ASKING_STATEMENT "\n",
    .options = options,
    .run = run,
};
