#include "desk.h"

#include "fake_loop.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void desk_begin(struct desk *d, struct fixture *f)
{
    *d = (struct desk){.f = f};
    fixture_now_ms = INT64_C(1794096000000); /* 2026-11-08T00:00:00Z */
    fake_outlets_begin(&fixture_clock);
    d->loop = fake_loop_new(&fixture_clock);
    d->options = (struct notifier_options){.output = "/out",
                                           .at_end = true,
                                           .at_trouble = true,
                                           .every_ms = DESK_EVERY_MS,
                                           .stored_timeout_ms = DESK_TIMEOUT_MS,
                                           .connect_timeout_ms = 1000,
                                           .first_delay_ms = 1000,
                                           .max_delay_ms = 60 * 1000};
}

static void closed_cb(void *ctx)
{
    ((struct desk *)ctx)->closed = true;
}

static void settled_cb(void *ctx)
{
    ((struct desk *)ctx)->settled = true;
}

/* Whatever is on its way is cancelled. */
static void drop_notifier(struct desk *d)
{
    if (!d->n)
        return;
    if (!d->closed) {
        notifier_close(d->n, true, closed_cb, d);
        notifier_hurry(d->n);
        fake_outlets_cancelled();
    }
    assert_true(d->closed);
    notifier_free(d->n);
    d->n = NULL;
    d->closed = d->settled = false;
}

void desk_end(struct desk *d)
{
    drop_notifier(d);
    cJSON_Delete(d->told);
    loop_free(d->loop);
    assert_int_equal(fake_outlets_open(), 0);
}

void desk_new(struct desk *d)
{
    struct error e;
    assert_int_equal(notifier_new(&d->n, d->loop, &d->options, &e), 0);
    assert_non_null(d->n);
}

void desk_attach(struct desk *d)
{
    struct error e;
    if (notifier_attach(d->n, d->f->l, "2026-11", &e) != 0)
        fail_msg("attach: %s", e.text);
}

void desk_start(struct desk *d)
{
    desk_new(d);
    desk_attach(d);
    desk_commit(d, 0);
}

/* A notifier that is told so late that its ledger is gone writes nothing. */
void desk_crash(struct desk *d)
{
    notifier_detach(d->n);
    fixture_reopen(d->f);
    drop_notifier(d);
}

void desk_restart(struct desk *d)
{
    desk_crash(d);
    desk_start(d);
}

void desk_commit(struct desk *d, int results)
{
    assert_ok(d->f->l, ledger_commit(d->f->l));
    notifier_committed(d->n, results);
}

void desk_pass(struct desk *d, int64_t ms)
{
    enum { STEP_MS = 250 };
    for (int64_t left = ms; left > 0; left -= STEP_MS) {
        fixture_now_ms += left < STEP_MS ? left : STEP_MS;
        fake_loop_timers(d->loop);
    }
}

void desk_settle(struct desk *d, bool stopped)
{
    d->settled = false;
    notifier_settle(d->n, stopped, settled_cb, d);
}

void desk_close(struct desk *d, bool stopped)
{
    notifier_close(d->n, stopped, closed_cb, d);
}

const cJSON *desk_told(struct desk *d, const char *outlet)
{
    const char *body = fake_outlet_body(outlet);
    if (!body)
        fail_msg("nothing is told by %s", outlet);
    cJSON_Delete(d->told);
    d->told = cJSON_Parse(body);
    assert_non_null(d->told);
    return d->told;
}

const char *desk_text(struct desk *d, const char *outlet, const char *field)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(desk_told(d, outlet), field);
    assert_non_null(item);
    return cJSON_IsString(item) ? item->valuestring : "";
}

const char *desk_kinds(struct desk *d, const char *outlet)
{
    static char kinds[200];
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(desk_told(d, outlet), "troubles");
    kinds[0] = '\0';
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
        strcat(kinds, *kinds ? " " : "");
        strcat(kinds, cJSON_GetObjectItem(item, "kind")->valuestring);
    }
    return kinds;
}

void desk_assert_quiet(const char *outlet)
{
    const char *body = fake_outlet_body(outlet);
    if (body)
        fail_msg("%s tells %s", outlet, body);
}

int64_t desk_store(struct desk *d, const char *name, const char *result)
{
    int64_t id = fixture_put(d->f, name, name, NULL);
    fixture_store(d->f, id, result, 1);
    return id;
}

int64_t desk_refuse(struct desk *d, const char *name, const char *code, const char *detail)
{
    struct ledger *l = d->f->l;
    int64_t id = fixture_put(d->f, name, name, NULL);
    int attempt = fixture_submit(d->f, id);
    assert_ok(l, ledger_attempt_end(l, id, attempt, ATTEMPT_ANSWERED, 422, "http_422"));
    const struct ledger_step s = {.document_id = id,
                                  .from = DOC_SUBMITTING,
                                  .to = DOC_FAILED,
                                  .event = EV_REFUSED,
                                  .attempt = attempt,
                                  .code = code,
                                  .detail = detail};
    assert_ok(l, ledger_step(l, &s));
    return id;
}

int64_t desk_cursor(struct desk *d, enum ledger_sink sink)
{
    int64_t cursor = -1;
    assert_true(ledger_handover_cursor(d->f->l, sink, &cursor) >= 0);
    return cursor;
}

void desk_script(struct desk *d, const char *sql)
{
    sqlite3 *db;
    char *words = NULL;
    assert_int_equal(sqlite3_open(d->f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &words) != SQLITE_OK)
        fail_msg("%s", words);
    sqlite3_close(db);
}
