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
#define BAR_COLUMNS      20u
#define BAR_COLUMNS_MIN  4u
#define BAR_FRAME        3u /* the brackets and a space */

static size_t append(char *out, size_t columns, size_t len, const char *part)
{
    size_t part_len = strlen(part); /* of our own text */
    if (len + part_len > columns)
        return len;
    for (size_t i = 0; i < part_len; i++) /* no NUL goes along */
        out[len + i] = part[i];
    return len + part_len;
}

static unsigned percent(const struct progress_state *state)
{
    uint64_t done = state->bytes < state->bytes_total ? state->bytes : state->bytes_total;
    return (unsigned)(100.0 * ((double)done / (double)state->bytes_total));
}

/* Puts "[###...] " before the len bytes that are there, as wide as there is room for. */
static size_t put_bar(const struct progress_state *state, char *out, size_t columns, size_t len)
{
    size_t room = columns - len;
    if (state->bytes_total == 0 || room < BAR_COLUMNS_MIN + BAR_FRAME)
        return len;
    size_t cells = room - BAR_FRAME < BAR_COLUMNS ? room - BAR_FRAME : BAR_COLUMNS;
    size_t filled = cells * percent(state) / 100;
    memmove(out + cells + BAR_FRAME, out, len);
    out[0] = '[';
    for (size_t i = 0; i < cells; i++)
        out[1 + i] = i < filled ? '#' : '.';
    out[cells + 1] = ']';
    out[cells + 2] = ' ';
    return len + cells + BAR_FRAME;
}

struct progress progress_start(void)
{
    return (struct progress){
        .on = isatty(STDERR_FILENO) == 1,
        .stopwatch = stopwatch_start(),
    };
}

size_t progress_format(const struct progress_state *state, uint64_t ms, char *out, size_t columns)
{
    char part[96], number[PROGRESS_GROUPED_BYTES];
    size_t len = 0;
    if (state->bytes_total > 0) {
        (void)snprintf(part, sizeof part, "%3u%%  ", percent(state));
        len = append(out, columns, len, part);
    }
    progress_grouped(state->lines, number);
    (void)snprintf(part, sizeof part, "%s lines", number);
    len = append(out, columns, len, part);
    if (ms > 0) {
        (void)snprintf(part, sizeof part, "  %.1f MB/s", (double)state->bytes / 1e3 / (double)ms);
        len = append(out, columns, len, part);
    }
    progress_grouped(state->first, number);
    (void)snprintf(part, sizeof part, "  %s %s", number, state->first_label);
    len = append(out, columns, len, part);
    progress_grouped(state->second, number);
    (void)snprintf(part, sizeof part, "  %s %s", number, state->second_label);
    len = append(out, columns, len, part);
    if (ms >= 1000 && state->bytes > 0 && state->bytes < state->bytes_total) {
        double left = (double)ms / (double)state->bytes;
        left *= (double)(state->bytes_total - state->bytes) / 1e3;
        uint64_t seconds = left < 360000 ? (uint64_t)left : 359999;
        (void)snprintf(part, sizeof part, "  ETA %lu:%02lu", (unsigned long)(seconds / 60),
                       (unsigned long)(seconds % 60));
        len = append(out, columns, len, part);
    }
    return put_bar(state, out, columns, len);
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
