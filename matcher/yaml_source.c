/*
 * libfyaml's parser with its errors collected.
 */
#include "matcher/yaml_source.h"

#include <errno.h>

#include "matcher/tsv.h"

/* What libfyaml says of the first thing it did not like. */
static int tell_diagnostic(struct fy_diag *diag, struct matcher_error *reterr_error)
{
    void *cursor = NULL;
    const struct fy_diag_error *said = fy_diag_errors_iterate(diag, &cursor);
    if (said == NULL || said->msg == NULL)
        return matcher_error_set(reterr_error, 1, 1, "not YAML");
    return matcher_error_set(reterr_error, said->line > 0 ? (unsigned)said->line : 1,
                             said->column > 0 ? (unsigned)said->column : 1, "%s", said->msg);
}

int yaml_source_open(struct yaml_source *source, const char *text, size_t len,
                     struct fy_node **ret_root, struct matcher_error *reterr_error)
{
    *source = (struct yaml_source){.diag = NULL};
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL; /* a leaf does not print: the errors are collected */
    source->diag = fy_diag_create(&diag_config);
    if (source->diag == NULL)
        return -ENOMEM;
    fy_diag_set_collect_errors(source->diag, true);
    const struct fy_parse_cfg config = {.flags = FYPCF_JSON_NONE, .diag = source->diag};
    source->parser = fy_parser_create(&config);
    if (source->parser == NULL || fy_parser_set_string(source->parser, text, len) != 0)
        return -ENOMEM;
    source->document = fy_parse_load_document(source->parser);
    if (source->document == NULL && fy_parser_get_stream_error(source->parser))
        return tell_diagnostic(source->diag, reterr_error);
    struct fy_node *root = source->document != NULL ? fy_document_root(source->document) : NULL;
    if (root == NULL)
        return matcher_error_set(reterr_error, 1, 1, "holds nothing");
    *ret_root = root;
    return 0;
}

int yaml_source_end(struct yaml_source *source, struct matcher_error *reterr_error)
{
    struct fy_document *second = fy_parse_load_document(source->parser);
    if (second == NULL && fy_parser_get_stream_error(source->parser))
        return tell_diagnostic(source->diag, reterr_error);
    if (second == NULL)
        return 0;
    const struct fy_mark *mark =
        fy_document_state_start_mark(fy_document_get_document_state(second));
    int done = matcher_error_set(reterr_error, mark == NULL ? 1 : (unsigned)mark->line + 1, 1,
                                 "holds a second document");
    fy_parse_document_destroy(source->parser, second);
    return done;
}

void yaml_source_close(struct yaml_source *source)
{
    if (source->document != NULL)
        fy_parse_document_destroy(source->parser, source->document);
    if (source->parser != NULL)
        fy_parser_destroy(source->parser);
    if (source->diag != NULL)
        fy_diag_destroy(source->diag);
    *source = (struct yaml_source){.diag = NULL};
}

void yaml_source_scalar(struct fy_node *scalar, const char **ret_text, size_t *ret_len,
                        unsigned *ret_line, unsigned *ret_column)
{
    struct fy_token *token = fy_node_get_scalar_token(scalar);
    const struct fy_mark *mark = token != NULL ? fy_token_start_mark(token) : NULL;
    const char *text = fy_node_get_scalar(scalar, ret_len);
    *ret_text = text == NULL ? "" : text;
    *ret_len = text == NULL ? 0 : *ret_len;
    if (mark == NULL)
        return;
    *ret_line = (unsigned)mark->line + 1;
    *ret_column = (unsigned)mark->column + 1;
    enum fy_scalar_style style = fy_token_scalar_style(token);
    if ((style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) && *ret_column > 1)
        --*ret_column; /* libfyaml's mark is behind the opening quote */
}
