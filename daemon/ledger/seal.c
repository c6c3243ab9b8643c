/*
 * Requests and answers of the sealer. Knows no socket and no key.
 *
 * A request:
 *   seal v1
 *   old <size>              decimal; 0: nothing was sealed before
 *   <base64 of a hash>      none or more: the consistency proof (RFC 9162, 2.1.4)
 *   <blank line>
 *   <checkpoint text>       its three lines (C2SP tlog-checkpoint), which are what is signed
 *
 * From the second line on that is the body of add-checkpoint (C2SP tlog-witness), but for the
 * signature that is still to be made. An answer is one of:
 *   200                     and one more line: the signature line of the note
 *   409 <size> <base64>     what was sealed last, and its root
 *   <code> <reason>         the others of SEAL_STATUSES
 * Every line has its newline, and nothing follows the last one.
 */
#include "daemon/ledger/seal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/ledger/base64.h"
#include "daemon/ledger/tlog_line.h"

#define SEAL_HEADER      "seal v1"
#define SEAL_OLD         "old "
#define SEAL_CODE_DIGITS 3u
#define SEAL_DASH        "\xe2\x80\x94 "

static_assert(SEAL_ANSWER_BYTES_MAX >= SEAL_SIGNATURE_BYTES_MAX + 8 &&
                  SEAL_ANSWER_BYTES_MAX >= SEAL_REASON_BYTES_MAX + 8,
              "every answer fits");

static const unsigned codes[] = {
#define STATUS(symbol, code) code,
    SEAL_STATUSES(STATUS)
#undef STATUS
};

unsigned seal_status_code(enum seal_status status)
{
    assert(status < SEAL_STATUSES_COUNT);
    return codes[status];
}

size_t seal_request_format(void *out, size_t room, uint64_t old_size,
                           const struct merkle_hash *proof, size_t proof_count,
                           const char *checkpoint_text, size_t len)
{
    struct text text = text_into(out, room);

    assert(proof_count <= MERKLE_PROOF_MAX);
    text_literal(&text, SEAL_HEADER "\n" SEAL_OLD);
    text_u64(&text, old_size);
    text_literal(&text, "\n");
    for (size_t i = 0; i < proof_count; i++) {
        base64_encode(&text, proof[i].bytes, MERKLE_HASH_BYTES);
        text_literal(&text, "\n");
    }
    text_literal(&text, "\n");
    text_raw(&text, checkpoint_text, len);
    return text.overflow ? 0 : text.len;
}

enum tlog_fault seal_request_parse(const void *bytes, size_t len, struct seal_request *ret_request)
{
    struct tlog_lines lines = tlog_lines(bytes, len);
    struct seal_request *request = ret_request;

    if (!tlog_take_line(&lines) || lines.len != strlen(SEAL_HEADER) ||
        !tlog_line_begins(&lines, SEAL_HEADER))
        return TLOG_BAD_HEADER;
    if (!tlog_take_line(&lines) || !tlog_line_begins(&lines, SEAL_OLD) ||
        !tlog_line_number(&lines, strlen(SEAL_OLD), &request->old_size))
        return TLOG_BAD_SIZE;
    enum tlog_fault fault = tlog_take_proof(&lines, &request->proof);
    if (fault != TLOG_OK)
        return fault;
    request->text = lines.at;
    request->text_len = (size_t)(lines.end - lines.at);
    fault = checkpoint_parse(request->text, request->text_len, &request->checkpoint);
    if (fault == TLOG_OK && request->checkpoint.extended)
        fault = TLOG_BAD_EXTENSION;
    return fault;
}

static struct text begin_answer(void *out, size_t room, enum seal_status status)
{
    struct text text = text_into(out, room);

    text_u64(&text, seal_status_code(status));
    return text;
}

size_t seal_answer_format_signed(void *out, size_t room, const char *line, size_t len)
{
    struct text text = begin_answer(out, room, SEAL_SIGNED);

    assert(len > 0 && line[len - 1] == '\n');
    text_literal(&text, "\n");
    text_raw(&text, line, len);
    return text.overflow ? 0 : text.len;
}

