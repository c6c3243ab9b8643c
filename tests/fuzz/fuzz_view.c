/*
 * Any line of a feed: what is shown of it to people, in every width, holds no byte that a terminal
 * would obey and no code point that hides text.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/show.h"
#include "daemon/ctl/view.h"
#include "matcher/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_safe(const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t code_point = 0;
        unsigned unit = fold_decode((const uint8_t *)text + at, len - at, &code_point);
        if (unit == 0 || (code_point != '\n' && term_is_unsafe(code_point)))
            abort();
        at += unit;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct view_reader *reader;
    if (reader == NULL)
        reader = view_open();
    const char *line = (const char *)data;
    char *out = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&out, &len);
    if (reader == NULL || stream == NULL)
        abort();
    struct term term = {.stream = stream};
    struct view view;
    if (view_parse(reader, line, size, &view) == 0) {
        view_print(&term, &view, SIZE_MAX);
        view_print(&term, &view, size % 100);
        (void)view_passes(&view,
                          &(struct view_filter){.seller = "s", .mark = "M", .kind = "match"});
    }
    show_pretty(&term, line, size);
    if (fclose(stream) != 0)
        abort();
    check_safe(out, len);
    free(out);
    return 0;
}
