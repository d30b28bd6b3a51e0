/* See schema.h. What isn't a ledger is never touched: the application id in the file's header says
 * that it is one, and the first step of the schema sets it in the same transaction that makes the
 * tables, before WAL is turned on. A crash in between leaves an empty database or a whole one.
 *
 * A migration is appended to the array and never changed after a release.
 *
 * How the tables are laid out follows from what a commit costs: every 4 KB page a turn touches is
 * written twice (log, then checkpoint), and documents are sent in another order than they were
 * found in, so that five documents are on five pages. Therefore what changes lives together, apart
 * from what rests:
 * - a document in flight has a row in `flight`, which is small, and stands for the same columns of
 *   its row in `document`; that one is written when it comes to rest;
 * - the queue is a table in the order of sending, whose head is taken off;
 * - attempts, events and results are appended in the order they happen. Each document points to its
 *   newest attempt and event, each of which points to the one before: a history is read by
 *   following that chain, and no index is kept for it;
 * - files whose result is still to be written out are in a list, `unprojected`.
 * Large values stand last in their rows. */
#include "ledger/schema.h"
#include "ledger/document_ledger.h"

#include "base/text.h"

#include <stdio.h>

static const char schema_1[] =
    "PRAGMA application_id=1296190567;"
    /* queue_order: enum ledger_order */
    "CREATE TABLE meta(id INTEGER PRIMARY KEY CHECK(id = 1), ledger_id INTEGER NOT NULL,"
    "  created_at INTEGER NOT NULL, queue_order INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE settings(id INTEGER PRIMARY KEY, product TEXT NOT NULL, model_id TEXT NOT NULL,"
    "  options TEXT NOT NULL, UNIQUE(product, model_id, options));"
    "CREATE TABLE root(id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE,"
    "  prefix BLOB NOT NULL UNIQUE);"
    /* name: NULL if another file took it over */
    "CREATE TABLE file(id INTEGER PRIMARY KEY, root INTEGER NOT NULL, document INTEGER NOT NULL,"
    "  size INTEGER NOT NULL, mtime INTEGER NOT NULL, ctime INTEGER NOT NULL,"
    "  inode INTEGER NOT NULL, path BLOB NOT NULL UNIQUE, name BLOB);"
    "CREATE INDEX file_document ON file(document);"
    /* files of stored documents */
    "CREATE TABLE unprojected(file INTEGER PRIMARY KEY);"
    /* files: how many point here; attempt: number of the newest; accepted, done, doubt: attempts
     * with that outcome; answer: 1 bytes kept, 2 a result; result: its row;
     * result_pages: as it says */
    "CREATE TABLE document(id INTEGER PRIMARY KEY, settings INTEGER NOT NULL,"
    "  files INTEGER NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,"
    "  attempt INTEGER NOT NULL DEFAULT 0, last_attempt INTEGER NOT NULL DEFAULT 0,"
    "  last_event INTEGER NOT NULL DEFAULT 0, accepted INTEGER NOT NULL DEFAULT 0,"
    "  done INTEGER NOT NULL DEFAULT 0, doubt INTEGER NOT NULL DEFAULT 0,"
    "  answer INTEGER NOT NULL DEFAULT 0, result INTEGER NOT NULL DEFAULT 0,"
    "  result_pages INTEGER NOT NULL DEFAULT 0, accepted_at INTEGER NOT NULL DEFAULT 0,"
    "  pages INTEGER NOT NULL, size INTEGER NOT NULL, type INTEGER NOT NULL,"
    "  broken INTEGER NOT NULL, created_at INTEGER NOT NULL, code TEXT, detail TEXT,"
    "  sha256 BLOB, sort_name BLOB NOT NULL);"
    "CREATE UNIQUE INDEX document_content ON document(sha256, settings) WHERE sha256 IS NOT NULL;"
    "CREATE INDEX document_ended_badly ON document(state, accepted_at) WHERE state > 5;"
    "CREATE TABLE flight(document INTEGER PRIMARY KEY, state INTEGER NOT NULL,"
    "  attempts INTEGER NOT NULL, attempt INTEGER NOT NULL, last_attempt INTEGER NOT NULL,"
    "  last_event INTEGER NOT NULL, accepted INTEGER NOT NULL, done INTEGER NOT NULL,"
    "  doubt INTEGER NOT NULL, answer INTEGER NOT NULL, result INTEGER NOT NULL,"
    "  result_pages INTEGER NOT NULL, accepted_at INTEGER NOT NULL);"
    /* place: the name, or size or pages below zero, as queue_order says */
    "CREATE TABLE queue(settings INTEGER NOT NULL, place NOT NULL, document INTEGER NOT NULL,"
    "  PRIMARY KEY(settings, place, document)) WITHOUT ROWID;"
    "CREATE TABLE attempt(id INTEGER PRIMARY KEY, document INTEGER NOT NULL, n INTEGER NOT NULL,"
    "  prev INTEGER NOT NULL, outcome INTEGER NOT NULL, resent INTEGER NOT NULL DEFAULT 0,"
    "  status INTEGER NOT NULL DEFAULT 0, started_at INTEGER NOT NULL,"
    "  accepted_at INTEGER NOT NULL DEFAULT 0, ended_at INTEGER NOT NULL DEFAULT 0,"
    "  cause TEXT, job_id TEXT, result_url TEXT);"
    "CREATE TABLE event(id INTEGER PRIMARY KEY, document INTEGER NOT NULL, prev INTEGER NOT NULL,"
    "  at INTEGER NOT NULL, was INTEGER NOT NULL, became INTEGER NOT NULL, kind INTEGER NOT NULL,"
    "  attempt INTEGER NOT NULL, cause TEXT);"
    "CREATE TABLE result(id INTEGER PRIMARY KEY, document INTEGER NOT NULL,"
    "  received_at INTEGER NOT NULL,"
    "  page_count INTEGER NOT NULL, sha256 BLOB NOT NULL, bytes BLOB NOT NULL);"
    "CREATE TABLE kept_bytes(document INTEGER PRIMARY KEY, received_at INTEGER NOT NULL,"
    "  sha256 BLOB NOT NULL, bytes BLOB NOT NULL);"
    "CREATE TABLE counter(id INTEGER PRIMARY KEY, n INTEGER NOT NULL);"
    "CREATE TABLE run(id INTEGER PRIMARY KEY, started_at INTEGER NOT NULL,"
    "  finished_at INTEGER NOT NULL DEFAULT 0, exit_code INTEGER);"
    /* the counters as they were when the run began (ended 0) and ended (1) */
    "CREATE TABLE run_counter(run INTEGER NOT NULL, ended INTEGER NOT NULL, id INTEGER NOT NULL,"
    "  n INTEGER NOT NULL, PRIMARY KEY(run, ended, id)) WITHOUT ROWID;";

