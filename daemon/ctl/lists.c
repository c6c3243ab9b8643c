/*
 * The mark and cue lists named on the command line. Knows options, not what a list holds.
 */
#include "daemon/ctl/lists.h"

#include <errno.h>

int lists_take(struct lists *lists, const struct ctl_command *command, enum lists_option option,
               const char *value)
{
    if (option == LISTS_OPTION_RULES) {
        (void)ctl_error("%s: --rules comes with a later version; use --marks and --cues",
                        command->name);
        return -EINVAL;
    }
    if (lists->count == RULESET_SOURCES_MAX) {
        (void)ctl_error("%s: at most %u lists can be given", command->name, RULESET_SOURCES_MAX);
        return -EINVAL;
    }
    bool marks = option == LISTS_OPTION_MARKS;
    lists->marks_count += marks ? 1 : 0;
    lists->files[lists->count++] =
        (struct ruleset_file){.kind = marks ? RULESET_MARKS : RULESET_CUES, .path = value};
    return 0;
}

struct ruleset *lists_compile(const struct lists *lists, const struct ctl_command *command)
{
    if (lists->marks_count == 0) {
        (void)ctl_error("%s: say what to look for with --marks FILE; see `noticectl %s --help`",
                        command->name, command->name);
        return NULL;
    }
    struct ruleset *ruleset = NULL;
    char error[RULESET_ERROR_BYTES];
    int result = ruleset_compile(lists->files, lists->count, &ruleset, error);
    if (result == 0)
        return ruleset;
    (void)ctl_error("%s", error);
    return NULL;
}
