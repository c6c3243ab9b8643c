/*
 * Entries in an array, a table to find them, and a list of those that may be put out.
 *
 * Invariants: (1) entries [0, count) are in use; one that is put out is replaced at once, in its
 * place, so that an entry's index is a function of the past; (2) the table's slots name each entry
 * once, without an empty slot between its home and it, and are at most half full; (3) the list
 * holds the entries that are not named, by the stamp of when they were last seen, oldest first; (4)
 * the filter holds the hash of each entry that is named or matched, and no other.
 *
 * Encoded: stamp, evicted, refused and the number of entries (64 bits each), then each entry in
 * order: the two words of its fingerprint, its hash, stamp, merchant and flags; all little-endian.
 */
#include "daemon/watched.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/gradual.h"
#include "daemon/ledger/little_endian.h"

#define HEAD_BYTES  32u
#define ENTRY_BYTES 48u
#define NONE        UINT32_MAX
#define SLOTS_MIN   1024u

enum flag {
    FLAG_NAMED = 1u << 0,
    FLAG_MATCHED = 1u << 1,
};

struct entry {
    struct watched_name name;
    uint64_t stamp;    /* when it was last seen; no two entries have the same */
    uint64_t merchant; /* a listing's: first word of its merchant's fingerprint; 0: not known */
    uint32_t flags;
    uint32_t before, after; /* in the list; NONE at its ends */
};

struct watched {
    size_t max, count;
    uint64_t stamp; /* the last one given */
    uint64_t evicted, refused, named;
    uint32_t oldest, latest; /* ends of the list */
    size_t mask;             /* slots less one */
    uint32_t *slots;         /* index of an entry plus one; 0: empty */
    struct entry *entries;
    struct watched_filter filter;
    struct gradual copy; /* for a snapshot */
};

static void encode_entry(const void *context, size_t index, uint8_t *ret_bytes)
{
    const struct entry *entry = &((const struct watched *)context)->entries[index];
    little_endian_put_u64(ret_bytes, entry->name.print.word[0]);
    little_endian_put_u64(ret_bytes + 8, entry->name.print.word[1]);
    little_endian_put_u64(ret_bytes + 16, entry->name.hash);
    little_endian_put_u64(ret_bytes + 24, entry->stamp);
    little_endian_put_u64(ret_bytes + 32, entry->merchant);
    little_endian_put_u64(ret_bytes + 40, entry->flags);
}

static void before_change(struct watched *watched, const struct entry *entry)
{
    gradual_before_change(&watched->copy, (size_t)(entry - watched->entries));
}

int watched_open(size_t max, struct watched **ret_watched)
{
    assert(max >= 1);
    assert(max <= WATCHED_ENTRIES_MAX);
    struct watched *watched = calloc(1, sizeof *watched);
    if (watched == NULL)
        return -ENOMEM;
    watched->max = max;
    watched->copy =
        (struct gradual){.encode = encode_entry, .context = watched, .entry_bytes = ENTRY_BYTES};
    watched->oldest = watched->latest = NONE;
    watched->mask = SLOTS_MIN - 1;
    watched->slots = calloc(SLOTS_MIN, sizeof *watched->slots);
    watched->entries = calloc(max, sizeof *watched->entries);
    if (watched->slots == NULL || watched->entries == NULL ||
        watched_filter_open(&watched->filter) < 0) {
        (void)watched_close(watched); /* always NULL */
        return -ENOMEM;
    }
    *ret_watched = watched;
    return 0;
}

const struct watched_filter *watched_lanes_filter(const struct watched *watched)
{
    return &watched->filter;
}

static size_t find_slot(const struct watched *watched, const struct watched_name *name)
{
    size_t slot = (size_t)name->print.word[0] & watched->mask;
    while (watched->slots[slot] != 0 &&
           !fingerprint_equal(&watched->entries[watched->slots[slot] - 1].name.print, &name->print))
        slot = (slot + 1) & watched->mask;
    return slot;
}

static struct entry *find(const struct watched *watched, const struct watched_name *name)
{
    uint32_t slot = watched->slots[find_slot(watched, name)];
    return slot == 0 ? NULL : &watched->entries[slot - 1];
}

/* As dedupe.c's: those behind the hole move up. */
static void empty_slot(struct watched *watched, size_t slot)
{
    size_t at = slot;
    for (;;) {
        at = (at + 1) & watched->mask;
        if (watched->slots[at] == 0)
            break;
        size_t home =
            (size_t)watched->entries[watched->slots[at] - 1].name.print.word[0] & watched->mask;
        if (((at - home) & watched->mask) < ((at - slot) & watched->mask))
            continue;
        watched->slots[slot] = watched->slots[at];
        slot = at;
    }
    watched->slots[slot] = 0;
}

