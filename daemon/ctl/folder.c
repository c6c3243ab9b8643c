/*
 * Whole files and whole folders, read with plain calls. Knows no name.
 */
#include "daemon/ctl/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

ssize_t folder_read(int folder_fd, const char *path, uint8_t *ret_bytes, size_t room)
{
    struct stat stat;
    int fd = openat(folder_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd == -1)
        return errno == ENOTDIR ? -ENOENT : -errno;
    ssize_t done = fstat(fd, &stat) == -1 ? -errno : 0;
    if (done == 0 && !S_ISREG(stat.st_mode))
        done = -EBADMSG;
    if (done == 0)
        done =
            (uint64_t)stat.st_size > room ? -EFBIG : folder_read_at(fd, (char *)ret_bytes, room, 0);
    (void)close(fd); /* only read from */
    return done;
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
