/*
 * Requests for records: one table of the query's names.
 */
#include "daemon/web/ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/when.h"
#include "daemon/web/range.h"

enum name {
    NAME_KIND = 0,
    NAME_CLASS,
    NAME_MARK,
    NAME_RULE,
    NAME_PLATFORM,
    NAME_SELLER,
    NAME_SINCE,
    NAME_UNTIL,
    NAME_POST_NOTICE,
    NAME_FOLLOW,
    NAME_CHECKPOINTED,
};

#define NAMES_WITHOUT_VALUE NAME_POST_NOTICE /* from this one on */

static const char *const names[] = {"kind",        "class",  "mark",        "rule",
                                    "platform",    "seller", "since",       "until",
                                    "post-notice", "follow", "checkpointed"};

struct reading {
    struct ask *ask;
    int64_t now_ns;
    unsigned status; /* 0: good so far */
    char *error;
};

static void refuse(struct reading *reading, unsigned status, const char *text)
{
    reading->status = status;
    (void)snprintf(reading->error, ASK_ERROR_BYTES, "%s", text); /* may be cut */
}

/* A copy that lives as long as the answer. NULL: there is no room, or it holds a NUL. */
static const char *keep(struct ask *ask, const char *value, size_t len)
{
    char *copy = ask->words + ask->words_len;
    if (len >= sizeof ask->words - ask->words_len || memchr(value, '\0', len) != NULL)
        return NULL;
    memcpy(copy, value, len);
    copy[len] = '\0';
    ask->words_len += len + 1;
    return copy;
}

static int take_time(struct reading *reading, enum name name, const char *word)
{
    struct ask *ask = reading->ask;
    int64_t wall_ns = 0;
    if (when_parse(word, reading->now_ns, &wall_ns) < 0)
        return -EINVAL;
    if (name == NAME_UNTIL) {
        filter_ask_until(ask->filter, wall_ns);
        return 0;
    }
    ask->from.has_since = true;
    ask->from.since_ns = wall_ns;
    filter_ask_since(ask->filter, wall_ns);
    return 0;
}

static int take(struct reading *reading, enum name name, const char *word)
{
    struct ask *ask = reading->ask;
    switch (name) {
    case NAME_KIND:
        return filter_ask_kind(ask->filter, word);
    case NAME_CLASS:
        return filter_ask(ask->filter, FILTER_CLASS, word);
    case NAME_MARK:
        return filter_ask(ask->filter, FILTER_MARK, word);
    case NAME_RULE:
        return filter_ask(ask->filter, FILTER_RULE, word);
    case NAME_PLATFORM:
        return filter_ask(ask->filter, FILTER_PLATFORM, word);
    case NAME_SELLER:
        return filter_ask(ask->filter, FILTER_SELLER, word);
    case NAME_SINCE:
    case NAME_UNTIL:
        return take_time(reading, name, word);
    case NAME_POST_NOTICE:
        filter_ask_post_notice(ask->filter);
        break;
    case NAME_FOLLOW:
        ask->follow = true;
        break;
    case NAME_CHECKPOINTED:
        ask->checkpointed = true;
        break;
    }
    return 0;
}

static enum MHD_Result take_argument(void *context, enum MHD_ValueKind kind, const char *key,
                                     size_t key_len, const char *value, size_t len)
{
    struct reading *reading = context;
    size_t i = 0;
    (void)kind; /* only the query is walked */
    while (i < sizeof names / sizeof names[0] &&
           (strlen(names[i]) != key_len || memcmp(names[i], key, key_len) != 0))
        i++;
    if (i == sizeof names / sizeof names[0]) {
        refuse(reading, MHD_HTTP_BAD_REQUEST,
               "the query may have kind, class, mark, rule, platform, seller, since, until, "
               "post-notice, follow and checkpointed, each as noticectl tail has it");
        return MHD_NO;
    }
    bool wants = i < NAMES_WITHOUT_VALUE;
    const char *word = wants && value != NULL ? keep(reading->ask, value, len) : NULL;
    if ((word != NULL) == wants && (wants || value == NULL || len == 0) &&
        take(reading, (enum name)i, word) == 0)
        return MHD_YES;
    refuse(reading, MHD_HTTP_BAD_REQUEST, "");
    (void)snprintf(reading->error, ASK_ERROR_BYTES,
                   "the query's %s is not one that noticectl tail "
                   "takes%s",
                   names[i], wants ? "" : ": it stands alone, without a value");
    return MHD_NO;
}

