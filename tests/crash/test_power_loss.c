/* The power is cut at each operation of a ledger's life, several times with other luck: it opens
 * again, and holds exactly what had been committed, or that and the whole turn that was under way.
 * The same for the limiter's memory: a lease granted is a lease remembered. */
#include "base/digest.h"
#include "ledger/document_ledger.h"
#include "ledger/file_book.h"
#include "ledger/listing.h"
#include "ledger/projections.h"
#include "ledger/sent_settings.h"
#include "limits/limit_state.h"
#include "losing_disk.h"
#include "test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LUCK = 3, /* seeds of what survives */ STEP = SANITIZED ? 4 : 1 /* every n-th cut */ };

static char directory[64], path[96];

static struct wall now_wall(const struct clock *c)
{
    (void)c;
    return (struct wall){1000000};
}

static struct mono now_mono(const struct clock *c)
{
    (void)c;
    return (struct mono){1000000};
}

static const struct clock still = {now_mono, now_wall};

static void empty_directory(void)
{
    DIR *d = opendir(directory);
    const struct dirent *entry;
    assert_non_null(d);
    while ((entry = readdir(d)) != NULL)
        unlinkat(dirfd(d), entry->d_name, 0); /* "." and ".." refuse */
    closedir(d);
}

static int open_ledger(struct ledger **l, struct error *e)
{
    const struct ledger_options o = {.path = path, .clock = &still};
    return ledger_open(l, &o, e);
}

/* ---- a life, turn by turn; documents 1 to 5 are a, b, d (rejected), e, big ---- */

static size_t result_bytes; /* of the big one */

static int put(struct ledger *l, const char *name, const char *content)
{
    char where[64];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put how;
    int64_t id;
    snprintf(where, sizeof where, "/data/%s", name);
    sha256(content, strlen(content), digest);
    const struct ledger_new_file f = {.root_id = 1,
                                      .settings_id = 1,
                                      .path = where,
                                      .name = name,
                                      .stamp = {7, 1, 2, 3},
                                      .type = 1,
                                      .pages = -1,
                                      .sha256 = *content ? digest : NULL,
                                      .reject_code = *content ? NULL : "empty"};
    return ledger_file_put(l, &f, &how, &id);
}

static int step(struct ledger *l, int64_t id, enum doc_state from, enum doc_state to,
                enum doc_event_kind event, int attempt)
{
    const struct ledger_step s = {.document_id = id,
                                  .from = from,
                                  .to = to,
                                  .event = event,
                                  .attempts = attempt,
                                  .attempt = attempt,
                                  .cause = "test"};
    return ledger_step(l, &s);
}

static int submit(struct ledger *l, int64_t id)
{
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    int err = ledger_attempt_start(l, id, credits_of(1), &attempt, alias);
    return err ? err : step(l, id, DOC_QUEUED, DOC_SUBMITTING, EV_ADMIT, attempt);
}

static int accept(struct ledger *l, int64_t id, int attempt)
{
    char job[32];
    snprintf(job, sizeof job, "job-%d-%d", (int)id, attempt);
    int err = ledger_attempt_accepted(l, id, attempt, job);
    return err ? err : step(l, id, DOC_SUBMITTING, DOC_PROCESSING, EV_ACCEPTED, attempt);
}

static int ready(struct ledger *l, int64_t id, int attempt)
{
    int err = ledger_attempt_result_url(l, id, attempt, "https://host/result");
    return err ? err : step(l, id, DOC_PROCESSING, DOC_READY, EV_JOB_READY, attempt);
}

static int store(struct ledger *l, int64_t id, int attempt, size_t len)
{
    char *bytes = malloc(len);
    memset(bytes, (int)('a' + id), len);
    int err = ledger_result_put(l, id, bytes, len, 2);
    free(bytes);
    if (!err)
        err = ledger_attempt_end(l, id, attempt, ATTEMPT_JOB_DONE, 200, NULL);
    return err ? err : step(l, id, DOC_READY, DOC_STORED, EV_RESULT, attempt);
}

#define TRY(call)                                                                                  \
    do {                                                                                           \
        int error_ = (call);                                                                       \
        if (error_ < 0)                                                                            \
            return error_;                                                                         \
    } while (0)

static int turn_begin(struct ledger *l)
{
    int64_t id;
    const struct ledger_settings s = {"extraction", "model-1", "{}"};
    TRY(ledger_settings_put(l, &s, &id));
    struct ledger_root root;
    const struct ledger_new_root new = {.path = "/data", .directory = true, .alone = true};
    TRY(ledger_root_put(l, &new, &root));
    ledger_root_release(&root);
    TRY(ledger_run_start(l, &id));
    return 0;
}

