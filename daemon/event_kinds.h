/*
 * Which fields an event of each type has, in one table. Knows no JSON.
 */
#ifndef DAEMON_EVENT_KINDS_H
#define DAEMON_EVENT_KINDS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/knowledge/event.h"

enum event_form {
    EVENT_FORM_TEXT = 0, /* offset: of a struct knowledge_text */
    EVENT_FORM_TEXTS,    /* offset: of a struct knowledge_texts */
    EVENT_FORM_TIME,     /* offset: of an int64_t */
    EVENT_FORM_SECONDS,  /* offset: of an int64_t */
    EVENT_FORM_CHOICE,   /* one of choices; sets state */
    EVENT_FORM_VIA,      /* one of choices; sets live where its state is not NONE */
    EVENT_FORM_RESTORED, /* any text; sets after_counter */
    EVENT_FORM_BOOL,     /* offset: of a bool */
    EVENT_FORM_STRIKE,   /* the object of a policy */
    EVENT_FORM_CALENDAR, /* likewise */
};

enum event_need {
    EVENT_OPTIONAL = 0,
    EVENT_REQUIRED,
    EVENT_SCOPED, /* required at intake only (DESIGN 9.3) */
};

struct event_choice {
    const char *name;
    enum knowledge_state state;
};

struct event_field {
    const char *name; /* NULL ends a list */
    enum event_form form;
    enum event_need need;
    size_t offset;                      /* in struct knowledge_event */
    const struct event_choice *choices; /* ended by a row without name */
};

struct event_kind {
    const char *name;
    enum knowledge_kind kind;
    const struct event_field *fields;
    bool parts;                 /* may come in parts (DESIGN 9.14) */
    enum knowledge_state state; /* of each, unless a field says another */
};

/* The row of a type; NULL when it is not known. */
const struct event_kind *event_kind_find(const char *name, size_t len);

/* The members of a policy's object `strike`, but for its spacing. Its offsets, too, are in struct
   knowledge_event. */
extern const struct event_field event_strike_fields[];

#endif
