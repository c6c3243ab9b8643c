/*
 * noticectl tail: the feed, up to its durable end, for people and for programs.
 */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/show.h"
#include "daemon/ctl/term.h"
#include "daemon/ctl/view.h"
#include "daemon/feed.h"
#include "daemon/ledger/record.h"
#include "daemon/time_text.h"

#define LEDGER_DEFAULT "/var/lib/noticed/ledger"
#define LINES_DEFAULT  10u
#define LINES_MAX      1000000u
#define FOLLOW_WAIT_MS 100
#define WINDOW_GROWTH  16u

enum tail_option {
    TAIL_OPTION_FOLLOW = 0,
    TAIL_OPTION_LINES,
    TAIL_OPTION_OUTPUT,
    TAIL_OPTION_LEDGER,
    TAIL_OPTION_SINCE,
    TAIL_OPTION_KIND,
    TAIL_OPTION_CLASS,
    TAIL_OPTION_PLATFORM,
    TAIL_OPTION_SELLER,
    TAIL_OPTION_MARK,
    TAIL_OPTION_COLOR,
};

static const struct ctl_option options[] = {
    {"follow", 'f', NULL, "go on with what is written from now on"},
    {"lines", 'n', "N", "the last N records (10), or all"},
    {"output", 'o', "FORM", "short (for people), json or json-pretty"},
    {"ledger", 0, "DIR", "folder of the ledger (" LEDGER_DEFAULT ")"},
    {"since", 'S', "TIME", "records from this time on, like 2026-11-24T15:00:00Z"},
    {"kind", 0, "KIND", "only records of this kind: match, sighting, start, ..."},
    {"class", 0, "CLASS", "only matches of this class: counterfeit, mark, mention"},
    {"platform", 0, "NAME", "only records of this platform"},
    {"seller", 0, "ID", "only records of this seller, as ID or PLATFORM/ID"},
    {"mark", 0, "ID", "only matches of this mark"},
    {"color", 0, "WHEN", "auto, always or never"},
    {0},
};

enum output { OUTPUT_SHORT = 0, OUTPUT_JSON, OUTPUT_JSON_PRETTY };

struct tail {
    const char *ledger;
    bool follow, has_lines, all;
    uint64_t lines;
    enum output output;
    struct view_filter filter;
    enum term_colour_choice colour;
    struct term term;
    size_t columns;
    struct feed *feed;
    struct view_reader *reader;
    uint64_t damaged; /* lines that are no records */
};

static bool has_filter(const struct tail *tail)
{
    const struct view_filter *filter = &tail->filter;
    return filter->kind != NULL || filter->class != NULL || filter->platform != NULL ||
           filter->seller != NULL || filter->mark != NULL || filter->has_since;
}

static int feed_failed(struct tail *tail, int error)
{
    if (error == -EBADMSG)
        return ctl_error("tail: the feed is damaged behind record %llu; nothing past it is shown",
                         (unsigned long long)feed_end(tail->feed));
    return ctl_error("tail: cannot read the feed in %s: %s%s", tail->ledger, ctl_errno(error),
                     error == -EACCES ? "; it is for noticed and the group of its folder (ls -ld): "
                                        "noticed-read where the package made it"
                                      : "");
}

/* Looks at one line; prints it if it is a record that passes. */
static void print_line(struct tail *tail, const char *line, size_t len, uint64_t seq)
{
    struct view view;
    if (view_parse(tail->reader, line, len, &view) < 0) {
        tail->damaged++;
        (void)ctl_error("tail: line %llu of the feed is no record: %.*s", (unsigned long long)seq,
                        (int)(len < 200 ? len : 200), line);
        return;
    }
    if (!view_passes(&view, &tail->filter))
        return;
    switch (tail->output) {
    case OUTPUT_SHORT:
        view_print(&tail->term, &view, tail->columns);
        break;
    case OUTPUT_JSON:
        (void)fwrite(line, 1, len, stdout); /* ctl_finish sees the stream's error */
        (void)putchar('\n');
        break;
    case OUTPUT_JSON_PRETTY:
        show_pretty(&tail->term, line, len);
        break;
    }
}

/* Of the last `window` records, the seq of the tail->lines-th last that passes. *ret_enough is
   false when fewer pass. 0 or -errno. */
