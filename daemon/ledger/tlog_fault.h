/*
 * What can be wrong with keys, notes, checkpoints, proofs and policies, in one table: the name that
 * machine output uses, fixed for ever, and what it says.
 */
#ifndef LEDGER_TLOG_FAULT_H
#define LEDGER_TLOG_FAULT_H

/* clang-format off */
#define TLOG_FAULTS(FAULT)                                                                         \
    FAULT(OK,                 "ok",                  "nothing is wrong")                           \
    FAULT(TOO_LONG,           "too_long",            "it is longer than is accepted")              \
    FAULT(BAD_UTF8,           "bad_utf8",            "it is not UTF-8")                            \
    FAULT(CONTROL,            "control",             "there is a control character in it")         \
    FAULT(CUT,                "cut",                 "its last line has no end")                   \
    FAULT(NO_SIGNATURES,      "no_signatures",       "no signatures follow the text")              \
    FAULT(BAD_SIGNATURE_LINE, "bad_signature_line",  "a line is no signature line")                \
    FAULT(MANY_SIGNATURES,    "many_signatures",     "it has too many signatures")                 \
    FAULT(BAD_NAME,           "bad_name",            "a name is empty, or has a space or \"+\"")   \
    FAULT(BAD_BASE64,         "bad_base64",          "that is not base 64 as it is written here")  \
    FAULT(BAD_KEY,            "bad_key",             "that is not a key as name+id+base64")        \
    FAULT(BAD_KEY_ID,         "bad_key_id",          "the id is not that of the key")              \
    FAULT(BAD_KEY_TYPE,       "bad_key_type",        "that kind of key is not used here")          \
    FAULT(UNKNOWN_KEY,        "unknown_key",         "the key that is trusted did not sign it")    \
    FAULT(BAD_SIGNATURE,      "bad_signature",       "a signature is not that of its key")         \
    FAULT(BAD_ORIGIN,         "bad_origin",          "the first line is empty")                    \
    FAULT(WRONG_ORIGIN,       "wrong_origin",        "it is a checkpoint of another log")          \
    FAULT(BAD_SIZE,           "bad_size",            "the size is not a decimal number")           \
    FAULT(BAD_ROOT,           "bad_root",            "the root is not a hash in base 64")          \
    FAULT(BAD_EXTENSION,      "bad_extension",       "a line after the root is empty")             \
    FAULT(SHRINKS,            "shrinks",             "it is smaller than the one before")          \
    FAULT(EQUIVOCATION,       "equivocation",        "there are two roots of one size")            \
    FAULT(BAD_HEADER,         "bad_header",          "it does not begin as a proof file")          \
    FAULT(BAD_INDEX,          "bad_index",           "there is no index, or it is not in the tree")\
    FAULT(BAD_PROOF_HASH,     "bad_proof_hash",      "a line is not a hash in base 64")            \
    FAULT(BAD_PROOF,          "bad_proof",           "it does not lead to the root")               \
    FAULT(BAD_WORD,           "bad_word",            "not a log, witness, group or quorum")        \
    FAULT(BAD_GROUP,          "bad_group",           "a group's number or members are wrong")      \
    FAULT(TWICE,              "twice",               "something is given twice")                   \
    FAULT(UNKNOWN_NAME,       "unknown_name",        "a name was not defined above")               \
    FAULT(NO_QUORUM_LINE,     "no_quorum_line",      "there is no quorum line")                    \
    FAULT(TOO_MANY,           "too_many",            "there are too many of them")                 \
    FAULT(NO_QUORUM,          "no_quorum",           "too few of the witnesses have signed it")    \
    FAULT(BAD_OLD,            "bad_old",             "it has no old size, or not the witness's")
/* clang-format on */

enum tlog_fault {
#define FAULT(symbol, name, meaning) TLOG_##symbol,
    TLOG_FAULTS(FAULT)
#undef FAULT
        TLOG_FAULTS_COUNT
};

/* The fault's name; static. */
const char *tlog_fault_name(enum tlog_fault fault);

/* What it says, for people; static. */
const char *tlog_fault_text(enum tlog_fault fault);

#endif
