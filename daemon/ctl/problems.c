/*
 * Problems of lists and rules: kept, sorted, told.
 */
#include "daemon/ctl/problems.h"

#include <stdlib.h>

#include "daemon/ctl/ctl.h"

struct problem {
    enum problems_severity severity;
    const char *path;
    size_t file, number; /* number: in the order in which they came */
    struct matcher_error error;
};

static void tell(const struct problem *problem)
{
    static const char *const severities[] = {"error", "warning", "note"};
    const char *severity = severities[problem->severity];
    if (problem->path == NULL)
        ctl_message("noticectl: %s: %s", severity, problem->error.text);
    else
        ctl_message("%s:%u:%u: %s: %s", problem->path, problem->error.line, problem->error.column,
                    severity, problem->error.text);
}

void problems_add(struct problems *problems, enum problems_severity severity, const char *path,
                  size_t file, const struct matcher_error *error)
{
    const struct problem problem = {severity, path, file, problems->count, *error};
    problems->errors += severity == PROBLEMS_ERROR ? 1 : 0;
    problems->warnings += severity == PROBLEMS_WARNING ? 1 : 0;
    if (problems->count == problems->room) {
        size_t room = problems->room == 0 ? 64 : 2 * problems->room;
        struct problem *more = realloc(problems->items, room * sizeof *more);
        if (more == NULL) {
            tell(&problem);
            return;
        }
        problems->items = more;
        problems->room = room;
    }
    problems->items[problems->count++] = problem;
}

static int by_place(const void *left, const void *right)
{
    const struct problem *a = left, *b = right;
    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    if (a->error.line != b->error.line)
        return a->error.line < b->error.line ? -1 : 1;
    if (a->error.column != b->error.column)
        return a->error.column < b->error.column ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

void problems_tell(struct problems *problems)
{
    if (problems->count > 0)
        qsort(problems->items, problems->count, sizeof *problems->items, by_place);
    for (size_t i = 0; i < problems->count; i++)
        tell(&problems->items[i]);
    free(problems->items);
    problems->items = NULL;
    problems->count = problems->room = 0;
}
