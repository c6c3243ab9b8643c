/*
 * The drawing of a report: an SVG in the page, in lanes, as wide as the paper. Draws what was
 * gathered (report_marks.h). Knows no rule.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/report.h"
#include "daemon/ctl/report_marks.h"
#include "daemon/ctl/sentence.h"
#include "daemon/knowledge/moment.h"
#include "daemon/time_text.h"

#define LEFT      130.0 /* of the axis, in units of the drawing */
#define WIDTH     840.0
#define TOP       14.0
#define LANE      40.0 /* height */
#define BOTTOM    (TOP + LANE * REPORT_LANES_COUNT)
#define AXIS      40.0 /* height of its words */
#define LEGEND    24.0 /* height of a row */
#define TICKS_MAX 8

#define LEGEND_COLUMNS 3u

static const char *const lanes[REPORT_LANES_COUNT] = {
    [REPORT_NOTICES] = "Notices",   [REPORT_SIGHTINGS] = "Sightings",
    [REPORT_REMOVALS] = "Removals", [REPORT_SUPPORT] = "Support acts",
    [REPORT_ORDERS] = "Orders",     [REPORT_STRIKES] = "Strikes",
    [REPORT_WARNINGS] = "Warnings", [REPORT_CRAWLED] = "Crawl complete",
};

struct chart {
    const struct asking *asking;
    struct report_marks marks;
    int64_t begin_ns, end_ns; /* of the axis */
};

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
    for (size_t i = 0; i < chart->marks.count; i++) {
        int64_t low = moment_sum(chart->marks.at[i].at_ns, -chart->marks.at[i].unc_ns);
        int64_t high = moment_sum(chart->marks.at[i].at_ns, chart->marks.at[i].unc_ns);
        chart->begin_ns = low < chart->begin_ns ? low : chart->begin_ns;
        chart->end_ns = high > chart->end_ns ? high : chart->end_ns;
    }
    int64_t room = (chart->end_ns / 32 - chart->begin_ns / 32) + 60 * MOMENT_NS_PER_S;
    chart->begin_ns = moment_sum(chart->begin_ns, -room);
    chart->end_ns = moment_sum(chart->end_ns, room);
}

/* The day, or the time and under it the day, where that is another than at the tick before. */
static void print_tick(const struct chart *chart, int64_t at_s, int64_t width_s, bool new_day)
{
    FILE *stream = chart->asking->term.stream;
    char time[TIME_TEXT_BYTES];
    double x = place(chart, at_s * MOMENT_NS_PER_S);
    bool days = width_s >= 86400;
    time_text_format(at_s * MOMENT_NS_PER_S, time);
    (void)fprintf(stream,
                  "<line class=\"tick\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.0f\" y2=\"%.0f\"/>"
                  "<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%.*s</text>\n",
                  x, x, TOP, BOTTOM, x, BOTTOM + 18,
                  days            ? 10
                  : width_s >= 60 ? 5
                                  : 8,
                  days ? time : time + 11);
    if (!days && new_day)
        (void)fprintf(stream, "<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%.10s</text>\n",
                      x, BOTTOM + 34, time);
}

static void print_ticks(const struct chart *chart)
{
    static const int64_t steps[] = {1,          5,          15,        60,         300,
                                    900,        3600,       3 * 3600,  6 * 3600,   12 * 3600,
                                    86400,      2 * 86400,  7 * 86400, 14 * 86400, 30 * 86400,
                                    90 * 86400, 365 * 86400};
    size_t last = sizeof steps / sizeof *steps - 1, step = 0;
    int64_t begin_s = chart->begin_ns / MOMENT_NS_PER_S, end_s = chart->end_ns / MOMENT_NS_PER_S;
    while (step < last && (end_s - begin_s) / steps[step] > TICKS_MAX)
        step++;
    int64_t width = steps[step];
    while ((end_s - begin_s) / width > TICKS_MAX)
        width *= 2;
    int64_t day = INT64_MIN;
    for (int64_t at = (begin_s / width + 1) * width; at < end_s; at += width) {
        print_tick(chart, at, width, at / 86400 != day);
        day = at / 86400;
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
                      "height=\"%.0f\"><title>%s, told by record %llu</title></rect>\n",
                      from, TOP, to - from < 2 ? 2 : to - from, BOTTOM - TOP,
                      strcmp(gap->cause, EVIDENCE_STOPPED) == 0 ? "noticed was stopped"
                                                                : "Gap in the record",
                      (unsigned long long)gap->seq);
    }
}

/* A bar of a lane, with the times as its title. */
static void print_bar(const struct chart *chart, const char *title, const struct report_red *bar,
                      double y, double height)
{
    FILE *stream = chart->asking->term.stream;
    double from = place(chart, bar->from_ns), to = place(chart, bar->to_ns);
    (void)fprintf(stream, " x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s, from ",
                  from, y, to - from < 2 ? 2 : to - from, height, title);
    sentence_time(stream, bar->from_ns, 0);
    (void)fputs(" to ", stream);
    sentence_time(stream, bar->to_ns, 0);
    (void)fprintf(stream, ", record %llu</title></rect>\n", (unsigned long long)bar->seq);
}

