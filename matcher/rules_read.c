/*
 * A text of rules: its sections, and the keys of a rule.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/rules_reading.h"

static const char *const rule_keys[] = {
    "id",       "rev",   "note",   "marks",  "category", "class",
    "variants", "terms", "report", "fields", "examples", "negative_examples",
};

static bool is_rule_key(const struct yaml_node *node)
{
    for (size_t i = 0; i < sizeof rule_keys / sizeof rule_keys[0]; i++)
        if (yaml_key_is(node, rule_keys[i]))
            return true;
    return rules_is_condition(node);
}

/* A key that a rule must have; told if it is missing. */
static const struct yaml_node *need(struct rules_reading *reading, const struct yaml_node *map,
                                    const char *key)
{
    const struct yaml_node *node = rules_find(reading, map, key);
    if (node == NULL)
        (void)rules_fail_at(reading, map, "%s: is missing", key); /* always -EINVAL */
    return node;
}

static int take_id(struct rules_reading *reading, const struct yaml_node *map,
                   struct rules_rule *rule)
{
    const struct rules *rules = reading->rules;
    const struct yaml_node *node = need(reading, map, "id");
    if (node == NULL)
        return -EINVAL;
    int done = rules_take_label(reading, node, "id", &rule->id);
    if (done < 0)
        return done;
    if (node->len >= 8 && memcmp(node->text, "default.", 8) == 0)
        return rules_fail_at(reading, node, "id: ids that begin with default. are taken");
    for (size_t i = 0; i < rules->count; i++) {
        const struct rules_rule *other = &rules->items[i];
        if (other->id.len != rule->id.len ||
            memcmp(lists_at(reading->lists, other->id), node->text, node->len) != 0)
            continue;
        if (other->at.source == reading->source)
            return rules_fail_at(reading, node, "id: the rule %.*s is there already, in line %u",
                                 (int)node->len, node->text, other->at.line);
        return rules_fail_at(reading, node, "id: the rule %.*s is there already, in another file",
                             (int)node->len, node->text);
    }
    return 0;
}

/* One of three words; the answer is its number. */
static int take_word(struct rules_reading *reading, const struct yaml_node *node, const char *key,
                     const char *const words[3], unsigned *ret)
{
    for (unsigned i = 0; i < 3; i++)
        if (words[i] != NULL && yaml_is(node, words[i])) {
            *ret = i;
            return 0;
        }
    return rules_fail_at(reading, node, "%s: must be %s, %s%s%s", key, words[0], words[1],
                         words[2] == NULL ? "" : " or ", words[2] == NULL ? "" : words[2]);
}

static int take_class(struct rules_reading *reading, const struct yaml_node *map,
                      struct rules_rule *rule)
{
    static const char *const words[] = {"counterfeit", "mark", "mention"};
    static const enum matcher_class classes[] = {MATCHER_CLASS_COUNTERFEIT, MATCHER_CLASS_MARK,
                                                 MATCHER_CLASS_MENTION};
    const struct yaml_node *node = need(reading, map, "class");
    unsigned word = 0;
    int done = node == NULL ? -EINVAL : take_word(reading, node, "class", words, &word);
    rule->class = classes[word];
    return done;
}

static int take_variants(struct rules_reading *reading, const struct yaml_node *map,
                         struct rules_rule *rule)
{
    static const char *const words[] = {"auto", "off", "on"};
    const struct yaml_node *node = rules_find(reading, map, "variants");
    unsigned word = 0;
    if (node == NULL)
        return 0;
    if (rule->marks == RULES_MARKS_NONE)
        return rules_fail_at(reading, node, "variants: the rule has no marks to vary");
    int done = take_word(reading, node, "variants", words, &word);
    rule->variants = (enum rules_variants)word;
    return done;
}

/* A rule without marks names the words that it reports. */
static int take_report(struct rules_reading *reading, const struct yaml_node *map, uint32_t index,
                       struct rules_rule *rule)
{
    const struct yaml_node *node = rules_find(reading, map, "report");
    bool has_marks = rule->marks != RULES_MARKS_NONE;
    if (has_marks && node != NULL)
        return rules_fail_at(reading, node, "report: only of rules without marks");
    if (has_marks)
        return 0;
    if (node == NULL)
        return rules_fail_at(reading, map,
                             "marks: is missing; a rule without marks says with "
                             "report: which of its terms it reports");
    rule->report = rules_find_term(reading, node, index);
    if (rule->report != RULES_NONE)
        return 0;
    return rules_fail_at(reading, node, "report: there are no terms of this name");
}

