/*
 * Reading what a question is about.
 */
#include "daemon/ctl/asking.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/index_ask.h"
#include "daemon/feed.h"
#include "daemon/ledger/record.h"
#include "daemon/record_event.h"
#include "daemon/time_text.h"

static int wrong(const struct asking *asking, const char *what, const char *value)
{
    (void)ctl_error("%s: %s: %s", asking->command, what, value);
    return -EINVAL;
}

static struct knowledge_text text_of(const char *value)
{
    return (struct knowledge_text){value, strlen(value)};
}

static int take_output(struct asking *asking, const char *value)
{
    asking->text = strcmp(value, "text") == 0;
    return asking->text || strcmp(value, "json") == 0
               ? 0
               : wrong(asking, "--output must be json or text, not", value);
}

static int take_parsed(struct asking *asking, const char *name, const char *value)
{
    struct evidence_limits *limits = &asking->limits;
    if (strcmp(name, "as-of") == 0) {
        limits->has_as_of = true;
        return time_text_parse(value, strlen(value), &limits->as_of_ns) == 0
                   ? 0
                   : wrong(asking,
                           "--as-of must be a time with an offset, like 2026-11-24T15:00:00Z, not",
                           value);
    }
    if (strcmp(name, "seq-max") == 0) {
        limits->has_seq_max = true;
        return ctl_number(value, UINT64_MAX - 1, &limits->seq_max) == 0
                   ? 0
                   : wrong(asking, "--seq-max must be a number, not", value);
    }
    if (strcmp(name, "output") == 0)
        return take_output(asking, value);
    if (strcmp(name, "color") == 0)
        return term_colour_parse(value, &asking->colour) == 0
                   ? 0
                   : wrong(asking, "--color must be auto, always or never, not", value);
    return -ENOENT;
}

int asking_option(struct asking *asking, const char *name, const char *value)
{
    const struct {
        const char *name;
        struct knowledge_text *text;
        bool *flag;
    } rows[] = {
        {"platform", &asking->filter.platform, NULL},
        {"merchant", &asking->filter.merchant, NULL},
        {"act", &asking->filter.act, NULL},
        {"listing", &asking->listing, NULL},
        {"order", &asking->order, NULL},
        {"all-pairs", NULL, &asking->all_pairs},
        {"open", NULL, &asking->open_only},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(name, rows[i].name) != 0)
            continue;
        if (rows[i].flag != NULL)
            *rows[i].flag = true;
        else
            *rows[i].text = text_of(value);
        return 0;
    }
    return take_parsed(asking, name, value);
}

int asking_arguments(struct asking *asking, const struct ctl_command *command, int argc,
                     char **argv)
{
    const char *value = NULL;
    int first = argc, option;
    asking->command = command->name;
    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0)
        if (asking_option(asking, command->options[option].name, value) < 0)
            return CTL_OPTION_WRONG;
    if (option != CTL_OPTION_END)
        return option;
    if (argc - first != 1) {
        (void)ctl_error("%s: say which ledger to read, one folder; see `noticectl %s --help`",
                        command->name, command->name);
        return CTL_OPTION_WRONG;
    }
    asking->ledger = argv[first];
    return CTL_OPTION_END;
}

int asking_open(struct asking *asking)
{
    /* The seed of hash tables: where the loader put us is enough chance, and no result depends
       on it. */
    asking->knowledge = knowledge_open((uint64_t)(uintptr_t)asking);
    asking->term = term_open(stdout, asking->colour);
    asking->until_ns = INT64_MIN;
    return asking->knowledge == NULL ? ctl_error("%s: %s", asking->command, ctl_errno(ENOMEM))
                                     : CTL_OK;
}

/* Where events go. */
struct intake {
    struct asking *asking;
    evidence_take *also;
    void *context;
    struct index_ask *index; /* NULL: all is read */
};

/* With --order the orders are that one alone (domain 0.1: one act, one merchant, one order). */
static bool is_other_order(const struct asking *asking, const struct knowledge_event *event)
{
    bool order = event->kind >= KNOWLEDGE_ORDER && event->kind <= KNOWLEDGE_ORDER_VACATED;
    return asking->order.at != NULL && order &&
           (event->subject.len != asking->order.len ||
            memcmp(event->subject.at, asking->order.at, event->subject.len) != 0);
}

static int take_item(void *context, const struct evidence_item *item)
{
    const struct intake *intake = context;
    struct asking *asking = intake->asking;
    const struct knowledge_event *event = item->event;
    if (is_other_order(asking, event))
        return 0;
    int result = knowledge_add(asking->knowledge, event);
    if (result == 0 && intake->also != NULL)
        result = intake->also(intake->context, item);
    return result;
}

/* Every line, in their order. 0 or -errno. */
static int read_feed(struct asking *asking, struct feed *feed)
{
    const char *line;
    size_t len;
    uint64_t seq;
    for (;;) {
        int more = feed_next(feed, &line, &len, &seq);
        if (more <= 0)
            return more;
        if (asking->limits.has_seq_max && seq > asking->limits.seq_max)
            return 0;
        int result = evidence_line(asking->evidence, line, len);
        if (result < 0)
            return result;
        asking->end = seq + 1;
    }
}

static int failed(const struct asking *asking, int error)
{
    if (error == -EBADMSG)
        return ctl_error("%s: %s: damaged at record %llu; see `noticectl verify %s`",
                         asking->command, asking->ledger, (unsigned long long)asking->end,
                         asking->ledger);
    if (error == -ENOENT)
        return ctl_error("%s: no feed in %s: is it the folder of a ledger?", asking->command,
                         asking->ledger);
    return ctl_error("%s: cannot read %s: %s", asking->command, asking->ledger, ctl_errno(error));
}

