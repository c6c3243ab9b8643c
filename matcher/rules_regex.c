/*
 * Expressions: looked for once a listing, and only when a rule hangs on them.
 */
#include "matcher/rules_leaf.h"

/* What the engine's callback needs. */
struct looking {
    struct rules_run *run;
    uint8_t field;
};

static int on_regex(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *context)
{
    const struct looking *looking = context;
    (void)from;
    (void)to;
    (void)flags;
    looking->run->regex_fields[id] |= looking->field;
    return 0;
}

static bool is_utf8(const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t cp = 0;
        unsigned step = fold_decode((const uint8_t *)text + at, len - at, &cp);
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

/* Looks for all expressions of a view in all fields. */
static void scan_view(struct matcher *matcher, enum rules_view view)
{
    struct rules_run *run = matcher->rules;
    const struct rules *rules = matcher->db->lists->rules;
    const struct scan_listing *listing = run->listing;
    run->has_view[view] = true;
    for (size_t i = 0; i < rules->regexes_count; i++)
        if (rules->regexes[i].view == view)
            run->regex_fields[i] = 0;
    for (uint32_t field = 0; field < listing->fields_count; field++) {
        struct looking looking = {run, (uint8_t)(1u << field)};
        const char *text = listing->fields[field].text;
        size_t len = listing->fields[field].len;
        if (view == RULES_VIEW_FOLDED) {
            /* Without the space at each end; an empty text is one space. */
            text = matcher->batch + listing->field_begin[field] + 1;
            len = listing->field_begin[field + 1] - listing->field_begin[field] - 1;
            len = len < 2 ? 0 : len - 2;
        } else if (!is_utf8(text, len)) {
            run->bad_view[view] = true;
            continue;
        }
        if (len > 0 && hs_scan(matcher->db->rules.engines[view], text, (unsigned)len, 0,
                               matcher->scratch, on_regex, &looking) != HS_SUCCESS)
            run->failed = true;
    }
}

enum rules_value rules_leaf_regex(struct matcher *matcher, const struct rules_node *node)
{
    struct rules_run *run = matcher->rules;
    enum rules_view view = matcher->db->lists->rules->regexes[node->first].view;
    if (!run->has_view[view])
        scan_view(matcher, view);
    if (run->failed)
        return RULES_UNKNOWN;
    if ((run->regex_fields[node->first] & node->fields) != 0)
        return RULES_YES;
    return run->bad_view[view] ? RULES_UNKNOWN : RULES_NO;
}
