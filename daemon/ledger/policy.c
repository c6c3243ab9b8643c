/*
 * Trust policies. Knows no checkpoint's text, only who signed it.
 *
 *   log <vkey> [<url>]
 *   witness <name> <vkey> [<url>]
 *   group <name> all|any|<k> <name>...
 *   quorum <name>|none                  exactly once
 *
 * A line is words between spaces and tabs; empty ones and those that begin with # are ignored.
 * Names are bytes, defined before they are used, each a member of one group at most, so that no
 * witness counts twice.
 */
#include "daemon/ledger/policy.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#define POLICY_WORDS_MAX (POLICY_NAMES_MAX + 3u)

static_assert(POLICY_NAMES_MAX <= 64, "a name is a bit");

struct word {
    const char *at;
    size_t len;
};

struct policy_line {
    struct word words[POLICY_WORDS_MAX];
    size_t count;
};

/* What is only needed while reading. */
struct policy_parser {
    struct policy *policy;
    bool quorum_given;
    uint64_t used; /* bit i: names[i] is a member of a group */
};

static bool word_is(const struct word *word, const char *text)
{
    return word->len == strlen(text) && memcmp(word->at, text, word->len) == 0;
}

static enum tlog_fault split(const char *line, size_t len, struct policy_line *ret_line)
{
    size_t at = 0;

    ret_line->count = 0;
    while (at < len) {
        size_t begin = at;
        while (at < len && line[at] != ' ' && line[at] != '\t')
            at++;
        if (at == begin) {
            at++;
            continue;
        }
        if (ret_line->count == 0 && line[begin] == '#')
            return TLOG_OK;
        if (ret_line->count == POLICY_WORDS_MAX)
            return TLOG_TOO_MANY;
        ret_line->words[ret_line->count++] = (struct word){line + begin, at - begin};
    }
    return TLOG_OK;
}

/* The index of a name; POLICY_NAMES_MAX when it is not defined. */
static size_t find_name(const struct policy *policy, const struct word *word)
{
    for (size_t i = 0; i < policy->names_count; i++) {
        const struct policy_name *name = &policy->names[i];
        if (name->name_len == word->len && memcmp(name->name, word->at, word->len) == 0)
            return i;
    }
    return POLICY_NAMES_MAX;
}

static enum tlog_fault new_name(struct policy *policy, const struct word *word,
                                struct policy_name **ret_name)
{
    if (word_is(word, "none"))
        return TLOG_BAD_NAME;
    if (find_name(policy, word) < POLICY_NAMES_MAX)
        return TLOG_TWICE;
    if (policy->names_count == POLICY_NAMES_MAX)
        return TLOG_TOO_MANY;
    struct policy_name *name = &policy->names[policy->names_count];
    *name = (struct policy_name){.name = word->at, .name_len = word->len};
    *ret_name = name;
    return TLOG_OK;
}

static enum tlog_fault parse_log(struct policy *policy, const struct policy_line *line)
{
    struct note_key key;

    if (line->count < 2 || line->count > 3)
        return TLOG_BAD_WORD;
    enum tlog_fault fault = note_key_parse(line->words[1].at, line->words[1].len, &key);
    if (fault != TLOG_OK)
        return fault;
    if (key.type != NOTE_KEY_ED25519)
        return TLOG_BAD_KEY_TYPE;
    for (size_t i = 0; i < policy->logs_count; i++)
        if (memcmp(policy->logs[i].public_key, key.public_key, NOTE_KEY_BYTES) == 0)
            return TLOG_TWICE;
    if (policy->logs_count == POLICY_LOGS_MAX)
        return TLOG_TOO_MANY;
    policy->logs[policy->logs_count++] = key;
    return TLOG_OK;
}

static enum tlog_fault parse_witness(struct policy *policy, const struct policy_line *line)
{
    struct policy_name *name = NULL;

    if (line->count < 3 || line->count > 4)
        return TLOG_BAD_WORD;
    enum tlog_fault fault = new_name(policy, &line->words[1], &name);
    if (fault == TLOG_OK)
        fault = note_key_parse(line->words[2].at, line->words[2].len, &name->key);
    if (fault != TLOG_OK)
        return fault;
    if (name->key.type != NOTE_KEY_COSIGNATURE)
        return TLOG_BAD_KEY_TYPE;
    for (size_t i = 0; i < policy->names_count; i++)
        if (!policy->names[i].group &&
            memcmp(policy->names[i].key.public_key, name->key.public_key, NOTE_KEY_BYTES) == 0)
            return TLOG_TWICE;
    policy->names_count++;
    return TLOG_OK;
}

/* all, any, or a number from 1 to the number of members. */
static bool parse_threshold(const struct word *word, uint32_t members, uint32_t *ret_threshold)
{
    uint32_t number = 0;

    if (word_is(word, "all") || word_is(word, "any")) {
        *ret_threshold = word_is(word, "any") ? 1 : members;
        return true;
    }
    if (word->len > 2 || word->at[0] == '0')
        return false;
    for (size_t i = 0; i < word->len; i++) {
        if (word->at[i] < '0' || word->at[i] > '9')
            return false;
        number = number * 10 + (uint32_t)(word->at[i] - '0');
    }
    *ret_threshold = number;
    return number >= 1 && number <= members;
}

