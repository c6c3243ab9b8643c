/*
 * The files of a journal: their names, making a new one so that a crash leaves the folder usable,
 * reading past the page cache, and setting a torn tail aside. Knows no batch and no record.
 */
#ifndef IO_SEGMENT_H
#define IO_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/backend.h"

#define SEGMENT_NAME_BYTES  27u      /* 20 digits, a suffix and NUL */
#define SEGMENT_LINES       ".jsonl" /* the suffix of segments that hold lines */
#define SEGMENT_TORN_BYTES  128u     /* name of a torn tail, with NUL */
#define SEGMENT_ALIGN_BYTES 4096u    /* of buffers and offsets of direct reads */
#define SEGMENTS_MAX        1000000u
#define SEGMENT_FIRST_MAX   (UINT64_C(1) << 62)
#define SEGMENT_TURNS_MAX   1000u /* different torn tails of one place */

/* The name of the segment that begins with number first; a suffix has 6 bytes at most. */
void segment_name(uint64_t first, const char *suffix, char ret_name[SEGMENT_NAME_BYTES]);

/* Whether name is exactly what segment_name writes, of a number that can be reached by counting. */
bool segment_parse(const char *name, const char *suffix, uint64_t *ret_first);

/* Makes (0750) and opens a folder below dir_fd; a new one is durable in dir_fd. Its fd or -errno.
 */
int segment_folder(struct backend *backend, int dir_fd, const char *name);

/* Lists the numbers of the segments in a folder, ascending. 0 and an array that the caller frees;
   -errno; -EOVERFLOW past SEGMENTS_MAX. */
int segment_list(struct backend *backend, int folder_fd, const char *suffix, uint64_t **ret_firsts,
                 size_t *ret_count);

/* Opens a segment for writing; with create, an absent or empty one is made durable in its folder,
   and one that is not empty is -EEXIST. Can be called again after any failure. Its fd or -errno. */
int segment_open(struct backend *backend, int folder_fd, const char *suffix, uint64_t first,
                 bool create);

/* Points the symbolic link "current" at the segment, in one step and durably. 0 or -errno; can be
   called again after any failure. */
int segment_point(struct backend *backend, int folder_fd, const char *suffix, uint64_t first);

/* Opens a segment for reading, with *direct past the page cache: after a failed sync the cache may
   show what the disk does not hold. Its fd or -errno. *direct becomes false where the file system
   cannot; else offset, length and memory of reads must be multiples of SEGMENT_ALIGN_BYTES. */
int segment_open_read(struct backend *backend, int folder_fd, const char *suffix, uint64_t first,
                      bool *direct);

/* A tail that is set aside: what segment_torn_name names. */
struct segment_tail {
    const char *journal;
    uint64_t first; /* of the segment */
    uint64_t end;   /* where the tail begins: the segment's valid end */
};

/* The name of the turn-th different tail that was set aside from this place. */
void segment_torn_name(const struct segment_tail *tail, unsigned turn,
                       char ret_name[SEGMENT_TORN_BYTES]);

/* Copies the bytes from tail->end on of fd into a file of torn_fd and makes it durable there,
   unless it is there already. A file that has its name is never changed again, as a record may name
   it: a longer tail from the same place gets another one. The turn that its name has, or -errno.
   scratch is room to compare in. */
int segment_copy_tail(struct backend *backend, int fd, int torn_fd, const struct segment_tail *tail,
                      void *scratch, size_t scratch_bytes);

#endif
