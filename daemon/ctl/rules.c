/*
 * noticectl rules check: reads rules, tells everything that is wrong with them as a compiler does,
 * runs their examples, and measures what they cost.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/patterns.h"
#include "daemon/ctl/stopwatch.h"
#include "matcher/rules_check.h"

/* Past these an expression is called dear: a listing has about half a KB, and the rest of the
   matcher takes about 1,000 ns of it. */
#define DEAR_NS_KB      20000u
#define DEAR_COMPILE_MS 1000u
#define DEAR_BYTES      (1u << 20)
#define MEASURE_MS      20u

enum rules_option { RULES_OPTION_MARKS = 0, RULES_OPTION_CUES };

static const struct ctl_option options[] = {
    {"marks", 'm', "FILE", "the marks that the rules name, TSV; may be given several times"},
    {"cues", 'c', "FILE", "the cues that stand beside them, TSV; likewise"},
    {0},
};

struct check {
    struct matcher_lists *lists;
    char **paths; /* of the texts of rules, in order */
    int paths_count;
    const char *severity;
    size_t errors, warnings;
};

static void tell(void *context, const struct matcher_error *error)
{
    struct check *check = context;
    bool known = error->source > 0 && error->source <= (unsigned)check->paths_count;
    bool warns = strcmp(check->severity, "warning") == 0;
    ctl_message("%s:%u:%u: %s: %s", known ? check->paths[error->source - 1] : "rules", error->line,
                error->column, check->severity, error->text);
    check->errors += warns ? 0 : 1;
    check->warnings += warns ? 1 : 0;
}

/* Adds a list of marks or cues. */
static int add_list(struct check *check, const struct ruleset_file *file)
{
    char *bytes = NULL;
    size_t len = 0;
    struct matcher_error error = {.text = ""};
    int done = ruleset_read_file(file->path, &bytes, &len);
    if (done < 0)
        return ctl_error("cannot read %s: %s", file->path, ctl_errno(done));
    done = file->kind == RULESET_MARKS ? matcher_lists_add_marks(check->lists, bytes, len, &error)
                                       : matcher_lists_add_cues(check->lists, bytes, len, &error);
    free(bytes);
    if (done == -EINVAL)
        return ctl_error("%s:%u:%u: %s", file->path, error.line, error.column, error.text);
    return done < 0 ? ctl_error("rules: %s", ctl_errno(done)) : CTL_OK;
}

/* Reads one text of rules; what is wrong in it is told and counted. */
static int add_rules(struct check *check, int index)
{
    char *bytes = NULL;
    size_t len = 0;
    size_t before = check->lists->rules == NULL ? 0 : check->lists->rules->sources_count;
    int done = ruleset_read_file(check->paths[index], &bytes, &len);
    if (done < 0)
        return ctl_error("cannot read %s: %s", check->paths[index], ctl_errno(done));
    /* A bad text gives its number back, and the next one would be told by its path. */
    char **paths = check->paths;
    check->paths = paths + index - (int)before;
    done = rules_read(check->lists, bytes, len, tell, check);
    check->paths = paths;
    free(bytes);
    return done == -ENOMEM ? ctl_error("rules: %s", ctl_errno(done)) : CTL_OK;
}

/* Prints what one expression costs. */
static void measure(struct check *check, const struct rules_probe *probe, uint64_t compile_ms)
{
    const char *path = check->paths[probe->at.source - 1];
    struct stopwatch stopwatch = stopwatch_start();
    uint64_t bytes = 0, ms = 0;
    for (; ms < MEASURE_MS && stopwatch.fd != -1; ms = stopwatch_ms(&stopwatch)) {
        size_t looked = rules_probe_run(probe);
        if (looked == 0)
            break;
        bytes += looked;
    }
    stopwatch_stop(&stopwatch);
    uint64_t ns_kb = bytes == 0 ? 0 : ms * 1000000 / (bytes / 1000 + 1);
    bool dear = ns_kb > DEAR_NS_KB || compile_ms > DEAR_COMPILE_MS || probe->bytes > DEAR_BYTES;
    ctl_message("%s:%u:%u: %s: the expression takes %llu ns/KB, %llu ms to compile, %zu bytes%s",
                path, probe->at.line, probe->at.column, dear ? "warning" : "note",
                (unsigned long long)ns_kb, (unsigned long long)compile_ms, probe->bytes,
                dear ? "; past 20,000 ns/KB, 1,000 ms or 1 MiB it slows everything" : "");
    check->warnings += dear ? 1 : 0;
}

