/* Files and the documents they point to; settings; and that the numbers add up after each
 * sequence, random ones included. */
#include "ledger_fixture.h"

#include "base/random.h"
#include "ledger/document_ledger.h"
#include "ledger/private.h"
#include "ledger/projections.h"
#include "ledger/sent_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void one_content_is_one_document(void **state)
{
    struct fixture *f = *state;
    enum ledger_put put;
    int64_t a = fixture_put(f, "a", "same", &put);
    assert_int_equal(put, PUT_QUEUED);
    assert_int_equal(fixture_put(f, "b", "same", &put), a);
    assert_int_equal(put, PUT_DUPLICATE);
    assert_int_not_equal(fixture_put(f, "c", "other", &put), a);
    assert_int_equal(put, PUT_QUEUED);
    assert_int_equal(fixture_put(f, "a", "same", &put), a);
    assert_int_equal(put, PUT_UNCHANGED);
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.files, 3);
    assert_int_equal(c.documents, 2);
    assert_int_equal(c.duplicates, 1);
    assert_int_equal(c.by_state[DOC_QUEUED], 2);
}

static void found_as_put(void **state)
{
    struct fixture *f = *state;
    struct ledger_file file;
    uint8_t digest[SHA256_BYTES];
    int64_t id = fixture_put(f, "a", "content", NULL);
    assert_int_equal(ledger_file_find(f->l, "/data/a", &file), 1);
    assert_int_equal(file.document_id, id);
    assert_int_equal(file.root_id, f->root);
    assert_int_equal(file.settings_id, f->settings);
    assert_int_equal(file.state, DOC_QUEUED);
    assert_int_equal(file.type, 1);
    const struct file_stamp stamp = {7, 1, 2, 3};
    assert_true(file_stamp_equal(&file.stamp, &stamp));
    sha256("content", 7, digest);
    assert_memory_equal(file.sha256, digest, sizeof digest);
    assert_int_equal(ledger_file_find(f->l, "/data/b", &file), 0);
    fixture_submit(f, id);
    assert_int_equal(ledger_file_find(f->l, "/data/a", &file), 1);
    assert_int_equal(file.state, DOC_SUBMITTING);
}

static void unreadable_then_fine(void **state)
{
    struct fixture *f = *state;
    enum ledger_put put;
    struct ledger_document d;
    struct ledger_file file;
    const uint8_t zeros[SHA256_BYTES] = {0};
    int64_t a = fixture_put(f, "a", NULL, &put);
    assert_int_equal(put, PUT_REJECTED);
    int64_t b = fixture_put(f, "b", NULL, &put);
    assert_int_equal(put, PUT_REJECTED);
    assert_int_not_equal(a, b); /* each its own */
    assert_int_equal(fixture_put(f, "a", NULL, &put), a);
    assert_int_equal(put, PUT_UNCHANGED);
    assert_int_equal(ledger_file_find(f->l, "/data/a", &file), 1);
    assert_memory_equal(file.sha256, zeros, sizeof zeros);
    assert_int_equal(fixture_counts(f).by_state[DOC_REJECTED], 2);
    int64_t real = fixture_put(f, "a", "fine", &put);
    assert_int_equal(put, PUT_QUEUED);
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.by_state[DOC_REJECTED], 1);
    assert_int_equal(c.by_state[DOC_QUEUED], 1);
    assert_int_equal(c.former, 0); /* the rejected one is gone */
    if (a != real)
        assert_int_equal(ledger_document_get(f->l, a, &d), ERR_NOT_FOUND);
}

/* A person settled it: what its file holds by now is sent when a person says so. */
static void dismissed_then_fine(void **state)
{
    struct fixture *f = *state;
    enum ledger_put put;
    int64_t a = fixture_put(f, "a", NULL, &put);
    fixture_step(f, a, DOC_REJECTED, DOC_REJECTED, EV_DISMISS, 0);
    assert_int_equal(fixture_put(f, "a", NULL, &put), a);
    assert_int_equal(fixture_put(f, "a", "fine", &put), a);
    assert_int_equal(put, PUT_UNCHANGED);
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.dismissed, 1);
    assert_int_equal(c.by_state[DOC_REJECTED], 0);
    assert_int_equal(c.documents, 1);
    fixture_step(f, a, DOC_REJECTED, DOC_REJECTED, EV_RETRY, 0);
    assert_int_equal(fixture_counts(f).by_state[DOC_REJECTED], 1);
    fixture_put(f, "a", "fine", &put);
    assert_int_equal(put, PUT_QUEUED);
    c = fixture_counts(f);
    assert_int_equal(c.by_state[DOC_QUEUED], 1);
    assert_int_equal(c.documents, 1);
}

