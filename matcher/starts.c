/*
 * Where literals may begin: the tables, the plain path, and from places to ranges.
 */
#include "matcher/starts.h"

#include <assert.h>
#include <emmintrin.h>
#include <errno.h>
#include <stdlib.h>

#include "matcher/starts_walk.h"

#define LETTERS_BYTES 6u  /* two code points of most scripts without word spaces */
#define FILTER_BITS   16u /* for one hash, at least */
#define APART_BYTES   64u /* ranges nearer than this cost more apart than as one */

/* The range that is not handed over yet; empty: there is none. */
struct open_range {
    starts_take *take;
    void *context;
    size_t begin, end, len;
};

static uint64_t *word_of(const struct starts *starts, uint64_t hash)
{
    return &starts->filter[hash >> starts->filter_shift];
}

static struct starts_slot *slot_of(const struct starts *starts, uint64_t hash)
{
    uint32_t at = starts_slot_at(starts, hash);
    while (starts->slots[at].reach != 0 && starts->slots[at].hash != hash >> 32)
        at = (at + 1) & starts->slots_mask;
    return &starts->slots[at];
}

static void add(struct starts *starts, uint64_t hash, uint32_t reach)
{
    struct starts_slot *slot = slot_of(starts, hash);
    slot->hash = (uint32_t)(hash >> 32);
    slot->reach = slot->reach < reach ? reach : slot->reach;
}

/* Files two words under that one of them whose part of the filter is emptier: many names have one
   common word ("new ..."), few have two. */
static void file_pair(struct starts *starts, uint64_t first, uint64_t second, uint64_t pair)
{
    uint64_t *under_first = word_of(starts, first), *under_second = word_of(starts, second);
    bool emptier = __builtin_popcountll(*under_first) < __builtin_popcountll(*under_second);
    *(emptier ? under_first : under_second) |= starts_bits(pair);
}

/* The first len bytes (<= 8) at bytes, zeros behind them. */
static uint64_t first_bytes(const void *bytes, size_t len)
{
    uint64_t value = 0;
    memcpy(&value, bytes, len < 8 ? len : 8);
    return value;
}

static uint64_t word_key(const char *word, size_t len)
{
    return starts_word_key(first_bytes(word, len), len > 8 ? first_bytes(word + 8, len - 8) : 0);
}

/* Bytes of the word at the front of text, which a space must end; 0 if there is none. */
static uint32_t word_len(const char *text, size_t len)
{
    const char *end = memchr(text, ' ', len);
    return end == NULL ? 0 : (uint32_t)(end - text);
}

/* A literal that begins with a space: by its first word, or its first two if both are whole. */
static void add_spaced(struct starts *starts, const char *literal, uint32_t len)
{
    uint32_t first = word_len(literal + 1, len - 1);
    if (first == 0) {
        starts->anywhere = true;
        return;
    }
    const char *rest = literal + 2 + first;
    uint32_t second = word_len(rest, len - 2 - first);
    uint64_t hash = starts_hash(word_key(literal + 1, first));
    if (first > starts->word_max)
        starts->word_max = first;
    if (second == 0) {
        *word_of(starts, hash) |= starts_bits(hash);
        add(starts, hash, len);
        return;
    }
    uint64_t other = starts_hash(word_key(rest, second)), pair = starts_pair_hash(hash, other);
    file_pair(starts, hash, other, pair);
    add(starts, pair, len);
}

static void add_unspaced(struct starts *starts, const char *literal, uint32_t len)
{
    if ((uint8_t)literal[0] < 0xC0) {
        starts->anywhere = true;
        return;
    }
    starts->leads |= 1ull << ((uint8_t)literal[0] - 0xC0);
    uint64_t hash = starts_hash(first_bytes(literal, len) & starts->letters);
    *word_of(starts, hash) |= starts_bits(hash);
    add(starts, hash, len);
}

/* The exponent of the least power of two that is count at least, and 16. */
static unsigned room_for(size_t count)
{
    unsigned room = 4;
    while ((size_t)1 << room < count)
        room++;
    return room;
}

