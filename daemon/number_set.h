/*
 * A set of 64-bit numbers. Pure.
 */
#ifndef DAEMON_NUMBER_SET_H
#define DAEMON_NUMBER_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed, it is empty and ready. */
struct number_set {
    uint64_t *slots; /* number + 1; 0: free. A power of two, at most half full */
    size_t slots_count, count;
};

/* Puts a number, not UINT64_MAX, in. 1: it is new; 0: it was there; -ENOMEM. */
int number_set_add(struct number_set *set, uint64_t number);

/* Whether it is in. */
bool number_set_has(const struct number_set *set, uint64_t number);

/* It is empty again; what it holds stays allocated. */
void number_set_clear(struct number_set *set);

/* Frees what it holds; it is empty again. */
void number_set_close(struct number_set *set);

#endif
