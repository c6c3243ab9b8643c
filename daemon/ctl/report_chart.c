/*
 * The timeline of a report as SVG. Places shapes; what is red comes from notices and sightings. No
 * text from outside stands in the drawing, only times and the numbers of records.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/report.h"
#include "daemon/ctl/sentence.h"
#include "daemon/knowledge/moment.h"
#include "daemon/knowledge/vector.h"
#include "daemon/time_text.h"

#define LEFT      130.0 /* of the axis, in units of the drawing */
#define WIDTH     840.0
#define TOP       14.0
#define LANE      40.0 /* height */
#define TICKS_MAX 8
#define NS_PER_MS INT64_C(1000000)

enum lane { NOTICES = 0, SIGHTINGS, REMOVALS, SUPPORT, ORDERS, STRIKES, LANES_COUNT };

static const char *const lanes[LANES_COUNT] = {
    [NOTICES] = "Notices",      [SIGHTINGS] = "Sightings", [REMOVALS] = "Removals",
    [SUPPORT] = "Support acts", [ORDERS] = "Orders",       [STRIKES] = "Strikes",
};

/* A family of event types: those that begin with this text. */
static const struct {
    const char *begin;
    enum lane lane;
    bool hollow; /* counter-notices, and what is back */
} families[] = {
    {"notice.", NOTICES, false},   {"counter.", NOTICES, true}, {"sighting", SIGHTINGS, false},
    {"takedown", REMOVALS, false}, {"restore", REMOVALS, true}, {"support", SUPPORT, false},
    {"order", ORDERS, false},      {"strike", STRIKES, false},
};

struct mark {
    enum lane lane;
    bool hollow;
    int64_t at_ns, unc_ns;
    uint64_t seq;
};

/* From the end of the grace time to the last live sighting, with no removal recorded between. */
struct red {
    int64_t from_ns, to_ns;
};

struct chart {
    struct asking *asking;
    const struct rows *rows;
    struct mark *marks;
    size_t count, room;
    struct red *reds;
    size_t reds_count, reds_room;
    int64_t begin_ns, end_ns; /* of the axis */
};

static bool is(const struct rows_line *line, const char *name, const char *wanted)
{
    const struct json_value *value = sentence_member(line->members, line->count, name);
    return value != NULL && value->type == JSON_STRING && value->len == strlen(wanted) &&
           memcmp(value->text, wanted, value->len) == 0;
}

static bool is_live(const struct rows_line *line)
{
    return is(line, "type", "sighting") && is(line, "state", "active") &&
           (is(line, "via", "page") || is(line, "via", "api") || is(line, "via", "platform"));
}

static int add_mark(struct chart *chart, struct mark mark)
{
    struct mark *marks =
        vector_room(chart->marks, &chart->room, chart->count, 1, sizeof *chart->marks);
    if (marks == NULL)
        return -ENOMEM;
    chart->marks = marks;
    marks[chart->count++] = mark;
    return 0;
}

static int add_events(struct chart *chart)
{
    struct rows_line line;
    for (size_t i = 0; i < chart->rows->count; i = rows_next_event(chart->rows, i)) {
        if (!rows_parse(chart->rows, &chart->rows->at[i], &line))
            continue;
        const struct json_value *type = sentence_member(line.members, line.count, "type");
        for (size_t j = 0; j < sizeof families / sizeof *families; j++) {
            size_t len = strlen(families[j].begin);
            if (type == NULL || type->len < len || memcmp(type->text, families[j].begin, len) != 0)
                continue;
            struct mark mark = {families[j].lane, families[j].hollow || is(&line, "state", "gone"),
                                line.at_ns, line.unc_ms * NS_PER_MS, line.row->seq};
            if (add_mark(chart, mark) < 0)
                return -ENOMEM;
            break;
        }
    }
    return 0;
}

