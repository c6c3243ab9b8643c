/*
 * Which slips are made of a mark's words, and which of them are doubtful.
 */
#include "matcher/variants_making.h"
#include "matcher/words.h"

static int take_typo(void *context, const char *word, size_t len)
{
    struct variants_making *making = context;
    const struct variants_part *part = making->changed;
    const char *listed = making->name.text + 1 + part->at;
    bool doubtful = making->doubtful;
    if (words_find(word, len) != WORDS_NONE)
        return 0;
    /* As likely a slip of that word. */
    making->doubtful |= making->name.count == 1 && words_find(listed, part->len) == WORDS_NONE &&
                        words_near_common(word, len);
    bool is_short = making->doubtful && making->name.count == 1 && len < VARIANTS_DOUBTFUL_MIN;
    int done = is_short ? 0 : variants_offer_changed(making, part, word, len);
    making->doubtful = doubtful;
    return done;
}

/* The slips of one word of the name at hand. */
static int misspell_word(struct variants_making *making, const struct variants_part *part)
{
    const struct variants_name *name = &making->name;
    const char *word = name->text + 1 + part->at;
    bool is_phrase = name->count > 1, is_long = name->letters >= VARIANTS_TYPO_MIN;
    size_t full = is_phrase ? VARIANTS_TYPO_WORD_MIN : VARIANTS_TYPO_MIN;
    size_t least = is_phrase ? VARIANTS_WORD_MIN : VARIANTS_DOUBTFUL_MIN;
    making->doubtful = false;
    if (is_long && part->letters >= full)
        return variants_typos(word, part->len, take_typo, making);
    if (part->letters < least || name->letters < VARIANTS_DOUBTFUL_MIN + is_phrase)
        return 0;
    making->doubtful = is_phrase ? !is_long : part->letters < VARIANTS_OVERSIGHT_MIN;
    int done = variants_oversights(word, part->len, take_typo, making);
    /* Three letters are left of too many words, and two of too many in a short name. */
    bool is_little = part->letters < least + 1 && (!is_phrase || !is_long);
    if (done != 0 || is_little || variants_of_generic(making))
        return done;
    making->doubtful = true;
    return variants_omissions(word, part->len, take_typo, making);
}

int variants_misspell(struct variants_making *making)
{
    int done = 0;
    for (size_t i = 0; i < making->name.count && done == 0; i++) {
        making->changed = &making->name.parts[i];
        done = misspell_word(making, making->changed);
    }
    return done;
}
