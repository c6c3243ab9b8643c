/*
 * Dead letters: a line that was not accepted, as one line of rejects/<number of its first>.jsonl
 * (DESIGN 9.7), and how many bytes of them may be kept. Knows no file.
 */
#ifndef DAEMON_DEADLETTER_H
#define DAEMON_DEADLETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/writer.h"

#define DEADLETTER_BYTES_KEPT_MAX 262144u /* of the line; the rest is not kept */
#define DEADLETTER_SOURCE_MAX     256u    /* bytes of the source's name */
#define DEADLETTER_HASH_BYTES     768u    /* what an entry without its bytes may take on average */
#define DEADLETTER_BARE_BYTES_MAX 8192u   /* of an entry without its bytes */
#define DEADLETTER_LINE_BYTES_MAX (DEADLETTER_BYTES_KEPT_MAX / 3 * 4 + DEADLETTER_BARE_BYTES_MAX)

/* Writes the entry with its newline: with the bytes when head->kept, else with their hash alone.
   source and bytes have the lengths that head says. Returns its length; out has
   DEADLETTER_LINE_BYTES_MAX bytes. */
size_t deadletter_encode(const struct writer_reject *head, const char *source, const char *bytes,
                         int64_t wall_ns, char *out);

/* Takes whole entries from the front of bytes. Returns the bytes taken and adds their number to
 *count; *ret_bad: the next line is whole or too long, and not an entry. */
size_t deadletter_lines(const char *bytes, size_t len, uint64_t *count, bool *ret_bad);

/* What may still be written: bytes first, then, for a further eighth, hashes, then nothing. Any
   thread. */
struct deadletter_budget {
    _Atomic int64_t bytes, hashes;
};

/* A budget of bytes_max, of which `used` are on the disk already. */
void deadletter_budget_open(struct deadletter_budget *ret_budget, uint64_t bytes_max,
                            uint64_t used);

/* Takes an entry with len bytes of a line. false when there is no room for it: keep its hash. */
bool deadletter_keep(struct deadletter_budget *budget, size_t len);

/* Takes an entry of a hash alone. false when there is no room for it: count it only. */
bool deadletter_keep_hash(struct deadletter_budget *budget);

#endif
