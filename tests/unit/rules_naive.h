/*
 * Random rules as trees, and what they say of a listing, written from the definitions: slow and
 * obvious. Texts are such that folding changes nothing but the spaces at their ends, so that places
 * in them are places in folded text.
 */
#ifndef TESTS_UNIT_RULES_NAIVE_H
#define TESTS_UNIT_RULES_NAIVE_H

#include "matcher/matcher.h"
#include "tests/unit/rules_rig.h"

#define RULES      6
#define KIDS_MAX   3
#define NODES_MAX  1024
#define PLACES_MAX 256

enum kind { ALL, ANY, NONE, TERM, NEAR, PRICE, PLATFORM };

struct node {
    enum kind kind;
    unsigned fields;
    unsigned kids[KIDS_MAX], kids_count;
    int first, second; /* terms; -1: the mark */
    unsigned within;
    bool ordered;
};

struct naive_rule {
    unsigned marks; /* bit i: mark i; 0: it reports */
    int report, class;
    unsigned fields, root;
};

struct place {
    unsigned field, begin, end; /* bytes in the field */
    unsigned from, to;          /* characters in all fields joined, as folded */
    unsigned spelling;          /* of a mark: which of mark_words */
};

/* Words of terms overlap and lie within each other; ж has two bytes. */
static const char *const phrases[4][3] = {
    {"aa", "aa bb", "жж"}, {"bb", "bb aa", NULL}, {"жж жж", "cc", NULL}, {"aa bb cc", "bb", "cc"}};
/* As listed, in disguise, and with a slip. */
static const char *const mark_words[2][3] = {{"fuzzbear", "fuzzb3ar", "fuzbear"},
                                             {"coach", "c0ach", NULL}};

static unsigned seed = 11;
static struct node nodes[NODES_MAX];
static unsigned nodes_count;
static struct naive_rule rules[RULES];
static const char *fields_text[2];
static unsigned fields_count;
static const char *price, *platform;

static unsigned draw(unsigned below)
{
    return (unsigned)rand_r(&seed) % below;
}

static unsigned make_fields(void)
{
    static const unsigned some[] = {3, 3, 3, 1, 2};
    return some[draw(5)];
}

static unsigned make_leaf(unsigned fields, bool has_mark)
{
    static const enum kind kinds[] = {TERM, TERM, NEAR, NEAR, PRICE, PLATFORM};
    struct node node = {.kind = kinds[draw(6)], .fields = fields};
    node.first = (int)draw(4);
    node.second = (int)draw(4);
    if (has_mark && node.kind == NEAR && draw(2) == 0)
        *(draw(2) == 0 ? &node.first : &node.second) = -1;
    if (node.kind != TERM && draw(3) == 0)
        node.fields = make_fields(); /* a name has those of its list */
    node.within = draw(14);
    node.ordered = draw(2) == 0;
    assert_true(nodes_count < NODES_MAX);
    nodes[nodes_count] = node;
    return nodes_count++;
}

static unsigned make_group(unsigned fields, unsigned depth, bool has_mark)
{
    unsigned index = nodes_count++;
    assert_true(index < NODES_MAX);
    nodes[index] = (struct node){.kind = (enum kind)draw(3), .fields = fields};
    unsigned count = 1 + draw(KIDS_MAX);
    for (unsigned i = 0; i < count; i++) {
        bool group = depth < 2 && draw(3) == 0;
        unsigned kid = group
                           ? make_group(draw(4) == 0 ? make_fields() : fields, depth + 1, has_mark)
                           : make_leaf(fields, has_mark);
        nodes[index].kids[nodes[index].kids_count++] = kid;
    }
    return index;
}

static size_t write_fields(char *out, size_t room, unsigned fields)
{
    return (size_t)snprintf(out, room, "fields: [%s%s%s]", fields & 1 ? "title" : "",
                            fields == 3 ? ", " : "", fields & 2 ? "description" : "");
}

