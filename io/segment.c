/*
 * Files of a journal. Every change of more than one call is a list of steps that can be begun again
 * after a failure or a crash at any of them; nothing is ever unlinked.
 */
#include "io/segment.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/whole.h"

#define TORN_NEW         "new" /* in torn/: the copy that is being made */
#define SEGMENT_DIGITS   20u
#define SEGMENT_LINK     "current"
#define SEGMENT_LINK_NEW "current.new"

void segment_name(uint64_t first, const char *suffix, char ret_name[SEGMENT_NAME_BYTES])
{
    int len =
        snprintf(ret_name, SEGMENT_NAME_BYTES, "%020llu%s", (unsigned long long)first, suffix);
    assert(len > 0);
    assert(len < (int)SEGMENT_NAME_BYTES);
}

bool segment_parse(const char *name, const char *suffix, uint64_t *ret_first)
{
    uint64_t first = 0;

    if (strlen(name) < SEGMENT_DIGITS || strcmp(name + SEGMENT_DIGITS, suffix) != 0)
        return false;
    for (unsigned i = 0; i < SEGMENT_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(name[i] - '0');
        if (first > (UINT64_MAX - digit) / 10)
            return false;
        first = first * 10 + digit;
    }
    if (first > SEGMENT_FIRST_MAX)
        return false;
    *ret_first = first;
    return true;
}

int segment_folder(struct backend *backend, int dir_fd, const char *name)
{
    int error = backend->ops->mkdir(backend, dir_fd, name, 0750);

    if (error < 0 && error != -EEXIST)
        return error;
    /* Synced also when it was there: a crash may have come between its making and this. */
    error = whole_sync(backend, dir_fd);
    if (error < 0)
        return error;
    return backend->ops->open(backend, dir_fd, name, O_RDONLY | O_DIRECTORY, 0);
}

struct segment_listing {
    const char *suffix;
    uint64_t *firsts;
    size_t count, room;
};

static int list_one(void *context, const char *entry)
{
    struct segment_listing *listing = context;
    uint64_t first;

    if (!segment_parse(entry, listing->suffix, &first))
        return 0;
    if (listing->count == SEGMENTS_MAX)
        return -EOVERFLOW;
    if (listing->count == listing->room) {
        size_t room = listing->room == 0 ? 64 : listing->room * 2;
        uint64_t *firsts = realloc(listing->firsts, room * sizeof(*firsts));
        if (firsts == NULL)
            return -ENOMEM;
        listing->firsts = firsts;
        listing->room = room;
    }
    listing->firsts[listing->count++] = first;
    return 0;
}

