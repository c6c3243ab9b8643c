/*
 * noticectl metrics: the status of noticed for Prometheus, on standard output or in a file for
 * node_exporter's textfile collector.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/connect.h"
#include "daemon/ctl/control.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/folder.h"
#include "daemon/ctl/metrics_text.h"
#include "daemon/ctl/when.h"

#define WAIT_S 10u

enum metrics_option { METRICS_OPTION_SOCKET = 0, METRICS_OPTION_TEXTFILE };

static const struct ctl_option options[] = {
    {"socket", 's', "PATH", "control socket of the daemon (" CONNECT_CONTROL_SOCKET ")"},
    {"textfile", 0, "PATH", "write this file, as a whole, instead of standard output"},
    {0},
};

static int write_textfile(const char *path, const struct json_value *status)
{
    char name[FOLDER_NAME_BYTES_MAX + 1];
    char *text = NULL;
    size_t len = 0;
    int folder_fd = folder_of(path, name);
    if (folder_fd < 0)
        return ctl_error("metrics: cannot write %s: %s", path, ctl_errno(folder_fd));
    FILE *stream = open_memstream(&text, &len);
    if (stream != NULL)
        metrics_text_write(stream, status, when_now_ns());
    int error = stream == NULL || fclose(stream) != 0 ? -ENOMEM : 0;
    if (error == 0)
        error = folder_write(folder_fd, name, text, len, 0644);
    free(text);
    (void)close(folder_fd); /* written and synced */
    return error == 0 ? CTL_OK : ctl_error("metrics: cannot write %s: %s", path, ctl_errno(error));
}

/* Without an answer too: noticed_up is 0 then. */
static int print(const char *textfile, const struct json_value *status)
{
    if (textfile != NULL)
        return write_textfile(textfile, status);
    metrics_text_write(stdout, status, when_now_ns());
    return ctl_finish();
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    const char *socket = ctl_environment("NOTICED_CONTROL_SOCKET", CONNECT_CONTROL_SOCKET);
    const char *textfile = NULL, *value = NULL;
    int first = argc, option = 0;
    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0) {
        if (option == METRICS_OPTION_SOCKET)
            socket = value;
        else
            textfile = value;
    }
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (first < argc)
        return ctl_error("metrics takes no argument, but there is %s", argv[first]);
    struct control_reply *reply = NULL;
    int answered = control_ask(socket, "status", WAIT_S, &reply);
    if (answered == CTL_OK && !reply->ok)
        answered = control_refused(reply);
    int printed = print(textfile, answered == CTL_OK ? &reply->root : NULL);
    (void)control_reply_free(reply); /* always NULL */
    return printed == CTL_OK ? answered : printed;
}

const struct ctl_command ctl_metrics = {
    .name = "metrics",
    .arguments = "",
    .summary = "print the running noticed's counters for Prometheus",
    .details = "When noticed does not answer, noticed_up is 0, and the exit code 3.\n",
    .options = options,
    .run = run,
};
