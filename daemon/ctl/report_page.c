/*
 * The frame of a report: head, style and foot. Knows nothing of what stands between.
 *
 * The policy in the head forbids everything but the one style sheet, by its hash (CSP Level 3,
 * 2.3.1): were a text from outside ever to become markup, it could load and run nothing.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/report.h"
#include "daemon/ctl/sentence.h"
#include "daemon/digest.h"
#include "daemon/ledger/base64.h"
#include "daemon/ledger/text.h"
#include "daemon/version.h"

static const char style[] =
    ":root{color-scheme:light}"
    "body{font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;max-width:64rem;"
    "margin:0 auto;padding:1rem;overflow-wrap:anywhere}"
    "h1{font-size:1.7rem;line-height:1.25}h2{margin-top:2.2rem;border-bottom:2px solid #1a1a1a}"
    "table{border-collapse:collapse;table-layout:fixed;width:100%;margin:.6rem 0 1.2rem}"
    ".wide{overflow-x:auto}.wide>*{min-width:44rem}"
    "caption{text-align:left;font-weight:600;padding:.3rem 0}"
    "th,td{border:1px solid #767676;padding:.35rem .5rem;text-align:left;vertical-align:top}"
    "thead th{background:#eee}tbody th{font-weight:600}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{font-weight:600}"
    "dd{margin:0}"
    /* A text from outside that is one long word must take no other column's room. */
    ".equal th:first-child{width:28%}.elements th:first-child{width:27%}"
    ".elements th:nth-child(2){width:17%}.elements th:last-child{width:26%}"
    ".listings th:first-child{width:18%}.listings th:last-child{width:30%}"
    ".events th:first-child{width:20%}.events th:last-child{width:30%}"
    ".answer{display:inline-block;font-weight:700;padding:0 .4rem;border:2px solid;"
    "white-space:nowrap}"
    ".shown{color:#8b0000;background:#fdecea}.rebutted{color:#0b5a1e;background:#e6f4ea}"
    ".not_shown{color:#333;background:#f2f2f2}.indeterminate{color:#6b4a00;background:#fff6dc}"
    "pre{white-space:pre-wrap;border:1px solid #767676;padding:.6rem;font-size:.85rem}"
    ".quiet{color:#555}figure{margin:0}svg{width:100%;height:auto;box-sizing:border-box;border:1px "
    "solid #767676}"
    "figcaption{font-size:.9rem}"
    "svg text{font:13px system-ui,sans-serif;fill:#1a1a1a}.lane{stroke:#999}.tick{stroke:#ddd}"
    ".red{fill:#c62828}.doubt{fill:#3b6ea5;fill-opacity:.35}"
    ".mark{fill:#1f4e79;stroke:#fff;stroke-width:1}"
    ".off{fill:#fff;stroke:#1f4e79;stroke-width:2}.pale{fill:#767676}"
    ".hatch{stroke:#555;stroke-width:2}.thin{stroke:#8a8a8a;stroke-width:1}"
    ".frame{stroke:#767676}.covered{fill:#2e6b4f}"
    ".statement{font-weight:600;border-top:2px solid #1a1a1a;padding-top:.8rem}"
    "@media print{@page{margin:15mm}body{max-width:none;padding:0 1px;font-size:10.5pt}"
    ".wide{overflow:visible}.wide>*{min-width:0}table{font-size:9.5pt}"
    "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    "tr,figure,h2,h3{break-inside:avoid}h2,h3,caption{break-after:avoid}}";

#define HASH_TEXT_BYTES 64u /* of a SHA-256 in base 64 */

static void print_policy(FILE *stream)
{
    uint8_t digest[DIGEST_BYTES];
    char bytes[HASH_TEXT_BYTES];

    digest_sha256(style, sizeof style - 1, digest);
    struct text text = text_into(bytes, sizeof bytes);
    base64_encode(&text, digest, sizeof digest);
    (void)fprintf(stream,
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "style-src 'sha256-%.*s'; base-uri 'none'; form-action 'none'\">\n",
                  (int)text.len, bytes);
}

void report_verbatim(const struct term *term, const char *bytes, size_t len)
{
    char unit[TERM_UNIT_BYTES];
    unsigned columns;
    (void)fputs("<pre><bdi>", term->stream);
    for (const char *at = bytes, *end = bytes + len; at < end;) {
        bool line = *at == '\n';
        size_t unit_len = term_unit(&at, end, unit, &columns);
        if (line)
            (void)fputc('\n', term->stream);
        else
            term_put_unit(term, unit, unit_len);
    }
    (void)fputs("</bdi></pre>\n", term->stream);
}

void report_cut(const struct term *term, struct knowledge_text text)
{
    char unit[TERM_UNIT_BYTES];
    unsigned columns, units = 0;
    for (const char *at = text.at, *end = at + text.len; at < end && units < REPORT_CUT_UNITS;
         units++) {
        size_t len = term_unit(&at, end, unit, &columns);
        term_put_unit(term, unit, len);
    }
}

static void print_fact(const struct term *term, const char *name, struct knowledge_text value)
{
    (void)fprintf(term->stream, "<dt>%s</dt><dd>", name);
    term_print(term, value.at, value.len);
    (void)fputs("</dd>\n", term->stream);
}

void report_head(const struct asking *asking)
{
    const struct term *term = &asking->term;
    FILE *stream = term->stream;
    (void)fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n", stream);
    print_policy(stream);
    (void)fprintf(stream,
                  "<meta name=\"viewport\" content=\"width=device-width\">\n"
                  "<meta name=\"referrer\" content=\"no-referrer\">\n"
                  "<style>%s</style>\n<title>What the record shows about merchant ",
                  style);
    report_cut(term, asking->filter.merchant);
    (void)fputs("</title>\n</head>\n<body>\n<main>\n<h1>What the record shows about merchant ",
                stream);
    term_print(term, asking->filter.merchant.at, asking->filter.merchant.len);
    (void)fputs("</h1>\n<dl>\n", stream);
    print_fact(term, "Merchant", asking->filter.merchant);
    if (asking->order.at != NULL)
        print_fact(term, "Order", asking->order);
    else
        (void)fputs("<dt>Order</dt><dd>every order in the record</dd>\n", stream);
    print_fact(term, "Ledger", (struct knowledge_text){asking->ledger, strlen(asking->ledger)});
    (void)fputs("<dt>As of</dt><dd>", stream);
    sentence_time(stream, asking_now(asking), 0);
    (void)fprintf(stream,
                  "%s</dd>\n<dt>Made by</dt><dd>noticectl %s (commit %s)</dd>\n</dl>\n"
                  "<p><strong>" ASKING_STATEMENT "</strong></p>\n"
                  "<p>Each statement names the records of the ledger that it rests on. A record "
                  "states what was written down, by whom and when; it does not state that this is "
                  "true. Text in this report that came from outside is shown with its hidden and "
                  "control characters spelt out, like \\u{202e}.</p>\n",
                  asking->limits.has_as_of ? ", as asked"
                                           : ", when the last of the records "
                                             "considered was written",
                  version_string(), version_commit());
}

void report_foot(const struct asking *asking)
{
    (void)fputs("<p class=\"statement\">" ASKING_STATEMENT "</p>\n</main>\n</body>\n</html>\n",
                asking->term.stream);
}
