/* See notice.h. */
#include "notify/notice.h"
#include "base/text.h"
#include "base/units.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static const char *const event_names[] = {"run_ended", "needs_attention", "forecast", "trouble"};

enum { EXIT_OF_FAILURES = 1, FIRST_EXIT_IN_NEED = 2 };

enum notice_event notice_event_of(int exit_code)
{
    return exit_code >= FIRST_EXIT_IN_NEED ? NOTICE_NEEDS_ATTENTION : NOTICE_RUN_ENDED;
}

bool notice_of_failures(int exit_code)
{
    return exit_code == EXIT_OF_FAILURES;
}

static void put_part(struct buffer *out, int64_t count, const char *what)
{
    char text[UNITS_TEXT_MAX];
    if (count)
        buffer_printf(out, ", %s %s", count_format(count, text), what);
}

static void put_numbers(struct buffer *out, const struct ledger_counts *c)
{
    char stored[UNITS_TEXT_MAX], documents[UNITS_TEXT_MAX], credits[CREDITS_TEXT_MAX];
    buffer_printf(out, "%s of %s documents stored", count_format(c->by_state[DOC_STORED], stored),
                  count_format(c->documents, documents));
    put_part(out, c->by_state[DOC_FAILED], "failed");
    put_part(out, c->by_state[DOC_REJECTED], "rejected");
    put_part(out, c->by_state[DOC_LOST], "lost");
    put_part(out, c->by_state[DOC_IN_DOUBT], "in doubt");
    put_part(out, c->dismissed, "dismissed");
    put_part(out, summary_processing(c), "processing");
    put_part(out, c->by_state[DOC_QUEUED], "queued");
    if (c->credits.micro)
        buffer_printf(out, ", %s credits", credits_format(c->credits, credits));
}

static bool is_told(const struct notice *n, int kind)
{
    return n->troubles && n->troubles->of[kind].pending && !n->troubles->of[kind].written;
}

/* The end of a run has the numbers of what isn't stored, and is of the whole of it: "1 of 5 isn't", which
 * counts what is new since the last notice, would contradict them. */
static bool has_words(const struct notice *n, int kind)
{
    return is_told(n, kind) && (kind != TROUBLE_FAILURES || n->event == NOTICE_TROUBLE);
}

static const char *next_of(const struct notice *n)
{
    for (int i = 0; i < TROUBLE_KINDS; i++)
        if (is_told(n, i) && *n->troubles->of[i].next)
            return n->troubles->of[i].next;
    return "";
}

/* What each trouble is, in so many bytes as are left for it: the failures have their names in what the
 * others don't take. */
static void put_troubles(struct buffer *out, const struct notice *n, size_t room)
{
    const char *between = "";
    size_t others = 0, end = out->len + room;
    for (int i = 0; i < TROUBLE_KINDS; i++)
        others += has_words(n, i) ? strlen(n->troubles->of[i].text) + 2 : 0;
    for (int i = 0; i < TROUBLE_KINDS; i++) {
        if (!has_words(n, i))
            continue;
        buffer_put(out, between);
        between = "; ";
        if (i == TROUBLE_FAILURES && n->failures && n->summary)
            failure_list_words(n->failures, n->summary->total.documents,
                               room > others ? room - others : 0, out);
        else
            buffer_put(out, n->troubles->of[i].text);
    }
    const char *next = next_of(n);
    if (*next && out->len + strlen(next) + 2 <= end)
        buffer_printf(out, "; %s", next);
}

/* Of what kinds those to review are, at AT in OUT, if there is room besides all that is said: why a run ended, and
 * what to do, is wanted more. */
static void put_kinds(struct buffer *out, size_t at, const struct summary_review *r)
{
    struct buffer kinds, rest;
    buffer_init(&kinds, 0);
    buffer_init(&rest, 0);
    summary_review_kinds(&kinds, r, NULL);
    if (kinds.len && out->len + kinds.len + strlen(" ()") <= NOTICE_TEXT_BYTES) {
        buffer_put(&rest, buffer_text(out) + at);
        out->len = at;
        buffer_printf(out, " (%s)%s", buffer_text(&kinds), buffer_text(&rest));
    }
    buffer_release(&kinds);
    buffer_release(&rest);
}

