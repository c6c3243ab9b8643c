/*
 * Bodies of events. Knows the members' order; knows no queue and no rule.
 *
 * A part has all members of the event but that `listings` holds its slice, and "part":[i,n] at the
 * end (DESIGN 9.14).
 */
#include "daemon/event_record.h"

#include <assert.h>
#include <string.h>

#include "daemon/ledger/text.h"

#define HOLE_BYTES   64u /* what a hole may take */
#define BODY_BYTES   (RECORD_BODY_BYTES_MAX - HOLE_BYTES)
#define PART_LITERAL ",\"part\":[4096,4096]"
#define ADDED_BYTES  64u /* ,"at":"",  and ,"unc_ms":4294967295 */

void event_record_origin(struct text *text, const struct event_origin *origin)
{
    text_key(text, "source");
    text_string(text, origin->source, origin->source_len);
    text_member_u64(text, "conn", origin->connection);
    text_member_u64(text, "line", origin->line);
    text_member_sha256(text, "sha256", origin->sha256);
    if (!origin->peer.known)
        return;
    text_member_u64(text, "uid", origin->peer.uid);
    text_member_u64(text, "gid", origin->peer.gid);
}

static bool is_kept(const struct event_text *text, const struct event_member *member,
                    const struct event_origin *origin)
{
    return !(origin->add_at && event_text_is(text, member, "at")) &&
           !(origin->add_unc_ms && event_text_is(text, member, "unc_ms"));
}

/* Bytes of the members that go into every part; `listings` is not one when it is cut. */
static size_t kept_bytes(const struct event_text *text, const struct event_origin *origin,
                         const struct event_member *cut)
{
    size_t bytes = 0;
    for (size_t i = 0; i < text->count; i++)
        if (&text->members[i] != cut && is_kept(text, &text->members[i], origin))
            bytes += text->members[i].end - text->members[i].begin + 1;
    return bytes;
}

/* The end of the string that begins at an offset, its quotes included. */
static size_t element_end(const struct event_text *text, size_t at)
{
    assert(text->bytes[at] == '"');
    for (at++; text->bytes[at] != '"'; at++)
        at += text->bytes[at] == '\\' ? 1 : 0;
    return at + 1;
}

static enum reject_code too_long(struct reject *reterr_reject, const char *why)
{
    return reject_set(reterr_reject, REJECT_TOO_LONG, "line: %s", why);
}

/* Cuts the list so that each slice has at most `room` bytes. */
static enum reject_code cut(const struct event_text *text, const struct event_member *list,
                            size_t room, struct event_plan *plan, struct reject *reterr_reject)
{
    size_t at = list->value + 1, end = list->end - 1;
    plan->end = end;
    for (plan->count = 0; at < end; plan->count++) {
        if (plan->count == EVENT_PARTS_MAX)
            return too_long(reterr_reject, "an event takes at most 128 records");
        size_t from = at;
        plan->from[plan->count] = from;
        while (at < end) {
            size_t after = element_end(text, at);
            if (after - from > room && at == from)
                return too_long(reterr_reject, "beside its list the event leaves no room");
            if (after - from > room)
                break;
            at = after + 1; /* the comma, or the bracket */
        }
    }
    if (plan->count == 0)
        return too_long(reterr_reject, "beside its list the event leaves no room");
    return REJECT_NONE;
}

static void make_prefix(const struct event_origin *origin, struct event_plan *plan)
{
    struct text text = text_into(plan->prefix, sizeof plan->prefix);
    event_record_origin(&text, origin);
    if (origin->add_at || origin->add_unc_ms) {
        text_literal(&text, ",\"added\":[");
        text_literal(&text, origin->add_at ? "\"at\"" : "");
        text_literal(&text, origin->add_at && origin->add_unc_ms ? "," : "");
        text_literal(&text, origin->add_unc_ms ? "\"unc_ms\"" : "");
        text_literal(&text, "]");
    }
    text_literal(&text, ",\"event\":{");
    assert(!text.overflow);
    plan->prefix_len = text.len;
}

