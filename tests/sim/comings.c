/* See comings.h. */
#include "comings.h"

#include "check_ledger.h"

#include "base/buffer.h"
#include "ledger/file_book.h"
#include "ledger/listing.h"
#include "results/result_files.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STRANGE "a file of somebody else's"

static const char *const names[SIM_NAMES] = {"scan.pdf", "scan (2).pdf", "fax", "sub/scan.pdf",
                                             ".x.pdf"};

static void root_path(const struct world *w, int root, char out[PATH_ROOM])
{
    static const char *const roots[SIM_ROOTS] = {"june", "july"};
    snprintf(out, PATH_ROOM, "%s/in/%s", w->directory, roots[root]);
}

static void make(const char *path)
{
    REQUIRE(mkdir(path, 0700) == 0 || errno == EEXIST);
}

int comings_roots(const struct world *w, int run, char out[][256])
{
    const struct sim_comings *c = &w->scenario->comings;
    int count = 0;
    for (int root = 0; root < c->roots; root++) {
        char path[PATH_ROOM], sub[PATH_ROOM + 8];
        root_path(w, root, path);
        snprintf(sub, sizeof sub, "%s/sub", path);
        make(path);
        make(sub);
        /* one after the other, then both */
        bool takes_part = c->roots == 1 || w->healed || run % 3 == 2 || run % 3 == root;
        if (takes_part)
            memcpy(out[count++], path, PATH_ROOM);
    }
    return count;
}

/* --- what comes --- */

/* Nothing of ours is there: they come beside, and not over it. */
static void make_strange(struct world *w, const struct sim_coming *e)
{
    char path[PATH_ROOM + 60];
    bool result = e->kind == STRANGE_RESULT;
    const char *name =
        e->name == 3 ? "sub" : names[e->name]; /* a file where a directory should be */
    snprintf(path, sizeof path, "%s/%s", w->directory, result ? "out" : "done");
    make(path);
    if (result) {
        snprintf(path, sizeof path, "%s/out/results", w->directory);
        make(path);
    }
    snprintf(path, sizeof path, "%s/%s/%s%s", w->directory, result ? "out/results" : "done", name,
             result && e->name != 3 ? ".json" : "");
    FILE *f = fopen(path, "wxe");
    if (!f)
        return;
    fputs(STRANGE, f);
    fclose(f);
    w->strange++;
}

static bool is_strange(const char *path)
{
    char text[sizeof STRANGE] = "";
    FILE *f = fopen(path, "re");
    bool is = f && fgets(text, sizeof text, f) && strcmp(text, STRANGE) == 0;
    if (f)
        fclose(f);
    return is;
}

static void change(struct world *w, const struct sim_coming *e)
{
    if (e->kind >= STRANGE_RESULT) {
        make_strange(w, e);
        return;
    }
    char root[PATH_ROOM], path[PATH_ROOM + 40];
    root_path(w, e->root, root);
    make(root);
    snprintf(path, sizeof path, "%s/sub", root);
    make(path);
    snprintf(path, sizeof path, "%s/%s", root, names[e->name]);
    bool there = access(path, F_OK) == 0;
    if (world_verbose)
        printf("%9lld event %d %s content %d%s\n", (long long)w->mono_ms, (int)e->kind,
               strstr(path, "/in/"), e->content, there ? ", there" : "");
    if (e->kind == COMES || e->kind == COMES_OVER)
        inputs_write(w, path, e->content, e->file, e->kind == COMES_OVER);
    else if (e->kind == TAKEN_AWAY)
        unlink(path);
    else if (there)
        inputs_stamp(w, path);
}

void comings_change(struct world *w, int run, int64_t step, bool all)
{
    const struct sim_comings *c = &w->scenario->comings;
    for (int i = 0; i < c->count; i++) {
        const struct sim_coming *e = &c->list[i];
        bool due = all || e->run < run || (e->run == run && e->step <= step);
        if (w->came[i] || !due)
            continue;
        w->came[i] = true;
        change(w, e);
    }
}

/* --- names --- */

static bool is_renamed(const char *was, const char *is)
{
    const char *mark = strstr(is, " (replaced");
    const char *dot = strrchr(was, '.');
    size_t stem = dot ? (size_t)(dot - was) : strlen(was);
    return mark && strncmp(was, is, stem) == 0;
}