static int take_both_examples(struct rules_reading *reading, const struct yaml_node *map,
                              struct rules_rule *rule)
{
    rule->example = (uint32_t)reading->rules->examples_count;
    const struct yaml_node *yes = need(reading, map, "examples");
    const struct yaml_node *no = need(reading, map, "negative_examples");
    int done = yes == NULL ? -EINVAL : rules_take_examples(reading, yes, false);
    int other = no == NULL ? -EINVAL : rules_take_examples(reading, no, true);
    rule->examples_count = (uint32_t)reading->rules->examples_count - rule->example;
    return lists_worse(done, other);
}

static int take_values(struct rules_reading *reading, const struct yaml_node *map, uint32_t index,
                       struct rules_rule *rule)
{
    const struct yaml_node *rev = need(reading, map, "rev");
    const struct yaml_node *note = rules_find(reading, map, "note");
    const struct yaml_node *terms = rules_find(reading, map, "terms");
    const struct yaml_node *fields = rules_find(reading, map, "fields");
    struct lists_text unused;
    int done = take_id(reading, map, rule);
    done = lists_worse(
        done,
        rev == NULL ? -EINVAL : rules_take_number(reading, rev, "rev", 1, 1000000000, &rule->rev));
    if (note != NULL)
        done = lists_worse(done,
                           rules_take_text(reading, note, "note", RULES_NOTE_BYTES_MAX, &unused));
    if (fields != NULL)
        done = lists_worse(done, rules_take_fields(reading, fields, &rule->fields));
    if (terms != NULL)
        done = lists_worse(done, rules_take_terms(reading, terms, index));
    done = lists_worse(done, take_class(reading, map, rule));
    int marks = rules_take_marks(reading, map, rule);
    done = lists_worse(done, marks);
    if (marks < 0)
        return done; /* what depends on them would only confuse */
    done = lists_worse(done, take_variants(reading, map, rule));
    return lists_worse(done, take_report(reading, map, index, rule));
}

/* One rule. Its problems are told together; what it has added stays until the caller gives up. */
static int take_rule(struct rules_reading *reading, const struct yaml_node *map)
{
    struct rules *rules = reading->rules;
    uint32_t index = (uint32_t)rules->count;
    struct rules_rule rule = {.fields = RULES_FIELDS_ALL, .report = RULES_NONE};
    int done = 0;
    if (map->kind != YAML_MAP)
        return rules_fail_at(reading, map, "a rule is a mapping of keys to values");
    if (index == RULES_MAX)
        return rules_fail_at(reading, map, "more than %u rules", RULES_MAX);
    for (const struct yaml_node *node = rules_first(reading, map); node != NULL;
         node = rules_next(reading, node))
        if (!is_rule_key(node))
            done = rules_fail(reading, node->key_line, node->key_column,
                              "%.*s: a rule has no such key", (int)node->key_len, node->key);
    rule.at = rules_at_node(reading, map);
    done = lists_worse(done, take_values(reading, map, index, &rule));
    done = lists_worse(done, rules_take_conditions(reading, map, index, &rule));
    done = lists_worse(done, take_both_examples(reading, map, &rule));
    if (done == -ENOMEM)
        return done;
    int grown = lists_grow((void **)&rules->items, &rules->room, rules->count + 1, sizeof rule);
    if (grown == 0)
        rules->items[rules->count++] = rule; /* a bad one too: its id is taken, its terms its own */
    return lists_worse(done, grown);
}

static int take_rules(struct rules_reading *reading, const struct yaml_node *list)
{
    int done = 0;
    if (list->kind != YAML_LIST || list->first == YAML_NONE)
        return rules_fail_at(reading, list, "rules: must be a list with at least one rule");
    for (const struct yaml_node *node = rules_first(reading, list);
         node != NULL && done != -ENOMEM && reading->problems < LISTS_PROBLEMS_MAX;
         node = rules_next(reading, node))
        done = lists_worse(done, take_rule(reading, node));
    return done;
}

