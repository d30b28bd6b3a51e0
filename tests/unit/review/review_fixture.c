#include "review_fixture.h"

#include "ledger/document_ledger.h"
#include "ledger/handovers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int review_set_up(void **state)
{
    struct setup *s = xcalloc(1, sizeof *s);
    fixture_setup((void **)&s->ledger);
    fixture_now_ms = INT64_C(1790000000000); /* 2026-09-21 */
    record_fixture_init(&s->words);
    s->options = (struct facts_options){.roles = s->words.roles, .checks = &s->words.options};
    *state = s;
    return 0;
}

int review_tear_down(void **state)
{
    struct setup *s = *state;
    review_record_release(&s->record);
    review_close(s->r);
    record_fixture_release(&s->words);
    fixture_teardown((void **)&s->ledger);
    free(s);
    return 0;
}

void store(struct setup *s, const char *result)
{
    char name[32];
    snprintf(name, sizeof name, "%d.pdf", ++s->stored);
    int64_t id = fixture_put(s->ledger, name, name, NULL);
    fixture_store(s->ledger, id, result, 1);
    assert_ok(s->ledger->l, ledger_commit(s->ledger->l));
}

void open_review(struct setup *s)
{
    struct error e;
    review_close(s->r);
    if (review_open(&s->r, s->ledger->l, s->ledger->directory, ACCESS_PRIVATE, &s->options, &e) < 0)
        fail_msg("%s", e.text);
}

void update(struct setup *s)
{
    struct error e;
    int64_t newest;
    assert_ok(s->ledger->l, ledger_last_result(s->ledger->l, &newest));
    if (!s->r)
        open_review(s);
    if (review_update(s->r, newest, &e) < 0 || review_prepare(s->r, newest, &e) < 0)
        fail_msg("%s", e.text);
}

int get(struct setup *s, int64_t n)
{
    struct fact_ids ids;
    assert_int_equal(review_list(s->r, true, &ids), 0);
    int found = (size_t)n <= ids.count ? review_get(s->r, ids.ids[n - 1], &s->record) : 0;
    fact_ids_release(&ids);
    return found;
}

const char *told(struct setup *s, int64_t n)
{
    static char text[2000];
    size_t used;
    if (get(s, n) != 1)
        return "none";
    used = (size_t)snprintf(text, sizeof text, "%s", review_state_names[s->record.state]);
    for (size_t i = 0; i < s->record.reasons.count; i++) {
        const struct reason *one = &s->record.reasons.items[i];
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s %s", i ? ", " : ": ",
                                 one->fresh ? "*" : "", check_code_name(one->code), one->field);
    }
    return text;
}

struct review_by by(const char *actor)
{
    return (struct review_by){.at = {1790000000000}, .actor = actor};
}

void decide(struct setup *s, int64_t n, enum review_action action)
{
    struct review_record out = {0};
    struct error e;
    const struct review_by who = by("alice");
    assert_int_equal(get(s, n), 1);
    if (review_decide(s->r, s->record.fact.key, action, &who, &out, &e) < 0)
        fail_msg("%s", e.text);
    review_record_release(&out);
}

int correct(struct setup *s, int64_t n, const char *text, struct error *e)
{
    struct review_record out = {0};
    struct correction c;
    const struct review_by who = by("bob");
    assert_int_equal(get(s, n), 1);
    int err = correction_parse(&c, text, e);
    if (!err)
        err = review_correct(s->r, s->record.fact.key, &c, 1, &who, &out, e);
    review_record_release(&out);
    return err;
}

void must_correct(struct setup *s, int64_t n, const char *text)
{
    struct error e;
    if (correct(s, n, text, &e) < 0)
        fail_msg("%s: %s", text, e.text);
}