static const struct {
    const char *type;
    enum form form;
    bool events;
    const char *content_type;
} types[] = {
    {"application/json", FORM_JSON, false, "application/json"},
    {"text/event-stream", FORM_JSON, true, "text/event-stream; charset=utf-8"},
    {"text/csv", FORM_CSV, false, "text/csv; charset=utf-8"},
    {"text/plain", FORM_SHORT, false, "text/plain; charset=utf-8"},
    {"*/*", FORM_JSON, false, "application/json"},
};

/* The form of a media range of len bytes; -1: it is none of ours. */
static int form_of(const char *range, size_t len)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        const char *type = types[i].type, *slash = strchr(type, '/');
        size_t family = (size_t)(slash - type) + 1;
        if ((strlen(type) == len && strncasecmp(type, range, len) == 0) ||
            (len == family + 1 && range[family] == '*' && strncasecmp(type, range, family) == 0))
            return (int)i;
    }
    return -1;
}

/* The first of the client's list that is ours, without weighing them but for a q of 0. */
static void take_accept(struct reading *reading, const char *accept)
{
    int found = accept == NULL ? 0 : -1;
    for (const char *at = accept; at != NULL && *at != '\0' && found < 0;) {
        at += strspn(at, " \t,");
        size_t len = strcspn(at, " \t,;"), item = strcspn(at, ",");
        const char *weight = memmem(at, item, "q=0", 3);
        bool never = weight != NULL && strspn(weight + 3, ".0") >= strcspn(weight + 3, " \t,;");
        found = never ? -1 : form_of(at, len);
        at += item;
    }
    if (found < 0) {
        refuse(reading, MHD_HTTP_NOT_ACCEPTABLE,
               "records come as application/json (a line each), text/event-stream, text/csv or "
               "text/plain");
        return;
    }
    reading->ask->form = types[found].form;
    reading->ask->events = types[found].events;
    reading->ask->content_type = types[found].content_type;
}

static void take_range(struct reading *reading, const char *text)
{
    struct range range;
    struct ask *ask = reading->ask;
    int result = range_parse(text, strlen(text), &range);
    if (result == -ENOTSUP || result == -ERANGE)
        refuse(reading, MHD_HTTP_RANGE_NOT_SATISFIABLE,
               result == -ENOTSUP ? "the unit of a range of records is entries"
                                  : "SKIP and COUNT are at most 1000000, and SKIP is not below 0 "
                                    "beside a cursor");
    else if (result < 0)
        refuse(reading, MHD_HTTP_BAD_REQUEST,
               "a range of records is entries=[CURSOR][[:SKIP]:COUNT]");
    if (result < 0)
        return;
    ask->from.has_cursor = range.has_cursor;
    ask->from.cursor_at = range.has_cursor && !range.cursor.begin;
    ask->from.cursor = range.cursor;
    ask->from.all = range.back == 0;
    ask->from.lines = range.back;
    ask->skip = range.skip;
    ask->count = range.count;
}

/* An event stream that begins again goes on behind the last event that came. */
static void take_last_event(struct reading *reading, const char *text)
{
    struct ask *ask = reading->ask;
    ask->from = (struct follow_from){.all = true, .has_cursor = true};
    ask->skip = 0;
    if (cursor_parse(text, strlen(text), &ask->from.cursor) < 0)
        refuse(reading, MHD_HTTP_BAD_REQUEST, "Last-Event-ID is a cursor");
}

unsigned ask_read(struct MHD_Connection *connection, int64_t now_ns, struct ask *ask,
                  char reterr_text[ASK_ERROR_BYTES])
{
    struct reading reading = {.ask = ask, .now_ns = now_ns, .error = reterr_text};
    *ask = (struct ask){.count = UINT64_MAX, .from = {.all = true}, .filter = filter_open()};
    if (ask->filter == NULL) {
        refuse(&reading, MHD_HTTP_SERVICE_UNAVAILABLE, "out of memory");
        return reading.status;
    }
    (void)MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, take_argument, &reading);
    if (reading.status == 0)
        take_accept(&reading, MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept"));
    const char *range = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Range");
    if (reading.status == 0 && range != NULL)
        take_range(&reading, range);
    const char *last = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Last-Event-ID");
    if (reading.status == 0 && last != NULL && ask->events)
        take_last_event(&reading, last);
    if (ask->from.has_since && !ask->from.has_cursor && ask->from.lines == 0)
        ask->from.all = true;
    return reading.status;
}

void ask_close(struct ask *ask)
{
    ask->filter = filter_close(ask->filter);
}
