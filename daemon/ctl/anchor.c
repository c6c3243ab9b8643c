/*
 * noticectl anchor: times and signatures from outside over a ledger's checkpoints.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/anchor_query.h"
#include "daemon/ctl/anchor_run.h"
#include "daemon/ctl/connect.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/folder.h"
#include "daemon/ctl/key_file.h"
#include "daemon/ctl/ledger_files.h"
#include "daemon/ledger/cosign.h"

#define BUSY_TRIES   500u /* while the daemon writes to outbox/ too */
#define BUSY_WAIT_MS 10

enum anchor_option {
    ANCHOR_OPTION_LEDGER = 0,
    ANCHOR_OPTION_SOCKET,
    ANCHOR_OPTION_CA,
    ANCHOR_OPTION_NO_CA,
    ANCHOR_OPTION_CHAIN,
    ANCHOR_OPTION_WITNESS,
    ANCHOR_OPTION_POLICY,
    ANCHOR_OPTION_URL,
    ANCHOR_OPTION_OLD,
};

static const struct ctl_option options[] = {
    {"ledger", 'l', "DIR", "the ledger, when it is no argument"},
    {"socket", 's', "PATH", "control socket of the daemon (" CONNECT_CONTROL_SOCKET ")"},
    {"ca", 'a', "PEM", "certificates of the authorities that are trusted"},
    {"no-ca", 'n', NULL, "do not judge whose signature a time-stamp has"},
    {"chain", 'c', "PEM", "certificates between the authority's and the CA's"},
    {"witness", 'w', "KEY", "public key of a witness, or a file with it; may be given again"},
    {"policy", 'p', "FILE", "a tlog-policy whose witnesses are known"},
    {"url", 'u', "URL", "a time-stamp authority; may be given again"},
    {"old", 'o', "N", "size that the witness signed last, as it says in its 409 (0)"},
    {0},
};

/* The published checkpoint into the source. */
static int read_published(struct anchor_run *run)
{
    struct anchor_source *source = run->source;
    assert(source != NULL);
    ssize_t len = folder_read(run->ledger_fd, "checkpoint", source->bytes, sizeof(source->bytes));

    if (len == -ENOENT)
        return ctl_error("anchor: %s has no checkpoint yet: nobody has signed it", run->ledger);
    if (len < 0)
        return ctl_error("anchor: cannot read %s/checkpoint: %s", run->ledger, ctl_errno((int)len));
    source->len = (size_t)len;
    if (note_parse((const char *)source->bytes, source->len, &source->note) != TLOG_OK ||
        checkpoint_parse(source->note.text, source->note.text_len, &source->checkpoint) != TLOG_OK)
        return ctl_error("anchor: %s/checkpoint is not valid; see `noticectl verify`", run->ledger);
    source->size = source->checkpoint.size;
    return CTL_OK;
}

/* As anchor_query_write, after waiting for a daemon that writes there just now. */
static int write_query(const struct anchor_run *run, struct backend *backend)
{
    const struct anchor_source *source = run->source;
    int result = -EWOULDBLOCK;

    assert(source != NULL);
    for (unsigned i = 0; i < BUSY_TRIES && result == -EWOULDBLOCK; i++) {
        if (i > 0)
            (void)poll(NULL, 0, BUSY_WAIT_MS); /* a signal's end is a try earlier */
        result =
            anchor_query_write(backend, run->ledger_fd, source->size, source->bytes, source->len);
    }
    return result;
}

static int query(struct anchor_run *run)
{
    struct backend *backend = NULL;
    char asked[96];
    int exit_code = read_published(run);

    if (exit_code != CTL_OK)
        return exit_code;
    (void)snprintf(asked, sizeof(asked), "anchors/%" PRIu64 "/query.tsq", run->source->size);
    if (faccessat(run->ledger_fd, asked, F_OK, 0) == 0) {
        printf("%s/%s: this checkpoint is time-stamped already\n", run->ledger, asked);
        return ctl_finish();
    }
    int error = backend_open(BACKEND_POLL, 0, &backend);
    if (error == 0)
        error = write_query(run, backend);
    (void)backend_close(backend); /* always NULL */
    if (error < 0)
        return ctl_error("anchor: cannot write to %s/outbox: %s", run->ledger, ctl_errno(error));
    printf("%s/outbox/%" PRIu64 ".tsq\n", run->ledger, run->source->size);
    return ctl_finish();
}

