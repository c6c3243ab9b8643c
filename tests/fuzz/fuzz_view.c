/*
 * Any line of a feed: what is shown of it to people, in every width and form, holds no byte that a
 * terminal would obey and no code point that hides text.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/filter.h"
#include "daemon/ctl/forms.h"
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

static struct filter *asking(void)
{
    static char error[80];
    struct filter *filter = filter_open();
    if (filter == NULL || filter_ask(filter, FILTER_SELLER, "s1") < 0 ||
        filter_ask_text(filter, "squish|a", error, sizeof error) != 0)
        abort();
    filter_ask_post_notice(filter);
    return filter;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct view_reader *reader;
    static struct filter *filter;
    if (reader == NULL)
        reader = view_open();
    if (filter == NULL)
        filter = asking();
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
        for (int form = FORM_SHORT; form < FORM_CAT; form++)
            forms_print(&term, (enum form)form, &view, line, size, size % 2 == 0, SIZE_MAX);
        (void)filter_passes(filter, &view);
        if (filter_learn(filter, &view) < 0)
            abort();
    }
    show_pretty(&term, line, size);
    if (fclose(stream) != 0)
        abort();
    check_safe(out, len);
    free(out);
    return 0;
}
