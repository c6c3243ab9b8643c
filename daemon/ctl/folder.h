/*
 * Whole files and whole folders, read and written below an open folder.
 */
#ifndef DAEMON_CTL_FOLDER_H
#define DAEMON_CTL_FOLDER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FOLDER_NAME_BYTES_MAX 240u

/* As many of len bytes at offset as there are. Their number or -errno. */
ssize_t folder_read_at(int fd, char *bytes, size_t len, uint64_t offset);

/* Opens a file for reading; a FIFO, a folder or a device in its place is never waited for. Its
   descriptor, and unless NULL how long it is; -EBADMSG when it is no regular file; -errno. */
int folder_open_file(int folder_fd, const char *path, uint64_t *ret_bytes);

/* A whole file. Its length; -ENOENT; -EFBIG when it is longer than room; -EBADMSG when it is no
   regular file; -errno. */
ssize_t folder_read(int folder_fd, const char *path, uint8_t *ret_bytes, size_t room);

/* Opens the folder that a file is in, and says the file's name there: for folder_write. The fd is
   the caller's. -EISDIR: the path ends in a slash; -ENAMETOOLONG; -errno. */
int folder_of(const char *path, char ret_name[FOLDER_NAME_BYTES_MAX + 1]);

/* Makes a folder that may be there, and makes its name durable. 0 or -errno. */
int folder_make(int folder_fd, const char *name, mode_t mode);

/* Writes a whole file of the folder durably: beside it first, then in its place, and the folder is
   synced. What stood there before is replaced as a whole, or not at all. name has no slash and at
   most FOLDER_NAME_BYTES_MAX bytes. 0 or -errno. */
int folder_write(int folder_fd, const char *name, const void *bytes, size_t len, mode_t mode);

/* Calls `found` for each name in a folder, also . and .., until it gives something else than 0.
   What it gave, or -errno. */
int folder_list(int folder_fd, const char *path, int (*found)(void *context, const char *name),
                void *context);

/* The first numbers of the segments in a folder whose names end with suffix (io/segment.h),
   ascending; to be freed. 0 or -errno; then nothing is to be freed. */
int folder_segments(int folder_fd, const char *path, const char *suffix, uint64_t **ret_firsts,
                    size_t *ret_count);

#endif