/* The last live sighting of the listing in (from, to). */
static bool last_live(const struct chart *chart, const struct knowledge_noticed *noticed,
                      int64_t from_ns, int64_t to_ns, int64_t *ret_at_ns)
{
    bool found = false;
    struct rows_line line;
    for (size_t i = 0; i < chart->rows->count; i++) {
        if (!rows_parse(chart->rows, &chart->rows->at[i], &line) || !is_live(&line))
            continue;
        const struct json_value *listing = sentence_member(line.members, line.count, "listing");
        int64_t unc_ns = line.unc_ms * NS_PER_MS;
        if (listing == NULL || listing->len != noticed->listing.len ||
            memcmp(listing->text, noticed->listing.at, listing->len) != 0 ||
            moment_sum(line.at_ns, -unc_ns) <= from_ns || moment_sum(line.at_ns, unc_ns) >= to_ns)
            continue;
        *ret_at_ns = line.at_ns; /* rows are in the order of time */
        found = true;
    }
    return found;
}

static int take_notice(void *context, const struct knowledge_notice *notice)
{
    struct chart *chart = context;
    for (size_t i = 0; i < notice->listings_count; i++) {
        const struct knowledge_noticed *noticed = &notice->listings[i];
        if (!noticed->effective || noticed->standing != KNOWLEDGE_SHOWN)
            continue;
        struct moment known = {noticed->known_ns, noticed->known_unc_ms * NS_PER_MS};
        struct red red = {.from_ns = moment_high(moment_plus(known, notice->grace_s))};
        int64_t until = noticed->removed ? moment_sum(noticed->removed_ns,
                                                      -(noticed->removed_unc_ms * NS_PER_MS))
                                         : INT64_MAX;
        if (!last_live(chart, noticed, red.from_ns, until, &red.to_ns))
            continue;
        struct red *reds =
            vector_room(chart->reds, &chart->reds_room, chart->reds_count, 1, sizeof *reds);
        if (reds == NULL)
            return -ENOMEM;
        chart->reds = reds;
        reds[chart->reds_count++] = red;
    }
    return 0;
}

/* Notices that counted as strikes, when they were established. */
static int take_tally(void *context, const struct knowledge_tally *tally)
{
    struct chart *chart = context;
    for (size_t i = 0; i < tally->strikes_count; i++) {
        const struct knowledge_strike *strike = &tally->strikes[i];
        if (strike->issued || !strike->has_established ||
            strike->possibly != KNOWLEDGE_FATE_COUNTED)
            continue;
        struct mark mark = {STRIKES, strike->surely != KNOWLEDGE_FATE_COUNTED,
                            strike->established_ns, strike->established_unc_ms * NS_PER_MS,
                            UINT64_MAX};
        if (add_mark(chart, mark) < 0)
            return -ENOMEM;
    }
    return 0;
}

static double place(const struct chart *chart, int64_t at_ns)
{
    double share = ((double)at_ns - (double)chart->begin_ns) /
                   ((double)chart->end_ns - (double)chart->begin_ns);
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return LEFT + share * WIDTH;
}

static void find_ends(struct chart *chart)
{
    chart->begin_ns = INT64_MAX;
    chart->end_ns = INT64_MIN;
    for (size_t i = 0; i < chart->count; i++) {
        int64_t low = moment_sum(chart->marks[i].at_ns, -chart->marks[i].unc_ns);
        int64_t high = moment_sum(chart->marks[i].at_ns, chart->marks[i].unc_ns);
        chart->begin_ns = low < chart->begin_ns ? low : chart->begin_ns;
        chart->end_ns = high > chart->end_ns ? high : chart->end_ns;
    }
    int64_t room = (chart->end_ns / 32 - chart->begin_ns / 32) + 60 * MOMENT_NS_PER_S;
    chart->begin_ns = moment_sum(chart->begin_ns, -room);
    chart->end_ns = moment_sum(chart->end_ns, room);
}

