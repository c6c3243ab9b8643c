/*
 * The sealer's state. Knows no request.
 *
 *   noticed-sealer state v1
 *   <vkey>
 *   <size>
 *   <base64 of the root>
 *   <64 hex digits: SHA-256 of the lines above>
 *
 * Invariants:
 *   1. The file is replaced as a whole: written to sealed.new, synced, renamed, the folder synced.
 *      A sealed.new that is found was never renamed, so that nothing was signed for it.
 *   2. The size never shrinks, and a size keeps its root.
 *   3. A signature is made only after its size and root are in the file.
 *   4. One process at a time: the folder is locked.
 */
#include "daemon/sealer/sealed.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "daemon/digest.h"
#include "daemon/ledger/base64.h"
#include "daemon/ledger/text.h"
#include "daemon/ledger/tlog_line.h"

#define SEALED_NEW       SEALED_FILE ".new"
#define SEALED_HEADER    "noticed-sealer state v1"
#define SEALED_BYTES_MAX 1024u

static struct text format(const struct sealed_store *store, const struct sealed *sealed,
                          char ret_bytes[SEALED_BYTES_MAX])
{
    struct text text = text_into(ret_bytes, SEALED_BYTES_MAX);
    uint8_t digest[DIGEST_BYTES];

    text_literal(&text, SEALED_HEADER "\n");
    text_literal(&text, store->vkey);
    text_literal(&text, "\n");
    text_u64(&text, sealed->size);
    text_literal(&text, "\n");
    base64_encode(&text, sealed->root.bytes, MERKLE_HASH_BYTES);
    text_literal(&text, "\n");
    digest_sha256(ret_bytes, text.len, digest);
    text_hex(&text, digest, sizeof(digest));
    text_literal(&text, "\n");
    assert(!text.overflow);
    return text;
}

/* Size and root of a file whose other lines are then written again and compared. */
static int parse(const struct sealed_store *store, const char *bytes, size_t len,
                 struct sealed *ret_sealed)
{
    struct tlog_lines lines = tlog_lines(bytes, len);
    struct sealed sealed = {.any = true};
    char again[SEALED_BYTES_MAX];

    bool two = tlog_take_line(&lines); /* what it is, and whose */
    if (!two || !tlog_take_line(&lines))
        return -EBADMSG;
    bool ours = lines.len == strlen(store->vkey) && tlog_line_begins(&lines, store->vkey);
    if (!tlog_take_line(&lines) || !tlog_line_number(&lines, 0, &sealed.size) ||
        !tlog_take_line(&lines) || !tlog_line_hash(&lines, &sealed.root))
        return -EBADMSG;
    if (!ours)
        return -EKEYREJECTED;
    struct text text = format(store, &sealed, again);
    if (text.len != len || memcmp(again, bytes, len) != 0)
        return -EBADMSG;
    *ret_sealed = sealed;
    return 0;
}

int sealed_open(struct sealed_store *store, struct backend *backend, int dir_fd,
                const struct note_key *key, struct sealed *ret_sealed)
{
    const struct merkle_tree nothing = {0};
    char bytes[SEALED_BYTES_MAX + 1];

    store->backend = backend;
    store->dir_fd = dir_fd;
    store->failed = false;
    (void)note_key_format(key, store->vkey); /* NUL-terminated, its length is not needed */
    int error = backend->ops->lock(backend, dir_fd);
    if (error < 0)
        return error;
    int fd = backend->ops->open(backend, dir_fd, SEALED_FILE, O_RDONLY | O_NOFOLLOW, 0);
    if (fd == -ENOENT) {
        *ret_sealed = (struct sealed){.root = merkle_root(&nothing)};
        return 0;
    }
    if (fd < 0)
        return fd;
    ssize_t len = backend->ops->pread(backend, fd, bytes, sizeof(bytes), 0);
    (void)backend->ops->close_fd(backend, fd); /* read only */
    return len < 0 ? (int)len : parse(store, bytes, (size_t)len, ret_sealed);
}

/* Writes and syncs the new file. A sync's error is final. */
static int write_new(struct sealed_store *store, const char *bytes, size_t len)
{
    struct backend *backend = store->backend;
    int fd = backend->ops->open(backend, store->dir_fd, SEALED_NEW,
                                O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fd;
    ssize_t written = backend->ops->pwrite(backend, fd, bytes, len, 0);
    int error = written < 0 ? (int)written : written < (ssize_t)len ? -ENOSPC : 0;
    if (error == 0) {
        error = backend->ops->sync_now(backend, fd);
        store->failed = error < 0;
    }
    int close_error = backend->ops->close_fd(backend, fd);
    return error < 0 ? error : close_error;
}

int sealed_put(struct sealed_store *store, const struct sealed *sealed)
{
    struct backend *backend = store->backend;
    char bytes[SEALED_BYTES_MAX];

    assert(sealed->any);
    if (store->failed)
        return -EIO;
    struct text text = format(store, sealed, bytes);
    int error = write_new(store, bytes, text.len);
    if (error == 0)
        error = backend->ops->rename(backend, store->dir_fd, SEALED_NEW, SEALED_FILE);
    if (error == 0) {
        error = backend->ops->sync_now(backend, store->dir_fd);
        store->failed = error < 0;
    }
    return error;
}
