/*
 * A ring of entries in the order of their records, and a table to find them in it.
 *
 * Invariants: (1) seqs ascend along the ring, so that the oldest goes first and a seq is found by
 * halving; (2) each entry of the ring has one slot in the table, reached from its home without an
 * empty slot between; (3) the table is at most half full, and grows with what it holds: a window
 * that holds little touches little memory.
 *
 * Encoded: the number of entries (64 bits), then each from the oldest on: both words of its
 * fingerprint, and its seq with the top bit set when it is matched; all little-endian.
 */
#include "daemon/dedupe.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/gradual.h"
#include "daemon/ledger/little_endian.h"

#define MATCHED    (UINT64_C(1) << 63)
#define SLOTS_MIN  1024u
#define GROW_AHEAD 16u

/* A slot holds half a word of the name, so that to pass it by, or to move it, nothing of the ring
   has to be fetched. */
#define TAG(name) ((name)->word[0] << 32)

struct entry {
    struct fingerprint name;
    uint64_t seq; /* with MATCHED */
};

static_assert(sizeof(struct entry) == DEDUPE_ENTRY_BYTES, "the memory stated is the memory used");

struct dedupe {
    size_t max, count, oldest; /* oldest: index of the ring's first entry */
    size_t mask, mask_max;     /* slots of the table less one; and once the window is full */
    uint64_t *
        slots; /* mask_max + 1 of them: TAG of the name, and index in the ring plus one; 0: empty */
    struct entry *ring;
    struct gradual copy; /* for a snapshot */
    size_t copy_oldest;  /* when it began */
};

/* A power of two, twice the entries at least. */
static size_t slots_for(size_t max)
{
    size_t slots = 2;
    while (slots < 2 * max)
        slots *= 2;
    return slots;
}

static void encode_entry(const void *context, size_t nth, uint8_t *ret_bytes)
{
    const struct dedupe *dedupe = context;
    size_t index = dedupe->copy_oldest + nth;
    const struct entry *entry = &dedupe->ring[index < dedupe->max ? index : index - dedupe->max];
    little_endian_put_u64(ret_bytes, entry->name.word[0]);
    little_endian_put_u64(ret_bytes + 8, entry->name.word[1]);
    little_endian_put_u64(ret_bytes + 16, entry->seq);
}

static void before_change(struct dedupe *dedupe, size_t index)
{
    size_t nth = index >= dedupe->copy_oldest ? index - dedupe->copy_oldest
                                              : index + dedupe->max - dedupe->copy_oldest;
    gradual_before_change(&dedupe->copy, nth);
}

/* A page that is touched first costs more than all else that an entry does, where memory is
   virtualised most of all: in large pages there are few. */
static void want_large_pages(void *memory, size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t skip = (size_t)(-(uintptr_t)memory & (page - 1));
    if (bytes > skip + page) /* a help only: without it everything still works */
        (void)madvise((char *)memory + skip, (bytes - skip) & ~(page - 1), MADV_HUGEPAGE);
}

int dedupe_open(size_t max, struct dedupe **ret_dedupe)
{
    static_assert(DEDUPE_ENTRIES_MAX < UINT32_MAX, "an index and one more must fit a slot");
    assert(max >= 1);
    assert(max <= DEDUPE_ENTRIES_MAX);
    struct dedupe *dedupe = calloc(1, sizeof *dedupe);
    if (dedupe == NULL)
        return -ENOMEM;
    dedupe->max = max;
    dedupe->copy = (struct gradual){
        .encode = encode_entry, .context = dedupe, .entry_bytes = DEDUPE_ENTRY_BYTES};
    dedupe->mask_max = slots_for(max) - 1;
    dedupe->mask = dedupe->mask_max < SLOTS_MIN ? dedupe->mask_max : SLOTS_MIN - 1;
    dedupe->slots = calloc(dedupe->mask_max + 1, sizeof *dedupe->slots);
    dedupe->ring = calloc(max, sizeof *dedupe->ring);
    if (dedupe->slots == NULL || dedupe->ring == NULL) {
        (void)dedupe_close(dedupe); /* always NULL */
        return -ENOMEM;
    }
    want_large_pages(dedupe->slots, (dedupe->mask_max + 1) * sizeof *dedupe->slots);
    want_large_pages(dedupe->ring, max * sizeof *dedupe->ring);
    *ret_dedupe = dedupe;
    return 0;
}

