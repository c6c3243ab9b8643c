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

enum verify_option {
    VERIFY_OPTION_VKEY = 0,
    VERIFY_OPTION_MIN_SIZE,
    VERIFY_OPTION_COMPARE,
    VERIFY_OPTION_POLICY,
    VERIFY_OPTION_CA,
    VERIFY_OPTION_JOBS,
    VERIFY_OPTION_OUTPUT,
};

static const struct ctl_option options[] = {
    {"vkey", 'k', "KEY", "the log's public key, or a file with it (LEDGER/key.vkey)"},
    {"min-size", 'm', "N", "the signed tree must have so many records at least"},
    {"compare", 'c', "FILE", "a checkpoint from elsewhere that must be on this ledger's history"},
    {"policy", 'p', "FILE",
     "a tlog-policy: the log's key, witnesses, and how many must have signed"},
    {"ca", 'a', "PEM", "certificates of the time-stamp authorities that are trusted"},
    {"jobs", 'j', "N", "threads that hash and read blobs (as many as there are cores)"},
    {"output", 'o', "FORM", "json or json-pretty"},
    {0},
};

/* The key of the command line, which is a key or a file. */
static int load_given_key(struct verify_run *run)
{
    uint8_t bytes[NOTE_KEY_TEXT_BYTES_MAX];

    if (note_key_parse(run->vkey, strlen(run->vkey), &run->key) != TLOG_OK) {
        ssize_t len = folder_read(AT_FDCWD, run->vkey, bytes, sizeof(bytes));
        if (len < 0)
            return ctl_error("verify: cannot read the key %s: %s", run->vkey, ctl_errno((int)len));
        enum tlog_fault fault = note_key_parse((const char *)bytes, (size_t)len, &run->key);
        if (fault != TLOG_OK)
            return ctl_error("verify: %s is no key: %s: %s", run->vkey, tlog_fault_name(fault),
                             tlog_fault_text(fault));
    }
    if (run->key.type != NOTE_KEY_ED25519)
        return ctl_error("verify: %s is the key of a witness, not of a log", run->key.name);
    run->key_source = VERIFY_KEY_GIVEN;
    return CTL_OK;
}

/* What the ledger's key.vkey is. 1: a log's key; 0: something else; -ENOENT; -errno. */
static int read_own_key(struct verify_run *run, struct note_key *ret_key)
{
    struct verify_reader reader = ledger_files_reader(run->files);
    uint8_t bytes[NOTE_KEY_TEXT_BYTES_MAX];
    ssize_t len = reader.file(reader.context, "key.vkey", bytes, sizeof(bytes));

    if (len < 0)
        return len == -EFBIG ? 0 : (int)len;
    return note_key_parse((const char *)bytes, (size_t)len, ret_key) == TLOG_OK &&
           ret_key->type == NOTE_KEY_ED25519;
}

/* The ledger's own key; what is wrong with it is for check_key_file to tell. */
static int load_own_key(struct verify_run *run)
{
    int found = read_own_key(run, &run->key);

    if (found < 0 && found != -ENOENT)
        return ctl_error("verify: cannot read the key key.vkey: %s", ctl_errno(found));
    run->key_source = found == 1 ? VERIFY_KEY_LEDGER : VERIFY_KEY_NONE;
    return CTL_OK;
}

/* A whole file in memory of its own, malloc'ed. */
static int load(const char *path, size_t max, char **ret_bytes, size_t *ret_len)
{
    char *bytes = malloc(max);

    if (bytes == NULL)
        return ctl_error("verify: %s", ctl_errno(ENOMEM));
    *ret_bytes = bytes;
    ssize_t len = folder_read(AT_FDCWD, path, (uint8_t *)bytes, max);
    if (len < 0)
        return ctl_error("verify: cannot read %s: %s", path, ctl_errno((int)len));
    *ret_len = (size_t)len;
    return CTL_OK;
}

static int load_policy(struct verify_run *run)
{
    size_t len = 0, line = 0;
    int exit_code = load(run->policy_path, POLICY_BYTES_MAX, &run->policy_bytes, &len);

    run->policy = malloc(sizeof(*run->policy));
    if (exit_code != CTL_OK || run->policy == NULL)
        return exit_code != CTL_OK ? exit_code : ctl_error("verify: %s", ctl_errno(ENOMEM));
    enum tlog_fault fault = policy_parse(run->policy_bytes, len, run->policy, &line);
    if (fault != TLOG_OK)
        return ctl_error("verify: %s:%zu: %s: %s", run->policy_path, line, tlog_fault_name(fault),
                         tlog_fault_text(fault));
    return CTL_OK;
}

/* The policy's log that signed the checkpoint, or its first: then that did not. */
static void key_of_policy(struct verify_run *run)
{
    struct verify_reader reader = ledger_files_reader(run->files);
    struct note *note = malloc(sizeof(*note));
    uint8_t *bytes = malloc(VERIFY_BYTES);
    size_t at = 0;
    ssize_t len = note == NULL || bytes == NULL
                      ? -ENOMEM
                      : reader.file(reader.context, "checkpoint", bytes, VERIFY_BYTES);

    if (len >= 0 && note_parse((const char *)bytes, (size_t)len, note) == TLOG_OK)
        while (at < run->policy->logs_count &&
               note_verify(note, &run->policy->logs[at], NULL) == TLOG_UNKNOWN_KEY)
            at++;
    run->key = run->policy->logs[at < run->policy->logs_count ? at : 0];
    run->key_source = VERIFY_KEY_POLICY;
    free(note);
    free(bytes);
}

