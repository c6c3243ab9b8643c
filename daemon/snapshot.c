/*
 * The file state/snapshot.<seq>, version 4. Numbers are 64 bits, little-endian.
 *
 *   0   "noticed-snapshot", 16 bytes
 *   16  version
 *   24  seq, first, end, wall time, boot time: struct snapshot_head
 *   64  entries that the window may hold, entries that the watched set may hold
 *   80  number of sections; each is its id, its length, and its bytes
 *       1: the window (dedupe.c); 2: the watched set (watched.c); 3: held and erased blobs
 *       (custody.c); 4: which platforms notices are about (notice_platforms.c)
 *       end: the digest, 32 bytes
 *
 * Digest: D starts as 32 zeros; for each slice of 1 MiB of what is before it (the last may be
 * shorter), D = SHA-256(D, slice). In slices, so that no step of writing it takes long.
 *
 * Sets that were bounded otherwise have another past, so that a snapshot is good for its bounds
 * only. Version 4 has exactly these sections, in this order; one of an older version is not taken,
 * and what it held is read from the records again.
 */
#include "daemon/snapshot.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/gradual.h"
#include "daemon/ledger/little_endian.h"

#define MAGIC_BYTES 16u
#define VERSION     4u
#define HEAD_BYTES  88u /* with the number of sections */
#define SECTIONS    4u

static const char magic[MAGIC_BYTES + 1] = "noticed-snapshot";

void snapshot_name(uint64_t seq, char ret_name[SNAPSHOT_NAME_BYTES])
{
    (void)snprintf(ret_name, SNAPSHOT_NAME_BYTES, "snapshot.%020" PRIu64, seq); /* fits */
}

bool snapshot_parse(const char *name, uint64_t *ret_seq)
{
    char again[SNAPSHOT_NAME_BYTES];
    uint64_t seq = 0;
    if (strncmp(name, "snapshot.", 9) != 0)
        return false;
    for (const char *at = name + 9; *at >= '0' && *at <= '9'; at++)
        seq = seq * 10 + (uint64_t)(*at - '0'); /* what overflows is not written so again */
    snapshot_name(seq, again);
    if (strcmp(name, again) != 0)
        return false;
    *ret_seq = seq;
    return true;
}

static uint8_t *put(uint8_t *at, uint64_t value)
{
    little_endian_put_u64(at, value);
    return at + 8;
}

void snapshot_copy(struct derived *derived, const uint8_t *end)
{
    gradual_copy(dedupe_copy(derived->dedupe), end);
    gradual_copy(watched_copy(derived->watched), end);
}

void snapshot_end(struct derived *derived)
{
    gradual_end(dedupe_copy(derived->dedupe));
    gradual_end(watched_copy(derived->watched));
}

size_t snapshot_bytes(const struct derived *derived)
{
    return HEAD_BYTES + 16 + dedupe_encoded_bytes(derived->dedupe) + 16 +
           watched_encoded_bytes(derived->watched) + 16 + custody_encoded_bytes(derived->custody) +
           16 + notice_platforms_encoded_bytes(derived->notices) + DIGEST_BYTES;
}

int snapshot_encode(struct derived *derived, const struct snapshot_head *head, uint8_t *ret_bytes)
{
    const size_t dedupe_len = dedupe_encoded_bytes(derived->dedupe);
    const size_t watched_len = watched_encoded_bytes(derived->watched);
    const size_t custody_len = custody_encoded_bytes(derived->custody);
    const size_t notices_len = notice_platforms_encoded_bytes(derived->notices);
    uint8_t *at = ret_bytes;
    memcpy(at, magic, MAGIC_BYTES);
    at = put(at + MAGIC_BYTES, VERSION);
    at = put(at, head->seq);
    at = put(at, head->first);
    at = put(at, head->end);
    at = put(at, (uint64_t)head->wall_ns);
    at = put(at, head->boot_ns);
    at = put(at, derived->bounds.dedupe_max);
    at = put(at, derived->bounds.watched_max);
    at = put(at, SECTIONS);
    assert(at == ret_bytes + HEAD_BYTES);
    at = put(put(at, 1), dedupe_len);
    int result = dedupe_encode(derived->dedupe, at);
    at = put(put(at + dedupe_len, 2), watched_len);
    if (result == 0)
        result = watched_encode(derived->watched, at);
    at = put(put(at + watched_len, 3), custody_len);
    custody_encode(derived->custody, at);
    at = put(put(at + custody_len, 4), notices_len);
    notice_platforms_encode(derived->notices, at);
    assert(at + notices_len + DIGEST_BYTES == ret_bytes + snapshot_bytes(derived));
    if (result < 0)
        snapshot_end(derived);
    return result;
}

