/*
 * Every key with its type, range and standard value. Knows no YAML and no file.
 */
#include "daemon/config_keys.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config_value.h"
#include "daemon/dedupe.h"
#include "daemon/event_intake.h"
#include "daemon/ledger/pack.h"
#include "daemon/watched.h"

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)

#define PATH_BYTES   4095u
#define SOCKET_BYTES 107u /* of sun_path, whose last byte is a NUL */

#define SHOWN_BYTES 64u /* of a wrong word, in messages */

#define REQUIRED "" /* as a standard value: there is none */

#define KEY(name, type, standard, min, max, member)                                                \
    {                                                                                              \
        name, CONFIG_TYPE_##type, standard, min, max, offsetof(struct config, member),             \
            sizeof(((struct config *)0)->member)                                                   \
    }

/* clang-format off */
static const struct config_key keys[] = {
    KEY("ledger.path",           PATH,     REQUIRED,  1,        PATH_BYTES,   ledger),
    KEY("ledger.segment_records", COUNT,    "1000000", 1000,     100000000,    segment_records),
    KEY("ledger.segment_size",   SIZE,     "1GiB",    MIB,      TIB,          segment_bytes),
    KEY("ledger.rejects_size",   SIZE,     "1GiB",    0,        TIB,          rejects_bytes_max),
    KEY("ledger.reserve",        SIZE,     "16MiB",   0,        TIB,          reserve_bytes),
    KEY("ledger.heartbeat",      SECONDS,  "60s",     1,        3600,         heartbeat_s),
    KEY("seal.key",              PATH,     NULL,      1,        PATH_BYTES,   seal_key),
    KEY("seal.socket",           PATH,     NULL,      1,        SOCKET_BYTES, seal_socket),
    KEY("seal.state",            PATH,     NULL,      1,        PATH_BYTES,   seal_state),
    KEY("seal.vkey",             PATH,     NULL,      1,        PATH_BYTES,   seal_vkey),
    KEY("seal.interval",         SECONDS,  "1s",      1,        3600,         seal_interval_s),
    KEY("anchor.interval",       SECONDS,  "1h",      0,        2592000,      anchor_interval_s),
    KEY("dedupe.window",         COUNT,    "1000000", 1,        DEDUPE_ENTRIES_MAX, dedupe_window),
    KEY("watch.max",             COUNT,    "4000000", 1,        WATCHED_ENTRIES_MAX, watch_max),
    KEY("blobs.keep",            KEEP,     "recorded", 0,       0,            blobs_keep),
    KEY("blobs.max",             SIZE,     "256KiB",  1,        PACK_BLOB_BYTES_MAX, blobs_max),
    KEY("blobs.window",          COUNT,    "1000000", 1,        DEDUPE_ENTRIES_MAX, blobs_window),
    KEY("crawl.socket",          PATH,     NULL,      1,        SOCKET_BYTES, crawl_socket),
    KEY("crawl.mode",            MODE,     "0660",    0,        0777,         crawl_mode),
    KEY("crawl.tcp",             LOOPBACK, NULL,      1,        PATH_BYTES,   tcp),
    KEY("crawl.kinds",           KINDS,    "sighting coverage", 0, 0,         crawl_kinds),
    KEY("crawl.map",             MAP,      NULL,      1,        MAP_NAME_BYTES_MAX, crawl_map_name),
    KEY("notice.socket",         PATH,     NULL,      1,        SOCKET_BYTES, notice_socket),
    KEY("notice.mode",           MODE,     "0660",    0,        0777,         notice_mode),
    KEY("notice.kinds",          KINDS,    "all",     0,        0,            notice_kinds),
    KEY("notice.uids",           USERS,    NULL,      0,        0,            notice_uids),
    KEY("notice.gids",           GROUPS,   NULL,      0,        0,            notice_gids),
    KEY("control.socket",        PATH,     NULL,      1,        SOCKET_BYTES, control_socket),
    KEY("control.mode",          MODE,     "0600",    0,        0777,         control_mode),
    KEY("marks",                 PATHS,    REQUIRED,  1,        PATH_BYTES,   marks),
    KEY("cues",                  PATHS,    NULL,      1,        PATH_BYTES,   cues),
    KEY("rules",                 PATHS,    NULL,      1,        PATH_BYTES,   rules),
    KEY("inputs",                INPUTS,   NULL,      1,        PATH_BYTES,   inputs),
    KEY("spool.folder",          PATH,     NULL,      1,        PATH_BYTES,   spool_folder),
    KEY("spool.map",             MAP,      NULL,      1,        MAP_NAME_BYTES_MAX, spool_map_name),
    KEY("spool.done",            DONE,     "keep",    0,        0,            spool_done),
    KEY("io",                    IO,       "auto",    0,        0,            io),
    KEY("lanes",                 LANES,    "auto",    1,        CONFIG_LANES_MAX, lanes),
    KEY("memory.queue",          POWER,    "8MiB",    2 * MIB,  GIB,          queue_bytes),
    KEY("memory.carry",          SIZE,     "16MiB",   MIB,      GIB,          carry_bytes),
    KEY("compile.time",          SECONDS,  "60s",     1,        3600,         compile_seconds),
    KEY("compile.memory",        MIB,      "2GiB",    64 * MIB, TIB,          compile_mib),
    KEY("log.level",             LEVEL,    "info",    0,        0,            log_level),
};
/* clang-format on */

