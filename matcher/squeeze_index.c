/*
 * Makes the tables of the squeezed reading from the lists.
 */
#include "matcher/squeeze_index.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "matcher/fold.h"
#include "matcher/looks.h"
#include "matcher/squeeze_align.h"
#include "matcher/squeeze_find.h"
#include "matcher/squeeze_more.h"

#define LETTERS_MAX  SQUEEZE_FORM_LETTERS_MAX
#define FILTER_BITS  12u /* of the filter for one key, at least */
#define FRONT_BITS   8u  /* of the filter of fronts for one front, at least */
#define RANGES_WORDS 6u  /* joined words are keys of a text with at most so many */
#define HALF_FULL    2u

/* What is made, once to count and once to fill. */
struct making {
    const struct matcher_lists *lists;
    struct squeeze_index *index;
    size_t keys, fronts, words, odd, targets, masked;
    bool fills;
    struct squeeze_letter letters[LETTERS_MAX + 1 + LOOKS_LETTERS_MAX];
    size_t count;
};

static void add_bits(struct making *making, uint64_t hash)
{
    making->keys++;
    if (making->fills)
        making->index->filter[hash & making->index->filter_mask] |= squeeze_filter_bits(hash);
}

static void add_plain(struct making *making, uint64_t hash)
{
    struct squeeze_index *index = making->index;
    making->words++;
    if (!making->fills)
        return;
    hash += hash == 0;
    uint32_t at = (uint32_t)hash & index->plain_mask;
    while (index->plain[at] != 0 && index->plain[at] != hash)
        at = (at + 1) & index->plain_mask;
    index->plain[at] = hash;
}

/* A listed word of letters [begin, end), if a double letter or a digit makes it suspect. */
static void add_odd(struct making *making, size_t begin, size_t end)
{
    struct squeeze_index *index = making->index;
    uint64_t bytes[2] = {0};
    uint32_t last = 0;
    bool odd = false;
    if (end - begin >= SQUEEZE_LONG)
        return;
    for (size_t i = begin; i < end; i++) {
        uint32_t source = making->letters[i].source;
        if (source >= 0x80)
            return;
        odd |= source == last || source - '0' < 10;
        last = source;
        bytes[(i - begin) / 8] |= (uint64_t)source << ((i - begin) % 8 * 8);
    }
    making->odd += odd;
    if (!odd || !making->fills)
        return;
    uint64_t hash = squeeze_odd_hash(bytes[0], bytes[1]);
    uint32_t at = (uint32_t)hash & index->odd_mask;
    while (index->odd[at] != 0 && index->odd[at] != hash)
        at = (at + 1) & index->odd_mask;
    index->odd[at] = hash;
}

bool squeeze_is_plain(const struct squeeze_index *index, uint64_t hash)
{
    hash += hash == 0;
    for (uint32_t at = (uint32_t)hash & index->plain_mask; index->plain[at] != 0;
         at = (at + 1) & index->plain_mask)
        if (index->plain[at] == hash)
            return true;
    return false;
}

static void add_target(struct making *making, uint32_t hash, uint32_t target)
{
    struct squeeze_index *index = making->index;
    const struct squeeze_letter *last = &making->letters[making->count - 1];
    size_t number = making->masked;
    making->targets++;
    bool listed = squeeze_index_more(index, making->lists, target) == NULL;
    making->masked += listed;
    if (!making->fills)
        return;
    uint32_t at = hash & index->slots_mask;
    while (index->slots[at].target != SQUEEZE_NONE)
        at = (at + 1) & index->slots_mask;
    index->slots[at] = (struct squeeze_slot){hash, target};
    if (listed)
        index->masked[number] = (struct squeeze_slot){
            squeeze_mask_hash(making->letters[0].key, last->key, making->count), target};
}

/* The front of the key of letters [begin, end), as the filter sees it in a text. */
static uint64_t front_of(const struct making *making, size_t begin, size_t end)
{
    uint8_t key[SQUEEZE_KEY_BYTES] = {0};
    size_t len = 0;
    uint8_t last = 0;
    for (size_t i = begin; i < end && len < SQUEEZE_KEY_BYTES; i++) {
        uint8_t letter = making->letters[i].key;
        if (letter != last)
            key[len++] = last = letter;
    }
    uint64_t low = 0, high = 0;
    memcpy(&low, key, 8);
    memcpy(&high, key + 8, 8);
    return squeeze_front_hash(low, high);
}

