/*
 * Starting, feeding and stopping noticed from outside.
 */
#include "bench/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_TRIES_MAX  3000u
#define REPLY_BYTES_MAX  65536u
#define SEND_BYTES_MAX   (1u << 18)
#define WAIT_SECONDS_MAX 120

static int write_file(const char *folder, const char *name, const char *bytes, size_t len)
{
    char path[DAEMON_PATH_BYTES + 32];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return -errno;
    size_t written = fwrite(bytes, 1, len, file);
    return fclose(file) == 0 && written == len ? 0 : -EIO;
}

static int write_config(const char *folder, const char *io, const char *extra,
                        const struct load *load)
{
    char text[2048];
    int len = snprintf(text, sizeof text,
                       "ledger:\n  path: ledger\ncrawl:\n  socket: crawl.sock\n"
                       "control:\n  socket: control.sock\nmarks:\n  - marks.tsv\ncues:\n"
                       "  - cues.tsv\nio: %s\n%s",
                       io, extra);
    int result = write_file(folder, "marks.tsv", load->lists[0], load->lists_len[0]);
    if (result == 0)
        result = write_file(folder, "cues.tsv", load->lists[1], load->lists_len[1]);
    if (result == 0)
        result = write_file(folder, "noticed.yaml", text, (size_t)len);
    return result;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, len);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd == -1)
        return -errno;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == -1) {
        int error = -errno;
        (void)close(fd); /* it never carried anything */
        return error;
    }
    return fd;
}

static void run_program(const char *program, const char *folder)
{
    char config[DAEMON_PATH_BYTES + 32], log[DAEMON_PATH_BYTES + 32];
    (void)snprintf(config, sizeof config, "%s/noticed.yaml", folder);
    (void)snprintf(log, sizeof log, "%s/noticed.log", folder);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd == -1 || dup2(fd, STDOUT_FILENO) == -1 || dup2(fd, STDERR_FILENO) == -1)
        _exit(127);
    (void)execl(program, program, "--config", config, (char *)NULL); /* returns on failure only */
    _exit(127);
}

int daemon_start(struct daemon *ret_daemon, const char *program, const char *folder, const char *io,
                 const char *extra, const struct load *load)
{
    struct daemon daemon = {0};
    (void)snprintf(daemon.folder, sizeof daemon.folder, "%s", folder);
    (void)snprintf(daemon.crawl, sizeof daemon.crawl, "%s/crawl.sock", folder);
    if (mkdir(folder, 0755) == -1 && errno != EEXIST)
        return -errno;
    int result = write_config(folder, io, extra, load);
    if (result < 0)
        return result;
    daemon.pid = fork();
    if (daemon.pid == -1)
        return -errno;
    if (daemon.pid == 0)
        run_program(program, folder);
    for (unsigned i = 0; i < START_TRIES_MAX; i++) {
        int fd = connect_to(daemon.crawl);
        if (fd >= 0) {
            (void)close(fd); /* only asked whether somebody listens */
            *ret_daemon = daemon;
            return 0;
        }
        int status = 0;
        if (waitpid(daemon.pid, &status, WNOHANG) == daemon.pid) {
            (void)fprintf(stderr, "bench: noticed ended at once; see %s/noticed.log\n", folder);
            return -ECHILD;
        }
        const struct timespec pause = {.tv_nsec = 10000000};
        (void)nanosleep(&pause, NULL); /* shorter is fine */
    }
    (void)fprintf(stderr, "bench: noticed does not listen; see %s/noticed.log\n", folder);
    (void)daemon_stop(&daemon); /* it failed already */
    return -ETIMEDOUT;
}

uint64_t daemon_resident_bytes(const struct daemon *daemon)
{
    char path[64], line[256];
    unsigned long long kib = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)daemon->pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtoull(line + 6, NULL, 10);
    (void)fclose(file); /* it was only read */
    return kib * 1024;
}

