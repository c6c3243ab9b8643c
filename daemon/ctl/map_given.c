/*
 * --map and --config: a name, or words, to a field map. Knows no line.
 */
#include "daemon/ctl/map_given.h"

#include <errno.h>
#include <string.h>

int map_given_take(struct map_given *given, const struct ctl_command *command,
                   enum map_given_option option, const char *value)
{
    if (option == MAP_GIVEN_OPTION_CONFIG) {
        given->config_path = value;
        return 0;
    }
    if (given->count == MAP_GIVEN_MAX) {
        (void)ctl_error("%s: more than %u times --map", command->name, MAP_GIVEN_MAX);
        return -EINVAL;
    }
    given->words[given->count++] = value;
    return 0;
}

const struct maps *map_given_set(const struct map_given *given)
{
    return given->config != NULL ? given->config->maps : given->maps;
}

/* /name=title: what stands before the last "=", and the key behind it. 0 or -EINVAL, told. */
static int add_word(struct map_given *given, const char *text)
{
    char problem[MAP_PROBLEM_BYTES];
    const char *equals = strrchr(text, '=');
    enum map_key key = map_key_named(equals + 1, strlen(equals + 1));

    if (key == MAP_KEYS_COUNT) {
        (void)ctl_error("--map %s: %s: no such key of a map; see `noticectl map --help`", text,
                        equals + 1);
        return -EINVAL;
    }
    int result = map_add(given->made, key, text, (size_t)(equals - text), problem);
    if (result < 0)
        (void)ctl_error("--map %s: %s", text, result == -EINVAL ? problem : ctl_errno(result));
    return result < 0 ? -EINVAL : 0;
}

/* A map by its name. 0 or -EINVAL, told. */
static int find_name(struct map_given *given, const char *name)
{
    if (given->map != NULL) {
        (void)ctl_error("--map %s: %s is named already; what is said beside a name must be "
                        "WORD=KEY",
                        name, map_name(given->map));
        return -EINVAL;
    }
    given->map = maps_find(map_given_set(given), name, strlen(name));
    if (given->map != NULL)
        return 0;
    (void)ctl_error("--map %s: no such map; `noticectl map list` names them%s", name,
                    given->config == NULL ? ", --config FILE adds those of a configuration" : "");
    return -EINVAL;
}

/* What was said word by word goes before what the named map says of the same key. */
static int finish(struct map_given *given)
{
    char problem[MAP_PROBLEM_BYTES];
    int result = given->map == NULL ? 0 : map_inherit(given->made, given->map);

    if (result == 0)
        result = map_check(given->made, problem);
    if (result < 0)
        (void)ctl_error("--map: %s%s", result == -EINVAL ? "the map " : "",
                        result == -EINVAL ? problem : ctl_errno(result));
    given->map = given->made;
    return result < 0 ? -EINVAL : 0;
}

/* A fault of a configuration has several lines: where it is, and the place as it is written. */
static void tell_lines(const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        ctl_message("%.*s", (int)len, text);
        text += len + (text[len] == '\n' ? 1 : 0);
    }
}

int map_given_open(struct map_given *given, const struct ctl_command *command)
{
    char text[CONFIG_ERROR_BYTES] = "";
    int result = given->config_path != NULL ? config_load(given->config_path, &given->config, text)
                                            : maps_open(&given->maps);

    if (result < 0 && given->config_path != NULL) {
        tell_lines(text);
        return -EINVAL;
    }
    bool words = false;
    for (size_t i = 0; i < given->count; i++)
        words = words || strchr(given->words[i], '=') != NULL;
    if (result == 0 && words)
        result = map_open("given", &given->made);
    if (result < 0) {
        (void)ctl_error("%s: %s", command->name, ctl_errno(result));
        return -EINVAL;
    }
    for (size_t i = 0; i < given->count && result == 0; i++)
        result = strchr(given->words[i], '=') != NULL ? add_word(given, given->words[i])
                                                      : find_name(given, given->words[i]);
    return result == 0 && words ? finish(given) : result;
}

bool map_given_wanted(const char *detail)
{
    return strcmp(detail, "platform: missing") == 0;
}

void map_given_advise(void)
{
    (void)ctl_error(
        "listings have a platform, a listing_id and a title; what a crawler calls "
        "otherwise needs a field map, as --map scrapy is one: `noticectl map test --map "
        "scrapy FILE` shows what it finds");
}

void map_given_close(struct map_given *given)
{
    given->made = map_close(given->made);
    given->maps = maps_close(given->maps);
    given->config = config_free(given->config);
}
