/* See limit_state.h. A run's row says what it has out and what it may still send (its lease);
 * what it had answered stands in rows of a second each. Everybody's sum is looked at, and a lease
 * written, in one immediate transaction, so leases are granted one after the other.
 *
 * Why the sum never passes N: a run counts the others with all that they may have sent since they
 * last wrote (out and lease), so what is in the window, out or leased never exceeds N by the end of
 * a new lease, and within it each run's limiter keeps to what it knows. Of two runs whose leases
 * overlap, the later one counted the earlier one's in full.
 *
 * Who lives is told by a lock: each run holds one byte, at its number, of a file beside the
 * database; the kernel drops it with the process. A run found without its lock had a crash: all it
 * may have sent counts as answered at that moment plus LIMITER_LOST_MS.
 *
 * How it can fail: the disk, a damaged file. Then nothing is leased, and what was leased before
 * stays as it was written. */
#include "limits/limit_state.h"

#include "limits/limit_file.h"

#include "store/database.h"
#include "store/filesystem_check.h"
#include "store/run_lock.h"

#include "base/crash_point.h"
#include "base/digest.h"
#include "base/safe_file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KIND_POST = 0, KIND_GET = 1, KINDS = 2 };
enum { APPLICATION_ID = 0x4d424c73 /* "MBLs" */, SCHEMA_VERSION = 1 };
enum { NAME_BYTES = 16 };

/* Byte 0 of the lock file is held while a state is opened. */
enum { OPENING_BYTE = 0 };

struct limit_state {
    struct database db;
    char *lock_path;
    int lock_fd;
    int64_t run;
    struct mono written; /* answers before this are in the database, complete */
};

static const char way_out[] =
    "End all runs, wait a minute and remove it: it only remembers the last minute";

static const char schema[] =
    "PRAGMA application_id=1296190579;"
    "PRAGMA user_version=1;"
    "CREATE TABLE meta(id INTEGER PRIMARY KEY CHECK(id = 1), boot_id TEXT NOT NULL);"
    "INSERT INTO meta VALUES(1, '');"
    "CREATE TABLE run(id INTEGER PRIMARY KEY AUTOINCREMENT, pid INTEGER NOT NULL,"
    "  updated_ms INTEGER NOT NULL, post_out INTEGER NOT NULL DEFAULT 0,"
    "  get_out INTEGER NOT NULL DEFAULT 0, post_leased INTEGER NOT NULL DEFAULT 0,"
    "  get_leased INTEGER NOT NULL DEFAULT 0);"
    /* second: answered before its end, since boot */
    "CREATE TABLE answered(run INTEGER NOT NULL, kind INTEGER NOT NULL, second INTEGER NOT NULL,"
    "  n INTEGER NOT NULL, PRIMARY KEY(run, kind, second)) WITHOUT ROWID;";

_Static_assert(APPLICATION_ID == 1296190579 && SCHEMA_VERSION == 1, "as in the schema");

/* The number of the second at whose end T has passed. */
static int64_t second_after(struct mono t)
{
    return t.ms / 1000 + 1;
}

/* --- opening --- */

/* DIRECTORY/<hash of origin and owner>SUFFIX; owned by the caller. */
static char *file_of(const char *directory, const char *origin, const char *owner,
                     const char *suffix)
{
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX];
    struct buffer b;
    size_t len;
    struct sha256 *s = sha256_new();
    sha256_update(s, origin, strlen(origin) + 1);
    sha256_update(s, owner, strlen(owner));
    sha256_final(s, digest);
    sha256_free(s);
    hex_encode(digest, NAME_BYTES, hex);
    buffer_init(&b, 0);
    buffer_printf(&b, "%s/%s%s", directory, hex, suffix);
    return buffer_detach(&b, &len);
}

static int make_schema(struct database *d)
{
    int64_t application = 0, version = 0, tables = 0;
    int n = database_number(d, "PRAGMA application_id", NO_VALUES, &application);
    if (n >= 0)
        n = database_number(d, "PRAGMA user_version", NO_VALUES, &version);
    if (n >= 0)
        n = database_number(d, "SELECT count(*) FROM sqlite_schema", NO_VALUES, &tables);
    if (n < 0)
        return n;
    if (application == 0 && version == 0 && tables == 0) {
        int err = database_write(d);
        if (!err)
            err = database_script(d, schema);
        if (!err)
            err = database_commit(d);
        if (err)
            return err;
    } else if (application != APPLICATION_ID || version != SCHEMA_VERSION) {
        return database_refuse(d, ERR_DAMAGED,
                               "%s (limits.state) isn't what was sent lately as this mindee-batch "
                               "keeps it. %s",
                               text_show(d->path), way_out);
    }
    return database_script(d, "PRAGMA journal_mode=WAL");
}

