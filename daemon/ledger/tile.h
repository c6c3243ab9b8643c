/*
 * The tree as C2SP tlog-tiles: names of tiles, tiles that are filled while leaves are appended, and
 * the tree's hashes read back from them. Pure: bytes leave through a sink and come through a
 * reader.
 */
#ifndef LEDGER_TILE_H
#define LEDGER_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/merkle.h"
#include "daemon/ledger/merkle_proof.h"

#define TILE_WIDTH          256u
#define TILE_BYTES          (TILE_WIDTH * MERKLE_HASH_BYTES)
#define TILE_LEVELS_MAX     8u         /* levels that a tree of MERKLE_SIZE_MAX leaves has */
#define TILE_LEVEL_ENTRIES  UINT32_MAX /* the level of entry bundles, beside 0 to 63 */
#define TILE_PATH_BYTES     64u        /* of any name, with NUL */
#define TILE_ENTRY_LEN_MAX  65535u     /* an entry's length is 16 bits in a bundle */
#define TILE_BUNDLE_LEN_MAX (TILE_WIDTH * (2u + TILE_ENTRY_LEN_MAX))

/* Which tile. width is 1 to 255 for a partial one, TILE_WIDTH for a full one. */
struct tile_id {
    uint32_t level;
    uint32_t width;
    uint64_t index;
};

/* tile/<L>/<N>[.p/<W>] or tile/entries/<N>[.p/<W>]. */
void tile_path(const struct tile_id *id, char ret_path[TILE_PATH_BYTES]);

/* How many entries the tile `index` of a level has in a tree of `size` leaves: 0 to TILE_WIDTH. The
   level of entry bundles is as 0. */
uint32_t tile_width(uint64_t size, uint32_t level, uint64_t index);

/* How many full tiles of a level a tree of `size` leaves has. */
uint64_t tile_full_count(uint64_t size, uint32_t level);

/* Takes a tile that is to be stored under tile_path(id); bytes are borrowed. 0, or -errno, which
   the call that made it returns. */
typedef int tile_sink(void *context, const struct tile_id *id, const uint8_t *bytes, size_t len);

/* A tree and the tiles on its right edge. 66 KiB; {0} is the empty one. */
struct tile_builder {
    struct merkle_tree tree;
    uint64_t flushed_size; /* of the tree at the last tile_builder_flush */
    struct merkle_hash tiles[TILE_LEVELS_MAX][TILE_WIDTH]; /* as many as the size says are there */
};

/* Appends a leaf; a tile that it fills goes to the sink at once, lower levels first. 0, or what the
   sink said; the leaf is appended all the same, but its tile has to be made again
   (tile_builder_load). */
int tile_builder_append(struct tile_builder *builder, const struct merkle_hash *leaf,
                        tile_sink *sink, void *context);

/* Gives the partial tiles of the tree as it is, of those levels that have grown since the last
   flush: what a checkpoint of this size needs beside the full ones. 0, or what the sink said. */
int tile_builder_flush(struct tile_builder *builder, tile_sink *sink, void *context);

/* Reads a tile's len bytes to ret_bytes. When the partial tile that is asked for is gone because
   the full one exists, the first bytes of that one do; the reader sees to it. 0, or -errno. */
typedef int tile_read(void *context, const struct tile_id *id, uint8_t *ret_bytes, size_t len);

/* The builder of the tree of `size` leaves, read back. What is read is not verified: compare
   merkle_root with a checkpoint. 0, or what read said. */
int tile_builder_load(struct tile_builder *ret_builder, uint64_t size, tile_read *read,
                      void *context);

/* Hashes of a tree of `size` leaves out of its tiles; the last one read of each level is kept. For
   merkle_proof.h: pass tile_subtree with a struct tile_source. 66 KiB. */
struct tile_source {
    uint64_t size;
    tile_read *read;
    void *context;
    struct tile_id ids[TILE_LEVELS_MAX]; /* width 0: none */
    struct merkle_hash tiles[TILE_LEVELS_MAX][TILE_WIDTH];
};

/* Begins with nothing kept. */
void tile_source_begin(struct tile_source *ret_source, uint64_t size, tile_read *read,
                       void *context);

/* As merkle_subtree_read; context is a struct tile_source. */
int tile_subtree(void *source, unsigned level, uint64_t index, struct merkle_hash *ret_hash);

#endif
