/*
 * state/durable, version 1: two slots, at 0 and POSITION_SLOT_AT, written in turn. A slot is
 *
 *    0  magic "noticed\x01"
 *    8  generation   counts the stores; odd ones go to the second slot
 *   16  seq          of the last durable record
 *   24  first        of its segment
 *   32  end          of its line in the segment's bytes
 *   40  checksum     FNV-1a, 64 bits, of the 40 bytes before
 *
 * with 64-bit little-endian numbers. Invariants:
 *   1. A slot is valid if and only if magic and checksum are right; the valid one of the greater
 *      generation holds. So a slot caught half-written leaves the one before in force.
 *   2. It never runs ahead of the disk: it is stored after the fdatasync of what it names.
 *   3. It may lag behind, by any number of batches after a power loss: it is not synced itself.
 * The checksum is against tearing, not against an adversary: checkpoints are.
 */
#include "daemon/ledger/position.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/ledger/little_endian.h"

static const uint8_t position_magic[8] = {'n', 'o', 't', 'i', 'c', 'e', 'd', 1};

static_assert(POSITION_SLOT_AT + POSITION_SLOT_BYTES <= POSITION_FILE_BYTES, "both slots fit");

static uint64_t checksum(const uint8_t *bytes, size_t len)
{
    uint64_t sum = 0xcbf29ce484222325u;

    for (size_t i = 0; i < len; i++)
        sum = (sum ^ bytes[i]) * 0x100000001b3u;
    return sum;
}

void position_encode(uint64_t generation, const struct position *position,
                     uint8_t ret_slot[POSITION_SLOT_BYTES])
{
    memcpy(ret_slot, position_magic, sizeof(position_magic));
    little_endian_put_u64(ret_slot + 8, generation);
    little_endian_put_u64(ret_slot + 16, position->seq);
    little_endian_put_u64(ret_slot + 24, position->first);
    little_endian_put_u64(ret_slot + 32, position->end);
    little_endian_put_u64(ret_slot + 40, checksum(ret_slot, 40));
}

uint64_t position_slot_offset(uint64_t generation)
{
    return (generation & 1) * POSITION_SLOT_AT;
}

int position_decode(const uint8_t *bytes, size_t len, uint64_t *ret_generation,
                    struct position *ret_position)
{
    int error = -ENODATA;
    uint64_t newest = 0;

    for (uint64_t i = 0; i < 2; i++) {
        uint64_t at = position_slot_offset(i);
        if (len < at + POSITION_SLOT_BYTES)
            continue;
        const uint8_t *slot = bytes + at;
        uint64_t generation = little_endian_get_u64(slot + 8);
        if (memcmp(slot, position_magic, sizeof(position_magic)) != 0 ||
            little_endian_get_u64(slot + 40) != checksum(slot, 40) ||
            (error == 0 && generation < newest))
            continue;
        newest = generation;
        *ret_generation = generation;
        *ret_position = (struct position){.seq = little_endian_get_u64(slot + 16),
                                          .first = little_endian_get_u64(slot + 24),
                                          .end = little_endian_get_u64(slot + 32)};
        error = 0;
    }
    return error;
}
