/*
 * cmocka, with what it wants included before itself, in an order that no formatter may change; and
 * how much of a long loop a sanitized test takes (tests/check.sh runs it whole in release).
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

/* How far apart the places are that a loop over all of them takes under a sanitizer. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TEST_APART 13u
#else
#define TEST_APART 1u
#endif

#endif
