/*
 * Entries of a configuration to field maps. Knows libfyaml's flat sequence; knows no file.
 */
#include "daemon/config_maps.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char top[] = "maps";

static int fail(char reterr_text[MAP_PROBLEM_BYTES], const char *text)
{
    (void)snprintf(reterr_text, MAP_PROBLEM_BYTES, "%s", text); /* a cut one is still one */
    return -EINVAL;
}

int config_maps_begin(struct config_maps *maps)
{
    maps->count = 0;
    return maps_open(&maps->maps);
}

bool config_maps_is_one(const char *name)
{
    const size_t len = sizeof(top) - 1;

    return strncmp(name, top, len) == 0 && (name[len] == '\0' || name[len] == '.');
}

static int begin_map(struct config_maps *maps, const struct config_yaml_entry *entry,
                     const char *name, char reterr_text[MAP_PROBLEM_BYTES])
{
    struct map *map = NULL;

    if (entry->kind != CONFIG_YAML_SECTION)
        return fail(reterr_text, "must hold keys: platform, listing_id, title, ...");
    int result = maps_add(maps->maps, name, strlen(name), &map, reterr_text);
    if (result < 0)
        return result;
    assert(maps->count < MAPS_MAX); /* maps_add would have said so */
    maps->made[maps->count].map = map;
    maps->made[maps->count].base = NULL;
    maps->made[maps->count].line = entry->key_line;
    maps->made[maps->count].column = entry->key_column;
    (void)snprintf(maps->made[maps->count].name, CONFIG_YAML_NAME_BYTES, "%s", entry->name);
    maps->count++;
    return 0;
}

static int set_base(struct config_maps *maps, const struct config_yaml_entry *entry,
                    char reterr_text[MAP_PROBLEM_BYTES])
{
    if (entry->kind != CONFIG_YAML_VALUE)
        return fail(reterr_text, "must be the name of one map");
    const struct map *base = maps_find(maps->maps, entry->text, entry->len);
    if (base == NULL || base == maps->made[maps->count - 1].map)
        return fail(reterr_text, "must be the name of a built-in map or of one above");
    maps->made[maps->count - 1].base = base;
    return 0;
}

/* A word of a key of the map that was begun last. */
static int add_word(struct config_maps *maps, const struct config_yaml_entry *entry,
                    const char *name, char reterr_text[MAP_PROBLEM_BYTES])
{
    enum map_key key = map_key_named(name, strlen(name));
    bool section = entry->kind == CONFIG_YAML_SECTION;

    if (strcmp(name, "base") == 0)
        return set_base(maps, entry, reterr_text);
    if (strcmp(name, "support") == 0)
        return section ? 0
                       : fail(reterr_text, "must hold kinds of support, such as sponsored_ad: /ad");
    if (key == MAP_KEYS_COUNT)
        return fail(reterr_text, strncmp(name, "support.", 8) == 0
                                     ? "no such kind of support: it must be one that counts as an "
                                       "act, such as sponsored_ad or preferred_status"
                                     : "no such key of a map");
    if (section)
        return fail(reterr_text, "must be a word or a list of words");
    if (entry->kind == CONFIG_YAML_LIST)
        return 0;
    return map_add(maps->made[maps->count - 1].map, key, entry->text, entry->len, reterr_text);
}

int config_maps_take(struct config_maps *maps, const struct config_yaml_entry *entry,
                     char reterr_text[MAP_PROBLEM_BYTES])
{
    const char *name = entry->name + sizeof(top) - 1;

    if (name[0] == '\0') {
        bool empty = entry->kind == CONFIG_YAML_VALUE && entry->len == 0;
        return empty || entry->kind == CONFIG_YAML_SECTION
                   ? 0
                   : fail(reterr_text, "must hold maps by their names");
    }
    const char *key = strchr(++name, '.');
    if (key == NULL)
        return begin_map(maps, entry, name, reterr_text);
    return add_word(maps, entry, key + 1, reterr_text);
}

int config_maps_finish(struct config_maps *maps, struct config_yaml_entry *reterr_entry,
                       char reterr_text[MAP_PROBLEM_BYTES])
{
    int result = 0;

    for (size_t i = 0; i < maps->count && result == 0; i++) {
        if (maps->made[i].base != NULL)
            result = map_inherit(maps->made[i].map, maps->made[i].base);
        if (result == 0)
            result = map_check(maps->made[i].map, reterr_text);
        if (result != -EINVAL)
            continue;
        reterr_entry->name = maps->made[i].name;
        reterr_entry->key_line = maps->made[i].line;
        reterr_entry->key_column = maps->made[i].column;
    }
    return result;
}
