/*
 * Made-up words in the scripts of the generated listings. A few short ones are common and most are
 * rare, as in any language: without that, a search over the lines would find all it needs in the
 * caches, which no real text allows.
 */
#ifndef BENCH_VOCABULARY_H
#define BENCH_VOCABULARY_H

#include <stddef.h>
#include <stdint.h>

#define VOCABULARY_WORDS     65536u /* of each language */
#define VOCABULARY_BYTES_MAX 64u    /* of a word, with its NUL */

/* Writes a word of the language (an index into words_languages) that the state draws. Latin ones
   end in a consonant, and so are no name of names_make. */
void vocabulary_word(size_t language, uint64_t *state, char out[VOCABULARY_BYTES_MAX]);

#endif
