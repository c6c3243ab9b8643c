/*
 * A place in the feed as text, to go on from later: "i=<seq>;h=<hash>", where the hash is the first
 * half of the record's leaf hash in the tree (RFC 6962), in hex. "i=<seq>" alone is one too, and
 * "begin" is the place before the first record. Pure.
 */
#ifndef DAEMON_CTL_CURSOR_H
#define DAEMON_CTL_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CURSOR_HASH_BYTES 16u
#define CURSOR_TEXT_BYTES 64u /* of any cursor, with NUL */

struct cursor {
    bool begin; /* before the first record; the rest is zero */
    uint64_t seq;
    bool has_hash; /* false: any record of this number is meant */
    uint8_t hash[CURSOR_HASH_BYTES];
};

/* Reads exactly len bytes. 0; -EINVAL: this is no cursor. */
int cursor_parse(const char *text, size_t len, struct cursor *ret_cursor);

/* Writes it, NUL-terminated. */
void cursor_format(const struct cursor *cursor, char ret_text[CURSOR_TEXT_BYTES]);

/* The cursor of a record: its line, without newline. */
struct cursor cursor_of(uint64_t seq, const char *line, size_t len);

/* Whether the cursor stands at this record; one before the first stands at none. */
bool cursor_is_at(const struct cursor *cursor, uint64_t seq, const char *line, size_t len);

#endif
