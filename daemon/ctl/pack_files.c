/*
 * Packs from front to back, and one blob of them. Knows the format by pack.c only.
 */
#include "daemon/ctl/pack_files.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/folder.h"
#include "io/segment.h"

#define WINDOW_BYTES (4u << 20)
#define ALONE_BYTES  (16u << 10) /* of a window that is not worth starting threads for */
#define FRAMES_MAX   (WINDOW_BYTES / PACK_HEAD_BYTES)

static_assert(WINDOW_BYTES >= 2 * PACK_FRAME_BYTES_MAX, "a window holds any frame");

/* One of the threads that decode the frames of a window: each takes every jobs-th. */
struct checker {
    struct pack_files *files;
    size_t at;
    struct pack_coder *coder;
    pthread_t thread;
};

struct pack_files {
    int folder_fd; /* -1: there are no packs */
    unsigned jobs; /* threads that decode every blob; 0: none is decoded */
    struct pack_wanted wanted;
    struct pack_coder *coder;
    struct checker *checkers;  /* as many, and so below only with them */
    struct pack_frame *frames; /* of this window: those of the last entries */
    size_t frames_count;
    uint64_t *packs;
    struct pack_entry *entries; /* sorted by sha256, whole ones first */
    size_t packs_count, entries_count, entries_room;
    struct pack_files_counts counts;
    struct pack_damage damage;
    uint8_t *bytes; /* WINDOW_BYTES */
};

void pack_files_name(uint64_t pack, char ret_name[PACK_FILES_NAME_BYTES])
{
    int len =
        snprintf(ret_name, PACK_FILES_NAME_BYTES, PACK_FOLDER "/%020" PRIu64 PACK_SUFFIX, pack);

    assert(len < (int)PACK_FILES_NAME_BYTES);
}

static int compare_entries(const void *left, const void *right)
{
    const struct pack_entry *a = left, *b = right;
    int order = memcmp(a->sha256, b->sha256, DIGEST_BYTES);

    return order != 0 ? order : (a->fault > b->fault) - (a->fault < b->fault);
}

static void damage(struct pack_files *files, enum pack_fault fault, uint64_t pack, uint64_t offset)
{
    if (files->damage.fault == PACK_OK)
        files->damage = (struct pack_damage){fault, pack, offset};
}

static int compare_digests(const void *left, const void *right)
{
    return memcmp(left, right, DIGEST_BYTES);
}

static int add(struct pack_files *files, uint64_t pack, uint64_t offset,
               const struct pack_frame *frame)
{
    const struct pack_wanted wanted = files->wanted;

    files->counts.blobs++;
    if (wanted.at != NULL &&
        (wanted.count == 0 || bsearch(frame->sha256, wanted.at, wanted.count, sizeof(*wanted.at),
                                      compare_digests) == NULL))
        return 0;
    if (files->entries_count == files->entries_room) {
        size_t room = files->entries_room == 0 ? 1024 : 2 * files->entries_room;
        struct pack_entry *entries = realloc(files->entries, room * sizeof(*entries));
        if (entries == NULL)
            return -ENOMEM;
        files->entries = entries;
        files->entries_room = room;
    }
    struct pack_entry *entry = &files->entries[files->entries_count++];
    *entry = (struct pack_entry){.pack = pack,
                                 .offset = offset,
                                 .erased_by = frame->erased_by,
                                 .frame_len = PACK_HEAD_BYTES + frame->stored_len};
    memcpy(entry->sha256, frame->sha256, DIGEST_BYTES);
    entry->fault = frame->erased_by != PACK_NOT_ERASED ? PACK_ERASED : PACK_OK;
    if (files->jobs > 0)
        files->frames[files->frames_count++] = *frame;
    else
        files->counts.erased += entry->fault == PACK_ERASED;
    return 0;
}

static void *check_some(void *context)
{
    struct checker *checker = context;
    struct pack_files *files = checker->files;
    struct pack_entry *entries = &files->entries[files->entries_count - files->frames_count];
    const uint8_t *blob;

    for (size_t i = checker->at; i < files->frames_count; i += files->jobs)
        entries[i].fault = (uint8_t)pack_decode(checker->coder, &files->frames[i], &blob);
    return NULL;
}

