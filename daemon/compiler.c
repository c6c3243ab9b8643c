/*
 * The compiler process and its one child a job. Knows rulesets and sockets; knows no lane.
 *
 *   daemon --request--> compiler --fork--> child: limits, compile, memfd --answer--> daemon
 *                          |                                                ^
 *                          +-- child died without an answer: says so -------+
 *
 * A request is one packet: seconds and mebibytes as text, then "M", "C" or "R" and a path for each
 * file, all NUL-terminated. An answer is one packet: a sentence, empty on success, with the memfd
 * beside it.
 */
#include "daemon/compiler.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct compiler {
    int fd;
    pid_t pid;
};

static char letter_of(enum ruleset_source_kind kind)
{
    return (char)(ruleset_kind_name(kind)[0] - 'a' + 'A');
}

static enum ruleset_source_kind kind_of(char letter)
{
    return letter == 'M' ? RULESET_MARKS : letter == 'C' ? RULESET_CUES : RULESET_RULES;
}

/* Sanitizers map terabytes of shadow, so that a limit on address space ends them at once. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIMIT_MEMORY 0
#else
#define LIMIT_MEMORY 1
#endif

static int send_answer(int socket_fd, const char *text, int image_fd)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text) + 1};
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = {0}};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (image_fd != -1) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(head), &image_fd, sizeof image_fd);
    }
    return sendmsg(socket_fd, &message, MSG_NOSIGNAL) == -1 ? -errno : 0;
}

static void limit(int resource, rlim_t value)
{
    struct rlimit bound = {.rlim_cur = value, .rlim_max = value};
    (void)setrlimit(resource, &bound); /* a lower hard limit than ours is as good */
}

