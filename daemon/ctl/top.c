/*
 * noticectl top: a running noticed and its record at a glance, drawn again each second.
 */
#include <errno.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/connect.h"
#include "daemon/ctl/control.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/stopwatch.h"
#include "daemon/ctl/term.h"
#include "daemon/ctl/top_frame.h"

#define LEDGER_DEFAULT "/var/lib/noticed/ledger"
#define WAIT_S         2u
#define DELAY_DEFAULT  1u
#define DELAY_MAX      3600u
#define BATCH_ROWS     24u
#define BATCH_COLUMNS  80u

enum top_option {
    TOP_OPTION_SOCKET = 0,
    TOP_OPTION_LEDGER,
    TOP_OPTION_DELAY,
    TOP_OPTION_BATCH,
    TOP_OPTION_COLOR,
};

static const struct ctl_option options[] = {
    {"socket", 's', "PATH", "control socket of the daemon (" CONNECT_CONTROL_SOCKET ")"},
    {"ledger", 0, "DIR", "folder of the ledger (" LEDGER_DEFAULT ")"},
    {"delay", 'd', "SECONDS", "between two looks (1)"},
    {"batch", 'b', NULL, "look twice, print what a screen of 80x24 shows, and end"},
    {"color", 0, "WHEN", "auto, always or never"},
    {0},
};

struct top {
    const char *socket, *ledger;
    uint64_t delay_s;
    bool batch;
    enum term_colour_choice colour;
    bool colours; /* the screen has them, and they are wanted */

    struct top_reader *reader;
    struct top_feed feed;
    struct top_frame frame;
    struct stopwatch stopwatch;
    struct top_counts counts; /* as of counted_ms */
    uint64_t counted_ms;
    bool counted;
    FILE *messages; /* what would go to standard error, which is the screen */
    char *said;
    size_t said_len;
};

/* One look at the status and the records, into the frame. */
static void look(struct top *top)
{
    struct control_reply *reply = NULL;
    FILE *before = stderr;
    rewind(top->messages);
    stderr = top->messages;
    if (top->reader == NULL) {
        int error = top_reader_open(top->ledger, &top->reader);
        if (error < 0)
            (void)ctl_error("the records in %s are not read: %s", top->ledger, ctl_errno(error));
    }
    if (top->reader != NULL) {
        int error = top_reader_step(top->reader, &top->feed);
        if (error < 0)
            (void)ctl_error("the feed in %s is damaged, or cannot be read: %s", top->ledger,
                            ctl_errno(error));
    }
    bool answered = control_ask(top->socket, "status", WAIT_S, &reply) == CTL_OK && reply->ok;
    stderr = before;
    (void)fputc('\0', top->messages);
    (void)fflush(top->messages); /* memory: said is valid from here on */
    uint64_t now_ms = stopwatch_ms(&top->stopwatch);
    struct top_view view = {
        .status = answered ? &reply->root : NULL,
        .said = top->said,
        .feed = &top->feed,
        .before = top->counts,
        .interval_ms = top->counted ? now_ms - top->counted_ms : 0,
    };
    top_frame_make(&top->frame, &view);
    top->counted = answered;
    if (answered)
        top->counts = top_counts_of(&reply->root);
    top->counted_ms = now_ms;
    (void)control_reply_free(reply); /* always NULL */
}

static int run_batch(struct top *top)
{
    struct term term = term_open(stdout, top->colour);
    top->frame.columns = BATCH_COLUMNS;
    top->frame.rows_max = BATCH_ROWS;
    look(top);
    struct pollfd output = {.fd = STDOUT_FILENO, .events = 0};
    (void)poll(&output, 1, (int)(1000 * top->delay_s)); /* the rates are of what has passed */
    look(top);
    for (size_t i = 0; i < top->frame.count; i++) {
        term_style(&term, top->frame.rows[i].style);
        (void)fputs(top->frame.rows[i].text, stdout);
        term_style(&term, TERM_PLAIN);
        (void)putchar('\n');
    }
    return ctl_finish();
}

static void begin_colours(struct top *top)
{
    static const short colours[TERM_STYLES_COUNT] = {
        [TERM_RED] = COLOR_RED,
        [TERM_YELLOW] = COLOR_YELLOW,
        [TERM_GREEN] = COLOR_GREEN,
        [TERM_CYAN] = COLOR_CYAN,
    };
    struct term term = term_open(stdout, top->colour);
    top->colours = term.colour && has_colors() && start_color() == OK;
    (void)use_default_colors(); /* without them the background is black */
    for (short i = TERM_RED; top->colours && i < TERM_STYLES_COUNT; i++)
        (void)init_pair(i, colours[i], -1); /* a pair that fails is drawn plain */
}

