/*
 * noticectl send: feeds a running daemon and ends when every line is acknowledged, that is decided
 * and durable. Knows files and messages; the wire is sender.c's.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/arguments.h"
#include "daemon/ctl/connect.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/input.h"
#include "daemon/ctl/interrupt.h"
#include "daemon/ctl/map_given.h"
#include "daemon/ctl/progress.h"
#include "daemon/ctl/sender.h"
#include "daemon/hello.h"

/* A file and how many lines of the connection came before it. */
struct part {
    const char *name;
    uint64_t lines_before;
};

struct send {
    const char *socket;
    struct sender_hello hello;
    struct sender *sender;
    struct input *input;
    struct progress progress;
    struct interrupt interrupt;
    uint64_t bytes_before, bytes_total, unknown; /* bytes of files as they lie there */
    struct part *parts;
    size_t parts_count;
    bool input_failed, hello_refused, unmapped;
    bool unread; /* the connection was lost before all input was read */
};

enum send_option {
    SEND_OPTION_SOCKET = 0,
    SEND_OPTION_SOURCE,
    SEND_OPTION_MAP,
    SEND_OPTION_SESSION,
    SEND_OPTION_FIRST,
};

static const struct ctl_option options[] = {
    {"socket", 's', "PATH", "socket of the daemon (" CONNECT_CRAWL_SOCKET ")"},
    {"source", 0, "NAME", "name in the records, 1 to 64 of A-Z a-z 0-9 . _ : - (noticectl)"},
    {"map", 0, "NAME", "the daemon's field map for LISTINGS of another shape (see map --help)"},
    {"session", 0, "NAME", "what is sent again under the same name gives no second record"},
    {"first", 0, "N", "with --session: begin with line N, counted through all LISTINGS"},
    {0},
};

/* The file and line that a line of the connection was read from. */
static struct part locate(const struct send *send, uint64_t line)
{
    size_t at = send->parts_count;
    assert(at > 0);
    while (at > 1 && send->parts[at - 1].lines_before >= line)
        at--;
    return send->parts[at - 1];
}

static void on_refused(void *context, const struct reply_line *reply)
{
    struct send *send = context;
    progress_wipe(&send->progress);
    if (reply->kind == REPLY_UNKNOWN) {
        send->unknown++;
        (void)ctl_error("the daemon said something else than an ack: %s", reply->err);
        return;
    }
    if (send->parts_count == 0 || reply->line == 0) {
        send->hello_refused = true;
        (void)ctl_error("the daemon refused the hello: %s: %s", reply->err, reply->detail);
        return;
    }
    struct part part = locate(send, reply->line);
    send->unmapped = send->unmapped || map_given_wanted(reply->detail);
    ctl_message("%s:%llu: %s: %s%s", part.name,
                (unsigned long long)(reply->line - part.lines_before), reply->err, reply->detail,
                reply->lost ? " (its dead letters are full: only the line's hash is kept)" : "");
}

static void on_damage(void *context, uint64_t offset, const char *why)
{
    struct send *send = context;
    progress_wipe(&send->progress);
    ctl_message("%s: the record at byte %llu: %s", send->parts[send->parts_count - 1].name,
                (unsigned long long)offset, why);
}

static void draw(struct send *send)
{
    struct sender_counts counts = sender_counts(send->sender);
    progress_draw(&send->progress, &(struct progress_state){
                                       .bytes = send->bytes_before + input_offset(send->input),
                                       .bytes_total = send->bytes_total,
                                       .lines = counts.acked,
                                       .matches = counts.matched,
                                       .rejected = counts.nacked,
                                   });
}

static bool goes_on(const struct send *send)
{
    enum sender_state state = sender_state(send->sender);
    return send->interrupt.signal == 0 && (state == SENDER_SENDING || state == SENDER_WAITING);
}

static int step(struct send *send)
{
    int result = sender_step(send->sender, send->progress.on ? (int)PROGRESS_DRAW_MS : -1);
    if (!interrupt_came(&send->interrupt))
        draw(send);
    return result;
}

