/*
 * Hits as JSON members. Knows the members' names and their order; knows no record. Offsets count
 * bytes of the decoded field.
 */
#include <assert.h>

#include "daemon/encode.h"

/* The text that the matcher saw as this field, and where that begins in the listing's own. */
static struct listing_text field_text(const struct listing *listing, uint32_t field,
                                      size_t *ret_begin)
{
    *ret_begin = 0;
    if (field == INTAKE_FIELD_TITLE)
        return listing->title;
    if (listing->parts_count == 0)
        return listing->description;
    const struct listing_text part = listing->parts[field - INTAKE_FIELD_DESCRIPTION];
    *ret_begin = (size_t)(part.at - listing->description.at);
    return part;
}

/* field, from, to, then the given members in between, then text: what a reader checks by eye. */
static void encode_span(struct text *text, const struct listing *listing,
                        const struct matcher_span *span, const char *stage)
{
    size_t begin;
    struct listing_text field = field_text(listing, span->field, &begin);
    assert(span->from <= span->to);
    assert(span->to <= field.len);
    text_member_string(text, "field", span->field == INTAKE_FIELD_TITLE ? "title" : "description");
    text_key(text, "from");
    text_u64(text, begin + span->from);
    text_key(text, "to");
    text_u64(text, begin + span->to);
    if (stage != NULL)
        text_member_string(text, "stage", stage);
    text_key(text, "text");
    size_t len = span->to - span->from;
    if (text_string_cut(text, field.at + span->from, len, ENCODE_EXCERPT_BYTES) < len)
        text_literal(text, ",\"cut\":true");
}

static void encode_techniques(struct text *text, unsigned techniques)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {
        {MATCHER_TECHNIQUE_INVISIBLE, "invisible"},   {MATCHER_TECHNIQUE_ENTITY, "entity"},
        {MATCHER_TECHNIQUE_COMBINING, "combining"},   {MATCHER_TECHNIQUE_COMPAT, "compat"},
        {MATCHER_TECHNIQUE_WIDTH, "width"},           {MATCHER_TECHNIQUE_ACCENT, "accent"},
        {MATCHER_TECHNIQUE_CONFUSABLE, "confusable"}, {MATCHER_TECHNIQUE_LEET, "leet"},
        {MATCHER_TECHNIQUE_SEPARATED, "separated"},   {MATCHER_TECHNIQUE_REPEATED, "repeated"},
        {MATCHER_TECHNIQUE_ESCAPED, "escaped"},       {MATCHER_TECHNIQUE_MARKUP, "markup"},
        {MATCHER_TECHNIQUE_MASKED, "masked"},         {MATCHER_TECHNIQUE_JOINED, "joined"},
        {MATCHER_TECHNIQUE_SPLIT, "split"},           {MATCHER_TECHNIQUE_TYPO, "typo"},
        {MATCHER_TECHNIQUE_TURNED, "turned"},         {MATCHER_TECHNIQUE_TAGGED, "tagged"},
    };
    if (techniques == 0)
        return;
    text_key(text, "technique");
    const char *separator = "[\"";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((techniques & names[i].bit) == 0)
            continue;
        text_literal(text, separator);
        text_literal(text, names[i].name);
        separator = "\",\"";
    }
    text_literal(text, "\"]");
}

const char *encode_context_name(enum matcher_context context)
{
    switch (context) {
    case MATCHER_CONTEXT_NONE:
        return "none";
    case MATCHER_CONTEXT_COMPATIBLE:
        return "compatible";
    case MATCHER_CONTEXT_SECOND_HAND:
        return "second_hand";
    case MATCHER_CONTEXT_REVIEW:
        return "review";
    case MATCHER_CONTEXT_AUTHORISED:
        return "authorised";
    case MATCHER_CONTEXT_ADVICE:
        return "advice";
    }
    assert(false);
    return "none";
}

/* Which rule made the class, and its revision; default classes have none. */
static void encode_rule(struct text *text, const struct matcher_db *db,
                        const struct matcher_hit *hit)
{
    text_key(text, "rule");
    if (!hit->has_rule) {
        text_literal(text, "\"default.");
        text_literal(text, encode_class_name(hit->class));
        text_literal(text, "\"");
        return;
    }
    struct matcher_rule rule = matcher_db_rule(db, hit->rule);
    text_string(text, rule.id, rule.id_len);
    text_member_u64(text, "rev", rule.rev);
}

static void encode_hit(struct text *text, const struct matcher_db *db,
                       const struct listing *listing, const struct matcher_hit *hit)
{
    text_literal(text, "{\"mark\":");
    if (hit->mark == MATCHER_NO_MARK) {
        text_literal(text, "null");
    } else {
        struct matcher_mark mark = matcher_db_mark(db, hit->mark);
        text_string(text, mark.id, mark.id_len);
    }
    encode_rule(text, db, hit);
    encode_span(text, listing, &hit->span, encode_stage_name(hit->stage));
    encode_techniques(text, hit->techniques);
    if (hit->has_cue) {
        struct matcher_cue cue = matcher_db_cue(db, hit->cue);
        text_literal(text, ",\"cue\":{\"id\":");
        text_string(text, cue.id, cue.id_len);
        encode_span(text, listing, &hit->cue_span, NULL);
        text_literal(text, "}");
    }
    if (hit->context != MATCHER_CONTEXT_NONE) {
        text_literal(text, ",\"context\":{\"kind\":\"");
        text_literal(text, encode_context_name(hit->context));
        text_literal(text, "\"");
        encode_span(text, listing, &hit->context_span, NULL);
        text_literal(text, "}");
    }
    text_literal(text, "}");
}

const char *encode_class_name(enum matcher_class class)
{
    switch (class) {
    case MATCHER_CLASS_NONE:
        return "none";
    case MATCHER_CLASS_MENTION:
        return "mention";
    case MATCHER_CLASS_MARK:
        return "mark";
    case MATCHER_CLASS_COUNTERFEIT:
        return "counterfeit";
    }
    assert(false);
    return "";
}

const char *encode_stage_name(enum matcher_stage stage)
{
    switch (stage) {
    case MATCHER_STAGE_PLAIN:
        return "plain";
    case MATCHER_STAGE_FOLDED:
        return "folded";
    case MATCHER_STAGE_SQUEEZED:
        return "squeezed";
    case MATCHER_STAGE_TYPO:
        return "typo";
    }
    assert(false);
    return "";
}

const char *encode_outcome_name(enum matcher_outcome outcome)
{
    switch (outcome) {
    case MATCHER_OUTCOME_OK:
        return "ok";
    case MATCHER_OUTCOME_CUT:
        return "cut";
    case MATCHER_OUTCOME_FAILED:
        return "failed";
    }
    assert(false);
    return "";
}

void encode_hits(struct text *text, const struct matcher_db *db, const struct listing *listing,
                 const struct matcher_result *result)
{
    text_literal(text, ",\"class\":\"");
    text_literal(text, encode_class_name(result->class));
    text_literal(text, "\",\"hits\":[");
    size_t written = 0;
    for (; written < result->hits_count; written++) {
        /* A hit that does not fit is taken back whole; `more` then says that it is missing. */
        struct text before = *text;
        if (written > 0)
            text_literal(text, ",");
        encode_hit(text, db, listing, &result->hits[written]);
        if (!text->overflow && text->room - text->len >= ENCODE_TAIL_BYTES + 64)
            continue;
        *text = before;
        break;
    }
    text_literal(text, "],\"n_hits\":");
    text_u64(text, result->hits_total);
    if (written < result->hits_total) {
        text_key(text, "more");
        text_u64(text, result->hits_total - written);
    }
}
