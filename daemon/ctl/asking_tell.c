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
#include "daemon/ledger/checkpoint.h"
#include "daemon/time_text.h"

#define SIGNED_BYTES_MAX 65536u /* of a checkpoint, with the signatures of witnesses */
#define LEFT_SHOWN_MAX   20u    /* of each; then only their number is told */

/* How far the ledger says that it is signed. */
struct signing {
    bool there;
    uint64_t size;
    char root[64]; /* base64, as the checkpoint has it */
};

/* Reads the checkpoint's text. Whether it is rightly signed is for verify to say. */
static struct signing read_signing(const char *ledger)
{
    char bytes[SIGNED_BYTES_MAX + 1];
    struct signing signing = {0};
    struct checkpoint checkpoint;
    int fd = open(ledger, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ssize_t len =
        fd == -1 ? -errno : folder_read(fd, "checkpoint", (uint8_t *)bytes, sizeof bytes - 1);
    if (fd != -1)
        (void)close(fd); /* only read from */
    if (len <= 0)
        return signing;
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

/* What is not there, in whole sentences. Written to `say` one by one. */
static void each_missing(const struct asking *asking, const struct signing *signing,
                         void (*say)(void *context, const char *sentence), void *context)
{
    char sentence[256];
    if (!signing->there)
        say(context, "The ledger has no checkpoint: no signature shows that nobody rewrote it.");
    else if (signing->size < asking->end) {
        (void)snprintf(sentence, sizeof sentence,
                       "Records from %llu on are not covered by the ledger's checkpoint yet.",
                       (unsigned long long)signing->size);
        say(context, sentence);
    }
    if (!asking->covered_counter)
        say(context, "No record says that all counter-notices were recorded: there may have been "
                     "others.");
    if (!asking->covered_crawl)
        say(context, "No record says when the platform was crawled without a break: that a listing "
                     "was not seen does not show that it was gone.");
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

static void print_gaps(const struct asking *asking)
{
    const struct evidence_gap *gap;
    size_t shown = 0, more = 0;
    for (size_t i = 0; (gap = evidence_gap_at(asking->evidence, i)) != NULL; i++) {
        if (!touches(asking, gap))
            continue;
        if (shown++ >= LEFT_SHOWN_MAX) {
            more++;
            continue;
        }
        printf("- The record has a gap (record %llu, ", (unsigned long long)gap->seq);
        term_print(&asking->term, gap->cause, strlen(gap->cause));
        (void)fputc(')', stdout);
        if (gap->has_from)
            print_time(stdout, " from ", gap->from_ns);
        if (gap->has_to)
            print_time(stdout, " to ", gap->to_ns);
        (void)fputs(": what happened then may not have been recorded.\n", stdout);
    }
    if (more > 0)
        printf("- and %zu more gaps.\n", more);
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
        printf("- Record %llu is left out: ", (unsigned long long)left->seq);
        if (left->ahead) {
            (void)fputs("event ", stdout);
            term_print(&asking->term, left->text.at, left->text.len);
            print_time(stdout, " is dated ", left->at_ns);
            print_time(stdout, ", later than it was recorded (", left->wall_ns);
            (void)fputs("); it counts once a review confirms it.\n", stdout);
        } else {
            (void)fputs("its event cannot be read: ", stdout);
            term_print(&asking->term, left->text.at, left->text.len);
            (void)fputs(".\n", stdout);
        }
    }
    if (more > 0)
        printf("- and %zu more records are left out.\n", more);
}

static void print_problems(const struct asking *asking)
{
    struct knowledge_text id;
    enum knowledge_problem problem;
    for (size_t i = 0; knowledge_problem_at(asking->knowledge, i, &id, &problem); i++) {
        if (i == LEFT_SHOWN_MAX) {
            (void)fputs("- and more events are left out.\n", stdout);
            break;
        }
        (void)fputs("- Event ", stdout);
        term_print(&asking->term, id.at, id.len);
        (void)fputs(problem == KNOWLEDGE_CONFLICT
                        ? " is left out: two records give it different contents.\n"
                        : " is left out: it was recorded in parts, and some are missing.\n",
                    stdout);
    }
}

static void print_sentence(void *context, const char *sentence)
{
    (void)context;
    printf("- %s\n", sentence);
}

static void tell_text(const struct asking *asking, const struct signing *signing)
{
    (void)fputs("This rests on ", stdout);
    if (asking->end == 0)
        (void)fputs("no record", stdout);
    else
        printf("records 0 to %llu", (unsigned long long)asking->end - 1);
    (void)fputs(" of ", stdout);
    term_print(&asking->term, asking->ledger, strlen(asking->ledger));
    if (asking->limits.has_as_of)
        print_time(stdout, ", and on events until ", asking->limits.as_of_ns);
    if (signing->there)
        printf("; its checkpoint covers %llu records, root %s (`noticectl verify` checks it)",
               (unsigned long long)signing->size, signing->root);
    (void)fputs(".\nWhat is missing or left out:\n", stdout);
    each_missing(asking, signing, print_sentence, NULL);
    print_gaps(asking);
    print_left(asking);
    print_problems(asking);
    printf("\n%s\n", ASKING_STATEMENT);
}

/* The same as JSON. */
struct summary {
    const struct asking *asking;
    const struct signing *signing;
};

struct sentences {
    struct text *text;
    size_t count;
};

static void put_sentence(void *context, const char *sentence)
{
    struct sentences *sentences = context;
    text_literal(sentences->text, sentences->count++ > 0 ? "," : "");
    text_string(sentences->text, sentence, strlen(sentence));
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
    struct signing signing = read_signing(asking->ledger);
    struct summary summary = {asking, &signing};
    if (asking->text)
        tell_text(asking, &signing);
    else if (json_line_print(write_summary, &summary) < 0)
        (void)ctl_error("%s: %s", asking->command, ctl_errno(ENOMEM));
}
