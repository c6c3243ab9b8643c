/*
 * A compiled set: lists, literals and the engine's database. Private to the matcher.
 */
#ifndef MATCHER_DB_H
#define MATCHER_DB_H

#include <hs.h>
#include <stdatomic.h>

#include "matcher/literals.h"
#include "matcher/rules_set.h"
#include "matcher/squeeze_index.h"
#include "matcher/starts.h"

struct matcher_db {
    atomic_uint references;
    struct matcher_lists *lists; /* our own copy */
    struct literals literals; /* engine ids below literals.count index these; others are padding */
    struct starts starts;     /* of literals */
    struct squeeze_index squeeze; /* of lists */
    size_t padding;
    struct rules_set rules;
    hs_database_t *engine;
    size_t engine_bytes;
};

/* As matcher_db_compile, without running the examples of rules. */
int db_compile(const struct matcher_lists *lists, struct matcher_db **ret_db,
               struct matcher_error *reterr_error);

#endif
