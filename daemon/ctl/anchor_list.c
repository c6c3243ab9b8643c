/*
 * The anchor records of a feed.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/anchor_run.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/ledger_files.h"

typedef int anchor_found(void *context, uint64_t seq, const struct anchor *anchor, const char *line,
                         size_t len);

/* Calls found for each, until it gives something else than 0. What it gave, or -errno. */
static int each(const char *ledger, anchor_found *found, void *context)
{
    struct ledger_files *files = NULL;
    struct verify_chunk chunk = {.lines = malloc(VERIFY_CHUNK_LINES * sizeof(chunk.lines[0]))};
    char *room = malloc(VERIFY_CHUNK_BYTES), file[VERIFY_FILE_BYTES];
    int more = room == NULL || chunk.lines == NULL ? -ENOMEM : ledger_files_open(ledger, &files);
    int given = 0;

    if (more == 0 && !ledger_files_has_feed(files))
        more = -ENOENT;
    if (more == 0)
        more = ledger_files_begin(files, UINT64_MAX);
    while (more >= 0 && given == 0 && (more = ledger_files_next(files, room, &chunk, file)) > 0) {
        chunk.shapes = false;
        verify_chunk_hash(&chunk);
        for (size_t i = 0; i < chunk.count && given == 0; i++) {
            const struct verify_line *line = &chunk.lines[i];
            size_t end = i + 1 < chunk.count ? chunk.lines[i + 1].offset : chunk.end;
            struct anchor anchor;
            if (line->kind == RECORD_ANCHOR &&
                anchor_parse(room + line->offset, end - line->offset - 1, &anchor) == 0)
                given = found(context, line->head.seq, &anchor, room + line->offset,
                              end - line->offset - 1);
        }
    }
    (void)ledger_files_close(files); /* always NULL */
    free(chunk.lines);
    free(room);
    return more < 0 ? more : given;
}

struct wanted {
    const uint8_t *sha256;
    uint64_t seq;
};

static int is_wanted(void *context, uint64_t seq, const struct anchor *anchor, const char *line,
                     size_t len)
{
    struct wanted *wanted = context;

    (void)line;
    (void)len;
    if (memcmp(anchor->token_sha256, wanted->sha256, sizeof(anchor->token_sha256)) != 0)
        return 0;
    wanted->seq = seq;
    return 1;
}

int anchor_find(const char *ledger, const uint8_t sha256[32], uint64_t *ret_seq)
{
    struct wanted wanted = {.sha256 = sha256, .seq = RECORD_NO_SEQ};
    int given = each(ledger, is_wanted, &wanted);

    *ret_seq = wanted.seq;
    return given < 0 ? given : 0;
}

static int print_line(void *context, uint64_t seq, const struct anchor *anchor, const char *line,
                      size_t len)
{
    (void)context;
    (void)seq;
    (void)anchor;
    (void)fwrite(line, 1, len, stdout); /* ctl_finish sees the stream's error */
    (void)putchar('\n');
    return 0;
}

int anchor_list(const char *ledger)
{
    int given = each(ledger, print_line, NULL);

    if (given < 0)
        return ctl_error("anchor: cannot read the feed of %s: %s", ledger, ctl_errno(given));
    return ctl_finish();
}
