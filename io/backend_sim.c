/* The sim backend: ops and turns, seed and trace, faults and clocks. Knows no sector and no queue.
 */
#include "io/backend_sim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "io/backend_sim_impl.h"

#define SIM_TURN_NS       1000u
#define SIM_BOOT_START_NS 5000000000u
#define SIM_WAIT_NS_MAX   3600000000000u
#define SIM_KIND_NOTES    1000u /* completions, in the trace */

uint64_t sim_random(struct sim *sim)
{
    /* splitmix64: every seed is as good as another. */
    sim->random += 0x9e3779b97f4a7c15u;
    uint64_t z = sim->random;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t sim_below(struct sim *sim, uint64_t n)
{
    assert(n > 0);
    return sim_random(sim) % n;
}

bool sim_chance(struct sim *sim, unsigned per_mille)
{
    return per_mille > 0 && sim_below(sim, 1000) < per_mille;
}

static void mix(struct sim *sim, uint64_t value)
{
    sim->trace = (sim->trace ^ value) * 0x100000001b3u;
    sim->trace ^= sim->trace >> 29;
}

void sim_note(struct sim *sim, uint64_t what, uint64_t a, uint64_t b)
{
    mix(sim, what);
    mix(sim, a);
    mix(sim, b);
}

void sim_note_bytes(struct sim *sim, const void *bytes, size_t len)
{
    const unsigned char *byte = bytes;
    uint64_t hash = len;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ byte[i]) * 0x100000001b3u;
    mix(sim, hash);
}

bool sim_faulty(struct sim *sim, enum backend_sim_call call, int *ret_result)
{
    uint64_t number = ++sim->calls[call];
    if (sim->dead) {
        *ret_result = -EIO;
        return true;
    }
    for (unsigned i = 0; i < sim->faults_count; i++) {
        const struct sim_fault *fault = &sim->faults[i];
        if (fault->call == call && number >= fault->first && number < fault->end) {
            *ret_result = fault->result;
            return true;
        }
    }
    return false;
}

int sim_limit(struct sim *sim, enum backend_sim_call call, size_t *len)
{
    int result = 0;
    if (!sim_faulty(sim, call, &result))
        return 0;
    if (result < 0)
        return result;
    if (*len > (size_t)result)
        *len = (size_t)result;
    return 0;
}

void *sim_grow(void *list, size_t count, size_t *capacity, size_t member_bytes)
{
    if (count < *capacity)
        return list;
    size_t more = *capacity == 0 ? 16 : *capacity * 2;
    void *grown = reallocarray(list, more, member_bytes);
    if (grown != NULL)
        *capacity = more;
    return grown;
}

static int start(struct sim *sim, struct backend_op *op)
{
    if (sim->flight_count == BACKEND_OPS_MAX) {
        op->private.kind = BACKEND_OP_NONE;
        return -EAGAIN;
    }
    sim_note(sim, op->private.kind, (uint64_t)op->private.fd, op->private.len);
    sim->flight[sim->flight_count++] = op;
    return 0;
}

void sim_end(struct sim *sim, struct backend_op *op, int result, unsigned flags, unsigned buffer_id)
{
    unsigned i = 0;
    while (sim->flight[i] != op)
        i++;
    assert(i < sim->flight_count);
    sim->flight_count--;
    memmove(&sim->flight[i], &sim->flight[i + 1],
            (sim->flight_count - i) * sizeof(struct backend_op *));
    sim_note(sim, SIM_KIND_NOTES + op->private.kind, (uint64_t)(int64_t)result, flags);
    backend_op_end(op, result, flags, buffer_id);
}

void sim_more(struct sim *sim, struct backend_op *op, int result, unsigned flags,
              unsigned buffer_id)
{
    sim_note(sim, SIM_KIND_NOTES + op->private.kind, (uint64_t)(int64_t)result, flags);
    backend_op_more(op, result, flags, buffer_id);
}

static unsigned serve_file(struct sim *sim, struct backend_op *op)
{
    int fd = op->private.fd;
    size_t len = op->private.len;
    int64_t result = 0;
    if (op->private.kind == BACKEND_OP_SYNC) {
        result = sim_sync_now(&sim->base, fd);
    } else {
        if (len > 1 && sim_chance(sim, sim->chaos))
            len = 1 + (size_t)sim_below(sim, len - 1);
        if (op->private.kind == BACKEND_OP_READ)
            result = sim_pread(&sim->base, fd, op->private.into, len, (uint64_t)op->private.offset);
        else
            result =
                sim_pwrite(&sim->base, fd, op->private.from, len, (uint64_t)op->private.offset);
    }
    sim_end(sim, op, (int)result, 0, 0);
    return 1;
}

