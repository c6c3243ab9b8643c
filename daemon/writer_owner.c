/*
 * Judging an erase while merchants are held. The blobs of a merchant are not listed anywhere: a
 * window of the feed is read at each turn, as long as it takes.
 */
#include "daemon/writer_owner.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/writer_core.h"
#include "daemon/writer_replay.h"
#include "io/segment.h"
#include "io/whole.h"

void writer_owner_begin(struct writer_core *core, unsigned queue, const struct record_draft *draft,
                        const uint8_t (*list)[DIGEST_BYTES], size_t count)
{
    struct writer_owner *owner = &core->owner;

    assert(owner->state == WRITER_OWNER_IDLE);
    assert(draft->len <= sizeof(owner->body));
    assert(draft->holes_count == 0);
    assert(count <= BLOB_REF_LIST_MAX);
    *owner = (struct writer_owner){.state = WRITER_OWNER_WAITING,
                                   .queue = queue,
                                   .below = core->next_seq,
                                   .count = count,
                                   .body_len = draft->len,
                                   .folder_fd = -1,
                                   .fd = -1};
    memcpy(owner->list, list, count * sizeof(*list));
    memcpy(owner->body, draft->body, draft->len);
}

static bool is_listed(const struct writer_owner *owner, const uint8_t sha256[DIGEST_BYTES])
{
    for (size_t i = 0; i < owner->count; i++)
        if (memcmp(owner->list[i], sha256, DIGEST_BYTES) == 0)
            return true;
    return false;
}

void writer_owner_line(struct writer_core *core, enum record_kind kind, const char *line,
                       size_t len)
{
    struct writer_owner *owner = &core->owner;
    uint8_t sha256[DIGEST_BYTES];
    size_t merchant_len;

    if (owner->state == WRITER_OWNER_IDLE || owner->held ||
        !blob_ref_kept(kind, line, len, sha256) || !is_listed(owner, sha256))
        return;
    const char *merchant = blob_ref_merchant(line, len, &merchant_len);
    /* Seen without its seller, it may be of one who is held. */
    owner->unknown = merchant_len == 0;
    if (!owner->unknown && !custody_holds_merchant(core->derived.custody, merchant, merchant_len))
        return;
    owner->held = true;
    memcpy(owner->sha256, sha256, DIGEST_BYTES);
}

static void close_files(struct writer_core *core)
{
    struct writer_owner *owner = &core->owner;
    struct backend *backend = core->backend;

    if (owner->fd >= 0)
        (void)backend->ops->close_fd(backend, owner->fd); /* only read from */
    if (owner->folder_fd >= 0)
        (void)backend->ops->close_fd(backend, owner->folder_fd); /* a folder */
    free(owner->segments);
    free(owner->bytes);
    owner->segments = NULL;
    owner->bytes = NULL;
    owner->fd = owner->folder_fd = -1;
}

static int open_feed(struct writer_core *core)
{
    struct writer_owner *owner = &core->owner;
    struct backend *backend = core->backend;

    owner->bytes = malloc(WRITER_WINDOW_BYTES);
    if (owner->bytes == NULL)
        return -ENOMEM;
    owner->folder_fd = backend->ops->open(backend, core->dir_fd, "feed", O_RDONLY | O_DIRECTORY, 0);
    if (owner->folder_fd < 0)
        return owner->folder_fd;
    owner->state = WRITER_OWNER_READING;
    return segment_list(backend, owner->folder_fd, SEGMENT_LINES, &owner->segments,
                        &owner->segments_count);
}

/* The whole lines of the window. How many bytes they are; -EBADMSG: one is none of ours. *done: the
   first record that was appended behind the erase, or what follows it. */
static ssize_t read_lines(struct writer_core *core, size_t len, bool *done)
{
    struct writer_owner *owner = &core->owner;
    struct record_head head;
    enum record_kind kind;
    size_t at = 0;
    const char *end;

    while ((end = memchr(owner->bytes + at, '\n', len - at)) != NULL) {
        const size_t line = (size_t)(end - owner->bytes) - at;
        if (record_decode_head(owner->bytes + at, line, &head, &kind) < 0)
            return -EBADMSG;
        *done = head.seq >= owner->below;
        if (*done)
            return 0;
        writer_owner_line(core, kind, owner->bytes + at, line);
        at += line + 1;
        *done = head.seq + 1 == owner->below;
        if (*done)
            return 0;
    }
    return (ssize_t)at;
}

