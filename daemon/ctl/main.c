/*
 * noticectl: finds the subcommand in one table and runs it. Knows no subcommand from within.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/ctl.h"
#include "daemon/json.h"
#include "daemon/ledger/record.h"
#include "daemon/nearest.h"
#include "daemon/version.h"
#include "matcher/matcher.h"

static const struct ctl_command *const commands[] = {
    &ctl_scan,       &ctl_explain,  &ctl_rules,   &ctl_send,    &ctl_tail,      &ctl_verify,
    &ctl_export,     &ctl_witness,  &ctl_anchor,  &ctl_status,  &ctl_reload,    &ctl_findings,
    &ctl_setup_keys, &ctl_timeline, &ctl_strikes, &ctl_notices, &ctl_reporters, &ctl_notice,
    &ctl_order,      &ctl_takedown, &ctl_support, &ctl_strike,  &ctl_policy,    &ctl_channel,
    &ctl_event,      &ctl_index,    &ctl_report,  &ctl_blob,    &ctl_metrics,   &ctl_map,
    &ctl_top,
};

#define COMMANDS_COUNT (sizeof commands / sizeof commands[0])

static const struct ctl_command *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        if (strcmp(name, commands[i]->name) == 0)
            return commands[i];
    return NULL;
}

static int unknown(const char *word)
{
    struct nearest nearest = nearest_begin(word, strlen(word));
    char suggestion[NEAREST_TEXT_BYTES];

    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        nearest_try(&nearest, commands[i]->name, strlen(commands[i]->name));
    nearest_text(&nearest, "", suggestion);
    return ctl_error("there is no command \"%s\"%s see `noticectl help`", word,
                     suggestion[0] == '\0' ? ";" : suggestion);
}

static void print_help(void)
{
    printf("Usage: noticectl COMMAND [OPTION...] [ARGUMENT...]\n\n"
           "Works with noticed, which finds counterfeit marks in marketplace listings and keeps\n"
           "a record of them.\n\nCommands:\n");
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    printf("  %-10s %s\n", "help", "show this text, or the options of a command");
    printf("\n`noticectl COMMAND --help` shows the options of a command.\n"
           "Exit codes: 0 done, 1 refused or not intact, 2 usage or I/O, 3 no daemon or connection "
           "lost,\n"
           "4 some lines were rejected.\n");
}

static void print_version(void)
{
    printf("noticectl %s (commit %s; %s, %s, %s, record format %u)\n", version_string(),
           version_commit(), matcher_engine_version(), json_engine(), matcher_fold_version(),
           RECORD_VERSION);
}

static int help(int argc, char **argv)
{
    if (argc < 3) {
        print_help();
        return ctl_finish();
    }
    const struct ctl_command *command = find(argv[2]);
    if (command == NULL)
        return unknown(argv[2]);
    ctl_print_help(command);
    return ctl_finish();
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return ctl_error("say what to do: see `noticectl help`");
    const char *word = argv[1];
    if (strcmp(word, "help") == 0)
        return help(argc, argv);
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_help();
        return ctl_finish();
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        print_version();
        return ctl_finish();
    }
    const struct ctl_command *command = find(word);
    if (command == NULL && word[0] == '-')
        return ctl_error("unknown option %s; see `noticectl help`", word);
    if (command == NULL)
        return unknown(word);
    return command->run(command, argc - 1, argv + 1);
}