/* As tile_read, of a full tile or of any partial one that is wide enough. */
static int read_tile(void *context, const struct tile_id *id, uint8_t *ret_bytes, size_t len)
{
    const struct anchor_run *run = context;
    uint8_t bytes[TILE_BYTES];
    char path[TILE_PATH_BYTES];
    struct tile_id full = {.level = id->level, .width = TILE_WIDTH, .index = id->index};

    tile_path(id, path);
    ssize_t got = folder_read(run->ledger_fd, path, bytes, sizeof(bytes));
    if (got == -ENOENT && id->width != TILE_WIDTH) {
        tile_path(&full, path);
        got = folder_read(run->ledger_fd, path, bytes, sizeof(bytes));
    }
    if (got >= 0 && (size_t)got < len)
        return -EBADMSG;
    if (got < 0)
        return (int)got;
    memcpy(ret_bytes, bytes, len);
    return 0;
}

/* Prints a request, and leaves its checkpoint in outbox/, where the answer will look for it. */
static int request(struct anchor_run *run)
{
    static char bytes[COSIGN_REQUEST_BYTES_MAX];
    struct text text = text_into(bytes, sizeof(bytes));
    struct cosign_request parts = {.old_size = run->old_size};
    struct tile_source *tiles = malloc(sizeof(*tiles));
    char name[64];

    if (tiles == NULL)
        return ctl_error("anchor: %s", ctl_errno(ENOMEM));
    int exit_code = read_published(run);
    assert(run->source != NULL);
    if (exit_code == CTL_OK && run->old_size > run->source->size)
        exit_code = ctl_error("anchor: the witness has signed %" PRIu64 " records, and this "
                              "ledger's checkpoint has only %" PRIu64 ": it was rolled back, or is "
                              "another one",
                              run->old_size, run->source->size);
    if (exit_code != CTL_OK) {
        free(tiles);
        return exit_code;
    }
    tile_source_begin(tiles, run->source->size, read_tile, run);
    int error = merkle_prove_consistency(run->old_size, run->source->size, tile_subtree, tiles,
                                         &parts.proof);
    free(tiles);
    if (error < 0)
        return ctl_error("anchor: cannot read the tiles of %s: %s", run->ledger, ctl_errno(error));
    parts.checkpoint = (const char *)run->source->bytes;
    parts.checkpoint_len = run->source->len;
    cosign_format(&text, &parts);
    if (text.overflow)
        return ctl_error("anchor: the checkpoint is too long for a request");
    error = folder_make(run->ledger_fd, ANCHOR_QUERY_DIR, 0750);
    int fd = error < 0
                 ? -1
                 : openat(run->ledger_fd, ANCHOR_QUERY_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)snprintf(name, sizeof(name), "%" PRIu64 ".checkpoint", run->source->size);
    if (error == 0)
        error =
            fd == -1 ? -errno : folder_write(fd, name, run->source->bytes, run->source->len, 0640);
    if (fd != -1)
        (void)close(fd); /* a folder */
    if (error < 0)
        return ctl_error("anchor: cannot write to %s/outbox: %s", run->ledger, ctl_errno(error));
    (void)fwrite(bytes, 1, text.len, stdout); /* ctl_finish sees the stream's error */
    return ctl_finish();
}

