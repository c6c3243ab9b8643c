/*
 * Texts as numbers: each different text has one, from 1 in the order of arrival. Knows no meaning.
 */
#ifndef KNOWLEDGE_NAMES_H
#define KNOWLEDGE_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/knowledge/event.h"

#define NAMES_NONE 0u /* the number of a text that is not there */

/* Zeroed but for the seed, it is empty and ready. */
struct names {
    uint64_t seed; /* of the hash: results never depend on it */
    char *text;    /* all texts, one behind the other */
    size_t text_len, text_room;
    uint32_t *ends; /* [number - 1]: where its text ends */
    size_t count, room;
    uint32_t *slots; /* a power of two; number or 0 */
    size_t slots_count;
};

/* The text's number, new or known; NAMES_NONE for one that is not there (at == NULL). 0, -ENOMEM,
   or -EOVERFLOW past 4 GiB of text. */
int names_add(struct names *names, struct knowledge_text text, uint32_t *ret_number);

/* The text's number; NAMES_NONE when it was never added. */
uint32_t names_find(const struct names *names, struct knowledge_text text);

/* The text of a number; dies with the next names_add. NAMES_NONE gives at == NULL. */
struct knowledge_text names_text(const struct names *names, uint32_t number);

/* By bytes, a shorter one first; for sorting. */
int names_compare(const struct names *names, uint32_t a, uint32_t b);

/* Frees what it holds; it is empty again. */
void names_close(struct names *names);

#endif
