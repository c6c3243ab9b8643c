/*
 * Expressions and examples of a rule.
 */
#include <errno.h>
#include <hs.h>
#include <string.h>

#include "matcher/rules_reading.h"
#include "matcher/rules_set.h"

#define TEXT_MAX 4096u /* of an example's title or description */

/* The letters of `flags`. */
static int take_flags(struct rules_reading *reading, const struct yaml_node *node, unsigned *ret)
{
    static const struct {
        char letter;
        unsigned flag;
    } flags[] = {{'i', HS_FLAG_CASELESS},
                 {'s', HS_FLAG_DOTALL},
                 {'m', HS_FLAG_MULTILINE},
                 {'u', HS_FLAG_UTF8},
                 {'w', HS_FLAG_UCP}};
    unsigned all = 0;
    for (size_t i = 0; node->kind == YAML_SCALAR && i < node->len; i++) {
        unsigned flag = 0;
        for (size_t k = 0; k < sizeof flags / sizeof flags[0]; k++)
            flag |= flags[k].letter == node->text[i] ? flags[k].flag : 0;
        if (flag == 0)
            return rules_fail_at(reading, node, "flags: must be letters of i, s, m, u, w");
        all |= flag;
    }
    if (node->kind != YAML_SCALAR)
        return rules_fail_at(reading, node, "flags: must be letters of i, s, m, u, w");
    *ret |= all;
    return 0;
}

static int take_regex_value(struct rules_reading *reading, const struct yaml_node *node,
                            struct rules_regex *regex, const struct yaml_node **ret_pattern)
{
    if (yaml_key_is(node, "pattern")) {
        *ret_pattern = node;
        return 0;
    }
    if (yaml_key_is(node, "flags"))
        return take_flags(reading, node, &regex->flags);
    if (!yaml_key_is(node, "text"))
        return rules_fail(reading, node->key_line, node->key_column,
                          "regex: %.*s: must be pattern, flags or text", (int)node->key_len,
                          node->key);
    regex->view = yaml_is(node, "raw") ? RULES_VIEW_RAW : RULES_VIEW_FOLDED;
    if (regex->view == RULES_VIEW_FOLDED && !yaml_is(node, "folded"))
        return rules_fail_at(reading, node, "regex: text must be raw or folded");
    return 0;
}

/* Compiles an expression alone, to tell what is wrong with it. */
static int try_regex(struct rules_reading *reading, const struct rules_regex *regex)
{
    struct matcher_error error = {.text = ""};
    hs_database_t *engine = NULL;
    int done = rules_set_compile_one(reading->lists, regex, &engine, &error);
    (void)hs_free_database(engine); /* NULL is fine; otherwise it is ours */
    return done == -EINVAL ? rules_fail(reading, error.line, error.column, "%s", error.text) : done;
}

int rules_take_regex(struct rules_reading *reading, const struct yaml_node *node,
                     uint32_t rule_index, uint32_t *ret_index)
{
    struct rules *rules = reading->rules;
    struct rules_regex regex = {.view = RULES_VIEW_FOLDED, .rule = rule_index};
    const struct yaml_node *pattern = node->kind == YAML_SCALAR ? node : NULL;
    int done = 0;
    for (const struct yaml_node *at = node->kind == YAML_MAP ? rules_first(reading, node) : NULL;
         at != NULL; at = rules_next(reading, at))
        done = lists_worse(done, take_regex_value(reading, at, &regex, &pattern));
    if (pattern == NULL)
        return rules_fail_at(reading, node, "regex: must be a pattern, or a mapping with one");
    if (rules->regexes_count == RULES_REGEXES_MAX)
        return rules_fail_at(reading, node, "more than %u expressions", RULES_REGEXES_MAX);
    regex.at = rules_at_node(reading, pattern);
    done = lists_worse(done,
                       rules_take_text(reading, pattern, "regex", RULES_REGEX_BYTES, &regex.text));
    if (done == 0 && rules->regexes_tried)
        done = try_regex(reading, &regex);
    if (done < 0)
        return done;
    done = lists_grow((void **)&rules->regexes, &rules->regexes_room, rules->regexes_count + 1,
                      sizeof regex);
    if (done < 0)
        return done;
    *ret_index = (uint32_t)rules->regexes_count;
    rules->regexes[rules->regexes_count++] = regex;
    return 0;
}

static int take_example_value(struct rules_reading *reading, const struct yaml_node *node,
                              struct rules_example *example)
{
    const struct {
        const char *key;
        struct lists_text *to;
        size_t max;
    } texts[] = {
        {"title", &example->title, TEXT_MAX},  {"description", &example->description, TEXT_MAX},
        {"platform", &example->platform, 256}, {"seller", &example->seller, 256},
        {"price", &example->price, 64},        {"currency", &example->currency, 64},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (yaml_key_is(node, texts[i].key))
            return rules_take_text(reading, node, texts[i].key, texts[i].max, texts[i].to);
    if (yaml_key_is(node, "on")) {
        example->has_observed = true;
        return rules_take_day(reading, node, &example->observed_ns);
    }
    return rules_fail(reading, node->key_line, node->key_column,
                      "%.*s: must be title, description, platform, seller, price, currency or on",
                      (int)node->key_len, node->key);
}

static int take_example(struct rules_reading *reading, const struct yaml_node *node, bool negative)
{
    struct rules *rules = reading->rules;
    struct rules_example example = {.negative = negative, .at = rules_at_node(reading, node)};
    int done = 0;
    if (node->kind == YAML_SCALAR)
        done = rules_take_text(reading, node, "examples", TEXT_MAX, &example.title);
    else if (node->kind == YAML_LIST)
        return rules_fail_at(reading, node, "examples: each is a text, or a mapping");
    for (const struct yaml_node *at = node->kind == YAML_MAP ? rules_first(reading, node) : NULL;
         at != NULL; at = rules_next(reading, at))
        done = lists_worse(done, take_example_value(reading, at, &example));
    if (done == 0 && example.title.len == 0)
        done = rules_fail_at(reading, node, "examples: title is missing");
    if (done < 0)
        return done;
    if (rules->examples_count == RULES_EXAMPLES_MAX)
        return rules_fail_at(reading, node, "more than %u examples", RULES_EXAMPLES_MAX);
    done = lists_grow((void **)&rules->examples, &rules->examples_room, rules->examples_count + 1,
                      sizeof example);
    if (done == 0)
        rules->examples[rules->examples_count++] = example;
    return done;
}

int rules_take_examples(struct rules_reading *reading, const struct yaml_node *node, bool negative)
{
    const char *key = negative ? "negative_examples" : "examples";
    const struct yaml_node *item = node->kind == YAML_LIST ? rules_first(reading, node) : NULL;
    unsigned count = 0;
    int done = 0;
    if (item == NULL)
        return rules_fail_at(reading, node, "%s: must be a list with at least one example", key);
    for (; item != NULL && done != -ENOMEM; item = rules_next(reading, item)) {
        if (count++ == RULES_EXAMPLES_OF)
            return rules_fail_at(reading, item, "%s: more than %u", key, RULES_EXAMPLES_OF);
        done = lists_worse(done, take_example(reading, item, negative));
    }
    return done;
}
