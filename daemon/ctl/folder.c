/*
 * Whole files and whole folders, with plain calls. Of names it knows those of segments.
 */
#include "daemon/ctl/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "io/segment.h"

ssize_t folder_read_at(int fd, char *bytes, size_t len, uint64_t offset)
{
    size_t done = 0;

    while (done < len) {
        ssize_t now = pread(fd, bytes + done, len - done, (off_t)(offset + done));
        if (now == -1 && errno == EINTR)
            continue;
        if (now == -1)
            return -errno;
        if (now == 0)
            break;
        done += (size_t)now;
    }
    return (ssize_t)done;
}

int folder_open_file(int folder_fd, const char *path, uint64_t *ret_bytes)
{
    struct stat stat;
    /* A FIFO in a file's place is opened too, and nobody waits for its other end. */
    int fd = openat(folder_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd == -1)
        return errno == ENXIO || errno == ELOOP ? -EBADMSG
                                                : -errno; /* a socket, a link to itself */
    int error = fstat(fd, &stat) == -1 ? -errno : S_ISREG(stat.st_mode) ? 0 : -EBADMSG;
    if (error < 0) {
        (void)close(fd); /* only read from */
        return error;
    }
    if (ret_bytes != NULL)
        *ret_bytes = (uint64_t)stat.st_size;
    return fd;
}

ssize_t folder_read(int folder_fd, const char *path, uint8_t *ret_bytes, size_t room)
{
    uint64_t len = 0;
    int fd = folder_open_file(folder_fd, path, &len);

    if (fd < 0)
        return fd == -ENOTDIR ? -ENOENT : fd;
    ssize_t done = len > room ? -EFBIG : folder_read_at(fd, (char *)ret_bytes, room, 0);
    (void)close(fd); /* only read from */
    return done;
}

int folder_of(const char *path, char ret_name[FOLDER_NAME_BYTES_MAX + 1])
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    char folder[PATH_MAX] = ".";
    size_t folder_len = (size_t)(name - path);

    if (name[0] == '\0')
        return -EISDIR;
    if (strlen(name) > FOLDER_NAME_BYTES_MAX || folder_len >= sizeof(folder))
        return -ENAMETOOLONG;
    if (folder_len > 0) {
        memcpy(folder, path, folder_len);
        folder[folder_len] = '\0';
    }
    memcpy(ret_name, name, strlen(name) + 1);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd == -1 ? -errno : fd;
}

int folder_make(int folder_fd, const char *name, mode_t mode)
{
    if (mkdirat(folder_fd, name, mode) == -1)
        return errno == EEXIST ? 0 : -errno;
    /* The name is durable when the folder that holds it is synced. */
    int above = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int parent = above == -1 ? -1 : openat(above, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = parent == -1 || fsync(parent) == -1 ? -errno : 0;

    if (parent != -1)
        (void)close(parent); /* synced, or the error is known */
    if (above != -1)
        (void)close(above); /* nothing was written through it */
    return error;
}

int folder_write(int folder_fd, const char *name, const void *bytes, size_t len, mode_t mode)
{
    char beside[FOLDER_NAME_BYTES_MAX + 8];
    int count = snprintf(beside, sizeof(beside), ".%s.tmp", name);

    if (count < 0 || (size_t)count >= sizeof(beside))
        return -ENAMETOOLONG;
    int fd = openat(folder_fd, beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd == -1)
        return -errno;
    int error = ctl_write(fd, bytes, len);
    if (error == 0 && fsync(fd) == -1)
        error = -errno;
    if (close(fd) == -1 && error == 0)
        error = -errno;
    if (error == 0 && renameat(folder_fd, beside, folder_fd, name) == -1)
        error = -errno;
    if (error < 0) {
        (void)unlinkat(folder_fd, beside, 0); /* only tidier */
        return error;
    }
    return fsync(folder_fd) == -1 ? -errno : 0;
}

int folder_list(int folder_fd, const char *path, int (*found)(void *context, const char *name),
                void *context)
{
    int fd = openat(folder_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd == -1 ? NULL : fdopendir(fd);
    int error = 0;

    if (folder == NULL) {
        error = -errno;
        if (fd != -1)
            (void)close(fd); /* only read from */
        return error;
    }
    /* A DIR of this call alone: readdir is safe. */
    for (struct dirent *entry;
         error == 0 && (entry = readdir(folder)) != NULL;) /* NOLINT(concurrency-mt-unsafe) */
        error = found(context, entry->d_name);
    (void)closedir(folder); /* only read from */
    return error;
}

struct segments {
    const char *suffix;
    uint64_t *firsts;
    size_t count, room;
};

static int found_segment(void *context, const char *name)
{
    struct segments *segments = context;
    uint64_t first;

    if (!segment_parse(name, segments->suffix, &first))
        return 0;
    if (segments->count == segments->room) {
        size_t room = segments->room == 0 ? 64 : 2 * segments->room;
        uint64_t *firsts = realloc(segments->firsts, room * sizeof(*firsts));
        if (firsts == NULL)
            return -ENOMEM;
        segments->firsts = firsts;
        segments->room = room;
    }
    segments->firsts[segments->count++] = first;
    return 0;
}

static int compare_firsts(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

    return (first > second) - (first < second);
}

int folder_segments(int folder_fd, const char *path, const char *suffix, uint64_t **ret_firsts,
                    size_t *ret_count)
{
    struct segments segments = {.suffix = suffix};
    int error = folder_list(folder_fd, path, found_segment, &segments);

    if (error < 0) {
        free(segments.firsts);
        return error;
    }
    if (segments.count > 0)
        qsort(segments.firsts, segments.count, sizeof(*segments.firsts), compare_firsts);
    *ret_firsts = segments.firsts;
    *ret_count = segments.count;
    return 0;
}
