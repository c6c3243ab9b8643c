/*
 * How suspects were read, for people.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/db.h"
#include "matcher/looks.h"
#include "matcher/squeeze.h"
#include "matcher/squeeze_align.h"
#include "matcher/squeeze_quick.h"

#define LETTERS_MAX 256u /* shown of one suspect */

struct explaining {
    struct squeeze_quick quick;
    struct squeeze_suspect suspects[SQUEEZE_SUSPECTS_MAX];
    struct squeeze_letter letters[LETTERS_MAX];
    char shown[LETTERS_MAX * 2];
    char before[LETTERS_MAX * 2]; /* what was shown last, of the raw range up to before_to */
    size_t before_len, before_to;
    squeeze_show *show;
    void *context;
};

/* The letter that a reader takes it for. */
static char shown_as(const struct squeeze_letter *letter)
{
    const char *leet = looks_leet(letter->cp);
    switch ((enum squeeze_kind)letter->kind) {
    case SQUEEZE_LETTER:
        return (char)letter->cp;
    case SQUEEZE_MASK:
        return '*';
    case SQUEEZE_DIGIT:
    case SQUEEZE_SIGN:
        return leet == NULL ? (char)letter->cp : leet[0];
    case SQUEEZE_FOREIGN:
        break;
    }
    return '?';
}

static void show_one(struct explaining *explaining, const struct squeeze_suspect *suspect)
{
    struct squeeze_range range = {explaining->quick.text, explaining->quick.len, suspect->begin,
                                  suspect->end};
    unsigned readings = squeeze_readings(&range);
    enum squeeze_reading reading =
        (readings & 1u << SQUEEZE_READING_MASKS) != 0     ? SQUEEZE_READING_MASKS
        : (readings & 1u << SQUEEZE_READING_LETTERS) != 0 ? SQUEEZE_READING_LETTERS
                                                          : SQUEEZE_READING_GAPS;
    size_t end = 0, len = 0;
    size_t count = squeeze_read(&range, reading, explaining->letters, LETTERS_MAX, &end);
    for (size_t i = 0; i < count; i++) {
        const struct squeeze_letter *letter = &explaining->letters[i];
        if (i > 0 && letter->gap == SQUEEZE_GAP_SPACE && !suspect->run)
            explaining->shown[len++] = ' ';
        explaining->shown[len++] = shown_as(letter);
    }
    /* A chunk may be a run of short words as well. */
    if (suspect->begin < explaining->before_to && len == explaining->before_len &&
        memcmp(explaining->before, explaining->shown, len) == 0)
        return;
    memcpy(explaining->before, explaining->shown, len);
    explaining->before_len = len;
    explaining->before_to = suspect->end;
    explaining->show(explaining->context, suspect->begin, suspect->end, explaining->shown, len);
}

static void take(void *context, const struct squeeze_suspect *suspects, size_t count)
{
    struct explaining *explaining = context;
    for (size_t i = 0; i < count; i++)
        if (squeeze_may_hold(&explaining->quick, fold_path_best(), &suspects[i]) !=
            SQUEEZE_HOLDS_NOTHING)
            show_one(explaining, &suspects[i]);
}

int squeeze_explain(const struct matcher_db *db, const char *text, size_t len, squeeze_show *show,
                    void *context)
{
    struct explaining *explaining = calloc(1, sizeof *explaining);
    if (explaining == NULL)
        return -ENOMEM;
    explaining->quick.index = &db->squeeze;
    explaining->quick.text = text;
    explaining->quick.len = len;
    explaining->show = show;
    explaining->context = context;
    if (db->squeeze.masked_count > 0)
        squeeze_find(fold_path_best(), &db->squeeze, text, len, explaining->suspects, take,
                     explaining);
    free(explaining);
    return 0;
}
