/*
 * Rows of top. Every text is put through term_unit, so that nothing from outside is obeyed.
 */
#include "daemon/ctl/top_frame.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MEMBERS_MAX 96u
#define MARKS_SHOWN 5u
#define BAR_CELLS   20u
#define DATE_CHARS  11u /* of a line for people, before its time of day */

static const struct json_value *find(const struct json_value *object, const char *key)
{
    static struct json_member members[MEMBERS_MAX]; /* noticectl has one thread */
    size_t count = json_members(object, members, MEMBERS_MAX);
    for (size_t i = 0; i < count && i < MEMBERS_MAX; i++)
        if (members[i].key_len == strlen(key) && memcmp(members[i].key, key, strlen(key)) == 0)
            return &members[i].value;
    return NULL;
}

static uint64_t number(const struct json_value *object, const char *key)
{
    const struct json_value *value = find(object, key);
    bool is_number = value != NULL && value->type == JSON_INTEGER && value->integer >= 0;
    return is_number ? (uint64_t)value->integer : 0;
}

static bool is_true(const struct json_value *object, const char *key)
{
    const struct json_value *value = find(object, key);
    return value != NULL && value->type == JSON_BOOL && value->boolean;
}

/* A text of the status in a place of its own; empty when it has none. */
struct word {
    char text[160];
};

static struct word word_of(const struct json_value *object, const char *key)
{
    struct word word = {0};
    const struct json_value *value = find(object, key);
    if (value != NULL && value->type == JSON_STRING)
        (void)snprintf(word.text, sizeof word.text, "%.*s", (int)value->len, value->text);
    return word;
}

