/*
 * Files to a daemon's socket and its answers back. Knows DESIGN 3's wire, no file name and no
 * terminal.
 *
 * One poll waits for all three: bytes to read from the input, room in the socket, answers. Answers
 * are read first, so a daemon that stops reading until its answers are taken never waits for us.
 */
#include "daemon/ctl/sender.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/ledger/text.h"

#define BLOCK_BYTES (1u << 20)
#define HELD_MAX    262145u /* a line that is longer is refused anyway: its bytes are not held */

struct sender {
    enum sender_state state;
    int error;
    int socket_fd, stop_fd; /* stop_fd -1: none */
    struct input *input;    /* NULL: none */
    bool finishing;         /* sender_finish was called */
    bool line_open;         /* the last byte taken from this input was no newline */
    uint64_t first;         /* lines before this one are passed over */
    const struct sender_events *events;
    void *context;
    struct replies *replies;
    struct sender_counts counts;
    size_t begin, end;    /* of block: taken, not yet sent */
    size_t held_at, held; /* of block: the first bytes of a line whose end was not read yet */
    char block[BLOCK_BYTES];
};

static void settle(struct sender *sender)
{
    if (sender->state == SENDER_SENDING && sender->finishing && sender->begin == sender->end)
        sender->state = SENDER_WAITING;
    if (sender->state == SENDER_WAITING && sender->counts.acked >= sender->counts.lines)
        sender->state = SENDER_DONE;
}

/* A daemon that closes once it has acknowledged everything takes nothing away. */
static void lost(struct sender *sender, int error)
{
    settle(sender);
    if (sender->state == SENDER_LOST || sender->state == SENDER_DONE)
        return;
    sender->state = SENDER_LOST;
    sender->error = error;
}

static uint64_t newlines(const char *bytes, size_t len)
{
    uint64_t count = 0;
    const char *end = bytes + len;
    for (const char *at = bytes; at < end; at++) {
        at = memchr(at, '\n', (size_t)(end - at));
        if (at == NULL)
            break;
        count++;
    }
    return count;
}

static void count_lines(struct sender *sender, const char *bytes, size_t len)
{
    sender->counts.lines += newlines(bytes, len);
    sender->counts.bytes += len;
}

/* We asked for matches: an ack without them, or of lines that do not exist, is not this protocol,
   and other acks of that daemon mean nothing either. */
static void take_ack(struct sender *sender, const struct reply_line *reply)
{
    struct sender_counts *counts = &sender->counts;
    if (reply->line > counts->lines || !reply->counted || reply->matches > reply->line) {
        lost(sender, -EPROTO);
    } else if (reply->line > counts->acked) {
        counts->acked = reply->line;
        counts->matched = reply->matches;
    }
}

static void take_reply(struct sender *sender, const struct reply_line *reply)
{
    switch (reply->kind) {
    case REPLY_ACK:
        take_ack(sender, reply);
        break;
    case REPLY_NACK:
        sender->counts.nacked += reply->line > 0; /* 0: the hello */
        sender->events->refused(sender->context, reply);
        break;
    case REPLY_EVENT:
        if (sender->events->answered != NULL)
            sender->events->answered(sender->context, reply);
        break;
    case REPLY_UNKNOWN:
        sender->events->refused(sender->context, reply);
        break;
    }
}

/* Everything that the daemon has said so far. Returns false when the connection has ended. */
static bool take_replies(struct sender *sender)
{
    for (;;) {
        size_t room = 0;
        char *at = replies_room(sender->replies, &room);
        ssize_t got = recv(sender->socket_fd, at, room, MSG_DONTWAIT);
        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1 && errno == EAGAIN)
            return true;
        if (got <= 0) {
            lost(sender, got == 0 ? 0 : -errno);
            return false;
        }
        replies_filled(sender->replies, (size_t)got);
        struct reply_line reply;
        int result = 0;
        while ((result = replies_next(sender->replies, &reply)) == 1)
            take_reply(sender, &reply);
        if (result < 0) {
            lost(sender, result);
            return false;
        }
    }
}

static void send_some(struct sender *sender)
{
    while (sender->begin < sender->end) {
        ssize_t sent = send(sender->socket_fd, sender->block + sender->begin,
                            sender->end - sender->begin, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent == -1 && errno == EINTR)
            continue;
        if (sent == -1 && errno == EAGAIN)
            return;
        if (sent == -1) {
            /* What the daemon said before it closed is still to be read, and counts. */
            int error = -errno;
            if (take_replies(sender))
                lost(sender, error);
            return;
        }
        sender->begin += (size_t)sent;
    }
    sender->begin = sender->end = 0;
}

/* Passes the lines over that are not to be sent. Returns how many bytes of the block are theirs. */
static size_t pass_over(struct sender *sender, size_t len)
{
    struct sender_counts *counts = &sender->counts;
    size_t at = 0;
    while (counts->lines + 1 < sender->first && at < len) {
        const char *newline = memchr(sender->block + at, '\n', len - at);
        at = newline == NULL ? len : (size_t)(newline - sender->block) + 1;
        counts->lines += newline != NULL;
    }
    return at;
}

/* Takes the bytes at the front of the block, which are of the input. */
static void take_block(struct sender *sender, size_t len)
{
    sender->line_open = sender->block[len - 1] != '\n';
    sender->begin = pass_over(sender, len);
    sender->end = len;
    count_lines(sender, sender->block + sender->begin, len - sender->begin);
}

