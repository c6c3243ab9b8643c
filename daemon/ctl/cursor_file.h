/*
 * A file that keeps a cursor from one run to the next.
 */
#ifndef DAEMON_CTL_CURSOR_FILE_H
#define DAEMON_CTL_CURSOR_FILE_H

#include "daemon/ctl/cursor.h"
#include "daemon/ctl/folder.h"

struct cursor_file {
    int folder_fd; /* below 0: not open */
    char name[FOLDER_NAME_BYTES_MAX + 1];
};

/* Opens the folder, so that it is known at once whether the file can be kept there. 0; -EISDIR: the
   path ends in a slash; -ENAMETOOLONG; -errno. */
int cursor_file_open(const char *path, struct cursor_file *ret_file);

/* 1; 0: the file is not there, or empty; -EINVAL: it holds no cursor; -errno. */
int cursor_file_read(const struct cursor_file *file, struct cursor *ret_cursor);

/* Replaces it as a whole, durably. 0 or -errno. */
int cursor_file_write(const struct cursor_file *file, const struct cursor *cursor);

/* Gives the folder back; one that is not open is fine. */
void cursor_file_close(struct cursor_file *file);

#endif
