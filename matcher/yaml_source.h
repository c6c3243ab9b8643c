/*
 * A YAML text in libfyaml's hands: one document, and what is wrong with its place. For whoever
 * walks documents; knows no key and no shape. Its users check the text before: libfyaml 0.7.12 is
 * not to be trusted with a NUL, or with bytes in a directive that are not UTF-8, which make it loop
 * for ever.
 */
#ifndef MATCHER_YAML_SOURCE_H
#define MATCHER_YAML_SOURCE_H

#include <libfyaml.h>

#include "matcher/matcher.h"

struct yaml_source {
    struct fy_diag *diag;
    struct fy_parser *parser;
    struct fy_document *document;
};

/* Reads the first document of a text, which is borrowed until yaml_source_close. 0 and *ret_root;
   -EINVAL with *reterr_error (not YAML, a key twice, nothing in it); -ENOMEM. To be closed in any
   case. */
int yaml_source_open(struct yaml_source *source, const char *text, size_t len,
                     struct fy_node **ret_root, struct matcher_error *reterr_error);

/* After the document was walked: 0 if nothing follows it, -EINVAL with *reterr_error otherwise. */
int yaml_source_end(struct yaml_source *source, struct matcher_error *reterr_error);

/* Frees; zeroed and half-built ones are fine. Every node and text of it dies. */
void yaml_source_close(struct yaml_source *source);

/* The text of a scalar, never NULL, and its place, from 1, columns in code points. What has no
   token of its own is empty and leaves *ret_line and *ret_column as they are. */
void yaml_source_scalar(struct fy_node *scalar, const char **ret_text, size_t *ret_len,
                        unsigned *ret_line, unsigned *ret_column);

#endif