/* Decodes the frames of the window, whose first `len` bytes they are, and counts what they are. */
static void check_window(struct pack_files *files, size_t len)
{
    unsigned started = 1;

    while (len > ALONE_BYTES && started < files->jobs &&
           pthread_create(&files->checkers[started].thread, NULL, check_some,
                          &files->checkers[started]) == 0)
        started++;
    (void)check_some(&files->checkers[0]); /* always NULL, and so below */
    for (unsigned i = started; i < files->jobs; i++)
        (void)check_some(&files->checkers[i]); /* what no thread was there for */
    for (unsigned i = 1; i < started; i++)
        (void)pthread_join(files->checkers[i].thread, NULL); /* it was started */
    for (size_t i = files->entries_count - files->frames_count; i < files->entries_count; i++) {
        const struct pack_entry *entry = &files->entries[i];
        files->counts.erased += entry->fault == PACK_ERASED;
        if (entry->fault == PACK_BAD_BYTES || entry->fault == PACK_UNERASED)
            damage(files, (enum pack_fault)entry->fault, entry->pack, entry->offset);
    }
    files->frames_count = 0;
}

/* Takes whole frames from the front of len bytes. How many bytes, or -errno. */
static ssize_t take(struct pack_files *files, uint64_t pack, struct pack_walk *walk, size_t len)
{
    struct pack_frame frame;
    size_t taken = 0, now;

    while ((now = pack_walk_next(walk, files->bytes + taken, len - taken, &frame)) > 0) {
        int error = add(files, pack, walk->end - now, &frame);
        if (error < 0)
            return error;
        taken += now;
    }
    if (files->jobs > 0)
        check_window(files, taken);
    return (ssize_t)taken;
}

static int read_pack(struct pack_files *files, int fd, uint64_t pack, struct pack_walk *walk)
{
    ssize_t done = 1, taken = 0;
    size_t len = 0;

    *walk = pack_walk_begin(pack);
    while (done > 0 && walk->fault == PACK_OK) {
        memmove(files->bytes, files->bytes + taken, len - (size_t)taken);
        len -= (size_t)taken;
        done = folder_read_at(fd, (char *)files->bytes + len, WINDOW_BYTES - len, walk->end + len);
        if (done < 0)
            return (int)done;
        len += (size_t)done;
        files->counts.bytes += (size_t)done;
        taken = take(files, pack, walk, len);
        if (taken < 0)
            return (int)taken;
    }
    pack_walk_finish(walk, len - (size_t)taken);
    return 0;
}

static int read_packs(struct pack_files *files)
{
    for (uint64_t i = 0; i < files->packs_count; i++) {
        const bool last = i + 1 == files->packs_count;
        char name[SEGMENT_NAME_BYTES];
        struct pack_walk walk = pack_walk_begin(files->packs[i]);
        uint64_t size = 0;
        segment_name(files->packs[i], PACK_SUFFIX, name);
        int fd = folder_open_file(files->folder_fd, name, &size);
        if (fd == -EBADMSG || fd == -ENOENT) { /* a folder, say, or a link to nothing */
            damage(files, PACK_BAD_HEAD, files->packs[i], 0);
            continue;
        }
        int error = fd < 0 ? fd : read_pack(files, fd, files->packs[i], &walk);
        if (fd >= 0)
            (void)close(fd); /* only read from */
        if (error < 0)
            return error;
        /* What is behind the end of the last pack may be under way, or torn; what a record names
           and is not found is told of by whoever looks for it. */
        if (last && walk.fault != PACK_OK)
            files->counts.tail_bytes = size > walk.end ? size - walk.end : 0;
        else if (walk.fault != PACK_OK || (!last && walk.number != files->packs[i + 1]))
            damage(files, walk.fault == PACK_OK ? PACK_BAD_NUMBER : walk.fault, files->packs[i],
                   walk.end);
    }
    files->counts.packs = files->packs_count;
    if (files->entries_count > 0)
        qsort(files->entries, files->entries_count, sizeof(*files->entries), compare_entries);
    return 0;
}

