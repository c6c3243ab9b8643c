/*
 * SQLite, spoken to in one place.
 */
#include "daemon/ctl/index_db.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS   10000
#define SQL_BYTES 512u

enum statement {
    STATEMENT_POST = 0,
    STATEMENT_REGISTER,
    STATEMENT_IS_REGISTERED,
    STATEMENT_ORPHAN,
    STATEMENT_SET,
    STATEMENT_GET,
    STATEMENT_FIND,
    STATEMENT_ORPHANS,
    STATEMENT_COUNT,
    STATEMENTS_COUNT,
};

/* %1$s is the schema that is written to. Places are asked for in reading only: main and temp never
   hold the same record. */
static const char *const statements[STATEMENTS_COUNT] = {
    [STATEMENT_POST] = "INSERT OR IGNORE INTO %1$s.posting VALUES(?1,?2,?3,?4,?5)",
    [STATEMENT_REGISTER] = "INSERT INTO %1$s.registered VALUES(?1,?2) ON CONFLICT(owner) DO UPDATE "
                           "SET at=min(at,excluded.at)",
    [STATEMENT_IS_REGISTERED] = "SELECT 1 FROM main.registered WHERE owner=?1 AND at<=?2 UNION ALL "
                                "SELECT 1 FROM %1$s.registered WHERE owner=?1 AND at<=?2",
    [STATEMENT_ORPHAN] = "INSERT OR IGNORE INTO %1$s.orphan VALUES(?1)",
    [STATEMENT_SET] = "INSERT OR REPLACE INTO main.meta VALUES(?1,?2)",
    [STATEMENT_GET] = "SELECT value FROM main.meta WHERE name=?1",
    [STATEMENT_FIND] = "SELECT seq,segment,offset,len FROM main.posting WHERE owner=?1 UNION ALL "
                       "SELECT seq,segment,offset,len FROM %1$s.posting WHERE owner=?1",
    [STATEMENT_ORPHANS] = "SELECT owner FROM main.orphan UNION SELECT owner FROM %1$s.orphan",
    [STATEMENT_COUNT] = "SELECT count(*) FROM main.posting",
};

static const char *const tables[] = {
    "CREATE TABLE IF NOT EXISTS %s.posting(owner INTEGER,seq INTEGER,segment INTEGER,offset "
    "INTEGER,len INTEGER,PRIMARY KEY(owner,seq)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS %s.registered(owner INTEGER PRIMARY KEY,at INTEGER)",
    "CREATE TABLE IF NOT EXISTS %s.orphan(owner INTEGER PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS %s.meta(name INTEGER PRIMARY KEY,value INTEGER)",
};

struct index_db {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS_COUNT];
};

static int result_of(int code)
{
    switch (code) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW:
        return 0;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return -EBADMSG;
    default:
        return -EIO;
    }
}

static int execute(struct index_db *db, const char *sql)
{
    return result_of(sqlite3_exec(db->db, sql, NULL, NULL, NULL));
}

static int make_tables(struct index_db *db, const char *schema)
{
    char sql[SQL_BYTES];
    int result = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables && result == 0; i++) {
        (void)sqlite3_snprintf((int)sizeof sql, sql, tables[i], schema);
        result = execute(db, sql);
    }
    return result;
}

static int prepare(struct index_db *db, const char *schema)
{
    char sql[SQL_BYTES];
    int result = 0;
    for (size_t i = 0; i < STATEMENTS_COUNT && result == 0; i++) {
        /* The schema may stand in it twice: each place is filled by hand. */
        size_t len = 0;
        for (const char *at = statements[i]; *at != '\0'; at++) {
            bool place = strncmp(at, "%1$s", 4) == 0;
            int wrote =
                snprintf(sql + len, sizeof sql - len, "%.*s", place ? 8 : 1, place ? schema : at);
            assert(wrote > 0);
            len += (size_t)wrote;
            at += place ? 3 : 0;
        }
        result = result_of(sqlite3_prepare_v3(db->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                              &db->statements[i], NULL));
    }
    return result;
}

