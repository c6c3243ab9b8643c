/*
 * noticectl scan: matches listings without a daemon. Lines go through the daemon's own intake; only
 * what is done with its decisions differs.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/arguments.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/lines.h"
#include "daemon/ctl/map_given.h"
#include "daemon/ctl/patterns.h"
#include "daemon/ctl/progress.h"
#include "daemon/encode.h"
#include "daemon/intake.h"

#define OUT_BYTES        (1u << 20)
#define OBJECT_BYTES_MAX ((size_t)256 * 1024) /* of one line of output */
#define TAIL_BYTES       ((size_t)32 * 1024) /* of it: what follows the hits, and a PATH_MAX name */
#define DRAW_LINES       1024u               /* the progress line is thought of so often */

struct scan {
    struct patterns patterns;
    struct map_given map;
    struct ruleset *ruleset;
    struct intake *intake;
    struct lines *lines;
    struct progress progress;
    char **names;  /* of the files; a line's origin holds the index as its connection */
    size_t file;   /* the one that is read */
    bool several;  /* then each line of output names its file */
    bool unmapped; /* a line was refused that a field map is for */
    int failed;    /* -errno of writing to stdout */
    uint64_t bytes_before, bytes_total;
    size_t out_len;
    char out[OUT_BYTES];
};

static const struct ctl_option options[] = {
    PATTERNS_OPTIONS,
    MAP_GIVEN_OPTIONS,
    {0},
};

static void write_out(struct scan *scan)
{
    if (scan->failed == 0)
        scan->failed = ctl_write(STDOUT_FILENO, scan->out, scan->out_len);
    scan->out_len = 0;
}

static void member(struct text *text, const char *key, const char *bytes, size_t len)
{
    text_key(text, key);
    text_string(text, bytes, len);
}

static int on_matched(void *context, const struct intake_origin *origin,
                      const struct listing *listing, const struct matcher_result *result)
{
    struct scan *scan = context;
    if (OUT_BYTES - scan->out_len < OBJECT_BYTES_MAX)
        write_out(scan);
    struct text text = text_into(scan->out + scan->out_len, OBJECT_BYTES_MAX - TAIL_BYTES);
    text_literal(&text, "{\"line\":");
    text_u64(&text, origin->line);
    member(&text, "listing", listing->listing_id.at, listing->listing_id.len);
    encode_hits(&text, scan->ruleset->db, listing, result);
    text.room += TAIL_BYTES;
    text_literal(&text, ",\"scan\":\"");
    text_literal(&text, encode_outcome_name(result->outcome));
    text_literal(&text, "\"");
    member(&text, "platform", listing->platform.at, listing->platform.len);
    if (listing->seller_id.at != NULL)
        member(&text, "seller", listing->seller_id.at, listing->seller_id.len);
    if (listing->surrogate)
        text_literal(&text, ",\"flags\":[\"lone_surrogate\"]");
    if (scan->several) {
        const char *name = scan->names[origin->connection];
        member(&text, "file", name, strlen(name));
    }
    text_literal(&text, "}\n");
    assert(!text.overflow); /* ids and the name are bounded, and encode_hits kept to its room */
    scan->out_len += text.len;
    return 0;
}

static int on_rejected(void *context, const struct intake_origin *origin,
                       const struct reject *reject, const char *bytes, size_t len)
{
    struct scan *scan = context;
    (void)bytes; /* the line stays where it is: its number is enough to find it */
    (void)len;
    progress_wipe(&scan->progress);
    const char *name = scan->names[origin->connection];
    scan->unmapped = scan->unmapped || map_given_wanted(reject->detail);
    ctl_message("%s:%llu: %s: %s", name, (unsigned long long)origin->line,
                reject_code_name(reject->code), reject->detail);
    return 0;
}

static void on_damage(void *context, uint64_t offset, const char *why)
{
    struct scan *scan = context;
    progress_wipe(&scan->progress);
    ctl_message("%s: the record at byte %llu: %s", scan->names[scan->file],
                (unsigned long long)offset, why);
}

