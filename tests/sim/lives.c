/* See lives.h. */
#include "lives.h"

#include "check_ledger.h"

#include "ledger/backup.h"
#include "virtual_loop.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LATE_WEBHOOK_MS = 60000 };

/* --- the books --- */

static const char *const books[] = {"ledger.db.files", "ledger.db.files-wal", "ledger.db",
                                    "ledger.db-wal"};
enum { BOOKS = sizeof books / sizeof *books };

static void copy_file(const char *from, const char *to)
{
    char block[65536];
    size_t n;
    FILE *in = fopen(from, "re"), *out = in ? fopen(to, "we") : NULL;
    REQUIRE(out || errno == ENOENT);
    while (out && (n = fread(block, 1, sizeof block, in)) > 0)
        REQUIRE(fwrite(block, 1, n, out) == n);
    if (in)
        REQUIRE(fclose(in) == 0);
    if (out)
        REQUIRE(fclose(out) == 0);
}

static void remove_books(const char *directory)
{
    static const char *const more[] = {"ledger.db-shm", "ledger.db.files-shm"};
    char path[PATH_ROOM + 40];
    for (size_t i = 0; i < BOOKS + sizeof more / sizeof *more; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, i < BOOKS ? books[i] : more[i - BOOKS]);
        REQUIRE(unlink(path) == 0 || errno == ENOENT);
    }
}

static void copy_books(const char *from, const char *to)
{
    char a[PATH_ROOM + 40], b[PATH_ROOM + 40];
    REQUIRE(mkdir(to, 0700) == 0 || errno == EEXIST);
    remove_books(to);
    for (size_t i = 0; i < BOOKS; i++) {
        snprintf(a, sizeof a, "%s/%s", from, books[i]);
        snprintf(b, sizeof b, "%s/%s", to, books[i]);
        copy_file(a, b);
    }
}

static void place(const struct world *w, const char *name, char out[PATH_ROOM])
{
    snprintf(out, PATH_ROOM, "%s/%s", w->directory, name);
}

static bool back_up(struct world *w, const char *to)
{
    char from[PATH_ROOM + 40], copy[PATH_ROOM + 40];
    struct error e;
    world_output(w, 0, from, PATH_ROOM);
    strcat(from, "/ledger.db");
    REQUIRE(mkdir(to, 0700) == 0 || errno == EEXIST);
    remove_books(to);
    snprintf(copy, sizeof copy, "%s/ledger.db", to);
    if (ledger_backup(from, copy, &e) == 0)
        return true;
    if (!world_disk_fails(w))
        world_fail(w, "a backup: %s", e.text);
    return false;
}

/* Whatever it holds, it is whole: a run made it and has begun. */
static bool is_there(const struct world *w)
{
    sqlite3 *db = check_open(w, 0);
    bool is =
        db &&
        check_number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'flight'", 0, 0) == 1 &&
        check_number(db, "SELECT count(*) FROM run", 0, 0) > 0;
    sqlite3_close(db);
    return is;
}

bool lives_copy(struct world *w)
{
    char from[PATH_ROOM], to[PATH_ROOM];
    if (!is_there(w))
        return false;
    world_output(w, 0, from, sizeof from);
    place(w, "copy", to);
    if (!w->scenario->lives.by_backup)
        copy_books(from, to);
    else if (!back_up(w, to))
        return false;
    w->lives.copied = true;
    w->lives.sent_at_copy = w->lives.sent;
    w->lives.words = 0;
    if (world_verbose)
        printf("%9" PRId64 " the ledger is copied\n", w->mono_ms - VIRTUAL_MONO_START_MS);
    return true;
}

void lives_copy_beside(struct world *w, int number, int64_t step)
{
    const struct sim_restoring *l = &w->scenario->lives;
    if (l->on && !w->lives.copied && step == l->copy_step && number >= l->copy_after)
        lives_copy(w);
}

/* Which jobs the ledger that is there now has the attempts of. */
static void look_who_is_known(struct world *w)
{
    sqlite3 *db = check_open(w, 0);
    for (int i = 0; i < w->job_count; i++) {
        struct sim_job *job = &w->jobs[i];
        uint64_t nonce = 0;
        if (job->ledger)
            continue;
        REQUIRE(sscanf(job->alias, "mb-%16" SCNx64, &nonce) == 1);
        sqlite3_stmt *s =
            check_ask(db, "SELECT 1 FROM attempt WHERE document = ? AND n = ? AND nonce = ?",
                      job->document, job->attempt);
        sqlite3_bind_int64(s, 3, (int64_t)nonce);
        job->forgotten = sqlite3_step(s) != SQLITE_ROW;
        sqlite3_finalize(s);
    }
    sqlite3_close(db);
}

