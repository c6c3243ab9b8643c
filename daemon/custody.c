/*
 * A sorted list of blobs. There are few: people write these records.
 *
 * Encoded: the number of blobs (64 bits), then each by its SHA-256: that, 1 more than the seq of
 * its erase record or 0 (64 bits), and a byte: 1 when it is held, and 2 more when damage kept it
 * from being erased; then, unless nothing but blobs was ever held, a byte, 1 when the whole ledger
 * is held, the number of merchants that are held (64 bits), and for each the SHA-256 of its id as
 * records have it, ascending; all little-endian.
 */
#include "daemon/custody.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/blob_ref.h"
#include "daemon/ledger/little_endian.h"

#define ENTRY_BYTES (DIGEST_BYTES + 8u + 1u)
#define HELD        1u
#define LEFT        2u

struct custody {
    size_t count, due; /* due: of the entries */
    struct custody_entry at[CUSTODY_MAX];
    bool ledger_held;
    size_t merchants;
    uint8_t merchant[CUSTODY_MERCHANTS_MAX][DIGEST_BYTES]; /* that are held, ascending */
};

int custody_open(struct custody **ret_custody)
{
    struct custody *custody = calloc(1, sizeof(*custody));

    if (custody == NULL)
        return -ENOMEM;
    *ret_custody = custody;
    return 0;
}

