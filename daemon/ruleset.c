/*
 * Lists from files or an image to a database. Knows files and the matcher.
 *
 * Image, version 1 (numbers are 64 bits, little-endian): the magic, then sections until the end,
 * each of kind, path bytes, content bytes, path, content. Kinds 1, 2 and 4 are lists as read; kind
 * 3 is the compiled part and comes last. Both processes are of one build: the image is no file
 * format.
 */
#include "daemon/ruleset.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ledger/little_endian.h"

#define IMAGE_MAGIC        "noticed-image-1\n"
#define IMAGE_MAGIC_BYTES  16u
#define SECTION_HEAD_BYTES 24u
#define SECTION_DATABASE   3u
#define SEALS              (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

int ruleset_read_file(const char *path, char **ret_bytes, size_t *ret_len)
{
    /* Whoever opens a FIFO waits for its writer otherwise. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd == -1)
        return -errno;
    struct stat status;
    int result = fstat(fd, &status) == -1 ? -errno : 0;
    if (result == 0 && !S_ISREG(status.st_mode))
        result = S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
    if (result == 0 && status.st_size > (off_t)RULESET_SOURCE_BYTES_MAX)
        result = -EFBIG;
    size_t len = result == 0 ? (size_t)status.st_size : 0;
    char *bytes = result == 0 ? malloc(len + 1) : NULL;
    if (result == 0 && bytes == NULL)
        result = -ENOMEM;
    for (size_t done = 0; result == 0 && done < len;) {
        ssize_t got = read(fd, bytes + done, len - done);
        if (got == -1 && errno == EINTR)
            continue;
        if (got <= 0)
            result = got == 0 ? -EIO : -errno; /* it shrank while we read it */
        else
            done += (size_t)got;
    }
    (void)close(fd); /* read only */
    if (result < 0) {
        free(bytes);
        return result;
    }
    *ret_bytes = bytes;
    *ret_len = len;
    return 0;
}

const char *ruleset_read_error(int result)
{
    return result == -EINVAL   ? "it is no file, but a pipe, a socket or a device"
           : result == -ENOENT ? "No such file or directory: correct the path; the example lists "
                                 "that come with noticed are good to begin with"
           : result == -EACCES ? "Permission denied: the user who runs this must be able to read "
                                 "it, and to enter its folders"
                               : strerrordesc_np(-result);
}

static int write_all(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t put = write(fd, at, len);
        if (put == -1 && errno == EINTR)
            continue;
        if (put == -1)
            return -errno;
        at += put;
        len -= (size_t)put;
    }
    return 0;
}

static int write_section(int fd, uint64_t kind, const char *path, const void *bytes, size_t len)
{
    uint8_t head[SECTION_HEAD_BYTES];
    little_endian_put_u64(head, kind);
    little_endian_put_u64(head + 8, strlen(path));
    little_endian_put_u64(head + 16, len);
    int result = write_all(fd, head, sizeof head);
    if (result == 0)
        result = write_all(fd, path, strlen(path));
    if (result == 0)
        result = write_all(fd, bytes, len);
    return result;
}

const char *ruleset_kind_name(enum ruleset_source_kind kind)
{
    switch (kind) {
    case RULESET_MARKS:
        return "marks";
    case RULESET_CUES:
        return "cues";
    case RULESET_RULES:
        return "rules";
    }
    assert(false);
    return "";
}

static int add_list(struct matcher_lists *lists, enum ruleset_source_kind kind, const char *bytes,
                    size_t len, struct matcher_error *reterr_error)
{
    switch (kind) {
    case RULESET_MARKS:
        return matcher_lists_add_marks(lists, bytes, len, reterr_error);
    case RULESET_CUES:
        return matcher_lists_add_cues(lists, bytes, len, reterr_error);
    case RULESET_RULES:
        return matcher_lists_add_rules(lists, bytes, len, reterr_error);
    }
    assert(false);
    return -EINVAL;
}

