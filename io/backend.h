/*
 * The one door to everything nondeterministic: sockets, files, time, random bytes. A table of
 * operations with three implementations: uring (io_uring), poll (epoll and plain calls) and sim (in
 * memory, seeded, with a disk that forgets what was not synced). Knows no record and no pattern.
 *
 * A backend belongs to one thread: the one that opened it. Everything that a backend starts
 * (accept, recv, ...) ends in its op's done(), called from ops->turn and never from within the call
 * that started it. An op's memory must stay in place from the start until the done() without
 * BACKEND_MORE, and may be started again from within that done(). Calls that return int give 0 (or
 * the value named) or -errno, at once; starting an op that is in flight is a bug and asserts.
 */
#ifndef IO_BACKEND_H
#define IO_BACKEND_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BACKEND_NO_FILE EISNAM /* of open; of nothing else */

#define BACKEND_MORE   1u /* the op stays armed; more done() calls follow */
#define BACKEND_BUFFER 2u /* result bytes lie in the provided buffer named by buffer_id */

#define BACKEND_BUFFER_BYTES 65536u /* of one provided buffer */
#define BACKEND_SLACK_BYTES  64u    /* readable bytes that follow every provided buffer */
#define BACKEND_BUFFERS_MAX  32768u
#define BACKEND_OPS_MAX      4096u /* in flight at a time; starting one more gives -EAGAIN */

struct backend;
struct backend_op;

struct backend_completion {
    int result;         /* >= 0 or -errno, as the system call would give */
    unsigned flags;     /* BACKEND_MORE | BACKEND_BUFFER */
    unsigned buffer_id; /* meaningful with BACKEND_BUFFER */
};

typedef void backend_done(struct backend_op *op, const struct backend_completion *completion);

/* Embedded in the caller's own struct. Zero it once and set done; the rest is the backend's. */
struct backend_op {
    backend_done *done;
    struct {
        uint32_t kind; /* enum backend_op_kind; 0: not in flight */
        int fd;
        void *into;       /* read */
        const void *from; /* send, write */
        size_t len;
        int64_t offset;
        struct backend_op *next; /* poll, sim: the list it stands in */
        bool cancelled;
        bool armed;         /* poll: the epoll set watches for it */
        uint64_t kernel_id; /* uring: the current user_data */
    } private;
};

/* Wall time is CLOCK_REALTIME in UTC, what a court reads; boot time is CLOCK_BOOTTIME, which orders
   records when the wall clock steps. */
struct backend_time {
    int64_t wall_ns;
    uint64_t boot_ns;
};

/* What adjtimex(2) says of the kernel's clock, read only. */
struct backend_clock_state {
    int state;       /* TIME_OK 0 .. TIME_ERROR 5 */
    unsigned status; /* STA_ bits */
    bool synced;     /* !(status & STA_UNSYNC) */
    int64_t maxerror_us;
    int64_t esterror_us;
    int64_t offset_ns;
    int64_t freq; /* scaled ppm, as the kernel gives it */
    int tai;
};

enum backend_kind {
    BACKEND_AUTO = 0, /* uring, and poll only where io_uring gives ENOSYS, EPERM or EINVAL */
    BACKEND_URING = 1,
    BACKEND_POLL = 2,
    BACKEND_SIM = 3, /* tests only; opened by backend_sim_open */
};

struct backend_ops {
    const char *name; /* "uring", "poll", "sim" */

    /* Ends what is in flight without calling any done(), waits until no memory of an op is in use
       any more, and frees; ops must still be in place. NULL is not allowed here (there is no table
       to ask); backend_close accepts it. Returns NULL. Called by the thread that opened the
       backend. */
    struct backend *(*close)(struct backend *backend);

    /* Waits up to wait_ns_max (0: not at all) for at least one completion, then runs the done() of
       all that are there. 0, also on timeout and EINTR; -errno when the backend is unusable. */
    int (*turn)(struct backend *backend, uint64_t wait_ns_max);

    /* Accepts connections until cancelled: each done() carries a new close-on-exec fd >= 0 or an
       error. After a done() without BACKEND_MORE the caller arms it again (at once, or after
       -EMFILE/-ENFILE/-ENOMEM when an fd was freed). */
    int (*accept)(struct backend *backend, struct backend_op *op, int listen_fd);

    /* At most one op that reads and one that sends may be in flight on one socket or pipe (-EBUSY
       comes as the op's result in poll). End an fd's ops before closing it. */

    /* Receives into provided buffers until cancelled. result > 0 with BACKEND_BUFFER: bytes in
       buffer_id, which the caller gives back with buffer_return, also without BACKEND_MORE. 0: end
       of stream. -ENOBUFS: no buffer was free; no byte is lost; arm again after buffers went back.
     */
    int (*recv)(struct backend *backend, struct backend_op *op, int fd);

    /* Sends up to len bytes, never raising SIGPIPE; result may be short. bytes must stay. */
    int (*send)(struct backend *backend, struct backend_op *op, int fd, const void *bytes,
                size_t len);

