/*
 * Names of marks for the generated listings: from a mark list, or made up from a seed.
 */
#ifndef BENCH_NAMES_H
#define BENCH_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define NAMES_BYTES_MAX 64u

struct names {
    char (*text)[NAMES_BYTES_MAX]; /* NUL-terminated */
    size_t count;
};

/* The next number of a sequence that the seed decides (splitmix64). */
uint64_t names_draw(uint64_t *state);

/* Makes count distinct names of two or three pronounceable syllables, some of two words. The first
   n of a larger set are the smaller set. 0 or -ENOMEM. */
int names_make(size_t count, struct names *ret_names);

/* Reads the column "mark" of a mark list with a header line. 0; -EINVAL when there is no such
   column or no mark; another -errno. */
int names_read(const char *path, struct names *ret_names);

/* The names of one and then those of the other, copied. 0 or -ENOMEM. */
int names_join(const struct names *one, const struct names *other, struct names *ret_names);

/* The names as a mark list (malloc'ed TSV with header, the caller frees), the first `varied` of
   them with variants; NULL when out of memory. */
char *names_list(const struct names *names, size_t varied, size_t *ret_len);

/* The cue phrases of all languages as a list of cues, likewise. */
char *names_cues(size_t *ret_len);

/* Frees; a zeroed one is fine. */
void names_close(struct names *names);

#endif
