/*
 * Reading an event by the table of its kind. Knows no rule.
 */
#include "daemon/event.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/event_read.h"

static_assert(KNOWLEDGE_DIGEST_BYTES == DIGEST_BYTES, "the body's digest goes into the event");

static enum reject_code read_id(struct reading *reading)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789._:-";
    const struct json_value *value;
    enum reject_code code = event_find(reading, "id", true, &value);
    if (code == REJECT_NONE)
        code = event_read_text(reading, "id", value, &reading->event->id);
    if (code != REJECT_NONE)
        return code;
    if (value->len > EVENT_ID_BYTES_MAX)
        return reject_set(reading->reject, REJECT_BAD_VALUE,
                          "id: has %zu bytes, at most %u are allowed", value->len,
                          EVENT_ID_BYTES_MAX);
    for (size_t i = 0; i < value->len; i++)
        if (strchr(allowed, value->text[i]) == NULL)
            return reject_set(reading->reject, REJECT_BAD_VALUE,
                              "id: only letters, digits and ._:- are allowed: %.*s",
                              event_shown(value), value->text);
    return REJECT_NONE;
}

static enum reject_code read_unc(struct reading *reading)
{
    const struct json_value *value;
    int64_t unc_ms = 0;
    enum reject_code code = event_find(reading, "unc_ms", false, &value);
    if (code == REJECT_NONE && value != NULL)
        code = event_read_number(reading, "unc_ms", value, KNOWLEDGE_UNC_MS_MAX, &unc_ms);
    reading->event->unc_ms = (uint32_t)unc_ms;
    return code;
}

/* "part":[i,n], i from 1 (DESIGN 9.14). */
static enum reject_code read_part(struct reading *reading, const struct event_kind *kind)
{
    const struct json_value *value;
    struct json_value pair[2];
    enum reject_code code = event_find(reading, "part", false, &value);
    /* To a type that is not known it is a member like others. */
    if (code != REJECT_NONE || value == NULL || kind == NULL)
        return code;
    if (!kind->parts)
        return reject_set(reading->reject, REJECT_NOT_ALLOWED,
                          "part: an event of this type has no parts");
    if (value->type != JSON_ARRAY)
        return event_bad_type(reading, "part", value, "an array");
    if (json_elements(value, pair, 2) != 2 || pair[0].type != JSON_INTEGER ||
        pair[1].type != JSON_INTEGER || pair[0].integer < 1 || pair[0].integer > pair[1].integer ||
        pair[1].integer > KNOWLEDGE_PARTS_MAX)
        return reject_set(reading->reject, REJECT_BAD_VALUE,
                          "part: must be [i,n] with i from 1 to n, n at most %u",
                          KNOWLEDGE_PARTS_MAX);
    reading->event->part = (uint32_t)pair[0].integer;
    reading->event->parts = (uint32_t)pair[1].integer;
    return REJECT_NONE;
}

/* What all events have; then the fields of the kind. */
static enum reject_code read_event(struct reading *reading, const struct event_kind **ret_kind)
{
    struct knowledge_event *event = reading->event;
    const struct json_value *type, *at;
    struct knowledge_text name;
    enum reject_code code = read_id(reading);
    if (code == REJECT_NONE)
        code = event_find(reading, "type", true, &type);
    if (code == REJECT_NONE)
        code = event_read_text(reading, "type", type, &name);
    if (code != REJECT_NONE)
        return code;
    *ret_kind = event_kind_find(name.at, name.len);
    /* As a crawler's line without observed_at (DESIGN 9.2). */
    bool timeless = reading->scoped && *ret_kind != NULL && (*ret_kind)->kind == KNOWLEDGE_SIGHTING;
    code = event_find(reading, "at", !timeless, &at);
    if (code == REJECT_NONE && at != NULL)
        code = event_read_time(reading, "at", at, &event->at_ns);
    if (code == REJECT_NONE)
        code = read_unc(reading);
    if (code != REJECT_NONE)
        return code;
    event->kind = *ret_kind != NULL ? (*ret_kind)->kind : KNOWLEDGE_OTHER;
    if (*ret_kind != NULL)
        event->state = (*ret_kind)->state;
    event->live = true; /* via is page unless it says otherwise */
    event->policy.grace_s = KNOWLEDGE_GRACE_S;
    code = read_part(reading, *ret_kind);
    if (code == REJECT_NONE && *ret_kind != NULL)
        code = event_read_fields(reading, (*ret_kind)->fields);
    if (code == REJECT_NONE && event->kind == KNOWLEDGE_POLICY)
        code = event_check_days(reading);
    return code;
}