static int turn_files(struct ledger *l)
{
    TRY(put(l, "a", "a"));
    TRY(put(l, "b", "b"));
    TRY(put(l, "a-again", "a"));
    TRY(put(l, "d", ""));
    TRY(put(l, "e", "e"));
    TRY(put(l, "big", "big"));
    return 0;
}

static int turn_submit(struct ledger *l)
{
    TRY(submit(l, 1));
    TRY(submit(l, 2));
    TRY(submit(l, 5));
    return 0;
}

static int turn_answers(struct ledger *l)
{
    TRY(accept(l, 1, 1));
    TRY(accept(l, 5, 1));
    TRY(ledger_attempt_end(l, 2, 1, ATTEMPT_IN_DOUBT, 0, "broken"));
    TRY(step(l, 2, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, 1));
    TRY(ledger_run_add(l, 3, 1, 0));
    return 0;
}

static int turn_resend(struct ledger *l)
{
    TRY(ledger_attempt_resent(l, 2, 1));
    TRY(step(l, 2, DOC_IN_DOUBT, DOC_QUEUED, EV_RESEND, 1));
    TRY(ready(l, 1, 1));
    TRY(ready(l, 5, 1));
    TRY(ledger_set_pages(l, 4, 3));
    return 0;
}

static int turn_results(struct ledger *l)
{
    TRY(submit(l, 2));
    TRY(store(l, 1, 1, 9000));
    TRY(store(l, 5, 1, result_bytes));
    return 0;
}

static int turn_projected(struct ledger *l)
{
    TRY(ledger_projected(l, 1, 1, "a"));
    TRY(ledger_projected(l, 3, 1, "a-again"));
    TRY(accept(l, 2, 2));
    TRY(ledger_file_changed(l, 5, "changed", "the file changed"));
    return 0;
}

static int turn_failed(struct ledger *l)
{
    TRY(ready(l, 2, 2));
    TRY(ledger_bytes_keep(l, 2, "<html>", 6));
    TRY(step(l, 2, DOC_READY, DOC_FAILED, EV_RESULT_INVALID, 2));
    return 0;
}

static int turn_end(struct ledger *l)
{
    int64_t id;
    TRY(ledger_run_start(l, &id)); /* whoever is at work by now */
    TRY(put(l, "e", "e, as it is now"));
    TRY(ledger_run_end(l, 1));
    return 0;
}

static int (*const turns[])(struct ledger *l) = {turn_begin,     turn_files,  turn_submit,
                                                 turn_answers,   turn_resend, turn_results,
                                                 turn_projected, turn_failed, turn_end};
enum { TURNS = sizeof turns / sizeof *turns, REOPENED_AFTER = 4 };

/* From turn FROM to the end, or to the first error. Returns how many turns are committed; *OPEN:
 * the ledger, NULL if it couldn't be opened again. */
static int live(struct ledger **l, int from)
{
    struct error e;
    for (int i = from; i < TURNS; i++) {
        if (turns[i](*l) < 0 || ledger_commit(*l) < 0)
            return i;
        if (i != REOPENED_AFTER)
            continue;
        ledger_close(*l);
        *l = NULL;
        if (open_ledger(l, &e) != 0)
            return i + 1;
    }
    return TURNS;
}

/* ---- all that a ledger says ---- */

/* What the file book alone says: which results are published. It is committed before the ledger, and
 * may be a turn ahead of it. */
static struct buffer marks_now;

static int say_event(void *ctx, const struct ledger_event *row)
{
    buffer_printf(ctx, "  %d>%d by %d in %d %s\n", row->from, row->to, row->event, row->attempt,
                  row->cause);
    return 0;
}

static int say_file(void *ctx, const struct ledger_listing *row)
{
    buffer_printf(ctx, "%s: %d of %lld, %s %s %s, %d pages\n", row->path, row->state,
                  (long long)row->document_id, row->code, row->detail, row->job_id, row->pages);
    buffer_printf(&marks_now, "%s: written %d\n", row->path, row->projected);
    return 0;
}

