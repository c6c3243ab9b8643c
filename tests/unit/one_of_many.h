/*
 * Included before a unit test that is one of many in a program: UNIT_MAIN is then its main, and
 * all.c calls it.
 */
#ifndef TESTS_UNIT_ONE_OF_MANY_H
#define TESTS_UNIT_ONE_OF_MANY_H

int UNIT_MAIN(void);
#define main UNIT_MAIN

#endif
