/*
 * Any bytes are read as a calendar's file: what is taken is a policy's member that an event with it
 * is decoded with; what is not names one of its lines.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/calendar.h"
#include "daemon/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(const struct text *calendar)
{
    static struct event_decoder *decoder;
    static char bytes[CALENDAR_JSON_MAX + 512 + JSON_SLACK_BYTES];
    struct knowledge_event event;
    struct reject reject = {0};
    struct text text = text_into(bytes, sizeof bytes - JSON_SLACK_BYTES);
    if (decoder == NULL)
        decoder = event_open();
    if (decoder == NULL)
        abort();
    text_literal(&text, "{\"id\":\"p\",\"type\":\"policy\",\"at\":\"2026-01-01T00:00:00Z\","
                        "\"platform\":\"P\",\"grace_business_days\":3,\"calendar\":");
    text_raw(&text, calendar->at, calendar->len);
    text_literal(&text, "}");
    if (event_decode(decoder, bytes, text.len, true, &event, &reject) != REJECT_NONE ||
        !event.policy.has_calendar)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char json[CALENDAR_JSON_MAX];
    char why[CALENDAR_WHY_BYTES];
    char *copy = malloc(size > 0 ? size : 1); /* so that a read past it is seen */
    struct text text = text_into(json, sizeof json);
    size_t line = SIZE_MAX;
    if (copy == NULL)
        abort();
    if (size > 0)
        memcpy(copy, data, size);
    if (calendar_parse(copy, size, &text, &line, why) == 0)
        decode(&text);
    else if (line > size + 1 || strlen(why) == 0)
        abort();
    free(copy);
    return 0;
}
