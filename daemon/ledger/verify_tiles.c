/*
 * Stored tiles against those of the records. Knows no line and no signature.
 */
#include "daemon/ledger/verify_tiles.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static void note_tile(struct verify *verify, enum verify_fault fault, const struct tile_id *id)
{
    if (verify->tile.fault != VERIFY_OK)
        return;
    verify->tile = (struct verify_damage){.fault = fault, .seq = VERIFY_NO_SEQ};
    tile_path(id, verify->tile.file);
}

/* Where two tiles of one level 0 first differ. */
static void note_leaf(struct verify *verify, const struct tile_id *id, const uint8_t *stored,
                      const uint8_t *bytes, size_t len)
{
    size_t entry = 0;

    if (id->level != 0 || verify->leaf != VERIFY_NO_SEQ)
        return;
    while (memcmp(stored + entry, bytes + entry, MERKLE_HASH_BYTES) == 0)
        entry += MERKLE_HASH_BYTES;
    assert(entry < len);
    verify->leaf = id->index * TILE_WIDTH + entry / MERKLE_HASH_BYTES;
}

/* Compares one stored file with the len bytes that it has to hold. Returns false when it is not
   there. */
static bool compare_file(struct verify *verify, const struct tile_id *id, const uint8_t *bytes)
{
    const struct verify_reader *reader = &verify->config.reader;
    size_t len = id->width * MERKLE_HASH_BYTES;
    char path[TILE_PATH_BYTES];

    tile_path(id, path);
    ssize_t done = reader->file(reader->context, path, verify->bytes, sizeof(verify->bytes));
    if (done == -ENOENT)
        return false;
    if (done < 0 && done != -EFBIG) {
        verify->io_error = (int)done;
        return true;
    }
    verify->counts.tiles++;
    if (done != (ssize_t)len) {
        note_tile(verify, VERIFY_TILE_CHANGED, id);
    } else if (memcmp(verify->bytes, bytes, len) != 0) {
        note_tile(verify, VERIFY_TILE_CHANGED, id);
        note_leaf(verify, id, verify->bytes, bytes, len);
    }
    return true;
}

/* The partial tiles of a tile that now has `width` entries. */
static void compare_partials(struct verify *verify, const struct tile_id *id, const uint8_t *bytes)
{
    const struct verify_reader *reader = &verify->config.reader;
    uint8_t widths[32] = {0};
    int error = reader->partials(reader->context, id, widths);

    if (error < 0)
        verify->io_error = error;
    for (uint32_t width = 1; error == 0 && width < TILE_WIDTH && width <= id->width; width++) {
        struct tile_id partial = {.level = id->level, .width = width, .index = id->index};
        if ((widths[width / 8] >> width % 8 & 1) != 0)
            (void)compare_file(verify, &partial, bytes); /* it may be gone by now */
    }
}

int verify_tile(void *context, const struct tile_id *id, const uint8_t *bytes, size_t len)
{
    struct verify *verify = context;
    unsigned shift = (id->level + 1) * MERKLE_TILE_LEVELS;
    uint64_t end = shift < 64 ? (id->index + 1) << shift : UINT64_MAX;

    (void)len; /* width says it */
    assert(id->width == TILE_WIDTH);
    compare_partials(verify, id, bytes);
    if (!compare_file(verify, id, bytes) && verify->is_signed && end <= verify->signed_size)
        note_tile(verify, VERIFY_TILE_MISSING, id);
    return 0;
}

/* As tile_sink: a partial tile of the signed size must be there, or the full one in its place,
   which is compared when the records come to it. */
static int verify_partial(void *context, const struct tile_id *id, const uint8_t *bytes, size_t len)
{
    struct verify *verify = context;
    const struct verify_reader *reader = &verify->config.reader;
    struct tile_id full = {.level = id->level, .width = TILE_WIDTH, .index = id->index};
    char path[TILE_PATH_BYTES];

    if (compare_file(verify, id, bytes))
        return 0;
    tile_path(&full, path);
    ssize_t done = reader->file(reader->context, path, verify->bytes, sizeof(verify->bytes));
    if (done == -ENOENT) {
        note_tile(verify, VERIFY_TILE_MISSING, id);
    } else if (done < 0 && done != -EFBIG) {
        verify->io_error = (int)done;
    } else if (done != (ssize_t)TILE_BYTES || memcmp(verify->bytes, bytes, len) != 0) {
        note_tile(verify, VERIFY_TILE_CHANGED, &full);
        if (done == (ssize_t)TILE_BYTES)
            note_leaf(verify, id, verify->bytes, bytes, len);
    }
    return 0;
}

