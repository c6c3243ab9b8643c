/*
 * Lines of events: each is decoded or refused with a reason, its texts lie within what is promised,
 * and whatever was taken makes a set in which findings can be found, and are one JSON object each.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/findings_print.h"
#include "daemon/event.h"
#include "daemon/knowledge/knowledge.h"
#include "daemon/ledger/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static int take(void *context, const struct knowledge_finding *finding)
{
    static char bytes[1u << 20];
    struct text text = text_into(bytes, sizeof bytes);
    (void)context;
    findings_json(&text, finding, NULL);
    check(text.overflow || shape_is_object(bytes, text.len));
    return 0;
}

static void check_event(const struct knowledge_event *event)
{
    check(event->id.len >= 1 && event->id.len <= EVENT_ID_BYTES_MAX);
    check(event->kind < KNOWLEDGE_KINDS_COUNT);
    check(event->part <= event->parts);
    check(event->unc_ms <= KNOWLEDGE_UNC_MS_MAX);
    for (size_t i = 0; i < event->listings.count; i++)
        check(event->listings.at[i].len >= 1 && event->listings.at[i].len <= EVENT_TEXT_BYTES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct knowledge_filter all = {0};
    static struct event_decoder *decoder;
    struct knowledge *knowledge = knowledge_open(1);
    if (decoder == NULL)
        decoder = event_open();
    check(decoder != NULL);
    check(knowledge != NULL);
    for (size_t at = 0; at < size;) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t len = (end == NULL ? size : (size_t)(end - data)) - at;
        struct knowledge_event event;
        struct reject reject = {0};
        char *line = calloc(1, len + JSON_SLACK_BYTES); /* of exact size: a read past it is seen */
        check(line != NULL);
        memcpy(line, data + at, len);
        if (event_decode(decoder, line, len, false, &event, &reject) == REJECT_NONE) {
            check_event(&event);
            check(knowledge_add(knowledge, &event) == 0);
        } else {
            check(reject.code != REJECT_NONE);
        }
        free(line);
        at += len + 1;
    }
    check(knowledge_build(knowledge) == 0);
    check(knowledge_findings(knowledge, &all, take, NULL) == 0);
    check(knowledge_close(knowledge) == NULL);
    return 0;
}