/* Refused, dismissed, and found by a run of another model: it isn't sent under that one. */
static void dismissed_keeps_its_settings(void **state)
{
    struct fixture *f = *state;
    enum ledger_put put;
    int64_t id = fixture_put(f, "a", "a", NULL), other;
    int attempt = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_ANSWERED, 422, NULL));
    fixture_step(f, id, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, attempt);
    fixture_step(f, id, DOC_FAILED, DOC_FAILED, EV_DISMISS, attempt);
    const struct ledger_settings s = {"extraction", "another-model", "{}"};
    assert_ok(f->l, ledger_settings_put(f->l, &s, &other));
    f->settings = other;
    assert_int_equal(fixture_put(f, "a", "a", &put), id);
    assert_int_equal(put, PUT_UNCHANGED);
    assert_int_equal(fixture_counts(f).dismissed, 1);
    fixture_step(f, id, DOC_FAILED, DOC_FAILED, EV_RETRY, attempt);
    assert_int_not_equal(fixture_put(f, "a", "a", &put), id);
    assert_int_equal(put, PUT_QUEUED);
}

static void rejected_contents_are_shared(void **state)
{
    struct fixture *f = *state;
    enum ledger_put put;
    int64_t first, second;
    uint8_t digest[SHA256_BYTES];
    sha256("", 0, digest);
    struct ledger_new_file file = {.root_id = f->root,
                                   .settings_id = f->settings,
                                   .path = "/data/empty-1",
                                   .name = "empty-1",
                                   .sha256 = digest,
                                   .reject_code = "empty"};
    assert_ok(f->l, ledger_file_put(f->l, &file, &put, &first));
    assert_int_equal(put, PUT_REJECTED);
    file.path = "/data/empty-2";
    file.name = "empty-2";
    assert_ok(f->l, ledger_file_put(f->l, &file, &put, &second));
    assert_int_equal(put, PUT_DUPLICATE);
    assert_int_equal(first, second);
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.files, 2);
    assert_int_equal(c.by_state[DOC_REJECTED], 1);
    file.reject_code = NULL; /* it may be sent after all */
    assert_ok(f->l, ledger_file_put(f->l, &file, &put, &second));
    assert_int_equal(put, PUT_QUEUED);
    assert_int_equal(fixture_counts(f).by_state[DOC_QUEUED], 1);
}

static char *name_at(struct fixture *f, int64_t file)
{
    static char name[300];
    struct ledger_projection p = {0};
    int n = ledger_unprojected(f->l, file - 1, &p, 1);
    assert_int_equal(n, 1);
    assert_int_equal(p.file_id, file);
    strcpy(name, p.name);
    ledger_projection_release(&p);
    return name;
}