/* Parses one list into lists and notes where it came from. */
static int add_source(struct ruleset *ruleset, struct matcher_lists *lists,
                      enum ruleset_source_kind kind, const char *path, const char *bytes,
                      size_t len, char *reterr_text)
{
    if (ruleset->sources_count == RULESET_SOURCES_MAX) {
        (void)snprintf(reterr_text, RULESET_ERROR_BYTES, "%s: more than %u lists", path,
                       RULESET_SOURCES_MAX);
        return -EINVAL;
    }
    struct matcher_error error = {.text = ""};
    int result = add_list(lists, kind, bytes, len, &error);
    if (result == -EINVAL && error.line > 0)
        (void)snprintf(reterr_text, RULESET_ERROR_BYTES, "%s:%u:%u: %s", path, error.line,
                       error.column, error.text);
    else if (result < 0)
        (void)snprintf(reterr_text, RULESET_ERROR_BYTES, "%s: %s", path,
                       result == -EINVAL ? error.text : strerrordesc_np(-result));
    if (result < 0)
        return result;
    struct ruleset_source *source = &ruleset->sources[ruleset->sources_count];
    source->kind = kind;
    source->path = strdup(path);
    if (source->path == NULL) {
        (void)snprintf(reterr_text, RULESET_ERROR_BYTES, "out of memory");
        return -ENOMEM;
    }
    source->bytes = len;
    digest_sha256(bytes, len, source->sha256);
    ruleset->sources_count++;
    return 0;
}

static int add_files(struct ruleset *ruleset, struct matcher_lists *lists,
                     const struct ruleset_file *files, size_t files_count, int image_fd,
                     char *reterr_text)
{
    for (size_t i = 0; i < files_count; i++) {
        char *bytes = NULL;
        size_t len = 0;
        int result = ruleset_read_file(files[i].path, &bytes, &len);
        if (result < 0) {
            (void)snprintf(reterr_text, RULESET_ERROR_BYTES, "%s: cannot read the list: %s",
                           files[i].path, ruleset_read_error(result));
            return result;
        }
        result = add_source(ruleset, lists, files[i].kind, files[i].path, bytes, len, reterr_text);
        if (result == 0 && image_fd != -1)
            result = write_section(image_fd, files[i].kind, files[i].path, bytes, len);
        if (result < 0 && reterr_text[0] == '\0')
            (void)snprintf(reterr_text, RULESET_ERROR_BYTES, "%s: cannot be passed on: %s",
                           files[i].path, strerrordesc_np(-result));
        free(bytes);
        if (result < 0)
            return result;
    }
    return 0;
}

/* What the set is, whatever its files are called: a changed byte in a list, another fold or another
   engine gives another hash. */
static void name_ruleset(struct ruleset *ruleset)
{
    uint8_t text[RULESET_SOURCES_MAX * (1 + DIGEST_BYTES) + 256];
    size_t len = 0;
    for (size_t i = 0; i < ruleset->sources_count; i++) {
        text[len++] = (uint8_t)ruleset->sources[i].kind;
        memcpy(text + len, ruleset->sources[i].sha256, DIGEST_BYTES);
        len += DIGEST_BYTES;
    }
    int put = snprintf((char *)text + len, sizeof text - len, "%s\n%s\n", matcher_fold_version(),
                       matcher_engine_version());
    assert(put > 0);
    assert((size_t)put < sizeof text - len);
    digest_sha256(text, len + (size_t)put, ruleset->sha256);
}

/* The path of the rules that were read as number source. */
static const char *rules_path(const struct ruleset *ruleset, unsigned source)
{
    for (size_t i = 0; i < ruleset->sources_count; i++)
        if (ruleset->sources[i].kind == RULESET_RULES && --source == 0)
            return ruleset->sources[i].path;
    return "rules";
}

