/*
 * A sealer on a simulated disk, and the known log that it is asked to seal. For test_sealer*.c.
 */
#ifndef TESTS_UNIT_SEALER_RIG_H
#define TESTS_UNIT_SEALER_RIG_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "daemon/sealer/sealer.h"
#include "io/backend_sim.h"
#include "tests/unit/tlog_vectors.h"

#define LOG_MAX      300u
#define STATE_FOLDER "state"

struct rig {
    struct backend *backend;
    int dir_fd;
    struct sealer sealer;
    char answer[SEAL_ANSWER_BYTES_MAX];
    size_t answer_len;
    struct seal_answer parsed;
};

/* Of the log; between make_log and free_log. */
static struct note_signer *signer;
static struct note_key key;
static struct merkle_hash leaves[LOG_MAX];

static inline int make_log(void **state)
{
    (void)state;
    signer = open_signer(LOG_B_NAME, NOTE_KEY_ED25519, LOG_B_SEED);
    key = *note_signer_key(signer);
    for (uint64_t i = 0; i < LOG_MAX; i++)
        leaves[i] = log_b_leaf(i);
    return 0;
}

static inline int free_log(void **state)
{
    (void)state;
    signer = note_signer_close(signer);
    return 0;
}

static inline struct merkle_hash root_of(const struct merkle_hash *from, uint64_t count)
{
    struct merkle_tree tree = {0};

    for (uint64_t i = 0; i < count; i++)
        (void)merkle_append(&tree, &from[i], NULL); /* no tops */
    return merkle_root(&tree);
}

static inline int read_subtree(void *context, unsigned level, uint64_t index,
                               struct merkle_hash *ret_hash)
{
    const struct merkle_hash *from = context;

    *ret_hash = root_of(from + (index << level), UINT64_C(1) << level);
    return 0;
}

static inline int open_state(struct rig *rig, struct backend *backend)
{
    rig->backend = backend;
    int error = backend->ops->mkdir(backend, AT_FDCWD, STATE_FOLDER, 0700);
    assert_true(error == 0 || error == -EEXIST);
    rig->dir_fd = backend->ops->open(backend, AT_FDCWD, STATE_FOLDER, O_RDONLY | O_DIRECTORY, 0);
    assert_true(rig->dir_fd >= 0);
    return sealer_open(&rig->sealer, signer, backend, rig->dir_fd);
}

static inline void open_rig(struct rig *rig, uint64_t seed)
{
    struct backend *backend = NULL;

    assert_int_equal(backend_sim_open(seed, 0, &backend), 0);
    assert_int_equal(open_state(rig, backend), 0);
    /* The folder itself is made durable by the program, before the sealer opens it. */
    int root_fd = backend->ops->open(backend, AT_FDCWD, ".", O_RDONLY | O_DIRECTORY, 0);
    assert_true(root_fd >= 0);
    assert_int_equal(backend->ops->sync_now(backend, root_fd), 0);
    assert_int_equal(backend->ops->close_fd(backend, root_fd), 0);
}

static inline void close_rig(struct rig *rig)
{
    (void)rig->backend->ops->close_fd(rig->backend, rig->dir_fd); /* it may be of a dead machine */
    rig->backend = backend_close(rig->backend);
}

static inline void start_again(struct rig *rig)
{
    assert_int_equal(rig->backend->ops->close_fd(rig->backend, rig->dir_fd), 0);
    assert_int_equal(open_state(rig, rig->backend), 0);
}

/* Asks for these bytes; the answer must be one. */
static inline enum seal_status ask_bytes(struct rig *rig, const char *bytes, size_t len)
{
    rig->answer_len = sealer_answer(&rig->sealer, bytes, len, rig->answer);
    assert_in_range(rig->answer_len, 1, SEAL_ANSWER_BYTES_MAX);
    assert_int_equal(seal_answer_parse(rig->answer, rig->answer_len, &rig->parsed), 0);
    return rig->parsed.status;
}

static inline enum seal_status ask_root(struct rig *rig, uint64_t old_size, uint64_t size,
                                        const struct merkle_hash *root,
                                        const struct merkle_proof *proof)
{
    char body_bytes[CHECKPOINT_BODY_BYTES_MAX], request[SEAL_REQUEST_BYTES_MAX];
    struct text body = text_into(body_bytes, sizeof(body_bytes));
    const struct checkpoint checkpoint = {
        .origin = key.name, .origin_len = key.name_len, .size = size, .root = *root};

    checkpoint_format(&body, &checkpoint);
    size_t len = seal_request_format(request, sizeof(request), old_size, proof->hashes,
                                     proof->count, body_bytes, body.len);
    assert_true(len > 0);
    enum seal_status status = ask_bytes(rig, request, len);
    if (status == SEAL_SIGNED) { /* whatever is signed is a checkpoint that verifies */
        static struct note note;
        struct checkpoint opened;
        char note_bytes[CHECKPOINT_BYTES_MAX];
        struct text text = text_into(note_bytes, sizeof(note_bytes));
        text_raw(&text, body_bytes, body.len);
        text_literal(&text, "\n");
        text_raw(&text, rig->parsed.signature, rig->parsed.signature_len);
        assert_int_equal(checkpoint_open(note_bytes, text.len, &key, &note, &opened), TLOG_OK);
    }
    return status;
}

/* Asks for the log's tree of this size, with an honest proof from old_size. */
static inline enum seal_status ask(struct rig *rig, uint64_t old_size, uint64_t size)
{
    const struct merkle_hash root = root_of(leaves, size);
    struct merkle_proof proof = {.count = 0};

    if (old_size <= size)
        assert_int_equal(merkle_prove_consistency(old_size, size, read_subtree, leaves, &proof), 0);
    return ask_root(rig, old_size, size, &root, &proof);
}

#endif
