/*
 * What stands behind findings, told for itself: which records hold an event, what each notice came
 * to, and a merchant's strikes with their arithmetic. Pure; the set must be built. All that is
 * handed out dies with the next call, or with the set.
 */
#ifndef KNOWLEDGE_TELL_H
#define KNOWLEDGE_TELL_H

#include "daemon/knowledge/knowledge.h"

/* The seqs of the records that hold the event, ascending: several of one in parts, or one that was
   recorded again. Returns how many there are, of which at most `room` are written. */
size_t knowledge_seqs(const struct knowledge *knowledge, struct knowledge_text id,
                      uint64_t *ret_seqs, size_t room);

/* Takes the id of one event. Not 0 ends the walk with that value. */
typedef int knowledge_take_id(void *context, struct knowledge_text id);

/* The events about the notice of this name, in the order of time. 0, or what `take` returned. */
int knowledge_notice_ids(const struct knowledge *knowledge, struct knowledge_text notice,
                         knowledge_take_id *take, void *context);

/* Whether an order in the set names the merchant as a party. */
bool knowledge_is_party(const struct knowledge *knowledge, struct knowledge_text merchant);

/* Of a merchant in the next three: it, and all that verified links of the set join with it, by
   whichever of its names it is asked for (domain 2.1, act_connected). `take` may not ask the set
   for findings or strikes. */

/* What was another merchant's, and came to this one with his account as strikes do
   (succession.h). The text lives as long as the set. */
struct knowledge_came {
    struct knowledge_text from; /* at == NULL: nobody's but its own */
    bool sure;                  /* false: it may have been that one's */
};

typedef int knowledge_take_concern(void *context, struct knowledge_text id,
                                   const struct knowledge_came *came);

/* The events that concern the filter's merchant, or the listing of this name (on the filter's
   platform, or on the first that has one): what names it, all about its notices and orders, what
   came to it of other merchants' notices and strikes, with the transfers, and the policies,
   channels and coverage of their platforms; in the order of time. 0, what `take` returned, or
   -ENOMEM. */
int knowledge_concerns(struct knowledge *knowledge, const struct knowledge_filter *filter,
                       struct knowledge_text listing, knowledge_take_concern *take, void *context);

/* What is said to be complete of a platform, at some time or other. */
struct knowledge_covered {
    struct knowledge_text platform;
    bool counter, crawl; /* its counter-notices; crawls of it */
};

typedef int knowledge_take_covered(void *context, const struct knowledge_covered *covered);

/* Each platform that events are about, other than its own policies, channels and coverage: about
   the filter's merchant, or without one, with `parties`, about those of orders, and all that may be
   the same; or about any. Or the filter's platform. 0, what `take` returned, or -ENOMEM. */
int knowledge_coverage(struct knowledge *knowledge, const struct knowledge_filter *filter,
                       bool parties, knowledge_take_covered *take, void *context);

/* A listing stayed active: surely past the end of the grace time, or past the platform's own
   restore of it (which has no grace), and surely before the next removal. */
struct knowledge_persisted {
    int64_t from_ns, to_ns;      /* to_ns: the last live sighting, */
    struct knowledge_text to_id; /* which is this event */
};

/* A listing that a notice names, or that the platform named in answer to it. */
struct knowledge_noticed {
    struct knowledge_text listing, merchant; /* merchant.at == NULL: nobody registered it */
    struct knowledge_came came;              /* where one merchant's notices are asked for */
    bool effective;                          /* the platform was put on notice of it: */
    int64_t known_ns;                        /* since when, */
    uint32_t known_unc_ms;
    enum knowledge_reason grade;    /* KNOWLEDGE_REASON_GRADE_A, _B or _C, */
    enum knowledge_answer standing; /* whether the notice stands at the time asked about, */
    enum knowledge_reason why;      /* and why not; without effect: why it has none */
    /* When effective: the grace time, by the policy in force at known_ns, which one of later does
       not change: */
    struct knowledge_grace grace;
    bool removed, found_gone; /* the first removal after known_ns, if any: found_gone when it
                                 was only seen that it had gone */
    int64_t removed_ns;
    uint32_t removed_unc_ms;
    bool late;         /* removed surely after the grace time: what was only found gone after it had
                          to be seen live in between */
    bool late_unknown; /* found gone after the grace time, but it may have gone within it */
    bool active;       /* the last that is recorded until then is a live sighting as active */
    int64_t active_ns; /* when that was */
    struct knowledge_text removed_id, active_id; /* events */
    const struct knowledge_persisted *persisted; /* in the order of time, whether or not the notice
                                                    stands */
    size_t persisted_count;
};