/* The row of the first stays, with its document and its result; the second is a file of its own. */
static void new_content_at_a_path(void **state)
{
    struct fixture *f = *state;
    enum ledger_put put;
    struct ledger_projection p[4];
    int64_t old = fixture_put(f, "a", "old", NULL);
    fixture_store(f, old, "{\"old\":1}", 3);
    assert_int_equal(ledger_unprojected(f->l, 0, p, 4), 1);
    assert_ok(f->l, ledger_projected(f->l, p[0].file_id, p[0].document_id, "a"));
    ledger_projection_release(&p[0]);
    int64_t new = fixture_put(f, "a", "new", &put);
    assert_int_equal(put, PUT_QUEUED);
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.files, 2);
    assert_int_equal(c.documents, 2);
    assert_int_equal(c.by_state[DOC_STORED], 1);
    assert_int_equal(c.credits.micro, credits_of(3).micro);
    /* The first one's result goes from where the second one's is to stand. */
    assert_int_equal(ledger_unprojected(f->l, 0, p, 4), 1);
    assert_string_equal(p[0].name, "a (replaced)");
    assert_string_equal(p[0].stands, "a");
    assert_int_equal(ledger_name_stands(f->l, "a"), 1);
    assert_ok(f->l, ledger_projected(f->l, p[0].file_id, old, "a")); /* not that one any more */
    assert_int_equal(ledger_name_stands(f->l, "a"), 1);
    assert_ok(f->l, ledger_projected(f->l, p[0].file_id, old, "a (replaced)"));
    ledger_projection_release(&p[0]);
    assert_int_equal(ledger_name_stands(f->l, "a"), 0);
    fixture_store(f, new, "{}", 1);
    assert_string_equal(name_at(f, 2), "a");
    /* And back: a third coming, a duplicate of the first. */
    assert_int_equal(fixture_put(f, "a", "old", &put), old);
    assert_int_equal(put, PUT_DUPLICATE);
    assert_string_equal(name_at(f, 2), "a (replaced 2)");
    assert_string_equal(name_at(f, 3), "a");
    c = fixture_counts(f);
    assert_int_equal(c.files, 3);
    assert_int_equal(c.duplicates, 1);
    assert_int_equal(c.credits.micro, credits_of(4).micro);
}

/* What was never sent gives its name up, and leaves the counts. */
static void replaced_before_it_was_sent(void **state)
{
    struct fixture *f = *state;
    struct ledger_source source;
    fixture_put(f, "a", "first", NULL);
    int64_t second = fixture_put(f, "a", "second", NULL);
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.files, 1);
    assert_int_equal(c.by_state[DOC_QUEUED], 1);
    assert_int_equal(ledger_document_source(f->l, second, 0, &source), 1);
    assert_string_equal(source.name, "a");
    ledger_source_release(&source);
    assert_int_equal(ledger_document_source(f->l, 1, 0, &source), 0);
    struct ledger_document d[4];
    assert_int_equal(ledger_next_queued(f->l, f->settings, ORDER_NAME, NULL, NULL, d, 4), 1);
    assert_int_equal(d[0].id, second);
}

static void changed_while_it_was_to_be_sent(void **state)
{
    struct fixture *f = *state;
    struct ledger_source source;
    struct ledger_file file;
    enum ledger_put put;
    int64_t id = fixture_put(f, "a", "bytes", NULL);
    fixture_put(f, "b", "bytes", NULL);
    fixture_submit(f, id);
    assert_int_equal(ledger_document_source(f->l, id, 0, &source), 1);
    assert_string_equal(source.path, "/data/a");
    assert_ok(f->l, ledger_file_changed(f->l, source.file_id, "changed", "it was edited"));
    ledger_source_release(&source);
    assert_int_equal(ledger_document_source(f->l, id, 0, &source), 1);
    assert_string_equal(source.name, "b");
    assert_ok(f->l, ledger_file_changed(f->l, source.file_id, "changed", NULL));
    ledger_source_release(&source);
    assert_int_equal(ledger_document_source(f->l, id, 0, &source), 0);
    fixture_step(f, id, DOC_SUBMITTING, DOC_REJECTED, EV_SOURCE_GONE, 1);
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.by_state[DOC_REJECTED], 1);
    assert_int_equal(c.files, 2);
    const struct file_stamp stamp = {5, 1, 2, 3};
    assert_int_equal(ledger_file_find(f->l, "/data/a", &file), 1);
    assert_false(file_stamp_equal(&file.stamp, &stamp)); /* to be read again */
    assert_int_equal(fixture_put(f, "a", "bytes", &put), id);
    assert_int_equal(put, PUT_QUEUED);
    assert_int_equal(fixture_put(f, "b", "more bytes", &put) == id, 0);
    c = fixture_counts(f);
    assert_int_equal(c.by_state[DOC_QUEUED], 2);
    assert_int_equal(c.former, 0);
    assert_int_equal(ledger_file_changed(f->l, 4711, "changed", NULL), ERR_NOT_FOUND);
}

