/*
 * One line of the feed as people and filters look at it.
 */
#include "daemon/ctl/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MEMBERS_MAX     64u
#define HIT_MEMBERS_MAX 16u
#define HITS_SHOWN_MAX  4u
#define SECOND_CHARS    19u /* of a time: to the second */
#define MILLI_CHARS     23u
#define KIND_COLUMNS    11u

struct view_reader {
    struct json_parser *parser;
    char line[RECORD_LINE_BYTES_MAX + JSON_SLACK_BYTES];
};

static bool same(const char *at, size_t len, const char *string)
{
    return len == strlen(string) && memcmp(at, string, len) == 0;
}

bool view_is(struct view_text text, const char *string)
{
    return text.at != NULL && same(text.at, text.len, string);
}

static bool is_printable(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (line[i] < ' ' || line[i] > '~')
            return false;
    return true;
}

static struct view_text text_of(const struct json_value *value)
{
    if (value->type != JSON_STRING)
        return (struct view_text){0};
    return (struct view_text){.at = value->text, .len = value->len};
}

static void take_hits(struct view *view, const struct json_value *array)
{
    struct json_value hits[VIEW_HITS_MAX];
    size_t count = json_elements(array, hits, VIEW_HITS_MAX);
    view->hits_count = count < VIEW_HITS_MAX ? count : VIEW_HITS_MAX;
    for (size_t i = 0; i < view->hits_count; i++) {
        view->hits[i] = (struct view_hit){0};
        if (hits[i].type != JSON_OBJECT)
            continue;
        struct json_member members[HIT_MEMBERS_MAX];
        size_t members_count = json_members(&hits[i], members, HIT_MEMBERS_MAX);
        for (size_t k = 0; k < members_count && k < HIT_MEMBERS_MAX; k++) {
            if (same(members[k].key, members[k].key_len, "mark"))
                view->hits[i].mark = text_of(&members[k].value);
            if (same(members[k].key, members[k].key_len, "rule"))
                view->hits[i].rule = text_of(&members[k].value);
            if (same(members[k].key, members[k].key_len, "text"))
                view->hits[i].text = text_of(&members[k].value);
        }
    }
}

