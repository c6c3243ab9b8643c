/*
 * The records of a bundle. Knows no proof.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/bundle_run.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/progress.h"

enum stream { STREAM_RECORDS = 0, STREAM_CLOCK, STREAM_COVERAGE, STREAM_RULESETS, STREAMS_COUNT };

static const char *const stream_paths[STREAMS_COUNT] = {"records.jsonl", "clock.jsonl",
                                                        "coverage.jsonl", "ruleset/rulesets.jsonl"};

struct reading {
    struct bundle *bundle;
    struct merkle_tree tree;
    FILE *streams[STREAMS_COUNT];
    FILE *software, *gaps, *programs, *anchors, *sources;
    char *gaps_text;
    size_t gaps_len;
    uint64_t at; /* seq of the line that is read */
};

/* Takes one line below the checkpoint. 0 or -errno. */
typedef int take_line(struct reading *reading, const struct verify_line *line,
                      struct bundle_slice text);

static int learn_line(struct reading *reading, const struct verify_line *line,
                      struct bundle_slice text)
{
    (void)line; /* its names are what counts */
    return bundle_pick_learn(&reading->bundle->pick, text.at, text.len);
}

static void print_slice(FILE *file, const char *before, struct bundle_slice value)
{
    /* The stream keeps its error. */
    (void)fprintf(file, "%s%.*s", before, value.at == NULL ? 1 : (int)value.len,
                  value.at == NULL ? "-" : value.at);
}

/* What the declaration and the sources need of a record. */
static void note_facts(struct reading *reading, enum record_kind kind, struct bundle_slice text)
{
    struct bundle_slice at = bundle_line_string(bundle_line_member(text, "t"));

    if (kind == RECORD_START) {
        bool first = reading->bundle->facts.in[RECORD_START] == 1;
        (void)fputs(first ? "\n" : ",\n", reading->software); /* kept, and so those below */
        bundle_facts_print_software(text, reading->software);
        print_slice(reading->programs, "   from ", at);
        print_slice(reading->programs, " version ",
                    bundle_line_string(bundle_line_member(text, "version")));
        print_slice(reading->programs, " commit ",
                    bundle_line_string(bundle_line_member(text, "commit")));
        print_slice(reading->programs, "\n     ",
                    bundle_line_string(bundle_line_member(text, "exe_sha256")));
        (void)fputc('\n', reading->programs);
    }
    if (kind == RECORD_ANCHOR) {
        print_slice(reading->anchors, "   size ", bundle_line_member(text, "size"));
        print_slice(reading->anchors, " ", bundle_line_string(bundle_line_member(text, "type")));
        print_slice(reading->anchors, " ",
                    bundle_line_string(bundle_line_member(text, "gen_time")));
        print_slice(reading->anchors, " serial ",
                    bundle_line_string(bundle_line_member(text, "serial")));
        print_slice(reading->anchors, "\n     ",
                    bundle_line_string(bundle_line_member(text, "tsa")));
        (void)fputc('\n', reading->anchors);
    }
    if (kind == RECORD_RULESET) {
        struct bundle_walk walk = {.text = bundle_line_member(text, "sources")};
        struct bundle_slice source;
        while ((source = bundle_line_next_element(&walk)).at != NULL)
            print_slice(reading->sources, " ",
                        bundle_line_string(bundle_line_member(source, "sha256")));
    }
}

static void put_line(struct reading *reading, enum stream stream, struct bundle_slice text)
{
    FILE *file = reading->streams[stream];

    if (file == NULL)
        return;                               /* bundle->out has the error */
    (void)fwrite(text.at, 1, text.len, file); /* the stream keeps its error */
    (void)fputc('\n', file);
}

static int keep_proved(struct bundle *bundle, uint64_t seq, const struct merkle_hash *leaf)
{
    if (bundle->proved_count == bundle->proved_room) {
        size_t room = bundle->proved_room == 0 ? 1024 : 2 * bundle->proved_room;
        struct bundle_proved *more = reallocarray(bundle->proved, room, sizeof(*more));
        if (more == NULL)
            return -ENOMEM;
        bundle->proved = more;
        bundle->proved_room = room;
    }
    bundle->proved[bundle->proved_count++] = (struct bundle_proved){.seq = seq, .leaf = *leaf};
    return 0;
}