static unsigned serve(struct sim *sim, struct backend_op *op)
{
    if (sim->dead || op->private.cancelled) {
        sim_end(sim, op, sim->dead ? -EIO : -ECANCELED, 0, 0);
        return 1;
    }
    switch ((enum backend_op_kind)op->private.kind) {
    case BACKEND_OP_ACCEPT:
        return sim_serve_accept(sim, op);
    case BACKEND_OP_RECV:
        return sim_serve_recv(sim, op);
    case BACKEND_OP_SEND:
        return sim_serve_send(sim, op);
    case BACKEND_OP_READ:
        if (op->private.offset == -1)
            return sim_serve_pipe_read(sim, op);
        return serve_file(sim, op);
    case BACKEND_OP_WRITE:
    case BACKEND_OP_SYNC:
        return serve_file(sim, op);
    case BACKEND_OP_WATCH:
        return sim_serve_watch(sim, op);
    case BACKEND_OP_NONE:
        break;
    }
    assert(op->private.kind != BACKEND_OP_NONE);
    return 0;
}

static int sim_turn(struct backend *backend, uint64_t wait_ns_max)
{
    struct sim *sim = sim_of(backend);
    assert(!sim->turning);
    sim->turning = true;
    unsigned count = sim->flight_count;
    unsigned served = 0;
    memcpy(sim->served, sim->flight, count * sizeof(struct backend_op *));
    for (unsigned i = count; i > 1 && sim->chaos > 0; i--) {
        unsigned other = (unsigned)sim_below(sim, i);
        struct backend_op *op = sim->served[i - 1];
        sim->served[i - 1] = sim->served[other];
        sim->served[other] = op;
    }
    /* An op leaves flight only in its own service, so all that were copied are still there. */
    for (unsigned i = 0; i < count; i++) {
        if (!sim_chance(sim, sim->chaos))
            served += serve(sim, sim->served[i]);
    }
    if (wait_ns_max > SIM_WAIT_NS_MAX)
        wait_ns_max = SIM_WAIT_NS_MAX;
    backend_sim_advance(backend, served > 0 ? SIM_TURN_NS : wait_ns_max);
    sim->turning = false;
    return 0;
}

static int sim_accept(struct backend *backend, struct backend_op *op, int listen_fd)
{
    backend_op_fill(op, BACKEND_OP_ACCEPT, listen_fd);
    return start(sim_of(backend), op);
}

static int sim_recv(struct backend *backend, struct backend_op *op, int fd)
{
    assert(sim_of(backend)->buffers.count > 0);
    backend_op_fill(op, BACKEND_OP_RECV, fd);
    return start(sim_of(backend), op);
}

static int sim_send(struct backend *backend, struct backend_op *op, int fd, const void *bytes,
                    size_t len)
{
    backend_op_fill_bytes(op, BACKEND_OP_SEND, fd, NULL, bytes, len);
    return start(sim_of(backend), op);
}

static int sim_read(struct backend *backend, struct backend_op *op, int fd, void *bytes, size_t len,
                    int64_t offset)
{
    assert(offset >= -1);
    backend_op_fill_bytes(op, BACKEND_OP_READ, fd, bytes, NULL, len);
    op->private.offset = offset;
    return start(sim_of(backend), op);
}

static int sim_write(struct backend *backend, struct backend_op *op, int fd, const void *bytes,
                     size_t len, uint64_t offset)
{
    assert(offset <= INT64_MAX);
    backend_op_fill_bytes(op, BACKEND_OP_WRITE, fd, NULL, bytes, len);
    op->private.offset = (int64_t)offset;
    return start(sim_of(backend), op);
}

static int sim_sync(struct backend *backend, struct backend_op *op, int fd)
{
    backend_op_fill(op, BACKEND_OP_SYNC, fd);
    return start(sim_of(backend), op);
}

static int sim_watch(struct backend *backend, struct backend_op *op, int fd)
{
    backend_op_fill(op, BACKEND_OP_WATCH, fd);
    return start(sim_of(backend), op);
}

static void sim_cancel(struct backend *backend, struct backend_op *op)
{
    (void)backend; /* the op's own mark is enough: the next turn sees it */
    if (op->private.kind != BACKEND_OP_NONE)
        op->private.cancelled = true;
}

static char *sim_buffer(struct backend *backend, unsigned buffer_id)
{
    return backend_buffers_at(&sim_of(backend)->buffers, buffer_id);
}

