/*
 * What the writer makes of checkpoints when it opens (evidence.md, section 6): the last whole entry
 * of checkpoints.log must be signed by key.vkey, and the lines, hashed again from the last full
 * tile before its size, must have its root. A ledger that contradicts it is refused, and nothing of
 * it is touched. Hashing all is for the case that the tiles before that place are damaged too.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/writer_core.h"
#include "io/segment.h"
#include "io/whole.h"

#define RUN_RECORDS 64u    /* room for a run to begin in: start, gaps, clock */
#define TAIL_BYTES  65536u /* of checkpoints.log that are read: many entries */
#define RESTORE     "restore the ledger from a copy, or move it aside to begin a new one"
#define SEE_VERIFY  "noticectl verify says more; " RESTORE

/* Reads at most room bytes of a file from an offset. The number; -errno; -ENOENT. */
static ssize_t read_file(struct writer_core *core, const char *name, char *ret_bytes, size_t room,
                         bool tail, uint64_t *ret_offset)
{
    struct backend *backend = core->backend;
    int fd = backend->ops->open(backend, core->dir_fd, name, O_RDONLY, 0);

    if (fd < 0)
        return fd;
    int64_t size = backend->ops->size(backend, fd);
    uint64_t from = tail && size > (int64_t)room ? (uint64_t)size - room : 0;
    ssize_t len = size < 0 ? (ssize_t)size : whole_read(backend, fd, ret_bytes, room, from);
    (void)backend->ops->close_fd(backend, fd); /* only read from */
    if (len >= 0)
        *ret_offset = from;
    return len;
}

static int unread(const char *name, int error, struct writer_error *reterr_error)
{
    return writer_error_set(reterr_error, error, "cannot read %s: %s", name,
                            strerrordesc_np(-error));
}

/* The key of the ledger: key.vkey, which the configured one must be. */
static int open_key(struct writer_core *core, struct writer_error *reterr_error)
{
    struct writer_seal *seal = &core->seal;
    char text[NOTE_KEY_TEXT_BYTES_MAX + 1], ours[NOTE_KEY_TEXT_BYTES_MAX],
        there[NOTE_KEY_TEXT_BYTES_MAX];
    uint64_t offset;
    ssize_t len = read_file(core, WRITER_SEAL_KEY, text, sizeof(text), false, &offset);

    if (len == -ENOENT) {
        seal->has_key = seal->config != NULL;
        if (seal->has_key)
            seal->key = *seal->config->key;
        return 0;
    }
    if (len < 0)
        return unread(WRITER_SEAL_KEY, (int)len, reterr_error);
    if (note_key_parse(text, (size_t)len, &seal->key) != TLOG_OK)
        return writer_error_set(reterr_error, -EBADMSG,
                                WRITER_SEAL_KEY " is not a key: put back the one that this ledger "
                                                "was begun with");
    seal->has_key = true;
    seal->has_key_file = true;
    if (seal->config == NULL)
        return 0;
    (void)note_key_format(seal->config->key, ours); /* the lengths are not asked for */
    (void)note_key_format(&seal->key, there);
    if (strcmp(ours, there) == 0)
        return 0;
    return writer_error_set(reterr_error, -EBADMSG,
                            "this ledger is signed with the key %.80s (" WRITER_SEAL_KEY
                            "), and the sealer has %.80s: give the sealer that key back, or begin "
                            "a new ledger",
                            there, ours);
}

/* Where the first entry in the bytes begins: behind a blank line that no signature follows. */
static size_t first_entry(const char *bytes, size_t len, uint64_t offset)
{
    const char *at = bytes, *blank;

    if (offset == 0)
        return 0;
    while ((blank = memmem(at, len - (size_t)(at - bytes), "\n\n", 2)) != NULL) {
        at = blank + 2;
        if ((size_t)(bytes + len - at) >= 3 && memcmp(at, "\xe2\x80\x94", 3) != 0)
            return (size_t)(at - bytes);
    }
    return len;
}

