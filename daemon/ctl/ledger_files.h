/*
 * The files of a ledger, or of an exported tree, as verify and export read them. Changes nothing
 * and takes no lock: a daemon may be writing.
 */
#ifndef DAEMON_CTL_LEDGER_FILES_H
#define DAEMON_CTL_LEDGER_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/verify.h"

struct ledger_files;

/* Opens the folder: a ledger when it has feed/, a tree when it has tile/entries/. 0; -ENOENT: it is
   neither; -errno. */
int ledger_files_open(const char *path, struct ledger_files **ret_files);

/* Whether it has a feed. */
bool ledger_files_has_feed(const struct ledger_files *files);

/* How many bytes a chunk of it may have. */
size_t ledger_files_room(const struct ledger_files *files);

/* Reads files for verify_begin and the rest; lives as long as files. */
struct verify_reader ledger_files_reader(struct ledger_files *files);

/* Fixes what is read from here on, which is everything that is durable now: to be called after
   verify_begin, so that no checkpoint is newer than the records. tree_size is the signed size of a
   ledger or a tree; UINT64_MAX: nothing is signed, and all of a tree's bundles are read. 0 or
   -errno. */
int ledger_files_begin(struct ledger_files *files, uint64_t tree_size);

/* Fills the next chunk, in its room; whether its shapes are checked is for the caller to say.
   1; 0: there are no more; -ENOENT: the bundle
   that comes next is missing, its name is in ret_file; -EBADMSG: it, or the segment, is no file;
   -errno, of that file. */
int ledger_files_next(struct ledger_files *files, char *room, struct verify_chunk *chunk,
                      char ret_file[VERIFY_FILE_BYTES]);

/* The number of the segment that holds seq. */
uint64_t ledger_files_segment_of(const struct ledger_files *files, uint64_t seq);

/* What there is: segments of the feed, bytes in all, bytes at the end that are not durable records,
   how many records are said to be durable (0: not known), and bytes behind the last entry of
   checkpoints.log. durable_behind: state/durable names fewer records than are signed, and was not
   believed; all whole lines are read. */
struct ledger_files_sizes {
    uint64_t segments, bytes, tail_bytes, durable_records, log_tail_bytes;
    bool durable_behind;
};

/* As far as has been read. */
struct ledger_files_sizes ledger_files_sizes(const struct ledger_files *files);

/* How many records are durable by now, beside a daemon that writes; 0: not known. */
uint64_t ledger_files_durable_now(const struct ledger_files *files);

/* Frees. NULL is fine. Returns NULL. */
struct ledger_files *ledger_files_close(struct ledger_files *files);

#endif
