/*
 * noticed: the command line. Reads the configuration, forks the compiler process while there is
 * still one thread, and runs.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/compiler.h"
#include "daemon/config.h"
#include "daemon/log.h"
#include "daemon/nearest.h"
#include "daemon/run.h"
#include "daemon/sealer_start.h"
#include "daemon/version.h"
#include "io/backend.h"
#include "matcher/matcher.h"

static const char usage[] =
    "usage: noticed --config FILE [--check-config] [--deep] [--io=auto|uring|poll]\n"
    "\n"
    "Runs in the foreground: takes listings from crawlers, searches them for marks, and keeps the\n"
    "record in the ledger. SIGHUP reads the lists of marks, cues and rules again, SIGTERM drains "
    "and "
    "ends.\n"
    "\n"
    "  --config FILE    the configuration (see noticed.yaml.example)\n"
    "  --check-config   only say whether the configuration is good: its keys, its lists, and the\n"
    "                   folders, sockets and inputs that it names, for the user who asks\n"
    "  --deep           first reads and hashes the whole ledger again: each record, each "
    "checkpoint,\n"
    "                   each tile, where a start looks at the end of it alone\n"
    "  --io=KIND        overrides io: of the configuration\n"
    "  --version        versions of noticed and of what it stands on\n"
    "\n"
    "Exit status: 0 stopped in order; 65 the ledger contradicts itself; 74 disk, socket or "
    "memory;\n"
    "78 the configuration or a list is wrong.\n";

struct options {
    const char *config_path;
    const char *io;
    bool check, deep, help, version;
};

static const struct option table[] = {
    {"config", required_argument, NULL, 'c'},
    {"check-config", no_argument, NULL, 'k'},
    {"io", required_argument, NULL, 'i'},
    {"deep", no_argument, NULL, 'd'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

/* Says what getopt found wrong with an option. optopt is the val of one that is known, the letter
   of a short one, and 0 of a long one that is not known. */
static void wrong_option(int found, const char *word)
{
    if (found == ':')
        (void)fprintf(stderr, "noticed: %s: an argument is missing after it; see noticed --help\n",
                      word);
    else if (optopt != 0 && word[1] == '-')
        (void)fprintf(stderr, "noticed: %s: this option takes no argument; see noticed --help\n",
                      word);
    else {
        const char *name = word + strspn(word, "-");
        struct nearest nearest = nearest_begin(name, strcspn(name, "="));
        char suggestion[NEAREST_TEXT_BYTES];
        for (const struct option *option = table; option->name != NULL; option++)
            nearest_try(&nearest, option->name, strlen(option->name));
        nearest_text(&nearest, "--", suggestion);
        (void)fprintf(stderr, "noticed: %s: there is no such option%s see noticed --help\n", word,
                      suggestion[0] == '\0' ? ";" : suggestion);
    }
}

static bool parse_options(int argc, char **argv, struct options *ret_options)
{
    struct options options = {.config_path = NULL};
    int option = 0;
    opterr = 0;
    /* The only thread there is. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    while ((option = getopt_long(argc, argv, ":", table, NULL)) != -1) {
        switch (option) {
        case 'c':
            options.config_path = optarg;
            break;
        case 'k':
            options.check = true;
            break;
        case 'i':
            options.io = optarg;
            break;
        case 'd':
            options.deep = true;
            break;
        case 'h':
            options.help = true;
            break;
        case 'v':
            options.version = true;
            break;
        default:
            wrong_option(option, argv[optind - 1]);
            return false;
        }
    }
    if (optind < argc) {
        bool named = options.config_path != NULL;
        (void)fprintf(stderr, "noticed: %s: noticed takes no such word%s%s%s; see noticed --help\n",
                      argv[optind], named ? "" : "; did you mean --config ",
                      named ? "" : argv[optind], named ? "" : "?");
        return false;
    }
    if (options.config_path == NULL && !options.help && !options.version) {
        (void)fputs("noticed: --config FILE is missing; see noticed --help\n", stderr);
        return false;
    }
    *ret_options = options;
    return true;
}

static int print_version(void)
{
    int put = printf("noticed %s (commit %s, %s, liburing %s, log format 1)\n", version_string(),
                     version_commit(), matcher_engine_version(), version_liburing());
    return put < 0 ? RUN_EXIT_IO : RUN_EXIT_OK;
}

/* After the compiler was forked, so that it holds no end of the sealer's socket. */
static enum run_exit with_sealer(const struct options *options, const struct config *config,
                                 struct compiler *compiler)
{
    struct sealer_link sealer;
    char error[SEALER_START_ERROR_BYTES];
    int result = sealer_start(config, &sealer, error);
    if (result == 0)
        return run(options->config_path, config, compiler, &sealer);
    log_write(LOG_LEVEL_ERROR, "%s", error);
    return result == -EINVAL ? RUN_EXIT_CONFIG : result == -EBADMSG ? RUN_EXIT_LEDGER : RUN_EXIT_IO;
}

static enum run_exit with_config(const struct options *options, const struct config *config)
{
    struct compiler *compiler = NULL;
    int result = compiler_open(&compiler);
    if (result < 0) {
        log_write(LOG_LEVEL_ERROR, "cannot start the compiler process: %s",
                  strerrordesc_np(-result));
        return RUN_EXIT_IO;
    }
    enum run_exit exit_code =
        options->check ? run_check(config, compiler) : with_sealer(options, config, compiler);
    compiler = compiler_close(compiler);
    if (options->check && exit_code == RUN_EXIT_OK && puts("configuration ok") == EOF)
        exit_code = RUN_EXIT_IO;
    return exit_code;
}

int main(int argc, char **argv)
{
    struct options options;
    if (!parse_options(argc, argv, &options))
        return RUN_EXIT_CONFIG;
    if (options.help)
        return fputs(usage, stdout) == EOF ? RUN_EXIT_IO : RUN_EXIT_OK;
    if (options.version)
        return print_version();
    struct config *config = NULL;
    char error[CONFIG_ERROR_BYTES];
    if (config_load(options.config_path, &config, error) < 0) {
        (void)fprintf(stderr, "noticed: %s\n", error);
        return RUN_EXIT_CONFIG;
    }
    enum run_exit exit_code = RUN_EXIT_CONFIG;
    if (options.io != NULL && backend_kind_parse(options.io, &config->io) < 0) {
        (void)fprintf(stderr, "noticed: --io=%s: must be auto, uring or poll\n", options.io);
    } else {
        config->deep = options.deep;
        log_set_level(config->log_level);
        exit_code = with_config(&options, config);
    }
    config = config_free(config);
    return exit_code;
}
