/*
 * Counters as JSON. Knows their names; knows no socket.
 */
#include "daemon/status.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "daemon/encode.h"
#include "daemon/ledger/text.h"
#include "daemon/version.h"

#define SECOND_NS 1000000000u

struct lane_counts status_sum(struct lane *const *lanes, size_t lanes_count)
{
    struct lane_counts sum;
    uint64_t total[sizeof sum / sizeof(uint64_t)] = {0};
    for (size_t i = 0; i < lanes_count; i++) {
        struct lane_counts counts = lane_counts(lanes[i]);
        uint64_t words[sizeof total / sizeof total[0]];
        memcpy(words, &counts, sizeof words);
        for (size_t w = 0; w < sizeof total / sizeof total[0]; w++)
            total[w] += words[w];
    }
    memcpy(&sum, total, sizeof sum);
    return sum;
}

/* {"name":count,…} of the reasons that occurred. */
static void encode_rejects(struct text *text, const struct lane_counts *counts)
{
    text_key(text, "rejects");
    const char *separator = "{\"";
    for (int code = REJECT_NONE + 1; code < REJECT_CODES_COUNT; code++) {
        if (counts->by_reject[code] == 0)
            continue;
        text_literal(text, separator);
        text_literal(text, reject_code_name((enum reject_code)code));
        text_literal(text, "\":");
        text_u64(text, counts->by_reject[code]);
        separator = ",\"";
    }
    text_literal(text, separator[0] == '{' ? "{}" : "}");
}

/* How many events were accepted, and {"kind":count,…} of the kinds that occurred. */
static void encode_events(struct text *text, const struct lane_counts *counts)
{
    text_member_u64(text, "events", counts->events);
    text_key(text, "events_by_kind");
    const char *separator = "{\"";
    for (unsigned kind = 0; kind < RECORD_KINDS_COUNT; kind++) {
        if (counts->by_kind[kind] == 0)
            continue;
        text_literal(text, separator);
        text_literal(text, record_kind_name((enum record_kind)kind));
        text_literal(text, "\":");
        text_u64(text, counts->by_kind[kind]);
        separator = ",\"";
    }
    text_literal(text, separator[0] == '{' ? "{}" : "}");
}

static void encode_classes(struct text *text, const struct lane_counts *counts)
{
    text_member_u64(text, "counterfeit", counts->by_class[MATCHER_CLASS_COUNTERFEIT]);
    text_member_u64(text, "mark", counts->by_class[MATCHER_CLASS_MARK]);
    text_member_u64(text, "mention", counts->by_class[MATCHER_CLASS_MENTION]);
}

static void encode_intake(struct text *text, const struct lane_counts *counts)
{
    text_member_u64(text, "lines", counts->lines);
    text_member_u64(text, "blank", counts->blank);
    text_member_u64(text, "accepted", counts->accepted);
    encode_events(text, counts);
    text_member_u64(text, "rejected", counts->rejected);
    encode_rejects(text, counts);
    text_member_u64(text, "acked", counts->acked);
    text_member_u64(text, "bytes", counts->bytes);
    text_member_u64(text, "matches", counts->matched);
    encode_classes(text, counts);
    text_member_u64(text, "failed_scans", counts->failed_scans);
    text_member_u64(text, "cut_scans", counts->cut_scans);
    text_member_u64(text, "lone_surrogates", counts->surrogates);
    text_member_u64(text, "connections", counts->connections);
    text_member_u64(text, "connected", counts->peers);
    text_member_u64(text, "inputs_open", counts->files_open);
    text_member_u64(text, "discarded_bytes", counts->discarded_bytes);
    text_member_u64(text, "pauses", counts->pauses);
    text_member_u64(text, "stuck", counts->stuck);
    text_member_u64(text, "nobufs", counts->nobufs);
    text_member_u64(text, "lanes_waiting", counts->parked);
}

