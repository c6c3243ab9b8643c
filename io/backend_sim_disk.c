/* The disk of the sim: nodes with a live and a synced plane, and what a crash leaves of them. */
#include <errno.h>
#include <stdlib.h>

#include "io/backend_sim_impl.h"

#define SECTOR BACKEND_SIM_SECTOR_BYTES

static size_t sectors_of(size_t len)
{
    return (len + SECTOR - 1) / SECTOR;
}

uint32_t sim_node_make(struct sim *sim, enum sim_node_type type, uint32_t parent)
{
    size_t capacity = sim->nodes_capacity;
    struct sim_node **nodes =
        sim_grow(sim->nodes, sim->nodes_count, &capacity, sizeof(struct sim_node *));
    if (nodes == NULL)
        return SIM_NODE_NONE;
    sim->nodes = nodes;
    sim->nodes_capacity = (uint32_t)capacity;
    struct sim_node *node = calloc(1, sizeof(*node));
    if (node == NULL)
        return SIM_NODE_NONE;
    node->type = type;
    node->parent = parent;
    node->lock_fd = -1;
    sim->nodes[sim->nodes_count] = node;
    return sim->nodes_count++;
}

/* Makes both planes hold len bytes. */
static int hold(struct sim_node *node, size_t len)
{
    if (len <= node->capacity)
        return 0;
    size_t capacity = node->capacity == 0 ? SIM_BLOCK_BYTES : node->capacity;
    while (capacity < len)
        capacity *= 2;
    size_t added = capacity - node->capacity;
    size_t sectors = capacity / SECTOR;
    size_t sectors_before = node->capacity / SECTOR;
    unsigned char *live = realloc(node->live, capacity);
    if (live == NULL)
        return -ENOMEM;
    node->live = live;
    unsigned char *synced = realloc(node->synced, capacity);
    if (synced == NULL)
        return -ENOMEM;
    node->synced = synced;
    bool *dirty = reallocarray(node->dirty, sectors, sizeof(*dirty));
    if (dirty == NULL)
        return -ENOMEM;
    node->dirty = dirty;
    memset(live + node->capacity, 0, added);
    memset(synced + node->capacity, 0, added);
    memset(dirty + sectors_before, 0, (sectors - sectors_before) * sizeof(*dirty));
    node->capacity = capacity;
    return 0;
}

static void mark_dirty(struct sim_node *node, size_t begin, size_t end)
{
    for (size_t i = begin / SECTOR; i < sectors_of(end); i++)
        node->dirty[i] = true;
}

static uint64_t blocks(uint64_t bytes)
{
    return (bytes + SIM_BLOCK_BYTES - 1) / SIM_BLOCK_BYTES * SIM_BLOCK_BYTES;
}

int sim_node_reserve(struct sim *sim, struct sim_node *node, uint64_t end)
{
    uint64_t charge = blocks(end);
    if (charge <= node->charged)
        return 0;
    uint64_t more = charge - node->charged;
    if (sim->free_bytes != UINT64_MAX) {
        if (more > sim->free_bytes)
            return -ENOSPC;
        sim->free_bytes -= more;
    }
    node->charged = charge;
    return 0;
}

void sim_node_release(struct sim *sim, struct sim_node *node, uint64_t end)
{
    uint64_t charge = blocks(end);
    if (charge >= node->charged)
        return;
    if (sim->free_bytes != UINT64_MAX)
        sim->free_bytes += node->charged - charge;
    node->charged = charge;
}

int64_t sim_node_write(struct sim *sim, struct sim_node *node, const void *bytes, size_t len,
                       uint64_t offset)
{
    if (len == 0)
        return 0;
    if (offset > SIM_FILE_MAX || len > SIM_FILE_MAX - offset)
        return -EFBIG;
    if (sim_node_reserve(sim, node, offset + len) < 0) {
        /* As much as fits: the first write on a full disk is short, the next one fails. */
        uint64_t end = node->charged + sim->free_bytes / SIM_BLOCK_BYTES * SIM_BLOCK_BYTES;
        if (end <= offset)
            return -ENOSPC;
        len = (size_t)(end - offset);
        (void)sim_node_reserve(sim, node, end); /* it fits, that is how end was found */
    }
    size_t end = (size_t)offset + len;
    if (hold(node, end) < 0)
        return -ENOMEM;
    memcpy(node->live + offset, bytes, len);
    mark_dirty(node, (size_t)offset, end);
    if (end > node->live_len) {
        node->live_len = end;
        node->len_dirty = true;
    }
    return (int64_t)len;
}

size_t sim_node_read(const struct sim_node *node, void *bytes, size_t len, uint64_t offset)
{
    if (offset >= node->live_len || len == 0)
        return 0;
    size_t left = node->live_len - (size_t)offset;
    if (len > left)
        len = left;
    memcpy(bytes, node->live + offset, len);
    return len;
}