static size_t write_leaf(char *out, size_t room, const struct node *node)
{
    static const char *const names[] = {"mark", "t0", "t1", "t2", "t3"};
    if (node->kind == TERM)
        return (size_t)snprintf(out, room, "%s", names[node->first + 1]);
    size_t at = (size_t)snprintf(out, room, "{");
    at += write_fields(out + at, room - at, node->fields);
    if (node->kind == NEAR)
        at += (size_t)snprintf(out + at, room - at,
                               ", near: {words: [%s, %s], within: %u, ordered: %s}}",
                               names[node->first + 1], names[node->second + 1], node->within,
                               node->ordered ? "true" : "false");
    else
        at += (size_t)snprintf(out + at, room - at, "%s",
                               node->kind == PRICE ? ", price_below: {USD: 10}}"
                                                   : ", platforms: [p, q]}");
    return at;
}

/* The tests of this file alone may recurse: their trees are their own. */
static size_t write_node(char *out, size_t room, unsigned index)
{
    static const char *const keys[] = {"all", "any", "none"};
    const struct node *node = &nodes[index];
    if (node->kind > NONE)
        return write_leaf(out, room, node);
    size_t at = (size_t)snprintf(out, room, "{");
    at += write_fields(out + at, room - at, node->fields);
    at += (size_t)snprintf(out + at, room - at, ", %s: [", keys[node->kind]);
    for (unsigned i = 0; i < node->kids_count; i++) {
        at += (size_t)snprintf(out + at, room - at, "%s", i == 0 ? "" : ", ");
        at += write_node(out + at, room - at, node->kids[i]);
    }
    return at + (size_t)snprintf(out + at, room - at, "]}");
}

static void make_rules(char *out, size_t room)
{
    static const char *const classes[] = {"", "mention", "mark", "counterfeit"};
    static const char *const marks[] = {"", "marks: bear", "marks: coach", "marks: [coach, bear]"};
    size_t at = (size_t)snprintf(out, room,
                                 "terms: {t0: [aa, aa bb, жж], t1: [bb, bb aa], t2: [жж жж, cc],\n"
                                 "  t3: [aa bb cc, bb, cc]}\nrules:\n");
    nodes_count = 0;
    for (unsigned i = 0; i < RULES; i++) {
        struct naive_rule *rule = &rules[i];
        *rule = (struct naive_rule){.marks = draw(4), .report = (int)draw(4)};
        rule->class = 1 + (int)draw(3);
        rule->fields = make_fields();
        rule->root = make_group(rule->fields, 0, rule->marks != 0);
        at += (size_t)snprintf(out + at, room - at, "- {id: r%u, rev: 1, class: %s, %s", i,
                               classes[rule->class], marks[rule->marks]);
        if (rule->marks == 0)
            at += (size_t)snprintf(out + at, room - at, "report: t%d", rule->report);
        at += (size_t)snprintf(out + at, room - at, ", ");
        at += write_fields(out + at, room - at, rule->fields);
        at += (size_t)snprintf(out + at, room - at, ", all: [");
        at += write_node(out + at, room - at, rule->root);
        at += (size_t)snprintf(out + at, room - at, "], examples: [x], negative_examples: [x]}\n");
    }
}

