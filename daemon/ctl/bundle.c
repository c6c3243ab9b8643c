/*
 * An evidence bundle (reference: ISO/IEC 27037 for the custody log; FRE 902(13), 902(14) and
 * 28 USC 1746 for the declaration; C2SP for proofs, policy and tree). Version 1. Invariants:
 *
 *   1. records.jsonl holds lines exactly as they were signed, in order, each once, and none that
 *      the checkpoint does not cover. It is all of them, or scope.json says "partial":true.
 *   2. Of a part, each record has proofs/<seq>.tlog-proof. With all, tlog/ is the whole tree, and
 *      up to BUNDLE_PROOFS_ALL_MAX records each have a proof too; of more, those that people told
 *      of and the start records.
 *   3. clock.jsonl, coverage.jsonl, ruleset/rulesets.jsonl are copies of lines of records.jsonl;
 *      coverage.txt, software.json and the numbers of what is here in counts.txt follow from them.
 *   4. anchors/<size>/ is as it is in the ledger, for each size that the checkpoint covers;
 *      consistency/<old>-<new> leads from each to the next, and to the checkpoint.
 *   5. blobs.jsonl holds the kept bytes of every sighting in records.jsonl, each once and in the
 *      order of their SHA-256, but for those that erased.txt names.
 *   6. manifest.sha256 names every file but itself, manifest.json every one but these two.
 *   7. The folder has its name only when it is whole and on the disk.
 */
#include "daemon/ctl/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/bundle_run.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/export_tree.h"
#include "io/backend.h"

int bundle_cannot_write(const struct bundle *bundle, int error)
{
    return ctl_error("export: cannot write %s/%s: %s", bundle->order->out, bundle->out.failed,
                     ctl_errno(error));
}

/* Reads the checkpoint that bounds the bundle, and the key that signed it. */
static int read_checkpoint(struct bundle *bundle)
{
    const struct verify_reader reader = ledger_files_reader(bundle->files);
    const char *ledger = bundle->order->ledger;
    char key[NOTE_KEY_TEXT_BYTES_MAX];
    ssize_t len = reader.file(reader.context, "checkpoint", (uint8_t *)bundle->checkpoint_bytes,
                              sizeof(bundle->checkpoint_bytes));

    if (len == -ENOENT)
        return ctl_error("export: %s has no checkpoint: nobody has signed its records. Make a key "
                         "with `noticectl setup-keys`, set seal.key in noticed's configuration and "
                         "let noticed run on this ledger, which signs what is there",
                         ledger);
    if (len < 0)
        return ctl_error("export: cannot read %s/checkpoint: %s", ledger, ctl_errno((int)len));
    bundle->checkpoint_len = (size_t)len;
    len = reader.file(reader.context, "key.vkey", (uint8_t *)key, sizeof(key));
    if (len < 0)
        return ctl_error("export: cannot read %s/key.vkey, the public key: %s", ledger,
                         ctl_errno((int)len));
    enum tlog_fault fault = note_key_parse(key, (size_t)len, &bundle->key);
    if (fault != TLOG_OK)
        return ctl_error("export: %s/key.vkey is not valid: %s", ledger, tlog_fault_text(fault));
    (void)note_key_format(&bundle->key, bundle->vkey); /* NUL-terminated */
    fault = checkpoint_open(bundle->checkpoint_bytes, bundle->checkpoint_len, &bundle->key,
                            &bundle->note, &bundle->checkpoint);
    if (fault != TLOG_OK)
        return ctl_error("export: %s/checkpoint is not valid: %s; see `noticectl verify`", ledger,
                         tlog_fault_text(fault));
    if (bundle->checkpoint.size == 0)
        return ctl_error("export: the checkpoint of %s covers no record yet", ledger);
    return CTL_OK;
}

/* The range, and what the bundle is called. */
static int settle(struct bundle *bundle)
{
    const struct bundle_order *order = bundle->order;
    uint64_t size = bundle->checkpoint.size, to = order->to < size ? order->to : size;
    struct backend *backend = NULL;

    if (order->from >= size)
        return ctl_error("export: --from=%" PRIu64 " is past the checkpoint of %s, which covers "
                         "the records before %" PRIu64,
                         order->from, order->ledger, size);
    if (order->to != UINT64_MAX && order->to > size)
        return ctl_error("export: --to=%" PRIu64 " is past the checkpoint of %s, which covers the "
                         "records before %" PRIu64,
                         order->to - 1, order->ledger, size);
    if (order->from >= to)
        return ctl_error("export: --to is before --from");
    if (bundle_pick_open(&bundle->pick, order->from, to, order->merchant) < 0)
        return ctl_error("export: the name of the merchant is too long");
    bundle->partial = bundle_pick_is_partial(&bundle->pick, size);
    int count =
        order->item != NULL
            ? snprintf(bundle->item, sizeof(bundle->item), "%s", order->item)
            : snprintf(bundle->item, sizeof(bundle->item), "%s@%" PRIu64, bundle->key.name, size);
    if (count < 0 || (size_t)count >= sizeof(bundle->item) / 2)
        return ctl_error("export: the name of the item is too long");
    if (realpath(order->ledger, bundle->source) == NULL)
        return ctl_error("export: cannot find %s: %s", order->ledger, ctl_errno(-errno));
    if (gethostname(bundle->host, sizeof(bundle->host) - 1) == -1)
        (void)snprintf(bundle->host, sizeof(bundle->host), "unknown"); /* it fits */
    int error = backend_open(BACKEND_POLL, 0, &backend);
    if (error < 0)
        return ctl_error("export: cannot read the clock: %s", ctl_errno(error));
    time_text_format(backend->ops->now(backend).wall_ns, bundle->when);
    (void)backend->ops->close(backend); /* always NULL */
    return CTL_OK;
}

