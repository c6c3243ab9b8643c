/*
 * noticectl export: a ledger for others to read and to verify.
 */
#include <inttypes.h>
#include <string.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/export_tree.h"

static const struct ctl_option options[] = {{0}};

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

static int run(const struct ctl_command *command, int argc, char **argv)
{
    const char *value = NULL;
    int first = argc, option = ctl_next_option(command, argc, argv, &value, &first);

    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (argc - first != 3 || strcmp(argv[first], "tlog") != 0)
        return ctl_error("export: say `export tlog LEDGER OUT`");
    return export_tlog(argv[first + 1], argv[first + 2]);
}

const struct ctl_command ctl_export = {
    .name = "export",
    .arguments = "tlog LEDGER OUT",
    .summary = "write a ledger as a transparency log that other programs verify",
    .details =
        "Makes the folder OUT with checkpoint, tile/ and tile/entries/ (C2SP tlog-tiles). The\n"
        "records are those that the checkpoint covers; without one, all.\n",
    .options = options,
    .run = run,
};
