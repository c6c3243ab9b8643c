/*
 * The notify protocol of systemd, without libsystemd: it is stable and forty lines long
 * (sd_notify(3), "Notes").
 */
#include "daemon/sd.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The environment is read only, and never written after the first thread started. */
static const char *environment(const char *name)
{
    return getenv(name); /* NOLINT(concurrency-mt-unsafe) */
}

int sd_tell(const char *state)
{
    const char *path = environment("NOTIFY_SOCKET");
    if (path == NULL || path[0] == '\0')
        return 0;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@'))
        return -EINVAL;
    memcpy(address.sun_path, path, len);
    if (path[0] == '@')
        address.sun_path[0] = '\0'; /* an abstract socket */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd == -1)
        return -errno;
    socklen_t address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
                          address_len);
    int result = sent == -1 ? -errno : 0;
    (void)close(fd); /* a datagram socket: nothing is pending */
    return result;
}

uint64_t sd_watchdog_period_ns(void)
{
    const char *usec = environment("WATCHDOG_USEC");
    const char *pid = environment("WATCHDOG_PID");
    if (usec == NULL)
        return 0;
    if (pid != NULL && strtol(pid, NULL, 10) != (long)getpid())
        return 0;
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(usec, &end, 10);
    if (errno != 0 || end == usec || *end != '\0' || value > UINT64_MAX / 1000)
        return 0;
    return value * 1000 / 2;
}
