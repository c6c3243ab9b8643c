/*
 * Prints listings, decided by a seed: corpus --count N [--seed S] [--marks LIST.tsv] [--marked
 * PER_MILLE] or the mark list that it otherwise makes up: corpus --list N, and the cues: corpus
 * --cues.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/lines.h"
#include "bench/names.h"

static int usage(void)
{
    (void)fputs("usage: corpus [--count N] [--seed S] [--marks LIST.tsv] [--marked PER_MILLE]\n"
                "       corpus --list N | --cues\n",
                stderr);
    return 2;
}

static int print(char *list, size_t len)
{
    size_t written = list == NULL ? 0 : fwrite(list, 1, len, stdout);
    int code = list != NULL && written == len && fflush(stdout) == 0 ? 0 : 2;
    free(list);
    return code;
}

static int print_lines(const struct names *names, uint64_t count, uint64_t seed, unsigned marked)
{
    static struct lines lines;
    static char line[LINES_BYTES_MAX];
    lines_start(&lines, names, seed, marked);
    for (uint64_t i = 0; i < count; i++) {
        size_t len = lines_next(&lines, line);
        if (fwrite(line, 1, len, stdout) != len)
            return 2;
    }
    return fflush(stdout) == 0 ? 0 : 2;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"count", required_argument, NULL, 'n'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"marks", required_argument, NULL, 'm'},
                                            {"marked", required_argument, NULL, 'h'},
                                            {"list", required_argument, NULL, 'l'},
                                            {"cues", no_argument, NULL, 'q'},
                                            {0}};
    uint64_t count = 1000, seed = 1, list = 0;
    unsigned marked = 20;
    const char *marks = NULL;
    bool cues = false;
    int option = 0;
    /* The only thread there is. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        char *end = NULL;
        unsigned long long value = optarg != NULL ? strtoull(optarg, &end, 10) : 0;
        if (option == '?' || (optarg != NULL && option != 'm' && *end != '\0'))
            return usage();
        count = option == 'n' ? value : count;
        seed = option == 's' ? value : seed;
        marked = option == 'h' ? (unsigned)value : marked;
        list = option == 'l' ? value : list;
        marks = option == 'm' ? optarg : marks;
        cues = cues || option == 'q';
    }
    if (optind != argc)
        return usage();
    struct names names = {0};
    size_t len = 0;
    if (cues) {
        char *text = names_cues(&len);
        return print(text, len);
    }
    int result = marks != NULL ? names_read(marks, &names) : names_make(list ? list : 1000, &names);
    if (result < 0) {
        (void)fprintf(stderr, "corpus: %s: %s\n", marks != NULL ? marks : "names",
                      strerrordesc_np(-result));
        return 2;
    }
    int code = 0;
    if (list > 0) {
        char *text = names_list(&names, 0, &len);
        code = print(text, len);
    } else {
        code = print_lines(&names, count, seed, marked);
    }
    names_close(&names);
    return code;
}
