/*
 * Signed notes. Knows no checkpoint.
 *
 *   <text, one or more lines>
 *   <blank line: the last one of the note>
 *   U+2014 <space> <name> <space> <base64 of id and signature>      one line or more
 *
 * id: 32 bits, big-endian. What is signed is the text with its last newline, without the blank
 * line; by a witness (cosignature/v1) the lines "cosignature/v1" and "time <seconds>" before it,
 * and its signature is the 64 bits of that time, big-endian, then Ed25519's 64 bytes.
 *
 * Invariants of a note that is accepted:
 *   1. UTF-8, no control character but newline, and the last byte is a newline.
 *   2. Signatures of unknown keys are ignored, whatever is in them. A key is known by name and id.
 *   3. One bad signature of a known key, and the note is nothing.
 */
#include "daemon/ledger/note.h"

#include <assert.h>
#include <string.h>

#include "daemon/ledger/base64.h"

#define NOTE_DASH     "\xe2\x80\x94 "
#define NOTE_ID_BYTES 4u
#define NOTE_TIME_LEN 8u

static_assert(NOTE_TIME_LEN + NOTE_ED25519_BYTES <= NOTE_KEPT_BYTES, "a cosignature is kept");

static enum tlog_fault check_text(const char *bytes, size_t len)
{
    size_t at = 0;

    while (at < len) {
        uint32_t point;
        size_t step = text_decode(bytes + at, len - at, &point);
        if (point == 0xfffd && (step != 3 || memcmp(bytes + at, "\xef\xbf\xbd", 3) != 0))
            return TLOG_BAD_UTF8;
        if (point < 0x20 && point != '\n')
            return TLOG_CONTROL;
        at += step;
    }
    return TLOG_OK;
}

/* Where the signatures begin: behind the last blank line. NULL when there is none. */
static const char *find_signatures(const char *bytes, size_t len)
{
    for (size_t at = len - 1; at >= 2; at--)
        if (bytes[at - 1] == '\n' && bytes[at - 2] == '\n')
            return bytes + at;
    return NULL;
}

/* One line without its newline. */
static enum tlog_fault parse_signature(const char *line, size_t len,
                                       struct note_signature *ret_signature)
{
    const size_t dash = strlen(NOTE_DASH);
    uint8_t bytes[NOTE_SIGNATURE_LEN_MAX];
    size_t bytes_len = 0;

    if (len < dash || memcmp(line, NOTE_DASH, dash) != 0)
        return TLOG_BAD_SIGNATURE_LINE;
    const char *name = line + dash;
    const char *space = memchr(name, ' ', len - dash);
    if (space == NULL)
        return TLOG_BAD_SIGNATURE_LINE;
    struct note_signature signature = {.name = name, .name_len = (size_t)(space - name)};
    if (!note_name_is_valid(name, signature.name_len))
        return TLOG_BAD_NAME;
    const char *base64 = space + 1;
    if (base64_decode(base64, (size_t)(line + len - base64), bytes, sizeof(bytes), &bytes_len) < 0)
        return TLOG_BAD_BASE64;
    if (bytes_len <= NOTE_ID_BYTES)
        return TLOG_BAD_SIGNATURE_LINE;
    for (unsigned i = 0; i < NOTE_ID_BYTES; i++)
        signature.id = signature.id << 8 | bytes[i];
    signature.len = bytes_len - NOTE_ID_BYTES;
    memcpy(signature.bytes, bytes + NOTE_ID_BYTES,
           signature.len < NOTE_KEPT_BYTES ? signature.len : NOTE_KEPT_BYTES);
    *ret_signature = signature;
    return TLOG_OK;
}

enum tlog_fault note_parse(const char *bytes, size_t len, struct note *ret_note)
{
    if (len > NOTE_BYTES_MAX)
        return TLOG_TOO_LONG;
    enum tlog_fault fault = check_text(bytes, len);
    if (fault != TLOG_OK)
        return fault;
    if (len == 0 || bytes[len - 1] != '\n')
        return TLOG_CUT;
    const char *at = find_signatures(bytes, len), *end = bytes + len;
    if (at == NULL)
        return TLOG_NO_SIGNATURES;
    ret_note->text = bytes;
    ret_note->text_len = (size_t)(at - bytes) - 1;
    ret_note->count = 0;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        assert(newline != NULL);
        if (ret_note->count == NOTE_SIGNATURES_MAX)
            return TLOG_MANY_SIGNATURES;
        fault =
            parse_signature(at, (size_t)(newline - at), &ret_note->signatures[ret_note->count++]);
        if (fault != TLOG_OK)
            return fault;
        at = newline + 1;
    }
    return TLOG_OK;
}

