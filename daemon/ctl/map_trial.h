/*
 * What a field map makes of files: which word filled which field, what is missing, what would be
 * refused.
 */
#ifndef DAEMON_CTL_MAP_TRIAL_H
#define DAEMON_CTL_MAP_TRIAL_H

#include "daemon/map.h"

/* Reads the files ("-": standard input), tells refused lines on stderr and prints a table. Returns
   an exit code: CTL_REJECTED when some lines would be refused. */
int map_trial(const struct map *map, int count, char **names);

#endif
