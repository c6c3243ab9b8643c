/*
 * noticectl reload: lets the running daemon read its marks, cues and rules again, and waits for the
 * verdict.
 */
#include <stdio.h>

#include "daemon/ctl/connect.h"
#include "daemon/ctl/control.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/show.h"
#include "daemon/ctl/term.h"

#define WAIT_S 300u /* large sets compile for minutes */

enum reload_option { RELOAD_OPTION_SOCKET = 0 };

static const struct ctl_option options[] = {
    {"socket", 's', "PATH", "control socket of the daemon (" CONNECT_CONTROL_SOCKET ")"},
    {0},
};

static int run(const struct ctl_command *command, int argc, char **argv)
{
    const char *socket = ctl_environment("NOTICED_CONTROL_SOCKET", CONNECT_CONTROL_SOCKET);
    const char *value = NULL;
    int first = argc, option = 0;
    while ((option = ctl_next_option(command, argc, argv, &value, &first)) == RELOAD_OPTION_SOCKET)
        socket = value;
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (first < argc)
        return ctl_error("reload takes no argument, but there is %s", argv[first]);
    struct control_reply *reply = NULL;
    int exit_code = control_ask(socket, "reload", WAIT_S, &reply);
    if (exit_code == CTL_OK && !reply->ok)
        exit_code = control_refused(reply);
    else if (exit_code == CTL_OK) {
        struct term term = term_open(stdout, TERM_COLOUR_AUTO);
        printf("reloaded\n");
        show_tree(&term, &reply->root, "ok");
        exit_code = ctl_finish();
    }
    (void)control_reply_free(reply); /* always NULL */
    return exit_code;
}

const struct ctl_command ctl_reload = {
    .name = "reload",
    .arguments = "",
    .summary = "let the running noticed read its marks, cues and rules again",
    .details = "So does it with who may write what (crawl.kinds, notice.kinds, notice.uids and "
               "notice.gids); all else of\n"
               "the configuration is read at the next start. If anything is wrong, noticed keeps "
               "what is in force, says\n"
               "why, and the exit code is 1.\n",
    .options = options,
    .run = run,
};
