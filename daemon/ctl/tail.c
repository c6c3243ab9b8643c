/*
 * noticectl tail: the feed, up to its durable end, for people and for programs. Here its command
 * line; what it does is in tail_run.c.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/tail_run.h"
#include "daemon/ctl/when.h"
#include "daemon/ledger/record.h"

#define LEDGER_DEFAULT "/var/lib/noticed/ledger"
#define LINES_DEFAULT  10u
#define LINES_MAX      1000000u

enum tail_option {
    TAIL_OPTION_FOLLOW = 0,
    TAIL_OPTION_LINES,
    TAIL_OPTION_SINCE,
    TAIL_OPTION_UNTIL,
    TAIL_OPTION_OUTPUT,
    TAIL_OPTION_CURSOR,
    TAIL_OPTION_AFTER_CURSOR,
    TAIL_OPTION_CURSOR_FILE,
    TAIL_OPTION_SHOW_CURSOR,
    TAIL_OPTION_CHECKPOINTED,
    TAIL_OPTION_GREP,
    TAIL_OPTION_KIND,
    TAIL_OPTION_CLASS,
    TAIL_OPTION_MARK,
    TAIL_OPTION_RULE,
    TAIL_OPTION_PLATFORM,
    TAIL_OPTION_SELLER,
    TAIL_OPTION_POST_NOTICE,
    TAIL_OPTION_LEDGER,
    TAIL_OPTION_COLOR,
};

static const struct ctl_option options[] = {
    {"follow", 'f', NULL, "go on with what is written from now on"},
    {"lines", 'n', "N", "the last N records (10), or all"},
    {"since", 'S', "TIME", "records from this time on: 2026-11-24T15:00:00Z, yesterday, -2h"},
    {"until", 'U', "TIME", "records up to this time; with -f it ends then"},
    {"output", 'o', "FORM", "short (for people), json, json-pretty, csv or cat"},
    {"cursor", 'c', "CURSOR", "begin with the record at this cursor"},
    {"after-cursor", 0, "CURSOR", "begin after the record at this cursor"},
    {"cursor-file", 0, "FILE", "begin after the cursor in FILE, and keep it there"},
    {"show-cursor", 0, NULL, "print the cursor of the last record that was read"},
    {"checkpointed", 0, NULL, "only records under a signed checkpoint; with -f wait for it"},
    {"grep", 'g', "REGEX", "only records whose short form matches; no capitals: in any case"},
    {"kind", 0, "KIND", "only records of this kind: match, sighting, notice.*, ..."},
    {"class", 0, "CLASS", "only matches of this class: counterfeit, mark, mention"},
    {"mark", 0, "ID", "only matches of this mark"},
    {"rule", 0, "ID", "only matches by this rule"},
    {"platform", 0, "NAME", "only records of this platform"},
    {"seller", 0, "ID", "only records of this seller, as ID or PLATFORM/ID"},
    {"post-notice", 0, NULL, "only sightings and matches of listings that a notice named before"},
    {"ledger", 0, "DIR", "folder of the ledger (" LEDGER_DEFAULT ")"},
    {"color", 0, "WHEN", "auto, always or never"},
    {0},
};

static int take_lines(struct tail_order *order, const char *value)
{
    order->has_lines = true;
    order->all = strcmp(value, "all") == 0;
    if (order->all || ctl_number(value, LINES_MAX, &order->lines) == 0)
        return CTL_OK;
    return ctl_error("tail: --lines is a number up to %u, or all, not %s", LINES_MAX, value);
}

static int take_time(struct tail_order *order, bool since, const char *value)
{
    int64_t wall_ns = 0;
    if (when_parse(value, when_now_ns(), &wall_ns) < 0)
        return ctl_error("tail: --%s takes a time like 2026-11-24T15:00:00Z, 2026-11-24 15:00 "
                         "(UTC), today, -2h or \"10 min ago\", not %s",
                         since ? "since" : "until", value);
    if (!since) {
        order->has_until = true;
        filter_ask_until(order->filter, wall_ns);
        return CTL_OK;
    }
    order->has_since = true;
    order->since_ns = wall_ns;
    filter_ask_since(order->filter, wall_ns);
    return CTL_OK;
}

static int take_cursor(struct tail_order *order, bool at, const char *value)
{
    if (order->has_cursor || order->cursor_file != NULL)
        return ctl_error("tail: there can be one of --cursor, --after-cursor and --cursor-file");
    if (cursor_parse(value, strlen(value), &order->cursor) < 0)
        return ctl_error("tail: a cursor is what --show-cursor prints, or i= and the number of a "
                         "record, not %s",
                         value);
    order->has_cursor = true;
    order->cursor_at = at;
    return CTL_OK;
}

static int take_cursor_file(struct tail_order *order, const char *value)
{
    if (order->has_cursor || order->cursor_file != NULL)
        return ctl_error("tail: there can be one of --cursor, --after-cursor and --cursor-file");
    order->cursor_file = value;
    return CTL_OK;
}

/* A filter that can never match is a typing error, and said to be one. */
static int take_kind(struct tail_order *order, const char *value)
{
    char known[1024] = "";
    size_t len = 0;
    if (filter_ask_kind(order->filter, value) == 0)
        return CTL_OK;
    for (unsigned i = 0; i < RECORD_KINDS_COUNT; i++) {
        int put = snprintf(known + len, sizeof known - len, "%s%s", i > 0 ? ", " : "",
                           record_kind_name((enum record_kind)i));
        assert(put > 0 && (size_t)put < sizeof known - len);
        len += (size_t)put;
    }
    return ctl_error("tail: --kind is one of %s, not %s", known, value);
}

