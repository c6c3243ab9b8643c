/*
 * Starting the sealer, or finding it. Knows no request.
 */
#include "daemon/sealer_start.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/sealer_door.h"

#define PROGRAM      "noticed-sealer"
#define SEALER_FD    3
#define NOT_FOUND    127 /* what the child ends with when there is no such program */
#define READY_MS_MAX 30000
#define EXIT_STATE   65 /* of noticed-sealer */
#define EXIT_CONFIG  78
#define KEY_SUFFIX   ".key"
#define VKEY_SUFFIX  ".vkey"
#define STATE_SUFFIX ".state"

/* The key's path with another suffix: /etc/noticed.key -> /etc/noticed.vkey. */
static bool beside_key(const char *key, bool replace, const char *suffix, char ret_path[PATH_MAX])
{
    size_t len = strlen(key), cut = strlen(KEY_SUFFIX);
    if (replace && len > cut && strcmp(key + len - cut, KEY_SUFFIX) == 0)
        len -= cut;
    int put = snprintf(ret_path, PATH_MAX, "%.*s%s", (int)len, key, suffix);
    return put > 0 && put < PATH_MAX;
}

/* Says what is wrong; a cut is no harm. -EINVAL. */
__attribute__((format(printf, 2, 3))) static int refuse(char reterr_text[SEALER_START_ERROR_BYTES],
                                                        const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(reterr_text, SEALER_START_ERROR_BYTES, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

/* 1 with the key; 0 when there is no such file; -EINVAL with the text. */
static int read_vkey(const char *path, struct note_key *ret_key,
                     char reterr_text[SEALER_START_ERROR_BYTES])
{
    char bytes[NOTE_KEY_TEXT_BYTES_MAX];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd == -1 && errno == ENOENT)
        return 0;
    ssize_t len = fd == -1 ? -1 : read(fd, bytes, sizeof(bytes));
    const char *what = len == -1 ? strerrordesc_np(errno) : NULL;
    if (fd != -1)
        (void)close(fd); /* read only */
    if (what == NULL) {
        enum tlog_fault fault = note_key_parse(bytes, (size_t)len, ret_key);
        if (fault == TLOG_OK && ret_key->type != NOTE_KEY_ED25519)
            fault = TLOG_BAD_KEY_TYPE;
        if (fault == TLOG_OK)
            return 1;
        what = tlog_fault_text(fault);
    }
    return refuse(reterr_text,
                  "seal.vkey: %s: %s; it must be the line that noticectl setup-keys printed", path,
                  what);
}

/* The public key as a file has it. 1, 0: there is no file, and none is needed, -EINVAL. */
static int check(const struct config *config, struct note_key *ret_key,
                 char reterr_text[SEALER_START_ERROR_BYTES])
{
    char path[PATH_MAX];
    if (config->seal_key == NULL && config->seal_socket == NULL)
        return config->seal_vkey == NULL && config->seal_state == NULL
                   ? 0
                   : refuse(reterr_text,
                            "seal.vkey and seal.state are of no use without seal.key or "
                            "seal.socket, which say who signs");
    if (config->seal_key != NULL && config->seal_socket != NULL)
        return refuse(reterr_text,
                      "seal.key and seal.socket: give one; with the key noticed starts "
                      "its own sealer, with the socket it asks one that runs already");
    if (config->seal_socket != NULL && config->seal_vkey == NULL)
        return refuse(reterr_text, "seal.vkey: is missing; with seal.socket noticed must be told "
                                   "the public key, which noticectl setup-keys wrote");
    if (config->seal_socket != NULL && config->seal_state != NULL)
        return refuse(reterr_text, "seal.state: goes with seal.key; the sealer at seal.socket has "
                                   "its own --state");
    if (config->seal_key != NULL && access(config->seal_key, F_OK) == -1)
        return refuse(reterr_text, "seal.key: %s: %s; make one with noticectl setup-keys",
                      config->seal_key, strerrordesc_np(errno));
    const char *vkey = config->seal_vkey;
    if (vkey == NULL) {
        if (!beside_key(config->seal_key, true, VKEY_SUFFIX, path))
            return refuse(reterr_text, "seal.key: the path is too long");
        vkey = path;
    }
    int result = read_vkey(vkey, ret_key, reterr_text);
    if (result == 0 && config->seal_vkey != NULL)
        return refuse(reterr_text, "seal.vkey: %s: there is no such file", vkey);
    return result;
}

int sealer_check(const struct config *config, char reterr_text[SEALER_START_ERROR_BYTES])
{
    struct note_key key;
    int result = check(config, &key, reterr_text);
    return result < 0 ? result : 0;
}

/* In the child: leaves with its socket and what it may say, and nothing of ours. Never returns. */
static void become_sealer(const struct config *config, const char *state, int socket_fd, int out_fd)
{
    char fd[] = "3", folder[PATH_MAX], path[PATH_MAX + sizeof(PROGRAM)];
    char *argv[] = {(char[]){PROGRAM},
                    (char[]){"--key"},
                    config->seal_key,
                    (char[]){"--state"},
                    NULL,
                    (char[]){"--fd"},
                    fd,
                    NULL};
    char journal[64] = "JOURNAL_STREAM=";
    char *environment[] = {NULL, NULL};
    char state_path[PATH_MAX];
    /* The only thread there is. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    const char *stream = getenv("JOURNAL_STREAM");
    if (stream != NULL &&
        snprintf(journal, sizeof(journal), "JOURNAL_STREAM=%s", stream) < (int)sizeof(journal))
        environment[0] = journal;
    (void)snprintf(state_path, sizeof(state_path), "%s", state); /* it was made to fit */
    argv[4] = state_path;
    int null_fd = open("/dev/null", O_RDONLY);
    /* dup2 onto itself would leave it close-on-exec */
    int high_socket = fcntl(socket_fd, F_DUPFD, 16), high_out = fcntl(out_fd, F_DUPFD, 16);
    if (null_fd == -1 || high_socket == -1 || high_out == -1 || dup2(null_fd, STDIN_FILENO) == -1 ||
        dup2(high_out, STDOUT_FILENO) == -1 || dup2(high_socket, SEALER_FD) == -1 ||
        close_range(SEALER_FD + 1, ~0u, 0) == -1)
        _exit(EXIT_FAILURE);
    ssize_t len = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
    folder[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash != NULL) {
        (void)snprintf(path, sizeof(path), "%.*s/" PROGRAM, (int)(slash - folder), folder);
        (void)execve(path, argv, environment); /* it comes back when it is not there */
    }
    (void)execvpe(PROGRAM, argv, environment); /* likewise */
    _exit(NOT_FOUND);
}

/* Takes the line that the child prints once it is ready. Its length; 0: it ended, or said none in
   time. */
static size_t hear_ready(int fd, char ret_line[NOTE_KEY_TEXT_BYTES_MAX])
{
    size_t len = 0;
    while (len < NOTE_KEY_TEXT_BYTES_MAX) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        int ready = poll(&readable, 1, READY_MS_MAX);
        if (ready == -1 && errno == EINTR)
            continue;
        ssize_t part = ready == 1 ? read(fd, ret_line + len, NOTE_KEY_TEXT_BYTES_MAX - len) : 0;
        if (part <= 0)
            return 0;
        len += (size_t)part;
        if (ret_line[len - 1] == '\n')
            return len;
    }
    return 0;
}

