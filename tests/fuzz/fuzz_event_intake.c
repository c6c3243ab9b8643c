/*
 * Lines of events into records: what is accepted makes bodies that are one JSON object each with
 * their head, printable, within their limit, and whose event is accepted again.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/event_intake.h"
#include "daemon/ledger/shape.h"
#include "daemon/listing.h"
#include "daemon/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static struct event_decoder *decoder;

/* The event within one record's line. */
static void check_line(const char *line, size_t len)
{
    static const char key[] = ",\"event\":";
    struct record_head head;
    enum record_kind kind;
    struct knowledge_event event;
    struct reject reject;
    check(record_decode_head(line, len, &head, &kind) == 0);
    check(shape_is_object(line, len));
    const char *at = memmem(line, len, key, sizeof key - 1);
    check(at != NULL);
    size_t event_len = (size_t)(line + len - at) - sizeof key;
    char *copy = calloc(1, event_len + JSON_SLACK_BYTES);
    check(copy != NULL);
    memcpy(copy, at + sizeof key - 1, event_len);
    check(event_decode(decoder, copy, event_len, true, &event, &reject) == REJECT_NONE);
    free(copy);
}

static void check_entry(const char *entry, size_t len)
{
    static char line[RECORD_LINE_BYTES_MAX];
    const struct record_head head = {.seq = 9, .clk = 1, .run = 0};
    struct writer_event event;
    memcpy(&event, entry, sizeof event);
    size_t at = sizeof event + event.source_len + event.id_len;
    for (uint32_t i = 0; i < event.records_count; i++) {
        struct writer_record record;
        memcpy(&record, entry + at, sizeof record);
        at += sizeof record;
        struct record_draft draft = {.kind = (enum record_kind)record.kind,
                                     .body = entry + at,
                                     .len = record.body_len,
                                     .holes_count = record.holes_count};
        memcpy(draft.holes, record.holes, sizeof draft.holes);
        size_t line_len = record_encode(&head, &draft, line, sizeof line);
        check(line_len > 1);
        check_line(line, line_len - 1);
        at += record.body_len;
    }
    check(at == len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct event_intake *intake;
    static struct queue *queue;
    static struct json_parser *parser;
    struct event_outcome outcome;
    struct json_value root;
    bool surrogate;
    if (intake == NULL) {
        intake = event_intake_open();
        decoder = event_open();
        parser = json_open();
        check(intake != NULL && decoder != NULL && parser != NULL);
        check(queue_open(2u * QUEUE_ENTRY_BYTES_MAX, &queue) == 0);
    }
    char *line = calloc(1, size + JSON_SLACK_BYTES); /* of exact size: a read past it is seen */
    check(line != NULL);
    memcpy(line, data, size);
    struct event_request request = {.bytes = line,
                                    .len = size,
                                    .source = "a",
                                    .source_len = 1,
                                    .kinds = event_kinds_all(),
                                    .ticket = WRITER_NO_TICKET};
    /* What the listing's decoder lets through: objects of few members, one of them a type. */
    static struct json_member members[LISTING_MEMBERS_MAX];
    bool typed = false;
    if (json_parse(parser, line, size, &root, &surrogate) == JSON_OK && root.type == JSON_OBJECT) {
        size_t count = json_members(&root, members, LISTING_MEMBERS_MAX);
        for (size_t i = 0; i < count && count <= LISTING_MEMBERS_MAX; i++)
            typed = typed || (members[i].key_len == 4 && memcmp(members[i].key, "type", 4) == 0 &&
                              members[i].value.type == JSON_STRING);
    }
    int result = typed ? event_intake_line(intake, queue, &request, &outcome) : -EBADMSG;
    check(result == 0 || result == -EBADMSG);
    unsigned type;
    size_t len;
    queue_publish(queue);
    const char *entry = queue_peek(queue, &type, &len);
    check((entry != NULL) == (result == 0));
    if (entry != NULL) {
        check(type == WRITER_ENTRY_EVENT);
        check_entry(entry, len);
        queue_pop(queue);
    }
    free(line);
    return 0;
}