static void names_are_bytes(void **state)
{
    struct fixture *f = *state;
    char longest[256], path[300];
    struct ledger_file file;
    struct ledger_source source;
    memset(longest, 'n', 255);
    longest[255] = '\0';
    const char *const names[] = {"new\nline", "\xff\xfe\x80", "tab\tand \x1b[31m",
                                 longest,     "a'b\"c%",      "\xc3\xa9t\xc3\xa9.pdf"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int64_t id = fixture_put(f, names[i], names[i], NULL);
        snprintf(path, sizeof path, "/data/%s", names[i]);
        assert_int_equal(ledger_file_find(f->l, path, &file), 1);
        assert_int_equal(file.document_id, id);
        assert_int_equal(ledger_document_source(f->l, id, 0, &source), 1);
        assert_string_equal(source.path, path);
        assert_string_equal(source.name, names[i]);
        ledger_source_release(&source);
    }
    assert_int_equal(fixture_counts(f).files, 6);
}

/* --- what isn't there any more --- */

static int64_t missed(struct fixture *f, const char *under)
{
    struct ledger_missed m[8];
    int64_t files = 0;
    int n = ledger_gone_next(f->l, under, INT64_MAX, NULL, NULL, m, 8);
    assert_ok(f->l, n);
    for (int i = 0; i < n; i++) {
        files = files * 10 + m[i].file_id;
        free(m[i].path);
    }
    return files;
}

static void retried(struct fixture *f, int64_t id)
{
    fixture_step(f, id, DOC_FAILED, DOC_QUEUED, EV_RETRY, 0); /* which begins the count anew */
}

static void failed(struct fixture *f, int64_t id, int n, int status, enum doc_state to)
{
    enum doc_event_kind kind = status == 422 ? EV_REFUSED : EV_FAULT;
    assert_ok(f->l, ledger_attempt_end(f->l, id, n, ATTEMPT_ANSWERED, status, "http"));
    fixture_step(f, id, DOC_SUBMITTING, to, kind, n);
}

/* Of what was free nothing is left in the document's own row, once a person asked for it again. */
static void what_was_sent_stays_after_a_retry(void **state)
{
    struct fixture *f = *state;
    int64_t job = fixture_put(f, "job", "j", NULL);
    int n = fixture_accept(f, job, "job");
    assert_ok(f->l, ledger_attempt_end(f->l, job, n, ATTEMPT_JOB_FAILED, 500, "job_fault"));
    fixture_step(f, job, DOC_PROCESSING, DOC_QUEUED, EV_JOB_FAULT, n);
    n = fixture_submit(f, job);
    failed(f, job, n, 503, DOC_FAILED);
    retried(f, job);
    int64_t refused = fixture_put(f, "refused", "r", NULL);
    failed(f, refused, fixture_submit(f, refused), 422, DOC_FAILED);
    retried(f, refused);
    int64_t stopped = fixture_put(f, "stopped", "s", NULL); /* by the canary: the run's fault */
    n = fixture_submit(f, stopped);
    failed(f, stopped, n, 422, DOC_FAILED);
    fixture_step(f, stopped, DOC_FAILED, DOC_QUEUED, EV_RUN_STOPPED, n);
    int64_t limited = fixture_put(f, "limited", "l", NULL);
    n = fixture_submit(f, limited);
    failed(f, limited, n, 429, DOC_QUEUED);
    assert_int_equal(missed(f, "/data"), 43); /* in the order of sending */
    for (int64_t file = 1; file <= 4; file++)
        assert_ok(f->l, ledger_file_gone(f->l, file));
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.files, 2);
    assert_int_equal(c.by_state[DOC_QUEUED], 2);
}

/* What was never accepted takes the settings of the run that finds its file; what was, once, doesn't. */
static void settings_of_what_was_never_accepted(void **state)
{
    struct fixture *f = *state;
    const struct ledger_settings other = {"extraction", "22222222-2222-4222-8222-222222222222", ""};
    int64_t job = fixture_put(f, "job", "j", NULL), refused = fixture_put(f, "refused", "r", NULL);
    int n = fixture_accept(f, job, "job");
    assert_ok(f->l, ledger_attempt_end(f->l, job, n, ATTEMPT_JOB_FAILED, 500, "job_fault"));
    fixture_step(f, job, DOC_PROCESSING, DOC_QUEUED, EV_JOB_FAULT, n);
    failed(f, job, fixture_submit(f, job), 503, DOC_FAILED);
    failed(f, refused, fixture_submit(f, refused), 422, DOC_FAILED);
    retried(f, refused);
    assert_ok(f->l, ledger_settings_put(f->l, &other, &f->settings));
    assert_int_equal(fixture_put(f, "job", "j", NULL), job);
    assert_int_not_equal(fixture_put(f, "refused", "r", NULL), refused);
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.documents, 2);
    assert_int_equal(c.by_state[DOC_FAILED], 1);
    assert_int_equal(c.by_state[DOC_QUEUED], 1);
}

