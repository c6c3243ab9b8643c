/*
 * Compiled sets: made from lists or from bytes that another process compiled; counted references.
 */
#include "matcher/db.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/engine.h"
#include "matcher/rules_examples.h"
#include "matcher/tsv.h"

/* The bytes of matcher_db_serialize: this header, little-endian, then the engines' own. */
#define BLOB_MAGIC "noticedS"
/* magic, literals' hash, padding, engine's length, expressions' hash, length of each of their
   engines; 8 bytes each */
#define BLOB_HEAD_BYTES (40u + 8u * RULES_VIEWS_COUNT)

static void put_u64(uint8_t *out, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_u64(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

/* Everything but the engine. */
static int prepare(const struct matcher_lists *lists, struct matcher_db **ret_db,
                   struct matcher_error *reterr_error)
{
    bool has_rules = lists->rules != NULL && lists->rules->count > 0;
    if (lists->marks_count == 0 && !has_rules) {
        (void)matcher_error_set(reterr_error, 0, 0, "there are no marks"); /* always -EINVAL */
        return -EINVAL;
    }
    struct matcher_db *db = calloc(1, sizeof *db);
    if (db == NULL)
        return -ENOMEM;
    struct variants variants = {0};
    atomic_init(&db->references, 1);
    int done = lists_copy(lists, &db->lists);
    if (done == 0)
        done = variants_make(lists, &variants);
    if (done == 0)
        done = literals_make(lists, &variants, &db->literals);
    if (done == 0)
        done = starts_make(&db->literals, &db->starts);
    if (done == 0)
        done = squeeze_index_make(db->lists, &variants, &db->squeeze);
    variants_free(&variants);
    if (done == 0)
        done = rules_set_make(db->lists, &db->rules);
    if (done < 0) {
        (void)matcher_db_unref(db); /* always NULL */
        return done;
    }
    db->padding = engine_padding(&db->literals);
    *ret_db = db;
    return 0;
}

static int finish(struct matcher_db *db, int done, struct matcher_db **ret_db)
{
    if (done == 0 && hs_database_size(db->engine, &db->engine_bytes) != HS_SUCCESS)
        done = -EINVAL;
    if (done == 0)
        *ret_db = db;
    else
        (void)matcher_db_unref(db); /* always NULL */
    return done;
}

int db_compile(const struct matcher_lists *lists, struct matcher_db **ret_db,
               struct matcher_error *reterr_error)
{
    struct matcher_db *db = NULL;
    int done = prepare(lists, &db, reterr_error);
    if (done < 0)
        return done;
    done = engine_compile(&db->literals, db->padding, &db->engine, reterr_error);
    if (done == 0)
        done = rules_set_compile(db->lists, &db->rules, reterr_error);
    return finish(db, done, ret_db);
}

int matcher_db_compile(const struct matcher_lists *lists, struct matcher_db **ret_db,
                       struct matcher_error *reterr_error)
{
    struct matcher_db *db = NULL;
    struct lists_first first = {.error = reterr_error};
    int done = db_compile(lists, &db, reterr_error);
    if (done == 0)
        done = rules_examples_run(db, lists_keep_first, &first);
    if (done == 0)
        *ret_db = db;
    else
        (void)matcher_db_unref(db); /* always NULL */
    return done;
}

/* An engine as bytes; none as none. */
static int serialize(const hs_database_t *engine, char **ret_bytes, size_t *ret_len)
{
    if (engine == NULL)
        return 0;
    return hs_serialize_database(engine, ret_bytes, ret_len) == HS_SUCCESS ? 0 : -ENOMEM;
}

int matcher_db_serialize(const struct matcher_db *db, void **ret_bytes, size_t *ret_len)
{
    char *engines[1 + RULES_VIEWS_COUNT] = {NULL};
    size_t lens[1 + RULES_VIEWS_COUNT] = {0}, total = BLOB_HEAD_BYTES;
    int done = serialize(db->engine, &engines[0], &lens[0]);
    for (unsigned view = 0; view < RULES_VIEWS_COUNT && done == 0; view++)
        done = serialize(db->rules.engines[view], &engines[1 + view], &lens[1 + view]);
    for (unsigned i = 0; i < 1 + RULES_VIEWS_COUNT; i++)
        total += lens[i];
    uint8_t *bytes = done == 0 ? malloc(total) : NULL;
    if (bytes != NULL) {
        memcpy(bytes, BLOB_MAGIC, 8);
        put_u64(bytes + 8, literals_hash(&db->literals));
        put_u64(bytes + 16, db->padding);
        put_u64(bytes + 24, lens[0]);
        put_u64(bytes + 32, rules_set_hash(db->lists));
        uint8_t *out = bytes + BLOB_HEAD_BYTES;
        for (unsigned i = 0; i < 1 + RULES_VIEWS_COUNT; i++) {
            if (i > 0)
                put_u64(bytes + 32 + (size_t)8 * i, lens[i]);
            if (lens[i] > 0)
                memcpy(out, engines[i], lens[i]);
            out += lens[i];
        }
        *ret_bytes = bytes;
        *ret_len = total;
    }
    for (unsigned i = 0; i < 1 + RULES_VIEWS_COUNT; i++)
        free(engines[i]);
    return bytes == NULL ? -ENOMEM : 0;
}

/* Lets the engine check its own bytes. */
static int load_engine(const uint8_t *bytes, size_t len, hs_database_t **ret_engine,
                       struct matcher_error *reterr_error)
{
    if (len == 0)
        return 0;
    hs_error_t loaded = hs_deserialize_database((const char *)bytes, len, ret_engine);
    if (loaded == HS_NOMEM)
        return -ENOMEM;
    if (loaded == HS_DB_VERSION_ERROR || loaded == HS_DB_PLATFORM_ERROR)
        return matcher_error_set(reterr_error, 0, 0,
                                 "the compiled set is of another engine version or processor");
    if (loaded != HS_SUCCESS)
        return matcher_error_set(reterr_error, 0, 0, "the compiled set is damaged");
    return 0;
}

/* Checks the header and loads the engines. */
static int load(struct matcher_db *db, const uint8_t *bytes, size_t len,
                struct matcher_error *reterr_error)
{
    if (len < BLOB_HEAD_BYTES || memcmp(bytes, BLOB_MAGIC, 8) != 0)
        return matcher_error_set(reterr_error, 0, 0, "the compiled set is no compiled set");
    const uint8_t *at = bytes + BLOB_HEAD_BYTES;
    size_t rest = len - BLOB_HEAD_BYTES, lens[1 + RULES_VIEWS_COUNT];
    bool whole = true;
    for (unsigned i = 0; i < 1 + RULES_VIEWS_COUNT; i++) {
        lens[i] = get_u64(bytes + (i == 0 ? 24 : 32 + (size_t)8 * i));
        whole = whole && lens[i] <= rest;
        rest -= whole ? lens[i] : 0;
    }
    if (!whole || rest != 0)
        return matcher_error_set(reterr_error, 0, 0, "the compiled set is not whole");
    if (get_u64(bytes + 8) != literals_hash(&db->literals) || get_u64(bytes + 16) != db->padding ||
        get_u64(bytes + 32) != rules_set_hash(db->lists))
        return matcher_error_set(reterr_error, 0, 0, "the compiled set is of other lists");
    int done = load_engine(at, lens[0], &db->engine, reterr_error);
    for (unsigned view = 0; view < RULES_VIEWS_COUNT && done == 0; view++) {
        at += lens[view];
        done = load_engine(at, lens[1 + view], &db->rules.engines[view], reterr_error);
    }
    const struct rules *rules = db->lists->rules;
    bool missing = db->engine == NULL;
    for (size_t i = 0; rules != NULL && i < rules->regexes_count; i++)
        missing = missing || db->rules.engines[rules->regexes[i].view] == NULL;
    if (done == 0 && missing)
        done = matcher_error_set(reterr_error, 0, 0, "the compiled set is not whole");
    return done;
}

int matcher_db_adopt(const struct matcher_lists *lists, const void *bytes, size_t len,
                     struct matcher_db **ret_db, struct matcher_error *reterr_error)
{
    struct matcher_db *db = NULL;
    int done = prepare(lists, &db, reterr_error);
    if (done < 0)
        return done;
    return finish(db, load(db, bytes, len, reterr_error), ret_db);
}

struct matcher_db *matcher_db_ref(struct matcher_db *db)
{
    unsigned before = atomic_fetch_add_explicit(&db->references, 1, memory_order_relaxed);
    assert(before > 0);
    return db;
}

struct matcher_db *matcher_db_unref(struct matcher_db *db)
{
    if (db == NULL || atomic_fetch_sub_explicit(&db->references, 1, memory_order_acq_rel) > 1)
        return NULL;
    (void)hs_free_database(db->engine); /* NULL is fine; can only fail for what is not ours */
    literals_free(&db->literals);
    starts_free(&db->starts);
    squeeze_index_free(&db->squeeze);
    rules_set_free(&db->rules);
    db->lists = matcher_lists_close(db->lists);
    free(db);
    return NULL;
}

size_t matcher_db_marks_count(const struct matcher_db *db)
{
    return db->lists->marks_count;
}

size_t matcher_db_cues_count(const struct matcher_db *db)
{
    return db->lists->cues_count;
}

size_t matcher_db_rules_count(const struct matcher_db *db)
{
    return db->lists->rules == NULL ? 0 : db->lists->rules->count;
}

size_t matcher_db_literals_count(const struct matcher_db *db)
{
    return db->literals.count + db->padding;
}

size_t matcher_db_bytes(const struct matcher_db *db)
{
    return db->engine_bytes + db->squeeze.bytes + starts_bytes(&db->starts);
}

struct matcher_mark matcher_db_mark(const struct matcher_db *db, uint32_t index)
{
    return matcher_lists_mark(db->lists, index);
}

struct matcher_cue matcher_db_cue(const struct matcher_db *db, uint32_t index)
{
    assert(index < db->lists->cues_count);
    const struct lists_cue *cue = &db->lists->cues[index];
    return (struct matcher_cue){
        .id = lists_at(db->lists, cue->id),
        .text = lists_at(db->lists, cue->text),
        .lang = lists_at(db->lists, cue->lang),
        .id_len = cue->id.len,
        .text_len = cue->text.len,
        .lang_len = cue->lang.len,
        .strength = cue->strength,
    };
}

struct matcher_rule matcher_db_rule(const struct matcher_db *db, uint32_t index)
{
    assert(index < matcher_db_rules_count(db));
    const struct rules_rule *rule = &db->lists->rules->items[index];
    return (struct matcher_rule){
        .id = lists_at(db->lists, rule->id),
        .id_len = rule->id.len,
        .rev = rule->rev,
        .class = rule->class,
    };
}

const char *matcher_fold_version(void)
{
    return "fold:3";
}
