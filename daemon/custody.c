/*
 * A sorted list of blobs. There are few: people write these records.
 *
 * Encoded: the number of blobs (64 bits), then each by its SHA-256: that, 1 more than the seq of
 * its erase record or 0 (64 bits), and a byte: 1 when it is held, and 2 more when damage kept it
 * from being erased; all little-endian.
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

bool custody_take(struct custody *custody, enum record_kind kind, uint64_t seq, const char *line,
                  size_t len)
{
    static const char released[] = ",\"held\":false,";
    uint8_t list[BLOB_REF_LIST_MAX][DIGEST_BYTES];
    size_t count = blob_ref_list(kind, line, len, list);
    const bool hold = memmem(line, len, released, sizeof(released) - 1) == NULL;

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

size_t custody_encoded_bytes(const struct custody *custody)
{
    return 8 + custody->count * ENTRY_BYTES;
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
}

int custody_decode(struct custody *custody, const uint8_t *bytes, size_t len)
{
    assert(custody->count == 0);
    if (len < 8 || little_endian_get_u64(bytes) > CUSTODY_MAX ||
        len != 8 + little_endian_get_u64(bytes) * ENTRY_BYTES)
        return -EBADMSG;
    for (const uint8_t *at = bytes + 8; at < bytes + len; at += ENTRY_BYTES) {
        struct custody_entry *entry = &custody->at[custody->count];
        const uint8_t flags = at[DIGEST_BYTES + 8];
        if (flags > (HELD | LEFT) ||
            (custody->count > 0 && memcmp(entry[-1].sha256, at, DIGEST_BYTES) >= 0)) {
            custody->count = custody->due = 0;
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
