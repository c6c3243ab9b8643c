/*
 * The control socket's protocol: one JSON object a line in, one out. {"cmd":"status"},
 * {"cmd":"reload"}, {"cmd":"anchor",...} and {"cmd":"blob",...}. Knows no lane and no reload: it
 * asks its handler.
 */
#ifndef DAEMON_COMMANDS_H
#define DAEMON_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/anchor_command.h"
#include "daemon/blob_command.h"
#include "io/backend.h"

#define COMMANDS_PEERS_MAX       32u
#define COMMANDS_REPLY_BYTES_MAX 16384u

struct commands_handler {
    /* Writes the status reply, with its newline, into out; returns its length. */
    size_t (*status)(void *context, char *out, size_t room);
    /* Asks for a reload that begins from now on, and returns its number: commands_reload_done with
       that number or a later one answers. One under way may have read the lists before they
       changed, and is not the one. */
    uint64_t (*reload)(void *context);
    /* Puts an anchor record on its way, which commands_anchor_done answers. 0; -EBUSY: it, or a
       hold and so on, is asked for again after the next of these answers; or -errno, with why in
       reterr_text. */
    int (*anchor)(void *context, const struct anchor *anchor,
                  char reterr_text[ANCHOR_COMMAND_ERROR_BYTES]);
    /* Likewise a hold, a release or an erase, which commands_blob_done answers. */
    int (*blob)(void *context, const struct blob_command *command,
                char reterr_text[BLOB_COMMAND_ERROR_BYTES]);
};

struct commands;

/* Makes the command side on the control thread's backend. 0, -ENOMEM or -errno. */
int commands_open(struct backend *backend, const struct commands_handler *handler, void *context,
                  struct commands **ret_commands);

/* Takes over a connection of the control socket; closes it when there are too many. */
void commands_adopt(struct commands *commands, int fd);

/* Answers all who asked for this reload or an earlier one: error is NULL, or why the old set stays
   in force. sha256_hex is the hash of the set in force, seq its record. */
void commands_reload_done(struct commands *commands, uint64_t number, const char *error,
                          const char *sha256_hex, uint64_t seq);

/* Answers who asked for an anchor record: it is durable, as this seq. Then, as the next one too,
   lets whoever waits longest have their turn. */
void commands_anchor_done(struct commands *commands, uint64_t seq);

/* Answers who asked for a hold, a release or an erase: error is empty, and it is recorded as seq
   and done; or it says why not. */
void commands_blob_done(struct commands *commands, uint64_t seq, const char *error);

/* Ends all connections and frees. NULL is fine. Returns NULL. */
struct commands *commands_close(struct commands *commands);

#endif
