/*
 * noticectl export: a ledger for others to read and to verify.
 */
#include <inttypes.h>
#include <string.h>

#include "daemon/ctl/bundle.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/export_tree.h"

enum export_option {
    EXPORT_FROM = 0,
    EXPORT_TO,
    EXPORT_MERCHANT,
    EXPORT_POLICY,
    EXPORT_RULES,
    EXPORT_ITEM,
    EXPORT_BY,
    EXPORT_WHY,
};

static const struct ctl_option options[] = {
    {"from", 'f', "SEQ", "bundle: the first record (0)"},
    {"to", 't', "SEQ", "bundle: the last record (the last one that is signed)"},
    {"merchant", 'm', "ID", "bundle: only what concerns this merchant (<platform>/<seller id>)"},
    {"policy", 'p', "FILE", "bundle: the tlog-policy that the checkpoint has to satisfy"},
    {"rules", 'r', "FILE", "bundle: a file that a ruleset was made of; may be given again"},
    {"item", 'i', "ID", "bundle: the item's name in the custody log"},
    {"by", 'b', "WHO", "bundle: who makes it"},
    {"why", 'w', "WHY", "bundle: what for"},
    {0},
};

static int export_tlog(const char *ledger, const char *out)
{
    struct export_result result;
    int exit_code = export_tree(ledger, out, NULL, &result);

    if (exit_code != CTL_OK)
        return exit_code;
    ctl_message("noticectl: %" PRIu64 " records exported to %s", result.records, out);
    if (!result.is_signed)
        ctl_message("noticectl: there is no checkpoint: nobody has signed this tree");
    if (result.left_out > 0)
        ctl_message("noticectl: %" PRIu64
                    " newer records are left out: no checkpoint covers them yet",
                    result.left_out);
    return ctl_finish();
}

/* Puts one option into the order. CTL_OK or CTL_USAGE. */
static int take_option(struct bundle_order *order, enum export_option option, const char *value)
{
    switch (option) {
    case EXPORT_FROM:
        if (ctl_number(value, UINT64_MAX - 1, &order->from) < 0)
            return ctl_error("export: --from=%s is no number of a record", value);
        break;
    case EXPORT_TO:
        if (ctl_number(value, UINT64_MAX - 2, &order->to) < 0)
            return ctl_error("export: --to=%s is no number of a record", value);
        order->to++;
        break;
    case EXPORT_MERCHANT:
        order->merchant = value;
        break;
    case EXPORT_POLICY:
        order->policy = value;
        break;
    case EXPORT_RULES:
        if (order->rules_count == BUNDLE_RULES_MAX)
            return ctl_error("export: more than %u files after --rules", BUNDLE_RULES_MAX);
        order->rules[order->rules_count++] = value;
        break;
    case EXPORT_ITEM:
        order->item = value;
        break;
    case EXPORT_BY:
        order->by = value;
        break;
    case EXPORT_WHY:
        order->why = value;
        break;
    }
    return CTL_OK;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct bundle_order order = {.to = UINT64_MAX};
    const char *value = NULL;
    int first = argc, option, options_count = 0;

    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0) {
        if (take_option(&order, (enum export_option)option, value) != CTL_OK)
            return CTL_USAGE;
        options_count++;
    }
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (argc - first != 3 ||
        (strcmp(argv[first], "tlog") != 0 && strcmp(argv[first], "bundle") != 0))
        return ctl_error("export: say `export tlog LEDGER OUT` or `export bundle LEDGER OUT`");
    order.ledger = argv[first + 1];
    order.out = argv[first + 2];
    if (strcmp(argv[first], "bundle") == 0)
        return bundle_export(&order);
    if (options_count > 0)
        return ctl_error("export: `export tlog` takes no options: it is always the whole tree");
    return export_tlog(order.ledger, order.out);
}

const struct ctl_command ctl_export = {
    .name = "export",
    .arguments = "tlog|bundle LEDGER OUT",
    .summary = "write a ledger, or a part of it as evidence, for others to verify",
    .details =
        "tlog makes the folder OUT with checkpoint, tile/ and tile/entries/ (C2SP tlog-tiles).\n"
        "The records are those that the checkpoint covers; without one, all.\n"
        "bundle makes the folder OUT with records, proofs, time-stamps, what explains them, and\n"
        "README-VERIFY.txt, which says how to verify it without noticectl. Its records are those\n"
        "that the checkpoint covers; there has to be one. It prints the SHA-256 that covers it.\n",
    .options = options,
    .run = run,
};