    /* Reads or writes at an explicit offset; result may be short. offset -1 is allowed for read
       only and only where there is no position (pipe, tty). */
    int (*read)(struct backend *backend, struct backend_op *op, int fd, void *bytes, size_t len,
                int64_t offset);
    int (*write)(struct backend *backend, struct backend_op *op, int fd, const void *bytes,
                 size_t len, uint64_t offset);

    /* fdatasync. An error is final for that file: never retry it. */
    int (*sync)(struct backend *backend, struct backend_op *op, int fd);

    /* done() with result POLLIN bits each time fd is readable, until cancelled: for eventfd,
       signalfd and inotify. The caller reads fd empty in done(). */
    int (*watch)(struct backend *backend, struct backend_op *op, int fd);

    /* Asks that an op in flight ends. Its last done() comes with -ECANCELED, or with its own result
       if it was faster. No effect on an op that is not in flight. */
    void (*cancel)(struct backend *backend, struct backend_op *op);

    /* A provided buffer's bytes, BACKEND_BUFFER_BYTES plus slack; and giving it back. */
    char *(*buffer)(struct backend *backend, unsigned buffer_id);
    void (*buffer_return)(struct backend *backend, unsigned buffer_id);
    size_t (*buffers_held)(const struct backend *backend); /* handed out, not yet returned */

    /* Files, synchronously: fds of sim are only valid with the same backend. dir_fd may be
       AT_FDCWD. open adds O_CLOEXEC, and opens regular files and folders only: what else stands
       under the name (a FIFO, a socket, a device) is not waited for, is -BACKEND_NO_FILE, and
       `refused` is told. unlink's flags are 0 for a file or AT_REMOVEDIR for an empty folder.
       allocate reserves space without changing the visible size. */
    int (*open)(struct backend *backend, int dir_fd, const char *path, int flags, mode_t mode);
    int (*close_fd)(struct backend *backend, int fd);
    int (*mkdir)(struct backend *backend, int dir_fd, const char *path, mode_t mode);
    int (*rename)(struct backend *backend, int dir_fd, const char *from, const char *to);
    int (*symlink)(struct backend *backend, int dir_fd, const char *target, const char *path);
    int (*unlink)(struct backend *backend, int dir_fd, const char *path, int flags);
    int (*allocate)(struct backend *backend, int fd, uint64_t offset, uint64_t len);
    int (*truncate)(struct backend *backend, int fd, uint64_t len);
    int64_t (*size)(struct backend *backend, int fd);
    ssize_t (*pread)(struct backend *backend, int fd, void *bytes, size_t len, uint64_t offset);
    ssize_t (*pwrite)(struct backend *backend, int fd, const void *bytes, size_t len,
                      uint64_t offset);
    int (*sync_now)(struct backend *backend, int fd); /* fsync: files and directories */
    int (*lock)(struct backend *backend, int fd);     /* flock LOCK_EX|LOCK_NB: 0, -EWOULDBLOCK */

    /* Calls name(context, entry) for each entry of a directory but . and .., in no order, until it
       returns non-zero, which is then returned. */
    int (*list)(struct backend *backend, int dir_fd, int (*name)(void *context, const char *entry),
                void *context);

    struct backend_time (*now)(struct backend *backend);
    int (*clock_state)(struct backend *backend, struct backend_clock_state *ret_state);
    /* A descriptor for clock_was_set, which says whether somebody set the wall clock since the last
       time it was asked, or since this; a slewed clock is not set, one that wakes from a suspend
       is. -errno. */
    int (*clock_sets)(struct backend *backend);
    bool (*clock_was_set)(struct backend *backend, int fd);
    /* The daemon that sets the clock, which adjtimex does not know: of what is there in /run;
       static; NULL: none that is known. Looks into folders: not for every second. */
    const char *(*clock_discipline)(struct backend *backend);
    int (*random)(struct backend *backend, void *bytes, size_t len);
};

/* A name that open refused, since it is none of a file. */
typedef void backend_refused(const char *path);

struct backend {
    const struct backend_ops *ops;
    backend_refused *refused; /* NULL: nobody; may be set at any time */
};

/* Opens a backend for the calling thread with `buffers` provided buffers (0: recv is not used, a
   power of two otherwise). kind AUTO decides by trying once: -ENOSYS, -EPERM and -EINVAL of
   io_uring lead to poll, every other error is returned. URING is strict. */
int backend_open(enum backend_kind kind, unsigned buffers, struct backend **ret_backend);

/* Closes it through its table. NULL is fine. Returns NULL. */
struct backend *backend_close(struct backend *backend);

/* The kind named by --io=: "auto", "uring", "poll"; -EINVAL otherwise. */
int backend_kind_parse(const char *name, enum backend_kind *ret_kind);

/* Bytes that a backend with this many provided buffers may use: rings and buffers. */
size_t backend_bytes(unsigned buffers);

#endif
