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
#include "daemon/knowledge/vector.h"
#include "daemon/ledger/blob_ref.h"

int bundle_blobs_note(struct bundle *bundle, const struct verify_line *line, const char *text,
                      size_t len)
{
    uint8_t list[BLOB_REF_LIST_MAX][DIGEST_BYTES];

    if (blob_ref_kept(line->kind, text, len, list[0])) {
        void *blobs = vector_room(bundle->blobs, &bundle->blobs_room, bundle->blobs_count, 1,
                                  sizeof(*bundle->blobs));
        if (blobs == NULL)
            return -ENOMEM;
        bundle->blobs = blobs;
        memcpy(bundle->blobs[bundle->blobs_count++], list[0], DIGEST_BYTES);
    }
    size_t count = line->kind == RECORD_ERASE ? blob_ref_list(line->kind, text, len, list) : 0;
    if (count == 0)
        return 0;
    struct bundle_erased *erased = vector_room(bundle->erased, &bundle->erased_room,
                                               bundle->erased_count, count, sizeof(*erased));
    if (erased == NULL)
        return -ENOMEM;
    bundle->erased = erased;
    for (size_t i = 0; i < count; i++) {
        erased[bundle->erased_count].by = line->head.seq;
        memcpy(erased[bundle->erased_count++].sha256, list[i], DIGEST_BYTES);
    }
    return 0;
}

/* Of blobs, and of what was erased, which begins with one. */
static int compare(const void *left, const void *right)
{
    return memcmp(left, right, DIGEST_BYTES);
}

/* The record that erases it. PACK_NOT_ERASED: there is none. */
static uint64_t erased_by(const struct bundle *bundle, const uint8_t *sha256)
{
    const struct bundle_erased *erased = bundle->erased_count == 0
                                             ? NULL
                                             : bsearch(sha256, bundle->erased, bundle->erased_count,
                                                       sizeof(*bundle->erased), compare);

    return erased == NULL ? PACK_NOT_ERASED : erased->by;
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
    uint64_t by = fault == PACK_ERASED || fault == PACK_UNERASED ? entry->erased_by
                  : fault == PACK_OK                             ? PACK_NOT_ERASED
                                     : erased_by(bundle, sha256); /* its pack may be gone, too */

    digest_hex(sha256, hex);
    if (fault == PACK_OK) {
        (void)fwrite(blob, 1, len, lines); /* the stream keeps its error, and so those below */
        (void)fputc('\n', lines);
        return CTL_OK;
    }
    if (by != PACK_NOT_ERASED) {
        (void)fprintf(erased, "sha256:%s erased by record %" PRIu64 "\n", hex, by);
        bundle->blobs_unshown += by >= bundle->checkpoint.size;
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
    if (bundle->erased_count > 0)
        qsort(bundle->erased, bundle->erased_count, sizeof(*bundle->erased), compare);
    const struct pack_wanted wanted = {(const uint8_t(*)[DIGEST_BYTES])bundle->blobs,
                                       bundle->blobs_count};
    int error = pack_files_open(bundle->order->ledger, 0, wanted, &files);
    if (error < 0)
        return ctl_error("export: cannot read the packs of %s: %s", bundle->order->ledger,
                         ctl_errno(error));
    int exit_code = write_all(bundle, files);
    (void)pack_files_close(files); /* always NULL */
    return exit_code;
}