static int find_first(struct tail *tail, uint64_t window, uint64_t *seqs, uint64_t *ret_first,
                      bool *ret_enough)
{
    int result = feed_seek_last(tail->feed, window);
    uint64_t passed = 0, seq = 0, next = 0;
    const char *line = NULL;
    size_t len = 0;
    while (result == 0 && (result = feed_next(tail->feed, &line, &len, &seq)) == 1) {
        struct view view;
        if (view_parse(tail->reader, line, len, &view) == 0 && view_passes(&view, &tail->filter))
            seqs[passed++ % tail->lines] = seq;
        next = seq + 1;
        result = 0;
    }
    *ret_enough = passed >= tail->lines;
    if (*ret_enough)
        *ret_first = seqs[passed % tail->lines];
    else
        *ret_first = passed > 0 ? seqs[0] : next;
    return result;
}

/* Goes back until enough records pass, in growing steps. */
static int seek_filtered(struct tail *tail)
{
    uint64_t *seqs = calloc(tail->lines, sizeof seqs[0]);
    if (seqs == NULL)
        return -ENOMEM;
    uint64_t window = tail->lines * WINDOW_GROWTH, first = 0;
    bool enough = false;
    int result = find_first(tail, window, seqs, &first, &enough);
    while (result == 0 && !enough && window < feed_end(tail->feed)) {
        window *= WINDOW_GROWTH;
        result = find_first(tail, window, seqs, &first, &enough);
    }
    free(seqs);
    return result == 0 ? feed_seek(tail->feed, first) : result;
}

static int seek(struct tail *tail)
{
    if (tail->all)
        return feed_seek(tail->feed, 0);
    if (!has_filter(tail) || tail->lines == 0)
        return feed_seek_last(tail->feed, tail->lines);
    return seek_filtered(tail);
}

/* Waits a moment, or until nobody reads our output any more: then false. */
static bool wait_moment(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO, .events = 0};
    (void)poll(&output, 1, FOLLOW_WAIT_MS); /* an interruption only makes the moment shorter */
    return (output.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
}

static int print_feed(struct tail *tail)
{
    const char *line = NULL;
    size_t len = 0;
    uint64_t seq = 0;
    for (;;) {
        int result = feed_next(tail->feed, &line, &len, &seq);
        if (result < 0)
            return feed_failed(tail, result);
        if (result == 1) {
            print_line(tail, line, len, seq);
            continue;
        }
        int finished = ctl_finish();
        if (finished != CTL_OK || !tail->follow)
            return finished == CTL_OK && tail->damaged > 0 ? CTL_USAGE : finished;
        if (!wait_moment())
            return CTL_OK;
    }
}

/* With -f a ledger that is not there yet is waited for: the daemon may be about to start. */
static int open_feed(struct tail *tail)
{
    int result = feed_open(tail->ledger, &tail->feed);
    if (result == -ENOENT && tail->follow)
        (void)ctl_error("tail: there is no feed in %s yet; waiting for it", tail->ledger);
    while (result == -ENOENT && tail->follow && wait_moment())
        result = feed_open(tail->ledger, &tail->feed);
    if (result == -ENOENT)
        return ctl_error("tail: there is no feed in %s; name the ledger's folder with --ledger or "
                         "NOTICED_LEDGER",
                         tail->ledger);
    return result < 0 ? feed_failed(tail, result) : CTL_OK;
}

static int tail_feed(struct tail *tail)
{
    tail->term = term_open(stdout, tail->colour);
    tail->columns = tail->term.tty ? term_columns(stdout) : SIZE_MAX;
    tail->reader = view_open();
    if (tail->reader == NULL)
        return ctl_error("tail: %s", ctl_errno(ENOMEM));
    int exit_code = open_feed(tail);
    if (exit_code != CTL_OK)
        return exit_code;
    int result = seek(tail);
    return result < 0 ? feed_failed(tail, result) : print_feed(tail);
}

static int take_output(struct tail *tail, const char *value)
{
    static const char *const names[] = {"short", "json", "json-pretty"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(value, names[i]) != 0)
            continue;
        tail->output = (enum output)i;
        return CTL_OK;
    }
    return ctl_error("tail: --output is short, json or json-pretty, not %s", value);
}