static void print_ticks(const struct chart *chart)
{
    static const int64_t steps[] = {1,          5,          15,        60,         300,
                                    900,        3600,       3 * 3600,  6 * 3600,   12 * 3600,
                                    86400,      2 * 86400,  7 * 86400, 14 * 86400, 30 * 86400,
                                    90 * 86400, 365 * 86400};
    FILE *stream = chart->asking->term.stream;
    size_t last = sizeof steps / sizeof *steps - 1, step = 0;
    int64_t begin_s = chart->begin_ns / MOMENT_NS_PER_S, end_s = chart->end_ns / MOMENT_NS_PER_S;
    while (step < last && (end_s - begin_s) / steps[step] > TICKS_MAX)
        step++;
    int64_t width = steps[step];
    while ((end_s - begin_s) / width > TICKS_MAX)
        width *= 2;
    for (int64_t at = (begin_s / width + 1) * width; at < end_s; at += width) {
        char time[TIME_TEXT_BYTES];
        double x = place(chart, at * MOMENT_NS_PER_S);
        time_text_format(at * MOMENT_NS_PER_S, time);
        time[10] = ' ';
        (void)fprintf(stream,
                      "<line class=\"tick\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.0f\" y2=\"%.0f\"/>"
                      "<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%.*s</text>\n",
                      x, x, TOP, TOP + LANE * LANES_COUNT, x, TOP + LANE * LANES_COUNT + 18,
                      width >= 86400 ? 10 : 5, width >= 86400 ? time : time + 11);
    }
}

static void print_gaps(const struct chart *chart)
{
    const struct evidence_gap *gap;
    for (size_t i = 0; (gap = evidence_gap_at(chart->asking->evidence, i)) != NULL; i++) {
        double from = place(chart, gap->has_from ? gap->from_ns : chart->begin_ns);
        double to = place(chart, gap->has_to ? gap->to_ns : chart->end_ns);
        (void)fprintf(chart->asking->term.stream,
                      "<rect fill=\"url(#gap)\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" "
                      "height=\"%.0f\"><title>Gap in the record, told by record %llu</title>"
                      "</rect>\n",
                      from, TOP, to - from < 2 ? 2 : to - from, LANE * LANES_COUNT,
                      (unsigned long long)gap->seq);
    }
}

static void print_reds(const struct chart *chart)
{
    for (size_t i = 0; i < chart->reds_count; i++) {
        double from = place(chart, chart->reds[i].from_ns), to = place(chart, chart->reds[i].to_ns);
        (void)fprintf(chart->asking->term.stream,
                      "<rect class=\"red\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"12\">"
                      "<title>Active after notice and grace time, from ",
                      from, TOP + LANE * SIGHTINGS + 24, to - from < 2 ? 2 : to - from);
        sentence_time(chart->asking->term.stream, chart->reds[i].from_ns, 0);
        (void)fputs(" to ", chart->asking->term.stream);
        sentence_time(chart->asking->term.stream, chart->reds[i].to_ns, 0);
        (void)fputs("</title></rect>\n", chart->asking->term.stream);
    }
}

static int by_place(const void *left, const void *right)
{
    const struct mark *a = left, *b = right;
    if (a->lane != b->lane)
        return a->lane < b->lane ? -1 : 1;
    if (a->hollow != b->hollow)
        return a->hollow ? 1 : -1;
    return (a->at_ns > b->at_ns) - (a->at_ns < b->at_ns);
}

/* Draws the mark that stands for `alike` that fall on one place. */
static void print_mark(const struct chart *chart, const struct mark *mark, size_t alike)
{
    FILE *stream = chart->asking->term.stream;
    double y = TOP + LANE * mark->lane + 14;
    double low = place(chart, moment_sum(mark->at_ns, -mark->unc_ns));
    double high = place(chart, moment_sum(mark->at_ns, mark->unc_ns));
    (void)fputs("<g><title>", stream);
    sentence_time(stream, mark->at_ns, (uint32_t)(mark->unc_ns / NS_PER_MS));
    if (mark->seq != UINT64_MAX)
        (void)fprintf(stream, ", record %llu", (unsigned long long)mark->seq);
    else
        (void)fputs(", a notice became a strike", stream);
    if (alike > 1)
        (void)fprintf(stream, ", and %zu more", alike - 1);
    (void)fputs("</title>", stream);
    if (mark->unc_ns > 0)
        (void)fprintf(stream,
                      "<rect class=\"doubt\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" "
                      "height=\"16\"/>",
                      low, y - 8, high - low);
    (void)fprintf(stream, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.0f\" r=\"5\"/></g>\n",
                  mark->hollow ? "off" : "mark", place(chart, mark->at_ns), y);
}

