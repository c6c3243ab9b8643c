/*
 * The lists of marks, cues and rules named on the command line. Knows options, not what a list
 * holds.
 */
#include "daemon/ctl/patterns.h"

#include <errno.h>

int patterns_take(struct patterns *patterns, const struct ctl_command *command,
                  enum patterns_option option, const char *value)
{
    if (patterns->count == RULESET_SOURCES_MAX) {
        (void)ctl_error("%s: at most %u lists can be given", command->name, RULESET_SOURCES_MAX);
        return -EINVAL;
    }
    enum ruleset_source_kind kind = option == PATTERNS_OPTION_MARKS  ? RULESET_MARKS
                                    : option == PATTERNS_OPTION_CUES ? RULESET_CUES
                                                                     : RULESET_RULES;
    /* Rules name marks, which are read before them whatever the order of the options is. */
    size_t at = patterns->count++;
    for (; kind != RULESET_RULES && at > 0 && patterns->files[at - 1].kind == RULESET_RULES; at--)
        patterns->files[at] = patterns->files[at - 1];
    patterns->files[at] = (struct ruleset_file){.kind = kind, .path = value};
    patterns->marks_count += kind == RULESET_MARKS ? 1 : 0;
    patterns->rules_count += kind == RULESET_RULES ? 1 : 0;
    return 0;
}

struct ruleset *patterns_compile(const struct patterns *patterns, const struct ctl_command *command)
{
    if (patterns->marks_count + patterns->rules_count == 0) {
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
