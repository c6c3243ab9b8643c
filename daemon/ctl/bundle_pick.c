/*
 * Which records go into a bundle. Knows members by their names, and no file.
 */
#include "daemon/ctl/bundle_pick.h"

#include <errno.h>
#include <string.h>

#include "daemon/ledger/text.h"

/* Members that name something which leads from one record to another. */
static const char *const leading[] = {"listing", "listings", "id", "notice", "order", "strike"};

static bool is_leading(struct bundle_slice key)
{
    for (size_t i = 0; i < sizeof(leading) / sizeof(leading[0]); i++)
        if (bundle_line_is(key, leading[i]))
            return true;
    return false;
}

/* FNV-1a. Two names with one number put a record too many in, at a chance of 2^-64. */
static uint64_t number_of(struct bundle_slice name)
{
    uint64_t number = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < name.len; i++)
        number = (number ^ (uint8_t)name.at[i]) * UINT64_C(0x100000001b3);
    return number == UINT64_MAX ? 0 : number;
}

int bundle_pick_open(struct bundle_pick *ret_pick, uint64_t from, uint64_t to, const char *merchant)
{
    *ret_pick = (struct bundle_pick){.from = from, .to = to, .has_merchant = merchant != NULL};
    if (merchant == NULL)
        return 0;
    struct text text = text_into(ret_pick->merchant, sizeof(ret_pick->merchant));
    text_string(&text, merchant, strlen(merchant));
    if (text.overflow)
        return -EINVAL;
    ret_pick->merchant_len = text.len - 2;
    memmove(ret_pick->merchant, ret_pick->merchant + 1, ret_pick->merchant_len);
    return 0;
}

/* The next name that leads on: in the event, then the listing of a record without one. */
static struct bundle_slice next_name(struct bundle_walk *walk, struct bundle_slice *listing)
{
    struct bundle_slice name;

    while ((name = bundle_line_next_string(walk)).at != NULL)
        if (is_leading(walk->key))
            return name;
    name = *listing;
    *listing = (struct bundle_slice){NULL, 0};
    return name;
}

/* Whether it is the merchant, or whoever gave an account to it. */
static bool is_merchant(const struct bundle_pick *pick, struct bundle_slice name)
{
    return (name.len == pick->merchant_len && memcmp(name.at, pick->merchant, name.len) == 0) ||
           number_set_has(&pick->givers, number_of(name));
}

/* Learns who gave the merchant an account. 0 or -ENOMEM. */
static int learn_giver(struct bundle_pick *pick, struct bundle_slice event)
{
    if (!bundle_line_is(bundle_line_string(bundle_line_member(event, "type")), "merchant.transfer"))
        return 0;
    struct bundle_slice giver = bundle_line_string(bundle_line_member(event, "merchant"));
    struct bundle_slice to = bundle_line_string(bundle_line_member(event, "to"));
    if (giver.at == NULL || to.at == NULL || !is_merchant(pick, to) || is_merchant(pick, giver))
        return 0;
    pick->more = true;
    int error = number_set_add(&pick->givers, number_of(giver));
    return error < 0 ? error : 0;
}

/* Whether the line names the merchant, or something that leads to it. */
static bool concerns(const struct bundle_pick *pick, struct bundle_slice line)
{
    struct bundle_walk all = {.text = line}, event = {.text = bundle_line_member(line, "event")};
    struct bundle_slice listing = bundle_line_string(bundle_line_member(line, "listing"));
    struct bundle_slice name;

    while ((name = bundle_line_next_string(&all)).at != NULL)
        if (is_merchant(pick, name))
            return true;
    while ((name = next_name(&event, &listing)).at != NULL)
        if (number_set_has(&pick->names, number_of(name)))
            return true;
    return false;
}

int bundle_pick_learn(struct bundle_pick *pick, const char *line, size_t len)
{
    const struct bundle_slice whole = {line, len};
    struct bundle_walk event = {.text = bundle_line_member(whole, "event")};
    struct bundle_slice listing = bundle_line_string(bundle_line_member(whole, "listing"));
    struct bundle_slice name;

    if (!pick->has_merchant || !concerns(pick, whole))
        return 0;
    int error = learn_giver(pick, event.text);
    while (error >= 0 && (name = next_name(&event, &listing)).at != NULL)
        error = number_set_add(&pick->names, number_of(name));
    return error < 0 ? error : 0;
}

/* Whether it is of the kinds that explain the others, and goes in when it is in the range. */
static bool explains_others(enum record_kind kind)
{
    /* clang-format off */
    static const bool explains[RECORD_KINDS_COUNT] = {
        [RECORD_START] = true, [RECORD_STOP] = true, [RECORD_HEARTBEAT] = true,
        [RECORD_GAP] = true, [RECORD_CLOCK] = true, [RECORD_RULESET] = true,
        [RECORD_POLICY] = true, [RECORD_CHANNEL] = true, [RECORD_PLATFORM] = true,
        [RECORD_RIGHT] = true, [RECORD_RIGHT_HOLDER] = true, [RECORD_COVERAGE] = true,
        [RECORD_ANCHOR] = true, [RECORD_KEY] = true, [RECORD_HOLD] = true, [RECORD_ERASE] = true,
        [RECORD_CORRECT] = true,
    };
    /* clang-format on */
    return kind < RECORD_KINDS_COUNT && explains[kind];
}

int bundle_pick_wants(struct bundle_pick *pick, uint64_t seq, enum record_kind kind,
                      const char *line, size_t len)
{
    /* Which program, rules and key it was, also when the range begins within a run; what was put
       right, or erased, of the range later. */
    if (kind == RECORD_START || kind == RECORD_RULESET || kind == RECORD_ANCHOR ||
        kind == RECORD_KEY || kind == RECORD_CORRECT || kind == RECORD_ERASE)
        return 1;
    if (seq < pick->from || seq >= pick->to)
        return 0;
    if (!pick->has_merchant || explains_others(kind))
        return 1;
    /* What was learned late leads on, too. */
    int error = bundle_pick_learn(pick, line, len);
    return error < 0 ? error : concerns(pick, (struct bundle_slice){line, len});
}

bool bundle_pick_is_partial(const struct bundle_pick *pick, uint64_t size)
{
    return pick->has_merchant || pick->from > 0 || pick->to < size;
}

void bundle_pick_close(struct bundle_pick *pick)
{
    number_set_close(&pick->names);
    number_set_close(&pick->givers);
}
