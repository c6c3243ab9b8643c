/*
 * One line on a terminal that says how far the work is. Knows no file and no protocol.
 */
#include "daemon/ctl/progress.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/term.h"

#define LINE_COLUMNS_MAX 200u
#define BAR_CELLS        10u
#define LINES_DIGITS     11u /* 999,999,999 */
#define COUNT_DIGITS     9u  /* 9,999,999 */

/* As they stand in the line; each is as wide as it ever gets, so that nothing moves while numbers
   grow. All but REJECTED together are 79 columns. */
enum column {
    COLUMN_BAR = 0,
    COLUMN_PERCENT,
    COLUMN_LINES,
    COLUMN_RATE,
    COLUMN_MATCHES,
    COLUMN_REJECTED,
    COLUMN_ETA,
    COLUMNS_COUNT,
};

static const struct {
    size_t width, gap; /* gap: the space before it, unless it is the first */
    bool of_total;     /* it says something about bytes_total */
} shapes[COLUMNS_COUNT] = {
    [COLUMN_BAR] = {BAR_CELLS + 2, 0, true}, /* [####......] */
    [COLUMN_PERCENT] = {4, 1, true},         /* 100% */
    [COLUMN_LINES] = {LINES_DIGITS + 6, 2, false},
    [COLUMN_RATE] = {11, 2, false}, /* 9999.9 MB/s */
    [COLUMN_MATCHES] = {COUNT_DIGITS + 8, 2, false},
    [COLUMN_REJECTED] = {COUNT_DIGITS + 9, 2, false},
    [COLUMN_ETA] = {9, 2, true}, /* ETA 12:34 */
};

/* What a narrow terminal keeps longest. */
static const enum column ranks[COLUMNS_COUNT] = {
    COLUMN_LINES, COLUMN_PERCENT, COLUMN_MATCHES,  COLUMN_ETA,
    COLUMN_RATE,  COLUMN_BAR,     COLUMN_REJECTED,
};

static size_t width(const bool shown[COLUMNS_COUNT])
{
    size_t used = 0;
    for (size_t i = 0; i < COLUMNS_COUNT; i++)
        if (shown[i])
            used += shapes[i].width + (used > 0 ? shapes[i].gap : 0);
    return used;
}

/* Chooses the columns by width alone, never by what the numbers are. */
static void choose(const struct progress_state *state, size_t columns, bool shown[COLUMNS_COUNT])
{
    for (size_t i = 0; i < COLUMNS_COUNT; i++) {
        if (shapes[ranks[i]].of_total && state->bytes_total == 0)
            continue;
        shown[ranks[i]] = true;
        if (width(shown) <= columns)
            continue;
        shown[ranks[i]] = false;
        return;
    }
}

static unsigned percent(const struct progress_state *state)
{
    uint64_t done = state->bytes < state->bytes_total ? state->bytes : state->bytes_total;
    return (unsigned)(100.0 * ((double)done / (double)state->bytes_total));
}

static void format_bar(const struct progress_state *state, char *out, size_t room)
{
    char cells[BAR_CELLS + 1];
    size_t filled = (size_t)BAR_CELLS * percent(state) / 100;
    for (size_t i = 0; i < BAR_CELLS; i++)
        cells[i] = i < filled ? '#' : '.';
    cells[BAR_CELLS] = '\0';
    (void)snprintf(out, room, "[%s]", cells);
}

/* A count that is too long for its digits is shown in thousands, millions, ... */
static void format_count(uint64_t number, size_t digits, const char *label, char *out, size_t room)
{
    static const char units[][2] = {"", "k", "M", "G", "T", "P"};
    char text[PROGRESS_GROUPED_BYTES];
    size_t unit = 0;
    progress_grouped(number, text);
    while (strlen(text) + strlen(units[unit]) > digits) {
        number /= 1000;
        unit++;
        assert(unit < sizeof units / sizeof units[0]); /* 18,446P is the greatest there is */
        progress_grouped(number, text);
    }
    (void)snprintf(out, room, "%*s%s %s", (int)(digits - strlen(units[unit])), text, units[unit],
                   label);
}

