/*
 * The words beside a part of a suspect: whether they may be its neighbours in a listed text.
 */
#include "matcher/squeeze_quick.h"

#define BESIDE_INLINE static inline __attribute__((always_inline))
#define LETTERS_MAX   40u /* of a word beside that are read */
#define SIGNS_BETWEEN 8u  /* signs and spaces between two words */

/* What one code point beside is. */
enum beside {
    BESIDE_SPACE, /* also the end of the text */
    BESIDE_SIGN,
    BESIDE_LETTER,
    BESIDE_NOTHING,
    BESIDE_MAYBE,   /* a sign that may be a letter */
    BESIDE_UNKNOWN, /* only a full reading can tell */
};

/* A text is read from a place in one direction. */
struct walk {
    const struct squeeze_quick *quick;
    size_t at;   /* between two code points */
    uint8_t key; /* of the letter read last */
};

static enum beside look_of(struct walk *walk, uint32_t cp)
{
    const struct squeeze_index *index = walk->quick->index;
    enum squeeze_look look = (enum squeeze_look)index->looks[cp];
    if (look == SQUEEZE_LOOK_NOTHING)
        return BESIDE_NOTHING;
    if (look == SQUEEZE_LOOK_SPACE)
        return BESIDE_SPACE;
    if (look == SQUEEZE_LOOK_SIGN || (look == SQUEEZE_LOOK_WEAK && squeeze_is_money(cp)))
        return looks_leet(cp) != NULL ? BESIDE_MAYBE : BESIDE_SIGN;
    walk->key = index->keys[cp];
    return walk->key != 0 ? BESIDE_LETTER : BESIDE_UNKNOWN;
}

/* Goes over a code point that is no ASCII. */
static __attribute__((noinline)) enum beside next_other(struct walk *walk, bool back)
{
    const uint8_t *text = (const uint8_t *)walk->quick->text;
    size_t from = walk->at - back, end = back ? walk->at : walk->quick->len;
    uint32_t cp = 0;
    while (back && from > 0 && end - from < 4 && (text[from] & 0xC0) == 0x80)
        from--;
    unsigned len = fold_decode(text + from, end - from, &cp);
    walk->at = back ? from : from + len;
    bool whole = len != 0 && (!back || from + len == end);
    return whole && cp < SQUEEZE_BMP ? look_of(walk, cp) : BESIDE_UNKNOWN;
}

/* Goes over the next code point. */
BESIDE_INLINE enum beside next(struct walk *walk, bool back)
{
    const struct squeeze_quick *quick = walk->quick;
    if (walk->at == (back ? 0 : quick->len))
        return BESIDE_SPACE;
    uint8_t byte = (uint8_t)quick->text[walk->at - back];
    if (byte >= 0x80)
        return next_other(walk, back);
    walk->at = back ? walk->at - 1 : walk->at + 1;
    walk->key = quick->index->keys[byte];
    if (walk->key != 0)
        return BESIDE_LETTER;
    return byte <= ' ' ? BESIDE_SPACE : quick->index->signs[byte] != 0 ? BESIDE_MAYBE : BESIDE_SIGN;
}

/* Goes over signs and spaces to the first letter, or to what may be one; *ret_maybe: over a sign
   that may be a letter too. BESIDE_SPACE if there is none near. */
BESIDE_INLINE enum beside skip(struct walk *walk, bool back, bool *ret_maybe)
{
    size_t end = back ? 0 : walk->quick->len;
    unsigned signs = 0;
    *ret_maybe = false;
    while (walk->at != end && signs <= SIGNS_BETWEEN) {
        enum beside beside = next(walk, back);
        if (beside == BESIDE_LETTER || beside == BESIDE_UNKNOWN)
            return beside;
        *ret_maybe |= beside == BESIDE_MAYBE;
        signs += beside == BESIDE_SIGN || beside == BESIDE_MAYBE;
    }
    return BESIDE_SPACE;
}

/* The front hash of the word that begins with walk->key, which was read last. *ret_unknown if it
   may be another, because signs in it or behind it may be letters, or part it. */
BESIDE_INLINE uint64_t read_word(struct walk *walk, bool back, bool *ret_unknown)
{
    uint8_t keys[LETTERS_MAX + SQUEEZE_KEY_BYTES] = {0};
    unsigned begin = back ? LETTERS_MAX : 0, end = begin;
    uint8_t last = 0;
    enum beside beside = BESIDE_LETTER;
    for (; beside == BESIDE_LETTER || beside == BESIDE_NOTHING; beside = next(walk, back)) {
        if (beside == BESIDE_NOTHING || walk->key == last)
            continue;
        if (end - begin == LETTERS_MAX)
            break;
        last = walk->key;
        keys[back ? --begin : end++] = last;
    }
    /* What stands behind signs may belong to the word. */
    while (beside == BESIDE_SIGN)
        beside = next(walk, back);
    *ret_unknown = beside != BESIDE_SPACE;
    return squeeze_quick_front(keys + begin, end - begin);
}

/* Whether the nearest word on one side of text that ends or begins at at may stand there. */
BESIDE_INLINE bool has_beside(const struct squeeze_quick *quick, size_t at, bool back,
                              uint64_t front)
{
    const struct squeeze_index *index = quick->index;
    struct walk walk = {quick, at, 0};
    bool unknown = false;
    enum beside beside = skip(&walk, back, &unknown);
    if (beside != BESIDE_LETTER || unknown)
        return beside != BESIDE_SPACE;
    if (!squeeze_filter_has(index, squeeze_beside_hash(front, walk.key, back)))
        return false;
    uint64_t other = read_word(&walk, back, &unknown);
    return unknown || squeeze_filter_has(index, back ? squeeze_pair_hash(other, front)
                                                     : squeeze_pair_hash(front, other));
}

bool squeeze_has_neighbour(const struct squeeze_quick *quick, size_t from, size_t to,
                           uint64_t front)
{
    return has_beside(quick, to, false, front) || has_beside(quick, from, true, front);
}
