/*
 * Answers. Knows no record.
 */
#include "daemon/web/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/version.h"

/* A report has its style inside, and images as data; nothing may be fetched, run, framed or sent.
 */
static const char *const headers[][2] = {
    {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                                "sandbox"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
};

enum MHD_Result answer_queue(struct MHD_Connection *connection, unsigned status,
                             const char *content_type, struct MHD_Response *response)
{
    char server[64];
    if (response == NULL)
        return MHD_NO;
    (void)snprintf(server, sizeof server, "noticed-web/%s", version_string()); /* it fits */
    enum MHD_Result good = MHD_add_response_header(response, MHD_HTTP_HEADER_SERVER, server);
    if (good == MHD_YES)
        good = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    if (good == MHD_YES && status == MHD_HTTP_METHOD_NOT_ALLOWED)
        good = MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    if (good == MHD_YES && status == MHD_HTTP_SERVICE_UNAVAILABLE)
        good = MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "5");
    for (size_t i = 0; i < sizeof headers / sizeof headers[0] && good == MHD_YES; i++)
        good = MHD_add_response_header(response, headers[i][0], headers[i][1]);
    if (good == MHD_YES) /* never without its headers */
        good = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return good;
}

enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status, const char *format,
                            ...)
{
    char text[ANSWER_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text - 1, format, arguments); /* a longer one is cut */
    va_end(arguments);
    size_t len = strlen(text);
    text[len++] = '\n';
    return answer_queue(connection, status, "text/plain; charset=utf-8",
                        MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_COPY));
}
