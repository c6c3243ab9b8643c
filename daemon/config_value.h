/*
 * One word of the configuration as a value: counts, sizes, durations, file modes, addresses. Pure.
 *
 * Every call takes a word that is not NUL-terminated and gives 0, or -EINVAL when it is not of the
 * type or lies outside [min, max]; the caller says so.
 */
#ifndef DAEMON_CONFIG_VALUE_H
#define DAEMON_CONFIG_VALUE_H

#include <stddef.h>
#include <stdint.h>

/* Decimal digits, no sign. */
int config_value_count(const char *text, size_t len, uint64_t min, uint64_t max,
                       uint64_t *ret_count);

/* Decimal digits and KiB, MiB, GiB or TiB, with or without a space between; without a unit: bytes.
 */
int config_value_size(const char *text, size_t len, uint64_t min, uint64_t max,
                      uint64_t *ret_bytes);

/* Decimal digits and s, min, h or d; the unit is required. */
int config_value_duration(const char *text, size_t len, uint64_t min_s, uint64_t max_s,
                          uint64_t *ret_seconds);

/* Three or four octal digits, at most 0777. */
int config_value_mode(const char *text, size_t len, uint64_t *ret_mode);

/* An address that only this machine reaches: 127.x.x.x:PORT or [::1]:PORT, PORT from 1. */
int config_value_loopback(const char *text, size_t len);

/* Writes a size or a duration with the largest unit that divides it: "64MiB", "2min". */
void config_value_write_size(uint64_t bytes, char *ret_text, size_t room);
void config_value_write_duration(uint64_t seconds, char *ret_text, size_t room);

/* The number of a user or group: a decimal number, or a name that this host knows. 0 or -EINVAL. */
int config_value_user(const char *text, size_t len, uint32_t *ret_id);
int config_value_group(const char *text, size_t len, uint32_t *ret_id);

#endif
