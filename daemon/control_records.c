/*
 * From durable records to the answers of the control socket. Knows no connection.
 */
#include "daemon/control_records.h"

void control_records_answer(struct control_records *records, struct writer *writer,
                            unsigned queue_index, struct commands *commands)
{
    char error[BLOB_COMMAND_ERROR_BYTES];
    uint64_t seq = 0;

    if (anchor_command_done(&records->anchor, writer, queue_index, &seq))
        commands_anchor_done(commands, seq);
    if (blob_command_done(&records->blob, writer, queue_index, &seq, error))
        commands_blob_done(commands, seq, error);
}