size_t dedupe_bytes(size_t max)
{
    return max * sizeof(struct entry) + slots_for(max) * sizeof(uint64_t);
}

static size_t home_of(const struct dedupe *dedupe, uint64_t tag)
{
    return (size_t)(tag >> 32) & dedupe->mask;
}

/* Of a slot that is not empty. */
static struct entry *entry_at(const struct dedupe *dedupe, size_t slot)
{
    return &dedupe->ring[(uint32_t)dedupe->slots[slot] - 1];
}

static size_t ring_index(const struct dedupe *dedupe, size_t nth)
{
    size_t index = dedupe->oldest + nth;
    return index < dedupe->max ? index : index - dedupe->max;
}

/* The slot of a name, or the empty one where it would stand. */
static size_t find_slot(const struct dedupe *dedupe, const struct fingerprint *name)
{
    size_t slot = home_of(dedupe, TAG(name));
    while (dedupe->slots[slot] != 0 &&
           ((uint32_t)(dedupe->slots[slot] >> 32) != (uint32_t)name->word[0] ||
            !fingerprint_equal(&entry_at(dedupe, slot)->name, name)))
        slot = (slot + 1) & dedupe->mask;
    return slot;
}

bool dedupe_find(const struct dedupe *dedupe, const struct fingerprint *name,
                 struct dedupe_entry *ret_entry)
{
    size_t slot = find_slot(dedupe, name);
    if (dedupe->slots[slot] == 0)
        return false;
    uint64_t seq = entry_at(dedupe, slot)->seq;
    *ret_entry = (struct dedupe_entry){.seq = seq & ~MATCHED, .matched = (seq & MATCHED) != 0};
    return true;
}

void dedupe_expect(const struct dedupe *dedupe, const struct fingerprint *name)
{
    __builtin_prefetch(&dedupe->slots[home_of(dedupe, TAG(name))]);
}

/* Empties a slot and moves those behind it up, so that invariant 2 holds without marks for what is
   gone. */
static void empty_slot(struct dedupe *dedupe, size_t slot)
{
    size_t at = slot;
    for (;;) {
        at = (at + 1) & dedupe->mask;
        if (dedupe->slots[at] == 0)
            break;
        size_t home = home_of(dedupe, dedupe->slots[at]);
        if (((at - home) & dedupe->mask) < ((at - slot) & dedupe->mask))
            continue; /* its home is behind the hole */
        dedupe->slots[slot] = dedupe->slots[at];
        slot = at;
    }
    dedupe->slots[slot] = 0;
}

static void drop_oldest(struct dedupe *dedupe)
{
    assert(dedupe->count > 0);
    empty_slot(dedupe, find_slot(dedupe, &dedupe->ring[dedupe->oldest].name));
    dedupe->oldest = ring_index(dedupe, 1);
    dedupe->count--;
}

/* Makes the table four times as large, so that a name is moved once or twice in all. */
static void grow(struct dedupe *dedupe)
{
    memset(dedupe->slots, 0, (dedupe->mask + 1) * sizeof *dedupe->slots);
    dedupe->mask =
        4 * dedupe->mask + 3 < dedupe->mask_max ? 4 * dedupe->mask + 3 : dedupe->mask_max;
    for (size_t nth = 0; nth < dedupe->count; nth++) {
        if (nth + GROW_AHEAD < dedupe->count)
            dedupe_expect(dedupe, &dedupe->ring[ring_index(dedupe, nth + GROW_AHEAD)].name);
        size_t index = ring_index(dedupe, nth);
        uint64_t tag = TAG(&dedupe->ring[index].name);
        size_t slot = home_of(dedupe, tag);
        while (dedupe->slots[slot] != 0)
            slot = (slot + 1) & dedupe->mask;
        dedupe->slots[slot] = tag | (index + 1);
    }
}

