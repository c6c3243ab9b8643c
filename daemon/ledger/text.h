/*
 * JSON out: a bounded writer of ASCII-only JSON. Overflow is sticky and never writes past the end.
 * Pure; used for ledger lines, dead letters, replies and machine output of the tools.
 */
#ifndef LEDGER_TEXT_H
#define LEDGER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *at;
    size_t room, len;
    bool overflow; /* something did not fit; the content is then not to be used */
};

/* Starts writing into room bytes at at. */
struct text text_into(void *at, size_t room);

/* Bytes as they are; they must be JSON already. */
void text_raw(struct text *text, const char *bytes, size_t len);
void text_literal(struct text *text, const char *string);

/* A JSON string with quotes. Everything outside printable ASCII, and DEL, is escaped as \uXXXX,
   with surrogate pairs past the BMP, so that no control, bidi or line-breaking character is in the
   record raw; bytes that are not UTF-8 become \ufffd. */
void text_string(struct text *text, const char *bytes, size_t len);

/* A JSON string of the first bytes_max bytes at most, cut at a code point. Returns the bytes taken.
 */
size_t text_string_cut(struct text *text, const char *bytes, size_t len, size_t bytes_max);

/* One code point of UTF-8. Returns its bytes; for bytes that are none, the length of their longest
   prefix that could have become one, at least 1, with *ret_point U+FFFD. len is at least 1. */
size_t text_decode(const char *bytes, size_t len, uint32_t *ret_point);

/* A decimal number. */
void text_u64(struct text *text, uint64_t value);
void text_i64(struct text *text, int64_t value);

/* A number above 2^53 or a nanosecond count: as a string (jq 1.6 rounds larger numbers). */
void text_u64_string(struct text *text, uint64_t value);

/* Lower-case hex digits, no quotes. */
void text_hex(struct text *text, const uint8_t *bytes, size_t len);

/* Reads 2 * len lower-case hex digits at `hex` into len bytes. false: some are none, and what was
   written is of no use. */
bool text_hex_read(const char *hex, uint8_t *ret_bytes, size_t len);

/* ,"key": for a member after others. */
void text_key(struct text *text, const char *key);

/* ,"key":value in one call. digest has 32 bytes and is written as "sha256:<hex>"; a time as
   RFC 3339 in UTC with nine fraction digits. */
void text_member_string(struct text *text, const char *key, const char *value);
void text_member_u64(struct text *text, const char *key, uint64_t value);
void text_member_i64(struct text *text, const char *key, int64_t value);
void text_member_bool(struct text *text, const char *key, bool value);
void text_member_sha256(struct text *text, const char *key, const uint8_t *digest);
void text_member_time(struct text *text, const char *key, int64_t wall_ns);

#endif
