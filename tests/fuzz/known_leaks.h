/*
 * What a library forgets and we cannot mend: libfyaml 0.7.12 loses some KiB of some malformed texts
 * (corpus/config/forgotten), although the document, the parser and the diagnostics are destroyed.
 * What we forget ourselves is still found. For the targets that read YAML.
 */
#ifndef TESTS_FUZZ_KNOWN_LEAKS_H
#define TESTS_FUZZ_KNOWN_LEAKS_H

const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so";
}

#endif