static int add_files(struct anchor_run *run, int count, char **paths)
{
    static uint8_t bytes[TOKEN_BYTES_MAX];
    int exit_code = CTL_OK;

    if (count == 0)
        return ctl_error("anchor: name the replies that are to be added");
    for (int i = 0; i < count; i++) {
        ssize_t len = folder_read(AT_FDCWD, paths[i], bytes, sizeof(bytes));
        int done = CTL_OK;
        if (len >= 0)
            done = anchor_add(run, paths[i], bytes, (size_t)len);
        else
            done = ctl_error("anchor: cannot read %s: %s", paths[i],
                             len == -EBADMSG ? "it is no regular file" : ctl_errno((int)len));
        exit_code = exit_code == CTL_OK ? done : exit_code;
    }
    int finished = ctl_finish();
    return exit_code == CTL_OK ? finished : exit_code;
}

/* A whole file in memory of its own. */
static int load(const char *path, size_t max, char **ret_bytes, size_t *ret_len)
{
    char *bytes = malloc(max);

    if (bytes == NULL)
        return ctl_error("anchor: %s", ctl_errno(ENOMEM));
    free(*ret_bytes);
    *ret_bytes = bytes;
    ssize_t len = folder_read(AT_FDCWD, path, (uint8_t *)bytes, max);
    if (len < 0)
        return ctl_error("anchor: cannot read %s: %s", path, ctl_errno((int)len));
    *ret_len = (size_t)len;
    return CTL_OK;
}

static int load_pem(const char *path, char **ret_bytes, const char **ret_pem, size_t *ret_len)
{
    int exit_code = load(path, TOKEN_PEM_MAX, ret_bytes, ret_len);

    if (exit_code == CTL_OK && token_pem_count(*ret_bytes, *ret_len) <= 0)
        return ctl_error("anchor: %s holds no certificate in PEM", path);
    *ret_pem = *ret_bytes;
    return exit_code;
}

static int load_policy(struct anchor_run *run, const char *path)
{
    size_t len = 0, line = 0;
    int exit_code = load(path, POLICY_BYTES_MAX, &run->policy_bytes, &len);

    if (exit_code != CTL_OK)
        return exit_code;
    enum tlog_fault fault = policy_parse(run->policy_bytes, len, run->policy, &line);
    if (fault != TLOG_OK)
        return ctl_error("anchor: %s:%zu: %s: %s", path, line, tlog_fault_name(fault),
                         tlog_fault_text(fault));
    return CTL_OK;
}

static int add_witness(struct anchor_run *run, const char *word)
{
    struct policy *policy = run->policy;

    assert(policy != NULL);
    if (policy->names_count == POLICY_NAMES_MAX)
        return ctl_error("anchor: at most %u witnesses", POLICY_NAMES_MAX);
    struct policy_name *name = &policy->names[policy->names_count];
    int exit_code = key_file_public("anchor", word, &name->key);
    if (exit_code == CTL_OK && name->key.type != NOTE_KEY_COSIGNATURE)
        return ctl_error("anchor: %s is the key of a log, not of a witness", name->key.name);
    name->group = false;
    policy->names_count += exit_code == CTL_OK;
    return exit_code;
}

static int take_option(struct anchor_run *run, enum anchor_option option, const char *value)
{
    switch (option) {
    case ANCHOR_OPTION_LEDGER:
        run->ledger = value;
        return CTL_OK;
    case ANCHOR_OPTION_SOCKET:
        run->socket = value;
        return CTL_OK;
    case ANCHOR_OPTION_CA:
        return load_pem(value, &run->ca_bytes, &run->pem.ca, &run->pem.ca_len);
    case ANCHOR_OPTION_NO_CA:
        run->no_ca = true;
        return CTL_OK;
    case ANCHOR_OPTION_CHAIN:
        return load_pem(value, &run->chain_bytes, &run->pem.chain, &run->pem.chain_len);
    case ANCHOR_OPTION_WITNESS:
        return add_witness(run, value);
    case ANCHOR_OPTION_POLICY:
        return load_policy(run, value);
    case ANCHOR_OPTION_URL:
        if (run->urls_count == ANCHOR_URLS_MAX)
            return ctl_error("anchor: at most %u URLs", ANCHOR_URLS_MAX);
        run->urls[run->urls_count++] = value;
        return CTL_OK;
    case ANCHOR_OPTION_OLD:
        if (ctl_number(value, MERKLE_SIZE_MAX, &run->old_size) < 0)
            return ctl_error("anchor: --old is a number of records, not %s", value);
        return CTL_OK;
    }
    return CTL_USAGE;
}

