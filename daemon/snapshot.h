/*
 * What is derived from the records, as one file (DESIGN 9.10): its format stands at the top of
 * snapshot.c. Pure.
 */
#ifndef DAEMON_SNAPSHOT_H
#define DAEMON_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/derived.h"

#define SNAPSHOT_NAME_BYTES  32u        /* "snapshot.<20 digits>" and NUL */
#define SNAPSHOT_SLICE_BYTES (1u << 20) /* is hashed and written at once */
#define SNAPSHOT_BYTES_MAX   (1ull << 33)

/* Which records a snapshot holds, and by what they are known again. */
struct snapshot_head {
    uint64_t seq;        /* all records below it, one at least */
    uint64_t first, end; /* segment, and end in it, of record seq - 1 */
    int64_t wall_ns;     /* of that record */
    uint64_t boot_ns;
};

/* The name of a snapshot; and whether a name is one, and of which seq. */
void snapshot_name(uint64_t seq, char ret_name[SNAPSHOT_NAME_BYTES]);
bool snapshot_parse(const char *name, uint64_t *ret_seq);

/* The whole file but for its digest, and its length with it. What is large is copied later, by
   snapshot_copy, as it stands now, while it may change. 0, or -ENOMEM: then nothing is copied. */
size_t snapshot_bytes(const struct derived *derived);
int snapshot_encode(struct derived *derived, const struct snapshot_head *head, uint8_t *ret_bytes);

/* Copies all before `end`, a place in those bytes; and gives up what is not copied. */
void snapshot_copy(struct derived *derived, const uint8_t *end);
void snapshot_end(struct derived *derived);

/* Takes the next slice, of SNAPSHOT_SLICE_BYTES or what is left, into a digest that began as zeros.
   scratch has DIGEST_BYTES + SNAPSHOT_SLICE_BYTES. After the last slice the digest is the file's
   end.
 */
void snapshot_digest(uint8_t digest[DIGEST_BYTES], const uint8_t *slice, size_t len,
                     uint8_t *scratch);

/* The head of a whole file, whose digest is checked. 0; -EBADMSG: damaged, cut, or of another
   version; -ENOMEM. */
int snapshot_read_head(const uint8_t *bytes, size_t len, struct snapshot_head *ret_head);

/* Fills an empty derived from a file whose head was read. 0; -EBADMSG: made with other bounds, or
   not what snapshot_encode writes; -ENOMEM. On an error *derived is only good for derived_close. */
int snapshot_decode(const uint8_t *bytes, size_t len, struct derived *derived);

#endif
