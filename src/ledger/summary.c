/* See summary.h. */
#include "ledger/summary.h"

#include "base/units.h"
#include "ledger/periods.h"
#include "ledger/told.h"
#include "ledger/unread_files.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the ledger gives is growth, and a state can shrink. For a reader, a run's documents are
 * those it settled and those it left open. */
static void make_run_readable(struct ledger_counts *run, const struct ledger_counts *total)
{
    run->dismissed = run->dismissed > 0 ? run->dismissed : 0;
    int64_t documents = run->dismissed;
    for (int state = 0; state < DOC_STATE_COUNT; state++) {
        bool open = state == DOC_QUEUED || state == DOC_SUBMITTING || state == DOC_PROCESSING ||
                    state == DOC_READY;
        int64_t n = open ? total->by_state[state] : run->by_state[state];
        run->by_state[state] = n > 0 ? n : 0;
        documents += run->by_state[state];
    }
    run->documents = documents;
    run->duplicates = run->duplicates > 0 ? run->duplicates : 0;
    run->files = documents + run->duplicates;
}

/* The row of a run that has just ended says so a little later. */
static int period_numbers(struct summary *s, struct ledger *l, const char *period)
{
    struct ledger_period_numbers *p = &s->of_period;
    int rc = ledger_period_numbers(l, period, p);
    bool at_work = rc == 0 && p->counts.started_at.ms && !p->counts.finished_at.ms;
    if (at_work && s->run.finished_at.ms) {
        p->counts.finished_at = s->run.finished_at;
        p->ms += s->run.finished_at.ms - s->run.started_at.ms;
    }
    return rc;
}

int summary_of_period(struct summary *s, struct ledger *l, const char *period, struct error *e)
{
    int rc = period_numbers(s, l, period);
    if (rc < 0)
        *e = *ledger_error(l);
    return rc;
}

static int read_of_period(struct summary *s, struct ledger *l)
{
    char name[sizeof s->of_period.name];
    s->of_period = (struct ledger_period_numbers){0};
    int n = s->has_run ? ledger_run_period(l, name) : 0;
    return n == 1 ? period_numbers(s, l, name) : n;
}

int summary_read(struct summary *s, struct ledger *l, struct error *e)
{
    s->period = NULL;
    s->review = (struct summary_review){0};
    s->access = ledger_access(l);
    int rc = ledger_counts(l, &s->total);
    if (rc == 0)
        rc = ledger_run_counts(l, &s->run);
    s->has_run = rc == 0 && s->run.started_at.ms != 0;
    if (s->has_run)
        make_run_readable(&s->run, &s->total);
    if (rc == ERR_NOT_FOUND)
        rc = 0;
    if (rc == 0)
        rc = ledger_unread_count(l, &s->unread);
    if (rc == 0)
        rc = read_of_period(s, l);
    if (rc == 0)
        rc = ledger_handover_left(l, &s->handover_left);
    if (rc < 0)
        *e = *ledger_error(l);
    return rc;
}

int summary_read_period(struct summary *s, struct ledger *l, const char *period, struct error *e)
{
    *s = (struct summary){.period = period};
    int rc = ledger_period_counts(l, period, &s->total);
    if (rc == 0)
        rc = ledger_period_closed(l, period, &s->close);
    s->closed = rc == 1;
    if (rc < 0)
        *e = *ledger_error(l);
    return rc < 0 ? rc : 0;
}

int64_t summary_processing(const struct ledger_counts *c)
{
    return c->by_state[DOC_SUBMITTING] + c->by_state[DOC_PROCESSING] + c->by_state[DOC_READY];
}

static void add_number(cJSON *object, const char *name, int64_t value)
{
    cJSON_AddItemToObject(object, name, cJSON_CreateNumber((double)value));
}

/* As it is written: no binary fraction of it. */
static void add_credits(cJSON *object, const char *name, struct credits c)
{
    char text[CREDITS_TEXT_MAX];
    cJSON_AddRawToObject(object, name, credits_plain(c, text));
}

static void add_time(cJSON *object, const char *name, struct wall t)
{
    char text[WALL_TEXT_MAX];
    if (t.ms)
        cJSON_AddStringToObject(object, name, wall_format(t, text));
    else
        cJSON_AddNullToObject(object, name);
}

static cJSON *counts_object(const struct ledger_counts *c, int64_t unread, int64_t handover_left)
{
    cJSON *o = cJSON_CreateObject();
    add_number(o, "files", c->files);
    add_number(o, "documents", c->documents);
    add_number(o, "queued", c->by_state[DOC_QUEUED]);
    add_number(o, "processing", summary_processing(c));
    add_number(o, "stored", c->by_state[DOC_STORED]);
    add_number(o, "failed", c->by_state[DOC_FAILED]);
    add_number(o, "rejected", c->by_state[DOC_REJECTED]);
    add_number(o, "lost", c->by_state[DOC_LOST]);
    add_number(o, "in_doubt", c->by_state[DOC_IN_DOUBT]);
    add_number(o, "dismissed", c->dismissed);
    add_number(o, "duplicates", c->duplicates);
    add_number(o, "unread", unread);
    add_number(o, "left_out", c->left_out);
    add_number(o, "resent", c->resent);
    add_credits(o, "credits", c->credits);
    add_credits(o, "credits_at_risk", c->credits_at_risk);
    add_number(o, "orphans", c->orphans);
    cJSON *requests = cJSON_AddObjectToObject(o, "requests");
    add_number(requests, "post", c->post);
    add_number(requests, "get", c->get);
    add_number(o, "http_429", c->http_429);
    add_number(o, "handover_left", handover_left);
    add_time(o, "started_at", c->started_at);
    add_time(o, "finished_at", c->finished_at);
    double seconds = c->started_at.ms && c->finished_at.ms
                         ? (double)(c->finished_at.ms - c->started_at.ms) / 1000
                         : 0;
    cJSON_AddItemToObject(o, "seconds", cJSON_CreateNumber(seconds));
    return o;
}

