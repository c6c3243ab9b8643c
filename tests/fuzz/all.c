/*
 * The targets of the fuzzer in one program: it feeds that by whose name it is called (links to it
 * have the names, see the Makefile).
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

#define FUZZ(name) int name(const uint8_t *data, size_t size);
#include FUZZ_NAMES
#undef FUZZ

static const struct target {
    const char *name;
    int (*feed)(const uint8_t *data, size_t size);
} targets[] = {
#define FUZZ(name) {#name, name},
#include FUZZ_NAMES
#undef FUZZ
};

static const struct target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = program_invocation_short_name;

    (void)argc;
    (void)argv;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        if (strcmp(targets[i].name, name) == 0)
            target = &targets[i];
    if (target != NULL)
        return 0;
    (void)fprintf(stderr, "%s is no target of this program\n", name);
    _Exit(2);
}

/*
 * What a library forgets and we cannot mend: libfyaml 0.7.12 loses some KiB of some malformed texts
 * (corpus/config/forgotten), although the document, the parser and the diagnostics are destroyed.
 * What we forget ourselves is still found.
 */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return target->feed(data, size);
}