static void say_document(struct ledger *l, int64_t id, struct buffer *out)
{
    struct ledger_document d;
    struct buffer bytes;
    char hex[SHA256_HEX] = "none";
    uint8_t digest[SHA256_BYTES];
    if (ledger_document_get(l, id, &d) != 0)
        return;
    buffer_init(&bytes, 0);
    int rc = ledger_result_get(l, id, &bytes);
    assert_true(rc == 0 || rc == ERR_NOT_FOUND);
    if (rc == 0) {
        sha256(bytes.data, bytes.len, digest);
        hex_encode(digest, SHA256_BYTES, hex);
    }
    buffer_printf(out, "%lld: %d, attempt %d, %d used, job %d %s, url %s, %d pages, result %s\n",
                  (long long)id, d.state, d.attempt, d.attempts, d.has_job, d.job_id,
                  d.result_url ? d.result_url : "-", d.pages, hex);
    assert_int_equal(ledger_history(l, id, say_event, out), 0);
    ledger_document_release(&d);
    buffer_release(&bytes);
}

static char *describe(struct ledger *l)
{
    struct ledger_counts c;
    struct buffer out;
    size_t len;
    buffer_init(&out, 0);
    buffer_clear(&marks_now);
    assert_int_equal(ledger_counts_check(l), 0);
    assert_int_equal(ledger_counts(l, &c), 0);
    buffer_printf(&out, "%lld files, %lld duplicates, %lld resent, %lld credits, %lld at risk\n",
                  (long long)c.files, (long long)c.duplicates, (long long)c.resent,
                  (long long)c.credits.micro, (long long)c.credits_at_risk.micro);
    buffer_printf(&out, "%lld POSTs, started %lld, finished %lld\n", (long long)c.post,
                  (long long)c.started_at.ms, (long long)c.finished_at.ms);
    assert_int_equal(ledger_list(l, false, say_file, &out), 0);
    for (int64_t id = 1; id <= 8; id++)
        say_document(l, id, &out);
    return buffer_detach(&out, &len);
}

static char *words[TURNS + 1], *marks[TURNS + 1]; /* after so many turns */

static void learn_the_words(void)
{
    struct ledger *l;
    struct error e;
    empty_directory();
    losing_disk_arm(0, 0);
    assert_int_equal(open_ledger(&l, &e), 0);
    for (int i = 0; i <= TURNS; i++) {
        free(words[i]);
        words[i] = describe(l);
        free(marks[i]);
        marks[i] = xstrdup(buffer_text(&marks_now));
        if (i > 0)
            assert_string_not_equal(words[i], words[i - 1]);
        if (i < TURNS) {
            assert_int_equal(turns[i](l), 0);
            assert_int_equal(ledger_commit(l), 0);
        }
    }
    ledger_close(l);
}

/* One life, cut off at the K-th operation. False if it wasn't. */
static bool cut_off(unsigned k, uint64_t seed)
{
    struct ledger *l = NULL;
    struct error e;
    empty_directory();
    losing_disk_arm(k, seed);
    int committed = open_ledger(&l, &e) == 0 ? live(&l, 0) : 0;
    ledger_close(l);
    bool cut = losing_disk_dead();
    assert_true(cut || committed == TURNS);
    losing_disk_cut();

    if (open_ledger(&l, &e) != 0)
        fail_msg("cut %u, seed %llu: %s", k, (unsigned long long)seed, e.text);
    char *found = describe(l);
    int at = committed;
    if (committed < TURNS && strcmp(found, words[committed + 1]) == 0)
        at = committed + 1; /* the commit under way had got through */
    if (strcmp(found, words[at]) != 0)
        fail_msg("cut %u, seed %llu: after %d turns:\n%sinstead of:\n%s", k,
                 (unsigned long long)seed, committed, found, words[committed]);
    if (strcmp(buffer_text(&marks_now), marks[at]) != 0 &&
        (at == TURNS || strcmp(buffer_text(&marks_now), marks[at + 1]) != 0))
        fail_msg("cut %u, seed %llu: after %d turns:\n%sinstead of:\n%s", k,
                 (unsigned long long)seed, at, buffer_text(&marks_now), marks[at]);
    assert_int_equal(live(&l, at), TURNS); /* and on it goes */
    free(found);
    found = describe(l);
    assert_string_equal(found, words[TURNS]);
    free(found);
    ledger_close(l);
    return cut;
}

static unsigned sweep(unsigned step_by, unsigned luck)
{
    unsigned cuts = 0;
    learn_the_words();
    for (unsigned seed = 1; seed <= luck; seed++)
        for (unsigned k = 1 + (seed - 1) % step_by; cut_off(k, seed * 100000 + k); k += step_by)
            cuts++;
    for (int i = 0; i <= TURNS; i++) {
        free(words[i]);
        words[i] = NULL;
    }
    return cuts;
}

