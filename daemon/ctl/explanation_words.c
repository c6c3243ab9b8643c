/*
 * The matcher's terms in sentences.
 */
#include "daemon/ctl/explanation_words.h"

const char *explanation_stage(enum matcher_stage stage)
{
    switch (stage) {
    case MATCHER_STAGE_PLAIN:
        return "written as listed";
    case MATCHER_STAGE_FOLDED:
        return "not as listed, the same after folding";
    case MATCHER_STAGE_SQUEEZED:
        return "the same only by its looks";
    case MATCHER_STAGE_TYPO:
        return "a misspelling of the mark";
    }
    return "";
}

const char *explanation_technique(unsigned technique)
{
    static const struct {
        unsigned bit;
        const char *meaning;
    } meanings[] = {
        {MATCHER_TECHNIQUE_INVISIBLE, "invisible characters inside"},
        {MATCHER_TECHNIQUE_ENTITY, "letters as HTML references"},
        {MATCHER_TECHNIQUE_COMBINING, "stacked combining marks"},
        {MATCHER_TECHNIQUE_COMPAT, "mathematical or circled letters"},
        {MATCHER_TECHNIQUE_WIDTH, "full-width or half-width letters"},
        {MATCHER_TECHNIQUE_ACCENT, "accents that the mark has not, or lacks"},
        {MATCHER_TECHNIQUE_CONFUSABLE, "look-alike letters"},
        {MATCHER_TECHNIQUE_LEET, "digits or signs for letters"},
        {MATCHER_TECHNIQUE_SEPARATED, "signs or spaces between letters"},
        {MATCHER_TECHNIQUE_REPEATED, "repeated letters"},
        {MATCHER_TECHNIQUE_ESCAPED, "letters in escapes"},
        {MATCHER_TECHNIQUE_MARKUP, "markup inside the word"},
        {MATCHER_TECHNIQUE_MASKED, "masked letters"},
        {MATCHER_TECHNIQUE_JOINED, "words written as one"},
        {MATCHER_TECHNIQUE_SPLIT, "one word written as two"},
        {MATCHER_TECHNIQUE_TYPO, "one letter wrong"},
        {MATCHER_TECHNIQUE_TURNED, "from its end, or upside down"},
        {MATCHER_TECHNIQUE_TAGGED, "tags between the words"},
    };
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (meanings[i].bit == technique)
            return meanings[i].meaning;
    return "";
}

const char *explanation_context(enum matcher_context context)
{
    switch (context) {
    case MATCHER_CONTEXT_NONE:
        break;
    case MATCHER_CONTEXT_COMPATIBLE:
        return "goods for, or beside, those of the mark";
    case MATCHER_CONTEXT_SECOND_HAND:
        return "second hand";
    case MATCHER_CONTEXT_REVIEW:
        return "a review or comparison";
    case MATCHER_CONTEXT_AUTHORISED:
        return "an authorised seller";
    case MATCHER_CONTEXT_ADVICE:
        return "advice against copies, or a denial that it is one";
    }
    return "";
}

const char *explanation_why(const struct matcher_hit *hit, bool ordinary)
{
    switch (hit->class) {
    case MATCHER_CLASS_COUNTERFEIT:
        if (!hit->has_cue)
            return "the mark is disguised, which honest sellers have no reason for";
        return ordinary ? "the mark, an ordinary word too, stands near words that say it is a copy"
                        : "the mark stands near words that say it is a copy";
    case MATCHER_CLASS_MARK:
        if (ordinary)
            return "the mark, an ordinary word too, stands beside a word for its goods, and no cue "
                   "near it";
        return hit->stage == MATCHER_STAGE_PLAIN
                   ? "the mark is there, and no cue near it"
                   : "the mark is there, and no cue near it; the way it is written is not reason "
                     "enough";
    case MATCHER_CLASS_MENTION:
        return "the mark is named in a context that may be lawful";
    case MATCHER_CLASS_NONE:
        break;
    }
    return "the mark does not count here";
}
