/*
 * Listening sockets and inputs from the configuration. Knows the config; knows no protocol.
 */
#include "daemon/listeners.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/listen.h"

static unsigned add_source(struct listeners *listeners, const struct config *config,
                           const char *name, bool is_file)
{
    bool notice = !is_file && strcmp(name, "notice") == 0;
    assert(listeners->sources_count < LISTENERS_SOURCES_MAX);
    struct lane_source *source = &listeners->sources[listeners->sources_count];
    (void)snprintf(source->name, sizeof source->name, "%s", name);
    source->is_file = is_file;
    source->permissions = notice ? &listeners->permissions.notice : &listeners->permissions.crawl;
    source->map = notice ? NULL : config->crawl_map;
    return (unsigned)listeners->sources_count++;
}

static void add_listener(struct listeners *listeners, int fd, unsigned source, bool events)
{
    assert(listeners->count < CONTROL_LISTENERS_MAX);
    listeners->listeners[listeners->count++] =
        (struct control_listener){.fd = fd, .source = source, .events = events};
    listeners->events = listeners->events || events;
}

static const char *unix_advice(int error)
{
    switch (error) {
    case -EADDRINUSE:
        return ": another noticed is running; stop it or configure another address";
    case -EACCES:
    case -ENOENT:
    case -ENOTDIR:
        return ": its folder must exist and be writable for this user";
    case -EEXIST:
        return ": something stands there that is no socket; move it away or configure another "
               "address";
    default:
        return "";
    }
}

static const char *tcp_advice(int error)
{
    switch (error) {
    case -EADDRINUSE:
        return ": another program listens there, perhaps another noticed; configure another port";
    case -EACCES:
        return ": ports below 1024 are not for this user; configure another one";
    case -EPERM:
        return ": only a loopback address is allowed, as the wire has no authentication";
    case -EINVAL:
        return ": it must be 127.0.0.1:PORT or [::1]:PORT";
    default:
        return "";
    }
}

static int explain(int error, const char *what, const char *advice, char *reterr_text)
{
    (void)snprintf(reterr_text, LISTENERS_ERROR_BYTES, "cannot listen on %s: %s%s", what,
                   strerrordesc_np(-error), advice);
    return error;
}

/* The descriptor that systemd passed under this name, or -1; it is taken out of the array. */
static int take_given(struct listen_given *given, int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(given[i].name, name) != 0 || given[i].fd == -1)
            continue;
        int fd = given[i].fd;
        given[i].fd = -1;
        return fd;
    }
    return -1;
}

/* A given one is held to what the configuration may say: crawlers may come over loopback TCP; who
   sends notices or commands is told by the peer's uid and gid, which TCP does not have. */
static int judge_given(int fd, const char *name, char *reterr_text)
{
    bool tcp = false, may_be_tcp = strcmp(name, "crawl") == 0;
    if (listen_is_local(fd, &tcp) == 0 && (!tcp || may_be_tcp))
        return 0;
    (void)snprintf(
        reterr_text, LISTENERS_ERROR_BYTES,
        "cannot use the socket named \"%s\" that systemd passed: it is no unix socket%s, "
        "and the wire has no authentication: correct ListenStream= in its unit",
        name, may_be_tcp ? " and no loopback address" : "");
    return -EPERM;
}

/* The unix sockets: a given one takes the place of a configured one. */
static int open_unix(struct listeners *listeners, const struct config *config,
                     struct listen_given *given, int given_count, char *reterr_text)
{
    const struct {
        const char *name, *path;
        mode_t mode;
    } sockets[] = {{"crawl", config->crawl_socket, config->crawl_mode},
                   {"notice", config->notice_socket, config->notice_mode},
                   {"control", config->control_socket, config->control_mode}};
    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++) {
        int fd = take_given(given, given_count, sockets[i].name);
        if (fd == -1 && sockets[i].path == NULL)
            continue;
        if (fd != -1 && judge_given(fd, sockets[i].name, reterr_text) < 0) {
            (void)close(fd); /* nothing was accepted from it */
            return -EINVAL;
        }
        if (fd == -1)
            fd = listen_unix(sockets[i].path, sockets[i].mode);
        if (fd < 0)
            return explain(fd, sockets[i].path, unix_advice(fd), reterr_text);
        bool commands = strcmp(sockets[i].name, "control") == 0;
        add_listener(listeners, fd,
                     commands ? CONTROL_COMMANDS
                              : add_source(listeners, config, sockets[i].name, false),
                     strcmp(sockets[i].name, "notice") == 0);
    }
    return 0;
}

/* A FIFO is opened for both sides: the open does not wait for a writer, and the end of one writer
   is not the end of the input. */
static int open_input(const char *path)
{
    struct stat status;
    bool fifo = stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
    return open(path, (fifo ? O_RDWR | O_NONBLOCK : O_RDONLY) | O_CLOEXEC);
}