/* The words of anchor; ledger: it is the one argument. */
static int run_word(struct anchor_run *run, const char *word, int count, char **operands)
{
    bool add = strcmp(word, "add") == 0;

    if (!add && run->ledger == NULL && count == 1) {
        run->ledger = operands[0];
        count = 0;
    }
    if (run->ledger == NULL)
        return ctl_error("anchor: name the ledger%s", add ? " with --ledger" : "");
    if (!add && count > 0)
        return ctl_error("anchor: there is %s too much", operands[count - 1]);
    if (strcmp(word, "list") == 0)
        return anchor_list(run->ledger);
    run->ledger_fd = open(run->ledger, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (run->ledger_fd == -1)
        return ctl_error("anchor: cannot open %s: %s", run->ledger, ctl_errno(errno));
    if (strcmp(word, "query") == 0)
        return query(run);
    if (strcmp(word, "request") == 0)
        return request(run);
    if (add)
        return add_files(run, count, operands);
    if (strcmp(word, "send") != 0)
        return ctl_error("anchor: there is no word \"%s\"; see `noticectl anchor --help`", word);
    return run->urls_count > 0 ? anchor_send(run)
                               : ctl_error("anchor: say which authority to ask with --url");
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct anchor_run anchor = {
        .socket = ctl_environment("NOTICED_CONTROL_SOCKET", CONNECT_CONTROL_SOCKET),
        .ledger_fd = -1,
        .policy = calloc(1, sizeof(*anchor.policy)),
        .source = malloc(sizeof(*anchor.source))};
    const char *value = NULL;
    int first = argc, option = 0;
    int exit_code = anchor.policy == NULL || anchor.source == NULL
                        ? ctl_error("anchor: %s", ctl_errno(ENOMEM))
                        : CTL_OK;

    while (exit_code == CTL_OK &&
           (option = ctl_next_option(command, argc, argv, &value, &first)) >= 0)
        exit_code = take_option(&anchor, (enum anchor_option)option, value);
    if (exit_code == CTL_OK && option != CTL_OPTION_END)
        exit_code = option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    else if (exit_code == CTL_OK && first == argc)
        exit_code = ctl_error("anchor: say what to do: query, add, send, request or list");
    else if (exit_code == CTL_OK)
        exit_code = run_word(&anchor, argv[first], argc - first - 1, argv + first + 1);
    if (anchor.ledger_fd != -1)
        (void)close(anchor.ledger_fd); /* a folder */
    free(anchor.ca_bytes);
    free(anchor.chain_bytes);
    free(anchor.policy_bytes);
    free(anchor.policy);
    free(anchor.source);
    return exit_code;
}

const struct ctl_command ctl_anchor = {
    .name = "anchor",
    .arguments = "query|send|request|list LEDGER, or add --ledger LEDGER FILE...",
    .summary = "times and signatures from outside over a ledger's checkpoints",
    .details =
        "query    writes a time-stamp query (RFC 3161) for the checkpoint to LEDGER/outbox/\n"
        "send     posts the newest query to each --url with curl, and adds the replies\n"
        "add      verifies replies of authorities or witnesses, stores them in LEDGER/anchors/ "
        "and\n"
        "         has the running noticed record them\n"
        "request  prints a request to a witness, see `noticectl witness`\n"
        "list     prints the anchor records\n"
        "Exit codes: 0 done, 1 a reply proves nothing or noticed refused, 2 usage or I/O,\n"
        "3 stored, but no noticed runs that could record it.\n",
    .options = options,
    .run = run,
};