static int measure_all(struct check *check)
{
    struct matcher_error error;
    for (size_t i = 0;; i++) {
        struct rules_probe probe;
        struct stopwatch stopwatch = stopwatch_start();
        int done = rules_probe_open(check->lists, i, &probe, &error);
        uint64_t ms = stopwatch_ms(&stopwatch);
        stopwatch_stop(&stopwatch);
        if (done == -ENOENT)
            return CTL_OK;
        if (done < 0)
            return ctl_error("rules: %s", ctl_errno(done));
        measure(check, &probe, ms);
        rules_probe_close(&probe);
    }
}

static int print_summary(const struct check *check, bool has_marks)
{
    const struct rules *rules = check->lists->rules;
    struct matcher_cost cost;
    if (matcher_lists_cost(check->lists, &cost) < 0)
        return ctl_error("rules: %s", ctl_errno(ENOMEM));
    printf("%zu rules, %zu words, %zu expressions, %zu examples: good", rules->count,
           rules->phrases_count, rules->regexes_count, rules->examples_count);
    if (check->warnings > 0)
        printf(", %zu warnings", check->warnings);
    printf("\n%zu literals, of which %zu are other spellings of marks (variants)\n", cost.literals,
           cost.inflected + cost.joined + cost.split + cost.typo + cost.disguised);
    if (!has_marks)
        printf("without --marks neither marks nor examples of rules with marks were looked at\n");
    return CTL_OK;
}

/* Everything about rules that could be read. */
static int check_rules(struct check *check, bool has_marks)
{
    (void)rules_check_reach(check->lists, tell, check); /* tell counts */
    int done = rules_check_compile(check->lists, tell, check);
    if (done == -ENOMEM)
        return ctl_error("rules: %s", ctl_errno(done));
    check->severity = "warning";
    (void)rules_check_words(check->lists, tell, check); /* tell counts */
    if (check->errors > 0)
        return CTL_OK;
    int exit_code = measure_all(check);
    return exit_code == CTL_OK ? print_summary(check, has_marks) : exit_code;
}

static int check_files(const struct patterns *patterns, int count, char **paths)
{
    struct check check = {.paths = paths, .paths_count = count, .severity = "error"};
    bool has_marks = patterns->marks_count > 0;
    int exit_code = CTL_OK;
    int done = matcher_lists_open(&check.lists);
    if (done == 0 && !has_marks)
        done = rules_check_without_marks(check.lists);
    if (done < 0)
        exit_code = ctl_error("rules: %s", ctl_errno(done));
    for (size_t i = 0; i < patterns->count && exit_code == CTL_OK; i++)
        exit_code = add_list(&check, &patterns->files[i]);
    for (int i = 0; i < count && exit_code == CTL_OK; i++)
        exit_code = add_rules(&check, i);
    if (exit_code == CTL_OK && check.errors == 0)
        exit_code = check_rules(&check, has_marks);
    check.lists = matcher_lists_close(check.lists);
    int finished = ctl_finish();
    if (exit_code == CTL_OK && check.errors > 0)
        exit_code = CTL_REFUSED;
    return exit_code == CTL_OK ? finished : exit_code;
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
    if (first + 1 == argc)
        return ctl_error("rules: name the files of rules; see `noticectl rules --help`");
    return check_files(&patterns, argc - first - 1, argv + first + 1);
}

const struct ctl_command ctl_rules = {
    .name = "rules",
    .arguments = "check RULES...",
    .summary = "check rules, run their examples, and say what they cost",
    .details = "Problems are told on stderr as FILE:LINE:COLUMN: error: what is wrong; the exit\n"
               "code is 1 if there is any. Warnings do not change it.\n",
    .options = options,
    .run = run,
};
