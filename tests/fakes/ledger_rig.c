/*
 * The rig of the ledger's tests.
 */
#include "tests/fakes/ledger_rig.h"

#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/digest.h"
#include "daemon/feed.h"
#include "daemon/ledger/shape.h"
#include "daemon/ledger/text.h"
#include "daemon/writer.h"
#include "tests/fakes/test.h"

#define RIG_FILLER_MAX 8192u

/* A record's head, body and blob. Returns their bytes together. */
static size_t make_record(char *entry, enum record_kind kind, unsigned lane, unsigned number,
                          size_t filler, struct rig_blob blob)
{
    assert_true(filler <= RIG_FILLER_MAX);
    struct writer_record head = {.kind = (uint16_t)kind, .blob_len = (uint32_t)blob.len};
    struct text text =
        text_into(entry + sizeof(struct writer_record), RECORD_BODY_BYTES_MAX + blob.len);
    text_member_u64(&text, "lane", lane);
    text_member_u64(&text, "n", number);
    if (blob.len > 0) {
        digest_sha256(blob.at, blob.len, head.blob);
        text_member_sha256(&text, "blob", head.blob);
    }
    text_literal(&text, ",\"filler\":\"");
    for (size_t i = 0; i < filler; i++)
        text_literal(&text, "x");
    text_literal(&text, "\"}");
    head.body_len = (uint32_t)text.len;
    text_raw(&text, blob.at, blob.len);
    assert_false(text.overflow);
    memcpy(entry, &head, sizeof(head));
    return sizeof(head) + text.len;
}

bool rig_put_blob(struct queue *queue, unsigned lane, unsigned number, size_t filler,
                  struct rig_blob blob)
{
    char *entry =
        queue_reserve(queue, sizeof(struct writer_record) + RECORD_BODY_BYTES_MAX + blob.len);
    if (entry == NULL)
        return false;
    queue_put(queue, WRITER_ENTRY_RECORD,
              make_record(entry, RECORD_MATCH, lane, number, filler, blob));
    queue_publish(queue);
    return true;
}

bool rig_put_event(struct queue *queue, unsigned lane, unsigned number, unsigned records,
                   size_t filler)
{
    char id[32];
    int len = snprintf(id, sizeof(id), "rig%u.%u", lane, number);
    struct writer_event head = {.ticket = WRITER_NO_TICKET,
                                .records_count = records,
                                .source_len = 3,
                                .id_len = (uint32_t)len - 3};
    size_t at = sizeof(head) + (size_t)len;
    char *entry =
        queue_reserve(queue, at + records * (sizeof(struct writer_record) + RECORD_BODY_BYTES_MAX));
    if (entry == NULL)
        return false;
    memcpy(entry, &head, sizeof(head));
    memcpy(entry + sizeof(head), id, (size_t)len);
    for (unsigned i = 0; i < records; i++)
        at += make_record(entry + at, RECORD_NOTICE_SENT, lane, number + i, filler,
                          (struct rig_blob){"", 0});
    queue_put(queue, WRITER_ENTRY_EVENT, at);
    queue_publish(queue);
    return true;
}

bool rig_put_record(struct queue *queue, unsigned lane, unsigned number, size_t filler)
{
    return rig_put_blob(queue, lane, number, filler, (struct rig_blob){"", 0});
}

void rig_put_stop(struct queue *queue)
{
    struct writer_record head = {.kind = RECORD_STOP, .body_len = 1};
    char *entry = queue_reserve(queue, sizeof(head) + 1);
    assert_non_null(entry);
    memcpy(entry, &head, sizeof(head));
    entry[sizeof(head)] = '}';
    queue_put(queue, WRITER_ENTRY_RECORD, sizeof(head) + 1);
    queue_publish(queue);
}

bool rig_put_reject(struct queue *queue, unsigned number, const char *bytes, size_t len, bool kept)
{
    struct writer_reject head = {.line = number,
                                 .line_bytes = len,
                                 .source_len = 3,
                                 .bytes_len = (uint32_t)len,
                                 .kept = kept};
    char *entry = queue_reserve(queue, sizeof(head) + 3 + len);
    if (entry == NULL)
        return false;
    (void)reject_set(&head.reject, REJECT_BAD_JSON, "line: number %u", number);
    memcpy(entry, &head, sizeof(head));
    memcpy(entry + sizeof(head), "rig", 3);
    memcpy(entry + sizeof(head) + 3, bytes, len);
    queue_put(queue, WRITER_ENTRY_REJECT, sizeof(head) + 3 + len);
    queue_publish(queue);
    return true;
}

bool rig_read(const char *line, size_t len, unsigned *ret_lane, unsigned *ret_number)
{
    const char *at = memmem(line, len, ",\"lane\":", 8);

    return at != NULL && sscanf(at, ",\"lane\":%u,\"n\":%u,", ret_lane, ret_number) == 2;
}

void rig_folder(const char *below, char ret_path[128])
{
    int len = snprintf(ret_path, 128, "%s/noticed-test.XXXXXX", below);
    assert_in_range(len, 1, 127);
    assert_non_null(mkdtemp(ret_path));
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(path);
}

void rig_remove(const char *path)
{
    assert_int_equal(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

int rig_shell(const char *path, const char *script)
{
    char text[4096];
    int len = snprintf(text, sizeof(text), "set -o pipefail\ncd %s || exit 1\n%s", path, script);
    assert_in_range(len, 1, sizeof(text) - 1);
    char bash[] = "bash", option[] = "-c";
    char *arguments[] = {bash, option, text, NULL};
    pid_t child;
    int status = -1;

    assert_int_equal(posix_spawnp(&child, "bash", NULL, NULL, arguments, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

uint64_t rig_read_feed(const char *ledger,
                       void (*each)(void *context, const char *line, size_t len, uint64_t seq),
                       void *context)
{
    struct feed *feed;
    const char *line;
    size_t len;
    uint64_t seq, lines = 0;
    int more;

    assert_int_equal(feed_open(ledger, &feed), 0);
    while ((more = feed_next(feed, &line, &len, &seq)) == 1) {
        assert_int_equal(seq, lines);
        assert_true(shape_is_object(line, len));
        if (each != NULL)
            each(context, line, len, seq);
        lines++;
    }
    assert_int_equal(more, 0);
    assert_null(feed_close(feed));
    return lines;
}
