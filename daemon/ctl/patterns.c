/*
 * The mark and cue lists named on the command line. Knows options, not what a list holds.
 */
#include "daemon/ctl/patterns.h"

#include <errno.h>

int patterns_take(struct patterns *patterns, const struct ctl_command *command,
                  enum patterns_option option, const char *value)
{
    if (option == PATTERNS_OPTION_RULES) {
        (void)ctl_error("%s: --rules comes with a later version; use --marks and --cues",
                        command->name);
        return -EINVAL;
    }
    if (patterns->count == RULESET_SOURCES_MAX) {
        (void)ctl_error("%s: at most %u lists can be given", command->name, RULESET_SOURCES_MAX);
        return -EINVAL;
    }
    bool marks = option == PATTERNS_OPTION_MARKS;
    patterns->marks_count += marks ? 1 : 0;
    patterns->files[patterns->count++] =
        (struct ruleset_file){.kind = marks ? RULESET_MARKS : RULESET_CUES, .path = value};
    return 0;
}

struct ruleset *patterns_compile(const struct patterns *patterns, const struct ctl_command *command)
{
    if (patterns->marks_count == 0) {
        (void)ctl_error("%s: say what to look for with --marks FILE; see `noticectl %s --help`",
                        command->name, command->name);
        return NULL;
    }
    struct ruleset *ruleset = NULL;
    char error[RULESET_ERROR_BYTES];
    int result = ruleset_compile(patterns->files, patterns->count, &ruleset, error);
    if (result == 0)
        return ruleset;
    (void)ctl_error("%s", error);
    return NULL;
}