static enum tlog_fault parse_group(struct policy_parser *parser, const struct policy_line *line)
{
    struct policy *policy = parser->policy;
    struct policy_name *name = NULL;

    if (line->count < 4)
        return TLOG_BAD_GROUP;
    enum tlog_fault fault = new_name(policy, &line->words[1], &name);
    if (fault != TLOG_OK)
        return fault;
    name->group = true;
    if (!parse_threshold(&line->words[2], (uint32_t)(line->count - 3), &name->threshold))
        return TLOG_BAD_GROUP;
    for (size_t i = 3; i < line->count; i++) {
        size_t member = find_name(policy, &line->words[i]);
        if (member == POLICY_NAMES_MAX)
            return TLOG_UNKNOWN_NAME;
        if ((parser->used >> member & 1) != 0)
            return TLOG_TWICE;
        parser->used |= 1ull << member;
        name->members |= 1ull << member;
    }
    policy->names_count++;
    return TLOG_OK;
}

static enum tlog_fault parse_quorum(struct policy_parser *parser, const struct policy_line *line)
{
    if (line->count != 2)
        return TLOG_BAD_WORD;
    if (parser->quorum_given)
        return TLOG_TWICE;
    parser->quorum_given = true;
    parser->policy->quorum = POLICY_QUORUM_NONE;
    if (word_is(&line->words[1], "none"))
        return TLOG_OK;
    size_t name = find_name(parser->policy, &line->words[1]);
    if (name == POLICY_NAMES_MAX)
        return TLOG_UNKNOWN_NAME;
    parser->policy->quorum = (uint32_t)name;
    return TLOG_OK;
}

static enum tlog_fault parse_line(struct policy_parser *parser, const char *bytes, size_t len)
{
    struct policy_line line;

    for (size_t i = 0; i < len; i++)
        if (((unsigned char)bytes[i] < 0x20 && bytes[i] != '\t') || bytes[i] == 0x7f)
            return TLOG_CONTROL;
    enum tlog_fault fault = split(bytes, len, &line);
    if (fault != TLOG_OK || line.count == 0)
        return fault;
    if (word_is(&line.words[0], "log"))
        return parse_log(parser->policy, &line);
    if (word_is(&line.words[0], "witness"))
        return parse_witness(parser->policy, &line);
    if (word_is(&line.words[0], "group"))
        return parse_group(parser, &line);
    if (word_is(&line.words[0], "quorum"))
        return parse_quorum(parser, &line);
    return TLOG_BAD_WORD;
}

enum tlog_fault policy_parse(const char *bytes, size_t len, struct policy *ret_policy,
                             size_t *reterr_line)
{
    struct policy_parser parser = {.policy = ret_policy};
    const char *at = bytes, *end = bytes + len;

    ret_policy->logs_count = 0;
    ret_policy->names_count = 0;
    *reterr_line = 0;
    if (len > POLICY_BYTES_MAX)
        return TLOG_TOO_LONG;
    for (size_t number = 1; at < end; number++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        enum tlog_fault fault =
            newline == NULL ? TLOG_CUT : parse_line(&parser, at, (size_t)(newline - at));
        if (fault != TLOG_OK) {
            *reterr_line = number;
            return fault;
        }
        at = newline + 1;
    }
    return parser.quorum_given ? TLOG_OK : TLOG_NO_QUORUM_LINE;
}

static enum tlog_fault check_logs(const struct policy *policy, const struct note *note,
                                  size_t *ret_log)
{
    enum tlog_fault found = policy->logs_count == 0 ? TLOG_OK : TLOG_UNKNOWN_KEY;

    *ret_log = policy->logs_count;
    for (size_t i = 0; i < policy->logs_count; i++) {
        enum tlog_fault fault = note_verify(note, &policy->logs[i], NULL);
        if (fault == TLOG_BAD_SIGNATURE)
            return fault;
        if (fault == TLOG_OK && found != TLOG_OK) {
            found = TLOG_OK;
            *ret_log = i;
        }
    }
    return found;
}

enum tlog_fault policy_check(const struct policy *policy, const struct note *note,
                             struct policy_verdict *ret_verdict)
{
    struct policy_verdict verdict = {0};
    enum tlog_fault fault = check_logs(policy, note, &verdict.log);

    if (fault != TLOG_OK)
        return fault;
    /* Members stand before their groups. */
    for (size_t i = 0; i < policy->names_count; i++) {
        const struct policy_name *name = &policy->names[i];
        uint64_t time = 0;
        bool witnessed;
        if (name->group) {
            uint64_t members = verdict.witnessed & name->members;
            witnessed = (uint32_t)__builtin_popcountll(members) >= name->threshold;
        } else {
            fault = note_verify(note, &name->key, &time);
            if (fault == TLOG_BAD_SIGNATURE)
                return fault;
            witnessed = fault == TLOG_OK;
            verdict.latest = time > verdict.latest ? time : verdict.latest;
        }
        verdict.witnessed |= (uint64_t)witnessed << i;
    }
    if (policy->quorum != POLICY_QUORUM_NONE && (verdict.witnessed >> policy->quorum & 1) == 0)
        return TLOG_NO_QUORUM;
    *ret_verdict = verdict;
    return TLOG_OK;
}
