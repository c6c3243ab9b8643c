/*
 * Words to an event. Knows the options' members; knows no family.
 */
#include "daemon/ctl/event_words.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/ctl/calendar.h"
#include "daemon/digest.h"
#include "daemon/ledger/text.h"
#include "daemon/time_text.h"

enum form {
    FORM_TEXT = 0,
    FORM_NUMBER,
    FORM_TEXTS,    /* may be repeated */
    FORM_NUMBERS,  /* likewise */
    FORM_BOOL,     /* true or false */
    FORM_LISTING,  /* a text, or texts, as the verb has it */
    FORM_EVIDENCE, /* files, hashed */
    FORM_CALENDAR, /* a file, read (calendar.h) */
    FORM_MEMBER,   /* KEY=TEXT */
    FORM_OTHER,    /* no member of the event */
};

/* Members stand in the event in this order. */
static const struct word {
    const char *option, *member;
    enum form form;
    bool strike; /* inside the object `strike` */
} known[] = {
    {"platform", "platform", FORM_TEXT, false},
    {"policy", "policy", FORM_TEXT, false},
    {"channel", "channel", FORM_TEXT, false},
    {"class", "class", FORM_TEXT, false},
    {"name", "name", FORM_TEXT, false},
    {"url", "url", FORM_TEXT, false},
    {"order", "order", FORM_TEXT, false},
    {"court", "court", FORM_TEXT, false},
    {"docket", "docket", FORM_TEXT, false},
    {"expires", "expires", FORM_TEXT, false},
    {"by", "by", FORM_TEXT, false},
    {"method", "method", FORM_TEXT, false},
    {"notice", "notice", FORM_TEXT, false},
    {"strike", "strike", FORM_TEXT, false},
    {"action", "action", FORM_TEXT, false},
    {"kind", "kind", FORM_TEXT, false},
    {"gen", "gen", FORM_TEXT, false},
    {"selective", "selective", FORM_BOOL, false},
    {"right", "right", FORM_TEXT, false},
    {"has", "has", FORM_TEXTS, false},
    {"reporter", "reporter", FORM_TEXT, false},
    {"agent", "agent", FORM_TEXT, false},
    {"outcome", "outcome", FORM_TEXT, false},
    {"reason", "reason", FORM_TEXT, false},
    {"merchant", "merchant", FORM_TEXT, false},
    {"listing", "listing", FORM_LISTING, false},
    {"state", "state", FORM_TEXT, false},
    {"via", "via", FORM_TEXT, false},
    {"campaign", "campaign", FORM_TEXT, false},
    {"landing-url", "landing_url", FORM_TEXT, false},
    {"recipient-hash", "recipient_hash", FORM_TEXT, false},
    {"territory", "territory", FORM_TEXTS, false},
    {"puid", "puid", FORM_TEXT, false},
    {"decision-visibility", "decision_visibility", FORM_TEXT, false},
    {"subject", "subject", FORM_TEXT, false},
    {"from", "from", FORM_TEXT, false},
    {"to", "to", FORM_TEXT, false},
    {"deemed-receipt", "deemed_receipt", FORM_TEXT, false},
    {"grace-s", "grace_s", FORM_NUMBER, false},
    {"required", "required", FORM_TEXTS, false},
    {"grace-business-days", "grace_business_days", FORM_NUMBER, false},
    {"calendar", "calendar", FORM_CALENDAR, false},
    {"document-sha256", "document_sha256", FORM_TEXT, false},
    {"strike-kind", "kinds", FORM_TEXTS, true},
    {"threshold", "threshold", FORM_NUMBER, true},
    {"per-right", "per_right", FORM_NUMBER, true},
    {"per-kind", "per_kind", FORM_NUMBER, true},
    {"transfer-carries", "transfer_carries", FORM_BOOL, true},
    {"validity-s", "validity_s", FORM_NUMBER, true},
    {"spacing-s", "spacing_s", FORM_NUMBERS, true},
    {"spacing-business-days", "spacing_business_days", FORM_NUMBERS, true},
    {"established", "established", FORM_TEXT, true},
    {"counter-window-s", "counter_window_s", FORM_NUMBER, true},
    {"counter-window-business-days", "counter_window_business_days", FORM_NUMBER, true},
    {"src", "src", FORM_TEXT, false},
    {"actor", "actor", FORM_TEXT, false},
    {"unc-ms", "unc_ms", FORM_NUMBER, false},
    {"note", "note", FORM_TEXT, false},
    {"member", NULL, FORM_MEMBER, false},
    {"evidence", "ev", FORM_EVIDENCE, false},
    {"at", NULL, FORM_OTHER, false},
    {"id", NULL, FORM_OTHER, false},
    {"type", NULL, FORM_OTHER, false},
    {"received-at", NULL, FORM_OTHER, false},
    {"file", NULL, FORM_OTHER, false},
    {"socket", NULL, FORM_OTHER, false},
    {"source", NULL, FORM_OTHER, false},
};

