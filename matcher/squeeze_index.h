/*
 * What the squeezed reading looks for: keys of all listed texts, in tables made once for a set and
 * never changed. Private to the matcher.
 *
 * A key is the classes of a text's letters (looks_class), equal neighbours once, gaps left out:
 * every disguise of a text that squeeze_align accepts, but for masks, has the text's key. So keys
 * only choose what is aligned; they never make a hit.
 */
#ifndef MATCHER_SQUEEZE_INDEX_H
#define MATCHER_SQUEEZE_INDEX_H

#include <string.h>

#include "matcher/lists.h"
#include "matcher/looks.h"
#include "matcher/squeeze_read.h"
#include "matcher/variants.h"

#define SQUEEZE_KEY_BYTES          16u /* of a key's front, which the filter knows */
#define SQUEEZE_PREFIX_BYTES       4u
#define SQUEEZE_COMPOUND_BYTES     8u /* least key of a mark found inside a longer word */
#define SQUEEZE_WORDS_MAX          6u /* words of a listed text looked for left and right of one */
#define SQUEEZE_CUE_LETTERS_MIN    4u
#define SQUEEZE_NUMBER_LETTERS_MIN 8u
#define SQUEEZE_TYPO_LETTERS_MIN   5u
#define SQUEEZE_TYPO_SURE          8u /* letters: with fewer it counts only near a cue */
#define SQUEEZE_NONE               UINT32_MAX
#define SQUEEZE_BMP                0x10000u
#define SQUEEZE_PAGE_MIXED         0x80u
#define SQUEEZE_GLANCE_CLOSER                                                                      \
    0x80u /* a sign that may be a letter, or begins what hides letters                             \
           */

/* What a code point means to the search for suspects. */
enum squeeze_look {
    SQUEEZE_LOOK_PLAIN = 0,   /* a letter that the fold reads as its ASCII letter */
    SQUEEZE_LOOK_ALIKE = 1,   /* looks like ASCII letters and is none to the fold */
    SQUEEZE_LOOK_FOREIGN = 2, /* looks like nothing in ASCII */
    SQUEEZE_LOOK_WEAK = 3,    /* an everyday letter of a language, only roughly like ASCII; a sign
                                 of money */
    SQUEEZE_LOOK_ODD = 4,     /* looks like ASCII and is in no everyday word */
    SQUEEZE_LOOK_SIGN = 5,
    SQUEEZE_LOOK_NOTHING = 6,
    SQUEEZE_LOOK_SPACE = 7,
};

/* Reasons for suspicion in two ASCII bytes: both have the bit, the first in left, the second in
   right. The other bits of right tell what a byte is. */
enum squeeze_pair {
    SQUEEZE_PAIR_LETTER_DIGIT = 0x01, /* so that in right this bit means a digit */
    SQUEEZE_PAIR_DIGIT_LETTER = 0x02,
    SQUEEZE_PAIR_TO_LOOSE = 0x04, /* a letter or digit, then $ @ ! or | */
    SQUEEZE_PAIR_LOOSE_TO = 0x08, /* the other way round: in right a letter or digit */
    SQUEEZE_PAIR_HUMP = 0x10,     /* a small letter, then a capital */
    SQUEEZE_PAIR_OPENS = 0x20,    /* < % \ or &, then no space; in right also of what is no ASCII */
    SQUEEZE_RIGHT_SPACE = 0x40,
    SQUEEZE_RIGHT_LETTER = 0x80,
};

/* A variant that is looked for in disguise too, beside what is listed: the other number, of
   SQUEEZE_NUMBER_LETTERS_MIN letters; of SQUEEZE_TYPO_LETTERS_MIN letters a slip (a letter left
   out, two exchanged, a vowel for another) and letters alike; what is upside down. */
struct squeeze_more {
    uint32_t at, len; /* into more_bytes */
    uint32_t form;    /* of the lists */
    enum variants_kind kind;
    bool doubtful; /* counts only near a cue */
};

