/*
 * The members of a hello, in one table. Knows JSON; knows no connection.
 */
#include "daemon/hello.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define NAME_BYTES_SHOWN 48u /* of a member that is not known, or a value */

enum member {
    MEMBER_NOTICED = 0,
    MEMBER_SOURCE,
    MEMBER_ACK,
    MEMBER_MATCHES,
    MEMBER_MAP,
    MEMBER_SESSION,
    MEMBER_FIRST,
    MEMBERS_COUNT,
};

static const char *const names[MEMBERS_COUNT] = {
    [MEMBER_NOTICED] = "noticed", [MEMBER_SOURCE] = "source", [MEMBER_ACK] = "ack",
    [MEMBER_MATCHES] = "matches", [MEMBER_MAP] = "map",       [MEMBER_SESSION] = "session",
    [MEMBER_FIRST] = "first",
};

/* NULL: not there, or null. */
struct members {
    const struct json_value *values[MEMBERS_COUNT];
};

static int refuse(enum reject_code code)
{
    assert(code != REJECT_NONE); /* reject_set has filled in why */
    return -EINVAL;
}

static int shown(size_t len)
{
    return (int)(len < NAME_BYTES_SHOWN ? len : NAME_BYTES_SHOWN);
}

static unsigned find_name(const struct json_member *member)
{
    unsigned i = 0;

    while (i < MEMBERS_COUNT && (member->key_len != strlen(names[i]) ||
                                 memcmp(member->key, names[i], member->key_len) != 0))
        i++;
    return i;
}

static int sort_members(const struct json_member *given, size_t count, struct members *ret_members,
                        struct reject *reterr_reject)
{
    bool seen[MEMBERS_COUNT] = {false};
    struct members members = {.values = {NULL}};

    for (size_t i = 0; i < count; i++) {
        unsigned member = find_name(&given[i]);
        if (member == MEMBERS_COUNT)
            return refuse(reject_set(reterr_reject, REJECT_BAD_VALUE,
                                     "%.*s: not a member of a hello", shown(given[i].key_len),
                                     given[i].key));
        if (seen[member])
            return refuse(
                reject_set(reterr_reject, REJECT_DUP_KEY, "%s: is there twice", names[member]));
        seen[member] = true;
        if (given[i].value.type != JSON_NULL)
            members.values[member] = &given[i].value;
    }
    *ret_members = members;
    return 0;
}

static int check_type(const struct members *members, enum member member, enum json_type type,
                      const char *must, struct reject *reterr_reject)
{
    const struct json_value *value = members->values[member];

    if (value == NULL || value->type == type)
        return 0;
    return refuse(reject_set(reterr_reject, REJECT_BAD_TYPE, "%s: is %s, must be %s", names[member],
                             json_type_name(value->type), must));
}

/* source, session and map: names that stand in records, at most HELLO_SOURCE_BYTES_MAX long. */
static int check_name(const struct members *members, enum member member,
                      struct reject *reterr_reject)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "._:-";

    static_assert(HELLO_SESSION_BYTES_MAX == HELLO_SOURCE_BYTES_MAX &&
                      MAP_NAME_BYTES_MAX == HELLO_SOURCE_BYTES_MAX,
                  "one bound for all");
    int result = check_type(members, member, JSON_STRING, "a string", reterr_reject);
    const struct json_value *name = members->values[member];

    if (result < 0 || name == NULL)
        return result;
    if (name->len == 0 || name->len > HELLO_SOURCE_BYTES_MAX)
        return refuse(reject_set(reterr_reject, REJECT_BAD_VALUE,
                                 "%s: has %zu bytes, must have 1 to %u", names[member], name->len,
                                 HELLO_SOURCE_BYTES_MAX));
    for (size_t i = 0; i < name->len; i++)
        if (memchr(allowed, name->text[i], sizeof(allowed) - 1) == NULL)
            return refuse(reject_set(reterr_reject, REJECT_BAD_VALUE,
                                     "%s: %.*s: only A-Z a-z 0-9 . _ : - are allowed",
                                     names[member], shown(name->len), name->text));
    return 0;
}

