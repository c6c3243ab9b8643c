/*
 * From lists to literals: boundaries, particles, and equal literals joined into one.
 */
#include "matcher/literals.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/fold.h"
#include "matcher/fold_step.h"
#include "matcher/hash.h"
#include "matcher/rules.h"

#define NAME_BYTES_MAX      (LISTS_TEXT_BYTES_MAX * FOLD_GROWTH_MAX)
#define PARTICLE_NAME_BYTES 6u /* three letters of two bytes each */

/* Particles that are written onto the word after them. Arabic: and so by for like, the, and pairs.
 */
static const char *const arabic[] = {"ال",  "و",  "ب",   "ل",   "ف",  "ك", "وال",
                                     "بال", "لل", "فال", "كال", "ول", "وب"};
/* Hebrew: the, and, in, to, from, that, like, and pairs. */
static const char *const hebrew[] = {"ה",  "ו",  "ב",  "ל",  "מ",  "ש", "כ",
                                     "וה", "שה", "מה", "כש", "וב", "ול"};

/* A literal before equal ones are joined. */
struct draft {
    uint32_t at, len;
    struct literals_target target;
};

struct drafts {
    uint8_t *bytes;
    struct draft *items;
    size_t bytes_len, bytes_room, count, room;
};

static int add_draft(struct drafts *drafts, const char *particle, const uint8_t *name, size_t len,
                     struct literals_target target)
{
    size_t extra = strlen(particle);
    size_t need = drafts->bytes_len + extra + len + 2;
    if (need > drafts->bytes_room) {
        size_t room = need + need / 2;
        uint8_t *more = realloc(drafts->bytes, room);
        if (more == NULL)
            return -ENOMEM;
        drafts->bytes = more;
        drafts->bytes_room = room;
    }
    if (drafts->count == drafts->room) {
        size_t room = drafts->room == 0 ? 1024 : drafts->room * 2;
        struct draft *more = realloc(drafts->items, room * sizeof *more);
        if (more == NULL)
            return -ENOMEM;
        drafts->items = more;
        drafts->room = room;
    }
    uint8_t *out = drafts->bytes + drafts->bytes_len;
    size_t at = 0;
    if (target.front != 0)
        out[at++] = ' ';
    memcpy(out + at, particle, extra);
    at += extra;
    memcpy(out + at, name, len);
    at += len;
    if (target.back != 0)
        out[at++] = ' ';
    target.front = (uint8_t)(target.front + extra);
    drafts->items[drafts->count++] =
        (struct draft){(uint32_t)drafts->bytes_len, (uint32_t)at, target};
    drafts->bytes_len += at;
    return 0;
}

static bool is_unspaced(uint32_t cp)
{
    return (fold_entry(cp) >> FOLD_CLASS_SHIFT & 3) == FOLD_UNSPACED;
}

static int add_particles(struct drafts *drafts, const uint8_t *name, size_t len, uint32_t first,
                         struct literals_target target)
{
    static const size_t count = sizeof arabic / sizeof arabic[0];
    static_assert(sizeof hebrew == sizeof arabic, "both are walked by one loop");
    bool is_arabic = first >= 0x620 && first <= 0x6FF, is_hebrew = first >= 0x5D0 && first <= 0x5EA;
    if (len < PARTICLE_NAME_BYTES || (!is_arabic && !is_hebrew))
        return 0;
    for (size_t i = 0; i < count; i++) {
        int added = add_draft(drafts, is_arabic ? arabic[i] : hebrew[i], name, len, target);
        if (added < 0)
            return added;
    }
    return 0;
}

/* Adds all literals of one folded name. */
static int add_name(struct drafts *drafts, const uint8_t *name, size_t name_len,
                    struct literals_target target)
{
    size_t last_at = name_len - 1;
    while ((name[last_at] & 0xC0) == 0x80)
        last_at--;
    uint32_t first = 0, last = 0;
    (void)fold_decode(name, name_len, &first); /* folded text is UTF-8 */
    (void)fold_decode(name + last_at, name_len - last_at, &last);
    bool whole = last_at == 0 || target.variant == VARIANTS_APART;
    target.front = whole || !is_unspaced(first);
    target.back = whole || !is_unspaced(last);
    int added = add_draft(drafts, "", name, name_len, target);
    return added < 0 ? added : add_particles(drafts, name, name_len, first, target);
}

/* Adds all literals of one text. */
static int add_text(struct drafts *drafts, const char *text, size_t len,
                    struct literals_target target)
{
    char folded[NAME_BYTES_MAX + 2 + FOLD_SLACK_BYTES];
    assert(len <= LISTS_TEXT_BYTES_MAX);
    size_t folded_len = fold_text(text, len, folded);
    assert(folded_len > 2); /* the lists hold nothing that folds to nothing */
    return add_name(drafts, (const uint8_t *)folded + 1, folded_len - 2, target);
}

/* Adds the variants of the marks and cues. */
static int add_variants(struct drafts *drafts, const struct matcher_lists *lists,
                        const struct variants *variants)
{
    int done = 0;
    for (size_t i = 0; i < variants->count && done == 0; i++) {
        const struct variants_item *item = &variants->items[i];
        const uint8_t *name = (const uint8_t *)variants->bytes + item->at;
        bool is_cue = item->form >= lists->forms_count;
        struct literals_target target = {
            .form = item->form, .variant = (uint8_t)item->kind, .doubtful = item->doubtful};
        target.kind = is_cue ? LITERALS_CUE : LITERALS_MARK;
        target.index =
            is_cue ? item->form - (uint32_t)lists->forms_count : lists->forms[item->form].mark;
        if (item->kind != VARIANTS_TURNED)
            done = add_name(drafts, name, item->len, target);
    }
    return done;
}

