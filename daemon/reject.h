/*
 * Why a line was not accepted: the codes of the wire's nack and of the dead letters (DESIGN 9.7).
 */
#ifndef DAEMON_REJECT_H
#define DAEMON_REJECT_H

#define REJECT_DETAIL_BYTES 160u

enum reject_code {
    REJECT_NONE = 0,
    REJECT_BAD_JSON,
    REJECT_BAD_UTF8,
    REJECT_BAD_TIME,
    REJECT_BAD_TYPE,
    REJECT_BAD_VALUE,
    REJECT_MISSING_FIELD,
    REJECT_DUP_KEY,
    REJECT_TOO_LONG,
    REJECT_TOO_DEEP,
    REJECT_NOT_ALLOWED,
    REJECT_CODES_COUNT,
};

/* detail is NUL-terminated ASCII and begins with the field's name where one is meant. */
struct reject {
    enum reject_code code;
    char detail[REJECT_DETAIL_BYTES];
};

/* "bad_json", ...; the names are fixed for ever. REJECT_NONE gives "none". */
const char *reject_code_name(enum reject_code code);

/* Sets code and a printf-formatted detail; bytes outside printable ASCII become '?', and a longer
   detail is cut. Returns code, so that a caller can end with it. */
enum reject_code reject_set(struct reject *ret_reject, enum reject_code code, const char *format,
                            ...) __attribute__((format(printf, 3, 4)));

#endif
