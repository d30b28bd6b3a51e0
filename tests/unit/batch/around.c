/* See around.h. */
#include "around.h"

#include "ledger_damage.h"

#include <stdio.h>
#include <stdlib.h>

void around_open(struct around *a)
{
    part_open(&a->part);
    struct run_context *c = &a->part.context;
    struct ending *ending = a->part.ending;
    a->with.ending = ending;
    a->with.journal = journal_new(c, ending);
    a->with.flights = flights_new(c, ending, a->with.journal);
    a->with.pace = pace_new(c, ending);
    a->with.answers = answers_new(ending, a->with.pace);
    a->with.suspects = suspects_new(ending, a->with.flights, 0);
    a->with.find = find_new(c, NULL);
}

void around_close(struct around *a)
{
    find_free(a->with.find);
    suspects_free(a->with.suspects);
    answers_free(a->with.answers);
    pace_free(a->with.pace);
    flights_free(a->with.flights);
    journal_free(a->with.journal);
    part_close(&a->part);
    record_take();
}

struct flight *around_document(struct around *a, const char *name, const char *content,
                               enum doc_state state)
{
    char url[64];
    struct fixture *ledger = a->part.ledger;
    int64_t id = fixture_put(ledger, name, content, NULL);
    assert_ok(ledger->l, ledger_commit(ledger->l));
    struct flight *f = fake_flight(a->with.flights, id, state);
    f->type = FILE_PDF;
    snprintf(f->alias, sizeof f->alias, "mb-%lld-1", (long long)id);
    snprintf(f->job_id, sizeof f->job_id, "job-%lld", (long long)id);
    snprintf(url, sizeof url, "https://host/r/%lld", (long long)id);
    f->result_url = xstrdup(url);
    assert_int_equal(ledger_document_source(ledger->l, id, 0, &f->source), 1);
    return f;
}

void around_answer(struct around *a, struct mindee_response r)
{
    r.on_wire = r.delivery != MINDEE_NOT_SENT;
    fake_client_answer(a->part.context.client, &r);
}

struct mono around_now(const struct around *a)
{
    return part_now(&a->part);
}

void around_break_ledger(struct around *a)
{
    ledger_damage(a->part.ledger,
                  "DROP TABLE file; DROP TABLE document; DROP TABLE attempt; DROP TABLE run");
}
