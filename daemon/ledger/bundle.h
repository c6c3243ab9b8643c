/*
 * Entry bundles (C2SP tlog-tiles): the records behind each tile of leaf hashes, each with its
 * length before it. Pure; the format stands at the top of tile.c.
 */
#ifndef LEDGER_BUNDLE_H
#define LEDGER_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/tile.h"

#define BUNDLE_ENTRY_LEN_MAX 16384u /* of ours: a record without its newline is shorter */
#define BUNDLE_BYTES         (TILE_WIDTH * (2u + BUNDLE_ENTRY_LEN_MAX))

/* The bundle on the right edge. 4 MiB: on the heap; {0} but for bytes is the empty log's. */
struct bundle_builder {
    uint64_t size; /* entries so far */
    size_t len;
    uint8_t bytes[BUNDLE_BYTES];
};

/* Appends an entry of at most BUNDLE_ENTRY_LEN_MAX bytes; a bundle that it fills goes to the sink.
   0, or what the sink said. */
int bundle_append(struct bundle_builder *builder, const void *entry, size_t len, tile_sink *sink,
                  void *context);

/* Gives the partial bundle of the log as it is, if there is one. 0, or what the sink said. */
int bundle_flush(const struct bundle_builder *builder, tile_sink *sink, void *context);

#endif