/* Webhooks: the attempt of a job, and those that match none yet. Job ids come in no order: their
 * index costs a page a document, an eighth of what all the rest of it costs. Leaving out what is
 * settled would save most of that, but then a webhook that comes twice would be a stranger. */
static const char schema_2[] =
    "CREATE INDEX attempt_job ON attempt(job_id) WHERE job_id IS NOT NULL;"
    "CREATE TABLE orphan(id INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, job_id TEXT,"
    "  alias TEXT, sha256 BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL);"
    "CREATE INDEX orphan_job ON orphan(job_id) WHERE job_id IS NOT NULL;"
    "CREATE INDEX orphan_alias ON orphan(alias) WHERE alias IS NOT NULL;";

/* learned.c. kind: of document */
static const char schema_3[] =
    "CREATE TABLE learned(settings INTEGER NOT NULL, kind INTEGER NOT NULL, bytes BLOB NOT NULL,"
    "  PRIMARY KEY(settings, kind)) WITHOUT ROWID;";

/* What goes on to others: how far each sink is among the results, and the notices it hasn't had yet
 * (whose numbers never come back). */
static const char schema_4[] =
    "CREATE TABLE handover(sink INTEGER PRIMARY KEY, result INTEGER NOT NULL);"
    "CREATE TABLE notice(id INTEGER PRIMARY KEY AUTOINCREMENT, sink INTEGER NOT NULL,"
    "  created_at INTEGER NOT NULL, body TEXT NOT NULL);";

/* periods.c. The period of a document is that of its intake; NULL: none. */
static const char schema_5[] =
    "CREATE TABLE period(rule TEXT NOT NULL, period TEXT NOT NULL, due_at INTEGER NOT NULL,"
    "  state INTEGER NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER NOT NULL,"
    "  run INTEGER NOT NULL DEFAULT 0, exit_code INTEGER,"
    "  PRIMARY KEY(rule, period)) WITHOUT ROWID;"
    "CREATE TABLE schedule_rule(rule TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID;"
    "ALTER TABLE document ADD COLUMN period TEXT;"
    "CREATE INDEX document_period ON document(period) WHERE period IS NOT NULL;";

/* Where inputs went when their documents were done. state: enum move_state. size to inode: the file
 * as it was when the move was intended. Few moves are open at a time;
 * a file's input is in one place. */
