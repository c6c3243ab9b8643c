/*
 * A writer on a simulated disk, and listings put into it as a lane does.
 */
#include "tests/fakes/derived_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/backend_sim.h"
#include "tests/fakes/test.h"

#define TURNS_MAX 10000u

struct derived_rig derived_rig;
static struct ruleset ruleset;

const struct writer_config derived_rig_config = {.ledger = "ledger",
                                                 .queues = 1,
                                                 .queue_bytes = 2u * QUEUE_ENTRY_BYTES_MAX,
                                                 .segment_records = 50,
                                                 .segment_bytes = 1u << 20,
                                                 .rejects_bytes_max = 1u << 20,
                                                 .derived = {.dedupe_max = 40, .watched_max = 20},
                                                 .blobs = {.window = 1000, .pack_bytes = 4000}};

void derived_rig_open(void)
{
    struct writer_error error = {0};
    assert_int_equal(queue_open(derived_rig_config.queue_bytes, &derived_rig.queue), 0);
    if (writer_core_open(&derived_rig.core, &derived_rig_config, derived_rig.backend,
                         &derived_rig.queue, &error) < 0)
        fail_msg("%s", error.text);
    derived_rig.emit =
        (struct emit){.queue = derived_rig.queue,
                      .ruleset = &ruleset,
                      .watched = watched_lanes_filter(derived_rig.core.derived.watched)};
}

/* Until all that was put in is durable. */
void derived_rig_settle(void)
{
    queue_publish(derived_rig.queue);
    for (unsigned i = 0; i < TURNS_MAX; i++) {
        (void)writer_core_gather(&derived_rig.core);
        if (writer_core_idle(&derived_rig.core) &&
            queue_durable(derived_rig.queue) == queue_put_position(derived_rig.queue) &&
            !custody_is_due(derived_rig.core.derived.custody, RECORD_NO_SEQ))
            return;
        writer_core_turn(&derived_rig.core, 1000000);
    }
    fail_msg("the writer does not come to rest");
}

void derived_rig_close(void)
{
    writer_core_close(&derived_rig.core);
    derived_rig.queue = queue_close(derived_rig.queue);
}

uint8_t *derived_rig_bytes(struct derived *derived, size_t *ret_len)
{
    size_t first = dedupe_encoded_bytes(derived->dedupe);
    *ret_len = first + watched_encoded_bytes(derived->watched);
    uint8_t *bytes = malloc(*ret_len);
    assert_non_null(bytes);
    assert_int_equal(dedupe_encode(derived->dedupe, bytes), 0);
    assert_int_equal(watched_encode(derived->watched, bytes + first), 0);
    snapshot_copy(derived, bytes + *ret_len); /* both are whole: the window ends before the set */
    return bytes;
}

/* A listing of a crawler, and what the matcher said of it. */
void derived_rig_line(const char *session, uint64_t line, unsigned id, unsigned seller,
                      bool matches)
{
    char name[16], merchant[16], text[64];
    int name_len = snprintf(name, sizeof name, "L%u", id);
    int merchant_len = snprintf(merchant, sizeof merchant, "s%u", seller);
    int text_len = snprintf(text, sizeof text, "line %llu of %s", (unsigned long long)line, name);
    const struct listing listing = {
        .platform = {"p", 1},
        .listing_id = {name, (size_t)name_len},
        .title = {"t", 1},
        .seller_id = {seller == 0 ? NULL : merchant, seller == 0 ? 0 : (size_t)merchant_len},
        .state = {"active", 6},
        .via = {"page", 4},
        .line = {text, (size_t)text_len}};
    const struct matcher_result result = {.class = MATCHER_CLASS_MARK};
    const struct intake_origin origin = {.connection = 1, .line = line};
    const struct emit_source source = {
        .name = "s", .len = 1, .session = session, .session_len = strlen(session)};
    int put = matches ? emit_match(&derived_rig.emit, source, &origin, &listing, &result)
                      : emit_if_watched(&derived_rig.emit, source, &origin, &listing);
    assert_int_equal(put, 0);
}

void derived_rig_notice(unsigned id)
{
    char body[256];
    int len = snprintf(body, sizeof body,
                       ",\"source\":\"counsel\",\"event\":{\"id\":\"n%u\",\"type\":\"notice.sent\","
                       "\"platform\":\"p\",\"notice\":\"N%u\",\"merchant\":\"p/s%u\","
                       "\"listings\":[\"L%u\",\"L%u\"]}}",
                       id, id, id % 3 + 1, id, id + 1);
    assert_int_equal(emit_record(derived_rig.queue, RECORD_NOTICE_SENT, body, (size_t)len), 0);
}

void derived_rig_begin(void)
{
    assert_int_equal(backend_sim_open(1, 0, &derived_rig.backend), 0);
    derived_rig_open();
}

void derived_rig_finish(void)
{
    derived_rig_close();
    derived_rig.backend = backend_close(derived_rig.backend);
}
