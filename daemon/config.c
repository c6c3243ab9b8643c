/*
 * From a file to struct config: reads it, sets what is there and what is standard, tells what is
 * wrong and where. Changes nothing in the process.
 */
#include "daemon/config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/config_keys.h"
#include "daemon/config_maps.h"
#include "daemon/config_problem.h"
#include "daemon/config_yaml.h"
#include "daemon/nearest.h"

struct load {
    struct config *config;
    const char *folder; /* the file's path; its first folder_len bytes are the folder */
    size_t folder_len;
    struct config_maps maps;
    struct seen {
        bool there;
        unsigned line, column; /* of the key */
    } seen[CONFIG_KEYS_MAX];
};

static const struct config_key *key_at(const struct config_yaml_entry *entry, struct load *load,
                                       struct seen **ret_seen)
{
    size_t count;
    const struct config_key *key = config_keys_find(entry->name);

    if (key != NULL)
        *ret_seen = &load->seen[key - config_keys(&count)];
    return key;
}

static bool is_list(const struct config_key *key)
{
    return key->type == CONFIG_TYPE_PATHS || key->type == CONFIG_TYPE_INPUTS ||
           key->type == CONFIG_TYPE_KINDS || key->type == CONFIG_TYPE_USERS ||
           key->type == CONFIG_TYPE_GROUPS;
}

static bool is_of_files(const struct config_key *key)
{
    return key->type == CONFIG_TYPE_PATHS || key->type == CONFIG_TYPE_INPUTS;
}

__attribute__((format(printf, 3, 4))) static int fail(const struct config_yaml_entry *entry,
                                                      struct config_yaml_problem *reterr_problem,
                                                      const char *format, ...)
{
    bool of_value = entry->kind == CONFIG_YAML_VALUE || entry->kind == CONFIG_YAML_ITEM;
    int used = snprintf(reterr_problem->text, sizeof(reterr_problem->text), "%s: ", entry->name);
    size_t at = used < 0 ? 0 : (size_t)used;
    va_list arguments;

    reterr_problem->line = of_value ? entry->line : entry->key_line;
    reterr_problem->column = of_value ? entry->column : entry->key_column;
    assert(at < sizeof(reterr_problem->text)); /* a name is far shorter */
    va_start(arguments, format);
    (void)vsnprintf(reterr_problem->text + at, sizeof(reterr_problem->text) - at, format,
                    arguments); /* a cut message is still a message */
    va_end(arguments);
    return -EINVAL;
}

static int set(const struct config_key *key, const struct config_yaml_entry *entry,
               struct load *load, struct config_yaml_problem *reterr_problem)
{
    char text[CONFIG_KEYS_PROBLEM_BYTES];
    int result = config_keys_set(key, load->config, entry->text, entry->len, load->folder,
                                 load->folder_len, text);

    return result == -EINVAL ? fail(entry, reterr_problem, "%s", text) : result;
}

/* The key itself is at fault, not its value: the place is the key's. */
static int fail_key(const struct config_yaml_entry *entry,
                    struct config_yaml_problem *reterr_problem, const char *what)
{
    struct config_yaml_entry at_key = *entry;

    at_key.line = entry->key_line;
    at_key.column = entry->key_column;
    return fail(&at_key, reterr_problem, "%s", what);
}

/* What stands outside sections may have been meant to be one. */
static int fail_unknown(const struct config_yaml_entry *entry,
                        struct config_yaml_problem *reterr_problem)
{
    bool in_section = strchr(entry->name, '.') != NULL;
    struct nearest nearest = nearest_begin(entry->name, strlen(entry->name));
    char text[NEAREST_TEXT_BYTES + 32], suggestion[NEAREST_TEXT_BYTES];
    size_t count;
    const struct config_key *keys = config_keys(&count);

    for (size_t i = 0; i < count; i++)
        nearest_try(&nearest, keys[i].name, strcspn(keys[i].name, in_section ? "" : "."));
    nearest_text(&nearest, "", suggestion);
    (void)snprintf(text, sizeof(text), "no such key%s", suggestion); /* it fits */
    return fail_key(entry, reterr_problem, text);
}

/* Kinds and ids: named twice is no harm. */
static int add_word(const struct config_key *key, const struct config_yaml_entry *entry,
                    struct load *load, struct config_yaml_problem *reterr_problem)
{
    const struct config_ids *ids = (const void *)((const char *)load->config + key->offset);

    if (key->type != CONFIG_TYPE_KINDS && ids->count == CONFIG_IDS_MAX)
        return fail(entry, reterr_problem, "more than %u", CONFIG_IDS_MAX);
    return set(key, entry, load, reterr_problem);
}

static int add_item(const struct config_key *key, const struct config_yaml_entry *entry,
                    struct load *load, struct config_yaml_problem *reterr_problem)
{
    struct config_paths *paths = (void *)((char *)load->config + key->offset);

