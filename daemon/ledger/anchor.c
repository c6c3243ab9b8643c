/*
 * The anchor record's members, in this order:
 *
 *   size, root, type, token_sha256, gen_time, serial, policy_oid, tsa, nonce, file
 *
 * serial, policy_oid and nonce only of a token. Knows no token and no signature.
 */
#include "daemon/ledger/anchor.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/time_text.h"

static const char *const type_names[ANCHOR_TYPES_COUNT] = {"rfc3161", "cosig"};

const char *anchor_type_name(enum anchor_type type)
{
    assert((unsigned)type < ANCHOR_TYPES_COUNT);
    return type_names[type];
}

static bool consists_of(const char *text, const char *alphabet)
{
    return text[strspn(text, alphabet)] == '\0';
}

static bool is_hex(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && len % 2 == 0 && consists_of(text, "0123456789abcdef");
}

static bool file_is_ours(const struct anchor *anchor)
{
    char folder[ANCHOR_FILE_BYTES];
    int len = snprintf(folder, sizeof(folder), "anchors/%" PRIu64 "/", anchor->size);
    const char *name = anchor->file + len;

    return strncmp(anchor->file, folder, (size_t)len) == 0 && name[0] != '\0' && name[0] != '.' &&
           consists_of(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
}

const char *anchor_wrong(const struct anchor *anchor)
{
    bool token = anchor->type == ANCHOR_RFC3161;

    if (anchor->size > MERKLE_SIZE_MAX)
        return "size is no size of a tree";
    if (token ? !is_hex(anchor->serial) : anchor->serial[0] != '\0')
        return "serial must be hex, of a token only";
    if (token ? !is_hex(anchor->nonce) : anchor->nonce[0] != '\0')
        return "nonce must be hex, of a token only";
    if (token ? anchor->policy_oid[0] == '\0' || !consists_of(anchor->policy_oid, "0123456789.")
              : anchor->policy_oid[0] != '\0')
        return "policy_oid must be digits and dots, of a token only";
    if (anchor->tsa[0] == '\0')
        return "tsa is empty";
    if (!file_is_ours(anchor))
        return "file must be anchors/<size>/<name>";
    return NULL;
}

void anchor_format(struct text *out, const struct anchor *anchor)
{
    assert(anchor_wrong(anchor) == NULL);
    text_member_u64(out, "size", anchor->size);
    text_member_sha256(out, "root", anchor->root.bytes);
    text_member_string(out, "type", anchor_type_name(anchor->type));
    text_member_sha256(out, "token_sha256", anchor->token_sha256);
    text_member_time(out, "gen_time", anchor->gen_time_ns);
    if (anchor->type == ANCHOR_RFC3161) {
        text_member_string(out, "serial", anchor->serial);
        text_member_string(out, "policy_oid", anchor->policy_oid);
    }
    text_member_string(out, "tsa", anchor->tsa);
    if (anchor->type == ANCHOR_RFC3161)
        text_member_string(out, "nonce", anchor->nonce);
    text_member_string(out, "file", anchor->file);
}

/* A place in the line being read; any mismatch is sticky. */
struct anchor_reader {
    const char *at, *end;
    bool bad;
};

/* Moves behind the next place where the literal stands. */
static void seek(struct anchor_reader *reader, const char *literal)
{
    size_t len = strlen(literal);
    const char *found =
        reader->bad ? NULL : memmem(reader->at, (size_t)(reader->end - reader->at), literal, len);

    reader->bad = found == NULL;
    if (found != NULL)
        reader->at = found + len;
}

/* The bytes before the next quote, which is taken too. */
static void take_string(struct anchor_reader *reader, char *ret_text, size_t room)
{
    const char *quote =
        reader->bad ? NULL : memchr(reader->at, '"', (size_t)(reader->end - reader->at));

    reader->bad = quote == NULL || (size_t)(quote - reader->at) >= room;
    if (reader->bad)
        return;
    size_t len = (size_t)(quote - reader->at);
    memcpy(ret_text, reader->at, len);
    ret_text[len] = '\0';
    reader->at = quote + 1;
}

static void take_size(struct anchor_reader *reader, uint64_t *ret_size)
{
    uint64_t size = 0;
    const char *begin = reader->at;

    for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++) {
        uint64_t digit = (uint64_t)(*reader->at - '0');
        if (size > (MERKLE_SIZE_MAX - digit) / 10)
            reader->bad = true;
        size = reader->bad ? 0 : size * 10 + digit;
    }
    reader->bad = reader->bad || reader->at == begin || (begin[0] == '0' && reader->at > begin + 1);
    *ret_size = size;
}

static void take_sha256(struct anchor_reader *reader, uint8_t ret_digest[32])
{
    char hex[65] = "";

    take_string(reader, hex, sizeof(hex));
    reader->bad = reader->bad || strlen(hex) != 64 || !text_hex_read(hex, ret_digest, 32);
}

int anchor_parse(const char *line, size_t len, struct anchor *ret_anchor)
{
    struct anchor_reader reader = {.at = line, .end = line + len};
    struct anchor anchor = {.size = 0};
    char type[16] = "", time[TIME_TEXT_BYTES] = "";

    /* The common fields have no member of this name, and a quote within a string is escaped. */
    seek(&reader, ",\"size\":");
    take_size(&reader, &anchor.size);
    seek(&reader, ",\"root\":\"sha256:");
    take_sha256(&reader, anchor.root.bytes);
    seek(&reader, ",\"type\":\"");
    take_string(&reader, type, sizeof(type));
    seek(&reader, ",\"token_sha256\":\"sha256:");
    take_sha256(&reader, anchor.token_sha256);
    seek(&reader, ",\"gen_time\":\"");
    take_string(&reader, time, sizeof(time));
    seek(&reader, ",\"file\":\"");
    take_string(&reader, anchor.file, sizeof(anchor.file));
    if (reader.bad || reader.at + 1 != reader.end || *reader.at != '}' ||
        time_text_parse(time, strlen(time), &anchor.gen_time_ns) < 0 || !file_is_ours(&anchor))
        return -EBADMSG;
    for (unsigned i = 0; i < ANCHOR_TYPES_COUNT; i++)
        if (strcmp(type, type_names[i]) == 0) {
            anchor.type = (enum anchor_type)i;
            *ret_anchor = anchor;
            return 0;
        }
    return -EBADMSG;
}
