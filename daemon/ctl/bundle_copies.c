/*
 * What a bundle proves and copies. Knows files, not what records say.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/ctl/anchor_files.h"
#include "daemon/ctl/bundle_proofs.h"
#include "daemon/ctl/bundle_run.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/folder.h"
#include "daemon/ctl/verify_anchors.h"
#include "daemon/ledger/policy.h"

/* The files of one folder, which go into another. */
struct copying {
    struct bundle *bundle;
    const char *folder; /* of both */
};

static int copy_file(void *context, const char *name)
{
    const struct copying *copying = context;
    struct bundle *bundle = copying->bundle;
    char path[BUNDLE_PATH_BYTES];
    struct stat stat;

    int count = snprintf(path, sizeof(path), "%s/%s", copying->folder, name);
    if (name[0] == '.' || count < 0 || (size_t)count >= sizeof(path))
        return 0; /* what is written just now begins with a dot */
    if (fstatat(bundle->ledger_fd, path, &stat, AT_SYMLINK_NOFOLLOW) == -1)
        return -errno;
    if (!S_ISREG(stat.st_mode))
        return 0;
    int error = bundle_out_copy(&bundle->out, path, bundle->ledger_fd, path);
    return error < 0 ? error : bundle->out.error;
}

static int no_proof(const struct bundle *bundle, int error)
{
    if (bundle->out.error != 0)
        return bundle_cannot_write(bundle, error);
    if (error == -EBADMSG || error == -ENOENT)
        return ctl_error("export: the tiles of %s do not prove its records; start noticed on it, "
                         "which makes them again, or see `noticectl verify`",
                         bundle->order->ledger);
    return ctl_error("export: cannot read %s/tile: %s", bundle->order->ledger, ctl_errno(error));
}

/* The anchored checkpoint of a size, signed by the log's key. CTL_OK or CTL_USAGE. */
static int read_anchor(struct bundle *bundle, uint64_t size, struct anchor_source *source)
{
    struct note note;
    assert(source != NULL);
    int error = anchor_files_read(bundle->ledger_fd, ANCHOR_SIZES_ADDED, size, source);

    if (error < 0)
        return ctl_error("export: cannot read %s/anchors/%" PRIu64 "/checkpoint: %s",
                         bundle->order->ledger, size, ctl_errno(error));
    enum tlog_fault fault = checkpoint_open((const char *)source->bytes, source->len, &bundle->key,
                                            &note, &source->checkpoint);
    if (fault != TLOG_OK)
        return ctl_error("export: %s/anchors/%" PRIu64 "/checkpoint is not valid: %s; see "
                         "`noticectl verify`",
                         bundle->order->ledger, size, tlog_fault_text(fault));
    return CTL_OK;
}

/* Copies anchors/<size>/ of every size that the checkpoint covers, and proves that each is over the
   beginning of the next. sizes are the largest first. */
static int anchored(struct bundle *bundle, struct bundle_proofs *proofs, const uint64_t *sizes,
                    size_t count)
{
    struct anchor_source *sources = calloc(2, sizeof(*sources)), *before = NULL;
    int exit_code = sources == NULL ? ctl_error("export: %s", ctl_errno(ENOMEM)) : CTL_OK;
    int error = 0;

    for (size_t i = count; exit_code == CTL_OK && error == 0 && i > 0; i--) {
        char folder[64];
        struct copying copying = {.bundle = bundle, .folder = folder};
        struct anchor_source *source = &sources[i % 2];
        if (sizes[i - 1] > bundle->checkpoint.size)
            break; /* newer than the bundle */
        exit_code = read_anchor(bundle, sizes[i - 1], source);
        if (exit_code != CTL_OK)
            break;
        (void)snprintf(folder, sizeof(folder), "anchors/%" PRIu64, sizes[i - 1]); /* it fits */
        error = folder_list(bundle->ledger_fd, folder, copy_file, &copying);
        if (error == 0 && before != NULL)
            error = bundle_proofs_consistency(
                proofs, &bundle->out, &before->checkpoint, &source->checkpoint,
                (struct text){.at = (char *)source->bytes, .len = source->len});
        before = source;
    }
    if (exit_code == CTL_OK && error == 0 && before != NULL &&
        before->checkpoint.size < bundle->checkpoint.size)
        error = bundle_proofs_consistency(
            proofs, &bundle->out, &before->checkpoint, &bundle->checkpoint,
            (struct text){.at = bundle->checkpoint_bytes, .len = bundle->checkpoint_len});
    free(sources);
    return error < 0 ? no_proof(bundle, error) : exit_code;
}

int bundle_proof_files(struct bundle *bundle)
{
    const struct verify_reader reader = ledger_files_reader(bundle->files);
    struct bundle_proofs *proofs = bundle_proofs_open(
        &reader, &bundle->checkpoint, bundle->checkpoint_bytes, bundle->checkpoint_len);
    uint64_t *sizes = NULL;
    size_t count = 0;
    int exit_code = CTL_OK;
    int error = proofs == NULL
                    ? -ENOMEM
                    : anchor_files_sizes(bundle->ledger_fd, ANCHOR_SIZES_ADDED, &sizes, &count);

    if (error < 0)
        exit_code = ctl_error("export: cannot read %s/anchors: %s", bundle->order->ledger,
                              ctl_errno(error));
    for (size_t i = 0; error == 0 && i < bundle->proved_count; i++)
        error = bundle_proofs_record(proofs, &bundle->out, bundle->proved[i].seq,
                                     &bundle->proved[i].leaf);
    if (exit_code == CTL_OK && error < 0)
        exit_code = no_proof(bundle, error);
    if (exit_code == CTL_OK)
        exit_code = anchored(bundle, proofs, sizes, count);
    free(sizes);
    (void)bundle_proofs_close(proofs); /* always NULL */
    return exit_code;
}

