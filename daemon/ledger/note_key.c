/*
 * Keys of signed notes. Knows no note.
 *
 *   vkey  <name>+<id>+<base64>               id: 8 hex digits; base64: type, 32 bytes of public key
 *   skey  PRIVATE+KEY+<name>+<id>+<base64>   the same with the 32 bytes of the seed
 *
 * A name has no "+", so the first two of them are the separators; base 64 may have some.
 */
#include "daemon/ledger/note_key.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "daemon/digest.h"
#include "daemon/ledger/base64.h"
#include "daemon/ledger/text.h"

#define KEY_ID_DIGITS    8u
#define KEY_MATTER_BYTES (1u + NOTE_KEY_BYTES) /* type and key */
#define KEY_SECRET       "PRIVATE+KEY+"

struct note_signer {
    struct note_key key;
    uint8_t seed[NOTE_KEY_BYTES];
    EVP_PKEY *pkey;
};

/* Whether Unicode calls it White_Space. */
static bool is_space(uint32_t point)
{
    return (point >= 0x09 && point <= 0x0d) || point == 0x20 || point == 0x85 || point == 0xa0 ||
           point == 0x1680 || (point >= 0x2000 && point <= 0x200a) || point == 0x2028 ||
           point == 0x2029 || point == 0x202f || point == 0x205f || point == 0x3000;
}

bool note_name_is_valid(const char *name, size_t len)
{
    size_t at = 0;

    if (len == 0 || len > NOTE_NAME_BYTES_MAX)
        return false;
    while (at < len) {
        uint32_t point;
        size_t step = text_decode(name + at, len - at, &point);
        bool broken = point == 0xfffd && (step != 3 || memcmp(name + at, "\xef\xbf\xbd", 3) != 0);
        if (broken || is_space(point) || point < 0x20 || point == 0x7f || point == '+')
            return false;
        at += step;
    }
    return true;
}

static bool type_is_known(uint8_t type)
{
    return type == NOTE_KEY_ED25519 || type == NOTE_KEY_COSIGNATURE;
}

