/*
 * Compiling literals with Hyperscan. Private to the matcher.
 *
 * 1. Always hs_compile_multi with escaped literals: the literal API loses matches in 5.4.0.
 * 2. Flags are 0 for all: no UTF8, UCP, CASELESS, SOM: the text is folded, a literal's length is
 * known, and mixed flags slow the scan.
 * 3. Sets with few different tails are padded, because the engine takes a slow path for them.
 */
#ifndef MATCHER_ENGINE_H
#define MATCHER_ENGINE_H

#include <hs.h>

#include "matcher/literals.h"

/* Literals that no text holds, to be compiled after the real ones. */
size_t engine_padding(const struct literals *literals);

/* Compiles. 0; -EINVAL with *reterr_error if the engine refuses; -ENOMEM. */
int engine_compile(const struct literals *literals, size_t padding, hs_database_t **ret_engine,
                   struct matcher_error *reterr_error);

#endif
