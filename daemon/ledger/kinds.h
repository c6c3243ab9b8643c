/*
 * The kinds of records, in one table: name on the line, and what it says. Names are fixed for ever;
 * a new kind is appended. Included by whoever needs the list, with KIND defined. The kinds from
 * policy to platform.admission are events: what others told, in the record's member `event`
 * (DESIGN 9.1), by its own type; sighting is one too. The members of each kind, in their order,
 * stand in the README's tables; tests/e2e/27_record_members.sh compares them with a real feed, both
 * ways.
 */
/* clang-format off */
#ifndef LEDGER_KINDS
#define LEDGER_KINDS(KIND)                                                                         \
    KIND(START, "start", "noticed began to run: who, where, with what")                            \
    KIND(STOP, "stop", "noticed ended in order, with its counts")                                  \
    KIND(HEARTBEAT, "heartbeat", "it was alive, and what it counted since the one before")         \
    KIND(GAP, "gap", "an interval or bytes that the record does not cover")                        \
    KIND(CLOCK, "clock", "what the kernel says of its clock")                                      \
    KIND(RULESET, "ruleset", "from here on these marks and cues are searched for")                 \
    KIND(SIGHTING, "sighting", "a crawler saw this listing")                                       \
    KIND(MATCH, "match", "a sighted listing's text holds a mark; a match is not notice")           \
    KIND(POLICY, "policy", "a platform's own rules: grace, what a notice needs, strikes")          \
    KIND(CHANNEL, "channel", "a way by which notices reach a platform, and its class")             \
    KIND(PLATFORM, "platform", "a marketplace and its name")                                       \
    KIND(RIGHT, "right", "a mark, copyright, design or patent, and where it is registered")        \
    KIND(RIGHT_HOLDER, "right_holder", "who owns rights")                                          \
    KIND(MERCHANT, "merchant", "a seller's account at a platform, by its stable id")               \
    KIND(MERCHANT_LINK, "merchant.link", "two accounts are said to be one merchant")               \
    KIND(MERCHANT_TRANSFER, "merchant.transfer", "an account passed to another merchant")          \
    KIND(ACCOUNT, "account", "a merchant's account was suspended, closed or reinstated")           \
    KIND(LISTING, "listing", "which merchant a listing belongs to, as first seen or changed")      \
    KIND(ORDER, "order", "a court entered an order")                                               \
    KIND(ORDER_PARTY, "order.party", "an order binds this merchant")                               \
    KIND(ORDER_SERVED, "order.served", "an order was served on this platform")                     \
    KIND(ORDER_ACK, "order.ack", "a platform acknowledged an order")                               \
    KIND(ORDER_VACATED, "order.vacated", "a court vacated an order")                               \
    KIND(ORDER_DISMISSED, "order.dismissed", "an order no longer binds this merchant")             \
    KIND(NOTICE_DRAFT, "notice.draft", "a notice was written; nobody has it yet")                  \
    KIND(NOTICE_SENT, "notice.sent", "a notice left for a platform; sent is not received")         \
    KIND(NOTICE_RECEIVED, "notice.received", "a notice reached the platform: notice begins")       \
    KIND(NOTICE_ACK, "notice.ack", "a platform acknowledged a notice")                             \
    KIND(NOTICE_CLARIFY, "notice.clarify", "a platform asked for more than a notice says")         \
    KIND(NOTICE_DECISION, "notice.decision", "a platform upheld or rejected a notice")             \
    KIND(NOTICE_CORRECT, "notice.correct", "a notice was completed, or names more listings")       \
    KIND(NOTICE_WITHDRAW, "notice.withdraw", "a notice was taken back, and why")                   \
    KIND(COUNTER_FILED, "counter.filed", "a seller contested a notice")                            \
    KIND(COUNTER_DECISION, "counter.decision", "a counter-notice was accepted or rejected")        \
    KIND(TAKEDOWN, "takedown", "a listing was removed, and by whom")                               \
    KIND(RESTORE, "restore", "a removed listing was put back, and by whom")                        \
    KIND(SUPPORT, "support", "an act of a platform for a listing or merchant: an ad, a status")    \
    KIND(STRIKE, "strike", "a platform issued or revoked a strike against a merchant")             \
    KIND(COVERAGE, "coverage", "which interval of a feed or crawl is complete")                    \
    KIND(REVIEW, "review", "a person looked at a record and says what it is")                      \
    KIND(PLATFORM_ADMISSION, "platform.admission", "a platform admitted it; people write it")      \
    KIND(WARNING, "warning", "an act or sighting came while a road was open; no evidence itself")  \
    KIND(REFUSED, "refused", "somebody tried to write what is not theirs; without its text")       \
    KIND(ANCHOR, "anchor", "a time-stamp from outside over a checkpoint of this ledger")           \
    KIND(KEY, "key", "from here on checkpoints are signed with this key")                          \
    KIND(HOLD, "hold", "these bytes are kept whatever the retention says")                         \
    KIND(ERASE, "erase", "these bytes were erased, why and for whom; the record of them stays")    \
    KIND(CORRECT, "correct", "an earlier record is wrong in this way; it is not edited")
#endif
/* clang-format on */