/* First four bytes of SHA-256(name, newline, type, public key), big-endian. */
static uint32_t key_id(const char *name, size_t name_len, uint8_t type,
                       const uint8_t public_key[NOTE_KEY_BYTES])
{
    uint8_t bytes[NOTE_NAME_BYTES_MAX + 2 + NOTE_KEY_BYTES], digest[DIGEST_BYTES];

    assert(name_len <= NOTE_NAME_BYTES_MAX);
    memcpy(bytes, name, name_len);
    bytes[name_len] = '\n';
    bytes[name_len + 1] = type;
    memcpy(bytes + name_len + 2, public_key, NOTE_KEY_BYTES);
    digest_sha256(bytes, name_len + 2 + NOTE_KEY_BYTES, digest);
    return (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 |
           digest[3];
}

/* Lower-case, as they are written. */
static bool parse_id(const char *text, uint32_t *ret_id)
{
    uint32_t id = 0;

    for (size_t i = 0; i < KEY_ID_DIGITS; i++) {
        char digit = text[i];
        if (digit >= '0' && digit <= '9')
            id = id << 4 | (uint32_t)(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            id = id << 4 | (uint32_t)(digit - 'a' + 10);
        else
            return false;
    }
    *ret_id = id;
    return true;
}

/* Both forms from the name on; matter is the type and the key or seed. */
static enum tlog_fault parse(const char *text, size_t len, struct note_key *ret_key,
                             uint8_t ret_matter[KEY_MATTER_BYTES])
{
    size_t matter_len = 0;

    if (len > 0 && text[len - 1] == '\n')
        len--;
    const char *plus = len > 0 ? memchr(text, '+', len) : NULL;
    if (plus == NULL || (size_t)(text + len - plus) < 1 + KEY_ID_DIGITS + 1 ||
        plus[1 + KEY_ID_DIGITS] != '+')
        return TLOG_BAD_KEY;
    size_t name_len = (size_t)(plus - text);
    if (!note_name_is_valid(text, name_len))
        return TLOG_BAD_NAME;
    struct note_key key = {.name_len = name_len};
    memcpy(key.name, text, name_len);
    if (!parse_id(plus + 1, &key.id))
        return TLOG_BAD_KEY;
    const char *base64 = plus + 1 + KEY_ID_DIGITS + 1;
    uint8_t matter[NOTE_KEY_TEXT_BYTES_MAX];
    if (base64_decode(base64, (size_t)(text + len - base64), matter, sizeof(matter), &matter_len) <
            0 ||
        matter_len == 0)
        return TLOG_BAD_BASE64;
    if (!type_is_known(matter[0]))
        return TLOG_BAD_KEY_TYPE;
    if (matter_len != KEY_MATTER_BYTES)
        return TLOG_BAD_KEY;
    key.type = matter[0];
    memcpy(ret_matter, matter, KEY_MATTER_BYTES);
    OPENSSL_cleanse(matter, sizeof(matter));
    *ret_key = key;
    return TLOG_OK;
}

enum tlog_fault note_key_parse(const char *text, size_t len, struct note_key *ret_key)
{
    uint8_t matter[KEY_MATTER_BYTES];
    struct note_key key;
    enum tlog_fault fault = parse(text, len, &key, matter);

    if (fault != TLOG_OK)
        return fault;
    memcpy(key.public_key, matter + 1, NOTE_KEY_BYTES);
    if (key_id(key.name, key.name_len, key.type, key.public_key) != key.id)
        return TLOG_BAD_KEY_ID;
    *ret_key = key;
    return TLOG_OK;
}

static size_t format(const char *prefix, const struct note_key *key,
                     const uint8_t bytes[NOTE_KEY_BYTES], char ret_text[NOTE_KEY_TEXT_BYTES_MAX])
{
    struct text text = text_into(ret_text, NOTE_KEY_TEXT_BYTES_MAX - 1);
    uint8_t matter[KEY_MATTER_BYTES], id[4];

    for (unsigned i = 0; i < 4; i++)
        id[i] = (uint8_t)(key->id >> (24 - 8 * i));
    matter[0] = key->type;
    memcpy(matter + 1, bytes, NOTE_KEY_BYTES);
    text_literal(&text, prefix);
    text_raw(&text, key->name, key->name_len);
    text_literal(&text, "+");
    text_hex(&text, id, sizeof(id));
    text_literal(&text, "+");
    base64_encode(&text, matter, sizeof(matter));
    OPENSSL_cleanse(matter, sizeof(matter));
    assert(!text.overflow);
    ret_text[text.len] = '\0';
    return text.len;
}

size_t note_key_format(const struct note_key *key, char ret_text[NOTE_KEY_TEXT_BYTES_MAX])
{
    return format("", key, key->public_key, ret_text);
}

struct note_signer *note_signer_open(const char *name, size_t name_len, uint8_t type,
                                     const uint8_t seed[NOTE_KEY_BYTES])
{
    assert(note_name_is_valid(name, name_len));
    assert(type_is_known(type));
    struct note_signer *signer = calloc(1, sizeof(*signer));
    if (signer == NULL)
        return NULL;
    size_t len = NOTE_KEY_BYTES;
    signer->pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, NOTE_KEY_BYTES);
    if (signer->pkey == NULL ||
        EVP_PKEY_get_raw_public_key(signer->pkey, signer->key.public_key, &len) != 1)
        return note_signer_close(signer);
    memcpy(signer->seed, seed, NOTE_KEY_BYTES);
    memcpy(signer->key.name, name, name_len);
    signer->key.name_len = name_len;
    signer->key.type = type;
    signer->key.id = key_id(name, name_len, type, signer->key.public_key);
    return signer;
}

enum tlog_fault note_signer_parse(const char *text, size_t len, struct note_signer **ret_signer)
{
    const size_t prefix = strlen(KEY_SECRET);
    uint8_t matter[KEY_MATTER_BYTES];
    struct note_key key;

    if (len < prefix || memcmp(text, KEY_SECRET, prefix) != 0)
        return TLOG_BAD_KEY;
    enum tlog_fault fault = parse(text + prefix, len - prefix, &key, matter);
    if (fault != TLOG_OK)
        return fault;
    struct note_signer *signer = note_signer_open(key.name, key.name_len, key.type, matter + 1);
    OPENSSL_cleanse(matter, sizeof(matter));
    if (signer == NULL)
        return TLOG_TOO_LONG;
    if (signer->key.id != key.id) {
        (void)note_signer_close(signer); /* always NULL */
        return TLOG_BAD_KEY_ID;
    }
    *ret_signer = signer;
    return TLOG_OK;
}

size_t note_signer_format(const struct note_signer *signer, char ret_text[NOTE_KEY_TEXT_BYTES_MAX])
{
    return format(KEY_SECRET, &signer->key, signer->seed, ret_text);
}

const struct note_key *note_signer_key(const struct note_signer *signer)
{
    return &signer->key;
}

void note_signer_sign(const struct note_signer *signer, const void *bytes, size_t len,
                      uint8_t ret_signature[NOTE_ED25519_BYTES])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t written = NOTE_ED25519_BYTES;

    assert(context != NULL);
    int ok = EVP_DigestSignInit(context, NULL, NULL, NULL, signer->pkey);
    assert(ok == 1);
    ok = EVP_DigestSign(context, ret_signature, &written, bytes, len);
    assert(ok == 1);
    assert(written == NOTE_ED25519_BYTES);
    EVP_MD_CTX_free(context);
}

bool note_key_verify(const struct note_key *key, const void *bytes, size_t len,
                     const uint8_t signature[NOTE_ED25519_BYTES])
{
    EVP_PKEY *pkey =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->public_key, NOTE_KEY_BYTES);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = pkey != NULL && context != NULL &&
                EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) == 1 &&
                EVP_DigestVerify(context, signature, NOTE_ED25519_BYTES, bytes, len) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pkey);
    return good;
}

struct note_signer *note_signer_close(struct note_signer *signer)
{
    if (signer == NULL)
        return NULL;
    EVP_PKEY_free(signer->pkey);
    OPENSSL_secure_clear_free(signer, sizeof(*signer));
    return NULL;
}
