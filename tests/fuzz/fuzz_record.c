/*
 * A line is read only if writing what was read gives the same bytes; and whatever text goes in, the
 * JSON that comes out is ASCII and one object.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/record.h"
#include "daemon/ledger/shape.h"
#include "daemon/ledger/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void writes_what_it_read(const char *line, size_t len)
{
    static char again[RECORD_LINE_BYTES_MAX];
    struct record_head head;
    enum record_kind kind;

    if (record_decode_head(line, len, &head, &kind) < 0 || kind == RECORD_KINDS_COUNT)
        return;
    check(len < RECORD_LINE_BYTES_MAX);
    /* The body begins where an empty one would: the head is written alone to find that. */
    struct record_draft draft = {.kind = kind, .body = "}", .len = 1};
    size_t bare = record_encode(&head, &draft, again, sizeof(again));
    check(bare >= 2);
    check(bare - 2 < len);
    draft.body = line + (bare - 2);
    draft.len = len - (bare - 2);
    size_t written = record_encode(&head, &draft, again, sizeof(again));
    check(written == len + 1);
    check(memcmp(again, line, len) == 0);
    check(again[len] == '\n');
}

static void writes_ascii(const char *bytes, size_t len)
{
    size_t room = 6 * len + 16;
    char *out = malloc(room);
    check(out != NULL);
    struct text text = text_into(out, room);

    text_literal(&text, "{\"k\":");
    text_string(&text, bytes, len);
    text_literal(&text, "}");
    check(!text.overflow);
    check(shape_is_object(out, text.len));
    struct text cut = text_into(out, room);
    check(text_string_cut(&cut, bytes, len, len / 2) <= len / 2);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* An own copy of exact size, so that a read past the end is seen. */
    char *bytes = malloc(size > 0 ? size : 1);
    check(bytes != NULL);
    if (size > 0)
        memcpy(bytes, data, size);
    writes_what_it_read(bytes, size);
    writes_ascii(bytes, size);
    free(bytes);
    return 0;
}
