/*
 * Tiles (C2SP tlog-tiles). The files are
 *
 *   tile/<L>/<N>[.p/<W>]        W hashes of 32 bytes, 256 when there is no .p
 *   tile/entries/<N>[.p/<W>]    the leaves' bytes, each behind its length, 16 bits big-endian
 *
 *   L  level, decimal: 0 holds leaf hashes, and an entry of level l is the root over tile l - 1
 *   N  index in three-digit groups, all but the last behind an x and in a folder: 1234067 is
 *      x001/x234/067
 *   W  width of a partial tile, 1 to 255
 *
 * Invariants:
 *   1. Entry i of level l is the root over leaves [i * 256^l, (i + 1) * 256^l), never of fewer: a
 *      partial tile is hashed into no tile above it.
 *   2. In a tree of size s the partial tile of level l has floor(s / 256^l) mod 256 entries; none
 *      is written for 0.
 *   3. A tile, once written, never changes; the bytes are a function of the leaves alone.
 */
#include "daemon/ledger/tile.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define TILE_INDEX_GROUPS_MAX 7u /* of three digits: 2^64 has twenty digits */

static_assert(TILE_LEVELS_MAX * MERKLE_TILE_LEVELS >= 63, "the levels hold every tree");
static_assert(sizeof(struct merkle_hash) == MERKLE_HASH_BYTES, "a row of hashes is a tile");

static char *put_text(char *at, const char *text)
{
    size_t len = strlen(text);

    memcpy(at, text, len);
    return at + len;
}

static char *put_number(char *at, uint32_t number)
{
    char digits[10];
    size_t count = 0;

    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

void tile_path(const struct tile_id *id, char ret_path[TILE_PATH_BYTES])
{
    uint32_t groups[TILE_INDEX_GROUPS_MAX];
    size_t count = 0;
    uint64_t index = id->index;
    char *at = put_text(ret_path, "tile/");

    assert(id->width >= 1);
    assert(id->width <= TILE_WIDTH);
    assert(id->level < 64 || id->level == TILE_LEVEL_ENTRIES);
    if (id->level == TILE_LEVEL_ENTRIES)
        at = put_text(at, "entries");
    else
        at = put_number(at, id->level);
    do {
        groups[count++] = (uint32_t)(index % 1000);
        index /= 1000;
    } while (index > 0);
    while (count-- > 0) {
        at = put_text(at, count > 0 ? "/x" : "/");
        *at++ = (char)('0' + groups[count] / 100);
        *at++ = (char)('0' + groups[count] / 10 % 10);
        *at++ = (char)('0' + groups[count] % 10);
    }
    if (id->width < TILE_WIDTH)
        at = put_number(put_text(at, ".p/"), id->width);
    *at = '\0';
    assert(at < ret_path + TILE_PATH_BYTES);
}

/* How many entries a level has. */
static uint64_t level_count(uint64_t size, uint32_t level)
{
    uint32_t shift = level == TILE_LEVEL_ENTRIES ? 0 : level * MERKLE_TILE_LEVELS;

    return shift < 64 ? size >> shift : 0;
}

uint64_t tile_full_count(uint64_t size, uint32_t level)
{
    return level_count(size, level) / TILE_WIDTH;
}

uint32_t tile_width(uint64_t size, uint32_t level, uint64_t index)
{
    uint64_t full = tile_full_count(size, level);

    if (index != full)
        return index < full ? TILE_WIDTH : 0;
    return (uint32_t)(level_count(size, level) % TILE_WIDTH);
}

static int give(const struct tile_builder *builder, const struct tile_id *id, tile_sink *sink,
                void *context)
{
    return sink(context, id, builder->tiles[id->level][0].bytes, id->width * MERKLE_HASH_BYTES);
}

int tile_builder_append(struct tile_builder *builder, const struct merkle_hash *leaf,
                        tile_sink *sink, void *context)
{
    struct merkle_hash tops[MERKLE_TOPS_MAX];
    uint64_t before = builder->tree.size;
    size_t tops_count = merkle_append(&builder->tree, leaf, tops);
    int error = 0;

    builder->tiles[0][before % TILE_WIDTH] = *leaf;
    for (uint32_t level = 0; level < tops_count; level++) {
        uint64_t index = tile_full_count(builder->tree.size, level) - 1;
        struct tile_id id = {.level = level, .width = TILE_WIDTH, .index = index};
        int now = give(builder, &id, sink, context);
        error = error == 0 ? now : error;
        if (level + 1 < TILE_LEVELS_MAX)
            builder->tiles[level + 1][index % TILE_WIDTH] = tops[level];
    }
    return error;
}

int tile_builder_flush(struct tile_builder *builder, tile_sink *sink, void *context)
{
    uint64_t size = builder->tree.size;

    for (uint32_t level = 0; level < TILE_LEVELS_MAX; level++) {
        uint64_t index = tile_full_count(size, level);
        struct tile_id id = {.level = level, .width = tile_width(size, level, index)};
        id.index = index;
        if (level_count(size, level) == level_count(builder->flushed_size, level))
            break;
        if (id.width == 0)
            continue;
        int error = give(builder, &id, sink, context);
        if (error < 0)
            return error;
    }
    builder->flushed_size = size;
    return 0;
}

int tile_builder_load(struct tile_builder *ret_builder, uint64_t size, tile_read *read,
                      void *context)
{
    struct tile_source source;

    memset(ret_builder, 0, sizeof(*ret_builder));
    tile_source_begin(&source, size, read, context);
    int error = merkle_tree_read(size, tile_subtree, &source, &ret_builder->tree);
    for (uint32_t level = 0; error == 0 && level < TILE_LEVELS_MAX; level++) {
        uint64_t index = tile_full_count(size, level);
        struct tile_id id = {.level = level, .width = tile_width(size, level, index)};
        id.index = index;
        if (id.width > 0)
            error = read(context, &id, ret_builder->tiles[level][0].bytes,
                         id.width * MERKLE_HASH_BYTES);
    }
    ret_builder->flushed_size = size;
    return error;
}

void tile_source_begin(struct tile_source *ret_source, uint64_t size, tile_read *read,
                       void *context)
{
    ret_source->size = size;
    ret_source->read = read;
    ret_source->context = context;
    memset(ret_source->ids, 0, sizeof(ret_source->ids));
}

int tile_subtree(void *source, unsigned level, uint64_t index, struct merkle_hash *ret_hash)
{
    struct tile_source *from = source;
    uint32_t tile_level = level / MERKLE_TILE_LEVELS;
    unsigned above = level % MERKLE_TILE_LEVELS; /* levels above the tile's entries */
    uint64_t first = index << above;             /* entry of the level */
    struct tile_id *kept = &from->ids[tile_level];

    assert(tile_level < TILE_LEVELS_MAX);
    struct tile_id id = {.level = tile_level, .index = first / TILE_WIDTH};
    id.width = tile_width(from->size, tile_level, id.index);
    if (first % TILE_WIDTH + (1ull << above) > id.width)
        return -EINVAL;
    if (kept->width == 0 || kept->index != id.index) {
        kept->width = 0;
        int error = from->read(from->context, &id, from->tiles[tile_level][0].bytes,
                               id.width * MERKLE_HASH_BYTES);
        if (error < 0)
            return error;
        *kept = id;
    }
    *ret_hash = merkle_perfect(&from->tiles[tile_level][first % TILE_WIDTH], 1u << above);
    return 0;
}