static const char schema_6[] =
    "CREATE TABLE move(id INTEGER PRIMARY KEY, file INTEGER NOT NULL, document INTEGER NOT NULL,"
    "  why INTEGER NOT NULL, state INTEGER NOT NULL, at INTEGER NOT NULL, size INTEGER NOT NULL,"
    "  mtime INTEGER NOT NULL, ctime INTEGER NOT NULL, inode INTEGER NOT NULL,"
    "  target BLOB NOT NULL);"
    "CREATE UNIQUE INDEX move_intended ON move(file) WHERE state = 0;"
    "CREATE UNIQUE INDEX move_there ON move(file) WHERE state = 1;";

/* nonce: of the run that made the attempt, in its alias; 0: by version 6 or before, when the ledger's
 * id stood there. */
static const char schema_7[] = "ALTER TABLE attempt ADD COLUMN nonce INTEGER NOT NULL DEFAULT 0;";

/* unread_files.c. path: of a file or a directory */
static const char schema_8[] =
    "CREATE TABLE unread(path BLOB PRIMARY KEY, root INTEGER NOT NULL, why TEXT NOT NULL)"
    " WITHOUT ROWID;";

/* Version 9: the files are in a book of their own (upgrade.c). turn: counts the turns that changed
 * both (reconcile.c). */
static const char schema_9[] = "DROP TABLE ledger.unread; DROP TABLE ledger.move;"
                               "DROP TABLE ledger.unprojected; DROP TABLE ledger.file;"
                               "DROP TABLE ledger.root;"
                               "ALTER TABLE ledger.meta ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;"
                               "PRAGMA ledger.user_version=9;";

/* dismissed: when a person settled it by hand; 0: nobody did */
static const char schema_10[] =
    "ALTER TABLE document ADD COLUMN dismissed INTEGER NOT NULL DEFAULT 0;";

/* periods.c: the numbers of a period when its last run ended. counts_to: the period that the run's
 * files belong to, where it isn't the run's own. event: a row of the history that is no document's,
 * written with the numbers: what has a higher number came later; file: the newest one then. id: enum
 * counter */
static const char schema_11[] =
    "ALTER TABLE period ADD COLUMN counts_to TEXT;"
    "CREATE TABLE period_close(period TEXT PRIMARY KEY, at INTEGER NOT NULL,"
    "  event INTEGER NOT NULL, file INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE period_counter(period TEXT NOT NULL, id INTEGER NOT NULL, n INTEGER NOT NULL,"
    "  PRIMARY KEY(period, id)) WITHOUT ROWID;";

/* spending.c. price: of a page, in millionths of a credit; the sums of prices are those of attempts
 * with that outcome. spent: what was begun in a quarter of an hour, in millionths; a month begins with
 * one in every time zone. The counters of credits and of what is at risk and out are in millionths
 * from here on; 34 and 36: what was begun, all of it for want of a better word; 38: nothing is left to
 * send. */
static const char schema_12[] =
    "ALTER TABLE attempt ADD COLUMN price INTEGER NOT NULL DEFAULT 1000000;"
    "ALTER TABLE document ADD COLUMN accepted_price INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE document ADD COLUMN done_price INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE document ADD COLUMN doubt_price INTEGER NOT NULL DEFAULT 0;"
    "UPDATE document SET accepted_price = accepted * 1000000, done_price = done * 1000000,"
    "  doubt_price = doubt * 1000000 WHERE accepted + done + doubt > 0;"
    "ALTER TABLE flight ADD COLUMN accepted_price INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE flight ADD COLUMN done_price INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE flight ADD COLUMN doubt_price INTEGER NOT NULL DEFAULT 0;"
    "UPDATE flight SET accepted_price = accepted * 1000000, done_price = done * 1000000,"
    "  doubt_price = doubt * 1000000;"
    "UPDATE counter SET n = n * 1000000 WHERE id IN (4, 5, 6);"
    "UPDATE run_counter SET n = n * 1000000 WHERE id IN (4, 5, 6);"
    "UPDATE period_counter SET n = n * 1000000 WHERE id IN (4, 5, 6);"
    "CREATE TABLE spent(quarter INTEGER PRIMARY KEY, micro INTEGER NOT NULL);"
    "INSERT INTO spent(quarter, micro) SELECT a.started_at / 900000, sum(1000000 * CASE"
    "  WHEN coalesce(w.result_pages, d.result_pages) > 0 THEN coalesce(w.result_pages,"
    "  d.result_pages) WHEN d.pages > 0 THEN d.pages ELSE 1 END) FROM attempt a"
    "  JOIN document d ON d.id = a.document LEFT JOIN flight w ON w.document = d.id"
    "  WHERE a.outcome NOT IN (1, 2, 6) GROUP BY 1;"
    "INSERT INTO counter(id, n) SELECT 34, coalesce(sum(micro), 0) FROM spent;"
    "INSERT INTO counter(id, n) SELECT 36, coalesce(sum(micro), 0) FROM spent;"
    "INSERT INTO counter(id, n) SELECT 38, NOT EXISTS(SELECT 1 FROM queue)"
    "  AND NOT EXISTS(SELECT 1 FROM flight WHERE state IN (1, 2));";

