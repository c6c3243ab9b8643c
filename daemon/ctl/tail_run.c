/*
 * The loop of tail. A cursor is kept only of records that standard output has taken, and that are
 * on disk where it is a file: with one to keep, each record is written by itself, and a signal is
 * heard between two of them and inside one that nobody reads. The place is kept from the beginning,
 * before a record is printed: also who has read nothing goes on from it.
 */
#include "daemon/ctl/tail_run.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/courtesy.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/cursor_file.h"
#include "daemon/ctl/follow.h"
#include "daemon/ctl/interrupt.h"
#include "daemon/ctl/output.h"
#include "daemon/ctl/stopwatch.h"
#include "daemon/ledger/record.h"

#define FOLLOW_WAIT_MS    200
#define COURTESY_EVERY    512u  /* records between two looks at whether others need the processor */
#define KEEP_MS           1000u /* between two writes of the cursor's file */
#define DAMAGED_BYTES_MAX 200u  /* shown of a line that is no record */

struct tail {
    const struct tail_order *order;
    struct term term;
    size_t columns;
    struct output output;
    struct follow *follow;
    bool opened; /* the feed is */
    struct courtesy courtesy;
    unsigned taken;   /* records since the last look */
    uint64_t damaged; /* lines that are no records */

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
    const char *ledger = tail->order->ledger;
    uint64_t seq = 0, segment = 0, offset = 0;
    if (error == -EBADMSG && tail->opened)
        follow_damage(tail->follow, &seq, &segment, &offset);
    if (error == -EBADMSG && tail->opened)
        return ctl_error("tail: the feed is damaged at record %llu, or behind it: "
                         "%s/feed/%020llu.jsonl from byte %llu on; nothing past it is shown, and "
                         "`noticectl verify` says more",
                         (unsigned long long)seq, ledger, (unsigned long long)segment,
                         (unsigned long long)offset);
    if (error == -EBADMSG)
        return ctl_error("tail: what stands in %s/feed in the place of a segment is no file",
                         ledger);
    return ctl_error("tail: cannot read the feed in %s: %s%s", ledger, ctl_errno(error),
                     error == -EACCES ? "; it is for noticed and the group of its folder (ls -ld): "
                                        "noticed-read where the package made it"
                                      : "");
}

