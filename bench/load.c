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

static int compile(struct load *load, struct matcher_lists *lists)
{
    struct matcher_error error = {.text = "out of memory"};
    int result = matcher_lists_add_marks(lists, load->lists[0], load->lists_len[0], &error);
    if (result == 0)
        result = matcher_lists_add_cues(lists, load->lists[1], load->lists_len[1], &error);
    if (result == 0)
        result = matcher_db_compile(lists, &load->db, &error);
    if (result < 0)
        (void)fprintf(stderr, "bench: marks do not compile: line %u: %s\n", error.line, error.text);
    return result;
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

int load_open(struct load *ret_load, size_t count, size_t marks, uint64_t seed)
{
    struct load load = {.count = count};
    struct matcher_lists *lists = NULL;
    int result = names_make(marks, &load.names);
    if (result == 0) {
        load.lists[0] = names_list(&load.names, &load.lists_len[0]);
        load.lists[1] = names_cues(&load.lists_len[1]);
        result = load.lists[0] == NULL || load.lists[1] == NULL ? -ENOMEM : 0;
    }
    if (result == 0)
        result = matcher_lists_open(&lists);
    if (result == 0)
        result = compile(&load, lists);
    (void)matcher_lists_close(lists); /* always NULL */
    if (result == 0)
        result = make_lines(&load, seed);
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

int load_pipeline(const struct load *load, uint64_t *ret_ns, struct intake_counts *ret_counts)
{
    static const struct intake_sink sink = {.matched = on_matched, .rejected = on_rejected};
    struct intake *intake = NULL;
    int result = intake_open(&sink, NULL, &intake);
    if (result == 0)
        result = intake_use(intake, load->db);
    uint64_t begin = measure_ns();
    struct intake_origin origin = {.connection = 1};
    const char *end = load->bytes + load->len;
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
    *ret_ns = measure_ns() - begin;
    if (result == 0)
        *ret_counts = intake_counts(intake);
    (void)intake_close(intake); /* always NULL */
    return result;
}

uint64_t load_option(int argc, char **argv, const char *name, uint64_t standard)
{
    size_t len = strlen(name);
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], name, len) == 0 && argv[i][len] == '=')
            return strtoull(argv[i] + len + 1, NULL, 10);
    return standard;
}

void load_close(struct load *load)
{
    names_close(&load->names);
    free(load->lists[0]);
    free(load->lists[1]);
    load->db = matcher_db_unref(load->db);
    free(load->bytes);
    *load = (struct load){0};
}