static void add_front(struct making *making, uint64_t front)
{
    making->fronts++;
    if (making->fills)
        making->index->fronts[front & making->index->fronts_mask] |= squeeze_filter_bits(front);
}

static void add_whole(struct making *making, uint64_t front, enum squeeze_part part)
{
    add_front(making, front);
    add_bits(making, squeeze_part_hash(front, part));
}

/* The words of a text of several, alone and joined, but for the whole text: as what they are, and
   with those that may stand before them. */
static void add_ranges(struct making *making, const size_t *begin, size_t words)
{
    uint64_t fronts[LETTERS_MAX + 1][RANGES_WORDS]; /* by their end and their words, less one */
    const struct squeeze_letter *letters = making->letters;
    size_t joined_max = words <= RANGES_WORDS ? words : 1;
    for (size_t end = 1; end <= words; end++) {
        size_t most = end < joined_max ? end : joined_max;
        for (size_t joined = 1; joined <= most && joined < words; joined++) {
            size_t from = end - joined, others = from < joined_max ? from : joined_max;
            uint64_t front = front_of(making, begin[from], begin[end]);
            fronts[end][joined - 1] = front;
            add_front(making, front);
            if (end < words)
                add_bits(making, squeeze_beside_hash(front, letters[begin[end]].key, false));
            if (from > 0)
                add_bits(making, squeeze_beside_hash(front, letters[begin[from] - 1].key, true));
            for (size_t other = 0; other < others; other++)
                add_bits(making, squeeze_pair_hash(fronts[from][other], front));
        }
    }
}

static void add_words(struct making *making, bool is_listed)
{
    size_t begin[LETTERS_MAX + 1], words = 0;
    for (size_t i = 0; i < making->count; i++)
        if (i == 0 || making->letters[i].gap != SQUEEZE_GAP_NONE)
            begin[words++] = i;
    begin[words] = making->count;
    if (words > making->index->words_max)
        making->index->words_max = words;
    for (size_t i = 0; i < words; i++) {
        uint64_t plain = 0;
        for (size_t k = begin[i]; k < begin[i + 1]; k++)
            plain = squeeze_plain_add(plain, making->letters[k].source);
        if (is_listed) {
            add_plain(making, plain);
            add_odd(making, begin[i], begin[i + 1]);
        }
    }
    if (words > 1)
        add_ranges(making, begin, words);
    uint64_t front = front_of(making, 0, making->count);
    if (making->count < 4 || (words > 1 && making->count < 6))
        add_whole(making, front, SQUEEZE_PART_SHORT);
    if (making->count >= 4)
        add_whole(making, front, SQUEEZE_PART_FORM);
}

static void add_text(struct making *making, uint32_t target, size_t letters_min)
{
    making->count =
        squeeze_index_read(making->index, making->lists, target, making->letters, LETTERS_MAX + 1);
    if (making->count < letters_min || making->count > LETTERS_MAX)
        return;
    struct squeeze_rolling rolling = {0};
    for (size_t i = 0; i < making->count; i++) {
        squeeze_roll(&rolling, making->letters[i].key);
        if (rolling.len == SQUEEZE_PREFIX_BYTES)
            add_bits(making, squeeze_prefix_hash(rolling.front));
        if (rolling.len == SQUEEZE_COMPOUND_BYTES)
            add_bits(making, squeeze_compound_hash(rolling.front));
    }
    if (making->count > making->index->letters_max)
        making->index->letters_max = making->count;
    add_target(making, (uint32_t)rolling.hash, target);
    add_words(making, squeeze_index_more(making->index, making->lists, target) == NULL);
}

static bool is_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((uint8_t)text[i] >= 0x80)
            return false;
    return true;
}

static struct lists_text text_of(const struct matcher_lists *lists, uint32_t target)
{
    uint32_t number = target >> 1;
    return number < lists->forms_count ? lists->forms[number].core
                                       : lists->cues[number - lists->forms_count].text;
}

