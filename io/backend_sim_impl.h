/*
 * The inside of the sim backend, shared by its files: backend_sim.c (ops, turns, time),
 * backend_sim_disk.c (planes), backend_sim_crash.c, backend_sim_files.c (paths and names),
 * backend_sim_fds.c (open files) and backend_sim_sockets.c.
 *
 * A node has two planes. `live` is what every call sees: the page cache. `synced` is what a power
 * loss leaves for certain. A sector is dirty from its write to the next sync, which copies it over.
 * Folders have two planes of names; the changes in between stand in one log, in order.
 */
#ifndef IO_BACKEND_SIM_IMPL_H
#define IO_BACKEND_SIM_IMPL_H

#include "io/backend_buffers.h"
#include "io/backend_ops.h"
#include "io/backend_sim.h"

#define SIM_NAME_BYTES  256u
#define SIM_NODE_NONE   UINT32_MAX
#define SIM_ROOT        0u
#define SIM_BLOCK_BYTES 4096u
#define SIM_FILE_MAX    (1u << 30)
#define SIM_FAULTS_MAX  32u

enum sim_node_type {
    SIM_FILE = 0,
    SIM_FOLDER = 1,
    SIM_LINK = 2, /* live holds the target, NUL-terminated */
};

struct sim_name {
    char name[SIM_NAME_BYTES];
    uint32_t node;
};

struct sim_names {
    struct sim_name *list;
    size_t count;
    size_t capacity;
};

struct sim_node {
    enum sim_node_type type;
    uint32_t parent;     /* folders */
    uint32_t links;      /* live names that lead here */
    int lock_fd;         /* who holds the lock; -1 */
    unsigned char *live; /* capacity bytes each, zero past the length */
    unsigned char *synced;
    bool *dirty;     /* by sector */
    size_t capacity; /* a multiple of the sector */
    size_t live_len;
    size_t synced_len;
    bool len_dirty;
    uint64_t charged;              /* bytes taken from the disk's free ones */
    struct sim_names names;        /* folders, live */
    struct sim_names synced_names; /* folders, synced */
};

/* One name that is made, replaced or (node is SIM_NODE_NONE) taken away. */
struct sim_effect {
    uint32_t folder;
    uint32_t node;
    char name[SIM_NAME_BYTES];
};

/* A change to folders that is not synced: all its effects survive, or none. */
struct sim_change {
    struct sim_effect effects[2];
    unsigned count;
};

enum sim_fd_type {
    SIM_FD_FREE = 0,
    SIM_FD_NODE = 1,
    SIM_FD_SOCKET = 2,
    SIM_FD_LISTENER = 3,
    SIM_FD_EVENT = 4,
};

struct sim_fd {
    enum sim_fd_type type;
    int flags;     /* node: of open */
    uint32_t node; /* node */
    char *queue;   /* socket: a ring of BACKEND_SIM_SOCKET_BYTES that was sent to it */
    size_t head;
    size_t len;
    int peer;      /* socket: the other end's fd; -1: closed */
    bool ended;    /* socket: no more bytes follow */
    bool reset;    /* socket */
    bool readable; /* event */
    int *pending;  /* listener: fds to accept, a growing array */
    size_t pending_count;
    size_t pending_capacity;
};

struct sim_fault {
    enum backend_sim_call call;
    uint64_t first; /* call numbers [first, end) */
    uint64_t end;
    int result;
};

struct sim {
    struct backend base;
    struct backend_buffers buffers;
    uint64_t random;
    uint64_t trace;
    unsigned chaos;
    bool dead;
    bool turning;
    struct backend_time time;
    struct backend_clock_state clock;
    const char *discipline;
    bool clock_was_set; /* nobody has asked since */
    uint64_t free_bytes;
    uint64_t calls[BACKEND_SIM_CALLS];
    struct sim_fault faults[SIM_FAULTS_MAX];
    unsigned faults_count;
    struct backend_op *flight[BACKEND_OPS_MAX]; /* in the order of their starts */
    struct backend_op *served[BACKEND_OPS_MAX]; /* this turn's copy */
    unsigned flight_count;
    struct sim_node **nodes;
    uint32_t nodes_count;
    uint32_t nodes_capacity;
    struct sim_change *log;
    size_t log_count;
    size_t log_capacity;
    struct sim_fd *fds;
    size_t fds_count;
};

static inline struct sim *sim_of(struct backend *backend)
{
    return (struct sim *)backend;
}

/* The next number of the seed; one below n (n > 0); and whether one of per_mille came. */
uint64_t sim_random(struct sim *sim);
uint64_t sim_below(struct sim *sim, uint64_t n);
bool sim_chance(struct sim *sim, unsigned per_mille);

/* Mixes numbers, or bytes, into the trace. */
void sim_note(struct sim *sim, uint64_t what, uint64_t a, uint64_t b);
void sim_note_bytes(struct sim *sim, const void *bytes, size_t len);

