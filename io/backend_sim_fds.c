/* Synchronous calls on open files of the sim; knows no path and no crash. */
#include <errno.h>
#include <fcntl.h>

#include "io/backend_sim_impl.h"

int sim_allocate(struct backend *backend, int fd, uint64_t offset, uint64_t len)
{
    struct sim *sim = sim_of(backend);
    int rc = 0;
    sim_note(sim, BACKEND_SIM_ALLOCATE, offset, len);
    if (sim_faulty(sim, BACKEND_SIM_ALLOCATE, &rc))
        return rc;
    struct sim_node *node = sim_fd_file(sim, fd);
    if (node == NULL)
        return -EBADF;
    if (len == 0)
        return -EINVAL;
    if (offset > SIM_FILE_MAX || len > SIM_FILE_MAX - offset)
        return -EFBIG;
    return sim_node_reserve(sim, node, offset + len);
}

int sim_truncate(struct backend *backend, int fd, uint64_t len)
{
    struct sim *sim = sim_of(backend);
    int rc = 0;
    sim_note(sim, BACKEND_SIM_TRUNCATE, (uint64_t)fd, len);
    if (sim_faulty(sim, BACKEND_SIM_TRUNCATE, &rc))
        return rc;
    struct sim_node *node = sim_fd_file(sim, fd);
    return node == NULL ? -EBADF : sim_node_truncate(sim, node, len);
}

int64_t sim_size(struct backend *backend, int fd)
{
    struct sim *sim = sim_of(backend);
    if (sim->dead)
        return -EIO;
    const struct sim_fd *entry = sim_fd_find(sim, fd, SIM_FD_NODE);
    return entry == NULL ? -EBADF : (int64_t)sim->nodes[entry->node]->live_len;
}

ssize_t sim_pread(struct backend *backend, int fd, void *bytes, size_t len, uint64_t offset)
{
    struct sim *sim = sim_of(backend);
    sim_note(sim, BACKEND_SIM_READ, offset, len);
    int rc = sim_limit(sim, BACKEND_SIM_READ, &len);
    if (rc < 0)
        return rc;
    const struct sim_node *node = sim_fd_file(sim, fd);
    return node == NULL ? -EBADF : (ssize_t)sim_node_read(node, bytes, len, offset);
}

ssize_t sim_pwrite(struct backend *backend, int fd, const void *bytes, size_t len, uint64_t offset)
{
    struct sim *sim = sim_of(backend);
    sim_note(sim, BACKEND_SIM_WRITE, offset, len);
    int rc = sim_limit(sim, BACKEND_SIM_WRITE, &len);
    if (rc < 0)
        return rc;
    const struct sim_fd *entry = sim_fd_find(sim, fd, SIM_FD_NODE);
    struct sim_node *node = sim_fd_file(sim, fd);
    if (entry == NULL || node == NULL || (entry->flags & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    sim_note_bytes(sim, bytes, len);
    return sim_node_write(sim, node, bytes, len, offset);
}

int sim_sync_now(struct backend *backend, int fd)
{
    struct sim *sim = sim_of(backend);
    int rc = 0;
    sim_note(sim, BACKEND_SIM_SYNC, (uint64_t)fd, 0);
    bool faulty = sim_faulty(sim, BACKEND_SIM_SYNC, &rc);
    if (sim->dead)
        return -EIO;
    const struct sim_fd *entry = sim_fd_find(sim, fd, SIM_FD_NODE);
    if (entry == NULL)
        return -EBADF;
    struct sim_node *node = sim->nodes[entry->node];
    if (faulty) {
        sim_node_lose(sim, node);
        return rc;
    }
    sim_node_sync(node);
    if (node->type == SIM_FOLDER)
        sim_folder_sync(sim, entry->node);
    return 0;
}

int sim_lock(struct backend *backend, int fd)
{
    struct sim *sim = sim_of(backend);
    int rc = 0;
    sim_note(sim, BACKEND_SIM_LOCK, (uint64_t)fd, 0);
    if (sim_faulty(sim, BACKEND_SIM_LOCK, &rc))
        return rc;
    const struct sim_fd *entry = sim_fd_find(sim, fd, SIM_FD_NODE);
    if (entry == NULL)
        return -EBADF;
    struct sim_node *node = sim->nodes[entry->node];
    if (node->lock_fd != -1 && node->lock_fd != fd)
        return -EWOULDBLOCK;
    node->lock_fd = fd;
    return 0;
}
