/*
 * The lists of marks, cues and rules named on the command line, for the subcommands that match by
 * themselves.
 */
#ifndef DAEMON_CTL_PATTERNS_H
#define DAEMON_CTL_PATTERNS_H

#include <stddef.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ruleset.h"

struct patterns {
    struct ruleset_file files[RULESET_SOURCES_MAX];
    size_t count, marks_count, rules_count;
};

/* The options that scan and explain share, as rows of their tables; they come first there. */
enum patterns_option {
    PATTERNS_OPTION_MARKS = 0,
    PATTERNS_OPTION_CUES,
    PATTERNS_OPTION_RULES,
    PATTERNS_OPTIONS_COUNT,
};

#define PATTERNS_OPTIONS                                                                           \
    {"marks", 'm', "FILE", "marks to look for, TSV; may be given several times"},                  \
        {"cues", 'c', "FILE", "phrases that make a mark suspicious, TSV; likewise"},               \
    {                                                                                              \
        "rules", 0, "FILE", "rules of your own, YAML; likewise"                                    \
    }

/* Takes one of these options. 0, or -EINVAL after printing why. */
int patterns_take(struct patterns *patterns, const struct ctl_command *command,
                  enum patterns_option option, const char *value);

/* Reads and compiles. NULL after printing what is wrong, and where. */
struct ruleset *patterns_compile(const struct patterns *patterns,
                                 const struct ctl_command *command);

#endif
