/*
 * What the tests of listings share: a parser, an arena, and lines in memory that a sanitizer
 * guards.
 */
#ifndef TESTS_UNIT_LISTING_RIG_H
#define TESTS_UNIT_LISTING_RIG_H

#include <stdlib.h>
#include <string.h>

#include "daemon/listing.h"
#include "tests/unit/json_rig.h"

static struct arena arena;

static int open_all(void **state)
{
    return open_parser(state) < 0 || arena_open(&arena, LISTING_ARENA_BYTES_MAX) < 0 ? -1 : 0;
}

static int close_all(void **state)
{
    arena_close(&arena);
    return close_parser(state);
}

/* Decodes a line that stands in memory of its own, with so many bytes of behind after it. */
static inline enum reject_code decode_exact(const char *bytes, size_t len, char behind,
                                            struct listing *ret_listing,
                                            struct reject *reterr_reject)
{
    char *exact = malloc(len + JSON_SLACK_BYTES);

    assert_non_null(exact);
    memcpy(exact, bytes, len);
    memset(exact + len, behind, JSON_SLACK_BYTES);
    arena_reset(&arena);
    enum reject_code code = listing_decode(parser, exact, len, &arena, ret_listing, reterr_reject);
    free(exact);
    return code;
}

#endif
