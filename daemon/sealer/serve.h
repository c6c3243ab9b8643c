/*
 * The sealer's sockets: one that was inherited, or one that listens. Knows no seal: packets in,
 * packets out.
 */
#ifndef SEALER_SERVE_H
#define SEALER_SERVE_H

#include "daemon/sealer/sealer.h"

#define SERVE_CLIENTS_MAX 16u /* more wait in the kernel's queue until one has gone */

/* Answers the requests of one connected SOCK_SEQPACKET socket until its other end is closed. 0, or
   -errno. The fd stays the caller's. */
int serve_connection(struct sealer *sealer, int fd);

/* Accepts connections of a listening SOCK_SEQPACKET socket and answers their requests, one at a
   time in the order in which poll(2) shows them, until stop_fd is readable. A client that does not
   take its answer is closed. 0, or -errno. The fds stay the caller's. */
int serve_socket(struct sealer *sealer, int listen_fd, int stop_fd);

#endif
