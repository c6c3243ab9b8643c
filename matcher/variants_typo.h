/*
 * The slips that make a misspelling of a word. Knows letters and keyboards; knows no mark and no
 * dictionary. Private to the matcher.
 *
 * Of words of letters a-z:
 *  - one letter left out; two neighbours exchanged; one letter doubled;
 *  - a vowel (a e i o u) in the place of another;
 *  - a letter replaced by one whose key touches its key on QWERTY, or by what stands there on
 *    AZERTY or QWERTZ (a q, z w, z y, l m);
 *  - after a letter one more whose key stands beside it in its row (or is its AZERTY or QWERTZ
 *    twin);
 *  - what sounds alike exchanged, both ways: ph f, c k, ck k, ck c, x ks, x cs, i y, s z, ou u,
 *    qu kw, qu kv, sh ch, l r, v w, ee i, oo u, ow ou, ow oh, ow oe, ow ouw.
 * Of words of other letters of Latin, Greek, Cyrillic, Armenian, Georgian, Arabic and Hebrew: a
 * letter left out, two neighbours exchanged. Of other scripts nothing: where words have no spaces
 * or vowels are signs on letters, one sign more or less is another word.
 */
#ifndef MATCHER_VARIANTS_TYPO_H
#define MATCHER_VARIANTS_TYPO_H

#include <stdbool.h>
#include <stddef.h>

#define VARIANTS_WORD_BYTES_MAX 64u

/* Takes one misspelling, which is not the word itself. 0, or what ends the walk. */
typedef int variants_take(void *context, const char *word, size_t len);

/* The letters of a folded word if slips are made of it: all are letters of the scripts above, and
   it is not longer than VARIANTS_WORD_BYTES_MAX. Otherwise 0. *ret_latin: all are a-z. */
size_t variants_letters(const char *word, size_t len, bool *ret_latin);

/* Hands every misspelling of a word that has letters to take, some more than once, always in the
   same order. 0, or what take returned. */
int variants_typos(const char *word, size_t len, variants_take *take, void *context);

/* The same for those that the eye passes over even in a short word: two neighbours exchanged, one
   of two equal neighbours left out, one letter doubled. */
int variants_oversights(const char *word, size_t len, variants_take *take, void *context);

/* The same for one letter left out that is not the first, nor an s that ends the word. */
int variants_omissions(const char *word, size_t len, variants_take *take, void *context);

#endif
