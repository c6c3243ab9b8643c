/*
 * What the parts of the making of variants share: the name at hand and where variants go. Private
 * to the variants.
 */
#ifndef MATCHER_VARIANTS_MAKING_H
#define MATCHER_VARIANTS_MAKING_H

#include "matcher/fold.h"
#include "matcher/variants_inflect.h"
#include "matcher/variants_names.h"
#include "matcher/variants_typo.h"

#define VARIANTS_NAME_BYTES_MAX (LISTS_TEXT_BYTES_MAX * FOLD_GROWTH_MAX)

/* A word of a name. */
struct variants_part {
    size_t at, len;
    size_t letters; /* 0: no slips are made of it */
    bool latin;
};

/* The listed form at hand, folded. */
struct variants_name {
    char text[VARIANTS_NAME_BYTES_MAX + 2 + FOLD_SLACK_BYTES];
    size_t len, letters; /* letters: of all its words; digits are none */
    struct variants_part parts[VARIANTS_WORDS_MAX];
    size_t count;
    bool unspaced; /* it begins with a letter of a script without spaces between words */
};

struct variants_making {
    const struct matcher_lists *lists;
    struct variants variants;
    struct variants_names names;
    struct variants_name name;
    uint32_t form; /* as in struct variants_item */
    enum variants_kind kind;
    bool doubtful;                       /* of what is offered */
    const struct variants_part *changed; /* of a typo */
};

/* Whether the form at hand is of a mark that is an ordinary word or a code too. */
bool variants_of_generic(const struct variants_making *making);

/* Adds a variant of the form and kind at hand, unless something better is there. 0 or -ENOMEM. */
int variants_offer(struct variants_making *making, const char *text, size_t len);

/* The same of the name at hand with another word in the place of one of its words. */
int variants_offer_changed(struct variants_making *making, const struct variants_part *part,
                           const char *word, size_t len);

/* Offers the disguises of the kind at hand of the name at hand. 0 or -ENOMEM. */
int variants_disguise(struct variants_making *making);

/* Offers the name at hand with one of its words misspelled. 0 or -ENOMEM. */
int variants_misspell(struct variants_making *making);

/* Offers further forms of the cue at hand. 0 or -ENOMEM. */
int variants_cue(struct variants_making *making);

#endif
