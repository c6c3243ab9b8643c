/*
 * libfyaml's document, walked without recursion. Knows no key's meaning.
 */
#include "daemon/config_yaml.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/json.h"
#include "matcher/yaml_source.h"

struct walk {
    int (*entry)(void *context, const struct config_yaml_entry *entry,
                 struct config_yaml_problem *reterr_problem);
    void *context;
    struct config_yaml_problem *problem;
};

/* One key of a mapping; name is the section's name, a dot and the key. */
struct place {
    char name[CONFIG_YAML_NAME_BYTES];
    unsigned line, column;
};

__attribute__((format(printf, 4, 5))) static int fail(struct config_yaml_problem *reterr_problem,
                                                      unsigned line, unsigned column,
                                                      const char *format, ...)
{
    va_list arguments;

    reterr_problem->line = line;
    reterr_problem->column = column;
    va_start(arguments, format);
    int len = vsnprintf(reterr_problem->text, sizeof(reterr_problem->text), format, arguments);
    va_end(arguments);
    if (len < 0)
        reterr_problem->text[0] = '\0';
    return -EINVAL;
}

static int give(const struct walk *walk, enum config_yaml_kind kind, const struct place *key,
                struct fy_node *scalar)
{
    struct config_yaml_entry entry = {.kind = kind,
                                      .name = key->name,
                                      .text = "",
                                      .key_line = key->line,
                                      .key_column = key->column,
                                      .line = key->line,
                                      .column = key->column};

    if (scalar != NULL) {
        yaml_source_scalar(scalar, &entry.text, &entry.len, &entry.line, &entry.column);
        if (fy_node_is_alias(scalar))
            return fail(walk->problem, entry.line, entry.column, "%s: aliases are not taken",
                        key->name);
    }
    return walk->entry(walk->context, &entry, walk->problem);
}

static int walk_list(const struct walk *walk, const struct place *key, struct fy_node *list)
{
    void *cursor = NULL;
    struct fy_node *item;
    int result = give(walk, CONFIG_YAML_LIST, key, NULL);

    while (result == 0 && (item = fy_node_sequence_iterate(list, &cursor)) != NULL) {
        if (!fy_node_is_scalar(item))
            return fail(walk->problem, key->line, key->column,
                        "%s: an item is a list or mapping, must be a word", key->name);
        result = give(walk, CONFIG_YAML_ITEM, key, item);
    }
    return result;
}

static int read_key(const struct walk *walk, const struct place *section, struct fy_node *node,
                    struct place *ret_key)
{
    struct place key = {.line = section->line, .column = section->column};
    const char *text;
    size_t len;

    if (node == NULL || !fy_node_is_scalar(node) || fy_node_is_alias(node))
        return fail(walk->problem, section->line, section->column, "a key is not a word");
    yaml_source_scalar(node, &text, &len, &key.line, &key.column);
    bool root = section->name[0] == '\0';
    size_t before = strlen(section->name) + (root ? 0 : 1);
    if (len == 0 || memchr(text, '\0', len) != NULL || memchr(text, '.', len) != NULL)
        return fail(walk->problem, key.line, key.column, "a key is empty or holds a NUL or a dot");
    if (before + len >= sizeof(key.name))
        return fail(walk->problem, key.line, key.column, "a key is longer than %u bytes",
                    CONFIG_YAML_NAME_BYTES - 1);
    if (!root) {
        memcpy(key.name, section->name, before - 1);
        key.name[before - 1] = '.';
    }
    memcpy(key.name + before, text, len);
    key.name[before + len] = '\0';
    *ret_key = key;
    return 0;
}

/* One pair of a mapping; of a mapping within it only that it is there. */
static int walk_pair(const struct walk *walk, const struct place *section, bool deepest,
                     struct fy_node_pair *pair, struct place *ret_key)
{
    struct fy_node *value = fy_node_pair_value(pair);
    int result = read_key(walk, section, fy_node_pair_key(pair), ret_key);

