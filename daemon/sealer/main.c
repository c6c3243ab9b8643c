/*
 * noticed-sealer: the command line, the key, and the order in which the doors are shut: the process
 * first, then the key is read, the state and the sockets are opened, and the rest is given up.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/sd.h"
#include "daemon/sealer/harden.h"
#include "daemon/sealer/holder.h"
#include "daemon/sealer/serve.h"
#include "daemon/version.h"

#define EXIT_LEDGER 65 /* the state is damaged, or of another key */
#define EXIT_IO     74
#define EXIT_CONFIG 78

#define LISTEN_FD_FIRST 3      /* sd_listen_fds(3) */
#define SECURE_BYTES    65536u /* locked and not dumped; for a few keys */
#define LOCK_WAIT_MS    50
#define LOCK_WAITS_MAX  200u /* a predecessor may still be writing */
#define PATH_BYTES      4096u

static const char usage[] =
    "usage: noticed-sealer --key FILE --state DIR (--socket PATH | --fd N)\n"
    "\n"
    "Holds the key of a record, and signs its checkpoints as long as each grows from the one\n"
    "before. noticed starts it by itself when seal.key is configured; as a service of its own it\n"
    "runs under another user (noticed-sealer.service), and noticed has seal.socket.\n"
    "\n"
    "  --key FILE     the private key, which noticectl setup-keys made; for its owner alone "
    "(0600);\n"
    "                 without it $CREDENTIALS_DIRECTORY/key (LoadCredential=)\n"
    "  --state DIR    where it keeps what it sealed last; made when missing (0700); without it\n"
    "                 $STATE_DIRECTORY. Keep it as long as the key: without it an older or "
    "another\n"
    "                 record could be signed\n"
    "  --socket PATH  listen there (SOCK_SEQPACKET); systemd may pass the socket instead\n"
    "  --fd N         answer the one who holds the other end of this socket, and end with it\n"
    "  --version      the version\n"
    "\n"
    "Prints its public key (vkey) once it is ready. Exit status: 0 stopped in order; 65 the state\n"
    "is damaged or of another key; 74 disk, socket or memory; 78 the command line or the key.\n";

struct options {
    const char *key, *state, *socket;
    int fd; /* -1: none */
    bool credential, listening, help, version;
};

/* The environment is read only, and there is one thread. */
static const char *environment(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe) */
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool parse_fd(const char *text, int *ret_fd)
{
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 0 || value > 1023)
        return false;
    *ret_fd = (int)value;
    return true;
}

static bool passed_by_systemd(void)
{
    const char *pid = environment("LISTEN_PID"), *fds = environment("LISTEN_FDS");

    return pid != NULL && fds != NULL && strtol(pid, NULL, 10) == (long)getpid() &&
           strcmp(fds, "1") == 0;
}

