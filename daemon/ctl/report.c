/*
 * noticectl report: all that is recorded about one merchant, and what it shows, as one HTML file
 * that loads nothing. Puts the parts (report.h) in order and the file in place.
 */
#include "daemon/ctl/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"

static const struct ctl_option options[] = {
    {"merchant", 0, "ID", "of whom"},
    {"html", 0, "FILE", "the file to write; one that is there is replaced"},
    {"order", 0, "NAME", "only this order counts"},
    {"platform", 0, "NAME", "only what happened on this platform"},
    {"as-of", 0, "TIME", "leave out events after this time, like 2026-11-24T15:00:00Z"},
    {"seq-max", 0, "N", "leave out records past N"},
    {0},
};

#define PATH_BYTES_MAX 4096u

/* All parts. 0 or -ENOMEM. */
static int print_parts(struct asking *asking, const struct rows *rows)
{
    report_head(asking);
    int result = report_findings(asking);
    if (result == 0)
        result = report_chart(asking, rows);
    if (result == 0)
        result = report_listings(asking, rows);
    if (result == 0)
        result = report_notices(asking);
    if (result == 0)
        report_removals(asking, rows);
    if (result == 0)
        result = report_strikes(asking);
    if (result == 0)
        result = report_acts(asking);
    if (result < 0)
        return result;
    report_policies(asking, rows);
    report_events(asking, rows);
    report_basis(asking);
    report_checking(asking);
    report_foot(asking);
    return 0;
}

/* Beside the file first, so that at its place there is a whole report or what was there before. */
static int write_file(struct asking *asking, const struct rows *rows, const char *path)
{
    char partial[PATH_BYTES_MAX];
    if ((size_t)snprintf(partial, sizeof partial, "%s.partial", path) >= sizeof partial)
        return ctl_error("report: %s: %s", path, ctl_errno(ENAMETOOLONG));
    FILE *stream = fopen(partial, "we");
    if (stream == NULL)
        return ctl_error("report: cannot write %s: %s", partial, ctl_errno(errno));
    asking->term = (struct term){.stream = stream, .html = true};
    int result = print_parts(asking, rows);
    if (result == 0 && (fflush(stream) != 0 || fsync(fileno(stream)) == -1))
        result = -errno;
    if (fclose(stream) != 0 && result == 0)
        result = -errno;
    if (result == 0 && rename(partial, path) == -1)
        result = -errno;
    if (result < 0) {
        (void)unlink(partial); /* it is of no use; whether that works changes nothing */
        return ctl_error("report: cannot write %s: %s", path, ctl_errno(result));
    }
    return CTL_OK;
}

static int take_options(struct asking *asking, const struct ctl_command *command, int argc,
                        char **argv, const char **ret_html)
{
    const char *value = NULL;
    int first = argc, option;
    asking->command = command->name;
    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0) {
        if (strcmp(options[option].name, "html") == 0)
            *ret_html = value;
        else if (asking_option(asking, options[option].name, value) < 0)
            return CTL_OPTION_WRONG;
    }
    if (option == CTL_OPTION_END && argc - first != 1) {
        (void)ctl_error("report: say which ledger to read, one folder; see `noticectl report "
                        "--help`");
        return CTL_OPTION_WRONG;
    }
    asking->ledger = option == CTL_OPTION_END ? argv[first] : NULL;
    return option;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct asking asking = {.text = true};
    struct rows rows = {0};
    const char *html = NULL;
    int option = take_options(&asking, command, argc, argv, &html);
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (asking.filter.merchant.at == NULL)
        return ctl_error("report: say of whom, with --merchant ID");
    if (html == NULL)
        return ctl_error("report: say which file to write, with --html FILE");
    int exit_code = rows_read(&rows, &asking);
    if (exit_code == CTL_OK)
        exit_code = write_file(&asking, &rows, html);
    if (exit_code == CTL_OK)
        exit_code = asking_exit(&asking);
    rows_close(&rows);
    asking_close(&asking);
    return exit_code;
}

const struct ctl_command ctl_report = {
    .name = "report",
    .arguments = "LEDGER",
    .summary = "write what is recorded about a merchant, and what it shows, as HTML",
    .details =
        "One file that loads nothing and runs nothing, to read and to print: the findings with\n"
        "what rebuts beside what shows, a drawn timeline, notices that count and that do not,\n"
        "strikes, policies, each event with its record, what is missing, and the commands that\n"
        "check it. Records whose event cannot be read: exit code 4, and the report says so.\n"
        "\n" ASKING_STATEMENT "\n",
    .options = options,
    .run = run,
};