    if (result < 0)
        return result;
    if (value == NULL)
        return give(walk, CONFIG_YAML_VALUE, ret_key, NULL);
    if (fy_node_is_scalar(value))
        return give(walk, CONFIG_YAML_VALUE, ret_key, value);
    if (fy_node_is_sequence(value))
        return walk_list(walk, ret_key, value);
    if (deepest)
        return fail(walk->problem, ret_key->line, ret_key->column,
                    "%s: is a mapping, must be a value", ret_key->name);
    return give(walk, CONFIG_YAML_SECTION, ret_key, NULL);
}

static int walk_root(const struct walk *walk, struct fy_node *root)
{
    struct level {
        struct fy_node *map;
        void *cursor;
        struct place key;
    } levels[CONFIG_YAML_DEPTH_MAX] = {{.map = root, .key = {.line = 1, .column = 1}}};
    size_t depth = 1;
    int result = 0;

    if (!fy_node_is_mapping(root))
        return fail(walk->problem, 1, 1, "must be a mapping of keys to values");
    while (result == 0 && depth > 0) {
        struct level *level = &levels[depth - 1];
        struct fy_node_pair *pair = fy_node_mapping_iterate(level->map, &level->cursor);
        struct place key = {.line = 1};
        if (pair == NULL) {
            depth--;
            continue;
        }
        result = walk_pair(walk, &level->key, depth == CONFIG_YAML_DEPTH_MAX, pair, &key);
        struct fy_node *value = fy_node_pair_value(pair);
        if (result == 0 && value != NULL && fy_node_is_mapping(value))
            levels[depth++] = (struct level){.map = value, .key = key};
    }
    return result;
}

static int read_document(const struct walk *walk, struct yaml_source *source, const char *bytes,
                         size_t len)
{
    struct fy_node *root = NULL;
    struct matcher_error error;
    int result = yaml_source_open(source, bytes, len, &root, &error);

    if (result == 0) {
        result = walk_root(walk, root);
        if (result != 0)
            return result; /* its problem is told */
        result = yaml_source_end(source, &error);
    }
    if (result == -EINVAL)
        return fail(walk->problem, error.line, error.column, "%s", error.text);
    return result;
}

/* Refuses what libfyaml is not to be trusted with (yaml_source.h) and no configuration needs. */
static int check_text(const char *bytes, size_t len, struct config_yaml_problem *reterr_problem)
{
    const char *at = bytes, *end = bytes + len;

    for (unsigned line = 1; at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *line_end = newline != NULL ? newline : end;
        if (!json_utf8(at, (size_t)(line_end - at)))
            return fail(reterr_problem, line, 1, "the line is not UTF-8");
        if (*at == '%')
            return fail(reterr_problem, line, 1, "directives are not taken");
        unsigned column = 0;
        for (; at < line_end; at++) {
            unsigned char byte = (unsigned char)*at;
            column += (byte & 0xc0) != 0x80;
            bool ends = byte == '\r' && at + 1 == line_end;
            if ((byte < 0x20 && byte != '\t' && !ends) || byte == 0x7f)
                return fail(reterr_problem, line, column, "holds the control character 0x%02x",
                            byte);
        }
        if (newline != NULL)
            at = newline + 1;
    }
    return 0;
}

int config_yaml_read(const char *bytes, size_t len,
                     int (*entry)(void *context, const struct config_yaml_entry *entry,
                                  struct config_yaml_problem *reterr_problem),
                     void *context, struct config_yaml_problem *reterr_problem)
{
    const struct walk walk = {.entry = entry, .context = context, .problem = reterr_problem};
    struct yaml_source source;
    int result = check_text(bytes, len, reterr_problem);

    if (result < 0)
        return result;
    result = read_document(&walk, &source, bytes, len);
    yaml_source_close(&source);
    return result;
}
