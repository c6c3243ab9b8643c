/*
 * Events at intake. Knows kinds, their table and the default uncertainty; knows no connection.
 */
#include "daemon/event_intake.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/event.h"
#include "daemon/event_kinds.h"
#include "daemon/ledger/text.h"
#include "daemon/listing.h"
#include "daemon/writer.h"

/* Knowledge-domain 2.2. What counsel, courts and operators date is dated like e-mail. */
#define UNC_MS_SYNCED    50u
#define UNC_MS_UNSYNCED  5000u
#define UNC_MS_DASHBOARD 30000u
#define UNC_MS_LETTER    60000u

#define SHOWN_BYTES 64u /* of a type that is not known */

static_assert(RECORD_KINDS_COUNT <= 64, "a set of kinds has 64 bits");
static_assert(LISTING_MEMBERS_MAX <= EVENT_MEMBERS_MAX, "what the listing's decoder lets through");

struct event_intake {
    struct event_decoder *decoder;
    struct event_text *text;
    struct event_plan plan;
};

event_kinds_set event_kinds_all(void)
{
    event_kinds_set set = 0;
    for (unsigned kind = 0; kind < RECORD_KINDS_COUNT; kind++) {
        const char *name = record_kind_name((enum record_kind)kind);
        if (event_kind_find(name, strlen(name)) != NULL)
            set |= UINT64_C(1) << kind;
    }
    return set;
}

event_kinds_set event_kinds_named(const char *word, size_t len)
{
    event_kinds_set set = 0, all = event_kinds_all();
    bool family = len > 2 && memcmp(word + len - 2, ".*", 2) == 0;
    if (len == 3 && memcmp(word, "all", 3) == 0)
        return all;
    for (unsigned kind = 0; kind < RECORD_KINDS_COUNT; kind++) {
        const char *name = record_kind_name((enum record_kind)kind);
        size_t name_len = strlen(name);
        bool is = family ? name_len > len - 1 && memcmp(name, word, len - 1) == 0
                         : name_len == len && memcmp(name, word, len) == 0;
        set |= is ? UINT64_C(1) << kind & all : 0;
    }
    return set;
}

struct event_intake *event_intake_open(void)
{
    struct event_intake *intake = calloc(1, sizeof *intake);
    if (intake == NULL)
        return NULL;
    intake->decoder = event_open();
    intake->text = event_text_open();
    return intake->decoder == NULL || intake->text == NULL ? event_intake_close(intake) : intake;
}

size_t event_intake_bytes(void)
{
    return sizeof(struct event_intake) + event_bytes() + sizeof(struct event_text);
}

static bool says(const struct event_text *text, const char *key, const char *value)
{
    const struct event_member *member = event_text_find(text, key);
    size_t len = strlen(value);
    return member != NULL && member->end - member->value == len + 2 &&
           memcmp(text->bytes + member->value + 1, value, len) == 0;
}

/* What an `at` without unc_ms is to be taken for: by who says it (domain, 2.2). The record's own t,
   and crawlers, have the clock's. */
static uint32_t default_unc_ms(const struct event_text *text, enum record_kind kind, bool synced)
{
    bool clock = event_text_find(text, "at") == NULL || says(text, "src", "crawler") ||
                 says(text, "src", "matcher") ||
                 (event_text_find(text, "src") == NULL &&
                  (kind == RECORD_SIGHTING || kind == RECORD_COVERAGE));
    if (clock)
        return synced ? UNC_MS_SYNCED : UNC_MS_UNSYNCED;
    return says(text, "src", "platform") ? UNC_MS_DASHBOARD : UNC_MS_LETTER;
}

static void set_origin(const struct event_request *request, struct event_origin *ret_origin)
{
    *ret_origin = (struct event_origin){.source = request->source,
                                        .source_len = request->source_len,
                                        .connection = request->connection,
                                        .line = request->line,
                                        .peer = request->peer};
    if (request->sha256 != NULL)
        memcpy(ret_origin->sha256, request->sha256, DIGEST_BYTES);
    else
        digest_sha256(request->bytes, request->len, ret_origin->sha256);
}

/* The kind by the line's type, and whether this sender may write it. */
static int judge_kind(const struct event_text *text, const struct event_request *request,
                      struct event_outcome *outcome)
{
    const struct event_member *type = event_text_find(text, "type");
    if (type == NULL || text->bytes[type->value] != '"')
        return -EBADMSG; /* it is there twice, which the decoder has told */
    size_t len = type->end - type->value - 2;
    const char *name = text->bytes + type->value + 1;
    outcome->kind = record_kind_find(name, len);
    if (outcome->kind == RECORD_KINDS_COUNT) {
        (void)reject_set(&outcome->reject, REJECT_BAD_VALUE, "type: %.*s is not known",
                         (int)(len < SHOWN_BYTES ? len : SHOWN_BYTES), name);
        return -EBADMSG;
    }
    if ((request->kinds >> outcome->kind & 1) != 0)
        return 0;
    outcome->refused = true;
    (void)reject_set(&outcome->reject, REJECT_NOT_ALLOWED, "type: %s may not be written here%s",
                     record_kind_name(outcome->kind),
                     event_kind_find(name, len) == NULL ? ": only noticed itself writes it"
                                                        : " by this sender");
    return -EBADMSG;
}