int index_db_open(const char *path, bool write, struct index_db **ret_db)
{
    int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    const char *schema = write ? "main" : "temp";
    int64_t version = 0;
    if (!write && access(path, F_OK) == -1)
        return -errno;
    struct index_db *db = calloc(1, sizeof *db);
    if (db == NULL)
        return -ENOMEM;
    int result = result_of(sqlite3_open_v2(path, &db->db, flags | SQLITE_OPEN_NOMUTEX, NULL));
    if (result == 0)
        result = result_of(sqlite3_busy_timeout(db->db, BUSY_MS));
    if (result == 0)
        result = execute(db, "PRAGMA temp_store=MEMORY;PRAGMA cache_size=-262144");
    if (result == 0)
        result = make_tables(db, schema);
    if (result == 0)
        result = prepare(db, schema) < 0 ? -EBADMSG : 0;
    if (result == 0)
        result = index_db_get(db, INDEX_META_VERSION, &version);
    if (result == 0 && version == 0 && write)
        result = index_db_set(db, INDEX_META_VERSION, INDEX_VERSION);
    else if (result == 0 && version != INDEX_VERSION)
        result = -EBADMSG;
    *ret_db = db;
    return result;
}

int index_db_begin(struct index_db *db, bool quick)
{
    int result = 0;
    if (quick)
        result = execute(db, "PRAGMA journal_mode=OFF;PRAGMA synchronous=OFF");
    return result < 0 ? result : execute(db, "BEGIN IMMEDIATE");
}

int index_db_begin_reading(struct index_db *db)
{
    return execute(db, "BEGIN");
}

int index_db_commit(struct index_db *db)
{
    return execute(db, "COMMIT");
}

/* Runs a statement that gives no row. */
static int run(struct index_db *db, enum statement which, const int64_t *values, size_t count)
{
    sqlite3_stmt *statement = db->statements[which];
    for (size_t i = 0; i < count; i++)
        if (sqlite3_bind_int64(statement, (int)i + 1, values[i]) != SQLITE_OK)
            return -EIO;
    int code = sqlite3_step(statement);
    (void)sqlite3_reset(statement); /* it says again what step said */
    return code == SQLITE_DONE ? 0 : result_of(code) == 0 ? -EIO : result_of(code);
}

int index_db_post(struct index_db *db, const struct index_posting *postings, size_t count)
{
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++) {
        const struct line_place *place = &postings[i].place;
        const int64_t values[] = {postings[i].owner, (int64_t)place->seq, (int64_t)place->segment,
                                  (int64_t)place->offset, place->len};
        result = run(db, STATEMENT_POST, values, 5);
    }
    return result;
}

int index_db_register(struct index_db *db, int64_t owner, int64_t at_ns)
{
    const int64_t values[] = {owner, at_ns};
    return run(db, STATEMENT_REGISTER, values, 2);
}

int index_db_support(struct index_db *db, int64_t owner, int64_t at_ns)
{
    const int64_t values[] = {owner, at_ns};
    sqlite3_stmt *statement = db->statements[STATEMENT_IS_REGISTERED];
    for (int i = 0; i < 2; i++)
        if (sqlite3_bind_int64(statement, i + 1, values[i]) != SQLITE_OK)
            return -EIO;
    int code = sqlite3_step(statement);
    (void)sqlite3_reset(statement); /* it says again what step said */
    if (code == SQLITE_ROW)
        return 0;
    return code == SQLITE_DONE ? run(db, STATEMENT_ORPHAN, values, 1) : result_of(code);
}

int index_db_set(struct index_db *db, enum index_meta name, int64_t value)
{
    const int64_t values[] = {name, value};
    return run(db, STATEMENT_SET, values, 2);
}

/* The one number that a statement gives; 0 when there is no row. */
static int get_number(struct index_db *db, enum statement which, int64_t *ret_value)
{
    sqlite3_stmt *statement = db->statements[which];
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        *ret_value = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    (void)sqlite3_reset(statement); /* it says again what step said */
    return result_of(code);
}

