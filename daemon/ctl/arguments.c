/*
 * Arguments and what folders hold.
 */
#include "daemon/ctl/arguments.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_item(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0 &&
           strcmp(entry->d_name, "__metadata__.json") != 0;
}

/* By bytes: what the user's language sorts is no order of items. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Takes over the name. */
static int add(struct arguments *names, char *name)
{
    if (name == NULL)
        return -ENOMEM;
    if ((names->count & (names->count - 1)) == 0) { /* full: its room is a power of two */
        size_t room = names->count == 0 ? 1 : 2 * names->count;
        char **at = reallocarray(names->at, room, sizeof *at);
        if (at == NULL) {
            free(name);
            return -ENOMEM;
        }
        names->at = at;
    }
    names->at[names->count++] = name;
    return 0;
}

/* The items of a folder. How many, 0 when it is none, or -ENOMEM. */
static int add_folder(struct arguments *names, const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_item, by_bytes), result = 0;
    for (int i = 0; i < count; i++) {
        char *name = NULL;
        if (result == 0 && asprintf(&name, "%s/%s", folder, entries[i]->d_name) == -1)
            name = NULL;
        if (result == 0)
            result = add(names, name);
        free(entries[i]);
    }
    free(entries);
    return result < 0 ? result : count < 0 ? 0 : count;
}

int arguments_open(int count, char **arguments, struct arguments *ret_names)
{
    int result = count == 0 ? add(ret_names, strdup("-")) : 0;
    for (int i = 0; i < count && result >= 0; i++) {
        result = add_folder(ret_names, arguments[i]);
        if (result == 0)
            result = add(ret_names, strdup(arguments[i]));
    }
    return result < 0 ? result : 0;
}

void arguments_close(struct arguments *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->at[i]);
    free(names->at);
    *names = (struct arguments){0};
}
