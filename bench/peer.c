/*
 * ripgrep, run as a process of its own.
 */
#include "bench/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/measure.h"
#include "matcher/db.h"
#include "matcher/fold.h"

#define PATH_BYTES 512u

static FILE *create(const char *folder, const char *name)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name); /* a cut one is not found */
    return fopen(path, "we");
}

static int finish(FILE *file)
{
    bool bad = ferror(file) != 0;
    return fclose(file) != 0 || bad ? -EIO : 0;
}

static int write_names(const char *folder, const struct matcher_lists *lists)
{
    char folded[LISTS_TEXT_BYTES_MAX * FOLD_GROWTH_MAX + 2 + FOLD_SLACK_BYTES];
    FILE *file = create(folder, "names");
    if (file == NULL)
        return -errno;
    for (size_t i = 0; i < lists->forms_count; i++) {
        struct lists_text text = lists->forms[i].text;
        size_t len = fold_text(lists_at(lists, text), text.len, folded);
        (void)fwrite(folded, 1, len, file); /* ferror tells */
        (void)fputc('\n', file);
    }
    return finish(file);
}

int peer_prepare(const char *folder, const struct load *load, struct stages *stages)
{
    FILE *empty = create(folder, "empty");
    FILE *file = create(folder, "folded");
    if (file == NULL || empty == NULL)
        return -errno;
    const char *at = load->bytes, *end = load->bytes + load->len;
    while (at < end) {
        size_t len = stages_fold(stages, &at, end);
        bool title = true;
        for (size_t i = 0; i < len; i++) {
            char byte = stages->folded[i];
            if (byte == '\x01') {
                byte = title ? '|' : '\n';
                title = !title;
            }
            (void)fputc(byte, file); /* ferror tells */
        }
    }
    int result = finish(file);
    if (result == 0)
        result = finish(empty);
    return result == 0 ? write_names(folder, load->db->lists) : result;
}

static uint64_t ns_of(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_usec * 1000u;
}

static int run_rg(const char *folder, const char *text, uint64_t *ret_ns)
{
    char names_path[PATH_BYTES], text_path[PATH_BYTES];
    (void)snprintf(names_path, sizeof names_path, "%s/names", folder);
    (void)snprintf(text_path, sizeof text_path, "%s/%s", folder, text);
    char program[] = "rg", alone[] = "--no-config", threads[] = "-j1", binary[] = "-a",
         counted[] = "-c", fixed[] = "-F", from[] = "-f";
    char *arguments[] = {program, alone, threads,    binary,    counted,
                         fixed,   from,  names_path, text_path, NULL};
    posix_spawn_file_actions_t actions;
    struct rusage usage = {0};
    pid_t child = 0;
    int status = 0, result = -posix_spawn_file_actions_init(&actions);
    if (result < 0)
        return result;
    result = -posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (result == 0)
        result = -posix_spawnp(&child, "rg", &actions, NULL, arguments, environ);
    if (result == 0 && wait4(child, &status, 0, &usage) == -1)
        result = -errno;
    *ret_ns = ns_of(&usage.ru_utime) + ns_of(&usage.ru_stime);
    (void)posix_spawn_file_actions_destroy(&actions); /* cannot fail for an initialised one */
    if (result == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) > 1))
        result = -EIO; /* 1: no line matches */
    return result;
}

int peer_run(const char *folder, uint64_t *ret_ns)
{
    uint64_t whole = 0, start = 0;
    int result = run_rg(folder, "empty", &start);
    if (result == 0)
        result = run_rg(folder, "folded", &whole);
    if (result == 0)
        *ret_ns = whole > start ? whole - start : 0;
    return result;
}
