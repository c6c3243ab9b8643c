/* What a crash leaves of the sim's disk, decided by the seed. */
#include <stdlib.h>

#include "io/backend_sim_impl.h"

#define SECTOR BACKEND_SIM_SECTOR_BYTES

void sim_disk_free(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->nodes_count; i++) {
        struct sim_node *node = sim->nodes[i];
        free(node->live);
        free(node->synced);
        free(node->dirty);
        free(node->names.list);
        free(node->synced_names.list);
        free(node);
    }
    free(sim->nodes);
    free(sim->log);
    sim->nodes = NULL;
    sim->log = NULL;
    sim->nodes_count = 0;
    sim->log_count = 0;
}

/* Writes and syncs that were under way: done, done in part, or not begun. */
static void settle_flight(struct sim *sim)
{
    for (unsigned i = 0; i < sim->flight_count; i++) {
        const struct backend_op *op = sim->flight[i];
        struct sim_node *node = sim_fd_file(sim, op->private.fd);
        if (node == NULL)
            continue;
        /* Whether it fitted no longer matters to anyone. */
        if (op->private.kind == BACKEND_OP_WRITE)
            (void)sim_node_write(sim, node, op->private.from,
                                 (size_t)sim_below(sim, op->private.len + 1),
                                 (uint64_t)op->private.offset);
        else if (op->private.kind == BACKEND_OP_SYNC && sim_below(sim, 2) == 0)
            sim_node_sync(node);
    }
}

static size_t surviving_len(struct sim *sim, const struct sim_node *node)
{
    if (!node->len_dirty)
        return node->synced_len;
    size_t low = node->live_len < node->synced_len ? node->live_len : node->synced_len;
    size_t high = node->live_len < node->synced_len ? node->synced_len : node->live_len;
    switch (sim_below(sim, 4)) {
    case 0:
        return node->synced_len;
    case 1:
        return node->live_len;
    default:
        return low + (size_t)sim_below(sim, high - low + 1);
    }
}

/* Leaves of a node what power loss leaves; both planes agree afterwards. */
static void lose_power(struct sim *sim, struct sim_node *node)
{
    size_t len = surviving_len(sim, node);
    unsigned survive = (unsigned)sim_below(sim, 5) * 250; /* none .. all of the dirty sectors */
    bool garbage = sim_below(sim, 2) == 0;
    for (size_t at = 0; at < node->capacity; at += SECTOR) {
        if (!node->dirty[at / SECTOR])
            continue;
        node->dirty[at / SECTOR] = false;
        if (sim_chance(sim, survive)) {
            memcpy(node->synced + at, node->live + at, SECTOR);
        } else if (at >= node->synced_len && garbage) {
            for (size_t i = 0; i < SECTOR; i++)
                node->synced[at + i] = (unsigned char)sim_random(sim);
        }
    }
    node->len_dirty = false;
    node->synced_len = len;
    node->live_len = len;
    if (node->capacity == 0)
        return;
    /* Past the end there is nothing, whatever the last sector held. */
    memset(node->synced + len, 0, node->capacity - len);
    memcpy(node->live, node->synced, node->capacity);
}

/* Both planes of a folder become what was synced. */
static void forget_names(struct sim_node *node)
{
    struct sim_names *live = &node->names;
    const struct sim_names *synced = &node->synced_names;
    live->count = 0;
    for (size_t i = 0; i < synced->count; i++) {
        struct sim_name *list =
            sim_grow(live->list, live->count, &live->capacity, sizeof(*live->list));
        assert(list != NULL); /* a test without memory has nothing to say */
        live->list = list;
        live->list[live->count++] = synced->list[i];
    }
}

/* Counts the names that lead to each node. */
static void count_links(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->nodes_count; i++)
        sim->nodes[i]->links = i == SIM_ROOT ? 1 : 0;
    for (uint32_t i = 0; i < sim->nodes_count; i++) {
        const struct sim_names *names = &sim->nodes[i]->names;
        for (size_t k = 0; k < names->count; k++)
            sim->nodes[names->list[k].node]->links++;
    }
}

void sim_disk_survive(struct sim *sim, enum backend_sim_end how, struct sim *after)
{
    settle_flight(sim);
    if (how == BACKEND_SIM_POWER_LOST) {
        for (size_t i = 0; i < sim->log_count; i++) {
            if (sim_below(sim, 2) == 0)
                sim_change_survives(sim, &sim->log[i]);
        }
        sim->log_count = 0;
        for (uint32_t i = 0; i < sim->nodes_count; i++) {
            struct sim_node *node = sim->nodes[i];
            lose_power(sim, node);
            forget_names(node);
            sim_node_release(sim, node, node->live_len);
        }
        count_links(sim);
    }
    for (uint32_t i = 0; i < sim->nodes_count; i++) {
        sim->nodes[i]->lock_fd = -1;
        if (sim->nodes[i]->links == 0)
            sim_node_release(sim, sim->nodes[i], 0);
    }
    sim_disk_free(after);
    after->nodes = sim->nodes;
    after->nodes_count = sim->nodes_count;
    after->nodes_capacity = sim->nodes_capacity;
    after->log = sim->log;
    after->log_count = sim->log_count;
    after->log_capacity = sim->log_capacity;
    after->free_bytes = sim->free_bytes;
    sim->nodes = NULL;
    sim->nodes_count = 0;
    sim->log = NULL;
    sim->log_count = 0;
}