#define KEYS_COUNT (sizeof(keys) / sizeof(keys[0]))

static_assert(KEYS_COUNT <= CONFIG_KEYS_MAX, "callers keep one flag a key");

/* Keys whose values are words. */
static const struct {
    enum config_type type;
    const char *name;
    uint64_t value;
} words[] = {
    {CONFIG_TYPE_LEVEL, "error", LOG_LEVEL_ERROR},
    {CONFIG_TYPE_LEVEL, "warning", LOG_LEVEL_WARNING},
    {CONFIG_TYPE_LEVEL, "info", LOG_LEVEL_INFO},
    {CONFIG_TYPE_LEVEL, "debug", LOG_LEVEL_DEBUG},
    {CONFIG_TYPE_IO, "auto", BACKEND_AUTO},
    {CONFIG_TYPE_IO, "uring", BACKEND_URING},
    {CONFIG_TYPE_IO, "poll", BACKEND_POLL},
    {CONFIG_TYPE_KEEP, "none", CONFIG_KEEP_NONE},
    {CONFIG_TYPE_KEEP, "matched", CONFIG_KEEP_MATCHED},
    {CONFIG_TYPE_KEEP, "recorded", CONFIG_KEEP_RECORDED},
    {CONFIG_TYPE_DONE, "keep", CONFIG_DONE_KEEP},
    {CONFIG_TYPE_DONE, "remove", CONFIG_DONE_REMOVE},
};

const struct config_key *config_keys(size_t *ret_count)
{
    *ret_count = KEYS_COUNT;
    return keys;
}

