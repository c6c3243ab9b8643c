/*
 * The variants of marks that the squeezed reading looks for beside what is listed. Private to the
 * squeeze.
 */
#ifndef MATCHER_SQUEEZE_MORE_H
#define MATCHER_SQUEEZE_MORE_H

#include "matcher/squeeze_index.h"

/* Copies those of the variants that struct squeeze_more states into an index, which frees them. 0
   or -ENOMEM. */
int squeeze_more_keep(const struct matcher_lists *lists, const struct variants *variants,
                      struct squeeze_index *index);

#endif
