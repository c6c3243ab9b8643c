/*
 * noticectl event: any kind of event.
 */
#include "daemon/ctl/event_add.h"

static const struct ctl_option options[] = {
    {"type", 0, "TYPE", "its kind, such as merchant.link or coverage"},
    EVENT_OPTION_PLATFORM,
    EVENT_OPTION_MERCHANT,
    EVENT_OPTION_LISTING,
    {"notice", 0, "NUMBER", "the notice it is about"},
    {"order", 0, "NAME", "the order it is about"},
    EVENT_OPTION_KIND("of the event"),
    {"state", 0, "WORD", "of a sighting or account"},
    {"via", 0, "WORD", "of a sighting: page, api, platform, cache, search_index"},
    {"outcome", 0, "WORD", "of a review"},
    {"subject", 0, "ID", "of a review: the id of the event"},
    {"name", 0, "TEXT", "of a platform"},
    {"from", 0, "TIME", "of coverage"},
    {"to", 0, "TIME", "of coverage; of a merchant.transfer the account that has the business now"},
    EVENT_OPTIONS_ALL,
    {0},
};

static const struct event_verb verbs[] = {
    {"add", NULL, NULL, NULL},
    {0},
};

static int run(const struct ctl_command *command, int argc, char **argv)
{
    return event_add_run(command, verbs, argc, argv);
}

const struct ctl_command ctl_event = {
    .name = "event",
    .arguments = "add",
    .summary = "record an event of any kind",
    .details = "What has no option here is said with --member, or in a whole event with --file.\n"
               "\n" EVENT_ADD_DETAILS,
    .options = options,
    .run = run,
};
