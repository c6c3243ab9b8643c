/*
 * What noticed-web shows as it stands in files: the counters, and reports.
 */
#ifndef DAEMON_WEB_FILES_H
#define DAEMON_WEB_FILES_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILES_METRICS_BYTES_MAX 262144u
#define FILES_METRICS_OLD_S     60 /* noticed-metrics.timer writes them each 15 s */

/* Queues the file that noticectl metrics --textfile keeps. */
enum MHD_Result files_metrics(struct MHD_Connection *connection, const char *path);

/* Why the counters in this file do not say that noticed works now, static; NULL: they do. */
const char *files_metrics_fault(const char *path, int64_t now_ns);

/* Queues a report, or the list of a folder. path: below `root`, a name, or a folder's name and one
   in it, or either with a slash behind; "" is root itself. Names are of letters, digits and . _ -
   alone and do not begin with a dot, those of reports end in .html, .json, .jsonl, .csv, .tsv or
   .txt; nothing is reached through a link. For everything else the answer is that there is none. */
enum MHD_Result files_report(struct MHD_Connection *connection, const char *root, const char *path);

#endif
