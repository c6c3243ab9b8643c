/*
 * A JSON parser for the tests of a file: made before them, freed after them.
 */
#ifndef TESTS_UNIT_JSON_RIG_H
#define TESTS_UNIT_JSON_RIG_H

#include "daemon/json.h"
#include "tests/fakes/test.h"

static struct json_parser *parser;

static int open_parser(void **state)
{
    (void)state;
    parser = json_open();
    return parser == NULL ? -1 : 0;
}

static int close_parser(void **state)
{
    (void)state;
    parser = json_close(parser);
    return 0;
}

#endif
