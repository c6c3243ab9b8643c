/*
 * Any bytes, as a WARC, in pieces of any size: the same records and lines as in one piece; every
 * line is one line of JSON. The first byte chooses the pieces.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/capture.h"
#include "daemon/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
    uint64_t lines, damaged, sum;
};

static struct warc *warc;
static struct capture *capture;
static struct json_parser *parser;

static void take(struct warc_record *record, struct result *result)
{
    static char text[CAPTURE_LINE_BYTES_MAX + JSON_SLACK_BYTES];
    const char *line = NULL;
    size_t len = capture_line(capture, record, &line);
    struct json_value root;
    bool surrogate;
    result->damaged += record->damage != NULL;
    result->sum = result->sum * 31 + record->offset;
    if (len == 0)
        return;
    if (memchr(line, '\n', len) != line + len - 1)
        abort();
    memcpy(text, line, len);
    if (json_parse(parser, text, len - 1, &root, &surrogate) != JSON_OK)
        abort();
    result->lines++;
    for (size_t i = 0; i < len; i++)
        result->sum = result->sum * 31 + (unsigned char)line[i];
}

static struct result feed(const char *bytes, size_t len, size_t piece)
{
    struct result result = {0};
    struct warc_record record;
    warc_start(warc);
    for (size_t at = 0; at < len;) {
        size_t some = len - at < piece ? len - at : piece, taken = 0;
        if (warc_next(warc, bytes + at, some, at, false, &taken, &record))
            take(&record, &result);
        if (taken == 0 || taken > some)
            abort();
        at += taken;
    }
    if (warc_cut(warc, "end", &record))
        take(&record, &result);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (warc == NULL) {
        warc = warc_open();
        capture = capture_open();
        parser = json_open();
    }
    if (size < 2 || warc == NULL || capture == NULL || parser == NULL)
        return 0;
    const char *bytes = (const char *)data + 1;
    struct result whole = feed(bytes, size - 1, SIZE_MAX);
    struct result pieces = feed(bytes, size - 1, (size_t)data[0] + 1);
    if (memcmp(&whole, &pieces, sizeof whole) != 0)
        abort();
    return 0;
}