static int compare_bytes(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

static int by_bytes(const void *left, const void *right, void *context)
{
    const struct draft *a = left, *b = right;
    const struct drafts *drafts = context;
    int order = compare_bytes(drafts->bytes + a->at, a->len, drafts->bytes + b->at, b->len);
    if (order != 0)
        return order;
    if (a->target.kind != b->target.kind)
        return a->target.kind < b->target.kind ? -1 : 1;
    if (a->target.index != b->target.index)
        return a->target.index < b->target.index ? -1 : 1;
    return a->target.form < b->target.form ? -1 : a->target.form > b->target.form;
}

static int by_tail(const void *left, const void *right)
{
    return memcmp(left, right, 8);
}

/* Counts the different last 8 bytes; shorter literals count as if padded. */
static int count_tails(struct literals *literals)
{
    uint8_t(*tail)[8] = calloc(literals->count + 1, sizeof *tail);
    if (tail == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < literals->count; i++) {
        size_t len = literals->begin[i + 1] - literals->begin[i], take = len < 8 ? len : 8;
        memcpy(tail[i], literals->bytes + literals->begin[i + 1] - take, take);
    }
    qsort(tail, literals->count, sizeof *tail, by_tail);
    for (size_t i = 0; i < literals->count; i++)
        literals->tails += i == 0 || memcmp(tail[i], tail[i - 1], 8) != 0;
    free(tail);
    return 0;
}

/* Sorts the drafts and writes each literal once. */
static int join(struct drafts *drafts, struct literals *literals)
{
    if (drafts->count > 0)
        qsort_r(drafts->items, drafts->count, sizeof *drafts->items, by_bytes, drafts);
    literals->bytes = malloc(drafts->bytes_len + 1);
    literals->begin = calloc(drafts->count + 1, sizeof *literals->begin);
    literals->first = calloc(drafts->count + 1, sizeof *literals->first);
    literals->targets = calloc(drafts->count + 1, sizeof *literals->targets);
    literals->kinds = calloc(drafts->count + 1, sizeof *literals->kinds);
    if (literals->kinds == NULL || literals->bytes == NULL || literals->begin == NULL ||
        literals->first == NULL || literals->targets == NULL)
        return -ENOMEM;
    uint32_t at = 0;
    for (size_t i = 0; i < drafts->count; i++) {
        const struct draft *item = &drafts->items[i], *before = item - 1;
        const uint8_t *bytes = drafts->bytes + item->at;
        bool same =
            i > 0 && compare_bytes(bytes, item->len, drafts->bytes + before->at, before->len) == 0;
        if (!same) {
            memcpy(literals->bytes + at, bytes, item->len);
            literals->begin[literals->count] = at;
            literals->first[literals->count++] = (uint32_t)i;
            at += item->len;
        }
        literals->targets[i] = item->target;
        literals->kinds[literals->count - 1] |= (uint8_t)(1u << item->target.kind);
        if (item->target.kind == LITERALS_MARK && !item->target.doubtful)
            literals->kinds[literals->count - 1] |= 1u << LITERALS_SURE;
    }
    literals->begin[literals->count] = at;
    literals->first[literals->count] = (uint32_t)drafts->count;
    return count_tails(literals);
}

int literals_make(const struct matcher_lists *lists, const struct variants *variants,
                  struct literals *ret_literals)
{
    struct drafts drafts = {0};
    struct literals literals = {0};
    int done = 0;
    for (size_t i = 0; i < lists->forms_count && done == 0; i++) {
        const struct lists_form *form = &lists->forms[i];
        struct literals_target target = {.index = form->mark, .form = (uint32_t)i};
        done = add_text(&drafts, lists_at(lists, form->text), form->text.len, target);
    }
    for (size_t i = 0; i < lists->cues_count && done == 0; i++) {
        struct lists_text text = lists->cues[i].text;
        struct literals_target target = {.index = (uint32_t)i, .kind = LITERALS_CUE};
        done = add_text(&drafts, lists_at(lists, text), text.len, target);
    }
    const struct rules *rules = lists->rules;
    for (size_t i = 0; rules != NULL && i < rules->phrases_count && done == 0; i++) {
        const struct rules_phrase *phrase = &rules->phrases[i];
        struct literals_target target = {
            .index = phrase->term, .form = (uint32_t)i, .kind = LITERALS_TERM};
        done = add_text(&drafts, lists_at(lists, phrase->text), phrase->text.len, target);
    }
    if (done == 0)
        done = add_variants(&drafts, lists, variants);
    if (done == 0)
        done = join(&drafts, &literals);
    free(drafts.bytes);
    free(drafts.items);
    if (done < 0)
        literals_free(&literals);
    else
        *ret_literals = literals;
    return done;
}

void literals_free(struct literals *literals)
{
    free(literals->bytes);
    free(literals->begin);
    free(literals->first);
    free(literals->targets);
    free(literals->kinds);
    *literals = (struct literals){0};
}

uint64_t literals_hash(const struct literals *literals)
{
    uint64_t hash = HASH_BEGIN;
    for (size_t i = 0; i < literals->count; i++) {
        for (uint32_t at = literals->begin[i]; at < literals->begin[i + 1]; at++)
            hash = hash_feed(hash, literals->bytes[at]);
        hash = hash_feed(hash, 0x100); /* ends a literal as no byte does */
    }
    return hash;
}
