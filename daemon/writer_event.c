/*
 * Events from a queue into the feed, and the answers to them. Knows the entry's form.
 */
#include <assert.h>
#include <string.h>

#include "daemon/writer_core.h"

static struct writer_event head_of(const char *entry, size_t len)
{
    struct writer_event head;
    assert(len >= sizeof head);
    memcpy(&head, entry, sizeof head);
    assert(len >= sizeof head + head.source_len + head.id_len);
    return head;
}

bool writer_event_fits(struct writer_core *core, unsigned lane, const char *entry, size_t len)
{
    size_t more = head_of(entry, len).records_count * (size_t)RECORD_HEAD_BYTES_MAX;
    /* Parts go into one batch: a crash leaves all of them or none (DESIGN 9.14). */
    return writer_feed_is_ready(core, len + more, writer_share(core, lane));
}

void writer_append_event(struct writer_core *core, unsigned lane, const char *entry, size_t len)
{
    struct writer_event head = head_of(entry, len);
    struct writer_answer answer = {.seq = core->next_seq};
    const char *source = entry + sizeof head, *id = source + head.source_len;
    const struct fingerprint name =
        fingerprint_event((struct fingerprint_part){source, head.source_len},
                          (struct fingerprint_part){id, head.id_len}, head.sha256);
    size_t at = sizeof head + head.source_len + head.id_len;

    if (head.if_watched && derived_judge(&core->derived, RECORD_SUPPORT, true, &head.about,
                                         &answer.seq) == DERIVED_UNWATCHED)
        return; /* nobody waits for an answer */
    /* The old record may be in flight: the answer waits for this entry's own batch, a later one. */
    if (derived_knows(&core->derived, &name, &answer.seq)) {
        answer.known = true;
        if (head.ticket != WRITER_NO_TICKET)
            core->lanes[lane].answers[head.ticket] = answer;
        return;
    }

    for (uint32_t i = 0; i < head.records_count; i++) {
        struct writer_record record;
        assert(len - at >= sizeof record);
        memcpy(&record, entry + at, sizeof record);
        at += sizeof record;
        assert(len - at >= record.body_len);
        assert(record.holes_count <= RECORD_HOLES_MAX);
        struct record_draft draft = {.kind = (enum record_kind)record.kind,
                                     .body = entry + at,
                                     .len = record.body_len,
                                     .holes_count = record.holes_count};
        memcpy(draft.holes, record.holes, sizeof draft.holes);
        writer_append(core, lane, &draft, NULL);
        at += record.body_len;
        const char *newline = memchr(core->line, '\n', RECORD_LINE_BYTES_MAX);
        if (i == 0 && newline != NULL)
            digest_sha256(core->line, (size_t)(newline - core->line), answer.sha256);
    }
    assert(at == len);
    if (head.ticket != WRITER_NO_TICKET)
        core->lanes[lane].answers[head.ticket] = answer;
}
