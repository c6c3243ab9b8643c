/*
 * JSON Pointers (RFC 6901) into one parsed line, with `*` for every element or member. Knows the
 * tape; knows no field of a listing.
 *
 * A token that is `*` alone stands for all elements of an array and all values of an object; `~2`
 * is a `*` that stands for itself, as `~0` is `~` and `~1` is `/`. A number without leading zero is
 * an element of an array, from 0, and the name of a member of an object; `-` names no element.
 */
#ifndef DAEMON_MAP_POINTER_H
#define DAEMON_MAP_POINTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/json_tape.h"

#define MAP_POINTER_BYTES_MAX 256u
#define MAP_TOKENS_MAX        16u
#define MAP_POINTER_PROBLEM   96u

struct map_token {
    uint16_t begin, len; /* of its name in names, unescaped */
    bool every;
    uint32_t element; /* as an element of an array; UINT32_MAX: as none */
};

struct map_pointer {
    size_t tokens_count;
    struct map_token tokens[MAP_TOKENS_MAX];
    char names[MAP_POINTER_BYTES_MAX];
};

/* Reads a pointer: "" (the whole line) or "/" and tokens. 0; -EINVAL with what is wrong in
   reterr_text: it does not begin with "/", it is too long, it has too many tokens, or a `~` is
   followed by none of 0, 1 and 2. */
int map_pointer_parse(const char *text, size_t len, struct map_pointer *ret_pointer,
                      char reterr_text[MAP_POINTER_PROBLEM]);

/* A walk over what a pointer points to. steps is the caller's and goes down by one for each member
   or element that is looked at, so that one line costs no more than the caller allows. */
struct map_walk {
    const struct json_tape *tape;
    const struct map_pointer *pointer;
    uint64_t *steps;
    size_t level; /* tokens that are resolved */
    bool ends;    /* the node at level was handed out, or there is none */
    bool blocked; /* a `*` met a text, number or bool, which has no elements */
    uint64_t nodes[MAP_TOKENS_MAX + 1]; /* where each level is on the tape */
    struct {
        uint64_t next; /* on the tape */
        size_t left;
        bool object;
    } every[MAP_TOKENS_MAX];
};

enum map_found {
    MAP_FOUND_END = 0,
    MAP_FOUND_VALUE,
    MAP_FOUND_TWICE, /* a member on the way is in its object twice: nothing may be made of it */
    MAP_FOUND_STEPS, /* steps have run out */
};

/* Begins a walk at a value of the tape. */
void map_walk_begin(struct map_walk *walk, const struct json_tape *tape, uint64_t from,
                    const struct map_pointer *pointer, uint64_t *steps);

/* The next value that is pointed to, in the order of the line; *ret_index is where it is on the
   tape, written on MAP_FOUND_VALUE only. After any other result the walk is over. */
enum map_found map_walk_next(struct map_walk *walk, uint64_t *ret_index);

#endif
