/* The floor: the bare client, and of what mindee-batch does only what durability demands. What it
 * costs beyond this is what can be saved; what this costs beyond bare libcurl can't.
 *
 * For each document: its file is read once, into memory, and hashed; the intent, the job's id, that
 * the job is ready, and the result are four steps in SQLite, each durable before what rests on it
 * happens (sent, polled, fetched, written out); and the result becomes a file, written under a
 * temporary name, renamed, and synced with others. Commits are grouped, and files synced, as
 * mindee-batch does: one commit for what comes within COMMIT_MS, or thrice the time that the last
 * one took; a sync for what was written within SYNC_MS. Nothing can be taken up again, looked up or
 * counted here.
 *
 *   bench_floor OUTPUT BASE_URL MODEL_ID AT_ONCE WAIT_MS DIRECTORY [CA_FILE] */
#include "base/digest.h"
#include "raw_client.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COMMIT_MS = 20, COMMIT_TIMES = 3, SYNC_MS = 250, SYNC_MOST = 256, WHENEVER_MS = 1000 };

/* The document's number is its place in the directory's list. */
static const char schema[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "CREATE TABLE document(id INTEGER PRIMARY KEY, state INTEGER NOT NULL, path TEXT NOT NULL,"
    "  sha256 BLOB NOT NULL, job TEXT, result_url TEXT);"
    "CREATE TABLE result(document INTEGER PRIMARY KEY, sha256 BLOB NOT NULL, bytes BLOB NOT NULL);";

enum statement { BEGIN, COMMIT, INTEND, ACCEPT, READY, RESULT_IN, STORE, STATEMENTS };
static const char *const sql[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [INTEND] = "INSERT INTO document(id, state, path, sha256) VALUES(?1, 0, ?2, ?3)",
    [ACCEPT] = "UPDATE document SET state = 1, job = ?2 WHERE id = ?1",
    [READY] = "UPDATE document SET state = 2, result_url = ?2 WHERE id = ?1",
    [RESULT_IN] = "INSERT INTO result(document, sha256, bytes) VALUES(?1, ?3, ?2)",
    [STORE] = "UPDATE document SET state = 3 WHERE id = ?1",
};

/* Something noted that a commit makes durable; then the document goes on. */
struct note {
    struct document *document;
    char *result; /* of a result that came */
    size_t len;
};

struct floor {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    struct sha256 *sha;
    struct note *notes; /* not yet durable */
    size_t noted, notes_room;
    struct document **to_start; /* durable, and waiting for a transfer */
    size_t started, to_start_count;
    size_t in_hand; /* files in memory */
    size_t next;    /* of the documents, to be read */
    int64_t commit_at, sync_at;
    int partial, results;
    size_t unsynced;
};

/* ---- the ledger ---- */

static void run(struct floor *f, enum statement which, const struct document *d,
                const struct raw_client *c, const char *text, size_t len, const uint8_t *sha)
{
    sqlite3_stmt *s = f->statements[which];
    if (d != NULL)
        sqlite3_bind_int64(s, 1, d - c->documents);
    if (text != NULL && which == RESULT_IN)
        sqlite3_bind_blob64(s, 2, text, len, SQLITE_STATIC);
    else if (text != NULL)
        sqlite3_bind_text64(s, 2, text, len, SQLITE_STATIC, SQLITE_UTF8);
    if (sha != NULL)
        sqlite3_bind_blob(s, 3, sha, SHA256_BYTES, SQLITE_STATIC);
    if (sqlite3_step(s) != SQLITE_DONE)
        raw_die("ledger", sqlite3_errmsg(f->db));
    sqlite3_reset(s);
}

/* In the order of time: the note keeps what comes after its commit. */
static struct note *note(struct floor *f, struct document *d)
{
    if (f->noted == f->notes_room) {
        f->notes_room = f->notes_room ? f->notes_room * 2 : 64;
        f->notes = raw_grow(f->notes, f->notes_room * sizeof *f->notes);
    }
    if (f->noted == 0)
        run(f, BEGIN, NULL, NULL, NULL, 0, NULL);
    f->notes[f->noted] = (struct note){.document = d};
    return &f->notes[f->noted++];
}

/* ---- a file in ---- */

static void read_and_hash(struct floor *f, const struct raw_client *c, struct document *d)
{
    struct stat st;
    uint8_t sha[SHA256_BYTES];
    size_t have = 0;
    int fd = open(d->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0)
        raw_die(d->path, "can't be read");
    char *bytes = raw_grow(NULL, (size_t)st.st_size + 1);
    d->size = (size_t)st.st_size;
    while (have < d->size) {
        ssize_t n = read(fd, bytes + have, d->size - have);
        if (n <= 0)
            raw_die(d->path, "can't be read");
        have += (size_t)n;
    }
    close(fd);
    sha256_update(f->sha, bytes, d->size);
    sha256_final(f->sha, sha);
    d->bytes = bytes;
    f->in_hand++;
    note(f, d);
    run(f, INTEND, d, c, d->path, strlen(d->path), sha);
}

/* ---- a result out ---- */

static void write_result(struct floor *f, const struct document *d, const char *bytes, size_t len)
{
    const char *name = strrchr(d->path, '/') + 1;
    char temporary[32], file[256];
    snprintf(temporary, sizeof temporary, "%zu", f->unsynced);
    snprintf(file, sizeof file, "%s.json", name);
    int fd = openat(f->partial, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) != 0 ||
        renameat2(f->partial, temporary, f->results, file, RENAME_NOREPLACE) != 0)
        raw_die(file, "can't be written");
    if (f->unsynced++ == 0)
        f->sync_at = raw_now_ms() + SYNC_MS;
}

