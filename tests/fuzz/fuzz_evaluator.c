/*
 * Fuzzes the evaluator: rules of every kind of condition over any listing. A listing is told the
 * same alone and in the midst of others, twice in a row, and what is told of it keeps its promises.
 * The input is a listing: title, description, price, currency, platform and seller, parted by NULs.
 */
#include <assert.h>
#include <string.h>

#include "matcher/db.h"
#include "matcher/fold.h"
#include "matcher/rules_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define TEXT_BYTES_MAX 8192u
#define PARTS          6u
#define ROUND          4u /* listings beside it */

static const char marks[] = "mark_id\tmark\tcategory\tgeneric\taliases\n"
                            "bear\tFuzzbear\ttoys\t0\t毛绒熊|Фаззбер\ncoach\tCoach\tbags\t1\t\n";
static const char cues[] = "cue_id\tphrase\tstrength\nC1\treplica\t3\nC2\tmirror\t1\n";
static const char yaml[] =
    "terms: {copy: [mirror, '1:1', aa, aa bb], box: [carton, bb, ж ж], far: [cc]}\n"
    "sellers:\n"
    "  few: [{platform: p, seller: s, from: 2026-01-01, until: 2026-02-01}, {platform: q}]\n"
    "rules:\n"
    "- {id: a, rev: 1, marks: bear, class: counterfeit, any: [copy, {all: [box, {none: [far]}]}],\n"
    "   examples: [x], negative_examples: [x]}\n"
    "- {id: b, rev: 1, marks: all, class: mention, near: {words: [mark, box], within: 12},\n"
    "   none: [{fields: title, any: [far]}], examples: [x], negative_examples: [x]}\n"
    "- {id: c, rev: 1, marks: coach, class: mark, price_below: {USD: 10, EUR: 1e1}, any: [copy],\n"
    "   examples: [x], negative_examples: [x]}\n"
    "- {id: d, rev: 1, report: copy, class: mention, terms: {own: [zz]},\n"
    "   any: [{near: {words: [copy, box], within: 30, ordered: true}}, own],\n"
    "   examples: [x], negative_examples: [x]}\n"
    "- {id: e, rev: 1, marks: bear, class: mention, sellers: few, examples: [x],\n"
    "   negative_examples: [x]}\n"
    "- {id: f, rev: 1, marks: all, class: counterfeit, regex: 'size [0-9]{2}', platforms: [p, q],\n"
    "   examples: [x], negative_examples: [x]}\n"
    "- {id: g, rev: 1, marks: all, class: mention, none: [{regex: {pattern: '^A.*z$', text: raw,\n"
    "   flags: su}}], fields: description, examples: [x], negative_examples: [x]}\n";

static struct matcher_db *db;
static struct matcher *matcher;

static void start(void)
{
    struct matcher_lists *lists = NULL;
    struct matcher_error error;

    assert(matcher_lists_open(&lists) == 0);
    assert(matcher_lists_add_marks(lists, marks, strlen(marks), &error) == 0);
    assert(matcher_lists_add_cues(lists, cues, strlen(cues), &error) == 0);
    assert(matcher_lists_add_rules(lists, yaml, strlen(yaml), &error) == 0);
    assert(db_compile(lists, &db, &error) == 0); /* the examples mean nothing */
    assert(matcher_open(&matcher) == 0);
    assert(matcher_use(matcher, db) == 0);
    lists = matcher_lists_close(lists);
}

/* A listing, with the slack behind its texts. */
struct input {
    char text[TEXT_BYTES_MAX + PARTS * MATCHER_SLACK_BYTES];
    const char *part[PARTS];
    size_t len[PARTS];
};

/* Parts the bytes at NULs; what is not UTF-8 becomes '?', as no listing holds it. */
static void take_input(const uint8_t *data, size_t len, struct input *input)
{
    size_t out = 0, at = 0;
    memset(input, 0, sizeof *input);
    for (unsigned part = 0; part < PARTS; part++) {
        input->part[part] = input->text + out;
        while (at < len && data[at] != 0) {
            uint32_t cp = 0;
            unsigned step = fold_decode(data + at, len - at, &cp);
            if (step == 0) {
                input->text[out++] = '?';
                at++;
                continue;
            }
            memcpy(input->text + out, data + at, step);
            out += step;
            at += step;
        }
        at += at < len && part + 1 < PARTS;
        input->len[part] = (size_t)(input->text + out - input->part[part]);
        out += MATCHER_SLACK_BYTES;
    }
}