void snapshot_digest(uint8_t digest[DIGEST_BYTES], const uint8_t *slice, size_t len,
                     uint8_t *scratch)
{
    assert(len <= SNAPSHOT_SLICE_BYTES);
    memcpy(scratch, digest, DIGEST_BYTES);
    memcpy(scratch + DIGEST_BYTES, slice, len);
    digest_sha256(scratch, DIGEST_BYTES + len, digest);
}

int snapshot_read_head(const uint8_t *bytes, size_t len, struct snapshot_head *ret_head)
{
    uint8_t digest[DIGEST_BYTES] = {0};
    if (len < HEAD_BYTES + DIGEST_BYTES || memcmp(bytes, magic, MAGIC_BYTES) != 0 ||
        little_endian_get_u64(bytes + 16) != VERSION)
        return -EBADMSG;
    uint8_t *scratch = malloc(DIGEST_BYTES + SNAPSHOT_SLICE_BYTES);
    if (scratch == NULL)
        return -ENOMEM;
    size_t slice = 0;
    for (size_t at = 0; at < len - DIGEST_BYTES; at += slice) {
        size_t left = len - DIGEST_BYTES - at;
        slice = left < SNAPSHOT_SLICE_BYTES ? left : SNAPSHOT_SLICE_BYTES;
        snapshot_digest(digest, bytes + at, slice, scratch);
    }
    free(scratch);
    if (memcmp(digest, bytes + len - DIGEST_BYTES, DIGEST_BYTES) != 0)
        return -EBADMSG;
    const struct snapshot_head head = {.seq = little_endian_get_u64(bytes + 24),
                                       .first = little_endian_get_u64(bytes + 32),
                                       .end = little_endian_get_u64(bytes + 40),
                                       .wall_ns = (int64_t)little_endian_get_u64(bytes + 48),
                                       .boot_ns = little_endian_get_u64(bytes + 56)};
    if (head.seq == 0)
        return -EBADMSG;
    *ret_head = head;
    return 0;
}

/* The bytes of the section whose turn it is. NULL: another, or it does not fit. */
static const uint8_t *take_section(const uint8_t *bytes, size_t end, size_t *at, uint64_t id,
                                   size_t *ret_len)
{
    if (end - *at < 16 || little_endian_get_u64(bytes + *at) != id)
        return NULL;
    uint64_t len = little_endian_get_u64(bytes + *at + 8);
    if (len > end - *at - 16)
        return NULL;
    const uint8_t *section = bytes + *at + 16;
    *at += 16 + (size_t)len;
    *ret_len = (size_t)len;
    return section;
}

int snapshot_decode(const uint8_t *bytes, size_t len, struct derived *derived)
{
    size_t at = HEAD_BYTES, end = len - DIGEST_BYTES, section_len = 0;
    assert(len >= HEAD_BYTES + DIGEST_BYTES);
    if (little_endian_get_u64(bytes + 64) != derived->bounds.dedupe_max ||
        little_endian_get_u64(bytes + 72) != derived->bounds.watched_max ||
        little_endian_get_u64(bytes + 80) != SECTIONS)
        return -EBADMSG;
    const uint8_t *section = take_section(bytes, end, &at, 1, &section_len);
    int result = section == NULL ? -EBADMSG : dedupe_decode(derived->dedupe, section, section_len);
    if (result < 0)
        return result;
    section = take_section(bytes, end, &at, 2, &section_len);
    result = section == NULL ? -EBADMSG : watched_decode(derived->watched, section, section_len);
    if (result < 0)
        return result;
    section = take_section(bytes, end, &at, 3, &section_len);
    result = section == NULL ? -EBADMSG : custody_decode(derived->custody, section, section_len);
    if (result < 0)
        return result;
    section = take_section(bytes, end, &at, 4, &section_len);
    result = section == NULL ? -EBADMSG
                             : notice_platforms_decode(derived->notices, section, section_len);
    return result == 0 && at != end ? -EBADMSG : result;
}
