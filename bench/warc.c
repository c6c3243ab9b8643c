/*
 * What reading a WARC costs beside its libraries alone: warc --folder=F [--count=N] [--runs=N]
 *
 * A file of N pages, each a gzip member of its own, as Common Crawl has them; made, not crawled.
 * warc.read is what scan and send do with it: unpacked, cut into records, the pages' text and
 * JSON-LD taken out and written as lines. warc.alone inflates the same members by zlib and has
 * libxml2 parse the same pages as HTML, of whose elements and texts nothing is kept. By turns.
 */
#include <errno.h>
#include <fcntl.h>
#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "bench/load.h"
#include "bench/measure.h"
#include "bench/words.h"
#include "daemon/ctl/input.h"

#define RECORD_BYTES_MAX 65536u
#define GZIP_WINDOW      (15 + 16)
#define LINKS            24u  /* of a page that is mostly text */
#define LINKS_MANY       300u /* of one that is mostly markup, as most are */
#define PARTS            28u
#define READ_BYTES       65536u

/* The file in memory, and where the members begin. */
struct pages {
    unsigned char *bytes;
    size_t len, room, count;
    uint64_t plain; /* bytes of all records */
    int fd;         /* the file */
};

struct writer {
    char *text;
    size_t len;
};

static __attribute__((format(printf, 2, 3))) void put(struct writer *writer, const char *format,
                                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len =
        vsnprintf(writer->text + writer->len, RECORD_BYTES_MAX - writer->len, format, arguments);
    va_end(arguments);
    if (len > 0 && writer->len + (size_t)len < RECORD_BYTES_MAX)
        writer->len += (size_t)len;
}

/* A sentence with one of the things in the place of its %. */
static void put_sentence(struct writer *writer, const struct words *words, unsigned number)
{
    const char *sentence = words->sentences[number % WORDS_SENTENCES];
    const char *thing = words->things[number / 3 % WORDS_THINGS], *gap = strchr(sentence, '%');
    if (gap == NULL)
        put(writer, "%s", sentence);
    else
        put(writer, "%.*s%s%s", (int)(gap - sentence), sentence, thing, gap + 1);
}

/* The page of a shop: navigation, scripts and styles, a listing's text in pieces. */
static void put_page(struct writer *writer, unsigned number, unsigned links)
{
    const struct words *words = &words_languages[number % WORDS_LANGUAGES];
    const char *thing = words->things[number % WORDS_THINGS];
    put(writer,
        "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><title>%s %u</title>\n"
        "<style>.p%u{color:#333;margin:0 auto}.c{display:flex}</style>\n"
        "<script type=\"application/ld+json\">{\"@context\":\"https://schema.org\",\"@type\":"
        "\"Product\",\"name\":\"%s\",\"offers\":{\"@type\":\"Offer\",\"price\":\"%u\"}}</script>\n"
        "<script>var cart=[];function add(i){if(i<%u&&i>0){cart.push(i)}}</script></head>\n<body>",
        words->language, thing, number, number, thing, number % 500, number);
    put(writer, "<nav class=\"menu\"><ul>\n");
    for (unsigned i = 0; i < links; i++)
        put(writer, "<li class=\"item i%u\"><a href=\"/c/%u?page=%u&amp;sort=new\">%s</a></li>\n",
            i, i, number, words->things[(number + i) % WORDS_THINGS]);
    put(writer, "</ul></nav><main><h1>%s &ndash; %s</h1>\n", thing,
        words->qualities[number % WORDS_QUALITIES]);
    for (unsigned i = 0; i < PARTS; i++) {
        put(writer, "<div class=\"c p%u\" id=\"d%u\"><img src=\"/i/%u.jpg\" alt=\"%s\"><p>", i, i,
            i, words->things[i % WORDS_THINGS]);
        for (unsigned k = 0; k < 3; k++) {
            put_sentence(writer, words, number + i * 3 + k);
            put(writer, k == 1 ? " <b>%s</b>, " : " ", words->qualities[i % WORDS_QUALITIES]);
        }
        put(writer, "</p><span class=\"price\">%u&nbsp;&euro;</span></div>\n", (number + i) % 900);
    }
    put(writer, "</main><footer>&copy; %u</footer></body></html>\n", number);
}

