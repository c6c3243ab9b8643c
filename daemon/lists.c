/*
 * From the configuration's lists to a compile job. Knows the config and the compiler.
 */
#include "daemon/lists.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int lists_begin(const struct config *config, struct reload *reload)
{
    struct ruleset_file files[RULESET_SOURCES_MAX];
    size_t count = 0;
    if (config->marks.count + config->cues.count + config->rules.count > RULESET_SOURCES_MAX) {
        (void)snprintf(reload->text, sizeof reload->text,
                       "more than %u lists of marks, cues, rules", RULESET_SOURCES_MAX);
        return -EINVAL;
    }
    for (size_t i = 0; i < config->marks.count; i++)
        files[count++] = (struct ruleset_file){RULESET_MARKS, config->marks.paths[i]};
    for (size_t i = 0; i < config->cues.count; i++)
        files[count++] = (struct ruleset_file){RULESET_CUES, config->cues.paths[i]};
    for (size_t i = 0; i < config->rules.count; i++)
        files[count++] = (struct ruleset_file){RULESET_RULES, config->rules.paths[i]};
    const struct compiler_limits limits = {.seconds = config->compile_seconds,
                                           .mebibytes = config->compile_mib};
    return reload_begin(reload, files, count, &limits);
}

int lists_reload(const char *config_path, struct reload *reload)
{
    struct config *config = NULL;
    char error[CONFIG_ERROR_BYTES];
    int result = config_load(config_path, &config, error);
    if (result < 0) {
        /* The first line stands alone; the excerpt after it is for a terminal. */
        (void)snprintf(reload->text, sizeof reload->text, "%.*s", (int)strcspn(error, "\n"), error);
        return result;
    }
    permissions_rules_of(config, &reload->rules);
    result = lists_begin(config, reload);
    config = config_free(config);
    return result;
}