/* Of a period. */
static cJSON *period_object(const struct ledger_counts *c)
{
    static const char *const of_runs[] = {"orphans",    "unread",        "left_out",
                                          "requests",   "handover_left", "http_429",
                                          "started_at", "finished_at",   "seconds"};
    cJSON *o = counts_object(c, 0, 0);
    for (size_t i = 0; i < sizeof of_runs / sizeof *of_runs; i++)
        cJSON_DeleteItemFromObject(o, of_runs[i]);
    return o;
}

/* The numbers of the run's period, whose walk was the last one. Null: what isn't known by period. */
static void add_of_period(cJSON *summary, const struct summary *s)
{
    const struct ledger_period_numbers *p = &s->of_period;
    struct ledger_counts c = p->counts;
    static const char *const of_runs[] = {"unread", "orphans", "http_429", "handover_left"};
    if (!*p->name) {
        cJSON_AddNullToObject(summary, "of_period");
        return;
    }
    c.left_out = s->total.left_out;
    cJSON *o = counts_object(&c, 0, 0);
    for (size_t i = 0; i < sizeof of_runs / sizeof *of_runs; i++)
        cJSON_ReplaceItemInObject(o, of_runs[i], cJSON_CreateNull());
    cJSON *requests = cJSON_CreateObject();
    cJSON_AddNullToObject(requests, "post");
    cJSON_AddNullToObject(requests, "get");
    cJSON_ReplaceItemInObject(o, "requests", requests);
    cJSON_ReplaceItemInObject(o, "seconds", cJSON_CreateNumber((double)p->ms / 1000));
    cJSON_AddStringToObject(o, "name", p->name);
    cJSON_AddItemToObject(summary, "of_period", o);
}

/* at_close is null before the close, and where its numbers weren't kept. */
static void add_period(cJSON *o, const struct summary *s)
{
    cJSON_AddStringToObject(o, "period", s->period);
    add_time(o, "closed_at", s->close.at);
    if (s->close.kept)
        cJSON_AddItemToObject(o, "at_close", period_object(&s->close.counts));
    else
        cJSON_AddNullToObject(o, "at_close");
}

/* Those that were stored last are those that wait. */
static int64_t run_left(const struct summary *s)
{
    int64_t stored = s->run.by_state[DOC_STORED];
    return s->handover_left < stored ? s->handover_left : stored;
}

static const char *const code_names[] = {
#define X(name, code, severity) code,
    CHECK_CODES(X)
#undef X
};

void summary_review_kinds(struct buffer *out, const struct summary_review *r, const char *indent)
{
    enum { COLUMNS = 80 };
    char one[COLUMNS], number[UNITS_TEXT_MAX];
    size_t line = out->len;
    bool first = true;
    buffer_put(out, indent ? indent : "");
    for (enum review_kind k = 0; k < REVIEW_KINDS; k++) {
        if (!r->kinds[k])
            continue;
        snprintf(one, sizeof one, "%s %s", count_format(r->kinds[k], number),
                 review_kind_words(k, r->kinds[k]));
        bool fits = !indent || out->len - line + strlen(", ,") + strlen(one) <= COLUMNS;
        buffer_put(out, first ? "" : fits ? ", " : ",\n");
        if (!first && !fits) {
            line = out->len;
            buffer_put(out, indent);
        }
        buffer_put(out, one);
        first = false;
    }
}

static void add_review(cJSON *o, const struct summary_review *r)
{
    if (!r->known) {
        cJSON_AddNullToObject(o, "to_review");
        return;
    }
    add_number(o, "to_review", r->open);
    cJSON *kinds = cJSON_AddObjectToObject(o, "to_review_kinds");
    for (int c = 0; c < CHECK_COUNT; c++)
        if (r->codes[c])
            add_number(kinds, code_names[c], r->codes[c]);
}

void summary_json(struct buffer *out, const struct summary *s)
{
    cJSON *o = s->period ? period_object(&s->total)
                         : counts_object(&s->total, s->unread, s->handover_left);
    if (s->period)
        add_period(o, s);
    else if (s->has_run)
        cJSON_AddItemToObject(o, "run", counts_object(&s->run, s->unread, run_left(s)));
    else
        cJSON_AddNullToObject(o, "run");
    if (!s->period) {
        add_of_period(o, s);
        add_review(o, &s->review);
    }
    char *text = cJSON_Print(o);
    REQUIRE(text != NULL);
    buffer_put(out, text);
    free(text);
    cJSON_Delete(o);
}