int starts_make(const struct literals *literals, struct starts *ret_starts)
{
    unsigned filter = room_for(literals->count * FILTER_BITS / 64);
    unsigned slots = room_for(literals->count * 2);
    struct starts starts = {.filter = calloc((size_t)1 << filter, sizeof *starts.filter),
                            .slots = calloc((size_t)1 << slots, sizeof *starts.slots),
                            .filter_shift = 64 - filter,
                            .slots_mask = (1u << slots) - 1,
                            .count = literals->count};
    if (starts.filter == NULL || starts.slots == NULL) {
        starts_free(&starts);
        return -ENOMEM;
    }
    uint32_t shortest = LETTERS_BYTES;
    for (size_t i = 0; i < literals->count; i++) {
        uint32_t len = literals->begin[i + 1] - literals->begin[i];
        if (literals->bytes[literals->begin[i]] != ' ' && len < shortest)
            shortest = len;
    }
    starts.letters = (1ull << (8 * shortest)) - 1;
    for (size_t i = 0; i < literals->count; i++) {
        const char *literal = (const char *)literals->bytes + literals->begin[i];
        uint32_t len = literals->begin[i + 1] - literals->begin[i];
        if (literal[0] == ' ')
            add_spaced(&starts, literal, len);
        else
            add_unspaced(&starts, literal, len);
    }
    *ret_starts = starts;
    return 0;
}

void starts_free(struct starts *starts)
{
    free(starts->filter);
    free(starts->slots);
    *starts = (struct starts){0};
}

size_t starts_bytes(const struct starts *starts)
{
    return ((size_t)1 << (64 - starts->filter_shift)) * sizeof *starts->filter +
           ((size_t)starts->slots_mask + 1) * sizeof *starts->slots;
}

/* Eight bytes of text up to their first space, zeros from there on; *ret_whole: there is none. */
static inline uint64_t cut(const char *text, bool *ret_whole)
{
    const uint64_t ones = 0x0101010101010101, spaces = ones * ' ';
    uint64_t bytes = 0;
    memcpy(&bytes, text, sizeof bytes);
    uint64_t other = bytes ^ spaces, top = (other - ones) & ~other & ones << 7; /* lowest: right */
    *ret_whole = top == 0;
    return bytes & (((top & (~top + 1)) >> 7) - 1);
}

STARTS_INLINE void put_word(struct starts_keys *words, const char *text, size_t at)
{
    bool whole = false, rest = false;
    uint64_t low = cut(text + at, &whole), high = cut(text + at + 8, &rest);
    words->keys[words->count] = starts_word_key(low, whole ? high : 0);
    words->ats[words->count++] = (uint32_t)at;
}

STARTS_INLINE void put_letters(struct starts_walk *walk, size_t at)
{
    uint8_t lead = (uint8_t)walk->text[at];
    struct starts_keys *letters = &walk->letters;
    uint64_t bytes = 0;
    memcpy(&bytes, walk->text + at, sizeof bytes);
    letters->keys[letters->count] = bytes & walk->starts->letters;
    letters->ats[letters->count] = (uint32_t)at;
    letters->count += walk->starts->leads >> (lead & 63) & 1;
}

static void list_plain(struct starts_walk *walk, size_t base, size_t end)
{
    for (; base < end; base += 16) {
        const __m128i *at = (const __m128i *)(const void *)(walk->text + base);
        __m128i bytes = _mm_loadu_si128(at);
        unsigned inside = end - base < 16 ? (1u << (end - base)) - 1 : 0xFFFF;
        unsigned spaces = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')));
        __m128i lead = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)0xBF)), bytes);
        unsigned leads = (unsigned)_mm_movemask_epi8(lead) & inside;
        unsigned begins = (spaces << 1 | (unsigned)walk->space) & ~spaces & inside;
        walk->space = spaces >> 15;
        for (; begins != 0; begins &= begins - 1)
            put_word(&walk->words, walk->text, base + (unsigned)__builtin_ctz(begins));
        for (; leads != 0; leads &= leads - 1)
            put_letters(walk, base + (unsigned)__builtin_ctz(leads));
    }
}

/* Whether a word of the filter may hold a hash. */
static bool has(uint64_t word, uint64_t hash)
{
    return (~word & starts_bits(hash)) == 0;
}