int index_db_get(struct index_db *db, enum index_meta name, int64_t *ret_value)
{
    if (sqlite3_bind_int64(db->statements[STATEMENT_GET], 1, name) != SQLITE_OK)
        return -EIO;
    return get_number(db, STATEMENT_GET, ret_value);
}

int index_db_count(struct index_db *db, uint64_t *ret_count)
{
    int64_t count = 0;
    int result = get_number(db, STATEMENT_COUNT, &count);
    *ret_count = (uint64_t)count;
    return result;
}

int index_db_find(struct index_db *db, int64_t owner, index_db_take *take, void *context)
{
    sqlite3_stmt *statement = db->statements[STATEMENT_FIND];
    int code, result = 0;
    if (sqlite3_bind_int64(statement, 1, owner) != SQLITE_OK)
        return -EIO;
    while (result == 0 && (code = sqlite3_step(statement)) != SQLITE_DONE) {
        if (code != SQLITE_ROW) {
            result = result_of(code);
            break;
        }
        struct line_place place = {.seq = (uint64_t)sqlite3_column_int64(statement, 0),
                                   .segment = (uint64_t)sqlite3_column_int64(statement, 1),
                                   .offset = (uint64_t)sqlite3_column_int64(statement, 2),
                                   .len = (uint32_t)sqlite3_column_int64(statement, 3)};
        result = take(context, &place);
    }
    (void)sqlite3_reset(statement); /* it says again what step said */
    return result;
}

int index_db_orphans(struct index_db *db, index_db_take_owner *take, void *context)
{
    sqlite3_stmt *statement = db->statements[STATEMENT_ORPHANS];
    int code, result = 0;
    while (result == 0 && (code = sqlite3_step(statement)) != SQLITE_DONE)
        result = code == SQLITE_ROW ? take(context, sqlite3_column_int64(statement, 0))
                                    : result_of(code);
    (void)sqlite3_reset(statement); /* it says again what step said */
    return result;
}

/* Whether a table holds the same in main and in `other`: none of either is missing in the other. */
static int same_table(struct index_db *db, const char *table, bool *ret_same)
{
    char sql[SQL_BYTES];
    sqlite3_stmt *statement = NULL;
    (void)sqlite3_snprintf((int)sizeof sql, sql,
                           "SELECT (SELECT count(*) FROM main.%s)=(SELECT count(*) FROM other.%s) "
                           "AND NOT EXISTS(SELECT * FROM main.%s EXCEPT SELECT * FROM other.%s)",
                           table, table, table, table);
    int result = result_of(sqlite3_prepare_v2(db->db, sql, -1, &statement, NULL));
    if (result == 0 && sqlite3_step(statement) == SQLITE_ROW)
        *ret_same = sqlite3_column_int(statement, 0) == 1;
    else
        result = result == 0 ? -EIO : result;
    (void)sqlite3_finalize(statement); /* it says again what step said */
    return result;
}

int index_db_same(struct index_db *db, const char *other_path, bool *ret_same)
{
    static const char *const names[] = {"posting", "registered", "orphan", "meta"};
    char *sql = sqlite3_mprintf("ATTACH %Q AS other", other_path);
    if (sql == NULL)
        return -ENOMEM;
    int result = execute(db, sql);
    sqlite3_free(sql);
    *ret_same = true;
    for (size_t i = 0; i < sizeof names / sizeof *names && result == 0 && *ret_same; i++)
        result = same_table(db, names[i], ret_same);
    return result;
}

const char *index_db_error(const struct index_db *db)
{
    return db == NULL || db->db == NULL ? "out of memory" : sqlite3_errmsg(db->db);
}

struct index_db *index_db_close(struct index_db *db)
{
    if (db == NULL)
        return NULL;
    for (size_t i = 0; i < STATEMENTS_COUNT; i++)
        (void)sqlite3_finalize(db->statements[i]); /* errors were told when they happened */
    (void)sqlite3_close(db->db);                   /* nothing is open any more */
    free(db);
    return NULL;
}
