/*
 * A reader of the simulated disk for verify.h.
 */
#include "tests/fakes/seal_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/segment.h"
#include "tests/fakes/test.h"

#define LOG_MAX     (1u << 18)
#define SEGMENT_MAX (1u << 20)

struct disk {
    struct backend *backend;
    char log[LOG_MAX];
    size_t log_len, log_at;
    char bytes[SEGMENT_MAX];
};

static ssize_t read_path(struct disk *disk, const char *path, void *ret_bytes, size_t room)
{
    struct backend *backend = disk->backend;
    char whole[256];
    size_t have = 0;
    ssize_t done = 1;

    (void)snprintf(whole, sizeof(whole), "ledger/%s", path);
    int fd = backend->ops->open(backend, AT_FDCWD, whole, O_RDONLY, 0);
    if (fd < 0)
        return fd;
    if (backend->ops->size(backend, fd) > (int64_t)room)
        done = -EFBIG;
    while (done > 0 && have < room) {
        done = backend->ops->pread(backend, fd, (char *)ret_bytes + have, room - have, have);
        have += done > 0 ? (size_t)done : 0;
    }
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    return done < 0 ? done : (ssize_t)have;
}

static ssize_t read_file(void *context, const char *path, uint8_t *ret_bytes, size_t room)
{
    return read_path(context, path, ret_bytes, room);
}

static int add_width(void *context, const char *entry)
{
    uint8_t *widths = context;
    unsigned long width = strtoul(entry, NULL, 10);

    if (width < TILE_WIDTH)
        widths[width / 8] = (uint8_t)(widths[width / 8] | (1u << (width % 8)));
    return 0;
}

static int read_partials(void *context, const struct tile_id *id, uint8_t ret_widths[32])
{
    struct disk *disk = context;
    struct tile_id partial = {.level = id->level, .width = 1, .index = id->index};
    char path[TILE_PATH_BYTES], whole[256];

    memset(ret_widths, 0, 32);
    tile_path(&partial, path);
    *strrchr(path, '/') = '\0';
    (void)snprintf(whole, sizeof(whole), "ledger/%s", path);
    int fd = disk->backend->ops->open(disk->backend, AT_FDCWD, whole, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    int error = disk->backend->ops->list(disk->backend, fd, add_width, ret_widths);
    assert_int_equal(disk->backend->ops->close_fd(disk->backend, fd), 0);
    return error;
}

static int next_logged(void *context, const char **ret_bytes, size_t *ret_len)
{
    struct disk *disk = context;
    size_t step;

    if (!checkpoint_log_next(disk->log + disk->log_at, disk->log_len - disk->log_at, ret_len,
                             &step))
        return 0;
    *ret_bytes = disk->log + disk->log_at;
    disk->log_at += step;
    return 1;
}

static void join_feed(struct disk *disk, struct verify *verify)
{
    struct backend *backend = disk->backend;
    struct verify_chunk chunk = {.shapes = true};
    uint64_t *firsts = NULL;
    size_t count = 0;

    int fd = backend->ops->open(backend, AT_FDCWD, "ledger/feed", O_RDONLY | O_DIRECTORY, 0);
    assert_true(fd >= 0);
    assert_int_equal(segment_list(backend, fd, SEGMENT_LINES, &firsts, &count), 0);
    chunk.lines = malloc(VERIFY_CHUNK_LINES * sizeof(chunk.lines[0]));
    assert_non_null(chunk.lines);
    for (size_t i = 0; i < count && verify_goes_on(verify); i++) {
        char name[SEGMENT_NAME_BYTES], path[64];
        segment_name(firsts[i], SEGMENT_LINES, name);
        (void)snprintf(path, sizeof(path), "feed/%s", name);
        ssize_t len = read_path(disk, path, disk->bytes, sizeof(disk->bytes));
        assert_true(len >= 0);
        chunk.bytes = disk->bytes;
        chunk.len = (size_t)len;
        chunk.segment = firsts[i];
        verify_chunk_hash(&chunk);
        verify_join(verify, &chunk);
    }
    free(chunk.lines);
    free(firsts);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
}

uint64_t seal_check(struct backend *backend, const struct note_key *key)
{
    static struct disk disk;
    static struct verify verify;
    struct verify_config config = {.ledger = true, .key = key};

    disk.backend = backend;
    disk.log_at = 0;
    ssize_t len = read_path(&disk, "checkpoints.log", disk.log, sizeof(disk.log));
    disk.log_len = len > 0 ? (size_t)len : 0;
    config.reader = (struct verify_reader){
        .file = read_file, .partials = read_partials, .logged = next_logged, .context = &disk};
    verify_begin(&verify, &config);
    join_feed(&disk, &verify);
    verify_finish(&verify);
    assert_int_equal(verify.io_error, 0);
    if (verify.damage.fault != VERIFY_OK)
        fail_msg("%s: %s seq %llu size %llu", verify_fault_name(verify.damage.fault),
                 verify.damage.file, (unsigned long long)verify.damage.seq,
                 (unsigned long long)verify.damage.size);
    return verify.is_signed ? verify.signed_size : 0;
}
