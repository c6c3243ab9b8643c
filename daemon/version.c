/*
 * Which program this is: what the Makefile wrote into build/$(MODE)/gen/version_text.h.
 */
#include "daemon/version.h"

#include <version_text.h>

const char *version_string(void)
{
    return VERSION_TEXT;
}

const char *version_commit(void)
{
    return VERSION_COMMIT;
}

const char *version_liburing(void)
{
    return VERSION_LIBURING;
}
