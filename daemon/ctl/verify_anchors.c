/*
 * The anchors of a ledger, read and judged. Knows no record.
 */
#include "daemon/ctl/verify_anchors.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/folder.h"
#include "daemon/digest.h"

#define COSIG_BYTES_MAX 1024u

/* One folder of anchors/ while it is read. About 200 KiB: on the heap. */
struct reading {
    struct verify_anchors *anchors;
    int ledger_fd;
    struct anchor_source source;
    struct text lines; /* the checkpoint and every cosignature under it */
    char lines_bytes[ANCHOR_CHECKPOINT_MAX + 65536];
    uint8_t bytes[TOKEN_BYTES_MAX];
};

static void fail(struct verify_anchors *anchors, enum verify_fault fault, const char *file,
                 const char *why)
{
    if (anchors->fault != VERIFY_OK)
        return;
    anchors->fault = fault;
    (void)snprintf(anchors->file, sizeof(anchors->file), "%s", file); /* of that size */
    (void)snprintf(anchors->why, sizeof(anchors->why), "%s", why);    /* a cut is no harm */
}

/* The next anchor, for the source's checkpoint. NULL: no memory. */
static struct verify_anchor *add(struct reading *reading, const char *name)
{
    struct verify_anchors *anchors = reading->anchors;

    if (anchors->count == anchors->room) {
        size_t room = anchors->room == 0 ? 64 : 2 * anchors->room;
        struct verify_anchor *more = reallocarray(anchors->anchors, room, sizeof(*more));
        if (more == NULL)
            return NULL;
        anchors->anchors = more;
        anchors->room = room;
    }
    struct verify_anchor *anchor = &anchors->anchors[anchors->count++];
    *anchor = (struct verify_anchor){.size = reading->source.size,
                                     .root = reading->source.checkpoint.root};
    (void)snprintf(anchor->file, sizeof(anchor->file), "anchors/%" PRIu64 "/%s",
                   reading->source.size, name); /* the caller has looked at its length */
    return anchor;
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name), end = strlen(suffix);

    return len > end && len < ANCHOR_NAME_BYTES + end && name[0] != '.' &&
           strcmp(name + len - end, suffix) == 0;
}

/* Whether the error says that something else than such a file is in its place: damage. */
static bool is_no_file(ssize_t error)
{
    return error == -EBADMSG || error == -ENOENT || error == -EFBIG;
}

static const char no_file[] = "it is no file of this kind, or too long for one";

/* The chain that was kept beside the token. 0 or -errno; none is no error. */
static int read_chain(struct reading *reading, const char *name, char **ret_pem, size_t *ret_len)
{
    char path[128], *pem = malloc(TOKEN_PEM_MAX);

    if (pem == NULL)
        return -ENOMEM;
    (void)snprintf(path, sizeof(path), "anchors/%" PRIu64 "/%.*s.pem", reading->source.size,
                   (int)(strlen(name) - strlen(".tsr")), name);
    ssize_t len = folder_read(reading->ledger_fd, path, (uint8_t *)pem, TOKEN_PEM_MAX);
    *ret_pem = pem;
    *ret_len = len < 0 ? 0 : (size_t)len;
    if (is_no_file(len) && len != -ENOENT) {
        fail(reading->anchors, VERIFY_BAD_TOKEN, path, no_file);
        return 0;
    }
    return len < 0 && len != -ENOENT ? (int)len : 0;
}

static int take_token(struct reading *reading, const char *name, size_t len)
{
    struct token_input input = {.query = reading->source.query,
                                .query_len = reading->source.query_len,
                                .reply = reading->bytes,
                                .reply_len = len,
                                .bytes = reading->source.bytes,
                                .len = reading->source.len,
                                .pem = reading->anchors->pem};
    char why[TOKEN_ERROR_BYTES], *chain = NULL;
    struct anchor facts;
    struct verify_anchor *anchor = add(reading, name);
    int error = anchor == NULL ? -ENOMEM : read_chain(reading, name, &chain, &input.pem.chain_len);

    if (error == 0) {
        input.pem.chain = chain;
        enum token_fault fault = token_judge(&input, &facts, &anchor->accuracy_ns, why);
        if (fault == TOKEN_OK) {
            anchor->proof = true;
            anchor->time_ns = facts.gen_time_ns;
            memcpy(anchor->sha256, facts.token_sha256, sizeof(anchor->sha256));
            reading->anchors->tokens++;
        } else {
            fail(reading->anchors, fault == TOKEN_UNTRUSTED ? VERIFY_UNTRUSTED : VERIFY_BAD_TOKEN,
                 anchor->file, why);
        }
    }
    free(chain);
    return error;
}

