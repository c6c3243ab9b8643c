/*
 * The synchronous half of the backend's table, by plain system calls: the same for uring and poll.
 * The contracts stand in io/backend.h.
 */
#ifndef IO_BACKEND_POSIX_H
#define IO_BACKEND_POSIX_H

#include "io/backend.h"

/* Each as the member of struct backend_ops with the same name. */
int backend_posix_open(struct backend *backend, int dir_fd, const char *path, int flags,
                       mode_t mode);
int backend_posix_close_fd(struct backend *backend, int fd);
int backend_posix_mkdir(struct backend *backend, int dir_fd, const char *path, mode_t mode);
int backend_posix_rename(struct backend *backend, int dir_fd, const char *from, const char *to);
int backend_posix_symlink(struct backend *backend, int dir_fd, const char *target,
                          const char *path);
int backend_posix_unlink(struct backend *backend, int dir_fd, const char *path, int flags);
int backend_posix_allocate(struct backend *backend, int fd, uint64_t offset, uint64_t len);
int backend_posix_truncate(struct backend *backend, int fd, uint64_t len);
int64_t backend_posix_size(struct backend *backend, int fd);
ssize_t backend_posix_pread(struct backend *backend, int fd, void *bytes, size_t len,
                            uint64_t offset);
ssize_t backend_posix_pwrite(struct backend *backend, int fd, const void *bytes, size_t len,
                             uint64_t offset);
int backend_posix_sync_now(struct backend *backend, int fd);
int backend_posix_lock(struct backend *backend, int fd);
int backend_posix_list(struct backend *backend, int dir_fd,
                       int (*name)(void *context, const char *entry), void *context);
struct backend_time backend_posix_now(struct backend *backend);
int backend_posix_clock_state(struct backend *backend, struct backend_clock_state *ret_state);
int backend_posix_clock_sets(struct backend *backend);
bool backend_posix_clock_was_set(struct backend *backend, int fd);
const char *backend_posix_clock_discipline(struct backend *backend);
int backend_posix_random(struct backend *backend, void *bytes, size_t len);

/* The daemon that sets the clock, by what it keeps in the folder `run` (/run) while it runs;
   static; NULL: none that is known. */
const char *backend_posix_discipline(const char *run);

/* For the table of an implementation that leaves these calls to the kernel. */
#define BACKEND_POSIX_CALLS                                                                        \
    .open = backend_posix_open, .close_fd = backend_posix_close_fd, .mkdir = backend_posix_mkdir,  \
    .rename = backend_posix_rename, .symlink = backend_posix_symlink,                              \
    .unlink = backend_posix_unlink, .allocate = backend_posix_allocate,                            \
    .truncate = backend_posix_truncate, .size = backend_posix_size, .pread = backend_posix_pread,  \
    .pwrite = backend_posix_pwrite, .sync_now = backend_posix_sync_now,                            \
    .lock = backend_posix_lock, .list = backend_posix_list, .now = backend_posix_now,              \
    .clock_state = backend_posix_clock_state, .clock_sets = backend_posix_clock_sets,              \
    .clock_was_set = backend_posix_clock_was_set,                                                  \
    .clock_discipline = backend_posix_clock_discipline, .random = backend_posix_random

#endif
