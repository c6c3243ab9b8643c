/*
 * simdjson's parsed form, read in place: what json.cc builds its values from, and what a reader
 * that sees every line walks by itself. Knows no listing.
 *
 * It is a tape of 64-bit words (simdjson's doc/tape.md): the type in the upper 8 bits, the payload
 * below. A value has one word, but a number has its value in a second. An object or array has the
 * index behind its end in the lower 32 bits and its count in 24 bits above; then follow its
 * members, key and value, or its elements, and a closing word. A string's payload says where it
 * lies among the strings: its length in 4 bytes, then it, then a NUL.
 */
#ifndef DAEMON_JSON_TAPE_H
#define DAEMON_JSON_TAPE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "daemon/json.h"

#ifdef __cplusplus
extern "C" {
#endif

#define JSON_TAPE_TYPE_SHIFT 56u
#define JSON_TAPE_PAYLOAD    ((UINT64_C(1) << JSON_TAPE_TYPE_SHIFT) - 1)
#define JSON_TAPE_COUNT_MAX  0xffffffu
#define JSON_TAPE_ROOT       1u /* the index of the document's value */

/* Dies as its values do. */
struct json_tape {
    const uint64_t *words;
    const char *strings;
};

/* The tape that a value is on, and its index there. */
static inline const struct json_tape *json_tape_of(const struct json_value *value,
                                                   uint64_t *ret_index)
{
    *ret_index = value->handle[1];
    return (const struct json_tape *)(uintptr_t)value->handle[0];
}

/* The kind of value at an index: " { [ l u d t f or n. */
static inline char json_tape_type(const struct json_tape *tape, uint64_t index)
{
    return (char)(tape->words[index] >> JSON_TAPE_TYPE_SHIFT);
}

/* The string, or key, at an index. */
static inline const char *json_tape_string(const struct json_tape *tape, uint64_t index,
                                           size_t *ret_len)
{
    const char *at = tape->strings + (tape->words[index] & JSON_TAPE_PAYLOAD);
    uint32_t len;

    memcpy(&len, at, sizeof(len));
    *ret_len = len;
    return at + sizeof(len);
}

/* The index behind the value at an index. */
static inline uint64_t json_tape_after(const struct json_tape *tape, uint64_t index)
{
    switch (json_tape_type(tape, index)) {
    case '{':
    case '[':
        return tape->words[index] & UINT32_MAX;
    case 'l':
    case 'u':
    case 'd':
        return index + 2;
    default:
        return index + 1;
    }
}

/* How many members or elements the object or array at an index has. */
static inline size_t json_tape_count(const struct json_tape *tape, uint64_t index)
{
    return (tape->words[index] >> 32) & JSON_TAPE_COUNT_MAX;
}

/* As json_parse, but copies the bytes to the front of room and parses them there, with white space
   behind them: what is told of a cut text does not depend on what follows it. room has
   JSON_ROOM_BYTES(len), and gets the strings too: they and the spellings of numbers live as long as
   it does, the tape until the next parse. JSON_TOO_LONG leaves room alone. */
enum json_status json_parse_into(struct json_parser *parser, const char *bytes, size_t len,
                                 char *room, const struct json_tape **ret_tape,
                                 bool *ret_surrogate);

/* Reads the value at an index. Returns the index behind it. */
uint64_t json_tape_read(const struct json_tape *tape, uint64_t index, struct json_value *ret_value);

#ifdef __cplusplus
}
#endif
#endif
