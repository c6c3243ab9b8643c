/*
 * One question to the daemon's control socket: a JSON line out, a JSON line back.
 */
#ifndef DAEMON_CTL_CONTROL_H
#define DAEMON_CTL_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/json.h"

#define CONTROL_REPLY_BYTES_MAX 262144u

struct control_reply {
    struct json_parser *parser;
    struct json_value root; /* an object */
    bool ok;
    size_t len;
    char line[CONTROL_REPLY_BYTES_MAX + JSON_SLACK_BYTES]; /* as received, without newline */
};

/* Sends {"cmd":"command"} and waits up to wait_s for the answer. *ret_reply is the caller's
   (control_reply_free). CTL_OK, also for a reply that says no (ok is false then); CTL_UNREACHABLE
   or CTL_USAGE after printing why. */
int control_ask(const char *socket_path, const char *command, unsigned wait_s,
                struct control_reply **ret_reply);

/* The same with members of the command's own, each with its comma before it. */
int control_ask_with(const char *socket_path, const char *command, const char *members,
                     unsigned wait_s, struct control_reply **ret_reply);

/* Prints "error" of a reply that says no. CTL_REFUSED. */
int control_refused(const struct control_reply *reply);

/* Frees; NULL is fine. Returns NULL. */
struct control_reply *control_reply_free(struct control_reply *reply);

#endif
