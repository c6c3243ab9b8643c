/*
 * Known answers for the Merkle log. Log A is the test log of another implementation (C2SP tlog
 * tiles): 15 words. Log B has entries {"seq":<i>}; its roots were derived by two programs that
 * share no code with ours.
 */
#ifndef TESTS_UNIT_TLOG_VECTORS_H
#define TESTS_UNIT_TLOG_VECTORS_H

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ledger/merkle.h"
#include "daemon/ledger/note_key.h"
#include "tests/fakes/test.h"

static const char *const log_a_entries[] = {
    "one",  "two", "three",  "four",  "five",     "six",     "seven",  "eit",
    "nain", "ten", "ileven", "twelf", "threeten", "fourten", "fivten",
};
#define LOG_A_COUNT 15u
#define LOG_A_VKEY  "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
#define LOG_A_SEED  "eca663f499017d2365c27c7a7679158d43cfec1330bdb259290afbd0d21777a0"

#define LOG_B_NAME   "noticed.test/log0"
#define LOG_B_SEED   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define LOG_B_VKEY   "noticed.test/log0+b0c75d7f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
#define WITNESS_SEED "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
#define WITNESS_VKEY "witness.test/w1+ad1959f2+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
#define WITNESS_TIME 1795509500u
#define WITNESS_LINE                                                                               \
    "— witness.test/w1 "                                                                         \
    "rRlZ8gAAAABrBUz8TLsi26yE28+2MG7fOzkPCkxTiDPSacVlw2vAxs2QY3lQU1WNxZmsTBYxg1rZdywGnFP4dQUrAxtI" \
    "fMr2ZfOzAA=="

static const struct {
    uint64_t size;
    const char *root, *signature; /* base64; signature NULL where none is known */
} log_b_roots[] = {
    {0, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", NULL},
    {1, "pAKw429aroVFc2D88AolRbh91H8xBVPnsNMtbQrEQA0=", NULL},
    {2, "/FLXGjaKeY/Zbsflt+5fj5/dEMf/mrFGxOrB5qChsQo=", NULL},
    {3, "PbZ2Ze6owm3jQWaMHTGZ9h3kt4CoKFaaiYzkjCjZMfM=", NULL},
    {5, "FH3Ed0eaO2miSx/2Abb8YoT98V/VCr/rDPcOqONyLB0=",
     "sMddf6DDlcq5q3l7XvXOTkwTL9gDuf+ZH6aRvpflsY5xTF0ZZuMS6sam//"
     "iERBHOoHwe9XhK5YQPwUg696q61X4gqAw="},
    {255, "G+BNPssOJ2Ep+u31jZQ6wTv5YAfcuSOrc/+eowNVbIw=", NULL},
    {256, "seEZrOo8AgMvfp4xtjKwHzWwoh0carRqr3DlKeWyNcc=",
     "sMddf1gAsCCE2w+bbd3OeqQ5e/XTJrvqtcdMJFmqOZ26i/l7zH/"
     "I0120uIIzPBHTdumj6tlWttzlS5UaJ56z85Ta6Qc="},
    {257, "PGbXf4xtvtpwT4OmeDlDIwP7bgE4V0agSOWlZaBly/Y=", NULL},
    {513, "ojhol8d3XjGtCc0vG4GKw8cdv4kpCGiAOWApnBmPRrw=", NULL},
    {65535, "afv1cLLlaEi/4trMP+OyBS5lYjivlvhL1+wI6jZm3m8=", NULL},
    {65536, "7Q2/VjE8RSqmrRia4AcGspTDQQn8L7pHyYCZ44YtcQ8=", NULL},
    {65537, "ZXD8NhtdDHWqf3ydrC2lVlhcJhsse0J3dpbbjo3hZR0=", NULL},
    {70000, "Setbsr+kDfnOsfkN53+XtlnD6O006VHSKx5qKVKBi8w=",
     "sMddf+5e8QwjCJxwXKTYAj0dLLhqO0XW5uP1iPpTc2se9J9K2W54CIyz9wwF1ASXmPaoi00dcopPRBu4NvlD/"
     "MeqXA8="},
};
#define LOG_B_ROOTS_COUNT (sizeof(log_b_roots) / sizeof(log_b_roots[0]))

/* The hash that base64 spells. */
static inline struct merkle_hash vector_hash(const char *base64)
{
    uint8_t bytes[MERKLE_HASH_BYTES + 1];
    struct merkle_hash hash;

    assert_int_equal(strlen(base64), 44);
    assert_int_equal(EVP_DecodeBlock(bytes, (const unsigned char *)base64, 44), 33);
    memcpy(hash.bytes, bytes, sizeof(hash.bytes));
    return hash;
}

/* The bytes that hex spells, as many as there are. */
static inline void vector_hex(const char *hex, uint8_t *ret_bytes)
{
    for (size_t i = 0; hex[2 * i] != '\0'; i++) {
        unsigned value = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &value), 1);
        ret_bytes[i] = (uint8_t)value;
    }
}

/* Entry i of log B; returns its length. */
static inline size_t log_b_entry(uint64_t i, char ret_entry[32])
{
    int len = snprintf(ret_entry, 32, "{\"seq\":%" PRIu64 "}", i);

    assert_in_range(len, 1, 31);
    return (size_t)len;
}

static inline struct merkle_hash log_b_leaf(uint64_t i)
{
    char entry[32];
    size_t len = log_b_entry(i, entry);

    return merkle_leaf(entry, len);
}

/* A signer of a seed in hex. */
static inline struct note_signer *open_signer(const char *name, uint8_t type, const char *seed_hex)
{
    uint8_t seed[NOTE_KEY_BYTES];

    vector_hex(seed_hex, seed);
    struct note_signer *opened = note_signer_open(name, strlen(name), type, seed);
    assert_non_null(opened);
    return opened;
}

#define assert_hash_equal(a, b)                                                                    \
    do {                                                                                           \
        struct merkle_hash assert_a = (a), assert_b = (b);                                         \
        assert_memory_equal(assert_a.bytes, assert_b.bytes, MERKLE_HASH_BYTES);                    \
    } while (0)

#endif
