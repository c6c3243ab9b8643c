/*
 * The files that a command line names: a folder stands for its .json files in the order of their
 * names, as Crawlee's datasets are written (storage/datasets/default/000000001.json, ...), without
 * its __metadata__.json. Knows no file's inside.
 */
#ifndef DAEMON_CTL_ARGUMENTS_H
#define DAEMON_CTL_ARGUMENTS_H

#include <stddef.h>

struct arguments {
    char **at;
    size_t count;
};

/* The names of a command line; none: "-". A folder without such files stays as it is, and is told
   by who opens it. 0 or -ENOMEM; arguments_close frees what is there in both cases. */
int arguments_open(int count, char **arguments, struct arguments *ret_names);

/* Frees; a zeroed one is fine. */
void arguments_close(struct arguments *names);

#endif
