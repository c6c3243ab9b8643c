/*
 * Words to make listings of: 15 languages, written for this project. No listing is a real one.
 */
#ifndef BENCH_WORDS_H
#define BENCH_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define WORDS_THINGS     8u
#define WORDS_QUALITIES  8u
#define WORDS_SENTENCES  8u
#define WORDS_CUES       3u
#define WORDS_LANGUAGES  15u
#define WORDS_PLATFORMS  6u
#define WORDS_CURRENCIES 6u

/* In a sentence % stands for one of the things. */
struct words {
    const char *language;
    bool spaced; /* words stand apart in this script */
    const char *things[WORDS_THINGS];
    const char *qualities[WORDS_QUALITIES];
    const char *sentences[WORDS_SENTENCES];
    const char *cues[WORDS_CUES]; /* phrases that say it is a copy */
};

extern const struct words words_languages[WORDS_LANGUAGES];
extern const char *const words_platforms[WORDS_PLATFORMS];
extern const char *const words_currencies[WORDS_CURRENCIES];

#endif
