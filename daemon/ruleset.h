/*
 * A set of marks, cues and rules ready to scan with: read from files, compiled, and carried from
 * the compiler process to the daemon as an image. Knows files and the matcher; knows no lane and no
 * record.
 */
#ifndef DAEMON_RULESET_H
#define DAEMON_RULESET_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/digest.h"
#include "matcher/matcher.h"

#define RULESET_SOURCES_MAX      96u /* as many as a configuration names */
#define RULESET_SOURCE_BYTES_MAX (256u << 20)
#define RULESET_ERROR_BYTES      1024u

enum ruleset_source_kind {
    RULESET_MARKS = 1,
    RULESET_CUES = 2,
    RULESET_RULES = 4, /* after the marks that they name */
};

/* A list to read; the path is borrowed. */
struct ruleset_file {
    enum ruleset_source_kind kind;
    const char *path;
};

struct ruleset_source {
    enum ruleset_source_kind kind;
    char *path;
    uint64_t bytes;
    uint8_t sha256[DIGEST_BYTES];
};

struct ruleset {
    struct matcher_db *db;        /* the ruleset's own reference */
    uint64_t seq;                 /* of its ruleset record; set by whoever records it */
    uint8_t sha256[DIGEST_BYTES]; /* over the sources' kinds and hashes, fold and engine version */
    uint8_t db_sha256[DIGEST_BYTES]; /* of the compiled part; zeroes when it was not serialized */
    struct ruleset_source sources[RULESET_SOURCES_MAX];
    size_t sources_count;
};

/* "marks", "cues" or "rules". */
const char *ruleset_kind_name(enum ruleset_source_kind kind);

/* Reads a whole regular file (malloc'ed, the caller frees). 0 or -errno; -EINVAL if it is none. */
int ruleset_read_file(const char *path, char **ret_bytes, size_t *ret_len);

/* What an error of it means; static string. */
const char *ruleset_read_error(int result);

/* Reads and compiles the files in this process. 0; -EINVAL or -errno with a whole sentence,
   "file:line:column: what", in reterr_text. *ret_ruleset is the caller's (ruleset_free). */
int ruleset_compile(const struct ruleset_file *files, size_t files_count,
                    struct ruleset **ret_ruleset, char reterr_text[RULESET_ERROR_BYTES]);

/* Reads and compiles the files and writes the image (lists as read, compiled part) to image_fd, a
   memfd, which is sealed. For the compiler's child. As above. */
int ruleset_write_image(const struct ruleset_file *files, size_t files_count, int image_fd,
                        char reterr_text[RULESET_ERROR_BYTES]);

/* Makes a ruleset from an image of the same build, which must be sealed. As above. */
int ruleset_read_image(int image_fd, struct ruleset **ret_ruleset,
                       char reterr_text[RULESET_ERROR_BYTES]);

/* Drops the database's reference and frees. NULL is fine. Returns NULL. */
struct ruleset *ruleset_free(struct ruleset *ruleset);

#endif
