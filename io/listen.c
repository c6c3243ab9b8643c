/* Binds listening sockets, patiently; knows no protocol and accepts nothing. */
#include "io/listen.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LISTEN_STEP_MS   10
#define LISTEN_STEPS_MAX (LISTEN_RETRY_NS / (LISTEN_STEP_MS * 1000000u))
#define LISTEN_BACKLOG   4096 /* the kernel cuts it to net.core.somaxconn */
#define LISTEN_FD_FIRST  3    /* sd_listen_fds(3) */
#define LISTEN_TEXT_MAX  64u

/* Waits for one step; a signal may shorten it, which only makes us try more often. */
static void wait_a_step(void)
{
    (void)poll(NULL, 0, LISTEN_STEP_MS); /* no descriptors: only the timeout is of use */
}

static int open_socket(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return fd == -1 ? -errno : fd;
}

static int close_with(int fd, int error)
{
    (void)close(fd); /* nothing was written through it */
    return error;
}

/* Whether anyone listens on a socket file: 1 yes, 0 no, -errno. */
static int answers(const struct sockaddr_un *address, socklen_t address_bytes)
{
    int fd = open_socket(AF_UNIX);
    if (fd < 0)
        return fd;
    int rc = connect(fd, (const struct sockaddr *)address, address_bytes) == -1 ? -errno : 0;
    (void)close(fd); /* nothing was written through it */
    /* EAGAIN: a listener whose backlog is full. EPROTOTYPE: a datagram socket: not ours. */
    if (rc == 0 || rc == -EAGAIN || rc == -EINPROGRESS || rc == -EPROTOTYPE)
        return 1;
    return rc == -ECONNREFUSED || rc == -ENOENT ? 0 : rc;
}

/* Removes a socket file that nobody answers on. 0: the path is free now; -EADDRINUSE: somebody
   answers; -EEXIST: it is no socket. */
static int clear_path(const struct sockaddr_un *address, socklen_t address_bytes)
{
    struct stat status;
    if (lstat(address->sun_path, &status) == -1)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(status.st_mode))
        return -EEXIST;
    int rc = answers(address, address_bytes);
    if (rc != 0)
        return rc < 0 ? rc : -EADDRINUSE;
    if (unlink(address->sun_path) == -1 && errno != ENOENT)
        return -errno;
    return 0;
}

static int bind_unix(int fd, const struct sockaddr_un *address, socklen_t address_bytes)
{
    for (unsigned step = 0;; step++) {
        if (bind(fd, (const struct sockaddr *)address, address_bytes) == 0)
            return 0;
        if (errno != EADDRINUSE)
            return -errno;
        int rc = clear_path(address, address_bytes);
        if (step >= LISTEN_STEPS_MAX)
            return rc < 0 ? rc : -EADDRINUSE;
        if (rc < 0 && rc != -EADDRINUSE)
            return rc;
        if (rc < 0)
            wait_a_step();
    }
}

int listen_unix(const char *path, mode_t mode)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strnlen(path, sizeof(address.sun_path));
    if (len == sizeof(address.sun_path))
        return -ENAMETOOLONG;
    if (len == 0)
        return -EINVAL;
    memcpy(address.sun_path, path, len);
    socklen_t address_bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
    int fd = open_socket(AF_UNIX);
    if (fd < 0)
        return fd;
    int rc = bind_unix(fd, &address, address_bytes);
    if (rc < 0)
        return close_with(fd, rc);
    /* Nobody can connect before listen(): the mode is in force from the first connection on. */
    if (chmod(path, mode) == -1 || listen(fd, LISTEN_BACKLOG) == -1) {
        rc = -errno;
        (void)unlink(path); /* ours, and of no use to anyone now */
        return close_with(fd, rc);
    }
    return fd;
}

/* Splits "HOST:PORT" at its last colon; brackets around the host fall away. */
static int split_address(const char *text, char *ret_host, in_port_t *ret_port, bool *ret_brackets)
{
    size_t len = strnlen(text, LISTEN_TEXT_MAX);
    const char *colon = len == LISTEN_TEXT_MAX ? NULL : strrchr(text, ':');
    if (colon == NULL || colon == text)
        return -EINVAL;
    size_t digits = strspn(colon + 1, "0123456789");
    if (digits == 0 || digits > 5 || colon[1 + digits] != '\0')
        return -EINVAL;
    long port = strtol(colon + 1, NULL, 10); /* at most five digits, checked above */
    if (port > UINT16_MAX)
        return -EINVAL;
    size_t host_len = (size_t)(colon - text);
    *ret_brackets = text[0] == '[';
    if (*ret_brackets) {
        if (host_len < 3 || text[host_len - 1] != ']')
            return -EINVAL;
        text++;
        host_len -= 2;
    }
    memcpy(ret_host, text, host_len);
    ret_host[host_len] = '\0';
    *ret_port = htons((uint16_t)port);
    return 0;
}

static bool is_loopback(const struct in_addr *address)
{
    return ntohl(address->s_addr) >> 24 == IN_LOOPBACKNET;
}

