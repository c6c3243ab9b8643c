/*
 * Fuzzes the fold: all paths and the map give the same bytes, which are UTF-8, bounded, free of
 * control characters, and fold to themselves; the map stays inside the text.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/fold.h"

#define TEXT_BYTES_MAX 65536u
#define ROOM           (TEXT_BYTES_MAX * FOLD_GROWTH_MAX + 2 + FOLD_SLACK_BYTES)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char folded[ROOM], other[ROOM * FOLD_GROWTH_MAX];
static uint32_t from[ROOM], to[ROOM];
static uint16_t bits[ROOM];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len > TEXT_BYTES_MAX)
        return 0;
    char *text = malloc(len + 1); /* of its own, so that a read past the end is seen */
    assert(text != NULL);
    char *begin = text + 1; /* at an odd address */
    memcpy(begin, data, len);
    struct fold_map map = {from, to, bits};
    size_t folded_len = fold_map(begin, len, folded, &map);
    assert(folded_len >= 1 && folded_len <= len * FOLD_GROWTH_MAX + 2);
    for (unsigned path = 0; path <= (unsigned)fold_path_best(); path++) {
        size_t got = fold_text_by((enum fold_path)path, begin, len, other);
        assert(got == folded_len && memcmp(other, folded, got) == 0);
    }
    assert(folded[0] == ' ' && folded[folded_len - 1] == ' ');
    for (size_t i = 0; i < folded_len; i++) {
        assert((uint8_t)folded[i] >= 0x20 && folded[i] != 0x7F);
        assert(i == 0 || folded[i] != ' ' || folded[i - 1] != ' ');
        assert(from[i] <= to[i] && to[i] <= len);
    }
    for (size_t i = 0; i < folded_len;) {
        uint32_t cp = 0;
        unsigned step = fold_decode((uint8_t *)folded + i, folded_len - i, &cp);
        assert(step > 0);
        i += step;
    }
    free(text);
    return 0;
}
