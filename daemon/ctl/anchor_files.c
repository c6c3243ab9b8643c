/*
 * The files of anchors. Knows no token and no witness.
 *
 *   outbox/<size>.checkpoint    the checkpoint as it was published, which is what is time-stamped
 *   outbox/<size>.tsq           the query (RFC 3161)
 *   anchors/<size>/checkpoint   the same bytes, for ever
 *   anchors/<size>/query.tsq    the query that the tokens here answer
 *   anchors/<size>/<name>.tsr   a reply: the token; its SHA-256 stands in the anchor record
 *   anchors/<size>/<name>.pem   every certificate that it rests on, the CA's too
 *   anchors/<size>/<name>.cosig a witness's signature line under this checkpoint
 *
 * Nothing in anchors/ is ever changed. A token is there, durably, before the record that names it.
 */
#include "daemon/ctl/anchor_files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/folder.h"
#include "daemon/digest.h"

#define PATH_BYTES 128u

/* Sizes as they are found. */
struct sizes {
    const char *suffix; /* behind the number */
    uint64_t *sizes;
    size_t count, room;
};

static bool take_number(const char *name, const char *suffix, uint64_t *ret_number)
{
    uint64_t number = 0;
    const char *at = name;

    for (; *at >= '0' && *at <= '9' && number < MERKLE_SIZE_MAX / 10; at++)
        number = number * 10 + (uint64_t)(*at - '0');
    *ret_number = number;
    return at > name && (name[0] != '0' || at == name + 1) && strcmp(at, suffix) == 0;
}

static int add_size(void *context, const char *name)
{
    struct sizes *sizes = context;
    uint64_t size = 0;

    if (!take_number(name, sizes->suffix, &size))
        return 0;
    if (sizes->count == sizes->room) {
        size_t room = sizes->room == 0 ? 64 : 2 * sizes->room;
        uint64_t *more = reallocarray(sizes->sizes, room, sizeof(*more));
        if (more == NULL)
            return -ENOMEM;
        sizes->sizes = more;
        sizes->room = room;
    }
    sizes->sizes[sizes->count++] = size;
    return 0;
}

static int larger_first(const void *a, const void *b)
{
    const uint64_t *one = a, *other = b;

    return *one < *other ? 1 : *one > *other ? -1 : 0;
}

int anchor_files_sizes(int ledger_fd, enum anchor_sizes which, uint64_t **ret_sizes,
                       size_t *ret_count)
{
    struct sizes sizes = {.suffix = which == ANCHOR_SIZES_QUERIES ? ".tsq" : ".checkpoint"};
    size_t kept = 0;
    int error =
        which == ANCHOR_SIZES_ADDED ? 0 : folder_list(ledger_fd, "outbox", add_size, &sizes);

    if (error == -ENOENT)
        error = 0;
    sizes.suffix = "";
    if (error == 0 && (which == ANCHOR_SIZES_ALL || which == ANCHOR_SIZES_ADDED))
        error = folder_list(ledger_fd, "anchors", add_size, &sizes);
    if (error < 0 && error != -ENOENT && error != -ENOTDIR) { /* none: whoever misses one says so */
        free(sizes.sizes);
        return error;
    }
    if (sizes.count > 0)
        qsort(sizes.sizes, sizes.count, sizeof(sizes.sizes[0]), larger_first);
    for (size_t i = 0; i < sizes.count; i++)
        if (kept == 0 || sizes.sizes[kept - 1] != sizes.sizes[i])
            sizes.sizes[kept++] = sizes.sizes[i];
    *ret_sizes = sizes.sizes;
    *ret_count = kept;
    return 0;
}

int anchor_files_read(int ledger_fd, enum anchor_sizes which, uint64_t size,
                      struct anchor_source *ret_source)
{
    struct anchor_source *source = ret_source;
    char path[PATH_BYTES];
    ssize_t len = -ENOENT, query = -ENOENT;

