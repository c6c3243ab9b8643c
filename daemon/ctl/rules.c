/*
 * noticectl rules check: reads lists and rules, tells everything that is wrong with them as a
 * compiler does, runs their examples, and measures what they cost.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/patterns.h"
#include "daemon/ctl/problems.h"
#include "daemon/ctl/set_cost.h"
#include "daemon/ctl/stopwatch.h"
#include "matcher/rules_check.h"

/* Past these an expression is called dear: a listing has about half a KB, and the rest of the
   matcher takes about 1,000 ns of it. */
#define DEAR_NS_KB      20000u
#define DEAR_COMPILE_MS 1000u
#define DEAR_BYTES      (1u << 20)
#define MEASURE_US      20000u

enum rules_option { RULES_OPTION_MARKS = 0, RULES_OPTION_CUES };

static const struct ctl_option options[] = {
    {"marks", 'm', "FILE", "the marks that the rules name, TSV; may be given several times"},
    {"cues", 'c', "FILE", "the cues that stand beside them, TSV; likewise"},
    {0},
};

struct check {
    struct matcher_lists *lists;
    struct problems problems;
    enum problems_severity severity;
    const char *path; /* of the text that is being read, or NULL */
    size_t file;      /* its number, in the order of reading */
    struct {
        const char *path;
        size_t file;
    } sources[RULES_SOURCES_MAX]; /* the texts of rules that were read without an error */
    bool marks_are_bad, unread;
};

static void tell(void *context, const struct matcher_error *error)
{
    struct check *check = context;
    const char *path = check->path;
    size_t file = check->file;
    if (path == NULL && error->source > 0) {
        path = check->sources[error->source - 1].path;
        file = check->sources[error->source - 1].file;
    }
    problems_add(&check->problems, check->severity, path, file, error);
}

/* Reads one text; what is wrong in it is kept. 0; -ENOMEM. */
static int read_text(struct check *check, enum ruleset_source_kind kind, const char *path)
{
    char *bytes = NULL;
    size_t len = 0;
    int done = ruleset_read_file(path, &bytes, &len);
    check->file++;
    if (done < 0) {
        (void)ctl_error("cannot read %s: %s", path, ruleset_read_error(done));
        check->unread = true;
        return done == -ENOMEM ? done : 0;
    }
    check->path = path;
    switch (kind) {
    case RULESET_MARKS:
        done = lists_read_marks(check->lists, bytes, len, tell, check);
        check->marks_are_bad = check->marks_are_bad || done < 0;
        break;
    case RULESET_CUES:
        done = lists_read_cues(check->lists, bytes, len, tell, check);
        break;
    case RULESET_RULES:
        done = rules_read(check->lists, bytes, len, tell, check);
        if (done == 0) {
            size_t source = check->lists->rules->sources_count - 1;
            check->sources[source].path = path;
            check->sources[source].file = check->file;
        }
        break;
    }
    check->path = NULL;
    free(bytes);
    return done == -ENOMEM ? done : 0;
}

/* Notes what one expression costs. */
static void measure(struct check *check, const struct rules_probe *probe, uint64_t compile_ms)
{
    uint64_t bytes = 0, us = 0, begun_us = stopwatch_cpu_us();
    for (; us < MEASURE_US; us = stopwatch_cpu_us() - begun_us) {
        size_t looked = rules_probe_run(probe);
        if (looked == 0)
            break;
        bytes += looked;
    }
    uint64_t ns_kb = bytes == 0 ? 0 : us * 1000 / (bytes / 1000 + 1);
    bool dear = ns_kb > DEAR_NS_KB || compile_ms > DEAR_COMPILE_MS || probe->bytes > DEAR_BYTES;
    struct matcher_error error = {
        .line = probe->at.line, .column = probe->at.column, .source = probe->at.source};
    (void)snprintf(error.text, sizeof error.text,
                   "the expression takes %llu ns/KB, %llu ms to compile, %zu bytes%s",
                   (unsigned long long)ns_kb, (unsigned long long)compile_ms, probe->bytes,
                   dear ? "; past 20,000 ns/KB, 1,000 ms or 1 MiB it slows everything" : "");
    check->severity = dear ? PROBLEMS_WARNING : PROBLEMS_NOTE;
    tell(check, &error);
}

