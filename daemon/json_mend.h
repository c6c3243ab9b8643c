/*
 * JSON that its grammar allows and simdjson does not take, made into JSON that it takes. Pure.
 */
#ifndef DAEMON_JSON_MEND_H
#define DAEMON_JSON_MEND_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Rewrites in place, keeping every token at its offset: each surrogate escape that is not one of a
   pair becomes \ufffd, and *ret_surrogate is then true, otherwise false; each well-formed number
   that neither int64_t, uint64_t nor double can hold becomes 9e307 or -9e307, padded with spaces. A
   byte that is none of "+-.0123456789Ee" must be readable at bytes[len]. Leaves alone what is
   malformed. Returns how many changes were made. */
size_t json_mend(char *bytes, size_t len, bool *ret_surrogate);

/* How many bytes from at on belong to a number's token. It ends before the first other byte, which
   must be there: in a JSON text, or in the slack after one that is a lone number. */
size_t json_number_len(const char *at);

#ifdef __cplusplus
}
#endif
#endif
