/*
 * The table of configuration keys, and how a word becomes a field of struct config. Knows no YAML.
 */
#ifndef DAEMON_CONFIG_KEYS_H
#define DAEMON_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"

#define CONFIG_KEYS_MAX           64u
#define CONFIG_KEYS_PROBLEM_BYTES 384u

enum config_type {
    CONFIG_TYPE_PATH = 0, /* char * */
    CONFIG_TYPE_PATHS,    /* struct config_paths, a list of files */
    CONFIG_TYPE_INPUTS,   /* the same, "-" may be among them */
    CONFIG_TYPE_KINDS,    /* uint64_t, a list of kinds of events: bit k is enum record_kind k */
    CONFIG_TYPE_USERS,    /* struct config_ids, a list of names and numbers */
    CONFIG_TYPE_GROUPS,   /* the same */
    CONFIG_TYPE_LOOPBACK, /* char * */
    CONFIG_TYPE_MODE,     /* mode_t */
    CONFIG_TYPE_COUNT,    /* a whole number */
    CONFIG_TYPE_SIZE,     /* 64MiB, in bytes */
    CONFIG_TYPE_MIB,      /* 64MiB, in MiB */
    CONFIG_TYPE_POWER,    /* 64MiB, a power of two, in bytes */
    CONFIG_TYPE_SECONDS,  /* 60s */
    CONFIG_TYPE_LANES,    /* auto, or a count; "auto" is set to the processors given */
    CONFIG_TYPE_IO,       /* enum backend_kind */
    CONFIG_TYPE_LEVEL,    /* enum log_level */
    CONFIG_TYPE_KEEP,     /* enum config_keep */
    CONFIG_TYPE_DONE,     /* enum config_done */
    CONFIG_TYPE_MAP,      /* char *, the name of a map */
};

struct config_key {
    const char *name; /* "section.key", or a key outside sections */
    enum config_type type;
    const char *standard; /* when the key is not there; NULL: stays zero; "": must be there */
    uint64_t min, max;    /* of numbers: in bytes and seconds */
    size_t offset, bytes; /* of the field in struct config */
};

/* All keys; *ret_count <= CONFIG_KEYS_MAX. The index of a key is its identity. */
const struct config_key *config_keys(size_t *ret_count);

/* The key of this name, or NULL; and whether there is a section of this name. */
const struct config_key *config_keys_find(const char *name);
bool config_keys_section(const char *name);

/* Sets the field, or adds to the list, from a word. Relative paths are put behind the folder's
   first folder_len bytes ("" or "dir/"). 0; -EINVAL with "must be ..., not \"...\"" in reterr_text;
   -ENOMEM. */
int config_keys_set(const struct config_key *key, struct config *config, const char *text,
                    size_t len, const char *folder, size_t folder_len,
                    char reterr_text[CONFIG_KEYS_PROBLEM_BYTES]);

#endif
