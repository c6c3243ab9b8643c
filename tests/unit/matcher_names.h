/*
 * Lists of as many made-up names as a test wants.
 */
#ifndef TESTS_UNIT_MATCHER_NAMES_H
#define TESTS_UNIT_MATCHER_NAMES_H

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/matcher_test.h"

/* The name of mark number i: no two are equal, and the first are those of every set. Below 32
   bytes; returns the length. */
static inline size_t names_put(char *out, unsigned i)
{
    static const char consonants[] = "bdfgklmnprstvzhj", vowels[] = "aeio";
    size_t len = 0;
    for (unsigned n = i * 7919 + 1000003; n > 0; n /= 64) {
        out[len++] = consonants[n % 16];
        out[len++] = vowels[n / 16 % 4];
    }
    return len;
}

/* A list of the first count marks; the caller frees. */
static inline char *names_tsv(unsigned count)
{
    char *tsv = malloc(64 + (size_t)count * 64);
    assert_non_null(tsv);
    size_t len = (size_t)snprintf(tsv, 64, "mark_id\tmark\n");
    for (unsigned i = 0; i < count; i++) {
        len += (size_t)snprintf(tsv + len, 32, "M%u\t", i);
        len += names_put(tsv + len, i);
        tsv[len++] = '\n';
    }
    tsv[len] = '\0';
    return tsv;
}

#endif
