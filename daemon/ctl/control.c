/*
 * One question to the daemon's control socket. Knows the envelope of the answer, not what is in it.
 */
#include "daemon/ctl/control.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/ctl/connect.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/stopwatch.h"

#define MEMBERS_MAX                64u
#define CONTROL_QUESTION_BYTES_MAX 8192u

/* Reads until a newline. 0 or -errno; -ETIMEDOUT; -EPROTO when it never comes. */
static int receive(int fd, struct control_reply *reply, unsigned wait_s)
{
    struct stopwatch stopwatch = stopwatch_start();
    int result = 0;
    for (;;) {
        uint64_t passed = stopwatch_ms(&stopwatch), wait_ms = 1000ull * wait_s;
        struct pollfd input = {.fd = fd, .events = POLLIN};
        int ready = passed < wait_ms ? poll(&input, 1, (int)(wait_ms - passed)) : 0;
        if (ready == -1 && errno == EINTR)
            continue;
        result = ready == 0 ? -ETIMEDOUT : ready == -1 ? -errno : 0;
        if (result < 0)
            break;
        ssize_t got = recv(fd, reply->line + reply->len, CONTROL_REPLY_BYTES_MAX - reply->len, 0);
        result = got == -1 ? -errno : got == 0 ? -EPROTO : 0;
        if (result < 0)
            break;
        const char *newline = memchr(reply->line + reply->len, '\n', (size_t)got);
        reply->len += (size_t)got;
        if (newline == NULL)
            continue;
        reply->len = (size_t)(newline - reply->line);
        break;
    }
    stopwatch_stop(&stopwatch);
    return result;
}

static int understand(struct control_reply *reply)
{
    bool surrogate = false;
    reply->parser = json_open();
    if (reply->parser == NULL)
        return -ENOMEM;
    if (json_parse(reply->parser, reply->line, reply->len, &reply->root, &surrogate) != JSON_OK ||
        reply->root.type != JSON_OBJECT)
        return -EPROTO;
    struct json_member members[MEMBERS_MAX];
    size_t count = json_members(&reply->root, members, MEMBERS_MAX);
    for (size_t i = 0; i < count && i < MEMBERS_MAX; i++) {
        if (members[i].key_len != 2 || memcmp(members[i].key, "ok", 2) != 0)
            continue;
        reply->ok = members[i].value.boolean;
        return members[i].value.type == JSON_BOOL ? 0 : -EPROTO;
    }
    return -EPROTO;
}

static int ask(int fd, const char *command, const char *members, unsigned wait_s,
               struct control_reply *reply)
{
    char question[CONTROL_QUESTION_BYTES_MAX];
    int len = snprintf(question, sizeof question, "{\"cmd\":\"%s\"%s}\n", command, members);
    assert(len > 0 && (size_t)len < sizeof question);
    ssize_t sent = -1;
    do {
        sent = send(fd, question, (size_t)len, MSG_NOSIGNAL);
    } while (sent == -1 && errno == EINTR);
    /* A few bytes into an empty socket buffer go whole or not at all. */
    int result = sent == (ssize_t)len ? 0 : sent == -1 ? -errno : -EPROTO;
    if (result == 0)
        result = receive(fd, reply, wait_s);
    return result == 0 ? understand(reply) : result;
}

int control_ask(const char *socket_path, const char *command, unsigned wait_s,
                struct control_reply **ret_reply)
{
    return control_ask_with(socket_path, command, "", wait_s, ret_reply);
}

int control_ask_with(const char *socket_path, const char *command, const char *members,
                     unsigned wait_s, struct control_reply **ret_reply)
{
    struct control_reply *reply = calloc(1, sizeof *reply);
    if (reply == NULL)
        return ctl_error("%s: %s", command, ctl_errno(ENOMEM));
    int fd = connect_unix(socket_path, "NOTICED_CONTROL_SOCKET");
    int result = fd;
    if (fd >= 0) {
        result = ask(fd, command, members, wait_s, reply);
        (void)close(fd); /* the answer is here, or will not come */
        if (result == -ETIMEDOUT)
            (void)ctl_error("%s: no answer in %u s; the log of noticed may say why", command,
                            wait_s);
        else if (result == -EPROTO)
            (void)ctl_error("%s: %s gave no answer of this protocol; is it the control socket?",
                            command, socket_path);
        else if (result < 0)
            (void)ctl_error("%s: no answer: %s", command, ctl_errno(result));
    }
    if (result < 0) {
        (void)control_reply_free(reply); /* always NULL */
        return CTL_UNREACHABLE;
    }
    *ret_reply = reply;
    return CTL_OK;
}

int control_refused(const struct control_reply *reply)
{
    struct json_member members[MEMBERS_MAX];
    size_t count = json_members(&reply->root, members, MEMBERS_MAX);
    for (size_t i = 0; i < count && i < MEMBERS_MAX; i++) {
        const struct json_value *value = &members[i].value;
        if (members[i].key_len != 5 || memcmp(members[i].key, "error", 5) != 0 ||
            value->type != JSON_STRING)
            continue;
        (void)ctl_error("noticed refused: %.*s", (int)value->len, value->text);
        return CTL_REFUSED;
    }
    (void)ctl_error("noticed refused, and did not say why");
    return CTL_REFUSED;
}

struct control_reply *control_reply_free(struct control_reply *reply)
{
    if (reply != NULL)
        reply->parser = json_close(reply->parser);
    free(reply);
    return NULL;
}