/* The child did not become ready: ends it and says why. */
static int explain_end(pid_t child, char reterr_text[SEALER_START_ERROR_BYTES])
{
    int status = 0;
    (void)kill(child, SIGKILL); /* it has ended, or is stuck before it signed anything */
    pid_t ended;
    do
        ended = waitpid(child, &status, 0);
    while (ended == -1 && errno == EINTR);
    int code = ended == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    const char *what = code == NOT_FOUND     ? "was not found beside noticed nor in PATH"
                       : code == EXIT_STATE  ? "refuses its state; what it said stands above"
                       : code == EXIT_CONFIG ? "refuses its key; what it said stands above"
                                             : "did not start; what it said stands above";
    (void)refuse(reterr_text, "the sealer (%s) %s", PROGRAM, what); /* the code is chosen here */
    return code == EXIT_STATE                         ? -EBADMSG
           : code == EXIT_CONFIG || code == NOT_FOUND ? -EINVAL
                                                      : -EIO;
}

/* fds: our end, the child's; ours and its end of the pipe that it says its key through. */
static int open_ends(int ret_pair[2], int ret_pipe[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_pair) == -1)
        return -errno;
    int error = pipe2(ret_pipe, O_CLOEXEC) == -1 ? -errno : 0;
    if (error == 0 && fcntl(ret_pair[0], F_SETFL, O_NONBLOCK) == -1) {
        error = -errno;
        (void)close(ret_pipe[0]); /* nothing was sent through them */
        (void)close(ret_pipe[1]);
    }
    if (error < 0) {
        (void)close(ret_pair[0]); /* likewise */
        (void)close(ret_pair[1]);
    }
    return error;
}