static int take_word(struct tail_order *order, enum filter_field field, const char *value)
{
    int error = filter_ask(order->filter, field, value);
    if (error == -EINVAL)
        return ctl_error("tail: --class is one of counterfeit, mark, mention, not %s", value);
    if (error == -E2BIG)
        return ctl_error("tail: a filter takes %u words of at most %u bytes: %s", FILTER_WORDS_MAX,
                         FILTER_WORD_BYTES_MAX, value);
    return error == 0 ? CTL_OK : ctl_error("tail: %s", ctl_errno(error));
}

static int take_grep(struct tail_order *order, const char *value)
{
    char why[160] = "";
    if (filter_ask_text(order->filter, value, why, sizeof why) == 0)
        return CTL_OK;
    return ctl_error("tail: --grep: %s: %s", why, value);
}

static int take_form(struct tail_order *order, const char *value)
{
    if (forms_parse(value, &order->form) == 0)
        return CTL_OK;
    return ctl_error("tail: --output is short, json, json-pretty, csv or cat, not %s", value);
}

static int take_colour(struct tail_order *order, const char *value)
{
    if (term_colour_parse(value, &order->colour) == 0)
        return CTL_OK;
    return ctl_error("tail: --color is auto, always or never, not %s", value);
}

static int take_option(struct tail_order *order, enum tail_option option, const char *value)
{
    switch (option) {
    case TAIL_OPTION_FOLLOW:
        order->follow = true;
        break;
    case TAIL_OPTION_LINES:
        return take_lines(order, value);
    case TAIL_OPTION_SINCE:
    case TAIL_OPTION_UNTIL:
        return take_time(order, option == TAIL_OPTION_SINCE, value);
    case TAIL_OPTION_OUTPUT:
        return take_form(order, value);
    case TAIL_OPTION_CURSOR:
    case TAIL_OPTION_AFTER_CURSOR:
        return take_cursor(order, option == TAIL_OPTION_CURSOR, value);
    case TAIL_OPTION_CURSOR_FILE:
        return take_cursor_file(order, value);
    case TAIL_OPTION_SHOW_CURSOR:
        order->show_cursor = true;
        break;
    case TAIL_OPTION_CHECKPOINTED:
        order->checkpointed = true;
        break;
    case TAIL_OPTION_GREP:
        return take_grep(order, value);
    case TAIL_OPTION_KIND:
        return take_kind(order, value);
    case TAIL_OPTION_CLASS:
        return take_word(order, FILTER_CLASS, value);
    case TAIL_OPTION_MARK:
        return take_word(order, FILTER_MARK, value);
    case TAIL_OPTION_RULE:
        return take_word(order, FILTER_RULE, value);
    case TAIL_OPTION_PLATFORM:
        return take_word(order, FILTER_PLATFORM, value);
    case TAIL_OPTION_SELLER:
        return take_word(order, FILTER_SELLER, value);
    case TAIL_OPTION_POST_NOTICE:
        filter_ask_post_notice(order->filter);
        break;
    case TAIL_OPTION_LEDGER:
        order->ledger = value;
        break;
    case TAIL_OPTION_COLOR:
        return take_colour(order, value);
    }
    return CTL_OK;
}

static int take_options(const struct ctl_command *command, int argc, char **argv,
                        struct tail_order *order)
{
    const char *value = NULL;
    int first = argc, option = 0;
    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0)
        if (take_option(order, (enum tail_option)option, value) != CTL_OK)
            return CTL_USAGE;
    if (option == CTL_OPTION_HELP)
        return ctl_finish();
    if (option != CTL_OPTION_END)
        return CTL_USAGE;
    if (first < argc)
        return ctl_error("tail takes no argument, but there is %s; the ledger is named with "
                         "--ledger",
                         argv[first]);
    return tail_run(order);
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct tail_order order = {
        .ledger = ctl_environment("NOTICED_LEDGER", LEDGER_DEFAULT),
        .lines = LINES_DEFAULT,
        .filter = filter_open(),
    };
    if (order.filter == NULL)
        return ctl_error("tail: %s", ctl_errno(ENOMEM));
    int exit_code = take_options(command, argc, argv, &order);
    (void)filter_close(order.filter); /* always NULL */
    return exit_code;
}

const struct ctl_command ctl_tail = {
    .name = "tail",
    .arguments = "",
    .summary = "show the feed of records, up to what is durable",
    .details =
        "cat prints the records as they stand in the feed. json prints them likewise, but one "
        "that\n"
        "is under no signed checkpoint yet ends in ,\"provisional\":true} in place of its last }.\n"
        "csv has a header line, unless it goes on after a cursor; a cell that a spreadsheet would\n"
        "take for a formula begins with '. The short form is for people and may change; control\n"
        "and invisible characters in it, and in csv, are shown as \\u{1b}.\n\n"
        "A filter that is given more than once asks for any of its words, several filters for "
        "all.\n"
        "With a time or a cursor all records from there on, or up to it, are shown, unless -n "
        "says\n"
        "how many. With -f and --until tail ends once a later record was read, or the clock is "
        "past\n"
        "that time. A record that was written when the clock had been set back by more than an "
        "hour\n"
        "can be missed by --since. With -f it gives way to all others on the same processors.\n\n"
        "A cursor is of the last record that was read, whether or not it passed the filters.\n"
        "i=N, with the seq of any record, is one too: who keeps that number goes on exactly after\n"
        "it; begin is the place before the first. --cursor-file is written before the first "
        "record\n"
        "is printed, each second, and at the end; after a kill -9 what came since is printed\n"
        "again. Without a cursor in it tail begins as it does without the file: with the last 10\n"
        "records that pass, or as -n and -S say.\n",
    .options = options,
    .run = run,
};
