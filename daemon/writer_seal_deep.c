/*
 * noticed --deep: everything that was signed is hashed again when the writer opens, from record 0,
 * and each entry of checkpoints.log is held against it, where otherwise the last one and the right
 * edge of the tree suffice. Tiles are compared, and made again, as the lines are replayed after it.
 * Writes nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/shape.h"
#include "daemon/log.h"
#include "daemon/writer_core.h"
#include "daemon/writer_replay.h"
#include "io/whole.h"

#define LOG_BYTES (2u * NOTE_BYTES_MAX) /* holds a whole entry */
#define RESTORE   "restore the ledger from a copy, or move it aside to begin a new one"

struct deep {
    struct writer_core *core;
    struct merkle_tree tree;
    int fd; /* of checkpoints.log; -1: there is none */
    uint64_t offset, end;
    size_t begin, len;
    bool has_entry;
    struct checkpoint entry;
    uint64_t entries;
    uint64_t odd_size, odd_seq; /* the first entry with another root; the first line that is no
                                   object; RECORD_NO_SEQ: none */
    char bytes[LOG_BYTES];
};

/* The next entry; read_log has found the last one to be good. 0, -EBADMSG: it is none of our key's,
   -errno. */
static int next_entry(struct deep *deep)
{
    struct writer_seal *seal = &deep->core->seal;
    struct backend *backend = deep->core->backend;
    size_t len, step;

    deep->has_entry = false;
    while (!checkpoint_log_next(deep->bytes + deep->begin, deep->len, &len, &step)) {
        memmove(deep->bytes, deep->bytes + deep->begin, deep->len);
        deep->begin = 0;
        uint64_t left = deep->end - deep->offset;
        size_t want = LOG_BYTES - deep->len;
        want = left < want ? (size_t)left : want;
        if (want == 0)
            return deep->len == 0 ? 0 : -EBADMSG;
        ssize_t done = whole_read(backend, deep->fd, deep->bytes + deep->len, want, deep->offset);
        if (done <= 0)
            return done < 0 ? (int)done : -EBADMSG;
        deep->len += (size_t)done;
        deep->offset += (uint64_t)done;
    }
    if (checkpoint_open(deep->bytes + deep->begin, len, &seal->key, &seal->note, &deep->entry) !=
        TLOG_OK)
        return -EBADMSG;
    deep->begin += step;
    deep->len -= step;
    deep->has_entry = true;
    deep->entries++;
    return 0;
}

/* Holds the entries of the tree's size against it. As next_entry. */
static int compare_entries(struct deep *deep)
{
    while (deep->has_entry && deep->entry.size <= deep->tree.size) {
        struct merkle_hash root = merkle_root(&deep->tree);
        if (deep->odd_size == RECORD_NO_SEQ &&
            (deep->entry.size < deep->tree.size || !merkle_equal(&root, &deep->entry.root)))
            deep->odd_size = deep->entry.size;
        int error = next_entry(deep);
        if (error < 0)
            return error;
    }
    return 0;
}

static int take_line(void *context, const struct record_head *head, enum record_kind kind,
                     const char *line, size_t len)
{
    struct deep *deep = context;

    (void)kind;
    if (!shape_is_object(line, len)) {
        deep->odd_seq = head->seq;
        return -EBADMSG;
    }
    struct merkle_hash leaf = merkle_leaf(line, len);
    (void)merkle_append(&deep->tree, &leaf, NULL); /* tiles are not asked for here */
    return compare_entries(deep);
}

/* What was found, in words. */
static int judge(struct writer_core *core, const struct writer_found *found, struct deep *deep,
                 int error, struct writer_error *reterr_error)
{
    if (deep->odd_seq != RECORD_NO_SEQ)
        return writer_error_set(reterr_error, -EBADMSG,
                                "record %" PRIu64 " is no JSON object: " RESTORE, deep->odd_seq);
    if (error == -EBADMSG && reterr_error->error == 0)
        return writer_error_set(reterr_error, error,
                                WRITER_SEAL_LOG ": entry %" PRIu64
                                                " is not a checkpoint signed with " WRITER_SEAL_KEY
                                                ": " RESTORE,
                                deep->entries + 1);
    if (error < 0)
        return reterr_error->error != 0
                   ? error
                   : writer_error_set(reterr_error, error, "cannot read " WRITER_SEAL_LOG ": %s",
                                      strerrordesc_np(-error));
    if (deep->odd_size == RECORD_NO_SEQ)
        return 0;
    error = writer_seal_blame(core, found, reterr_error);
    if (error < 0)
        return error;
    return writer_error_set(reterr_error, -EBADMSG,
                            WRITER_SEAL_LOG " has another root for the first %" PRIu64
                                            " records: " RESTORE,
                            deep->odd_size);
}

int writer_seal_check_all(struct writer_core *core, const struct writer_found *found,
                          struct writer_error *reterr_error)
{
    struct backend *backend = core->backend;
    struct deep *deep = calloc(1, sizeof(*deep));
    int error = 0;

    if (deep == NULL)
        return writer_error_set(reterr_error, -ENOMEM, "no memory to hash the ledger again");
    deep->core = core;
    deep->odd_size = deep->odd_seq = RECORD_NO_SEQ;
    deep->end = core->seal.log_end;
    deep->fd = -1;
    reterr_error->error = 0;
    if (core->seal.has_signed) {
        deep->fd = backend->ops->open(backend, core->dir_fd, WRITER_SEAL_LOG, O_RDONLY, 0);
        error = deep->fd < 0 ? deep->fd : next_entry(deep);
    }
    if (error == 0)
        error = writer_replay(core, found, 0, take_line, deep, reterr_error);
    error = judge(core, found, deep, error, reterr_error);
    if (deep->fd >= 0)
        (void)backend->ops->close_fd(backend, deep->fd); /* only read from */
    if (error == 0)
        log_write(LOG_LEVEL_INFO,
                  "all %llu records were hashed again, and have the roots of %llu "
                  "checkpoints",
                  (unsigned long long)deep->tree.size, (unsigned long long)deep->entries);
    free(deep);
    return error;
}
