/*
 * noticectl status: asks the running daemon how it is.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/connect.h"
#include "daemon/ctl/control.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/show.h"
#include "daemon/ctl/term.h"

#define WAIT_S 10u

enum status_option { STATUS_OPTION_SOCKET = 0, STATUS_OPTION_OUTPUT, STATUS_OPTION_COLOR };

static const struct ctl_option options[] = {
    {"socket", 's', "PATH", "control socket of the daemon (" CONNECT_CONTROL_SOCKET ")"},
    {"output", 'o', "FORM", "short (for people), json or json-pretty"},
    {"color", 0, "WHEN", "auto, always or never"},
    {0},
};

static int print(const struct control_reply *reply, const char *output,
                 enum term_colour_choice colour)
{
    struct term term = term_open(stdout, colour);
    if (strcmp(output, "json") == 0) {
        (void)fwrite(reply->line, 1, reply->len, stdout); /* ctl_finish sees the stream's error */
        (void)putchar('\n');
    } else if (strcmp(output, "json-pretty") == 0) {
        show_pretty(&term, reply->line, reply->len);
    } else if (reply->ok) {
        show_tree(&term, &reply->root, "ok");
    }
    int exit_code = ctl_finish();
    return reply->ok ? exit_code : control_refused(reply);
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    const char *socket = ctl_environment("NOTICED_CONTROL_SOCKET", CONNECT_CONTROL_SOCKET);
    const char *output = "short", *value = NULL;
    enum term_colour_choice colour = TERM_COLOUR_AUTO;
    int first = argc, option = 0;
    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0) {
        if (option == STATUS_OPTION_SOCKET)
            socket = value;
        else if (option == STATUS_OPTION_OUTPUT)
            output = value;
        else if (term_colour_parse(value, &colour) < 0)
            return ctl_error("status: --color is auto, always or never, not %s", value);
    }
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (first < argc)
        return ctl_error("status takes no argument, but there is %s", argv[first]);
    if (strcmp(output, "short") != 0 && strcmp(output, "json") != 0 &&
        strcmp(output, "json-pretty") != 0)
        return ctl_error("status: --output is short, json or json-pretty, not %s", output);
    struct control_reply *reply = NULL;
    int exit_code = control_ask(socket, "status", WAIT_S, &reply);
    if (exit_code == CTL_OK)
        exit_code = print(reply, output, colour);
    (void)control_reply_free(reply); /* always NULL */
    return exit_code;
}

const struct ctl_command ctl_status = {
    .name = "status",
    .arguments = "",
    .summary = "ask the running noticed how it is",
    .options = options,
    .run = run,
};
