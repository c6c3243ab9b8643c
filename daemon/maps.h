/*
 * The field maps that a name can pick: the built-in ones and those of a configuration. Immutable
 * once it is made; any thread may read it.
 */
#ifndef DAEMON_MAPS_H
#define DAEMON_MAPS_H

#include <stddef.h>

#include "daemon/map.h"

#define MAPS_MAX  64u    /* built-in ones included */
#define MAPS_NONE "none" /* names no map: lines have the members of DESIGN 3 themselves */

struct maps;

/* Makes a set of the built-in maps. 0 or -ENOMEM. */
int maps_open(struct maps **ret_maps);

/* The map of this name, or NULL. Borrowed from the set. */
struct map *maps_find(const struct maps *maps, const char *name, size_t len);

/* Whether a map of the set is built in. */
bool maps_is_builtin(const struct maps *maps, const struct map *map);

/* Adds an empty map, to be filled by its maker before anybody else reads the set. 0; -EINVAL with
   what is wrong with the name in reterr_text: it is taken, is "none", has other characters than
   [A-Za-z0-9_:-], or there are MAPS_MAX; -ENOMEM. */
int maps_add(struct maps *maps, const char *name, size_t len, struct map **ret_map,
             char reterr_text[MAP_PROBLEM_BYTES]);

/* How many maps there are, and one of them. */
size_t maps_count(const struct maps *maps);
const struct map *maps_at(const struct maps *maps, size_t index);

/* Frees it and its maps; NULL is fine. Returns NULL. */
struct maps *maps_close(struct maps *maps);

/* One word of a built-in map. */
struct maps_builtin_word {
    enum map_key key;
    const char *word;
};

struct maps_builtin {
    const char *name;
    const char *base;                      /* one above, whose words it takes for keys without any;
                                              or NULL */
    const struct maps_builtin_word *words; /* ended by one without a word */
};

/* The built-in maps, ended by one without a name; maps_builtin.c. */
extern const struct maps_builtin maps_builtin[];

#endif