static void explain_engine(const struct matcher_error *error, int result,
                           const struct ruleset *ruleset, char *reterr_text)
{
    if (result == -EINVAL && error->source > 0) {
        (void)snprintf(reterr_text, RULESET_ERROR_BYTES, "%s:%u:%u: %s",
                       rules_path(ruleset, error->source), error->line, error->column, error->text);
        return;
    }
    size_t marks = 0;
    const char *first = "the lists";
    for (size_t i = 0; i < ruleset->sources_count; i++)
        if (ruleset->sources[i].kind == RULESET_MARKS && marks++ == 0)
            first = ruleset->sources[i].path;
    (void)snprintf(reterr_text, RULESET_ERROR_BYTES, "%s%s: the marks cannot be compiled: %s",
                   first, marks > 1 ? " and the other lists of marks" : "",
                   result == -EINVAL ? error->text : strerrordesc_np(-result));
}

/* Opens what every way of making a ruleset needs; both are freed by the caller whatever comes. */
static int begin(struct ruleset **ret_ruleset, struct matcher_lists **ret_lists, char *reterr_text)
{
    *ret_ruleset = calloc(1, sizeof **ret_ruleset);
    int result = *ret_ruleset == NULL ? -ENOMEM : matcher_lists_open(ret_lists);
    if (result < 0)
        (void)snprintf(reterr_text, RULESET_ERROR_BYTES, "out of memory");
    return result;
}

static int compile(const struct ruleset_file *files, size_t files_count, int image_fd,
                   struct ruleset **ret_ruleset, char *reterr_text)
{
    struct ruleset *ruleset = NULL;
    struct matcher_lists *lists = NULL;
    struct matcher_error error = {.text = ""};
    reterr_text[0] = '\0';
    int result = begin(&ruleset, &lists, reterr_text);
    if (result == 0)
        result = add_files(ruleset, lists, files, files_count, image_fd, reterr_text);
    if (result == 0) {
        result = matcher_db_compile(lists, &ruleset->db, &error);
        if (result < 0)
            explain_engine(&error, result, ruleset, reterr_text);
    }
    lists = matcher_lists_close(lists);
    if (result < 0) {
        (void)ruleset_free(ruleset); /* always NULL */
        return result;
    }
    name_ruleset(ruleset);
    *ret_ruleset = ruleset;
    return 0;
}

/* One section of an image; at moves past it. false when the image is not whole. */
static bool next_section(const uint8_t **at, const uint8_t *end, uint64_t *ret_kind,
                         const char **ret_path, size_t *ret_path_len, const char **ret_bytes,
                         size_t *ret_len)
{
    if ((size_t)(end - *at) < SECTION_HEAD_BYTES)
        return false;
    uint64_t path_len = little_endian_get_u64(*at + 8);
    uint64_t len = little_endian_get_u64(*at + 16);
    *ret_kind = little_endian_get_u64(*at);
    size_t room = (size_t)(end - *at) - SECTION_HEAD_BYTES;
    if (path_len > room || len > room - path_len)
        return false;
    *ret_path = (const char *)*at + SECTION_HEAD_BYTES;
    *ret_path_len = path_len;
    *ret_bytes = *ret_path + path_len;
    *ret_len = len;
    *at += SECTION_HEAD_BYTES + path_len + len;
    return true;
}

static int read_sections(struct ruleset *ruleset, struct matcher_lists *lists, const uint8_t *at,
                         const uint8_t *end, char *reterr_text)
{
    struct matcher_error error = {.text = ""};
    uint64_t kind = 0;
    const char *path = NULL;
    const char *bytes = NULL;
    size_t path_len = 0;
    size_t len = 0;
    while (next_section(&at, end, &kind, &path, &path_len, &bytes, &len)) {
        if (kind == SECTION_DATABASE) {
            digest_sha256(bytes, len, ruleset->db_sha256);
            int result = matcher_db_adopt(lists, bytes, len, &ruleset->db, &error);
            if (result < 0)
                explain_engine(&error, result, ruleset, reterr_text);
            return result;
        }
        char name[4096];
        (void)snprintf(name, sizeof name, "%.*s", (int)path_len, path);
        int result = add_source(ruleset, lists, (enum ruleset_source_kind)kind, name, bytes, len,
                                reterr_text);
        if (result < 0)
            return result;
    }
    (void)snprintf(reterr_text, RULESET_ERROR_BYTES, "the compiler's answer is not whole");
    return -EINVAL;
}