static enum reject_code reject_text(enum json_status status, const struct json_parser *parser,
                                    struct reject *reterr_reject)
{
    enum reject_code code = status == JSON_BAD_UTF8   ? REJECT_BAD_UTF8
                            : status == JSON_TOO_DEEP ? REJECT_TOO_DEEP
                            : status == JSON_TOO_LONG ? REJECT_TOO_LONG
                                                      : REJECT_BAD_JSON;
    return reject_set(reterr_reject, code, "line: %s", json_reason(parser));
}

/* Whether the kind's table reads `listings`, which is then no part of the body's digest. */
static bool reads_listings(const struct event_kind *kind)
{
    for (const struct event_field *field = kind->fields; field->name != NULL; field++)
        if (strcmp(field->name, "listings") == 0)
            return true;
    return false;
}

struct event_decoder *event_open(void)
{
    struct event_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL)
        return NULL;
    decoder->parser = json_open();
    decoder->body = event_body_open();
    return decoder->parser == NULL || decoder->body == NULL ? event_close(decoder) : decoder;
}

size_t event_bytes(void)
{
    return sizeof(struct event_decoder) + JSON_PARSER_BYTES_MAX + event_body_bytes();
}

/* All but the digest of the body; *ret_root is the object. */
static enum reject_code decode(struct event_decoder *decoder, const char *bytes, size_t len,
                               struct reading *reading, struct json_value *ret_root,
                               const struct event_kind **ret_kind)
{
    struct reject *reterr_reject = reading->reject;
    bool surrogate;
    enum json_status status = json_parse(decoder->parser, bytes, len, ret_root, &surrogate);
    if (status != JSON_OK)
        return reject_text(status, decoder->parser, reterr_reject);
    if (ret_root->type != JSON_OBJECT)
        return event_bad_type(reading, "line", ret_root, "an object");
    reading->count = json_members(ret_root, decoder->members, EVENT_MEMBERS_MAX);
    if (reading->count > EVENT_MEMBERS_MAX)
        return reject_set(reterr_reject, REJECT_BAD_VALUE,
                          "line: has %zu members, at most %u are allowed", reading->count,
                          EVENT_MEMBERS_MAX);
    decoder->texts_count = 0;
    return read_event(reading, ret_kind);
}

enum reject_code event_peek(struct event_decoder *decoder, const char *bytes, size_t len,
                            struct knowledge_event *ret_event, struct reject *reterr_reject)
{
    const struct event_kind *kind = NULL;
    struct knowledge_event event = {0};
    struct json_value root;
    struct reading reading = {.decoder = decoder,
                              .members = decoder->members,
                              .inside = "",
                              .event = &event,
                              .reject = reterr_reject};
    enum reject_code code = decode(decoder, bytes, len, &reading, &root, &kind);
    if (code == REJECT_NONE)
        *ret_event = event;
    return code;
}

enum reject_code event_decode(struct event_decoder *decoder, const char *bytes, size_t len,
                              bool scoped, struct knowledge_event *ret_event,
                              struct reject *reterr_reject)
{
    static const char *const all[] = {NULL}, *const split[] = {"listings", "part", NULL};
    const struct event_kind *kind = NULL;
    struct knowledge_event event = {0};
    struct json_value root;
    struct reading reading = {.decoder = decoder,
                              .members = decoder->members,
                              .inside = "",
                              .scoped = scoped,
                              .event = &event,
                              .reject = reterr_reject};
    enum reject_code code = decode(decoder, bytes, len, &reading, &root, &kind);
    if (code != REJECT_NONE)
        return code;
    const char *const *skip = kind != NULL && reads_listings(kind) ? split : all;
    if (!event_body_digest(decoder->body, &root, skip, event.rest))
        return reject_set(reterr_reject, REJECT_BAD_VALUE,
                          "line: more than %u values are open at once", EVENT_VALUES_MAX);
    *ret_event = event;
    return REJECT_NONE;
}

struct event_decoder *event_close(struct event_decoder *decoder)
{
    if (decoder == NULL)
        return NULL;
    decoder->parser = json_close(decoder->parser);
    decoder->body = event_body_close(decoder->body);
    free(decoder);
    return NULL;
}