static int check_first(const struct members *members, struct reject *reterr_reject)
{
    const struct json_value *first = members->values[MEMBER_FIRST];

    if (first == NULL)
        return 0;
    if (first->type != JSON_INTEGER)
        return refuse(reject_set(reterr_reject, REJECT_BAD_TYPE,
                                 "first: is %s, must be a whole number from 1 to %llu",
                                 json_type_name(first->type), (unsigned long long)HELLO_FIRST_MAX));
    if (first->integer < 1 || first->integer > (int64_t)HELLO_FIRST_MAX)
        return refuse(reject_set(reterr_reject, REJECT_BAD_VALUE,
                                 "first: must be a whole number from 1 to %llu",
                                 (unsigned long long)HELLO_FIRST_MAX));
    if (members->values[MEMBER_SESSION] == NULL)
        return refuse(reject_set(reterr_reject, REJECT_BAD_VALUE,
                                 "first: numbers the lines of a session: give \"session\" too"));
    return 0;
}

static bool is_true(const struct members *members, enum member member)
{
    return members->values[member] != NULL && members->values[member]->boolean;
}

static int check_answers(const struct members *members, struct reject *reterr_reject)
{
    int result = check_type(members, MEMBER_ACK, JSON_BOOL, "true or false", reterr_reject);
    if (result == 0)
        result = check_type(members, MEMBER_MATCHES, JSON_BOOL, "true or false", reterr_reject);
    if (result == 0 && is_true(members, MEMBER_MATCHES) && !is_true(members, MEMBER_ACK))
        return refuse(reject_set(reterr_reject, REJECT_BAD_VALUE,
                                 "matches: acks carry the count: ask for \"ack\":true as well"));
    return result;
}

/* A name that check_name has found good. Returns its length. */
static size_t copy_name(const struct members *members, enum member member, char *ret_name)
{
    const struct json_value *name = members->values[member];

    if (name == NULL)
        return 0;
    memcpy(ret_name, name->text, name->len);
    return name->len;
}

static void fill_in(const struct members *members, struct hello *ret_hello)
{
    const struct json_value *first = members->values[MEMBER_FIRST];
    struct hello hello = {.version = HELLO_VERSION,
                          .ack = is_true(members, MEMBER_ACK),
                          .matches = is_true(members, MEMBER_MATCHES),
                          .first = first == NULL ? 1 : (uint64_t)first->integer};

    hello.source_len = copy_name(members, MEMBER_SOURCE, hello.source);
    hello.session_len = copy_name(members, MEMBER_SESSION, hello.session);
    hello.map_len = copy_name(members, MEMBER_MAP, hello.map);
    *ret_hello = hello;
}

int hello_decode(struct json_parser *parser, const char *bytes, size_t len, struct hello *ret_hello,
                 struct reject *reterr_reject)
{
    struct json_member given[HELLO_MEMBERS_MAX];
    struct json_value root;
    struct members members;
    bool surrogate, is_hello = false;

    if (json_parse(parser, bytes, len, &root, &surrogate) != JSON_OK || root.type != JSON_OBJECT)
        return 0;
    size_t count = json_members(&root, given, HELLO_MEMBERS_MAX);
    if (count > HELLO_MEMBERS_MAX) /* a hello has seven at most */
        return 0;
    for (size_t i = 0; i < count; i++)
        is_hello = is_hello || find_name(&given[i]) == MEMBER_NOTICED;
    if (!is_hello)
        return 0;

    int result = sort_members(given, count, &members, reterr_reject);
    if (result < 0)
        return result;
    const struct json_value *version = members.values[MEMBER_NOTICED];
    if (version == NULL || version->type != JSON_INTEGER)
        return refuse(reject_set(reterr_reject, REJECT_BAD_TYPE, "noticed: must be a number"));
    if (version->integer != HELLO_VERSION)
        return refuse(reject_set(reterr_reject, REJECT_BAD_VALUE,
                                 "noticed: version %lld is not known, must be %d",
                                 (long long)version->integer, HELLO_VERSION));
    result = check_answers(&members, reterr_reject);
    if (result == 0)
        result = check_name(&members, MEMBER_SOURCE, reterr_reject);
    if (result == 0)
        result = check_name(&members, MEMBER_SESSION, reterr_reject);
    if (result == 0)
        result = check_first(&members, reterr_reject);
    if (result == 0)
        result = check_name(&members, MEMBER_MAP, reterr_reject);
    if (result < 0)
        return result;

    fill_in(&members, ret_hello);
    return 1;
}
