/*
 * Sorting spans in place: the path of a listing allocates nothing, and qsort may.
 */
#include "matcher/scan.h"

/* Moves the item at root down until the heap below it is in order. */
static void sift(struct scan_found *items, size_t root, size_t count,
                 bool (*before)(const struct scan_found *a, const struct scan_found *b))
{
    struct scan_found item = items[root];
    for (size_t child = root * 2 + 1; child < count; child = root * 2 + 1) {
        if (child + 1 < count && before(&items[child], &items[child + 1]))
            child++;
        if (!before(&item, &items[child]))
            break;
        items[root] = items[child];
        root = child;
    }
    items[root] = item;
}

void scan_sort(struct scan_found *items, size_t count,
               bool (*before)(const struct scan_found *a, const struct scan_found *b))
{
    for (size_t root = count / 2; root > 0; root--)
        sift(items, root - 1, count, before);
    for (size_t last = count; last > 1; last--) {
        struct scan_found greatest = items[0];
        items[0] = items[last - 1];
        items[last - 1] = greatest;
        sift(items, 0, last - 1, before);
    }
}