/* The whole tree of a bundle of all records. */
static int write_tree(struct bundle *bundle)
{
    const struct export_bound bound = {bundle->checkpoint_bytes, bundle->checkpoint_len};
    struct export_result result;
    char path[BUNDLE_PATH_BYTES + 8];

    if (bundle->partial)
        return CTL_OK;
    (void)snprintf(path, sizeof(path), "%s/tlog", bundle->out.beside); /* it fits */
    return export_tree(bundle->order->ledger, path, &bound, &result);
}

static int publish(struct bundle *bundle)
{
    uint8_t digest[DIGEST_BYTES];
    char hex[2 * DIGEST_BYTES + 1];
    int error = bundle_out_publish(&bundle->out, digest);

    if (error < 0 && bundle->out.error == 0)
        return ctl_error("export: cannot finish %s: %s", bundle->order->out, ctl_errno(error));
    if (error < 0)
        return bundle_cannot_write(bundle, error);
    digest_hex(digest, hex);
    ctl_message("noticectl: %" PRIu64 " records of %" PRIu64 " exported to %s",
                bundle_facts_sum(bundle->facts.in), bundle->checkpoint.size, bundle->order->out);
    if (bundle->facts.newer > 0)
        ctl_message("noticectl: %" PRIu64
                    " newer records are left out: no checkpoint covers them yet",
                    bundle->facts.newer);
    if (bundle->blobs_unshown > 0)
        ctl_message("noticectl: kept bytes of %" PRIu64
                    " listings were erased by such newer records, which verify.py will miss: "
                    "export again once a checkpoint covers them",
                    bundle->blobs_unshown);
    ctl_message("noticectl: keep this apart from the bundle, it covers all of it: SHA-256 of "
                "manifest.sha256");
    printf("%s\n", hex);
    return ctl_finish();
}

static int run(struct bundle *bundle)
{
    const struct bundle_order *order = bundle->order;
    int exit_code = read_checkpoint(bundle);

    if (exit_code == CTL_OK)
        exit_code = settle(bundle);
    if (exit_code != CTL_OK)
        return exit_code;
    int error = bundle_out_open(&bundle->out, order->out);
    if (error == -EEXIST)
        return ctl_error("export: %s is there already; name a new folder", order->out);
    if (error == -EBUSY)
        return ctl_error("export: %s is there: another export is at work, or was interrupted; "
                         "remove it then",
                         bundle->out.beside);
    if (error < 0)
        return ctl_error("export: cannot make the folder %s: %s", bundle->out.beside,
                         ctl_errno(error));
    exit_code = bundle_records(bundle);
    if (exit_code == CTL_OK)
        exit_code = bundle_copies(bundle);
    if (exit_code == CTL_OK)
        exit_code = bundle_blobs(bundle);
    if (exit_code == CTL_OK)
        exit_code = bundle_proof_files(bundle);
    if (exit_code == CTL_OK)
        exit_code = write_tree(bundle);
    if (exit_code == CTL_OK)
        bundle_words(bundle);
    return exit_code == CTL_OK ? publish(bundle) : exit_code;
}

int bundle_export(const struct bundle_order *order)
{
    struct bundle *bundle = calloc(1, sizeof(*bundle));
    int exit_code = CTL_USAGE;

    if (bundle == NULL)
        return ctl_error("export: %s", ctl_errno(ENOMEM));
    bundle->order = order;
    bundle->out.fd = -1;
    bundle->ledger_fd = open(order->ledger, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = bundle->ledger_fd == -1 ? -errno : ledger_files_open(order->ledger, &bundle->files);
    if (error < 0 || !ledger_files_has_feed(bundle->files))
        exit_code = ctl_error("export: %s is no ledger: %s", order->ledger,
                              error < 0 ? ctl_errno(error) : "it has no feed");
    else
        exit_code = run(bundle);
    bundle_out_close(&bundle->out);
    bundle_pick_close(&bundle->pick);
    (void)ledger_files_close(bundle->files); /* always NULL */
    if (bundle->ledger_fd != -1)
        (void)close(bundle->ledger_fd); /* only read from */
    free(bundle->proved);
    free(bundle->blobs);
    free(bundle->erased);
    free(bundle->programs);
    free(bundle->anchors);
    free(bundle->sources);
    free(bundle);
    return exit_code;
}