static int see_item(void *context, const struct evidence_item *item)
{
    const struct intake *intake = context;
    return index_ask_see(intake->index, item);
}

/* Everything. 0 or -errno. */
static int read_all(struct asking *asking, struct intake *intake)
{
    struct feed *feed = NULL;
    asking->evidence = evidence_open(&asking->limits, take_item, NULL, intake);
    if (asking->evidence == NULL)
        return -ENOMEM;
    int result = feed_open(asking->ledger, &feed);
    if (result == 0)
        result = read_feed(asking, feed);
    feed = feed_close(feed);
    return result < 0 ? result : evidence_finish(asking->evidence);
}

/* What the index says concerns the question. 0; -ENOENT: there is none; -errno. */
static int read_index(struct asking *asking, struct intake *intake)
{
    struct index_question question = {asking->filter.merchant, asking->order, 0};
    int result = index_ask_open(asking->ledger, &intake->index, &question.end);
    if (result == 0 && asking->limits.has_seq_max && asking->limits.seq_max < question.end)
        question.end = asking->limits.seq_max + 1;
    if (result == 0)
        asking->evidence = evidence_open(&asking->limits, take_item, see_item, intake);
    if (result == 0 && asking->evidence == NULL)
        result = -ENOMEM;
    if (result == 0)
        result = index_ask_read(intake->index, &question, asking->evidence);
    if (result == 0)
        result = evidence_finish(asking->evidence);
    asking->end = question.end;
    intake->index = index_ask_close(intake->index);
    return result;
}

/* Begins again, without what was read so far. 0 or -ENOMEM. */
static int start_over(struct asking *asking)
{
    asking->evidence = evidence_close(asking->evidence);
    asking->knowledge = knowledge_close(asking->knowledge);
    asking->knowledge = knowledge_open((uint64_t)(uintptr_t)asking);
    asking->end = 0;
    return asking->knowledge == NULL ? -ENOMEM : 0;
}

int asking_read(struct asking *asking, evidence_take *also, void *context)
{
    struct intake intake = {asking, also, context, NULL};
    bool narrow = (asking->filter.merchant.at != NULL || asking->order.at != NULL) &&
                  asking->listing.at == NULL && !asking->all_pairs;
    if (asking_open(asking) != CTL_OK)
        return CTL_USAGE;
    int result = narrow ? read_index(asking, &intake) : -ENOENT;
    if (result < 0) {
        if (result != -ENOENT)
            (void)ctl_error("%s: the index of %s cannot be used (%s): reading all records, going "
                            "on; `noticectl index --rebuild %s` makes it anew",
                            asking->command, asking->ledger, ctl_errno(result), asking->ledger);
        result = start_over(asking);
        if (result == 0)
            result = read_all(asking, &intake);
    }
    if (result == 0)
        result = knowledge_build(asking->knowledge);
    return result < 0 ? failed(asking, result) : CTL_OK;
}

/* A few far apart are sought one by one; many are met on the way. */
#define SEEK_LINES_MIN 512u

/* The record of this seq, from where the feed stands or by seeking. 1, 0 past the end, -errno. */
static int find_line(struct feed *feed, uint64_t wanted, uint64_t *next, const char **ret_line,
                     size_t *ret_len)
{
    uint64_t seq;
    if (wanted - *next >= SEEK_LINES_MIN) {
        int result = feed_seek(feed, wanted);
        if (result < 0)
            return result;
    }
    int more;
    while ((more = feed_next(feed, ret_line, ret_len, &seq)) > 0 && seq < wanted)
        ;
    *next = wanted + 1;
    return more > 0 && seq != wanted ? -EBADMSG : more;
}

int asking_again(struct asking *asking, const uint64_t *seqs, size_t count, evidence_take *take,
                 void *context)
{
    struct feed *feed = NULL;
    uint64_t next = 0;
    int result = feed_open(asking->ledger, &feed);
    for (size_t i = 0; i < count && result == 0; i++) {
        const char *line;
        size_t len;
        struct evidence_item item = {.seq = seqs[i]};
        result = find_line(feed, seqs[i], &next, &line, &len);
        if (result <= 0)
            break;
        struct record_head head;
        enum record_kind kind;
        result = record_decode_head(line, len, &head, &kind);
        item.wall_ns = head.wall_ns;
        item.raw = line;
        item.raw_len = len;
        if (result == 0 &&
            (kind == RECORD_WARNING || record_event_find(line, len, &item.raw, &item.raw_len)))
            result = take(context, &item);
    }
    feed = feed_close(feed);
    return result < 0 ? failed(asking, result) : CTL_OK;
}

int64_t asking_now(const struct asking *asking)
{
    return asking->limits.has_as_of ? asking->limits.as_of_ns : evidence_last_ns(asking->evidence);
}

const char *asking_hint(const struct asking *asking)
{
    const struct knowledge_text *merchant = &asking->filter.merchant;
    bool bare = merchant->at != NULL && memchr(merchant->at, '/', merchant->len) == NULL;
    return bare ? " (a crawler's seller is PLATFORM/SELLER, such as bazaar/s1)" : "";
}

int asking_exit(const struct asking *asking)
{
    const struct evidence_left *left;
    for (size_t i = 0; (left = evidence_left_at(asking->evidence, i)) != NULL; i++)
        if (!left->ahead)
            return CTL_REJECTED;
    return CTL_OK;
}

void asking_close(struct asking *asking)
{
    asking->knowledge = knowledge_close(asking->knowledge);
    asking->evidence = evidence_close(asking->evidence);
}