/* The members that have a place of their own. */
static struct view_text *place_of(struct view *view, const struct json_member *member)
{
    const struct {
        const char *key;
        struct view_text *place;
    } places[] = {
        {"kind", &view->kind},       {"t", &view->time},      {"platform", &view->platform},
        {"listing", &view->listing}, {"title", &view->title}, {"merchant", &view->merchant},
        {"class", &view->class},     {"scan", &view->scan},
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (same(member->key, member->key_len, places[i].key))
            return places[i].place;
    return NULL;
}

/* What the event says is what there is to see, and not how it came. */
static void take_event(struct view *view, const struct json_value *event)
{
    static const char *const dull[] = {"id", "type", "unc_ms"};
    struct json_member members[MEMBERS_MAX];
    size_t count = json_members(event, members, MEMBERS_MAX);
    view->rest_count = 0;
    for (size_t i = 0; i < count && i < MEMBERS_MAX; i++) {
        const struct json_member *member = &members[i];
        bool seen = false;
        for (size_t k = 0; k < sizeof dull / sizeof dull[0]; k++)
            seen = seen || same(member->key, member->key_len, dull[k]);
        if (same(member->key, member->key_len, "platform"))
            view->platform = text_of(&member->value);
        else if (same(member->key, member->key_len, "listing"))
            view->listing = text_of(&member->value);
        else if (same(member->key, member->key_len, "merchant"))
            view->merchant = text_of(&member->value);
        else if (same(member->key, member->key_len, "state"))
            view->state = text_of(&member->value);
        else if (!seen && view->rest_count < VIEW_REST_MAX)
            view->rest[view->rest_count++] = *member;
    }
}

/* Members that say nothing to people at a glance. */
static bool is_dull(const struct json_member *member)
{
    static const char *const dull[] = {"v", "b", "clk", "run", "seq"};
    for (size_t i = 0; i < sizeof dull / sizeof dull[0]; i++)
        if (same(member->key, member->key_len, dull[i]))
            return true;
    return false;
}

static void take_member(struct view *view, const struct json_member *member)
{
    struct view_text *place = place_of(view, member);
    if (place != NULL)
        *place = text_of(&member->value);
    else if (same(member->key, member->key_len, "seq") && member->value.type == JSON_INTEGER)
        view->seq = (uint64_t)member->value.integer;
    else if (same(member->key, member->key_len, "hits") && member->value.type == JSON_ARRAY)
        take_hits(view, &member->value);
    else if (same(member->key, member->key_len, "event") && member->value.type == JSON_OBJECT)
        take_event(view, &member->value);
    else if (!is_dull(member) && view->rest_count < VIEW_REST_MAX)
        view->rest[view->rest_count++] = *member;
}

const struct json_value *view_rest(const struct view *view, const char *key)
{
    for (size_t i = 0; i < view->rest_count; i++)
        if (same(view->rest[i].key, view->rest[i].key_len, key))
            return &view->rest[i].value;
    return NULL;
}

struct view_reader *view_open(void)
{
    struct view_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return NULL;
    reader->parser = json_open();
    return reader->parser == NULL ? view_close(reader) : reader;
}

int view_parse(struct view_reader *reader, const char *line, size_t len, struct view *ret_view)
{
    if (len > RECORD_LINE_BYTES_MAX || !is_printable(line, len))
        return -EBADMSG;
    memcpy(reader->line, line, len);
    struct json_value root;
    bool surrogate = false;
    if (json_parse(reader->parser, reader->line, len, &root, &surrogate) != JSON_OK ||
        root.type != JSON_OBJECT)
        return -EBADMSG;
    struct json_member members[MEMBERS_MAX];
    size_t count = json_members(&root, members, MEMBERS_MAX);
    *ret_view = (struct view){.seq = RECORD_NO_SEQ};
    for (size_t i = 0; i < count && i < MEMBERS_MAX; i++)
        take_member(ret_view, &members[i]);
    bool whole = ret_view->kind.at != NULL && ret_view->time.len == VIEW_TIME_CHARS &&
                 ret_view->seq != RECORD_NO_SEQ;
    return whole ? 0 : -EBADMSG;
}

struct view_reader *view_close(struct view_reader *reader)
{
    if (reader != NULL)
        reader->parser = json_close(reader->parser);
    free(reader);
    return NULL;
}

/* A line under way: how many columns are left. */
struct print {
    const struct term *term;
    size_t left;
};

static void put(struct print *print, struct view_text text, const char *before, const char *after)
{
    size_t around = strlen(before) + strlen(after); /* of our own text, ASCII */
    if (text.at == NULL || print->left <= around)
        return;
    (void)fputs(before, print->term->stream);
    print->left -= around;
    print->left -= term_print_cut(print->term, text.at, text.len, print->left);
    (void)fputs(after, print->term->stream);
}

static void put_styled(struct print *print, struct view_text text, enum term_style style)
{
    term_style(print->term, style);
    put(print, text, "", "");
    term_style(print->term, TERM_PLAIN);
}

static struct view_text literal(const char *string)
{
    return (struct view_text){.at = string, .len = strlen(string)};
}

static void put_time(struct print *print, const struct view *view)
{
    char time[MILLI_CHARS + 2];
    memcpy(time, view->time.at, MILLI_CHARS);
    time[SECOND_CHARS - 9] = ' ';
    time[MILLI_CHARS] = 'Z';
    struct view_text text = {.at = time, .len = MILLI_CHARS + 1};
    put_styled(print, text, TERM_DIM);
}

/* The class of a match, or what went wrong with its scan; the kind of all other records. */
static void put_what(struct print *print, const struct view *view)
{
    struct view_text what = view->kind;
    enum term_style style = TERM_GREEN;
    bool match = view_is(view->kind, "match");
    if (match && view_is(view->scan, "failed")) {
        what = literal("scan failed");
        style = TERM_RED;
    } else if (match && view->class.at != NULL) {
        what = view->class;
        style = view_is(what, "counterfeit") ? TERM_RED
                : view_is(what, "mark")      ? TERM_YELLOW
                                             : TERM_CYAN;
    } else if (view_is(view->kind, "gap") || view_is(view->kind, "warning")) {
        style = TERM_RED;
    } else if (view_is(view->kind, "sighting") || view_is(view->kind, "heartbeat")) {
        style = TERM_DIM;
    }
    put(print, literal(""), "  ", "");
    put_styled(print, what, style);
    for (size_t i = what.len; i < KIND_COLUMNS; i++)
        put(print, literal(""), " ", "");
}

static void put_hits(struct print *print, const struct view *view)
{
    for (size_t i = 0; i < view->hits_count; i++) {
        if (i == HITS_SHOWN_MAX) {
            put(print, literal(" ..."), "", "");
            break;
        }
        put(print, view->hits[i].mark, "  ", " ");
        term_style(print->term, TERM_BOLD);
        put(print, view->hits[i].text, "\"", "\"");
        term_style(print->term, TERM_PLAIN);
    }
}

static void put_rest(struct print *print, const struct view *view)
{
    for (size_t i = 0; i < view->rest_count; i++) {
        const struct json_member *member = &view->rest[i];
        struct view_text key = {.at = member->key, .len = member->key_len};
        char number[24];
        struct view_text value = text_of(&member->value);
        if (member->value.type == JSON_INTEGER) {
            (void)snprintf(number, sizeof number, "%lld", (long long)member->value.integer);
            value = literal(number);
        } else if (member->value.type == JSON_BOOL) {
            value = literal(member->value.boolean ? "true" : "false");
        }
        if (value.at == NULL)
            continue;
        put(print, key, "  ", "=");
        put(print, value, "", "");
    }
}

void view_print(const struct term *term, const struct view *view, size_t columns)
{
    struct print print = {.term = term, .left = columns};
    put_time(&print, view);
    put_what(&print, view);
    put(&print, view->platform, "  ", "");
    put(&print, view->listing, " ", "");
    put(&print, view->merchant, "  by ", "");
    if (view_is(view->kind, "match")) {
        put_hits(&print, view);
        put(&print, view->title, "  | ", "");
    } else if (view_is(view->kind, "sighting")) {
        put(&print, view->state, "  ", "");
    } else {
        put(&print, view->state, "  ", "");
        put_rest(&print, view);
    }
    (void)fputc('\n', term->stream);
}