static int open_inputs(const struct config *config, struct listeners *listeners, char *reterr_text)
{
    for (size_t i = 0; i < config->inputs.count; i++) {
        const char *path = config->inputs.paths[i];
        bool standard = strcmp(path, "-") == 0;
        int fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open_input(path);
        if (fd == -1) {
            int result = -errno;
            (void)snprintf(reterr_text, LISTENERS_ERROR_BYTES,
                           "cannot open the input %s: %s: correct inputs, or take it out", path,
                           strerrordesc_np(-result));
            return result;
        }
        const char *base = strrchr(path, '/');
        const char *name = standard ? "stdin" : base != NULL ? base + 1 : path;
        size_t at = listeners->inputs_count++;
        listeners->inputs[at].fd = fd;
        listeners->inputs[at].source = add_source(listeners, config, name, true);
    }
    return 0;
}

static int open_spool(const struct config *config, struct listeners *listeners, char *reterr_text)
{
    unsigned at = add_source(listeners, config, "spool", true);
    struct lane_source *source = &listeners->sources[at];
    source->map = config->spool_map;
    int result = spooler_open(config->spool_folder, config->spool_done == CONFIG_DONE_REMOVE,
                              source, at, &listeners->spooler);
    if (result < 0)
        (void)snprintf(reterr_text, LISTENERS_ERROR_BYTES,
                       "cannot use the spool %s: %s: spool.folder, and done/ and failed/ in it, "
                       "must be folders, no links, on one disk, that this user may write to",
                       config->spool_folder, strerrordesc_np(-result));
    return result;
}

/* A socket that nobody would accept on makes its clients wait for ever. Closes all that are left.
 */
static int refuse_unknown(struct listen_given *given, int count, char *reterr_text)
{
    int result = 0;
    for (int i = 0; i < count; i++) {
        if (given[i].fd == -1)
            continue;
        (void)snprintf(
            reterr_text, LISTENERS_ERROR_BYTES,
            "systemd passed a socket named \"%s\": noticed knows the names crawl, notice "
            "and control (FileDescriptorName=)",
            given[i].name);
        (void)close(given[i].fd); /* nothing was accepted from it */
        result = -EINVAL;
    }
    return result;
}

int listeners_open(const struct config *config, struct listeners *ret_listeners,
                   char reterr_text[LISTENERS_ERROR_BYTES])
{
    struct permissions_rules rules;
    *ret_listeners = (struct listeners){.count = 0};
    permissions_rules_of(config, &rules);
    permissions_open(&ret_listeners->permissions, &rules);
    struct listen_given given[LISTEN_FDS_MAX];
    int given_count = listen_given(given, LISTEN_FDS_MAX);
    if (given_count < 0) {
        (void)snprintf(reterr_text, LISTENERS_ERROR_BYTES, "cannot use systemd's sockets: %s",
                       strerrordesc_np(-given_count));
        return given_count;
    }
    int result = open_unix(ret_listeners, config, given, given_count, reterr_text);
    if (result == 0 && config->tcp != NULL) {
        int fd = listen_tcp(config->tcp);
        if (fd < 0)
            result = explain(fd, config->tcp, tcp_advice(fd), reterr_text);
        else
            add_listener(ret_listeners, fd, add_source(ret_listeners, config, "tcp", false), false);
    }
    if (result == 0)
        result = refuse_unknown(given, given_count, reterr_text);
    if (result == 0)
        result = open_inputs(config, ret_listeners, reterr_text);
    if (result == 0 && config->spool_folder != NULL)
        result = open_spool(config, ret_listeners, reterr_text);
    if (result == 0 && ret_listeners->sources_count == 0) {
        (void)snprintf(
            reterr_text, LISTENERS_ERROR_BYTES,
            "nothing to read from: configure crawl.socket, crawl.tcp, notice.socket, inputs or "
            "spool.folder");
        result = -EINVAL;
    }
    if (result < 0)
        listeners_close(ret_listeners);
    return result;
}

int listeners_give_inputs(struct listeners *listeners, struct lane *const *lanes,
                          size_t lanes_count, int wake_fd, char reterr_text[LISTENERS_ERROR_BYTES])
{
    for (size_t i = 0; i < listeners->inputs_count; i++) {
        unsigned source = listeners->inputs[i].source;
        int result = lane_give(lanes[i % lanes_count], listeners->inputs[i].fd, source);
        if (result < 0) {
            (void)snprintf(reterr_text, LISTENERS_ERROR_BYTES, "cannot read the input %s: %s",
                           listeners->sources[source].name, strerrordesc_np(-result));
            return result;
        }
        listeners->inputs[i].fd = -1;
    }
    if (listeners->spooler != NULL)
        spooler_use(listeners->spooler, lanes, lanes_count, wake_fd);
    return 0;
}

void listeners_close(struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++)
        (void)close(listeners->listeners[i].fd); /* nothing is lost: accepted ones live on */
    listeners->count = 0;
    for (size_t i = 0; i < listeners->inputs_count; i++)
        if (listeners->inputs[i].fd != -1)
            (void)close(listeners->inputs[i].fd); /* nothing was read from it */
    listeners->inputs_count = 0;
}
