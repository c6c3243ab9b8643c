/* Paths and synchronous calls on names of the sim; knows no crash. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "io/backend_sim_impl.h"

#define SIM_LINKS_FOLLOWED_MAX 8u
#define SIM_PATH_BYTES_MAX     4096u

/* Where a path leads: its last name, the folder that holds (or would hold) it, and the node. */
struct sim_place {
    uint32_t folder;
    uint32_t node; /* SIM_NODE_NONE: there is none */
    char name[SIM_NAME_BYTES];
};

static int start_folder(struct sim *sim, int dir_fd, uint32_t *ret_folder)
{
    if (dir_fd == AT_FDCWD) {
        *ret_folder = SIM_ROOT;
        return 0;
    }
    const struct sim_fd *fd = sim_fd_find(sim, dir_fd, SIM_FD_NODE);
    if (fd == NULL)
        return -EBADF;
    if (sim->nodes[fd->node]->type != SIM_FOLDER)
        return -ENOTDIR;
    *ret_folder = fd->node;
    return 0;
}

/* Cuts the next name off a path: its length, 0 at the end, -ENAMETOOLONG. */
static int next_name(const char **path, char *ret_name)
{
    while (**path == '/')
        (*path)++;
    size_t len = strcspn(*path, "/");
    if (len >= SIM_NAME_BYTES)
        return -ENAMETOOLONG;
    memset(ret_name, 0, SIM_NAME_BYTES);
    memcpy(ret_name, *path, len);
    *path += len;
    return (int)len;
}

/* One step of a walk: place->name within place->folder. */
static uint32_t step(const struct sim *sim, const struct sim_place *place)
{
    if (strcmp(place->name, ".") == 0)
        return place->folder;
    if (strcmp(place->name, "..") == 0)
        return sim->nodes[place->folder]->parent;
    return sim_folder_find(sim, place->folder, place->name);
}

/* Walks without following a link at the end of the path. */
static int walk_plainly(struct sim *sim, uint32_t folder, const char *path,
                        struct sim_place *ret_place)
{
    struct sim_place place = {.folder = path[0] == '/' ? SIM_ROOT : folder};
    place.node = place.folder;
    for (;;) {
        char name[SIM_NAME_BYTES];
        int len = next_name(&path, name);
        if (len < 0)
            return len;
        if (len == 0)
            break;
        if (place.node == SIM_NODE_NONE)
            return -ENOENT;
        if (sim->nodes[place.node]->type != SIM_FOLDER)
            return -ENOTDIR;
        place.folder = place.node;
        memcpy(place.name, name, sizeof(place.name));
        place.node = step(sim, &place);
    }
    *ret_place = place;
    return 0;
}

static int walk(struct sim *sim, int dir_fd, const char *path, bool follow,
                struct sim_place *ret_place)
{
    uint32_t folder = SIM_ROOT;
    if (path[0] == '\0')
        return -ENOENT;
    if (strnlen(path, SIM_PATH_BYTES_MAX) == SIM_PATH_BYTES_MAX)
        return -ENAMETOOLONG;
    int rc = start_folder(sim, dir_fd, &folder);
    for (unsigned i = 0; rc == 0 && i < SIM_LINKS_FOLLOWED_MAX; i++) {
        rc = walk_plainly(sim, folder, path, ret_place);
        if (rc < 0 || !follow || ret_place->node == SIM_NODE_NONE ||
            sim->nodes[ret_place->node]->type != SIM_LINK)
            return rc;
        folder = ret_place->folder;
        path = (const char *)sim->nodes[ret_place->node]->live;
    }
    return rc < 0 ? rc : -ELOOP;
}

static int make_at(struct sim *sim, const struct sim_place *place, enum sim_node_type type,
                   uint32_t *ret_node)
{
    uint32_t node = sim_node_make(sim, type, place->folder);
    if (node == SIM_NODE_NONE)
        return -ENOMEM;
    struct sim_change change = {.count = 1};
    change.effects[0].folder = place->folder;
    change.effects[0].node = node;
    memcpy(change.effects[0].name, place->name, SIM_NAME_BYTES);
    *ret_node = node;
    return sim_change_apply(sim, &change);
}

