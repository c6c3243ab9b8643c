/*
 * The folder that a bundle is written to: under another name until it is whole and on the disk.
 */
#ifndef DAEMON_CTL_BUNDLE_OUT_H
#define DAEMON_CTL_BUNDLE_OUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "daemon/digest.h"

#define BUNDLE_PATH_BYTES 4096u

struct bundle_out {
    const char *path;               /* of the bundle, borrowed; it is there after publish */
    char beside[BUNDLE_PATH_BYTES]; /* while it is written */
    int fd;                         /* of that folder; -1: there is none */
    int error;                      /* the first that failed: 0 or -errno */
    char failed[BUNDLE_PATH_BYTES]; /* the file that it was */
};

/* Makes the folder beside. 0; -EEXIST: the bundle is there; -EBUSY: an unfinished one is; -errno.
   path lives as long as ret_out. */
int bundle_out_open(struct bundle_out *ret_out, const char *path);

/* Begins a file below it, with the folders above it; NULL after an error, which is kept. To be
   ended by bundle_out_end, also when another file has failed. */
FILE *bundle_out_begin(struct bundle_out *out, const char *path);

/* Ends a file; NULL is fine. An error is kept. */
void bundle_out_end(struct bundle_out *out, const char *path, FILE *file);

/* A whole file. An error is kept. */
void bundle_out_write(struct bundle_out *out, const char *path, const void *bytes, size_t len);

/* A copy of a file below another folder. A file that cannot be read is an error of its own: -errno;
   one of writing is kept. */
int bundle_out_copy(struct bundle_out *out, const char *path, int from_fd, const char *from);

/* Writes manifest.json (path, bytes and SHA-256 of every file but itself and manifest.sha256,
   sorted by path) and manifest.sha256 (of every file but itself, for sha256sum -c), puts all on
   the disk and gives the folder its name. ret_sha256 is that of manifest.sha256, which is over
   everything. 0; -EEXIST: something has that name by now; -errno. */
int bundle_out_publish(struct bundle_out *out, uint8_t ret_sha256[DIGEST_BYTES]);

/* Removes what is unfinished and closes. After bundle_out_publish it only closes. */
void bundle_out_close(struct bundle_out *out);

#endif