static unsigned chars(const char *text, size_t len)
{
    unsigned count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

/* Adds where a word stands. A field is folded to itself between two spaces, and one byte parts the
   fields. */
static void find(const char *word, struct place *places, unsigned *count)
{
    unsigned base = 0;
    for (unsigned field = 0; field < fields_count; field++) {
        const char *text = fields_text[field];
        size_t len = strlen(text), word_len = strlen(word);
        for (size_t at = 0; at + word_len <= len; at++) {
            bool begins = at == 0 || text[at - 1] == ' ';
            bool ends = at + word_len == len || text[at + word_len] == ' ';
            if (!begins || !ends || memcmp(text + at, word, word_len) != 0)
                continue;
            assert_true(*count < PLACES_MAX);
            unsigned from = base + 1 + chars(text, at);
            places[(*count)++] = (struct place){
                field, (unsigned)at, (unsigned)(at + word_len), from, from + chars(word, word_len),
                0};
        }
        base += chars(text, len) + 3;
    }
}

static unsigned find_mark(int mark, struct place *places)
{
    unsigned count = 0;
    for (unsigned i = 0; i < 3 && mark_words[mark][i] != NULL; i++) {
        unsigned before = count;
        find(mark_words[mark][i], places, &count);
        for (unsigned k = before; k < count; k++)
            places[k].spelling = i;
    }
    return count;
}

static unsigned find_term(int term, struct place *places)
{
    unsigned count = 0;
    for (unsigned i = 0; i < 3 && phrases[term][i] != NULL; i++)
        find(phrases[term][i], places, &count);
    return count;
}

static bool in_fields(const struct place *place, unsigned fields)
{
    return (fields >> place->field & 1) != 0;
}

static bool near_each_other(const struct place *a, const struct place *b, const struct node *node)
{
    if (!in_fields(a, node->fields) || !in_fields(b, node->fields))
        return false;
    if (b->from >= a->to && b->from - a->to <= node->within)
        return true;
    return !node->ordered && a->from >= b->to && a->from - b->to <= node->within;
}

static int near_value(const struct node *node, const struct place *mark)
{
    static struct place first[PLACES_MAX], second[PLACES_MAX];
    unsigned first_count = 1, second_count = 1;
    if (node->first < 0 && node->second < 0)
        return 0;
    if (node->first < 0)
        first[0] = *mark;
    else
        first_count = find_term(node->first, first);
    if (node->second < 0)
        second[0] = *mark;
    else
        second_count = find_term(node->second, second);
    for (unsigned i = 0; i < first_count; i++)
        for (unsigned k = 0; k < second_count; k++)
            if (near_each_other(&first[i], &second[k], node))
                return 2;
    return 0;
}

/* 0: no, 1: unknown, 2: yes. */
static int value_of(unsigned index, const struct place *mark)
{
    static struct place places[PLACES_MAX];
    const struct node *node = &nodes[index];
    int least = 2, most = 0;
    for (unsigned i = 0; i < node->kids_count; i++) {
        int value = value_of(node->kids[i], mark);
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    switch (node->kind) {
    case ALL:
        return least;
    case ANY:
        return most;
    case NONE:
        return 2 - most;
    case TERM:
        for (unsigned i = find_term(node->first, places); i > 0; i--)
            if (in_fields(&places[i - 1], node->fields))
                return 2;
        return 0;
    case NEAR:
        return near_value(node, mark);
    case PRICE:
        return price == NULL ? 1 : strcmp(price, "5") == 0 ? 2 : 0;
    case PLATFORM:
        return platform == NULL ? 1 : strcmp(platform, "p") == 0 ? 2 : 0;
    }
    return 1;
}

/* Whether the rule can only hold if words are there. */
static bool asks_for_words(unsigned index)
{
    const struct node *node = &nodes[index];
    bool some = false, every = true;
    for (unsigned i = 0; i < node->kids_count; i++) {
        bool kid = asks_for_words(node->kids[i]);
        some = some || kid;
        every = every && kid;
    }
    return node->kind == TERM || node->kind == NEAR || (node->kind == ALL && some) ||
           (node->kind == ANY && every);
}

/* The rule that speaks of a place: of a mark, or, if mark is -1, of a term; -1 if none. */
static int speaks(int mark, int term, const struct place *place)
{
    int best = -1;
    for (int i = 0; i < RULES; i++) {
        const struct naive_rule *rule = &rules[i];
        bool concerned =
            mark >= 0 ? (rule->marks >> mark & 1) != 0 : rule->marks == 0 && rule->report == term;
        if (!concerned || !in_fields(place, rule->fields) || value_of(rule->root, place) != 2)
            continue;
        if (mark == 1 && !asks_for_words(rule->root))
            continue;
        if (best < 0 || rule->class > rules[best].class)
            best = i;
    }
    return best;
}

#endif
