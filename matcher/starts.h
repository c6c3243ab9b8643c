/*
 * Where literals may begin in folded text: the engine then looks at these few places only, and what
 * it finds there is all that it would find. Knows literals; knows no engine. Private to the
 * matcher.
 *
 * A literal begins with a space and a whole word, or with a letter of a script without word spaces.
 * So it is enough to look up every word of a text, alone and with the one behind it, and every such
 * letter with what follows it: a nanosecond or two each, however many literals there are.
 */
#ifndef MATCHER_STARTS_H
#define MATCHER_STARTS_H

#include "matcher/fold.h"
#include "matcher/literals.h"

/* The beginning of some literals. */
struct starts_slot {
    uint32_t hash;
    uint32_t reach; /* bytes of the longest of them; 0: empty */
};

struct starts {
    /* Three bits of each hash; the high bits of a hash choose the word, those of one of its two
       words that of a pair. */
    uint64_t *filter;
    unsigned filter_shift;
    struct starts_slot *slots; /* open addressing */
    uint32_t slots_mask;
    uint64_t leads;    /* bit k: a literal begins with byte 0xC0 + k */
    uint64_t letters;  /* bits of 8 bytes of a text: those that such literals are looked up by */
    uint32_t word_max; /* bytes of the longest first word */
    size_t count;      /* literals */
    bool anywhere;     /* a literal begins otherwise: nothing can be left out */
};

/* Makes the starts of literals. 0 or -ENOMEM. */
int starts_make(const struct literals *literals, struct starts *ret_starts);

/* Frees; zeroed ones are fine. */
void starts_free(struct starts *starts);

/* Bytes that the starts take. */
size_t starts_bytes(const struct starts *starts);

/* Below this number of literals the engine looks at everything in the time that a path below
   AVX-512 needs to find where to look (measured: 600 to 700 ns for 530 bytes). */
#define STARTS_PLAIN_MIN 50000u

/* Whether it is worth while to look for starts by a path. */
static inline bool starts_pay(const struct starts *starts, enum fold_path path)
{
    return !starts->anywhere && (path == FOLD_PATH_AVX512 || starts->count >= STARTS_PLAIN_MIN);
}

/* Takes a range of the text; false ends the search. */
typedef bool starts_take(void *context, size_t begin, size_t end);

/* Hands over ranges in the order of the text, none of which touch: every literal that the text
   holds lies in one of them. The text is folded: it begins with a space, and FOLD_SLACK_BYTES can
   be read behind it. By a path <= fold_path_best(); all hand over the same. False if take ended it.
   Any thread. */
bool starts_find(const struct starts *starts, enum fold_path path, const char *text, size_t len,
                 starts_take *take, void *context);

#endif
