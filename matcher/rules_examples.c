/*
 * Running the examples of rules.
 */
#include "matcher/rules_examples.h"

#include <errno.h>
#include <hs.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/rules_run.h"
#include "matcher/tsv.h"

#define TEXT_ROOM (8192u + MATCHER_SLACK_BYTES)

enum form {
    FORM_PLAIN = 0,
    FORM_WRAPPED = 1,
    FORM_CAPITALS = 2,
    FORMS_COUNT = 3,
};

struct examples {
    struct matcher_db *db;
    struct matcher *matcher;
    lists_problem *problem;
    void *context;
    bool told;
    char title[TEXT_ROOM], description[TEXT_ROOM];
};

/* Copies a text with words around it that no list holds. */
static size_t put(char *out, const char *text, size_t len, const char *before, const char *after)
{
    size_t front = strlen(before), back = strlen(after);
    memcpy(out, before, front);
    memcpy(out + front, text, len);
    memcpy(out + front + len, after, back);
    return front + len + back;
}

/* ASCII letters become capitals, but for those of escapes and character references. */
static void capitalise(char *text, size_t len)
{
    bool reference = false;
    for (size_t i = 0; i < len; i++) {
        reference = text[i] == '&' || (reference && text[i] != ';' && text[i] != ' ');
        bool escape = i > 0 && text[i - 1] == '\\';
        if (text[i] >= 'a' && text[i] <= 'z' && !reference && !escape)
            text[i] = (char)(text[i] - 0x20);
    }
}

static void tell(struct examples *examples, const struct rules_rule *rule,
                 const struct rules_example *example, const char *what, enum form form)
{
    static const char *const how[FORMS_COUNT] = {"", " with other words around it", " in capitals"};
    struct matcher_error error = {.text = ""};
    const struct matcher_lists *lists = examples->db->lists;
    (void)matcher_error_set(&error, example->at.line, example->at.column, "rule %.*s %s%s%s",
                            (int)rule->id.len, lists_at(lists, rule->id), what,
                            example->negative ? " this negative example" : " this example",
                            how[form]); /* always -EINVAL */
    error.source = example->at.source;
    examples->told = true;
    examples->problem(examples->context, &error);
}

static const char *text_or_null(const struct matcher_lists *lists, struct lists_text text)
{
    return text.len == 0 ? NULL : lists_at(lists, text);
}

static void scan(struct examples *examples, const struct rules_example *example, enum form form,
                 struct matcher_result *ret_result)
{
    const struct matcher_lists *lists = examples->db->lists;
    bool two = example->description.len > 0, wrap = form == FORM_WRAPPED;
    size_t title_len = put(examples->title, lists_at(lists, example->title), example->title.len,
                           wrap ? "zqx zqx " : "", wrap && !two ? " qzx qzx" : "");
    size_t description_len = put(examples->description, lists_at(lists, example->description),
                                 example->description.len, "", wrap && two ? " qzx qzx" : "");
    if (form == FORM_CAPITALS) {
        capitalise(examples->title, title_len);
        capitalise(examples->description, description_len);
    }
    struct matcher_field fields[2] = {{examples->title, title_len},
                                      {examples->description, description_len}};
    const struct matcher_facts facts = {
        .platform = text_or_null(lists, example->platform),
        .platform_len = example->platform.len,
        .seller = text_or_null(lists, example->seller),
        .seller_len = example->seller.len,
        .price = text_or_null(lists, example->price),
        .price_len = example->price.len,
        .currency = text_or_null(lists, example->currency),
        .currency_len = example->currency.len,
        .has_observed = example->has_observed,
        .observed_ns = example->observed_ns,
    };
    uint32_t index = 0;
    matcher_reset(examples->matcher);
    *ret_result = (struct matcher_result){.outcome = MATCHER_OUTCOME_FAILED};
    if (matcher_add(examples->matcher, fields, two ? 2 : 1, &index) < 0)
        return; /* cannot be: an example is short */
    matcher_set_facts(examples->matcher, index, &facts);
    matcher_scan(examples->matcher);
    matcher_result(examples->matcher, index, ret_result);
}

/* Runs one example in one form. False once something was told of it. */
static bool run(struct examples *examples, uint32_t index, const struct rules_example *example,
                enum form form)
{
    const struct rules_rule *rule = &examples->db->lists->rules->items[index];
    struct matcher_result result;
    scan(examples, example, form, &result);
    bool fires = false;
    for (size_t i = 0; i < result.hits_count; i++)
        fires = fires || (result.hits[i].has_rule && result.hits[i].rule == index);
    if (result.outcome == MATCHER_OUTCOME_FAILED)
        tell(examples, rule, example, "could not be tried: the engine failed on", form);
    else if (!fires && result.outcome == MATCHER_OUTCOME_CUT)
        tell(examples, rule, example, "could not be tried: too much is in", form);
    else if (!fires && !example->negative)
        tell(examples, rule, example, "does not find", form);
    else if (fires && example->negative)
        tell(examples, rule, example, "finds", form);
    else
        return true;
    return false;
}

static bool holds(const char *text, size_t len, const char *part)
{
    return memmem(text, len, part, strlen(part)) != NULL;
}

/* Which forms say something about a rule, given its expressions. */
static void choose_forms(const struct matcher_lists *lists, uint32_t index, bool forms[FORMS_COUNT])
{
    const struct rules *rules = lists->rules;
    for (unsigned i = 0; i < FORMS_COUNT; i++)
        forms[i] = true;
    for (size_t i = 0; i < rules->regexes_count; i++) {
        const struct rules_regex *regex = &rules->regexes[i];
        const char *text = lists_at(lists, regex->text);
        size_t len = regex->text.len;
        if (regex->rule != index)
            continue;
        if (holds(text, len, "^") || holds(text, len, "$") || holds(text, len, "\\A") ||
            holds(text, len, "\\z") || holds(text, len, "\\Z"))
            forms[FORM_WRAPPED] = false;
        if (regex->view == RULES_VIEW_RAW && (regex->flags & HS_FLAG_CASELESS) == 0)
            forms[FORM_CAPITALS] = false;
    }
}

static void run_rule(struct examples *examples, uint32_t index)
{
    const struct matcher_lists *lists = examples->db->lists;
    const struct rules_rule *rule = &lists->rules->items[index];
    bool forms[FORMS_COUNT];
    if (rule->marks == RULES_MARKS_SOME && rule->marks_count == 0)
        return;
    if (rule->marks == RULES_MARKS_ALL && lists->marks_count == 0)
        return;
    choose_forms(lists, index, forms);
    examples->matcher->rules->only = index;
    for (uint32_t i = 0; i < rule->examples_count; i++) {
        bool good = true;
        for (unsigned form = 0; form < FORMS_COUNT && good; form++)
            good = !forms[form] || run(examples, index, &lists->rules->examples[rule->example + i],
                                       (enum form)form);
    }
}

int rules_examples_run(struct matcher_db *db, lists_problem *problem, void *context)
{
    if (matcher_db_rules_count(db) == 0)
        return 0;
    struct examples *examples = calloc(1, sizeof *examples);
    if (examples == NULL)
        return -ENOMEM;
    examples->db = db;
    examples->problem = problem;
    examples->context = context;
    int done = matcher_open(&examples->matcher);
    if (done == 0)
        done = matcher_use(examples->matcher, db);
    for (uint32_t i = 0; done == 0 && i < db->lists->rules->count; i++)
        run_rule(examples, i);
    if (done == 0 && examples->told)
        done = -EINVAL;
    examples->matcher = matcher_close(examples->matcher);
    free(examples);
    return done;
}