/* Makes the table large enough for one more entry. 0 or -ENOMEM. */
static int make_slots(struct watched *watched, size_t entries)
{
    size_t wanted = watched->mask + 1;
    while (wanted < 2 * entries)
        wanted *= 2;
    if (wanted == watched->mask + 1)
        return 0;
    uint32_t *slots = calloc(wanted, sizeof *slots);
    if (slots == NULL)
        return -ENOMEM;
    free(watched->slots);
    watched->slots = slots;
    watched->mask = wanted - 1;
    for (uint32_t i = 0; i < watched->count; i++)
        slots[find_slot(watched, &watched->entries[i].name)] = i + 1;
    return 0;
}

static void leave_list(struct watched *watched, struct entry *entry)
{
    assert(entry != NULL);
    if (entry->before == NONE)
        watched->oldest = entry->after;
    else
        watched->entries[entry->before].after = entry->after;
    if (entry->after == NONE)
        watched->latest = entry->before;
    else
        watched->entries[entry->after].before = entry->before;
}

static void join_list(struct watched *watched, struct entry *entry)
{
    uint32_t index = (uint32_t)(entry - watched->entries);
    entry->before = watched->latest;
    entry->after = NONE;
    if (watched->latest == NONE)
        watched->oldest = index;
    else
        watched->entries[watched->latest].after = index;
    watched->latest = index;
}

/* The place of a new entry: the next free one, or that of the least recently seen. NULL: all are
   named, or there is no memory. */
static struct entry *make_place(struct watched *watched)
{
    if (watched->count < watched->max) {
        if (make_slots(watched, watched->count + 1) < 0)
            return NULL;
        return &watched->entries[watched->count++];
    }
    if (watched->oldest == NONE)
        return NULL;
    struct entry *entry = &watched->entries[watched->oldest];
    before_change(watched, entry);
    leave_list(watched, entry);
    empty_slot(watched, find_slot(watched, &entry->name));
    if ((entry->flags & FLAG_MATCHED) != 0)
        watched_filter_remove(&watched->filter, entry->name.hash);
    watched->evicted++;
    return entry;
}

/* The entry of a name, made if it is not there; NULL: no room. */
static struct entry *take(struct watched *watched, const struct watched_name *name)
{
    struct entry *entry = find(watched, name);
    if (entry != NULL)
        return entry;
    assert(name->hash != 0);
    entry = make_place(watched);
    if (entry == NULL) {
        watched->refused++;
        return NULL;
    }
    *entry = (struct entry){.name = *name, .stamp = ++watched->stamp};
    watched->slots[find_slot(watched, name)] = (uint32_t)(entry - watched->entries) + 1;
    join_list(watched, entry);
    return entry;
}

static void mark(struct watched *watched, struct entry *entry, enum flag flag)
{
    before_change(watched, entry);
    if (entry->flags == 0)
        watched_filter_add(&watched->filter, entry->name.hash);
    if (flag == FLAG_NAMED && (entry->flags & FLAG_NAMED) == 0) {
        leave_list(watched, entry);
        watched->named++;
    }
    entry->flags |= flag;
}

bool watched_holds(const struct watched *watched, const struct watched_name *name)
{
    const struct entry *entry = find(watched, name);
    return entry != NULL && entry->flags != 0;
}

int watched_add_named(struct watched *watched, const struct watched_name *name)
{
    struct entry *entry = take(watched, name);
    if (entry == NULL)
        return -ENOSPC;
    mark(watched, entry, FLAG_NAMED);
    return 0;
}

void watched_add_matched(struct watched *watched, const struct watched_name *name)
{
    struct entry *entry = take(watched, name);
    if (entry != NULL)
        mark(watched, entry, FLAG_MATCHED);
}

void watched_touch(struct watched *watched, const struct watched_name *name)
{
    struct entry *entry = find(watched, name);
    if (entry == NULL || (entry->flags & FLAG_NAMED) != 0)
        return;
    before_change(watched, entry);
    leave_list(watched, entry);
    entry->stamp = ++watched->stamp;
    join_list(watched, entry);
}

void watched_set_merchant(struct watched *watched, const struct watched_name *listing,
                          const struct fingerprint *merchant)
{
    struct entry *entry = take(watched, listing);
    if (entry == NULL)
        return;
    before_change(watched, entry);
    entry->merchant = merchant->word[0];
}