/* Nothing is known of the time left in the first second. */
static void format_eta(const struct progress_state *state, uint64_t ms, char *out, size_t room)
{
    static const double hours_max = 99 * 3600;
    uint64_t bytes = state->bytes;
    if (bytes < state->bytes_total && (ms < 1000 || bytes == 0)) {
        (void)snprintf(out, room, "ETA --:--");
        return;
    }
    double left = 0;
    if (bytes < state->bytes_total)
        left = (double)ms / 1e3 * ((double)(state->bytes_total - bytes) / (double)bytes);
    unsigned long seconds = (unsigned long)(left < hours_max ? left : hours_max);
    if (seconds < 6000)
        (void)snprintf(out, room, "ETA %2lu:%02lu", seconds / 60, seconds % 60);
    else
        (void)snprintf(out, room, "ETA %2luh%02lu", seconds / 3600, seconds / 60 % 60);
}

static void format_rate(const struct progress_state *state, uint64_t ms, char *out, size_t room)
{
    static const double rate_max = 9999.9;
    double rate = ms > 0 ? (double)state->bytes / 1e3 / (double)ms : 0.0;
    (void)snprintf(out, room, "%6.1f MB/s", rate < rate_max ? rate : rate_max);
}

static void format_column(enum column column, const struct progress_state *state, uint64_t ms,
                          char *out, size_t room)
{
    switch (column) {
    case COLUMN_BAR:
        format_bar(state, out, room);
        break;
    case COLUMN_PERCENT:
        (void)snprintf(out, room, "%3u%%", percent(state));
        break;
    case COLUMN_LINES:
        format_count(state->lines, LINES_DIGITS, "lines", out, room);
        break;
    case COLUMN_RATE:
        format_rate(state, ms, out, room);
        break;
    case COLUMN_MATCHES:
        format_count(state->matches, COUNT_DIGITS, "matches", out, room);
        break;
    case COLUMN_REJECTED:
        format_count(state->rejected, COUNT_DIGITS, "rejected", out, room);
        break;
    case COLUMN_ETA:
        format_eta(state, ms, out, room);
        break;
    case COLUMNS_COUNT:
        assert(false);
        break;
    }
}

struct progress progress_start(void)
{
    return (struct progress){
        .on = isatty(STDERR_FILENO) == 1 && !term_is_dumb(),
        .stopwatch = stopwatch_start(),
    };
}

size_t progress_format(const struct progress_state *state, uint64_t ms, char *out, size_t columns)
{
    bool shown[COLUMNS_COUNT] = {false};
    size_t len = 0;
    choose(state, columns, shown);
    for (unsigned column = 0; column < COLUMNS_COUNT; column++) {
        char part[64];
        if (!shown[column])
            continue;
        size_t gap = len > 0 ? shapes[column].gap : 0;
        format_column((enum column)column, state, ms, part, sizeof part);
        assert(strlen(part) == shapes[column].width);
        assert(len + gap + shapes[column].width <= columns);
        memset(out + len, ' ', gap);
        memcpy(out + len + gap, part, shapes[column].width);
        len += gap + shapes[column].width;
    }
    return len;
}

void progress_draw(struct progress *progress, const struct progress_state *state)
{
    if (!progress->on)
        return;
    uint64_t ms = stopwatch_ms(&progress->stopwatch);
    if (progress->drawn_columns > 0 && ms - progress->drawn_ms < PROGRESS_DRAW_MS)
        return;
    char line[LINE_COLUMNS_MAX];
    size_t columns = term_columns(stderr);
    columns = columns < LINE_COLUMNS_MAX ? columns : LINE_COLUMNS_MAX;
    /* The last column stays free: some terminals wrap when it is written. */
    size_t len = progress_format(state, ms, line, columns - 1);
    (void)fprintf(stderr, "\r%.*s\033[K", (int)len, line);
    (void)fflush(stderr);
    progress->drawn_ms = ms;
    progress->drawn_columns = len;
}

void progress_wipe(struct progress *progress)
{
    if (progress->drawn_columns > 0)
        (void)fputs("\r\033[K", stderr);
    progress->drawn_columns = 0;
}

uint64_t progress_end(struct progress *progress)
{
    progress_wipe(progress);
    uint64_t ms = stopwatch_ms(&progress->stopwatch);
    stopwatch_stop(&progress->stopwatch);
    return ms;
}

void progress_grouped(uint64_t number, char ret_text[PROGRESS_GROUPED_BYTES])
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    assert(len > 0);
    size_t at = 0;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            ret_text[at++] = ',';
        ret_text[at++] = digits[i];
    }
    ret_text[at] = '\0';
}
