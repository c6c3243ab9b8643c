/*
 * From new lists to lanes that use them. The states and their edges are drawn in reload.h.
 */
#include "daemon/reload.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/emit.h"
#include "daemon/ledger/text.h"

#define TAIL_BYTES 1024u /* of a ruleset record behind its sources */

static void encode_source(struct text *text, const struct ruleset_source *source,
                          const char *separator)
{
    text_literal(text, separator);
    text_literal(text, "{\"path\":");
    (void)text_string_cut(text, source->path, strlen(source->path), 128); /* a cut is no harm */
    text_member_sha256(text, "sha256", source->sha256);
    text_member_string(text, "kind", ruleset_kind_name(source->kind));
    text_member_u64(text, "bytes", source->bytes);
    text_literal(text, "}");
}

/* The ruleset record's members: what is searched for, from which files, compiled by what. */
static size_t encode_ruleset(const struct ruleset *set, const struct ruleset *before, char *body,
                             size_t room)
{
    struct text text = text_into(body, room);
    text_member_sha256(&text, "id", set->sha256);
    text_key(&text, "sources");
    text_literal(&text, "[");
    size_t written = 0;
    for (; written < set->sources_count; written++) {
        /* A source that does not fit is taken back whole, and `more` counts it. */
        struct text rest = text;
        encode_source(&text, &set->sources[written], written == 0 ? "" : ",");
        if (!text.overflow && text.room - text.len >= TAIL_BYTES)
            continue;
        text = rest;
        break;
    }
    text_literal(&text, "]");
    if (written < set->sources_count)
        text_member_u64(&text, "more", set->sources_count - written);
    text_member_u64(&text, "n_patterns", matcher_db_literals_count(set->db));
    text_member_string(&text, "mode", "block"); /* of all databases: a listing is one block */
    text_member_sha256(&text, "db_sha256", set->db_sha256);
    text_member_string(&text, "hs_version", matcher_engine_version());
    text_key(&text, "prev");
    if (before == NULL)
        text_literal(&text, "null");
    else
        text_u64(&text, before->seq);
    text_member_u64(&text, "marks", matcher_db_marks_count(set->db));
    text_member_u64(&text, "cues", matcher_db_cues_count(set->db));
    text_member_u64(&text, "rules", matcher_db_rules_count(set->db));
    text_member_string(&text, "norm", matcher_fold_version());
    text_literal(&text, "}");
    assert(!text.overflow); /* the rest is of bounded length */
    return text.len;
}

static int record(struct reload *reload)
{
    char body[RECORD_BODY_BYTES_MAX];
    struct queue *queue = writer_queue(reload->writer, reload->queue_index);
    size_t len = encode_ruleset(reload->next, reload->current, body, sizeof body);
    int result = emit_record(queue, RECORD_RULESET, body, len);
    if (result < 0)
        return result;
    queue_publish(queue);
    reload->position = queue_put_position(queue);
    writer_wake(reload->writer);
    reload->state = RELOAD_RECORDING;
    return 0;
}

static bool finish(struct reload *reload)
{
    reload->state = RELOAD_IDLE;
    return true;
}

static bool step_compiling(struct reload *reload)
{
    char text[RULESET_ERROR_BYTES];
    int result = compiler_result(reload->compiler, &reload->next, text);
    if (result == -EAGAIN)
        return false;
    if (result < 0) {
        assert(text[0] != '\0'); /* an empty text means success to those who ask */
        memcpy(reload->text, text, sizeof text);
        return finish(reload);
    }
    if (record(reload) < 0) {
        (void)snprintf(reload->text, sizeof reload->text,
                       "the ledger takes no record now; try again when it does");
        reload->next = ruleset_free(reload->next);
        return finish(reload);
    }
    permissions_change(reload->permissions, &reload->rules);
    return false;
}

static bool step_recording(struct reload *reload)
{
    const struct queue *queue = writer_queue(reload->writer, reload->queue_index);
    if (queue_durable(queue) < reload->position)
        return false;
    reload->next->seq = writer_queue_seq(reload->writer, reload->queue_index);
    for (size_t i = 0; i < reload->lanes_count; i++)
        lane_set_ruleset(reload->lanes[i], reload->next);
    reload->state = RELOAD_SWITCHING;
    return false;
}

static bool step_switching(struct reload *reload)
{
    for (size_t i = 0; i < reload->lanes_count; i++)
        if (lane_ruleset(reload->lanes[i]) != reload->next)
            return false;
    (void)ruleset_free(reload->current); /* always NULL */
    reload->current = reload->next;
    reload->next = NULL;
    return finish(reload);
}

int reload_begin(struct reload *reload, const struct ruleset_file *files, size_t files_count,
                 const struct compiler_limits *limits)
{
    assert(reload->state == RELOAD_IDLE);
    reload->text[0] = '\0';
    int result = compiler_request(reload->compiler, files, files_count, limits);
    if (result < 0) {
        (void)snprintf(reload->text, sizeof reload->text, "cannot reach the compiler process: %s",
                       strerrordesc_np(-result));
        return result;
    }
    reload->state = RELOAD_COMPILING;
    return 0;
}

int reload_record(struct reload *reload, struct ruleset *first)
{
    assert(reload->state == RELOAD_IDLE);
    assert(reload->current == NULL);
    reload->next = first;
    return record(reload);
}

bool reload_step(struct reload *reload)
{
    enum reload_state before = RELOAD_IDLE;
    bool done = false;
    do {
        before = reload->state;
        switch (reload->state) {
        case RELOAD_IDLE:
            break;
        case RELOAD_COMPILING:
            done = step_compiling(reload);
            break;
        case RELOAD_RECORDING:
            done = step_recording(reload);
            break;
        case RELOAD_SWITCHING:
            done = step_switching(reload);
            break;
        }
    } while (!done && reload->state != before);
    return done;
}

void reload_close(struct reload *reload)
{
    reload->next = ruleset_free(reload->next);
    reload->current = ruleset_free(reload->current);
}
