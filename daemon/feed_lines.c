/*
 * One line at a time, out of segments of which the latest asked for stay open.
 */
#include "daemon/feed_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/segment.h"

#define PATH_BYTES 4096u

struct file {
    uint64_t segment;
    int fd; /* + 1; 0: not open */
};

struct feed_lines {
    int folder_fd;
    struct file files[FEED_LINES_FILES_MAX];
    char line[RECORD_LINE_BYTES_MAX + JSON_SLACK_BYTES];
};

int feed_lines_open(const char *ledger, struct feed_lines **ret_lines)
{
    char path[PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/feed", ledger) >= (int)sizeof path)
        return -ENAMETOOLONG;
    struct feed_lines *lines = calloc(1, sizeof *lines);
    if (lines == NULL)
        return -ENOMEM;
    lines->folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lines->folder_fd == -1) {
        int error = -errno;
        free(lines);
        return error;
    }
    *ret_lines = lines;
    return 0;
}

/* The segment's file. Its fd or -errno. */
static int open_file(struct feed_lines *lines, uint64_t segment)
{
    char name[SEGMENT_NAME_BYTES];
    struct file *file = &lines->files[segment % FEED_LINES_FILES_MAX];
    if (file->fd > 0 && file->segment == segment)
        return file->fd - 1;
    if (file->fd > 0)
        (void)close(file->fd - 1); /* only read from */
    file->fd = 0;
    segment_name(segment, SEGMENT_LINES, name);
    int fd = openat(lines->folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd == -1)
        return errno == ENOENT ? -ESTALE : -errno;
    *file = (struct file){segment, fd + 1};
    return fd;
}

int feed_lines_at(struct feed_lines *lines, const struct line_place *place, const char **ret_line)
{
    struct record_head head;
    enum record_kind kind;
    size_t done = 0;
    if (place->len >= RECORD_LINE_BYTES_MAX)
        return -ESTALE;
    int fd = open_file(lines, place->segment);
    if (fd < 0)
        return fd;
    while (done < place->len) {
        ssize_t now =
            pread(fd, lines->line + done, place->len - done, (off_t)(place->offset + done));
        if (now == -1 && errno == EINTR)
            continue;
        if (now == -1)
            return -errno;
        if (now == 0)
            return -ESTALE;
        done += (size_t)now;
    }
    memset(lines->line + done, 0, JSON_SLACK_BYTES);
    if (record_decode_head(lines->line, place->len, &head, &kind) < 0 || head.seq != place->seq)
        return -ESTALE;
    *ret_line = lines->line;
    return 0;
}

struct feed_lines *feed_lines_close(struct feed_lines *lines)
{
    if (lines == NULL)
        return NULL;
    for (size_t i = 0; i < FEED_LINES_FILES_MAX; i++)
        if (lines->files[i].fd > 0)
            (void)close(lines->files[i].fd - 1); /* only read from */
    (void)close(lines->folder_fd);               /* only read from */
    free(lines);
    return NULL;
}
