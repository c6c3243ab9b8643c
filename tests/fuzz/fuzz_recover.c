/*
 * Any bytes as the last segment: what is found valid is valid again when it is read alone, whatever
 * the sizes of the pieces it is read in, and a verdict never lets durable bytes go.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/deadletter.h"
#include "daemon/ledger/position.h"
#include "daemon/ledger/recover.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static struct recover scan(const char *bytes, size_t len, uint64_t first, uint64_t deep_from,
                           size_t piece)
{
    struct recover recover = recover_begin(first, deep_from);
    size_t at = 0, step;

    do {
        size_t window = len - at < piece ? len - at : piece;
        step = recover_lines(&recover, bytes + at, window);
        check(step <= window);
        at += step;
    } while (step > 0 && recover.fault == RECOVER_FAULT_NONE);
    recover_finish(&recover, len - at);
    check(recover.fault == RECOVER_FAULT_PARTS ? recover.valid.end < at : recover.valid.end == at);
    check(recover.valid.next_seq == first + recover.valid.lines);
    return recover;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4)
        return 0;
    uint64_t first = data[0], durable_end = (uint64_t)data[1] << (data[2] % 16);
    size_t piece = RECORD_LINE_BYTES_MAX + (size_t)data[3] * 16;
    size_t len = size - 4;
    char *bytes = malloc(len > 0 ? len : 1);
    check(bytes != NULL);
    if (len > 0)
        memcpy(bytes, data + 4, len);

    struct recover recover = scan(bytes, len, first, 0, piece);
    struct recover whole = scan(bytes, len, first, 0, len + RECORD_LINE_BYTES_MAX);
    check(recover.valid.end == whole.valid.end && recover.valid.lines == whole.valid.lines);
    enum recover_verdict verdict = recover_verdict(&recover, len, durable_end, 1u << 20);
    check(verdict == RECOVER_DAMAGED || recover.valid.end >= durable_end);
    check(verdict != RECOVER_WHOLE || recover.valid.end == len);
    struct recover again = scan(bytes, (size_t)recover.valid.end, first, 0, piece);
    check(again.fault == RECOVER_FAULT_NONE && again.valid.lines == recover.valid.lines);

    struct record_head head;
    enum record_kind kind;
    if (recover.valid.lines > 0) {
        check(recover_last_line(bytes, (size_t)recover.valid.end, &head, &kind) == 0);
        check(head.seq == recover.valid.last.seq);
    }
    (void)recover_last_line(bytes, len, &head, &kind); /* only that it does not read past the end */
    struct position position;
    uint64_t generation, letters = 0;
    bool bad;
    (void)position_decode((const uint8_t *)bytes, len, &generation, &position); /* likewise */
    check(deadletter_lines(bytes, len, &letters, &bad) <= len);
    free(bytes);
    return 0;
}