/* known: link->key is what a file says. */
static int start_child(const struct config *config, bool known, struct sealer_link *link,
                       char reterr_text[SEALER_START_ERROR_BYTES])
{
    char state[PATH_MAX], line[NOTE_KEY_TEXT_BYTES_MAX];
    struct note_key key;
    int pair[2] = {-1, -1}, ready[2] = {-1, -1};
    const char *state_path = config->seal_state;
    if (state_path == NULL) {
        if (!beside_key(config->seal_key, false, STATE_SUFFIX, state))
            return refuse(reterr_text, "seal.key: the path is too long");
        state_path = state;
    }
    int error = open_ends(pair, ready);
    pid_t child = error == 0 ? fork() : -1;
    if (child == 0)
        become_sealer(config, state_path, pair[1], ready[1]);
    if (child == -1) {
        error = error < 0 ? error : -errno;
        (void)refuse(reterr_text, "cannot start the sealer: %s", strerrordesc_np(-error));
        return error;
    }
    (void)close(pair[1]); /* the child has its own copies */
    (void)close(ready[1]);
    size_t len = hear_ready(ready[0], line);
    (void)close(ready[0]); /* read only */
    if (len == 0) {
        (void)close(pair[0]); /* nothing was sent through it */
        return explain_end(child, reterr_text);
    }
    enum tlog_fault fault = note_key_parse(line, len, &key);
    if (fault != TLOG_OK ||
        (known && (key.id != link->key.id ||
                   memcmp(key.public_key, link->key.public_key, sizeof(key.public_key)) != 0))) {
        (void)close(pair[0]); /* the child ends by it */
        return refuse(reterr_text, "seal.vkey is not that of seal.key, which is %.*s", (int)len - 1,
                      line);
    }
    link->key = key;
    link->fd = pair[0];
    return 0;
}

int sealer_start(const struct config *config, struct sealer_link *ret_link,
                 char reterr_text[SEALER_START_ERROR_BYTES])
{
    struct sealer_link link = {.any = config->seal_key != NULL || config->seal_socket != NULL,
                               .fd = -1,
                               .socket = config->seal_socket};
    int known = check(config, &link.key, reterr_text);
    if (known < 0)
        return known;
    int error = 0;
    if (!link.any) {
        log_write(LOG_LEVEL_WARNING,
                  "no seal.key and no seal.socket: nothing signs this record, and nobody can show "
                  "that it was not rewritten (noticectl setup-keys), going on");
    } else if (config->seal_key != NULL) {
        error = start_child(config, known == 1, &link, reterr_text);
    } else {
        link.fd = sealer_door_connect(config->seal_socket);
        if (link.fd < 0) {
            log_write(LOG_LEVEL_WARNING,
                      "seal.socket: %s: %s; checkpoints are not signed until the sealer is there "
                      "(systemctl start noticed-sealer.socket), going on",
                      config->seal_socket, strerrordesc_np(-link.fd));
            link.fd = -1;
        }
    }
    if (error == 0)
        *ret_link = link;
    return error;
}