/* How many of the first bytes of the block may be sent: whole lines, as what an input that fails
   leaves behind its last newline is no line; and those of a line that is too long for that. */
static size_t sendable(const struct sender *sender, size_t len)
{
    const char *newline = memrchr(sender->block, '\n', len);
    size_t whole = newline == NULL ? 0 : (size_t)(newline - sender->block) + 1;
    return len - whole > HELD_MAX || (whole == 0 && sender->line_open) ? len : whole;
}

/* The next block of the input. As sender_step. */
static int read_some(struct sender *sender)
{
    assert(sender->begin == sender->end);
    memmove(sender->block, sender->block + sender->held_at, sender->held);
    ssize_t got = input_read(sender->input, sender->block + sender->held,
                             sizeof sender->block - sender->held);
    size_t len = sender->held + (got > 0 ? (size_t)got : 0);
    sender->held_at = got > 0 ? sendable(sender, len) : 0;
    sender->held = len - sender->held_at;
    if (sender->held_at > 0)
        take_block(sender, sender->held_at);
    if (got > 0 || got == -EAGAIN)
        return -EAGAIN;
    sender->input = NULL;
    len = got < 0 ? 0 : sender->held;
    sender->held = 0;
    if (len == 0 && !sender->line_open)
        return (int)got;
    sender->block[len] = '\n';
    take_block(sender, len + 1);
    return got < 0 ? (int)got : 1;
}

/* The hello, at the front of the block. */
static void put_hello(struct sender *sender, const struct sender_hello *hello)
{
    struct text text = text_into(sender->block, sizeof sender->block);
    text_literal(&text, "{\"noticed\":1");
    text_member_string(&text, "source", hello->source);
    text_literal(&text, ",\"ack\":true,\"matches\":true");
    if (hello->map != NULL)
        text_member_string(&text, "map", hello->map);
    if (hello->session != NULL) {
        text_member_string(&text, "session", hello->session);
        text_member_u64(&text, "first", sender->first);
    }
    text_literal(&text, "}\n");
    assert(!text.overflow);
    sender->end = text.len;
}

int sender_open(int fd, const struct sender_hello *hello, const struct sender_events *events,
                void *context, struct sender **ret_sender)
{
    struct sender *sender = calloc(1, sizeof *sender);
    if (sender == NULL)
        return -ENOMEM;
    sender->replies = replies_open();
    if (sender->replies == NULL) {
        free(sender);
        return -ENOMEM;
    }
    sender->socket_fd = fd;
    sender->stop_fd = -1;
    sender->events = events;
    sender->context = context;
    sender->first = hello->session != NULL && hello->first > 0 ? hello->first : 1;
    sender->counts.acked = sender->first - 1;
    put_hello(sender, hello);
    *ret_sender = sender;
    return 0;
}

void sender_stop_on(struct sender *sender, int fd)
{
    sender->stop_fd = fd;
}

void sender_input(struct sender *sender, struct input *input)
{
    assert(sender->input == NULL);
    assert(!sender->line_open);
    sender->input = input;
}

int sender_step(struct sender *sender, int wait_ms)
{
    bool unsent = sender->begin < sender->end;
    bool hungry = !unsent && sender->input != NULL;
    bool fed = hungry && input_has(sender->input); /* without a wait */
    struct pollfd fds[3] = {
        {.fd = sender->socket_fd, .events = (short)(unsent ? POLLIN | POLLOUT : POLLIN)},
        {.fd = hungry && !fed ? input_fd(sender->input) : -1, .events = POLLIN},
        {.fd = sender->stop_fd, .events = POLLIN},
    };
    int ready = poll(fds, 3, fed ? 0 : wait_ms);
    if (ready == -1 && errno != EINTR)
        lost(sender, -errno);
    if (ready < 0 || (ready == 0 && !fed) || sender->state == SENDER_LOST)
        return -EAGAIN;
    int result = -EAGAIN;
    if (fds[2].revents != 0) {
        if (fds[0].revents != 0)
            (void)take_replies(sender); /* the state says whether the connection has ended */
        return result;
    }
    /* The input first: when the last acks and the end of the connection come together, it must be
       known whether there was more to send. */
    if (fed || fds[1].revents != 0)
        result = read_some(sender);
    bool open = fds[0].revents == 0 || take_replies(sender);
    if (open && sender->begin < sender->end)
        send_some(sender);
    settle(sender);
    return result;
}

void sender_finish(struct sender *sender)
{
    sender->finishing = true;
    settle(sender);
}

enum sender_state sender_state(const struct sender *sender)
{
    return sender->state;
}

int sender_error(const struct sender *sender)
{
    return sender->error;
}

struct sender_counts sender_counts(const struct sender *sender)
{
    return sender->counts;
}

uint64_t sender_lines_sent(const struct sender *sender)
{
    if (sender->counts.lines < sender->first) /* at most the hello waits */
        return sender->counts.lines;
    return sender->counts.lines -
           newlines(sender->block + sender->begin, sender->end - sender->begin);
}

struct sender *sender_close(struct sender *sender)
{
    if (sender == NULL)
        return NULL;
    (void)replies_close(sender->replies); /* always NULL */
    (void)close(sender->socket_fd);       /* all that counts was acknowledged, or is reported */
    free(sender);
    return NULL;
}