/* The child: never returns. */
static void run_job(int socket_fd, const char *request, size_t len)
{
    struct ruleset_file files[RULESET_SOURCES_MAX];
    size_t files_count = 0;
    const char *end = request + len;
    const char *at = request;
    unsigned long seconds = strtoul(at, NULL, 10);
    at += strlen(at) + 1;
    unsigned long mebibytes = strtoul(at, NULL, 10);
    at += strlen(at) + 1;
    for (; at < end && files_count < RULESET_SOURCES_MAX; at += strlen(at) + 1)
        files[files_count++] = (struct ruleset_file){.kind = kind_of(at[0]), .path = at + 1};
    limit(RLIMIT_CPU, seconds);
    limit(RLIMIT_CORE, 0);
    if (LIMIT_MEMORY)
        limit(RLIMIT_AS, (rlim_t)mebibytes << 20);
    char text[RULESET_ERROR_BYTES] = "";
    int image_fd = memfd_create("ruleset", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int result = image_fd == -1 ? -errno : ruleset_write_image(files, files_count, image_fd, text);
    if (result == -ENOMEM)
        (void)snprintf(text, sizeof text,
                       "the marks cannot be compiled: it takes more than the %lu MiB that "
                       "compile.memory allows; use fewer marks or variants, or raise it",
                       mebibytes);
    else if (result < 0 && text[0] == '\0')
        (void)snprintf(text, sizeof text, "the marks cannot be compiled: %s",
                       strerrordesc_np(-result));
    if (result == 0)
        text[0] = '\0';
    result = send_answer(socket_fd, text, result == 0 ? image_fd : -1);
    _exit(result == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* The child ends with EXIT_SUCCESS once its answer is sent; anything else must be said for it, with
   the limits that its request began with. */
static void answer_for_dead_child(int socket_fd, int status, const char *request)
{
    char text[RULESET_ERROR_BYTES];
    unsigned long seconds = strtoul(request, NULL, 10);
    unsigned long mebibytes = strtoul(request + strlen(request) + 1, NULL, 10);
    const char *before = "the marks cannot be compiled:";
    int ended_by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (ended_by == SIGXCPU || ended_by == SIGKILL)
        (void)snprintf(
            text, sizeof text,
            "%s it takes more than the %lu s of processor time that compile.time allows, or "
            "the system has no memory left; use fewer marks or variants, or raise it",
            before, seconds);
    else if (ended_by != 0)
        (void)snprintf(text, sizeof text,
                       "%s the compiler crashed, perhaps for want of more than the %lu MiB that "
                       "compile.memory allows; use fewer marks or variants, or raise it",
                       before, mebibytes);
    else
        (void)snprintf(text, sizeof text, "%s the compiler ended without an answer", before);
    (void)send_answer(socket_fd, text, -1); /* the daemon is gone then, and we follow it */
}

/* The compiler process: never returns. */
static void serve(int socket_fd)
{
    static char request[COMPILER_REQUEST_BYTES_MAX + 1];
    (void)prctl(PR_SET_NAME, "noticed-compile"); /* for ps only */
    for (;;) {
        ssize_t len = recv(socket_fd, request, sizeof request - 1, 0);
        if (len == -1 && errno == EINTR)
            continue;
        if (len <= 0)
            _exit(EXIT_SUCCESS);
        request[len] = '\0';
        pid_t child = fork();
        if (child == 0)
            run_job(socket_fd, request, (size_t)len);
        if (child == -1) {
            (void)send_answer(socket_fd, "the marks cannot be compiled: fork failed", -1);
            continue;
        }
        int status = 0;
        pid_t ended = -1;
        do {
            ended = waitpid(child, &status, 0);
        } while (ended == -1 && errno == EINTR);
        if (ended == -1 || !WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
            answer_for_dead_child(socket_fd, status, request);
    }
}

static void ignore_terminal_signals(void)
{
    /* The daemon ends the compiler by closing its socket; ^C and service-wide signals are for the
       daemon, which drains first. */
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
}

int compiler_open(struct compiler **ret_compiler)
{
    int pair[2];
    struct compiler *compiler = calloc(1, sizeof *compiler);
    if (compiler == NULL)
        return -ENOMEM;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1) {
        free(compiler);
        return -errno;
    }
    compiler->pid = fork();
    if (compiler->pid == 0) {
        (void)close(pair[0]); /* the daemon's end: its last close must be the daemon's */
        ignore_terminal_signals();
        serve(pair[1]);
    }
    int result = compiler->pid == -1 ? -errno : 0;
    (void)close(pair[1]); /* the compiler's end */
    compiler->fd = pair[0];
    if (result < 0) {
        (void)close(pair[0]);
        free(compiler);
        return result;
    }
    *ret_compiler = compiler;
    return 0;
}

int compiler_request(struct compiler *compiler, const struct ruleset_file *files,
                     size_t files_count, const struct compiler_limits *limits)
{
    char request[COMPILER_REQUEST_BYTES_MAX];
    int put = snprintf(request, sizeof request, "%u%c%u", limits->seconds, 0, limits->mebibytes);
    size_t len = (size_t)put + 1;
    for (size_t i = 0; i < files_count; i++) {
        size_t need = strlen(files[i].path) + 2;
        if (need > sizeof request - len)
            return -EMSGSIZE;
        request[len] = letter_of(files[i].kind);
        memcpy(request + len + 1, files[i].path, need - 1);
        len += need;
    }
    ssize_t sent = send(compiler->fd, request, len, MSG_NOSIGNAL);
    return sent == -1 ? -errno : 0;
}

int compiler_fd(const struct compiler *compiler)
{
    return compiler->fd;
}

int compiler_result(struct compiler *compiler, struct ruleset **ret_ruleset,
                    char reterr_text[RULESET_ERROR_BYTES])
{
    struct iovec part = {.iov_base = reterr_text, .iov_len = RULESET_ERROR_BYTES - 1};
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t len = recvmsg(compiler->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (len == -1 && (errno == EAGAIN || errno == EINTR))
        return -EAGAIN;
    if (len <= 0) {
        (void)snprintf(reterr_text, RULESET_ERROR_BYTES, "the compiler process is gone");
        return -EPIPE;
    }
    reterr_text[len] = '\0';
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head == NULL || head->cmsg_type != SCM_RIGHTS) {
        /* The sentence says what is wrong with the lists; without one the image itself was lost. */
        if (reterr_text[0] == '\0')
            (void)snprintf(reterr_text, RULESET_ERROR_BYTES,
                           "the compiled marks were not received: too many open files?");
        return -EINVAL;
    }
    int image_fd = -1;
    memcpy(&image_fd, CMSG_DATA(head), sizeof image_fd);
    int result = ruleset_read_image(image_fd, ret_ruleset, reterr_text);
    (void)close(image_fd); /* a memfd: nothing to lose */
    return result;
}

bool compiler_alive(const struct compiler *compiler)
{
    char byte;
    return recv(compiler->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
}

struct compiler *compiler_close(struct compiler *compiler)
{
    if (compiler == NULL)
        return NULL;
    (void)close(compiler->fd); /* tells the process to end */
    while (waitpid(compiler->pid, NULL, 0) == -1 && errno == EINTR)
        continue;
    free(compiler);
    return NULL;
}