static void draw(struct scan *scan)
{
    struct intake_counts counts = intake_counts(scan->intake);
    progress_draw(&scan->progress, &(struct progress_state){
                                       .bytes = scan->bytes_before + lines_offset(scan->lines),
                                       .bytes_total = scan->bytes_total,
                                       .lines = counts.lines,
                                       .matches = counts.matched,
                                       .rejected = counts.rejected,
                                   });
}

static void scan_line(struct scan *scan, const struct line *line, size_t file)
{
    struct intake_origin origin = {
        .line = line->number,
        .offset = line->offset,
        .line_bytes = line->bytes,
        .connection = file,
        .map = scan->map.map,
    };
    int result = 0;
    if (line->bytes > line->len) {
        struct reject reject = {0};
        (void)reject_set(&reject, REJECT_TOO_LONG, "line of %llu bytes; the limit is %u",
                         (unsigned long long)line->bytes, LINES_LINE_BYTES_MAX);
        result = intake_refuse(scan->intake, &origin, &reject, line->at, line->len);
    } else {
        result = intake_line(scan->intake, &origin, line->at, line->len);
    }
    assert(result == 0); /* our sinks are never full */
}

static void flush(struct scan *scan)
{
    int result = intake_flush(scan->intake);
    assert(result == 0);
    write_out(scan);
}

/* All lines of one file. 0 or -errno of reading. */
static int scan_lines(struct scan *scan, size_t file)
{
    struct line line = {0};
    while (scan->failed == 0) {
        int result = lines_next(scan->lines, &line);
        if (result < 0 || result == LINES_END) {
            scan->bytes_before += lines_offset(scan->lines);
            return result;
        }
        /* Whoever feeds a pipe slowly sees what is found at once. */
        if (result == LINES_WAIT) {
            flush(scan);
            continue;
        }
        scan_line(scan, &line, file);
        if (line.number % DRAW_LINES == 0)
            draw(scan);
    }
    return 0;
}