int ruleset_compile(const struct ruleset_file *files, size_t files_count,
                    struct ruleset **ret_ruleset, char reterr_text[RULESET_ERROR_BYTES])
{
    return compile(files, files_count, -1, ret_ruleset, reterr_text);
}

int ruleset_write_image(const struct ruleset_file *files, size_t files_count, int image_fd,
                        char reterr_text[RULESET_ERROR_BYTES])
{
    struct ruleset *ruleset = NULL;
    reterr_text[0] = '\0';
    int result = write_all(image_fd, IMAGE_MAGIC, IMAGE_MAGIC_BYTES);
    if (result == 0)
        result = compile(files, files_count, image_fd, &ruleset, reterr_text);
    void *bytes = NULL;
    size_t len = 0;
    if (result == 0)
        result = matcher_db_serialize(ruleset->db, &bytes, &len);
    if (result == 0)
        result = write_section(image_fd, SECTION_DATABASE, "", bytes, len);
    if (result == 0 && fcntl(image_fd, F_ADD_SEALS, SEALS) == -1)
        result = -errno;
    free(bytes);
    ruleset = ruleset_free(ruleset);
    if (result < 0 && reterr_text[0] == '\0')
        (void)snprintf(reterr_text, RULESET_ERROR_BYTES,
                       "the compiled marks cannot be passed on: %s", strerrordesc_np(-result));
    return result;
}

int ruleset_read_image(int image_fd, struct ruleset **ret_ruleset,
                       char reterr_text[RULESET_ERROR_BYTES])
{
    struct stat status;
    if (fstat(image_fd, &status) == -1 || status.st_size < (off_t)IMAGE_MAGIC_BYTES) {
        (void)snprintf(reterr_text, RULESET_ERROR_BYTES, "the compiler's answer is empty");
        return -EINVAL;
    }
    int seals = fcntl(image_fd, F_GET_SEALS);
    if (seals == -1 || (seals & SEALS) != SEALS) {
        /* Whoever could change it now, or cut it, would change what is being read. */
        (void)snprintf(reterr_text, RULESET_ERROR_BYTES, "the compiler's answer is not sealed");
        return -EINVAL;
    }
    size_t len = (size_t)status.st_size;
    uint8_t *image = mmap(NULL, len, PROT_READ, MAP_PRIVATE, image_fd, 0);
    if (image == MAP_FAILED) {
        (void)snprintf(reterr_text, RULESET_ERROR_BYTES, "out of memory");
        return -ENOMEM;
    }
    struct ruleset *ruleset = NULL;
    struct matcher_lists *lists = NULL;
    int result = begin(&ruleset, &lists, reterr_text);
    if (result == 0 && memcmp(image, IMAGE_MAGIC, IMAGE_MAGIC_BYTES) != 0) {
        (void)snprintf(reterr_text, RULESET_ERROR_BYTES,
                       "the compiler's answer is of another build");
        result = -EINVAL;
    }
    if (result == 0)
        result = read_sections(ruleset, lists, image + IMAGE_MAGIC_BYTES, image + len, reterr_text);
    lists = matcher_lists_close(lists);
    (void)munmap(image, len); /* our own mapping: it cannot fail */
    if (result < 0) {
        (void)ruleset_free(ruleset); /* always NULL */
        return result;
    }
    name_ruleset(ruleset);
    *ret_ruleset = ruleset;
    return 0;
}

struct ruleset *ruleset_free(struct ruleset *ruleset)
{
    if (ruleset == NULL)
        return NULL;
    ruleset->db = matcher_db_unref(ruleset->db);
    for (size_t i = 0; i < ruleset->sources_count; i++)
        free(ruleset->sources[i].path);
    free(ruleset);
    return NULL;
}
