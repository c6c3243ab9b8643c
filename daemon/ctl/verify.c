/*
 * noticectl verify: recomputes a ledger, or an exported tree, and names the first thing that is
 * wrong.
 */
#include "daemon/ledger/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/folder.h"
#include "daemon/ctl/hash_pool.h"
#include "daemon/ctl/ledger_files.h"
#include "daemon/ctl/progress.h"
#include "daemon/ctl/verify_run.h"

#define COMPARE_BYTES_MAX NOTE_BYTES_MAX

enum verify_option {
    VERIFY_OPTION_VKEY = 0,
    VERIFY_OPTION_MIN_SIZE,
    VERIFY_OPTION_COMPARE,
    VERIFY_OPTION_JOBS,
    VERIFY_OPTION_OUTPUT,
};

static const struct ctl_option options[] = {
    {"vkey", 'k', "KEY", "the log's public key, or a file with it (LEDGER/key.vkey)"},
    {"min-size", 'm', "N", "the signed tree must have so many records at least"},
    {"compare", 'c', "FILE", "a checkpoint from elsewhere that must be on this ledger's history"},
    {"jobs", 'j', "N", "threads that hash (as many as there are cores)"},
    {"output", 'o', "FORM", "json or json-pretty"},
    {0},
};

/* The key of the command line, which is a key or a file, or that of the ledger. */
static int load_key(struct verify_run *run)
{
    uint8_t bytes[NOTE_KEY_TEXT_BYTES_MAX];
    struct verify_reader reader = ledger_files_reader(run->files);
    ssize_t len;

    if (run->vkey != NULL && note_key_parse(run->vkey, strlen(run->vkey), &run->key) == TLOG_OK) {
        run->key_source = VERIFY_KEY_GIVEN;
    } else {
        const char *name = run->vkey != NULL ? run->vkey : "key.vkey";
        len = run->vkey != NULL ? folder_read(AT_FDCWD, name, bytes, sizeof(bytes))
                                : reader.file(reader.context, name, bytes, sizeof(bytes));
        if (len == -ENOENT && run->vkey == NULL)
            return CTL_OK;
        if (len < 0)
            return ctl_error("verify: cannot read the key %s: %s", name, ctl_errno((int)len));
        enum tlog_fault fault = note_key_parse((const char *)bytes, (size_t)len, &run->key);
        if (fault != TLOG_OK)
            return ctl_error("verify: %s is no key: %s: %s", name, tlog_fault_name(fault),
                             tlog_fault_text(fault));
        run->key_source = run->vkey != NULL ? VERIFY_KEY_GIVEN : VERIFY_KEY_LEDGER;
    }
    if (run->key.type != NOTE_KEY_ED25519)
        return ctl_error("verify: %s is the key of a witness, not of a log", run->key.name);
    return CTL_OK;
}

static int load_compare(struct verify_run *run, struct verify_config *config)
{
    if (run->compare == NULL)
        return CTL_OK;
    run->compare_bytes = malloc(COMPARE_BYTES_MAX);
    if (run->compare_bytes == NULL)
        return ctl_error("verify: %s", ctl_errno(ENOMEM));
    ssize_t len =
        folder_read(AT_FDCWD, run->compare, (uint8_t *)run->compare_bytes, COMPARE_BYTES_MAX);
    if (len < 0)
        return ctl_error("verify: cannot read %s: %s", run->compare, ctl_errno((int)len));
    config->compare = run->compare_bytes;
    config->compare_len = (size_t)len;
    return CTL_OK;
}

static void draw(const struct verify_run *run, struct progress *progress)
{
    struct progress_state state = {.bytes = run->verify->counts.bytes,
                                   .lines = run->verify->counts.records};

    if (ledger_files_has_feed(run->files))
        state.bytes_total = ledger_files_sizes(run->files).bytes;
    progress_draw(progress, &state);
}

/* Reads, hashes and joins until nothing is left or something is wrong. 0 or -errno; a bundle that
   is missing is damage. */
static int walk(struct verify_run *run, struct progress *progress)
{
    struct verify *verify = run->verify;
    char file[VERIFY_FILE_BYTES] = "", *room;
    int more = 1;

    while (verify_goes_on(verify)) {
        struct verify_chunk *chunk = more > 0 ? hash_pool_slot(run->pool, &room) : NULL;
        if (chunk != NULL) {
            more = ledger_files_next(run->files, room, chunk, file);
            if (more > 0) {
                /* What is signed is held to its hash; only the rest has to be looked at. */
                chunk->shapes =
                    !verify->is_signed || verify->builder.tree.size >= verify->signed_size;
                hash_pool_put(run->pool);
                continue;
            }
        }
        const struct verify_chunk *hashed = hash_pool_take(run->pool);
        if (hashed == NULL)
            break;
        verify_join(verify, hashed);
        draw(run, progress);
    }
    if (verify_goes_on(verify) && more == -ENOENT && !ledger_files_has_feed(run->files)) {
        verify_fail(verify, VERIFY_TILE_MISSING, file, VERIFY_NO_SEQ, 0);
        return 0;
    }
    return more < 0 && verify_goes_on(verify) ? more : 0;
}