int sim_node_truncate(struct sim *sim, struct sim_node *node, uint64_t len)
{
    if (len > SIM_FILE_MAX)
        return -EFBIG;
    if (hold(node, (size_t)len) < 0)
        return -ENOMEM;
    if (len < node->live_len) {
        mark_dirty(node, (size_t)len, node->live_len);
        memset(node->live + len, 0, node->live_len - (size_t)len);
    }
    node->len_dirty = node->len_dirty || len != node->live_len;
    node->live_len = (size_t)len;
    sim_node_release(sim, node, len);
    return 0;
}

void sim_node_sync(struct sim_node *node)
{
    for (size_t i = 0; i < node->capacity / SECTOR; i++) {
        if (node->dirty[i])
            memcpy(node->synced + i * SECTOR, node->live + i * SECTOR, SECTOR);
        node->dirty[i] = false;
    }
    if (node->len_dirty)
        node->synced_len = node->live_len;
    node->len_dirty = false;
}

void sim_node_lose(struct sim *sim, struct sim_node *node)
{
    for (size_t i = 0; i < node->capacity / SECTOR; i++) {
        if (node->dirty[i] && sim_below(sim, 2) == 0)
            memcpy(node->synced + i * SECTOR, node->live + i * SECTOR, SECTOR);
        node->dirty[i] = false;
    }
    if (node->len_dirty && sim_below(sim, 2) == 0)
        node->synced_len = node->live_len;
    node->len_dirty = false;
}

static size_t find(const struct sim_names *names, const char *name)
{
    size_t i = 0;
    while (i < names->count && strcmp(names->list[i].name, name) != 0)
        i++;
    return i;
}

uint32_t sim_folder_find(const struct sim *sim, uint32_t folder, const char *name)
{
    const struct sim_names *names = &sim->nodes[folder]->names;
    size_t i = find(names, name);
    return i == names->count ? SIM_NODE_NONE : names->list[i].node;
}

/* The node that the name led to before; SIM_NODE_NONE. memory_short is set, never cleared. */
static uint32_t put_name(struct sim_names *names, const struct sim_effect *effect,
                         bool *memory_short)
{
    size_t i = find(names, effect->name);
    uint32_t before = i == names->count ? SIM_NODE_NONE : names->list[i].node;
    if (effect->node == SIM_NODE_NONE) {
        if (i < names->count)
            names->list[i] = names->list[--names->count];
        return before;
    }
    if (i == names->count) {
        struct sim_name *list =
            sim_grow(names->list, names->count, &names->capacity, sizeof(*names->list));
        if (list == NULL) {
            *memory_short = true;
            return before;
        }
        names->list = list;
        memcpy(names->list[i].name, effect->name, SIM_NAME_BYTES);
        names->count++;
    }
    names->list[i].node = effect->node;
    return before;
}

int sim_change_apply(struct sim *sim, const struct sim_change *change)
{
    struct sim_change *log =
        sim_grow(sim->log, sim->log_count, &sim->log_capacity, sizeof(*sim->log));
    if (log == NULL)
        return -ENOMEM;
    sim->log = log;
    sim->log[sim->log_count++] = *change;
    bool memory_short = false;
    for (unsigned i = 0; i < change->count; i++) {
        const struct sim_effect *effect = &change->effects[i];
        uint32_t before = put_name(&sim->nodes[effect->folder]->names, effect, &memory_short);
        if (effect->node != SIM_NODE_NONE)
            sim->nodes[effect->node]->links++;
        if (before != SIM_NODE_NONE && --sim->nodes[before]->links == 0)
            sim_node_release(sim, sim->nodes[before], 0);
    }
    return memory_short ? -ENOMEM : 0;
}

void sim_change_survives(struct sim *sim, const struct sim_change *change)
{
    bool memory_short = false;
    for (unsigned i = 0; i < change->count; i++)
        (void)put_name(&sim->nodes[change->effects[i].folder]->synced_names, &change->effects[i],
                       &memory_short);
    assert(!memory_short); /* a test without memory has nothing to say */
}

static bool change_touches(const struct sim_change *change, uint32_t folder)
{
    for (unsigned i = 0; i < change->count; i++) {
        if (change->effects[i].folder == folder)
            return true;
    }
    return false;
}

void sim_folder_sync(struct sim *sim, uint32_t folder)
{
    size_t kept = 0;
    for (size_t i = 0; i < sim->log_count; i++) {
        if (change_touches(&sim->log[i], folder))
            sim_change_survives(sim, &sim->log[i]);
        else
            sim->log[kept++] = sim->log[i];
    }
    sim->log_count = kept;
}