__attribute__((format(printf, 3, 4))) static void
put(struct top_frame *frame, enum term_style style, const char *format, ...)
{
    char raw[TOP_ROW_BYTES], unit[TERM_UNIT_BYTES];
    if (frame->count >= frame->rows_max || frame->count >= TOP_ROWS_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(raw, sizeof raw, format, arguments); /* a longer row is cut below as well */
    va_end(arguments);
    struct top_row *row = &frame->rows[frame->count++];
    size_t columns = 0, len = 0;
    for (const char *at = raw, *end = raw + strlen(raw); at < end;) {
        unsigned unit_columns = 0;
        size_t unit_len = term_unit(&at, end, unit, &unit_columns);
        if (columns + unit_columns > frame->columns || len + unit_len >= sizeof row->text)
            break;
        memcpy(row->text + len, unit, unit_len);
        len += unit_len;
        columns += unit_columns;
    }
    row->text[len] = '\0';
    row->style = style;
}

struct top_counts top_counts_of(const struct json_value *status)
{
    return (struct top_counts){
        .lines = number(status, "lines"),
        .bytes = number(status, "bytes"),
        .matches = number(status, "matches"),
        .rejected = number(status, "rejected"),
        .records = number(status, "records"),
    };
}

static void put_head(struct top_frame *frame, const struct json_value *status)
{
    uint64_t up = number(status, "uptime_s");
    struct word version = word_of(status, "version"), io = word_of(status, "io");
    put(frame, TERM_BOLD,
        "noticed %s  up %" PRIu64 "d %02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 "  %s, %" PRIu64
        " lanes, %" PRIu64 " of them wait",
        version.text, up / 86400, up / 3600 % 24, up / 60 % 60, up % 60, io.text,
        number(status, "lanes"), number(status, "lanes_waiting"));
    bool synced = is_true(status, "clock_synced");
    put(frame, synced ? TERM_GREEN : TERM_RED, "clock   %s",
        synced ? "synchronised" : "NOT synchronised: each record says so");
    struct word disk = word_of(status, "disk"), error = word_of(status, "disk_error");
    bool good = strcmp(disk.text, "ok") == 0;
    put(frame, good ? TERM_GREEN : TERM_RED, "disk    %s%s%s  reserve for notices %.1f MiB%s",
        disk.text, error.text[0] != '\0' ? ": " : "", error.text,
        (double)number(status, "reserve_bytes") / 1048576.0,
        is_true(status, "events_waiting") ? "; NOTICES WAIT" : "");
    struct word unsealed = word_of(status, "unsealed");
    uint64_t records = number(status, "records"), under = number(status, "signed_size");
    bool sealed = under > 0 && unsealed.text[0] == '\0';
    if (under == 0 && unsealed.text[0] == '\0')
        put(frame, TERM_YELLOW, "signed  nothing: no sealer signs this record");
    else
        put(frame, sealed ? TERM_GREEN : TERM_RED,
            "signed  %" PRIu64 " of %" PRIu64 " records, %.1f s ago%s%s", under, records,
            (double)number(status, "signed_age_ms") / 1e3, unsealed.text[0] != '\0' ? ": " : "",
            unsealed.text);
}

static double rate(uint64_t now, uint64_t before, uint64_t interval_ms)
{
    return interval_ms == 0 || now < before ? 0
                                            : (double)(now - before) * 1e3 / (double)interval_ms;
}

static void put_spool(struct top_frame *frame, const struct json_value *status)
{
    struct word reading = word_of(status, "spool_reading"),
                trouble = word_of(status, "spool_error");
    bool wrong = trouble.text[0] != '\0' || number(status, "spool_stuck") > 0;

    if (find(status, "spool_waiting") == NULL)
        return; /* none is configured */
    put(frame, wrong ? TERM_RED : TERM_PLAIN,
        "spool   %" PRIu64 " wait, %" PRIu64 " read, %" PRIu64 " failed, %" PRIu64 " stuck%s%s",
        number(status, "spool_waiting"), number(status, "spool_read"),
        number(status, "spool_failed"), number(status, "spool_stuck"),
        trouble.text[0] != '\0'   ? ": "
        : reading.text[0] != '\0' ? "; reading "
                                  : "",
        trouble.text[0] != '\0' ? trouble.text : reading.text);
}

static void put_rates(struct top_frame *frame, const struct top_view *view)
{
    struct top_counts now = top_counts_of(view->status);
    const struct top_counts *before = &view->before;
    const struct json_value *status = view->status;
    uint64_t ms = view->interval_ms;
    put(frame, TERM_BOLD, "%-10s%14s%14s%14s%14s%14s", "", "lines", "MB", "matches", "refused",
        "records");
    put(frame, TERM_PLAIN, "%-10s%14.0f%14.2f%14.1f%14.1f%14.1f", "a second",
        rate(now.lines, before->lines, ms), rate(now.bytes, before->bytes, ms) / 1e6,
        rate(now.matches, before->matches, ms), rate(now.rejected, before->rejected, ms),
        rate(now.records, before->records, ms));
    put(frame, TERM_PLAIN, "%-10s%14" PRIu64 "%14.1f%14" PRIu64 "%14" PRIu64 "%14" PRIu64, "in all",
        now.lines, (double)now.bytes / 1e6, now.matches, now.rejected, now.records);
    put(frame, TERM_PLAIN,
        "intake  %" PRIu64 " connections, %" PRIu64 " inputs, queue %.1f KiB, %" PRIu64 " pauses",
        number(status, "connected"), number(status, "inputs_open"),
        (double)number(status, "queue_bytes") / 1024.0, number(status, "pauses"));
    put_spool(frame, status);
    put(frame, TERM_PLAIN, "commit  last %.2f ms, longest %.2f ms, %" PRIu64 " so far",
        (double)number(status, "commit_us_last") / 1e3,
        (double)number(status, "commit_us_max") / 1e3, number(status, "batches"));
    put(frame, TERM_PLAIN,
        "matches counterfeit %" PRIu64 ", mark %" PRIu64 ", mention %" PRIu64 "; watched %" PRIu64,
        number(status, "counterfeit"), number(status, "mark"), number(status, "mention"),
        number(status, "watched"));
}

static void put_feed(struct top_frame *frame, const struct top_feed *feed)
{
    char bar[BAR_CELLS + 1];
    put(frame, feed->warnings > 0 ? TERM_RED : TERM_PLAIN,
        "knowledge warnings %" PRIu64 ", matches %" PRIu64 ", in the last %" PRIu64 " records",
        feed->warnings, feed->matches, feed->records);
    put(frame, TERM_BOLD, "matches by mark");
    for (size_t i = 0; i < feed->marks_count && i < MARKS_SHOWN; i++) {
        size_t cells = (size_t)(feed->marks[i].matches * BAR_CELLS / feed->marks[0].matches);
        memset(bar, '#', cells);
        bar[cells] = '\0';
        put(frame, TERM_PLAIN, "  %-30s%10" PRIu64 "  %s", feed->marks[i].id,
            feed->marks[i].matches, bar);
    }
    put(frame, TERM_BOLD, "newest");
    uint64_t kept = feed->last_count < TOP_FEED_LAST_MAX ? feed->last_count : TOP_FEED_LAST_MAX;
    for (uint64_t i = 0; i < kept; i++) {
        const char *line = feed->last[(feed->last_count - 1 - i) % TOP_FEED_LAST_MAX];
        put(frame, TERM_PLAIN, "  %s", strlen(line) > DATE_CHARS ? line + DATE_CHARS : line);
    }
}

void top_frame_make(struct top_frame *frame, const struct top_view *view)
{
    frame->count = 0;
    if (view->status != NULL) {
        put_head(frame, view->status);
        put_rates(frame, view);
    } else {
        put(frame, TERM_RED, "noticed does not answer");
    }
    if (view->said != NULL && view->said[0] != '\0')
        put(frame, TERM_RED, "%.*s", (int)strcspn(view->said, "\n"), view->said);
    put_feed(frame, view->feed);
}
