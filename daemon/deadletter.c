/*
 * Dead letters as text. The hash is of the bytes that the daemon had in hand: of the first
 * DEADLETTER_BYTES_KEPT_MAX of a longer line.
 */
#include "daemon/deadletter.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "daemon/digest.h"
#include "daemon/ledger/base64.h"
#include "daemon/ledger/shape.h"
#include "daemon/ledger/text.h"
#include "daemon/time_text.h"

static const char deadletter_begin[] = "{\"t\":\"";

static_assert(DEADLETTER_BYTES_KEPT_MAX / 3 * 4 + 8192 < (1u << 20), "an entry fits a batch");
static_assert(6 * (DEADLETTER_SOURCE_MAX + REJECT_DETAIL_BYTES) + 1024 < 8192, "and so its head");

size_t deadletter_encode(const struct writer_reject *head, const char *source, const char *bytes,
                         int64_t wall_ns, char *out)
{
    struct text text = text_into(out, DEADLETTER_LINE_BYTES_MAX);
    uint8_t digest[DIGEST_BYTES];
    char time[TIME_TEXT_BYTES];
    size_t len =
        head->bytes_len < DEADLETTER_BYTES_KEPT_MAX ? head->bytes_len : DEADLETTER_BYTES_KEPT_MAX;

    digest_sha256(bytes, len, digest);
    time_text_format(wall_ns, time);
    text_literal(&text, deadletter_begin);
    text_raw(&text, time, TIME_TEXT_BYTES - 1);
    text_literal(&text, "\",\"source\":");
    (void)text_string_cut(&text, source, head->source_len, DEADLETTER_SOURCE_MAX); /* cut is fine */
    text_member_u64(&text, "conn", head->connection);
    text_member_u64(&text, "line", head->line);
    text_member_u64(&text, "offset", head->offset);
    text_member_u64(&text, "len", head->line_bytes);
    text_member_sha256(&text, "sha256", digest);
    text_member_string(&text, "err", reject_code_name(head->reject.code));
    text_key(&text, "detail");
    text_string(&text, head->reject.detail, strnlen(head->reject.detail, REJECT_DETAIL_BYTES));
    if (head->kept) {
        text_literal(&text, ",\"bytes_b64\":\"");
        base64_encode(&text, (const uint8_t *)bytes, len);
        text_literal(&text, "\"");
    } else {
        text_literal(&text, ",\"kept\":false");
    }
    text_literal(&text, "}\n");
    assert(!text.overflow);
    return text.len;
}

size_t deadletter_lines(const char *bytes, size_t len, uint64_t *count, bool *ret_bad)
{
    const size_t begin = sizeof(deadletter_begin) - 1;
    size_t at = 0;

    *ret_bad = false;
    while (at < len) {
        const char *newline = memchr(bytes + at, '\n', len - at);
        if (newline == NULL) {
            *ret_bad = len - at >= DEADLETTER_LINE_BYTES_MAX;
            break;
        }
        size_t line = (size_t)(newline - (bytes + at));
        if (line < begin || memcmp(bytes + at, deadletter_begin, begin) != 0 ||
            !shape_is_object(bytes + at, line)) {
            *ret_bad = true;
            break;
        }
        at += line + 1;
        ++*count;
    }
    return at;
}

void deadletter_budget_open(struct deadletter_budget *ret_budget, uint64_t bytes_max, uint64_t used)
{
    uint64_t limit = bytes_max < INT64_MAX / 4 ? bytes_max : INT64_MAX / 4;
    uint64_t hashes = limit / 8;
    uint64_t over = used > limit ? used - limit : 0;

    atomic_init(&ret_budget->bytes, used < limit ? (int64_t)(limit - used) : 0);
    atomic_init(&ret_budget->hashes, over < hashes ? (int64_t)(hashes - over) : 0);
}

static bool take(_Atomic int64_t *budget, int64_t cost)
{
    int64_t left = atomic_load_explicit(budget, memory_order_relaxed);

    while (left >= cost) {
        if (atomic_compare_exchange_weak_explicit(budget, &left, left - cost, memory_order_relaxed,
                                                  memory_order_relaxed))
            return true;
    }
    return false;
}

bool deadletter_keep(struct deadletter_budget *budget, size_t len)
{
    if (len > DEADLETTER_BYTES_KEPT_MAX)
        len = DEADLETTER_BYTES_KEPT_MAX;
    return take(&budget->bytes, (int64_t)((len + 2) / 3 * 4 + DEADLETTER_HASH_BYTES));
}

bool deadletter_keep_hash(struct deadletter_budget *budget)
{
    return take(&budget->hashes, (int64_t)DEADLETTER_HASH_BYTES);
}
