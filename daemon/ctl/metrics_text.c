/*
 * One table: which member of the status is which metric. Knows no socket.
 */
#include "daemon/ctl/metrics_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define MEMBERS_MAX 96u

/* How a member becomes a metric. */
enum shape {
    SHAPE_NUMBER = 0, /* a number, or a truth as 0 or 1 */
    SHAPE_MILLI,      /* thousandths */
    SHAPE_MICRO,      /* millionths */
    SHAPE_LABEL,      /* a number, under a fixed label: rows of one name follow one another */
    SHAPE_LABELS,     /* an object of numbers: its keys are a label's values */
    SHAPE_IS,         /* a string; 1 when it is the label's value, else 0: as above */
    SHAPE_SAID,       /* a string; 1 when something is said */
    SHAPE_SAYS,       /* a string that is only there when there is something to say */
};

struct metric {
    const char *member; /* of the status, or of its ruleset after a dot */
    const char *name;
    const char *help; /* NULL: a row of the name above */
    enum shape shape;
    const char *label, *value;
};

#define IN_RULESET "ruleset."

#define ROW(member, name, help, shape, label, value)                                               \
    {                                                                                              \
        member, name, help, SHAPE_##shape, label, value                                            \
    }
#define NUMBER(member, name, help) ROW(member, name, help, NUMBER, NULL, NULL)

