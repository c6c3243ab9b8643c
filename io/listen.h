/*
 * Listening sockets: own binding with retry, and what systemd hands over. Knows no protocol.
 */
#ifndef IO_LISTEN_H
#define IO_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LISTEN_RETRY_NS 1000000000u /* a killed predecessor may hold the address this long */
#define LISTEN_FDS_MAX  16u

/* Binds and listens on a unix stream socket. A socket file that nobody answers on is replaced; one
   that is answered on is -EADDRINUSE after LISTEN_RETRY_NS. The file gets `mode`. The path has a
   folder that exists. Returns the fd (close-on-exec, non-blocking) or -errno: -EADDRINUSE,
   -ENAMETOOLONG, -EEXIST (something that is no socket stands there), -ENOENT, -EACCES. */
int listen_unix(const char *path, mode_t mode);

/* Binds and listens on a TCP address "127.0.0.1:PORT" or "[::1]:PORT". -EPERM when the address is
   not a loopback address: the wire has no authentication; -EINVAL when it is not an address. */
int listen_tcp(const char *address);

/* Whether only this host reaches a socket: it is a unix socket, or (*ret_tcp) listens on a loopback
   address. 0; -EPERM: it does not; -errno: it is no socket. */
int listen_is_local(int fd, bool *ret_tcp);

struct listen_given {
    int fd;
    char name[64]; /* from LISTEN_FDNAMES, or "" */
};

/* The listening sockets that systemd passed (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS,
   LISTEN_FDNAMES), made close-on-exec and non-blocking; the variables are unset. Returns their
   count (0 when there are none or they are for another process) or -errno. */
int listen_given(struct listen_given *ret_given, size_t given_max);

#endif
