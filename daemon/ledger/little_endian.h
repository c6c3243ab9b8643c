/*
 * Numbers as bytes, little-endian, by shift: the one spelling of 64-bit fields in our binary files.
 * Pure.
 */
#ifndef LEDGER_LITTLE_ENDIAN_H
#define LEDGER_LITTLE_ENDIAN_H

#include <stdint.h>

/* Writes value into the 8 bytes at `at`. */
static inline void little_endian_put_u64(uint8_t *at, uint64_t value)
{
#pragma GCC unroll 8 /* becomes one store; below, one load */
    for (unsigned i = 0; i < 8; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

/* The value of the 8 bytes at `at`. */
static inline uint64_t little_endian_get_u64(const uint8_t *at)
{
    uint64_t value = 0;

#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

#endif
