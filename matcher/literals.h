/*
 * From lists to the byte strings that the engine looks for in folded text. Private to the matcher.
 *
 * Where a mark begins and ends. Folded text has one space between words and at both ends, so a
 * boundary is a space byte inside the literal; two neighbouring marks share one, which is fine.
 *  - Latin, Greek, Cyrillic, Armenian, Georgian, Indic and all other scripts that put spaces
 *    between words, and digits: " name ", whole words only.
 *  - Han, Kana, Thai, Lao, Khmer, Myanmar, Tibetan and the like: "name", anywhere: there is no
 *    boundary in the text to ask for. Next to a letter of another script the fold has put a space
 *    (sneaker brands between Han characters are words of their own), so such a mark also stands
 *    beside Latin letters.
 *  - Hangul: "name" as well: particles and other nouns are attached on both sides without a space.
 *  - A mark of one single code point of these scripts is matched as a whole word only; inside other
 *    words it would be anything. So are the letters of such a mark set apart.
 *  - A mark of mixed scripts has at each end the rule of the letter at that end.
 *  - Arabic and Hebrew: " name ", and for names of 3 letters and more also with the particles that
 *    are written onto the next word (and, by, for, like, the, and their usual pairs) as literals of
 *    their own. The span of such a hit is the name without the particle.
 */
#ifndef MATCHER_LITERALS_H
#define MATCHER_LITERALS_H

#include "matcher/lists.h"
#include "matcher/variants.h"

/* What a literal stands for. Marks come first among the targets of one literal. */
enum literals_kind {
    LITERALS_MARK = 0,
    LITERALS_CUE = 1,
    LITERALS_TERM = 2, /* of a rule */
    LITERALS_SURE = 3, /* no kind of its own: of a mark, and not doubtful */
};

/* One literal may stand for several marks, cues and terms. */
struct literals_target {
    uint32_t index;  /* of the mark, cue or term */
    uint32_t form;   /* index into forms; of terms, into phrases; not of cues */
    uint8_t front;   /* bytes of the literal before the name: space, particle */
    uint8_t back;    /* bytes after it: space */
    uint8_t variant; /* enum variants_kind: how it comes from the form; only of marks */
    bool doubtful;   /* counts only near a cue */
    enum literals_kind kind;
};

struct literals {
    uint8_t *bytes;                  /* all literals, one after another, sorted */
    uint32_t *begin;                 /* count + 1 offsets into bytes */
    uint32_t *first;                 /* count + 1 indexes into targets */
    struct literals_target *targets; /* of a literal: marks first */
    uint8_t *kinds;                  /* of a literal: 1 << kind of each of its targets, and SURE */
    size_t count;
    size_t tails; /* different last 8 bytes: what the engine really looks for */
};

/* Makes the literals of the lists and of what variants_make made of them. 0 or -ENOMEM. */
int literals_make(const struct matcher_lists *lists, const struct variants *variants,
                  struct literals *ret_literals);

/* Frees what literals_make made; zeroed ones are fine. */
void literals_free(struct literals *literals);

/* A number that lists with other literals do not share but by chance. */
uint64_t literals_hash(const struct literals *literals);

#endif
