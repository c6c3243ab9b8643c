/*
 * A YAML text as a flat tree of scalars, lists and mappings, each with its place. The part of YAML
 * that rules need: no aliases, no tags that mean anything, one document. Knows no key's meaning.
 */
#ifndef MATCHER_YAML_H
#define MATCHER_YAML_H

#include "matcher/matcher.h"

#define YAML_TEXT_BYTES_MAX (4u << 20)
#define YAML_NODES_MAX      500000u
#define YAML_DEPTH_MAX      16u
#define YAML_NONE           UINT32_MAX

enum yaml_kind {
    YAML_SCALAR = 0, /* an empty value too */
    YAML_LIST = 1,
    YAML_MAP = 2,
};

/* Lines and columns count from 1, columns in code points. A list or mapping has the place of what
   it begins with: its key, or its first key. */
struct yaml_node {
    enum yaml_kind kind;
    const char *text; /* of a scalar; not NUL-terminated, may hold anything that is UTF-8 */
    size_t len;
    const char *key; /* of a value in a mapping; NULL elsewhere */
    size_t key_len;
    unsigned line, column, key_line, key_column;
    uint32_t first; /* child; YAML_NONE: it is empty */
    uint32_t next;  /* sibling */
};

struct yaml {
    struct yaml_node *nodes; /* the root is number 0 */
    size_t count, room;
    struct yaml_source *source;
};

/* Reads a text. 0 and *ret_yaml, to be closed before the text goes; -EINVAL with *reterr_error (not
   YAML, a key twice, not UTF-8, an alias, nested too deep, too long, more than one document, no
   mapping at the top); -ENOMEM. */
int yaml_open(const char *text, size_t len, struct yaml *ret_yaml,
              struct matcher_error *reterr_error);

/* Frees; zeroed and half-built ones are fine. */
void yaml_close(struct yaml *yaml);

/* Whether a scalar's text, or a value's key, is this word. */
bool yaml_is(const struct yaml_node *node, const char *word);
bool yaml_key_is(const struct yaml_node *node, const char *word);

#endif