/* A witness's line. Of one that no policy names, only that it states a time is known. */
static int take_cosignature(struct reading *reading, const char *name, size_t len)
{
    struct verify_anchor *anchor = add(reading, name);
    char line[ANCHOR_CHECKPOINT_MAX + COSIG_BYTES_MAX];
    struct text text = text_into(line, sizeof(line));
    const struct note *own = &reading->source.note;
    struct note note;
    uint64_t time = 0;
    enum tlog_fault fault = TLOG_TOO_LONG;

    if (anchor == NULL)
        return -ENOMEM;
    text_raw(&text, own->text, own->text_len);
    text_literal(&text, "\n");
    text_raw(&text, (const char *)reading->bytes, len);
    if (len <= COSIG_BYTES_MAX && !text.overflow)
        fault = note_parse(line, text.len, &note);
    if (fault == TLOG_OK && (note.count != 1 || note.signatures[0].len < sizeof(uint64_t)))
        fault = TLOG_BAD_SIGNATURE_LINE;
    const struct policy *policy = reading->anchors->policy;
    for (size_t i = 0; fault == TLOG_OK && policy != NULL && i < policy->names_count; i++)
        if (!policy->names[i].group &&
            note_verify(&note, &policy->names[i].key, NULL) == TLOG_BAD_SIGNATURE)
            fault = TLOG_BAD_SIGNATURE;
    for (size_t i = 0; fault == TLOG_OK && i < sizeof(time); i++)
        time = time << 8 | note.signatures[0].bytes[i];
    if (fault == TLOG_OK && time > INT64_MAX / 1000000000)
        fault = TLOG_BAD_SIGNATURE;
    if (fault != TLOG_OK) {
        fail(reading->anchors, VERIFY_BAD_COSIGNATURE, anchor->file, tlog_fault_text(fault));
        return 0;
    }
    anchor->proof = true;
    anchor->time_ns = (int64_t)time * 1000000000;
    anchor->accuracy_ns = 1000000000; /* whole seconds */
    digest_sha256(reading->bytes, len, anchor->sha256);
    text_raw(&reading->lines, (const char *)reading->bytes, len);
    reading->anchors->cosignatures++;
    return 0;
}

/* One file of the folder, as folder_list wants it. */
static int take_file(void *context, const char *name)
{
    struct reading *reading = context;
    char path[128];
    bool token = ends_with(name, ".tsr");

    if (!token && !ends_with(name, ".cosig"))
        return 0;
    (void)snprintf(path, sizeof(path), "anchors/%" PRIu64 "/%s", reading->source.size, name);
    ssize_t len = folder_read(reading->ledger_fd, path, reading->bytes, sizeof(reading->bytes));
    if (is_no_file(len)) {
        fail(reading->anchors, token ? VERIFY_BAD_TOKEN : VERIFY_BAD_COSIGNATURE, path, no_file);
        return 0;
    }
    if (len < 0)
        return (int)len;
    return token ? take_token(reading, name, (size_t)len)
                 : take_cosignature(reading, name, (size_t)len);
}

/* Whether the checkpoint with all lines under it satisfies the policy. */
static void judge_policy(struct reading *reading, uint64_t size)
{
    struct verify_anchors *anchors = reading->anchors;
    struct policy_verdict verdict;
    struct note note;

    if (anchors->policy == NULL || reading->lines.overflow ||
        note_parse(reading->lines.at, reading->lines.len, &note) != TLOG_OK ||
        policy_check(anchors->policy, &note, &verdict) != TLOG_OK)
        return;
    if (!anchors->witnessed || size > anchors->witnessed_size)
        anchors->witnessed_size = size;
    anchors->witnessed = true;
}