static void what_was_never_sent_leaves_the_counts(void **state)
{
    struct fixture *f = *state;
    enum ledger_put put;
    int64_t queued = fixture_put(f, "queued", "q", NULL);
    fixture_put(f, "rejected", NULL, NULL);
    int64_t sent = fixture_put(f, "sent", "s", NULL);
    fixture_accept(f, sent, "job");
    fixture_put(f, "copy", "s", NULL);
    int64_t refused = fixture_put(f, "sub/429", "r", NULL);
    fixture_submit(f, refused);
    assert_ok(f->l, ledger_attempt_end(f->l, refused, 1, ATTEMPT_ANSWERED, 429, "http_429"));
    fixture_step(f, refused, DOC_SUBMITTING, DOC_QUEUED, EV_LIMITED, 1);
    assert_int_equal(missed(f, "/data"), 152);
    assert_int_equal(missed(f, "/data/sub"), 5);
    assert_int_equal(missed(f, "/dat"), 0);
    for (int64_t file = 1; file <= 5; file++)
        assert_ok(f->l, ledger_file_gone(f->l, file));
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.files, 2);
    assert_int_equal(c.by_state[DOC_PROCESSING], 1);
    assert_int_equal(c.documents, 1);
    assert_int_equal(missed(f, "/data"), 0);
    struct ledger_document d[4];
    assert_int_equal(ledger_next_queued(f->l, f->settings, ORDER_NAME, NULL, NULL, d, 4), 0);
    /* the same bytes come back */
    assert_int_equal(fixture_put(f, "queued", "q", &put), queued);
    assert_int_equal(put, PUT_QUEUED);
    assert_int_equal(fixture_put(f, "rejected", NULL, &put), 2);
    c = fixture_counts(f);
    assert_int_equal(c.files, 4);
    assert_int_equal(c.by_state[DOC_QUEUED], 1);
    assert_int_equal(c.by_state[DOC_REJECTED], 1);
    assert_int_equal(fixture_file_id(f, "queued"), 1); /* its row */
    fixture_assert_name(f, queued, "queued");
    /* what has left gets no result, until it is back */
    struct ledger_projection p;
    int64_t id = fixture_put(f, "here", "two places", NULL);
    fixture_put(f, "there", "two places", NULL);
    assert_ok(f->l, ledger_file_gone(f->l, fixture_file_id(f, "there")));
    fixture_store(f, id, "{}", 1);
    assert_int_equal(ledger_unprojected_of(f->l, id, 0, &p, 1), 1);
    assert_string_equal(p.name, "here");
    assert_ok(f->l, ledger_projected(f->l, p.file_id, id, p.name));
    ledger_projection_release(&p);
    assert_int_equal(ledger_unprojected_of(f->l, id, 0, &p, 1), 0);
    fixture_put(f, "there", "two places", NULL);
    assert_int_equal(ledger_unprojected_of(f->l, id, 0, &p, 1), 1);
    assert_string_equal(p.name, "there");
    ledger_projection_release(&p);
}

