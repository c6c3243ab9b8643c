/*
 * noticectl index: builds, extends and checks the index of a ledger.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/index_build.h"
#include "daemon/ctl/stopwatch.h"

#define PATH_BYTES 4096u

static const struct ctl_option options[] = {
    {"rebuild", 0, NULL, "make it anew, whatever there is"},
    {"check", 0, NULL, "then compare it with one that is made anew"},
    {0},
};

struct indexing {
    const char *ledger;
    bool rebuild, check;
    char path[PATH_BYTES], new_path[PATH_BYTES];
    struct feed *feed;
    struct index_db *db;
};

static int failed(const struct indexing *indexing, const char *what, int error)
{
    if (error == -EBADMSG && indexing->db == NULL)
        return ctl_error("index: %s is damaged; see `noticectl verify %s`", indexing->ledger,
                         indexing->ledger);
    return ctl_error("index: cannot %s %s: %s", what, indexing->path,
                     error == -EIO && indexing->db != NULL ? index_db_error(indexing->db)
                                                           : ctl_errno(error));
}

/* Makes a whole index of the records before `until` under new_path. 0 or -errno. */
static int make_new(struct indexing *indexing, uint64_t until, uint64_t *ret_end)
{
    struct index_db *db = NULL;
    if (unlink(indexing->new_path) == -1 && errno != ENOENT)
        return -errno;
    int result = index_db_open(indexing->new_path, true, &db);
    if (result == 0)
        result = index_build(db, indexing->feed, 0, until, INDEX_QUICK, ret_end);
    db = index_db_close(db);
    return result;
}

/* Puts the new one in the place of the old. 0 or -errno. */
static int replace(const struct indexing *indexing)
{
    return rename(indexing->new_path, indexing->path) == -1 ? -errno : 0;
}

/* Brings it up to the durable end. CTL_OK or an exit code. */
static int extend(struct indexing *indexing, uint64_t *ret_from, uint64_t *ret_end)
{
    bool there = access(indexing->path, F_OK) == 0 && !indexing->rebuild;
    int result = 0;
    *ret_from = 0;
    if (!there) {
        result = make_new(indexing, UINT64_MAX, ret_end);
        if (result == 0)
            result = replace(indexing);
        if (result < 0)
            return failed(indexing, "make", result);
    }
    result = index_db_open(indexing->path, true, &indexing->db);
    if (result < 0)
        return ctl_error("index: %s cannot be used (%s): make it anew with --rebuild",
                         indexing->path, ctl_errno(result));
    if (!there)
        return CTL_OK;
    int fits = index_fits(indexing->db, indexing->feed, ret_from);
    if (fits < 0)
        return failed(indexing, "compare", fits);
    if (fits == 0)
        return ctl_error("index: %s was made of another ledger, or of one that has been cut back: "
                         "make it anew with --rebuild",
                         indexing->path);
    result = index_build(indexing->db, indexing->feed, *ret_from, UINT64_MAX, INDEX_FILE, ret_end);
    return result < 0 ? failed(indexing, "extend", result) : CTL_OK;
}

static int check(struct indexing *indexing, uint64_t end)
{
    uint64_t made = 0;
    bool same = false;
    int result = make_new(indexing, end, &made);
    if (result == 0)
        result = index_db_same(indexing->db, indexing->new_path, &same);
    if (result < 0)
        return failed(indexing, "check", result);
    (void)unlink(indexing->new_path); /* the next one begins by this */
    if (same) {
        printf("The same as one that is made anew.\n");
        return CTL_OK;
    }
    (void)ctl_error("index: %s differs from one that is made anew; --rebuild makes it so",
                    indexing->path);
    return CTL_REFUSED;
}

static int work(struct indexing *indexing)
{
    uint64_t from = 0, end = 0, postings = 0;
    struct stopwatch stopwatch = stopwatch_start();
    int exit_code = extend(indexing, &from, &end);
    double seconds = (double)stopwatch_ms(&stopwatch) / 1000;
    stopwatch_stop(&stopwatch);
    if (exit_code != CTL_OK)
        return exit_code;
    int result = index_db_count(indexing->db, &postings);
    if (result < 0)
        return failed(indexing, "count", result);
    printf("%llu records added, %llu in all, under %llu keys; %.3f s",
           (unsigned long long)(end - from), (unsigned long long)end, (unsigned long long)postings,
           seconds);
    if (end > from && seconds > 0)
        printf(", %.0f records/s", (double)(end - from) / seconds);
    (void)fputc('\n', stdout);
    exit_code = indexing->check ? check(indexing, end) : CTL_OK;
    int finished = ctl_finish();
    return exit_code == CTL_OK ? finished : exit_code;
}

static int open_ledger(struct indexing *indexing)
{
    char folder[PATH_BYTES];
    const char *ledger = indexing->ledger;
    if (snprintf(folder, sizeof folder, "%s/state", ledger) >= (int)sizeof folder ||
        snprintf(indexing->path, PATH_BYTES, "%s/state/index.sqlite", ledger) >= (int)PATH_BYTES ||
        snprintf(indexing->new_path, PATH_BYTES, "%s/state/index.sqlite.new", ledger) >=
            (int)PATH_BYTES)
        return ctl_error("index: the name of the ledger is too long");
    int result = feed_open(ledger, &indexing->feed);
    if (result == -ENOENT)
        return ctl_error("index: no feed in %s: is it the folder of a ledger?", ledger);
    if (result < 0)
        return ctl_error("index: cannot read %s: %s", ledger, ctl_errno(result));
    if (mkdir(folder, 0750) == -1 && errno != EEXIST)
        return ctl_error("index: cannot make %s: %s", folder, ctl_errno(errno));
    return CTL_OK;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct indexing indexing = {0};
    const char *value = NULL;
    int first = argc, option;
    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0) {
        indexing.rebuild = indexing.rebuild || option == 0;
        indexing.check = indexing.check || option == 1;
    }
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (argc - first != 1)
        return ctl_error("index: say which ledger, one folder; see `noticectl index --help`");
    indexing.ledger = argv[first];
    int exit_code = open_ledger(&indexing);
    if (exit_code == CTL_OK)
        exit_code = work(&indexing);
    indexing.feed = feed_close(indexing.feed);
    indexing.db = index_db_close(indexing.db);
    return exit_code;
}

const struct ctl_command ctl_index = {
    .name = "index",
    .arguments = "LEDGER",
    .summary = "make or extend the index, so that one merchant is answered for at once",
    .details = "It is kept in state/index.sqlite and says which records concern which merchant,\n"
               "listing, notice or order. findings, timeline, strikes and notices use it with\n"
               "--merchant or --order, and read what it does not reach yet. It is derived: it may\n"
               "be deleted at any time. Exit codes: 0, 1 --check found a difference, 2.\n",
    .options = options,
    .run = run,
};