int sim_open(struct backend *backend, int dir_fd, const char *path, int flags, mode_t mode)
{
    (void)mode; /* there are no users here */
    struct sim *sim = sim_of(backend);
    struct sim_place place;
    int rc = 0;
    sim_note_bytes(sim, path, strlen(path));
    if (sim_faulty(sim, BACKEND_SIM_OPEN, &rc))
        return rc;
    rc = walk(sim, dir_fd, path, (flags & O_NOFOLLOW) == 0, &place);
    if (rc < 0)
        return rc;
    if (place.node == SIM_NODE_NONE) {
        if ((flags & O_CREAT) == 0)
            return -ENOENT;
        rc = make_at(sim, &place, SIM_FILE, &place.node);
        if (rc < 0)
            return rc;
    } else if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) {
        return -EEXIST;
    }
    struct sim_node *node = sim->nodes[place.node];
    if (node->type == SIM_LINK)
        return -ELOOP;
    if ((flags & O_DIRECTORY) != 0 && node->type != SIM_FOLDER)
        return -ENOTDIR;
    if ((flags & O_ACCMODE) != O_RDONLY && node->type == SIM_FOLDER)
        return -EISDIR;
    if ((flags & O_TRUNC) != 0)
        rc = sim_node_truncate(sim, node, 0);
    if (rc < 0)
        return rc;
    int fd = sim_fd_make(sim, SIM_FD_NODE);
    if (fd < 0)
        return fd;
    struct sim_fd *entry = sim_fd_find(sim, fd, SIM_FD_NODE);
    entry->node = place.node;
    entry->flags = flags;
    sim_note(sim, BACKEND_SIM_OPEN, (uint64_t)fd, place.node);
    return fd;
}

int sim_close_fd(struct backend *backend, int fd)
{
    struct sim *sim = sim_of(backend);
    sim_note(sim, 100, (uint64_t)fd, 0);
    return sim_fd_close(sim, fd);
}

int sim_mkdir(struct backend *backend, int dir_fd, const char *path, mode_t mode)
{
    (void)mode; /* there are no users here */
    struct sim *sim = sim_of(backend);
    struct sim_place place;
    int rc = 0;
    sim_note_bytes(sim, path, strlen(path));
    if (sim_faulty(sim, BACKEND_SIM_MKDIR, &rc))
        return rc;
    rc = walk(sim, dir_fd, path, false, &place);
    if (rc < 0)
        return rc;
    if (place.node != SIM_NODE_NONE)
        return -EEXIST;
    return make_at(sim, &place, SIM_FOLDER, &place.node);
}

int sim_symlink(struct backend *backend, int dir_fd, const char *target, const char *path)
{
    struct sim *sim = sim_of(backend);
    struct sim_place place;
    int rc = 0;
    sim_note_bytes(sim, path, strlen(path));
    sim_note_bytes(sim, target, strlen(target));
    if (sim_faulty(sim, BACKEND_SIM_SYMLINK, &rc))
        return rc;
    if (target[0] == '\0')
        return -ENOENT;
    rc = walk(sim, dir_fd, path, false, &place);
    if (rc < 0)
        return rc;
    if (place.node != SIM_NODE_NONE)
        return -EEXIST;
    rc = make_at(sim, &place, SIM_LINK, &place.node);
    if (rc < 0)
        return rc;
    /* A link is as durable as its name. */
    struct sim_node *node = sim->nodes[place.node];
    int64_t written = sim_node_write(sim, node, target, strlen(target) + 1, 0);
    sim_node_sync(node);
    return written < 0 ? (int)written : 0;
}