static void settings_that_changed(void **state)
{
    struct fixture *f = *state;
    const struct ledger_settings same = {"extraction", "model-1", "{}"};
    const struct ledger_settings other = {"extraction", "model-2", "{}"};
    struct buffer path;
    int64_t id;
    buffer_init(&path, 0);
    assert_ok(f->l, ledger_settings_put(f->l, &same, &id));
    assert_int_equal(id, f->settings);
    int64_t queued = fixture_put(f, "queued", "q", NULL);
    int64_t failed = fixture_put(f, "failed", "f", NULL);
    fixture_submit(f, failed);
    assert_ok(f->l, ledger_attempt_end(f->l, failed, 1, ATTEMPT_ANSWERED, 422, "refused"));
    fixture_step(f, failed, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, 1);
    assert_ok(f->l, ledger_settings_put(f->l, &other, &id));
    assert_int_not_equal(id, f->settings);
    assert_int_equal(ledger_settings_conflict(f->l, f->root, &other, "/data", &path), 0);
    int64_t paid = fixture_put(f, "paid", "p", NULL);
    fixture_accept(f, paid, "job");
    assert_int_equal(ledger_settings_conflict(f->l, f->root, &other, "/data", &path), 1);
    assert_string_equal(buffer_text(&path), "/data/paid");
    assert_int_equal(ledger_settings_conflict(f->l, f->root + 1, &other, "/data", &path), 0);
    assert_int_equal(ledger_settings_conflict(f->l, f->root, &same, "/data", &path), 0);
    /* One that may have been paid for, though it is queued again. */
    int64_t doubt = fixture_put(f, "doubt", "d", NULL);
    fixture_submit(f, doubt);
    assert_ok(f->l, ledger_attempt_end(f->l, doubt, 1, ATTEMPT_IN_DOUBT, 0, "timeout"));
    fixture_step(f, doubt, DOC_SUBMITTING, DOC_QUEUED, EV_RESEND, 1);

    int64_t old = f->settings;
    f->settings = id;
    enum ledger_put put;
    int64_t twin = fixture_put(f, "twin", "t", &put);
    f->settings = old;
    assert_int_not_equal(fixture_put(f, "old-twin", "t", &put), twin);
    assert_int_equal(put, PUT_QUEUED);
    assert_ok(f->l, ledger_requeue_under(f->l, f->root, id));
    struct ledger_document d[8];
    assert_int_equal(ledger_next_queued(f->l, id, ORDER_NAME, NULL, NULL, d, 8), 2);
    assert_int_equal(d[0].id, queued);
    assert_int_equal(d[1].id, twin);
    assert_int_equal(ledger_next_queued(f->l, old, ORDER_NAME, NULL, NULL, d, 8), 1);
    assert_int_equal(d[0].id, doubt);
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.duplicates, 1); /* the twins are one now */
    assert_int_equal(c.former, 0);
    buffer_release(&path);
}

/* --- random sequences --- */

enum { RANDOM_FILES = 6, RANDOM_CONTENTS = 5, RANDOM_STEPS = 400 };

static void random_put(struct fixture *f, struct random *r)
{
    char name[16], content[16];
    snprintf(name, sizeof name, "f%d", (int)random_below(r, RANDOM_FILES));
    snprintf(content, sizeof content, "c%d", (int)random_below(r, RANDOM_CONTENTS));
    if (random_below(r, 5) == 0)
        fixture_put(f, name, NULL, NULL);
    else
        fixture_put(f, name, content, NULL);
}

static void random_changed(struct fixture *f, struct random *r)
{
    char path[32];
    struct ledger_file file;
    snprintf(path, sizeof path, "/data/f%d", (int)random_below(r, RANDOM_FILES));
    if (ledger_file_find(f->l, path, &file) == 1)
        assert_ok(f->l, ledger_file_changed(f->l, file.id, "changed", "words"));
}

static enum doc_state random_state(struct random *r)
{
    return (enum doc_state)random_below(r, DOC_STATE_COUNT);
}