/* --- the rows --- */

static int add_answered(struct limit_state *s, int64_t run, int kind, int64_t second, int64_t n)
{
    if (n == 0)
        return 0;
    return database_run(&s->db,
                        "INSERT INTO answered(run, kind, second, n) VALUES(?1, ?2, ?3, ?4)"
                        " ON CONFLICT DO UPDATE SET n = n + ?4",
                        VALUES(V_INT(run), V_INT(kind), V_INT(second), V_INT(n)));
}

/* RUN is dead or leaves: what it may have out counts as answered a little later. */
static int end_run(struct limit_state *s, int64_t run, int64_t post, int64_t get, struct mono now)
{
    int64_t second = second_after(mono_add(now, LIMITER_LOST_MS));
    int err = add_answered(s, run, KIND_POST, second, post);
    if (!err)
        err = add_answered(s, run, KIND_GET, second, get);
    if (!err)
        err = database_run(&s->db, "DELETE FROM run WHERE id = ?", VALUES(V_INT(run)));
    return err;
}

static int run_lives(struct limit_state *s, int64_t run, bool *lives)
{
    struct error e;
    int err = lock_byte_held(s->lock_fd, run, lives, &e);
    return err ? database_refuse(&s->db, err, "%s: %s", text_show(s->lock_path), e.text) : 0;
}

/* One run after the other, since ending one changes the table: 1 and the first with an id above
 * AFTER, or 0. */
struct other_run {
    int64_t id, post, get; /* out and leased */
};

static int next_run(struct limit_state *s, int64_t after, struct other_run *out)
{
    sqlite3_stmt *q = database_query(&s->db,
                                     "SELECT id, post_out + post_leased, get_out + get_leased"
                                     " FROM run WHERE id > ? ORDER BY id LIMIT 1",
                                     VALUES(V_INT(after)));
    int n = q ? database_step(&s->db, q) : s->db.error.code;
    if (n != 1)
        return n;
    *out = (struct other_run){column_int(q, 0), column_int(q, 1), column_int(q, 2)};
    database_end(q);
    return 1;
}

static int count_living(struct limit_state *s, int *living)
{
    struct other_run other = {0};
    int n;
    *living = 0;
    while ((n = next_run(s, other.id, &other)) == 1) {
        bool lives;
        int err = run_lives(s, other.id, &lives);
        if (err)
            return err;
        *living += lives;
    }
    return n;
}

/* Ends the dead; *POST and *GET: what the living others may have out. */
static int look_at_others(struct limit_state *s, struct mono now, int64_t *post, int64_t *get)
{
    struct other_run other = {0};
    int n;
    *post = *get = 0;
    while ((n = next_run(s, other.id, &other)) == 1) {
        bool lives;
        if (other.id == s->run)
            continue;
        int err = run_lives(s, other.id, &lives);
        if (!err && !lives)
            err = end_run(s, other.id, other.post, other.get, now);
        if (err)
            return err;
        if (lives) {
            *post += other.post;
            *get += other.get;
        }
    }
    return n;
}

/* Another boot's stamps mean nothing: all that is remembered counts as of now. */
static int cross_boot(struct limit_state *s, const char *boot_id, struct mono now)
{
    int64_t same = 0;
    int living;
    int n = database_number(&s->db, "SELECT boot_id = ? FROM meta", VALUES(V_TEXT(boot_id)), &same);
    int err = n < 0 ? n : count_living(s, &living);
    /* A system without boot ids: the same boot only if somebody lived through it. */
    if (err || (same && (*boot_id || living > 0)))
        return err;
    /* Negative while both are there. */
    err = database_run(&s->db,
                       "INSERT INTO answered(run, kind, second, n)"
                       " SELECT 0, kind, -1, sum(n) FROM answered GROUP BY kind",
                       NO_VALUES);
    if (!err)
        err = database_run(&s->db, "DELETE FROM answered WHERE second >= 0", NO_VALUES);
    if (!err)
        err = database_run(&s->db, "UPDATE answered SET second = ?",
                           VALUES(V_INT(second_after(now))));
    if (!err)
        err = database_run(&s->db, "UPDATE meta SET boot_id = ?", VALUES(V_TEXT(boot_id)));
    return err;
}