/* A listed text: forms first, then cues, then more; with the bit that says that it is read in small
   letters. */
struct squeeze_slot {
    uint32_t hash;
    uint32_t target; /* (form, or behind them cue, or behind them more) << 1 | small;
                        SQUEEZE_NONE: empty */
};

struct squeeze_index {
    uint64_t *fronts; /* bits of all fronts of keys: small, for it is asked first */
    uint64_t fronts_mask;
    uint64_t *filter; /* bits of all keys as what they are, of words and prefixes */
    uint64_t filter_mask;
    struct squeeze_slot *slots; /* by hash of the whole key, open addressing */
    uint32_t slots_mask;
    /* Hashes of words written as listed, open addressing, 0: empty. The words themselves are not
       kept. A disguise is taken for a listed word only if it has the 64 bits of one: of a mark
       with 10^6 disguises and 10^5 listed words one does in one of 10^8 sets. Nor can that be
       sought: a disguise is one of the few spellings that squeeze_align accepts. */
    uint64_t *plain;
    uint32_t plain_mask;
    uint64_t *odd; /* squeeze_odd_hash of those of them that are suspect for their letters: ASCII,
                      fewer than SQUEEZE_LONG; open addressing, 0: empty */
    uint32_t odd_mask;
    struct squeeze_slot *masked; /* sorted by squeeze_mask_hash */
    size_t masked_count;
    struct squeeze_more *more;
    char *more_bytes;
    size_t more_count;
    uint8_t *looks;       /* SQUEEZE_BMP: enum squeeze_look */
    uint8_t *keys;        /* SQUEEZE_BMP: key of a letter; 0 if it is none or looks like several */
    uint8_t pages[1024];  /* by code point >> 6: the look of all 64, or SQUEEZE_PAGE_MIXED */
    uint8_t left[128];    /* enum squeeze_pair of an ASCII byte, as the first of two */
    uint8_t right[128];   /* as the second */
    uint8_t signs[128];   /* key of an ASCII sign that may be a letter; 0 of others */
    uint8_t glances[128]; /* key of an ASCII letter or digit; SQUEEZE_GLANCE_CLOSER; 0 */
    size_t words_max, letters_max; /* of all listed texts */
    size_t bytes;
};

/* Makes the index of the lists, which must stay, and of some of their variants. 0 or -ENOMEM. */
int squeeze_index_make(const struct matcher_lists *lists, const struct variants *variants,
                       struct squeeze_index *ret_index);

/* Frees; zeroed ones are fine. */
void squeeze_index_free(struct squeeze_index *index);

/* What a unit of text means to the search. */
enum squeeze_look squeeze_look_of(const struct looks_unit *unit);

/* The listed text of a target, read as it was indexed. */
size_t squeeze_index_read(const struct squeeze_index *index, const struct matcher_lists *lists,
                          uint32_t target, struct squeeze_letter *out, size_t room);

/* The variant that a target is, or NULL if it is listed. */
static inline const struct squeeze_more *squeeze_index_more(const struct squeeze_index *index,
                                                            const struct matcher_lists *lists,
                                                            uint32_t target)
{
    size_t listed = lists->forms_count + lists->cues_count;
    return target >> 1 < listed ? NULL : &index->more[(target >> 1) - listed];
}

static inline uint64_t squeeze_mix(uint64_t value)
{
    value *= 0x9E3779B97F4A7C15ull;
    return value ^ value >> 29;
}

/* The hash of the first SQUEEZE_KEY_BYTES of a key, shorter ones filled with zeros. */
static inline uint64_t squeeze_front_hash(uint64_t low, uint64_t high)
{
    return squeeze_mix(low + squeeze_mix(high ^ 0x5851F42D4C957F2Dull));
}

/* The hash of a word of at most 16 bytes, shorter ones filled with zeros; not 0. */
static inline uint64_t squeeze_odd_hash(uint64_t low, uint64_t high)
{
    uint64_t hash = squeeze_front_hash(low, high);
    return hash + (hash == 0);
}