    for (size_t i = 0; i < (which == ANCHOR_SIZES_ADDED ? 1 : 2); i++) {
        (void)snprintf(path, sizeof(path),
                       i == 0 ? "anchors/%" PRIu64 "/checkpoint" : "outbox/%" PRIu64 ".checkpoint",
                       size);
        if (len == -ENOENT)
            len = folder_read(ledger_fd, path, source->bytes, sizeof(source->bytes));
        (void)snprintf(path, sizeof(path),
                       i == 0 ? "anchors/%" PRIu64 "/query.tsq" : "outbox/%" PRIu64 ".tsq", size);
        if (query == -ENOENT)
            query = folder_read(ledger_fd, path, source->query, sizeof(source->query));
    }
    if (query == -EBADMSG || query == -EFBIG)
        query = 0; /* something else lies there: no token answers it */
    if (len < 0 || (query < 0 && query != -ENOENT))
        return (int)(len < 0 ? len : query);
    source->len = (size_t)len;
    source->query_len = query < 0 ? 0 : (size_t)query;
    source->size = size;
    if (note_parse((const char *)source->bytes, source->len, &source->note) != TLOG_OK ||
        checkpoint_parse(source->note.text, source->note.text_len, &source->checkpoint) !=
            TLOG_OK ||
        source->checkpoint.size != size)
        return -EBADMSG;
    return 0;
}

void anchor_files_name(const char *who, const uint8_t sha256[32], char ret_name[ANCHOR_NAME_BYTES])
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
    char hex[2 * DIGEST_BYTES + 1], word[33];
    size_t len = 0;

    for (; who[len] != '\0' && len < sizeof(word) - 1; len++)
        word[len] = strchr(allowed, who[len]) != NULL ? who[len] : '_';
    word[len] = '\0';
    digest_hex(sha256, hex);
    (void)snprintf(ret_name, ANCHOR_NAME_BYTES, "%s.%.8s", word, hex); /* fits */
}

static void path_of(char ret_path[PATH_BYTES], uint64_t size, const char *name)
{
    (void)snprintf(ret_path, PATH_BYTES, "anchors/%" PRIu64 "/%s", size, name); /* fits */
}

bool anchor_files_have(int ledger_fd, uint64_t size, const char *name, const void *bytes,
                       size_t len)
{
    char path[PATH_BYTES];
    uint8_t *there = malloc(len + 1);

    path_of(path, size, name);
    bool same = there != NULL && folder_read(ledger_fd, path, there, len + 1) == (ssize_t)len &&
                memcmp(there, bytes, len) == 0;
    free(there);
    return same;
}

int anchor_files_put(int ledger_fd, uint64_t size, const char *name, const void *bytes, size_t len)
{
    char path[PATH_BYTES];

    path_of(path, size, "");
    int fd = openat(ledger_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd == -1)
        return -errno;
    int error = folder_write(fd, name, bytes, len, 0640);
    (void)close(fd); /* a folder */
    return error;
}

/* Puts a file that must be the same if it is there. */
static int put_once(int ledger_fd, uint64_t size, const char *name, const void *bytes, size_t len)
{
    char path[PATH_BYTES];

    path_of(path, size, name);
    if (anchor_files_have(ledger_fd, size, name, bytes, len))
        return 0;
    if (faccessat(ledger_fd, path, F_OK, 0) == 0)
        return -EEXIST;
    return anchor_files_put(ledger_fd, size, name, bytes, len);
}

int anchor_files_begin(int ledger_fd, const struct anchor_source *source)
{
    char path[PATH_BYTES];
    int error = folder_make(ledger_fd, "anchors", 0750);

    (void)snprintf(path, sizeof(path), "anchors/%" PRIu64, source->size); /* fits */
    if (error == 0)
        error = folder_make(ledger_fd, path, 0750);
    if (error == 0)
        error = put_once(ledger_fd, source->size, "checkpoint", source->bytes, source->len);
    if (error == 0 && source->query_len > 0)
        error = put_once(ledger_fd, source->size, "query.tsq", source->query, source->query_len);
    return error;
}

void anchor_files_sent(int ledger_fd, uint64_t size)
{
    static const char *const suffixes[] = {".tsq", ".checkpoint"}; /* a query first: see daemon/ */
    uint64_t *sizes = NULL;
    size_t count = 0;
    char path[PATH_BYTES];

    if (anchor_files_sizes(ledger_fd, ANCHOR_SIZES_OUTBOX, &sizes, &count) < 0)
        return; /* they stay, and are tidied up the next time */
    for (size_t i = 0; i < count; i++)
        for (size_t s = 0; s < 2 && sizes[i] <= size; s++) {
            (void)snprintf(path, sizeof(path), "outbox/%" PRIu64 "%s", sizes[i], suffixes[s]);
            (void)unlinkat(ledger_fd, path, 0); /* likewise */
        }
    free(sizes);
}