static int take_sections(struct rules_reading *reading)
{
    const struct yaml_node *root = &reading->yaml.nodes[0];
    const struct yaml_node *terms = rules_find(reading, root, "terms");
    const struct yaml_node *sellers = rules_find(reading, root, "sellers");
    const struct yaml_node *list = rules_find(reading, root, "rules");
    int done = 0;
    for (const struct yaml_node *node = rules_first(reading, root); node != NULL;
         node = rules_next(reading, node))
        if (!yaml_key_is(node, "terms") && !yaml_key_is(node, "sellers") &&
            !yaml_key_is(node, "rules"))
            done =
                rules_fail(reading, node->key_line, node->key_column,
                           "%.*s: must be terms, sellers or rules", (int)node->key_len, node->key);
    if (terms != NULL)
        done = lists_worse(done, rules_take_terms(reading, terms, RULES_NONE));
    if (sellers != NULL && done != -ENOMEM)
        done = lists_worse(done, rules_take_sellers(reading, sellers));
    if (list == NULL)
        return lists_worse(done, rules_fail(reading, 1, 1, "rules: is missing"));
    return done == -ENOMEM ? done : lists_worse(done, take_rules(reading, list));
}

/* Takes back everything but memory. */
static void restore(struct rules *rules, const struct rules *before)
{
    rules->count = before->count;
    rules->nodes_count = before->nodes_count;
    rules->terms_count = before->terms_count;
    rules->phrases_count = before->phrases_count;
    rules->regexes_count = before->regexes_count;
    rules->sellers_count = before->sellers_count;
    rules->entries_count = before->entries_count;
    rules->prices_count = before->prices_count;
    rules->examples_count = before->examples_count;
    rules->mark_of_count = before->mark_of_count;
    rules->sources_count = before->sources_count;
}

static int read_text(struct rules_reading *reading, const char *yaml, size_t len)
{
    struct matcher_error error = {.text = ""};
    struct rules *rules = reading->rules;
    if (rules->sources_count == RULES_SOURCES_MAX)
        return rules_fail(reading, 0, 0, "more than %u lists of rules", RULES_SOURCES_MAX);
    reading->source = ++rules->sources_count;
    int done = yaml_open(yaml, len, &reading->yaml, &error);
    if (done == -EINVAL)
        return rules_fail(reading, error.line, error.column, "%s", error.text);
    return done < 0 ? done : take_sections(reading);
}

/* Variants as the rules from first on want them: who asks for them goes before who does not, and
   before the list of marks; who does not, only before its standard. */
static void set_variants(struct matcher_lists *lists, size_t first, enum rules_variants wanted)
{
    const struct rules *rules = lists->rules;
    for (size_t i = first; i < rules->count; i++) {
        const struct rules_rule *rule = &rules->items[i];
        bool all = rule->marks == RULES_MARKS_ALL;
        size_t count = all ? lists->marks_count : rule->marks_count;
        for (size_t k = 0; rule->variants == wanted && k < count; k++) {
            struct lists_mark *mark = &lists->marks[all ? k : rules->mark_of[rule->mark + k]];
            if (wanted == RULES_VARIANTS_ON)
                mark->variants = MATCHER_VARIANTS_ON;
            else if (mark->variants == MATCHER_VARIANTS_AUTO)
                mark->variants = MATCHER_VARIANTS_OFF;
        }
    }
}

int rules_read(struct matcher_lists *lists, const char *yaml, size_t len, lists_problem *problem,
               void *context)
{
    if (lists->rules == NULL)
        lists->rules = calloc(1, sizeof *lists->rules);
    if (lists->rules == NULL)
        return -ENOMEM;
    struct rules_reading reading = {
        .lists = lists, .rules = lists->rules, .problem = problem, .context = context};
    struct rules before = *lists->rules;
    size_t arena = lists->arena_len;
    int done = read_text(&reading, yaml, len);
    assert(done != 0 || reading.problems == 0);
    if (done < 0) {
        restore(lists->rules, &before);
        lists->arena_len = arena;
    } else {
        set_variants(lists, before.count, RULES_VARIANTS_OFF);
        set_variants(lists, before.count, RULES_VARIANTS_ON);
    }
    lists_ids_close(&reading.marks);
    yaml_close(&reading.yaml);
    return done;
}

int matcher_lists_add_rules(struct matcher_lists *lists, const char *yaml, size_t len,
                            struct matcher_error *reterr_error)
{
    struct lists_first first = {reterr_error, false};
    return rules_read(lists, yaml, len, lists_keep_first, &first);
}
