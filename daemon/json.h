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
#define JSON_DEPTH_MAX   64u /* of nested arrays and objects; deeper is JSON_TOO_DEEP */
#define JSON_BYTES_MAX   262144u

enum json_status {
    JSON_OK = 0,
    JSON_BAD = 1,      /* not one JSON text */
    JSON_BAD_UTF8 = 2, /* bytes that are not UTF-8 */
    JSON_TOO_DEEP = 3,
    JSON_NO_MEMORY = 4,
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

/* A value of the last parsed document; dies with the next json_parse or json_close. */
struct json_value {
    enum json_type type;
    bool boolean;
    int64_t integer;
    double number;    /* also set for JSON_INTEGER */
    const char *text; /* JSON_STRING: UTF-8, may hold NULs; MATCHER_SLACK_BYTES readable follow */
    size_t len;
    uint64_t private[2];
};

struct json_member {
    const char *key;
    size_t key_len;
    struct json_value value;
};

struct json_parser;

/* Makes a parser for documents of up to JSON_BYTES_MAX bytes. NULL when out of memory. */
struct json_parser *json_open(void);

/* Frees; NULL is fine. Returns NULL. */
struct json_parser *json_close(struct json_parser *parser);

/* Parses bytes, which must be followed by JSON_SLACK_BYTES readable bytes and stay in place until
   the values are dead. A lone surrogate escape becomes U+FFFD and *ret_surrogate says so
   (DESIGN 9.4): the text is then parsed from a copy. *ret_root and *ret_surrogate are written on
   JSON_OK only. */
enum json_status json_parse(struct json_parser *parser, const char *bytes, size_t len,
                            struct json_value *ret_root, bool *ret_surrogate);

/* The members of an object in document order, duplicates included. Returns how many there are,
   which may exceed members_max; only the first members_max are written. */
size_t json_members(const struct json_value *object, struct json_member *members,
                    size_t members_max);

/* The elements of an array, likewise. */
size_t json_elements(const struct json_value *array, struct json_value *elements,
                     size_t elements_max);

/* The spelling of a member's value in the text, for numbers that must be kept as written: finds the
   first member `key` of the outermost object of a valid JSON text. false when it is not there. */
bool json_spelling(const char *bytes, size_t len, const char *key, const char **ret_at,
                   size_t *ret_len);

/* The version of simdjson and the implementation it chose, for the start record; static string. */
const char *json_engine(void);

#ifdef __cplusplus
}
#endif
#endif