/* What the options name. */
static int load_options(struct verify_run *run, struct verify_config *config)
{
    int exit_code = CTL_OK;

    if (run->policy_path != NULL)
        exit_code = load_policy(run);
    if (exit_code == CTL_OK && run->vkey == NULL && run->policy != NULL &&
        run->policy->logs_count > 0)
        key_of_policy(run);
    else if (exit_code == CTL_OK)
        exit_code = run->vkey != NULL ? load_given_key(run) : load_own_key(run);
    if (exit_code == CTL_OK && run->compare != NULL) {
        exit_code = load(run->compare, NOTE_BYTES_MAX, &run->compare_bytes, &config->compare_len);
        config->compare = run->compare_bytes;
    }
    if (exit_code == CTL_OK && run->ca_path != NULL) {
        struct token_pem *pem = &run->anchors.pem;
        exit_code = load(run->ca_path, TOKEN_PEM_MAX, &run->ca_bytes, &pem->ca_len);
        pem->ca = run->ca_bytes;
        if (exit_code == CTL_OK && token_pem_count(pem->ca, pem->ca_len) <= 0)
            exit_code = ctl_error("verify: %s holds no certificate in PEM", run->ca_path);
    }
    return exit_code;
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
   is missing is damage, and so is something else in the place of a file. */
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
        verify_blobs_join(&run->blobs, hashed);
        draw(run, progress);
    }
    const bool feed = ledger_files_has_feed(run->files);
    if (verify_goes_on(verify) && (more == -EBADMSG || more == -ENOENT)) {
        verify_fail(verify, feed ? VERIFY_SEGMENT_MISSING : VERIFY_TILE_MISSING, file,
                    VERIFY_NO_SEQ, 0);
        return 0;
    }
    return more < 0 && verify_goes_on(verify) ? more : 0;
}

/* The ledger's own key must be one, and that which its checkpoints are held to: noticed goes by it.
   A tree of others need not have any. */
static void check_key_file(struct verify_run *run)
{
    const bool wanted = ledger_files_has_feed(run->files) && run->verify->is_signed;
    char ours[NOTE_KEY_TEXT_BYTES_MAX], there[NOTE_KEY_TEXT_BYTES_MAX];
    struct note_key key;
    int found = read_own_key(run, &key);
    bool good = found == 1 || (found != 0 && !wanted);

    if (found == 1 && wanted) {
        (void)note_key_format(&run->key, ours); /* the lengths are not asked for */
        (void)note_key_format(&key, there);
        good = strcmp(ours, there) == 0;
    }
    if (!good)
        verify_fail(run->verify, VERIFY_FOREIGN_KEY, "key.vkey", VERIFY_NO_SEQ, 0);
}

static int verify_ledger(struct verify_run *run)
{
    struct verify_config config = {.min_size = run->min_size,
                                   .must_be_signed = run->vkey != NULL || run->policy != NULL};
    struct progress progress = progress_start();

    int exit_code = load_options(run, &config);
    run->verify = malloc(sizeof(*run->verify));
    if (exit_code != CTL_OK)
        return exit_code;
    if (run->verify == NULL)
        return ctl_error("verify: %s", ctl_errno(ENOMEM));
    config.reader = ledger_files_reader(run->files);
    config.ledger = ledger_files_has_feed(run->files);
    config.key = run->key_source != VERIFY_KEY_NONE ? &run->key : NULL;
    run->anchors.key = config.key;
    run->anchors.policy = run->policy;
    int error = verify_anchors_load(run->ledger, &run->anchors);
    if (error < 0)
        return ctl_error("verify: cannot read the anchors of %s: %s", run->ledger,
                         ctl_errno(error));
    config.anchors = run->anchors.anchors;
    config.anchors_count = run->anchors.count;
    config.outside = (struct verify_damage){.fault = run->anchors.fault, .seq = VERIFY_NO_SEQ};
    (void)snprintf(config.outside.file, VERIFY_FILE_BYTES, "%s", run->anchors.file); /* fits */
    verify_begin(run->verify, &config);
    if (config.key == NULL)
        check_key_file(run); /* nothing that is signed can be checked without */
    if (run->verify->is_signed && config.key == NULL && verify_goes_on(run->verify))
        return ctl_error("verify: %s is signed: say by whom, with --vkey", run->ledger);
    error = ledger_files_begin(run->files,
                               run->verify->is_signed ? run->verify->signed_size : UINT64_MAX);
    if (error == 0 && ledger_files_has_feed(run->files))
        error = verify_blobs_open(run->ledger, (unsigned)run->jobs, &run->blobs);
    if (error == 0)
        error = hash_pool_open((unsigned)run->jobs, ledger_files_room(run->files), &run->pool);
    if (error == 0)
        error = walk(run, &progress);
    verify_finish(run->verify);
    (void)progress_end(&progress); /* how long it took is not told */
    if (error == 0)
        error = run->verify->io_error;
    if (error == 0)
        error = verify_blobs_finish(&run->blobs, run->verify, ledger_files_durable_now(run->files));
    if (error < 0)
        return ctl_error("verify: cannot read %s: %s", run->ledger, ctl_errno(error));
    uint64_t durable = ledger_files_sizes(run->files).durable_records;
    if (run->verify->counts.records < durable)
        verify_fail(run->verify, VERIFY_TOO_SHORT, "state/durable", run->verify->counts.records, 0);
    if (config.key != NULL)
        check_key_file(run); /* a lost side file must not hide what the record says */
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
    case VERIFY_OPTION_POLICY:
        run->policy_path = value;
        return CTL_OK;
    case VERIFY_OPTION_CA:
        run->ca_path = value;
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
    verify_anchors_free(&run.anchors);
    verify_blobs_free(&run.blobs);
    free(run.policy);
    free(run.policy_bytes);
    free(run.ca_bytes);
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
