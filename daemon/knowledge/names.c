/*
 * A hash table with open addressing over one block of text.
 */
#include "daemon/knowledge/names.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/knowledge/vector.h"

/* Eight bytes at a time; seeded, as listing ids come from outside and must not be able to gather in
   one slot. */
static uint64_t hash(uint64_t seed, struct knowledge_text text)
{
    uint64_t state = seed ^ (text.len * UINT64_C(0x9e3779b97f4a7c15));
    for (size_t at = 0; at < text.len; at += 8) {
        uint64_t word = 0;
        memcpy(&word, text.at + at, text.len - at < 8 ? text.len - at : 8);
        state = (state ^ word) * UINT64_C(0xff51afd7ed558ccd);
        state ^= state >> 32;
        state = (state + seed) * UINT64_C(0xc4ceb9fe1a85ec53);
        state ^= state >> 29;
    }
    return state ^ state >> 32;
}

/* The slot of the text, or the free one where it belongs. */
static size_t find_slot(const struct names *names, struct knowledge_text text)
{
    assert(text.at != NULL);
    size_t slot = hash(names->seed, text) & (names->slots_count - 1);
    while (names->slots[slot] != NAMES_NONE) {
        struct knowledge_text there = names_text(names, names->slots[slot]);
        if (there.len == text.len && (text.len == 0 || memcmp(there.at, text.at, text.len) == 0))
            break;
        slot = (slot + 1) & (names->slots_count - 1);
    }
    return slot;
}

/* At most half of the slots are taken. */
static int grow_slots(struct names *names)
{
    int grown = vector_slots(&names->slots, &names->slots_count, names->count);
    for (size_t i = 0; grown > 0 && i < names->count; i++) {
        uint32_t number = (uint32_t)(i + 1);
        names->slots[find_slot(names, names_text(names, number))] = number;
    }
    return grown < 0 ? grown : 0;
}

int names_add(struct names *names, struct knowledge_text text, uint32_t *ret_number)
{
    if (text.at == NULL) {
        *ret_number = NAMES_NONE;
        return 0;
    }
    int result = grow_slots(names);
    if (result < 0)
        return result;
    size_t slot = find_slot(names, text);
    if (names->slots[slot] != NAMES_NONE) {
        *ret_number = names->slots[slot];
        return 0;
    }
    if (text.len > UINT32_MAX - names->text_len)
        return -EOVERFLOW;
    char *bytes = vector_room(names->text, &names->text_room, names->text_len, text.len, 1);
    if (bytes == NULL)
        return -ENOMEM;
    names->text = bytes;
    uint32_t *ends = vector_room(names->ends, &names->room, names->count, 1, sizeof *ends);
    if (ends == NULL)
        return -ENOMEM;
    names->ends = ends;
    if (text.len > 0)
        memcpy(names->text + names->text_len, text.at, text.len);
    names->text_len += text.len;
    names->ends[names->count++] = (uint32_t)names->text_len;
    names->slots[slot] = *ret_number = (uint32_t)names->count;
    return 0;
}

uint32_t names_find(const struct names *names, struct knowledge_text text)
{
    if (text.at == NULL || names->slots_count == 0)
        return NAMES_NONE;
    return names->slots[find_slot(names, text)];
}

struct knowledge_text names_text(const struct names *names, uint32_t number)
{
    if (number == NAMES_NONE)
        return (struct knowledge_text){0};
    assert(number <= names->count);
    assert(names->text != NULL);
    uint32_t begin = number == 1 ? 0 : names->ends[number - 2];
    return (struct knowledge_text){names->text + begin, names->ends[number - 1] - begin};
}

int names_compare(const struct names *names, uint32_t a, uint32_t b)
{
    struct knowledge_text left = names_text(names, a), right = names_text(names, b);
    size_t shorter = left.len < right.len ? left.len : right.len;
    if (shorter > 0) {
        assert(left.at != NULL);
        assert(right.at != NULL);
        int order = memcmp(left.at, right.at, shorter);
        if (order != 0)
            return order;
    }
    return (left.len > right.len) - (left.len < right.len);
}

void names_close(struct names *names)
{
    free(names->text);
    free(names->ends);
    free(names->slots);
    *names = (struct names){.seed = names->seed};
}