/* What is decided once the event is right: what is put in, and how it is divided. */
static int plan(struct event_intake *intake, const struct event_request *request,
                struct event_origin *origin, struct event_outcome *outcome)
{
    const char *name = record_kind_name(outcome->kind);
    const struct event_text *text = intake->text;
    const struct event_kind *kind = event_kind_find(name, strlen(name));
    assert(kind != NULL);
    if (event_text_find(text, "part") != NULL) {
        (void)reject_set(&outcome->reject, REJECT_NOT_ALLOWED,
                         "part: send the whole event, noticed divides it");
        return -EBADMSG;
    }
    origin->may_part = kind->parts;
    origin->add_at = event_text_find(text, "at") == NULL;
    origin->add_unc_ms = event_text_find(text, "unc_ms") == NULL;
    origin->unc_ms = default_unc_ms(text, outcome->kind, request->synced);
    enum reject_code code = event_record_plan(text, origin, &intake->plan, &outcome->reject);
    return code == REJECT_NONE ? 0 : -EBADMSG;
}

/* One entry: its head, source, id, then each record's head and body. */
static int put(struct event_intake *intake, struct queue *queue,
               const struct event_request *request, const struct event_origin *origin,
               const struct knowledge_event *event, enum record_kind kind)
{
    const struct event_plan *plan = &intake->plan;
    size_t at = sizeof(struct writer_event) + origin->source_len + event->id.len;
    size_t room = at + plan->count * sizeof(struct writer_record) + plan->bytes;
    static_assert(sizeof(struct writer_event) + EVENT_SOURCE_BYTES_MAX + EVENT_ID_BYTES_MAX +
                          EVENT_PARTS_MAX * (sizeof(struct writer_record) + RECORD_HEAD_BYTES_MAX) +
                          EVENT_BODIES_BYTES_MAX + 64 <=
                      QUEUE_ENTRY_BYTES_MAX,
                  "an event must fit an entry, and a batch");
    char *entry = queue_reserve(queue, room);
    if (entry == NULL)
        return -EAGAIN;
    struct writer_event head = {.ticket = request->ticket,
                                .records_count = (uint32_t)plan->count,
                                .source_len = (uint32_t)origin->source_len,
                                .id_len = (uint32_t)event->id.len,
                                .if_watched = request->if_watched != NULL};
    if (request->if_watched != NULL)
        head.about = *request->if_watched;
    memcpy(head.sha256, origin->sha256, sizeof head.sha256);
    memcpy(entry, &head, sizeof head);
    memcpy(entry + sizeof head, origin->source, origin->source_len);
    memcpy(entry + sizeof head + origin->source_len, event->id.at, event->id.len);
    for (size_t i = 0; i < plan->count; i++) {
        struct record_draft draft;
        char *body = entry + at + sizeof(struct writer_record);
        event_record_encode(intake->text, origin, plan, i, body, &draft);
        struct writer_record record = {.kind = (uint16_t)kind,
                                       .holes_count = (uint16_t)draft.holes_count,
                                       .body_len = (uint32_t)draft.len};
        memcpy(record.holes, draft.holes, sizeof record.holes);
        memcpy(entry + at, &record, sizeof record);
        at += sizeof record + draft.len;
    }
    queue_put(queue, WRITER_ENTRY_EVENT, at);
    return 0;
}

int event_intake_line(struct event_intake *intake, struct queue *queue,
                      const struct event_request *request, struct event_outcome *ret_outcome)
{
    struct knowledge_event event;
    struct event_outcome outcome = {.kind = RECORD_KINDS_COUNT};
    struct event_origin origin;
    enum reject_code code =
        event_decode(intake->decoder, request->bytes, request->len, true, &event, &outcome.reject);
    int result = 0;
    /* The line is a JSON object with a type: the listing's decoder has seen that. */
    if (!event_text_take(intake->text, request->bytes, request->len)) {
        (void)reject_set(&outcome.reject, REJECT_TOO_LONG, "line: in ASCII it is too long");
        result = -EBADMSG;
    }
    if (result == 0) {
        struct reject fault = outcome.reject;
        result = judge_kind(intake->text, request, &outcome);
        if (result == 0 && code != REJECT_NONE) {
            outcome.reject = fault;
            result = -EBADMSG;
        }
        assert(result == 0 || outcome.reject.code != REJECT_NONE);
    }
    if (result == 0) {
        set_origin(request, &origin);
        result = plan(intake, request, &origin, &outcome);
    }
    if (result == 0)
        result = put(intake, queue, request, &origin, &event, outcome.kind);
    *ret_outcome = outcome;
    return result;
}

int event_intake_refused(struct queue *queue, const struct event_request *request,
                         enum record_kind kind)
{
    struct event_origin origin;
    char *entry = queue_reserve(queue, sizeof(struct writer_record) + EVENT_ORIGIN_BYTES_MAX);
    if (entry == NULL)
        return -EAGAIN;
    struct text text = text_into(entry + sizeof(struct writer_record), EVENT_ORIGIN_BYTES_MAX);
    set_origin(request, &origin);
    event_record_origin(&text, &origin);
    text_member_string(&text, "refused", record_kind_name(kind));
    text_literal(&text, "}");
    assert(!text.overflow);
    struct writer_record head = {.kind = RECORD_REFUSED, .body_len = (uint32_t)text.len};
    memcpy(entry, &head, sizeof head);
    queue_put(queue, WRITER_ENTRY_RECORD, sizeof head + text.len);
    return 0;
}

struct event_intake *event_intake_close(struct event_intake *intake)
{
    if (intake == NULL)
        return NULL;
    intake->decoder = event_close(intake->decoder);
    intake->text = event_text_close(intake->text);
    free(intake);
    return NULL;
}