/* checkpoints.log up to the checkpoint. CTL_OK or CTL_USAGE. */
static int copy_log(struct bundle *bundle)
{
    const struct verify_reader reader = ledger_files_reader(bundle->files);
    FILE *file = bundle_out_begin(&bundle->out, "checkpoints.log");
    const char *bytes = NULL;
    size_t len = 0;
    int more = file == NULL ? 0 : 1;

    while (more > 0 && (more = reader.logged(reader.context, &bytes, &len)) > 0) {
        struct note note;
        struct checkpoint checkpoint;
        if (checkpoint_open(bytes, len, &bundle->key, &note, &checkpoint) != TLOG_OK)
            more = -EBADMSG;
        else if (checkpoint.size > bundle->checkpoint.size)
            break; /* signed since */
        else
            (void)fprintf(file, "%.*s\n", (int)len, bytes); /* the stream keeps its error */
    }
    bundle_out_end(&bundle->out, "checkpoints.log", file);
    if (bundle->out.error != 0)
        return bundle_cannot_write(bundle, bundle->out.error);
    return more < 0 ? ctl_error("export: %s/checkpoints.log cannot be read: %s; see `noticectl "
                                "verify`",
                                bundle->order->ledger, ctl_errno(more))
                    : CTL_OK;
}

/* A file that a ruleset was made of, named by its place in the order and its own name. CTL_OK or
   CTL_USAGE. */
static int copy_source(struct bundle *bundle, size_t index)
{
    const char *from = bundle->order->rules[index], *slash = strrchr(from, '/');
    char path[BUNDLE_PATH_BYTES], hex[2 * DIGEST_BYTES + 1];
    uint8_t digest[DIGEST_BYTES];
    int error = digest_file(from, digest);

    if (error < 0)
        return ctl_error("export: cannot read %s: %s", from, ctl_errno(error));
    digest_hex(digest, hex);
    if (bundle->sources == NULL || strstr(bundle->sources, hex) == NULL)
        return ctl_error("export: %s is none of the files that the ruleset records name: its "
                         "SHA-256 is %s. Give the version that was in force, or leave it out",
                         from, hex);
    int count = snprintf(path, sizeof(path), "ruleset/sources/%02zu-%s", index + 1,
                         slash == NULL ? from : slash + 1);
    if (count < 0 || (size_t)count >= sizeof(path))
        return ctl_error("export: the name is too long: %s", from);
    for (char *at = path; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~' || *at == '\\')
            *at = '_'; /* a name that every list of files can hold */
    error = bundle_out_copy(&bundle->out, path, AT_FDCWD, from);
    if (bundle->out.error != 0)
        return bundle_cannot_write(bundle, bundle->out.error);
    return error < 0 ? ctl_error("export: cannot read %s: %s", from, ctl_errno(error)) : CTL_OK;
}

/* Whether the witnesses have signed the checkpoint, or one in anchors/: their lines come later than
   the daemon's own. */
static bool is_witnessed(const struct bundle *bundle, const struct policy *policy)
{
    struct verify_anchors anchors = {.key = &bundle->key, .policy = policy};
    int error = verify_anchors_load(bundle->order->ledger, &anchors);
    bool witnessed = error == 0 && anchors.witnessed;

    verify_anchors_free(&anchors);
    return witnessed;
}

/* The policy, which a checkpoint has to satisfy. CTL_OK or CTL_USAGE. */
static int copy_policy(struct bundle *bundle)
{
    uint8_t room[POLICY_BYTES_MAX];
    const char *path = bundle->order->policy;
    struct text text = text_into(room, sizeof(room));
    struct policy policy;
    struct policy_verdict verdict;
    size_t line = 0;

    if (path == NULL) {
        text_literal(&text, "log ");
        text_literal(&text, bundle->vkey);
        text_literal(&text, "\nquorum none\n");
    } else {
        ssize_t len = folder_read(AT_FDCWD, path, room, sizeof(room));
        if (len < 0)
            return ctl_error("export: cannot read %s: %s", path, ctl_errno((int)len));
        text.len = (size_t)len;
    }
    enum tlog_fault fault = policy_parse(text.at, text.len, &policy, &line);
    if (fault != TLOG_OK)
        return ctl_error("export: %s:%zu: %s", path, line, tlog_fault_text(fault));
    fault = policy_check(&policy, &bundle->note, &verdict);
    if (fault != TLOG_OK && (fault != TLOG_NO_QUORUM || !is_witnessed(bundle, &policy)))
        return ctl_error("export: no checkpoint of %s satisfies %s: %s", bundle->order->ledger,
                         path, tlog_fault_text(fault));
    bundle_out_write(&bundle->out, "policy", text.at, text.len);
    return CTL_OK;
}

int bundle_copies(struct bundle *bundle)
{
    int exit_code = copy_log(bundle);

    for (size_t i = 0; exit_code == CTL_OK && i < bundle->order->rules_count; i++)
        exit_code = copy_source(bundle, i);
    if (exit_code == CTL_OK)
        exit_code = copy_policy(bundle);
    bundle_out_write(&bundle->out, "checkpoint", bundle->checkpoint_bytes, bundle->checkpoint_len);
    if (exit_code != CTL_OK)
        return exit_code;
    int error = bundle_out_copy(&bundle->out, "key.vkey", bundle->ledger_fd, "key.vkey");
    return error < 0 ? ctl_error("export: cannot read %s/key.vkey: %s", bundle->order->ledger,
                                 ctl_errno(error))
                     : CTL_OK;
}
