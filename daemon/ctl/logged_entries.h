/*
 * The entries of a ledger's checkpoints.log, one after the other. Changes nothing and takes no
 * lock.
 */
#ifndef DAEMON_CTL_LOGGED_ENTRIES_H
#define DAEMON_CTL_LOGGED_ENTRIES_H

#include <stddef.h>
#include <stdint.h>

struct logged_entries {
    int folder_fd; /* the ledger's; borrowed */
    int fd;        /* -1: not opened yet, -2: there is none */
    uint64_t size, offset;
    size_t begin, len;
    char *bytes;
};

/* Only sets the fields. */
void logged_entries_begin(struct logged_entries *ret_entries, int folder_fd);

/* The next entry, borrowed until the next call; the first call fixes how far the file is read.
   1; 0: no more that is whole; -EBADMSG: what is left is no entry, and longer than a crash can
   leave it; -errno. */
int logged_entries_next(struct logged_entries *entries, const char **ret_bytes, size_t *ret_len);

/* Bytes that have not been given out, as no entry ends in them: after a call that gave none. */
uint64_t logged_entries_tail(const struct logged_entries *entries);

/* Frees what the calls have opened. */
void logged_entries_end(struct logged_entries *entries);

#endif
