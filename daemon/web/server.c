/*
 * Routes. Knows no record.
 */
#include "daemon/web/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/ctl/when.h"
#include "daemon/durable.h"
#include "daemon/web/answer.h"
#include "daemon/web/entries.h"
#include "daemon/web/files.h"
#include "daemon/web/guests.h"
#include "io/listen.h"

#define HALF_S        10u    /* that a connection may be silent in a request, or between two */
#define READER_S      30u    /* that a reader of records may take nothing */
#define HEADERS_BYTES 16384u /* of a request; MHD answers longer ones with 431 or 414 */
#define STACK_BYTES   ((size_t)524288) /* of a connection's thread; a record takes some 100 KiB */

struct server {
    const struct server_config *config;
    struct MHD_Daemon *daemon;
    int stop_fd; /* an eventfd that is readable once it ends */
    struct guests guests;
    bool loopback; /* the socket is TCP: other sites' pages in a browser of this host reach it */
};

/* A page of another site that has its name resolve to this host is same-origin to a browser; its
   Host tells. */
static bool is_here(struct MHD_Connection *connection)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host");
    for (size_t i = 0; host != NULL && i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i]);
        if (strncasecmp(host, names[i], len) == 0 && (host[len] == '\0' || host[len] == ':'))
            return true;
    }
    return false;
}

/* noticed's record can be read, and as far as its counters are shown they say that it works. */
static enum MHD_Result ready(const struct server *server, struct MHD_Connection *connection)
{
    const struct server_config *config = server->config;
    const char *fault = NULL;
    if (config->ledger != NULL) {
        struct position position;
        int fd = durable_open(config->ledger);
        if (fd < 0 || durable_read(fd, &position) < 0)
            fault = "its record cannot be read, or has nothing in it yet";
        if (fd >= 0)
            (void)close(fd); /* only read from */
    }
    if (fault == NULL && config->metrics != NULL)
        fault = files_metrics_fault(config->metrics, when_now_ns());
    return fault == NULL
               ? answer_text(connection, MHD_HTTP_OK, "ready")
               : answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "not ready: %s", fault);
}

static int fd_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/* A reader of records waits for what is written, and may be slow. */
static enum MHD_Result read_records(struct server *server, struct MHD_Connection *connection,
                                    bool head)
{
    if (!guests_read(&server->guests, fd_of(connection)))
        return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                           "%u others read records now; try again later", GUESTS_READERS);
    (void)MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, READER_S);
    return entries_answer(connection, head, server->config->ledger, server->stop_fd);
}

static enum MHD_Result route(struct server *server, struct MHD_Connection *connection, bool head,
                             const char *path)
{
    static const char reports[] = "/reports/";
    const struct server_config *config = server->config;
    if (strcmp(path, "/healthz") == 0)
        return answer_text(connection, MHD_HTTP_OK, "ok");
    if (strcmp(path, "/readyz") == 0)
        return ready(server, connection);
    if (strcmp(path, "/metrics") == 0 && config->metrics != NULL)
        return files_metrics(connection, config->metrics);
    if (strcmp(path, "/entries") == 0 && config->ledger != NULL)
        return read_records(server, connection, head);
    if (config->reports != NULL && strncmp(path, reports, sizeof reports - 1) == 0)
        return files_report(connection, config->reports, path + sizeof reports - 1);
    return answer_text(connection, MHD_HTTP_NOT_FOUND,
                       "there is /healthz, /readyz, and as far as they are configured /metrics, "
                       "/entries and /reports/");
}

/* libmicrohttpd unescapes a path as a string, which a NUL would end: what was asked for would not
   be what is looked for. What this gives is *request of answer(). */
static void *look_at_path(void *context, const char *path, struct MHD_Connection *connection)
{
    static char has_nul;
    const char *nul = strstr(path, "%00");
    (void)context;
    (void)connection;
    return nul != NULL && nul < path + strcspn(path, "?") ? &has_nul : NULL;
}

/* Answers as soon as the headers are there: a request that sends a body is closed. Its parameters
   are libmicrohttpd's. NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *body,
                              size_t *body_len, void **request)
{
    struct server *server = context;
    (void)version;
    (void)body;
    (void)body_len;
    guests_ask(&server->guests, fd_of(connection));
    bool head = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    if (!head && strcmp(method, MHD_HTTP_METHOD_GET) != 0)
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD");
    if (server->loopback && !is_here(connection))
        return answer_text(connection, MHD_HTTP_MISDIRECTED_REQUEST,
                           "this is localhost, 127.0.0.1 or [::1], and no other host");
    if (*request != NULL)
        return answer_text(connection, MHD_HTTP_BAD_REQUEST, "a path has no NUL in it");
    return route(server, connection, head, path);
}

static void completed(void *context, struct MHD_Connection *connection, void **request,
                      enum MHD_RequestTerminationCode how)
{
    struct server *server = context;
    (void)request;
    (void)how;
    guests_rest(&server->guests, fd_of(connection));
    (void)MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, HALF_S);
}

static void connected(void *context, struct MHD_Connection *connection, void **socket,
                      enum MHD_ConnectionNotificationCode what)
{
    struct server *server = context;
    (void)socket;
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        guests_come(&server->guests, fd_of(connection));
    else
        guests_leave(&server->guests, fd_of(connection));
}

static struct MHD_Daemon *begin(struct server *server, int listen_fd)
{
    return MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                                MHD_USE_POLL | MHD_USE_ITC,
                            0, NULL, NULL, answer, server, MHD_OPTION_LISTEN_SOCKET, listen_fd,
                            MHD_OPTION_CONNECTION_LIMIT, GUESTS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
                            HALF_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADERS_BYTES,
                            MHD_OPTION_THREAD_STACK_SIZE, STACK_BYTES, MHD_OPTION_STRICT_FOR_CLIENT,
                            1, MHD_OPTION_NOTIFY_CONNECTION, connected, server,
                            MHD_OPTION_NOTIFY_COMPLETED, completed, server,
                            MHD_OPTION_URI_LOG_CALLBACK, look_at_path, server, MHD_OPTION_END);
}

int server_start(const struct server_config *config, int listen_fd, struct server **ret_server)
{
    bool tcp = false;
    int error = listen_is_local(listen_fd, &tcp); /* one that was handed over may be anything */
    struct server *server = error < 0 ? NULL : calloc(1, sizeof *server);
    if (server == NULL)
        return error < 0 ? error : -ENOMEM;
    server->config = config;
    server->loopback = tcp;
    error = guests_open(&server->guests);
    if (error < 0) {
        free(server);
        return error;
    }
    server->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    error = server->stop_fd == -1 ? -errno : 0;
    if (error == 0) {
        server->daemon = begin(server, listen_fd);
        error = server->daemon == NULL ? -EIO : 0;
    }
    if (error < 0) {
        (void)server_stop(server); /* always NULL */
        return error;
    }
    *ret_server = server;
    return 0;
}

struct server *server_stop(struct server *server)
{
    const uint64_t one = 1;
    if (server == NULL)
        return NULL;
    if (server->daemon != NULL) {
        (void)!write(server->stop_fd, &one, sizeof one); /* an eventfd takes it */
        MHD_stop_daemon(server->daemon);
    }
    if (server->stop_fd != -1)
        (void)close(server->stop_fd); /* holds nothing */
    guests_close(&server->guests);
    free(server);
    return NULL;
}
