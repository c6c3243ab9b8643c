/*
 * One event as the rules read it: decoded, borrowed, already validated (daemon/event.h does that).
 * Kinds and fields are those of the domain, section 1.3.
 */
#ifndef KNOWLEDGE_EVENT_H
#define KNOWLEDGE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KNOWLEDGE_DIGEST_BYTES 32u
#define KNOWLEDGE_UNC_MS_MAX   2678400000u /* 31 days; fits uint32_t */
#define KNOWLEDGE_SECONDS_MAX  3155760000  /* of grace, validity, spacing, window: 100 years */
#define KNOWLEDGE_SPACING_MAX  16u         /* steps of spacing between strikes */
#define KNOWLEDGE_LIST_MAX     65536u      /* listings or words of one event, parts joined */
#define KNOWLEDGE_PARTS_MAX    4096u       /* of one event (DESIGN 9.14) */
#define KNOWLEDGE_GRACE_S      86400       /* without a policy (DESIGN 9.17) */
#define KNOWLEDGE_DAYS_MAX     366         /* business days of a grace time, or a window */
#define KNOWLEDGE_DAYS_LISTED  2048u       /* holidays and worked days of one calendar */

enum knowledge_kind {
    KNOWLEDGE_OTHER = 0, /* no rule reads it; its id still counts for duplicates */
    KNOWLEDGE_ACCOUNT,
    KNOWLEDGE_CHANNEL,
    KNOWLEDGE_COUNTER_DECISION,
    KNOWLEDGE_COUNTER_FILED,
    KNOWLEDGE_COVERAGE,
    KNOWLEDGE_LISTING,
    KNOWLEDGE_MERCHANT_LINK,
    KNOWLEDGE_NOTICE_ACK,
    KNOWLEDGE_NOTICE_CORRECT,
    KNOWLEDGE_NOTICE_DECISION,
    KNOWLEDGE_NOTICE_RECEIVED,
    KNOWLEDGE_NOTICE_SENT,
    KNOWLEDGE_NOTICE_WITHDRAW,
    KNOWLEDGE_ORDER,
    KNOWLEDGE_ORDER_ACK,
    KNOWLEDGE_ORDER_DISMISSED,
    KNOWLEDGE_ORDER_PARTY,
    KNOWLEDGE_ORDER_SERVED,
    KNOWLEDGE_ORDER_VACATED,
    KNOWLEDGE_POLICY,
    KNOWLEDGE_RESTORE,
    KNOWLEDGE_SIGHTING,
    KNOWLEDGE_STRIKE,
    KNOWLEDGE_SUPPORT,
    KNOWLEDGE_TAKEDOWN,
    KNOWLEDGE_KINDS_COUNT,
};

/* The values of state, status, class, outcome, reason, action, gen and actor that a rule compares;
   every other allowed value is KNOWLEDGE_STATE_NONE. */
enum knowledge_state {
    KNOWLEDGE_STATE_NONE = 0,
    KNOWLEDGE_STATE_ACCEPTED,    /* counter.decision */
    KNOWLEDGE_STATE_ACTIVE,      /* sighting */
    KNOWLEDGE_STATE_ALGORITHMIC, /* support.gen */
    KNOWLEDGE_STATE_ASSERTED,    /* merchant.link */
    KNOWLEDGE_STATE_CLOSED,      /* account */
    KNOWLEDGE_STATE_COUNTER,     /* coverage.kind */
    KNOWLEDGE_STATE_CRAWL,       /* coverage.kind */
    KNOWLEDGE_STATE_DESIGNATED,  /* channel.class */
    KNOWLEDGE_STATE_ERROR,    /* notice.withdraw.reason error or duplicate: void from the start */
    KNOWLEDGE_STATE_GONE,     /* sighting */
    KNOWLEDGE_STATE_HUMAN,    /* support.gen */
    KNOWLEDGE_STATE_ISSUED,   /* strike.action */
    KNOWLEDGE_STATE_PLATFORM, /* restore.actor */
    KNOWLEDGE_STATE_REJECTED, /* notice.decision, counter.decision */
    KNOWLEDGE_STATE_REVOKED,  /* strike.action */
    KNOWLEDGE_STATE_TRANSFERRED, /* account: merchant.transfer, it has another owner since */
    KNOWLEDGE_STATE_UPHELD,      /* notice.decision */
    KNOWLEDGE_STATE_VERIFIED,    /* merchant.link */
};

/* UTF-8 without NULs, compared by bytes; at == NULL: not there. */
struct knowledge_text {
    const char *at;
    size_t len;
};

struct knowledge_texts {
    const struct knowledge_text *at;
    size_t count;
    bool given; /* false: the member is not there, which is not the same as an empty list */
};

/* Which days are worked (daemon/knowledge/calendar.h). */
struct knowledge_calendar {
    int32_t offset_s;            /* of its zone, east of UTC */
    unsigned weekend;            /* bits 1 << weekday, 0 is Monday; not all seven */
    int32_t from_day, until_day; /* what it covers, both included; days since 1970-01-01 */
    const int32_t *exceptions;   /* ascending, each once: holidays on working days, worked days of
                                    a weekend */
    size_t exceptions_count;
};

struct knowledge_policy {
    int64_t grace_s;
    int64_t grace_days, counter_days; /* business days, in place of the seconds; 0: not given */
    bool has_calendar;                /* always, when one of them is given */
    struct knowledge_calendar calendar;
    bool has_strike; /* false: strikes are not computable under it */
    int64_t threshold, validity_s, counter_window_s;
    int64_t per_right, per_kind; /* thresholds of strikes against one right, of one kind; 0: none */
    bool transfer_carries;       /* strikes stay with an account that is transferred (domain 2.3) */
    bool lapse;                  /* established: also by the lapse of the counter-notice's window */
    size_t spacing_count;
    bool spacing_in_days; /* business days; else seconds */
    int64_t spacing[KNOWLEDGE_SPACING_MAX];
    struct knowledge_texts kinds;
};

struct knowledge_event {
    enum knowledge_kind kind;
    enum knowledge_state state;
    struct knowledge_text id;
    uint64_t seq;    /* of the record that holds it: to be told, never to be reckoned with */
    int64_t at_ns;   /* UTC; the middle of [at - unc, at + unc] */
    uint32_t unc_ms; /* <= KNOWLEDGE_UNC_MS_MAX */
    struct knowledge_text platform, listing, merchant;
    struct knowledge_text subject;   /* the notice, order, strike or channel it is about */
    struct knowledge_text other;     /* merchant.link: b (merchant is a); merchant.transfer: to;
                                        notice.sent: its channel */
    struct knowledge_text word;      /* notice.sent, support: kind */
    struct knowledge_text right;     /* notice.sent */
    struct knowledge_texts listings; /* notice.correct: what it adds */
    struct knowledge_texts words;    /* notice.sent, notice.correct: has; policy: required */
    struct knowledge_policy policy;  /* of kind policy only */
    int64_t from_ns, to_ns;          /* coverage */
    bool expires;                    /* order: at to_ns */
    bool selective;                  /* support: chosen for this one, as is recorded */
    bool live;                       /* sighting: via page, api or platform */
    bool after_counter;              /* restore: reason counter_accepted */
    uint32_t part, parts;            /* from 1, of how many; parts == 0: whole (DESIGN 9.14) */
    uint8_t rest[KNOWLEDGE_DIGEST_BYTES]; /* of its canonical body without `listings` and `part` */
};

#endif
