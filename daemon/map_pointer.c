/*
 * JSON Pointers into the tape, walked without recursion. Knows no field of a listing.
 *
 * A walk goes down one token at a time. At `*` it takes the first child and remembers where the
 * next one is; when it can go no further down, it goes back up to the last `*` with a child left.
 */
#include "daemon/map_pointer.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ELEMENT_DIGITS_MAX 9u /* more elements than a line has bytes */

static uint32_t element_of(const char *name, size_t len)
{
    uint32_t element = 0;

    if (len == 0 || len > ELEMENT_DIGITS_MAX || (name[0] == '0' && len > 1))
        return UINT32_MAX;
    for (size_t i = 0; i < len; i++) {
        if (name[i] < '0' || name[i] > '9')
            return UINT32_MAX;
        element = 10 * element + (uint32_t)(name[i] - '0');
    }
    return element;
}

/* One token, up to the next '/' or the end. Returns how many bytes it is long, or -EINVAL. */
static int parse_token(const char *text, size_t len, struct map_pointer *pointer, size_t *used)
{
    struct map_token *token = &pointer->tokens[pointer->tokens_count++];
    size_t at = 0, begin = *used;

    for (; at < len && text[at] != '/'; at++) {
        char byte = text[at];
        if (byte == '~') {
            at++;
            if (at == len || text[at] < '0' || text[at] > '2')
                return -EINVAL;
            byte = "~/*"[text[at] - '0'];
        }
        pointer->names[(*used)++] = byte;
    }
    *token = (struct map_token){.begin = (uint16_t)begin,
                                .len = (uint16_t)(*used - begin),
                                .every = at == 1 && text[0] == '*'};
    token->element = element_of(pointer->names + begin, token->len);
    return (int)at;
}

int map_pointer_parse(const char *text, size_t len, struct map_pointer *ret_pointer,
                      char reterr_text[MAP_POINTER_PROBLEM])
{
    const char *problem = NULL;
    size_t used = 0;

    static_assert(MAP_POINTER_BYTES_MAX <= UINT16_MAX, "a token's place is 16 bits wide");
    ret_pointer->tokens_count = 0;
    if (len > MAP_POINTER_BYTES_MAX)
        problem = "is longer than 256 bytes";
    else if (len > 0 && text[0] != '/')
        problem = "does not begin with \"/\"";
    for (size_t at = 0; at < len && problem == NULL;) {
        if (ret_pointer->tokens_count == MAP_TOKENS_MAX) {
            problem = "has more than 16 parts";
            break;
        }
        at++; /* the slash */
        int taken = parse_token(text + at, len - at, ret_pointer, &used);
        if (taken < 0)
            problem = "holds a \"~\" that is not ~0 (~), ~1 (/) or ~2 (*)";
        else
            at += (size_t)taken;
    }
    if (problem == NULL)
        return 0;
    (void)snprintf(reterr_text, MAP_POINTER_PROBLEM, "the pointer %s", problem); /* it fits */
    return -EINVAL;
}

void map_walk_begin(struct map_walk *walk, const struct json_tape *tape, uint64_t from,
                    const struct map_pointer *pointer, uint64_t *steps)
{
    walk->tape = tape;
    walk->pointer = pointer;
    walk->steps = steps;
    walk->level = 0;
    walk->ends = false;
    walk->blocked = false;
    walk->nodes[0] = from;
}

/* The member of this name. */
static enum map_found find_member(struct map_walk *walk, const struct map_token *token,
                                  uint64_t *ret_index)
{
    const struct json_tape *tape = walk->tape;
    const char *name = walk->pointer->names + token->begin;
    uint64_t index = walk->nodes[walk->level], found = 0;
    size_t count = json_tape_count(tape, index++);

    for (; count > 0; count--) {
        size_t len;
        const char *key = json_tape_string(tape, index++, &len);
        if (*walk->steps == 0)
            return MAP_FOUND_STEPS;
        --*walk->steps;
        if (len == token->len && memcmp(key, name, len) == 0) {
            if (found != 0)
                return MAP_FOUND_TWICE;
            found = index;
        }
        index = json_tape_after(tape, index);
    }
    *ret_index = found;
    return found != 0 ? MAP_FOUND_VALUE : MAP_FOUND_END;
}

static enum map_found find_element(struct map_walk *walk, const struct map_token *token,
                                   uint64_t *ret_index)
{
    uint64_t index = walk->nodes[walk->level];
    size_t count = json_tape_count(walk->tape, index++);

    if (token->element >= count)
        return MAP_FOUND_END;
    for (uint32_t i = 0; i < token->element; i++) {
        if (*walk->steps == 0)
            return MAP_FOUND_STEPS;
        --*walk->steps;
        index = json_tape_after(walk->tape, index);
    }
    *ret_index = index;
    return MAP_FOUND_VALUE;
}

/* The child of the node at the level that is wanted next. */
static enum map_found take_every(struct map_walk *walk, uint64_t *ret_index)
{
    if (walk->every[walk->level].left == 0)
        return MAP_FOUND_END;
    if (*walk->steps == 0)
        return MAP_FOUND_STEPS;
    --*walk->steps;
    uint64_t index = walk->every[walk->level].next;
    if (walk->every[walk->level].object)
        index++; /* its key */
    walk->every[walk->level].left--;
    walk->every[walk->level].next = json_tape_after(walk->tape, index);
    *ret_index = index;
    return MAP_FOUND_VALUE;
}

static enum map_found descend(struct map_walk *walk, uint64_t *ret_index)
{
    const struct map_token *token = &walk->pointer->tokens[walk->level];
    const uint64_t node = walk->nodes[walk->level];
    const char type = json_tape_type(walk->tape, node);

    if (token->every) {
        walk->blocked = walk->blocked || (type != '{' && type != '[' && type != 'n');
        walk->every[walk->level].next = node + 1;
        walk->every[walk->level].object = type == '{';
        walk->every[walk->level].left =
            type == '{' || type == '[' ? json_tape_count(walk->tape, node) : 0;
        return take_every(walk, ret_index);
    }
    if (type == '{')
        return find_member(walk, token, ret_index);
    return type == '[' ? find_element(walk, token, ret_index) : MAP_FOUND_END;
}

/* Back up to the last `*` with a child left. */
static enum map_found go_back(struct map_walk *walk, uint64_t *ret_index)
{
    enum map_found found = MAP_FOUND_END;

    while (found == MAP_FOUND_END && walk->level > 0) {
        walk->level--;
        if (walk->pointer->tokens[walk->level].every)
            found = take_every(walk, ret_index);
    }
    return found;
}

enum map_found map_walk_next(struct map_walk *walk, uint64_t *ret_index)
{
    const size_t count = walk->pointer->tokens_count;
    enum map_found found = MAP_FOUND_VALUE;
    uint64_t child = 0;

    assert(walk->level <= count);
    for (;;) {
        if (walk->ends) { /* the node at the level is done with */
            found = go_back(walk, &child);
            walk->ends = false;
        } else if (walk->level == count) {
            walk->ends = true;
            *ret_index = walk->nodes[count];
            return MAP_FOUND_VALUE;
        } else {
            found = descend(walk, &child);
            if (found == MAP_FOUND_END) {
                walk->ends = true;
                continue;
            }
        }
        if (found != MAP_FOUND_VALUE)
            return found;
        walk->nodes[++walk->level] = child;
    }
}