enum reject_code event_record_plan(const struct event_text *text, const struct event_origin *origin,
                                   struct event_plan *ret_plan, struct reject *reterr_reject)
{
    static_assert(6 * EVENT_SOURCE_BYTES_MAX + 512 < EVENT_ORIGIN_BYTES_MAX, "a prefix must fit");
    assert(origin->source_len <= EVENT_SOURCE_BYTES_MAX);
    make_prefix(origin, ret_plan);
    size_t fixed = ret_plan->prefix_len + ADDED_BYTES + 2;
    size_t whole = fixed + kept_bytes(text, origin, NULL);
    if (whole <= BODY_BYTES) {
        ret_plan->count = 1;
        ret_plan->bytes = whole;
        return REJECT_NONE;
    }
    const struct event_member *list = event_text_find(text, "listings");
    if (!origin->may_part || list == NULL)
        return too_long(reterr_reject, "the event does not fit into a record of 16384 bytes");
    fixed += kept_bytes(text, origin, list) + sizeof ",\"listings\":[]" + sizeof PART_LITERAL;
    if (fixed >= BODY_BYTES)
        return too_long(reterr_reject, "beside its list the event leaves no room");
    enum reject_code code = cut(text, list, BODY_BYTES - fixed, ret_plan, reterr_reject);
    if (code != REJECT_NONE)
        return code;
    ret_plan->bytes = ret_plan->count * fixed + (list->end - list->value);
    if (ret_plan->bytes > EVENT_BODIES_BYTES_MAX)
        return too_long(reterr_reject, "its records have more than 917504 bytes together");
    return REJECT_NONE;
}

static void put_slice(struct text *out, const struct event_text *text,
                      const struct event_member *list, const struct event_plan *plan, size_t index)
{
    size_t from = plan->from[index];
    size_t to = index + 1 < plan->count ? plan->from[index + 1] - 1 : plan->end;
    text_raw(out, text->bytes + list->begin, list->value - list->begin);
    text_literal(out, "[");
    text_raw(out, text->bytes + from, to - from);
    text_literal(out, "]");
}

/* A comma between members, which the first has not. */
static void separate(struct text *out, const struct event_plan *plan)
{
    if (out->len > plan->prefix_len)
        text_literal(out, ",");
}

void event_record_encode(const struct event_text *text, const struct event_origin *origin,
                         const struct event_plan *plan, size_t index, char *out,
                         struct record_draft *ret_draft)
{
    const struct event_member *list = plan->count > 1 ? event_text_find(text, "listings") : NULL;
    struct text body = text_into(out, RECORD_BODY_BYTES_MAX);
    assert(index < plan->count);
    *ret_draft = (struct record_draft){.body = out};
    text_raw(&body, plan->prefix, plan->prefix_len);
    for (size_t i = 0; i < text->count; i++) {
        const struct event_member *member = &text->members[i];
        if (!is_kept(text, member, origin))
            continue;
        separate(&body, plan);
        if (member == list)
            put_slice(&body, text, list, plan, index);
        else
            text_raw(&body, text->bytes + member->begin, member->end - member->begin);
    }
    if (origin->add_at) {
        text_literal(&body, ",\"at\":\""); /* never the first: an event has an id */
        ret_draft->holes[ret_draft->holes_count++] =
            (struct record_hole){.at = (uint16_t)body.len, .kind = RECORD_HOLE_TIME};
        text_literal(&body, "\"");
    }
    if (origin->add_unc_ms)
        text_member_u64(&body, "unc_ms", origin->unc_ms);
    if (list != NULL) {
        text_literal(&body, ",\"part\":[");
        text_u64(&body, index + 1);
        text_literal(&body, ",");
        text_u64(&body, plan->count);
        text_literal(&body, "]");
    }
    text_literal(&body, "}}");
    assert(!body.overflow);
    assert(body.len <= BODY_BYTES);
    ret_draft->len = body.len;
}