static int take_lines(struct tail *tail, const char *value)
{
    tail->has_lines = true;
    tail->all = strcmp(value, "all") == 0;
    if (tail->all || ctl_number(value, LINES_MAX, &tail->lines) == 0)
        return CTL_OK;
    return ctl_error("tail: --lines is a number up to %u, or all, not %s", LINES_MAX, value);
}

static int take_since(struct tail *tail, const char *value)
{
    int64_t wall_ns = 0;
    if (time_text_parse(value, strlen(value), &wall_ns) < 0)
        return ctl_error("tail: --since takes a time with its offset, like 2026-11-24T15:00:00Z or "
                         "2026-11-24T16:00:00+01:00, not %s",
                         value);
    static_assert(TIME_TEXT_BYTES == VIEW_TIME_CHARS + 1, "a time has the form of the records");
    time_text_format(wall_ns, tail->filter.since);
    tail->filter.has_since = true;
    return CTL_OK;
}

static const char *kind_word(size_t index)
{
    return index < RECORD_KINDS_COUNT ? record_kind_name((enum record_kind)index) : NULL;
}

static const char *class_word(size_t index)
{
    static const char *const words[] = {"counterfeit", "mark", "mention"};
    return index < sizeof words / sizeof words[0] ? words[index] : NULL;
}

/* A filter that can never match is a typing error, and said to be one. */
static int take_word(const char *option, const char *value, const char *(*word)(size_t index),
                     const char **ret_value)
{
    char known[1024] = "";
    size_t len = 0;
    for (size_t i = 0; word(i) != NULL; i++) {
        if (strcmp(word(i), value) == 0) {
            *ret_value = value;
            return CTL_OK;
        }
        int put = snprintf(known + len, sizeof known - len, "%s%s", len > 0 ? ", " : "", word(i));
        assert(put > 0 && (size_t)put < sizeof known - len);
        len += (size_t)put;
    }
    return ctl_error("tail: --%s is one of %s, not %s", option, known, value);
}

static int take_option(struct tail *tail, enum tail_option option, const char *value)
{
    switch (option) {
    case TAIL_OPTION_FOLLOW:
        tail->follow = true;
        return CTL_OK;
    case TAIL_OPTION_LINES:
        return take_lines(tail, value);
    case TAIL_OPTION_OUTPUT:
        return take_output(tail, value);
    case TAIL_OPTION_LEDGER:
        tail->ledger = value;
        return CTL_OK;
    case TAIL_OPTION_SINCE:
        return take_since(tail, value);
    case TAIL_OPTION_KIND:
        return take_word("kind", value, kind_word, &tail->filter.kind);
    case TAIL_OPTION_CLASS:
        return take_word("class", value, class_word, &tail->filter.class);
    case TAIL_OPTION_PLATFORM:
        tail->filter.platform = value;
        return CTL_OK;
    case TAIL_OPTION_SELLER:
        tail->filter.seller = value;
        return CTL_OK;
    case TAIL_OPTION_MARK:
        tail->filter.mark = value;
        return CTL_OK;
    case TAIL_OPTION_COLOR:
        if (term_colour_parse(value, &tail->colour) == 0)
            return CTL_OK;
        return ctl_error("tail: --color is auto, always or never, not %s", value);
    }
    return CTL_USAGE;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct tail tail = {
        .ledger = ctl_environment("NOTICED_LEDGER", LEDGER_DEFAULT),
        .lines = LINES_DEFAULT,
    };
    const char *value = NULL;
    int first = argc, option = 0;
    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0)
        if (take_option(&tail, (enum tail_option)option, value) != CTL_OK)
            return CTL_USAGE;
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (first < argc)
        return ctl_error("tail takes no argument, but there is %s; the ledger is named with "
                         "--ledger",
                         argv[first]);
    /* As journalctl: a time asks for all from then on, unless a number is given too. */
    tail.all = tail.all || (tail.filter.has_since && !tail.has_lines);
    int exit_code = tail_feed(&tail);
    (void)view_close(tail.reader); /* both give NULL */
    (void)feed_close(tail.feed);
    return exit_code;
}

const struct ctl_command ctl_tail = {
    .name = "tail",
    .arguments = "",
    .summary = "show the feed of records, up to what is durable",
    .details =
        "json prints the records as they are, one a line. The short form is for people and may\n"
        "change; control and invisible characters in it are shown as \\u{1b}.\n",
    .options = options,
    .run = run,
};