static void random_document(struct fixture *f, struct random *r)
{
    struct ledger_document d;
    char alias[LEDGER_ALIAS_MAX];
    int64_t id = 1 + (int64_t)random_below(r, RANDOM_CONTENTS + RANDOM_FILES);
    int attempt, got = ledger_document_get(f->l, id, &d);
    if (got == ERR_NOT_FOUND)
        return;
    assert_ok(f->l, got);
    ledger_document_release(&d);
    int n = d.attempt ? 1 + (int)random_below(r, (uint64_t)d.attempt) : 0;
    switch (random_below(r, 9)) {
    case 0:
        assert_ok(f->l, ledger_attempt_start(f->l, id, credits_of(1), &attempt, alias));
        break;
    case 1:
        if (n)
            assert_ok(f->l,
                      ledger_attempt_end(f->l, id, n,
                                         (enum attempt_outcome)(1 + random_below(r, 6)), 0, NULL));
        break;
    case 2:
        if (n)
            assert_ok(f->l, ledger_attempt_accepted(f->l, id, n, "job"));
        break;
    case 3:
        if (n)
            assert_ok(f->l, ledger_attempt_resent(f->l, id, n));
        break;
    case 4:
        if (d.attempt)
            assert_ok(f->l, ledger_result_put(f->l, id, "{}", 2, (int)random_below(r, 4)));
        break;
    case 5:
        if (d.attempt)
            assert_ok(f->l, ledger_bytes_keep(f->l, id, "<html>", 6));
        break;
    case 7:
        if (doc_state_can_be_dismissed(d.state))
            fixture_step(f, id, d.state, d.state, EV_DISMISS, n);
        break;
    case 6:
        assert_ok(f->l, ledger_set_pages(f->l, id, (int)random_below(r, 5) - 1));
        break;
    default:
        fixture_step(f, id, d.state, random_state(r), EV_RETRY, n);
    }
}

static void assert_queue_matches(struct fixture *f, enum ledger_order order)
{
    struct ledger_document d[32];
    struct ledger_counts c = fixture_counts(f);
    int n = ledger_next_queued(f->l, f->settings, order, NULL, NULL, d, 32);
    assert_ok(f->l, n);
    assert_true(n >= c.by_state[DOC_QUEUED]); /* and those without a file */
    assert_true(n <= c.by_state[DOC_QUEUED] + c.former);
    for (int i = 0; i < n; i++) {
        assert_int_equal(d[i].state, DOC_QUEUED);
        if (i && order == ORDER_LARGEST)
            assert_true(d[i - 1].size_bytes >= d[i].size_bytes);
        if (i && order == ORDER_PAGES)
            assert_true(d[i - 1].pages >= d[i].pages);
        ledger_document_release(&d[i]);
    }
}

static void random_sequences_add_up(void **state)
{
    struct fixture *f = *state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct random r;
        random_init(&r, seed);
        for (int i = 0; i < RANDOM_STEPS; i++) {
            uint64_t what = random_below(&r, 20);
            if (what < 5)
                random_put(f, &r);
            else if (what < 6)
                random_changed(f, &r);
            else
                random_document(f, &r);
            if (what == 19)
                assert_queue_matches(f, (enum ledger_order)random_below(&r, 3));
            if (random_below(&r, 10) == 0)
                assert_ok(f->l, ledger_commit(f->l));
            if (random_below(&r, 60) == 0)
                fixture_reopen(f); /* without a commit: the turn is gone */
            if (i % 7 == 0)
                fixture_counts(f);
        }
        fixture_counts(f);
    }
}

/* --- results that were published --- */

/* What the statement did besides walking along: indices that it made for itself, and sorts. */
static int detours(struct fixture *f, const char *word)
{
    int n = -1;
    for (sqlite3_stmt *s = sqlite3_next_stmt(f->l->db.db, NULL); s;
         s = sqlite3_next_stmt(f->l->db.db, s))
        if (strstr(sqlite3_sql(s), word))
            n = sqlite3_stmt_status(s, SQLITE_STMTSTATUS_AUTOINDEX, 0) +
                sqlite3_stmt_status(s, SQLITE_STMTSTATUS_SORT, 0);
    return n;
}

