/*
 * The backend for tests: a disk in memory that forgets what was not synced, sockets that are byte
 * queues with the test at the other end, a clock that the test sets, and random bytes from a seed.
 * The same seed and the same calls give the same run; nothing of the real machine is touched.
 *
 * Without chaos and faults it behaves like a calm kernel: each turn completes, in the order of
 * their starts and in full, all ops that can complete. A turn in which nothing completed moves the
 * clock by the time it would have waited.
 *
 * Descriptors begin at BACKEND_SIM_FD_FIRST, so that a real one is noticed (-EBADF). AT_FDCWD is
 * the root folder. There are no users, modes or hard links.
 */
#ifndef IO_BACKEND_SIM_H
#define IO_BACKEND_SIM_H

#include "io/backend.h"

#define BACKEND_SIM_FD_FIRST     1000000
#define BACKEND_SIM_SECTOR_BYTES 512u
#define BACKEND_SIM_SOCKET_BYTES 212992u             /* that a socket's queue holds */
#define BACKEND_SIM_START_NS     1767225600000000000 /* 2026-01-01T00:00:00Z, the wall at open */

/* What can be made to fail. The op and the synchronous call of a kind count together: WRITE is
   write and pwrite, SYNC is sync and sync_now, READ is read and pread. */
enum backend_sim_call {
    BACKEND_SIM_READ = 0,
    BACKEND_SIM_WRITE = 1,
    BACKEND_SIM_SYNC = 2,
    BACKEND_SIM_ALLOCATE = 3,
    BACKEND_SIM_TRUNCATE = 4,
    BACKEND_SIM_OPEN = 5,
    BACKEND_SIM_MKDIR = 6,
    BACKEND_SIM_RENAME = 7,
    BACKEND_SIM_SYMLINK = 8,
    BACKEND_SIM_LOCK = 9,
    BACKEND_SIM_LIST = 10,
    BACKEND_SIM_ACCEPT = 11,
    BACKEND_SIM_RECV = 12,
    BACKEND_SIM_SEND = 13,
    BACKEND_SIM_CLOCK_STATE = 14,
    BACKEND_SIM_RANDOM = 15,
    BACKEND_SIM_UNLINK = 16,
};
#define BACKEND_SIM_CALLS 17

/* Opens it with an empty disk. 0, -EINVAL (buffers), -ENOMEM. */
int backend_sim_open(uint64_t seed, unsigned buffers, struct backend **ret_backend);

/* A number that depends on every call and every completion so far, and on their bytes. */
uint64_t backend_sim_trace(const struct backend *backend);

/* From now on `per_mille` of all completions misbehave as a kernel may: they come later and in
   another order, are short, or end a multishot op. No byte is lost. 0 turns it off. */
void backend_sim_chaos(struct backend *backend, unsigned per_mille);

/* The nth call of a kind from now (1: the next one) and the count - 1 after it give `result`: a
   -errno, or, for calls that move bytes, the most bytes that it moves. A sync that fails forgets
   what it was to sync, as Linux does: later syncs succeed and the bytes never reach the disk. */
void backend_sim_fail(struct backend *backend, enum backend_sim_call call, uint64_t nth,
                      uint64_t count, int result);

/* Forgets the faults that have not happened yet. */
void backend_sim_fail_nothing(struct backend *backend);

/* Calls of a kind since the opening, those that failed too. */
uint64_t backend_sim_calls(const struct backend *backend, enum backend_sim_call call);

/* Bytes free on the disk, in blocks of 4096; UINT64_MAX (as opened): no limit. Writes that do not
   fit are short, then give -ENOSPC; allocate gives -ENOSPC. */
void backend_sim_set_free(struct backend *backend, uint64_t bytes);

/* Sets both clocks, which clock_was_set tells; moves both forward; sets what clock_state and
   clock_discipline (static; NULL as opened) answer. */
void backend_sim_set_time(struct backend *backend, struct backend_time time);
void backend_sim_advance(struct backend *backend, uint64_t ns);
void backend_sim_set_clock_state(struct backend *backend, const struct backend_clock_state *state);
void backend_sim_set_discipline(struct backend *backend, const char *name);

enum backend_sim_end {
    BACKEND_SIM_KILLED = 0,     /* the process died: the page cache lives on */
    BACKEND_SIM_POWER_LOST = 1, /* only what was synced is certain */
};

/* Ends the machine or the process at this moment, and opens a new backend on the disk that is left.
   An op in flight may have happened, in part, or not. Power loss: of each file, any of the 512-byte
   sectors that were not synced survive, others are as before; a file that grew may have any length
   in between, with zeros or garbage where bytes are lost; each change to a folder that was not
   synced may be lost, a rename always as a whole; a name taken away may be back. Seeded, as
   everything. The old backend is dead: all its ops end with -EIO in the next turn, all its calls
   give -EIO; close it after its users. 0, -ENOMEM. */
int backend_sim_crash(struct backend *backend, enum backend_sim_end how,
                      struct backend **ret_after);

/* A listening socket. Returns its fd or -ENOMEM. */
int backend_sim_listener(struct backend *backend);

/* Connects to a listener: returns the test's end; the other end is accepted. -ENOMEM, -EBADF. */
int backend_sim_connect(struct backend *backend, int listen_fd);

/* Two connected ends without a listener: the daemon's in ret_fd, the test's is returned. */
int backend_sim_pair(struct backend *backend, int *ret_fd);

/* The test's end: puts bytes in (as many as fit: returns how many, -EAGAIN when none, -EPIPE when
   the other end is closed), takes out what was sent (0: closed, -EAGAIN: nothing there). */
ssize_t backend_sim_push(struct backend *backend, int fd, const void *bytes, size_t len);
ssize_t backend_sim_pull(struct backend *backend, int fd, void *bytes, size_t len);

/* The test's end: says that no more bytes follow those pushed; and resets the connection. */
void backend_sim_hangup(struct backend *backend, int fd);
void backend_sim_reset(struct backend *backend, int fd);

/* A descriptor to watch, and whether it is readable. Returns its fd or -ENOMEM. */
int backend_sim_event(struct backend *backend);
void backend_sim_event_set(struct backend *backend, int fd, bool readable);

#endif
