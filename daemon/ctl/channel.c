/*
 * noticectl channel: a way by which notices reach a platform.
 */
#include "daemon/ctl/event_add.h"

static const struct ctl_option options[] = {
    EVENT_OPTION_PLATFORM,
    {"channel", 0, "NAME", "its name, as notices say it"},
    {"class", 0, "WORD", "designated, court, agent or other"},
    {"url", 0, "URL", "where it is"},
    {"from", 0, "TIME", "since when"},
    {"to", 0, "TIME", "until when"},
    {"deemed-receipt", 0, "WORD", "when a notice counts as received"},
    EVENT_OPTIONS_ALL,
    {0},
};

static const struct event_verb verbs[] = {
    {"add", "channel", NULL, NULL},
    {0},
};

static int run(const struct ctl_command *command, int argc, char **argv)
{
    return event_add_run(command, verbs, argc, argv);
}

const struct ctl_command ctl_channel = {
    .name = "channel",
    .arguments = "add",
    .summary = "record a way by which notices reach a platform",
    .details = "Only notices through a designated channel make strikes.\n"
               "\n" EVENT_ADD_DETAILS,
    .options = options,
    .run = run,
};
