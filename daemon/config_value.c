/*
 * Words to values and back. Knows no key and no YAML.
 */
#include "daemon/config_value.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    uint64_t factor;
};

/* Ascending; the first is what no unit means, where that is allowed. */
static const struct unit sizes[] = {
    {"", 1}, {"KiB", 1u << 10}, {"MiB", 1u << 20}, {"GiB", 1u << 30}, {"TiB", UINT64_C(1) << 40}};
static const struct unit durations[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};

#define UNITS_COUNT(units) (sizeof(units) / sizeof((units)[0]))

/* The digits at the front. Returns how many there are; 0 as well when they are too many. */
static size_t take_digits(const char *text, size_t len, uint64_t *ret_value)
{
    uint64_t value = 0;
    size_t i = 0;

    for (; i < len && text[i] >= '0' && text[i] <= '9'; i++)
        if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value))
            return 0;
    *ret_value = value;
    return i;
}

static int within(uint64_t value, uint64_t min, uint64_t max, uint64_t *ret_value)
{
    if (value < min || value > max)
        return -EINVAL;
    *ret_value = value;
    return 0;
}

int config_value_count(const char *text, size_t len, uint64_t min, uint64_t max,
                       uint64_t *ret_count)
{
    uint64_t value;

    if (len == 0 || take_digits(text, len, &value) != len)
        return -EINVAL;
    return within(value, min, max, ret_count);
}

static int with_unit(const char *text, size_t len, const struct unit *units, size_t units_count,
                     uint64_t *ret_value)
{
    uint64_t value;
    size_t at = take_digits(text, len, &value);

    if (at == 0)
        return -EINVAL;
    if (at + 1 < len && text[at] == ' ')
        at++;
    for (size_t i = 0; i < units_count; i++) {
        if (strlen(units[i].name) != len - at || memcmp(units[i].name, text + at, len - at) != 0)
            continue;
        return __builtin_mul_overflow(value, units[i].factor, ret_value) ? -EINVAL : 0;
    }
    return -EINVAL;
}

int config_value_size(const char *text, size_t len, uint64_t min, uint64_t max, uint64_t *ret_bytes)
{
    uint64_t value;

    if (with_unit(text, len, sizes, UNITS_COUNT(sizes), &value) < 0)
        return -EINVAL;
    return within(value, min, max, ret_bytes);
}

int config_value_duration(const char *text, size_t len, uint64_t min_s, uint64_t max_s,
                          uint64_t *ret_seconds)
{
    uint64_t value;

    if (with_unit(text, len, durations, UNITS_COUNT(durations), &value) < 0)
        return -EINVAL;
    return within(value, min_s, max_s, ret_seconds);
}

int config_value_mode(const char *text, size_t len, uint64_t *ret_mode)
{
    uint64_t mode = 0;

    if (len < 3 || len > 4)
        return -EINVAL;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '7')
            return -EINVAL;
        mode = mode * 8 + (uint64_t)(text[i] - '0');
    }
    return within(mode, 0, 0777, ret_mode);
}

int config_value_loopback(const char *text, size_t len)
{
    const char *colon = memrchr(text, ':', len);
    char host[16];
    struct in_addr address;
    uint64_t port;

    if (colon == NULL)
        return -EINVAL;
    size_t host_len = (size_t)(colon - text);
    if (config_value_count(colon + 1, len - host_len - 1, 1, 65535, &port) < 0)
        return -EINVAL;
    if (host_len == 5 && memcmp(text, "[::1]", 5) == 0)
        return 0;
    if (host_len >= sizeof(host) || memchr(text, '\0', host_len) != NULL)
        return -EINVAL;
    memcpy(host, text, host_len);
    host[host_len] = '\0';
    if (inet_pton(AF_INET, host, &address) != 1 || ntohl(address.s_addr) >> 24 != 127)
        return -EINVAL;
    return 0;
}

static void write_unit(uint64_t value, const struct unit *units, size_t units_count, char *ret_text,
                       size_t room)
{
    size_t i = units_count - 1;

    while (i > 0 && (value == 0 || value % units[i].factor != 0))
        i--;
    (void)snprintf(ret_text, room, "%" PRIu64 "%s", value / units[i].factor,
                   units[i].name); /* for a message: a cut is no harm */
}

void config_value_write_size(uint64_t bytes, char *ret_text, size_t room)
{
    write_unit(bytes, sizes, UNITS_COUNT(sizes), ret_text, room);
}

void config_value_write_duration(uint64_t seconds, char *ret_text, size_t room)
{
    write_unit(seconds, durations, UNITS_COUNT(durations), ret_text, room);
}

#define NAME_BYTES  256u /* of a user or group */
#define ENTRY_BYTES 65536u

/* A number, or a name as a NUL-terminated string. 1: it is a name. */
static int read_id(const char *text, size_t len, uint32_t *ret_id, char ret_name[NAME_BYTES])
{
    uint64_t id;
    if (config_value_count(text, len, 0, UINT32_MAX - 1, &id) == 0) {
        *ret_id = (uint32_t)id;
        return 0;
    }
    if (len == 0 || len >= NAME_BYTES || memchr(text, '\0', len) != NULL)
        return -EINVAL;
    memcpy(ret_name, text, len);
    ret_name[len] = '\0';
    return 1;
}

int config_value_user(const char *text, size_t len, uint32_t *ret_id)
{
    static char strings[ENTRY_BYTES]; /* the configuration is read by one thread */
    char name[NAME_BYTES];
    struct passwd entry, *found = NULL;
    int result = read_id(text, len, ret_id, name);
    if (result != 1)
        return result;
    if (getpwnam_r(name, &entry, strings, sizeof(strings), &found) != 0 || found == NULL)
        return -EINVAL;
    *ret_id = entry.pw_uid;
    return 0;
}

int config_value_group(const char *text, size_t len, uint32_t *ret_id)
{
    static char strings[ENTRY_BYTES]; /* likewise */
    char name[NAME_BYTES];
    struct group entry, *found = NULL;
    int result = read_id(text, len, ret_id, name);
    if (result != 1)
        return result;
    if (getgrnam_r(name, &entry, strings, sizeof(strings), &found) != 0 || found == NULL)
        return -EINVAL;
    *ret_id = entry.gr_gid;
    return 0;
}
