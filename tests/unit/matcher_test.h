/*
 * What the tests of the matcher include: cmocka, with the headers that it needs before it.
 */
#ifndef TESTS_UNIT_MATCHER_TEST_H
#define TESTS_UNIT_MATCHER_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#endif
