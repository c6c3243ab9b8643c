/*
 * The table of tlog_fault.h as strings.
 */
#include "daemon/ledger/tlog_fault.h"

#include <assert.h>

static const char *const fault_names[] = {
#define FAULT(symbol, name, meaning) [TLOG_##symbol] = (name),
    TLOG_FAULTS(FAULT)
#undef FAULT
};

static const char *const fault_texts[] = {
#define FAULT(symbol, name, meaning) [TLOG_##symbol] = (meaning),
    TLOG_FAULTS(FAULT)
#undef FAULT
};

const char *tlog_fault_name(enum tlog_fault fault)
{
    assert((unsigned)fault < TLOG_FAULTS_COUNT);
    return fault_names[fault];
}

const char *tlog_fault_text(enum tlog_fault fault)
{
    assert((unsigned)fault < TLOG_FAULTS_COUNT);
    return fault_texts[fault];
}