void verify_signed_edge(struct verify *verify)
{
    uint64_t flushed_size = verify->builder.flushed_size;

    verify->builder.flushed_size = 0;
    (void)tile_builder_flush(&verify->builder, verify_partial, verify); /* it gives 0 */
    verify->builder.flushed_size = flushed_size;
}

void verify_edge(struct verify *verify)
{
    uint64_t size = verify->builder.tree.size;

    for (uint32_t level = 0; level < TILE_LEVELS_MAX; level++) {
        struct tile_id id = {.level = level, .index = tile_full_count(size, level)};
        id.width = tile_width(size, level, id.index);
        if (id.width > 0)
            compare_partials(verify, &id, verify->builder.tiles[level][0].bytes);
    }
}

/* As tile_read, from the stored tiles. */
static int read_stored(void *context, const struct tile_id *id, uint8_t *ret_bytes, size_t len)
{
    struct verify *verify = context;
    const struct verify_reader *reader = &verify->config.reader;
    struct tile_id full = {.level = id->level, .width = TILE_WIDTH, .index = id->index};
    char path[TILE_PATH_BYTES];

    tile_path(id, path);
    ssize_t done = reader->file(reader->context, path, verify->bytes, sizeof(verify->bytes));
    if (done == -ENOENT && id->width < TILE_WIDTH) {
        tile_path(&full, path);
        done = reader->file(reader->context, path, verify->bytes, sizeof(verify->bytes));
    }
    if (done < (ssize_t)len)
        return -EBADMSG;
    memcpy(ret_bytes, verify->bytes, len);
    return 0;
}

/* The lowest tile above the leaf that its parent does not confirm, with the signed root as the
   parent of all. False when the stored tiles are not there, or all of them are good. */
static bool find_tile(struct verify *verify, uint64_t leaf, struct tile_id *ret_id)
{
    uint64_t size = verify->signed_size;
    struct merkle_hash root, entry, above;

    if (merkle_root_read(size, tile_subtree, &verify->source, &root) < 0 ||
        !merkle_equal(&root, &verify->signed_root))
        return false;
    for (uint32_t level = TILE_LEVELS_MAX - 1; level > 0; level--) {
        unsigned shift = level * MERKLE_TILE_LEVELS;
        uint64_t index = leaf >> shift;
        struct tile_id below = {.level = level - 1, .width = TILE_WIDTH, .index = index};
        if (tile_width(size, level - 1, index) < TILE_WIDTH)
            continue; /* the root itself confirms a partial tile */
        if (tile_subtree(&verify->source, shift, index, &above) < 0 ||
            read_stored(verify, &below, verify->source.tiles[level - 1][0].bytes, TILE_BYTES) < 0)
            return false;
        verify->source.ids[level - 1] = below;
        entry = merkle_perfect(verify->source.tiles[level - 1], TILE_WIDTH);
        if (!merkle_equal(&entry, &above)) {
            *ret_id = below;
            return true;
        }
    }
    return false;
}

void verify_blame(struct verify *verify)
{
    struct merkle_proof proof;
    struct merkle_hash stored;
    struct tile_id id;
    uint64_t leaf = verify->leaf;

    tile_source_begin(&verify->source, verify->signed_size, read_stored, verify);
    if (leaf != VERIFY_NO_SEQ && leaf < verify->signed_size &&
        merkle_prove_inclusion(leaf, verify->signed_size, tile_subtree, &verify->source, &proof) ==
            0 &&
        tile_subtree(&verify->source, 0, leaf, &stored) == 0 &&
        merkle_verify_inclusion(leaf, verify->signed_size, &stored, &proof, &verify->signed_root)) {
        verify->damage = (struct verify_damage){.fault = VERIFY_RECORD_CHANGED, .seq = leaf};
        return;
    }
    tile_source_begin(&verify->source, verify->signed_size, read_stored, verify);
    if (leaf != VERIFY_NO_SEQ && find_tile(verify, leaf, &id)) {
        verify->damage = (struct verify_damage){.fault = VERIFY_TILE_CHANGED, .seq = VERIFY_NO_SEQ};
        tile_path(&id, verify->damage.file);
        return;
    }
    verify->damage = (struct verify_damage){
        .fault = VERIFY_ROOT_MISMATCH, .seq = VERIFY_NO_SEQ, .size = verify->differs_size};
    memcpy(verify->damage.file, "checkpoint", sizeof("checkpoint"));
}
