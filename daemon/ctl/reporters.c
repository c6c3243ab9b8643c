/*
 * noticectl reporters: what became of each reporter's notices, and of the matcher's matches. So
 * that whoever errs can be seen to: reporters, platform and matcher alike.
 */
#include "daemon/ctl/reporters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/reviews.h"
#include "daemon/ctl/sentence.h"
#include "daemon/json.h"
#include "daemon/knowledge/moment.h"
#include "daemon/knowledge/tell.h"
#include "daemon/knowledge/vector.h"

#define MEMBERS_MAX 64u
#define ID_BYTES    129u

static const struct ctl_option options[] = {
    {"platform", 0, "NAME", "only notices to this platform"},
    {"as-of", 0, "TIME", "as it stood at this time, like 2026-11-24T15:00:00Z"},
    {"seq-max", 0, "N", "leave out records past N"},
    {"output", 'o', "FORM", "text (for people) or json (one reporter a line)"},
    {"color", 0, "WHEN", "of text: auto, always or never"},
    {0},
};

/* What an event about a notice says, kept until it is known which events count. */
enum said {
    SAID_SENT = 0,
    SAID_UPHELD,
    SAID_REJECTED,
    SAID_COUNTERED,
    SAID_COUNTER_ACCEPTED,
    SAID_WITHDRAWN,
    SAID_COUNT,
};

struct saying {
    char id[ID_BYTES];
    enum said said;
    char reporter[REPORTERS_NAME_BYTES]; /* of SAID_SENT */
};

struct collecting {
    struct reporters *reporters;
    struct reviews *reviews;
    struct json_parser *parser;
    struct saying *sayings; /* sorted by id once all are there */
    size_t count, room;
    bool said[SAID_COUNT]; /* of the notice under way */
    char reporter[REPORTERS_NAME_BYTES];
};

static bool what_is_said(const struct knowledge_event *event, enum said *ret_said)
{
    if (event->kind == KNOWLEDGE_NOTICE_SENT)
        *ret_said = SAID_SENT;
    else if (event->kind == KNOWLEDGE_NOTICE_DECISION && event->state == KNOWLEDGE_STATE_UPHELD)
        *ret_said = SAID_UPHELD;
    else if (event->kind == KNOWLEDGE_NOTICE_DECISION && event->state == KNOWLEDGE_STATE_REJECTED)
        *ret_said = SAID_REJECTED;
    else if (event->kind == KNOWLEDGE_COUNTER_FILED)
        *ret_said = SAID_COUNTERED;
    else if (event->kind == KNOWLEDGE_COUNTER_DECISION && event->state == KNOWLEDGE_STATE_ACCEPTED)
        *ret_said = SAID_COUNTER_ACCEPTED;
    else if (event->kind == KNOWLEDGE_NOTICE_WITHDRAW)
        *ret_said = SAID_WITHDRAWN;
    else
        return false;
    return true;
}

/* The members of the event; 0 when it is no object. */
static size_t parse(struct collecting *collecting, const struct evidence_item *item,
                    struct json_member members[MEMBERS_MAX])
{
    struct json_value root;
    bool surrogate;
    if (json_parse(collecting->parser, item->raw, item->raw_len, &root, &surrogate) != JSON_OK ||
        root.type != JSON_OBJECT)
        return 0;
    size_t count = json_members(&root, members, MEMBERS_MAX);
    return count < MEMBERS_MAX ? count : MEMBERS_MAX;
}

static int take_event(void *context, const struct evidence_item *item)
{
    struct collecting *collecting = context;
    struct json_member members[MEMBERS_MAX];
    enum said said;
    if (item->event->kind == KNOWLEDGE_OTHER)
        return reviews_take(collecting->reviews, members, parse(collecting, item, members));
    if (!what_is_said(item->event, &said))
        return 0;
    struct saying *sayings =
        vector_room(collecting->sayings, &collecting->room, collecting->count, 1, sizeof *sayings);
    if (sayings == NULL)
        return -ENOMEM;
    collecting->sayings = sayings;
    struct saying *saying = &sayings[collecting->count++];
    *saying = (struct saying){.said = said};
    (void)snprintf(saying->id, sizeof saying->id, "%.*s", (int)item->event->id.len,
                   item->event->id.at);
    if (said != SAID_SENT)
        return 0;
    size_t count = parse(collecting, item, members);
    const struct json_value *name = sentence_member(members, count, "reporter");
    if (name != NULL && name->type == JSON_STRING)
        (void)snprintf(saying->reporter, sizeof saying->reporter, "%.*s", (int)name->len,
                       name->text);
    return 0;
}

static int by_id(const void *left, const void *right)
{
    return strcmp(((const struct saying *)left)->id, ((const struct saying *)right)->id);
}

static int add_said(void *context, struct knowledge_text id)
{
    struct collecting *collecting = context;
    struct saying key = {.id = ""};
    (void)snprintf(key.id, sizeof key.id, "%.*s", (int)id.len, id.at);
    if (collecting->count == 0)
        return 0;
    const struct saying *saying =
        bsearch(&key, collecting->sayings, collecting->count, sizeof key, by_id);
    if (saying == NULL)
        return 0;
    collecting->said[saying->said] = true;
    if (saying->said == SAID_SENT)
        memcpy(collecting->reporter, saying->reporter, sizeof saying->reporter);
    return 0;
}

