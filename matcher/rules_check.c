/*
 * Checking rules as a whole, and measuring them.
 */
#include "matcher/rules_check.h"

#include <errno.h>
#include <hs.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/db.h"
#include "matcher/rules_examples.h"
#include "matcher/tsv.h"

/* What sellers write, in a few languages; shorter than a page, so that a run takes microseconds. */
static const char sample[] =
    "new in box, ships from the us within 24 hours, 100% brand new and high quality, please allow "
    "1-3 cm error due to manual measurement. material: cotton / polyester, size: s m l xl xxl, "
    "color: black, white, rose gold. package includes: 1 x bag, 1 x strap. ref. 2211, model a-100. "
    "nuevo con etiquetas, envio gratis en 2 dias; neu mit etikett, versand aus deutschland, "
    "rechnung mit mwst; neuf avec etiquette, livraison offerte. vintage leather handbag, genuine "
    "hardware, good condition, some scratches, see photos. compatible with all models from 2015 to "
    "2023. aaa batteries not included. 1:1 scale replica of a steam engine, hand painted, limited. "
    "item no. 4006381333931, price 19.99 usd, was 39.99. contact us before leaving feedback!!! "
    "perfect gift for birthday, christmas, party; washable, soft, 20 inch plush toy for kids aged "
    "3+.";

int rules_check_begin(struct matcher_lists *lists, bool marks_unknown)
{
    if (lists->rules == NULL)
        lists->rules = calloc(1, sizeof *lists->rules);
    if (lists->rules == NULL)
        return -ENOMEM;
    lists->rules->marks_unknown = marks_unknown;
    lists->rules->regexes_tried = true;
    return 0;
}

/* Whether a term is a child of a root's child of this kind. */
static bool has_child(const struct rules *rules, const struct rules_rule *rule,
                      enum rules_kind kind, uint32_t term)
{
    const struct rules_node *nodes = rules->nodes;
    uint32_t end = rule->node + rule->nodes_count;
    for (uint32_t group = rule->node + 1; group < end; group = nodes[group].end)
        for (uint32_t i = group + 1; nodes[group].kind == kind && i < nodes[group].end;
             i = nodes[i].end)
            if (nodes[i].kind == RULES_TERM && nodes[i].first == term)
                return true;
    return false;
}

/* Whether a list of conditions of this kind asks for nothing that `none` allows. */
static bool is_denied(const struct rules *rules, const struct rules_rule *rule, uint32_t group)
{
    const struct rules_node *nodes = rules->nodes;
    bool some = false, every = true;
    for (uint32_t i = group + 1; i < nodes[group].end; i = nodes[i].end) {
        bool denied =
            nodes[i].kind == RULES_TERM && has_child(rules, rule, RULES_NOT_ANY, nodes[i].first);
        some = some || denied;
        every = every && denied;
    }
    return (nodes[group].kind == RULES_ALL && some) || (nodes[group].kind == RULES_ANY && every);
}

static bool same_conditions(const struct rules *rules, const struct rules_rule *a,
                            const struct rules_rule *b)
{
    if (a->nodes_count == 1)
        return true; /* it asks for nothing */
    if (a->nodes_count != b->nodes_count)
        return false;
    for (uint32_t i = 0; i < a->nodes_count; i++) {
        const struct rules_node *x = &rules->nodes[a->node + i], *y = &rules->nodes[b->node + i];
        if (x->kind != y->kind || x->fields != y->fields || x->ordered != y->ordered ||
            x->first != y->first || x->second != y->second || x->within != y->within ||
            x->end - a->node != y->end - b->node)
            return false;
    }
    return true;
}

/* Whether all marks of b are among those of a, and a may speak of each alone. */
static bool covers_marks(const struct matcher_lists *lists, const struct rules_rule *a,
                         const struct rules_rule *b)
{
    const struct rules *rules = lists->rules;
    if (a->marks == RULES_MARKS_NONE || b->marks == RULES_MARKS_NONE)
        return a->marks == b->marks && a->report == b->report;
    bool all = b->marks == RULES_MARKS_ALL;
    size_t count = all ? lists->marks_count : b->marks_count, at = 0;
    if (rules->marks_unknown || (all && a->marks != RULES_MARKS_ALL))
        return false;
    for (size_t i = 0; i < count; i++) {
        uint32_t mark = all ? (uint32_t)i : rules->mark_of[b->mark + i];
        while (at < a->marks_count && rules->mark_of[a->mark + at] < mark)
            at++;
        bool named = a->marks == RULES_MARKS_ALL ||
                     (at < a->marks_count && rules->mark_of[a->mark + at] == mark);
        if (!named || (lists->marks[mark].generic && !a->has_text))
            return false;
    }
    return true;
}

/* Whether rule a speaks whenever rule b does, and goes before it. */
static bool hides(const struct matcher_lists *lists, size_t a_index, size_t b_index)
{
    const struct rules_rule *a = &lists->rules->items[a_index], *b = &lists->rules->items[b_index];
    bool first = a->class > b->class || (a->class == b->class && a_index < b_index);
    return first && (a->fields & b->fields) == b->fields && same_conditions(lists->rules, a, b) &&
           covers_marks(lists, a, b);
}

