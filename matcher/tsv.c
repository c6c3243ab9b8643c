/*
 * Rows and cells of a tab-separated text.
 */
#include "matcher/tsv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "matcher/fold.h"

int matcher_error_set(struct matcher_error *error, unsigned line, unsigned column,
                      const char *format, ...)
{
    va_list arguments;
    error->line = line;
    error->column = column;
    error->source = 0;
    va_start(arguments, format);
    int written = vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    if (written < 0)
        error->text[0] = '\0';
    return -EINVAL;
}

struct tsv tsv_begin(const char *text, size_t len)
{
    static const char mark[3] = {(char)0xEF, (char)0xBB, (char)0xBF};
    size_t at = len >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    return (struct tsv){.text = text, .len = len, .at = at};
}

static int check_line(const char *text, size_t len, unsigned line, struct matcher_error *error)
{
    const uint8_t *bytes = (const uint8_t *)text;
    for (size_t i = 0; i < len;) {
        uint32_t cp = 0;
        unsigned step = fold_decode(bytes + i, len - i, &cp);
        if (step == 0)
            return matcher_error_set(error, line, (unsigned)i + 1, "byte 0x%02X is not UTF-8",
                                     bytes[i]);
        if ((cp < 0x20 && cp != '\t') || (cp >= 0x7F && cp <= 0x9F))
            return matcher_error_set(error, line, (unsigned)i + 1,
                                     "holds the control character 0x%02x", (unsigned)cp);
        i += step;
    }
    return 0;
}

static int split(const struct tsv *tsv, const char *text, size_t len, struct tsv_cell *cells,
                 size_t *ret_count, struct matcher_error *error)
{
    size_t count = 0, begin = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && text[i] != '\t')
            continue;
        if (count == TSV_COLUMNS_MAX)
            return matcher_error_set(error, tsv->line, (unsigned)begin + 1,
                                     "more than %u cells in a line", TSV_COLUMNS_MAX);
        cells[count++] = (struct tsv_cell){text + begin, i - begin, (unsigned)begin + 1};
        begin = i + 1;
    }
    *ret_count = count;
    return 1;
}

int tsv_next(struct tsv *tsv, struct tsv_cell cells[TSV_COLUMNS_MAX], size_t *ret_count,
             struct matcher_error *reterr_error)
{
    while (tsv->at < tsv->len) {
        const char *text = tsv->text + tsv->at;
        const char *newline = memchr(text, '\n', tsv->len - tsv->at);
        size_t len = newline == NULL ? tsv->len - tsv->at : (size_t)(newline - text);
        tsv->at += len + (newline != NULL);
        tsv->line++;
        if (len > 0 && text[len - 1] == '\r')
            len--;
        if (len == 0 || text[0] == '#')
            continue;
        int checked = check_line(text, len, tsv->line, reterr_error);
        if (checked < 0)
            return checked;
        return split(tsv, text, len, cells, ret_count, reterr_error);
    }
    return 0;
}
