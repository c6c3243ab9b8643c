/*
 * The views of a text, the hits in it, and why they are hits. Knows what people ask of a match; the
 * matcher knows the answers.
 */
#include "daemon/ctl/explanation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/explanation_words.h"
#include "daemon/encode.h"
#include "matcher/fold.h"
#include "matcher/squeeze.h"

#define VIEW_BYTES_MAX 4000u /* of a view that are shown */
#define SPAN_BYTES_MAX 300u  /* of what a hit quotes */
#define SUSPECTS_MAX   40u

/* A view while it is printed. */
struct printing {
    const struct explanation *of;
    const struct term *term;
    uint8_t *styles; /* enum term_style of each byte of the text */
    struct fold_map map;
    char *fold;
    size_t fold_len;
    size_t suspects;
    bool has_i; /* a reading holds an i, which may stand for an l */
};

static void label(const struct printing *printing, const char *name)
{
    term_style(printing->term, TERM_DIM);
    printf("%-9s ", name);
    term_style(printing->term, TERM_PLAIN);
}

/* Where a text of at most max bytes ends between two characters. */
static size_t cut_at(const char *bytes, size_t len, size_t max)
{
    if (len <= max)
        return len;
    while (max > 0 && ((uint8_t)bytes[max] & 0xC0) == 0x80)
        max--;
    return max;
}

/* Prints what is quoted, with a style for each byte if there are styles. */
static void quoted(const struct printing *printing, const char *bytes, const uint8_t *styles,
                   size_t len, size_t max)
{
    size_t end = cut_at(bytes, len, max);
    putchar('"');
    for (size_t at = 0; at < end;) {
        size_t to = at + 1;
        while (to < end && (styles == NULL || styles[to] == styles[at]))
            to++;
        if (styles != NULL && styles[at] != TERM_PLAIN)
            term_style(printing->term, (enum term_style)styles[at]);
        term_print(printing->term, bytes + at, to - at);
        if (styles != NULL && styles[at] != TERM_PLAIN)
            term_style(printing->term, TERM_PLAIN);
        at = to;
    }
    if (end < len)
        printf("…\" (%zu of %zu bytes)", end, len);
    else
        putchar('"');
}

static void print_span(const struct printing *printing, const struct matcher_span *span)
{
    quoted(printing, printing->of->text + span->from, NULL, span->to - span->from, SPAN_BYTES_MAX);
    printf(", bytes %u to %u", span->from, span->to);
}

static enum term_style style_of(enum matcher_class class)
{
    static const enum term_style styles[] = {TERM_DIM, TERM_CYAN, TERM_YELLOW, TERM_RED};
    return styles[class];
}

static void style_span(uint8_t *styles, const struct matcher_span *span, enum term_style style)
{
    memset(styles + span->from, (int)style, span->to - span->from);
}

/* Hits have the colour of their class; a cue that is none is bold. */
static void style_text(struct printing *printing)
{
    const struct matcher_result *result = printing->of->result;
    for (size_t i = 0; i < result->hits_count; i++)
        if (result->hits[i].has_cue)
            style_span(printing->styles, &result->hits[i].cue_span, TERM_BOLD);
    for (size_t i = 0; i < result->hits_count; i++)
        style_span(printing->styles, &result->hits[i].span, style_of(result->hits[i].class));
}

static void print_suspect(void *context, size_t from, size_t to, const char *letters, size_t len)
{
    struct printing *printing = context;
    if (len == 0 || ++printing->suspects > SUSPECTS_MAX)
        return;
    printing->has_i = printing->has_i || memchr(letters, 'i', len) != NULL;
    label(printing, "squeeze");
    quoted(printing, printing->of->text + from, NULL, to - from, SPAN_BYTES_MAX);
    printf(" read as ");
    quoted(printing, letters, NULL, len, SPAN_BYTES_MAX);
    printf("\n");
}

static int print_views(struct printing *printing)
{
    const struct explanation *of = printing->of;
    label(printing, "text");
    quoted(printing, of->text, printing->styles, of->len, VIEW_BYTES_MAX);
    printf("\n");
    label(printing, "fold");
    quoted(printing, printing->fold, NULL, printing->fold_len, VIEW_BYTES_MAX);
    printf("\n");
    int done = squeeze_explain(of->db, of->text, of->len, print_suspect, printing);
    if (printing->suspects > SUSPECTS_MAX) {
        label(printing, "");
        printf("%zu further words were read so\n", printing->suspects - SUSPECTS_MAX);
    }
    if (printing->has_i) {
        label(printing, "");
        printf("(to this reading i and l are one letter, and so are others that look alike)\n");
    }
    return done;
}

/* Folded bytes between two spans: what the matcher counts. */
static size_t folded_between(const struct printing *printing, const struct matcher_span *a,
                             const struct matcher_span *b)
{
    const struct matcher_span *left = a->from <= b->from ? a : b, *right = left == a ? b : a;
    size_t count = 0;
    for (size_t i = 1; i + 1 < printing->fold_len; i++)
        count += printing->map.from[i] >= left->to && printing->map.to[i] <= right->from;
    return count;
}