static void published_results_are_passed_once(void **state)
{
    enum { MANY = 40, SOME = 7 };
    struct fixture *f = *state;
    struct ledger_published found[SOME];
    int64_t after = 0;
    int count = 0, n;
    for (int i = 0; i < MANY; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        int64_t id = fixture_put(f, name, name, NULL);
        fixture_store(f, id, "{ }", 1);
        if (i != 3) /* still to be written out */
            assert_ok(f->l, ledger_projected(f->l, fixture_file_id(f, name), id, name));
    }
    assert_ok(f->l, ledger_published_mark(f->l, "boot"));
    int64_t late = fixture_put(f, "late", "late", NULL);
    fixture_store(f, late, "{ }", 1);
    assert_ok(f->l, ledger_projected(f->l, fixture_file_id(f, "late"), late, "late"));
    fixture_put(f, "queued", "q", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    while ((n = ledger_published_next(f->l, after, found, SOME)) > 0)
        for (int i = 0; i < n; i++, count++) {
            bool lately = found[i].file_id > MANY;
            assert_true(found[i].file_id > after && strcmp(found[i].name, "n3") != 0);
            assert_int_equal(found[i].lately, lately);
            assert_int_equal(found[i].size_bytes, lately ? 3 : 0);
            after = found[i].file_id;
            free(found[i].name);
        }
    assert_int_equal(n, 0);
    assert_int_equal(count, MANY);
    assert_int_equal(detours(f, "checked_result"), 0);
}

/* --- a walk over what is known --- */

enum { WALKED = 900 };

static int looked_up(struct fixture *f)
{
    int n = 0;
    for (sqlite3_stmt *s = sqlite3_next_stmt(f->l->db.db, NULL); s;
         s = sqlite3_next_stmt(f->l->db.db, s))
        if (strstr(sqlite3_sql(s), "f.path_key = ? AND f.path = ?") &&
            strstr(sqlite3_sql(s), "d.broken"))
            n += sqlite3_stmt_status(s, SQLITE_STMTSTATUS_RUN, 1);
    return n;
}

static void walked_path(int i, char *path, size_t size)
{
    snprintf(path, size, "/data/n%d", i);
}

/* All of them in nearly their order, as whoever found them did; each as it is. */
static void walk(struct fixture *f, const int64_t id[WALKED], enum doc_state state_of_7)
{
    struct ledger_file found;
    char path[32];
    looked_up(f);
    for (int i = 0; i < WALKED; i++) {
        int k = i / 8 * 8 + (i * 5 + 3) % 8;
        if (k >= WALKED)
            continue;
        walked_path(k, path, sizeof path);
        assert_int_equal(ledger_file_find(f->l, path, &found), 1);
        assert_int_equal(found.document_id, id[k]);
        assert_int_equal(found.state, k == 7 ? state_of_7 : DOC_QUEUED);
        assert_int_equal(found.life, LIFE_THERE);
    }
    assert_int_equal(ledger_file_find(f->l, "/data/never", &found), 0);
}

static void a_walk_again_reads_ahead(void **state)
{
    struct fixture *f = *state;
    static int64_t id[WALKED];
    struct ledger_file found;
    char name[16];
    for (int i = 0; i < WALKED; i++) {
        snprintf(name, sizeof name, "n%d", i);
        id[i] = fixture_put(f, name, name, NULL);
    }
    assert_ok(f->l, ledger_commit(f->l));
    walk(f, id, DOC_QUEUED);
    assert_in_range(looked_up(f), 1, 60);
    /* what was read ahead holds until the next write */
    for (int i = 0; i < 100; i++) {
        char path[32];
        walked_path(i, path, sizeof path);
        assert_int_equal(ledger_file_find(f->l, path, &found), 1);
    }
    int64_t other = fixture_put(f, "n103", "other", NULL);
    assert_int_equal(ledger_file_find(f->l, "/data/n103", &found), 1);
    assert_int_equal(found.document_id, other);
    id[103] = other;
    fixture_submit(f, id[7]);
    walk(f, id, DOC_SUBMITTING);
    assert_in_range(looked_up(f), 1, 60);
    assert_ok(f->l, ledger_file_gone(f->l, fixture_file_id(f, "n500")));
    assert_int_equal(ledger_file_find(f->l, "/data/n500", &found), 1);
    assert_int_equal(found.life, LIFE_LEFT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(one_content_is_one_document),
        TEST(found_as_put),
        TEST(unreadable_then_fine),
        TEST(dismissed_then_fine),
        TEST(dismissed_keeps_its_settings),
        TEST(rejected_contents_are_shared),
        TEST(new_content_at_a_path),
        TEST(changed_while_it_was_to_be_sent),
        TEST(names_are_bytes),
        TEST(replaced_before_it_was_sent),
        TEST(what_was_never_sent_leaves_the_counts),
        TEST(what_was_sent_stays_after_a_retry),
        TEST(settings_of_what_was_never_accepted),
        TEST(settings_that_changed),
        TEST(random_sequences_add_up),
        TEST(published_results_are_passed_once),
        TEST(a_walk_again_reads_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
