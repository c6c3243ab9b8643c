/*
 * Tiles as files. Knows names and lengths; what the hashes are of is the caller's.
 */
#include "daemon/tile_store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "io/whole.h"

void tile_store_begin(struct tile_store *ret_store, struct backend *backend, int dir_fd)
{
    ret_store->backend = backend;
    ret_store->dir_fd = dir_fd;
    ret_store->failed[0] = '\0';
    for (unsigned level = 0; level < TILE_LEVELS_MAX; level++)
        ret_store->made[level] = true;
}

int tile_store_failed(struct tile_store *store, const char *path, int error)
{
    if (error < 0)
        (void)snprintf(store->failed, sizeof(store->failed), "%s", path); /* it is of this size */
    return error;
}

void tile_store_fault(const struct tile_store *store, int error, char ret_text[TILE_FAULT_BYTES])
{
    const char *why = error == -BACKEND_NO_FILE ? "it is no file" : strerrordesc_np(-error);

    (void)snprintf(ret_text, TILE_FAULT_BYTES, "%s: %s",
                   store->failed[0] != '\0' ? store->failed : "tile", why); /* cut, if longer */
}

int tile_store_make(struct tile_store *store)
{
    int error = store->backend->ops->mkdir(store->backend, store->dir_fd, "tile", 0755);

    if (error < 0 && error != -EEXIST)
        return error;
    return store->backend->ops->sync_now(store->backend, store->dir_fd);
}

/* Makes the folders of a path that are missing. */
static int make_folders(struct tile_store *store, const struct tile_id *id, const char *path)
{
    char folder[TILE_PATH_BYTES];

    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        size_t len = (size_t)(slash - path);
        memcpy(folder, path, len);
        folder[len] = '\0';
        int error = store->backend->ops->mkdir(store->backend, store->dir_fd, folder, 0755);
        if (error < 0 && error != -EEXIST)
            return error;
        store->made[id->level] = store->made[id->level] || error == 0;
    }
    return 0;
}

static int write_all(struct tile_store *store, int fd, const uint8_t *bytes, size_t len)
{
    struct backend *backend = store->backend;
    int error = whole_write(backend, fd, bytes, len, 0);

    if (error < 0)
        return error;
    int64_t size = backend->ops->size(backend, fd);
    if (size < 0 || size == (int64_t)len)
        return size < 0 ? (int)size : 0;
    return backend->ops->truncate(backend, fd, len); /* something longer stood there */
}

int tile_store_put(void *context, const struct tile_id *id, const uint8_t *bytes, size_t len)
{
    struct tile_store *store = context;
    struct backend *backend = store->backend;
    char path[TILE_PATH_BYTES];

    assert(id->level < TILE_LEVELS_MAX);
    tile_path(id, path);
    int fd = backend->ops->open(backend, store->dir_fd, path, O_RDWR | O_CREAT, 0644);
    if (fd == -ENOENT) {
        int error = make_folders(store, id, path);
        if (error < 0)
            return tile_store_failed(store, path, error);
        fd = backend->ops->open(backend, store->dir_fd, path, O_RDWR | O_CREAT, 0644);
    }
    if (fd < 0)
        return tile_store_failed(store, path, fd);
    int error = write_all(store, fd, bytes, len);
    (void)backend->ops->close_fd(backend, fd); /* a sync of it comes later, and tells */
    if (error == 0)
        return 0;
    /* Half a tile would look like a changed one; none is made again. */
    (void)backend->ops->unlink(backend, store->dir_fd, path, 0);
    return tile_store_failed(store, path, error);
}

/* Reads the file of exactly this tile. 0; -ENOENT; -EBADMSG when its length is another; -errno. */
static int read_file(struct tile_store *store, const struct tile_id *id, uint8_t *ret_bytes,
                     size_t len)
{
    struct backend *backend = store->backend;
    char path[TILE_PATH_BYTES];

    tile_path(id, path);
    int fd = backend->ops->open(backend, store->dir_fd, path, O_RDONLY, 0);
    if (fd < 0)
        return fd == -ENOENT ? fd : tile_store_failed(store, path, fd);
    int64_t size = backend->ops->size(backend, fd);
    int error = size < 0 ? (int)size : size == (int64_t)len ? 0 : -EBADMSG;
    if (error == 0) {
        ssize_t have = whole_read(backend, fd, ret_bytes, len, 0);
        error = have < 0 ? (int)have : (size_t)have < len ? -EBADMSG : 0;
    }
    (void)backend->ops->close_fd(backend, fd); /* only read from */
    return error < 0 && error != -EBADMSG ? tile_store_failed(store, path, error) : error;
}

int tile_store_mend(struct tile_store *store, const struct tile_id *id, const uint8_t *bytes,
                    size_t len, bool *ret_changed)
{
    uint8_t there[TILE_BYTES];
    int error = read_file(store, id, there, len);
    bool same = error == 0 && memcmp(there, bytes, len) == 0;

    if (error < 0 && error != -ENOENT && error != -EBADMSG)
        return error;
    if (!same)
        error = tile_store_put(store, id, bytes, len);
    if (ret_changed != NULL)
        *ret_changed = !same;
    return same ? 0 : error;
}

/* Marks the width that a name in the folder of partial tiles is of. */
static int mark_width(void *context, const char *entry)
{
    bool *widths = context;
    unsigned width = 0;

    for (unsigned i = 0; entry[i] >= '0' && entry[i] <= '9' && width < TILE_WIDTH; i++)
        width = width * 10 + (unsigned)(entry[i] - '0');
    if (width >= 1 && width < TILE_WIDTH)
        widths[width] = true;
    return 0;
}

