/*
 * The quick look at a suspect: whether any word, or words joined, of it may be listed at all.
 * Private to the squeeze.
 */
#ifndef MATCHER_SQUEEZE_QUICK_H
#define MATCHER_SQUEEZE_QUICK_H

#include "matcher/squeeze_find.h"

#define SQUEEZE_QUICK_BYTES_MAX  128u /* longer suspects may always hold something */
#define SQUEEZE_PIECES_MAX       64u
#define SQUEEZE_HUMP_LETTERS_MIN 4u /* least listed text found among words written as one */

/* Letters and digits with nothing between them. */
struct squeeze_piece {
    uint8_t begin, end;             /* of the key */
    uint8_t inner_begin, inner_end; /* without a sign at the ends that may be a letter or not */
    uint8_t letters, digits;        /* signs that may be letters count as digits */
    bool odd;                       /* not as a word is written: may be a disguise by itself */
    bool other;                     /* holds what is not ASCII */
    bool latin;                     /* holds what may be Latin */
    bool humps;                     /* holds a capital behind a small letter */
    uint32_t from, to;              /* raw */
};

/* Room to look in; nothing is kept from one look to the next. */
struct squeeze_quick {
    const struct squeeze_index *index;
    const char *text;
    size_t len;
    uint8_t key[SQUEEZE_QUICK_BYTES_MAX + SQUEEZE_KEY_BYTES];
    unsigned key_len;
    struct squeeze_piece pieces[SQUEEZE_PIECES_MAX];
    unsigned count;
    bool open;  /* the last piece goes on */
    bool signs; /* signs are read as letters */
    uint64_t fronts[SQUEEZE_SUSPECTS_MAX];
    uint8_t kept[SQUEEZE_SUSPECTS_MAX];
};

/* The front hash of a key of len bytes; SQUEEZE_KEY_BYTES can be read. */
static inline uint64_t squeeze_quick_front(const uint8_t *key, unsigned len)
{
    uint64_t low = 0, high = 0;
    memcpy(&low, key, 8);
    memcpy(&high, key + 8, 8);
    if (len < 8) {
        low &= (1ull << (8 * len)) - 1;
        high = 0;
    } else if (len < 16) {
        high &= (1ull << (8 * (len - 8))) - 1;
    }
    return squeeze_front_hash(low, high);
}

enum squeeze_answer {
    SQUEEZE_ANSWER_READ = 0,    /* pieces and key are there */
    SQUEEZE_ANSWER_SIGNS = 1,   /* likewise; some signs may be letters */
    SQUEEZE_ANSWER_IN_FULL = 2, /* it must be read in full to know */
    SQUEEZE_ANSWER_SLOWLY = 3,  /* only of the vector path: not for it */
};

/* How a suspect must be read in full. */
enum squeeze_holds {
    SQUEEZE_HOLDS_NOTHING = 0,     /* not at all: squeeze_align would accept nothing in it */
    SQUEEZE_HOLDS_ALONE = 1,       /* without its neighbours */
    SQUEEZE_HOLDS_WITH_OTHERS = 2, /* with words left and right of it */
};

/* What a suspect may hold, by a path <= fold_path_best(); all answer the same. */
enum squeeze_holds squeeze_may_hold(struct squeeze_quick *quick, enum fold_path path,
                                    const struct squeeze_suspect *suspect);

/* Whether text [from, to) with this front hash and a word beside it may be neighbours in a listed
   text. */
bool squeeze_has_neighbour(const struct squeeze_quick *quick, size_t from, size_t to,
                           uint64_t front);

/* A first glance at count <= SQUEEZE_SUSPECTS_MAX suspects: drops most of those that may hold
   nothing. Returns how many are left; their numbers stand in quick->kept. */
size_t squeeze_glance(struct squeeze_quick *quick, enum fold_path path,
                      const struct squeeze_suspect *suspects, size_t count);

/* The same of one suspect: fronts that stand for no hash. */
#define SQUEEZE_FRONT_NOTHING 0u /* it may hold nothing */
#define SQUEEZE_FRONT_CLOSER  1u /* only a closer look can tell */

/* The front hash of a suspect of a single word, or one of these. */
uint64_t squeeze_glance_scalar(const struct squeeze_quick *quick,
                               const struct squeeze_suspect *suspect);

/* Fills quick->fronts; needs VBMI2. */
void squeeze_glance_avx512(struct squeeze_quick *quick, const struct squeeze_suspect *suspects,
                           size_t count);

/* Whether a suspect that has a front is one word as it is listed, with signs around it or not: then
   it is no disguise. By a hash of 64 bits: see struct squeeze_index, plain. Needs VBMI2. */
bool squeeze_is_listed_avx512(const struct squeeze_quick *quick,
                              const struct squeeze_suspect *suspect);

/* Reads pieces and key of an ASCII suspect of at most 64 bytes; needs VBMI2. */
enum squeeze_answer squeeze_quick_avx512(struct squeeze_quick *quick,
                                         const struct squeeze_suspect *suspect);

#endif
