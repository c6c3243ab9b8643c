/*
 * Records of commands on their way to the disk. Knows no command.
 */
#include "daemon/command_record.h"

#include <string.h>

bool command_record_text(const struct json_value *value, char *ret_text, size_t room)
{
    if (value->type != JSON_STRING || value->len >= room ||
        memchr(value->text, '\0', value->len) != NULL)
        return false;
    memcpy(ret_text, value->text, value->len);
    ret_text[value->len] = '\0';
    return true;
}

void command_record_send(struct command_record *record, struct writer *writer, unsigned queue_index)
{
    struct queue *queue = writer_queue(writer, queue_index);

    queue_publish(queue);
    writer_wake(writer);
    record->position = queue_put_position(queue);
    record->waiting = true;
}

bool command_record_done(struct command_record *record, struct writer *writer, unsigned queue_index)
{
    if (!record->waiting || queue_durable(writer_queue(writer, queue_index)) < record->position)
        return false;
    record->waiting = false;
    return true;
}