/* What rename(2) refuses of replacing one node by another. */
static int may_replace(const struct sim *sim, uint32_t node, uint32_t victim)
{
    if (victim == SIM_NODE_NONE)
        return 0;
    bool folder = sim->nodes[node]->type == SIM_FOLDER;
    if (sim->nodes[victim]->type != SIM_FOLDER)
        return folder ? -ENOTDIR : 0;
    if (!folder)
        return -EISDIR;
    return sim->nodes[victim]->names.count > 0 ? -ENOTEMPTY : 0;
}

int sim_rename(struct backend *backend, int dir_fd, const char *from, const char *to)
{
    struct sim *sim = sim_of(backend);
    struct sim_place source;
    struct sim_place goal;
    int rc = 0;
    sim_note_bytes(sim, from, strlen(from));
    sim_note_bytes(sim, to, strlen(to));
    if (sim_faulty(sim, BACKEND_SIM_RENAME, &rc))
        return rc;
    rc = walk(sim, dir_fd, from, false, &source);
    if (rc < 0)
        return rc;
    rc = walk(sim, dir_fd, to, false, &goal);
    if (rc < 0)
        return rc;
    if (source.node == SIM_NODE_NONE)
        return -ENOENT;
    if (source.node == goal.node)
        return 0;
    rc = may_replace(sim, source.node, goal.node);
    if (rc < 0)
        return rc;
    struct sim_change change = {.count = 2};
    change.effects[0].folder = goal.folder;
    change.effects[0].node = source.node;
    memcpy(change.effects[0].name, goal.name, SIM_NAME_BYTES);
    change.effects[1].folder = source.folder;
    change.effects[1].node = SIM_NODE_NONE;
    memcpy(change.effects[1].name, source.name, SIM_NAME_BYTES);
    if (sim->nodes[source.node]->type == SIM_FOLDER)
        sim->nodes[source.node]->parent = goal.folder;
    return sim_change_apply(sim, &change);
}

int sim_unlink(struct backend *backend, int dir_fd, const char *path, int flags)
{
    struct sim *sim = sim_of(backend);
    struct sim_place place;
    bool folder = (flags & AT_REMOVEDIR) != 0;
    int rc = 0;
    sim_note_bytes(sim, path, strlen(path));
    if (sim_faulty(sim, BACKEND_SIM_UNLINK, &rc))
        return rc;
    rc = walk(sim, dir_fd, path, false, &place);
    if (rc < 0)
        return rc;
    if (place.node == SIM_NODE_NONE)
        return -ENOENT;
    if ((sim->nodes[place.node]->type == SIM_FOLDER) != folder)
        return folder ? -ENOTDIR : -EISDIR;
    if (sim->nodes[place.node]->names.count > 0)
        return -ENOTEMPTY;
    struct sim_change change = {.count = 1};
    change.effects[0].folder = place.folder;
    change.effects[0].node = SIM_NODE_NONE;
    memcpy(change.effects[0].name, place.name, SIM_NAME_BYTES);
    return sim_change_apply(sim, &change);
}

int sim_list(struct backend *backend, int dir_fd, int (*name)(void *context, const char *entry),
             void *context)
{
    struct sim *sim = sim_of(backend);
    uint32_t folder = SIM_ROOT;
    int rc = 0;
    if (sim_faulty(sim, BACKEND_SIM_LIST, &rc))
        return rc;
    rc = start_folder(sim, dir_fd, &folder);
    const struct sim_names *names = &sim->nodes[folder]->names;
    size_t count = rc < 0 ? 0 : names->count;
    if (count == 0)
        return rc;
    /* A copy: the callback may change the folder. */
    struct sim_name *list = calloc(count, sizeof(*list));
    if (list == NULL)
        return -ENOMEM;
    memcpy(list, names->list, count * sizeof(*list));
    size_t first = (size_t)sim_below(sim, count); /* in no order */
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = name(context, list[(first + i) % count].name);
    free(list);
    return rc;
}
