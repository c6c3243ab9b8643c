/*
 * The loop of noticed-sealer. Knows no seal.
 */
#include "daemon/sealer/serve.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

/* One packet in, one out. Descriptors that were sent along are dropped by recv(2). 1; 0: the other
   end is closed; or -errno, -EAGAIN too when there is nothing, or nobody takes the answer. */
static int answer_one(struct sealer *sealer, int fd, int flags)
{
    char request[SEAL_REQUEST_BYTES_MAX + 1], answer[SEAL_ANSWER_BYTES_MAX];
    ssize_t len, sent;

    do
        len = recv(fd, request, sizeof(request), flags);
    while (len == -1 && errno == EINTR);
    if (len <= 0)
        return len == 0 ? 0 : -errno;
    size_t answer_len = (size_t)len > SEAL_REQUEST_BYTES_MAX
                            ? seal_answer_format_refusal(answer, sizeof(answer), SEAL_MALFORMED,
                                                         "too_long: no request is that long")
                            : sealer_answer(sealer, request, (size_t)len, answer);
    do
        sent = send(fd, answer, answer_len, flags | MSG_NOSIGNAL);
    while (sent == -1 && errno == EINTR);
    return sent == -1 ? -errno : 1;
}

int serve_connection(struct sealer *sealer, int fd)
{
    int result;

    do
        result = answer_one(sealer, fd, 0);
    while (result == 1);
    return result == -EPIPE || result == -ECONNRESET ? 0 : result;
}

static bool accept_one(struct pollfd *polled, size_t *count, int listen_fd)
{
    int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd != -1)
        polled[(*count)++] = (struct pollfd){.fd = fd, .events = POLLIN};
    return fd != -1 || errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
}

int serve_socket(struct sealer *sealer, int listen_fd, int stop_fd)
{
    struct pollfd polled[2 + SERVE_CLIENTS_MAX] = {{.fd = stop_fd, .events = POLLIN},
                                                   {.fd = listen_fd, .events = POLLIN}};
    size_t count = 2;
    int result = 0;

    while (result == 0) {
        polled[1].fd = count < sizeof(polled) / sizeof(polled[0]) ? listen_fd : -1;
        if (poll(polled, count, -1) == -1) {
            result = errno == EINTR ? 0 : -errno;
            continue;
        }
        if (polled[0].revents != 0)
            break;
        size_t kept = 2, found = count;
        for (size_t i = 2; i < found; i++) {
            int step = polled[i].revents != 0 ? answer_one(sealer, polled[i].fd, MSG_DONTWAIT) : 1;
            if (step == 1)
                polled[kept++] = polled[i];
            else
                (void)close(polled[i].fd); /* a socket: what it held is lost with its other end */
        }
        bool fresh = polled[1].revents != 0;
        count = kept;
        if (fresh && !accept_one(polled, &count, listen_fd))
            result = -errno;
    }
    for (size_t i = 2; i < count; i++)
        (void)close(polled[i].fd); /* likewise */
    return result;
}
