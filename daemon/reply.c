/*
 * Acks and nacks held back until they are true. Knows positions and bytes, no socket.
 *
 * Invariants: (1) nothing is handed out before its position is durable; (2) a nack goes out before
 * the ack that covers its line; (3) acks only grow; (4) memory is bounded: one ack is waited for
 * and one remembered, however many lines come in between.
 */
#include "daemon/reply.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/text.h"

#define ACK_BYTES_MAX 32u

struct held {
    uint64_t position;
    uint32_t len;
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

/* The nacks that may go out now, as far as they fit. */
static size_t take_nacks(struct reply *reply, uint64_t durable)
{
    size_t taken = 0;
    size_t sent = 0;
    while (taken < reply->pending_len) {
        struct held held;
        memcpy(&held, reply->pending + taken, sizeof held);
        if (held.position > durable || sent + held.len > REPLY_SEND_BYTES - ACK_BYTES_MAX)
            break;
        memcpy(reply->send + sent, reply->pending + taken + sizeof held, held.len);
        sent += held.len;
        taken += sizeof held + held.len;
    }
    memmove(reply->pending, reply->pending + taken, reply->pending_len - taken);
    reply->pending_len -= taken;
    return sent;
}

static bool nack_is_due(const struct reply *reply, uint64_t durable)
{
    if (reply->pending_len == 0)
        return false;
    struct held held;
    memcpy(&held, reply->pending, sizeof held);
    return held.position <= durable;
}

/* The greatest line whose records are durable; 0 when there is none to acknowledge. */
static uint64_t take_ack(struct reply *reply, uint64_t durable)
{
    uint64_t line = 0;
    if (reply->latest.line != 0 && reply->latest.position <= durable) {
        line = reply->latest.line;
        reply->waiting.line = reply->latest.line = 0;
    } else if (reply->waiting.line != 0 && reply->waiting.position <= durable) {
        line = reply->waiting.line;
        reply->waiting = reply->latest;
    }
    return line;
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
    struct held held = {.position = position, .len = (uint32_t)text.len};
    memcpy(reply->pending + reply->pending_len, &held, sizeof held);
    reply->pending_len += sizeof held + text.len;
    return 0;
}

int reply_ack(struct reply *reply, uint64_t line, uint64_t position)
{
    assert(line >= reply->latest.line);
    assert(line > 0);
    if (make_room(reply) < 0)
        return -ENOMEM;
    reply->latest.line = line;
    reply->latest.position = position;
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
    size_t sent = take_nacks(reply, durable);
    if (!nack_is_due(reply, durable)) {
        uint64_t line = take_ack(reply, durable);
        if (line != 0) {
            struct text text = text_into(reply->send + sent, REPLY_SEND_BYTES - sent);
            text_literal(&text, "{\"ack\":");
            text_u64(&text, line);
            text_literal(&text, "}\n");
            assert(!text.overflow);
            sent += text.len;
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
