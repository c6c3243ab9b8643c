/*
 * noticectl takedown: a listing was removed, or put back.
 */
#include "daemon/ctl/event_add.h"

static const struct ctl_option options[] = {
    EVENT_OPTION_PLATFORM,
    EVENT_OPTION_LISTING,
    EVENT_OPTION_REASON,
    {"territory", 0, "CODE", "where, ISO 3166; may be repeated"},
    {"puid", 0, "ID", "the platform's number of its statement of reasons (DSA)"},
    {"decision-visibility", 0, "WORD", "of that statement"},
    EVENT_OPTIONS_ALL,
    {0},
};

static const struct event_verb verbs[] = {
    {"add", "takedown", NULL, NULL},
    {"restore", "restore", NULL, NULL},
    {0},
};

static int run(const struct ctl_command *command, int argc, char **argv)
{
    return event_add_run(command, verbs, argc, argv);
}

const struct ctl_command ctl_takedown = {
    .name = "takedown",
    .arguments = "add|restore",
    .summary = "record that a listing was removed or put back",
    .details = "add records a removal, restore that the listing was put back. --actor is platform, "
               "seller or\n"
               "court.\n"
               "\n" EVENT_ADD_DETAILS,
    .options = options,
    .run = run,
};
