/*
 * Counting matches by mark. Knows records; knows no screen.
 */
#include "daemon/ctl/top_feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/view.h"
#include "daemon/feed.h"

#define STEP_RECORDS_MAX 50000u /* taken in before the screen is drawn again */

struct top_reader {
    struct feed *feed;
    struct view_reader *view;
};

/* Counts a mark once, and moves it up past those with fewer matches. */
static void count_mark(struct top_feed *feed, struct view_text mark)
{
    if (mark.at == NULL || mark.len >= TOP_FEED_MARK_BYTES)
        return;
    size_t at = 0;
    struct view_text known = mark;
    for (; at < feed->marks_count; at++)
        if (view_is(known, feed->marks[at].id))
            break;
    if (at == TOP_FEED_MARKS_MAX)
        return;
    if (at == feed->marks_count) {
        feed->marks[feed->marks_count++] = (struct top_mark){0};
        memcpy(feed->marks[at].id, mark.at, mark.len);
    }
    feed->marks[at].matches++;
    for (; at > 0 && feed->marks[at].matches > feed->marks[at - 1].matches; at--) {
        struct top_mark more = feed->marks[at];
        feed->marks[at] = feed->marks[at - 1];
        feed->marks[at - 1] = more;
    }
}

static void count_marks(struct top_feed *feed, const struct view *view)
{
    for (size_t i = 0; i < view->hits_count; i++) {
        bool before = false;
        for (size_t k = 0; k < i && !before; k++)
            before =
                view->hits[i].mark.len == view->hits[k].mark.len && view->hits[i].mark.at != NULL &&
                view->hits[k].mark.at != NULL &&
                memcmp(view->hits[i].mark.at, view->hits[k].mark.at, view->hits[i].mark.len) == 0;
        if (!before)
            count_mark(feed, view->hits[i].mark);
    }
}

/* The record's line for people, as tail prints it. */
static void keep_line(struct top_feed *feed, const struct view *view)
{
    char *line = feed->last[feed->last_count % TOP_FEED_LAST_MAX];
    FILE *stream = fmemopen(line, TOP_FEED_LINE_BYTES, "w");
    if (stream == NULL)
        return;
    const struct term term = {.stream = stream};
    view_print(&term, view, TOP_FEED_LINE_BYTES / 4); /* no code point has more bytes than four */
    (void)fclose(stream);                             /* what does not fit is cut */
    line[TOP_FEED_LINE_BYTES - 1] = '\0';
    line[strcspn(line, "\n")] = '\0';
    feed->last_count++;
}

static void take(struct top_feed *feed, const struct view *view)
{
    feed->records++;
    if (view_is(view->kind, "match")) {
        feed->matches++;
        count_marks(feed, view);
        keep_line(feed, view);
    } else if (view_is(view->kind, "warning")) {
        feed->warnings++;
        keep_line(feed, view);
    }
}

int top_reader_open(const char *ledger, struct top_reader **ret_reader)
{
    struct top_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return -ENOMEM;
    reader->view = view_open();
    int result = reader->view == NULL ? -ENOMEM : feed_open(ledger, &reader->feed);
    if (result == 0)
        result = feed_seek_last(reader->feed, TOP_FEED_WINDOW);
    if (result < 0) {
        (void)top_reader_close(reader); /* always NULL */
        return result;
    }
    *ret_reader = reader;
    return 0;
}

int top_reader_step(struct top_reader *reader, struct top_feed *feed)
{
    const char *line = NULL;
    size_t len = 0;
    uint64_t seq = 0;
    int result = 1;
    for (unsigned i = 0; i < STEP_RECORDS_MAX; i++) {
        struct view view;
        enum record_kind kind;
        result = feed_next(reader->feed, &line, &len, &seq);
        if (result <= 0)
            return result;
        (void)feed_head(reader->feed, &kind);
        if (kind != RECORD_MATCH && kind != RECORD_WARNING)
            feed->records++;
        else if (view_parse(reader->view, line, len, &view) == 0)
            take(feed, &view);
    }
    return 0;
}

struct top_reader *top_reader_close(struct top_reader *reader)
{
    if (reader == NULL)
        return NULL;
    reader->feed = feed_close(reader->feed);
    reader->view = view_close(reader->view);
    free(reader);
    return NULL;
}