#define KNOWN_COUNT (sizeof known / sizeof known[0])

struct taken {
    const struct word *word;
    const char *value;
    uint8_t digest[DIGEST_BYTES]; /* of evidence */
    uint64_t len;
};

struct event_words {
    size_t count;
    struct taken taken[EVENT_WORDS_MAX];
    char body[EVENT_LINE_BYTES_MAX];
    char line[EVENT_LINE_BYTES_MAX];
    struct text calendar; /* in calendar_bytes */
    char calendar_bytes[CALENDAR_JSON_MAX];
};

struct event_words *event_words_open(void)
{
    return calloc(1, sizeof(struct event_words));
}

struct event_words *event_words_close(struct event_words *words)
{
    free(words);
    return NULL;
}

static bool may_repeat(enum form form)
{
    return form == FORM_TEXTS || form == FORM_NUMBERS || form == FORM_LISTING ||
           form == FORM_EVIDENCE || form == FORM_MEMBER;
}

/* The file's hash and length. */
static int take_evidence(struct taken *taken)
{
    struct stat status;
    int result = stat(taken->value, &status) == -1 ? -errno : 0;
    if (result == 0)
        result = digest_file(taken->value, taken->digest);
    if (result < 0)
        return ctl_error("cannot read the evidence %s: %s", taken->value, ctl_errno(result));
    taken->len = (uint64_t)status.st_size;
    return CTL_OK;
}

int event_words_take(struct event_words *words, const char *option, const char *value)
{
    const struct word *word = known;
    uint64_t number;
    while (strcmp(word->option, option) != 0) {
        word++;
        assert(word < known + KNOWN_COUNT); /* every family's options stand in the table */
    }
    if (!may_repeat(word->form) && event_words_find(words, option) != NULL)
        return ctl_error("--%s is there twice", option);
    if ((word->form == FORM_NUMBER || word->form == FORM_NUMBERS) &&
        ctl_number(value, INT64_MAX, &number) < 0)
        return ctl_error("--%s takes a whole number, not %s", option, value);
    if (word->form == FORM_BOOL && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
        return ctl_error("--%s takes true or false, not %s", option, value);
    if (word->form == FORM_MEMBER && (strchr(value, '=') == NULL || value[0] == '='))
        return ctl_error("--member takes KEY=TEXT, not %s", value);
    if (words->count == EVENT_WORDS_MAX)
        return ctl_error("more than %u options; use --file", EVENT_WORDS_MAX);
    struct taken *taken = &words->taken[words->count];
    *taken = (struct taken){.word = word, .value = value};
    int result = word->form == FORM_EVIDENCE ? take_evidence(taken) : CTL_OK;
    if (word->form == FORM_CALENDAR) {
        words->calendar = text_into(words->calendar_bytes, sizeof words->calendar_bytes);
        result = calendar_read(value, &words->calendar);
        *taken = (struct taken){.word = word, .value = words->calendar_bytes};
        taken->len = words->calendar.len;
    }
    words->count += result == CTL_OK ? 1 : 0;
    return result;
}

const char *event_words_find(const struct event_words *words, const char *option)
{
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->taken[i].word->option, option) == 0)
            return words->taken[i].value;
    return NULL;
}

static void put_string(struct text *text, const char *string)
{
    text_string(text, string, strlen(string));
}

static void put_value(struct text *text, const struct taken *taken)
{
    const char *slash = strrchr(taken->value, '/');
    switch (taken->word->form) {
    case FORM_NUMBER:
    case FORM_NUMBERS:
    case FORM_BOOL:
        text_literal(text, taken->value);
        return;
    case FORM_CALENDAR:
        text_raw(text, taken->value, taken->len);
        return;
    case FORM_EVIDENCE:
        text_literal(text, "{\"name\":");
        put_string(text, slash != NULL ? slash + 1 : taken->value);
        text_member_sha256(text, "sha256", taken->digest);
        text_member_u64(text, "len", taken->len);
        text_literal(text, "}");
        return;
    case FORM_TEXT:
    case FORM_TEXTS:
    case FORM_LISTING:
        put_string(text, taken->value);
        return;
    case FORM_MEMBER:
    case FORM_OTHER:
        break;
    }
    assert(false);
}