void dedupe_add(struct dedupe *dedupe, const struct fingerprint *name, uint64_t seq)
{
    assert(seq < MATCHED);
    size_t slot = find_slot(dedupe, name);
    if (dedupe->slots[slot] != 0)
        return;
    if (dedupe->count == dedupe->max) {
        drop_oldest(dedupe);
        slot = find_slot(dedupe, name); /* what was moved up may stand there */
    } else if (2 * (dedupe->count + 1) > dedupe->mask + 1) {
        grow(dedupe);
        slot = find_slot(dedupe, name);
    }
    if (dedupe->count > 0)
        assert(seq > (dedupe->ring[ring_index(dedupe, dedupe->count - 1)].seq & ~MATCHED));
    size_t index = ring_index(dedupe, dedupe->count);
    before_change(dedupe, index);
    dedupe->ring[index] = (struct entry){.name = *name, .seq = seq};
    dedupe->slots[slot] = TAG(name) | (index + 1);
    dedupe->count++;
}

void dedupe_set_matched(struct dedupe *dedupe, uint64_t seq)
{
    size_t from = 0, to = dedupe->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        struct entry *entry = &dedupe->ring[ring_index(dedupe, middle)];
        if ((entry->seq & ~MATCHED) == seq) {
            before_change(dedupe, ring_index(dedupe, middle));
            entry->seq |= MATCHED;
            return;
        }
        if ((entry->seq & ~MATCHED) < seq)
            from = middle + 1;
        else
            to = middle;
    }
}

size_t dedupe_count(const struct dedupe *dedupe)
{
    return dedupe->count;
}

size_t dedupe_encoded_bytes(const struct dedupe *dedupe)
{
    return 8 + dedupe->count * DEDUPE_ENTRY_BYTES;
}

int dedupe_encode(struct dedupe *dedupe, uint8_t *ret_bytes)
{
    little_endian_put_u64(ret_bytes, dedupe->count);
    dedupe->copy_oldest = dedupe->oldest;
    return gradual_begin(&dedupe->copy, dedupe->count, ret_bytes + 8);
}

struct gradual *dedupe_copy(struct dedupe *dedupe)
{
    return &dedupe->copy;
}

/* Takes one encoded entry, if it may follow those taken. */
static bool take_entry(struct dedupe *dedupe, const uint8_t *bytes)
{
    struct fingerprint name = {
        .word = {little_endian_get_u64(bytes), little_endian_get_u64(bytes + 8)}};
    uint64_t seq = little_endian_get_u64(bytes + 16);
    uint64_t last = dedupe->count > 0 ? dedupe->ring[dedupe->count - 1].seq & ~MATCHED : 0;
    if ((dedupe->count > 0 && (seq & ~MATCHED) <= last) ||
        dedupe->slots[find_slot(dedupe, &name)] != 0)
        return false;
    dedupe_add(dedupe, &name, seq & ~MATCHED);
    dedupe->ring[dedupe->count - 1].seq = seq;
    return true;
}

int dedupe_decode(struct dedupe *dedupe, const uint8_t *bytes, size_t len)
{
    assert(dedupe->count == 0);
    dedupe->oldest = 0;
    if (len < 8 || (len - 8) % DEDUPE_ENTRY_BYTES != 0)
        return -EBADMSG;
    size_t count = (len - 8) / DEDUPE_ENTRY_BYTES;
    if (little_endian_get_u64(bytes) != count || count > dedupe->max)
        return -EBADMSG;
    for (size_t i = 0; i < count; i++) {
        if (take_entry(dedupe, bytes + 8 + i * DEDUPE_ENTRY_BYTES))
            continue;
        while (dedupe->count > 0)
            drop_oldest(dedupe);
        return -EBADMSG;
    }
    return 0;
}

struct dedupe *dedupe_close(struct dedupe *dedupe)
{
    if (dedupe == NULL)
        return NULL;
    gradual_end(&dedupe->copy);
    free(dedupe->slots);
    free(dedupe->ring);
    free(dedupe);
    return NULL;
}