static void sync_results(struct floor *f)
{
    if (f->unsynced > 0 && syncfs(f->results) != 0)
        raw_die("results", "can't be synced");
    f->unsynced = 0;
}

/* ---- steps ---- */

static void accepted(struct raw_client *c, struct document *d)
{
    struct floor *f = c->ctx;
    free((char *)d->bytes);
    d->bytes = NULL;
    f->in_hand--;
    note(f, d);
    run(f, ACCEPT, d, c, d->url, strlen(d->url), NULL);
}

static void processed(struct raw_client *c, struct document *d)
{
    note(c->ctx, d);
    run(c->ctx, READY, d, c, d->url, strlen(d->url), NULL);
}

static void fetched(struct raw_client *c, struct document *d, const char *bytes, size_t len)
{
    struct floor *f = c->ctx;
    uint8_t sha[SHA256_BYTES];
    struct note *n = note(f, d);
    n->result = raw_grow(NULL, len);
    n->len = len;
    memcpy(n->result, bytes, len);
    sha256_update(f->sha, bytes, len);
    sha256_final(f->sha, sha);
    run(f, RESULT_IN, d, c, n->result, len, sha);
    run(f, STORE, d, c, NULL, 0, NULL);
}

/* What was durable just now goes on. */
static void go_on(struct floor *f, struct raw_client *c, struct note *n)
{
    struct document *d = n->document;
    if (n->result != NULL) {
        write_result(f, d, n->result, n->len);
        free(n->result);
        raw_client_done(c, d);
    } else if (d->step == JOB) {
        raw_client_wait(c, d);
    } else {
        f->to_start[f->to_start_count++] = d;
    }
}

static void commit(struct floor *f, struct raw_client *c)
{
    int64_t began = raw_now_ms();
    run(f, COMMIT, NULL, NULL, NULL, 0, NULL);
    int64_t now = raw_now_ms(), took = (now - began) * COMMIT_TIMES;
    f->commit_at = now + (took > COMMIT_MS ? took : COMMIT_MS);
    for (size_t i = 0; i < f->noted; i++)
        go_on(f, c, &f->notes[i]);
    f->noted = 0;
}

/* A document that is UPLOAD or RESULT waits here for a transfer once at most each. */
static void start_what_can(struct floor *f, struct raw_client *c)
{
    while (c->idle_count > 0 && f->started < f->to_start_count)
        raw_client_start(c, f->to_start[f->started++]);
}

static int turn(struct raw_client *c)
{
    struct floor *f = c->ctx;
    while (f->in_hand < (size_t)c->at_once && f->next < c->count)
        read_and_hash(f, c, &c->documents[f->next++]);
    int64_t now = raw_now_ms();
    if (f->noted > 0 && now >= f->commit_at)
        commit(f, c);
    if (f->unsynced >= SYNC_MOST || (f->unsynced > 0 && now >= f->sync_at))
        sync_results(f);
    start_what_can(f, c);
    int64_t at = now + WHENEVER_MS;
    if (f->noted > 0 && f->commit_at < at)
        at = f->commit_at;
    if (f->unsynced > 0 && f->sync_at < at)
        at = f->sync_at;
    return at > now ? (int)(at - now) : 0;
}

/* ---- life ---- */

static void open_output(struct floor *f, const char *output)
{
    char path[4096];
    if (mkdir(output, 0700) != 0 || chdir(output) != 0 || mkdir("partial", 0700) != 0 ||
        mkdir("results", 0700) != 0)
        raw_die(output, "can't be made");
    f->partial = open("partial", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    f->results = open("results", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    snprintf(path, sizeof path, "%s/ledger.db", output);
    if (sqlite3_open_v2(path, &f->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(f->db, schema, NULL, NULL, NULL) != SQLITE_OK)
        raw_die(path, sqlite3_errmsg(f->db));
    for (int i = 0; i < STATEMENTS; i++)
        if (sqlite3_prepare_v2(f->db, sql[i], -1, &f->statements[i], NULL) != SQLITE_OK)
            raw_die(sql[i], sqlite3_errmsg(f->db));
    f->sha = sha256_new();
}

static void close_output(struct floor *f)
{
    sync_results(f);
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(f->statements[i]);
    if (sqlite3_close(f->db) != SQLITE_OK)
        raw_die("ledger", "can't be closed");
    sha256_free(f->sha);
    free(f->notes);
    free(f->to_start);
}

int main(int argc, char **argv)
{
    static struct floor f;
    static struct raw_client c = {
        .name = "bench_floor",
        .keep_results = true,
        .ctx = &f,
        .turn = turn,
        .accepted = accepted,
        .processed = processed,
        .fetched = fetched,
    };
    raw_client_open(&c, argc - 1, argv + 1); /* says what is missing */
    f.to_start = raw_grow(NULL, 2 * c.count * sizeof *f.to_start + 1);
    open_output(&f, argv[1]);
    raw_client_run(&c);
    close_output(&f);
    printf("%zu documents\n", c.done);
    return 0;
}