/* What was seen in the ledger that was there before: files, periods, results. */
static void forget(struct world *w, struct stored_so_far *so_far)
{
    *so_far = (struct stored_so_far){0};
    memset(w->named, 0, sizeof w->named);
    memset(w->periods, 0, sizeof w->periods);
    look_who_is_known(w);
}

void lives_put_back(struct world *w, struct stored_so_far *so_far)
{
    char out[PATH_ROOM], copy[PATH_ROOM], aside[PATH_ROOM];
    world_output(w, 0, out, sizeof out);
    place(w, "copy", copy);
    place(w, "aside", aside);
    copy_books(out, aside);
    remove_books(out);
    copy_books(copy, out);
    forget(w, so_far);
    if (world_verbose)
        printf("%9" PRId64 " the ledger is put back; %d uploads since\n",
               w->mono_ms - VIRTUAL_MONO_START_MS, lives_sent_since(w));
}

void lives_take_back(struct world *w, struct stored_so_far *so_far)
{
    char out[PATH_ROOM], aside[PATH_ROOM];
    world_output(w, 0, out, sizeof out);
    place(w, "aside", aside);
    remove_books(out);
    copy_books(aside, out);
    forget(w, so_far);
}

int lives_sent_since(const struct world *w)
{
    return w->lives.sent - w->lives.sent_at_copy;
}

/* --- what is held --- */

/* Of a job that the ledger may never have heard of: once more, some time after. */
static void deliver_late(struct world *w)
{
    for (int i = 0; i < w->job_count && w->scenario->webhooks.on; i++)
        if (!w->jobs[i].ledger && random_below(&w->random, 2))
            webhooks_deliver_at(w, &w->jobs[i],
                                w->mono_ms + (int64_t)random_below(&w->random, LATE_WEBHOOK_MS));
}

void lives_restored(struct world *w)
{
    struct sim_lives *l = &w->lives;
    memset(l->held, 0, sizeof l->held);
    sqlite3 *db = check_open(w, 0);
    sqlite3_stmt *s =
        check_ask(db,
                  "SELECT d.id FROM document d LEFT JOIN flight w ON w.document = d.id"
                  " WHERE coalesce(w.state, d.state) < 5 AND d.files > 0",
                  0, 0);
    while (sqlite3_step(s) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(s, 0);
        REQUIRE(id < SIM_DOCUMENTS_MAX);
        l->held[id] = true;
    }
    sqlite3_finalize(s);
    sqlite3_close(db);
    l->restored_ms = w->mono_ms;
    l->asked = l->asked_more = false;
    l->count++;
    l->words++;
    deliver_late(w);
}

static bool was_sent_before(const struct world *w, int content, int settings)
{
    for (int i = 0; i < w->job_count; i++)
        if (w->jobs[i].forgotten && w->jobs[i].content == content &&
            w->jobs[i].settings == settings)
            return true;
    return false;
}

void lives_check_upload(struct world *w, const struct sim_post *post, const char *path)
{
    const struct sim_lives *l = &w->lives;
    int pages;
    if (post->ledger)
        return;
    w->lives.sent++;
    if (!l->restored_ms || l->asked)
        return;
    REQUIRE(post->document < SIM_DOCUMENTS_MAX);
    if (l->held[post->document])
        world_fail(w,
                   "document %" PRId64 " was open when the ledger was copied, and is sent again "
                   "without a person's word",
                   post->document);
    int content = inputs_content_of(path, &pages);
    if (inputs_came_ms(w, path) < l->restored_ms && was_sent_before(w, content, post->settings))
        world_fail(
            w,
            "content %d was sent before the ledger was put back, and is sent again without a "
            "person's word, as document %" PRId64,
            content, post->document);
}

void lives_asked(struct world *w, const struct sim_retry *retry)
{
    w->lives.asked = true;
    w->lives.asked_more =
        w->lives.asked_more || retry->failed || retry->rejected || retry->file >= 0;
}

/* --- files --- */

void lives_files_come(struct world *w, enum sim_coming_time when)
{
    for (int i = 0; i < w->scenario->file_count; i++)
        if (w->scenario->files[i].comes == when)
            inputs_come(w, i);
}
