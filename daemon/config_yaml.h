/*
 * A YAML text as a flat sequence of named values, each with its place. The narrow use of YAML that
 * a configuration needs: mappings within mappings, lists of words. Knows no key's meaning.
 */
#ifndef DAEMON_CONFIG_YAML_H
#define DAEMON_CONFIG_YAML_H

#include <stddef.h>

#define CONFIG_YAML_NAME_BYTES    128u
#define CONFIG_YAML_DEPTH_MAX     4u /* of mappings */
#define CONFIG_YAML_PROBLEM_BYTES 384u

enum config_yaml_kind {
    CONFIG_YAML_SECTION = 0, /* a mapping under a key; its keys follow as "section.key" */
    CONFIG_YAML_VALUE,
    CONFIG_YAML_LIST, /* its items follow */
    CONFIG_YAML_ITEM,
};

/* Lines and columns count from 1, columns in code points. A section and a list have the place of
   their key, and so has an empty value. text is not NUL-terminated and may hold anything. */
struct config_yaml_entry {
    enum config_yaml_kind kind;
    const char *name; /* "ledger.path" */
    const char *text; /* of a value or item */
    size_t len;
    unsigned key_line, key_column;
    unsigned line, column;
};

struct config_yaml_problem {
    unsigned line, column; /* 0: the whole text */
    char text[CONFIG_YAML_PROBLEM_BYTES];
};

/* Calls entry for everything in the text, in order, until it returns non-zero, which is then
   returned; it fills in *reterr_problem itself. Otherwise 0, -EINVAL with *reterr_problem (not
   YAML, a key twice, nested too deep, an alias, not a mapping, more than one document) or -ENOMEM.
   The entry and its strings die when the call returns. */
int config_yaml_read(const char *bytes, size_t len,
                     int (*entry)(void *context, const struct config_yaml_entry *entry,
                                  struct config_yaml_problem *reterr_problem),
                     void *context, struct config_yaml_problem *reterr_problem);

#endif