static int output_failed(struct tail *tail, int error)
{
    if (error == 0 || error == -EINTR)
        return CTL_OK; /* a signal ends the loop */
    if (error == -EPIPE && interrupt_came(&tail->interrupt))
        return CTL_OK;
    return ctl_error("writing to standard output failed: %s", ctl_errno(error));
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

static struct cursor place_of(const struct tail *tail)
{
    return tail->last_len == 0 ? tail->cursor
                               : cursor_of(tail->last_seq, tail->last, tail->last_len);
}

/* What was printed is on disk before the cursor behind it is. */
static int keep_cursor(struct tail *tail)
{
    if (tail->kept || tail->order->cursor_file == NULL)
        return CTL_OK;
    struct cursor cursor = place_of(tail);
    int error = output_sync(&tail->output);
    if (error < 0)
        return ctl_error("tail: standard output cannot be made durable: %s; the cursor stays where "
                         "it was",
                         ctl_errno(error));
    error = cursor_file_write(&tail->file, &cursor);
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

static void read_last(struct tail *tail, const struct follow_record *record)
{
    tail->kept = false;
    tail->last_seq = record->seq;
    tail->last_len = record->len;
    memcpy(tail->last, record->line, record->len); /* no longer line is given */
}

static void tell_damaged(struct tail *tail, const struct follow_record *record)
{
    size_t shown = record->len < DAMAGED_BYTES_MAX ? record->len : DAMAGED_BYTES_MAX;
    tail->damaged++;
    (void)output_write(&tail->output); /* what is before it; its error shows with the next */
    (void)ctl_error("tail: line %llu of the feed is no record: %.*s",
                    (unsigned long long)record->seq, (int)shown, record->line);
}

/* One record, which is `result` of follow_next. */
static int take_record(struct tail *tail, int result, const struct follow_record *record)
{
    int error = 0;
    if (result == FOLLOW_DAMAGED)
        tell_damaged(tail, record);
    if (result == FOLLOW_RECORD)
        forms_print(&tail->term, tail->order->form, record->view, record->line, record->len,
                    record->provisional, tail->columns);
    if (tail->keeps || output_full(&tail->output))
        error = output_write(&tail->output);
    if (error < 0)
        return output_failed(tail, error);
    if (!tail->keeps)
        return CTL_OK;
    read_last(tail, record);
    return keep_when_due(tail);
}

/* All there is for now is printed: what is then due. *ret_more: there may be more after it. */
static int rest(struct tail *tail, bool *ret_more)
{
    int exit_code = output_failed(tail, output_write(&tail->output));
    *ret_more = exit_code == CTL_OK && tail->order->follow && !follow_is_over(tail->follow);
    if (*ret_more)
        exit_code = keep_when_due(tail);
    *ret_more = *ret_more && exit_code == CTL_OK && wait_moment(tail);
    return exit_code;
}

/* Whoever follows takes what everybody else leaves, the daemon first of all. False: told to end. */
static bool give_way(struct tail *tail)
{
    if (tail->courtesy.fd == -1 || ++tail->taken < COURTESY_EVERY)
        return true;
    tail->taken = 0;
    return !courtesy_asks_to_wait(&tail->courtesy) || wait_moment(tail);
}

static int print_feed(struct tail *tail)
{
    struct follow_record record;
    bool more = true;
    int exit_code = CTL_OK;
    while (more && exit_code == CTL_OK && !interrupt_came(&tail->interrupt) && give_way(tail)) {
        int result = follow_next(tail->follow, &record);
        if (result < 0) {
            exit_code = output_failed(tail, output_write(&tail->output));
            return exit_code == CTL_OK ? feed_failed(tail, result) : exit_code;
        }
        exit_code = result == FOLLOW_NONE ? rest(tail, &more) : take_record(tail, result, &record);
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
    int result = follow_open(tail->follow);
    if (result == -ENOENT && order->follow) {
        (void)ctl_error("tail: there is no feed in %s yet; waiting for it", order->ledger);
        if (begin_all(tail) != CTL_OK)
            return CTL_USAGE;
    }
    while (result == -ENOENT && order->follow && wait_moment(tail))
        result = follow_open(tail->follow);
    if (result == -ENOENT)
        return ctl_error("tail: there is no feed in %s; name the ledger's folder with --ledger or "
                         "NOTICED_LEDGER",
                         order->ledger);
    tail->opened = result == 0;
    return result < 0 ? feed_failed(tail, result) : CTL_OK;
}

static int seek_failed(struct tail *tail, int error)
{
    const char *why = error == -ESTALE ? "another record has this number" : "it is not there";
    const char *ledger = tail->order->ledger, *fault = NULL;
    (void)follow_signed(tail->follow, &fault);
    if (error == -ECANCELED) {
        (void)interrupt_came(&tail->interrupt); /* which ends the process */
        return CTL_USAGE;
    }
    if (error == -E2BIG)
        return ctl_error("tail: notices name more listings than --post-notice can hold");
    if (error == -EKEYREJECTED)
        return ctl_error("tail: the checkpoint of %s is not believed: %s; see `noticectl verify`",
                         ledger, fault);
    if (error != -ESTALE && error != -ENODATA)
        return feed_failed(tail, error);
    return ctl_error("tail: the cursor stands at record %llu of a ledger, but in %s %s: it is "
                     "another ledger, or an older copy of it",
                     (unsigned long long)tail->cursor.seq, ledger, why);
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

/* Whoever wants signed records alone is told when there is none. */
static int tell_unsigned(const struct tail *tail)
{
    const struct tail_order *order = tail->order;
    const char *fault;
    if (!order->checkpointed || follow_signed(tail->follow, &fault) > 0)
        return CTL_OK;
    (void)ctl_error("tail: no record in %s is under a checkpoint%s", order->ledger,
                    order->follow ? " yet; waiting for one" : "");
    return order->follow ? CTL_OK : CTL_USAGE;
}

/* The first record, by cursor, time and number. */
static int seek(struct tail *tail)
{
    const struct tail_order *order = tail->order;
    /* As journalctl: a place or an end asks for all from then on or until it, unless a number is
       given too; -f begins with the last ones all the same. */
    bool placed = tail->has_cursor || order->has_since || (order->has_until && !order->follow);
    struct follow_from from = {.all = order->all || (!order->has_lines && placed),
                               .lines = order->lines,
                               .has_since = order->has_since,
                               .since_ns = order->since_ns,
                               .has_cursor = tail->has_cursor,
                               .cursor_at = order->cursor_at,
                               .cursor = tail->cursor};
    int result = follow_seek(tail->follow, &from, tail->keeps ? &tail->cursor : NULL);
    tail->kept = false;
    if (result < 0)
        return seek_failed(tail, result);
    if (!order->has_cursor && !tail->found) /* what goes on has its header already */
        forms_begin(&tail->term, order->form);
    return tell_unsigned(tail);
}

static int print_cursor(struct tail *tail)
{
    char text[CURSOR_TEXT_BYTES];
    if (!tail->order->show_cursor)
        return CTL_OK;
    struct cursor cursor = place_of(tail);
    cursor_format(&cursor, text);
    (void)fprintf(tail->output.stream, "-- cursor: %s\n", text);
    return output_failed(tail, output_write(&tail->output));
}

static int run(struct tail *tail)
{
    int exit_code = find_cursor(tail);
    if (exit_code == CTL_OK)
        exit_code = open_feed(tail);
    if (exit_code == CTL_OK)
        exit_code = seek(tail);
    if (exit_code == CTL_OK)
        exit_code = keep_cursor(tail);
    if (exit_code != CTL_OK)
        return exit_code;
    exit_code = print_feed(tail);
    int kept = keep_cursor(tail);
    int shown = print_cursor(tail);
    return exit_code != CTL_OK ? exit_code : kept != CTL_OK ? kept : shown;
}

int tail_run(const struct tail_order *order)
{
    struct tail tail = {.order = order,
                        .keeps = order->cursor_file != NULL || order->show_cursor,
                        .file = {.folder_fd = -1},
                        .courtesy = {.fd = -1},
                        .interrupt = {.fd = -1}};
    int exit_code = CTL_OK;
    tail.term = term_open(stdout, order->colour);
    tail.columns = tail.term.tty ? term_columns(stdout) : SIZE_MAX;
    tail.stopwatch = stopwatch_start();
    if (tail.keeps)
        tail.interrupt = interrupt_open(true);
    struct tail_stop stop = {.fds = {{.fd = tail.interrupt.fd, .events = POLLIN}}, .count = 1};
    tail.follow = follow_new(order->ledger, order->filter, order->checkpointed, &stop);
    if (tail.follow == NULL || output_open(&tail.output, STDOUT_FILENO, &tail.interrupt) < 0)
        exit_code = ctl_error("tail: %s", ctl_errno(ENOMEM));
    tail.term.stream = tail.output.stream;
    if (order->follow)
        tail.courtesy = courtesy_begin();
    if (exit_code == CTL_OK)
        exit_code = run(&tail);
    courtesy_end(&tail.courtesy);
    output_close(&tail.output);
    cursor_file_close(&tail.file);
    stopwatch_stop(&tail.stopwatch);
    (void)follow_close(tail.follow); /* always NULL */
    interrupt_close(&tail.interrupt);
    return exit_code;
}
