/* See scheduled.h. */
#include "scheduled.h"

#include "check_ledger.h"

#include "base/text.h"
#include "batch/exit_code.h"
#include "ledger/periods.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static void name_period(char *out, size_t size, int number)
{
    snprintf(out, size, "2026-%02d", 1 + number);
}

void scheduled_begin(struct scheduled *s, struct ledger *l, int number, bool watching)
{
    struct ledger_period interrupted;
    enum period_begin how = PERIOD_INTERRUPTED;
    struct wall due = {number * 1000 + 1};
    int n = ledger_period_interrupted(l, &interrupted), rc = 0;
    name_period(s->period, sizeof s->period, number / 2 + watching);
    s->rule[0] = '\0';
    if (n == 1) {
        text_copy(s->period, sizeof s->period, interrupted.period);
        text_copy(s->rule, sizeof s->rule, interrupted.rule);
    } else if (n == 0 && !watching) {
        text_copy(s->rule, sizeof s->rule, number % 2 ? "second" : "first");
        rc = ledger_period_begin(l, s->rule, s->period, due, &how);
        if (rc == 0)
            rc = ledger_commit(l);
    }
    REQUIRE(n >= 0 && rc == 0);
}

void scheduled_began(const struct scheduled *s, struct world *w, struct ledger *l)
{
    if (!*s->rule || ledger_error(l)->code)
        return;
    int rc = ledger_period_run(l, s->rule, s->period);
    if (rc == 0)
        rc = ledger_commit(l);
    if (rc < 0 && !world_disk_fails(w))
        world_fail(w, "the run of %s: %s", s->period, ledger_error(l)->text);
}

const char *scheduled_period_of(void *ctx, const struct file_stamp *stamp)
{
    const struct scheduled *s = ctx;
    (void)stamp;
    return s->period;
}

/* What was kept is what there is. */
static void check_close(struct world *w, struct ledger *l, const char *period)
{
    struct ledger_period_close close;
    struct ledger_counts now;
    if (ledger_period_closed(l, period, &close) != 1 || !close.kept ||
        ledger_period_counts(l, period, &now) < 0)
        world_fail(w, "the run of %s has ended, and its numbers weren't kept", period);
    else if (memcmp(&now, &close.counts, sizeof now) != 0)
        world_fail(w, "the numbers of %s at its close aren't those that it had", period);
}

void scheduled_end(const struct scheduled *s, struct world *w, struct ledger *l, int exit_code)
{
    if (!*s->rule || exit_code == EXIT_RESUMABLE || ledger_error(l)->code)
        return;
    int rc = ledger_period_end(l, s->rule, s->period, exit_code);
    if (rc == 0)
        rc = ledger_commit(l);
    if (rc < 0)
        world_fail(w, "the end of %s: %s", s->period, ledger_error(l)->text);
    check_close(w, l, s->period);
}

/* --- what summary.json says of it --- */

static int64_t number_of(struct world *w, const cJSON *o, const char *name)
{
    const cJSON *n = cJSON_GetObjectItemCaseSensitive(o, name);
    if (!cJSON_IsNumber(n))
        world_fail(w, "summary.json: of_period has no number %s", name);
    return n ? (int64_t)n->valuedouble : -1;
}

static cJSON *read_summary(const char *directory)
{
    char path[300], text[16384] = "";
    snprintf(path, sizeof path, "%s/summary.json", directory);
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        fclose(f);
    text[n] = '\0';
    return cJSON_Parse(text);
}

static int64_t check_count(sqlite3 *db, const char *sql, const char *period)
{
    sqlite3_stmt *s = NULL;
    REQUIRE(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK);
    sqlite3_bind_text(s, 1, period, -1, SQLITE_TRANSIENT);
    int64_t n = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
    sqlite3_finalize(s);
    return n;
}