static void add(const struct input *input)
{
    const struct matcher_field fields[2] = {{input->part[0], input->len[0]},
                                            {input->part[1], input->len[1]}};
    const struct matcher_facts facts = {.price = input->part[2],
                                        .price_len = input->len[2],
                                        .currency = input->part[3],
                                        .currency_len = input->len[3],
                                        .platform = input->part[4],
                                        .platform_len = input->len[4],
                                        .seller = input->len[5] == 0 ? NULL : input->part[5],
                                        .seller_len = input->len[5],
                                        .has_observed = input->len[0] % 2 == 0,
                                        .observed_ns = INT64_C(1769000000000000000)};
    uint32_t index = 0;
    assert(matcher_add(matcher, fields, 2, &index) == 0);
    matcher_set_facts(matcher, index, &facts);
}

struct seen {
    struct matcher_result result;
    struct matcher_hit hits[MATCHER_HITS_MAX];
};

static void take(uint32_t index, struct seen *seen)
{
    memset(seen, 0, sizeof *seen);
    matcher_result(matcher, index, &seen->result);
    assert(seen->result.hits_count <= MATCHER_HITS_MAX);
    memcpy(seen->hits, seen->result.hits, seen->result.hits_count * sizeof seen->hits[0]);
}

static void check_promises(const struct input *input, const struct seen *seen)
{
    const struct matcher_result *result = &seen->result;
    enum matcher_class most = MATCHER_CLASS_NONE;
    assert(result->outcome != MATCHER_OUTCOME_FAILED);
    assert(result->hits_total >= result->hits_count);
    for (size_t i = 0; i < result->hits_count; i++) {
        const struct matcher_hit *hit = &seen->hits[i];
        assert(hit->span.field < 2 && hit->span.from < hit->span.to);
        assert(hit->span.to <= input->len[hit->span.field]);
        assert(((uint8_t)input->part[hit->span.field][hit->span.from] & 0xC0) != 0x80);
        assert(hit->mark != MATCHER_NO_MARK || hit->has_rule);
        assert(!hit->has_rule || matcher_db_rule(db, hit->rule).class == hit->class);
        assert(i == 0 || hit->span.field > hit[-1].span.field ||
               (hit->span.field == hit[-1].span.field && hit->span.from >= hit[-1].span.from));
        most = hit->class > most ? hit->class : most;
    }
    assert(result->class == most || result->outcome == MATCHER_OUTCOME_CUT);
}

static void check_same(const struct seen *a, const struct seen *b)
{
    assert(a->result.outcome == b->result.outcome && a->result.class == b->result.class);
    assert(a->result.hits_count == b->result.hits_count);
    assert(a->result.hits_total == b->result.hits_total);
    assert(memcmp(a->hits, b->hits, sizeof a->hits) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct input input, other;
    static struct seen alone, again, among;
    static const uint8_t beside[] = "Fuzzbear mirror carton\0aa bb Coach\0\x35\0USD\0p\0s";

    if (db == NULL)
        start();
    if (len > TEXT_BYTES_MAX)
        return 0;
    take_input(data, len, &input);
    take_input(beside, sizeof beside - 1, &other);
    matcher_reset(matcher);
    add(&input);
    matcher_scan(matcher);
    take(0, &alone);
    check_promises(&input, &alone);
    take(0, &again);
    check_same(&alone, &again);
    matcher_reset(matcher);
    for (uint32_t i = 0; i < ROUND; i++)
        add(i == 2 ? &input : &other);
    matcher_scan(matcher);
    take(3, &again);
    take(2, &among);
    check_same(&alone, &among);
    take(1, &among);
    check_same(&again, &among);
    assert(among.result.hits_count > 0);
    return 0;
}
