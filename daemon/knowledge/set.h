/*
 * The set itself, as the files of this module share it: facts, what evaluates them, and where each
 * id's record stands. Not for others.
 */
#ifndef KNOWLEDGE_SET_H
#define KNOWLEDGE_SET_H

#include <stdbool.h>

#include "daemon/knowledge/evaluate.h"
#include "daemon/knowledge/facts.h"

struct knowledge {
    bool built;
    struct facts facts;
    struct evaluator evaluator;
    uint32_t *record_of; /* [id]: its record + 1; 0: it was left out */
};

#endif