static int attribute_of(const struct top *top, enum term_style style)
{
    if (style == TERM_PLAIN || style == TERM_DIM)
        return (int)A_NORMAL;
    if (style == TERM_BOLD)
        return (int)A_BOLD;
    int pair = top->colours ? COLOR_PAIR((int)style) : 0;
    return style == TERM_RED ? pair | (int)A_BOLD : pair;
}

/* What a screen does not take is not there: no error of drawing is anybody's to mend. */
static void draw(struct top *top)
{
    (void)erase();
    for (size_t i = 0; i < top->frame.count; i++) {
        (void)attrset(attribute_of(top, top->frame.rows[i].style));
        (void)mvaddstr((int)i, 0, top->frame.rows[i].text);
    }
    (void)attrset((int)A_NORMAL);
    (void)mvaddstr(LINES - 1, 0, "q: end, space: look now");
    (void)refresh();
}

static int run_screen(struct top *top)
{
    /* One thread. Without the locale other letters than ASCII look odd. */
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* NOLINT(concurrency-mt-unsafe) */
    SCREEN *screen = newterm(NULL, stdout, stdin);
    if (screen == NULL)
        return ctl_error("top: the terminal \"%s\" is not known; try --batch",
                         ctl_environment("TERM", ""));
    begin_colours(top);
    (void)cbreak();
    (void)noecho();
    (void)curs_set(0); /* a terminal that cannot hide it shows it */
    timeout((int)(1000 * top->delay_s));
    for (int key = 0; key != 'q' && key != 'Q';) {
        top->frame.columns = (size_t)COLS;
        top->frame.rows_max = LINES > 1 ? (size_t)LINES - 1 : 1;
        look(top);
        draw(top);
        key = getch();
    }
    (void)endwin();
    delscreen(screen);
    return CTL_OK;
}

static int run_top(struct top *top)
{
    top->messages = open_memstream(&top->said, &top->said_len);
    if (top->messages == NULL)
        return ctl_error("top: %s", ctl_errno(ENOMEM));
    top->stopwatch = stopwatch_start();
    if (!top->batch && (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0 || term_is_dumb()))
        top->batch = true;
    int exit_code = top->batch ? run_batch(top) : run_screen(top);
    stopwatch_stop(&top->stopwatch);
    top->reader = top_reader_close(top->reader);
    (void)fclose(top->messages); /* memory */
    free(top->said);
    return exit_code;
}

static int take_option(struct top *top, enum top_option option, const char *value)
{
    switch (option) {
    case TOP_OPTION_SOCKET:
        top->socket = value;
        break;
    case TOP_OPTION_LEDGER:
        top->ledger = value;
        break;
    case TOP_OPTION_DELAY:
        if (ctl_number(value, DELAY_MAX, &top->delay_s) < 0 || top->delay_s == 0)
            return ctl_error("top: --delay is a number of seconds from 1 to %u, not %s", DELAY_MAX,
                             value);
        break;
    case TOP_OPTION_BATCH:
        top->batch = true;
        break;
    case TOP_OPTION_COLOR:
        if (term_colour_parse(value, &top->colour) < 0)
            return ctl_error("top: --color is auto, always or never, not %s", value);
        break;
    }
    return CTL_OK;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    static struct top top; /* too large for the stack */
    top.socket = ctl_environment("NOTICED_CONTROL_SOCKET", CONNECT_CONTROL_SOCKET);
    top.ledger = ctl_environment("NOTICED_LEDGER", LEDGER_DEFAULT);
    top.delay_s = DELAY_DEFAULT;
    const char *value = NULL;
    int first = argc, option = 0;
    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0)
        if (take_option(&top, (enum top_option)option, value) != CTL_OK)
            return CTL_USAGE;
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (first < argc)
        return ctl_error("top takes no argument, but there is %s", argv[first]);
    return run_top(&top);
}

const struct ctl_command ctl_top = {
    .name = "top",
    .arguments = "",
    .summary = "watch the running noticed: rates, disk, signatures, matches by mark",
    .details = "Counters come from the daemon, matches by mark and warnings from the records: the "
               "last 5,000\n"
               "at the start, and all that come while it runs. Without a terminal it is --batch.\n",
    .options = options,
    .run = run,
};