/* Of a bundle of all records that are many, only what is told by people has a proof of its own. */
static bool is_proved(const struct bundle *bundle, enum record_kind kind)
{
    return bundle->partial || bundle->checkpoint.size <= BUNDLE_PROOFS_ALL_MAX ||
           kind == RECORD_START ||
           (kind >= RECORD_POLICY && kind <= RECORD_PLATFORM_ADMISSION && kind != RECORD_LISTING);
}

static int write_line(struct reading *reading, const struct verify_line *line,
                      struct bundle_slice text)
{
    struct bundle *bundle = reading->bundle;
    uint64_t seq = line->head.seq;
    int wanted = bundle_pick_wants(&bundle->pick, seq, line->kind, text.at, text.len);
    bool in_range = seq >= bundle->pick.from && seq < bundle->pick.to;

    if (wanted < 0)
        return wanted;
    (void)merkle_append(&reading->tree, &line->leaf, NULL); /* no tiles are made */
    bundle_facts_count(&bundle->facts, line->kind, wanted > 0);
    if (wanted == 0)
        return 0;
    put_line(reading, STREAM_RECORDS, text);
    int error = bundle_blobs_note(bundle, line, text.at, text.len);
    if (error < 0)
        return error;
    note_facts(reading, line->kind, text);
    if (line->kind == RECORD_RULESET)
        put_line(reading, STREAM_RULESETS, text);
    if (in_range && line->kind == RECORD_CLOCK)
        put_line(reading, STREAM_CLOCK, text);
    if (in_range && bundle_facts_is_coverage(line->kind))
        put_line(reading, STREAM_COVERAGE, text);
    if (in_range && (bundle_facts_is_coverage(line->kind) || line->kind == RECORD_CLOCK))
        bundle_facts_cover(&bundle->facts, &line->head, line->kind, text, reading->gaps);
    if (bundle->out.error != 0)
        return bundle->out.error;
    return is_proved(bundle, line->kind) ? keep_proved(bundle, seq, &line->leaf) : 0;
}

static int take_chunk(struct reading *reading, const struct verify_chunk *chunk, take_line *take)
{
    const struct bundle *bundle = reading->bundle;
    int error = 0;

    for (size_t i = 0; error == 0 && i < chunk->count; i++) {
        const struct verify_line *line = &chunk->lines[i];
        size_t end = i + 1 < chunk->count ? chunk->lines[i + 1].offset : chunk->end;
        struct bundle_slice text = {chunk->bytes + line->offset, end - line->offset - 1};
        if (line->head.seq != reading->at)
            return -EBADMSG;
        if (reading->at < bundle->checkpoint.size)
            error = take(reading, line, text);
        if (error == 0)
            reading->at++;
    }
    return error == 0 && chunk->fault != VERIFY_CHUNK_OK ? -EBADMSG : error;
}

/* Reads all lines that are durable. 0 or -errno. */
static int read_lines(struct reading *reading, take_line *take)
{
    struct ledger_files *files = NULL;
    struct verify_chunk chunk = {.shapes = true};
    struct progress progress = progress_start();
    struct progress_state state = {0};
    char file[VERIFY_FILE_BYTES];
    char *room = malloc(VERIFY_CHUNK_BYTES);
    int more = 1, error = ledger_files_open(reading->bundle->order->ledger, &files);

    chunk.lines = malloc(VERIFY_CHUNK_LINES * sizeof(chunk.lines[0]));
    if (error == 0 && (room == NULL || chunk.lines == NULL))
        error = -ENOMEM;
    if (error == 0)
        error = ledger_files_begin(files, UINT64_MAX);
    reading->at = 0;
    while (error == 0 && (more = ledger_files_next(files, room, &chunk, file)) > 0) {
        verify_chunk_hash(&chunk);
        error = take_chunk(reading, &chunk, take);
        state.bytes_total = ledger_files_sizes(files).bytes;
        state.bytes += chunk.end;
        state.lines += chunk.count;
        progress_draw(&progress, &state);
    }
    (void)progress_end(&progress);   /* how long it took is not told */
    (void)ledger_files_close(files); /* always NULL */
    free(room);
    free(chunk.lines);
    return error == 0 && more < 0 ? more : error;
}

