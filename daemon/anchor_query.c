/*
 * Queries for time-stamps in outbox/. Knows no authority.
 *
 * Order of writes: <size>.checkpoint, synced and named; then <size>.tsq likewise. So a query never
 * stands without the bytes that it is about, and what a crash leaves is a checkpoint that nobody
 * asks about. The daemon and noticectl both write here: whoever does holds the folder's lock.
 */
#include "daemon/anchor_query.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/ts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/digest.h"
#include "io/whole.h"

#define NAME_BYTES 64u
#define NEXT       ".next" /* what is being written, and what is to be written over */

static int encode(TS_REQ *request, const void *bytes, size_t len,
                  const uint8_t nonce[ANCHOR_QUERY_NONCE],
                  uint8_t ret_query[ANCHOR_QUERY_BYTES_MAX])
{
    uint8_t digest[DIGEST_BYTES], *at = ret_query;
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    BIGNUM *number = BN_bin2bn(nonce, ANCHOR_QUERY_NONCE, NULL);
    ASN1_INTEGER *integer = number == NULL ? NULL : BN_to_ASN1_INTEGER(number, NULL);
    int done = -ENOMEM;

    digest_sha256(bytes, len, digest);
    if (imprint != NULL && algorithm != NULL && integer != NULL &&
        X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1 &&
        TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 &&
        TS_MSG_IMPRINT_set_msg(imprint, digest, DIGEST_BYTES) == 1 &&
        TS_REQ_set_version(request, 1) == 1 && TS_REQ_set_msg_imprint(request, imprint) == 1 &&
        TS_REQ_set_nonce(request, integer) == 1 && TS_REQ_set_cert_req(request, 1) == 1 &&
        i2d_TS_REQ(request, NULL) <= (int)ANCHOR_QUERY_BYTES_MAX)
        done = i2d_TS_REQ(request, &at);
    TS_MSG_IMPRINT_free(imprint);
    X509_ALGOR_free(algorithm);
    ASN1_INTEGER_free(integer);
    BN_free(number);
    return done < 0 ? -ENOMEM : done;
}

int anchor_query_encode(const void *bytes, size_t len, const uint8_t nonce[ANCHOR_QUERY_NONCE],
                        uint8_t ret_query[ANCHOR_QUERY_BYTES_MAX])
{
    TS_REQ *request = TS_REQ_new();
    int done = request == NULL ? -ENOMEM : encode(request, bytes, len, nonce, ret_query);

    TS_REQ_free(request);
    return done;
}

/* The sizes that outbox/ has queries for. */
struct queries {
    uint64_t oldest;
    size_t count;
};

/* A name <decimal>.tsq. */
static bool size_of(const char *name, uint64_t *ret_size)
{
    uint64_t size = 0;
    const char *at = name;

    for (; *at >= '0' && *at <= '9' && size <= UINT64_MAX / 10 - 1; at++)
        size = size * 10 + (uint64_t)(*at - '0');
    *ret_size = size;
    return at > name && strcmp(at, ".tsq") == 0;
}

static int count_query(void *context, const char *name)
{
    struct queries *queries = context;
    uint64_t size = 0;

    if (!size_of(name, &size))
        return 0;
    if (queries->count == 0 || size < queries->oldest)
        queries->oldest = size;
    queries->count++;
    return 0;
}

/* Nothing is ever unlinked by the daemon: the oldest pair becomes the file that is written next.
   The query goes first, so that none stands without its checkpoint. */
static int make_room(struct backend *backend, int dir_fd)
{
    struct queries queries = {.count = 0};
    char name[NAME_BYTES];
    int error = backend->ops->list(backend, dir_fd, count_query, &queries);

    if (error < 0 || queries.count < ANCHOR_QUERY_KEPT_MAX)
        return error;
    (void)snprintf(name, sizeof(name), "%" PRIu64 ".tsq", queries.oldest); /* fits */
    error = backend->ops->rename(backend, dir_fd, name, NEXT);
    (void)snprintf(name, sizeof(name), "%" PRIu64 ".checkpoint", queries.oldest); /* fits */
    if (error == 0)
        error = backend->ops->rename(backend, dir_fd, name, NEXT);
    return error == -ENOENT ? 0 : error;
}

/* 1, or 0 when there is no such file; -errno. */
static int is_there(struct backend *backend, int dir_fd, const char *name)
{
    int fd = backend->ops->open(backend, dir_fd, name, O_RDONLY, 0);

    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    int closed = backend->ops->close_fd(backend, fd);
    return closed < 0 ? closed : 1;
}

static int write_pair(struct backend *backend, int dir_fd, uint64_t size, const void *checkpoint,
                      size_t len)
{
    uint8_t nonce[ANCHOR_QUERY_NONCE] = {0}, query[ANCHOR_QUERY_BYTES_MAX];
    char name[NAME_BYTES];

    (void)snprintf(name, sizeof(name), "%" PRIu64 ".tsq", size); /* fits */
    int error = is_there(backend, dir_fd, name);
    if (error != 0)
        return error;
    error = make_room(backend, dir_fd);
    if (error == 0)
        error = backend->ops->random(backend, nonce, sizeof(nonce));
    if (error < 0)
        return error;
    nonce[0] = (uint8_t)((nonce[0] & 0x3f) | 0x40); /* positive, and of one length */
    int query_len = anchor_query_encode(checkpoint, len, nonce, query);
    if (query_len < 0)
        return query_len;
    (void)snprintf(name, sizeof(name), "%" PRIu64 ".checkpoint", size); /* fits */
    error = whole_put(backend, dir_fd, NEXT, name, 0640, checkpoint, len);
    (void)snprintf(name, sizeof(name), "%" PRIu64 ".tsq", size); /* fits */
    if (error == 0)
        error = whole_put(backend, dir_fd, NEXT, name, 0640, query, (size_t)query_len);
    return error;
}

int anchor_query_write(struct backend *backend, int ledger_fd, uint64_t size,
                       const void *checkpoint, size_t len)
{
    static const char *const folders[] = {ANCHOR_QUERY_DIR, ANCHOR_QUERY_ADDED_DIR};
    char answered[NAME_BYTES];
    int error = 0;

    for (size_t i = 0; i < 2 && error == 0; i++) {
        error = backend->ops->mkdir(backend, ledger_fd, folders[i], 0750);
        if (error == 0)
            error = backend->ops->sync_now(backend, ledger_fd);
        error = error == -EEXIST ? 0 : error;
    }
    (void)snprintf(answered, sizeof(answered), ANCHOR_QUERY_ADDED_DIR "/%" PRIu64 "/query.tsq",
                   size); /* fits */
    if (error == 0)
        error = is_there(backend, ledger_fd, answered);
    if (error != 0)
        return error;
    int dir_fd =
        backend->ops->open(backend, ledger_fd, ANCHOR_QUERY_DIR, O_RDONLY | O_DIRECTORY, 0);
    if (dir_fd < 0)
        return dir_fd;
    error = backend->ops->lock(backend, dir_fd);
    if (error == 0)
        error = write_pair(backend, dir_fd, size, checkpoint, len);
    int closed = backend->ops->close_fd(backend, dir_fd); /* the lock ends with it */
    return error >= 0 && closed < 0 ? closed : error;
}