/* ,"KEY":"TEXT" of each --member. */
static void put_members(struct text *text, const struct event_words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        const struct taken *taken = &words->taken[i];
        if (taken->word->form != FORM_MEMBER)
            continue;
        const char *equals = strchr(taken->value, '=');
        text_literal(text, ",");
        text_string(text, taken->value, (size_t)(equals - taken->value));
        text_literal(text, ":");
        put_string(text, equals + 1);
    }
}

/* All values of one option. A member of `strike` may be its first: then `comma` is "". */
static void put_word(struct text *text, const struct event_words *words, const struct word *word,
                     const char *member, bool list, const char *comma)
{
    const char *separator = NULL;
    for (size_t i = 0; i < words->count; i++) {
        if (words->taken[i].word != word)
            continue;
        if (separator == NULL) {
            text_literal(text, comma);
            put_string(text, member);
            text_literal(text, list ? ":[" : ":");
        } else {
            text_literal(text, separator);
        }
        put_value(text, &words->taken[i]);
        separator = ",";
    }
    if (separator != NULL && list)
        text_literal(text, "]");
}

static size_t count_of(const struct event_words *words, const struct word *word)
{
    size_t count = 0;
    for (size_t i = 0; i < words->count; i++)
        count += words->taken[i].word == word ? 1 : 0;
    return count;
}

static int put_words(struct text *text, const struct event_words *words,
                     const struct event_verb *verb)
{
    bool in_strike = false;
    for (const struct word *word = known; word < known + KNOWN_COUNT; word++) {
        bool listing = word->form == FORM_LISTING;
        bool list = (listing && verb->list != NULL) || (!listing && may_repeat(word->form));
        const char *member = listing && verb->list != NULL ? verb->list : word->member;
        size_t count = count_of(words, word);
        if (count == 0 || word->form == FORM_OTHER)
            continue;
        if (count > 1 && !may_repeat(word->form))
            return ctl_error("--%s is there twice", word->option);
        if (count > 1 && listing && !list)
            return ctl_error("--listing is there twice, and this event is about one listing");
        if (word->form == FORM_MEMBER) {
            put_members(text, words);
            continue;
        }
        if (in_strike && !word->strike)
            text_literal(text, "}");
        if (!in_strike && word->strike)
            text_literal(text, ",\"strike\":{");
        put_word(text, words, word, member, list, word->strike && !in_strike ? "" : ",");
        in_strike = word->strike;
    }
    if (in_strike)
        text_literal(text, "}");
    return CTL_OK;
}

int event_words_line(struct event_words *words, const struct event_verb *verb, int64_t now_ns,
                     const char **ret_line, size_t *ret_len, char *ret_id)
{
    const char *type = verb->type != NULL ? verb->type : event_words_find(words, "type");
    const char *at = event_words_find(words, "at"), *id = event_words_find(words, "id");
    char now[TIME_TEXT_BYTES], hex[2 * DIGEST_BYTES + 1];
    uint8_t digest[DIGEST_BYTES];
    if (type == NULL)
        return ctl_error("say which kind of event with --type, like takedown");
    time_text_format(now_ns, now);
    struct text body = text_into(words->body, sizeof words->body);
    text_literal(&body, "\"type\":");
    put_string(&body, type);
    text_member_string(&body, "at", at != NULL ? at : now);
    text_literal(&body, verb->fixed != NULL ? verb->fixed : "");
    int result = put_words(&body, words, verb);
    if (result != CTL_OK)
        return result;
    text_literal(&body, "}");
    digest_sha256(body.at, body.len, digest);
    digest_hex(digest, hex);
    int id_len = id != NULL ? snprintf(ret_id, EVENT_WORDS_ID_BYTES, "%s", id)
                            : snprintf(ret_id, EVENT_WORDS_ID_BYTES, "%.64s-%.32s", type, hex);
    struct text line = text_into(words->line, sizeof words->line);
    text_literal(&line, "{\"id\":");
    put_string(&line, ret_id);
    text_literal(&line, ",");
    text_raw(&line, body.at, body.len);
    if (body.overflow || line.overflow || id_len < 0 || id_len >= (int)EVENT_WORDS_ID_BYTES)
        return ctl_error("the event is too long: at most %u bytes, its id at most 128",
                         EVENT_LINE_BYTES_MAX);
    *ret_line = line.at;
    *ret_len = line.len;
    return CTL_OK;
}