static int compare_firsts(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

int segment_list(struct backend *backend, int folder_fd, const char *suffix, uint64_t **ret_firsts,
                 size_t *ret_count)
{
    struct segment_listing listing = {.suffix = suffix};
    int error = backend->ops->list(backend, folder_fd, list_one, &listing);

    if (error < 0) {
        free(listing.firsts);
        return error;
    }
    if (listing.count > 0)
        qsort(listing.firsts, listing.count, sizeof(*listing.firsts), compare_firsts);
    *ret_firsts = listing.firsts;
    *ret_count = listing.count;
    return 0;
}

int segment_open(struct backend *backend, int folder_fd, const char *suffix, uint64_t first,
                 bool create)
{
    char name[SEGMENT_NAME_BYTES];

    segment_name(first, suffix, name);
    int fd = backend->ops->open(backend, folder_fd, name, O_RDWR | (create ? O_CREAT : 0), 0640);
    if (fd < 0 || !create)
        return fd;
    int64_t size = backend->ops->size(backend, fd);
    int error = size < 0 ? (int)size : size > 0 ? -EEXIST : 0;
    if (error == 0)
        error = whole_sync(backend, fd);
    if (error == 0)
        error = whole_sync(backend, folder_fd);
    if (error < 0) {
        (void)backend->ops->close_fd(backend, fd); /* the first error is the one to tell */
        return error;
    }
    return fd;
}

int segment_point(struct backend *backend, int folder_fd, const char *suffix, uint64_t first)
{
    char name[SEGMENT_NAME_BYTES];

    segment_name(first, suffix, name);
    int error = backend->ops->symlink(backend, folder_fd, name, SEGMENT_LINK_NEW);
    if (error == -EEXIST) {
        /* Left by a crash; nothing is unlinked, so it takes its place for a moment. */
        error = backend->ops->rename(backend, folder_fd, SEGMENT_LINK_NEW, SEGMENT_LINK);
        if (error == 0)
            error = backend->ops->symlink(backend, folder_fd, name, SEGMENT_LINK_NEW);
    }
    if (error == 0)
        error = backend->ops->rename(backend, folder_fd, SEGMENT_LINK_NEW, SEGMENT_LINK);
    if (error == 0)
        error = whole_sync(backend, folder_fd);
    return error;
}

int segment_open_read(struct backend *backend, int folder_fd, const char *suffix, uint64_t first,
                      bool *direct)
{
    char name[SEGMENT_NAME_BYTES];
    int fd = -EINVAL;

    segment_name(first, suffix, name);
    if (*direct)
        fd = backend->ops->open(backend, folder_fd, name, O_RDONLY | O_DIRECT, 0);
    if (fd != -EINVAL && fd != -EOPNOTSUPP)
        return fd;
    *direct = false;
    return backend->ops->open(backend, folder_fd, name, O_RDONLY, 0);
}

void segment_torn_name(const struct segment_tail *tail, unsigned turn,
                       char ret_name[SEGMENT_TORN_BYTES])
{
    int len = snprintf(ret_name, SEGMENT_TORN_BYTES, "%s.%020llu.%llu.%u", tail->journal,
                       (unsigned long long)tail->first, (unsigned long long)tail->end, turn);
    assert(len > 0);
    assert(len < (int)SEGMENT_TORN_BYTES);
}

/* Reads exactly len bytes. 0, -ENODATA when the file is shorter, -errno. */
static int read_all(struct backend *backend, int fd, char *bytes, size_t len, uint64_t offset)
{
    ssize_t done = whole_read(backend, fd, bytes, len, offset);

    return done < 0 ? (int)done : (size_t)done < len ? -ENODATA : 0;
}

struct tail_copy {
    struct backend *backend;
    int from_fd, to_fd;
    uint64_t begin; /* in from */
    uint64_t len;
    char *scratch;
    size_t half;
};

/* Whether to_fd holds the first `len` bytes of the tail. 1, 0 or -errno. */
static int same_bytes(const struct tail_copy *copy, uint64_t len)
{
    for (uint64_t at = 0; at < len;) {
        size_t step = len - at < copy->half ? (size_t)(len - at) : copy->half;
        int error = read_all(copy->backend, copy->from_fd, copy->scratch, step, copy->begin + at);
        if (error == 0)
            error = read_all(copy->backend, copy->to_fd, copy->scratch + copy->half, step, at);
        if (error < 0)
            return error;
        if (memcmp(copy->scratch, copy->scratch + copy->half, step) != 0)
            return 0;
        at += step;
    }
    return 1;
}

/* Writes the tail over to_fd, which is empty, and makes it durable. 0 or -errno. */
static int copy_bytes(const struct tail_copy *copy)
{
    for (uint64_t at = 0; at < copy->len;) {
        size_t step = copy->len - at < copy->half ? (size_t)(copy->len - at) : copy->half;
        int error = read_all(copy->backend, copy->from_fd, copy->scratch, step, copy->begin + at);
        if (error == 0)
            error = whole_write(copy->backend, copy->to_fd, copy->scratch, step, at);
        if (error < 0)
            return error;
        at += step;
    }
    return whole_sync(copy->backend, copy->to_fd);
}

/* Whether the file of this name is the tail. 1; 0: it is another; -ENOENT; -errno. */
static int is_copy(struct tail_copy *copy, int torn_fd, const char *name)
{
    struct backend *backend = copy->backend;
    copy->to_fd = backend->ops->open(backend, torn_fd, name, O_RDWR, 0);
    if (copy->to_fd < 0)
        return copy->to_fd;
    int64_t there = backend->ops->size(backend, copy->to_fd);
    int same = there < 0                      ? (int)there
               : (uint64_t)there != copy->len ? 0
                                              : same_bytes(copy, copy->len);
    if (same > 0) {
        int error = whole_sync(backend, copy->to_fd);
        same = error < 0 ? error : same;
    }
    (void)backend->ops->close_fd(backend, copy->to_fd); /* it is synced, or same says why not */
    return same;
}

/* Makes the copy under a name of its own first: what has the other one is whole for ever. */
static int make_copy(struct tail_copy *copy, int torn_fd, const char *name)
{
    struct backend *backend = copy->backend;
    copy->to_fd = backend->ops->open(backend, torn_fd, TORN_NEW, O_RDWR | O_CREAT | O_TRUNC, 0640);
    if (copy->to_fd < 0)
        return copy->to_fd;
    int error = copy_bytes(copy);
    (void)backend->ops->close_fd(backend, copy->to_fd); /* it is synced, or the error is told */
    return error < 0 ? error : backend->ops->rename(backend, torn_fd, TORN_NEW, name);
}

int segment_copy_tail(struct backend *backend, int fd, int torn_fd, const struct segment_tail *tail,
                      void *scratch, size_t scratch_bytes)
{
    struct tail_copy copy = {.backend = backend,
                             .from_fd = fd,
                             .begin = tail->end,
                             .scratch = scratch,
                             .half = scratch_bytes / 2};
    int64_t size = backend->ops->size(backend, fd);
    if (size < 0)
        return (int)size;
    assert((uint64_t)size >= tail->end);
    copy.len = (uint64_t)size - tail->end;

    for (unsigned turn = 0; turn < SEGMENT_TURNS_MAX; turn++) {
        char name[SEGMENT_TORN_BYTES];
        segment_torn_name(tail, turn, name);
        int done = is_copy(&copy, torn_fd, name);
        if (done == -ENOENT) {
            done = make_copy(&copy, torn_fd, name);
            done = done < 0 ? done : 1;
        }
        if (done > 0)
            done = whole_sync(backend, torn_fd);
        else if (done == 0)
            continue;
        return done < 0 ? done : (int)turn;
    }
    return -EEXIST;
}
