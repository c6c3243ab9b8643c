/*
 * A heap sort over items of any size.
 */
#include "matcher/sort.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

/* Moves the item at root down until the heap below it is in order. */
static void sift(uint8_t *items, size_t root, size_t count, size_t size, sort_before *before)
{
    alignas(max_align_t) uint8_t item[SORT_ITEM_BYTES_MAX]; /* before sees it as an item */
    memcpy(item, items + root * size, size);
    for (size_t child = root * 2 + 1; child < count; child = root * 2 + 1) {
        if (child + 1 < count && before(items + child * size, items + (child + 1) * size))
            child++;
        if (!before(item, items + child * size))
            break;
        memcpy(items + root * size, items + child * size, size);
        root = child;
    }
    memcpy(items + root * size, item, size);
}

void sort_in_place(void *items, size_t count, size_t size, sort_before *before)
{
    uint8_t *bytes = items;
    uint8_t greatest[SORT_ITEM_BYTES_MAX];
    assert(size <= SORT_ITEM_BYTES_MAX);
    for (size_t root = count / 2; root > 0; root--)
        sift(bytes, root - 1, count, size, before);
    for (size_t last = count; last > 1; last--) {
        memcpy(greatest, bytes, size);
        memcpy(bytes, bytes + (last - 1) * size, size);
        memcpy(bytes + (last - 1) * size, greatest, size);
        sift(bytes, 0, last - 1, size, before);
    }
}
