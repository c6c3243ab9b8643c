/*
 * noticectl strike: a strike that a platform issued or revoked.
 */
#include "daemon/ctl/event_add.h"

static const struct ctl_option options[] = {
    EVENT_OPTION_PLATFORM,
    EVENT_OPTION_MERCHANT,
    {"strike", 0, "NAME", "its number at the platform"},
    {"notice", 0, "NUMBER", "the notice it comes from"},
    EVENT_OPTION_REASON,
    EVENT_OPTIONS_ALL,
    {0},
};

static const struct event_verb verbs[] = {
    {"add", "strike", NULL, ",\"action\":\"issued\""},
    {"revoke", "strike", NULL, ",\"action\":\"revoked\""},
    {0},
};

static int run(const struct ctl_command *command, int argc, char **argv)
{
    return event_add_run(command, verbs, argc, argv);
}

const struct ctl_command ctl_strike = {
    .name = "strike",
    .arguments = "add|revoke",
    .summary = "record a strike that a platform issued or revoked",
    .details =
        "Only what the platform itself calls a strike: what follows from notices is computed.\n"
        "\n" EVENT_ADD_DETAILS,
    .options = options,
    .run = run,
};
