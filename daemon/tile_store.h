/*
 * The tiles of a ledger as files below its folder, through a backend: written, read, compared. A
 * tile is written under its own name at once, without a second name and a rename: nobody reads a
 * tile that no published checkpoint covers, and one that a crash left short or garbled is made
 * again from the lines when the writer opens. Nothing here is synced: that is tile_sync.h's.
 */
#ifndef DAEMON_TILE_STORE_H
#define DAEMON_TILE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/tile.h"
#include "io/backend.h"

#define TILE_FAULT_BYTES (TILE_PATH_BYTES + 80u)

struct tile_store {
    struct backend *backend;
    int dir_fd;                 /* the ledger's folder; borrowed */
    bool made[TILE_LEVELS_MAX]; /* a folder of this level was made, or may have been by a start
                                   before this one, and the folders above it are not synced */
    struct merkle_hash below[TILE_WIDTH]; /* of tile_store_read */
    char failed[TILE_PATH_BYTES];         /* what the latest error is about; empty: there was none;
                                             -ENOENT and -EBADMSG of a read are none */
};

/* Only sets the fields: a ledger without tiles is read as well. */
void tile_store_begin(struct tile_store *ret_store, struct backend *backend, int dir_fd);

/* What failed and why, for people: "tile/0/001: Is a directory". error is that of the latest call;
   ret_text has room for TILE_FAULT_BYTES. */
void tile_store_fault(const struct tile_store *store, int error, char ret_text[TILE_FAULT_BYTES]);

/* For who writes beside the tiles: when it is an error, keeps the name of what failed. Returns it.
 */
int tile_store_failed(struct tile_store *store, const char *path, int error);

/* Makes tile/ and makes its name durable. 0 or -errno. */
int tile_store_make(struct tile_store *store);

/* Writes a tile, whole; what stood under its name before is replaced. Not durable. context is a
   struct tile_store: this is a tile_sink. 0 or -errno. */
int tile_store_put(void *context, const struct tile_id *id, const uint8_t *bytes, size_t len);

/* The same, unless these very bytes stand there. *ret_changed, when not NULL, is whether they did
   not. 0 or -errno. */
int tile_store_mend(struct tile_store *store, const struct tile_id *id, const uint8_t *bytes,
                    size_t len, bool *ret_changed);

/* Puts right every partial tile that there is of tile `index` of a level, as far as `width` of its
   hashes are known, and makes those wider than synced_width durable: attempts at a checkpoint leave
   them, and a crash may have torn them. Of these, one that there is no space for is taken away. 0
   or -errno. */
int tile_store_mend_partials(struct tile_store *store, const struct tile_id *id,
                             const uint8_t *bytes, uint32_t synced_width);

/* Takes a tile away; that it is not there is fine. With for_good it is gone after a crash too. 0 or
   -errno. */
int tile_store_drop(struct tile_store *store, const struct tile_id *id, bool for_good);

/* Takes up to `max` of the partial tiles of tile `index` of a level away, and their folder with the
   last of them: for a tile whose full form is durable. After a power loss they may be there again.
   Returns how many it took: max means that there may be more; or -errno. */
int tile_store_drop_partials(struct tile_store *store, const struct tile_id *id, unsigned max);

/* The tile's hashes for a tree whose full tiles are all there; store is a struct tile_store: this
   is a tile_read. A partial tile comes out of its own file, else of the full one, else out of the
   full tiles of the level below, so that no partial tile need exist at level 1 and above. 0; of the
   last file that was looked at -ENOENT, -EBADMSG when its length is another, or -errno. */
int tile_store_read(void *context, const struct tile_id *id, uint8_t *ret_bytes, size_t len);

#endif
