/*
 * The generated fold tables (matcher/unicode/make_tables.c writes them at build time) and how their
 * entries are packed. Private to the fold.
 *
 * An entry says what one source code point becomes:
 *   bits  0..47  the UTF-8 bytes of what it folds to (simple entries), or the payload (cold ones)
 *   bits 48..55  the number of these bytes (0..6), or enum fold_kind (cold entries)
 *   bits 56..57  enum fold_class
 *   bit  63      cold: needs what stands before it, or does not fit; see enum fold_kind
 */
#ifndef MATCHER_FOLD_TABLES_H
#define MATCHER_FOLD_TABLES_H

#include <stddef.h>
#include <stdint.h>

/* The first three are also the state of the output: the class of what was written last. */
enum fold_class {
    FOLD_SPACE = 0,    /* not part of a word: a run of these is one space */
    FOLD_WORD = 1,     /* a letter, digit or kept mark of a script that separates words by spaces */
    FOLD_UNSPACED = 2, /* the same of a script that does not: Han, Kana, Hangul, Thai, ... */
    FOLD_IGNORE = 3,   /* vanishes: default-ignorable, filler, or a stripped combining mark */
};

enum fold_kind {
    FOLD_KIND_NOTATION = 1, /* & % \ <: may begin a reference, an escape or a tag */
    FOLD_KIND_SEQUENCE = 2, /* payload: index into fold_sequences (a count, then code points) */
    FOLD_KIND_VOICING = 3,  /* payload U+3099 or U+309A: joins the kana before it, else vanishes */
    FOLD_KIND_VOWEL = 4,    /* payload: a Hangul vowel jamo, joins a leading jamo before it */
    FOLD_KIND_TAIL = 5,     /* payload: a Hangul trailing jamo, joins a syllable before it */
    FOLD_KIND_MARK = 6,     /* payload: a kept mark with a combining class: is put into order */
};

/* A code point of three bytes. */
enum fold_three {
    FOLD_THREE_SPACE = 0x01,    /* becomes a space */
    FOLD_THREE_WORD = 0x02,     /* stays as it is, whatever class */
    FOLD_THREE_UNSPACED = 0x04, /* with FOLD_THREE_WORD: of a script without word spaces */
    FOLD_THREE_MARK = 0x08,     /* with FOLD_THREE_WORD: unless a mark stands before it */
    FOLD_THREE_MIXED = 0x80,
};

#define FOLD_COLD        (1ull << 63)
#define FOLD_LEN_SHIFT   48
#define FOLD_CLASS_SHIFT 56
#define FOLD_BLOCK_SAME                                                                            \
    0xFFFFu /* in fold_stage1: 64 unspaced code points that stay as they are                       \
             */
#define FOLD_ENTITY_BYTES_MAX 32u

struct fold_range {
    uint32_t first, last, value;
};
struct fold_pair {
    uint32_t first, second, composed;
};
struct fold_case {
    uint32_t from, to[3]; /* 0 ends a shorter one */
};
struct fold_entity {
    char name[FOLD_ENTITY_BYTES_MAX]; /* without & and ; */
    uint32_t code_point;
    uint32_t bare; /* 1: HTML reads it without the semicolon too */
};

extern const uint64_t fold_two[2048]; /* entries of U+0000..U+07FF */
/* Of U+0080..U+07FF that fold to a word's one or two bytes: these, the second 0 if there is none;
   to a space: ' ' and 0; of others 0. */
extern const uint8_t fold_first[2048], fold_second[2048];
/* What becomes of U+0800..U+FFFF, for paths that look many up at once: bits of enum fold_three, or
   0 if only the entry says it; and of all 64 of a page, FOLD_THREE_MIXED if they are not alike. */
extern const uint8_t fold_threes[0x10000], fold_three_pages[1024];
extern const uint16_t fold_stage1[0x4400]; /* by code point >> 6: block, or FOLD_BLOCK_SAME */
extern const uint64_t fold_blocks[][64];
extern const uint32_t fold_sequences[];
extern const struct fold_range fold_orders[]; /* combining classes (not 0), sorted */
extern const size_t fold_orders_count;
extern const struct fold_range fold_bits[]; /* enum matcher_technique by source, sorted */
extern const size_t fold_bits_count;
extern const struct fold_pair fold_pairs[]; /* what NFC composes, sorted */
extern const size_t fold_pairs_count;
extern const struct fold_case fold_cases[]; /* full case folding, sorted */
extern const size_t fold_cases_count;
extern const struct fold_entity fold_entities[]; /* sorted by name */
extern const size_t fold_entities_count;
extern const uint64_t
    fold_pack[256]; /* by a mask of 8 bytes: shuffle that moves the kept ones first */

#endif
