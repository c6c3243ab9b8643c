/*
 * The control socket's protocol: one JSON object a line in, one out. {"cmd":"status"} and
 * {"cmd":"reload"}. Knows no lane and no reload: it asks its handler.
 */
#ifndef DAEMON_COMMANDS_H
#define DAEMON_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "io/backend.h"

#define COMMANDS_PEERS_MAX       32u
#define COMMANDS_REPLY_BYTES_MAX 16384u

struct commands_handler {
    /* Writes the status reply, with its newline, into out; returns its length. */
    size_t (*status)(void *context, char *out, size_t room);
    /* Begins a reload, or lets the one under way be followed by another. The answer is given by
       commands_reload_done. */
    void (*reload)(void *context);
};

struct commands;

/* Makes the command side on the control thread's backend. 0, -ENOMEM or -errno. */
int commands_open(struct backend *backend, const struct commands_handler *handler, void *context,
                  struct commands **ret_commands);

/* Takes over a connection of the control socket; closes it when there are too many. */
void commands_adopt(struct commands *commands, int fd);

/* Answers all who asked for a reload: error is NULL, or why the old set stays in force. sha256 is
   the hash of the set in force, as hex. */
void commands_reload_done(struct commands *commands, const char *error, const char *sha256_hex,
                          uint64_t seq);

/* Ends all connections and frees. NULL is fine. Returns NULL. */
struct commands *commands_close(struct commands *commands);

#endif