static void the_ledger_keeps_what_was_committed(void **state)
{
    (void)state;
    result_bytes = 20000;
    unsigned cuts = sweep(STEP, LUCK);
    print_message("%u power cuts\n", cuts);
    assert_true(cuts > 100 * LUCK / STEP);
}

/* Its log outgrows SQLite's 1,000 pages: what is durable moves to the database in the middle. */
static void so_it_does_while_its_log_is_moved(void **state)
{
    (void)state;
    result_bytes = 4500000;
    unsigned cuts = sweep(211, 1);
    print_message("%u power cuts\n", cuts);
    assert_true(cuts > 20);
}

/* ---- the limiter's memory ---- */

enum { LIMIT = 100, LEASES = 6 };

struct runner {
    struct limit_state *s;
    struct limiter post, get;
};

static struct mono at(int64_t ms)
{
    return (struct mono){5000000 + ms};
}

static int start(struct runner *r, const char *boot, int64_t ms, struct error *e)
{
    limiter_init(&r->post, LIMIT, PACE_WINDOW, at(ms));
    limiter_init(&r->get, LIMIT, PACE_WINDOW, at(ms));
    return limit_state_open(&r->s, directory, "https://host", "md_key", boot, at(ms), e);
}

/* Leases, each used up and half answered. Returns what may have been sent under those granted. */
static uint32_t send_under_leases(struct runner *r)
{
    struct error e;
    uint32_t sent = 0;
    for (int i = 0; i < LEASES; i++) {
        int64_t now = i * LIMIT_LEASE_MS;
        if (limit_state_lease(r->s, at(now), 10, 5, &r->post, &r->get, &e) != 0)
            return sent;
        assert_int_equal(r->post.leased, 10);
        for (int n = 0; n < 10; n++)
            limiter_take(&r->post, at(now));
        for (int n = 0; n < 5; n++)
            limiter_done(&r->post, at(now + 10));
        sent += 10;
    }
    return sent;
}

static bool limits_cut_off(unsigned k, uint64_t seed)
{
    struct runner r = {0}, next = {0};
    struct error e;
    uint32_t sent = 0;
    empty_directory();
    losing_disk_arm(k, seed);
    if (start(&r, "boot-1", 0, &e) == 0) {
        sent = send_under_leases(&r);
        bool clean = sent == 10 * LEASES && seed % 2;
        limit_state_close(r.s, at(LEASES * LIMIT_LEASE_MS), clean ? &r.post : NULL,
                          clean ? &r.get : NULL);
    }
    bool cut = losing_disk_dead();
    losing_disk_cut();

    if (start(&next, "boot-2", 8000, &e) != 0)
        fail_msg("cut %u, seed %llu: %s", k, (unsigned long long)seed, e.text);
    if (limit_state_lease(next.s, at(9000), LIMIT, LIMIT, &next.post, &next.get, &e) != 0)
        fail_msg("cut %u, seed %llu: %s", k, (unsigned long long)seed, e.text);
    if (next.post.leased + sent > LIMIT)
        fail_msg("cut %u, seed %llu: %u were sent, and %u more are allowed", k,
                 (unsigned long long)seed, sent, next.post.leased);
    /* Nothing is forgotten, nor made up: what was under way may count, no more. */
    assert_true(next.post.leased + sent + 10 + 10 >= LIMIT);
    limit_state_close(next.s, at(10000), &next.post, &next.get);
    return cut;
}

static void a_lease_granted_is_a_lease_remembered(void **state)
{
    (void)state;
    unsigned cuts = 0;
    for (unsigned seed = 1; seed <= 2 * LUCK; seed++)
        for (unsigned k = 1; limits_cut_off(k, seed * 100000 + k); k++)
            cuts++;
    print_message("%u power cuts\n", cuts);
    assert_true(cuts > 40 * 2 * LUCK);
}

/* ---- */

static int set_up(void **state)
{
    (void)state;
    losing_disk_install();
    /* The disk is a pretended one: in memory it is fast. */
    strcpy(directory,
           access("/dev/shm", W_OK) == 0 ? "/dev/shm/test-power-XXXXXX" : "/tmp/test-power-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/ledger.db", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    losing_disk_arm(0, 0);
    empty_directory();
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ledger_keeps_what_was_committed),
        cmocka_unit_test(so_it_does_while_its_log_is_moved),
        cmocka_unit_test(a_lease_granted_is_a_lease_remembered),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
