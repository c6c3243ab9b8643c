/*
 * Singular and plural, British and American: English rules for words that are in no dictionary; and
 * the cases of Russian. Knows no mark. Private to the matcher.
 */
#ifndef MATCHER_VARIANTS_INFLECT_H
#define MATCHER_VARIANTS_INFLECT_H

#include "matcher/variants_typo.h"

/* Hands to take what a word of letters a-z, not longer than VARIANTS_WORD_BYTES_MAX, is in the
   other number: of one that ends with s, but not ss, us or is, each singular that it may have; of
   others the plural, if plurals are wanted. 0, or what take returned. */
int variants_numbers(const char *word, size_t len, bool plurals, variants_take *take,
                     void *context);

/* The same for the other spelling: our or, tre ter, ise ize, ize ise, yse yze, ogue og at its end.
 */
int variants_spellings(const char *word, size_t len, variants_take *take, void *context);

/* The same of a folded Cyrillic word: as Russian declines a name that ends with a consonant
   (гармин, гармина, гармину, гармином, гармине, гармины), with а (пума, пумы, ...) or with ь
   (шанель, шанели, шанелью). Others have no cases, or are none of Russian. */
int variants_cases(const char *word, size_t len, variants_take *take, void *context);

#endif