static int verify_ledger(struct verify_run *run)
{
    struct verify_config config = {.min_size = run->min_size};
    struct progress progress = progress_start();

    int exit_code = load_key(run);
    if (exit_code == CTL_OK)
        exit_code = load_compare(run, &config);
    run->verify = malloc(sizeof(*run->verify));
    if (exit_code != CTL_OK)
        return exit_code;
    if (run->verify == NULL)
        return ctl_error("verify: %s", ctl_errno(ENOMEM));
    config.reader = ledger_files_reader(run->files);
    config.ledger = ledger_files_has_feed(run->files);
    config.key = run->key_source != VERIFY_KEY_NONE ? &run->key : NULL;
    verify_begin(run->verify, &config);
    if (run->verify->is_signed && config.key == NULL)
        return ctl_error("verify: %s is signed: say by whom, with --vkey", run->ledger);
    int error = ledger_files_begin(run->files,
                                   run->verify->is_signed ? run->verify->signed_size : UINT64_MAX);
    if (error == 0)
        error = hash_pool_open((unsigned)run->jobs, ledger_files_room(run->files), &run->pool);
    if (error == 0)
        error = walk(run, &progress);
    verify_finish(run->verify);
    (void)progress_end(&progress); /* how long it took is not told */
    if (error == 0)
        error = run->verify->io_error;
    if (error < 0)
        return ctl_error("verify: cannot read %s: %s", run->ledger, ctl_errno(error));
    uint64_t durable = ledger_files_sizes(run->files).durable_records;
    if (run->verify->counts.records < durable)
        verify_fail(run->verify, VERIFY_TOO_SHORT, "state/durable", run->verify->counts.records, 0);
    return verify_print(run);
}

static uint64_t cores(void)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) == -1)
        return 1;
    int count = CPU_COUNT(&set);
    return count < 1                            ? 1
           : count > (int)HASH_POOL_THREADS_MAX ? HASH_POOL_THREADS_MAX
                                                : (uint64_t)count;
}

static int take_option(struct verify_run *run, enum verify_option option, const char *value)
{
    switch (option) {
    case VERIFY_OPTION_VKEY:
        run->vkey = value;
        return CTL_OK;
    case VERIFY_OPTION_MIN_SIZE:
        if (ctl_number(value, MERKLE_SIZE_MAX, &run->min_size) < 0)
            return ctl_error("verify: --min-size is a number of records, not %s", value);
        return CTL_OK;
    case VERIFY_OPTION_COMPARE:
        run->compare = value;
        return CTL_OK;
    case VERIFY_OPTION_JOBS:
        if (ctl_number(value, HASH_POOL_THREADS_MAX, &run->jobs) < 0 || run->jobs == 0)
            return ctl_error("verify: --jobs is a number from 1 to %u, not %s",
                             HASH_POOL_THREADS_MAX, value);
        return CTL_OK;
    case VERIFY_OPTION_OUTPUT:
        run->output = value;
        if (strcmp(value, "json") != 0 && strcmp(value, "json-pretty") != 0)
            return ctl_error("verify: --output is json or json-pretty, not %s", value);
        return CTL_OK;
    }
    return CTL_USAGE;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct verify_run run = {.output = "json", .jobs = cores()};
    const char *value = NULL;
    int first = argc, option = 0;

    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0)
        if (take_option(&run, (enum verify_option)option, value) != CTL_OK)
            return CTL_USAGE;
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (first + 1 != argc)
        return ctl_error("verify: name one ledger, or one exported tree");
    run.ledger = argv[first];
    int error = ledger_files_open(run.ledger, &run.files);
    if (error == -ENOENT)
        return ctl_error("verify: %s is no ledger: it has no feed and no tile/entries", run.ledger);
    if (error < 0)
        return ctl_error("verify: cannot open %s: %s", run.ledger, ctl_errno(error));
    int exit_code = verify_ledger(&run);
    (void)hash_pool_close(run.pool); /* all of these give NULL */
    (void)ledger_files_close(run.files);
    free(run.verify);
    free(run.compare_bytes);
    return exit_code;
}

const struct ctl_command ctl_verify = {
    .name = "verify",
    .arguments = "LEDGER",
    .summary = "recompute a ledger, or an exported tree, and name the first damage",
    .details = "Prints one JSON object; \"error\" is null, or says what is wrong and where, and\n"
               "\"not_shown\" what a good result leaves open. Exit codes: 0 intact, 1 not,\n"
               "2 usage or I/O.\n",
    .options = options,
    .run = run,
};
