/*
 * noticed-web: the command line, the socket, and the wait for the end.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/feed.h"
#include "daemon/log.h"
#include "daemon/sd.h"
#include "daemon/signals.h"
#include "daemon/version.h"
#include "daemon/web/server.h"
#include "io/listen.h"

#define EXIT_IO     74
#define EXIT_CONFIG 78

#define SOCKET_MODE 0660

static const char usage[] =
    "usage: noticed-web [--listen ADDRESS] [--ledger DIR] [--metrics FILE] [--reports DIR]\n"
    "\n"
    "Shows what noticed records over HTTP, to read only (GET, HEAD). Reads files alone: noticed\n"
    "does not know of it. Whoever reaches the socket reads what is shown; there is no other\n"
    "authentication.\n"
    "\n"
    "  --listen ADDRESS  a path, of a unix socket (mode 0660), or 127.0.0.1:PORT or [::1]:PORT,\n"
    "                    which all users of the host reach; systemd may pass the socket instead\n"
    "  --ledger DIR      the ledger's folder, for /entries: the feed, as noticectl tail has it\n"
    "  --metrics FILE    what noticectl metrics --textfile writes, for /metrics\n"
    "  --reports DIR     a folder of reports (.html .json .jsonl .csv .tsv .txt), for /reports/\n"
    "  --help            this text\n"
    "  --version         the version\n"
    "\n"
    "/healthz says that it runs, /readyz that the record can be read and, with --metrics, that\n"
    "noticed works. Exit status: 0 stopped in order; 74 socket or memory; 78 the command line.\n";

struct options {
    struct server_config config;
    const char *listen;
    bool help, version;
};

static const char not_loopback[] =
    "only unix sockets and loopback addresses are served, as there is no authentication: put a "
    "proxy that has one before it";

static bool parse_options(int argc, char **argv, struct options *ret_options)
{
    static const struct option table[] = {
        {"listen", required_argument, NULL, 'l'},
        {"ledger", required_argument, NULL, 'd'},
        {"metrics", required_argument, NULL, 'm'},
        {"reports", required_argument, NULL, 'r'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {0};
    bool good = true;
    int option = 0;
    /* The only thread there is. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    while (good && (option = getopt_long(argc, argv, "", table, NULL)) != -1) {
        if (option == 'l')
            options.listen = optarg;
        else if (option == 'd')
            options.config.ledger = optarg;
        else if (option == 'm')
            options.config.metrics = optarg;
        else if (option == 'r')
            options.config.reports = optarg;
        else if (option == 'h')
            options.help = true;
        else if (option == 'v')
            options.version = true;
        else
            good = false;
    }
    *ret_options = options;
    return good && optind == argc;
}

/* The socket that systemd passed, else that of --listen. Its fd, or -errno after saying why. */
static int open_socket(const char *address)
{
    struct listen_given given[2];
    int count = listen_given(given, 2), fd = -EINVAL;
    if (count == 1)
        return given[0].fd;
    if (count > 1) {
        log_write(LOG_LEVEL_ERROR, "systemd passed %d sockets; there can be one", count);
        return -EINVAL;
    }
    if (count < 0 || address == NULL) {
        log_write(LOG_LEVEL_ERROR, "there is no socket: name one with --listen, as a path or as "
                                   "127.0.0.1:PORT, or start noticed-web.socket");
        return -EINVAL;
    }
    fd = strchr(address, '/') != NULL ? listen_unix(address, SOCKET_MODE) : listen_tcp(address);
    if (fd < 0)
        log_write(LOG_LEVEL_ERROR, "cannot listen at %s: %s", address,
                  fd == -EPERM    ? not_loopback
                  : fd == -EINVAL ? "a path has a slash, an address is 127.0.0.1:PORT or [::1]:PORT"
                  : fd == -EADDRINUSE ? "another process listens there; end it or name another"
                                      : strerrordesc_np(-fd));
    return fd;
}

/* A mistake is better told to who starts it than to who asks for records. */
static void tell_unreadable(const char *ledger)
{
    struct feed *feed = NULL;
    int error = feed_open(ledger, &feed);
    if (error == -ENOENT)
        log_write(LOG_LEVEL_WARNING,
                  "there is no feed in %s yet; --ledger is the folder of the "
                  "ledger, going on",
                  ledger);
    else if (error < 0)
        log_write(LOG_LEVEL_WARNING, "cannot read the feed in %s: %s%s, going on", ledger,
                  strerrordesc_np(-error),
                  error == -EACCES ? "; it is for the group of its folder (noticed-read where the "
                                     "package made it)"
                                   : "");
    (void)feed_close(feed); /* always NULL */
}

static int serve(const struct options *options, int listen_fd)
{
    struct server *server = NULL;
    int signal_fd = signals_block(); /* the threads of connections inherit it */
    int error = signal_fd < 0 ? signal_fd : server_start(&options->config, listen_fd, &server);
    if (error < 0) {
        log_write(LOG_LEVEL_ERROR, "cannot serve: %s",
                  error == -EPERM ? not_loopback : strerrordesc_np(-error));
        return error == -EPERM ? EXIT_CONFIG : EXIT_IO;
    }
    if (options->config.ledger != NULL)
        tell_unreadable(options->config.ledger);
    (void)sd_tell("READY=1"); /* systemd then ends the start by its own timeout */
    while (signals_wait(signal_fd, -1))
        continue;
    (void)sd_tell("STOPPING=1");
    (void)server_stop(server); /* always NULL */
    (void)close(signal_fd);    /* only read from */
    return 0;
}

int main(int argc, char **argv)
{
    struct options options;

    log_set_name("noticed-web");
    if (!parse_options(argc, argv, &options)) {
        log_write(LOG_LEVEL_ERROR, "that is no command line; see noticed-web --help");
        return EXIT_CONFIG;
    }
    if (options.help)
        return fputs(usage, stdout) == EOF ? EXIT_IO : 0;
    if (options.version)
        return printf("noticed-web %s (commit %s)\n", version_string(), version_commit()) < 0
                   ? EXIT_IO
                   : 0;
    int fd = open_socket(options.listen);
    if (fd < 0)
        return fd == -EADDRINUSE || fd == -EACCES ? EXIT_IO : EXIT_CONFIG;
    return serve(&options, fd); /* the next start replaces the socket's file */
}
