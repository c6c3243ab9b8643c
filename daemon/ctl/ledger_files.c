/*
 * Files by their names below one folder. Knows what is where, not what is right.
 */
#include "daemon/ctl/ledger_files.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/folder.h"
#include "daemon/ctl/logged_entries.h"
#include "daemon/durable.h"
#include "daemon/ledger/recover.h"
#include "io/segment.h"

struct ledger_files {
    int folder_fd;
    int feed_fd; /* -1: a tree */
    char *path;

    uint64_t *segments; /* ascending */
    size_t segments_count;
    struct ledger_files_sizes sizes;
    bool has_durable;
    struct position durable;
    uint64_t tree_size;

    size_t at; /* the segment, or with a tree the bundle, that is read */
    int fd;    /* of that segment; -1: not open */
    uint64_t offset, limit;
    bool limit_durable;

    struct logged_entries logged;
};

static ssize_t read_file(void *context, const char *path, uint8_t *ret_bytes, size_t room)
{
    const struct ledger_files *files = context;
    ssize_t len = folder_read(files->folder_fd, path, ret_bytes, room);

    return len == -EBADMSG ? -ENOENT : len; /* a folder, say: the file is not there */
}

static int found_width(void *context, const char *name)
{
    uint8_t *widths = context;
    unsigned width = 0;
    char again[8];

    for (size_t i = 0; name[i] >= '0' && name[i] <= '9' && i < 3; i++)
        width = width * 10 + (unsigned)(name[i] - '0');
    (void)snprintf(again, sizeof(again), "%u", width);
    if (width >= 1 && width < TILE_WIDTH && strcmp(name, again) == 0)
        widths[width / 8] |= (uint8_t)(1u << width % 8);
    return 0;
}

static int list_partials(void *context, const struct tile_id *id, uint8_t ret_widths[32])
{
    const struct ledger_files *files = context;
    struct tile_id full = {.level = id->level, .width = TILE_WIDTH, .index = id->index};
    char path[TILE_PATH_BYTES + 4];

    tile_path(&full, path);
    memcpy(path + strlen(path), ".p", 3);
    int error = folder_list(files->folder_fd, path, found_width, ret_widths);
    return error == -ENOENT || error == -ENOTDIR ? 0 : error;
}

static int next_logged(void *context, const char **ret_bytes, size_t *ret_len)
{
    struct ledger_files *files = context;
    int more = logged_entries_next(&files->logged, ret_bytes, ret_len);

    files->sizes.log_tail_bytes = logged_entries_tail(&files->logged);
    return more;
}

/* Whether the error says that there is no such file, or something else in its place, or nothing of
   ours in it. */
static bool is_not_there(int error)
{
    return error == -ENOENT || error == -ENODATA || error == -EISDIR || error == -ELOOP ||
           error == -ENXIO || error == -ESPIPE || error == -ENOTDIR;
}

static int begin_feed(struct ledger_files *files)
{
    int fd = durable_open(files->path);
    int error = fd < 0 ? fd : durable_read(fd, &files->durable);

    files->has_durable = error == 0;
    if (fd >= 0)
        (void)close(fd); /* only read from */
    if (error < 0 && !is_not_there(error))
        return error;
    /* Nothing is signed that is not durable: then it was put back, or a power loss kept it old. */
    files->sizes.durable_behind = files->has_durable && files->tree_size != UINT64_MAX &&
                                  files->durable.seq + 1 < files->tree_size;
    files->has_durable = files->has_durable && !files->sizes.durable_behind;
    if (files->has_durable)
        files->sizes.durable_records = files->durable.seq + 1;
    error = folder_segments(files->folder_fd, "feed", SEGMENT_LINES, &files->segments,
                            &files->segments_count);
    if (error < 0)
        return error;
    for (size_t i = 0; i < files->segments_count; i++) {
        char name[SEGMENT_NAME_BYTES];
        struct stat stat;
        segment_name(files->segments[i], SEGMENT_LINES, name);
        if (fstatat(files->feed_fd, name, &stat, 0) == 0)
            files->sizes.bytes += (uint64_t)stat.st_size; /* else whoever opens it tells why */
    }
    files->sizes.segments = files->segments_count;
    return 0;
}