/* The reporter of this name, new or known. NULL: out of memory. */
static struct reporter *reporter_of(struct reporters *reporters, const char *name)
{
    size_t low = 0, high = reporters->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(reporters->reporters[middle].name, name);
        if (order == 0)
            return &reporters->reporters[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    struct reporter *all =
        vector_room(reporters->reporters, &reporters->room, reporters->count, 1, sizeof *all);
    if (all == NULL)
        return NULL;
    reporters->reporters = all;
    memmove(all + low + 1, all + low, (reporters->count - low) * sizeof *all);
    reporters->count++;
    all[low] = (struct reporter){0};
    (void)snprintf(all[low].name, sizeof all[low].name, "%s", name);
    return &all[low];
}

static int add_listing(struct reporter *reporter, const struct knowledge_noticed *noticed)
{
    if (!noticed->effective)
        return 0;
    reporter->noticed++;
    reporter->beyond_grace += noticed->removed && noticed->late;
    if (!noticed->removed)
        return 0;
    int64_t *removed = vector_room(reporter->removed_ns, &reporter->removed_room, reporter->removed,
                                   1, sizeof *removed);
    if (removed == NULL)
        return -ENOMEM;
    reporter->removed_ns = removed;
    removed[reporter->removed++] = moment_sum(noticed->removed_ns, -noticed->known_ns);
    return 0;
}

static int take_notice(void *context, const struct knowledge_notice *notice)
{
    struct collecting *collecting = context;
    memset(collecting->said, 0, sizeof collecting->said);
    collecting->reporter[0] = '\0';
    int result = knowledge_notice_ids(collecting->reporters->asking.knowledge, notice->notice,
                                      add_said, collecting);
    struct reporter *reporter = reporter_of(collecting->reporters, collecting->reporter);
    if (reporter == NULL)
        return -ENOMEM;
    reporter->notices++;
    reporter->upheld += collecting->said[SAID_UPHELD];
    reporter->rejected += collecting->said[SAID_REJECTED];
    reporter->countered += collecting->said[SAID_COUNTERED];
    reporter->counters_accepted += collecting->said[SAID_COUNTER_ACCEPTED];
    reporter->withdrawn += collecting->said[SAID_WITHDRAWN];
    for (size_t i = 0; i < notice->listings_count && result == 0; i++)
        result = add_listing(reporter, &notice->listings[i]);
    return result;
}

static int by_time(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

int64_t reporters_quantile(const int64_t *sorted, size_t count, unsigned percent)
{
    size_t rank = (count * percent + 99) / 100;
    return sorted[rank == 0 ? 0 : rank - 1];
}

static int count_all(struct collecting *collecting)
{
    struct reporters *reporters = collecting->reporters;
    struct asking *asking = &reporters->asking;
    if (collecting->count > 0)
        qsort(collecting->sayings, collecting->count, sizeof *collecting->sayings, by_id);
    asking->until_ns = asking_now(asking);
    int result = knowledge_notices(asking->knowledge, &asking->filter, asking->until_ns,
                                   take_notice, collecting);
    for (size_t i = 0; i < reporters->count; i++)
        if (reporters->reporters[i].removed > 1)
            qsort(reporters->reporters[i].removed_ns, reporters->reporters[i].removed,
                  sizeof(int64_t), by_time);
    if (result == 0)
        result = reviews_count(collecting->reviews, reporters);
    if (result == 0)
        result = reporters_print(reporters);
    if (result < 0)
        return ctl_error("reporters: %s", ctl_errno(result));
    asking_tell(asking);
    int exit_code = ctl_finish();
    return exit_code == CTL_OK ? asking_exit(asking) : exit_code;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct reporters reporters = {.asking = {.text = true}};
    struct asking *asking = &reporters.asking;
    struct collecting collecting = {.reporters = &reporters};
    int option = asking_arguments(asking, command, argc, argv);
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    collecting.parser = json_open();
    collecting.reviews = reviews_open();
    int exit_code = collecting.parser == NULL || collecting.reviews == NULL
                        ? ctl_error("reporters: %s", ctl_errno(ENOMEM))
                        : asking_read(asking, take_event, &collecting);
    if (exit_code == CTL_OK)
        exit_code = count_all(&collecting);
    for (size_t i = 0; i < reporters.count; i++)
        free(reporters.reporters[i].removed_ns);
    free(reporters.reporters);
    free(reporters.reviewed);
    free(collecting.sayings);
    collecting.reviews = reviews_close(collecting.reviews);
    collecting.parser = json_close(collecting.parser);
    asking_close(asking);
    return exit_code;
}

const struct ctl_command ctl_reporters = {
    .name = "reporters",
    .arguments = "LEDGER",
    .summary = "count what became of each reporter's notices, and of the matcher's matches",
    .details =
        "Of each reporter: notices, how many were upheld, rejected, countered or withdrawn,\n"
        "and how long removals took. Of the matcher: how often reviewers found a match to\n"
        "be false, by mark and by context, with 95 % intervals (Wilson). There is no score\n"
        "of a merchant.\n\n" ASKING_STATEMENT "\n",
    .options = options,
    .run = run,
};
