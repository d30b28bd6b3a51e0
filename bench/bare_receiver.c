/* The receiver of webhooks without what a run does with them: signatures are verified, bodies are
 * not read, and each delivery is answered 200 at once. With a LEDGER it is the floor for webhooks:
 * each delivery is hashed and stored, once, and answered after the commit, which is made for what
 * comes within COMMIT_MS. Prints its port, serves until SIGTERM.
 *
 *   bench_bare_receiver SECRET [LEDGER] */
#include "base/digest.h"
#include "base/log.h"
#include "net/loop.h"
#include "webhook/webhook_receiver.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { CLOSE_GRACE_MS = 1000, COMMIT_MS = 20, HELD_MAX = 1024 };

static const char schema[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "CREATE TABLE delivery(id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL);";
static const char insert[] =
    "INSERT INTO delivery(sha256, bytes) VALUES(?1, ?2) ON CONFLICT DO NOTHING";

struct bare {
    struct loop *loop;
    struct webhook_receiver *receiver;
    struct loop_signal *term;
    sqlite3 *db; /* NULL: nothing is stored */
    sqlite3_stmt *insert;
    struct loop_timer *commit;
    struct webhook_delivery *held[HELD_MAX];
    size_t count;
};

static _Noreturn void die(const char *why)
{
    fprintf(stderr, "bench_bare_receiver: %s\n", why);
    exit(1);
}

static void check(struct bare *b, int rc)
{
    if (rc != SQLITE_OK && rc != SQLITE_DONE)
        die(sqlite3_errmsg(b->db));
}

static void commit_cb(void *ctx)
{
    struct bare *b = ctx;
    if (b->count == 0)
        return;
    check(b, sqlite3_exec(b->db, "COMMIT", NULL, NULL, NULL));
    for (size_t i = 0; i < b->count; i++)
        webhook_delivery_reply(b->held[i], 200);
    b->count = 0;
}

static void store(struct bare *b, struct webhook_delivery *d, const char *body, size_t len)
{
    uint8_t sha[SHA256_BYTES];
    sha256(body, len, sha);
    if (b->count == 0) {
        check(b, sqlite3_exec(b->db, "BEGIN", NULL, NULL, NULL));
        loop_timer_set(b->commit, mono_add(loop_now(b->loop), COMMIT_MS));
    }
    sqlite3_bind_blob(b->insert, 1, sha, sizeof sha, SQLITE_STATIC);
    sqlite3_bind_blob64(b->insert, 2, body, len, SQLITE_STATIC);
    check(b, sqlite3_step(b->insert));
    sqlite3_reset(b->insert);
    b->held[b->count++] = d;
    if (b->count == HELD_MAX)
        commit_cb(b);
}

static void delivered_cb(void *ctx, struct webhook_delivery *d, const char *body, size_t len)
{
    struct bare *b = ctx;
    if (b->db != NULL)
        store(b, d, body, len);
    else
        webhook_delivery_reply(d, 200);
}

static void term_cb(void *ctx, int signum)
{
    struct bare *b = ctx;
    (void)signum;
    commit_cb(b);
    loop_signal_close(b->term);
    loop_timer_close(b->commit);
    webhook_receiver_close(b->receiver, CLOSE_GRACE_MS, NULL, NULL);
}

static void open_ledger(struct bare *b, const char *path)
{
    check(b, sqlite3_open(path, &b->db));
    check(b, sqlite3_exec(b->db, schema, NULL, NULL, NULL));
    check(b, sqlite3_prepare_v2(b->db, insert, -1, &b->insert, NULL));
}

int main(int argc, char **argv)
{
    static struct bare b;
    struct error e;
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: bench_bare_receiver SECRET [LEDGER]\n");
        return 2;
    }
    const char *secrets[] = {argv[1], NULL};
    b.loop = loop_new(&system_clock);
    b.commit = loop_timer_new(b.loop, commit_cb, &b);
    struct webhook_receiver_options options = {
        .listen = "127.0.0.1:0", .secrets = secrets, .delivered = delivered_cb, .ctx = &b};
    if (webhook_receiver_new(&b.receiver, b.loop, &options, &e) < 0)
        die(e.text);
    if (argc == 3)
        open_ledger(&b, argv[2]);
    b.term = loop_signal_new(b.loop, SIGTERM, term_cb, &b);
    printf("%u\n", (unsigned)webhook_receiver_port(b.receiver));
    fflush(stdout);
    loop_run(b.loop);
    loop_free(b.loop);
    sqlite3_finalize(b.insert);
    sqlite3_close(b.db);
    return 0;
}