uint64_t daemon_cpu_ns(const struct daemon *daemon)
{
    char path[64], line[1024] = "";
    unsigned long long user = 0, kernel = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)daemon->pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    (void)!fgets(line, sizeof line, file); /* nothing read leaves it empty */
    (void)fclose(file);                    /* it was only read */
    /* fields 14 and 15; the second may hold spaces and ends with the last parenthesis */
    const char *at = strrchr(line, ')');
    for (unsigned field = 2; at != NULL && field < 14; field++)
        at = strchr(at + 1, ' ');
    char *end = NULL;
    if (at != NULL) {
        user = strtoull(at, &end, 10);
        kernel = strtoull(end, NULL, 10);
    }
    return (user + kernel) * (1000000000u / (unsigned long long)sysconf(_SC_CLK_TCK));
}

int daemon_stop(struct daemon *daemon)
{
    int status = 0;
    (void)kill(daemon->pid, SIGTERM); /* gone already is fine: the wait says */
    while (waitpid(daemon->pid, &status, 0) == -1 && errno == EINTR) {
    }
    daemon->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The number in the last whole {"ack":N} line of a reply, or 0; *ret_refused for a nack. */
static uint64_t last_ack(const char *reply, bool *ret_refused)
{
    static const char ack[] = "{\"ack\":";
    uint64_t number = 0;
    for (const char *at = reply; (at = strchr(at, '{')) != NULL; at++) {
        if (strncmp(at, ack, sizeof ack - 1) == 0 && strchr(at, '\n') != NULL)
            number = strtoull(at + sizeof ack - 1, NULL, 10);
        else if (strncmp(at, "{\"nack\":", 8) == 0)
            *ret_refused = true;
    }
    return number;
}

struct client {
    int fd;
    char reply[REPLY_BYTES_MAX];
    size_t reply_len;
    uint64_t acknowledged;
    bool refused;
};

/* Reads what is there. 0 or -errno. */
static int take_replies(struct client *client)
{
    ssize_t got = recv(client->fd, client->reply + client->reply_len,
                       sizeof client->reply - 1 - client->reply_len, 0);
    if (got == 0)
        return -ECONNRESET;
    if (got == -1)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    client->reply_len += (size_t)got;
    client->reply[client->reply_len] = '\0';
    uint64_t number = last_ack(client->reply, &client->refused);
    client->acknowledged = number > client->acknowledged ? number : client->acknowledged;
    char *end = memrchr(client->reply, '\n', client->reply_len);
    size_t whole = end == NULL ? 0 : (size_t)(end - client->reply) + 1;
    memmove(client->reply, client->reply + whole, client->reply_len - whole + 1);
    client->reply_len -= whole;
    return client->refused ? -EPROTO : 0;
}

int daemon_feed(const char *socket_path, const char *bytes, size_t len, uint64_t count)
{
    static const char hello[] = "{\"noticed\":1,\"source\":\"bench\",\"ack\":true}\n";
    static struct client client;
    client = (struct client){.fd = connect_to(socket_path)};
    if (client.fd < 0)
        return client.fd;
    if (send(client.fd, hello, sizeof hello - 1, MSG_NOSIGNAL) != (ssize_t)sizeof hello - 1)
        return -EIO;
    int result = 0;
    size_t sent = 0;
    while (result == 0 && client.acknowledged < count) {
        struct pollfd wait = {.fd = client.fd, .events = POLLIN};
        if (sent < len)
            wait.events |= POLLOUT;
        int ready = poll(&wait, 1, WAIT_SECONDS_MAX * 1000);
        if (ready == 0)
            result = -ETIMEDOUT;
        if (ready == -1 && errno != EINTR)
            result = -errno;
        if (ready == 1 && (wait.revents & POLLOUT) != 0) {
            size_t more = len - sent < SEND_BYTES_MAX ? len - sent : SEND_BYTES_MAX;
            ssize_t put = send(client.fd, bytes + sent, more, MSG_NOSIGNAL);
            sent += put > 0 ? (size_t)put : 0;
            if (put == -1 && errno != EAGAIN && errno != EINTR)
                result = -errno;
        }
        if (result == 0 && ready == 1 && (wait.revents & (POLLIN | POLLHUP)) != 0)
            result = take_replies(&client);
    }
    (void)close(client.fd); /* all is acknowledged, or failed */
    return result;
}
