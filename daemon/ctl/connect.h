/*
 * Connections to the daemon's unix sockets.
 */
#ifndef DAEMON_CTL_CONNECT_H
#define DAEMON_CTL_CONNECT_H

#define CONNECT_CRAWL_SOCKET   "/run/noticed/crawl.sock"
#define CONNECT_NOTICE_SOCKET  "/run/noticed/notice.sock"
#define CONNECT_CONTROL_SOCKET "/run/noticed/control.sock"

/* Connects. The fd (close-on-exec, blocking), or -errno after printing what is wrong and what to
   do; environment names the variable that can hold another path. */
int connect_unix(const char *path, const char *environment);

#endif