static void print_reds(const struct chart *chart)
{
    for (size_t i = 0; i < chart->marks.reds_count; i++) {
        (void)fputs("<rect class=\"red\"", chart->asking->term.stream);
        print_bar(chart, "Active after notice and grace time", &chart->marks.reds[i],
                  TOP + LANE * REPORT_SIGHTINGS + 2, 24);
    }
}

/* A row for each platform: hatched, but where somebody says that its crawl was complete. */
static void print_crawled(const struct chart *chart)
{
    const struct report_marks *marks = &chart->marks;
    FILE *stream = chart->asking->term.stream;
    if (marks->platforms_count == 0)
        return;
    double height = (LANE - 12) / (double)marks->platforms_count;
    double top = TOP + LANE * REPORT_CRAWLED + 2;
    for (size_t i = 0; i < marks->platforms_count; i++) {
        (void)fprintf(stream,
                      "<rect fill=\"url(#uncovered)\" class=\"frame\" x=\"%.1f\" y=\"%.1f\" "
                      "width=\"%.1f\" height=\"%.1f\"><title>Nobody says that the crawl of "
                      "platform ",
                      LEFT, top + height * (double)i, WIDTH, height - 2);
        report_cut(&chart->asking->term,
                   (struct knowledge_text){marks->platforms[i], strlen(marks->platforms[i])});
        (void)fputs(" was complete here</title></rect>\n", stream);
    }
    for (size_t i = 0; i < marks->spans_count; i++) {
        const struct report_span *span = &marks->spans[i];
        struct report_red bar = {span->from_ns, span->to_ns, span->seq};
        if (bar.to_ns <= chart->begin_ns || bar.from_ns >= chart->end_ns)
            continue;
        (void)fputs("<rect class=\"covered\"", stream);
        print_bar(chart, "The crawl is said to be complete", &bar,
                  top + height * (double)span->platform, height - 2);
    }
}

static int by_place(const void *left, const void *right)
{
    const struct report_mark *a = left, *b = right;
    if (a->lane != b->lane)
        return a->lane < b->lane ? -1 : 1;
    if (a->look != b->look)
        return a->look > b->look ? -1 : 1; /* full ones are drawn last, over the others */
    return (a->at_ns > b->at_ns) - (a->at_ns < b->at_ns);
}

/* Draws the mark that stands for `alike` that fall on one place. */
static void print_mark(const struct chart *chart, const struct report_mark *mark, size_t alike)
{
    static const char *const looks[] = {
        [REPORT_FULL] = "mark", [REPORT_HOLLOW] = "off", [REPORT_PALE] = "pale"};
    FILE *stream = chart->asking->term.stream;
    double y = TOP + LANE * mark->lane + 14;
    double low = place(chart, moment_sum(mark->at_ns, -mark->unc_ns));
    double high = place(chart, moment_sum(mark->at_ns, mark->unc_ns));
    (void)fputs("<g><title>", stream);
    sentence_time(stream, mark->at_ns, (uint32_t)(mark->unc_ns / MOMENT_NS_PER_MS));
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
    (void)fprintf(stream, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.0f\" r=\"%d\"/></g>\n",
                  looks[mark->look], place(chart, mark->at_ns), y,
                  mark->look == REPORT_PALE ? 3 : 5);
}

static void print_marks(struct chart *chart)
{
    struct report_marks *marks = &chart->marks;
    if (marks->count > 1)
        qsort(marks->at, marks->count, sizeof *marks->at, by_place);
    for (size_t i = 0, next; i < marks->count; i = next) {
        const struct report_mark *mark = &marks->at[i];
        for (next = i + 1; next < marks->count; next++) {
            const struct report_mark *other = &marks->at[next];
            if (other->lane != mark->lane || other->look != mark->look ||
                other->unc_ns != mark->unc_ns ||
                place(chart, other->at_ns) - place(chart, mark->at_ns) >= 1)
                break;
        }
        print_mark(chart, mark, next - i);
    }
}

static void print_pattern(FILE *stream, const char *name, const char *class, int angle)
{
    (void)fprintf(stream,
                  "<pattern id=\"%s\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" "
                  "patternTransform=\"rotate(%d)\"><line class=\"%s\" x1=\"0\" y1=\"0\" x2=\"0\" "
                  "y2=\"8\"/></pattern>",
                  name, angle, class);
}