/* Counts a call; true if it shall give *ret_result (also when the machine is dead). */
bool sim_faulty(struct sim *sim, enum backend_sim_call call, int *ret_result);

/* As above for calls that move bytes: shortens *len, or gives a -errno, or 0. */
int sim_limit(struct sim *sim, enum backend_sim_call call, size_t *len);

/* Makes an array of size_t members hold one more: returns the (moved) array or NULL. */
void *sim_grow(void *list, size_t count, size_t *capacity, size_t member_bytes);

/* A new node without a name; its index or SIM_NODE_NONE when memory is short. */
uint32_t sim_node_make(struct sim *sim, enum sim_node_type type, uint32_t parent);

/* Writes to the live plane: bytes written or -ENOSPC, -EFBIG, -ENOMEM. */
int64_t sim_node_write(struct sim *sim, struct sim_node *node, const void *bytes, size_t len,
                       uint64_t offset);

/* Reads from the live plane: bytes read. */
size_t sim_node_read(const struct sim_node *node, void *bytes, size_t len, uint64_t offset);

/* Sets the live length. 0, -EFBIG, -ENOMEM, -ENOSPC. */
int sim_node_truncate(struct sim *sim, struct sim_node *node, uint64_t len);

/* Takes space up to `end` from the free bytes. 0, -ENOSPC. */
int sim_node_reserve(struct sim *sim, struct sim_node *node, uint64_t end);

/* Gives the space past `end` back. */
void sim_node_release(struct sim *sim, struct sim_node *node, uint64_t end);

/* Makes what is live durable; or loses it, each sector by chance, and forgets that it was dirty. */
void sim_node_sync(struct sim_node *node);
void sim_node_lose(struct sim *sim, struct sim_node *node);

/* Applies a change to the live names and logs it. 0, -ENOMEM. */
int sim_change_apply(struct sim *sim, const struct sim_change *change);

/* Applies a change to the synced names. */
void sim_change_survives(struct sim *sim, const struct sim_change *change);

/* Makes the logged changes of a folder durable. */
void sim_folder_sync(struct sim *sim, uint32_t folder);

/* The live node of a name in a folder; SIM_NODE_NONE. */
uint32_t sim_folder_find(const struct sim *sim, uint32_t folder, const char *name);

/* Frees nodes and log. */
void sim_disk_free(struct sim *sim);

/* Moves what is left of the disk into a freshly opened sim. */
void sim_disk_survive(struct sim *sim, enum backend_sim_end how, struct sim *after);

/* A free descriptor: its fd or -ENOMEM. The table may move. */
int sim_fd_make(struct sim *sim, enum sim_fd_type type);

/* The descriptor behind fd if it is open and of that type; NULL. */
struct sim_fd *sim_fd_find(struct sim *sim, int fd, enum sim_fd_type type);

/* Closes whatever fd is. 0, -EBADF. */
int sim_fd_close(struct sim *sim, int fd);

/* The node behind fd, which must be a file: NULL if it is not. */
struct sim_node *sim_fd_file(struct sim *sim, int fd);

/* Serves one op on a socket, listener or event once. Returns how often done() was called. */
unsigned sim_serve_accept(struct sim *sim, struct backend_op *op);
unsigned sim_serve_recv(struct sim *sim, struct backend_op *op);
unsigned sim_serve_send(struct sim *sim, struct backend_op *op);
unsigned sim_serve_pipe_read(struct sim *sim, struct backend_op *op);
unsigned sim_serve_watch(struct sim *sim, struct backend_op *op);

/* Takes an op out of flight and calls its done() for the last time; and with BACKEND_MORE. */
void sim_end(struct sim *sim, struct backend_op *op, int result, unsigned flags,
             unsigned buffer_id);
void sim_more(struct sim *sim, struct backend_op *op, int result, unsigned flags,
              unsigned buffer_id);

/* Each as the member of struct backend_ops with the same name. */
int sim_open(struct backend *backend, int dir_fd, const char *path, int flags, mode_t mode);
int sim_close_fd(struct backend *backend, int fd);
int sim_mkdir(struct backend *backend, int dir_fd, const char *path, mode_t mode);
int sim_rename(struct backend *backend, int dir_fd, const char *from, const char *to);
int sim_symlink(struct backend *backend, int dir_fd, const char *target, const char *path);
int sim_unlink(struct backend *backend, int dir_fd, const char *path, int flags);
int sim_allocate(struct backend *backend, int fd, uint64_t offset, uint64_t len);
int sim_truncate(struct backend *backend, int fd, uint64_t len);
int64_t sim_size(struct backend *backend, int fd);
ssize_t sim_pread(struct backend *backend, int fd, void *bytes, size_t len, uint64_t offset);
ssize_t sim_pwrite(struct backend *backend, int fd, const void *bytes, size_t len, uint64_t offset);
int sim_sync_now(struct backend *backend, int fd);
int sim_lock(struct backend *backend, int fd);
int sim_list(struct backend *backend, int dir_fd, int (*name)(void *context, const char *entry),
             void *context);

#endif
