/*
 * The kept bytes of a bundle's sightings. A line of the wire holds no newline, so that they stand
 * in one file as they came, each once.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/bundle_run.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/pack_files.h"

int bundle_blobs_note(struct bundle *bundle, const uint8_t sha256[DIGEST_BYTES])
{
    if (bundle->blobs_count == bundle->blobs_room) {
        size_t room = bundle->blobs_room == 0 ? 1024 : 2 * bundle->blobs_room;
        uint8_t(*more)[DIGEST_BYTES] = reallocarray(bundle->blobs, room, sizeof(*more));
        if (more == NULL)
            return -ENOMEM;
        bundle->blobs = more;
        bundle->blobs_room = room;
    }
    memcpy(bundle->blobs[bundle->blobs_count++], sha256, DIGEST_BYTES);
    return 0;
}

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, DIGEST_BYTES);
}

/* One of them into the file that it belongs to. CTL_OK or CTL_USAGE. */
static int put(struct bundle *bundle, struct pack_files *files, const uint8_t *sha256, FILE *lines,
               FILE *erased)
{
    const struct pack_entry *entry = pack_files_find(files, sha256);
    const uint8_t *blob = NULL;
    size_t len = 0;
    char hex[2 * DIGEST_BYTES + 1];
    int fault = entry == NULL ? PACK_BAD_BYTES : pack_files_read(files, entry, &blob, &len);

    digest_hex(sha256, hex);
    if (fault == PACK_OK) {
        (void)fwrite(blob, 1, len, lines); /* the stream keeps its error, and so those below */
        (void)fputc('\n', lines);
        return CTL_OK;
    }
    if (fault == PACK_ERASED || fault == PACK_UNERASED) {
        (void)fprintf(erased, "sha256:%s erased by record %" PRIu64 "\n", hex, entry->erased_by);
        bundle->blobs_unshown += entry->erased_by >= bundle->checkpoint.size;
        return CTL_OK;
    }
    return ctl_error(
        "export: the kept bytes sha256:%s are missing or damaged in %s; see `noticectl "
        "verify`",
        hex, bundle->order->ledger);
}

static int write_all(struct bundle *bundle, struct pack_files *files)
{
    FILE *lines = bundle_out_begin(&bundle->out, "blobs.jsonl");
    FILE *erased = bundle_out_begin(&bundle->out, "erased.txt");
    int exit_code = CTL_OK;

    if (lines != NULL && erased != NULL) {
        (void)fputs("kept bytes of listings that are not here, as they were erased:\n", erased);
        for (size_t i = 0; i < bundle->blobs_count && exit_code == CTL_OK; i++)
            if (i == 0 || compare(bundle->blobs[i - 1], bundle->blobs[i]) != 0)
                exit_code = put(bundle, files, bundle->blobs[i], lines, erased);
    }
    bundle_out_end(&bundle->out, "blobs.jsonl", lines);
    bundle_out_end(&bundle->out, "erased.txt", erased);
    if (exit_code == CTL_OK && bundle->out.error != 0)
        exit_code = bundle_cannot_write(bundle, bundle->out.error);
    return exit_code;
}

int bundle_blobs(struct bundle *bundle)
{
    struct pack_files *files = NULL;

    if (bundle->blobs_count == 0)
        return CTL_OK;
    qsort(bundle->blobs, bundle->blobs_count, sizeof(*bundle->blobs), compare);
    const struct pack_wanted wanted = {(const uint8_t(*)[DIGEST_BYTES])bundle->blobs,
                                       bundle->blobs_count};
    int error = pack_files_open(bundle->order->ledger, false, wanted, &files);
    if (error < 0)
        return ctl_error("export: cannot read the packs of %s: %s", bundle->order->ledger,
                         ctl_errno(error));
    int exit_code = write_all(bundle, files);
    (void)pack_files_close(files); /* always NULL */
    return exit_code;
}
