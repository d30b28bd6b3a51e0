/* See review_db.h. A file that is new is empty until the first transaction that makes its tables; whoever
 * comes second finds them. What isn't ours is never touched: the application id says that it is. */
#include "tables/review_db.h"

#include "base/buffer.h"
#include "base/text.h"
#include "store/filesystem_check.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { APPLICATION_ID = 0x4d427276 /* "MBrv" */ };

static const char way_out[] =
    "Put a backup in its place, or move it away: a new one is made from the ledger, without what "
    "people decided";

/* Never changed after a release: a new version appends a step.
 *
 * scan: how far the results were looked at for the catalogue, by which version of the flattener;
 * digest: of the last one, which tells that it is still the same ledger.
 *
 * duplicate_record: what two records are compared by; the smaller id is the older record (duplicate_index.h).
 * duplicate_key: candidates for that: 32 bits of a supplier, 32 of what makes two of its records alike.
 * supplier_account: the bank accounts that a supplier has had, and whether the record makes them known.
 * confidence_seen: whether results sent with those settings had confidences.
 *
 * facts_state, fact: what there is to know of each record, and up to which result and change it is known
 * (src/review/facts.h); tables of facts and duplicates can be made again from the ledger at any time.
 * decision, correction, changed, audit: what people said. They are nowhere else. changed.what: corrected 0, decided 1. */
static const char *const steps[] = {
    "PRAGMA application_id=1296200310;"
    "CREATE TABLE scan(id INTEGER PRIMARY KEY CHECK(id = 1), ledger_id INTEGER NOT NULL,"
    "  flattener INTEGER NOT NULL, result INTEGER NOT NULL, digest BLOB);"
    "CREATE TABLE catalogue_table(settings INTEGER NOT NULL, name TEXT NOT NULL,"
    "  levels INTEGER NOT NULL, PRIMARY KEY(settings, name)) WITHOUT ROWID;"
    "CREATE TABLE catalogue(settings INTEGER NOT NULL, tbl TEXT NOT NULL, name TEXT NOT NULL,"
    "  saw INTEGER NOT NULL, decimals INTEGER NOT NULL, width INTEGER NOT NULL,"
    "  filled INTEGER NOT NULL, first_result INTEGER NOT NULL, last_result INTEGER NOT NULL,"
    "  example TEXT NOT NULL, PRIMARY KEY(settings, tbl, name)) WITHOUT ROWID;",
    "CREATE TABLE duplicate_record(id INTEGER PRIMARY KEY, supplier TEXT NOT NULL,"
    "  vat TEXT NOT NULL, iban TEXT NOT NULL, number TEXT NOT NULL, total TEXT,"
    "  currency TEXT NOT NULL, day INTEGER);"
    "CREATE TABLE duplicate_key(key INTEGER NOT NULL, record INTEGER NOT NULL,"
    "  PRIMARY KEY(key, record)) WITHOUT ROWID;"
    "CREATE TABLE supplier_iban(supplier INTEGER NOT NULL, iban TEXT NOT NULL,"
    "  record INTEGER NOT NULL, PRIMARY KEY(supplier, iban, record)) WITHOUT ROWID;",
    "CREATE TABLE facts_state(id INTEGER PRIMARY KEY CHECK(id = 1), ledger_id INTEGER NOT NULL,"
    "  format INTEGER NOT NULL, recipe BLOB NOT NULL, result INTEGER NOT NULL, digest BLOB, changed INTEGER NOT NULL);"
    "CREATE TABLE fact(id INTEGER PRIMARY KEY, key TEXT NOT NULL, document INTEGER NOT NULL,"
    "  name TEXT NOT NULL, decimals INTEGER NOT NULL, worst INTEGER NOT NULL,"
    "  reasons TEXT NOT NULL, family TEXT NOT NULL, supplier TEXT, number TEXT, type TEXT, date TEXT, due TEXT,"
    "  currency TEXT, net TEXT, tax TEXT, total TEXT, tip TEXT, vat TEXT, iban TEXT);"
    "CREATE UNIQUE INDEX fact_key ON fact(key);"
    "CREATE INDEX fact_worst ON fact(worst, id) WHERE worst > 1;"
    "CREATE INDEX fact_family ON fact(family) WHERE family <> '';"
    "CREATE TABLE decision(record TEXT PRIMARY KEY, action TEXT NOT NULL, covers TEXT NOT NULL,"
    "  at TEXT NOT NULL, actor TEXT NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE correction(record TEXT NOT NULL, path TEXT NOT NULL, kind INTEGER NOT NULL,"
    "  type INTEGER NOT NULL, value TEXT NOT NULL, was TEXT NOT NULL, at TEXT NOT NULL,"
    "  actor TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY(record, path)) WITHOUT ROWID;"
    "CREATE TABLE changed(record TEXT PRIMARY KEY, entry INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX changed_entry ON changed(entry);"
    "CREATE TABLE audit(id INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL,"
    "  action TEXT NOT NULL, record TEXT NOT NULL, field TEXT NOT NULL, before TEXT NOT NULL,"
    "  after TEXT NOT NULL, note TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL);"
    "CREATE TRIGGER audit_stays BEFORE UPDATE ON audit"
    "  BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;"
    "CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit"
    "  BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;",
    "DROP TABLE duplicate_key; DROP TABLE supplier_iban;"
    "CREATE TABLE duplicate_key(key INTEGER NOT NULL, trace INTEGER NOT NULL,"
    "  record INTEGER NOT NULL, PRIMARY KEY(key, trace, record)) WITHOUT ROWID;"
    "CREATE TABLE supplier_account(supplier INTEGER NOT NULL, iban TEXT NOT NULL,"
    "  sure INTEGER NOT NULL, record INTEGER NOT NULL,"
    "  PRIMARY KEY(supplier, iban, sure, record)) WITHOUT ROWID;"
    "CREATE TABLE confidence_seen(settings INTEGER PRIMARY KEY, seen INTEGER NOT NULL);"
    "ALTER TABLE changed ADD COLUMN what INTEGER NOT NULL DEFAULT 0;",
};
enum { VERSION = sizeof steps / sizeof *steps };

