/*
 * The loop of tail. A cursor is kept only of records that standard output has taken: with one to
 * keep, each record is written by itself, and a signal is heard between two of them. The place is
 * kept from the beginning, before a record is printed: also who has read nothing goes on from it.
 */
#include "daemon/ctl/tail_run.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/cursor_file.h"
#include "daemon/ctl/interrupt.h"
#include "daemon/ctl/signed_size.h"
#include "daemon/ctl/stopwatch.h"
#include "daemon/ctl/tail_seek.h"
#include "daemon/ctl/view.h"
#include "daemon/feed.h"
#include "daemon/ledger/record.h"

#define FOLLOW_WAIT_MS    200
#define FOLLOW_NICE       19    /* who follows takes what the daemon leaves */
#define SIGNED_EVERY      1024u /* records between two looks at the checkpoint */
#define KEEP_MS           1000u /* between two writes of the cursor's file */
#define DAMAGED_BYTES_MAX 200u  /* shown of a line that is no record */

struct tail {
    const struct tail_order *order;
    struct term term;
    size_t columns;
    struct feed *feed;
    struct view_reader *reader;
    struct signed_size signed_size;
    uint64_t look_seq; /* from here on it is worth looking at the checkpoint again */
    uint64_t damaged;  /* lines that are no records */

    bool keeps; /* a cursor is to be kept */
    struct cursor_file file;
    struct interrupt interrupt;
    struct stopwatch stopwatch;
    uint64_t kept_ms;
    bool kept;            /* the file is up to date */
    bool found;           /* it held a cursor */
    bool has_cursor;      /* there is a place to go on from: */
    struct cursor cursor; /* that one, and then where it began */
    uint64_t last_seq;    /* of the record that was read last, */
    size_t last_len;      /* and its line; 0: none was read */
    char last[RECORD_LINE_BYTES_MAX];
};

static int feed_failed(struct tail *tail, int error)
{
    if (error == -EBADMSG && tail->feed == NULL)
        return ctl_error("tail: what stands in %s/feed in the place of a segment is no file",
                         tail->order->ledger);
    if (error == -EBADMSG)
        return ctl_error("tail: the feed is damaged behind record %llu; nothing past it is shown",
                         (unsigned long long)feed_end(tail->feed));
    return ctl_error("tail: cannot read the feed in %s: %s%s", tail->order->ledger,
                     ctl_errno(error),
                     error == -EACCES ? "; it is for noticed and the group of its folder (ls -ld): "
                                        "noticed-read where the package made it"
                                      : "");
}

/* Waits a moment, or until nobody reads our output any more, or a signal is there: then false. */
static bool wait_moment(struct tail *tail)
{
    struct pollfd waiting[] = {{.fd = STDOUT_FILENO, .events = 0},
                               {.fd = tail->interrupt.fd, .events = POLLIN}};
    (void)poll(waiting, 2, FOLLOW_WAIT_MS); /* an interruption only makes the moment shorter */
    return (waiting[0].revents & (POLLERR | POLLHUP | POLLNVAL)) == 0 &&
           !interrupt_came(&tail->interrupt);
}

/* Waits until output is taken; false when a signal comes first. */
static bool wait_output(struct tail *tail)
{
    struct pollfd waiting[] = {{.fd = STDOUT_FILENO, .events = POLLOUT},
                               {.fd = tail->interrupt.fd, .events = POLLIN}};
    while (!interrupt_came(&tail->interrupt)) {
        int ready = poll(waiting, 2, -1);
        if (ready == -1 ? errno != EINTR : waiting[0].revents != 0)
            return true; /* an error shows when it is written */
    }
    return false;
}

static struct cursor place_of(const struct tail *tail)
{
    return tail->last_len == 0 ? tail->cursor
                               : cursor_of(tail->last_seq, tail->last, tail->last_len);
}

static int keep_cursor(struct tail *tail)
{
    if (tail->kept || tail->order->cursor_file == NULL)
        return CTL_OK;
    struct cursor cursor = place_of(tail);
    int error = cursor_file_write(&tail->file, &cursor);
    if (error < 0)
        return ctl_error("tail: cannot keep the cursor in %s: %s", tail->order->cursor_file,
                         ctl_errno(error));
    tail->kept = true;
    tail->kept_ms = stopwatch_ms(&tail->stopwatch);
    return CTL_OK;
}

static int keep_when_due(struct tail *tail)
{
    return stopwatch_ms(&tail->stopwatch) - tail->kept_ms >= KEEP_MS ? keep_cursor(tail) : CTL_OK;
}

static void read_last(struct tail *tail, const char *line, size_t len, uint64_t seq)
{
    tail->kept = false;
    tail->last_seq = seq;
    tail->last_len = len;
    memcpy(tail->last, line, len); /* feed_next gives no longer line */
}

