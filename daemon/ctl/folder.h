/*
 * Whole files and whole folders, read below an open folder.
 */
#ifndef DAEMON_CTL_FOLDER_H
#define DAEMON_CTL_FOLDER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* As many of len bytes at offset as there are. Their number or -errno. */
ssize_t folder_read_at(int fd, char *bytes, size_t len, uint64_t offset);

/* A whole file. Its length; -ENOENT; -EFBIG when it is longer than room; -EBADMSG when it is no
   regular file; -errno. */
ssize_t folder_read(int folder_fd, const char *path, uint8_t *ret_bytes, size_t room);

/* Calls `found` for each name in a folder, also . and .., until it gives something else than 0.
   What it gave, or -errno. */
int folder_list(int folder_fd, const char *path, int (*found)(void *context, const char *name),
                void *context);

#endif
