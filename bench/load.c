/*
 * Corpus and marks in memory, and the pipeline over them.
 */
#include "bench/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/lines.h"
#include "bench/measure.h"

#define MARKED_PER_MILLE 20u

/* The whole file as text (malloc'ed, the caller frees); NULL, after saying why. */
static char *read_text(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "re"), *copy = NULL;
    char *text = NULL, part[65536];
    if (file != NULL)
        copy = open_memstream(&text, ret_len);
    if (copy == NULL) {
        (void)fprintf(stderr, "bench: %s: %s\n", path, strerrordesc_np(errno));
        if (file != NULL)
            (void)fclose(file); /* it was only read */
        return NULL;
    }
    size_t got = 0;
    while ((got = fread(part, 1, sizeof part, file)) > 0)
        (void)fwrite(part, 1, got, copy); /* a failure shows at fclose */
    (void)fclose(file);                   /* it was only read */
    if (fclose(copy) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

int load_compile(struct load *load)
{
    struct matcher_lists *lists = NULL;
    struct matcher_error error = {.text = "out of memory"};
    int result = matcher_lists_open(&lists);
    if (result == 0)
        matcher_lists_set_variants(lists, load->variants);
    if (result == 0 && load->lists[LOAD_FILE] != NULL)
        result = matcher_lists_add_marks(lists, load->lists[LOAD_FILE], load->lists_len[LOAD_FILE],
                                         &error);
    if (result == 0)
        result = matcher_lists_add_marks(lists, load->lists[LOAD_MARKS],
                                         load->lists_len[LOAD_MARKS], &error);
    if (result == 0)
        result = matcher_lists_add_cues(lists, load->lists[LOAD_CUES], load->lists_len[LOAD_CUES],
                                        &error);
    if (result == 0)
        result = matcher_db_compile(lists, &load->db, &error);
    if (result < 0)
        (void)fprintf(stderr, "bench: marks do not compile: line %u: %s\n", error.line, error.text);
    (void)matcher_lists_close(lists); /* always NULL */
    return result;
}

/* The rows of a list below its header. */
static size_t rows_of(const char *list, size_t len)
{
    size_t lines = 0;
    for (size_t i = 0; i < len; i++)
        lines += list[i] == '\n';
    return lines > 0 ? lines - 1 : 0;
}

/* The made-up names that fill the listed ones up, as a list; and all of them as names. A few listed
   ones are too long to be put into a line. */
static int make_names(struct load *load, const struct load_wanted *wanted)
{
    struct names listed = {0}, made = {0};
    int result = wanted->list != NULL ? names_read(wanted->list, &listed) : 0;
    size_t rows = rows_of(load->lists[LOAD_FILE], load->lists_len[LOAD_FILE]);
    if (result == 0)
        result = names_make(wanted->marks > rows ? wanted->marks - rows : 0, &made);
    if (result == 0) {
        load->lists[LOAD_MARKS] = names_list(&made, wanted->varied, &load->lists_len[LOAD_MARKS]);
        result = names_join(&listed, &made, &load->names);
    }
    names_close(&listed);
    names_close(&made);
    return result == 0 && load->lists[LOAD_MARKS] == NULL ? -ENOMEM : result;
}

int load_lists(struct load *ret_load, const struct load_wanted *wanted)
{
    struct load load = {.count = wanted->count, .variants = wanted->variants};
    int result = 0;
    if (wanted->list != NULL) {
        load.lists[LOAD_FILE] = read_text(wanted->list, &load.lists_len[LOAD_FILE]);
        result = load.lists[LOAD_FILE] == NULL ? -EIO : 0;
    }
    if (result == 0)
        result = make_names(&load, wanted);
    if (result == 0) {
        load.lists[LOAD_CUES] = names_cues(&load.lists_len[LOAD_CUES]);
        result = load.lists[LOAD_CUES] == NULL ? -ENOMEM : 0;
    }
    if (result < 0) {
        (void)fprintf(stderr, "bench: cannot make the lists: %s\n", strerrordesc_np(-result));
        load_close(&load);
        return result;
    }
    *ret_load = load;
    return 0;
}

static int make_lines(struct load *load, uint64_t seed)
{
    static struct lines lines;
    size_t room = 0;
    lines_start(&lines, &load->names, seed, MARKED_PER_MILLE);
    for (size_t i = 0; i < load->count; i++) {
        if (room - load->len < LINES_BYTES_MAX + JSON_SLACK_BYTES) {
            room = room == 0 ? (size_t)1 << 20 : room * 2;
            char *larger = realloc(load->bytes, room);
            if (larger == NULL)
                return -ENOMEM;
            load->bytes = larger;
        }
        load->len += lines_next(&lines, load->bytes + load->len);
    }
    memset(load->bytes + load->len, 0, JSON_SLACK_BYTES);
    return 0;
}

int load_open(struct load *ret_load, const struct load_wanted *wanted)
{
    struct load load;
    int result = load_lists(&load, wanted);
    if (result < 0)
        return result;
    result = load_compile(&load);
    if (result == 0)
        result = make_lines(&load, wanted->seed);
    if (result < 0) {
        (void)fprintf(stderr, "bench: cannot make the load: %s\n", strerrordesc_np(-result));
        load_close(&load);
        return result;
    }
    *ret_load = load;
    return 0;
}

static int on_matched(void *context, const struct intake_origin *origin,
                      const struct listing *listing, const struct matcher_result *result)
{
    (void)context;
    (void)origin;
    measure_use(listing, sizeof *listing);
    measure_use(result->hits, result->hits_count);
    return 0;
}

static int on_rejected(void *context, const struct intake_origin *origin,
                       const struct reject *reject, const char *bytes, size_t len)
{
    (void)context;
    (void)origin;
    measure_use(bytes, len);
    (void)fprintf(stderr, "bench: our own line is rejected: %s\n", reject->detail);
    return 0;
}

const struct intake_sink load_sink = {.matched = on_matched, .rejected = on_rejected};

struct load load_part(const struct load *load, const char **at)
{
    struct load part = *load;
    const char *end = load->bytes + load->len;
    part.bytes = load->bytes + (*at - load->bytes);
    for (part.count = 0; part.count < LOAD_PART_LINES && *at < end; part.count++)
        *at = (const char *)memchr(*at, '\n', (size_t)(end - *at)) + 1;
    part.len = (size_t)(*at - part.bytes);
    return part;
}

int load_intake(const struct load *load, struct intake **ret_intake)
{
    struct intake *intake = NULL;
    int result = intake_open(&load_sink, NULL, &intake);
    if (result == 0)
        result = intake_use(intake, load->db);
    if (result < 0)
        intake = intake_close(intake);
    *ret_intake = intake;
    return result;
}

int load_pipeline(const struct load *load, struct intake *intake, uint64_t *cpu_ns)
{
    uint64_t begin = measure_cpu_ns();
    struct intake_origin origin = {.connection = 1};
    const char *end = load->bytes + load->len;
    int result = 0;
    for (const char *at = load->bytes; result == 0 && at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        origin.line++;
        origin.line_bytes = (size_t)(newline - at);
        origin.offset = (uint64_t)(at - load->bytes);
        result = intake_line(intake, &origin, at, (size_t)(newline - at));
        at = newline + 1;
    }
    if (result == 0)
        result = intake_flush(intake);
    *cpu_ns += measure_cpu_ns() - begin;
    return result;
}

const char *load_text(int argc, char **argv, const char *name)
{
    size_t len = strlen(name);
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], name, len) == 0 && argv[i][len] == '=')
            return argv[i] + len + 1;
    return NULL;
}

uint64_t load_option(int argc, char **argv, const char *name, uint64_t standard)
{
    const char *text = load_text(argc, argv, name);
    return text != NULL ? strtoull(text, NULL, 10) : standard;
}

void load_close(struct load *load)
{
    names_close(&load->names);
    for (size_t i = 0; i < LOAD_LISTS_COUNT; i++)
        free(load->lists[i]);
    load->db = matcher_db_unref(load->db);
    free(load->bytes);
    *load = (struct load){0};
}
