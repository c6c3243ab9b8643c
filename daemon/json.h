/*
 * JSON in: simdjson's DOM behind a C face. Full validation (RFC 8259, UTF-8), one document at a
 * time. Knows no listing and no rule of ours but the limits below. The only C++ is daemon/json.cc.
 */
#ifndef DAEMON_JSON_H
#define DAEMON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JSON_SLACK_BYTES 64u /* readable bytes after every document handed in */
#define JSON_DEPTH_MAX   64u /* nested arrays and objects, an empty innermost one not counted */
#define JSON_BYTES_MAX   262144u

/* What json_parse_into (json_tape.h) needs for a text of len bytes: it, slack, its strings, and
   slack. Nothing makes more of strings than "", of 3 bytes with its comma, does: a length and a
   NUL, 5 bytes. */
#define JSON_ROOM_BYTES(len) ((len) + 5 * (len) / 3 + 2 * JSON_SLACK_BYTES)

/* When a text has several faults, the first that holds in this order is told: TOO_LONG, BAD_UTF8,
   then TOO_DEEP or BAD, whichever the parser meets first. */
enum json_status {
    JSON_OK = 0,
    JSON_BAD = 1,      /* not one JSON text; json_reason says why */
    JSON_BAD_UTF8 = 2, /* bytes that are not UTF-8, anywhere in the text; one that only ends inside
                          a character is cut, and JSON_BAD */
    JSON_TOO_DEEP = 3,
    JSON_NO_MEMORY = 4,
    JSON_TOO_LONG = 5, /* more than JSON_BYTES_MAX bytes */
};

enum json_type {
    JSON_NULL = 0,
    JSON_BOOL,
    JSON_INTEGER, /* fits int64_t */
    JSON_NUMBER,  /* any other number */
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

/* A value of the last parsed document; dies with the next json_parse or json_close. Only the
   members of its type are set. */
struct json_value {
    enum json_type type;
    bool boolean;
    int64_t integer;
    double number; /* also set for JSON_INTEGER; 9e307 with the sign for what no double can hold */
    const char
        *text; /* JSON_STRING: UTF-8, may hold NULs; JSON_SLACK_BYTES readable bytes follow */
    size_t len;
    uint64_t handle[2]; /* where the value is; for json.cc only */
};

/* "null", "a number", "an array", ...: for messages. */
const char *json_type_name(enum json_type type);

struct json_member {
    const char *key; /* JSON_SLACK_BYTES readable bytes follow */
    size_t key_len;
    struct json_value value;
};

struct json_parser;

/* Most bytes that one parser holds: its index, its tape, its strings and a copy to mend. */
#define JSON_PARSER_BYTES_MAX (16u * JSON_BYTES_MAX)

/* Makes a parser for documents of up to JSON_BYTES_MAX bytes; nothing is allocated after this. It
   belongs to one thread. NULL when out of memory. */
struct json_parser *json_open(void);

/* Frees; NULL is fine. Returns NULL. */
struct json_parser *json_close(struct json_parser *parser);

/* Parses bytes, which must be followed by JSON_SLACK_BYTES readable bytes and stay in place until
   the values are dead. Takes exactly one JSON text, a lone scalar too; a byte order mark is
   JSON_BAD. A lone surrogate escape becomes U+FFFD and *ret_surrogate says so (DESIGN 9.4); a
   number too large for int64_t, uint64_t or double is a JSON_NUMBER: in both cases the text is
   parsed from a copy. *ret_root and *ret_surrogate are written on JSON_OK only. */
enum json_status json_parse(struct json_parser *parser, const char *bytes, size_t len,
                            struct json_value *ret_root, bool *ret_surrogate);

/* Why the last json_parse of this parser failed, in a few words ("a string is not closed"); static.
 */
const char *json_reason(const struct json_parser *parser);

/* The members of an object in document order, duplicates included. Returns how many there are,
   which may exceed members_max; only the first members_max are written. */
size_t json_members(const struct json_value *object, struct json_member *members,
                    size_t members_max);

/* The elements of an array, likewise. */
size_t json_elements(const struct json_value *array, struct json_value *elements,
                     size_t elements_max);

/* How a number of the last parsed document (JSON_INTEGER or JSON_NUMBER) is written there: a slice
   of the bytes handed to json_parse. Costs a walk over the tokens between it and the number that
   was asked for before, or an end of the text where that is nearer. */
void json_spelling(const struct json_parser *parser, const struct json_value *number,
                   const char **ret_at, size_t *ret_len);

/* Whether the bytes are UTF-8. */
bool json_utf8(const char *bytes, size_t len);

/* The version of simdjson and the implementation it chose ("simdjson 3.0.1 haswell"), for the start
   record; static string. */
const char *json_engine(void);

#ifdef __cplusplus
}
#endif
#endif