static bool is_provisional(struct tail *tail, uint64_t seq)
{
    if (!forms_tell_provisional(tail->order->form) || seq < tail->signed_size.size)
        return false;
    if (seq >= tail->look_seq) {
        (void)signed_size_look(&tail->signed_size);
        tail->look_seq = seq + SIGNED_EVERY;
    }
    return seq >= tail->signed_size.size;
}

/* Looks at one line; prints it if it is a record that passes. */
static int take_line(struct tail *tail, const char *line, size_t len, uint64_t seq)
{
    struct view view;
    enum record_kind kind;
    struct filter *filter = tail->order->filter;
    const struct record_head *head = feed_head(tail->feed, &kind);
    bool learns = filter_asks_post_notice(filter) && kind >= RECORD_NOTICE_DRAFT &&
                  kind <= RECORD_NOTICE_WITHDRAW;
    if (!learns && !filter_may_pass(filter, head, kind, line, len))
        return CTL_OK;
    if (view_parse(tail->reader, line, len, &view) < 0) {
        tail->damaged++;
        (void)ctl_error("tail: line %llu of the feed is no record: %.*s", (unsigned long long)seq,
                        (int)(len < DAMAGED_BYTES_MAX ? len : DAMAGED_BYTES_MAX), line);
        return CTL_OK;
    }
    if (learns)
        return filter_learn(filter, &view) == 0 ? CTL_OK : ctl_error("tail: out of memory");
    if (!filter_passes(filter, &view))
        return CTL_OK;
    forms_print(&tail->term, tail->order->form, &view, line, len, is_provisional(tail, seq),
                tail->columns);
    return tail->keeps ? ctl_finish() : CTL_OK;
}

/* All there is for now is printed: what is then due. *ret_more: there may be more after it. */
static int rest(struct tail *tail, bool *ret_more)
{
    int exit_code = ctl_finish();
    tail->look_seq = 0;
    *ret_more = exit_code == CTL_OK && tail->order->follow;
    if (*ret_more)
        exit_code = keep_when_due(tail);
    *ret_more = *ret_more && exit_code == CTL_OK && wait_moment(tail);
    if (*ret_more && tail->order->checkpointed)
        feed_bound(tail->feed, signed_size_look(&tail->signed_size));
    return exit_code;
}

static int print_feed(struct tail *tail)
{
    const char *line = NULL;
    size_t len = 0;
    uint64_t seq = 0;
    bool more = true;
    int exit_code = CTL_OK;
    while (more && exit_code == CTL_OK && (!tail->keeps || wait_output(tail))) {
        int result = feed_next(tail->feed, &line, &len, &seq);
        if (result < 0)
            return feed_failed(tail, result);
        if (result == 0) {
            exit_code = rest(tail, &more);
            continue;
        }
        exit_code = take_line(tail, line, len, seq);
        if (tail->keeps && exit_code == CTL_OK) {
            read_last(tail, line, len, seq);
            exit_code = keep_when_due(tail);
        }
    }
    return exit_code == CTL_OK && tail->damaged > 0 ? CTL_USAGE : exit_code;
}

/* A ledger that is not there yet will be read from its first record on. */
static int begin_all(struct tail *tail)
{
    if (tail->order->cursor_file == NULL || tail->has_cursor)
        return CTL_OK;
    tail->cursor = (struct cursor){.begin = true};
    tail->has_cursor = true;
    return keep_cursor(tail);
}

/* With -f a ledger that is not there yet is waited for: the daemon may be about to start. */
static int open_feed(struct tail *tail)
{
    const struct tail_order *order = tail->order;
    int result = feed_open(order->ledger, &tail->feed);
    if (result == -ENOENT && order->follow) {
        (void)ctl_error("tail: there is no feed in %s yet; waiting for it", order->ledger);
        if (begin_all(tail) != CTL_OK)
            return CTL_USAGE;
    }
    while (result == -ENOENT && order->follow && wait_moment(tail))
        result = feed_open(order->ledger, &tail->feed);
    if (result == -ENOENT)
        return ctl_error("tail: there is no feed in %s; name the ledger's folder with --ledger or "
                         "NOTICED_LEDGER",
                         order->ledger);
    return result < 0 ? feed_failed(tail, result) : CTL_OK;
}

static int cursor_failed(struct tail *tail, const struct cursor *cursor, int error)
{
    const char *why = error == -ESTALE ? "another record has this number" : "it is not there";
    if (error != -ESTALE && error != -ENODATA)
        return feed_failed(tail, error);
    return ctl_error("tail: the cursor stands at record %llu of a ledger, but in %s %s: it is "
                     "another ledger, or an older copy of it",
                     (unsigned long long)cursor->seq, tail->order->ledger, why);
}

