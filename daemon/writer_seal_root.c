/*
 * The tree when the writer opens: read from the tiles as of the last full one before the signed
 * size, and the lines from there on hashed again. Tiles are a function of the lines, so that when
 * those at the right edge are missing or damaged, all lines are hashed, and only what the lines say
 * counts. Writes nothing.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/writer_core.h"
#include "daemon/writer_replay.h"

#define SEE_VERIFY                                                                                 \
    "noticectl verify says more; restore the ledger from a copy, or move it aside to begin a new " \
    "one"

/* Leaves up to the signed size, and the first that is not the one in its tile. */
struct again {
    struct writer_seal *seal;
    struct merkle_tree *tree;
    uint64_t size; /* of the tree that is wanted */
    bool compare;
    uint64_t odd;  /* RECORD_NO_SEQ: none */
    uint64_t tile; /* that is in row; UINT64_MAX: none */
    bool has_row;
    struct merkle_hash row[TILE_WIDTH];
};

static void compare_leaf(struct again *again, uint64_t seq, const struct merkle_hash *leaf)
{
    struct tile_id id = {.width = TILE_WIDTH, .index = seq / TILE_WIDTH};

    if (again->odd != RECORD_NO_SEQ)
        return;
    if (id.index != again->tile) {
        again->tile = id.index;
        id.width = tile_width(again->seal->signed_size, 0, id.index);
        again->has_row = tile_store_read(&again->seal->store, &id, again->row[0].bytes,
                                         id.width * MERKLE_HASH_BYTES) == 0;
    }
    if (again->has_row && !merkle_equal(&again->row[seq % TILE_WIDTH], leaf))
        again->odd = seq;
}

static int hash_again(void *context, const struct record_head *head, enum record_kind kind,
                      const char *line, size_t len)
{
    struct again *again = context;

    (void)kind;
    if (head->seq == again->size)
        return 1; /* enough */
    struct merkle_hash leaf = merkle_leaf(line, len);
    (void)merkle_append(again->tree, &leaf, NULL); /* tiles are not asked for here */
    if (again->compare)
        compare_leaf(again, head->seq, &leaf);
    return 0;
}

/* Whether the first `size` lines have the root, hashed from a size on whose tree is given. 1, 0,
   -errno with words. *ret_odd, unless NULL: the first record that is not the one in its tile. */
static int has_root(struct writer_core *core, const struct writer_found *found,
                    struct merkle_tree *tree, uint64_t size, const struct merkle_hash *root,
                    uint64_t *ret_odd, struct writer_error *reterr_error)
{
    struct again *again = calloc(1, sizeof(*again));

    if (again == NULL)
        return writer_error_set(reterr_error, -ENOMEM, "no memory to hash the ledger again");
    *again =
        (struct again){.seal = &core->seal, .tree = tree, .size = size, .compare = ret_odd != NULL};
    again->odd = RECORD_NO_SEQ;
    again->tile = UINT64_MAX;
    int error = 0;
    if (tree->size < size)
        error = writer_replay(core, found, tree->size, hash_again, again, reterr_error);
    if (ret_odd != NULL)
        *ret_odd = again->odd;
    free(again);
    if (error < 0)
        return error;
    struct merkle_hash hashed = merkle_root(tree);
    return tree->size == size && merkle_equal(&hashed, root);
}

int writer_seal_has_root(struct writer_core *core, const struct writer_found *found, uint64_t size,
                         const struct merkle_hash *root, struct writer_error *reterr_error)
{
    struct merkle_tree tree = core->seal.builder.tree;

    if (tree.size > size)
        memset(&tree, 0, sizeof(tree));
    return has_root(core, found, &tree, size, root, NULL, reterr_error);
}

/* All lines, because the tiles at the right edge do not help: either they are damaged, or the lines
   are. */
int writer_seal_blame(struct writer_core *core, const struct writer_found *found,
                      struct writer_error *reterr_error)
{
    struct writer_seal *seal = &core->seal;
    struct merkle_tree tree = {.size = 0};
    uint64_t odd = RECORD_NO_SEQ;
    int good =
        has_root(core, found, &tree, seal->signed_size, &seal->signed_root, &odd, reterr_error);

    memset(&seal->builder, 0, sizeof(seal->builder));
    if (good != 0)
        return good < 0 ? good : 0;
    if (odd != RECORD_NO_SEQ)
        return writer_error_set(reterr_error, -EBADMSG,
                                "record %" PRIu64 " is not the one that was signed: " SEE_VERIFY,
                                odd);
    return writer_error_set(reterr_error, -EBADMSG,
                            "the records do not have the root that was signed for the first "
                            "%" PRIu64 ": " SEE_VERIFY,
                            seal->signed_size);
}

/* The builder as of the last full tile before the signed size, or as of the mark. */
int writer_seal_load(struct writer_core *core, const struct writer_found *found,
                     struct writer_error *reterr_error)
{
    struct writer_seal *seal = &core->seal;
    struct position mark = {.seq = 0};
    bool known = false;

    int error = durable_store_open(&seal->mark, core->backend, core->dir_fd, WRITER_SEAL_MARK,
                                   &known, &mark);
    if (error < 0)
        return writer_error_set(reterr_error, error, "cannot open state/" WRITER_SEAL_MARK ": %s",
                                strerrordesc_np(-error));
    seal->mark_signed = known ? mark.first : 0;
    uint64_t from = seal->has_signed ? seal->signed_size : known ? mark.seq : 0;
    if (from > found->next_seq)
        from = 0; /* a mark of another ledger: it is derived, and counts for nothing */
    from -= from % TILE_WIDTH;
    seal->edge = from;
    if (core->config->deep) {
        memset(&seal->builder, 0, sizeof(seal->builder));
        return writer_seal_check_all(core, found, reterr_error);
    }
    int loaded = tile_builder_load(&seal->builder, from, tile_store_read, &seal->store);
    if (loaded < 0 && loaded != -ENOENT && loaded != -EBADMSG) {
        char fault[TILE_FAULT_BYTES];
        tile_store_fault(&seal->store, loaded, fault);
        return writer_error_set(reterr_error, loaded, "cannot read the tiles: %s", fault);
    }
    seal->builder.flushed_size = 0;
    if (loaded < 0)
        memset(&seal->builder, 0, sizeof(seal->builder));
    if (!seal->has_signed)
        return 0;
    int good =
        writer_seal_has_root(core, found, seal->signed_size, &seal->signed_root, reterr_error);
    if (good != 0)
        return good < 0 ? good : 0;
    return writer_seal_blame(core, found, reterr_error);
}