/* Fills ret_address: its length, -EINVAL, or -EPERM when others could reach it. */
static int parse_address(const char *text, struct sockaddr_storage *ret_address)
{
    char host[LISTEN_TEXT_MAX];
    in_port_t port = 0;
    bool brackets = false;
    int rc = split_address(text, host, &port, &brackets);
    if (rc < 0)
        return rc;
    memset(ret_address, 0, sizeof(*ret_address));
    if (brackets) {
        struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = port};
        if (inet_pton(AF_INET6, host, &address.sin6_addr) != 1)
            return -EINVAL;
        /* ::ffff:127.0.0.1 is refused too: 127.0.0.1 says the same without doubt. */
        if (!IN6_IS_ADDR_LOOPBACK(&address.sin6_addr))
            return -EPERM;
        memcpy(ret_address, &address, sizeof(address));
        return (int)sizeof(address);
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = port};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
        return -EINVAL;
    if (!is_loopback(&address.sin_addr))
        return -EPERM;
    memcpy(ret_address, &address, sizeof(address));
    return (int)sizeof(address);
}

int listen_tcp(const char *address)
{
    struct sockaddr_storage storage;
    int bytes = parse_address(address, &storage);
    if (bytes < 0)
        return bytes;
    int fd = open_socket(storage.ss_family);
    if (fd < 0)
        return fd;
    int one = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1)
        return close_with(fd, -errno);
    for (unsigned step = 0;; step++) {
        if (bind(fd, (const struct sockaddr *)&storage, (socklen_t)bytes) == 0)
            break;
        if (errno != EADDRINUSE || step >= LISTEN_STEPS_MAX)
            return close_with(fd, -errno);
        wait_a_step();
    }
    if (listen(fd, LISTEN_BACKLOG) == -1)
        return close_with(fd, -errno);
    return fd;
}

int listen_is_local(int fd, bool *ret_tcp)
{
    struct sockaddr_storage address = {0};
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    socklen_t len = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &len) == -1)
        return -errno;
    memcpy(&in, &address, sizeof(in));
    memcpy(&in6, &address, sizeof(in6));
    bool tcp = (address.ss_family == AF_INET && is_loopback(&in.sin_addr)) ||
               (address.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr));
    if (!tcp && address.ss_family != AF_UNIX)
        return -EPERM;
    *ret_tcp = tcp;
    return 0;
}

/* A variable that is a whole decimal number. -ENOENT: there is none; -EINVAL. */
static int number_of(const char *variable, long *ret_number)
{
    /* Called at start, before any thread: nobody changes the environment meanwhile. */
    const char *text = getenv(variable); // NOLINT(concurrency-mt-unsafe)
    if (text == NULL)
        return -ENOENT;
    char *end = NULL;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || number < 0)
        return -EINVAL;
    *ret_number = number;
    return 0;
}

static int make_ready(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    int descriptor_flags = fcntl(fd, F_GETFD);
    if (flags == -1 || descriptor_flags == -1)
        return -errno;
    if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
        fcntl(fd, F_SETFD, descriptor_flags | FD_CLOEXEC) == -1)
        return -errno;
    return 0;
}

/* Cuts the next of the names that stand between colons. */
static void next_name(const char **names, char *ret_name, size_t name_bytes)
{
    size_t len = strcspn(*names, ":");
    size_t kept = len < name_bytes - 1 ? len : name_bytes - 1;
    memcpy(ret_name, *names, kept);
    ret_name[kept] = '\0';
    *names += len + ((*names)[len] == ':' ? 1 : 0);
}

static int collect(struct listen_given *ret_given, size_t given_max)
{
    long pid = 0;
    long count = 0;
    int rc = number_of("LISTEN_PID", &pid);
    if (rc < 0)
        return rc == -ENOENT ? 0 : rc;
    if (pid != (long)getpid())
        return 0;
    rc = number_of("LISTEN_FDS", &count);
    if (rc < 0)
        return rc == -ENOENT ? 0 : rc;
    if ((unsigned long)count > given_max || (unsigned long)count > LISTEN_FDS_MAX)
        return -E2BIG;
    const char *names = getenv("LISTEN_FDNAMES"); // NOLINT(concurrency-mt-unsafe): as above
    if (names == NULL)
        names = "";
    for (int i = 0; i < (int)count; i++) {
        ret_given[i].fd = LISTEN_FD_FIRST + i;
        next_name(&names, ret_given[i].name, sizeof(ret_given[i].name));
        rc = make_ready(ret_given[i].fd);
        if (rc < 0)
            return rc;
    }
    return (int)count;
}

int listen_given(struct listen_given *ret_given, size_t given_max)
{
    int rc = collect(ret_given, given_max);
    /* A child of ours must not think that they are for it. unsetenv fails only for a bad name. */
    (void)unsetenv("LISTEN_PID");     // NOLINT(concurrency-mt-unsafe): before any thread
    (void)unsetenv("LISTEN_FDS");     // NOLINT(concurrency-mt-unsafe)
    (void)unsetenv("LISTEN_FDNAMES"); // NOLINT(concurrency-mt-unsafe)
    return rc;
}