static int take_folder(struct reading *reading, uint64_t size)
{
    struct verify_anchors *anchors = reading->anchors;
    struct anchor_source *source = &reading->source;
    char folder[64];
    int error = anchor_files_read(reading->ledger_fd, ANCHOR_SIZES_ADDED, size, source);

    (void)snprintf(folder, sizeof(folder), "anchors/%" PRIu64, size);
    if (error == -EBADMSG || error == -ENOENT || error == -EFBIG) {
        char file[VERIFY_FILE_BYTES];
        (void)snprintf(file, sizeof(file), "%s/checkpoint", folder);
        fail(anchors, VERIFY_BAD_CHECKPOINT, file, "it is missing, or no checkpoint of this size");
        return 0;
    }
    if (error < 0)
        return error;
    struct verify_anchor *anchor = add(reading, "checkpoint");
    if (anchor == NULL)
        return -ENOMEM;
    enum tlog_fault fault = anchors->key == NULL
                                ? TLOG_OK
                                : checkpoint_open((const char *)source->bytes, source->len,
                                                  anchors->key, &source->note, &source->checkpoint);
    if (fault != TLOG_OK)
        fail(anchors, VERIFY_BAD_CHECKPOINT, anchor->file, tlog_fault_text(fault));
    anchors->checkpoints++;
    reading->lines = text_into(reading->lines_bytes, sizeof(reading->lines_bytes));
    text_raw(&reading->lines, (const char *)source->bytes, source->len);
    error = folder_list(reading->ledger_fd, folder, take_file, reading);
    judge_policy(reading, size);
    return error;
}

static int smaller_first(const void *a, const void *b)
{
    const struct verify_anchor *one = a, *other = b;

    return one->size < other->size ? -1 : one->size > other->size ? 1 : 0;
}

/* The published checkpoint may be witnessed by itself. */
static void take_published(struct reading *reading)
{
    struct note note;
    struct checkpoint checkpoint;
    ssize_t len =
        folder_read(reading->ledger_fd, "checkpoint", reading->bytes, sizeof(reading->bytes));

    if (len < 0 || note_parse((const char *)reading->bytes, (size_t)len, &note) != TLOG_OK ||
        checkpoint_parse(note.text, note.text_len, &checkpoint) != TLOG_OK)
        return; /* verify says so itself */
    reading->lines = text_into(reading->lines_bytes, sizeof(reading->lines_bytes));
    text_raw(&reading->lines, (const char *)reading->bytes, (size_t)len);
    judge_policy(reading, checkpoint.size);
}

int verify_anchors_load(const char *ledger, struct verify_anchors *anchors)
{
    struct reading *reading = malloc(sizeof(*reading));
    uint64_t *sizes = NULL;
    size_t count = 0;
    int error = reading == NULL ? -ENOMEM : 0;

    if (error < 0)
        return error;
    reading->anchors = anchors;
    reading->ledger_fd = open(ledger, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (reading->ledger_fd == -1)
        error = -errno;
    if (error == 0)
        error = anchor_files_sizes(reading->ledger_fd, ANCHOR_SIZES_ADDED, &sizes, &count);
    for (size_t i = count; error == 0 && i > 0; i--) /* the smallest first */
        error = take_folder(reading, sizes[i - 1]);
    if (error == 0)
        take_published(reading);
    if (error == 0 && anchors->count > 1)
        qsort(anchors->anchors, anchors->count, sizeof(anchors->anchors[0]), smaller_first);
    if (error == 0 && anchors->policy != NULL && !anchors->witnessed)
        fail(anchors, VERIFY_NO_QUORUM, "checkpoint", tlog_fault_text(TLOG_NO_QUORUM));
    if (reading->ledger_fd != -1)
        (void)close(reading->ledger_fd); /* a folder */
    free(sizes);
    free(reading);
    return error;
}

void verify_anchors_free(struct verify_anchors *anchors)
{
    free(anchors->anchors);
    anchors->anchors = NULL;
    anchors->count = anchors->room = 0;
}
