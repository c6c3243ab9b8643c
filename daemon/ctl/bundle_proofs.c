/*
 * Proofs for a bundle. Knows tiles, not what is proved.
 */
#include "daemon/ctl/bundle_proofs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/proof.h"
#include "daemon/ledger/tlog_line.h"

#define PROOF_BYTES (64u * 1024u + MERKLE_PROOF_MAX * 48u) /* with the longest checkpoint */

struct bundle_proofs {
    struct verify_reader reader;
    struct checkpoint checkpoint;
    const char *bytes;
    size_t len;
    struct tile_source source;
    uint8_t tile[TILE_BYTES];
    char room[PROOF_BYTES];
};

/* As tile_read. The full tile is there instead of a partial one that was removed. */
static int read_tile(void *context, const struct tile_id *id, uint8_t *ret_bytes, size_t len)
{
    struct bundle_proofs *proofs = context;
    struct tile_id full = {.level = id->level, .width = TILE_WIDTH, .index = id->index};
    char path[TILE_PATH_BYTES];

    tile_path(id, path);
    ssize_t done = proofs->reader.file(proofs->reader.context, path, proofs->tile, TILE_BYTES);
    if (done == -ENOENT && id->width < TILE_WIDTH) {
        tile_path(&full, path);
        done = proofs->reader.file(proofs->reader.context, path, proofs->tile, TILE_BYTES);
    }
    if (done < 0)
        return (int)done;
    if ((size_t)done < len)
        return -EBADMSG;
    memcpy(ret_bytes, proofs->tile, len);
    return 0;
}

struct bundle_proofs *bundle_proofs_open(const struct verify_reader *reader,
                                         const struct checkpoint *checkpoint, const char *bytes,
                                         size_t len)
{
    struct bundle_proofs *proofs = calloc(1, sizeof(*proofs));

    if (proofs == NULL)
        return NULL;
    proofs->reader = *reader;
    proofs->checkpoint = *checkpoint;
    proofs->bytes = bytes;
    proofs->len = len;
    tile_source_begin(&proofs->source, checkpoint->size, read_tile, proofs);
    return proofs;
}

int bundle_proofs_record(struct bundle_proofs *proofs, struct bundle_out *out, uint64_t seq,
                         const struct merkle_hash *leaf)
{
    struct proof proof = {.index = seq, .checkpoint = proofs->bytes, .checkpoint_len = proofs->len};
    struct text text = text_into(proofs->room, sizeof(proofs->room));
    char path[64];
    int error = merkle_prove_inclusion(seq, proofs->checkpoint.size, tile_subtree, &proofs->source,
                                       &proof.path);

    if (error == 0 && !merkle_verify_inclusion(seq, proofs->checkpoint.size, leaf, &proof.path,
                                               &proofs->checkpoint.root))
        error = -EBADMSG;
    if (error < 0)
        return error;
    proof_format(&text, &proof);
    if (text.overflow)
        return -EFBIG;
    (void)snprintf(path, sizeof(path), "proofs/%" PRIu64 ".tlog-proof", seq); /* it fits */
    bundle_out_write(out, path, text.at, text.len);
    return out->error;
}

int bundle_proofs_consistency(struct bundle_proofs *proofs, struct bundle_out *out,
                              const struct checkpoint *old, const struct checkpoint *new,
                              struct text bytes)
{
    struct merkle_proof path;
    struct text text = text_into(proofs->room, sizeof(proofs->room));
    char name[80];

    tile_source_begin(&proofs->source, new->size, read_tile, proofs);
    int error =
        merkle_prove_consistency(old->size, new->size, tile_subtree, &proofs->source, &path);
    tile_source_begin(&proofs->source, proofs->checkpoint.size, read_tile, proofs);
    if (error == 0 &&
        !merkle_verify_consistency(old->size, &old->root, new->size, &new->root, &path))
        error = -EBADMSG;
    if (error < 0)
        return error;
    text_literal(&text, "old ");
    text_u64(&text, old->size);
    text_literal(&text, "\n");
    tlog_put_proof(&text, &path);
    text_raw(&text, bytes.at, bytes.len);
    if (text.overflow)
        return -EFBIG;
    (void)snprintf(name, sizeof(name), "consistency/%" PRIu64 "-%" PRIu64, old->size, /* it fits */
                   new->size);
    bundle_out_write(out, name, text.at, text.len);
    return out->error;
}

struct bundle_proofs *bundle_proofs_close(struct bundle_proofs *proofs)
{
    free(proofs);
    return NULL;
}
