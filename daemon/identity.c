/*
 * What runs, and where. Each fact is asked of what really runs: libraries name their own version,
 * the processor its own features; only liburing is static and simdjson inlined, and are what they
 * were compiled with.
 */
#include "daemon/identity.h"

#include <assert.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <libfyaml.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "daemon/json.h"
#include "daemon/ledger/text.h"
#include "daemon/version.h"
#include "matcher/matcher.h"

#define MACHINE_ID_PATH    "/etc/machine-id"
#define MACHINE_ID_BYTES   16u
#define BOOT_ID_PATH       "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_VARIABLE   "NOTICED_BOOT_ID" /* the unit's sandbox hides the path, and gives this */
#define SMALL_FILE_BYTES   64u
#define BRAND_LEAVES       3u
#define BRAND_LEAF_BYTES   16u
#define JEMALLOC_BYTES_MAX 64u

/* jemalloc's own; not there in the builds that run on the sanitizers' allocator. */
extern int mallctl(const char *name, void *old, size_t *old_len, void *new, size_t new_len)
    __attribute__((weak));

/* The first bytes of a file; 0 when it cannot be read. */
static size_t read_small(const char *path, char bytes[SMALL_FILE_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd == -1 ? -1 : read(fd, bytes, SMALL_FILE_BYTES);
    if (fd != -1)
        (void)close(fd); /* only read from */
    return len < 0 ? 0 : (size_t)len;
}

static bool is_hex(char letter)
{
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
}

bool identity_machine_hash(const char *text, size_t len, uint8_t ret_digest[DIGEST_BYTES])
{
    uint8_t id[MACHINE_ID_BYTES];
    if (len == 2 * sizeof id + 1 && text[len - 1] == '\n')
        len--;
    if (len != 2 * sizeof id || !text_hex_read(text, id, sizeof id))
        return false;
    digest_hmac_sha256(id, sizeof id, IDENTITY_MACHINE_LABEL, strlen(IDENTITY_MACHINE_LABEL),
                       ret_digest);
    return true;
}

bool identity_boot_id(const char *text, size_t len, char ret_id[IDENTITY_BOOT_ID_BYTES + 1])
{
    const bool dashes = len >= IDENTITY_BOOT_ID_BYTES;
    char id[IDENTITY_BOOT_ID_BYTES + 1] = {0};
    size_t at = 0;
    for (size_t i = 0; i < IDENTITY_BOOT_ID_BYTES; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash && !dashes) {
            id[i] = '-';
            continue;
        }
        if (at == len || (dash ? text[at] != '-' : !is_hex(text[at])))
            return false;
        id[i] = text[at++];
    }
    if (at < len && (at + 1 < len || text[at] != '\n'))
        return false;
    memcpy(ret_id, id, sizeof id);
    return true;
}

static void member_or_null(struct text *text, const char *key, const char *value)
{
    if (value != NULL)
        text_member_string(text, key, value);
    else {
        text_key(text, key);
        text_literal(text, "null");
    }
}

static void encode_host(struct text *text, const struct utsname *name)
{
    char bytes[SMALL_FILE_BYTES], boot_id[IDENTITY_BOOT_ID_BYTES + 1];
    uint8_t digest[DIGEST_BYTES];
    /* Read before any thread of ours could set it, and none does. */
    const char *given = getenv(BOOT_ID_VARIABLE); /* NOLINT(concurrency-mt-unsafe) */
    bool known = identity_boot_id(bytes, read_small(BOOT_ID_PATH, bytes), boot_id) ||
                 (given != NULL && identity_boot_id(given, strlen(given), boot_id));
    text_member_string(text, "host", name->nodename);
    member_or_null(text, "boot_id", known ? boot_id : NULL);
    if (identity_machine_hash(bytes, read_small(MACHINE_ID_PATH, bytes), digest))
        text_member_sha256(text, "machine_id_hash", digest);
    else
        member_or_null(text, "machine_id_hash", NULL);
}

static void encode_program(struct text *text)
{
    uint8_t digest[DIGEST_BYTES];
    text_member_u64(text, "pid", (uint64_t)getpid());
    text_member_string(text, "version", version_string());
    text_member_string(text, "commit", version_commit());
    if (digest_file("/proc/self/exe", digest) == 0)
        text_member_sha256(text, "exe_sha256", digest);
    else
        member_or_null(text, "exe_sha256", NULL);
}

