/*
 * noticectl map: shows the field maps, and what one makes of a file. Knows no daemon.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/arguments.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/map_given.h"
#include "daemon/ctl/map_trial.h"

static const struct ctl_option options[] = {
    MAP_GIVEN_OPTIONS,
    {0},
};

static int list(const struct map_given *given)
{
    const struct maps *maps = map_given_set(given);

    for (size_t i = 0; i < maps_count(maps); i++)
        printf("%s\n", map_name(maps_at(maps, i)));
    return ctl_finish();
}

/* As a configuration would say it. Words hold no control characters but in a quoted text. */
static void show_key(const struct map *map, enum map_key key)
{
    const char *dot = strchr(map_key_name(key), '.');
    const size_t count = map_words_count(map, key);

    if (count == 0)
        return;
    printf("    %s%s: %s", dot == NULL ? "" : "  ", dot == NULL ? map_key_name(key) : dot + 1,
           count > 1 ? "[" : "");
    for (size_t i = 0; i < count; i++) {
        printf("%s'", i > 0 ? ", " : "");
        for (const char *at = map_word(map, key, i); *at != '\0'; at++)
            printf(*at == '\'' ? "''" : "%c", *at);
        printf("'");
    }
    printf("%s\n", count > 1 ? "]" : "");
}

static int show(const struct map_given *given)
{
    if (given->map == NULL)
        return ctl_error("map: show which one? --map NAME");
    printf("maps:\n  %s:\n", map_name(given->map));
    for (enum map_key key = 0; key < MAP_SUPPORT; key++)
        show_key(given->map, key);
    bool support = false;
    for (enum map_key key = MAP_SUPPORT; key < MAP_SUPPORT_END; key++) {
        if (!support && map_words_count(given->map, key) > 0)
            printf("    support:\n");
        support = support || map_words_count(given->map, key) > 0;
        show_key(given->map, key);
    }
    return ctl_finish();
}

static int test(const struct map_given *given, int count, char **names)
{
    if (given->map == NULL)
        return ctl_error("map: test which one? --map NAME, or --map WORD=KEY");
    struct arguments files = {0};
    int exit_code = arguments_open(count, names, &files) < 0
                        ? ctl_error("map: %s", ctl_errno(ENOMEM))
                        : map_trial(given->map, (int)files.count, files.at);
    arguments_close(&files);
    return exit_code;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct map_given given = {.count = 0};
    const char *value = NULL;
    int first = argc, option = 0, exit_code = CTL_USAGE;

    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0)
        if (map_given_take(&given, command, (enum map_given_option)option, value) < 0)
            return CTL_USAGE;
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    const char *what = first < argc ? argv[first++] : "";
    if (map_given_open(&given, command) < 0)
        exit_code = CTL_USAGE;
    else if (strcmp(what, "list") == 0 && first == argc)
        exit_code = list(&given);
    else if (strcmp(what, "show") == 0 && first == argc)
        exit_code = show(&given);
    else if (strcmp(what, "test") == 0)
        exit_code = test(&given, argc - first, argv + first);
    else
        exit_code =
            ctl_error("map: say what to do: list, show or test; see `noticectl map --help`");
    map_given_close(&given);
    return exit_code;
}

const struct ctl_command ctl_map = {
    .name = "map",
    .arguments = "list | show | test [LISTINGS...]",
    .summary = "what a field map makes of crawlers' own JSON",
    .details =
        "list names the maps; show prints one as YAML, to copy into maps: of a configuration;\n"
        "test says which word filled which field of how many lines, with an example, in how many\n"
        "a field is missing, and why a line would be refused (exit code 4).\n"
        "MAP is a name, or WORD=KEY: /name=title, =shop=platform, host:/url=platform; given\n"
        "several times, words go before those of the named map. KEY is platform, listing_id,\n"
        "title, seller_id, description, url, currency, price, state, via, status, observed_at,\n"
        "capture_id, capture_digest, root, where, zone, gone or support.KIND. A WORD is a JSON\n"
        "Pointer (* for every element), =text or host:POINTER; of conditions (where,\n"
        "gone, support) /flag or /type=value.\n",
    .options = options,
    .run = run,
};