_Static_assert(APPLICATION_ID == 1296200310, "as in the first step");

static int refuse_strange(struct database *d, int64_t application, int64_t version, int64_t tables)
{
    if (application != APPLICATION_ID && (application || version || tables))
        return database_refuse(d, ERR_DAMAGED,
                               "%s isn't a review.db of mindee-batch; it was left "
                               "as it is. Move it away",
                               text_show(d->path));
    if (version > VERSION)
        return database_refuse(d, ERR_DAMAGED,
                               "%s was made by a newer mindee-batch (version %lld, this one knows "
                               "%d): use that one",
                               text_show(d->path), (long long)version, (int)VERSION);
    if (application == APPLICATION_ID && version < 1)
        return database_refuse(d, ERR_DAMAGED, "%s is damaged (no schema). %s", text_show(d->path),
                               d->way_out);
    return 0;
}

/* The version, or an error. */
static int look(struct database *d)
{
    int64_t application = 0, version = 0, tables = 0;
    int n = database_number(d, "PRAGMA application_id", NO_VALUES, &application);
    if (n >= 0)
        n = database_number(d, "PRAGMA user_version", NO_VALUES, &version);
    if (n >= 0)
        n = database_number(d, "SELECT count(*) FROM sqlite_schema", NO_VALUES, &tables);
    if (n < 0)
        return n;
    int err = refuse_strange(d, application, version, tables);
    return err ? err : (int)version;
}

static int upgrade(struct database *d)
{
    char set_version[64];
    int version = look(d);
    if (version < 0 || version == VERSION)
        return version < 0 ? version : 0;
    int err = version ? 0 : database_script(d, "PRAGMA journal_mode=WAL");
    if (!err)
        err = database_write(d);
    if (!err)
        version = look(d); /* another program may have been faster */
    for (int v = version; !err && v >= 0 && v < VERSION; v++)
        err = database_script(d, steps[v]);
    snprintf(set_version, sizeof set_version, "PRAGMA user_version=%d", (int)VERSION);
    if (!err && version >= 0)
        err = database_script(d, set_version);
    if (!err && version < 0)
        err = version;
    return err ? err : database_commit(d);
}

/* Adds BITS to the mode of what is ours at PATH. What is another's, or on a file system that has rules of its own, stays
 * as it is: whoever can't write there is told by SQLite. */
static void open_to_group(const char *path, mode_t bits)
{
    struct stat st;
    if (lstat(path, &st) == 0 && !S_ISLNK(st.st_mode) && st.st_uid == geteuid() &&
        (st.st_mode & bits) != bits)
        (void)!chmod(path, (st.st_mode & 07777) | bits);
}

/* Somebody of the group reviews: the database is theirs to write, and its logs, which are made in the directory, stay
 * the group's. SQLite gives its logs the mode of the database. */
static void open_all_to_group(const char *path, const char *output)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    struct buffer name;
    buffer_init(&name, 0);
    open_to_group(output, 02070);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        buffer_clear(&name);
        buffer_printf(&name, "%s%s", path, endings[i]);
        open_to_group(buffer_text(&name), 0060);
    }
    buffer_release(&name);
}

static int make_file(const char *path, const char *output, enum file_access access, struct error *e)
{
    bool created;
    int err = filesystem_check_create(path, &created, e);
    if (!err)
        err = filesystem_check(path, "output.directory", e);
    if (!err && access == ACCESS_GROUP)
        open_all_to_group(path, output);
    return err;
}

int review_db_open(struct database *d, const char *output, enum file_access access, struct error *e)
{
    struct buffer path;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/" REVIEW_DB, output);
    *d = (struct database){0};
    int err = make_file(buffer_text(&path), output, access, e);
    if (!err) {
        err = database_open(d, buffer_text(&path), DATABASE_WRITE, way_out);
        if (!err)
            err = upgrade(d);
        if (err) {
            *e = d->error;
            review_db_close(d);
        }
    }
    buffer_release(&path);
    return err;
}

int review_db_open_to_read(struct database *d, const char *output, struct error *e)
{
    struct buffer path;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/" REVIEW_DB, output);
    *d = (struct database){0};
    int err = database_open(d, buffer_text(&path), DATABASE_READ, way_out);
    int version = err ? err : look(d);
    if (version >= 0 && version < VERSION)
        version = database_refuse(d, ERR_NOT_FOUND,
                                  "%s is an older version's: a command that writes to it brings it "
                                  "up to date",
                                  text_show(d->path));
    if (version < 0) {
        *e = d->error;
        review_db_close(d);
    }
    buffer_release(&path);
    return version < 0 ? version : 0;
}

void review_db_close(struct database *d)
{
    if (d->path)
        database_close(d);
}
