/*
 * Sixteen bytes that stand for a name: the first half of the SHA-256 of its kind and its parts,
 * each behind its length, so that no two names share their bytes. Tables of millions of names keep
 * these instead of texts; two different names with one fingerprint are not to be found, by accident
 * or with intent (2^64 tries). Pure.
 */
#ifndef DAEMON_FINGERPRINT_H
#define DAEMON_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/digest.h"

#define FINGERPRINT_PART_BYTES_MAX 1024u /* of one part */
#define FINGERPRINT_PARTS_MAX      3u

struct fingerprint {
    uint64_t word[2]; /* both 0: none */
};

/* (pointer, len) */
struct fingerprint_part {
    const char *at;
    size_t len;
};

/* Of a listing (DESIGN 9.3: keyed by platform and id), and of a merchant: its platform and the
   seller_id there, "" and the whole id where an id names no platform. */
struct fingerprint fingerprint_listing(struct fingerprint_part platform,
                                       struct fingerprint_part listing);
struct fingerprint fingerprint_merchant(struct fingerprint_part platform,
                                        struct fingerprint_part seller);

/* Of a crawler's line: who sent it in which session under which number, and the SHA-256 of its
   bytes (DESIGN 9.6). */
struct fingerprint fingerprint_line(struct fingerprint_part source, struct fingerprint_part session,
                                    uint64_t line, const uint8_t body[DIGEST_BYTES]);

/* Of an event: who sent it, its id, and the SHA-256 of its body (DESIGN 9.6). */
struct fingerprint fingerprint_event(struct fingerprint_part source, struct fingerprint_part id,
                                     const uint8_t body[DIGEST_BYTES]);

static inline bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b)
{
    return a->word[0] == b->word[0] && a->word[1] == b->word[1];
}

static inline bool fingerprint_none(const struct fingerprint *a)
{
    return a->word[0] == 0 && a->word[1] == 0;
}

#endif