_Static_assert(SCHEMA_APPLICATION_ID == 1296190567, "as in the first migration");

static const char *const migrations[] = {schema_1, schema_2, schema_3, schema_4,
                                         schema_5, schema_6, schema_7, schema_8};
static const char *const divided_migrations[] = {schema_10, schema_11, schema_12};

/* How many of these a ledger of each version has; a table that is gone is damage. */
#define TABLES                                                                                     \
    "'meta','settings','root','file','unprojected','document','flight','queue','attempt',"         \
    "'event','result','kept_bytes','counter','run','run_counter','orphan','learned',"              \
    "'handover','notice','period','schedule_rule','move','unread','period_close',"                 \
    "'period_counter','spent'"
static const int table_counts[] = {15, 16, 17, 19, 21, 22, 22, 23, 18, 18, 20, 21};

_Static_assert(sizeof migrations / sizeof *migrations == SCHEMA_ALONE, "the last of one database");
_Static_assert(sizeof divided_migrations / sizeof *divided_migrations ==
                   SCHEMA_VERSION - SCHEMA_DIVIDED,
               "the last of all");
_Static_assert(sizeof table_counts / sizeof *table_counts == SCHEMA_VERSION, "one for each");

int schema_look(struct database *d, int *version)
{
    int64_t application, schema, tables, ours;
    int n = database_number(d, "PRAGMA application_id", NO_VALUES, &application);
    if (n >= 0)
        n = database_number(d, "PRAGMA user_version", NO_VALUES, &schema);
    if (n >= 0)
        n = database_number(d, "SELECT count(*) FROM sqlite_schema", NO_VALUES, &tables);
    if (n >= 0)
        n = database_number(d,
                            "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
                            " AND name IN (" TABLES ")",
                            NO_VALUES, &ours);
    if (n < 0)
        return n;
    const char *path = text_show(d->path);
    if (application != SCHEMA_APPLICATION_ID && (application || schema || tables))
        return database_refuse(d, ERR_DAMAGED,
                               "%s isn't a ledger of mindee-batch; it was left as it is. %s", path,
                               d->way_out);
    if (schema > SCHEMA_VERSION)
        return database_refuse(d, ERR_DAMAGED,
                               "%s was made by a newer mindee-batch (schema %lld, this one knows "
                               "%d): use that one",
                               path, (long long)schema, SCHEMA_VERSION);
    if (application == SCHEMA_APPLICATION_ID && (schema < 1 || tables == 0))
        return database_refuse(d, ERR_DAMAGED, "%s is damaged (no schema). %s", path, d->way_out);
    if (schema > 0 && ours != table_counts[schema - 1])
        return database_refuse(d, ERR_DAMAGED, "%s is damaged (a table is gone). %s", path,
                               d->way_out);
    *version = (int)schema;
    return 0;
}

/* From VERSION to TO, by STEPS, the first of which is VERSION's. */
static int migrate(struct database *d, int version, int to, const char *const *steps)
{
    char set_version[64];
    snprintf(set_version, sizeof set_version, "PRAGMA user_version=%d", to);
    if (version >= to)
        return 0;
    int err = database_write(d);
    for (; !err && version < to; version++)
        err = database_script(d, *steps++);
    if (!err)
        err = database_script(d, set_version);
    return err ? err : database_commit(d);
}

int schema_upgrade(struct database *d, int version)
{
    int err = migrate(d, version, SCHEMA_ALONE, migrations + version);
    return err ? err : database_script(d, "PRAGMA journal_mode=WAL");
}

int schema_go_on(struct database *d, int version)
{
    return migrate(d, version, SCHEMA_VERSION, divided_migrations + (version - SCHEMA_DIVIDED));
}

int schema_leave_files(struct database *d)
{
    return database_script(d, schema_9);
}

int schema_quick_check(struct database *d)
{
    sqlite3_stmt *stmt = database_query(d, "PRAGMA quick_check(1)", NO_VALUES);
    if (stmt == NULL)
        return d->error.code;
    int n = database_step(d, stmt);
    if (n < 0)
        return n;
    char words[200] = "";
    bool fine = n == 1 && text_copy(words, sizeof words, column_text(stmt, 0)) &&
                sqlite3_stricmp(words, "ok") == 0;
    database_end(stmt);
    if (!fine)
        return database_refuse(d, ERR_DAMAGED, "%s is damaged (%s); it was left as it is. %s",
                               text_show(d->path), words, d->way_out);
    return 0;
}