struct knowledge_notice {
    struct knowledge_text notice, id, platform, channel, kind; /* id: of notice.sent */
    int64_t sent_ns;
    uint32_t sent_unc_ms;
    bool designated; /* its channel is */
    const struct knowledge_noticed *listings;
    size_t listings_count;
};

/* Takes one notice. Not 0 ends the walk with that value. */
typedef int knowledge_take_notice(void *context, const struct knowledge_notice *notice);

/* Each notice as it stands at `at_ns`, in the order of time; of filter only platform and merchant
   count: with a merchant, the notices that name a listing that is or was its, or that came to it
   with another's account, with those listings. 0, what `take` returned, or -ENOMEM. */
int knowledge_notices(struct knowledge *knowledge, const struct knowledge_filter *filter,
                      int64_t at_ns, knowledge_take_notice *take, void *context);

/* What became of a notice, or of a strike that the platform issued. */
enum knowledge_fate {
    KNOWLEDGE_FATE_COUNTED = 0,
    KNOWLEDGE_FATE_UNSURE,    /* something about it is in doubt */
    KNOWLEDGE_FATE_REPEATED,  /* its listings were noticed before and not removed since */
    KNOWLEDGE_FATE_TOO_SOON,  /* within the spacing of the one that counted before it */
    KNOWLEDGE_FATE_EXPIRED,   /* counted once, no longer standing */
    KNOWLEDGE_FATE_REFUSED,   /* no strike, for a reason */
    KNOWLEDGE_FATE_NO_POLICY, /* no policy for strikes was in force when it took effect */
    KNOWLEDGE_FATES_COUNT,
};

struct knowledge_strike {
    struct knowledge_text name;        /* of the notice; of the event, when issued */
    struct knowledge_text right, kind; /* of the notice; at == NULL: not recorded */
    struct knowledge_text from;        /* the merchant whose account it came with; NULL: none */
    bool issued;                       /* by the platform itself */
    bool has_established;
    int64_t established_ns, expires_ns; /* expires_ns: when has_established */
    uint32_t established_unc_ms;
    enum knowledge_fate surely, possibly; /* at the lower and the upper end of the count */
    enum knowledge_reason reason;         /* of KNOWLEDGE_FATE_REFUSED */
};

struct knowledge_tally {
    struct knowledge_text platform, merchant;
    struct knowledge_text policy; /* event of the policy in force; at == NULL: none */
    bool has_threshold;           /* false: strikes are not computable, there is no policy */
    int64_t threshold, validity_s, counter_window_s;
    int64_t counter_days;        /* business days in place of counter_window_s; 0: none */
    int64_t per_right, per_kind; /* thresholds against one right, of one kind; 0: none */
    bool spacing_in_days;        /* business days; else seconds */
    const int64_t *spacing;
    size_t spacing_count;
    bool lapse; /* a counter-notice's window that lapses establishes a strike */
    size_t strikes_min, strikes_max;
    enum knowledge_answer answer; /* whether the threshold is reached, and why (not) */
    enum knowledge_reason reason;
    const struct knowledge_strike
        *strikes; /* candidates by time, then the rest, then issued ones */
    size_t strikes_count;
};

typedef int knowledge_take_tally(void *context, const struct knowledge_tally *tally);

/* The merchant's strikes at `at_ns`, one tally for each platform that it has to do with (without
   any, that has a policy; or for that of the filter). 0, what `take` returned, or -ENOMEM. Nothing
   for a merchant that no record names. */
int knowledge_strikes(struct knowledge *knowledge, const struct knowledge_filter *filter,
                      int64_t at_ns, knowledge_take_tally *take, void *context);

#endif
