/*
 * cmocka, with what it wants included before itself, in an order that no formatter may change.
 */
#ifndef TESTS_FAKES_TEST_H
#define TESTS_FAKES_TEST_H

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#endif
