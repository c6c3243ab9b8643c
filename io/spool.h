/*
 * A spool folder: whoever has a file for it writes that elsewhere on the same disk, or here under a
 * name that begins with a dot or ends in .tmp or .part, and renames it when all of it is there. It
 * is read once and then moved below the folder, to done/ or failed/, or removed. Knows names, files
 * and moves; no line.
 */
#ifndef IO_SPOOL_H
#define IO_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPOOL_NAME_BYTES_MAX 255u
#define SPOOL_NAMES_MAX      1024u /* of one listing: those that are left come with the next */
#define SPOOL_PASSED_MAX     64u   /* files that are passed over */

/* A file of the folder: that inode, whatever its name is by now. */
struct spool_file {
    int fd; /* for reading, the caller's; -1: it cannot be read */
    char name[SPOOL_NAME_BYTES_MAX + 1];
    uint64_t inode, bytes;
    int64_t written_ns; /* its mtime */
};

struct spool;

/* Whether it can be a spool; makes nothing. 0; -errno of the folder, or of done/ or failed/ in it
   when they are there: -ENOTDIR (a link, too), -EXDEV (on another disk), -EACCES. */
int spool_check(const char *folder);

/* Takes the folder, which is borrowed for the life of the spool, and makes done/ and failed/ in it
   where they are missing. 0; -ENOMEM; -errno of spool_check or of inotify (-EMFILE). */
int spool_open(const char *folder, struct spool **ret_spool);

/* Looks whether the kernel has told of a file that came: then, or when anyway is true, as not every
   file system tells, spool_next lists the folder again once it is at the end of its names. */
void spool_look(struct spool *spool, bool anyway);

/* The next file, by the order of names. 1: *ret_file is open. 0: none is there. -EBADMSG: this one
   cannot be read, and *reterr_why, static, says so: a symbolic link, a FIFO, a file without
   permission, one whose disk fails. Another -errno, of listing or looking: it will be met again,
   and holds up none behind it but when the process is short of memory or descriptors. Folders, and
   the names done and failed, are passed over. Never waits for a writer. */
int spool_next(struct spool *spool, struct spool_file *ret_file, const char **reterr_why);

/* It is no longer as it was opened: somebody wrote to it meanwhile. */
bool spool_changed(const struct spool_file *file);

enum spool_fate { SPOOL_DONE = 0, SPOOL_FAILED, SPOOL_REMOVED };

/* Moves it to where it belongs; where its name is taken, .1, .2 ... are put behind it. 0 and the
   new name, "" of one that was removed; -ESTALE: it has vanished, or another file has its name now,
   which stays in the folder, or else is the one of the new name that is not ""; -errno of moving:
   it is where it was, or its removal failed. done/ and failed/ are made anew when missing. */
int spool_settle(struct spool *spool, const struct spool_file *file, enum spool_fate fate,
                 char ret_name[SPOOL_NAME_BYTES_MAX + 1]);

/* This file, as long as it is in the folder and nobody writes to it, is not met again. False: as
   many are passed over as can be remembered. */
bool spool_pass_over(struct spool *spool, const struct spool_file *file);

/* How many names of the latest listing were not met yet, at most SPOOL_NAMES_MAX; and how many
   files are passed over. */
size_t spool_waiting(const struct spool *spool);
size_t spool_passed(const struct spool *spool);

/* Frees. NULL is fine. Returns NULL. */
struct spool *spool_close(struct spool *spool);

#endif
