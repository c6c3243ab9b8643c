/*
 * A WARC's record as a line of JSON, for a field map: what its header says, and what its page
 * shows. Knows WARC, HTTP and pages; knows no file.
 *
 *   {"WARC-Type":"response","WARC-Target-URI":...,"WARC-Date":...,"WARC-Record-ID":...,
 *    "WARC-Payload-Digest":...,"listing_id":"sha256:...","offset":N,"status":200,
 *    "title":...,"text":...,"jsonld":[...],"product":{...}}
 *
 * listing_id is there when the address is longer than a listing's id may be (LISTING_ID_BYTES_MAX):
 * the SHA-256 of the whole address, the same in each crawl. Of `conversion` records (WET) status,
 * title, jsonld and product are not there. jsonld holds every block that is JSON and that a line
 * can hold, as it is written; product the one schema.org product among them, when it is one.
 * "cut":true says that the page had more than is here: more than has room, or its record has less
 * than the server sent (WARC-Truncated, or as http.h says). A record that is damaged gives
 * {"damaged":"why","offset":N}, which no map takes.
 */
#ifndef DAEMON_CTL_CAPTURE_H
#define DAEMON_CTL_CAPTURE_H

#include <stddef.h>

#include "daemon/ctl/warc.h"

#define CAPTURE_LINE_BYTES_MAX 262144u /* with its newline */

struct capture;

/* Makes one. NULL when out of memory. */
struct capture *capture_open(void);

/* Makes the line, newline included, borrowed until the next call. Returns its length. 0: the record
   shows no listing: it is no response, conversion or resource, no page of text, or its HTTP status
   is neither 2xx, 404 nor 410 and so says nothing of the listing. May set record->damage. */
size_t capture_line(struct capture *capture, struct warc_record *record, const char **ret_line);

/* Frees; NULL is fine. Returns NULL. */
struct capture *capture_close(struct capture *capture);

#endif
