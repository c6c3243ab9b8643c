/*
 * Fuzzes the squeezed reading: all paths find and judge the same suspects, hits lie inside the text
 * and are aligned to code points, and nothing behind the text is read.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/db.h"
#include "matcher/squeeze.h"
#include "matcher/squeeze_find.h"
#include "matcher/squeeze_quick.h"

#define TEXT_BYTES_MAX 16384u
#define SEEN_MAX       (TEXT_BYTES_MAX + 1)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct seen {
    struct squeeze_suspect items[SEEN_MAX];
    size_t count;
};

static struct seen scalar, other;
static struct squeeze_suspect room[SQUEEZE_SUSPECTS_MAX];
static struct squeeze_quick quick;

static void take(void *context, const struct squeeze_suspect *suspects, size_t count)
{
    struct seen *seen = context;
    assert(seen->count + count <= SEEN_MAX);
    memcpy(seen->items + seen->count, suspects, count * sizeof *suspects);
    seen->count += count;
}

static struct matcher_db *make_db(void)
{
    static const char marks[] =
        "mark_id\tmark\tgeneric\taliases\n1\tSquishmallows\t0\tSquishmallow\n2\tLEGO\t0\tЛего\n"
        "3\tHot Wheels\t0\t\n4\tArc'teryx\t0\t\n5\tUGG\t0\t\n6\tNike\t0\t\n7\tApple\t1\t\n";
    static const char cues[] = "cue_id\tphrase\tstrength\n1\treplica\t3\n2\tsuper fake\t3\n";
    struct matcher_lists *lists = NULL;
    struct matcher_db *db = NULL;
    struct matcher_error error;
    int made = matcher_lists_open(&lists);
    made = made < 0 ? made : matcher_lists_add_marks(lists, marks, sizeof marks - 1, &error);
    made = made < 0 ? made : matcher_lists_add_cues(lists, cues, sizeof cues - 1, &error);
    made = made < 0 ? made : matcher_db_compile(lists, &db, &error);
    assert(made == 0);
    (void)matcher_lists_close(lists); /* always NULL */
    return db;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct matcher_db *db = NULL;
    static struct squeeze_room *reader = NULL;
    if (db == NULL) {
        db = make_db();
        reader = malloc(squeeze_room_bytes());
    }
    if (len > TEXT_BYTES_MAX)
        return 0;
    char *text = malloc(len + 1); /* of its own, so that a read past the end is seen */
    assert(text != NULL && reader != NULL);
    char *begin = text + 1;
    memcpy(begin, data, len);
    quick = (struct squeeze_quick){.index = &db->squeeze, .text = begin, .len = len};
    scalar.count = 0;
    squeeze_find(FOLD_PATH_SCALAR, &db->squeeze, begin, len, room, take, &scalar);
    for (unsigned path = 1; path <= (unsigned)fold_path_best(); path++) {
        other.count = 0;
        squeeze_find((enum fold_path)path, &db->squeeze, begin, len, room, take, &other);
        assert(other.count == scalar.count);
        assert(memcmp(other.items, scalar.items, scalar.count * sizeof *scalar.items) == 0);
    }
    for (size_t i = 0; i < scalar.count; i++) {
        assert(scalar.items[i].begin < scalar.items[i].end && scalar.items[i].end <= len);
        assert(squeeze_may_hold(&quick, FOLD_PATH_SCALAR, &scalar.items[i]) ==
               squeeze_may_hold(&quick, fold_path_best(), &scalar.items[i]));
    }
    static struct squeeze_found found;
    memset(&found, 0, sizeof found);
    struct matcher_field field = {begin, len};
    squeeze_field(reader, &db->squeeze, db->lists, &field, 0, &found);
    for (uint32_t i = 0; i < found.count; i++)
        assert(found.hits[i].from < found.hits[i].to && found.hits[i].to <= len);
    free(text);
    return 0;
}
