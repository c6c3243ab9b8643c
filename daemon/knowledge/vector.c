/*
 * Growing arrays over realloc(3).
 */
#include "daemon/knowledge/vector.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define ROOM_MIN  16u
#define SLOTS_MIN 64u

void *vector_room(void *at, size_t *room, size_t count, size_t more, size_t bytes)
{
    assert(count <= *room);
    if (more > VECTOR_ELEMENTS_MAX - count)
        return NULL;
    if (at != NULL && count + more <= *room)
        return at;
    size_t wanted = *room < ROOM_MIN ? ROOM_MIN : *room;
    while (wanted < count + more)
        wanted *= 2;
    void *moved = reallocarray(at, wanted, bytes);
    if (moved == NULL)
        return NULL;
    *room = wanted;
    return moved;
}

void *vector_zeroed(size_t count, size_t bytes)
{
    return calloc(count > 0 ? count : 1, bytes);
}

int vector_slots(uint32_t **slots, size_t *slots_count, size_t used)
{
    if (2 * (used + 1) <= *slots_count)
        return 0;
    size_t count = *slots_count == 0 ? SLOTS_MIN : 2 * *slots_count;
    uint32_t *more = vector_zeroed(count, sizeof *more);
    if (more == NULL)
        return -ENOMEM;
    free(*slots);
    *slots = more;
    *slots_count = count;
    return 1;
}
