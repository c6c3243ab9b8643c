/*
 * Reviews of matches. A match has no event id of its own: its record is found by its number.
 */
#include "daemon/ctl/reviews.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/sentence.h"
#include "daemon/feed.h"
#include "daemon/knowledge/vector.h"
#include "daemon/ledger/record.h"

#define MEMBERS_MAX 64u
#define HITS_MAX    64u

enum outcome { OUTCOME_CONFIRMED = 0, OUTCOME_FALSE, OUTCOME_UNSURE };

struct review {
    uint64_t run, seq; /* of its subject */
    enum outcome outcome;
};

struct reviews {
    struct review *at;
    size_t count, room;
    uint64_t elsewhere; /* subjects that are no record's number */
    struct json_parser *parser;
};

static bool says(const struct json_value *value, const char *word)
{
    return value != NULL && value->type == JSON_STRING && value->len == strlen(word) &&
           memcmp(value->text, word, value->len) == 0;
}

/* "<run>.<seq>". */
static bool parse_subject(const struct json_value *subject, struct review *review)
{
    char text[64];
    if (subject == NULL || subject->type != JSON_STRING || subject->len >= sizeof text)
        return false;
    memcpy(text, subject->text, subject->len);
    text[subject->len] = '\0';
    char *point = strchr(text, '.');
    if (point == NULL)
        return false;
    *point = '\0';
    return ctl_number(text, UINT64_MAX, &review->run) == 0 &&
           ctl_number(point + 1, UINT64_MAX, &review->seq) == 0;
}

int reviews_take(struct reviews *reviews, const struct json_member *members, size_t count)
{
    struct review review = {0};
    const struct json_value *outcome = sentence_member(members, count, "outcome");
    if (!says(sentence_member(members, count, "type"), "review"))
        return 0;
    if (says(outcome, "confirmed"))
        review.outcome = OUTCOME_CONFIRMED;
    else if (says(outcome, "false_match"))
        review.outcome = OUTCOME_FALSE;
    else
        review.outcome = OUTCOME_UNSURE;
    if (!parse_subject(sentence_member(members, count, "subject"), &review)) {
        reviews->elsewhere++;
        return 0;
    }
    struct review *at =
        vector_room(reviews->at, &reviews->room, reviews->count, 1, sizeof *reviews->at);
    if (at == NULL)
        return -ENOMEM;
    reviews->at = at;
    at[reviews->count++] = review;
    return 0;
}

static int compare(const struct reviewed *row, const char *what, const char *name)
{
    int order = strcmp(row->what, what);
    return order != 0 ? order : strcmp(row->name, name);
}

/* Counts one review for this mark, context or all. 0 or -ENOMEM. */
static int count_for(struct reporters *reporters, const char *what, const char *name,
                     enum outcome outcome)
{
    size_t low = 0;
    while (low < reporters->reviewed_count && compare(&reporters->reviewed[low], what, name) < 0)
        low++;
    bool known =
        low < reporters->reviewed_count && compare(&reporters->reviewed[low], what, name) == 0;
    if (!known) {
        struct reviewed *rows = vector_room(reporters->reviewed, &reporters->reviewed_room,
                                            reporters->reviewed_count, 1, sizeof *rows);
        if (rows == NULL)
            return -ENOMEM;
        reporters->reviewed = rows;
        memmove(rows + low + 1, rows + low, (reporters->reviewed_count - low) * sizeof *rows);
        reporters->reviewed_count++;
        rows[low] = (struct reviewed){0};
        (void)snprintf(rows[low].what, sizeof rows[low].what, "%s", what);
        (void)snprintf(rows[low].name, sizeof rows[low].name, "%s", name);
    }
    struct reviewed *row = &reporters->reviewed[low];
    row->confirmed += outcome == OUTCOME_CONFIRMED;
    row->false_match += outcome == OUTCOME_FALSE;
    row->unsure += outcome == OUTCOME_UNSURE;
    return 0;
}

static int count_value(struct reporters *reporters, const char *what,
                       const struct json_value *value, enum outcome outcome)
{
    char name[REPORTERS_NAME_BYTES] = "none";
    if (value != NULL && value->type == JSON_STRING)
        (void)snprintf(name, sizeof name, "%.*s", (int)value->len, value->text);
    return count_for(reporters, what, name, outcome);
}