static size_t make_record(unsigned number, unsigned links, char record[RECORD_BYTES_MAX])
{
    static const char http[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n";
    static char page_text[RECORD_BYTES_MAX];
    struct writer page = {page_text, 0}, out = {record, 0};
    put_page(&page, number, links);
    put(&out,
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-"
        "%012x>\r\nWARC-Date: 2026-01-02T03:04:05Z\r\nWARC-Target-URI: https://shop.example/%u\r\n"
        "Content-Type: application/http; msgtype=response\r\nContent-Length: %zu\r\n\r\n%s%s"
        "\r\n\r\n",
        number, number, sizeof http - 1 + page.len, http, page_text);
    return out.len;
}

/* Packs all records into memory. 0 or -errno. */
static int make_pages(size_t count, unsigned links, struct pages *pages)
{
    static char record[RECORD_BYTES_MAX];
    pages->room = count * 16384;
    pages->bytes = malloc(pages->room);
    if (pages->bytes == NULL)
        return -ENOMEM;
    for (unsigned i = 0; i < count; i++) {
        z_stream gzip = {0};
        size_t len = make_record(i, links, record);
        if (deflateInit2(&gzip, 6, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
            return -ENOMEM;
        gzip.next_in = (unsigned char *)record;
        gzip.avail_in = (unsigned)len;
        gzip.next_out = pages->bytes + pages->len;
        gzip.avail_out = (unsigned)(pages->room - pages->len);
        int result = deflate(&gzip, Z_FINISH);
        pages->len += gzip.total_out;
        pages->plain += len;
        (void)deflateEnd(&gzip); /* it is finished, or is of no use */
        if (result != Z_STREAM_END)
            return -ENOSPC;
    }
    pages->count = count;
    return 0;
}

/* Puts the pages into a file without a name. 0 or -errno. */
static int write_pages(const char *folder, struct pages *pages)
{
    pages->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (pages->fd == -1)
        return -errno;
    for (size_t done = 0; done < pages->len;) {
        ssize_t written = write(pages->fd, pages->bytes + done, pages->len - done);
        if (written == -1)
            return -errno;
        done += (size_t)written;
    }
    return 0;
}

/* What the command line tools do. The lines that came out, or -errno. */
static long read_all(const struct pages *pages)
{
    static char room[READ_BYTES];
    struct input *input = input_open();
    long lines = 0;
    ssize_t got = -EAGAIN;
    if (input == NULL)
        return -ENOMEM;
    if (lseek(pages->fd, 0, SEEK_SET) == -1)
        got = 0;
    input_start(input, pages->fd);
    while (got > 0 || got == -EAGAIN) {
        got = input_read(input, room, sizeof room);
        const char *at = room;
        while (got > 0 && (at = memchr(at, '\n', (size_t)(room + got - at))) != NULL) {
            lines++;
            at++;
        }
    }
    (void)input_close(input); /* always NULL */
    return got < 0 ? got : lines;
}

static void on_begin(void *context, const xmlChar *name, const xmlChar **attributes)
{
    (void)context;
    measure_use(name, sizeof *attributes);
}

static void on_end(void *context, const xmlChar *name)
{
    (void)context;
    measure_use(name, 1);
}

static void on_text(void *context, const xmlChar *bytes, int len)
{
    (void)context;
    measure_use(bytes, (size_t)len);
}

static int parse(const char *page, size_t len)
{
    htmlParserCtxtPtr parser = htmlCreateMemoryParserCtxt(page, (int)len);
    if (parser == NULL)
        return -ENOMEM;
    (void)htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
                                         HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                                         HTML_PARSE_NODEFDTD | HTML_PARSE_IGNORE_ENC);
    *parser->sax = (htmlSAXHandler){.startElement = on_begin,
                                    .endElement = on_end,
                                    .characters = on_text,
                                    .ignorableWhitespace = on_text,
                                    .cdataBlock = on_text};
    (void)xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF8); /* it cannot fail: no converter */
    (void)htmlParseDocument(parser);                         /* tag soup has faults */
    htmlFreeParserCtxt(parser);
    return 0;
}

/* Inflates each member and has its page parsed. Pages, or -errno. */
static long parse_all(const struct pages *pages)
{
    static char record[RECORD_BYTES_MAX];
    z_stream gzip = {.next_in = pages->bytes, .avail_in = (unsigned)pages->len};
    long count = 0;
    if (inflateInit2(&gzip, GZIP_WINDOW) != Z_OK)
        return -ENOMEM;
    while (count >= 0 && gzip.avail_in > 0) {
        gzip.next_out = (unsigned char *)record;
        gzip.avail_out = sizeof record - 1;
        if (inflate(&gzip, Z_FINISH) != Z_STREAM_END)
            break;
        size_t len = sizeof record - 1 - gzip.avail_out;
        record[len] = '\0';
        const char *page = strstr(record, "\r\n\r\n<!");
        count =
            page == NULL || parse(page, len - (size_t)(page - record)) < 0 ? -EBADMSG : count + 1;
        (void)inflateReset(&gzip); /* of a stream that was made: cannot fail */
    }
    (void)inflateEnd(&gzip); /* only read from */
    return count;
}

/* One more value of MB/s of unpacked records. 0, or -EBADMSG when not all pages came out. */
static int measure(const struct pages *pages, long (*work)(const struct pages *pages),
                   struct sample *sample)
{
    uint64_t begin = measure_cpu_ns();
    long count = work(pages);
    uint64_t ns = measure_cpu_ns() - begin;
    sample_add(sample, (double)pages->plain * 1000 / (double)ns);
    return count == (long)pages->count ? 0 : -EBADMSG;
}

/* The rows of pages with so many links, named so. 0 or -errno. */
static int run(const char *folder, size_t count, unsigned links, const char *const names[2],
               size_t runs)
{
    struct pages pages = {.fd = -1};
    struct sample ours = {.count = 0}, alone = {.count = 0};
    int result = make_pages(count, links, &pages);
    if (result == 0)
        result = write_pages(folder, &pages);
    for (size_t i = 0; result == 0 && i < runs; i++) {
        result = measure(&pages, read_all, &ours);
        if (result == 0)
            result = measure(&pages, parse_all, &alone);
    }
    if (result == 0) {
        struct sample ratios = sample_ratios(&ours, &alone);
        measure_row(names[0], "MB/s", &alone, 0, NULL, NULL);
        measure_row_ratios(names[1], "MB/s", &ours, &ratios, names[0]);
    } else {
        (void)fprintf(stderr, "warc: %s\n", strerrordesc_np(-result));
    }
    if (pages.fd != -1)
        (void)close(pages.fd); /* it has no name */
    free(pages.bytes);
    return result;
}

int main(int argc, char **argv)
{
    static const char *const text[] = {"warc.alone", "warc.read"};
    static const char *const markup[] = {"warc.markup_alone", "warc.markup_read"};
    const char *folder = load_text(argc, argv, "--folder");
    size_t count = load_option(argc, argv, "--count", 2000);
    size_t runs = load_option(argc, argv, "--runs", 5);
    if (folder == NULL || count == 0 || runs == 0 || runs > MEASURE_RUNS_MAX)
        return 2;
    return run(folder, count, LINKS, text, runs) < 0 ||
           run(folder, count, LINKS_MANY, markup, runs) < 0;
}
