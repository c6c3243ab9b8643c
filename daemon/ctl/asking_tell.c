/*
 * The account at the end of an answer: what it rests on, what was left out, what is missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/asking.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/folder.h"
#include "daemon/ctl/json_line.h"
#include "daemon/event.h"
#include "daemon/knowledge/tell.h"
#include "daemon/ledger/checkpoint.h"
#include "daemon/time_text.h"

#define SENTENCE_BYTES 256u /* with room for "Of , " */
#define LEFT_SHOWN_MAX 20u  /* of each; then only their number is told */

size_t asking_checkpoint(const char *ledger, char ret_bytes[ASKING_CHECKPOINT_BYTES_MAX])
{
    int fd = open(ledger, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ssize_t len =
        fd == -1 ? -errno
                 : folder_read(fd, "checkpoint", (uint8_t *)ret_bytes, ASKING_CHECKPOINT_BYTES_MAX);
    if (fd != -1)
        (void)close(fd); /* only read from */
    return len > 0 ? (size_t)len : 0;
}

struct asking_signing asking_read_signing(const char *ledger)
{
    struct asking_signing signing = {0};
    struct checkpoint checkpoint;
    char bytes[ASKING_CHECKPOINT_BYTES_MAX + 1];
    size_t len = asking_checkpoint(ledger, bytes);
    bytes[len] = '\0';
    const char *end = strstr(bytes, "\n\n");
    if (end == NULL || checkpoint_parse(bytes, (size_t)(end + 1 - bytes), &checkpoint) != TLOG_OK)
        return signing;
    signing.there = true;
    signing.size = checkpoint.size;
    const char *root = strchr(strchr(bytes, '\n') + 1, '\n') + 1; /* the parser saw three lines */
    (void)snprintf(signing.root, sizeof signing.root, "%.*s", (int)strcspn(root, "\n"), root);
    return signing;
}

/* Takes a sentence on what is not there; of a platform: at == NULL: of none. */
typedef void take_missing(void *context, struct knowledge_text platform, const char *sentence);

struct missing {
    take_missing *say;
    void *context;
};

static int say_uncovered(void *context, const struct knowledge_covered *covered)
{
    const struct missing *missing = context;
    if (!covered->counter)
        missing->say(missing->context, covered->platform,
                     "no record says that all counter-notices were recorded: there may have been "
                     "others.");
    if (!covered->crawl)
        missing->say(missing->context, covered->platform,
                     "no record says when the platform was crawled without a break: that a listing "
                     "was not seen does not show that it was gone.");
    return 0;
}

/* What is not there, in whole sentences. Written to `say` one by one. */
static void each_missing(const struct asking *asking, const struct asking_signing *signing,
                         take_missing *say, void *context)
{
    static const struct knowledge_text none = {NULL, 0};
    struct missing missing = {say, context};
    char sentence[SENTENCE_BYTES];
    if (!signing->there)
        say(context, none,
            "The ledger has no checkpoint: no signature shows that nobody rewrote it.");
    else if (signing->size < asking->end) {
        (void)snprintf(sentence, sizeof sentence,
                       "Records from %llu on are not covered by the ledger's checkpoint yet.",
                       (unsigned long long)signing->size);
        say(context, none, sentence);
    }
    if (knowledge_coverage(asking->knowledge, &asking->filter, asking->order.at != NULL,
                           say_uncovered, &missing) < 0)
        say(context, none,
            "Out of memory: which feeds are said to be complete could not be found out.");
}

/* Whether the gap begins before the last thing that the answer is about. */
static bool touches(const struct asking *asking, const struct evidence_gap *gap)
{
    int64_t begin = gap->has_from ? gap->from_ns : gap->has_to ? gap->to_ns : INT64_MIN;
    return begin <= asking->until_ns;
}

static void print_time(FILE *stream, const char *before, int64_t ns)
{
    char time[TIME_TEXT_BYTES];
    time_text_format(ns, time);
    (void)fprintf(stream, "%s%s", before, time);
}

/* What a point of a list begins with; in HTML its end needs no tag. */
static const char *begin(const struct asking *asking)
{
    return asking->term.html ? "<li>" : "- ";
}

/* Those of one sort: a time in which noticed was stopped in order, or another. */
static void print_gaps(const struct asking *asking, bool stopped)
{
    const struct evidence_gap *gap;
    size_t shown = 0, more = 0;
    for (size_t i = 0; (gap = evidence_gap_at(asking->evidence, i)) != NULL; i++) {
        if (!touches(asking, gap) || (strcmp(gap->cause, EVIDENCE_STOPPED) == 0) != stopped)
            continue;
        if (shown++ >= LEFT_SHOWN_MAX) {
            more++;
            continue;
        }
        (void)fprintf(asking->term.stream, "%s%s (record %llu", begin(asking),
                      stopped ? "noticed was stopped" : "The record has a gap",
                      (unsigned long long)gap->seq);
        if (!stopped) {
            (void)fputs(", ", asking->term.stream);
            term_print(&asking->term, gap->cause, strlen(gap->cause));
        }
        (void)fputc(')', asking->term.stream);
        if (gap->has_from)
            print_time(asking->term.stream, " from ", gap->from_ns);
        if (gap->has_to)
            print_time(asking->term.stream, " to ", gap->to_ns);
        (void)fputs(": what happened then may not have been recorded.\n", asking->term.stream);
    }
    if (more > 0)
        (void)fprintf(asking->term.stream,
                      stopped ? "%sand %zu more such times.\n" : "%sand %zu more gaps.\n",
                      begin(asking), more);
}

static void print_left(const struct asking *asking)
{
    const struct evidence_left *left;
    size_t shown = 0, more = 0;
    for (size_t i = 0; (left = evidence_left_at(asking->evidence, i)) != NULL; i++) {
        if (shown++ >= LEFT_SHOWN_MAX) {
            more++;
            continue;
        }
        (void)fprintf(asking->term.stream, "%sRecord %llu is left out: ", begin(asking),
                      (unsigned long long)left->seq);
        if (left->ahead) {
            (void)fputs("event ", asking->term.stream);
            term_print(&asking->term, left->text.at, left->text.len);
            print_time(asking->term.stream, " is dated ", left->at_ns);
            print_time(asking->term.stream, ", later than it was recorded (", left->wall_ns);
            (void)fputs("); it counts once a review confirms it.\n", asking->term.stream);
        } else {
            (void)fputs("its event cannot be read: ", asking->term.stream);
            term_print(&asking->term, left->text.at, left->text.len);
            (void)fputs(".\n", asking->term.stream);
        }
    }
    if (more > 0)
        (void)fprintf(asking->term.stream, "%sand %zu more records are left out.\n", begin(asking),
                      more);
}

static void print_problems(const struct asking *asking)
{
    struct knowledge_text id;
    enum knowledge_problem problem;
    for (size_t i = 0; knowledge_problem_at(asking->knowledge, i, &id, &problem); i++) {
        if (i == LEFT_SHOWN_MAX) {
            (void)fprintf(asking->term.stream, "%sand more events are left out.\n", begin(asking));
            break;
        }
        (void)fprintf(asking->term.stream, "%sEvent ", begin(asking));
        term_print(&asking->term, id.at, id.len);
        (void)fputs(problem == KNOWLEDGE_CONFLICT
                        ? " is left out: two records give it different contents.\n"
                        : " is left out: it was recorded in parts, and some are missing.\n",
                    asking->term.stream);
    }
}

static void print_sentence(void *context, struct knowledge_text platform, const char *sentence)
{
    const struct asking *asking = context;
    (void)fputs(begin(asking), asking->term.stream);
    if (platform.at != NULL) {
        (void)fputs("Of ", asking->term.stream);
        term_print(&asking->term, platform.at, platform.len);
        (void)fputs(", ", asking->term.stream);
    }
    (void)fprintf(asking->term.stream, "%s\n", sentence);
}

void asking_basis(const struct asking *asking)
{
    struct asking_signing signing = asking_read_signing(asking->ledger);
    FILE *stream = asking->term.stream;
    (void)fputs("This rests on ", stream);
    if (asking->end == 0)
        (void)fputs("no record", stream);
    else
        (void)fprintf(stream, "records 0 to %llu", (unsigned long long)asking->end - 1);
    (void)fputs(" of ", stream);
    term_print(&asking->term, asking->ledger, strlen(asking->ledger));
    if (asking->limits.has_as_of)
        print_time(stream, ", and on events until ", asking->limits.as_of_ns);
    if (signing.there)
        (void)fprintf(stream,
                      "; its checkpoint covers %llu records, root %s (`noticectl verify` checks "
                      "it)",
                      (unsigned long long)signing.size, signing.root);
    (void)fputs(".\n", stream);
}

void asking_lacks(struct asking *asking)
{
    struct asking_signing signing = asking_read_signing(asking->ledger);
    each_missing(asking, &signing, print_sentence, asking);
    print_gaps(asking, false);
    print_gaps(asking, true);
    print_left(asking);
    print_problems(asking);
}

static void tell_text(struct asking *asking)
{
    asking_basis(asking);
    (void)fputs("What is missing or left out:\n", asking->term.stream);
    asking_lacks(asking);
    (void)fprintf(asking->term.stream, "\n%s\n", ASKING_STATEMENT);
}

/* The same as JSON. */
struct summary {
    const struct asking *asking;
    const struct asking_signing *signing;
};

struct sentences {
    struct text *text;
    size_t count;
};

static void put_sentence(void *context, struct knowledge_text platform, const char *sentence)
{
    struct sentences *sentences = context;
    char whole[EVENT_TEXT_BYTES_MAX + SENTENCE_BYTES];
    int len = platform.at == NULL ? snprintf(whole, sizeof whole, "%s", sentence)
                                  : snprintf(whole, sizeof whole, "Of %.*s, %s", (int)platform.len,
                                             platform.at, sentence);
    text_literal(sentences->text, sentences->count++ > 0 ? "," : "");
    text_string(sentences->text, whole, (size_t)len);
}

static void put_gaps(struct text *text, const struct asking *asking)
{
    const struct evidence_gap *gap;
    const char *separator = "{\"seq\":";
    text_literal(text, ",\"gaps\":[");
    for (size_t i = 0; (gap = evidence_gap_at(asking->evidence, i)) != NULL; i++) {
        if (!touches(asking, gap))
            continue;
        text_literal(text, separator);
        text_u64(text, gap->seq);
        text_member_string(text, "cause", gap->cause);
        if (gap->has_from)
            text_member_time(text, "from_t", gap->from_ns);
        if (gap->has_to)
            text_member_time(text, "to_t", gap->to_ns);
        text_literal(text, "}");
        separator = ",{\"seq\":";
    }
    text_literal(text, "]");
}

static void put_left(struct text *text, const struct asking *asking, bool ahead)
{
    const struct evidence_left *left;
    const char *separator = "{\"seq\":";
    text_literal(text, ahead ? ",\"held_back\":[" : ",\"unreadable\":[");
    for (size_t i = 0; (left = evidence_left_at(asking->evidence, i)) != NULL; i++) {
        if (left->ahead != ahead)
            continue;
        text_literal(text, separator);
        text_u64(text, left->seq);
        text_key(text, ahead ? "id" : "detail");
        text_string(text, left->text.at, left->text.len);
        if (ahead) {
            text_member_time(text, "at", left->at_ns);
            text_member_time(text, "t", left->wall_ns);
        }
        text_literal(text, "}");
        separator = ",{\"seq\":";
    }
    text_literal(text, "]");
}

static void put_problems(struct text *text, const struct asking *asking,
                         enum knowledge_problem wanted)
{
    struct knowledge_text id;
    enum knowledge_problem problem;
    const char *separator = "";
    text_literal(text, wanted == KNOWLEDGE_CONFLICT ? ",\"conflicts\":[" : ",\"incomplete\":[");
    for (size_t i = 0; knowledge_problem_at(asking->knowledge, i, &id, &problem); i++) {
        if (problem != wanted)
            continue;
        text_literal(text, separator);
        text_string(text, id.at, id.len);
        separator = ",";
    }
    text_literal(text, "]");
}

static void write_summary(struct text *text, const void *context)
{
    const struct summary *summary = context;
    const struct asking *asking = summary->asking;
    struct sentences sentences = {text, 0};
    text_literal(text, "{\"summary\":{\"records\":");
    text_u64(text, asking->end);
    text_member_u64(text, "read", evidence_lines(asking->evidence));
    if (asking->limits.has_as_of)
        text_member_time(text, "as_of", asking->limits.as_of_ns);
    text_key(text, "checkpoint");
    if (summary->signing->there) {
        text_literal(text, "{\"size\":");
        text_u64(text, summary->signing->size);
        text_member_string(text, "root", summary->signing->root);
        text_literal(text, "}");
    } else {
        text_literal(text, "null");
    }
    text_literal(text, ",\"missing\":[");
    each_missing(asking, summary->signing, put_sentence, &sentences);
    text_literal(text, "]");
    put_gaps(text, asking);
    put_left(text, asking, true);
    put_left(text, asking, false);
    put_problems(text, asking, KNOWLEDGE_CONFLICT);
    put_problems(text, asking, KNOWLEDGE_INCOMPLETE);
    text_member_string(text, "statement", ASKING_STATEMENT);
    text_literal(text, "}}");
}

void asking_tell(struct asking *asking)
{
    struct asking_signing signing = asking_read_signing(asking->ledger);
    struct summary summary = {asking, &signing};
    if (asking->text)
        tell_text(asking);
    else if (json_line_print(write_summary, &summary) < 0)
        (void)ctl_error("%s: %s", asking->command, ctl_errno(ENOMEM));
}
