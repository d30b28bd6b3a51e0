/* See notice.h. */
#include "notify/notice.h"
#include "base/text.h"
#include "base/units.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static const char *const event_names[] = {"run_ended", "needs_attention", "forecast"};

enum { FIRST_EXIT_IN_NEED = 2 };

enum notice_event notice_event_of(int exit_code)
{
    return exit_code >= FIRST_EXIT_IN_NEED ? NOTICE_NEEDS_ATTENTION : NOTICE_RUN_ENDED;
}

static void put_part(struct buffer *out, int64_t count, const char *what)
{
    char text[UNITS_TEXT_MAX];
    if (count)
        buffer_printf(out, ", %s %s", count_format(count, text), what);
}

static void put_numbers(struct buffer *out, const struct ledger_counts *c)
{
    char stored[UNITS_TEXT_MAX], documents[UNITS_TEXT_MAX];
    buffer_printf(out, "%s of %s documents stored", count_format(c->by_state[DOC_STORED], stored),
                  count_format(c->documents, documents));
    put_part(out, c->by_state[DOC_FAILED], "failed");
    put_part(out, c->by_state[DOC_REJECTED], "rejected");
    put_part(out, c->by_state[DOC_LOST], "lost");
    put_part(out, c->by_state[DOC_IN_DOUBT], "in doubt");
    put_part(out, c->dismissed, "dismissed");
    put_part(out, summary_processing(c), "processing");
    put_part(out, c->by_state[DOC_QUEUED], "queued");
    put_part(out, c->credits, "credits");
}

static void put_sentence(struct buffer *out, const struct notice *n)
{
    buffer_printf(out, "mindee-batch");
    if (n->batch)
        buffer_printf(out, " %s", n->batch);
    if (n->period)
        buffer_printf(out, " %s", n->period);
    buffer_put(out, ": ");
    if (n->event == NOTICE_NEEDS_ATTENTION)
        buffer_printf(out, "needs attention (exit code %d). ", n->exit_code);
    if (n->words)
        buffer_put(out, n->words);
    if (n->summary)
        put_numbers(out, n->summary->has_run ? &n->summary->run : &n->summary->total);
    if (n->reason && *n->reason)
        buffer_printf(out, "%s%s", n->summary ? ". " : "", text_show(n->reason));
    if (n->exit_code == 1 && n->output)
        buffer_printf(out, "; see failures.csv in %s", text_show(n->output));
}

static void add_text(cJSON *o, const char *name, const char *text)
{
    if (text && *text)
        cJSON_AddStringToObject(o, name, text_show(text));
    else
        cJSON_AddNullToObject(o, name);
}

static void add_summary(cJSON *o, const struct summary *s)
{
    struct buffer text;
    buffer_init(&text, 0);
    summary_json(&text, s);
    cJSON *numbers = cJSON_Parse(buffer_text(&text));
    REQUIRE(numbers != NULL);
    while (numbers->child) {
        cJSON *item = cJSON_DetachItemViaPointer(numbers, numbers->child);
        cJSON_AddItemToObject(o, item->string, item);
    }
    cJSON_Delete(numbers);
    buffer_release(&text);
}

void notice_json(struct buffer *out, const struct notice *n)
{
    struct buffer sentence;
    cJSON *o = cJSON_CreateObject();
    buffer_init(&sentence, 0);
    put_sentence(&sentence, n);
    cJSON_AddStringToObject(o, "text", buffer_text(&sentence));
    cJSON_AddStringToObject(o, "event", event_names[n->event]);
    add_text(o, "batch", n->batch);
    add_text(o, "period", n->period);
    if (n->exit_code >= 0)
        cJSON_AddNumberToObject(o, "exit", n->exit_code);
    else
        cJSON_AddNullToObject(o, "exit");
    add_text(o, "reason", n->reason);
    add_text(o, "output", n->output);
    if (n->summary)
        add_summary(o, n->summary);
    char *json = cJSON_PrintUnformatted(o);
    REQUIRE(json != NULL);
    buffer_put(out, json);
    free(json);
    cJSON_Delete(o);
    buffer_release(&sentence);
}
