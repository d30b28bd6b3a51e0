/* See status_json.h. */
#include "monitor/status_json.h"

#include "calendar/month.h"
#include "ledger/periods.h"
#include "ledger/spending.h"
#include "monitor/json_parts.h"
#include "service/budget_print.h"

#include <string.h>

struct json_list {
    struct buffer *out;
    const char *period; /* NULL: all */
    bool first;
};

static void begin_item(struct json_list *list)
{
    buffer_put(list->out, list->first ? "\n    {" : ",\n    {");
    list->first = false;
}

static int put_period(void *ctx, const struct ledger_period *p)
{
    struct json_list *list = ctx;
    struct buffer *out = list->out;
    if (list->period && strcmp(list->period, p->period) != 0 &&
        strcmp(list->period, p->counts_to) != 0)
        return 0;
    begin_item(list);
    json_put_member(out, "period", p->period);
    buffer_put(out, ", ");
    json_put_member(out, "counts_to", p->counts_to);
    buffer_put(out, ", ");
    json_put_member(out, "rule", p->rule);
    buffer_put(out, ", ");
    json_put_member(out, "state", period_state_names[p->state]);
    buffer_put(out, ", ");
    json_put_time(out, "due_at", p->due_at);
    buffer_put(out, ", ");
    json_put_time(out, "started_at", p->started_at);
    buffer_put(out, ", ");
    json_put_time(out, "finished_at", p->finished_at);
    if (p->exit_code < 0)
        buffer_put(out, ", \"exit\": null}");
    else
        buffer_printf(out, ", \"exit\": %d}", p->exit_code);
    return 0;
}

static int put_change(void *ctx, const struct ledger_period_change *c)
{
    struct json_list *list = ctx;
    struct buffer *out = list->out;
    begin_item(list);
    json_put_time(out, "at", c->at);
    buffer_put(out, ", ");
    json_put_member(out, "path", c->path);
    if (c->from) {
        buffer_put(out, ", ");
        json_put_member(out, "from", c->from);
    } else {
        buffer_put(out, ", \"from\": null");
    }
    buffer_put(out, ", ");
    json_put_member(out, "to", c->to);
    buffer_printf(out, ", \"document\": %lld}", (long long)c->document_id);
    return 0;
}

/* Of a period's JSON. */
static int put_changes(struct buffer *out, struct ledger *l, const char *period)
{
    struct json_list list = {.out = out, .first = true};
    buffer_put(out, "\"since_close\":\t[");
    int rc = ledger_period_changes(l, period, put_change, &list);
    buffer_printf(out, "%s],\n\t", list.first ? "" : "\n  ");
    return rc;
}

int status_json_open(struct buffer *out, struct ledger *l, const struct summary *s,
                     const char *budget, const char *holder)
{
    struct json_list periods = {.out = out, .period = s->period, .first = true};
    summary_json(out, s);
    REQUIRE(out->data[out->len - 1] == '}'); /* the object's end: more follows */
    do
        out->data[--out->len] = '\0';
    while (strchr("\n\t ", out->data[out->len - 1]));
    buffer_printf(out, ",\n\t\"running\":\t%s,\n\t", holder ? "true" : "false");
    if (holder) {
        json_put_member(out, "holder", holder);
        buffer_put(out, ", ");
    }
    if (budget)
        buffer_printf(out, "\"budget\":\t%s,\n\t", budget);
    int rc = s->period ? put_changes(out, l, s->period) : 0;
    buffer_put(out, "\"scheduled\":\t[");
    if (rc == 0)
        rc = ledger_periods(l, put_period, &periods);
    buffer_printf(out, "%s]", periods.first ? "" : "\n  ");
    return rc;
}

static int put_budget(struct buffer *out, struct ledger *l, const struct batch_options *o)
{
    struct month month = month_of(o->spending.zone, clock_wall(&system_clock));
    struct budget_spent spent;
    int rc = ledger_spent(l, month.from, month.until, &spent);
    if (rc == 0)
        budget_print_json(&o->spending.budget, &spent, &month, out);
    return rc;
}

int status_json_put(struct buffer *out, struct ledger *l, const struct batch_options *o,
                    struct error *e)
{
    struct summary s;
    struct buffer budget;
    char holder[128] = "";
    buffer_init(&budget, 0);
    int running = ledger_run_at_work(l, holder, sizeof holder);
    ledger_read_begin(l); /* its numbers belong together */
    int rc = summary_read(&s, l, e);
    if (rc == 0)
        rc = put_budget(&budget, l, o);
    if (rc == 0)
        rc = status_json_open(out, l, &s, buffer_text(&budget), running == 1 ? holder : NULL);
    ledger_read_end(l);
    buffer_release(&budget);
    buffer_put(out, "\n}");
    if (rc < 0)
        *e = *ledger_error(l);
    return rc;
}