    if (paths->count == CONFIG_PATHS_MAX)
        return fail(entry, reterr_problem, "more than %u files", CONFIG_PATHS_MAX);
    int result = set(key, entry, load, reterr_problem);
    if (result < 0)
        return result;
    for (size_t i = 0; i + 1 < paths->count; i++)
        if (strcmp(paths->paths[i], paths->paths[paths->count - 1]) == 0)
            return fail(entry, reterr_problem, "%s is there twice", paths->paths[i]);
    return 0;
}

static int take_map(const struct config_yaml_entry *entry, struct load *load,
                    struct config_yaml_problem *reterr_problem)
{
    char text[MAP_PROBLEM_BYTES];
    int result = config_maps_take(&load->maps, entry, text);

    return result == -EINVAL ? fail(entry, reterr_problem, "%s", text) : result;
}

static int take_entry(void *context, const struct config_yaml_entry *entry,
                      struct config_yaml_problem *reterr_problem)
{
    struct load *load = context;
    struct seen *seen = NULL;
    const struct config_key *key = key_at(entry, load, &seen);
    bool section = config_keys_section(entry->name);

    if (config_maps_is_one(entry->name))
        return take_map(entry, load, reterr_problem);
    /* A section whose keys are all commented out is an empty value to YAML. */
    if (section && (entry->kind == CONFIG_YAML_SECTION ||
                    (entry->kind == CONFIG_YAML_VALUE && entry->len == 0)))
        return 0;
    if (section)
        return fail_key(entry, reterr_problem, "is a section, must hold keys");
    if (key == NULL)
        return fail_unknown(entry, reterr_problem);
    if (entry->kind == CONFIG_YAML_SECTION)
        return fail_key(entry, reterr_problem, "is a mapping, must be a value");
    if (entry->kind == CONFIG_YAML_ITEM && is_list(key) && !is_of_files(key))
        return add_word(key, entry, load, reterr_problem);
    if (entry->kind == CONFIG_YAML_ITEM && is_list(key))
        return add_item(key, entry, load, reterr_problem);
    if (seen->there)
        return fail_key(entry, reterr_problem, "is there twice");
    *seen = (struct seen){.there = true, .line = entry->key_line, .column = entry->key_column};
    if (entry->kind == CONFIG_YAML_LIST && is_list(key))
        return 0;
    if (is_list(key))
        return fail_key(entry, reterr_problem,
                        is_of_files(key) ? "must be a list of files" : "must be a list");
    if (entry->kind != CONFIG_YAML_VALUE)
        return fail_key(entry, reterr_problem, "must be one value");
    if (entry->len == 0)
        return fail(entry, reterr_problem, "has no value");
    return set(key, entry, load, reterr_problem);
}

/* The map that a key names, once all are read. */
static int find_map(struct load *load, const char *key, const char *name,
                    const struct map **ret_map, struct config_yaml_problem *reterr_problem)
{
    struct config_yaml_entry entry = {.kind = CONFIG_YAML_SECTION, .name = key};
    struct seen *seen = NULL;

    *ret_map = NULL;
    if (name == NULL || strcmp(name, MAPS_NONE) == 0)
        return 0;
    *ret_map = maps_find(load->maps.maps, name, strlen(name));
    if (*ret_map != NULL)
        return 0;
    (void)key_at(&entry, load, &seen);
    assert(seen != NULL); /* it is a key */
    entry.key_line = seen->line;
    entry.key_column = seen->column;
    return fail(&entry, reterr_problem, "no such map: %s", name);
}

/* What only shows once all maps are read. */
static int complete_maps(struct load *load, struct config_yaml_problem *reterr_problem)
{
    char text[MAP_PROBLEM_BYTES];
    struct config_yaml_entry entry = {.kind = CONFIG_YAML_SECTION, .name = "maps"};
    struct config *config = load->config;
    int result = config_maps_finish(&load->maps, &entry, text);

    if (result == -EINVAL)
        return fail(&entry, reterr_problem, "%s", text);
    if (result == 0)
        result =
            find_map(load, "crawl.map", config->crawl_map_name, &config->crawl_map, reterr_problem);
    if (result == 0)
        result =
            find_map(load, "spool.map", config->spool_map_name, &config->spool_map, reterr_problem);
    if (config->spool_map_name == NULL)
        config->spool_map = config->crawl_map;
    return result;
}

