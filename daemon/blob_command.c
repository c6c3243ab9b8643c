/*
 * The control command "blob". Knows no pack: the ledger's writer judges, and erases.
 */
#include "daemon/blob_command.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/emit.h"

static int wrong(char reterr_text[BLOB_COMMAND_ERROR_BYTES], const char *text)
{
    (void)snprintf(reterr_text, BLOB_COMMAND_ERROR_BYTES, "blob: %s", text); /* ours are short */
    return -EINVAL;
}

static bool is(const struct json_member *member, const char *key)
{
    return member->key_len == strlen(key) && memcmp(member->key, key, member->key_len) == 0;
}

static bool read_action(const struct json_value *value, struct blob_command *command)
{
    static const struct {
        const char *name;
        enum record_kind kind;
        bool held;
    } actions[] = {{"hold", RECORD_HOLD, true},
                   {"release", RECORD_HOLD, false},
                   {"erase", RECORD_ERASE, false}};

    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (value->type == JSON_STRING && value->len == strlen(actions[i].name) &&
            memcmp(value->text, actions[i].name, value->len) == 0) {
            command->kind = actions[i].kind;
            command->held = actions[i].held;
            return true;
        }
    return false;
}

static bool read_text(const struct json_value *value, char ret_text[BLOB_COMMAND_TEXT_BYTES])
{
    return command_record_text(value, ret_text, BLOB_COMMAND_TEXT_BYTES) && ret_text[0] != '\0';
}

static bool read_blobs(const struct json_value *value, struct blob_command *command)
{
    struct json_value elements[BLOB_REF_LIST_MAX];

    if (value->type != JSON_ARRAY)
        return false;
    command->count = json_elements(value, elements, BLOB_REF_LIST_MAX);
    if (command->count == 0 || command->count > BLOB_REF_LIST_MAX)
        return false;
    for (size_t i = 0; i < command->count; i++)
        if (elements[i].type != JSON_STRING || elements[i].len != DIGEST_TEXT_BYTES ||
            !digest_parse(elements[i].text, elements[i].len, command->list[i]))
            return false;
    return true;
}

static bool is_ledger(const struct json_value *value)
{
    return value->type == JSON_STRING && value->len == 6 && memcmp(value->text, "ledger", 6) == 0;
}

int blob_command_read(const struct json_member *members, size_t count,
                      struct blob_command *ret_command, char reterr_text[BLOB_COMMAND_ERROR_BYTES])
{
    bool action = false;

    *ret_command = (struct blob_command){.count = 0};
    for (size_t i = 0; i < count; i++) {
        const struct json_value *value = &members[i].value;
        bool good = is(&members[i], "cmd");
        if (is(&members[i], "action"))
            good = action = read_action(value, ret_command);
        else if (is(&members[i], "authority"))
            good = read_text(value, ret_command->authority);
        else if (is(&members[i], "reason"))
            good = read_text(value, ret_command->reason);
        else if (is(&members[i], "blobs"))
            good = read_blobs(value, ret_command);
        else if (is(&members[i], "merchant"))
            good = command_record_text(value, ret_command->merchant, BLOB_COMMAND_ID_BYTES) &&
                   strchr(ret_command->merchant, '/') != NULL;
        else if (is(&members[i], "scope"))
            good = ret_command->ledger = is_ledger(value);
        if (!good)
            return wrong(reterr_text, "there is a member that is not known, or wrong");
    }
    const int scopes =
        (ret_command->count > 0) + (ret_command->merchant[0] != '\0') + ret_command->ledger;
    if (!action || ret_command->authority[0] == '\0' || scopes != 1)
        return wrong(reterr_text,
                     "action (hold, release, erase), authority and one of blobs (1 to "
                     "128 of sha256:...), merchant (platform/seller) and scope (ledger) "
                     "must be there");
    if (ret_command->kind == RECORD_ERASE && ret_command->count == 0)
        return wrong(reterr_text, "an erase names blobs");
    return 0;
}

