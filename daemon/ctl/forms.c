/*
 * Output forms. Knows how a record looks; knows no file.
 */
#include "daemon/ctl/forms.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/show.h"
#include "daemon/ledger/record.h"

int forms_parse(const char *name, enum form *ret_form)
{
    static const char *const names[] = {"short", "json", "json-pretty", "csv", "cat"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) != 0)
            continue;
        *ret_form = (enum form)i;
        return 0;
    }
    return -EINVAL;
}

void forms_begin(const struct term *term, enum form form)
{
    if (form == FORM_CSV)
        (void)fputs("seq,t,kind,platform,listing,merchant,state,class,marks,rules,texts,title,"
                    "provisional\n",
                    term->stream);
}

static void put_unit(const struct term *term, const char *unit, size_t len)
{
    if (len == 1 && unit[0] == '"')
        (void)fputc('"', term->stream); /* a quote is doubled */
    (void)fwrite(unit, 1, len, term->stream);
}

/* Text of a cell, escaped as in the short form. */
static void put_text(const struct term *term, struct view_text text)
{
    char unit[TERM_UNIT_BYTES];
    unsigned columns = 0;
    for (const char *at = text.at, *end = text.at + text.len; at < end;) {
        size_t len = term_unit(&at, end, unit, &columns);
        put_unit(term, unit, len);
    }
}

/* Whether a spreadsheet would take it for a formula; of full-width signs those for East Asia do. */
static bool is_formula(struct view_text text)
{
    static const char *const signs[] = {"=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"};
    for (size_t i = 0; text.at != NULL && i < sizeof signs / sizeof signs[0]; i++)
        if (text.len >= strlen(signs[i]) && memcmp(text.at, signs[i], strlen(signs[i])) == 0)
            return true;
    return false;
}

/* What would be a formula is made text of: titles come from outside. */
static void begin_cell(const struct term *term, struct view_text text)
{
    (void)fputs(is_formula(text) ? ",\"'" : ",\"", term->stream);
}

static void put_cell(const struct term *term, struct view_text text)
{
    if (text.at == NULL) {
        (void)fputc(',', term->stream);
        return;
    }
    begin_cell(term, text);
    put_text(term, text);
    (void)fputc('"', term->stream);
}

static struct view_text hit_text(const struct view_hit *hit, unsigned which)
{
    return which == 0 ? hit->mark : which == 1 ? hit->rule : hit->text;
}

/* One text of each hit, as "a | b". */
static void put_hits(const struct term *term, const struct view *view, unsigned which)
{
    if (view->hits_count == 0) {
        (void)fputc(',', term->stream);
        return;
    }
    begin_cell(term, hit_text(&view->hits[0], which));
    for (size_t i = 0; i < view->hits_count; i++) {
        (void)fputs(i > 0 ? " | " : "", term->stream);
        struct view_text text = hit_text(&view->hits[i], which);
        if (text.at != NULL)
            put_text(term, text);
    }
    (void)fputc('"', term->stream);
}

static void print_row(const struct term *term, const struct view *view, bool provisional)
{
    (void)fprintf(term->stream, "%" PRIu64, view->seq);
    put_cell(term, view->time);
    put_cell(term, view->kind);
    put_cell(term, view->platform);
    put_cell(term, view->listing);
    put_cell(term, view->merchant);
    put_cell(term, view->state);
    put_cell(term, view->class);
    for (unsigned which = 0; which < 3; which++)
        put_hits(term, view, which);
    put_cell(term, view->title);
    (void)fprintf(term->stream, ",%s\n", provisional ? "true" : "false");
}

static void print_pretty(const struct term *term, const char *line, size_t len, bool provisional)
{
    char marked[RECORD_LINE_BYTES_MAX + sizeof FORMS_PROVISIONAL];
    assert(len > 0 && len <= RECORD_LINE_BYTES_MAX);
    memcpy(marked, line, len);
    if (provisional) {
        memcpy(marked + len - 1, FORMS_PROVISIONAL, sizeof FORMS_PROVISIONAL);
        len += sizeof FORMS_PROVISIONAL - 2;
    }
    show_pretty(term, marked, len);
}

void forms_print(const struct term *term, enum form form, const struct view *view, const char *line,
                 size_t len, bool provisional, size_t columns)
{
    switch (form) {
    case FORM_SHORT:
        view_print(term, view, columns);
        break;
    case FORM_JSON: /* the stream's error is seen at its end */
        (void)fwrite(line, 1, provisional ? len - 1 : len, term->stream);
        (void)fputs(provisional ? FORMS_PROVISIONAL "\n" : "\n", term->stream);
        break;
    case FORM_JSON_PRETTY:
        print_pretty(term, line, len, provisional);
        break;
    case FORM_CSV:
        print_row(term, view, provisional);
        break;
    case FORM_CAT:
        (void)fwrite(line, 1, len, term->stream);
        (void)fputc('\n', term->stream);
        break;
    }
}