/* The next window. 1: that was all, 0: there is more; -errno. */
static int read_on(struct writer_core *core)
{
    struct writer_owner *owner = &core->owner;
    struct backend *backend = core->backend;
    bool direct = false, done = false;

    if (owner->fd < 0) {
        if (owner->at == owner->segments_count) /* the record before the erase was not there */
            return -ENODATA;
        owner->fd = segment_open_read(backend, owner->folder_fd, SEGMENT_LINES,
                                      owner->segments[owner->at], &direct);
        owner->offset = 0;
        if (owner->fd < 0)
            return owner->fd;
        owner->at++;
    }
    ssize_t len = whole_read(backend, owner->fd, owner->bytes, WRITER_WINDOW_BYTES, owner->offset);
    ssize_t taken = len < 0 ? len : read_lines(core, (size_t)len, &done);
    if (taken < 0 || done)
        return done ? 1 : (int)taken;
    owner->offset += (uint64_t)taken;
    if (taken == 0 && len > 0)
        return -EBADMSG; /* half a line, where whole ones were durable */
    if (taken == 0) {
        (void)backend->ops->close_fd(backend, owner->fd); /* only read from */
        owner->fd = -1;
    }
    return owner->held ? 1 : 0;
}

/* Appends it or refuses it. false: not now. */
static bool decide(struct writer_core *core)
{
    struct writer_owner *owner = &core->owner;
    struct writer_lane *lane = &core->lanes[owner->queue];
    const struct record_draft draft = {
        .kind = RECORD_ERASE, .body = owner->body, .len = owner->body_len};

    if (!owner->held && !owner->unread) {
        if (!writer_feed_is_ready(core, RECORD_LINE_BYTES_MAX, writer_share(core, owner->queue)))
            return false;
        owner->state = WRITER_OWNER_IDLE;
        lane->answers[0] = (struct writer_answer){.seq = core->next_seq};
        writer_append(core, owner->queue, &draft, NULL);
        writer_commit(core);
        return true;
    }
    owner->state = WRITER_OWNER_IDLE;
    lane->answers[0] =
        (struct writer_answer){.custody = !owner->held     ? WRITER_CUSTODY_UNREAD
                                          : owner->unknown ? WRITER_CUSTODY_NO_MERCHANT
                                                           : WRITER_CUSTODY_HELD_MERCHANT};
    memcpy(lane->answers[0].sha256, owner->sha256, DIGEST_BYTES);
    core->erase.awaited = false;
    queue_set_durable(lane->queue, lane->done_position);
    writer_tell(core);
    return true;
}

/* After a step. Whether the next one may follow at once. */
static bool stepped(struct writer_core *core, int result)
{
    struct writer_owner *owner = &core->owner;

    if (result == 0)
        return true;
    if (result == -EMFILE || result == -ENFILE) {
        if (owner->state == WRITER_OWNER_WAITING)
            close_files(core);
        return false;
    }
    if (result < 0)
        log_write(LOG_LEVEL_WARNING,
                  "cannot read the feed to see whose bytes are to be erased: %s: nothing is "
                  "erased, see noticectl verify, going on",
                  strerrordesc_np(-result));
    owner->unread = result < 0;
    close_files(core);
    owner->state = WRITER_OWNER_DECIDING;
    return true;
}

bool writer_owner_turn(struct writer_core *core)
{
    struct writer_owner *owner = &core->owner;

    if (owner->state != WRITER_OWNER_IDLE && core->stopped)
        writer_owner_close(core); /* nothing follows the stop record */
    switch (owner->state) {
    case WRITER_OWNER_IDLE:
        return false;
    case WRITER_OWNER_WAITING:
        return core->erase.durable_next >= owner->below && stepped(core, open_feed(core));
    case WRITER_OWNER_READING:
        return stepped(core, read_on(core));
    case WRITER_OWNER_DECIDING:
        return decide(core);
    }
    assert(false);
    return false;
}

void writer_owner_close(struct writer_core *core)
{
    if (core->owner.state != WRITER_OWNER_IDLE)
        close_files(core);
    core->owner.state = WRITER_OWNER_IDLE;
}
