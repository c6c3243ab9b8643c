/*
 * Names to fingerprints. Knows the kinds of names; knows no table.
 */
#include "daemon/fingerprint.h"

#include <assert.h>
#include <string.h>

#include "daemon/ledger/little_endian.h"

#define NAME_BYTES_MAX                                                                             \
    (8 + FINGERPRINT_PARTS_MAX * (8 + FINGERPRINT_PART_BYTES_MAX) + 8 + DIGEST_BYTES)

enum name_kind {
    NAME_LISTING = 1,
    NAME_MERCHANT = 2,
    NAME_LINE = 3,
    NAME_EVENT = 4,
};

/* What is hashed. The kind is in it, so that a listing is never a merchant. */
struct name {
    size_t len;
    uint8_t bytes[NAME_BYTES_MAX];
};

static void put_u64(struct name *name, uint64_t value)
{
    assert(name->len + 8 <= NAME_BYTES_MAX);
    little_endian_put_u64(name->bytes + name->len, value);
    name->len += 8;
}

static void put_part(struct name *name, struct fingerprint_part part)
{
    assert(part.len <= FINGERPRINT_PART_BYTES_MAX);
    put_u64(name, part.len);
    assert(name->len + part.len <= NAME_BYTES_MAX);
    if (part.len > 0)
        memcpy(name->bytes + name->len, part.at, part.len);
    name->len += part.len;
}

static void put_digest(struct name *name, const uint8_t digest[DIGEST_BYTES])
{
    assert(name->len + DIGEST_BYTES <= NAME_BYTES_MAX);
    memcpy(name->bytes + name->len, digest, DIGEST_BYTES);
    name->len += DIGEST_BYTES;
}

static struct fingerprint finish(const struct name *name)
{
    uint8_t digest[DIGEST_BYTES];
    digest_sha256(name->bytes, name->len, digest);
    return (struct fingerprint){
        .word = {little_endian_get_u64(digest), little_endian_get_u64(digest + 8)}};
}

static struct fingerprint of_two(enum name_kind kind, struct fingerprint_part first,
                                 struct fingerprint_part second)
{
    struct name name;
    name.len = 0;
    put_u64(&name, kind);
    put_part(&name, first);
    put_part(&name, second);
    return finish(&name);
}

struct fingerprint fingerprint_listing(struct fingerprint_part platform,
                                       struct fingerprint_part listing)
{
    return of_two(NAME_LISTING, platform, listing);
}

struct fingerprint fingerprint_merchant(struct fingerprint_part platform,
                                        struct fingerprint_part seller)
{
    return of_two(NAME_MERCHANT, platform, seller);
}

struct fingerprint fingerprint_line(struct fingerprint_part source, struct fingerprint_part session,
                                    uint64_t line, const uint8_t body[DIGEST_BYTES])
{
    struct name name;
    name.len = 0;
    put_u64(&name, NAME_LINE);
    put_part(&name, source);
    put_part(&name, session);
    put_u64(&name, line);
    put_digest(&name, body);
    return finish(&name);
}

struct fingerprint fingerprint_event(struct fingerprint_part source, struct fingerprint_part id,
                                     const uint8_t body[DIGEST_BYTES])
{
    struct name name;
    name.len = 0;
    put_u64(&name, NAME_EVENT);
    put_part(&name, source);
    put_part(&name, id);
    put_digest(&name, body);
    return finish(&name);
}