static void print_marks(struct chart *chart)
{
    qsort(chart->marks, chart->count, sizeof *chart->marks, by_place);
    for (size_t i = 0, next; i < chart->count; i = next) {
        const struct mark *mark = &chart->marks[i];
        for (next = i + 1; next < chart->count; next++) {
            const struct mark *other = &chart->marks[next];
            if (other->lane != mark->lane || other->hollow != mark->hollow ||
                other->unc_ns != mark->unc_ns ||
                place(chart, other->at_ns) - place(chart, mark->at_ns) >= 1)
                break;
        }
        print_mark(chart, mark, next - i);
    }
}

static void print_drawing(struct chart *chart)
{
    FILE *stream = chart->asking->term.stream;
    (void)fprintf(
        stream,
        "<figure>\n<svg viewBox=\"0 0 1000 %.0f\" role=\"img\" aria-labelledby=\"chart-title "
        "chart-desc\" xmlns=\"http://www.w3.org/2000/svg\">\n<title id=\"chart-title\">Timeline of "
        "the merchant</title>\n<desc id=\"chart-desc\">%zu events in six lanes: notices, "
        "sightings, removals, support acts, orders, strikes. %zu listings were active after notice "
        "and grace time. The table of events below says the same in words.</desc>\n<defs><pattern "
        "id=\"gap\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" "
        "patternTransform=\"rotate(45)\"><line class=\"hatch\" x1=\"0\" y1=\"0\" x2=\"0\" "
        "y2=\"8\"/></pattern></defs>\n",
        TOP + LANE * LANES_COUNT + 30, chart->count, chart->reds_count);
    for (unsigned i = 0; i < LANES_COUNT; i++)
        (void)fprintf(stream,
                      "<text x=\"6\" y=\"%.0f\">%s</text><line class=\"lane\" x1=\"%.0f\" "
                      "x2=\"%.0f\" y1=\"%.0f\" y2=\"%.0f\"/>\n",
                      TOP + LANE * i + 19, lanes[i], LEFT, LEFT + WIDTH, TOP + LANE * i + 14,
                      TOP + LANE * i + 14);
    print_ticks(chart);
    print_gaps(chart);
    print_reds(chart);
    print_marks(chart);
    (void)fputs("</svg>\n<figcaption>Times are UTC. A red bar: the listing was active after a "
                "notice that stands and the grace time, up to its last recorded live sighting, "
                "with no removal recorded between. A pale width: how far the clock may be off. "
                "Hatched: a gap in the record. A hollow dot: found gone, put back, a "
                "counter-notice, or a strike in doubt.</figcaption>\n</figure>\n",
                stream);
}

int report_chart(struct asking *asking, const struct rows *rows)
{
    struct chart chart = {.asking = asking, .rows = rows};
    int result = add_events(&chart);
    if (result == 0)
        result = knowledge_notices(asking->knowledge, &asking->filter, asking_now(asking),
                                   take_notice, &chart);
    if (result == 0)
        result = knowledge_strikes(asking->knowledge, &asking->filter, asking_now(asking),
                                   take_tally, &chart);
    (void)fputs("<h2>Timeline</h2>\n", asking->term.stream);
    if (result == 0 && chart.count == 0)
        (void)fputs("<p>There is nothing to draw.</p>\n", asking->term.stream);
    if (result == 0 && chart.count > 0) {
        find_ends(&chart);
        print_drawing(&chart);
    }
    free(chart.marks);
    free(chart.reds);
    return result;
}
