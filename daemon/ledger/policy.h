/*
 * Trust policies (C2SP tlog-policy): which logs and witnesses are known, and which of the witnesses
 * must have signed a checkpoint. Pure.
 */
#ifndef LEDGER_POLICY_H
#define LEDGER_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/note.h"

#define POLICY_BYTES_MAX   65536u
#define POLICY_LOGS_MAX    32u
#define POLICY_NAMES_MAX   64u /* witnesses and groups together */
#define POLICY_QUORUM_NONE UINT32_MAX

/* A witness or a group. */
struct policy_name {
    const char *name; /* borrowed */
    size_t name_len;
    bool group;
    struct note_key key; /* of a witness */
    uint32_t threshold;  /* of a group, and so the next */
    uint64_t members;    /* bit i: names[i] */
};

struct policy {
    struct note_key logs[POLICY_LOGS_MAX];
    size_t logs_count;
    struct policy_name names[POLICY_NAMES_MAX];
    size_t names_count;
    uint32_t quorum; /* index of a name, or POLICY_QUORUM_NONE */
};

/* What a policy says of a checkpoint. */
struct policy_verdict {
    size_t log;         /* which of the logs signed it */
    uint64_t witnessed; /* bit i: names[i] signed it, or enough of its members did */
    uint64_t latest;    /* of the witnesses' times, in seconds since 1970; 0: none */
};

/* Reads a policy. TLOG_OK, or what is wrong and *reterr_line, the line it stands in (from 1; 0: in
   none). Borrows from the bytes. */
enum tlog_fault policy_parse(const char *bytes, size_t len, struct policy *ret_policy,
                             size_t *reterr_line);

/* Whether the note satisfies the policy: one of its logs signed it (with a policy that names none,
   who signed is for the caller to ask), and the quorum did. TLOG_OK, or TLOG_UNKNOWN_KEY,
   TLOG_BAD_SIGNATURE, TLOG_NO_QUORUM. */
enum tlog_fault policy_check(const struct policy *policy, const struct note *note,
                             struct policy_verdict *ret_verdict);

#endif