/* The last entry that is whole and signed. What follows it was torn, and is short. */
static int read_log(struct writer_core *core, char *bytes, struct writer_error *reterr_error)
{
    struct writer_seal *seal = &core->seal;
    struct checkpoint checkpoint;
    uint64_t offset = 0;
    size_t entry, step;
    ssize_t len = read_file(core, WRITER_SEAL_LOG, bytes, TAIL_BYTES, true, &offset);

    seal->has_log = len != -ENOENT;
    if (len == -ENOENT || len == 0)
        return 0;
    if (len < 0)
        return unread(WRITER_SEAL_LOG, (int)len, reterr_error);
    if (!seal->has_key)
        return writer_error_set(reterr_error, -EBADMSG,
                                WRITER_SEAL_KEY " is missing, and " WRITER_SEAL_LOG
                                                " cannot be checked without it: put it back");
    size_t at = first_entry(bytes, (size_t)len, offset);
    while (checkpoint_log_next(bytes + at, (size_t)len - at, &entry, &step) &&
           checkpoint_open(bytes + at, entry, &seal->key, &seal->note, &checkpoint) == TLOG_OK) {
        seal->has_signed = true;
        seal->signed_size = checkpoint.size;
        seal->signed_root = checkpoint.root;
        at += step;
        seal->log_end = offset + at;
        seal->entry_len = step;
        memcpy(seal->entry, bytes + at - step, step <= sizeof(seal->entry) ? step : 0);
    }
    if ((size_t)len - at > CHECKPOINT_TORN_BYTES_MAX || seal->entry_len > sizeof(seal->entry))
        return writer_error_set(reterr_error, -EBADMSG,
                                WRITER_SEAL_LOG " byte %" PRIu64
                                                ": not a checkpoint signed with " WRITER_SEAL_KEY
                                                ": " RESTORE,
                                offset + at);
    return 0;
}

/* `checkpoint` is replaced after the entry is durable: it may be older, or torn, never newer. */
static int check_file(struct writer_core *core, char *bytes, struct writer_error *reterr_error)
{
    struct writer_seal *seal = &core->seal;
    struct checkpoint checkpoint;
    uint64_t offset;
    ssize_t len = read_file(core, WRITER_SEAL_CHECKPOINT, bytes, TAIL_BYTES, false, &offset);

    if (len < 0 && len != -ENOENT)
        return unread(WRITER_SEAL_CHECKPOINT, (int)len, reterr_error);
    seal->checkpoint_old =
        seal->has_signed && (len != (ssize_t)seal->entry_len - 1 ||
                             memcmp(bytes, seal->entry, seal->entry_len - 1) != 0);
    if (len <= 0 || !seal->has_key ||
        checkpoint_open(bytes, (size_t)len, &seal->key, &seal->note, &checkpoint) != TLOG_OK)
        return 0;
    if (seal->has_signed && (checkpoint.size < seal->signed_size ||
                             (checkpoint.size == seal->signed_size &&
                              merkle_equal(&checkpoint.root, &seal->signed_root))))
        return 0;
    return writer_error_set(reterr_error, -EBADMSG,
                            WRITER_SEAL_CHECKPOINT " is of %" PRIu64
                                                   " records, and its entry is missing in "
                                                   "" WRITER_SEAL_LOG ": " RESTORE,
                            checkpoint.size);
}

int writer_seal_open(struct writer_core *core, const struct writer_found *found,
                     struct writer_error *reterr_error)
{
    struct writer_seal *seal = &core->seal;
    char *bytes = malloc(TAIL_BYTES);

    if (bytes == NULL)
        return writer_error_set(reterr_error, -ENOMEM, "no memory to read " WRITER_SEAL_LOG);
    tile_store_begin(&seal->store, core->backend, core->dir_fd);
    tile_sync_open(&seal->sync, &seal->store, writer_seal_tiles, seal);
    seal->op.done = writer_seal_done;
    seal->found_size = found->next_seq;
    int error = open_key(core, reterr_error);
    if (error == 0)
        error = read_log(core, bytes, reterr_error);
    if (error == 0)
        error = check_file(core, bytes, reterr_error);
    free(bytes);
    if (error == 0 && found->next_seq < seal->signed_size)
        error = writer_error_set(reterr_error, -EBADMSG,
                                 "%" PRIu64 " records are there of the %" PRIu64
                                 " that were signed: " RESTORE,
                                 found->next_seq, seal->signed_size);
    if (error == 0)
        error = writer_seal_load(core, found, reterr_error);
    if (error == 0)
        error = writer_seal_look_back(core, found, reterr_error);
    seal->leaves_end = seal->durable_size = seal->synced_size = seal->builder.tree.size;
    seal->replaying = true;
    atomic_store_explicit(&core->counts.signed_size, seal->signed_size, memory_order_relaxed);
    return error;
}

uint64_t writer_seal_from(const struct writer_seal *seal)
{
    return seal->leaves_end;
}

/* What follows the last whole entry goes to torn/ before it is cut off. The log may end there again
   after the next crash, but not the feed too, once this has its gap: that tells the two apart. */
static int cut_log(struct writer_core *core, int fd)
{
    struct backend *backend = core->backend;
    const struct segment_tail tail = {
        .journal = WRITER_SEAL_LOG, .first = core->seal.found_size, .end = core->seal.log_end};
    char scratch[2 * CHECKPOINT_TORN_BYTES_MAX];
    int torn_fd = segment_folder(backend, core->dir_fd, WRITER_TORN_DIR);

    if (torn_fd < 0)
        return torn_fd;
    int turn = segment_copy_tail(backend, fd, torn_fd, &tail, scratch, sizeof(scratch));
    (void)backend->ops->close_fd(backend, torn_fd); /* synced, or the error is told */
    return turn < 0 ? turn : backend->ops->truncate(backend, fd, core->seal.log_end);
}