/* Opens what is written to. 0 or -errno. */
static int begin(struct reading *reading)
{
    struct bundle *bundle = reading->bundle;

    for (size_t i = 0; i < STREAMS_COUNT; i++)
        reading->streams[i] = bundle_out_begin(&bundle->out, stream_paths[i]);
    reading->software = bundle_out_begin(&bundle->out, "software.json");
    reading->gaps = open_memstream(&reading->gaps_text, &reading->gaps_len);
    reading->programs = open_memstream(&bundle->programs, &bundle->programs_len);
    reading->anchors = open_memstream(&bundle->anchors, &bundle->anchors_len);
    reading->sources = open_memstream(&bundle->sources, &bundle->sources_len);
    if (bundle->out.error != 0)
        return bundle->out.error;
    if (reading->gaps == NULL || reading->programs == NULL || reading->anchors == NULL ||
        reading->sources == NULL)
        return -ENOMEM;
    (void)fputs("{\"starts\":[", reading->software); /* the stream keeps its error */
    return 0;
}

/* Closes it, and writes what follows from it. 0 or -errno. */
static int end(struct reading *reading)
{
    struct bundle *bundle = reading->bundle;
    FILE *const memory[] = {reading->gaps, reading->programs, reading->anchors, reading->sources};
    int error = 0;

    for (size_t i = 0; i < STREAMS_COUNT; i++)
        bundle_out_end(&bundle->out, stream_paths[i], reading->streams[i]);
    if (reading->software != NULL)
        (void)fputs("\n]}\n", reading->software); /* the stream keeps its error */
    bundle_out_end(&bundle->out, "software.json", reading->software);
    for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
        if (memory[i] != NULL && (ferror(memory[i]) != 0 || fclose(memory[i]) == EOF))
            error = -ENOMEM;
    bundle_facts_end(&bundle->facts);
    bundle->facts.newer =
        reading->at > bundle->checkpoint.size ? reading->at - bundle->checkpoint.size : 0;
    FILE *file = error < 0 ? NULL : bundle_out_begin(&bundle->out, "coverage.txt");
    if (file != NULL) {
        bundle_facts_print_coverage(&bundle->facts, file);
        (void)fwrite(reading->gaps_text, 1, reading->gaps_len, file); /* kept */
    }
    bundle_out_end(&bundle->out, "coverage.txt", file);
    file = error < 0 ? NULL : bundle_out_begin(&bundle->out, "counts.txt");
    if (file != NULL)
        bundle_facts_print_counts(&bundle->facts, file);
    bundle_out_end(&bundle->out, "counts.txt", file);
    free(reading->gaps_text);
    return error < 0 ? error : bundle->out.error;
}

int bundle_records(struct bundle *bundle)
{
    struct reading reading = {.bundle = bundle};
    int error = 0;
    bundle->pick.more = bundle->pick.has_merchant;
    while (error == 0 && bundle->pick.more) {
        bundle->pick.more = false;
        error = read_lines(&reading, learn_line);
    }
    if (error == 0)
        error = begin(&reading);
    if (error == 0)
        error = read_lines(&reading, write_line);
    int end_error = end(&reading);
    if (error == 0)
        error = end_error;
    if (bundle->out.error != 0)
        return bundle_cannot_write(bundle, bundle->out.error);
    if (error == -EBADMSG)
        return ctl_error("export: record %" PRIu64 " of %s is damaged; see `noticectl verify`",
                         reading.at, bundle->order->ledger);
    if (error < 0)
        return ctl_error("export: cannot read %s: %s", bundle->order->ledger, ctl_errno(error));
    struct merkle_hash root = merkle_root(&reading.tree);
    if (reading.tree.size != bundle->checkpoint.size ||
        !merkle_equal(&root, &bundle->checkpoint.root))
        return ctl_error("export: the records of %s are not those of its checkpoint; see "
                         "`noticectl verify`",
                         bundle->order->ledger);
    return CTL_OK;
}