size_t squeeze_index_read(const struct squeeze_index *index, const struct matcher_lists *lists,
                          uint32_t target, struct squeeze_letter *out, size_t room)
{
    const struct squeeze_more *more = squeeze_index_more(index, lists, target);
    if (more != NULL)
        return squeeze_read_listed(index->more_bytes + more->at, more->len, false, out, room);
    struct lists_text text = text_of(lists, target);
    return squeeze_read_listed(lists_at(lists, text), text.len, (target & 1) != 0, out, room);
}

static void add_all(struct making *making)
{
    const struct matcher_lists *lists = making->lists;
    making->keys = making->fronts = making->words = making->odd = 0;
    making->targets = making->masked = 0;
    size_t count = lists->unsqueezed ? 0 : lists->forms_count + lists->cues_count;
    for (size_t i = 0; i < count; i++) {
        uint32_t target = (uint32_t)i << 1;
        size_t letters_min = i < lists->forms_count ? 2 : SQUEEZE_CUE_LETTERS_MIN;
        struct lists_text text = text_of(lists, target);
        add_text(making, target, letters_min);
        /* A letter may look like ASCII as a capital only: both ways of writing have keys. */
        if (!is_ascii(lists_at(lists, text), text.len))
            add_text(making, target | 1, letters_min);
    }
    for (size_t i = 0; i < making->index->more_count; i++)
        add_text(making, (uint32_t)(count + i) << 1, 2);
}

static bool is_sign(uint32_t cp)
{
    return cp - '0' >= 10 && (cp | 0x20) - 'a' >= 26;
}

static bool is_any(uint8_t byte, const char *bytes)
{
    return byte != 0 && strchr(bytes, byte) != NULL;
}

static void fill_pairs(struct squeeze_index *index, uint8_t byte)
{
    bool digit = (uint8_t)(byte - '0') < 10, letter = !is_sign(byte) && !digit;
    bool loose = is_any(byte, "$@!|"), small = (uint8_t)(byte - 'a') < 26;
    unsigned left = letter ? SQUEEZE_PAIR_LETTER_DIGIT : 0, right = 0;
    left |= digit ? SQUEEZE_PAIR_DIGIT_LETTER : 0;
    left |= letter || digit ? SQUEEZE_PAIR_TO_LOOSE : 0;
    left |= loose ? SQUEEZE_PAIR_LOOSE_TO : 0;
    left |= small ? SQUEEZE_PAIR_HUMP : 0;
    left |= is_any(byte, "<%\\&") ? SQUEEZE_PAIR_OPENS : 0;
    right |= digit ? SQUEEZE_PAIR_LETTER_DIGIT : 0;
    right |= letter ? SQUEEZE_PAIR_DIGIT_LETTER | SQUEEZE_RIGHT_LETTER : 0;
    right |= loose ? SQUEEZE_PAIR_TO_LOOSE : 0;
    right |= letter || digit ? SQUEEZE_PAIR_LOOSE_TO : 0;
    right |= letter && !small ? SQUEEZE_PAIR_HUMP : 0;
    right |= byte > ' ' ? SQUEEZE_PAIR_OPENS : SQUEEZE_RIGHT_SPACE;
    index->left[byte] = (uint8_t)left;
    index->right[byte] = (uint8_t)right;
}