static const struct metric metrics[] = {
    NUMBER("uptime_s", "noticed_uptime_seconds", "Since noticed started."),
    NUMBER("lanes", "noticed_lanes", "Threads that read and scan what crawlers send."),
    NUMBER("lines", "noticed_lines_total", "Lines received, blank and refused ones too."),
    NUMBER("blank", "noticed_blank_lines_total", "Lines with nothing in them."),
    NUMBER("accepted", "noticed_listings_total", "Lines that are listings."),
    NUMBER("bytes", "noticed_received_bytes_total", "Bytes of lines."),
    NUMBER("acked", "noticed_acknowledged_lines_total", "Lines that were acknowledged."),
    ROW("events_by_kind", "noticed_events_total", "Events accepted, by kind.", LABELS, "kind",
        NULL),
    ROW("rejects", "noticed_rejected_lines_total", "Lines refused, by reason.", LABELS, "reason",
        NULL),
    ROW("counterfeit", "noticed_matches_total", "Listings with a match, by class.", LABEL, "class",
        "counterfeit"),
    ROW("mark", "noticed_matches_total", NULL, LABEL, "class", "mark"),
    ROW("mention", "noticed_matches_total", NULL, LABEL, "class", "mention"),
    NUMBER("failed_scans", "noticed_failed_scans_total", "Listings on which the engine failed."),
    NUMBER("cut_scans", "noticed_cut_scans_total", "Listings that hold more than is looked at."),
    NUMBER("lone_surrogates", "noticed_lone_surrogates_total",
           "Lines with half a code point, read as U+FFFD."),
    NUMBER("duplicates", "noticed_duplicates_total",
           "Lines and events sent again that had their record."),
    NUMBER("connections", "noticed_connections_total", "Connections accepted."),
    NUMBER("connected", "noticed_open_connections", "Connections now."),
    NUMBER("inputs_open", "noticed_open_inputs", "Files that are being read now."),
    NUMBER("spool_waiting", "noticed_spool_waiting_files",
           "Files of the spool that wait, of at most 1,024 that one look meets."),
    NUMBER("spool_read", "noticed_spool_read_files_total",
           "Files of the spool whose lines are all decided and on disk."),
    NUMBER("spool_failed", "noticed_spool_failed_files_total",
           "Files of the spool that are none, or could not be read."),
    NUMBER("spool_stuck", "noticed_spool_stuck_files",
           "Files that stay in the spool, as they cannot be moved away."),
    ROW("spool_error", "noticed_spool_error", "1 while the spool cannot go on, by reason.", SAYS,
        "reason", NULL),
    NUMBER("discarded_bytes", "noticed_discarded_bytes_total",
           "Bytes of lines without an end, when their connection ended."),
    NUMBER("pauses", "noticed_pauses_total",
           "Times that a connection was not read because records or replies waited."),
    NUMBER("stuck", "noticed_stuck_connections_total",
           "Connections ended for silence inside a line while others waited."),
    NUMBER("nobufs", "noticed_missing_buffers_total", "Times that no receive buffer was free."),
    NUMBER("lanes_waiting", "noticed_waiting_lanes", "Lanes that wait for the ledger's writer."),
    NUMBER("queue_bytes", "noticed_queue_bytes", "Bytes that wait for the ledger's writer."),
    NUMBER("records", "noticed_records_total", "Records in the ledger."),
    NUMBER("batches", "noticed_commits_total", "Group commits."),
    NUMBER("feed_bytes", "noticed_feed_bytes_total", "Bytes of records written."),
    NUMBER("rejects_bytes", "noticed_dead_letters_bytes_total", "Bytes of dead letters written."),
    ROW("commit_us_last", "noticed_last_commit_seconds", "How long the latest group commit took.",
        MICRO, NULL, NULL),
    ROW("commit_us_max", "noticed_longest_commit_seconds",
        "How long the longest group commit took.", MICRO, NULL, NULL),
    ROW("disk", "noticed_disk_state", "1 for the state that the ledger's disk is in.", IS, "state",
        "ok"),
    ROW("disk", "noticed_disk_state", NULL, IS, "state", "full"),
    ROW("disk", "noticed_disk_state", NULL, IS, "state", "waiting"),
    ROW("disk", "noticed_disk_state", NULL, IS, "state", "failed"),
    NUMBER("reserve_bytes", "noticed_reserve_bytes", "Space left for notices on a full disk."),
    NUMBER("events_waiting", "noticed_events_waiting", "1 while notices wait for space too."),
    NUMBER("clock_synced", "noticed_clock_synchronized",
           "1 while the kernel says that its clock is."),
    NUMBER("watched", "noticed_watched", "Listings and merchants that are watched."),
    NUMBER("watched_named", "noticed_watched_named",
           "Of these, named in a notice, an order or an act."),
    NUMBER("evicted", "noticed_watched_evicted_total", "Watched things put out by others."),
    NUMBER("watch_refused", "noticed_watch_refused_total",
           "Named things that could not be watched."),
    NUMBER("signed_size", "noticed_signed_records", "Records under the latest checkpoint."),
    ROW("signed_age_ms", "noticed_signed_age_seconds", "Since the latest checkpoint was signed.",
        MILLI, NULL, NULL),
    ROW("unsealed", "noticed_unsealed", "1 while newer records are not signed, by reason.", SAYS,
        "reason", NULL),
    NUMBER("state_errors", "noticed_state_errors_total",
           "Failed writes below state/, which readers and a start can do without."),
    NUMBER("query_size", "noticed_query_records",
           "Records under the checkpoint that a time-stamp was asked for last."),
    ROW("query_age_ms", "noticed_query_age_seconds", "Since a time-stamp was asked for.", MILLI,
        NULL, NULL),
    ROW("outbox_error", "noticed_outbox_failed",
        "1 while the latest query could not be written, by reason.", SAYS, "reason", NULL),
    NUMBER("warnings", "noticed_warnings_total", "Warnings given."),
    NUMBER("warnings_live", "noticed_warnings_live",
           "1 once the records of before the start were looked at: until then none is given."),
    NUMBER("warnings_behind", "noticed_warnings_behind_records",
           "Records that were not yet looked at for warnings."),
    NUMBER("warnings_bytes", "noticed_warnings_memory_bytes", "Memory held for warnings."),
    NUMBER("warnings_refused", "noticed_warnings_refused_total",
           "Records that warnings had no room for."),
    NUMBER("warnings_evicted", "noticed_warnings_evicted_total",
           "Things not named by notices and the like that made room for others in warnings."),
    NUMBER("warnings_faults", "noticed_warnings_faults_total",
           "Faults after which warnings began anew."),
    ROW("warnings_error", "noticed_warnings_failed", "1 while no warnings are given, by reason.",
        SAYS, "reason", NULL),
    NUMBER(IN_RULESET "marks", "noticed_marks", "Marks that are looked for."),
    NUMBER(IN_RULESET "cues", "noticed_cues", "Cues that are looked for."),
    NUMBER(IN_RULESET "rules", "noticed_rules", "Rules in force."),
    NUMBER(IN_RULESET "literals", "noticed_literals",
           "Texts that are looked for, all written forms."),
    ROW(IN_RULESET "sha256", "noticed_ruleset_info", "The ruleset in force, by its hash.", SAYS,
        "sha256", NULL),
    NUMBER(IN_RULESET "reloading", "noticed_reloading", "1 while changed lists are compiled."),
    ROW(IN_RULESET "last_error", "noticed_reload_failed",
        "1 when the latest reload changed nothing, as its lists are bad.", SAID, NULL, NULL),
    ROW("version", "noticed_build_info", "The release that runs.", SAYS, "version", NULL),
    ROW("io", "noticed_io_info", "How it reads and writes: uring or poll.", SAYS, "io", NULL),
};
#undef ROW
#undef NUMBER

static const struct json_value *find(const struct json_member *members, size_t count,
                                     const char *key)
{
    for (size_t i = 0; i < count && i < MEMBERS_MAX; i++)
        if (members[i].key_len == strlen(key) && memcmp(members[i].key, key, strlen(key)) == 0)
            return &members[i].value;
    return NULL;
}

