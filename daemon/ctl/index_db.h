/*
 * The index's tables, in SQLite: which records are under which key, and where their lines stand.
 * Derived from the feed; may be thrown away at any time. Knows no event.
 *
 *   posting(owner, seq, segment, offset, len)  a record under a key
 *   registered(owner, at)                      the earliest date of a registration of a listing
 *   orphan(owner)                              listings with support before they were registered
 *   meta(name, value)                          version, end, ...
 *
 * The tables are in one of two schemas: main, the file; temp, in memory, for what it does not
 * reach.
 */
#ifndef DAEMON_CTL_INDEX_DB_H
#define DAEMON_CTL_INDEX_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/feed_lines.h"

#define INDEX_VERSION 4

struct index_db;

struct index_posting {
    int64_t owner;
    struct line_place place;
};

enum index_meta {
    INDEX_META_VERSION = 0,
    INDEX_META_END,       /* seq after the last record that is in it */
    INDEX_META_FIRST_SUM, /* of the first line, and of the last that is in it */
    INDEX_META_LAST_SUM,
    INDEX_META_LAST_SEGMENT,
    INDEX_META_LAST_OFFSET,
    INDEX_META_LAST_LEN,
    INDEX_META_UNSCOPED, /* an event about a listing or a channel says no platform */
    INDEX_META_COUNT,
};

/* Opens the file: to write (made when it is not there), or only to read, and then with empty tables
   in temp to write to. 0; -ENOENT; -EBADMSG: it is no index; -ENOMEM; -EIO, and index_db_error says
   what SQLite says. */
int index_db_open(const char *path, bool write, struct index_db **ret_db);

/* All below: 0, -EIO or -ENOMEM. */

/* A transaction, which a build is made of; quick: nothing is kept should the host crash. */
int index_db_begin(struct index_db *db, bool quick);
int index_db_commit(struct index_db *db);

/* The same around many index_db_find: without it each of them locks the file and looks for a
   journal, which costs more than finding. Who builds waits meanwhile. */
int index_db_begin_reading(struct index_db *db);

/* Adds postings, sorted by owner and seq; one that is there already stays. */
int index_db_post(struct index_db *db, const struct index_posting *postings, size_t count);

/* Registrations and support of listings, in the order of their records. */
int index_db_register(struct index_db *db, int64_t owner, int64_t at_ns);
int index_db_support(struct index_db *db, int64_t owner, int64_t at_ns);

/* Values that are not there are 0. */
int index_db_set(struct index_db *db, enum index_meta name, int64_t value);
int index_db_get(struct index_db *db, enum index_meta name, int64_t *ret_value);

/* Takes one place, or one key. Not 0 ends the walk with that value. */
typedef int index_db_take(void *context, const struct line_place *place);
typedef int index_db_take_owner(void *context, int64_t owner);

/* The places under a key, of both schemas. */
int index_db_find(struct index_db *db, int64_t owner, index_db_take *take, void *context);

/* The keys of all listings that had support before they were registered, of both schemas. */
int index_db_orphans(struct index_db *db, index_db_take_owner *take, void *context);

/* Whether both files hold the same. *ret_same is written on 0. */
int index_db_same(struct index_db *db, const char *other_path, bool *ret_same);

/* How many postings there are. */
int index_db_count(struct index_db *db, uint64_t *ret_count);

/* What SQLite says of the last failure. */
const char *index_db_error(const struct index_db *db);

/* Frees; NULL is fine. Returns NULL. */
struct index_db *index_db_close(struct index_db *db);

#endif