void comings_check_after_run(struct world *w, struct sqlite3 *db)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db,
                           "SELECT id, name, path, coalesce(period, ''), life FROM book.file"
                           " WHERE name IS NOT NULL",
                           -1, &s, NULL) != SQLITE_OK)
        return;
    while (sqlite3_step(s) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(s, 0);
        const char *name = (const char *)sqlite3_column_text(s, 1);
        const char *path = (const char *)sqlite3_column_text(s, 2);
        REQUIRE(id > 0 && id < SIM_NAMED_MAX);
        const char *period = (const char *)sqlite3_column_text(s, 3);
        char *was = w->named[id].name;
        if (was[0] && !w->named[id].left && strcmp(w->named[id].period, period) != 0)
            world_fail(w, "file %" PRId64 ", %s, was of %s, and is of %s", id, name,
                       w->named[id].period, period);
        bool may_move = w->scenario->comings.strangers; /* what stands there isn't ours */
        if (was[0] && strcmp(was, name) != 0 && !is_renamed(was, name) && !may_move)
            world_fail(w, "file %" PRId64 " was %s, and is %s", id, was, name);
        if (was[0] && strcmp(w->named[id].path, path) != 0)
            world_fail(w, "file %" PRId64 " was at %s, and is at %s", id, w->named[id].path, path);
        if (!w->runs[0].ended) /* the book may be a turn ahead of the ledger, and is put right */
            continue;
        snprintf(was, sizeof w->named[id].name, "%s", name);
        w->named[id].left = sqlite3_column_int(s, 4) == LIFE_LEFT;
        snprintf(w->named[id].period, sizeof w->named[id].period, "%s", period);
        snprintf(w->named[id].path, sizeof w->named[id].path, "%s", path);
    }
    sqlite3_finalize(s);
}

/* --- places --- */

/* The content whose result is in the file, or whose input it is; -1: none. */
static int content_of_result(const char *path)
{
    char text[1024] = "";
    FILE *f = fopen(path, "re");
    size_t len = f ? fread(text, 1, sizeof text - 1, f) : 0;
    text[len] = '\0';
    if (f)
        fclose(f);
    const char *at = strstr(text, "\"content\": {\"value\": ");
    return at ? atoi(at + strlen("\"content\": {\"value\": ")) : -1;
}

static int content_of_document(const struct world *w, int64_t document)
{
    for (int i = 0; i < w->job_count; i++)
        if (sim_job_is_of(&w->jobs[i], 0, document))
            return w->jobs[i].content;
    return -1;
}

void comings_check_row(struct world *w, const struct ledger_listing *row)
{
    int pages, content = content_of_document(w, row->document_id);
    if (!*row->moved_to || content < 0)
        return;
    int is = inputs_content_of(row->moved_to, &pages);
    if (is != content)
        world_fail(
            w, "%s holds content %d, and the ledger has document %" PRId64 ", content %d, there",
            strstr(row->moved_to, "/done") ? strstr(row->moved_to, "/done") : row->moved_to, is,
            row->document_id, content);
}

struct places {
    struct world *w;
    sqlite3 *db;
    const char *base;
    int strange;
    void (*file)(struct places *p, const char *path, const char *name);
};

static void each_file(struct places *p, const char *directory)
{
    DIR *d = opendir(directory);
    for (struct dirent *e; d && (e = readdir(d));) {
        char path[1024];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", directory, e->d_name);
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || lstat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            each_file(p, path);
        else
            p->file(p, path, path + strlen(p->base) + 1);
    }
    if (d)
        closedir(d);
}

static int64_t document_named(struct places *p, const char *sql, const char *text)
{
    sqlite3_stmt *s = NULL;
    int64_t document = 0;
    REQUIRE(sqlite3_prepare_v2(p->db, sql, -1, &s, NULL) == SQLITE_OK);
    sqlite3_bind_blob(s, 1, text, (int)strlen(text), SQLITE_TRANSIENT);
    if (sqlite3_step(s) == SQLITE_ROW)
        document = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return document;
}

static void check_result(struct places *p, const char *path, const char *name)
{
    p->strange += is_strange(path);
    if (is_strange(path))
        return;
    char own[512];
    size_t len = strlen(name);
    if (len < 5 || strcmp(name + len - 5, ".json") != 0 || len >= sizeof own) {
        world_fail(p->w, "results/%s is no result", name);
        return;
    }
    memcpy(own, name, len - 5);
    own[len - 5] = '\0';
    int64_t document =
        document_named(p, "SELECT document FROM book.file WHERE CAST(name AS BLOB) = ?", own);
    int is = content_of_result(path);
    if (!document)
        world_fail(p->w, "results/%s (content %d) is nobody's", name, is);
    else if (content_of_document(p->w, document) != is)
        world_fail(p->w, "results/%s holds content %d, and should hold %d", name, is,
                   content_of_document(p->w, document));
}