static void encode_ledger(struct text *text, const struct writer_counts *writer, size_t queued)
{
    bool full = writer->wait_error == -ENOSPC;
    const char *disk = writer->failed != 0       ? "failed"
                       : full                    ? "full"
                       : writer->wait_error != 0 ? "waiting"
                                                 : "ok";
    int error = writer->failed != 0 ? writer->failed : writer->wait_error;
    text_member_u64(text, "records", writer->records);
    text_member_u64(text, "durable_seq", writer->durable_seq);
    text_member_u64(text, "run", writer->run);
    text_member_u64(text, "batches", writer->batches);
    text_member_u64(text, "feed_bytes", writer->feed_bytes);
    text_member_u64(text, "rejects_bytes", writer->rejects_bytes);
    text_member_u64(text, "queue_bytes", queued);
    text_member_u64(text, "commit_us_last", writer->commit_ns_last / 1000);
    text_member_u64(text, "commit_us_max", writer->commit_ns_max / 1000);
    text_member_string(text, "disk", disk);
    if (error != 0)
        text_member_string(text, "disk_error", strerrordesc_np(-error));
    text_member_u64(text, "reserve_bytes", writer->reserve_left);
    text_member_bool(text, "events_waiting", writer->events_wait_error != 0);
    text_member_bool(text, "clock_synced", writer->synced);
    text_member_u64(text, "duplicates", writer->duplicates);
    text_member_u64(text, "watched", writer->watched);
    text_member_u64(text, "watched_named", writer->watched_named);
    text_member_u64(text, "evicted", writer->watched_evicted);
    text_member_u64(text, "watch_refused", writer->watched_refused);
}

/* How far the record is under a checkpoint, how old that is, and why it goes no further. */
static void encode_seal(struct text *text, const struct writer_counts *writer, uint64_t now_ns)
{
    text_member_u64(text, "signed_size", writer->signed_size);
    if (writer->signed_ns != 0)
        text_member_u64(text, "signed_age_ms",
                        now_ns > writer->signed_ns ? (now_ns - writer->signed_ns) / 1000000u : 0);
    if (writer->unsealed != WRITER_UNSEALED_NOT)
        text_member_string(text, "unsealed", writer_unsealed_text(writer->unsealed));
    text_member_u64(text, "state_errors", writer->state_errors);
}

/* Which checkpoint was asked about last, how long ago, and why the next one was not. */
static void encode_outbox(struct text *text, const struct outbox *outbox, uint64_t now_ns)
{
    struct outbox_state state = outbox_state(outbox);

    if (state.size != 0) {
        text_member_u64(text, "query_size", state.size);
        text_member_u64(text, "query_age_ms",
                        now_ns > state.asked_ns ? (now_ns - state.asked_ns) / 1000000u : 0);
    }
    if (state.error != 0)
        text_member_string(text, "outbox_error", strerrordesc_np(-state.error));
}

/* How many warnings were given since the start, and how far behind the record they are. */
static void encode_warnings(struct text *text, const struct warner *warner, uint64_t durable_seq)
{
    struct warner_counts counts = warner_counts(warner);
    uint64_t end = durable_seq + 1;

    text_member_u64(text, "warnings", counts.given);
    text_member_bool(text, "warnings_live", counts.live);
    text_member_u64(text, "warnings_behind", end > counts.next_seq ? end - counts.next_seq : 0);
    text_member_u64(text, "warnings_bytes", counts.bytes);
    text_member_u64(text, "warnings_refused", counts.refused);
    text_member_u64(text, "warnings_evicted", counts.evicted);
    text_member_u64(text, "warnings_faults", counts.faults);
    if (counts.failed != 0)
        text_member_string(text, "warnings_error", strerrordesc_np(-counts.failed));
}

/* What became of the spool's files since the start, and what is to be read. */
static void encode_spool(struct text *text, const struct spooler *spooler)
{
    if (spooler == NULL)
        return;
    struct spooler_state state = spooler_state(spooler);
    text_member_string(text, "spool_reading", state.reading);
    text_member_u64(text, "spool_waiting", state.waiting);
    text_member_u64(text, "spool_read", state.read);
    text_member_u64(text, "spool_failed", state.failed);
    text_member_u64(text, "spool_stuck", state.stuck);
    if (state.trouble[0] != '\0')
        text_member_string(text, "spool_error", state.trouble);
}

static void encode_ruleset(struct text *text, const struct reload *reload)
{
    const struct ruleset *set = reload->current;
    text_key(text, "ruleset");
    text_literal(text, "{\"seq\":");
    text_u64(text, set->seq);
    text_literal(text, ",\"sha256\":\"");
    text_hex(text, set->sha256, DIGEST_BYTES);
    text_literal(text, "\"");
    text_member_u64(text, "marks", matcher_db_marks_count(set->db));
    text_member_u64(text, "cues", matcher_db_cues_count(set->db));
    text_member_u64(text, "rules", matcher_db_rules_count(set->db));
    text_member_u64(text, "literals", matcher_db_literals_count(set->db));
    text_member_bool(text, "reloading", reload->state != RELOAD_IDLE);
    text_member_string(text, "last_error", reload->text);
    text_literal(text, "}");
}