static int measure_expressions(struct check *check)
{
    struct matcher_error error;
    for (size_t i = 0;; i++) {
        struct rules_probe probe;
        uint64_t begun_us = stopwatch_cpu_us();
        int done = rules_probe_open(check->lists, i, &probe, &error);
        if (done < 0)
            return done == -ENOENT ? 0 : done;
        measure(check, &probe, (stopwatch_cpu_us() - begun_us) / 1000);
        rules_probe_close(&probe);
    }
}

/* What was read as a whole: that of a text with an error is not there. 0; -ENOMEM. */
static int check_set(struct check *check)
{
    const struct matcher_lists *lists = check->lists;
    int done = 0;
    (void)rules_check_reach(lists, tell, check); /* tell counts */
    bool some = lists->marks_count > 0 || lists->rules->count > 0;
    if (!check->marks_are_bad && (some || check->problems.errors == 0))
        done = rules_check_compile(lists, tell, check);
    check->severity = PROBLEMS_WARNING;
    (void)rules_check_words(lists, tell, check); /* tell counts */
    if (check->problems.errors == 0)
        done = measure_expressions(check);
    return done == -EINVAL ? 0 : done; /* told */
}

/* What is good, and what it costs. 0 or -errno. */
static int print_summary(const struct check *check, bool has_marks)
{
    const struct rules *rules = check->lists->rules;
    printf("%zu marks, %zu cues, ", check->lists->marks_count, check->lists->cues_count);
    printf("%zu rules, %zu words, %zu expressions, %zu examples: good", rules->count,
           rules->phrases_count, rules->regexes_count, rules->examples_count);
    if (check->problems.warnings > 0)
        printf(", %zu warnings", check->problems.warnings);
    printf("\n");
    if (!has_marks)
        printf("without --marks neither marks nor examples of rules with marks were looked at\n");
    return set_cost_print(check->lists);
}

static int read_texts(struct check *check, const struct patterns *patterns, int count, char **paths)
{
    bool has_marks = patterns->marks_count > 0;
    int done = matcher_lists_open(&check->lists);
    for (size_t i = 0; i < patterns->count && done == 0; i++)
        done = read_text(check, patterns->files[i].kind, patterns->files[i].path);
    if (done == 0)
        done = rules_check_begin(check->lists, !has_marks || check->marks_are_bad || check->unread);
    for (int i = 0; i < count && done == 0; i++)
        done = read_text(check, RULESET_RULES, paths[i]);
    return done;
}

static int check_files(const struct patterns *patterns, int count, char **paths)
{
    bool has_marks = patterns->marks_count > 0;
    struct check check = {.severity = PROBLEMS_ERROR};
    int done = read_texts(&check, patterns, count, paths);
    if (done == 0 && !check.unread)
        done = check_set(&check);
    problems_tell(&check.problems);
    if (done == 0 && !check.unread && check.problems.errors == 0)
        done = print_summary(&check, has_marks);
    check.lists = matcher_lists_close(check.lists);
    if (done < 0)
        return ctl_error("rules: %s", ctl_errno(done));
    int finished = ctl_finish();
    if (check.unread)
        return CTL_USAGE;
    return check.problems.errors > 0 ? CTL_REFUSED : finished;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct patterns patterns = {.count = 0};
    const char *value = NULL;
    int first = argc, option = 0;
    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0)
        if (patterns_take(&patterns, command,
                          option == RULES_OPTION_MARKS ? PATTERNS_OPTION_MARKS
                                                       : PATTERNS_OPTION_CUES,
                          value) < 0)
            return CTL_USAGE;
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (first == argc || strcmp(argv[first], "check") != 0)
        return ctl_error("rules: say what to do: `noticectl rules check RULES...`");
    if (first + 1 == argc && patterns.marks_count == 0)
        return ctl_error("rules: name files of rules, or --marks; see `noticectl rules --help`");
    return check_files(&patterns, argc - first - 1, argv + first + 1);
}

const struct ctl_command ctl_rules = {
    .name = "rules",
    .arguments = "check [RULES...]",
    .summary = "check lists and rules, run their examples, and say what they cost",
    .details = "Problems are told on stderr as FILE:LINE:COLUMN: error: what is wrong; the exit\n"
               "code is 1 if there is any. Warnings do not change it. Columns count characters in\n"
               "rules and bytes in lists. Of a good set it is measured what rules and variants\n"
               "cost: literals, size, time to compile, and time to look at a listing.\n",
    .options = options,
    .run = run,
};
