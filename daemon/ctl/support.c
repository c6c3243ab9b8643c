/*
 * noticectl support: an act of a platform for a listing or a merchant.
 */
#include "daemon/ctl/event_add.h"

static const struct ctl_option options[] = {
    EVENT_OPTION_PLATFORM,
    EVENT_OPTION_KIND("sponsored_ad, promo_email, preferred_status, ..."),
    {"gen", 0, "WORD", "human, algorithmic or unknown"},
    {"selective", 0, "BOOL", "true: it was chosen for this very merchant or listing"},
    EVENT_OPTION_LISTING,
    EVENT_OPTION_MERCHANT,
    {"campaign", 0, "NAME", "of the act"},
    {"landing-url", 0, "URL", "where it leads"},
    {"recipient-hash", 0, "HASH", "of who got it"},
    EVENT_OPTIONS_ALL,
    {0},
};

static const struct event_verb verbs[] = {
    {"add", "support", NULL, NULL},
    {0},
};

static int run(const struct ctl_command *command, int argc, char **argv)
{
    return event_add_run(command, verbs, argc, argv);
}

const struct ctl_command ctl_support = {
    .name = "support",
    .arguments = "add",
    .summary = "record an ad, a mail or a status given to a merchant",
    .details = "Without --listing and --merchant the act stays unresolved.\n"
               "\n" EVENT_ADD_DETAILS,
    .options = options,
    .run = run,
};
