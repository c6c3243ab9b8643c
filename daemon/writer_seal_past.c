/*
 * What others remember of this ledger's checkpoints when the writer opens. checkpoints.log is the
 * commit point of a checkpoint, so that nothing may know of one that is not in it, but for the
 * sealer, who answers before the entry is written:
 *
 *   state/tiles             the size signed last, stored behind the entry
 *   anchors/, outbox/       checkpoints that were published, which only an entry's are
 *   the sealer              what it sealed last; past the log by what a crash has kept out of it
 *
 * What the sealer has sealed past the log must be the root of the lines that are there. A ledger
 * that contradicts one of them was rolled back, replaced or cut, and is refused. Writes nothing.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/writer_core.h"
#include "io/whole.h"

#define FOUND_MAX 64u /* names of a folder that are looked into */
#define RESTORE   "restore the newest copy of the ledger"
#define NEW_KEY   "or begin a new one with a new key (noticectl setup-keys)"

/* Names of checkpoints past the log in one folder. */
struct beyond {
    uint64_t signed_size;
    const char *suffix;
    uint64_t sizes[FOUND_MAX];
    size_t count;
};

static int find_beyond(void *context, const char *name)
{
    struct beyond *beyond = context;
    uint64_t size = 0;
    size_t at = 0;

    while (name[at] >= '0' && name[at] <= '9' && size <= MERKLE_SIZE_MAX / 10)
        size = size * 10 + (uint64_t)(name[at++] - '0');
    if (at > 0 && strcmp(name + at, beyond->suffix) == 0 && size > beyond->signed_size &&
        beyond->count < FOUND_MAX)
        beyond->sizes[beyond->count++] = size;
    return 0;
}

/* Whether the file holds a checkpoint past the log that our key has signed. */
static bool is_signed_beyond(struct writer_core *core, const char *path)
{
    struct writer_seal *seal = &core->seal;
    struct backend *backend = core->backend;
    char bytes[CHECKPOINT_BYTES_MAX];
    struct checkpoint checkpoint;
    int fd = backend->ops->open(backend, core->dir_fd, path, O_RDONLY | O_NOFOLLOW, 0);

    if (fd < 0)
        return false; /* it proves nothing; verify names what is wrong with it */
    ssize_t len = whole_read(backend, fd, bytes, sizeof(bytes), 0);
    (void)backend->ops->close_fd(backend, fd); /* only read from */
    return len > 0 &&
           checkpoint_open(bytes, (size_t)len, &seal->key, &seal->note, &checkpoint) == TLOG_OK &&
           checkpoint.size > seal->signed_size;
}

/* folder/<size><suffix><file> */
static int check_folder(struct writer_core *core, const char *folder, const char *suffix,
                        const char *file, struct writer_error *reterr_error)
{
    struct backend *backend = core->backend;
    struct beyond beyond = {.signed_size = core->seal.signed_size, .suffix = suffix};
    char path[128];
    int fd = backend->ops->open(backend, core->dir_fd, folder, O_RDONLY | O_DIRECTORY, 0);

    if (fd < 0)
        return fd == -ENOENT ? 0
                             : writer_error_set(reterr_error, fd, "cannot read %s/: %s", folder,
                                                strerrordesc_np(-fd));
    int error = backend->ops->list(backend, fd, find_beyond, &beyond);
    (void)backend->ops->close_fd(backend, fd); /* only read from */
    if (error < 0)
        return writer_error_set(reterr_error, error, "cannot read %s/: %s", folder,
                                strerrordesc_np(-error));
    for (size_t i = 0; i < beyond.count; i++) {
        (void)snprintf(path, sizeof(path), "%s/%" PRIu64 "%s%s", folder, beyond.sizes[i], suffix,
                       file); /* it fits */
        if (is_signed_beyond(core, path))
            return writer_error_set(
                reterr_error, -EBADMSG,
                "%s is a checkpoint of this ledger, and " WRITER_SEAL_LOG " ends at %" PRIu64
                " records: the log was cut, or the ledger rolled back: " RESTORE,
                path, core->seal.signed_size);
    }
    return 0;
}

static int check_mark(const struct writer_seal *seal, struct writer_error *reterr_error)
{
    if (seal->mark_signed <= seal->signed_size)
        return 0;
    return writer_error_set(reterr_error, -EBADMSG,
                            "%" PRIu64 " records were under a checkpoint (state/" WRITER_SEAL_MARK
                            "), and " WRITER_SEAL_LOG " ends at %" PRIu64
                            ": the log was cut or removed: " RESTORE,
                            seal->mark_signed, seal->signed_size);
}

/* Asks what was sealed last: by asking for the last entry again, or for the tree of nothing, which
   the sealer may sign as often as it likes. */