int ledger_files_begin(struct ledger_files *files, uint64_t tree_size)
{
    files->tree_size = tree_size;
    return files->feed_fd == -1 ? 0 : begin_feed(files);
}

/* Opens the current segment and finds out how far it is to be read. */
static int open_segment(struct ledger_files *files)
{
    uint64_t first = files->segments[files->at];
    char name[SEGMENT_NAME_BYTES];

    segment_name(first, SEGMENT_LINES, name);
    int fd = folder_open_file(files->feed_fd, name, &files->limit);
    if (fd < 0)
        return fd;
    files->fd = fd;
    files->offset = 0;
    files->limit_durable = files->at + 1 < files->segments_count;
    if (files->has_durable && first >= files->durable.first) {
        uint64_t end = first == files->durable.first ? files->durable.end : 0;
        files->limit_durable = true;
        files->sizes.tail_bytes += files->limit > end ? files->limit - end : 0;
        files->limit = files->limit < end ? files->limit : end;
    }
    return 0;
}

/* Whether the current segment, of which nothing is durable, does not begin with the record behind
   the last one of the segment before it, as one does that the daemon has just begun. */
static bool is_stray(const struct ledger_files *files)
{
    uint64_t first = files->segments[files->at];
    char name[SEGMENT_NAME_BYTES], bytes[RECORD_LINE_BYTES_MAX + 1u];
    struct record_head head;
    enum record_kind kind;
    uint64_t size = 0;

    if (!files->has_durable || first <= files->durable.first || files->at == 0)
        return false;
    segment_name(files->segments[files->at - 1], SEGMENT_LINES, name);
    int fd = folder_open_file(files->feed_fd, name, &size);
    if (fd < 0)
        return false; /* read before; it is gone meanwhile, which nobody of ours does */
    size_t want = size < sizeof(bytes) ? (size_t)size : sizeof(bytes);
    ssize_t len = folder_read_at(fd, bytes, want, size - want);
    (void)close(fd); /* only read from */
    return len <= 0 || recover_last_line(bytes, (size_t)len, &head, &kind) < 0 ||
           head.seq + 1 != first;
}

static int next_lines(struct ledger_files *files, char *room, struct verify_chunk *chunk)
{
    while (files->fd == -1 || files->offset >= files->limit) {
        if (files->fd != -1) {
            (void)close(files->fd); /* only read from */
            files->fd = -1;
            files->at++;
        }
        if (files->at == files->segments_count)
            return 0;
        int error = open_segment(files);
        if (error < 0)
            return error;
        if (is_stray(files)) {
            *chunk = (struct verify_chunk){.bytes = room,
                                           .segment = files->segments[files->at],
                                           .stray = true,
                                           .lines = chunk->lines};
            files->at = files->segments_count;
            return 1;
        }
    }
    uint64_t left = files->limit - files->offset;
    size_t want = left < VERIFY_CHUNK_BYTES ? (size_t)left : VERIFY_CHUNK_BYTES;
    ssize_t done = folder_read_at(files->fd, room, want, files->offset);
    if (done <= 0)
        return done < 0 ? (int)done : -EIO;
    const char *newline = memrchr(room, '\n', (size_t)done);
    size_t whole = newline == NULL ? 0 : (size_t)(newline - room) + 1;
    chunk->segment = files->segments[files->at];
    chunk->offset = files->offset;
    chunk->bytes = room;
    chunk->len = whole > 0 ? whole : (size_t)done;
    if (whole < (size_t)done && files->offset + (uint64_t)done == files->limit) {
        /* What has no end is a line that is being written, or was torn, unless it is said to be
           durable. */
        chunk->len = files->limit_durable ? (size_t)done : whole;
        files->sizes.tail_bytes += (size_t)done - chunk->len;
        files->offset = files->limit;
        return chunk->len > 0 ? 1 : next_lines(files, room, chunk);
    }
    files->offset += chunk->len;
    return 1;
}