bool watched_is_of(const struct watched *watched, const struct watched_name *listing,
                   const struct fingerprint *merchant)
{
    const struct entry *entry = find(watched, listing);
    return entry != NULL && entry->merchant == merchant->word[0];
}

struct watched_counts watched_counts(const struct watched *watched)
{
    return (struct watched_counts){.held = watched->count,
                                   .named = watched->named,
                                   .evicted = watched->evicted,
                                   .refused = watched->refused};
}

size_t watched_encoded_bytes(const struct watched *watched)
{
    return HEAD_BYTES + watched->count * ENTRY_BYTES;
}

int watched_encode(struct watched *watched, uint8_t *ret_bytes)
{
    little_endian_put_u64(ret_bytes, watched->stamp);
    little_endian_put_u64(ret_bytes + 8, watched->evicted);
    little_endian_put_u64(ret_bytes + 16, watched->refused);
    little_endian_put_u64(ret_bytes + 24, watched->count);
    return gradual_begin(&watched->copy, watched->count, ret_bytes + HEAD_BYTES);
}

struct gradual *watched_copy(struct watched *watched)
{
    return &watched->copy;
}

/* An entry and when it was last seen, to put the list in order. */
struct seen {
    uint64_t stamp;
    uint32_t index;
};

static int compare_seen(const void *a, const void *b)
{
    uint64_t first = ((const struct seen *)a)->stamp, second = ((const struct seen *)b)->stamp;
    return first < second ? -1 : first > second;
}

/* Makes the list from the stamps. 0; -EBADMSG: two are the same; -ENOMEM. */
static int make_list(struct watched *watched)
{
    struct seen *seen = calloc(watched->count + 1, sizeof *seen);
    if (seen == NULL)
        return -ENOMEM;
    for (uint32_t i = 0; i < watched->count; i++)
        seen[i] = (struct seen){.stamp = watched->entries[i].stamp, .index = i};
    qsort(seen, watched->count, sizeof *seen, compare_seen);
    int result = 0;
    for (size_t i = 0; i < watched->count && result == 0; i++) {
        struct entry *entry = &watched->entries[seen[i].index];
        if (i > 0 && seen[i].stamp == seen[i - 1].stamp)
            result = -EBADMSG;
        else if ((entry->flags & FLAG_NAMED) == 0)
            join_list(watched, entry);
    }
    free(seen);
    return result;
}

static int take_entry(struct watched *watched, const uint8_t *bytes)
{
    struct entry entry = {
        .name.print.word = {little_endian_get_u64(bytes), little_endian_get_u64(bytes + 8)},
        .name.hash = little_endian_get_u64(bytes + 16),
        .stamp = little_endian_get_u64(bytes + 24),
        .merchant = little_endian_get_u64(bytes + 32)};
    uint64_t flags = little_endian_get_u64(bytes + 40);
    size_t slot = find_slot(watched, &entry.name);
    if (flags > (FLAG_NAMED | FLAG_MATCHED) || entry.name.hash == 0 || entry.stamp == 0 ||
        entry.stamp > watched->stamp || watched->slots[slot] != 0)
        return -EBADMSG;
    entry.flags = (uint32_t)flags;
    watched->entries[watched->count++] = entry;
    watched->slots[slot] = (uint32_t)watched->count;
    watched->named += (flags & FLAG_NAMED) != 0 ? 1 : 0;
    if (flags != 0)
        watched_filter_add(&watched->filter, entry.name.hash);
    return 0;
}

int watched_decode(struct watched *watched, const uint8_t *bytes, size_t len)
{
    assert(watched->count == 0);
    if (len < HEAD_BYTES || (len - HEAD_BYTES) % ENTRY_BYTES != 0)
        return -EBADMSG;
    size_t count = (len - HEAD_BYTES) / ENTRY_BYTES;
    if (little_endian_get_u64(bytes + 24) != count || count > watched->max)
        return -EBADMSG;
    watched->stamp = little_endian_get_u64(bytes);
    watched->evicted = little_endian_get_u64(bytes + 8);
    watched->refused = little_endian_get_u64(bytes + 16);
    int result = make_slots(watched, count);
    for (size_t i = 0; i < count && result == 0; i++)
        result = take_entry(watched, bytes + HEAD_BYTES + i * ENTRY_BYTES);
    return result == 0 ? make_list(watched) : result;
}

struct watched *watched_close(struct watched *watched)
{
    if (watched == NULL)
        return NULL;
    watched_filter_close(&watched->filter);
    gradual_end(&watched->copy);
    free(watched->slots);
    free(watched->entries);
    free(watched);
    return NULL;
}