/* Where it stands, or is to stand. */
static size_t place_of(const struct custody *custody, const uint8_t sha256[DIGEST_BYTES])
{
    size_t low = 0, high = custody->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(custody->at[middle].sha256, sha256, DIGEST_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct custody_entry *custody_find(const struct custody *custody,
                                         const uint8_t sha256[DIGEST_BYTES])
{
    size_t place = place_of(custody, sha256);

    return place < custody->count && memcmp(custody->at[place].sha256, sha256, DIGEST_BYTES) == 0
               ? &custody->at[place]
               : NULL;
}

bool custody_has_room(const struct custody *custody, const uint8_t (*sha256)[DIGEST_BYTES],
                      size_t count)
{
    size_t unknown = 0;

    for (size_t i = 0; i < count; i++)
        unknown += custody_find(custody, sha256[i]) == NULL;
    return CUSTODY_MAX - custody->count >= unknown;
}

/* The entry, made when it is not there; NULL: there is no room. */
static struct custody_entry *entry_of(struct custody *custody, const uint8_t sha256[DIGEST_BYTES])
{
    size_t place = place_of(custody, sha256);
    struct custody_entry *entry = &custody->at[place];

    if (place < custody->count && memcmp(entry->sha256, sha256, DIGEST_BYTES) == 0)
        return entry;
    if (custody->count == CUSTODY_MAX)
        return NULL;
    memmove(entry + 1, entry, (custody->count - place) * sizeof(*entry));
    custody->count++;
    *entry = (struct custody_entry){.erased_by = RECORD_NO_SEQ};
    memcpy(entry->sha256, sha256, DIGEST_BYTES);
    return entry;
}

/* Where a merchant stands among those that are held, or is to stand. */
static size_t place_of_merchant(const struct custody *custody, const uint8_t id[DIGEST_BYTES])
{
    size_t place = 0; /* few, and asked for by holds and erases only */

    while (place < custody->merchants && memcmp(custody->merchant[place], id, DIGEST_BYTES) < 0)
        place++;
    return place;
}

static bool is_merchant_at(const struct custody *custody, size_t place,
                           const uint8_t id[DIGEST_BYTES])
{
    return place < custody->merchants && memcmp(custody->merchant[place], id, DIGEST_BYTES) == 0;
}

bool custody_holds_ledger(const struct custody *custody)
{
    return custody->ledger_held;
}

size_t custody_merchants(const struct custody *custody)
{
    return custody->merchants;
}

bool custody_holds_merchant(const struct custody *custody, const char *id, size_t len)
{
    uint8_t digest[DIGEST_BYTES];

    digest_sha256(id, len, digest);
    return is_merchant_at(custody, place_of_merchant(custody, digest), digest);
}

static void hold_merchant(struct custody *custody, const char *id, size_t len, bool held)
{
    uint8_t digest[DIGEST_BYTES];

    digest_sha256(id, len, digest);
    const size_t place = place_of_merchant(custody, digest);
    const bool there = is_merchant_at(custody, place, digest);
    uint8_t(*at)[DIGEST_BYTES] = &custody->merchant[place];
    if (held && !there && custody->merchants < CUSTODY_MERCHANTS_MAX) {
        memmove(at + 1, at, (custody->merchants - place) * sizeof(*at));
        memcpy(*at, digest, DIGEST_BYTES);
        custody->merchants++;
    } else if (!held && there) {
        custody->merchants--;
        memmove(at, at + 1, (custody->merchants - place) * sizeof(*at));
    }
}

static bool take_line(struct custody *custody, enum record_kind kind, uint64_t seq,
                      const char *line, size_t len)
{
    uint8_t list[BLOB_REF_LIST_MAX][DIGEST_BYTES];
    size_t count = blob_ref_list(kind, line, len, list), merchant_len;
    enum blob_ref_scope scope = BLOB_REF_BLOBS;
    bool hold = false;

    if (blob_ref_hold(kind, line, len, &scope, &hold) && scope != BLOB_REF_BLOBS) {
        const char *merchant = blob_ref_merchant(line, len, &merchant_len);
        if (scope == BLOB_REF_LEDGER)
            custody->ledger_held = hold;
        else if (merchant_len > 0)
            hold_merchant(custody, merchant, merchant_len, hold);
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        struct custody_entry *entry = entry_of(custody, list[i]);
        if (entry == NULL)
            continue;
        if (kind == RECORD_HOLD) {
            entry->held = hold;
        } else {
            entry->erased_by = seq;
            custody->due += !entry->due;
            entry->due = true;
            entry->left = false;
        }
    }
    return count > 0;
}

bool custody_take(struct custody *custody, enum record_kind kind, uint64_t seq, const char *line,
                  size_t len)
{
    if (kind != RECORD_HOLD && kind != RECORD_ERASE)
        return false; /* nearly all, and the list is 4 KiB to clear */
    return take_line(custody, kind, seq, line, len);
}

bool custody_is_due(const struct custody *custody, uint64_t seq)
{
    /* Asked for each batch, which nearly never has one. */
    for (size_t i = 0; custody->due > 0 && i < custody->count; i++)
        if (custody->at[i].due && custody->at[i].erased_by < seq)
            return true;
    return false;
}

void custody_done(struct custody *custody, uint64_t seq, bool left)
{
    for (size_t i = 0; i < custody->count; i++) {
        if (!custody->at[i].due || custody->at[i].erased_by >= seq)
            continue;
        custody->at[i].due = false;
        custody->at[i].left = left;
        custody->due--;
    }
}

static bool holds_more(const struct custody *custody)
{
    return custody->ledger_held || custody->merchants > 0;
}

size_t custody_encoded_bytes(const struct custody *custody)
{
    return 8 + custody->count * ENTRY_BYTES +
           (holds_more(custody) ? 1 + 8 + custody->merchants * DIGEST_BYTES : 0);
}

void custody_encode(const struct custody *custody, uint8_t *ret_bytes)
{
    uint8_t *at = ret_bytes + 8;

    little_endian_put_u64(ret_bytes, custody->count);
    for (size_t i = 0; i < custody->count; i++, at += ENTRY_BYTES) {
        const struct custody_entry *entry = &custody->at[i];
        assert(!entry->due);
        memcpy(at, entry->sha256, DIGEST_BYTES);
        little_endian_put_u64(at + DIGEST_BYTES, entry->erased_by + 1); /* 0 when it was not */
        at[DIGEST_BYTES + 8] = (uint8_t)((entry->held ? HELD : 0) | (entry->left ? LEFT : 0));
    }
    if (!holds_more(custody))
        return;
    *at++ = custody->ledger_held;
    little_endian_put_u64(at, custody->merchants);
    memcpy(at + 8, custody->merchant, custody->merchants * DIGEST_BYTES);
}

/* What stands behind the blobs: nothing, or len bytes. 0 or -EBADMSG. */
static int decode_more(struct custody *custody, const uint8_t *at, size_t len)
{
    if (len == 0)
        return 0;
    if (len < 9 || *at > 1 || little_endian_get_u64(at + 1) > CUSTODY_MERCHANTS_MAX ||
        len != 9 + little_endian_get_u64(at + 1) * DIGEST_BYTES)
        return -EBADMSG;
    for (const uint8_t *id = at + 9 + DIGEST_BYTES; id < at + len; id += DIGEST_BYTES)
        if (memcmp(id - DIGEST_BYTES, id, DIGEST_BYTES) >= 0)
            return -EBADMSG;
    custody->ledger_held = *at == 1;
    custody->merchants = (size_t)little_endian_get_u64(at + 1);
    memcpy(custody->merchant, at + 9, len - 9);
    return 0;
}

int custody_decode(struct custody *custody, const uint8_t *bytes, size_t len)
{
    assert(custody->count == 0);
    if (len < 8 || little_endian_get_u64(bytes) > CUSTODY_MAX ||
        len < 8 + little_endian_get_u64(bytes) * ENTRY_BYTES)
        return -EBADMSG;
    const uint8_t *end = bytes + 8 + little_endian_get_u64(bytes) * ENTRY_BYTES;
    if (decode_more(custody, end, len - (size_t)(end - bytes)) < 0)
        return -EBADMSG;
    for (const uint8_t *at = bytes + 8; at < end; at += ENTRY_BYTES) {
        struct custody_entry *entry = &custody->at[custody->count];
        const uint8_t flags = at[DIGEST_BYTES + 8];
        if (flags > (HELD | LEFT) ||
            (custody->count > 0 && memcmp(entry[-1].sha256, at, DIGEST_BYTES) >= 0)) {
            custody->count = custody->due = custody->merchants = 0;
            custody->ledger_held = false;
            return -EBADMSG;
        }
        *entry = (struct custody_entry){.erased_by = little_endian_get_u64(at + DIGEST_BYTES) - 1,
                                        .held = (flags & HELD) != 0,
                                        .due = (flags & LEFT) != 0};
        custody->due += entry->due;
        memcpy(entry->sha256, at, DIGEST_BYTES);
        custody->count++;
    }
    return 0;
}

struct custody *custody_close(struct custody *custody)
{
    free(custody);
    return NULL;
}