static int next_bundle(struct ledger_files *files, char *room, struct verify_chunk *chunk,
                       char ret_file[VERIFY_FILE_BYTES])
{
    struct tile_id id = {.level = TILE_LEVEL_ENTRIES, .width = TILE_WIDTH, .index = files->at};
    uint8_t widths[32] = {0};

    id.width = tile_width(files->tree_size, TILE_LEVEL_ENTRIES, files->at);
    if (id.width == 0)
        return 0;
    tile_path(&id, ret_file);
    ssize_t done = read_file(files, ret_file, (uint8_t *)room, TILE_BUNDLE_LEN_MAX);
    if (done == -ENOENT && files->tree_size == UINT64_MAX) {
        /* The last bundle of a tree of unknown size: the widest there is. */
        int error = list_partials(files, &id, widths);
        if (error < 0)
            return error;
        id.width = TILE_WIDTH - 1;
        while (id.width > 0 && (widths[id.width / 8] >> id.width % 8 & 1) == 0)
            id.width--;
        if (id.width == 0)
            return 0;
        tile_path(&id, ret_file);
        done = read_file(files, ret_file, (uint8_t *)room, TILE_BUNDLE_LEN_MAX);
        files->tree_size = 0;
    }
    if (done < 0)
        return (int)done;
    chunk->segment = files->at++;
    chunk->offset = 0;
    chunk->bytes = room;
    chunk->len = (size_t)done;
    chunk->width = id.width;
    files->sizes.segments++;
    files->sizes.bytes += (uint64_t)done;
    return 1;
}

int ledger_files_next(struct ledger_files *files, char *room, struct verify_chunk *chunk,
                      char ret_file[VERIFY_FILE_BYTES])
{
    chunk->bundle = files->feed_fd == -1;
    chunk->stray = false;
    if (chunk->bundle)
        return next_bundle(files, room, chunk, ret_file);
    int more = next_lines(files, room, chunk);
    if (more < 0 && files->at < files->segments_count) {
        struct verify_chunk at = {.segment = files->segments[files->at]};
        verify_file_name(&at, ret_file);
    }
    return more;
}

uint64_t ledger_files_segment_of(const struct ledger_files *files, uint64_t seq)
{
    if (files->feed_fd == -1)
        return seq / TILE_WIDTH;
    uint64_t first = 0;
    for (size_t i = 0; i < files->segments_count && files->segments[i] <= seq; i++)
        first = files->segments[i];
    return first;
}

bool ledger_files_has_feed(const struct ledger_files *files)
{
    return files->feed_fd != -1;
}

size_t ledger_files_room(const struct ledger_files *files)
{
    return files->feed_fd == -1 ? TILE_BUNDLE_LEN_MAX : VERIFY_CHUNK_BYTES;
}

struct verify_reader ledger_files_reader(struct ledger_files *files)
{
    return (struct verify_reader){
        .file = read_file, .partials = list_partials, .logged = next_logged, .context = files};
}

struct ledger_files_sizes ledger_files_sizes(const struct ledger_files *files)
{
    return files->sizes;
}

int ledger_files_open(const char *path, struct ledger_files **ret_files)
{
    struct ledger_files *files = calloc(1, sizeof(*files));
    int error = 0;

    if (files == NULL)
        return -ENOMEM;
    files->feed_fd = -1;
    files->fd = -1;
    files->path = strdup(path);
    files->folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    logged_entries_begin(&files->logged, files->folder_fd);
    if (files->folder_fd == -1)
        error = -errno;
    else if (files->path == NULL)
        error = -ENOMEM;
    if (error == 0) {
        files->feed_fd = openat(files->folder_fd, "feed", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (files->feed_fd == -1 && errno != ENOENT)
            error = -errno;
        else if (files->feed_fd == -1 && faccessat(files->folder_fd, "tile/entries", X_OK, 0) == -1)
            error = -ENOENT;
    }
    if (error < 0) {
        (void)ledger_files_close(files); /* always NULL */
        return error;
    }
    *ret_files = files;
    return 0;
}

uint64_t ledger_files_durable_now(const struct ledger_files *files)
{
    struct position now = {0};
    int fd = durable_open(files->path);
    int error = fd < 0 ? fd : durable_read(fd, &now);

    if (fd >= 0)
        (void)close(fd); /* only read from */
    return error < 0 ? 0 : now.seq + 1;
}

struct ledger_files *ledger_files_close(struct ledger_files *files)
{
    if (files == NULL)
        return NULL;
    const int fds[] = {files->folder_fd, files->feed_fd, files->fd};
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
        if (fds[i] >= 0)
            (void)close(fds[i]); /* only read from */
    free(files->segments);
    logged_entries_end(&files->logged);
    free(files->path);
    free(files);
    return NULL;
}
