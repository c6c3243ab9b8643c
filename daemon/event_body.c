/*
 * The canonical form, written depth first with a stack of its own.
 *
 *     object  '{' count, then key and value of each member, by key
 *     array   '[' count, then each element
 *     string  's' length, then its bytes       integer  'i' and 8 bytes
 *     number  'd' and 8 bytes of the double    others   't', 'f', 'n'
 *
 * Counts, lengths and integers are little-endian, of 4, 4 and 8 bytes. It is hashed, never stored.
 */
#include "daemon/event_body.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/event.h"
#include "daemon/ledger/little_endian.h"

/* A value in JSON has at least two bytes with what parts it from the next, and ten here; what a
   string holds is no longer here than there. */
#define FORM_BYTES_MAX (6u * JSON_BYTES_MAX)

/* An object or array whose values are being written. */
struct frame {
    bool object;
    size_t begin, end, next; /* of body->members or body->elements */
};

struct event_body {
    size_t len, members_count, elements_count, depth;
    struct frame frames[JSON_DEPTH_MAX + 2];
    struct json_member members[EVENT_VALUES_MAX];
    struct json_value elements[EVENT_VALUES_MAX];
    uint8_t form[FORM_BYTES_MAX];
};

static int compare_members(const void *left, const void *right)
{
    const struct json_member *a = left, *b = right;
    size_t shorter = a->key_len < b->key_len ? a->key_len : b->key_len;
    int order = memcmp(a->key, b->key, shorter);
    return order != 0 ? order : (a->key_len > b->key_len) - (a->key_len < b->key_len);
}

static void put(struct event_body *body, char tag, const void *bytes, size_t len)
{
    assert(len < FORM_BYTES_MAX - body->len);
    body->form[body->len++] = (uint8_t)tag;
    if (len > 0)
        memcpy(body->form + body->len, bytes, len);
    body->len += len;
}

static void put_count(struct event_body *body, char tag, size_t count)
{
    uint8_t bytes[8];
    little_endian_put_u64(bytes, count);
    put(body, tag, bytes, 4); /* no text is longer than JSON_BYTES_MAX */
}

static void put_string(struct event_body *body, const char *text, size_t len)
{
    put_count(body, 's', len);
    assert(len <= FORM_BYTES_MAX - body->len);
    memcpy(body->form + body->len, text, len);
    body->len += len;
}

static bool is_skipped(const struct json_member *member, const char *const *skip)
{
    for (; *skip != NULL; skip++)
        if (member->key_len == strlen(*skip) && memcmp(member->key, *skip, member->key_len) == 0)
            return true;
    return false;
}

/* Opens an object, without the members in skip. */
static bool open_object(struct event_body *body, const struct json_value *value,
                        const char *const *skip)
{
    struct json_member *members = body->members + body->members_count;
    size_t room = EVENT_VALUES_MAX - body->members_count;
    size_t count = json_members(value, members, room), kept = 0;
    if (count > room)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!is_skipped(&members[i], skip))
            members[kept++] = members[i];
    if (kept > 1)
        qsort(members, kept, sizeof *members, compare_members);
    put_count(body, '{', kept);
    body->frames[body->depth++] =
        (struct frame){true, body->members_count, body->members_count + kept, body->members_count};
    body->members_count += kept;
    return true;
}

static bool open_array(struct event_body *body, const struct json_value *value)
{
    size_t room = EVENT_VALUES_MAX - body->elements_count;
    size_t count = json_elements(value, body->elements + body->elements_count, room);
    if (count > room)
        return false;
    put_count(body, '[', count);
    body->frames[body->depth++] = (struct frame){
        false, body->elements_count, body->elements_count + count, body->elements_count};
    body->elements_count += count;
    return true;
}

static bool put_value(struct event_body *body, const struct json_value *value)
{
    static const char *const none[] = {NULL};
    uint8_t bytes[8];
    uint64_t bits;
    switch (value->type) {
    case JSON_NULL:
        put(body, 'n', NULL, 0);
        return true;
    case JSON_BOOL:
        put(body, value->boolean ? 't' : 'f', NULL, 0);
        return true;
    case JSON_INTEGER:
        little_endian_put_u64(bytes, (uint64_t)value->integer);
        put(body, 'i', bytes, sizeof bytes);
        return true;
    case JSON_NUMBER:
        memcpy(&bits, &value->number, sizeof bits);
        little_endian_put_u64(bytes, bits);
        put(body, 'd', bytes, sizeof bytes);
        return true;
    case JSON_STRING:
        put_string(body, value->text, value->len);
        return true;
    case JSON_ARRAY:
        return open_array(body, value);
    case JSON_OBJECT:
        return open_object(body, value, none);
    }
    assert(false);
    return false;
}

struct event_body *event_body_open(void)
{
    return malloc(sizeof(struct event_body)); /* written before it is read */
}

size_t event_body_bytes(void)
{
    return sizeof(struct event_body);
}

bool event_body_digest(struct event_body *body, const struct json_value *object,
                       const char *const *skip, uint8_t ret_digest[DIGEST_BYTES])
{
    body->len = body->members_count = body->elements_count = body->depth = 0;
    bool fits = open_object(body, object, skip);
    while (fits && body->depth > 0) {
        struct frame *frame = &body->frames[body->depth - 1];
        if (frame->next == frame->end) {
            size_t *count = frame->object ? &body->members_count : &body->elements_count;
            *count = frame->begin;
            body->depth--;
            continue;
        }
        size_t next = frame->next++;
        assert(body->depth < sizeof body->frames / sizeof *body->frames);
        if (frame->object)
            put_string(body, body->members[next].key, body->members[next].key_len);
        fits = put_value(body, frame->object ? &body->members[next].value : &body->elements[next]);
    }
    if (fits)
        digest_sha256(body->form, body->len, ret_digest);
    return fits;
}

struct event_body *event_body_close(struct event_body *body)
{
    free(body);
    return NULL;
}