size_t seal_answer_format_other_size(void *out, size_t room, uint64_t last_size,
                                     const struct merkle_hash *last_root)
{
    struct text text = begin_answer(out, room, SEAL_OTHER_SIZE);

    text_literal(&text, " ");
    text_u64(&text, last_size);
    text_literal(&text, " ");
    base64_encode(&text, last_root->bytes, MERKLE_HASH_BYTES);
    text_literal(&text, "\n");
    return text.overflow ? 0 : text.len;
}

static bool is_printable(char byte)
{
    return byte >= 0x20 && byte < 0x7f;
}

size_t seal_answer_format_refusal(void *out, size_t room, enum seal_status status,
                                  const char *reason)
{
    struct text text = begin_answer(out, room, status);
    size_t len = strnlen(reason, SEAL_REASON_BYTES_MAX);

    assert(status != SEAL_SIGNED);
    assert(status != SEAL_OTHER_SIZE);
    assert(len > 0);
    text_literal(&text, " ");
    for (size_t i = 0; i < len; i++)
        text_raw(&text, is_printable(reason[i]) ? reason + i : "?", 1);
    text_literal(&text, "\n");
    return text.overflow ? 0 : text.len;
}

static int parse_signed(struct tlog_lines *lines, struct seal_answer *answer)
{
    if (lines->len != SEAL_CODE_DIGITS || !tlog_take_line(lines) ||
        !tlog_line_begins(lines, SEAL_DASH) || lines->len >= SEAL_SIGNATURE_BYTES_MAX)
        return -EBADMSG;
    answer->signature = lines->line;
    answer->signature_len = lines->len + 1;
    return 0;
}

static int parse_other_size(const char *rest, size_t len, struct seal_answer *answer)
{
    const char *space = len > 0 ? memchr(rest, ' ', len) : NULL;

    if (space == NULL)
        return -EBADMSG;
    const struct tlog_lines size = {.line = rest, .len = (size_t)(space - rest)};
    const struct tlog_lines root = {.line = space + 1, .len = (size_t)(rest + len - space - 1)};
    if (!tlog_line_number(&size, 0, &answer->last_size) ||
        !tlog_line_hash(&root, &answer->last_root))
        return -EBADMSG;
    return 0;
}

static int parse_refusal(const char *rest, size_t len, struct seal_answer *answer)
{
    if (len == 0 || len > SEAL_REASON_BYTES_MAX)
        return -EBADMSG;
    for (size_t i = 0; i < len; i++)
        if (!is_printable(rest[i]))
            return -EBADMSG;
    answer->reason = rest;
    answer->reason_len = len;
    return 0;
}

int seal_answer_parse(const void *bytes, size_t len, struct seal_answer *ret_answer)
{
    struct tlog_lines lines = tlog_lines(bytes, len);
    struct seal_answer answer = {.status = SEAL_STATUSES_COUNT};
    uint64_t code = 0;
    int error = 0;

    if (!tlog_take_line(&lines) || lines.len < SEAL_CODE_DIGITS)
        return -EBADMSG;
    const struct tlog_lines digits = {.line = lines.line, .len = SEAL_CODE_DIGITS};
    if (!tlog_line_number(&digits, 0, &code))
        return -EBADMSG;
    for (unsigned i = 0; i < SEAL_STATUSES_COUNT; i++)
        if (codes[i] == code)
            answer.status = (enum seal_status)i;
    if (answer.status == SEAL_STATUSES_COUNT)
        return -EBADMSG;
    if (answer.status == SEAL_SIGNED) {
        error = parse_signed(&lines, &answer);
    } else {
        if (lines.len == SEAL_CODE_DIGITS || lines.line[SEAL_CODE_DIGITS] != ' ')
            return -EBADMSG;
        const char *rest = lines.line + SEAL_CODE_DIGITS + 1;
        size_t rest_len = lines.len - SEAL_CODE_DIGITS - 1;
        error = answer.status == SEAL_OTHER_SIZE ? parse_other_size(rest, rest_len, &answer)
                                                 : parse_refusal(rest, rest_len, &answer);
    }
    if (error == 0 && lines.at != lines.end)
        error = -EBADMSG;
    if (error == 0)
        *ret_answer = answer;
    return error;
}