static void put_sentence(struct buffer *out, const struct notice *n)
{
    size_t kinds_at = 0;
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
    if (n->event == NOTICE_TROUBLE) {
        put_troubles(out, n, out->len < NOTICE_TEXT_BYTES ? NOTICE_TEXT_BYTES - out->len : 0);
        return;
    }
    if (n->summary)
        put_numbers(out, n->summary->has_run ? &n->summary->run : &n->summary->total);
    if (n->summary && n->summary->review.known) {
        put_part(out, n->summary->review.open, "to review");
        kinds_at = out->len;
    }
    if (n->reason && *n->reason)
        buffer_printf(out, "%s%s", n->summary ? ". " : "", text_show(n->reason));
    if (notice_of_failures(n->exit_code) && n->output)
        buffer_printf(out, "; see failures.csv in %s", text_show(n->output));
    for (int i = 0; i < TROUBLE_KINDS; i++)
        if (has_words(n, i)) {
            buffer_put(out, ". ");
            put_troubles(out, n, 0);
            break;
        }
    if (kinds_at)
        put_kinds(out, kinds_at, &n->summary->review);
}

/* What was cut before may end amid a character: JSON takes whole ones alone. */
static void replace_broken(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p;) {
        size_t len = *p < 0xc0 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
        bool whole = strnlen((char *)p, len) == len && text_is_utf8(p, len);
        if (!whole)
            *p = '?';
        p += whole ? len : 1;
    }
}

/* One line, cut between two characters. */
static char *fit(const struct buffer *sentence)
{
    static const char dots[] = "\xe2\x80\xa6";
    char *text = xstrdup(buffer_text(sentence));
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < ' ')
            *p = ' ';
    replace_broken(text);
    if (sentence->len <= NOTICE_TEXT_BYTES)
        return text;
    size_t len = NOTICE_TEXT_BYTES - (sizeof dots - 1);
    while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
        len--;
    memcpy(text + len, dots, sizeof dots);
    return text;
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

static void add_trouble_text(cJSON *item, const struct notice *n, int kind)
{
    struct buffer words;
    buffer_init(&words, 0);
    if (kind == TROUBLE_FAILURES && n->failures && n->summary)
        failure_list_words(n->failures, n->summary->total.documents, NOTICE_TEXT_BYTES, &words);
    add_text(item, "text", words.len ? buffer_text(&words) : n->troubles->of[kind].text);
    buffer_release(&words);
}

static void add_troubles(cJSON *o, const struct notice *n)
{
    cJSON *list = cJSON_AddArrayToObject(o, "troubles");
    for (int i = 0; i < TROUBLE_KINDS; i++) {
        if (!is_told(n, i))
            continue;
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "kind", trouble_names[i]);
        add_trouble_text(item, n, i);
        add_text(item, "next", n->troubles->of[i].next);
        cJSON_AddItemToArray(list, item);
    }
}

static void add_failures(cJSON *o, const struct failure_list *f)
{
    cJSON *list = cJSON_AddArrayToObject(o, "failures");
    for (int64_t i = 0; i < f->count && i < FAILURES_NAMED; i++) {
        cJSON *item = cJSON_CreateObject();
        add_text(item, "name", f->named[i].name);
        add_text(item, "path", f->named[i].path);
        add_text(item, "state", doc_state_names[f->named[i].state]);
        add_text(item, "code", f->named[i].code);
        add_text(item, "detail", f->named[i].detail);
        cJSON_AddItemToArray(list, item);
    }
    cJSON_AddNumberToObject(o, "failures_new", (double)f->count);
}

void notice_json(struct buffer *out, const struct notice *n)
{
    struct buffer sentence;
    cJSON *o = cJSON_CreateObject();
    buffer_init(&sentence, 0);
    put_sentence(&sentence, n);
    char *text = fit(&sentence);
    cJSON_AddStringToObject(o, "text", text);
    free(text);
    cJSON_AddStringToObject(o, "event", event_names[n->event]);
    add_text(o, "batch", n->batch);
    add_text(o, "period", n->period);
    if (n->exit_code >= 0)
        cJSON_AddNumberToObject(o, "exit", n->exit_code);
    else
        cJSON_AddNullToObject(o, "exit");
    add_text(o, "reason", n->reason);
    add_text(o, "output", n->output);
    add_text(o, "report", n->report);
    if (n->troubles)
        add_troubles(o, n);
    if (n->failures)
        add_failures(o, n->failures);
    if (n->summary)
        add_summary(o, n->summary);
    char *json = cJSON_PrintUnformatted(o);
    REQUIRE(json != NULL);
    buffer_put(out, json);
    free(json);
    cJSON_Delete(o);
    buffer_release(&sentence);
}