static int sync_path(struct tile_store *store, const char *path)
{
    struct backend *backend = store->backend;
    int fd = backend->ops->open(backend, store->dir_fd, path, O_RDONLY, 0);

    if (fd < 0)
        return fd == -ENOENT ? fd : tile_store_failed(store, path, fd);
    int error = backend->ops->sync_now(backend, fd);
    (void)backend->ops->close_fd(backend, fd); /* synced, or the error is told */
    return error < 0 ? tile_store_failed(store, path, error) : 0;
}

/* Which partial tiles there are of a tile; ret_folder: the folder that they are in. 0 or -errno. */
static int list_partials(struct tile_store *store, const struct tile_id *id,
                         bool ret_widths[TILE_WIDTH], char ret_folder[TILE_PATH_BYTES])
{
    struct backend *backend = store->backend;
    struct tile_id partial = {.level = id->level, .width = 1, .index = id->index};

    memset(ret_widths, 0, TILE_WIDTH * sizeof(*ret_widths));
    tile_path(&partial, ret_folder);
    *strrchr(ret_folder, '/') = '\0';
    int fd = backend->ops->open(backend, store->dir_fd, ret_folder, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return fd == -ENOENT ? fd : tile_store_failed(store, ret_folder, fd);
    int error = backend->ops->list(backend, fd, mark_width, ret_widths);
    (void)backend->ops->close_fd(backend, fd); /* only read from */
    return tile_store_failed(store, ret_folder, error);
}

int tile_store_mend_partials(struct tile_store *store, const struct tile_id *id,
                             const uint8_t *bytes, uint32_t synced_width)
{
    struct tile_id partial = {.level = id->level, .index = id->index};
    bool widths[TILE_WIDTH];
    char path[TILE_PATH_BYTES];
    int error = list_partials(store, id, widths, path);

    if (error < 0)
        return error == -ENOENT ? 0 : error;
    for (uint32_t width = 1; width < TILE_WIDTH && width <= id->width && error == 0; width++) {
        if (!widths[width])
            continue;
        partial.width = width;
        error = tile_store_mend(store, &partial, bytes, width * MERKLE_HASH_BYTES, NULL);
        if ((error == -ENOSPC || error == -EDQUOT) && width > synced_width) {
            error = tile_store_drop(store, &partial, false); /* nothing published names it */
            continue;
        }
        if (error < 0 || width <= synced_width)
            continue;
        tile_path(&partial, path);
        error = sync_path(store, path);
    }
    return error;
}

int tile_store_drop(struct tile_store *store, const struct tile_id *id, bool for_good)
{
    char path[TILE_PATH_BYTES];

    tile_path(id, path);
    int error = store->backend->ops->unlink(store->backend, store->dir_fd, path, 0);
    if (error < 0 && error != -ENOENT)
        return tile_store_failed(store, path, error);
    if (!for_good)
        return 0;
    *strrchr(path, '/') = '\0';
    error = sync_path(store, path);
    if (error == -ENOSPC || error == -EDQUOT)
        return -EIO;                     /* a full disk is waited out, a failed sync never */
    return error == -ENOENT ? 0 : error; /* no folder, no tile in it */
}

int tile_store_drop_partials(struct tile_store *store, const struct tile_id *id, unsigned max)
{
    struct backend *backend = store->backend;
    struct tile_id partial = {.level = id->level, .index = id->index};
    bool widths[TILE_WIDTH];
    char folder[TILE_PATH_BYTES];
    unsigned dropped = 0;
    int error = list_partials(store, id, widths, folder);

    assert(max > 0);
    if (error < 0)
        return error == -ENOENT ? 0 : error;
    for (uint32_t width = 1; width < TILE_WIDTH && dropped < max; width++) {
        if (!widths[width])
            continue;
        partial.width = width;
        error = tile_store_drop(store, &partial, false);
        if (error < 0)
            return error;
        dropped++;
    }
    if (dropped < max)
        error = backend->ops->unlink(backend, store->dir_fd, folder, AT_REMOVEDIR);
    /* What else stands in the folder is not ours. */
    return error < 0 && error != -ENOTEMPTY && error != -EEXIST
               ? tile_store_failed(store, folder, error)
               : (int)dropped;
}

/* Entries of level l out of the full tiles of level l - 1: each is the root over one of them. */
static int read_below(struct tile_store *store, const struct tile_id *id, uint8_t *ret_bytes)
{
    for (uint32_t i = 0; i < id->width; i++) {
        struct tile_id below = {.level = id->level - 1, .width = TILE_WIDTH};
        below.index = id->index * TILE_WIDTH + i;
        int error = read_file(store, &below, store->below[0].bytes, TILE_BYTES);
        if (error < 0)
            return error;
        struct merkle_hash root = merkle_perfect(store->below, TILE_WIDTH);
        memcpy(ret_bytes + (size_t)i * MERKLE_HASH_BYTES, root.bytes, MERKLE_HASH_BYTES);
    }
    return 0;
}

int tile_store_read(void *context, const struct tile_id *id, uint8_t *ret_bytes, size_t len)
{
    struct tile_store *store = context;
    struct tile_id full = *id;
    int error = read_file(store, id, ret_bytes, len);

    assert(len == id->width * MERKLE_HASH_BYTES);
    if ((error != -ENOENT && error != -EBADMSG) || id->width == TILE_WIDTH)
        return error;
    full.width = TILE_WIDTH;
    error = read_file(store, &full, store->below[0].bytes, TILE_BYTES);
    if (error == 0)
        memcpy(ret_bytes, store->below, len);
    if ((error != -ENOENT && error != -EBADMSG) || id->level == 0)
        return error;
    return read_below(store, id, ret_bytes);
}