/* The log of checkpoints, cut after its last whole entry. */
static int open_log(struct writer_core *core)
{
    struct writer_seal *seal = &core->seal;
    struct backend *backend = core->backend;
    int fd = backend->ops->open(backend, core->dir_fd, WRITER_SEAL_LOG, O_RDWR | O_CREAT, 0644);

    if (fd < 0)
        return fd;
    seal->log_fd = fd;
    int64_t size = backend->ops->size(backend, fd);
    int error = size < 0 ? (int)size : 0;
    if (error == 0 && (uint64_t)size > seal->log_end)
        error = cut_log(core, fd);
    /* An entry that a crash left unsynced is taken as committed: it must be durable before that. */
    if (error == 0)
        error = backend->ops->sync_now(backend, fd);
    if (error == 0)
        error = backend->ops->sync_now(backend, core->dir_fd);
    return error;
}

int writer_seal_prepare(struct writer_core *core, struct writer_error *reterr_error)
{
    struct writer_seal *seal = &core->seal;
    char text[NOTE_KEY_TEXT_BYTES_MAX + 1];

    int error = tile_store_make(&seal->store);
    if (error < 0)
        return writer_error_set(reterr_error, error, "cannot make %s/tile: %s",
                                core->config->ledger, strerrordesc_np(-error));
    if (seal->config == NULL)
        return 0;
    if (!seal->has_key_file) {
        size_t len = note_key_format(&seal->key, text);
        text[len] = '\n';
        error = whole_put(core->backend, core->dir_fd, WRITER_SEAL_KEY ".new", WRITER_SEAL_KEY,
                          0644, text, len + 1);
    }
    if (error == 0)
        error = open_log(core);
    if (error < 0)
        return writer_error_set(reterr_error, error, "cannot prepare %s to be signed: %s",
                                core->config->ledger, strerrordesc_np(-error));
    return 0;
}

/* The partial tiles at the right edge. */
static int mend_edge(struct writer_seal *seal)
{
    uint64_t size = seal->builder.tree.size;
    int error = 0;

    for (uint32_t level = 0; level < TILE_LEVELS_MAX && error == 0; level++) {
        struct tile_id id = {.level = level, .index = tile_full_count(size, level)};
        id.width = tile_width(size, level, id.index);
        if (id.width > 0)
            error = tile_store_mend_partials(&seal->store, &id, seal->builder.tiles[level][0].bytes,
                                             tile_width(seal->signed_size, level, id.index));
    }
    return error;
}

int writer_seal_finish(struct writer_core *core, struct writer_error *reterr_error)
{
    struct writer_seal *seal = &core->seal;
    int error = atomic_load_explicit(&core->counts.failed, memory_order_relaxed);

    if (error == 0)
        error = mend_edge(seal);
    if (error == 0 && seal->checkpoint_old)
        error = tile_store_failed(&seal->store, WRITER_SEAL_CHECKPOINT,
                                  whole_put(core->backend, core->dir_fd, WRITER_SEAL_NEW,
                                            WRITER_SEAL_CHECKPOINT, 0644, seal->entry,
                                            seal->entry_len - 1));
    if (writer_seal_waits_for(error) == WRITER_UNSEALED_FULL)
        error = 0; /* the next checkpoint replaces the file */
    /* Tiles that a crash left out, which there is no space for, nor room to wait for it. */
    if (error == 0 && seal->leaves_end - seal->builder.tree.size > WRITER_SEAL_LEAVES - RUN_RECORDS)
        error = seal->owed_error;
    seal->replaying = false;
    if (core->config->deep && seal->mended > 0)
        log_write(LOG_LEVEL_WARNING,
                  "%llu tiles were missing or not those of the records: made again, going on",
                  (unsigned long long)seal->mended);
    if (core->config->deep && seal->mended == 0)
        seal->synced_size = seal->edge; /* as without it: nothing before was written */
    writer_seal_sweep_open(seal);
    if (error < 0) {
        char fault[TILE_FAULT_BYTES];
        tile_store_fault(&seal->store, error, fault);
        return writer_error_set(reterr_error, error, "cannot mend what %s lacks: %s",
                                core->config->ledger, fault);
    }
    return 0;
}

void writer_seal_close(struct writer_core *core)
{
    struct writer_seal *seal = &core->seal;

    if (seal->core == NULL)
        return;
    durable_store_close(&seal->mark);
    if (seal->log_fd >= 0)
        (void)core->backend->ops->close_fd(core->backend, seal->log_fd); /* synced, or told */
    if (seal->new_fd >= 0)
        (void)core->backend->ops->close_fd(core->backend, seal->new_fd); /* the machine has ended */
    seal->log_fd = seal->new_fd = -1;
}
