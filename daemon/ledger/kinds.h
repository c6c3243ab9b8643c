/*
 * The kinds of records, in one table: name on the line, and what it says. Names are fixed for ever;
 * a new kind is appended. Included by whoever needs the list, with KIND defined. The members of
 * each kind, in their order, stand in the README's tables; tests/e2e/27_record_members.sh compares
 * them with a real feed, both ways.
 */
/* clang-format off */
#ifndef LEDGER_KINDS
#define LEDGER_KINDS(KIND)                                                                         \
    KIND(START,     "start",     "noticed began to run: who, where, with what")                    \
    KIND(STOP,      "stop",      "noticed ended in order, with its counts")                        \
    KIND(HEARTBEAT, "heartbeat", "it was alive, and what it counted since the one before")         \
    KIND(GAP,       "gap",       "an interval or bytes that the record does not cover")            \
    KIND(CLOCK,     "clock",     "what the kernel says of its clock")                              \
    KIND(RULESET,   "ruleset",   "from here on these marks and cues are searched for")             \
    KIND(SIGHTING,  "sighting",  "a crawler saw this listing")                                     \
    KIND(MATCH,     "match",     "a sighted listing's text holds a mark; a match is not notice")
#endif
/* clang-format on */