static void fill_looks(struct squeeze_index *index)
{
    for (uint32_t cp = 0; cp < 128; cp++) {
        bool sign = cp > ' ' && is_sign(cp) && looks_leet(cp) != NULL;
        fill_pairs(index, (uint8_t)cp);
        index->signs[cp] = sign ? looks_class((uint8_t)looks_leet(cp)[0]) : 0;
        bool closer = sign || is_any((uint8_t)cp, "<%\\&*");
        index->glances[cp] = closer        ? SQUEEZE_GLANCE_CLOSER
                             : is_sign(cp) ? 0
                                           : looks_class((uint8_t)(cp | 0x20));
    }
    for (uint32_t cp = 0; cp < SQUEEZE_BMP; cp++) {
        char text[4];
        struct looks_unit unit;
        bool surrogate = cp >= 0xD800 && cp < 0xE000;
        unsigned len = fold_encode(surrogate ? '.' : cp, (uint8_t *)text);
        looks_next(text, len, 0, &unit);
        index->looks[cp] = (uint8_t)squeeze_look_of(&unit);
        index->keys[cp] = 0;
        if (unit.kind == LOOKS_FOREIGN)
            index->keys[cp] = squeeze_foreign_key(squeeze_folded(cp));
        if (unit.kind == LOOKS_LETTERS && unit.letters_count == 1)
            index->keys[cp] = looks_class(unit.letters[0]);
        uint8_t *page = &index->pages[cp >> 6];
        if ((cp & 63) == 0)
            *page = index->looks[cp];
        else if (*page != index->looks[cp])
            *page = SQUEEZE_PAGE_MIXED;
    }
}

static int compare_slots(const void *a, const void *b)
{
    const struct squeeze_slot *left = a, *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return left->target < right->target ? -1 : left->target > right->target;
}

/* The least power of two >= need. */
static size_t power_of_two(size_t need)
{
    size_t size = 64;
    while (size < need)
        size *= 2;
    return size;
}

static int make_room(struct making *making)
{
    struct squeeze_index *index = making->index;
    size_t filter = power_of_two(making->keys * FILTER_BITS / 64);
    size_t fronts = power_of_two(making->fronts * FRONT_BITS / 64);
    size_t slots = power_of_two(making->targets * HALF_FULL);
    size_t plain = power_of_two(making->words * HALF_FULL);
    size_t odd = power_of_two(making->odd * HALF_FULL);
    index->filter = calloc(filter, sizeof *index->filter);
    index->fronts = calloc(fronts, sizeof *index->fronts);
    index->slots = malloc(slots * sizeof *index->slots);
    index->plain = calloc(plain, sizeof *index->plain);
    index->odd = calloc(odd, sizeof *index->odd);
    index->masked = malloc((making->masked + 1) * sizeof *index->masked);
    index->looks = malloc(SQUEEZE_BMP);
    index->keys = malloc(SQUEEZE_BMP);
    if (index->filter == NULL || index->fronts == NULL || index->slots == NULL ||
        index->plain == NULL || index->odd == NULL || index->masked == NULL ||
        index->looks == NULL || index->keys == NULL)
        return -ENOMEM;
    memset(index->slots, 0xFF, slots * sizeof *index->slots);
    index->filter_mask = filter - 1;
    index->fronts_mask = fronts - 1;
    index->slots_mask = (uint32_t)slots - 1;
    index->plain_mask = (uint32_t)plain - 1;
    index->odd_mask = (uint32_t)odd - 1;
    index->masked_count = making->masked;
    index->bytes += (filter + fronts) * sizeof *index->filter + slots * sizeof *index->slots +
                    (plain + odd) * sizeof *index->plain + making->masked * sizeof *index->masked +
                    2 * SQUEEZE_BMP;
    return 0;
}

int squeeze_index_make(const struct matcher_lists *lists, const struct variants *variants,
                       struct squeeze_index *ret_index)
{
    *ret_index = (struct squeeze_index){.words_max = 1};
    struct making making = {.lists = lists, .index = ret_index};
    int kept = squeeze_more_keep(lists, variants, ret_index);
    if (kept == 0)
        add_all(&making);
    if (kept < 0 || make_room(&making) < 0) {
        squeeze_index_free(ret_index);
        return -ENOMEM;
    }
    making.fills = true;
    add_all(&making);
    qsort(ret_index->masked, ret_index->masked_count, sizeof *ret_index->masked, compare_slots);
    fill_looks(ret_index);
    if (ret_index->words_max > SQUEEZE_WORDS_MAX)
        ret_index->words_max = SQUEEZE_WORDS_MAX;
    return 0;
}

void squeeze_index_free(struct squeeze_index *index)
{
    free(index->filter);
    free(index->fronts);
    free(index->slots);
    free(index->plain);
    free(index->odd);
    free(index->masked);
    free(index->more);
    free(index->more_bytes);
    free(index->looks);
    free(index->keys);
    *index = (struct squeeze_index){0};
}
