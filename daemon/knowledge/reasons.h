/*
 * Why an element is answered as it is: the codes that findings print. In alphabetical order, which
 * is the order of preference where several reasons hold (oracle: sorted(why)[0]); a test holds it.
 */
/* clang-format off */
#ifndef KNOWLEDGE_REASONS
#define KNOWLEDGE_REASONS(REASON)                                                                  \
    REASON(ACCOUNT_CLOSED,        "account_closed",        "the platform had closed the account")  \
    REASON(ACT_BEFORE_NOTICE,     "act_before_notice",     "the act came before the notice")       \
    REASON(ACTIVE_AFTER_GRACE,    "active_after_grace",                                            \
           "seen live after notice and grace, with no removal between")                            \
    REASON(AFTER,                 "after",                 "the act came after knowledge began")   \
    REASON(ALGORITHMIC,           "algorithmic",                                                   \
           "recorded as made by an algorithm, which neither proves nor defeats")                   \
    REASON(CLOCK_UNCERTAINTY,     "clock_uncertainty",                                             \
           "the clocks do not tell which came first")                                              \
    REASON(COUNTER_ACCEPTED,      "counter_accepted",      "a counter-notice was accepted")        \
    REASON(COUNTER_PENDING,       "counter_pending",       "a counter-notice was not decided yet") \
    REASON(DISMISSED,             "dismissed",             "dismissed from the order")             \
    REASON(GRADE_A,               "grade_A",                                                       \
           "received through the designated channel, and acknowledged")                            \
    REASON(GRADE_B,               "grade_B",               "received by the designated channel")   \
    REASON(GRADE_C,               "grade_C",                                                       \
           "sent by another channel, but acknowledged by name")                                    \
    REASON(HUMAN,                 "human",                 "recorded as made by a person")         \
    REASON(IDENTITY_ASSERTED,     "identity_asserted_only",                                        \
           "the merchants are one only by assertion")                                              \
    REASON(INFERRED_MERCHANT,     "inferred_merchant_level",                                       \
           "inferred, for this merchant; intent is a question for a person")                       \
    REASON(INFERRED_LISTING,      "inferred_same_listing",                                         \
           "inferred, for this listing; intent is a question for a person")                        \
    REASON(INFRASTRUCTURE,        "infrastructure",        "merely part of the infrastructure")    \
    REASON(KIND_NOT_A_STRIKE,     "kind_not_a_strike",                                             \
           "the policy gives no strike for this kind of notice")                                   \
    REASON(KIND_UNKNOWN,          "kind_unknown",          "a kind of support that no list names") \
    REASON(NO_ACTIVE_SIGHTING,    "no_active_sighting_after_grace",                                \
           "not seen live after notice and grace")                                                 \
    REASON(NO_KNOWLEDGE,          "no_knowledge_at_act",   "no knowledge is shown for the act")    \
    REASON(NO_CONNECTED_ACT,      "no_known_connected_act",                                        \
           "no act that is both connected and with knowledge")                                     \
    REASON(NO_NOTICE,             "no_notice",             "no notice names it")                   \
    REASON(NO_ORDER,              "no_order_in_force",     "no order was in force")                \
    REASON(NOT_A_PARTY,           "not_a_party",           "not a party to an order in force")     \
    REASON(NOT_ESTABLISHED,       "not_established",       "a notice is not established as strike")\
    REASON(NOTICE_INCOMPLETE,     "notice_incomplete",                                             \
           "the notice lacks what the policy requires")                                            \
    REASON(NOTICE_WITHDRAWN,      "notice_withdrawn",      "the notice was withdrawn")             \
    REASON(ORDER_NOT_SERVED,      "order_not_served",                                              \
           "neither served on nor acknowledged by this platform")                                  \
    REASON(ORDERS_NO_STRIKES,     "orders_do_not_generate_strikes",                                \
           "bound by an order, but orders do not generate strikes")                                \
    REASON(OTHER_LISTING,         "other_listing_of_same_merchant",                                \
           "for another listing of the same merchant")                                             \
    REASON(OTHER_MERCHANT,        "other_merchant",        "the act was for another merchant")     \
    REASON(OUTSIDE_CHANNEL,       "outside_designated_channel",                                    \
           "not sent through the designated channel")                                              \
    REASON(PARTY,                 "party",                 "a party to the order")                 \
    REASON(PLATFORM_REJECTED,     "platform_rejected_notice", "the platform rejected the notice")  \
    REASON(PROMPTLY_REMOVED,      "promptly_removed",      "removed within the grace time")        \
    REASON(RELISTED,              "relisted_without_new_notice",                                   \
           "back after a removal, without a new notice")                                           \
    REASON(REMOVAL_TIME_UNKNOWN,  "removal_time_unknown",                                          \
           "found gone, but when it was removed is not known")                                     \
    REASON(REMOVED_BEFORE_ACT,    "removed_before_act",    "removed before the act")               \
    REASON(SAME_LISTING,          "same_listing",          "the act was for this listing")         \
    REASON(SAME_MERCHANT,         "same_merchant",         "the act was for this merchant")        \
    REASON(SENT_NOT_RECEIVED,     "sent_not_received",     "sent, but no receipt is recorded")     \
    REASON(SERVED,                "served_or_acknowledged",                                        \
           "served on or acknowledged by the platform")                                            \
    REASON(SIGHTING_NOT_LIVE,     "sighting_not_live",     "seen only in a cache or search index") \
    REASON(STRIKE_EXPIRED,        "strike_expired",        "strikes had expired")                  \
    REASON(STRIKES,               "strikes",               "by the platform's own policy")         \
    REASON(STRIKES_KIND,          "strikes_for_one_kind",                                          \
           "by the platform's own policy, for one kind of notice")                                 \
    REASON(STRIKES_RIGHT,         "strikes_for_one_right",                                         \
           "by the platform's own policy, against one right")                                      \
    REASON(TARGET_UNRESOLVED,     "target_unresolved",     "the act names no known merchant")      \
    REASON(TRANSFERRED,           "transferred_since",                                             \
           "the account was transferred since, and the policy does not carry strikes over")        \
    REASON(UNKNOWN,               "unknown",               "who made it is not recorded")          \
    REASON(WITHIN_GRACE,          "within_grace",          "the act came within the grace time")
#endif
/* clang-format on */
