/*
 * noticectl notice: what was told to a platform, and what it answered.
 */
#include "daemon/ctl/event_add.h"

static const struct ctl_option options[] = {
    {"notice", 0, "NUMBER", "the channel's case number"},
    EVENT_OPTION_PLATFORM,
    {"channel", 0, "NAME", "the way it went"},
    EVENT_OPTION_KIND("counterfeit, trademark, copyright, design or patent"),
    {"right", 0, "NUMBER", "the right, such as US5454574"},
    {"has", 0, "WORD",
     "what it says: location, reasons, identity, good_faith, ...; may be repeated"},
    EVENT_OPTION_LISTINGS,
    {"received-at", 0, "TIME", "of add: when the platform got it, as a second event"},
    {"outcome", 0, "WORD",
     "of decide: upheld, rejected or partial; of counter-decide: accepted or rejected"},
    EVENT_OPTION_REASON,
    {"reporter", 0, "NAME", "who reports"},
    {"agent", 0, "NAME", "who sends for the reporter"},
    EVENT_OPTIONS_ALL,
    {0},
};

static const struct event_verb verbs[] = {
    {"add", "notice.sent", "listings", NULL},
    {"draft", "notice.draft", "listings", NULL},
    {"receive", "notice.received", "listings", NULL},
    {"ack", "notice.ack", "listings", NULL},
    {"clarify", "notice.clarify", "listings", NULL},
    {"decide", "notice.decision", "listings", NULL},
    {"correct", "notice.correct", "add", NULL},
    {"withdraw", "notice.withdraw", "listings", NULL},
    {"counter", "counter.filed", "listings", NULL},
    {"counter-decide", "counter.decision", "listings", NULL},
    {0},
};

static int run(const struct ctl_command *command, int argc, char **argv)
{
    return event_add_run(command, verbs, argc, argv);
}

const struct ctl_command ctl_notice = {
    .name = "notice",
    .arguments = "add|draft|receive|ack|clarify|decide|correct|withdraw|counter|counter-decide",
    .summary = "record a notice, and what became of it",
    .details =
        "add records that it was sent, draft that it was written, receive that the platform has "
        "it,\n"
        "ack that it says so, clarify that it asks for more, decide what it decided; correct adds\n"
        "--has and --listing; withdraw takes it back; counter is the seller's answer, and\n"
        "counter-decide what became of that. Sent is not received: notice begins with receive.\n"
        "\n" EVENT_ADD_DETAILS,
    .options = options,
    .run = run,
};