static void encode(struct text *text, const struct blob_command *command)
{
    if (command->kind == RECORD_HOLD)
        text_member_bool(text, "held", command->held);
    text_member_string(text, "authority", command->authority);
    if (command->reason[0] != '\0')
        text_member_string(text, "reason", command->reason);
    text_member_u64(text, "uid", command->uid);
    if (command->ledger)
        text_member_string(text, "scope", "ledger");
    if (command->merchant[0] != '\0') {
        text_member_string(text, "scope", "merchant");
        text_member_string(text, "merchant", command->merchant);
    }
    if (command->count > 0)
        blob_ref_write_list(text, (const uint8_t(*)[DIGEST_BYTES])command->list, command->count);
    text_literal(text, "}");
}

int blob_command_put(struct command_record *record, struct writer *writer, unsigned queue_index,
                     const struct blob_command *command, bool busy,
                     char reterr_text[BLOB_COMMAND_ERROR_BYTES])
{
    char body[RECORD_BODY_BYTES_MAX];
    struct text text = text_into(body, sizeof body);
    struct queue *queue = writer_queue(writer, queue_index);

    static_assert(2 * 6 * BLOB_COMMAND_TEXT_BYTES + BLOB_REF_LIST_MAX * 76u + 256 <
                      RECORD_BODY_BYTES_MAX,
                  "the longest command fits a record");
    static_assert(6 * (2 * BLOB_COMMAND_TEXT_BYTES + BLOB_COMMAND_ID_BYTES) + 256 <
                      RECORD_BODY_BYTES_MAX,
                  "so does one of a merchant");
    if (record->waiting || busy) {
        (void)wrong(reterr_text, "another one is being recorded");
        return -EBUSY;
    }
    encode(&text, command);
    assert(!text.overflow);
    if (emit_custody(queue, command->kind, body, text.len) < 0) {
        (void)wrong(reterr_text, "the ledger takes no record now: try again when it does");
        return -EAGAIN;
    }
    command_record_send(record, writer, queue_index);
    return 0;
}

bool blob_command_done(struct command_record *record, struct writer *writer, unsigned queue_index,
                       uint64_t *ret_seq, char reterr_text[BLOB_COMMAND_ERROR_BYTES])
{
    char hex[2 * DIGEST_BYTES + 1], text[BLOB_COMMAND_ERROR_BYTES / 2];

    if (!command_record_done(record, writer, queue_index))
        return false;
    const struct writer_answer answer = writer_answer(writer, queue_index, 0);
    *ret_seq = answer.seq;
    reterr_text[0] = '\0';
    switch (answer.custody) {
    case WRITER_CUSTODY_DONE:
        break;
    case WRITER_CUSTODY_HELD:
        digest_hex(answer.sha256, hex);
        (void)snprintf(text, sizeof text, "sha256:%s is held: release it first", hex); /* fits */
        (void)wrong(reterr_text, text);
        break;
    case WRITER_CUSTODY_HELD_MERCHANT:
        digest_hex(answer.sha256, hex);
        (void)snprintf(text, sizeof text, "sha256:%s is of a merchant who is held", hex); /* fits */
        (void)wrong(reterr_text, text);
        break;
    case WRITER_CUSTODY_NO_MERCHANT:
        digest_hex(answer.sha256, hex);
        (void)snprintf(text, sizeof text, "sha256:%s has no seller, and some are held", hex);
        (void)wrong(reterr_text, text);
        break;
    case WRITER_CUSTODY_HELD_LEDGER:
        (void)wrong(reterr_text, "the whole ledger is held: release it first");
        break;
    case WRITER_CUSTODY_UNREAD:
        (void)wrong(reterr_text, "merchants are held, and whose bytes these are could not be read "
                                 "in the feed: see the log");
        break;
    case WRITER_CUSTODY_FULL:
        (void)wrong(reterr_text, "65536 blobs are held or erased, or 4096 merchants held: no more "
                                 "can be");
        break;
    case WRITER_CUSTODY_DAMAGED:
        (void)snprintf(text, sizeof text,
                       "recorded as %" PRIu64 ", but not erased where a pack is damaged or a name "
                       "is foreign, until that is mended: see the log",
                       answer.seq);
        (void)wrong(reterr_text, text);
        break;
    }
    return true;
}