/* The cursor of the file, if it holds one, stands for the one of the command line. */
static int find_cursor(struct tail *tail)
{
    const struct tail_order *order = tail->order;
    tail->cursor = order->cursor;
    tail->has_cursor = order->has_cursor;
    if (order->cursor_file == NULL)
        return CTL_OK;
    int result = cursor_file_open(order->cursor_file, &tail->file);
    if (result == 0)
        result = cursor_file_read(&tail->file, &tail->cursor);
    tail->has_cursor = tail->found = result == 1;
    if (result == -EINVAL)
        return ctl_error("tail: there is no cursor in %s; remove the file to begin anew",
                         order->cursor_file);
    return result >= 0 ? CTL_OK
                       : ctl_error("tail: cannot keep a cursor in %s: %s", order->cursor_file,
                                   ctl_errno(result));
}

/* The signed records alone: up to where they go now. */
static int begin_signed(struct tail *tail)
{
    const char *ledger = tail->order->ledger;
    uint64_t size = signed_size_look(&tail->signed_size);
    feed_bound(tail->feed, size);
    if (tail->signed_size.fault != NULL)
        return ctl_error("tail: the checkpoint of %s is not believed: %s; see `noticectl verify`",
                         ledger, tail->signed_size.fault);
    if (size > 0)
        return CTL_OK;
    (void)ctl_error("tail: no record in %s is under a checkpoint%s", ledger,
                    tail->order->follow ? " yet; waiting for one" : "");
    return tail->order->follow ? CTL_OK : CTL_USAGE;
}

/* Goes to a record, and knows the place before it; from now on there is one to keep. */
static int go_to(struct tail *tail, uint64_t from)
{
    int result = 0;
    if (tail->keeps)
        result = tail_seek_before(tail->feed, from, &tail->cursor);
    tail->kept = false;
    return result < 0 ? result : feed_seek(tail->feed, from);
}

/* The first record, by cursor, time and number. */
static int seek(struct tail *tail)
{
    const struct tail_order *order = tail->order;
    uint64_t from = 0, since = 0;
    int exit_code = order->checkpointed ? begin_signed(tail) : CTL_OK;
    int result = 0;
    if (exit_code != CTL_OK)
        return exit_code;
    if (tail->has_cursor)
        result = tail_seek_cursor(tail->feed, &tail->cursor, order->cursor_at, &from);
    if (result < 0)
        return cursor_failed(tail, &tail->cursor, result);
    if (order->has_since)
        result = tail_seek_since(tail->feed, order->ledger, order->since_ns, &since);
    from = since > from ? since : from;
    if (result == 0 && filter_asks_post_notice(order->filter))
        result = tail_seek_notices(tail->feed, order->filter, tail->reader);
    /* As journalctl: a place asks for all from then on, unless a number is given too. */
    bool all = order->all || (!order->has_lines && (tail->has_cursor || order->has_since));
    if (result == 0 && !all)
        result = tail_seek_last(tail->feed, order->filter, tail->reader, from, order->lines, &from);
    if (result == 0)
        result = go_to(tail, from);
    if (result == 0 && !order->has_cursor && !tail->found) /* what goes on has its header already */
        forms_begin(&tail->term, order->form);
    return result < 0 ? feed_failed(tail, result) : CTL_OK;
}

static int print_cursor(const struct tail *tail)
{
    char text[CURSOR_TEXT_BYTES];
    if (!tail->order->show_cursor)
        return CTL_OK;
    struct cursor cursor = place_of(tail);
    cursor_format(&cursor, text);
    printf("-- cursor: %s\n", text);
    return ctl_finish();
}

int tail_run(const struct tail_order *order)
{
    struct tail tail = {.order = order,
                        .signed_size = signed_size_begin(order->ledger),
                        .keeps = order->cursor_file != NULL || order->show_cursor,
                        .file = {.folder_fd = -1},
                        .interrupt = {.fd = -1}};
    tail.term = term_open(stdout, order->colour);
    tail.columns = tail.term.tty ? term_columns(stdout) : SIZE_MAX;
    tail.stopwatch = stopwatch_start();
    tail.reader = view_open();
    if (tail.reader == NULL)
        return ctl_error("tail: %s", ctl_errno(ENOMEM));
    if (tail.keeps)
        tail.interrupt = interrupt_open();
    if (order->follow)
        (void)setpriority(PRIO_PROCESS, 0, FOLLOW_NICE); /* refused, it follows all the same */
    int exit_code = find_cursor(&tail);
    if (exit_code == CTL_OK)
        exit_code = open_feed(&tail);
    if (exit_code == CTL_OK)
        exit_code = seek(&tail);
    if (exit_code == CTL_OK)
        exit_code = keep_cursor(&tail);
    if (exit_code == CTL_OK) {
        exit_code = print_feed(&tail);
        int kept = keep_cursor(&tail);
        int shown = print_cursor(&tail);
        exit_code = exit_code != CTL_OK ? exit_code : kept != CTL_OK ? kept : shown;
    }
    signed_size_end(&tail.signed_size);
    cursor_file_close(&tail.file);
    stopwatch_stop(&tail.stopwatch);
    (void)view_close(tail.reader); /* both give NULL */
    (void)feed_close(tail.feed);
    interrupt_close(&tail.interrupt);
    return exit_code;
}