size_t rules_check_reach(const struct matcher_lists *lists, lists_problem *problem, void *context)
{
    const struct rules *rules = lists->rules;
    size_t told = 0;
    for (size_t i = 0; i < rules->count; i++) {
        const struct rules_rule *rule = &rules->items[i];
        const struct rules_node *nodes = rules->nodes;
        struct matcher_error error = {.text = ""};
        uint32_t end = rule->node + rule->nodes_count;
        for (uint32_t group = rule->node + 1; group < end && error.text[0] == '\0';
             group = nodes[group].end)
            if (is_denied(rules, rule, group))
                (void)matcher_error_set(&error, nodes[group].at.line, nodes[group].at.column,
                                        "the rule can never hold: none denies what this asks for");
        for (size_t k = 0; k < rules->count && error.text[0] == '\0'; k++) {
            struct lists_text id = rules->items[k].id;
            if (k != i && hides(lists, k, i))
                (void)matcher_error_set(&error, rule->at.line, rule->at.column,
                                        "the rule can never speak: rule %.*s always goes before it",
                                        (int)id.len, lists_at(lists, id));
        }
        error.source = rule->at.source;
        if (error.text[0] == '\0')
            continue;
        problem(context, &error);
        told++;
    }
    return told;
}

static void tell(lists_problem *problem, void *context, struct rules_at at, const char *what,
                 const char *text, size_t len)
{
    struct matcher_error error = {.text = ""};
    (void)matcher_error_set(&error, at.line, at.column, "%.*s %s", (int)len, text, what);
    error.source = at.source;
    problem(context, &error);
}

size_t rules_check_words(const struct matcher_lists *lists, lists_problem *problem, void *context)
{
    const struct rules *rules = lists->rules;
    size_t told = 0;
    for (size_t i = 0; i < rules->terms_count; i++) {
        const struct rules_term *term = &rules->terms[i];
        if (term->used)
            continue;
        tell(problem, context, term->at, "is used by no rule", lists_at(lists, term->name),
             term->name.len);
        told++;
    }
    for (size_t i = 0; i < rules->sellers_count; i++) {
        const struct rules_sellers *list = &rules->sellers[i];
        if (list->used)
            continue;
        tell(problem, context, list->at, "is used by no rule", lists_at(lists, list->name),
             list->name.len);
        told++;
    }
    for (size_t i = 0; i < rules->phrases_count; i++) {
        const struct rules_phrase *phrase = &rules->phrases[i];
        if (phrase->core.len >= 3)
            continue;
        tell(problem, context, phrase->at,
             "is short: less than 3 letters are found often, and each time costs",
             lists_at(lists, phrase->text), phrase->text.len);
        told++;
    }
    return told;
}

int rules_check_compile(const struct matcher_lists *lists, lists_problem *problem, void *context)
{
    struct matcher_error error = {.text = ""};
    struct matcher_db *db = NULL;
    int done = db_compile(lists, &db, &error);
    if (done == -EINVAL)
        problem(context, &error);
    if (done == 0)
        done = rules_examples_run(db, problem, context);
    (void)matcher_db_unref(db); /* always NULL */
    return done;
}

int rules_probe_open(const struct matcher_lists *lists, size_t index, struct rules_probe *ret_probe,
                     struct matcher_error *reterr_error)
{
    *ret_probe = (struct rules_probe){.bytes = 0};
    if (index >= lists->rules->regexes_count)
        return -ENOENT;
    const struct rules_regex *regex = &lists->rules->regexes[index];
    hs_database_t *engine = NULL;
    hs_scratch_t *scratch = NULL;
    int done = rules_set_compile_one(lists, regex, &engine, reterr_error);
    if (done == 0 && hs_alloc_scratch(engine, &scratch) != HS_SUCCESS)
        done = -ENOMEM;
    *ret_probe = (struct rules_probe){.at = regex->at, .engine = engine, .scratch = scratch};
    if (done == 0 && hs_database_size(engine, &ret_probe->bytes) != HS_SUCCESS)
        ret_probe->bytes = 0; /* cannot be: it is ours */
    if (done < 0)
        rules_probe_close(ret_probe);
    return done;
}

void rules_check_drop_rules(struct matcher_lists *lists)
{
    lists->rules = rules_close(lists->rules);
}

void rules_check_drop_variants(struct matcher_lists *lists)
{
    lists->variants = MATCHER_VARIANTS_OFF;
    for (size_t i = 0; i < lists->marks_count; i++)
        lists->marks[i].variants = MATCHER_VARIANTS_OFF;
}

const char *rules_check_sample(size_t *ret_len)
{
    *ret_len = sizeof sample - 1;
    return sample;
}

static int ignore_hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                      void *context)
{
    (void)id;
    (void)from;
    (void)to;
    (void)flags;
    (void)context;
    return 0;
}

size_t rules_probe_run(const struct rules_probe *probe)
{
    /* The engine reads past the text: what is left out at the end is readable. */
    size_t len = sizeof sample - MATCHER_SLACK_BYTES;
    if (hs_scan(probe->engine, sample, (unsigned)len, 0, probe->scratch, ignore_hit, NULL) !=
        HS_SUCCESS)
        return 0;
    return len;
}

void rules_probe_close(struct rules_probe *probe)
{
    (void)hs_free_scratch(probe->scratch); /* NULL is fine; otherwise they are ours */
    (void)hs_free_database(probe->engine);
    *probe = (struct rules_probe){.bytes = 0};
}
