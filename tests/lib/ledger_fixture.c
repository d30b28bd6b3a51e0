#include "ledger_fixture.h"

#include "ledger/billing.h"
#include "ledger/document_ledger.h"
#include "ledger/sent_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int64_t fixture_now_ms = 1000000;

static struct wall now_wall(const struct clock *c)
{
    (void)c;
    return (struct wall){fixture_now_ms};
}

static struct mono now_mono(const struct clock *c)
{
    (void)c;
    return (struct mono){fixture_now_ms};
}

const struct clock fixture_clock = {now_mono, now_wall};

int fixture_try_open(const struct fixture *f, bool read_only, struct ledger **out, struct error *e)
{
    const struct ledger_options options = {
        .path = f->path, .read_only = read_only, .clock = &fixture_clock};
    return ledger_open(out, &options, e);
}

void fixture_open(struct fixture *f)
{
    struct error e = {0};
    if (fixture_try_open(f, false, &f->l, &e) != 0)
        fail_msg("open: %s", e.text);
}

void fixture_close(struct fixture *f)
{
    ledger_close(f->l);
    f->l = NULL;
}

void fixture_reopen(struct fixture *f)
{
    fixture_close(f);
    fixture_open(f);
}

int64_t fixture_root(struct fixture *f, const char *path)
{
    struct ledger_root root;
    const struct ledger_new_root new = {.path = path, .directory = true, .alone = true};
    assert_ok(f->l, ledger_root_put(f->l, &new, &root));
    int64_t id = root.id;
    ledger_root_release(&root);
    return id;
}

int fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    const struct ledger_settings s = {"extraction", "model-1", "{}"};
    fixture_now_ms = 1000000;
    /* each commit is synced, thousands of times in some tests: in memory where there is such a place */
    strcpy(f->directory, access("/dev/shm", W_OK) == 0 ? "/dev/shm/test-ledger-XXXXXX"
                                                       : "/tmp/test-ledger-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    snprintf(f->path, sizeof f->path, "%s/ledger.db", f->directory);
    fixture_open(f);
    assert_ok(f->l, ledger_settings_put(f->l, &s, &f->settings));
    f->root = fixture_root(f, "/data");
    assert_ok(f->l, ledger_commit(f->l));
    *state = f;
    return 0;
}

int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    char command[128];
    ledger_close(f->l);
    snprintf(command, sizeof command, "rm -rf '%s'", f->directory);
    int status = system(command);
    free(f);
    return status;
}

int64_t fixture_put(struct fixture *f, const char *name, const char *content, enum ledger_put *put)
{
    char path[600];
    snprintf(path, sizeof path, "/data/%s", name);
    return fixture_put_at(f, path, name, content, put);
}

int64_t fixture_put_at(struct fixture *f, const char *path, const char *name, const char *content,
                       enum ledger_put *put)
{
    uint8_t digest[SHA256_BYTES];
    enum ledger_put ignored;
    int64_t id = 0;
    if (content)
        sha256(content, strlen(content), digest);
    const struct ledger_new_file file = {
        .root_id = f->root,
        .settings_id = f->settings,
        .path = path,
        .name = name,
        .stamp = {content ? (int64_t)strlen(content) : 7, 1, 2, 3},
        .type = content ? 1 : 0,
        .pages = -1,
        .looked_at = content != NULL,
        .sha256 = content ? digest : NULL,
        .reject_code = content ? NULL : "unreadable",
        .reject_detail = content ? NULL : "Permission denied",
    };
    assert_ok(f->l, ledger_file_put(f->l, &file, put ? put : &ignored, &id));
    return id;
}

void fixture_step(struct fixture *f, int64_t id, enum doc_state from, enum doc_state to,
                  enum doc_event_kind event, int attempt)
{
    const struct ledger_step s = {
        .document_id = id, .from = from, .to = to, .event = event, .attempt = attempt};
    assert_ok(f->l, ledger_step(f->l, &s));
}

int fixture_submit(struct fixture *f, int64_t id)
{
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    assert_ok(f->l, ledger_attempt_start(f->l, id, credits_of(1), &attempt, alias));
    fixture_step(f, id, DOC_QUEUED, DOC_SUBMITTING, EV_ADMIT, attempt);
    return attempt;
}

int fixture_accept(struct fixture *f, int64_t id, const char *job_id)
{
    int attempt = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_accepted(f->l, id, attempt, job_id));
    fixture_step(f, id, DOC_SUBMITTING, DOC_PROCESSING, EV_ACCEPTED, attempt);
    return attempt;
}

void fixture_store(struct fixture *f, int64_t id, const char *result, int pages)
{
    int attempt = fixture_accept(f, id, "job");
    assert_ok(f->l, ledger_attempt_result_url(f->l, id, attempt, "https://host/result"));
    fixture_step(f, id, DOC_PROCESSING, DOC_READY, EV_JOB_READY, attempt);
    assert_ok(f->l, ledger_result_put(f->l, id, result, strlen(result), pages));
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_JOB_DONE, 200, NULL));
    fixture_step(f, id, DOC_READY, DOC_STORED, EV_RESULT, attempt);
}

static int add_bill(void *ctx, const struct bill_line *line)
{
    bill_add(ctx, &line->bill);
    return 0;
}

struct ledger_counts fixture_counts(struct fixture *f)
{
    struct bill bill = {0};
    struct ledger_counts c;
    int64_t sum = 0;
    assert_ok(f->l, ledger_counts(f->l, &c));
    for (int state = 0; state < DOC_STATE_COUNT; state++)
        sum += c.by_state[state];
    assert_int_equal(c.files, c.documents + c.duplicates);
    assert_int_equal(c.documents, sum + c.dismissed);
    assert_ok(f->l, ledger_counts_check(f->l));
    assert_ok(f->l, ledger_billing(f->l, credits_of(1), add_bill, &bill));
    assert_int_equal(bill.confirmed.micro, c.credits.micro);
    assert_int_equal(bill.at_risk.micro, c.credits_at_risk.micro);
    assert_int_equal(bill.documents, c.documents);
    assert_int_equal(bill.resent, c.resent);
    return c;
}

int64_t fixture_file_id(struct fixture *f, const char *name)
{
    char path[600];
    struct ledger_file file;
    snprintf(path, sizeof path, "/data/%s", name);
    assert_int_equal(ledger_file_find(f->l, path, &file), 1);
    return file.id;
}

void fixture_assert_name(struct fixture *f, int64_t document, const char *name)
{
    struct ledger_source source;
    assert_int_equal(ledger_document_source(f->l, document, 0, &source), 1);
    assert_string_equal(source.name, name);
    ledger_source_release(&source);
}

enum doc_state fixture_state(struct fixture *f, int64_t id)
{
    struct ledger_document d;
    assert_ok(f->l, ledger_document_get(f->l, id, &d));
    ledger_document_release(&d);
    return d.state;
}