static bool parse_options(int argc, char **argv, struct options *ret_options)
{
    static const struct option table[] = {
        {"key", required_argument, NULL, 'k'},
        {"state", required_argument, NULL, 's'},
        {"socket", required_argument, NULL, 'l'},
        {"fd", required_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {.fd = -1};
    bool good = true;
    int option = 0;
    /* The only thread there is. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    while (good && (option = getopt_long(argc, argv, "", table, NULL)) != -1) {
        if (option == 'k')
            options.key = optarg;
        else if (option == 's')
            options.state = optarg;
        else if (option == 'l')
            options.socket = optarg;
        else if (option == 'f')
            good = parse_fd(optarg, &options.fd);
        else if (option == 'h')
            options.help = true;
        else if (option == 'v')
            options.version = true;
        else
            good = false;
    }
    *ret_options = options;
    return good && optind == argc;
}

/* What is left out comes from systemd. */
static bool complete_options(struct options *options, char credential[PATH_BYTES])
{
    const char *credentials = environment("CREDENTIALS_DIRECTORY");

    if (options->key == NULL && credentials != NULL) {
        int len = snprintf(credential, PATH_BYTES, "%s/key", credentials);
        options->key = len > 0 && (size_t)len < PATH_BYTES ? credential : NULL;
        options->credential = true;
    }
    if (options->state == NULL)
        options->state = environment("STATE_DIRECTORY");
    if (options->fd == -1 && options->socket == NULL && passed_by_systemd()) {
        options->fd = LISTEN_FD_FIRST;
        options->listening = true;
    }
    if (options->key == NULL)
        log_write(LOG_LEVEL_ERROR,
                  "say with --key where the key is; noticectl setup-keys makes one");
    else if (options->state == NULL)
        log_write(LOG_LEVEL_ERROR, "say with --state where to keep what was sealed last");
    else if ((options->fd == -1) == (options->socket == NULL))
        log_write(LOG_LEVEL_ERROR, "say who is served, with --socket or with --fd");
    else
        return true;
    return false;
}

/* Reads the key into locked memory. Only the unit's credential may be readable for a group: its
   mode is that of systemd's access list. */
static int read_key(const struct options *options, struct note_signer **ret_signer)
{
    const char *path = options->key;
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd == -1 || fstat(fd, &status) == -1) {
        log_write(LOG_LEVEL_ERROR, "cannot read the key %s: %s", path, strerrordesc_np(errno));
        if (fd != -1)
            (void)close(fd); /* read only */
        return EXIT_CONFIG;
    }
    char *text = OPENSSL_secure_zalloc(NOTE_KEY_TEXT_BYTES_MAX);
    ssize_t len = text != NULL ? read(fd, text, NOTE_KEY_TEXT_BYTES_MAX) : 0;
    (void)close(fd); /* read only */
    enum tlog_fault fault = TLOG_BAD_KEY;
    if (!options->credential && (status.st_mode & 077) != 0)
        log_write(LOG_LEVEL_ERROR, "the key %s is open to others than its owner: chmod 600 it",
                  path);
    else if (len > 0 && (fault = note_signer_parse(text, (size_t)len, ret_signer)) == TLOG_OK &&
             note_signer_key(*ret_signer)->type != NOTE_KEY_ED25519) {
        *ret_signer = note_signer_close(*ret_signer);
        fault = TLOG_BAD_KEY_TYPE;
    }
    if (fault != TLOG_OK)
        log_write(LOG_LEVEL_ERROR, "%s holds no key that noticectl setup-keys made: %s", path,
                  tlog_fault_text(fault));
    OPENSSL_secure_clear_free(text, NOTE_KEY_TEXT_BYTES_MAX);
    return fault == TLOG_OK ? 0 : EXIT_CONFIG;
}

/* The state's folder; a new one is there for good before anything is in it. The fd or -errno. */
static int open_folder(const char *path)
{
    bool made = mkdir(path, 0700) == 0;
    if (!made && errno != EEXIST)
        return -errno;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd == -1)
        return -errno;
    int above = made ? openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int error = made && (above == -1 || fsync(above) == -1) ? -errno : 0;
    if (above != -1)
        (void)close(above); /* nothing was written through it */
    if (error == 0)
        return fd;
    (void)close(fd); /* likewise */
    return error;
}

static int open_sealer(struct sealer *sealer, const struct options *options,
                       const struct note_signer *signer, struct backend *backend, int dir_fd)
{
    int error = sealer_open(sealer, signer, backend, dir_fd);
    for (unsigned i = 0; i < LOCK_WAITS_MAX && error == -EWOULDBLOCK; i++) {
        (void)poll(NULL, 0, LOCK_WAIT_MS); /* nothing can come */
        error = sealer_open(sealer, signer, backend, dir_fd);
    }
    if (error == 0)
        return 0;
    const char *what = strerrordesc_np(-error);
    char held[128];
    if (error == -EWOULDBLOCK) {
        pid_t holder = holder_of(dir_fd);
        (void)snprintf(held, sizeof(held),
                       "another sealer is using it, process %ld; if its noticed is gone, end it",
                       (long)holder); /* it fits */
        what = holder > 0 ? held : "another sealer is using it";
    } else if (error == -EBADMSG)
        what = "the file is damaged; nothing is signed. Compare the record with its anchors before "
               "you remove the file (noticectl verify)";
    else if (error == -EKEYREJECTED)
        what = "it is the state of another key; give each key its own --state";
    log_write(LOG_LEVEL_ERROR, "%s/%s: %s", options->state, SEALED_FILE, what);
    return error == -EBADMSG || error == -EKEYREJECTED ? EXIT_LEDGER : EXIT_IO;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, len);
    struct stat status;
    if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode))
        (void)unlink(path); /* of an earlier run: the state's lock says that it is gone */
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd == -1)
        return -errno;
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
        chmod(path, 0660) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int error = -errno;
    (void)close(fd); /* nothing was sent through it */
    return error;
}

/* What it is told to end by: the signals, or with --fd only the end of the other side, as ^C and a
   service's stop are for noticed, which asks for a last signature. */
static int open_signals(bool inherited)
{
    sigset_t set;
    (void)signal(SIGPIPE, SIG_IGN);
    if (inherited) {
        (void)signal(SIGINT, SIG_IGN);
        (void)signal(SIGTERM, SIG_IGN);
        (void)signal(SIGHUP, SIG_IGN);
        return -1;
    }
    (void)sigemptyset(&set); /* cannot fail */
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (error != 0)
        return -error;
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd == -1 ? -errno : fd;
}

