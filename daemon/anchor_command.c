/*
 * The control command "anchor". Knows no token: who asks has verified it, and verify does again.
 */
#include "daemon/anchor_command.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/digest.h"
#include "daemon/emit.h"
#include "daemon/time_text.h"

static int wrong(char reterr_text[ANCHOR_COMMAND_ERROR_BYTES], const char *text)
{
    (void)snprintf(reterr_text, ANCHOR_COMMAND_ERROR_BYTES, "anchor: %s",
                   text); /* ours are short */
    return -EINVAL;
}

static bool read_sha256(const struct json_value *value, uint8_t ret_digest[DIGEST_BYTES])
{
    return value->type == JSON_STRING && value->len == DIGEST_TEXT_BYTES &&
           digest_parse(value->text, value->len, ret_digest);
}

static bool read_type(const struct json_value *value, enum anchor_type *ret_type)
{
    char name[16];

    if (!command_record_text(value, name, sizeof name))
        return false;
    for (int type = 0; type < ANCHOR_TYPES_COUNT; type++)
        if (strcmp(name, anchor_type_name((enum anchor_type)type)) == 0) {
            *ret_type = (enum anchor_type)type;
            return true;
        }
    return false;
}

/* The names in the record's order; the first five and the last two must be there. */
static const char *const names[] = {"size",   "root",       "type", "token_sha256", "gen_time",
                                    "serial", "policy_oid", "tsa",  "nonce",        "file"};
#define NAMES_COUNT (sizeof names / sizeof names[0])
#define NAMES_MUST  0x29fu /* bit i: names[i] */

static bool read_member(size_t name, const struct json_value *value, struct anchor *anchor)
{
    switch (name) {
    case 0:
        anchor->size = (uint64_t)value->integer;
        return value->type == JSON_INTEGER && value->integer >= 0;
    case 1:
        return read_sha256(value, anchor->root.bytes);
    case 2:
        return read_type(value, &anchor->type);
    case 3:
        return read_sha256(value, anchor->token_sha256);
    case 4:
        return value->type == JSON_STRING &&
               time_text_parse(value->text, value->len, &anchor->gen_time_ns) == 0;
    case 5:
        return command_record_text(value, anchor->serial, sizeof anchor->serial);
    case 6:
        return command_record_text(value, anchor->policy_oid, sizeof anchor->policy_oid);
    case 7:
        return command_record_text(value, anchor->tsa, sizeof anchor->tsa);
    case 8:
        return command_record_text(value, anchor->nonce, sizeof anchor->nonce);
    default:
        return command_record_text(value, anchor->file, sizeof anchor->file);
    }
}

int anchor_command_read(const struct json_member *members, size_t count, struct anchor *ret_anchor,
                        char reterr_text[ANCHOR_COMMAND_ERROR_BYTES])
{
    struct anchor anchor = {.size = 0};
    unsigned seen = 0;

    for (size_t i = 0; i < count; i++) {
        size_t name = 0;
        if (members[i].key_len == 3 && memcmp(members[i].key, "cmd", 3) == 0)
            continue;
        while (name < NAMES_COUNT && (strlen(names[name]) != members[i].key_len ||
                                      memcmp(names[name], members[i].key, members[i].key_len) != 0))
            name++;
        if (name == NAMES_COUNT)
            return wrong(reterr_text, "there is a member that is not known");
        if ((seen >> name & 1) != 0 || !read_member(name, &members[i].value, &anchor)) {
            char text[64];
            (void)snprintf(text, sizeof text, "%s is wrong, or there twice", names[name]);
            return wrong(reterr_text, text);
        }
        seen |= 1u << name;
    }
    if ((seen & NAMES_MUST) != NAMES_MUST)
        return wrong(reterr_text, "size, root, type, token_sha256, gen_time, tsa and file must be "
                                  "there");
    const char *problem = anchor_wrong(&anchor);
    if (problem != NULL)
        return wrong(reterr_text, problem);
    *ret_anchor = anchor;
    return 0;
}

int anchor_command_put(struct command_record *record, struct writer *writer, unsigned queue_index,
                       const struct anchor *anchor, bool busy,
                       char reterr_text[ANCHOR_COMMAND_ERROR_BYTES])
{
    char body[4096];
    struct text text = text_into(body, sizeof body);
    struct queue *queue = writer_queue(writer, queue_index);

    if (record->waiting || busy) {
        (void)wrong(reterr_text, "another one is being recorded");
        return -EBUSY;
    }
    if (anchor->size > writer_counts(writer).durable_seq + 1)
        return wrong(reterr_text, "the ledger has not so many records: is it this one's token?");
    anchor_format(&text, anchor);
    text_literal(&text, "}");
    assert(!text.overflow); /* its strings are bounded, and escaped at most six times as long */
    if (emit_record(queue, RECORD_ANCHOR, body, text.len) < 0) {
        (void)wrong(reterr_text, "the ledger takes no record now: try again when it does");
        return -EAGAIN;
    }
    command_record_send(record, writer, queue_index);
    return 0;
}

bool anchor_command_done(struct command_record *record, struct writer *writer, unsigned queue_index,
                         uint64_t *ret_seq)
{
    if (!command_record_done(record, writer, queue_index))
        return false;
    *ret_seq = writer_queue_seq(writer, queue_index);
    return true;
}