/* What the filter knows of the fronts of keys of whole texts; n: letters and digits. */
enum squeeze_part {
    SQUEEZE_PART_FORM = 0,  /* a whole listed text of n >= 4 */
    SQUEEZE_PART_SHORT = 1, /* one of n < 4, or of several words and n < 6 */
};

static inline uint64_t squeeze_part_hash(uint64_t front_hash, enum squeeze_part part)
{
    return squeeze_mix(front_hash + ((uint64_t)part + 1) * 0xD1342543DE82EF95ull);
}

/* Of a word, or some neighbouring words joined, of a text and the key of the letter that stands
   there behind it, or before it. */
static inline uint64_t squeeze_beside_hash(uint64_t front_hash, uint8_t key, bool before)
{
    return squeeze_mix(front_hash + ((uint64_t)key << 1 | before) * 0xBF58476D1CE4E5B9ull);
}

/* Of two words, or words joined, that are neighbours in a listed text, by their front hashes. */
static inline uint64_t squeeze_pair_hash(uint64_t left, uint64_t right)
{
    return squeeze_mix(left * 3 + right);
}

/* A key letter by letter: the hash of the whole, and its first SQUEEZE_KEY_BYTES. */
struct squeeze_rolling {
    uint64_t hash, front, front_high;
    size_t len;
    uint8_t last;
};

static inline void squeeze_roll(struct squeeze_rolling *rolling, uint8_t key)
{
    if (key == rolling->last)
        return;
    rolling->last = key;
    rolling->hash = (rolling->hash + key) * 0x9E3779B97F4A7C15ull;
    rolling->hash ^= rolling->hash >> 32;
    if (rolling->len < 8)
        rolling->front |= (uint64_t)key << (8 * rolling->len);
    else if (rolling->len < SQUEEZE_KEY_BYTES)
        rolling->front_high |= (uint64_t)key << (8 * (rolling->len - 8));
    rolling->len++;
}

static inline uint64_t squeeze_prefix_hash(uint64_t front)
{
    return squeeze_mix((front & 0xFFFFFFFFu) ^ 0xA24BAED4963EE407ull);
}

static inline uint64_t squeeze_compound_hash(uint64_t front)
{
    return squeeze_mix(front ^ 0x9FB21C651E98DF25ull);
}

static inline uint32_t squeeze_mask_hash(uint8_t first, uint8_t last, size_t count)
{
    return (uint32_t)first << 16 | (uint32_t)last << 8 | (uint32_t)count;
}

/* The bits of a hash in the word of a filter where it belongs. */
static inline uint64_t squeeze_filter_bits(uint64_t hash)
{
    return 1ull << (hash >> 58) | 1ull << (hash >> 52 & 63);
}

/* Whether something with this hash may be there. */
static inline bool squeeze_filter_has(const struct squeeze_index *index, uint64_t hash)
{
    return (~index->filter[hash & index->filter_mask] & squeeze_filter_bits(hash)) == 0;
}

/* Whether any part of a listed text may have a front with this hash. */
static inline bool squeeze_fronts_has(const struct squeeze_index *index, uint64_t front_hash)
{
    return (~index->fronts[front_hash & index->fronts_mask] & squeeze_filter_bits(front_hash)) == 0;
}

/* Whether a word of this squeeze_odd_hash is listed, as it is written; see plain. */
static inline bool squeeze_is_odd(const struct squeeze_index *index, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & index->odd_mask;
    while (index->odd[at] != 0 && index->odd[at] != hash)
        at = (at + 1) & index->odd_mask;
    return index->odd[at] != 0;
}

/* Whether a word of this hash (squeeze_plain_add, letter by letter) is listed, as it is written. */
bool squeeze_is_plain(const struct squeeze_index *index, uint64_t hash);

static inline uint64_t squeeze_plain_add(uint64_t hash, uint32_t cp)
{
    hash = (hash + cp + 1) * 0xD6E8FEB86659FD93ull;
    return hash ^ hash >> 31;
}

#endif