static int scan_file(struct scan *scan, size_t file)
{
    const char *name = scan->names[file];
    bool standard = strcmp(name, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    if (fd == -1)
        return ctl_error("cannot open %s: %s", name, ctl_errno(errno));
    scan->file = file;
    lines_start(scan->lines, fd);
    int result = scan_lines(scan, file);
    char note[INPUT_NOTE_BYTES];
    if (input_note(lines_input(scan->lines), scan->map.map != NULL, note))
        ctl_message("%s: %s", name, note);
    if (!standard)
        (void)close(fd); /* only read from */
    if (result < 0)
        return ctl_error("cannot read %s: %s", name, input_error(result));
    return CTL_OK;
}

static uint64_t size_of(const char *name)
{
    struct stat status;
    if (stat(name, &status) == -1 || !S_ISREG(status.st_mode))
        return 0;
    return (uint64_t)status.st_size;
}

static int scan_files(struct scan *scan, size_t count, char **names)
{
    int exit_code = CTL_OK;
    scan->names = names;
    scan->several = count > 1;
    for (size_t i = 0; i < count; i++)
        scan->bytes_total += size_of(names[i]);
    scan->progress = progress_start();
    /* On a terminal the results themselves show that it goes on. */
    scan->progress.on = scan->progress.on && isatty(STDOUT_FILENO) != 1;
    for (size_t i = 0; i < count; i++)
        exit_code = scan_file(scan, i) == CTL_OK ? exit_code : CTL_USAGE;
    flush(scan);
    bool tell = scan->progress.on;
    uint64_t ms = progress_end(&scan->progress);
    struct intake_counts counts = intake_counts(scan->intake);
    if (tell)
        (void)ctl_error("%llu lines in %llu.%llu s: %llu matched, %llu rejected, %llu not scanned",
                        (unsigned long long)counts.lines, (unsigned long long)(ms / 1000),
                        (unsigned long long)(ms / 100 % 10), (unsigned long long)counts.matched,
                        (unsigned long long)counts.rejected,
                        (unsigned long long)counts.failed_scans);
    if (scan->unmapped)
        map_given_advise();
    if (scan->failed < 0)
        return ctl_error("writing to standard output failed: %s", ctl_errno(scan->failed));
    return exit_code == CTL_OK && counts.rejected > 0 ? CTL_REJECTED : exit_code;
}

static int open_scan(struct scan *scan, const struct ctl_command *command)
{
    static const struct intake_sink sink = {.matched = on_matched, .rejected = on_rejected};
    if (map_given_open(&scan->map, command) < 0)
        return CTL_USAGE;
    scan->ruleset = patterns_compile(&scan->patterns, command);
    if (scan->ruleset == NULL)
        return CTL_USAGE;
    scan->lines = lines_open();
    if (scan->lines != NULL)
        input_on_damage(lines_input(scan->lines), on_damage, scan);
    int result = scan->lines == NULL ? -ENOMEM : intake_open(&sink, scan, &scan->intake);
    if (result == 0)
        result = intake_use(scan->intake, scan->ruleset->db);
    if (result < 0)
        return ctl_error("scan: %s", ctl_errno(result));
    return CTL_OK;
}

static void close_scan(struct scan *scan)
{
    (void)intake_close(scan->intake); /* all three give NULL */
    (void)lines_close(scan->lines);
    (void)ruleset_free(scan->ruleset);
    map_given_close(&scan->map);
    free(scan);
}

static int take_options(struct scan *scan, const struct ctl_command *command, int argc, char **argv,
                        int *ret_first)
{
    const char *value = NULL;
    for (;;) {
        int option = ctl_next_option(command, argc, argv, &value, ret_first);
        if (option < 0)
            return option;
        int taken =
            option < PATTERNS_OPTIONS_COUNT
                ? patterns_take(&scan->patterns, command, (enum patterns_option)option, value)
                : map_given_take(&scan->map, command,
                                 (enum map_given_option)(option - PATTERNS_OPTIONS_COUNT), value);
        if (taken < 0)
            return CTL_OPTION_WRONG;
    }
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct scan *scan = calloc(1, sizeof *scan);
    if (scan == NULL)
        return ctl_error("scan: %s", ctl_errno(ENOMEM));
    int first = argc;
    int option = take_options(scan, command, argc, argv, &first);
    int exit_code = option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (option == CTL_OPTION_END) {
        struct arguments names = {0};
        exit_code = arguments_open(argc - first, argv + first, &names) < 0
                        ? ctl_error("scan: %s", ctl_errno(ENOMEM))
                        : open_scan(scan, command);
        if (exit_code == CTL_OK)
            exit_code = scan_files(scan, names.count, names.at);
        arguments_close(&names);
    }
    close_scan(scan);
    return exit_code;
}

const struct ctl_command ctl_scan = {
    .name = "scan",
    .arguments = "--marks FILE [LISTINGS...]",
    .summary = "look for marks in files of listings, without a daemon",
    .details =
        "LISTINGS are NDJSON, one object a line with platform, listing_id, title and, if known,\n"
        "seller_id, description, url, price, currency, observed_at, or one JSON array of such.\n"
        "Without a file, or for -, standard input is read; gzip and zstd are unpacked, --map "
        "takes\n"
        "objects of any shape.\n"
        "Each listing with a match gives one JSON object:\n"
        "  "
        "{\"line\":7,\"listing\":\"...\",\"class\":\"counterfeit|mark|mention\",\"hits\":[...],...}"
        "\n"
        "from and to count bytes of the decoded field. A line that is not accepted is reported\n"
        "on stderr as FILE:LINE: reason: detail, and the exit code is 4.\n",
    .options = options,
    .run = run,
};