/* The dead are ended, the new run has its row and its lock, before anybody sees the row. */
static int enter(struct limit_state *s, const char *boot_id, struct mono now)
{
    int64_t post, get;
    bool taken = false;
    struct error e;
    int err = database_write(&s->db);
    if (!err)
        err = cross_boot(s, boot_id, now);
    if (!err)
        err = look_at_others(s, now, &post, &get);
    if (!err)
        err = database_run(&s->db, "INSERT INTO run(pid, updated_ms) VALUES(?, ?)",
                           VALUES(V_INT(getpid()), V_INT(now.ms)));
    if (err)
        return err;
    s->run = sqlite3_last_insert_rowid(s->db.db);
    err = lock_byte(s->lock_fd, s->run, &taken, &e);
    if (err || taken)
        return database_refuse(&s->db, ERR_IO, "%s: %s", text_show(s->lock_path),
                               err ? e.text : "somebody holds a lock that nobody should");
    CRASH_POINT("limits_enter");
    return database_commit(&s->db);
}

static int open_files(struct limit_state *s, const char *directory, const char *path,
                      const char *boot_id, struct mono now, struct error *e)
{
    bool created;
    int err = filesystem_check_create(path, &created, e);
    if (err)
        return err;
    if (created)
        limit_file_share(directory, path);
    err = database_open(&s->db, path, DATABASE_WRITE, way_out);
    if (!err)
        err = make_schema(&s->db);
    CRASH_POINT("limits_made");
    if (!err)
        err = enter(s, boot_id, now);
    CRASH_POINT("limits_entered");
    if (err)
        *e = s->db.error;
    return err;
}

