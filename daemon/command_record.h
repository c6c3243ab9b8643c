/*
 * What commands of the control socket share that become records: their texts, and a record on its
 * way. Control thread only.
 */
#ifndef DAEMON_COMMAND_RECORD_H
#define DAEMON_COMMAND_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/json.h"
#include "daemon/writer.h"

/* The record that was put last. {0}: none is on its way. */
struct command_record {
    bool waiting;
    uint64_t position; /* in the queue, behind it */
};

/* Copies a string with a NUL behind it. false: it is none, holds a NUL, or does not fit. */
bool command_record_text(const struct json_value *value, char *ret_text, size_t room);

/* Hands what was just put into the queue of this index to the writer: it is waited for now. */
void command_record_send(struct command_record *record, struct writer *writer,
                         unsigned queue_index);

/* Whether one that was waited for is durable; then none is on its way. */
bool command_record_done(struct command_record *record, struct writer *writer,
                         unsigned queue_index);

#endif
