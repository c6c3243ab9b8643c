/*
 * Whether letters that could be a listed text are rather words of their own. Private to the
 * squeeze. Any thread.
 */
#ifndef MATCHER_SQUEEZE_WORDS_H
#define MATCHER_SQUEEZE_WORDS_H

#include "matcher/squeeze_align.h"
#include "matcher/squeeze_index.h"

/* Whether a word that digits, repeats or other ASCII letters make the listed one is a word of its
   own, which says something else. */
bool squeeze_holds_word(const struct squeeze_index *index, const struct squeeze_written *written,
                        const uint16_t *changed);

/* Whether a name of fewer letters than SQUEEZE_SPLIT_SURE with one sign in it may be two words that
   stand side by side ("car-tier"): all pieces are words, or one of a very short name. */
bool squeeze_may_be_two_words(const struct squeeze_index *index,
                              const struct squeeze_written *written, size_t listed_count);

#endif
