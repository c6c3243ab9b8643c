/*
 * What a page of HTML says to its reader, and its JSON-LD: parsed by libxml2 as browsers' tag soup,
 * without a tree. Knows no HTTP and no WARC.
 *
 * The text is what stands between tags, but for scripts, styles and templates; white space is
 * joined, the elements that browsers begin a line for begin one, and pictures give their alt text.
 */
#ifndef DAEMON_CTL_PAGE_H
#define DAEMON_CTL_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#define PAGE_TITLE_BYTES_MAX  4096u
#define PAGE_TEXT_BYTES_MAX   131072u
#define PAGE_SCRIPT_BYTES_MAX 131072u /* of all blocks of JSON-LD */
#define PAGE_SCRIPTS_MAX      32u
#define PAGE_DEPTH_MAX        512u /* open elements, as in browsers; a deeper one ends it */
#define PAGE_SLACK_BYTES      64u  /* readable bytes after each script */

/* UTF-8. What was too long is cut, between characters. */
struct page {
    char title[PAGE_TITLE_BYTES_MAX];
    size_t title_len;
    char text[PAGE_TEXT_BYTES_MAX];
    size_t text_len;
    char scripts[PAGE_SCRIPT_BYTES_MAX]; /* <script type="application/ld+json"> */
    size_t scripts_len;
    struct {
        size_t begin, len;
    } script[PAGE_SCRIPTS_MAX];
    size_t scripts_count;
    bool cut; /* something was left out */
};

/* Reads a page; charset as HTTP named it, or "": see charset.h, which decodes it. 0 or -ENOMEM. */
int page_read(const char *bytes, size_t len, const char *charset, struct page *ret_page);

#endif
