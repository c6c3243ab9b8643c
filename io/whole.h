/*
 * Bytes of files, whole, with the backend's synchronous calls: short reads and writes are gone on
 * with. And a small file that is there whole or not at all. Knows no content.
 */
#ifndef IO_WHOLE_H
#define IO_WHOLE_H

#include "io/backend.h"

/* Reads at an offset until room bytes are there or the file ends. How many; or -errno. */
ssize_t whole_read(struct backend *backend, int fd, void *ret_bytes, size_t room, uint64_t offset);

/* Writes all len bytes at an offset. 0; -EIO: a write wrote nothing; -errno: some may be written.
 */
int whole_write(struct backend *backend, int fd, const void *bytes, size_t len, uint64_t offset);

/* Makes fd durable. 0 or -EIO, whatever the error was: a sync is never retried, since the kernel
   then calls clean what it has lost, so -ENOSPC must not look like an error that is waited out. */
int whole_sync(struct backend *backend, int fd);

/* Written beside, synced, renamed, and the folder synced: writes len bytes to the file tmp of the
   folder, made with this mode and emptied, and gives it the name; durable under it when this
   returns. Blocks; synchronous calls only. On an error what stood under name before still does, or
   the new bytes do; tmp may be left. 0 or -errno; -EIO when a sync failed. */
int whole_put(struct backend *backend, int dir_fd, const char *tmp, const char *name, mode_t mode,
              const void *bytes, size_t len);

#endif