/* The reasons behind the default classes (DESIGN 4), for the class that the matcher gave. */
static void print_why(const struct printing *printing, const struct matcher_hit *hit)
{
    const struct matcher_db *db = printing->of->db;
    if (hit->has_rule) {
        struct matcher_rule rule = matcher_db_rule(db, hit->rule);
        printf("what rule ");
        term_print(printing->term, rule.id, rule.id_len);
        printf(", revision %u, asks for holds here", rule.rev);
        return;
    }
    bool ordinary = matcher_db_mark(db, hit->mark).generic;
    printf("%s", explanation_why(hit, ordinary));
}

static void print_mark(const struct printing *printing, const struct matcher_hit *hit)
{
    const struct term *term = printing->term;
    if (hit->mark == MATCHER_NO_MARK) {
        printf("words of a rule\n");
        return;
    }
    struct matcher_mark mark = matcher_db_mark(printing->of->db, hit->mark);
    term_style(term, TERM_BOLD);
    term_print(term, mark.text, mark.text_len);
    term_style(term, TERM_PLAIN);
    printf(" (");
    term_print(term, mark.id, mark.id_len);
    if (mark.category_len > 0) {
        printf(", ");
        term_print(term, mark.category, mark.category_len);
    }
    printf(")\n");
}

static void print_stage(const struct printing *printing, const struct matcher_hit *hit)
{
    label(printing, "  stage");
    printf("%s: %s\n", encode_stage_name(hit->stage), explanation_stage(hit->stage));
    if (hit->techniques == 0)
        return;
    label(printing, "  written");
    const char *separator = "";
    for (unsigned bit = 1; bit != 0 && bit <= hit->techniques; bit <<= 1) {
        if ((hit->techniques & bit) == 0)
            continue;
        printf("%s%s", separator, explanation_technique(bit));
        separator = ", ";
    }
    printf("\n");
}

static void print_cue(const struct printing *printing, const struct matcher_hit *hit)
{
    struct matcher_cue cue = matcher_db_cue(printing->of->db, hit->cue);
    label(printing, "  cue");
    print_span(printing, &hit->cue_span);
    printf(" (");
    term_print(printing->term, cue.id, cue.id_len);
    printf(", strength %u), at a distance of %zu of at most %u folded bytes\n", cue.strength,
           folded_between(printing, &hit->span, &hit->cue_span), matcher_cue_reach(cue.strength));
}

static void print_hit(const struct printing *printing, const struct matcher_hit *hit)
{
    const struct term *term = printing->term;
    putchar('\n');
    term_style(term, style_of(hit->class));
    printf("%s", encode_class_name(hit->class));
    term_style(term, TERM_PLAIN);
    printf(": ");
    print_mark(printing, hit);
    label(printing, "  text");
    print_span(printing, &hit->span);
    printf("\n");
    print_stage(printing, hit);
    if (hit->has_cue)
        print_cue(printing, hit);
    if (hit->context != MATCHER_CONTEXT_NONE) {
        label(printing, "  context");
        print_span(printing, &hit->context_span);
        printf(" (%s: %s)\n", encode_context_name(hit->context), explanation_context(hit->context));
    }
    label(printing, "  why");
    print_why(printing, hit);
    printf("\n");
}

/* What is not among the hits, and why. */
static void print_rest(const struct printing *printing)
{
    const struct matcher_result *result = printing->of->result;
    if (result->hits_count < result->hits_total)
        printf("\n%zu further hits are counted, not shown\n",
               result->hits_total - result->hits_count);
    else if (result->outcome == MATCHER_OUTCOME_CUT)
        printf("\nthe text holds more disguised words than are looked at: there may be more in "
               "it\n");
    if (result->has_ordinary) {
        struct matcher_mark mark = matcher_db_mark(printing->of->db, result->ordinary);
        putchar('\n');
        term_print(printing->term, mark.text, mark.text_len);
        printf(" (");
        term_print(printing->term, mark.id, mark.id_len);
        printf(") stands there as an ordinary word: without a cue near it, or a word for its goods "
               "beside it, it is no hit\n");
    } else if (result->hits_total == 0 && result->outcome == MATCHER_OUTCOME_OK) {
        printf("\nno mark of the lists is in this text\n");
    }
    putchar('\n');
    label(printing, "class");
    term_style(printing->term, style_of(result->class));
    printf("%s", encode_class_name(result->class));
    term_style(printing->term, TERM_PLAIN);
    printf("\n");
}

int explanation_print(const struct explanation *explanation)
{
    size_t bound = fold_bound(explanation->len);
    struct printing printing = {
        .of = explanation,
        .term = &explanation->term,
        .styles = calloc(explanation->len + 1, 1),
        .map = {.from = calloc(bound, sizeof *printing.map.from),
                .to = calloc(bound, sizeof *printing.map.to),
                .bits = calloc(bound, sizeof *printing.map.bits)},
        .fold = malloc(bound),
    };
    int done = -ENOMEM;
    if (printing.styles != NULL && printing.map.from != NULL && printing.map.to != NULL &&
        printing.map.bits != NULL && printing.fold != NULL) {
        printing.fold_len =
            fold_map(explanation->text, explanation->len, printing.fold, &printing.map);
        style_text(&printing);
        done = print_views(&printing);
        for (size_t i = 0; i < explanation->result->hits_count; i++)
            print_hit(&printing, &explanation->result->hits[i]);
        print_rest(&printing);
    }
    free(printing.styles);
    free(printing.map.from);
    free(printing.map.to);
    free(printing.map.bits);
    free(printing.fold);
    return done;
}
