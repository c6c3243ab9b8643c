/*
 * libfyaml's document, copied into a flat tree without recursion.
 */
#include "matcher/yaml.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/fold.h"
#include "matcher/tsv.h"
#include "matcher/yaml_source.h"

/* A list or mapping that is being walked. */
struct level {
    struct fy_node *node;
    void *cursor;
    uint32_t parent;
    uint32_t last; /* child so far */
};

struct walk {
    struct yaml *yaml;
    struct matcher_error *error;
    struct level levels[YAML_DEPTH_MAX];
    size_t depth;
    unsigned line, column; /* of the last word that has a place */
};

bool yaml_is(const struct yaml_node *node, const char *word)
{
    return node->kind == YAML_SCALAR && node->len == strlen(word) &&
           memcmp(node->text, word, node->len) == 0;
}

bool yaml_key_is(const struct yaml_node *node, const char *word)
{
    return node->key != NULL && node->key_len == strlen(word) &&
           memcmp(node->key, word, node->key_len) == 0;
}

static int add_node(struct walk *walk, uint32_t *ret_index)
{
    struct yaml *yaml = walk->yaml;
    if (yaml->count == YAML_NODES_MAX)
        return matcher_error_set(walk->error, walk->line, walk->column, "more than %u values",
                                 YAML_NODES_MAX);
    if (yaml->count == yaml->room) {
        size_t room = yaml->room == 0 ? 256 : yaml->room * 2;
        struct yaml_node *more = realloc(yaml->nodes, room * sizeof *more);
        if (more == NULL)
            return -ENOMEM;
        yaml->nodes = more;
        yaml->room = room;
    }
    *ret_index = (uint32_t)yaml->count;
    yaml->nodes[yaml->count++] = (struct yaml_node){.first = YAML_NONE, .next = YAML_NONE};
    return 0;
}

static int read_key(struct walk *walk, struct fy_node *key, struct yaml_node *node)
{
    unsigned line = walk->line, column = walk->column; /* what is no word has no place of its own */
    if (key == NULL || !fy_node_is_scalar(key) || fy_node_is_alias(key))
        return matcher_error_set(walk->error, line, column, "a key is not a word");
    yaml_source_scalar(key, &node->key, &node->key_len, &line, &column);
    if (node->key_len == 0)
        return matcher_error_set(walk->error, line, column, "a key is empty");
    node->key_line = node->line = walk->line = line;
    node->key_column = node->column = walk->column = column;
    return 0;
}

/* What holds no word stands where the nearest thing around it stands. */
static void place_empty(struct walk *walk, struct yaml_node *node)
{
    for (size_t i = walk->depth; i > 0 && node->line == 0; i--) {
        const struct yaml_node *around = &walk->yaml->nodes[walk->levels[i - 1].parent];
        node->line = around->line;
        node->column = around->column;
    }
}

/* Takes a value in: its text, or a level more to walk. */
static int read_value(struct walk *walk, struct fy_node *value, uint32_t index)
{
    struct yaml_node *node = &walk->yaml->nodes[index];
    node->text = "";
    if (value == NULL)
        return 0;
    if (fy_node_is_scalar(value)) {
        bool alias = fy_node_is_alias(value);
        yaml_source_scalar(value, &node->text, &node->len, &node->line, &node->column);
        if (node->line == 0) { /* a tag alone has no place of its own */
            node->line = walk->line;
            node->column = walk->column;
        }
        walk->line = node->line;
        walk->column = node->column;
        if (alias) /* libfyaml's mark is behind the star */
            return matcher_error_set(walk->error, node->line, node->column - 1,
                                     "aliases are not taken");
        return 0;
    }
    node->kind = fy_node_is_sequence(value) ? YAML_LIST : YAML_MAP;
    if (walk->depth == YAML_DEPTH_MAX) {
        place_empty(walk, node);
        return matcher_error_set(walk->error, node->line, node->column,
                                 "nested deeper than %u levels", YAML_DEPTH_MAX);
    }
    walk->levels[walk->depth++] = (struct level){.node = value, .parent = index, .last = YAML_NONE};
    return 0;
}

/* An item that is a list or mapping stands where its first word stands. */
static void place_parents(struct walk *walk, uint32_t index)
{
    struct yaml *yaml = walk->yaml;
    const struct yaml_node *node = &yaml->nodes[index];
    unsigned line = node->key != NULL ? node->key_line : node->line;
    unsigned column = node->key != NULL ? node->key_column : node->column;
    for (size_t i = walk->depth; i > 0; i--) {
        struct yaml_node *parent = &yaml->nodes[walk->levels[i - 1].parent];
        if (parent->line != 0)
            break;
        parent->line = line;
        parent->column = column;
    }
}

