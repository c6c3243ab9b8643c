/*
 * Records that were asked for over the control socket and are on their way. Control thread only.
 */
#ifndef DAEMON_CONTROL_RECORDS_H
#define DAEMON_CONTROL_RECORDS_H

#include "daemon/commands.h"

/* {0}: none. */
struct control_records {
    struct command_record anchor;
    struct command_record blob;
};

/* Answers who asked for those that are durable, of the queue of this index. */
void control_records_answer(struct control_records *records, struct writer *writer,
                            unsigned queue_index, struct commands *commands);

#endif
