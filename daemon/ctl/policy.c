/*
 * noticectl policy: the rules of a platform.
 */
#include "daemon/ctl/event_add.h"

static const struct ctl_option options[] = {
    EVENT_OPTION_PLATFORM,
    {"policy", 0, "NAME", "its name and version"},
    {"from", 0, "TIME", "when it began, if not --at"},
    {"to", 0, "TIME", "when it ended"},
    {"grace-s", 0, "N", "seconds a platform has to remove"},
    {"grace-business-days", 0, "N", "in place of them, business days of the calendar"},
    {"calendar", 0, "FILE", "which days those are; goes into the record as it is used"},
    {"required", 0, "WORD", "what a notice must have; may be repeated"},
    {"strike-kind", 0, "WORD", "of notices that count; may be repeated"},
    {"threshold", 0, "N", "strikes that are too many"},
    {"per-right", 0, "N", "strikes against one right that are too many"},
    {"per-kind", 0, "N", "strikes of one kind that are too many"},
    {"transfer-carries", 0, "BOOL", "true: strikes stay with an account that is transferred"},
    {"validity-s", 0, "N", "seconds a strike lasts"},
    {"spacing-s", 0, "N", "seconds to the next that counts; may be repeated"},
    {"spacing-business-days", 0, "N", "in place of them, business days; may be repeated"},
    {"established", 0, "WORD", "decision or decision_or_lapse"},
    {"counter-window-s", 0, "N", "seconds to counter a notice"},
    {"counter-window-business-days", 0, "N", "in place of them, business days of the calendar"},
    {"document-sha256", 0, "HASH", "of its text"},
    EVENT_OPTIONS_ALL,
    {0},
};

static const struct event_verb verbs[] = {
    {"add", "policy", NULL, NULL},
    {0},
};

static int run(const struct ctl_command *command, int argc, char **argv)
{
    return event_add_run(command, verbs, argc, argv);
}

const struct ctl_command ctl_policy = {
    .name = "policy",
    .arguments = "add",
    .summary = "record a platform's rules: grace, what a notice needs, strikes",
    .details = "It is in force from --at on. Without strikes in it they are not computable: "
               "nothing is guessed.\n"
               "\n" EVENT_ADD_DETAILS,
    .options = options,
    .run = run,
};