static void sim_buffer_return(struct backend *backend, unsigned buffer_id)
{
    backend_buffers_give(&sim_of(backend)->buffers, buffer_id);
}

static size_t sim_buffers_held(const struct backend *backend)
{
    return ((const struct sim *)backend)->buffers.held;
}

static struct backend_time sim_now(struct backend *backend)
{
    return sim_of(backend)->time;
}

static int sim_clock_state(struct backend *backend, struct backend_clock_state *ret_state)
{
    struct sim *sim = sim_of(backend);
    int rc = 0;
    if (sim_faulty(sim, BACKEND_SIM_CLOCK_STATE, &rc))
        return rc;
    *ret_state = sim->clock;
    return 0;
}

static int sim_clock_sets(struct backend *backend)
{
    sim_of(backend)->clock_was_set = false;
    return backend_sim_event(backend);
}

static bool sim_clock_was_set(struct backend *backend, int fd)
{
    struct sim *sim = sim_of(backend);
    bool was_set = sim->clock_was_set;

    assert(sim_fd_find(sim, fd, SIM_FD_EVENT) != NULL);
    sim->clock_was_set = false;
    return was_set;
}

static const char *sim_clock_discipline(struct backend *backend)
{
    return sim_of(backend)->discipline;
}

static int sim_random_bytes(struct backend *backend, void *bytes, size_t len)
{
    struct sim *sim = sim_of(backend);
    int rc = 0;
    if (sim_faulty(sim, BACKEND_SIM_RANDOM, &rc))
        return rc;
    unsigned char *byte = bytes;
    for (size_t i = 0; i < len; i++)
        byte[i] = (unsigned char)(sim_random(sim) >> 24);
    return 0;
}

static struct backend *sim_close(struct backend *backend)
{
    struct sim *sim = sim_of(backend);
    assert(!sim->turning);
    for (unsigned i = 0; i < sim->flight_count; i++)
        sim->flight[i]->private.kind = BACKEND_OP_NONE;
    for (size_t i = 0; i < sim->fds_count; i++) {
        free(sim->fds[i].queue);
        free(sim->fds[i].pending);
    }
    free(sim->fds);
    sim_disk_free(sim);
    backend_buffers_close(&sim->buffers);
    free(sim);
    return NULL;
}

static const struct backend_ops sim_ops = {
    .name = "sim",
    .close = sim_close,
    .turn = sim_turn,
    .accept = sim_accept,
    .recv = sim_recv,
    .send = sim_send,
    .read = sim_read,
    .write = sim_write,
    .sync = sim_sync,
    .watch = sim_watch,
    .cancel = sim_cancel,
    .buffer = sim_buffer,
    .buffer_return = sim_buffer_return,
    .buffers_held = sim_buffers_held,
    .open = sim_open,
    .close_fd = sim_close_fd,
    .mkdir = sim_mkdir,
    .rename = sim_rename,
    .symlink = sim_symlink,
    .unlink = sim_unlink,
    .allocate = sim_allocate,
    .truncate = sim_truncate,
    .size = sim_size,
    .pread = sim_pread,
    .pwrite = sim_pwrite,
    .sync_now = sim_sync_now,
    .lock = sim_lock,
    .list = sim_list,
    .now = sim_now,
    .clock_state = sim_clock_state,
    .clock_sets = sim_clock_sets,
    .clock_was_set = sim_clock_was_set,
    .clock_discipline = sim_clock_discipline,
    .random = sim_random_bytes,
};

int backend_sim_open(uint64_t seed, unsigned buffers, struct backend **ret_backend)
{
    struct sim *sim = calloc(1, sizeof(*sim));
    if (sim == NULL)
        return -ENOMEM;
    sim->base.ops = &sim_ops;
    sim->random = seed;
    sim->free_bytes = UINT64_MAX;
    sim->time =
        (struct backend_time){.wall_ns = BACKEND_SIM_START_NS, .boot_ns = SIM_BOOT_START_NS};
    sim->clock = (struct backend_clock_state){.synced = true, .maxerror_us = 500, .tai = 37};
    int rc = backend_buffers_open(&sim->buffers, buffers);
    if (rc == 0 && sim_node_make(sim, SIM_FOLDER, SIM_ROOT) == SIM_NODE_NONE)
        rc = -ENOMEM;
    if (rc < 0) {
        (void)sim_close(&sim->base); /* always NULL */
        return rc;
    }
    sim->nodes[SIM_ROOT]->links = 1;
    *ret_backend = &sim->base;
    return 0;
}