/* Counted again, file by file: a document belongs to the period of its first. */
static void check_numbers(struct world *w, const cJSON *o, const char *period)
{
    static const char first_files[] =
        " FROM (SELECT document, min(id) AS id FROM book.file WHERE life <> 2 GROUP BY document) g"
        " JOIN book.file f ON f.id = g.id WHERE f.period = ?";
    static const char *const states[] = {"queued",   "processing", "stored",   "failed",
                                         "rejected", "lost",       "in_doubt", "dismissed"};
    char sql[400];
    sqlite3 *db = check_open(w, 0);
    int64_t sum = 0, documents = number_of(w, o, "documents");
    snprintf(sql, sizeof sql, "SELECT count(*)%s", first_files);
    if (documents != check_count(db, sql, period) ||
        number_of(w, o, "files") !=
            check_count(db, "SELECT count(*) FROM book.file WHERE life <> 2 AND period = ?",
                        period))
        world_fail(w, "summary.json: of_period has %" PRId64 " documents of %s, and not its own",
                   documents, period);
    snprintf(sql, sizeof sql,
             "SELECT count(*)%s AND (SELECT state FROM document d WHERE d.id = f.document) = 5",
             first_files);
    if (number_of(w, o, "stored") != check_count(db, sql, period))
        world_fail(w, "summary.json: of_period has other stored documents than %s", period);
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        sum += number_of(w, o, states[i]);
    if (sum != documents || number_of(w, o, "files") != documents + number_of(w, o, "duplicates"))
        world_fail(w, "summary.json: the numbers of of_period don't add up");
    sqlite3_close(db);
}

void scheduled_check_summary(const struct scheduled *s, struct world *w, const char *directory)
{
    cJSON *json = read_summary(directory);
    const cJSON *o = cJSON_GetObjectItemCaseSensitive(json, "of_period");
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(o, "name");
    if (!*s->rule ? !cJSON_IsNull(o)
                  : !cJSON_IsString(name) || strcmp(name->valuestring, s->period) != 0)
        world_fail(w, "summary.json: of_period isn't %s, the run's", *s->rule ? s->period : "null");
    else if (*s->rule)
        check_numbers(w, o, s->period);
    cJSON_Delete(json);
}

/* --- what stays --- */

static const char files_of[] =
    "SELECT id, 0 FROM book.file WHERE period = ? AND life <> 2 ORDER BY id";
static const char numbers_of[] = "SELECT id, n FROM period_counter WHERE period = ? ORDER BY id";

/* The same for the same rows. */
static uint64_t sum_of(sqlite3 *db, const char *sql, const char *period)
{
    uint64_t sum = 1469598103934665603u;
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        return 0;
    sqlite3_bind_text(s, 1, period, -1, SQLITE_TRANSIENT);
    while (sqlite3_step(s) == SQLITE_ROW)
        for (int i = 0; i < 2; i++)
            sum = (sum ^ (uint64_t)sqlite3_column_int64(s, i)) * 1099511628211u;
    sqlite3_finalize(s);
    return sum;
}

static struct sim_period *slot_of(struct world *w, const char *period)
{
    for (int i = 0; i < SIM_PERIODS_MAX; i++) {
        struct sim_period *p = &w->periods[i];
        if (!p->name[0])
            text_copy(p->name, sizeof p->name, period);
        if (strcmp(p->name, period) == 0)
            return p;
    }
    return NULL;
}

static void check_period(struct world *w, sqlite3 *db, const char *period, int64_t event,
                         bool at_work)
{
    struct sim_period *p = slot_of(w, period);
    REQUIRE(p != NULL);
    p->seen = true;
    const struct sim_period now = {.event = event,
                                   .files = sum_of(db, files_of, period),
                                   .numbers = sum_of(db, numbers_of, period)};
    if (p->event == event && p->numbers != now.numbers)
        world_fail(w, "the numbers of %s at its close have changed", period);
    if (p->event == event && !at_work && p->files != now.files)
        world_fail(w, "%s is closed, and other files belong to it now", period);
    p->event = event;
    p->numbers = now.numbers;
    if (!at_work)
        p->files = now.files;
}

void scheduled_check_after_run(struct world *w, struct sqlite3 *db)
{
    sqlite3_stmt *s = NULL;
    for (int i = 0; i < SIM_PERIODS_MAX; i++)
        w->periods[i].seen = false;
    if (sqlite3_prepare_v2(db,
                           "SELECT period, event, EXISTS(SELECT 1 FROM period p"
                           " WHERE p.period = c.period AND p.state = 0) FROM period_close c",
                           -1, &s, NULL) != SQLITE_OK)
        return;
    while (sqlite3_step(s) == SQLITE_ROW)
        check_period(w, db, (const char *)sqlite3_column_text(s, 0), sqlite3_column_int64(s, 1),
                     sqlite3_column_int(s, 2) != 0);
    sqlite3_finalize(s);
    for (int i = 0; i < SIM_PERIODS_MAX; i++)
        if (w->periods[i].name[0] && !w->periods[i].seen)
            world_fail(w, "%s was closed, and isn't any more", w->periods[i].name);
}