static void look_plain(struct starts_walk *walk)
{
    const struct starts *starts = walk->starts;
    const struct starts_keys *words = &walk->words, *letters = &walk->letters;
    uint64_t first = starts_hash(words->keys[0]), under_first = *word_of(starts, first);
    for (size_t i = 1; i < words->count; i++) {
        uint64_t single = starts_hash(words->keys[i]), under = *word_of(starts, single);
        uint64_t pair = starts_pair_hash(first, single);
        bool pairs = has(under_first, pair) || has(under, pair), singles = has(under, single);
        if (pairs || singles)
            starts_put_words(walk, i - 1, pairs, singles, &pair, &single);
        first = single;
        under_first = under;
    }
    for (size_t i = 0; i < letters->count; i++) {
        uint64_t hash = starts_hash(letters->keys[i]);
        if (has(*word_of(starts, hash), hash))
            starts_put(starts, &walk->by_letters, letters->ats[i], hash);
    }
}

/* Hands the open range over; false ends the search. */
static bool close_range(struct open_range *range)
{
    size_t begin = range->begin, end = range->end < range->len ? range->end : range->len;
    range->begin = range->end = 0;
    return begin == end || range->take(range->context, begin, end);
}

/* Joins a place to the open range, or begins another; false ends the search. */
static bool join(struct open_range *range, const struct starts *starts, size_t at, uint64_t hash)
{
    size_t end = at + slot_of(starts, hash)->reach;
    if (end == at)
        return true;
    /* Of two words the first may lie before all that was found in the chunk before, but not by more
       than this: so no range begins before the end of one that was handed over. */
    size_t apart = starts->word_max + 2u + APART_BYTES;
    if (range->begin == range->end || at > range->end + apart) {
        if (!close_range(range))
            return false;
        range->begin = at;
    }
    range->begin = at < range->begin ? at : range->begin;
    range->end = end > range->end ? end : range->end;
    return true;
}

static bool join_all(struct open_range *range, struct starts_walk *walk)
{
    const struct starts_places *words = &walk->by_words, *letters = &walk->by_letters;
    size_t i = 0, k = 0;
    bool on = true;
    while (on && i + k < words->count + letters->count) {
        bool is_word = k == letters->count || (i < words->count && words->ats[i] < letters->ats[k]);
        on = is_word ? join(range, walk->starts, words->ats[i], words->hashes[i])
                     : join(range, walk->starts, letters->ats[k], letters->hashes[k]);
        i += is_word;
        k += !is_word;
    }
    return on;
}

bool starts_find(const struct starts *starts, enum fold_path path, const char *text, size_t len,
                 starts_take *take, void *context)
{
    static_assert(STARTS_SPARE <= FOLD_SLACK_BYTES, "words are read so far behind the text");
    /* 25 KB of which a short text needs little: zeroing them costs more than such a text. */
    __attribute__((uninitialized)) struct starts_walk walk;
    struct open_range range = {.take = take, .context = context, .len = len};
    bool wide = path == FOLD_PATH_AVX512;
    assert(len == 0 || text[0] == ' ');
    assert(len <= FOLD_TEXT_MAX);
    if (starts->anywhere)
        return len == 0 || take(context, 0, len);
    walk.starts = starts;
    walk.text = text;
    walk.len = len;
    walk.space = 0;
    walk.words.count = 1;
    walk.words.keys[0] = 0;
    walk.words.ats[0] = UINT32_MAX / 2; /* far from any: a pair of nothing and a word is none */
    for (size_t base = 0; base < len; base += STARTS_CHUNK) {
        size_t end = len - base < STARTS_CHUNK ? len : base + STARTS_CHUNK;
        walk.letters.count = walk.by_words.count = walk.by_letters.count = 0;
        (wide ? starts_list_avx512 : list_plain)(&walk, base, end);
        (wide ? starts_look_avx512 : look_plain)(&walk);
        if (!join_all(&range, &walk))
            return false;
        struct starts_keys *words = &walk.words;
        words->keys[0] = words->keys[words->count - 1];
        words->ats[0] = words->ats[words->count - 1];
        words->count = 1;
    }
    return close_range(&range);
}
