/*
 * The mark and cue lists named on the command line, for the subcommands that match by themselves.
 */
#ifndef DAEMON_CTL_LISTS_H
#define DAEMON_CTL_LISTS_H

#include <stddef.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ruleset.h"

struct lists {
    struct ruleset_file files[RULESET_SOURCES_MAX];
    size_t count, marks_count;
};

/* The options that scan and explain share, as rows of their tables; they come first there. */
enum lists_option {
    LISTS_OPTION_MARKS = 0,
    LISTS_OPTION_CUES,
    LISTS_OPTION_RULES,
    LISTS_OPTIONS_COUNT,
};

#define LISTS_OPTIONS                                                                              \
    {"marks", 'm', "FILE", "marks to look for, TSV; may be given several times"},                  \
        {"cues", 'c', "FILE", "phrases that make a mark suspicious, TSV; likewise"},               \
    {                                                                                              \
        "rules", 0, "FILE", "rules of your own (comes with a later version)"                       \
    }

/* Takes one of these options. 0, or -EINVAL after printing why. */
int lists_take(struct lists *lists, const struct ctl_command *command, enum lists_option option,
               const char *value);

/* Reads and compiles. NULL after printing what is wrong, and where. */
struct ruleset *lists_compile(const struct lists *lists, const struct ctl_command *command);

#endif