const struct config_key *config_keys_find(const char *name)
{
    for (size_t i = 0; i < KEYS_COUNT; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

bool config_keys_section(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < KEYS_COUNT; i++)
        if (strncmp(keys[i].name, name, len) == 0 && keys[i].name[len] == '.')
            return true;
    return false;
}

static bool is(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(text, word, len) == 0;
}

/* "must be ..., not ..." for a key's type and range. */
static int refuse(const struct config_key *key, const char *text, size_t len,
                  char reterr_text[CONFIG_KEYS_PROBLEM_BYTES])
{
    char from[32] = "", to[32] = "", must[160] = "";

    switch (key->type) {
    case CONFIG_TYPE_PATH:
    case CONFIG_TYPE_PATHS:
    case CONFIG_TYPE_INPUTS:
        (void)snprintf(must, sizeof(must), "a path of 1 to %llu bytes without NUL",
                       (unsigned long long)key->max);
        break;
    case CONFIG_TYPE_KINDS:
        (void)snprintf(must, sizeof(must),
                       "all, a kind of event such as notice.sent, or a family such as notice.*");
        break;
    case CONFIG_TYPE_USERS:
    case CONFIG_TYPE_GROUPS:
        (void)snprintf(must, sizeof(must), "the name or number of a %s of this host",
                       key->type == CONFIG_TYPE_USERS ? "user" : "group");
        break;
    case CONFIG_TYPE_LOOPBACK:
        (void)snprintf(must, sizeof(must), "a loopback address, 127.0.0.1:PORT or [::1]:PORT");
        break;
    case CONFIG_TYPE_MODE:
        (void)snprintf(must, sizeof(must), "an octal mode up to 0777, such as 0660");
        break;
    case CONFIG_TYPE_COUNT:
    case CONFIG_TYPE_LANES:
        (void)snprintf(must, sizeof(must), "%sa number from %llu to %llu",
                       key->type == CONFIG_TYPE_LANES ? "auto or " : "",
                       (unsigned long long)key->min, (unsigned long long)key->max);
        break;
    case CONFIG_TYPE_SIZE:
    case CONFIG_TYPE_MIB:
    case CONFIG_TYPE_POWER:
        config_value_write_size(key->min, from, sizeof(from));
        config_value_write_size(key->max, to, sizeof(to));
        (void)snprintf(must, sizeof(must), "a size from %s to %s%s, such as 64MiB", from, to,
                       key->type == CONFIG_TYPE_POWER ? ", a power of two"
                       : key->type == CONFIG_TYPE_MIB ? ", of whole MiB"
                                                      : "");
        break;
    case CONFIG_TYPE_SECONDS:
        config_value_write_duration(key->min, from, sizeof(from));
        config_value_write_duration(key->max, to, sizeof(to));
        (void)snprintf(must, sizeof(must), "a duration from %s to %s, such as 60s", from, to);
        break;
    case CONFIG_TYPE_IO:
        (void)snprintf(must, sizeof(must), "auto, uring or poll");
        break;
    case CONFIG_TYPE_LEVEL:
        (void)snprintf(must, sizeof(must), "error, warning, info or debug");
        break;
    case CONFIG_TYPE_KEEP:
        (void)snprintf(must, sizeof(must), "none, matched or recorded");
        break;
    case CONFIG_TYPE_DONE:
        (void)snprintf(must, sizeof(must), "keep or remove");
        break;
    case CONFIG_TYPE_MAP:
        (void)snprintf(must, sizeof(must), "the name of a map, such as scrapy");
        break;
    }
    (void)snprintf(reterr_text, CONFIG_KEYS_PROBLEM_BYTES, "must be %s, not \"%.*s\"", must,
                   (int)(len < SHOWN_BYTES ? len : SHOWN_BYTES), text); /* a cut is no harm */
    return -EINVAL;
}

/* A copy of a path, behind the folder when it is relative. */
static int copy_path(const struct config_key *key, const char *text, size_t len, const char *folder,
                     size_t folder_len, char **ret_path)
{
    if (len == 0 || memchr(text, '\0', len) != NULL)
        return -EINVAL;
    if (text[0] == '/' || folder_len == 0)
        folder_len = 0;
    if (folder_len + len > key->max)
        return -EINVAL;
    char *path = malloc(folder_len + len + 1);
    if (path == NULL)
        return -ENOMEM;
    memcpy(path, folder, folder_len);
    memcpy(path + folder_len, text, len);
    path[folder_len + len] = '\0';
    *ret_path = path;
    return 0;
}

static int parse_number(const struct config_key *key, const char *text, size_t len,
                        uint64_t *ret_value)
{
    uint64_t value = 0;
    int result = -EINVAL;

    switch (key->type) {
    case CONFIG_TYPE_MODE:
        return config_value_mode(text, len, ret_value);
    case CONFIG_TYPE_COUNT:
        return config_value_count(text, len, key->min, key->max, ret_value);
    case CONFIG_TYPE_SIZE:
        return config_value_size(text, len, key->min, key->max, ret_value);
    case CONFIG_TYPE_SECONDS:
        return config_value_duration(text, len, key->min, key->max, ret_value);
    case CONFIG_TYPE_MIB:
        result = config_value_size(text, len, key->min, key->max, &value);
        if (result == 0 && value % MIB != 0)
            result = -EINVAL;
        value /= MIB;
        break;
    case CONFIG_TYPE_POWER:
        result = config_value_size(text, len, key->min, key->max, &value);
        if (result == 0 && (value & (value - 1)) != 0)
            result = -EINVAL;
        break;
    case CONFIG_TYPE_LANES:
        if (is(text, len, "auto")) {
            cpu_set_t set;
            int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
            value = (uint64_t)count < key->max ? (uint64_t)count : key->max;
            result = 0;
        } else {
            result = config_value_count(text, len, key->min, key->max, &value);
        }
        break;
    case CONFIG_TYPE_IO:
    case CONFIG_TYPE_LEVEL:
    case CONFIG_TYPE_KEEP:
    case CONFIG_TYPE_DONE:
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && result < 0; i++)
            if (words[i].type == key->type && is(text, len, words[i].name)) {
                value = words[i].value;
                result = 0;
            }
        break;
    case CONFIG_TYPE_PATH:
    case CONFIG_TYPE_PATHS:
    case CONFIG_TYPE_INPUTS:
    case CONFIG_TYPE_KINDS:
    case CONFIG_TYPE_USERS:
    case CONFIG_TYPE_GROUPS:
    case CONFIG_TYPE_MAP:
    case CONFIG_TYPE_LOOPBACK:
        assert(false); /* no numbers */
    }
    *ret_value = value;
    return result;
}

