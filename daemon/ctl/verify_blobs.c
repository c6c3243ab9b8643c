/*
 * What records say of blobs, compared with the packs. An erase record may come long after the
 * record that names the blob, so that a blob that is not there is judged at the end.
 */
#include "daemon/ctl/verify_blobs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/blob_ref.h"

static void add(struct verify_blobs *blobs, struct verify_blob_list *list,
                const uint8_t sha256[DIGEST_BYTES], uint64_t seq)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 64 : 2 * list->room;
        struct verify_blob *at = realloc(list->at, room * sizeof(*at));
        if (at == NULL) {
            blobs->error = -ENOMEM;
            return;
        }
        list->at = at;
        list->room = room;
    }
    memcpy(list->at[list->count].sha256, sha256, DIGEST_BYTES);
    list->at[list->count++].seq = seq;
}

static int compare(const void *left, const void *right)
{
    const struct verify_blob *a = left, *b = right;
    int order = memcmp(a->sha256, b->sha256, DIGEST_BYTES);

    return order != 0 ? order : (a->seq > b->seq) - (a->seq < b->seq);
}

static int compare_sha256(const void *key, const void *element)
{
    return memcmp(key, ((const struct verify_blob *)element)->sha256, DIGEST_BYTES);
}

static bool is_to_be_erased(const struct verify_blobs *blobs, const uint8_t sha256[DIGEST_BYTES])
{
    const struct verify_blob_list *list = &blobs->erases;

    return list->count > 0 &&
           bsearch(sha256, list->at, list->count, sizeof(*list->at), compare_sha256) != NULL;
}

int verify_blobs_open(const char *ledger, unsigned jobs, struct verify_blobs *blobs)
{
    return pack_files_open(ledger, jobs, (struct pack_wanted){.at = NULL}, &blobs->files);
}

static void take_line(struct verify_blobs *blobs, const struct verify_line *line, const char *bytes,
                      size_t len)
{
    uint8_t list[BLOB_REF_LIST_MAX][DIGEST_BYTES];

    if (blob_ref_kept(line->kind, bytes, len, list[0])) {
        const struct pack_entry *entry = pack_files_find(blobs->files, list[0]);
        blobs->named++;
        if (entry == NULL || entry->fault != PACK_OK)
            add(blobs, &blobs->doubtful, list[0], line->head.seq);
    }
    if (line->kind == RECORD_ERASE) {
        size_t count = blob_ref_list(line->kind, bytes, len, list);
        for (size_t i = 0; i < count; i++)
            add(blobs, &blobs->erases, list[i], line->head.seq);
    }
}

void verify_blobs_join(struct verify_blobs *blobs, const struct verify_chunk *chunk)
{
    if (chunk->bundle || chunk->stray || blobs->files == NULL)
        return;
    for (size_t i = 0; i < chunk->count; i++) {
        size_t begin = chunk->lines[i].offset;
        size_t end = i + 1 < chunk->count ? chunk->lines[i + 1].offset : chunk->end;
        if (end > begin)
            take_line(blobs, &chunk->lines[i], chunk->bytes + begin, end - begin - 1);
    }
}

/* Whether a mark names a record that lists its blob. */
static bool is_mark_recorded(const struct verify_blobs *blobs, const struct pack_entry *entry)
{
    struct verify_blob mark = {.seq = entry->erased_by};
    const struct verify_blob_list *list = &blobs->erases;

    memcpy(mark.sha256, entry->sha256, DIGEST_BYTES);
    return list->count > 0 &&
           bsearch(&mark, list->at, list->count, sizeof(*list->at), compare) != NULL;
}

/* Whether the record that a mark names may lie behind the last one that was read: it is durable
   before the mark, but a reader sees the end of the feed first. */
static bool is_erased_later(const struct pack_entry *entry, const struct verify *verify,
                            uint64_t durable_now)
{
    return entry->fault == PACK_ERASED && entry->erased_by >= verify->counts.records &&
           entry->erased_by < durable_now;
}

/* One that is named and not there whole. */
static void judge(struct verify_blobs *blobs, const struct verify_blob *blob, struct verify *verify,
                  uint64_t durable_now)
{
    const struct pack_entry *entry = pack_files_find(blobs->files, blob->sha256);
    char name[PACK_FILES_NAME_BYTES] = PACK_FOLDER;

    if (is_to_be_erased(blobs, blob->sha256)) {
        blobs->erased += entry == NULL || entry->fault != PACK_UNERASED;
        blobs->unerased += entry != NULL && entry->fault == PACK_UNERASED;
        return;
    }
    if (entry != NULL && is_erased_later(entry, verify, durable_now)) {
        blobs->erased++;
        return;
    }
    if (entry != NULL)
        pack_files_name(entry->pack, name);
    verify_fail(verify,
                entry == NULL                    ? VERIFY_BLOB_MISSING
                : entry->fault == PACK_BAD_BYTES ? VERIFY_BLOB_CHANGED
                                                 : VERIFY_BLOB_ERASED,
                name, blob->seq, entry == NULL ? 0 : entry->offset);
}

/* Whether the damage is half an erase, which the next start of noticed goes on with. */
static bool is_half_erased(const struct verify_blobs *blobs, const struct pack_damage *damage)
{
    if (damage->fault != PACK_UNERASED)
        return false;
    for (size_t i = 0; i < pack_files_count(blobs->files); i++) {
        const struct pack_entry *entry = pack_files_at(blobs->files, i);
        if (entry->fault == PACK_UNERASED && !is_to_be_erased(blobs, entry->sha256))
            return false;
    }
    return true;
}

int verify_blobs_finish(struct verify_blobs *blobs, struct verify *verify, uint64_t durable_now)
{
    char name[PACK_FILES_NAME_BYTES];

    if (blobs->error < 0 || blobs->files == NULL)
        return blobs->error;
    if (blobs->erases.count > 0)
        qsort(blobs->erases.at, blobs->erases.count, sizeof(*blobs->erases.at), compare);
    for (size_t i = 0; i < blobs->doubtful.count; i++)
        judge(blobs, &blobs->doubtful.at[i], verify, durable_now);
    struct pack_damage damage = pack_files_damage(blobs->files);
    if (damage.fault != PACK_OK && !is_half_erased(blobs, &damage)) {
        pack_files_name(damage.pack, name);
        verify_fail(verify, VERIFY_BAD_PACK, name, VERIFY_NO_SEQ, damage.offset);
    }
    for (size_t i = 0; i < pack_files_count(blobs->files); i++) {
        const struct pack_entry *entry = pack_files_at(blobs->files, i);
        /* The record of its erase may be older than its end: a start goes on with it. */
        blobs->unerased += entry->fault == PACK_OK && is_to_be_erased(blobs, entry->sha256);
        if (entry->fault != PACK_ERASED || is_mark_recorded(blobs, entry) ||
            is_erased_later(entry, verify, durable_now))
            continue;
        pack_files_name(entry->pack, name);
        verify_fail(verify, VERIFY_BLOB_ERASED, name, VERIFY_NO_SEQ, entry->offset);
    }
    return 0;
}

void verify_blobs_free(struct verify_blobs *blobs)
{
    blobs->files = pack_files_close(blobs->files);
    free(blobs->doubtful.at);
    free(blobs->erases.at);
}