/* The next child of the innermost level. 1; 0 when it has no more; -errno. */
static int walk_child(struct walk *walk)
{
    size_t at = walk->depth - 1;
    struct level *level = &walk->levels[at];
    struct yaml *yaml = walk->yaml;
    struct fy_node *value = NULL;
    struct fy_node_pair *pair = NULL;
    bool map = yaml->nodes[level->parent].kind == YAML_MAP;
    if (map)
        pair = fy_node_mapping_iterate(level->node, &level->cursor);
    else
        value = fy_node_sequence_iterate(level->node, &level->cursor);
    if (pair == NULL && value == NULL)
        return 0;
    uint32_t index = 0;
    int done = add_node(walk, &index);
    if (done < 0)
        return done;
    uint32_t *link = level->last == YAML_NONE ? &yaml->nodes[level->parent].first
                                              : &yaml->nodes[level->last].next;
    *link = level->last = index;
    if (map) {
        value = fy_node_pair_value(pair);
        done = read_key(walk, fy_node_pair_key(pair), &yaml->nodes[index]);
    }
    if (done == 0)
        done = read_value(walk, value, index);
    if (done == 0 && yaml->nodes[index].line != 0)
        place_parents(walk, index);
    return done < 0 ? done : 1;
}

static int walk_document(struct walk *walk, struct fy_node *root)
{
    uint32_t index = 0;
    int done = add_node(walk, &index);
    if (done == 0)
        done = read_value(walk, root, index);
    while (done >= 0 && walk->depth > 0) {
        done = walk_child(walk);
        if (done == 0)
            place_empty(walk, &walk->yaml->nodes[walk->levels[walk->depth - 1].parent]);
        if (done == 0)
            walk->depth--;
    }
    if (done < 0)
        return done;
    struct yaml_node *top = &walk->yaml->nodes[0];
    if (top->line == 0) /* an empty mapping */
        top->line = top->column = 1;
    if (top->kind != YAML_MAP)
        return matcher_error_set(walk->error, 1, 1, "must be a mapping of keys to values");
    return 0;
}

/* Refuses what libfyaml is not to be trusted with (yaml_source.h) and no list of rules needs. */
static int check_text(const char *text, size_t len, struct matcher_error *reterr_error)
{
    unsigned line = 1, column = 1;
    for (size_t at = 0; at < len;) {
        uint32_t cp = 0;
        unsigned step = fold_decode((const uint8_t *)text + at, len - at, &cp);
        if (step == 0)
            return matcher_error_set(reterr_error, line, column, "the line is not UTF-8");
        if (cp == '%' && column == 1)
            return matcher_error_set(reterr_error, line, column, "directives are not taken");
        bool ends = cp == '\r' && at + 1 < len && text[at + 1] == '\n';
        if ((cp < 0x20 && cp != '\t' && cp != '\n' && !ends) || (cp >= 0x7F && cp <= 0x9F))
            return matcher_error_set(reterr_error, line, column,
                                     "holds the control character 0x%02x", (unsigned)cp);
        column = cp == '\n' ? 1 : column + 1;
        line += cp == '\n';
        at += step;
    }
    return 0;
}

int yaml_open(const char *text, size_t len, struct yaml *ret_yaml,
              struct matcher_error *reterr_error)
{
    *ret_yaml = (struct yaml){.count = 0};
    if (len > YAML_TEXT_BYTES_MAX)
        return matcher_error_set(reterr_error, 1, 1, "more than %u bytes", YAML_TEXT_BYTES_MAX);
    int done = check_text(text, len, reterr_error);
    if (done < 0)
        return done;
    struct yaml_source *source = ret_yaml->source = calloc(1, sizeof *source);
    if (source == NULL)
        return -ENOMEM;
    struct fy_node *root = NULL;
    struct walk walk = {.yaml = ret_yaml, .error = reterr_error, .line = 1, .column = 1};
    done = yaml_source_open(source, text, len, &root, reterr_error);
    if (done == 0)
        done = walk_document(&walk, root);
    if (done == 0)
        done = yaml_source_end(source, reterr_error);
    if (done < 0)
        yaml_close(ret_yaml);
    return done;
}

void yaml_close(struct yaml *yaml)
{
    if (yaml->source != NULL)
        yaml_source_close(yaml->source);
    free(yaml->source);
    free(yaml->nodes);
    *yaml = (struct yaml){.count = 0};
}
