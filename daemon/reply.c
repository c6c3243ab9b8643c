/*
 * Acks, nacks and answers held back until they are true. Knows positions and bytes, no socket.
 *
 * Invariants: (1) nothing is handed out before its position is durable; (2) a nack or an
 * answer goes out before the ack that covers its line; (3) acks only grow; (4) memory is bounded:
 * one ack is waited for and one remembered, however many lines come in between; (5) the matches
 * that an ack counts are those of its own lines, and their records end at its position, so that
 * none is counted before it is durable.
 */
#include "daemon/reply.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/text.h"

#define ACK_BYTES_MAX 64u /* {"ack":N,"matches":M}, both of 20 digits, has 60 */

struct held {
    uint64_t position;
    uint32_t room, len; /* len 0: an event whose answer is not there yet */
};

static int make_room(struct reply *reply)
{
    if (reply->send != NULL)
        return 0;
    char *block = malloc(REPLY_PENDING_BYTES + REPLY_SEND_BYTES);
    if (block == NULL)
        return -ENOMEM;
    reply->pending = block;
    reply->send = block + REPLY_PENDING_BYTES;
    return 0;
}

/* What may go out now, as far as it fits. */
static size_t take_held(struct reply *reply, uint64_t durable)
{
    size_t taken = 0;
    size_t sent = 0;
    while (taken < reply->pending_len) {
        struct held held;
        memcpy(&held, reply->pending + taken, sizeof held);
        if (held.position > durable || held.len == 0 ||
            sent + held.len > REPLY_SEND_BYTES - ACK_BYTES_MAX)
            break;
        memcpy(reply->send + sent, reply->pending + taken + sizeof held, held.len);
        sent += held.len;
        taken += sizeof held + held.room;
    }
    memmove(reply->pending, reply->pending + taken, reply->pending_len - taken);
    reply->pending_len -= taken;
    return sent;
}

static bool held_is_due(const struct reply *reply, uint64_t durable)
{
    if (reply->pending_len == 0)
        return false;
    struct held held;
    memcpy(&held, reply->pending, sizeof held);
    return held.position <= durable;
}

/* The farthest point that is durable; line 0 when there is none to acknowledge. */
static struct reply_point take_ack(struct reply *reply, uint64_t durable)
{
    struct reply_point point = {0};
    if (reply->latest.line != 0 && reply->latest.position <= durable) {
        point = reply->latest;
        reply->waiting.line = reply->latest.line = 0;
    } else if (reply->waiting.line != 0 && reply->waiting.position <= durable) {
        point = reply->waiting;
        reply->waiting = reply->latest;
    }
    return point;
}

static size_t put_ack(struct reply *reply, const struct reply_point *point, size_t at)
{
    struct text text = text_into(reply->send + at, REPLY_SEND_BYTES - at);
    text_literal(&text, "{\"ack\":");
    text_u64(&text, point->line);
    if (reply->counts_matches) {
        text_literal(&text, ",\"matches\":");
        text_u64(&text, point->matches);
    }
    text_literal(&text, "}\n");
    assert(!text.overflow);
    assert(text.len <= ACK_BYTES_MAX);
    return text.len;
}

static void hold(struct reply *reply, uint32_t room, uint32_t len, uint64_t position)
{
    struct held held = {.position = position, .room = room, .len = len};
    memcpy(reply->pending + reply->pending_len, &held, sizeof held);
    reply->pending_len += sizeof held + room;
}

static size_t put_answer(char *at, uint64_t line, uint64_t seq, const uint8_t *sha256)
{
    struct text text = text_into(at, REPLY_EVENT_BYTES_MAX);
    text_literal(&text, "{\"line\":");
    text_u64(&text, line);
    text_member_u64(&text, "seq", seq);
    if (sha256 != NULL)
        text_member_sha256(&text, "sha256", sha256);
    else
        text_member_bool(&text, "known", true);
    text_literal(&text, "}\n");
    assert(!text.overflow);
    return text.len;
}

int reply_nack(struct reply *reply, uint64_t line, const struct reject *reject, bool kept,
               uint64_t position)
{
    if (make_room(reply) < 0)
        return -ENOMEM;
    if (!reply_has_room(reply))
        return -ENOSPC;
    char *at = reply->pending + reply->pending_len + sizeof(struct held);
    struct text text = text_into(at, REPLY_NACK_BYTES_MAX);
    text_literal(&text, "{\"nack\":");
    text_u64(&text, line);
    text_literal(&text, ",\"err\":\"");
    text_literal(&text, reject_code_name(reject->code));
    text_literal(&text, "\",\"detail\":");
    text_string(&text, reject->detail, strnlen(reject->detail, sizeof reject->detail));
    text_literal(&text, kept ? "}\n" : ",\"kept\":false}\n");
    assert(!text.overflow);
    hold(reply, (uint32_t)text.len, (uint32_t)text.len, position);
    return 0;
}

int reply_event(struct reply *reply, uint64_t line, uint64_t position)
{
    if (make_room(reply) < 0)
        return -ENOMEM;
    if (!reply_has_room(reply))
        return -ENOSPC;
    char *at = reply->pending + reply->pending_len + sizeof(struct held);
    memcpy(at, &line, sizeof line); /* until the answer stands there */
    hold(reply, REPLY_EVENT_BYTES_MAX, 0, position);
    return 0;
}

void reply_answer(struct reply *reply, uint64_t line, uint64_t seq, const uint8_t *sha256)
{
    struct held held;
    for (size_t at = 0; at < reply->pending_len; at += sizeof held + held.room) {
        memcpy(&held, reply->pending + at, sizeof held);
        if (held.len != 0)
            continue;
        uint64_t first;
        memcpy(&first, reply->pending + at + sizeof held, sizeof first);
        if (first != line)
            return;
        held.len = (uint32_t)put_answer(reply->pending + at + sizeof held, line, seq, sha256);
        memcpy(reply->pending + at, &held, sizeof held);
        return;
    }
}

int reply_ack(struct reply *reply, const struct reply_point *point)
{
    assert(point->line >= reply->latest.line);
    assert(point->line > 0);
    assert(point->matches <= point->line);
    if (make_room(reply) < 0)
        return -ENOMEM;
    reply->latest = *point;
    if (reply->waiting.line == 0)
        reply->waiting = reply->latest;
    return 0;
}

bool reply_has_room(const struct reply *reply)
{
    static_assert(REPLY_NACK_BYTES_MAX + ACK_BYTES_MAX <= REPLY_SEND_BYTES, "a nack must fit");
    return reply->pending_len + sizeof(struct held) + REPLY_NACK_BYTES_MAX <= REPLY_PENDING_BYTES;
}

bool reply_waits(const struct reply *reply)
{
    return reply->pending_len > 0 || reply->waiting.line != 0;
}

size_t reply_take(struct reply *reply, uint64_t durable, const char **ret_bytes)
{
    if (!reply_waits(reply))
        return 0;
    size_t sent = take_held(reply, durable);
    if (!held_is_due(reply, durable)) {
        struct reply_point point = take_ack(reply, durable);
        if (point.line != 0) {
            sent += put_ack(reply, &point, sent);
            reply->acked = point.line;
        }
    }
    *ret_bytes = reply->send;
    return sent;
}

void reply_close(struct reply *reply)
{
    free(reply->pending);
    *reply = (struct reply){0};
}