int limit_state_open(struct limit_state **out, const char *directory, const char *origin,
                     const char *owner, const char *boot_id, struct mono now, struct error *e)
{
    struct limit_state *s = xcalloc(1, sizeof *s);
    char *path = file_of(directory, origin, owner, ".db");
    int opening = -1;
    *out = NULL;
    s->written = now;
    s->lock_path = file_of(directory, origin, owner, ".lock");
    s->lock_fd = -1;
    int err = directory_make(directory, ACCESS_PRIVATE, e);
    if (!err)
        err = filesystem_check(directory, "limits.state", e);
    if (!err) {
        s->lock_fd = open(s->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        opening = open(s->lock_path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (s->lock_fd < 0 || opening < 0)
            err = error_system(e, ERR_IO, errno, "%s", text_show(s->lock_path));
        else
            limit_file_share(directory, s->lock_path);
    }
    if (!err) /* one opens at a time: the schema is made once */
        err = lock_byte_wait(opening, OPENING_BYTE, e);
    if (!err)
        err = open_files(s, directory, path, boot_id, now, e);
    if (opening >= 0)
        close(opening);
    free(path);
    if (err)
        limit_state_close(s, now, NULL, NULL);
    else
        *out = s;
    return err;
}

/* --- a lease --- */

/* What L had answered in the seconds that may have changed since the last time. */
static int write_answered(struct limit_state *s, int kind, const struct limiter *l, struct mono now)
{
    int64_t last = second_after(mono_add(now, LIMITER_LOST_MS));
    int64_t first = second_after(s->written);
    if (first < last - LIMITER_WINDOW_MS / 1000 - 10)
        first = last - LIMITER_WINDOW_MS / 1000 - 10;
    for (int64_t second = first; second <= last; second++) {
        uint32_t n = limiter_answered(l, (struct mono){second > 0 ? (second - 1) * 1000 : 0},
                                      (struct mono){second * 1000});
        if (n == 0)
            continue;
        int err = database_run(&s->db,
                               "INSERT OR REPLACE INTO answered(run, kind, second, n)"
                               " VALUES(?, ?, ?, ?)",
                               VALUES(V_INT(s->run), V_INT(kind), V_INT(second), V_INT(n)));
        if (err)
            return err;
    }
    return 0;
}

static int prune(struct limit_state *s, struct mono now)
{
    return database_run(&s->db, "DELETE FROM answered WHERE second * 1000 + ? <= ?",
                        VALUES(V_INT(LIMITER_WINDOW_MS), V_INT(now.ms)));
}

static int read_others(struct limit_state *s, struct mono now, struct limiter *const limiters[])
{
    sqlite3_stmt *q = database_query(&s->db,
                                     "SELECT kind, second, sum(n) FROM answered WHERE run <> ?"
                                     " GROUP BY kind, second",
                                     VALUES(V_INT(s->run)));
    int n;
    if (q == NULL)
        return s->db.error.code;
    while ((n = database_step(&s->db, q)) == 1) {
        int64_t kind = column_int(q, 0), count = column_int(q, 2);
        /* The last moment of that second; none is later than a request lost just now. */
        struct mono at =
            mono_min((struct mono){column_int(q, 1) * 1000 - 1}, mono_add(now, LIMITER_LOST_MS));
        if (kind >= 0 && kind < KINDS && at.ms >= 0 && count > 0)
            limiter_add_others(limiters[kind], at,
                               count < UINT32_MAX / 2 ? (uint32_t)count : UINT32_MAX / 2);
    }
    return n;
}

static uint32_t grant(struct limiter *l, struct mono now, uint32_t want)
{
    uint32_t room = limiter_room_within(l, now, LIMIT_LEASE_MS);
    return want < room ? want : room;
}

/* Within the transaction: what we did goes in, what others did comes out. */
static int exchange(struct limit_state *s, struct mono now, struct limiter *const limiters[])
{
    int64_t post_out, get_out;
    int err = look_at_others(s, now, &post_out, &get_out);
    if (!err)
        err = prune(s, now);
    for (int kind = 0; kind < KINDS && !err; kind++)
        err = write_answered(s, kind, limiters[kind], now);
    if (err)
        return err;
    limiter_clear_others(limiters[KIND_POST], (uint32_t)post_out);
    limiter_clear_others(limiters[KIND_GET], (uint32_t)get_out);
    return read_others(s, now, limiters);
}

int limit_state_lease(struct limit_state *s, struct mono now, uint32_t want_post, uint32_t want_get,
                      struct limiter *post, struct limiter *get, struct error *e)
{
    struct limiter *const limiters[KINDS] = {post, get};
    uint32_t posts = 0, gets = 0;
    database_recover(&s->db);
    int err = database_write(&s->db);
    if (!err)
        err = exchange(s, now, limiters);
    if (!err) {
        posts = grant(post, now, want_post);
        gets = grant(get, now, want_get);
        err = database_run(&s->db,
                           "UPDATE run SET updated_ms = ?, post_out = ?, get_out = ?,"
                           " post_leased = ?, get_leased = ? WHERE id = ?",
                           VALUES(V_INT(now.ms), V_INT(post->out), V_INT(get->out), V_INT(posts),
                                  V_INT(gets), V_INT(s->run)));
    }
    CRASH_POINT("lease_commit_before");
    if (!err)
        err = database_commit(&s->db);
    CRASH_POINT("lease_commit_after");
    if (err) {
        database_rollback(&s->db);
        *e = s->db.error;
        return error_wrap(e, "limits.state");
    }
    s->written = now;
    limiter_lease(post, posts, mono_add(now, LIMIT_LEASE_MS));
    limiter_lease(get, gets, mono_add(now, LIMIT_LEASE_MS));
    return 0;
}

/* A clean end: if it can't be written, the lease counts in full, as after a crash. */
static int leave(struct limit_state *s, struct mono now, struct limiter *post, struct limiter *get)
{
    database_recover(&s->db);
    int err = database_write(&s->db);
    if (!err)
        err = write_answered(s, KIND_POST, post, now);
    if (!err)
        err = write_answered(s, KIND_GET, get, now);
    if (!err)
        err = end_run(s, s->run, post->out, get->out, now);
    CRASH_POINT("limits_leave");
    return err ? err : database_commit(&s->db);
}

void limit_state_close(struct limit_state *s, struct mono now, struct limiter *post,
                       struct limiter *get)
{
    if (s == NULL)
        return;
    if (post && get && leave(s, now, post, get) != 0)
        database_rollback(&s->db);
    database_close(&s->db);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    free(s->lock_path);
    free(s);
}
