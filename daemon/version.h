/*
 * Which program this is. The one object that depends on the commit, so that a commit relinks and
 * does not recompile.
 */
#ifndef DAEMON_VERSION_H
#define DAEMON_VERSION_H

/* The release, "0.1.0"; static string. */
const char *version_string(void);

/* The first 12 hex digits of the commit it was built from, with "-dirty" when the tree had changes,
   or "unknown" when it was not built in a git tree; static string. */
const char *version_commit(void);

/* The liburing it was linked with (it is static, so the build knows best), "2.3"; static string. */
const char *version_liburing(void);

#endif
