/*
 * The small values of a text of rules: words, numbers, days, fields.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "matcher/rules_reading.h"
#include "matcher/rules_value.h"

/* An id or a name, with the code point. */
#define RULES_UNSEEN "may not hold U+%04X: it controls the screen or shows as nothing"

int rules_fail(struct rules_reading *reading, unsigned line, unsigned column, const char *format,
               ...)
{
    struct matcher_error error = {.line = line, .column = column, .source = reading->source};
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(error.text, sizeof error.text, format, arguments);
    va_end(arguments);
    if (len < 0)
        error.text[0] = '\0';
    if (reading->problems < LISTS_PROBLEMS_MAX)
        reading->problem(reading->context, &error);
    reading->problems++;
    return -EINVAL;
}

/* The node of this number; NULL for YAML_NONE. */
static const struct yaml_node *node_at(const struct rules_reading *reading, uint32_t index)
{
    return index == YAML_NONE ? NULL : &reading->yaml.nodes[index];
}

const struct yaml_node *rules_find(const struct rules_reading *reading, const struct yaml_node *map,
                                   const char *key)
{
    const struct yaml_node *node = node_at(reading, map->first);
    while (node != NULL && !yaml_key_is(node, key))
        node = node_at(reading, node->next);
    return node;
}

struct rules_at rules_at_node(const struct rules_reading *reading, const struct yaml_node *node)
{
    return (struct rules_at){reading->source, node->line, node->column};
}

const struct yaml_node *rules_first(const struct rules_reading *reading,
                                    const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR ? node : node_at(reading, node->first);
}

const struct yaml_node *rules_next(const struct rules_reading *reading,
                                   const struct yaml_node *item)
{
    return node_at(reading, item->next);
}

int rules_take_text(struct rules_reading *reading, const struct yaml_node *node, const char *what,
                    size_t max, struct lists_text *ret)
{
    if (node->kind != YAML_SCALAR)
        return rules_fail_at(reading, node, "%s: must be a text, not a list or mapping", what);
    if (node->len == 0)
        return rules_fail_at(reading, node, "%s: is empty", what);
    if (node->len > max)
        return rules_fail_at(reading, node, "%s: is longer than %zu bytes", what, max);
    return lists_keep(reading->lists, node->text, node->len, ret);
}

int rules_take_label(struct rules_reading *reading, const struct yaml_node *node, const char *what,
                     struct lists_text *ret)
{
    uint32_t cp = 0;
    size_t at = 0;
    if (node->kind == YAML_SCALAR && !lists_is_label(node->text, node->len, &cp, &at))
        return rules_fail_at(reading, node, "%s: " RULES_UNSEEN, what, (unsigned)cp);
    return rules_take_text(reading, node, what, LISTS_ID_BYTES_MAX, ret);
}

int rules_take_name(struct rules_reading *reading, const struct yaml_node *node, const char *what,
                    struct lists_text *ret)
{
    uint32_t cp = 0;
    size_t at = 0;
    if (node->key_len > LISTS_ID_BYTES_MAX)
        return rules_fail(reading, node->key_line, node->key_column,
                          "%s: a name is longer than %u bytes", what, LISTS_ID_BYTES_MAX);
    if (!lists_is_label(node->key, node->key_len, &cp, &at))
        return rules_fail(reading, node->key_line, node->key_column, "%s: " RULES_UNSEEN, what,
                          (unsigned)cp);
    return lists_keep(reading->lists, node->key, node->key_len, ret);
}

int rules_take_number(struct rules_reading *reading, const struct yaml_node *node, const char *what,
                      uint32_t min, uint32_t max, uint32_t *ret)
{
    uint64_t value = 0;
    bool good = node->kind == YAML_SCALAR && node->len > 0 && node->len <= 10;
    for (size_t i = 0; good && i < node->len; i++) {
        good = node->text[i] >= '0' && node->text[i] <= '9';
        value = value * 10 + (uint64_t)(node->text[i] - '0');
    }
    if (!good || value < min || value > max)
        return rules_fail_at(reading, node, "%s: must be a number from %u to %u", what, min, max);
    *ret = (uint32_t)value;
    return 0;
}

int rules_take_day(struct rules_reading *reading, const struct yaml_node *node, int64_t *ret_ns)
{
    if (node->kind == YAML_SCALAR && rules_value_day(node->text, node->len, ret_ns) == 0)
        return 0;
    return rules_fail_at(reading, node, "%.*s: must be a day such as 2026-11-24",
                         (int)node->key_len, node->key);
}

int rules_take_fields(struct rules_reading *reading, const struct yaml_node *node, uint16_t *ret)
{
    uint16_t fields = 0;
    const struct yaml_node *item = node->kind == YAML_MAP ? NULL : rules_first(reading, node);
    for (; item != NULL; item = item == node ? NULL : rules_next(reading, item)) {
        unsigned bit = yaml_is(item, "title")         ? RULES_FIELD_TITLE
                       : yaml_is(item, "description") ? RULES_FIELD_DESCRIPTION
                                                      : 0;
        if (bit == 0)
            return rules_fail_at(reading, item, "fields: must be title or description");
        fields = (uint16_t)(fields | bit);
    }
    if (fields == 0)
        return rules_fail_at(reading, node, "fields: must be title, description or a list of them");
    *ret = fields;
    return 0;
}