static size_t queued_bytes(const struct status_view *view)
{
    size_t bytes = 0;
    for (size_t i = 0; i < view->lanes_count; i++)
        bytes += queue_bytes(writer_queue(view->writer, (unsigned)i));
    return bytes;
}

size_t status_encode(const struct status_view *view, char *out, size_t room)
{
    assert(room >= STATUS_BYTES_MAX);
    struct lane_counts counts = status_sum(view->lanes, view->lanes_count);
    struct writer_counts writer = writer_counts(view->writer);
    struct text text = text_into(out, room);
    text_literal(&text, "{\"ok\":true");
    text_member_string(&text, "version", version_string());
    text_member_string(&text, "commit", version_commit());
    text_member_u64(&text, "pid", (uint64_t)getpid());
    text_member_u64(&text, "uptime_s", view->uptime_ns / SECOND_NS);
    text_member_string(&text, "io", lane_io_name(view->lanes[0]));
    text_member_u64(&text, "lanes", view->crawl_lanes);
    encode_intake(&text, &counts);
    encode_spool(&text, view->spooler);
    encode_ledger(&text, &writer, queued_bytes(view));
    encode_seal(&text, &writer, view->now_ns);
    encode_outbox(&text, view->outbox, view->now_ns);
    encode_warnings(&text, view->warner, writer.durable_seq);
    encode_ruleset(&text, view->reload);
    text_literal(&text, "}\n");
    assert(!text.overflow);
    return text.len;
}

/* What a heartbeat and a stop record count, the page's names first: of two counts, the later one
   less the earlier one. errors are lines that could not be decided by a scan: refused, or failed.
 */
static void encode_counters(struct text *text, const struct lane_counts *now,
                            const struct lane_counts *before)
{
    const uint64_t rejected = now->rejected - before->rejected;
    const uint64_t failed_scans = now->failed_scans - before->failed_scans;
    text_literal(text, "\"listings\":");
    text_u64(text, now->accepted - before->accepted);
    text_member_u64(text, "events", now->events - before->events);
    text_member_u64(text, "bytes", now->bytes - before->bytes);
    text_member_u64(text, "matches", now->matched - before->matched);
    text_member_u64(text, "dropped", 0); /* by construction: backpressure, never loss */
    text_member_u64(text, "errors", rejected + failed_scans);
    text_member_u64(text, "rejected", rejected);
    text_member_u64(text, "failed_scans", failed_scans);
    text_member_u64(text, "cut_scans", now->cut_scans - before->cut_scans);
    text_member_u64(text, "lines", now->lines - before->lines);
    text_member_u64(text, "discarded_bytes", now->discarded_bytes - before->discarded_bytes);
}

size_t status_heartbeat(const struct status_view *view, const struct lane_counts *now,
                        const struct lane_counts *before, uint64_t interval_ns, char *body,
                        size_t room)
{
    struct writer_counts writer = writer_counts(view->writer);
    struct text text = text_into(body, room);
    text_member_u64(&text, "interval_s", (interval_ns + SECOND_NS / 2) / SECOND_NS);
    text_literal(&text, ",");
    encode_counters(&text, now, before);
    text_member_u64(&text, "queue_depth", queued_bytes(view));
    text_member_u64(&text, "ruleset", view->reload->current->seq);
    text_member_u64(&text, "connected", now->peers);
    text_member_u64(&text, "duplicates", writer.duplicates);
    text_member_u64(&text, "watched", writer.watched);
    text_member_u64(&text, "evicted", writer.watched_evicted);
    text_literal(&text, "}");
    assert(!text.overflow);
    return text.len;
}

size_t status_stop(const struct lane_counts *total, const char *reason, uint64_t uptime_ns,
                   char *body, size_t room)
{
    static const struct lane_counts nothing;
    struct text text = text_into(body, room);
    text_member_string(&text, "reason", reason);
    text_literal(&text, ",\"counters\":{");
    encode_counters(&text, total, &nothing);
    encode_classes(&text, total);
    text_member_u64(&text, "acked", total->acked);
    text_literal(&text, "}");
    text_member_u64(&text, "uptime_s", uptime_ns / SECOND_NS);
    text_literal(&text, "}");
    assert(!text.overflow);
    return text.len;
}