static const char *jemalloc_version(char text[JEMALLOC_BYTES_MAX])
{
    const char *version = NULL;
    size_t len = sizeof version;
    if (mallctl == NULL || mallctl("version", (void *)&version, &len, NULL, 0) != 0)
        return NULL;
    size_t cut = strcspn(version, "-"); /* "5.3.0-0-g<its commit>" */
    if (cut >= JEMALLOC_BYTES_MAX)
        return NULL;
    memcpy(text, version, cut);
    text[cut] = '\0';
    return text;
}

static void encode_libs(struct text *text)
{
    char jemalloc[JEMALLOC_BYTES_MAX];
    const char *json = strchr(json_engine(), ' '); /* "simdjson 3.0.1 <kernel>" */
    text_literal(text, ",\"libs\":{\"hs\":");
    text_string(text, matcher_engine_version(), strlen(matcher_engine_version()));
    text_member_string(text, "uring", version_liburing());
    member_or_null(text, "jemalloc", jemalloc_version(jemalloc));
    text_member_string(text, "simdjson", json == NULL ? json_engine() : json + 1);
    text_member_string(text, "fyaml", fy_library_version());
    text_member_string(text, "openssl", OpenSSL_version(OPENSSL_VERSION_STRING));
    text_member_string(text, "libc", gnu_get_libc_version());
    text_literal(text, "}");
}

#if defined(__x86_64__)
/* The processor's name and those of its features by which Hyperscan, simdjson and our fold choose
   their code. */
static void encode_cpu(struct text *text)
{
    char brand[BRAND_LEAVES * BRAND_LEAF_BYTES + 1] = {0};
    for (unsigned leaf = 0; leaf < BRAND_LEAVES; leaf++) {
        unsigned words[4] = {0};
        (void)__get_cpuid(0x80000002u + leaf, &words[0], &words[1], &words[2],
                          &words[3]); /* zeroes where there is no such leaf */
        memcpy(brand + leaf * BRAND_LEAF_BYTES, words, BRAND_LEAF_BYTES);
    }
    size_t len = strlen(brand), begin = strspn(brand, " ");
    while (len > begin && brand[len - 1] == ' ')
        len--;
    const struct {
        const char *name;
        bool there;
    } features[] = {{"ssse3", __builtin_cpu_supports("ssse3") != 0},
                    {"sse4_2", __builtin_cpu_supports("sse4.2") != 0},
                    {"popcnt", __builtin_cpu_supports("popcnt") != 0},
                    {"bmi2", __builtin_cpu_supports("bmi2") != 0},
                    {"avx2", __builtin_cpu_supports("avx2") != 0},
                    {"avx512f", __builtin_cpu_supports("avx512f") != 0},
                    {"avx512bw", __builtin_cpu_supports("avx512bw") != 0},
                    {"avx512vbmi", __builtin_cpu_supports("avx512vbmi") != 0}};
    text_literal(text, ",\"cpu\":{\"model\":");
    text_string(text, brand + begin, len - begin);
    text_literal(text, ",\"features\":[");
    const char *separator = "";
    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
        if (!features[i].there)
            continue;
        text_literal(text, separator);
        text_string(text, features[i].name, strlen(features[i].name));
        separator = ",";
    }
    text_literal(text, "]}");
}
#else
static void encode_cpu(struct text *text)
{
    text_literal(text, ",\"cpu\":{\"model\":null,\"features\":[]}");
}
#endif

size_t identity_encode(const uint8_t config_sha256[DIGEST_BYTES], unsigned lanes, char *body)
{
    struct text text = text_into(body, IDENTITY_BYTES_MAX);
    struct utsname name = {0};
    (void)uname(&name); /* only fails for a bad pointer */
    encode_host(&text, &name);
    encode_program(&text);
    encode_libs(&text);
    text_member_string(&text, "kernel", name.release);
    text_member_string(&text, "machine", name.machine);
    encode_cpu(&text);
    text_member_sha256(&text, "config_sha256", config_sha256);
    text_member_string(&text, "norm", matcher_fold_version());
    text_member_u64(&text, "lanes", lanes);
    assert(!text.overflow); /* every part is of bounded length */
    return text.len;
}
