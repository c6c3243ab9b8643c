/*
 * Reading checkpoints.log. Knows where entries end, not what is in them.
 */
#include "daemon/ctl/logged_entries.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/folder.h"
#include "daemon/ledger/checkpoint.h"

#define ROOM_BYTES (2u * NOTE_BYTES_MAX) /* holds a whole entry */

static int open_log(struct logged_entries *entries)
{
    int fd = folder_open_file(entries->folder_fd, "checkpoints.log", &entries->size);

    entries->fd = fd < 0 ? -2 : fd;
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    entries->bytes = malloc(ROOM_BYTES);
    return entries->bytes == NULL ? -ENOMEM : 0;
}

void logged_entries_begin(struct logged_entries *ret_entries, int folder_fd)
{
    *ret_entries = (struct logged_entries){.folder_fd = folder_fd, .fd = -1};
}

int logged_entries_next(struct logged_entries *entries, const char **ret_bytes, size_t *ret_len)
{
    size_t step;

    if (entries->fd == -1) {
        int error = open_log(entries);
        if (error < 0)
            return error;
    }
    if (entries->fd == -2)
        return 0;
    while (!checkpoint_log_next(entries->bytes + entries->begin, entries->len, ret_len, &step)) {
        memmove(entries->bytes, entries->bytes + entries->begin, entries->len);
        entries->begin = 0;
        uint64_t left = entries->size - entries->offset;
        size_t want = ROOM_BYTES - entries->len;
        want = left < want ? (size_t)left : want;
        if (want == 0) /* what is left is no whole entry */
            return logged_entries_tail(entries) > CHECKPOINT_TORN_BYTES_MAX ? -EBADMSG : 0;
        ssize_t done =
            folder_read_at(entries->fd, entries->bytes + entries->len, want, entries->offset);
        if (done <= 0)
            return (int)done;
        entries->len += (size_t)done;
        entries->offset += (uint64_t)done;
    }
    *ret_bytes = entries->bytes + entries->begin;
    entries->begin += step;
    entries->len -= step;
    return 1;
}

uint64_t logged_entries_tail(const struct logged_entries *entries)
{
    return entries->len + (entries->size - entries->offset);
}

void logged_entries_end(struct logged_entries *entries)
{
    if (entries->fd >= 0)
        (void)close(entries->fd); /* only read from */
    free(entries->bytes);
}
