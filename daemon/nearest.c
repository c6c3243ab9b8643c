/*
 * Distance of words in slips of the finger: optimal string alignment, three rows at a time. Knows
 * no list of names.
 */
#include "daemon/nearest.h"

#include <stdio.h>

#define LETTERS_A_SLIP 3u

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Slips between two words of at most NEAREST_BYTES_MAX bytes. */
static unsigned slips(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned rows[3][NEAREST_BYTES_MAX + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];

    for (size_t j = 0; j <= b_len; j++)
        above[j] = (unsigned)j;
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned other = a[i - 1] != b[j - 1];
            row[j] = least(above[j - 1] + other, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        unsigned *free_row = before;
        before = above;
        above = row;
        row = free_row;
    }
    return above[b_len];
}

struct nearest nearest_begin(const char *word, size_t word_len)
{
    return (struct nearest){.word = word, .word_len = word_len};
}

void nearest_try(struct nearest *nearest, const char *name, size_t name_len)
{
    size_t word_len = nearest->word_len;

    if (word_len > NEAREST_BYTES_MAX || name_len > NEAREST_BYTES_MAX)
        return;
    unsigned distance = slips(nearest->word, word_len, name, name_len);
    size_t longer = word_len > name_len ? word_len : name_len;
    if (distance * LETTERS_A_SLIP > longer)
        return;
    if (nearest->name != NULL && distance >= nearest->distance)
        return;
    nearest->name = name;
    nearest->name_len = name_len;
    nearest->distance = distance;
}

void nearest_text(const struct nearest *nearest, const char *before,
                  char ret_text[NEAREST_TEXT_BYTES])
{
    ret_text[0] = '\0';
    if (nearest->name != NULL)
        (void)snprintf(ret_text, NEAREST_TEXT_BYTES, "; did you mean %s%.*s?", before,
                       (int)nearest->name_len, nearest->name); /* it fits: NEAREST_BYTES_MAX */
}