static int set_number(const struct config_key *key, const char *text, size_t len, void *field)
{
    uint64_t value;
    int result = parse_number(key, text, len, &value);

    if (result < 0)
        return result;
    assert(key->bytes == sizeof(uint32_t) || key->bytes == sizeof(uint64_t));
    if (key->bytes == sizeof(uint64_t)) {
        memcpy(field, &value, sizeof(value));
        return 0;
    }
    assert(value <= UINT32_MAX);
    uint32_t narrow = (uint32_t)value;
    memcpy(field, &narrow, sizeof(narrow));
    return 0;
}

static int set_list(const struct config_key *key, const char *text, size_t len, const char *folder,
                    size_t folder_len, struct config_paths *paths)
{
    bool standard_input = key->type == CONFIG_TYPE_INPUTS && is(text, len, "-");

    assert(paths->count < CONFIG_PATHS_MAX); /* the caller has looked */
    int result = copy_path(key, text, len, folder, standard_input ? 0 : folder_len,
                           &paths->paths[paths->count]);
    if (result == 0)
        paths->count++;
    return result;
}

/* One name, or several with spaces between them (as in a standard value). */
static int set_kinds(const char *text, size_t len, uint64_t *ret_set)
{
    for (size_t at = 0; at <= len;) {
        const char *space = memchr(text + at, ' ', len - at);
        size_t word = space != NULL ? (size_t)(space - text) - at : len - at;
        event_kinds_set named = event_kinds_named(text + at, word);
        if (named == 0)
            return -EINVAL;
        *ret_set |= named;
        at += word + 1;
    }
    return 0;
}

static int set_id(const struct config_key *key, const char *text, size_t len,
                  struct config_ids *ids)
{
    uint32_t id;
    assert(ids->count < CONFIG_IDS_MAX); /* the caller has looked */
    int result = key->type == CONFIG_TYPE_USERS ? config_value_user(text, len, &id)
                                                : config_value_group(text, len, &id);
    if (result == 0)
        ids->at[ids->count++] = id;
    return result;
}

int config_keys_set(const struct config_key *key, struct config *config, const char *text,
                    size_t len, const char *folder, size_t folder_len,
                    char reterr_text[CONFIG_KEYS_PROBLEM_BYTES])
{
    void *field = (char *)config + key->offset;
    int result = -EINVAL;

    switch (key->type) {
    case CONFIG_TYPE_PATHS:
    case CONFIG_TYPE_INPUTS:
        result = set_list(key, text, len, folder, folder_len, field);
        break;
    case CONFIG_TYPE_KINDS:
        result = set_kinds(text, len, field);
        break;
    case CONFIG_TYPE_USERS:
    case CONFIG_TYPE_GROUPS:
        result = set_id(key, text, len, field);
        break;
    case CONFIG_TYPE_PATH:
        result = copy_path(key, text, len, folder, folder_len, field);
        break;
    case CONFIG_TYPE_MAP: /* which map it is shows once all are read */
        result = copy_path(key, text, len, folder, 0, field);
        break;
    case CONFIG_TYPE_LOOPBACK:
        result = config_value_loopback(text, len);
        if (result == 0)
            result = copy_path(key, text, len, folder, 0, field);
        break;
    case CONFIG_TYPE_MODE:
    case CONFIG_TYPE_COUNT:
    case CONFIG_TYPE_SIZE:
    case CONFIG_TYPE_MIB:
    case CONFIG_TYPE_POWER:
    case CONFIG_TYPE_SECONDS:
    case CONFIG_TYPE_LANES:
    case CONFIG_TYPE_IO:
    case CONFIG_TYPE_LEVEL:
    case CONFIG_TYPE_KEEP:
    case CONFIG_TYPE_DONE:
        result = set_number(key, text, len, field);
        break;
    }
    if (result == -EINVAL)
        return refuse(key, text, len, reterr_text);
    return result;
}