/* Everything is open: says so, gives up the rest, and serves. */
static int serve(struct sealer *sealer, const struct options *options, int dir_fd, int socket_fd)
{
    bool inherited = options->fd != -1 && !options->listening;
    char vkey[NOTE_KEY_TEXT_BYTES_MAX];
    size_t len = note_key_format(note_signer_key(sealer->signer), vkey);
    int stop_fd = open_signals(inherited);
    bool landlock = false;
    int error = harden_doors(dir_fd, &landlock);
    if (error < 0) {
        log_write(LOG_LEVEL_ERROR, "cannot give up what is not needed (Landlock, seccomp): %s",
                  strerrordesc_np(-error));
        return EXIT_IO;
    }
    vkey[len++] = '\n';
    if (write(STDOUT_FILENO, vkey, len) != (ssize_t)len)
        log_write(LOG_LEVEL_WARNING, "cannot print the vkey: %s, going on", strerrordesc_np(errno));
    (void)close(STDOUT_FILENO); /* who waits for the end of the line has it */
    if (!landlock)
        log_write(LOG_LEVEL_WARNING, "there is no Landlock here: other files of this user are not "
                                     "closed to the sealer, going on");
    error =
        inherited ? serve_connection(sealer, socket_fd) : serve_socket(sealer, socket_fd, stop_fd);
    if (error < 0)
        log_write(LOG_LEVEL_ERROR, "cannot serve: %s", strerrordesc_np(-error));
    return error < 0 ? EXIT_IO : 0;
}

static int with_key(const struct options *options, const struct note_signer *signer)
{
    static struct sealer sealer;
    struct backend *backend = NULL;
    int dir_fd = open_folder(options->state), socket_fd = options->fd;
    int error = dir_fd < 0 ? dir_fd : backend_open(BACKEND_POLL, 0, &backend);
    if (error < 0) {
        log_write(LOG_LEVEL_ERROR, "cannot use the folder %s: %s", options->state,
                  strerrordesc_np(-error));
        return EXIT_IO;
    }
    int exit_code = open_sealer(&sealer, options, signer, backend, dir_fd);
    if (exit_code == 0 && socket_fd == -1) {
        socket_fd = listen_at(options->socket);
        if (socket_fd < 0) {
            log_write(LOG_LEVEL_ERROR, "cannot listen at %s: %s", options->socket,
                      strerrordesc_np(-socket_fd));
            exit_code = EXIT_IO;
        }
    }
    if (exit_code == 0) {
        (void)sd_tell("READY=1"); /* systemd then ends the start by its own timeout */
        exit_code = serve(&sealer, options, dir_fd, socket_fd);
    }
    if (options->socket != NULL && socket_fd >= 0)
        (void)close(socket_fd);   /* the next start removes its name */
    (void)close(dir_fd);          /* what it holds is synced */
    (void)backend_close(backend); /* always NULL */
    return exit_code;
}

int main(int argc, char **argv)
{
    struct options options;
    char credential[PATH_BYTES];

    log_set_name("noticed-sealer");
    if (!parse_options(argc, argv, &options)) {
        log_write(LOG_LEVEL_ERROR, "that is no command line; see noticed-sealer --help");
        return EXIT_CONFIG;
    }
    if (options.help)
        return fputs(usage, stdout) == EOF ? EXIT_IO : 0;
    if (options.version)
        return printf("noticed-sealer %s (commit %s)\n", version_string(), version_commit()) < 0
                   ? EXIT_IO
                   : 0;
    if (!complete_options(&options, credential))
        return EXIT_CONFIG;
    int fd_max = options.fd > STDERR_FILENO ? options.fd : STDERR_FILENO;
    int error = harden_process((unsigned)fd_max);
    if (error < 0) {
        log_write(LOG_LEVEL_ERROR, "cannot harden the process: %s", strerrordesc_np(-error));
        return EXIT_IO;
    }
    if (CRYPTO_secure_malloc_init(SECURE_BYTES, 64) != 1)
        log_write(LOG_LEVEL_WARNING,
                  "the key's memory cannot be locked (LimitMEMLOCK=, ulimit -l), going on");
    struct note_signer *signer = NULL;
    int exit_code = read_key(&options, &signer);
    if (exit_code == 0)
        exit_code = with_key(&options, signer);
    (void)note_signer_close(signer); /* always NULL */
    return exit_code;
}