/* What is at a path is known as what it is; with moves it isn't there any more. */
static void check_input(struct places *p, const char *path, const char *name)
{
    int pages, content = inputs_content_of(path, &pages);
    if (strstr(name, "/.")) /* left out by input.exclude */
        return;
    /* where a stranger's file is in a directory's place, it stays */
    if (p->w->scenario->comings.moves && !p->w->scenario->comings.strangers &&
        document_named(p,
                       "SELECT d.id FROM main.document d JOIN book.file f ON f.document = d.id"
                       " WHERE d.state = 5 AND f.id = (SELECT max(id) FROM book.file"
                       "  WHERE CAST(path AS BLOB) = ?)",
                       path))
        world_fail(p->w, "in/%s (content %d) is stored, and wasn't moved", name, content);
    int64_t document = document_named(
        p, "SELECT document FROM book.file WHERE CAST(path AS BLOB) = ? ORDER BY id DESC LIMIT 1",
        path);
    int was = content_of_document(p->w, document);
    if (!document || (was >= 0 && was != content))
        world_fail(p->w, "in/%s holds content %d, and is on record with %d", name, content, was);
}

static void check_moved(struct places *p, const char *path, const char *name)
{
    p->strange += is_strange(path);
    if (is_strange(path))
        return;
    int pages, content = inputs_content_of(path, &pages);
    int64_t document =
        document_named(p,
                       "SELECT f.document FROM book.file f JOIN book.move m ON m.file = f.id"
                       " WHERE CAST(m.target AS BLOB) = ?",
                       path);
    if (!document || content_of_document(p->w, document) != content)
        world_fail(p->w, "done/%s holds content %d, and is on record with %d", name, content,
                   document ? content_of_document(p->w, document) : -1);
}

/* Each content is one document. */
static void check_sent(struct world *w)
{
    for (int i = 0; i < w->job_count; i++) {
        const struct sim_job *job = &w->jobs[i];
        for (int j = 0; j < i; j++)
            if (!job->forgotten && !w->jobs[j].forgotten && w->jobs[j].content == job->content &&
                w->jobs[j].document != job->document)
                world_fail(w, "content %d was sent as documents %" PRId64 " and %" PRId64,
                           job->content, w->jobs[j].document, job->document);
    }
}

/* What is stored has a name, at each of its files. */
static void check_named(struct world *w, sqlite3 *db)
{
    static const char nameless[] =
        "SELECT coalesce(min(f.id), 0) FROM book.file f JOIN main.document d ON d.id = f.document"
        " WHERE d.state = 5 AND f.life <> 2 AND f.name IS NULL";
    int64_t file = check_number(db, nameless, 0, 0);
    if (file)
        world_fail(w, "file %" PRId64 " is stored, and has no name", file);
}

static int came_to(const struct world *w, int root, int name)
{
    const struct sim_comings *c = &w->scenario->comings;
    int came = 0;
    for (int i = 0; i < c->count; i++)
        came += w->came[i] && c->list[i].kind <= COMES_OVER && c->list[i].root == root &&
                c->list[i].name == name;
    return came;
}

/* A file is one coming of a content to a path: there are no more of them than came. */
static void check_comings(struct world *w, sqlite3 *db)
{
    for (int i = 0; i < w->scenario->comings.roots * SIM_NAMES; i++) {
        int root = i / SIM_NAMES, name = i % SIM_NAMES, came = came_to(w, root, name);
        char path[PATH_ROOM], file[PATH_ROOM + 40];
        sqlite3_stmt *s = NULL;
        root_path(w, root, path);
        snprintf(file, sizeof file, "%s/%s", path, names[name]);
        REQUIRE(sqlite3_prepare_v2(db,
                                   "SELECT count(*) FROM book.file WHERE CAST(path AS BLOB) = ?",
                                   -1, &s, NULL) == SQLITE_OK);
        sqlite3_bind_blob(s, 1, file, (int)strlen(file), SQLITE_TRANSIENT);
        int files = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int(s, 0) : 0;
        sqlite3_finalize(s);
        if (files > came)
            world_fail(w, "%s has %d files, and only %d came", strstr(file, "/in/"), files, came);
    }
}

void comings_check_at_end(struct world *w, struct sqlite3 *db)
{
    static const struct {
        const char *directory;
        void (*file)(struct places *p, const char *path, const char *name);
    } all[] = {{"out/results", check_result}, {"in", check_input}, {"done", check_moved}};
    int strange = 0;
    check_sent(w);
    check_named(w, db);
    if (w->lives.copied) /* what a former life left under results/ and moved stands there still */
        return;
    check_comings(w, db);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char directory[PATH_ROOM];
        snprintf(directory, sizeof directory, "%s/%s", w->directory, all[i].directory);
        struct places p = {.w = w, .db = db, .base = directory, .file = all[i].file};
        each_file(&p, directory);
        strange += p.strange;
    }
    if (strange < w->strange)
        world_fail(w, "%d files of somebody else's were there, and %d are left", w->strange,
                   strange);
}
