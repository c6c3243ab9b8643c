/*
 * The names that are already looked for, so that a variant is made once and never hides a better
 * one. Private to the variants.
 */
#ifndef MATCHER_VARIANTS_NAMES_H
#define MATCHER_VARIANTS_NAMES_H

#include <stdbool.h>

#include "matcher/variants.h"

#define VARIANTS_NAMES_ANY UINT32_MAX /* owner: of whatever mark */

/* An open table of folded names; it keeps where they stand in the bytes of the variants. */
struct variants_names {
    struct variants_names_slot *slots;
    size_t mask, count;
};

/* Makes room for some names. 0 or -ENOMEM. */
int variants_names_open(struct variants_names *names, size_t count);

/* Copies a name to the end of the variants' bytes; nothing else may be added there before it is
   kept or let go. 0 or -ENOMEM. */
int variants_names_put(struct variants *variants, const char *name, size_t len, uint32_t *ret_at);

/* Keeps the name at bytes [at, at + len) as one of a kind and a mark, for an owner. 1 if it is new
   or was the same kind's of another mark; 0 if a better kind has it, or the same kind of this mark;
   -ENOMEM. A sure name takes the place of a doubtful one, of whatever kind. */
int variants_names_add(struct variants_names *names, const struct variants *variants,
                       struct variants_item name, uint32_t owner, uint32_t mark);

/* Whether a name is kept for the owner. */
bool variants_names_have(const struct variants_names *names, const struct variants *variants,
                         const char *name, size_t len, uint32_t owner);

/* Whether a name is kept, of whatever mark, that is not doubtful. */
bool variants_names_are_sure(const struct variants_names *names, const struct variants *variants,
                             const char *name, size_t len);

/* Forgets all. */
void variants_names_close(struct variants_names *names);

#endif
