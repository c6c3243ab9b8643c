/*
 * Connections to the daemon's unix sockets. Knows why they fail and what helps.
 */
#include "daemon/ctl/connect.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"

static const char *advice(int error, const char *path)
{
    struct stat status;
    switch (error) {
    case -ENOENT:
        return "noticed does not run, or listens elsewhere (systemctl status noticed)";
    case -ECONNREFUSED:
        return stat(path, &status) == 0 && !S_ISSOCK(status.st_mode)
                   ? "it is no socket"
                   : "nobody listens there any more: start noticed (systemctl start noticed)";
    case -EACCES:
    case -EPERM:
        return "you may not use this socket: its group may (ls -l shows which)";
    default:
        return "see the log of noticed (journalctl -u noticed)";
    }
}

int connect_unix(const char *path, const char *environment)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len >= sizeof address.sun_path) {
        (void)ctl_error("the socket's path has %zu bytes, and at most %zu are possible: %s", len,
                        sizeof address.sun_path - 1, path);
        return -ENAMETOOLONG;
    }
    memcpy(address.sun_path, path, len);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd == -1) {
        int error = -errno;
        (void)ctl_error("cannot make a socket: %s", ctl_errno(error));
        return error;
    }
    int result = -1;
    do {
        result = connect(fd, (const struct sockaddr *)&address, sizeof address);
    } while (result == -1 && errno == EINTR);
    if (result == 0)
        return fd;
    int error = -errno;
    (void)close(fd); /* it never carried anything */
    (void)ctl_error("cannot connect to %s: %s; %s; name another with --socket or %s", path,
                    ctl_errno(error), advice(error, path), environment);
    return error;
}