/* The standard values of what the file does not say, and what it must say. */
static int complete(struct load *load, struct config_yaml_problem *reterr_problem)
{
    size_t count;
    const struct config_key *keys = config_keys(&count);

    for (size_t i = 0; i < count; i++) {
        const struct config_key *key = &keys[i];
        const struct seen *seen = &load->seen[i];
        const struct config_yaml_entry entry = {.kind = CONFIG_YAML_LIST,
                                                .name = key->name,
                                                .text = key->standard,
                                                .len = key->standard ? strlen(key->standard) : 0,
                                                .key_line = seen->line,
                                                .key_column = seen->column};
        const struct config_paths *paths = (const void *)((const char *)load->config + key->offset);
        bool required = key->standard != NULL && key->standard[0] == '\0';
        if (required && !seen->there)
            return fail(&entry, reterr_problem,
                        "missing: it has no standard value (noticed.yaml.example shows it)");
        if (required && is_list(key) && paths->count == 0)
            return fail(&entry, reterr_problem, "must name at least one file");
        if (seen->there || key->standard == NULL)
            continue;
        int result = set(key, &entry, load, reterr_problem);
        if (result < 0)
            return result;
    }
    return 0;
}

int config_parse(const char *path, const char *bytes, size_t len, struct config **ret_config,
                 char reterr_text[CONFIG_ERROR_BYTES])
{
    const char *slash = strrchr(path, '/');
    struct config_yaml_problem problem = {.text = "out of memory"};
    struct load load = {.config = calloc(1, sizeof(*load.config)),
                        .folder = path,
                        .folder_len = slash != NULL ? (size_t)(slash - path) + 1 : 0};
    int result = load.config != NULL ? config_maps_begin(&load.maps) : -ENOMEM;

    if (result == 0)
        load.config->maps = load.maps.maps;
    if (result == 0)
        result = config_yaml_read(bytes, len, take_entry, &load, &problem);
    if (result == 0)
        result = complete(&load, &problem);
    if (result == 0)
        result = complete_maps(&load, &problem);
    if (result < 0) {
        config_problem_write(path, bytes, len, &problem, reterr_text);
        load.config = config_free(load.config);
        return result;
    }
    digest_sha256(bytes, len, load.config->sha256);
    *ret_config = load.config;
    return 0;
}

/* The whole file, malloc'ed; -EFBIG when it is longer than any configuration. */
static int read_file(const char *path, char **ret_bytes, size_t *ret_len)
{
    char *bytes = malloc(CONFIG_BYTES_MAX + 1);
    size_t len = 0;
    ssize_t got = 0;

    if (bytes == NULL)
        return -ENOMEM;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int result = fd == -1 ? -errno : 0;
    while (result == 0 && len <= CONFIG_BYTES_MAX) {
        got = read(fd, bytes + len, CONFIG_BYTES_MAX + 1 - len);
        if (got == 0)
            break;
        if (got == -1 && errno != EINTR)
            result = -errno;
        else if (got > 0)
            len += (size_t)got;
    }
    if (fd != -1)
        (void)close(fd); /* only read from */
    if (result == 0 && len > CONFIG_BYTES_MAX)
        result = -EFBIG;
    if (result < 0) {
        free(bytes);
        return result;
    }
    *ret_bytes = bytes;
    *ret_len = len;
    return 0;
}

static const char *read_advice(int error)
{
    switch (error) {
    case -ENOENT:
    case -ENOTDIR:
    case -EISDIR:
        return "--config names the file; noticed.yaml.example is one to begin with";
    case -EACCES:
        return "the user who runs noticed must be able to read it, and to enter its folders";
    case -EFBIG:
        return "is it a configuration?";
    default:
        return "mend that, or name another with --config";
    }
}

int config_load(const char *path, struct config **ret_config, char reterr_text[CONFIG_ERROR_BYTES])
{
    char *bytes;
    size_t len;
    int result = read_file(path, &bytes, &len);

    if (result < 0) {
        struct config_yaml_problem problem = {.line = 0};
        (void)snprintf(problem.text, sizeof(problem.text), "cannot be read: %s: %s",
                       strerrordesc_np(-result), read_advice(result));
        config_problem_write(path, "", 0, &problem, reterr_text);
        return result;
    }
    result = config_parse(path, bytes, len, ret_config, reterr_text);
    free(bytes);
    return result;
}

static void free_paths(struct config_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free(paths->paths[i]);
}

struct config *config_free(struct config *config)
{
    if (config == NULL)
        return NULL;
    free(config->ledger);
    free(config->seal_key);
    free(config->seal_socket);
    free(config->seal_state);
    free(config->seal_vkey);
    free(config->crawl_socket);
    free(config->crawl_map_name);
    free(config->spool_folder);
    free(config->spool_map_name);
    (void)maps_close(config->maps); /* always NULL */
    free(config->notice_socket);
    free(config->tcp);
    free(config->control_socket);
    free_paths(&config->marks);
    free_paths(&config->cues);
    free_paths(&config->rules);
    free_paths(&config->inputs);
    free(config);
    return NULL;
}
