/*
 * A set of maps by name. Knows no configuration and no line.
 */
#include "daemon/maps.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct maps {
    size_t count, builtin_count;
    struct map *maps[MAPS_MAX];
};

struct map *maps_find(const struct maps *maps, const char *name, size_t len)
{
    for (size_t i = 0; i < maps->count; i++)
        if (strlen(map_name(maps->maps[i])) == len &&
            memcmp(map_name(maps->maps[i]), name, len) == 0)
            return maps->maps[i];
    return NULL;
}

static int fill(const struct maps *maps, struct map *map, const struct maps_builtin *builtin)
{
    char problem[MAP_PROBLEM_BYTES];
    const struct maps_builtin_word *word = builtin->words;
    int result = 0;

    for (; result == 0 && word->word != NULL; word++)
        result = map_add(map, word->key, word->word, strlen(word->word), problem);
    assert(result != -EINVAL); /* a test makes each of them */
    if (result < 0 || builtin->base == NULL)
        return result;
    return map_inherit(map, maps_find(maps, builtin->base, strlen(builtin->base)));
}

int maps_open(struct maps **ret_maps)
{
    char problem[MAP_PROBLEM_BYTES];
    struct maps *maps = calloc(1, sizeof(*maps));
    int result = maps == NULL ? -ENOMEM : 0;

    for (const struct maps_builtin *builtin = maps_builtin; result == 0 && builtin->name != NULL;
         builtin++) {
        struct map *map = NULL;
        result = maps_add(maps, builtin->name, strlen(builtin->name), &map, problem);
        assert(result != -EINVAL);
        if (result == 0)
            result = fill(maps, map, builtin);
    }
    if (result < 0) {
        (void)maps_close(maps); /* always NULL */
        return result;
    }
    maps->builtin_count = maps->count;
    *ret_maps = maps;
    return 0;
}

bool maps_is_builtin(const struct maps *maps, const struct map *map)
{
    for (size_t i = 0; i < maps->builtin_count; i++)
        if (maps->maps[i] == map)
            return true;
    return false;
}

static const char *name_problem(const struct maps *maps, const char *name, size_t len)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "_:-";

    if (len == 0 || len > MAP_NAME_BYTES_MAX)
        return "a name has 1 to 64 characters";
    for (size_t i = 0; i < len; i++)
        if (memchr(allowed, name[i], sizeof(allowed) - 1) == NULL)
            return "a name has only A-Z a-z 0-9 _ : -";
    if (len == strlen(MAPS_NONE) && memcmp(name, MAPS_NONE, len) == 0)
        return "none stands for no map: give it another name";
    const struct map *there = maps_find(maps, name, len);
    if (there != NULL)
        return maps_is_builtin(maps, there)
                   ? "is built in: give yours another name, and `base` to begin with this one"
                   : "is there twice";
    return maps->count == MAPS_MAX ? "there are too many maps" : NULL;
}

int maps_add(struct maps *maps, const char *name, size_t len, struct map **ret_map,
             char reterr_text[MAP_PROBLEM_BYTES])
{
    const char *problem = name_problem(maps, name, len);
    char copy[MAP_NAME_BYTES_MAX + 1] = "";

    if (problem != NULL) {
        (void)snprintf(reterr_text, MAP_PROBLEM_BYTES, "%s", problem); /* it fits */
        return -EINVAL;
    }
    memcpy(copy, name, len);
    int result = map_open(copy, &maps->maps[maps->count]);
    if (result == 0)
        *ret_map = maps->maps[maps->count++];
    return result;
}

size_t maps_count(const struct maps *maps)
{
    return maps->count;
}

const struct map *maps_at(const struct maps *maps, size_t index)
{
    assert(index < maps->count);
    return maps->maps[index];
}

struct maps *maps_close(struct maps *maps)
{
    if (maps == NULL)
        return NULL;
    for (size_t i = 0; i < maps->count; i++)
        (void)map_close(maps->maps[i]); /* always NULL */
    free(maps);
    return NULL;
}
