/*
 * noticectl order: what a court ordered, whom it binds, and who was told.
 */
#include "daemon/ctl/event_add.h"

static const struct ctl_option options[] = {
    {"order", 0, "NAME", "court, docket and number"},
    EVENT_OPTION_KIND("TRO, PI, PERM or DEFAULT"),
    {"court", 0, "NAME", "such as nysd"},
    {"docket", 0, "NUMBER", "such as 22-CV-9384"},
    {"expires", 0, "TIME", "when it ends by itself"},
    EVENT_OPTION_MERCHANT,
    EVENT_OPTION_PLATFORM,
    {"by", 0, "NAME", "of served: who served it"},
    {"method", 0, "WORD", "of served: how"},
    EVENT_OPTIONS_ALL,
    {0},
};

static const struct event_verb verbs[] = {
    {"add", "order", NULL, NULL},
    {"party", "order.party", NULL, NULL},
    {"served", "order.served", NULL, NULL},
    {"ack", "order.ack", NULL, NULL},
    {"vacated", "order.vacated", NULL, NULL},
    {"dismissed", "order.dismissed", NULL, NULL},
    {0},
};

static int run(const struct ctl_command *command, int argc, char **argv)
{
    return event_add_run(command, verbs, argc, argv);
}

const struct ctl_command ctl_order = {
    .name = "order",
    .arguments = "add|party|served|ack|vacated|dismissed",
    .summary = "record a court order, its parties and its service",
    .details =
        "add records that it was entered, party that it binds a merchant, served and ack that a\n"
        "platform was served or says so, dismissed that it no longer binds a merchant, vacated "
        "that\n"
        "it is gone. An order is no strike.\n"
        "\n" EVENT_ADD_DETAILS,
    .options = options,
    .run = run,
};