static void ask_last(struct writer_seal *seal)
{
    char body[CHECKPOINT_BODY_BYTES_MAX];
    struct text text = text_into(body, sizeof(body));
    struct checkpoint checkpoint = {.origin = seal->key.name,
                                    .origin_len = seal->key.name_len,
                                    .size = seal->signed_size,
                                    .root = seal->signed_root};

    if (!seal->has_signed)
        checkpoint.root = merkle_root(&(struct merkle_tree){.size = 0});
    checkpoint_format(&text, &checkpoint);
    size_t len = seal_request_format(seal->request, sizeof(seal->request), seal->signed_size, NULL,
                                     0, body, text.len);
    assert(len > 0);
    seal->state = WRITER_SEAL_ASKING;
    seal->looking_back = true;
    seal->asked_ns = clock_now(&seal->core->clock).boot_ns;
    if (seal->door.ask(seal->door.context, seal->request, len) < 0) {
        seal->looking_back = false;
        writer_seal_rest(seal, WRITER_UNSEALED_NO_SEALER, "");
    }
}

/* Waits for the answer, for a while: a sealer that says nothing now may be restarted meanwhile, and
   is asked for a proof before it signs anything, so that this comes out then. */
static int wait_for_answer(struct writer_core *core, struct writer_error *reterr_error)
{
    struct writer_seal *seal = &core->seal;

    while (seal->looking_back) {
        uint64_t waited_ns = clock_now(&core->clock).boot_ns - seal->asked_ns;
        if (waited_ns >= WRITER_SEAL_LAST_ANSWER_NS_MAX) {
            log_write(LOG_LEVEL_WARNING, "the sealer does not say what it has sealed, going on");
            return 0;
        }
        int error =
            core->backend->ops->turn(core->backend, WRITER_SEAL_LAST_ANSWER_NS_MAX - waited_ns);
        if (error < 0)
            return writer_error_set(reterr_error, error, "cannot hear the sealer: %s",
                                    strerrordesc_np(-error));
    }
    return 0;
}

/* The sealer's last tree against the records. */
static int check_sealed(struct writer_core *core, const struct writer_found *found,
                        struct writer_error *reterr_error)
{
    struct writer_seal *seal = &core->seal;
    uint64_t size = seal->sealed_size;

    if (seal->sealed_other)
        return writer_error_set(reterr_error, -EBADMSG,
                                "the sealer has sealed another root for the first %" PRIu64
                                " records: this is not the ledger that it signs: " RESTORE
                                ", " NEW_KEY,
                                seal->signed_size);
    if (!seal->has_sealed || size == seal->signed_size)
        return 0;
    if (size > found->next_seq)
        return writer_error_set(reterr_error, -EBADMSG,
                                "the sealer has sealed %" PRIu64
                                " records with this key, and this ledger has %" PRIu64
                                ": it was rolled back, replaced or emptied: " RESTORE ", " NEW_KEY,
                                size, found->next_seq);
    if (!seal->has_log)
        return writer_error_set(reterr_error, -EBADMSG,
                                "the sealer has sealed %" PRIu64 " records, and " WRITER_SEAL_LOG
                                " is missing: " RESTORE ", " NEW_KEY,
                                size);
    int same = writer_seal_has_root(core, found, size, &seal->sealed_root, reterr_error);
    if (same < 0)
        return same;
    if (same == 0)
        return writer_error_set(reterr_error, -EBADMSG,
                                "the sealer has sealed another root for the first %" PRIu64
                                " records: they were changed, or this is another ledger: " RESTORE
                                ", " NEW_KEY,
                                size);
    if (size < seal->signed_size)
        log_write(LOG_LEVEL_WARNING,
                  "the sealer remembers %llu of the %llu records that are under a checkpoint: its "
                  "state was removed, or an old one put back, and it no longer knows what it must "
                  "not sign again, going on",
                  (unsigned long long)size, (unsigned long long)seal->signed_size);
    else
        log_write(LOG_LEVEL_WARNING,
                  "the sealer has sealed %llu records, and " WRITER_SEAL_LOG " ends at %llu: a "
                  "crash in between does that, and so does who cuts the log (sealed_size in the "
                  "start record), going on",
                  (unsigned long long)size, (unsigned long long)seal->signed_size);
    return 0;
}

int writer_seal_look_back(struct writer_core *core, const struct writer_found *found,
                          struct writer_error *reterr_error)
{
    struct writer_seal *seal = &core->seal;
    int error = check_mark(seal, reterr_error);

    if (error == 0 && seal->has_key)
        error = check_folder(core, "anchors", "", "/checkpoint", reterr_error);
    if (error == 0 && seal->has_key)
        error = check_folder(core, "outbox", ".checkpoint", "", reterr_error);
    if (error < 0 || seal->config == NULL)
        return error;
    error = seal->config->open(seal->config->context, core->backend, seal, &seal->door);
    if (error < 0)
        return writer_error_set(reterr_error, error, "cannot open the door to the sealer: %s",
                                strerrordesc_np(-error));
    ask_last(seal);
    error = wait_for_answer(core, reterr_error);
    return error == 0 ? check_sealed(core, found, reterr_error) : error;
}