static void send_file(struct send *send, const char *name)
{
    bool standard = strcmp(name, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    if (fd == -1) {
        send->input_failed = true;
        (void)ctl_error("cannot open %s: %s", name, ctl_errno(errno));
        return;
    }
    send->parts[send->parts_count++] =
        (struct part){.name = name, .lines_before = sender_counts(send->sender).lines};
    input_start(send->input, fd);
    sender_input(send->sender, send->input);
    int result = -EAGAIN;
    while (result == -EAGAIN && goes_on(send))
        result = step(send);
    send->unread = send->unread || result == -EAGAIN;
    if (result == 1) {
        progress_wipe(&send->progress);
        (void)ctl_error("%s: the last line had no newline; one was added", name);
    } else if (result < 0 && result != -EAGAIN) {
        send->input_failed = true;
        progress_wipe(&send->progress);
        (void)ctl_error("cannot read %s: %s; the whole lines before that are sent", name,
                        input_error(result));
    }
    char note[INPUT_NOTE_BYTES];
    progress_wipe(&send->progress);
    if (input_note(send->input, send->hello.map != NULL, note))
        ctl_message("%s: %s", name, note);
    send->bytes_before += input_offset(send->input);
    input_start(send->input, -1);
    if (!standard)
        (void)close(fd); /* only read from */
}

/* Of the lines up to this one, how many were ours to send. */
static uint64_t own(const struct send *send, uint64_t line)
{
    uint64_t before = send->hello.first > 0 ? send->hello.first - 1 : 0;
    return line > before ? line - before : 0;
}

/* What a session makes of sending again. */
static void tell_session(const struct send *send)
{
    if (send->hello.session != NULL)
        (void)ctl_error(
            "the same command sends it all again, with --first %llu only that rest: with "
            "--session %s nothing will be there twice",
            (unsigned long long)sender_counts(send->sender).acked + 1, send->hello.session);
}

static int report_lost(const struct send *send)
{
    struct sender_counts counts = sender_counts(send->sender);
    int error = sender_error(send->sender);
    const char *how = error == 0         ? "the daemon closed the connection"
                      : error == -EPROTO ? "the daemon does not speak this protocol"
                                         : ctl_errno(error);
    if (send->parts_count == 0 || send->hello_refused) {
        (void)ctl_error("connection lost: %s; nothing was %s", how,
                        send->hello_refused ? "taken" : "sent");
        return CTL_UNREACHABLE;
    }
    struct part part = locate(send, counts.acked + 1);
    (void)ctl_error("connection lost: %s; %llu lines were acknowledged (%llu of them rejected) and "
                    "are safe, %llu of them have a match; send the rest again, from %s:%llu on%s",
                    how, (unsigned long long)own(send, counts.acked),
                    (unsigned long long)counts.nacked, (unsigned long long)counts.matched,
                    part.name, (unsigned long long)(counts.acked + 1 - part.lines_before),
                    send->hello.session != NULL
                        ? ""
                        : " (some of it may be on record already and will then be there twice)");
    tell_session(send);
    return CTL_UNREACHABLE;
}

/* The exit code is never seen: the process ends by the signal. */
static int report_interrupted(const struct send *send)
{
    struct sender_counts counts = sender_counts(send->sender);
    uint64_t sent = sender_lines_sent(send->sender);
    uint64_t open = sent > counts.acked ? sent - counts.acked : 0;
    if (send->parts_count == 0) {
        (void)ctl_error("interrupted: nothing was sent");
        return CTL_UNREACHABLE;
    }
    struct part part = locate(send, counts.acked + 1);
    (void)ctl_error("interrupted: %llu lines sent, %llu acknowledged, %llu rejected, %llu with a "
                    "match; go on from %s:%llu",
                    (unsigned long long)own(send, sent),
                    (unsigned long long)own(send, counts.acked), (unsigned long long)counts.nacked,
                    (unsigned long long)counts.matched, part.name,
                    (unsigned long long)(counts.acked + 1 - part.lines_before));
    if (open > 0 && send->hello.session == NULL)
        (void)ctl_error("what is acknowledged is on record; the %llu lines after it may or may not "
                        "be, and sent again they may stand there twice",
                        (unsigned long long)open);
    tell_session(send);
    return CTL_UNREACHABLE;
}

static int report_done(const struct send *send, uint64_t ms)
{
    struct sender_counts counts = sender_counts(send->sender);
    char lines[PROGRESS_GROUPED_BYTES], rejected[PROGRESS_GROUPED_BYTES];
    char matched[PROGRESS_GROUPED_BYTES], rate[64] = "";
    uint64_t sent = own(send, counts.lines);
    progress_grouped(sent, lines);
    progress_grouped(counts.nacked, rejected);
    progress_grouped(counts.matched, matched);
    if (ms > 0) {
        char each[PROGRESS_GROUPED_BYTES];
        progress_grouped(sent * 1000 / ms, each);
        (void)snprintf(rate, sizeof rate, " (%s lines/s, %.1f MB/s)", each,
                       (double)counts.bytes / 1e3 / (double)ms);
    }
    (void)ctl_error("%s lines acknowledged, %s of them rejected, %s with a match, %.1f MB in "
                    "%llu.%03llu s%s",
                    lines, rejected, matched, (double)counts.bytes / 1e6,
                    (unsigned long long)(ms / 1000), (unsigned long long)(ms % 1000), rate);
    if (send->unmapped)
        map_given_advise();
    if (send->hello.first > counts.lines && !send->input_failed)
        return ctl_error("--first %llu: the inputs have only %llu lines",
                         (unsigned long long)send->hello.first, (unsigned long long)counts.lines);
    if (send->input_failed)
        return CTL_USAGE;
    if (send->unknown > 0)
        return CTL_UNREACHABLE;
    return counts.nacked > 0 ? CTL_REJECTED : CTL_OK;
}

static int send_files(struct send *send, int count, char **names)
{
    for (int i = 0; i < count; i++) {
        struct stat status;
        if (stat(names[i], &status) == 0 && S_ISREG(status.st_mode))
            send->bytes_total += (uint64_t)status.st_size;
    }
    send->progress = progress_start();
    int next = 0;
    /* In a session an input that is missing would give its numbers to the lines behind it. */
    bool session = send->hello.session != NULL;
    for (; next < count && goes_on(send) && !(session && send->input_failed); next++)
        send_file(send, names[next]);
    if (session && send->input_failed && next < count)
        (void)ctl_error("%s and what follows are not sent: a session numbers its lines through all "
                        "inputs; mend that one and send them all again",
                        names[next]);
    send->unread = send->unread || next < count;
    if (goes_on(send))
        sender_finish(send->sender);
    while (goes_on(send))
        (void)step(send); /* without an input it has nothing to say but by its state */
    uint64_t ms = progress_end(&send->progress);
    if (send->interrupt.signal != 0 && sender_state(send->sender) != SENDER_DONE)
        return report_interrupted(send);
    struct sender_counts counts = sender_counts(send->sender);
    bool closed = sender_state(send->sender) == SENDER_LOST;
    bool all = !send->unread && counts.acked >= counts.lines && sender_error(send->sender) == 0;
    return closed && !all ? report_lost(send) : report_done(send, ms);
}

/* As the daemon's hello.c has it of names that stand in records. */
static bool is_name(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "._:-";
    size_t len = strlen(name);
    return len >= 1 && len <= HELLO_SOURCE_BYTES_MAX && strspn(name, allowed) == len;
}

static int connect_and_send(struct send *send, int count, char **names)
{
    static const struct sender_events events = {.refused = on_refused};
    const struct sender_hello *hello = &send->hello;
    if (!is_name(hello->source) || (hello->map != NULL && !is_name(hello->map)) ||
        (hello->session != NULL && !is_name(hello->session)))
        return ctl_error("send: --source, --map and --session take 1 to %u of A-Z a-z 0-9 . _ : -",
                         HELLO_SOURCE_BYTES_MAX);
    if (send->hello.session == NULL && send->hello.first > 0)
        return ctl_error("send: --first N goes with --session NAME, which says of what sequence");
    send->input = input_open();
    send->parts = calloc((size_t)count, sizeof send->parts[0]);
    if (send->parts == NULL || send->input == NULL)
        return ctl_error("send: %s", ctl_errno(ENOMEM));
    input_on_damage(send->input, on_damage, send);
    int fd = connect_unix(send->socket, "NOTICED_CRAWL_SOCKET");
    if (fd < 0)
        return CTL_UNREACHABLE;
    send->interrupt = interrupt_open(false); /* from here on there is something to tell */
    int result = sender_open(fd, &send->hello, &events, send, &send->sender);
    if (result < 0) {
        (void)close(fd); /* nothing was sent */
        return ctl_error("send: %s", ctl_errno(result));
    }
    sender_stop_on(send->sender, send->interrupt.fd);
    return send_files(send, count, names);
}

/* One option. 0, or -EINVAL after printing why. */
static int take(struct send *send, enum send_option option, const char *value)
{
    char *end = NULL;
    switch (option) {
    case SEND_OPTION_SOCKET:
        send->socket = value;
        break;
    case SEND_OPTION_SOURCE:
        send->hello.source = value;
        break;
    case SEND_OPTION_MAP:
        send->hello.map = value;
        break;
    case SEND_OPTION_SESSION:
        send->hello.session = value;
        break;
    case SEND_OPTION_FIRST:
        send->hello.first = strtoull(value, &end, 10);
        if (value[0] < '0' || value[0] > '9' || *end != '\0' || send->hello.first == 0 ||
            send->hello.first > HELLO_FIRST_MAX) {
            (void)ctl_error("send: --first takes a line's number, from 1 on: not %s", value);
            return -EINVAL;
        }
        break;
    }
    return 0;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct send send = {
        .socket = ctl_environment("NOTICED_CRAWL_SOCKET", CONNECT_CRAWL_SOCKET),
        .hello = {.source = "noticectl"},
        .interrupt = {.fd = -1},
    };
    const char *value = NULL;
    int first = argc, option = 0;
    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0)
        if (take(&send, (enum send_option)option, value) < 0)
            return CTL_USAGE;
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    struct arguments names = {0};
    int exit_code = arguments_open(argc - first, argv + first, &names) < 0
                        ? ctl_error("send: %s", ctl_errno(ENOMEM))
                        : connect_and_send(&send, (int)names.count, names.at);
    (void)sender_close(send.sender); /* both give NULL */
    (void)input_close(send.input);
    arguments_close(&names);
    free(send.parts);
    interrupt_close(&send.interrupt); /* may not return */
    return exit_code;
}

const struct ctl_command ctl_send = {
    .name = "send",
    .arguments = "[LISTINGS...]",
    .summary = "send files of listings to a running noticed and wait until all are safe",
    .details =
        "LISTINGS are files of NDJSON or of one JSON array, packed by gzip or zstd or not; for -,\n"
        "or without a file, standard input is read. Lines are those of NDJSON, or the elements.\n"
        "A line is acknowledged when it is decided and every record from it is on disk. Rejected\n"
        "lines are reported on stderr as FILE:LINE: reason: detail and stay in the daemon's\n"
        "rejects folder. Exit code 0: all acknowledged; 4: some of them rejected; 3: no daemon,\n"
        "or the connection was lost before all were acknowledged. On SIGINT or SIGTERM it says\n"
        "how far it came and where to go on, and ends by the signal. Lines sent but not\n"
        "acknowledged may or may not be on record: with --session the same files may be sent\n"
        "again in the same order, and what is on record already gives no second record.\n",
    .options = options,
    .run = run,
};