/* Each look once, with its meaning. */
static void print_legend(FILE *stream)
{
    static const struct {
        const char *drawn, *meaning;
    } keys[] = {
        {"<circle class=\"mark key\" cx=\"12\" cy=\"0\" r=\"5\"/>", "an event"},
        {"<circle class=\"off key\" cx=\"12\" cy=\"0\" r=\"5\"/>",
         "gone, put back, countered, or in doubt"},
        {"<circle class=\"pale key\" cx=\"12\" cy=\"0\" r=\"3\"/>", "no finding rests on it"},
        {"<rect class=\"red key\" x=\"0\" y=\"-7\" width=\"24\" height=\"14\"/>",
         "active after notice and grace time"},
        {"<rect class=\"doubt key\" x=\"0\" y=\"-8\" width=\"24\" height=\"16\"/>",
         "as far as the clock may be off"},
        {"<rect class=\"covered key\" x=\"0\" y=\"-7\" width=\"24\" height=\"14\"/>",
         "the crawl was complete"},
        {"<line class=\"thin key\" x1=\"2\" x2=\"10\" y1=\"-6\" y2=\"6\"/><line class=\"thin key\" "
         "x1=\"12\" x2=\"20\" y1=\"-6\" y2=\"6\"/>",
         "nobody says that it was"},
        {"<line class=\"hatch key\" x1=\"10\" x2=\"2\" y1=\"-6\" y2=\"6\"/><line class=\"hatch "
         "key\" "
         "x1=\"20\" x2=\"12\" y1=\"-6\" y2=\"6\"/>",
         "a gap, or noticed was stopped"},
    };
    for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++) {
        const unsigned row = i / LEGEND_COLUMNS, column = i % LEGEND_COLUMNS;
        (void)fprintf(stream,
                      "<g transform=\"translate(%.0f %.0f)\">%s<text x=\"32\" y=\"5\">%s</text>"
                      "</g>\n",
                      6 + (LEFT + WIDTH) / LEGEND_COLUMNS * column,
                      BOTTOM + AXIS + LEGEND * row + LEGEND / 2, keys[i].drawn, keys[i].meaning);
    }
}

static void print_caption(const struct chart *chart)
{
    (void)fprintf(
        chart->asking->term.stream,
        "<figcaption>Times are UTC. A red bar: a listing was active after a notice that stands and "
        "the grace time, or after the platform itself put it back, up to its last recorded live "
        "sighting before the next recorded removal. A pale width: how far the clock may be off. A "
        "hollow dot: found gone, put back, a counter-notice, or a strike in doubt. A small grey "
        "dot: what no finding rests on, as a page from a cache, a draft of a notice, or support "
        "that is merely infrastructure. A dot in the lane of notices is any step of a notice: "
        "which ones count is said below. One dot may stand for several that fall on one place. A "
        "warning is what noticed itself said at that time; it is "
        "no evidence. In the lowest lane a solid bar says that somebody recorded the crawl of the "
        "platform as complete, and hatching that nobody did: there, that a listing was not seen "
        "shows nothing.%s Hatched through all lanes: a gap in the record "
        "itself, or noticed was stopped.</figcaption>\n</figure>\n",
        chart->marks.more_platforms ? " There are more platforms than are drawn." : "");
}

static void print_drawing(struct chart *chart)
{
    const struct report_marks *marks = &chart->marks;
    FILE *stream = chart->asking->term.stream;
    (void)fprintf(
        stream,
        "<figure>\n" REPORT_WIDE
        "<svg viewBox=\"0 0 1000 %.0f\" role=\"img\" aria-labelledby=\"chart-title "
        "chart-desc\" xmlns=\"http://www.w3.org/2000/svg\">\n<title id=\"chart-title\">Timeline of "
        "the merchant</title>\n<desc id=\"chart-desc\">%zu events in seven lanes: notices, "
        "sightings, removals, support acts, orders, strikes, warnings; and when the platform's "
        "crawl was complete. %zu red bars, in which a listing was active after notice and grace "
        "time. The table of events below says the same in words.</desc>\n<defs>",
        BOTTOM + AXIS + LEGEND * LEGEND_COLUMNS + 6, marks->count, marks->reds_count);
    print_pattern(stream, "gap", "hatch", 45);
    print_pattern(stream, "uncovered", "thin", -45);
    (void)fputs("</defs>\n", stream);
    for (unsigned i = 0; i < REPORT_LANES_COUNT; i++)
        (void)fprintf(stream,
                      "<text x=\"6\" y=\"%.0f\">%s</text><line class=\"lane\" x1=\"%.0f\" "
                      "x2=\"%.0f\" y1=\"%.0f\" y2=\"%.0f\"/>\n",
                      TOP + LANE * i + 19, lanes[i], LEFT, LEFT + WIDTH, TOP + LANE * i + 14,
                      TOP + LANE * i + 14);
    print_ticks(chart);
    print_crawled(chart);
    print_gaps(chart);
    print_reds(chart);
    print_marks(chart);
    print_legend(stream);
    (void)fputs("</svg>\n" REPORT_WIDE_END, stream);
    print_caption(chart);
}

int report_chart(struct asking *asking, const struct rows *rows)
{
    struct chart chart = {.asking = asking};
    int result = report_marks_gather(&chart.marks, asking, rows);
    (void)fputs("<h2>Timeline</h2>\n", asking->term.stream);
    if (result == 0 && chart.marks.count == 0)
        (void)fputs("<p>There is nothing to draw.</p>\n", asking->term.stream);
    if (result == 0 && chart.marks.count > 0) {
        find_ends(&chart);
        print_drawing(&chart);
    }
    report_marks_close(&chart.marks);
    return result;
}