/* Its hits: each mark and each context once. */
static int count_hits(struct reporters *reporters, const struct json_value *list,
                      enum outcome outcome)
{
    struct json_value hits[HITS_MAX];
    struct json_member members[MEMBERS_MAX], inner[MEMBERS_MAX];
    size_t count = json_elements(list, hits, HITS_MAX);
    int result = 0;
    /* The first hit decides the class: the others are told with it, not counted again. */
    if (count == 0 || hits[0].type != JSON_OBJECT)
        return 0;
    size_t members_count = json_members(&hits[0], members, MEMBERS_MAX);
    members_count = members_count < MEMBERS_MAX ? members_count : MEMBERS_MAX;
    const struct json_value *context = sentence_member(members, members_count, "context");
    result =
        count_value(reporters, "mark", sentence_member(members, members_count, "mark"), outcome);
    if (result == 0 && context != NULL && context->type == JSON_OBJECT) {
        size_t inner_count = json_members(context, inner, MEMBERS_MAX);
        inner_count = inner_count < MEMBERS_MAX ? inner_count : MEMBERS_MAX;
        context = sentence_member(inner, inner_count, "kind");
    }
    return result < 0 ? result : count_value(reporters, "context", context, outcome);
}

/* 1 when the line is a match and was counted; 0; -errno. */
static int count_line(struct reviews *reviews, struct reporters *reporters, const char *line,
                      size_t len, const struct review *review)
{
    struct json_member members[MEMBERS_MAX];
    struct json_value root;
    struct record_head head;
    enum record_kind kind;
    bool surrogate;
    if (record_decode_head(line, len, &head, &kind) < 0 || kind != RECORD_MATCH ||
        head.run != review->run ||
        json_parse(reviews->parser, line, len, &root, &surrogate) != JSON_OK)
        return 0;
    size_t count = json_members(&root, members, MEMBERS_MAX);
    count = count < MEMBERS_MAX ? count : MEMBERS_MAX;
    const struct json_value *hits = sentence_member(members, count, "hits");
    const struct json_value *sighting = sentence_member(members, count, "sighting");
    /* The match that follows a reviewed sighting is that sighting's, or another's. */
    if (head.seq != review->seq && (sighting == NULL || sighting->type != JSON_INTEGER ||
                                    (uint64_t)sighting->integer != review->seq))
        return 0;
    int result = count_for(reporters, "all", "", review->outcome);
    if (result == 0 && hits != NULL && hits->type == JSON_ARRAY)
        result = count_hits(reporters, hits, review->outcome);
    return result < 0 ? result : 1;
}

int reviews_count(struct reviews *reviews, struct reporters *reporters)
{
    struct feed *feed = NULL;
    int result = feed_open(reporters->asking.ledger, &feed);
    reporters->reviews_elsewhere = reviews->elsewhere;
    for (size_t i = 0; i < reviews->count && result == 0; i++) {
        const char *line;
        size_t len;
        uint64_t seq;
        int counted = 0;
        result = feed_seek(feed, reviews->at[i].seq);
        /* The record itself, or the one behind it. */
        for (unsigned turn = 0; turn < 2 && result == 0 && counted == 0; turn++) {
            int more = feed_next(feed, &line, &len, &seq);
            if (more > 0 && seq <= reviews->at[i].seq + 1)
                counted = count_line(reviews, reporters, line, len, &reviews->at[i]);
            result = more < 0 ? more : counted < 0 ? counted : 0;
        }
        reporters->reviews_elsewhere += counted == 0;
    }
    feed = feed_close(feed);
    return result;
}

struct reviews *reviews_open(void)
{
    struct reviews *reviews = calloc(1, sizeof *reviews);
    if (reviews == NULL)
        return NULL;
    reviews->parser = json_open();
    return reviews->parser == NULL ? reviews_close(reviews) : reviews;
}

struct reviews *reviews_close(struct reviews *reviews)
{
    if (reviews == NULL)
        return NULL;
    reviews->parser = json_close(reviews->parser);
    free(reviews->at);
    free(reviews);
    return NULL;
}
