/*
 * A small file that is there whole or not at all: written beside, synced, renamed, and its folder
 * synced. Knows no content.
 */
#ifndef IO_WHOLE_H
#define IO_WHOLE_H

#include "io/backend.h"

/* Writes len bytes to the file tmp of the folder, made with this mode and emptied, and gives it the
   name; durable under it when this returns. Blocks; synchronous calls only. On an error what stood
   under name before still does, or the new bytes do; tmp may be left. 0 or -errno; an error of a
   sync is final, as for any file (backend.h). */
int whole_put(struct backend *backend, int dir_fd, const char *tmp, const char *name, mode_t mode,
              const void *bytes, size_t len);

#endif
