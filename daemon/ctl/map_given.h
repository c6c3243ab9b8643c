/*
 * The field map named on the command line, for the subcommands that map lines by themselves.
 */
#ifndef DAEMON_CTL_MAP_GIVEN_H
#define DAEMON_CTL_MAP_GIVEN_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/config.h"
#include "daemon/ctl/ctl.h"
#include "daemon/maps.h"

#define MAP_GIVEN_MAX 64u /* --map on one command line */

#define MAP_GIVEN_OPTIONS                                                                          \
    {"map", 0, "MAP", "field map of LISTINGS of another shape: NAME or WORD=KEY; see map --help"}, \
    {                                                                                              \
        "config", 0, "FILE", "the daemon's configuration, whose maps: may be named too"            \
    }

/* The options above, in their order. */
enum map_given_option {
    MAP_GIVEN_OPTION_MAP = 0,
    MAP_GIVEN_OPTION_CONFIG,
    MAP_GIVEN_OPTIONS_COUNT,
};

struct map_given {
    size_t count;
    const char *words[MAP_GIVEN_MAX]; /* of the options --map */
    const char *config_path;
    struct config *config; /* or NULL */
    struct maps *maps;     /* the built-in ones, when there is no config */
    struct map *made;      /* of words on the command line; or NULL */
    const struct map *map; /* the result; NULL: none was given */
};

/* Takes one of these options. 0, or -EINVAL after printing why. */
int map_given_take(struct map_given *given, const struct ctl_command *command,
                   enum map_given_option option, const char *value);

/* Finds or makes the map. 0, or -EINVAL after printing what is wrong, and where. */
int map_given_open(struct map_given *given, const struct ctl_command *command);

/* The set that names are looked up in; after map_given_open. */
const struct maps *map_given_set(const struct map_given *given);

/* Whether this is said of a line that no map read and that names no platform, as hardly a crawler's
   own item does: its members have other names. */
bool map_given_wanted(const char *detail);

/* Says, once there was such a line, what maps are for. */
void map_given_advise(void);

/* Frees what it holds; a zeroed one is fine. */
void map_given_close(struct map_given *given);

#endif
