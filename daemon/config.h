/*
 * The configuration of noticed: one YAML file, every key named, typed and bounded in one table
 * (config_keys.c). Knows libfyaml and files; changes nothing in the process.
 */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/digest.h"
#include "daemon/log.h"
#include "daemon/maps.h"
#include "io/backend.h"

#define CONFIG_BYTES_MAX   1048576u
#define CONFIG_ERROR_BYTES 1024u
#define CONFIG_PATHS_MAX   32u /* of one list */
#define CONFIG_LANES_MAX   64u /* for crawlers; events have one more */
#define CONFIG_IDS_MAX     64u /* of one list */

/* Of which recorded listings the bytes are kept. */
enum config_keep {
    CONFIG_KEEP_NONE = 0,
    CONFIG_KEEP_MATCHED = 1,  /* those that matched */
    CONFIG_KEEP_RECORDED = 2, /* all that have a record */
};

/* What becomes of a spool's files once they are read. */
enum config_done {
    CONFIG_DONE_KEEP = 0, /* in done/, below the folder */
    CONFIG_DONE_REMOVE = 1,
};

struct config_paths {
    char *paths[CONFIG_PATHS_MAX];
    size_t count;
};

/* Numbers of users or groups. */
struct config_ids {
    uint32_t at[CONFIG_IDS_MAX];
    size_t count;
};

/* Strings are NUL-terminated and the config's own. Paths that were relative in the file are made
   relative to the file's folder. NULL: not configured. */
struct config {
    char *ledger; /* the folder */
    uint64_t segment_records, segment_bytes;
    uint64_t rejects_bytes_max;
    uint64_t reserve_bytes; /* kept back for notices, orders and the like on a full disk */
    unsigned heartbeat_s;
    size_t dedupe_window, watch_max; /* entries */
    enum config_keep blobs_keep;
    size_t blobs_max;    /* bytes of one blob */
    size_t blobs_window; /* entries */

    char *seal_key;    /* of our own sealer; noticed never opens it */
    char *seal_socket; /* of a sealer that is a service; not both */
    char *seal_state;  /* of our own sealer; NULL: <seal_key>.state */
    char *seal_vkey;   /* NULL: beside seal_key */
    unsigned seal_interval_s;
    unsigned anchor_interval_s; /* 0: no time-stamp queries are written */

    char *crawl_socket;
    mode_t crawl_mode;
    char *tcp;            /* 127.x.x.x:PORT or [::1]:PORT */
    uint64_t crawl_kinds; /* bit k: enum record_kind k may be written there; from a list of names */
    char *crawl_map_name;
    const struct map *crawl_map; /* of lines whose sender names none; NULL: none */
    char *notice_socket;
    mode_t notice_mode;
    uint64_t notice_kinds;
    struct config_ids notice_uids, notice_gids;
    char *control_socket;
    mode_t control_mode;

    struct config_paths marks; /* at least one */
    struct config_paths cues;
    struct config_paths rules;
    struct config_paths inputs; /* files, pipes; "-" is standard input */
    char *spool_folder;
    char *spool_map_name;
    const struct map *spool_map; /* crawl_map when the file names none */
    enum config_done spool_done;
    struct maps *maps; /* the built-in ones and those of the file */

    enum backend_kind io;
    bool deep;          /* no key: --deep */
    unsigned lanes;     /* 1..CONFIG_LANES_MAX; "auto" has become the number of usable processors */
    size_t queue_bytes; /* of each lane's queue to the ledger: a power of two */
    size_t carry_bytes; /* of each lane, for lines that straddle receive buffers */

    uint32_t compile_seconds, compile_mib;
    enum log_level log_level;

    uint8_t sha256[DIGEST_BYTES]; /* of the file as read */
};

/* Reads the file. 0 and *ret_config, the caller's (config_free); or -errno of reading, -EINVAL for
   what is wrong in the file, -ENOMEM, with reterr_text: its first line is
   "path:line:column: key: what is wrong, and what is allowed"; the line of the file and a caret may
   follow. It is printable ASCII but for newlines. Wrong are: a key that is not known, a key that is
   there twice, a value that is not of its type or range, a missing ledger.path or marks, anchors
   and aliases, more than one document, and anything that is not YAML. */
int config_load(const char *path, struct config **ret_config, char reterr_text[CONFIG_ERROR_BYTES]);

/* The same for a text in memory; path names it and says where relative paths start. */
int config_parse(const char *path, const char *bytes, size_t len, struct config **ret_config,
                 char reterr_text[CONFIG_ERROR_BYTES]);

/* Frees; NULL is fine. Returns NULL. */
struct config *config_free(struct config *config);

#endif