/* A label's value: backslash, quote and newline are escaped, as the format asks. */
static void put_label(FILE *stream, const char *label, const char *bytes, size_t len)
{
    (void)fprintf(stream, "{%s=\"", label);
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\n')
            (void)fputs("\\n", stream);
        else if (bytes[i] != '\0')
            (void)fprintf(stream, "%s%c", bytes[i] == '"' || bytes[i] == '\\' ? "\\" : "",
                          bytes[i]);
    }
    (void)fputs("\"}", stream);
}

static void put_head(FILE *stream, const struct metric *metric)
{
    static const char total[] = "_total";
    size_t len = strlen(metric->name), total_len = sizeof total - 1;
    bool counter = len > total_len && strcmp(metric->name + len - total_len, total) == 0;
    (void)fprintf(stream, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
                  counter ? "counter" : "gauge");
}

static bool is_number(const struct json_value *value)
{
    return value->type == JSON_INTEGER || value->type == JSON_BOOL;
}

static int64_t number_of(const struct json_value *value)
{
    return value->type == JSON_BOOL ? value->boolean : value->integer;
}

/* Whether the value is of the type that the metric wants. */
static bool fits(const struct metric *metric, const struct json_value *value)
{
    switch (metric->shape) {
    case SHAPE_NUMBER:
    case SHAPE_MILLI:
    case SHAPE_MICRO:
    case SHAPE_LABEL:
        return is_number(value);
    case SHAPE_LABELS:
        return value->type == JSON_OBJECT && json_members(value, NULL, 0) > 0;
    case SHAPE_IS:
    case SHAPE_SAID:
    case SHAPE_SAYS:
        return value->type == JSON_STRING;
    }
    return false;
}

static void put_labels(FILE *stream, const struct metric *metric, const struct json_value *object)
{
    struct json_member members[MEMBERS_MAX];
    size_t count = json_members(object, members, MEMBERS_MAX);
    for (size_t i = 0; i < count && i < MEMBERS_MAX; i++) {
        if (!is_number(&members[i].value))
            continue;
        (void)fputs(metric->name, stream);
        put_label(stream, metric->label, members[i].key, members[i].key_len);
        (void)fprintf(stream, " %" PRId64 "\n", number_of(&members[i].value));
    }
}

static void put_value(FILE *stream, const struct metric *metric, const struct json_value *value)
{
    if (metric->shape == SHAPE_LABELS) {
        put_labels(stream, metric, value);
        return;
    }
    (void)fputs(metric->name, stream);
    if (metric->shape == SHAPE_SAYS)
        put_label(stream, metric->label, value->text, value->len);
    else if (metric->label != NULL)
        put_label(stream, metric->label, metric->value, strlen(metric->value));
    switch (metric->shape) {
    case SHAPE_NUMBER:
    case SHAPE_LABEL:
        (void)fprintf(stream, " %" PRId64 "\n", number_of(value));
        break;
    case SHAPE_MILLI:
        (void)fprintf(stream, " %.3f\n", (double)number_of(value) / 1e3);
        break;
    case SHAPE_MICRO:
        (void)fprintf(stream, " %.6f\n", (double)number_of(value) / 1e6);
        break;
    case SHAPE_IS:
        (void)fprintf(stream, " %d\n",
                      value->len == strlen(metric->value) &&
                          memcmp(value->text, metric->value, value->len) == 0);
        break;
    case SHAPE_SAID:
        (void)fprintf(stream, " %d\n", value->len > 0);
        break;
    case SHAPE_SAYS:
    case SHAPE_LABELS:
        (void)fputs(" 1\n", stream);
        break;
    }
}

void metrics_text_write(FILE *stream, const struct json_value *status, int64_t written_ns)
{
    static const size_t prefix_len = sizeof IN_RULESET - 1;
    struct json_member members[MEMBERS_MAX], inner[MEMBERS_MAX];
    size_t count = status == NULL ? 0 : json_members(status, members, MEMBERS_MAX), inner_count = 0;
    const struct json_value *ruleset = find(members, count, "ruleset");
    if (ruleset != NULL && ruleset->type == JSON_OBJECT)
        inner_count = json_members(ruleset, inner, MEMBERS_MAX);
    (void)fprintf(stream,
                  "# HELP noticed_up 1 while noticed answers.\n# TYPE noticed_up gauge\n"
                  "noticed_up %d\n"
                  "# HELP noticed_written_timestamp_seconds When this was written.\n"
                  "# TYPE noticed_written_timestamp_seconds gauge\n"
                  "noticed_written_timestamp_seconds %.3f\n",
                  status != NULL, (double)written_ns / 1e9);
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        const struct metric *metric = &metrics[i];
        bool in_ruleset = strncmp(metric->member, IN_RULESET, prefix_len) == 0;
        const struct json_value *value = in_ruleset
                                             ? find(inner, inner_count, metric->member + prefix_len)
                                             : find(members, count, metric->member);
        if (value == NULL || !fits(metric, value))
            continue;
        if (metric->help != NULL)
            put_head(stream, metric);
        put_value(stream, metric, value);
    }
}
