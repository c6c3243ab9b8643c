/*
 * Chooses the path of the fold that this processor runs fastest, and the scalar path itself.
 */
#include "matcher/fold.h"

#include <assert.h>

#include "matcher/fold_step.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "entries are stored as they lie in memory");

static size_t fold_text_scalar(const struct fold_job *job)
{
    struct fold_hot hot = fold_begin(job);
    while (hot.at < job->end)
        fold_next(job, &hot);
    return fold_finish(job, hot);
}

enum fold_path fold_path_best(void)
{
    if (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("bmi2"))
        return FOLD_PATH_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
        __builtin_cpu_supports("popcnt"))
        return FOLD_PATH_AVX2;
    return FOLD_PATH_SCALAR;
}

/* out is written through the job. NOLINTNEXTLINE(readability-non-const-parameter) */
size_t fold_text_by(enum fold_path path, const char *text, size_t len, char *out)
{
    assert(len <= FOLD_TEXT_MAX);
    assert(path <= fold_path_best());
    const uint8_t *begin = (const uint8_t *)text;
    struct fold_job job = {.begin = begin, .end = begin + len, .out = (uint8_t *)out};
    size_t folded = path == FOLD_PATH_AVX512 ? fold_text_avx512(&job)
                    : path == FOLD_PATH_AVX2 ? fold_text_avx2(&job)
                                             : fold_text_scalar(&job);
    assert(folded + FOLD_SLACK_BYTES <= fold_bound(len));
    return folded;
}

size_t fold_text(const char *text, size_t len, char *out)
{
    return fold_text_by(fold_path_best(), text, len, out);
}
