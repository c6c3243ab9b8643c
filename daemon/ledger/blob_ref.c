/*
 * Members of lines that name blobs, found by their spelling: record.c writes no space and escapes
 * each quote inside a string, so that `,"blob":"` cannot stand in one. What others sent stands in
 * the member event, which is the last: nothing behind its beginning counts.
 */
#include "daemon/ledger/blob_ref.h"

#include <string.h>

/* What follows a member's key in the line's own members; NULL: it has none. */
static const char *member(const char *line, size_t len, const char *key)
{
    static const char event[] = ",\"event\":{";
    const char *at = memmem(line, len, key, strlen(key));

    if (at == NULL || memmem(line, (size_t)(at - line), event, sizeof(event) - 1) != NULL)
        return NULL;
    return at + strlen(key);
}

bool blob_ref_kept(enum record_kind kind, const char *line, size_t len,
                   uint8_t ret_sha256[DIGEST_BYTES])
{
    if (kind != RECORD_SIGHTING)
        return false;
    const char *blob = member(line, len, ",\"blob\":\"");
    if (blob == NULL || member(line, len, ",\"blob_kept\":true") == NULL)
        return false;
    return digest_parse(blob, (size_t)(line + len - blob), ret_sha256);
}

const char *blob_ref_merchant(const char *line, size_t len, size_t *ret_len)
{
    const char *at = member(line, len, ",\"merchant\":\""), *end = at;

    while (end != NULL && end < line + len && *end != '"')
        end += *end == '\\' ? 2 : 1;
    *ret_len = end != NULL && end < line + len ? (size_t)(end - at) : 0;
    return at;
}

bool blob_ref_hold(enum record_kind kind, const char *line, size_t len,
                   enum blob_ref_scope *ret_scope, bool *ret_held)
{
    if (kind != RECORD_HOLD)
        return false;
    *ret_scope = member(line, len, ",\"scope\":\"merchant\"") != NULL ? BLOB_REF_MERCHANT
                 : member(line, len, ",\"scope\":\"ledger\"") != NULL ? BLOB_REF_LEDGER
                                                                      : BLOB_REF_BLOBS;
    *ret_held = member(line, len, ",\"held\":false,") == NULL;
    return true;
}

void blob_ref_write_list(struct text *text, const uint8_t (*list)[DIGEST_BYTES], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        text_literal(text, i == 0 ? ",\"blobs\":[\"sha256:" : ",\"sha256:");
        text_hex(text, list[i], DIGEST_BYTES);
        text_literal(text, "\"");
    }
    text_literal(text, "]");
}

size_t blob_ref_list(enum record_kind kind, const char *line, size_t len,
                     uint8_t ret_list[BLOB_REF_LIST_MAX][DIGEST_BYTES])
{
    const char *at =
        kind == RECORD_HOLD || kind == RECORD_ERASE ? member(line, len, ",\"blobs\":[\"") : NULL;
    size_t count = 0;

    while (at != NULL && count < BLOB_REF_LIST_MAX) {
        size_t left = (size_t)(line + len - at);
        if (!digest_parse(at, left, ret_list[count]))
            break;
        count++;
        at += DIGEST_TEXT_BYTES;
        left -= DIGEST_TEXT_BYTES;
        if (left < 3 || memcmp(at, "\",\"", 3) != 0)
            break;
        at += 3;
    }
    return count;
}