/* What a witness signs. */
static struct text cosigned(char *out, size_t room, const char *text, size_t len, uint64_t time)
{
    struct text message = text_into(out, room);

    text_literal(&message, "cosignature/v1\ntime ");
    text_u64(&message, time);
    text_literal(&message, "\n");
    text_raw(&message, text, len);
    return message;
}

static bool signature_is_good(const struct note *note, const struct note_signature *signature,
                              const struct note_key *key, uint64_t *ret_time)
{
    uint64_t time = 0;

    *ret_time = 0;
    if (key->type == NOTE_KEY_ED25519)
        return signature->len == NOTE_ED25519_BYTES &&
               note_key_verify(key, note->text, note->text_len, signature->bytes);
    char bytes[NOTE_COSIGNED_BYTES_MAX + 64];
    if (signature->len != NOTE_TIME_LEN + NOTE_ED25519_BYTES)
        return false;
    for (unsigned i = 0; i < NOTE_TIME_LEN; i++)
        time = time << 8 | signature->bytes[i];
    struct text message = cosigned(bytes, sizeof(bytes), note->text, note->text_len, time);
    if (message.overflow || time > INT64_MAX)
        return false;
    *ret_time = time;
    return note_key_verify(key, bytes, message.len, signature->bytes + NOTE_TIME_LEN);
}

enum tlog_fault note_verify(const struct note *note, const struct note_key *key, uint64_t *ret_time)
{
    enum tlog_fault fault = TLOG_UNKNOWN_KEY;
    uint64_t time = 0, latest = 0;

    for (size_t i = 0; i < note->count; i++) {
        const struct note_signature *signature = &note->signatures[i];
        if (signature->id != key->id || signature->name_len != key->name_len ||
            memcmp(signature->name, key->name, key->name_len) != 0)
            continue;
        if (!signature_is_good(note, signature, key, &time))
            return TLOG_BAD_SIGNATURE;
        latest = time > latest ? time : latest;
        fault = TLOG_OK;
    }
    if (fault == TLOG_OK && ret_time != NULL)
        *ret_time = latest;
    return fault;
}

void note_put_signature(struct text *out, const struct note_signature *signature)
{
    uint8_t bytes[NOTE_ID_BYTES + NOTE_KEPT_BYTES];

    assert(signature->len <= NOTE_KEPT_BYTES);
    for (unsigned i = 0; i < NOTE_ID_BYTES; i++)
        bytes[i] = (uint8_t)(signature->id >> (24 - 8 * i));
    memcpy(bytes + NOTE_ID_BYTES, signature->bytes, signature->len);
    text_literal(out, NOTE_DASH);
    text_raw(out, signature->name, signature->name_len);
    text_literal(out, " ");
    base64_encode(out, bytes, NOTE_ID_BYTES + signature->len);
    text_literal(out, "\n");
}

void note_sign(struct text *out, const struct note_signer *signer, const char *text, size_t len,
               uint64_t time)
{
    const struct note_key *key = note_signer_key(signer);
    struct note_signature signature = {.name = key->name, .name_len = key->name_len, .id = key->id};
    size_t at = 0;

    if (key->type == NOTE_KEY_COSIGNATURE) {
        char message_bytes[NOTE_COSIGNED_BYTES_MAX + 64];
        assert(time <= INT64_MAX);
        struct text message = cosigned(message_bytes, sizeof(message_bytes), text, len, time);
        assert(!message.overflow);
        for (unsigned i = 0; i < NOTE_TIME_LEN; i++)
            signature.bytes[at++] = (uint8_t)(time >> (56 - 8 * i));
        note_signer_sign(signer, message.at, message.len, signature.bytes + at);
    } else {
        note_signer_sign(signer, text, len, signature.bytes + at);
    }
    signature.len = at + NOTE_ED25519_BYTES;
    note_put_signature(out, &signature);
}
