/*
 * What the daemon says on a connection, taken apart. Knows the wire's three replies, no socket.
 */
#include "daemon/ctl/replies.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/json.h"

#define MEMBERS_MAX 8u

struct replies {
    struct json_parser *parser;
    size_t begin, end;
    char buffer[REPLIES_BUFFER_BYTES + JSON_SLACK_BYTES];
};

static void keep(char out[REPLIES_TEXT_BYTES], const char *bytes, size_t len)
{
    size_t kept = len < REPLIES_TEXT_BYTES ? len : REPLIES_TEXT_BYTES - 1;
    for (size_t i = 0; i < kept; i++)
        out[i] = (char)(bytes[i] == '\0' ? '?' : bytes[i]);
    out[kept] = '\0';
}

static bool is_key(const struct json_member *member, const char *key)
{
    return member->key_len == strlen(key) && memcmp(member->key, key, member->key_len) == 0;
}

static bool take_number(const struct json_member *member, uint64_t *ret_number)
{
    if (member->value.type != JSON_INTEGER || member->value.integer < 0)
        return false;
    *ret_number = (uint64_t)member->value.integer;
    return true;
}

static bool take_line(const struct json_member *member, struct reply_line *reply,
                      enum reply_kind kind)
{
    reply->kind = kind;
    return take_number(member, &reply->line);
}

static bool understand(struct replies *replies, const char *at, size_t len,
                       struct reply_line *reply)
{
    struct json_value root;
    bool surrogate = false;
    if (json_parse(replies->parser, at, len, &root, &surrogate) != JSON_OK)
        return false;
    if (root.type != JSON_OBJECT)
        return false;
    struct json_member members[MEMBERS_MAX];
    size_t count = json_members(&root, members, MEMBERS_MAX);
    if (count > MEMBERS_MAX)
        return false;
    bool known = false, line = false, seq = false;
    for (size_t i = 0; i < count; i++) {
        const struct json_value *value = &members[i].value;
        if (is_key(&members[i], "ack"))
            known = take_line(&members[i], reply, REPLY_ACK);
        else if (is_key(&members[i], "nack"))
            known = take_line(&members[i], reply, REPLY_NACK);
        else if (is_key(&members[i], "line"))
            line = take_line(&members[i], reply, REPLY_EVENT);
        else if (is_key(&members[i], "seq"))
            seq = take_number(&members[i], &reply->seq);
        else if (is_key(&members[i], "known"))
            reply->known = value->type == JSON_BOOL && value->boolean;
        else if (is_key(&members[i], "sha256") && value->type == JSON_STRING)
            keep(reply->sha256, value->text, value->len);
        else if (is_key(&members[i], "matches"))
            reply->counted = take_number(&members[i], &reply->matches);
        else if (is_key(&members[i], "kept"))
            reply->lost = value->type == JSON_BOOL && !value->boolean;
        else if (is_key(&members[i], "err") && value->type == JSON_STRING)
            keep(reply->err, value->text, value->len);
        else if (is_key(&members[i], "detail") && value->type == JSON_STRING)
            keep(reply->detail, value->text, value->len);
    }
    return known || (line && seq);
}

struct replies *replies_open(void)
{
    struct replies *replies = calloc(1, sizeof *replies);
    if (replies == NULL)
        return NULL;
    replies->parser = json_open();
    return replies->parser == NULL ? replies_close(replies) : replies;
}

char *replies_room(struct replies *replies, size_t *ret_room)
{
    if (replies->begin > 0) {
        memmove(replies->buffer, replies->buffer + replies->begin, replies->end - replies->begin);
        replies->end -= replies->begin;
        replies->begin = 0;
    }
    *ret_room = REPLIES_BUFFER_BYTES - replies->end;
    return replies->buffer + replies->end;
}

void replies_filled(struct replies *replies, size_t len)
{
    assert(len <= REPLIES_BUFFER_BYTES - replies->end);
    replies->end += len;
}

int replies_next(struct replies *replies, struct reply_line *ret_line)
{
    const char *at = replies->buffer + replies->begin;
    size_t there = replies->end - replies->begin;
    const char *newline = memchr(at, '\n', there);
    size_t len = newline == NULL ? there : (size_t)(newline - at);
    if (len > REPLIES_LINE_BYTES_MAX)
        return -EPROTO;
    if (newline == NULL)
        return 0;
    replies->begin += len + 1;
    *ret_line = (struct reply_line){.kind = REPLY_UNKNOWN};
    if (understand(replies, at, len, ret_line))
        return 1;
    *ret_line = (struct reply_line){.kind = REPLY_UNKNOWN};
    keep(ret_line->err, at, len);
    return 1;
}

struct replies *replies_close(struct replies *replies)
{
    if (replies != NULL)
        replies->parser = json_close(replies->parser);
    free(replies);
    return NULL;
}
