/*
 * The `maps:` of a configuration: entries of the YAML text to field maps. Knows no other key.
 *
 *   maps:
 *     shop:                        # a name, for a hello or crawl.map
 *       base: scrapy               # a map above, or a built-in one, for what is not said here
 *       platform: =shop            # a key of map.h, and a word or a list of words
 *       title: [/name, /title]
 *       support: {sponsored_ad: /ad}
 */
#ifndef DAEMON_CONFIG_MAPS_H
#define DAEMON_CONFIG_MAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/config_yaml.h"
#include "daemon/maps.h"

struct config_maps {
    struct maps *maps; /* the reader's, from config_maps_begin on */
    size_t count;
    struct {
        struct map *map;
        const struct map *base; /* or NULL */
        char name[CONFIG_YAML_NAME_BYTES];
        unsigned line, column;
    } made[MAPS_MAX];
};

/* Makes the set, of the built-in maps only. 0 or -ENOMEM. */
int config_maps_begin(struct config_maps *maps);

/* Whether an entry of this name belongs here: "maps" and what is below it. */
bool config_maps_is_one(const char *name);

/* Takes such an entry. 0; -EINVAL with what is wrong in reterr_text; -ENOMEM. */
int config_maps_take(struct config_maps *maps, const struct config_yaml_entry *entry,
                     char reterr_text[MAP_PROBLEM_BYTES]);

/* Completes the maps once all are read. 0; -ENOMEM; -EINVAL with the name and place of the map in
 *reterr_entry, borrowed from maps, and what is wrong with it in reterr_text. */
int config_maps_finish(struct config_maps *maps, struct config_yaml_entry *reterr_entry,
                       char reterr_text[MAP_PROBLEM_BYTES]);

#endif
