/*
 * HTTP statuses of listings. A page that was not served (a ban, an error of the server) shows
 * nothing about the listing, and must not become a sighting by default.
 */
#include "daemon/http_status.h"

#include <string.h>

bool http_status_gone(const char *status, size_t len)
{
    return len == 3 && (memcmp(status, "404", 3) == 0 || memcmp(status, "410", 3) == 0);
}

const char *http_status_fault(const char *status, size_t len, const char *state, size_t state_len)
{
    if (len != 3 || status[0] < '1' || status[0] > '5' || status[1] < '0' || status[1] > '9' ||
        status[2] < '0' || status[2] > '9')
        return "is no HTTP status";
    bool gone = http_status_gone(status, len);
    if (state == NULL && status[0] != '2' && !gone)
        return "does not say whether the listing is there: give state";
    if (state != NULL && gone && state_len == 6 && memcmp(state, "active", 6) == 0)
        return "says gone, and state active: one of them is wrong";
    return NULL;
}
