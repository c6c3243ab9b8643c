/*
 * The durable end as bytes: how far the feed may be read. The format stands at the top of
 * position.c. Pure.
 */
#ifndef LEDGER_POSITION_H
#define LEDGER_POSITION_H

#include <stddef.h>
#include <stdint.h>

#define POSITION_SLOT_BYTES 48u
#define POSITION_SLOT_AT    512u /* offset of the second slot */
#define POSITION_FILE_BYTES 1024u

struct position {
    uint64_t seq;   /* of the last durable record */
    uint64_t first; /* of its segment */
    uint64_t end;   /* of its line in that segment, in bytes */
};

/* The bytes of a slot. */
void position_encode(uint64_t generation, const struct position *position,
                     uint8_t ret_slot[POSITION_SLOT_BYTES]);

/* Where the slot of this generation stands in the file. */
uint64_t position_slot_offset(uint64_t generation);

/* The newest valid slot of a file's bytes, which may be short. 0, or -ENODATA when none is valid.
 */
int position_decode(const uint8_t *bytes, size_t len, uint64_t *ret_generation,
                    struct position *ret_position);

#endif