static int open_packs(struct pack_files *files, const char *ledger)
{
    int ledger_fd = open(ledger, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (ledger_fd == -1)
        return -errno;
    files->folder_fd = openat(ledger_fd, PACK_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = files->folder_fd == -1 ? -errno : 0;
    if (error == 0)
        error = folder_segments(ledger_fd, PACK_FOLDER, PACK_SUFFIX, &files->packs,
                                &files->packs_count);
    (void)close(ledger_fd); /* a folder */
    if (error == -ENOENT)
        return 0; /* it keeps none */
    return error == 0 ? read_packs(files) : error;
}

/* What decoding every blob takes. 0 or -ENOMEM. */
static int open_checkers(struct pack_files *files)
{
    bool whole = true;

    files->checkers = calloc(files->jobs, sizeof(*files->checkers));
    files->frames = calloc(FRAMES_MAX, sizeof(*files->frames));
    if (files->checkers == NULL || files->frames == NULL)
        return -ENOMEM;
    for (unsigned i = 0; i < files->jobs; i++) {
        files->checkers[i] = (struct checker){.files = files, .at = i, .coder = pack_coder_open()};
        whole = whole && files->checkers[i].coder != NULL;
    }
    return whole ? 0 : -ENOMEM;
}

int pack_files_open(const char *ledger, unsigned check_jobs, struct pack_wanted wanted,
                    struct pack_files **ret_files)
{
    struct pack_files *files = calloc(1, sizeof(*files));

    if (files == NULL)
        return -ENOMEM;
    assert(check_jobs == 0 || wanted.at == NULL); /* an entry for each frame */
    files->folder_fd = -1;
    files->jobs = check_jobs;
    files->wanted = wanted;
    files->coder = pack_coder_open();
    files->bytes = malloc(WINDOW_BYTES);
    int error = files->coder == NULL || files->bytes == NULL ? -ENOMEM : 0;
    if (error == 0 && check_jobs > 0)
        error = open_checkers(files);
    if (error == 0)
        error = open_packs(files, ledger);
    if (error < 0) {
        (void)pack_files_close(files); /* always NULL */
        return error;
    }
    files->wanted = (struct pack_wanted){.count = 0}; /* it was borrowed */
    *ret_files = files;
    return 0;
}

const struct pack_entry *pack_files_find(const struct pack_files *files,
                                         const uint8_t sha256[DIGEST_BYTES])
{
    size_t low = 0, high = files->entries_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(files->entries[middle].sha256, sha256, DIGEST_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < files->entries_count &&
                   memcmp(files->entries[low].sha256, sha256, DIGEST_BYTES) == 0
               ? &files->entries[low]
               : NULL;
}

int pack_files_read(struct pack_files *files, const struct pack_entry *entry,
                    const uint8_t **ret_blob, size_t *ret_len)
{
    char name[SEGMENT_NAME_BYTES];
    struct pack_frame frame;

    segment_name(entry->pack, PACK_SUFFIX, name);
    int fd = folder_open_file(files->folder_fd, name, NULL);
    if (fd < 0)
        return fd;
    ssize_t done = folder_read_at(fd, (char *)files->bytes, entry->frame_len, entry->offset);
    (void)close(fd); /* only read from */
    if (done < 0)
        return (int)done;
    if (!pack_frame_read(files->bytes, (size_t)done, &frame))
        return PACK_BAD_HEAD;
    enum pack_fault fault = pack_decode(files->coder, &frame, ret_blob);
    *ret_len = fault == PACK_OK ? frame.blob_len : 0;
    return (int)fault;
}

struct pack_damage pack_files_damage(const struct pack_files *files)
{
    return files->damage;
}

size_t pack_files_count(const struct pack_files *files)
{
    return files->entries_count;
}

const struct pack_entry *pack_files_at(const struct pack_files *files, size_t index)
{
    assert(index < files->entries_count);
    return &files->entries[index];
}

struct pack_files_counts pack_files_counts(const struct pack_files *files)
{
    return files->counts;
}

struct pack_files *pack_files_close(struct pack_files *files)
{
    if (files == NULL)
        return NULL;
    if (files->folder_fd != -1)
        (void)close(files->folder_fd); /* a folder */
    files->coder = pack_coder_close(files->coder);
    for (unsigned i = 0; files->checkers != NULL && i < files->jobs; i++)
        files->checkers[i].coder = pack_coder_close(files->checkers[i].coder);
    free(files->checkers);
    free(files->frames);
    free(files->packs);
    free(files->entries);
    free(files->bytes);
    free(files);
    return NULL;
}
