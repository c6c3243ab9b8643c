/*
 * Entry bundles, filled entry by entry. Knows no hash.
 */
#include "daemon/ledger/bundle.h"

#include <assert.h>
#include <string.h>

static_assert(BUNDLE_ENTRY_LEN_MAX <= TILE_ENTRY_LEN_MAX, "a length has 16 bits");

int bundle_append(struct bundle_builder *builder, const void *entry, size_t len, tile_sink *sink,
                  void *context)
{
    uint8_t *at = builder->bytes + builder->len;

    assert(len <= BUNDLE_ENTRY_LEN_MAX);
    at[0] = (uint8_t)(len >> 8);
    at[1] = (uint8_t)len;
    memcpy(at + 2, entry, len);
    builder->len += 2 + len;
    builder->size++;
    if (builder->size % TILE_WIDTH != 0)
        return 0;
    struct tile_id id = {
        .level = TILE_LEVEL_ENTRIES, .width = TILE_WIDTH, .index = builder->size / TILE_WIDTH - 1};
    int error = sink(context, &id, builder->bytes, builder->len);
    builder->len = 0;
    return error;
}

int bundle_flush(const struct bundle_builder *builder, tile_sink *sink, void *context)
{
    struct tile_id id = {.level = TILE_LEVEL_ENTRIES,
                         .width = (uint32_t)(builder->size % TILE_WIDTH),
                         .index = builder->size / TILE_WIDTH};

    return id.width == 0 ? 0 : sink(context, &id, builder->bytes, builder->len);
}
