/* From a walk's entries to notes: which files are read, what is noted of each, who hears of it, and
 * what a watched folder does besides. The ledger is real, but for what is noted; all neighbours are
 * fakes. Files' names and stamps are made up.
 *
 * What becomes of files that can't be read, and of names that come again, stands in sections of its
 * own. */
#include "base/digest.h"
#include "batch/exit_code.h"
#include "batch/find.h"

#include "fake_flights.h"
#include "fake_intake.h"
#include "fake_notes.h"
#include "fake_rest.h"
#include "ledger/document_ledger.h"
#include "ledger/file_names.h"
#include "ledger/unread_files.h"
#include "ledger_damage.h"
#include "part_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- neighbours that are only told --- */

void send_queue_grew(struct send_queue *q)
{
    (void)q;
    record("queue_grew");
}

void publish_look(struct publish *p)
{
    (void)p;
    record("publish_look");
}

void move_consider(struct move *m, int64_t document)
{
    (void)m;
    record("consider doc=%lld", (long long)document);
}

/* --- the fixture --- */

enum { MOST = 40 };

struct finding {
    struct part part; /* first */
    struct intake_root root;
    struct journal *journal;
    struct flights *flights;
    struct find *find;
    struct intake_entry entries[MOST]; /* of the chunk under way */
    char paths[MOST][64];
    size_t count;
};

static int setup(void **state)
{
    struct finding *t = calloc(1, sizeof *t);
    part_open(&t->part);
    t->root = (struct intake_root){.path = "/data", .prefix = "", .id = t->part.ledger->root};
    t->part.options.roots = &t->root;
    t->part.options.root_count = 1;
    t->part.options.walk.follow_symlinks = true;
    t->journal = journal_new(&t->part.context, t->part.ending);
    t->journal->document = 100; /* what is noted gets numbers of its own */
    t->flights = flights_new(&t->part.context, t->part.ending, t->journal);
    const struct find_neighbours with = {
        .ending = t->part.ending, .journal = t->journal, .flights = t->flights};
    t->find = find_new(&t->part.context, &with);
    *state = t;
    return 0;
}

static const struct examined pdf = {
    .type = FILE_PDF, .hashed = true, .sha256 = {1, 2, 3}, .stamp = {7, 1, 2, 3}, .pages = -1};

static int teardown(void **state)
{
    struct finding *t = *state;
    find_stop(t->find);
    while (fake_intake_asked() > 0)
        fake_examined(&pdf);
    assert_false(fake_walk_is_open());
    assert_null(fake_rest);
    find_free(t->find);
    flights_free(t->flights);
    journal_free(t->journal);
    part_close(&t->part);
    free(t);
    return 0;
}

/* Begins the walk, whose first lines nobody wants to see. */
static void start(struct finding *t)
{
    find_start(t->find);
    record_take();
}

/* The next entry of the chunk: /data/NAME, as fixture_put() stamps it for CONTENT. */
static struct intake_entry *add(struct finding *t, const char *name, const char *content)
{
    char *path = t->paths[t->count];
    snprintf(path, sizeof t->paths[0], "/data/%s", name);
    struct intake_entry *e = &t->entries[t->count++];
    *e = (struct intake_entry){.root_id = t->root.id,
                               .path = path,
                               .name = path + strlen("/data/"),
                               .stamp = {(int64_t)strlen(content), 1, 2, 3}};
    return e;
}

static void give(struct finding *t)
{
    size_t count = t->count;
    t->count = 0;
    fake_walk_entries(t->entries, count);
}

static void give_one(struct finding *t, const char *name, const char *content)
{
    add(t, name, content);
    give(t);
}

static void turn(struct finding *t)
{
    find_turn(t->find, part_now(&t->part));
}

#define assert_next(t, at) assert_int_equal(find_next((t)->find, part_now(&(t)->part)).ms, (at).ms)

/* /data/NAME is known, and its document is in that state. */
static int64_t known(struct finding *t, const char *name, enum doc_state state)
{
    struct fixture *f = t->part.ledger;
    int64_t id = fixture_put(f, name, name, NULL);
    if (state == DOC_STORED)
        fixture_store(f, id, "{}", 1);
    assert_ok(f->l, ledger_commit(f->l));
    return id;
}

/* Documents of other settings than this run's. */
static void other_settings(struct finding *t)
{
    t->part.context.settings_id = 77;
}

/* --- the walk --- */

static void without_roots_nothing_is_walked(void **state)
{
    struct finding *t = *state;
    t->part.options.root_count = 0;
    find_start(t->find);
    assert_recorded("");
    assert_false(find_busy(t->find));
    assert_false(find_is_walking(t->find));
    turn(t);
    assert_next(t, MONO_NEVER);
}

static void the_roots_are_walked(void **state)
{
    struct finding *t = *state;
    find_start(t->find);
    assert_recorded("walk_new roots=1 directories=0\nwalk_more\n");
    assert_true(find_busy(t->find));
    assert_true(find_is_walking(t->find));
    part_poked(&t->part);
    fake_walk_done();
    assert_true(part_poked(&t->part));
    turn(t);
    assert_false(find_busy(t->find));
    assert_false(find_is_walking(t->find));
    assert_recorded("");
}

static void a_new_file_is_read_and_noted(void **state)
{
    struct finding *t = *state;
    start(t);
    give_one(t, "a.pdf", "content");
    assert_recorded("examine /data/a.pdf flags=0\nwalk_more\n");
    fake_walk_done();
    assert_true(find_busy(t->find)); /* it is being read */
    part_poked(&t->part);
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nqueue_grew\n");
    assert_true(part_poked(&t->part));
    turn(t);
    assert_false(find_busy(t->find));
}

static void what_is_noted_of_a_file(void **state)
{
    struct finding *t = *state;
    start(t);
    give_one(t, "a.pdf", "content");
    struct examined x = pdf;
    x.pages = 3;
    x.broken = true;
    x.stamp.size_bytes = 70; /* as it was while it was read */
    fake_examined(&x);
    const struct ledger_new_file *f = &t->journal->file;
    assert_int_equal(f->root_id, t->root.id);
    assert_int_equal(f->settings_id, t->part.context.settings_id);
    assert_int_equal(f->stamp.size_bytes, 70);
    assert_int_equal(f->type, FILE_PDF);
    assert_int_equal(f->pages, 3);
    assert_true(f->broken);
    assert_ptr_equal(f->sha256, x.sha256);
    assert_false(f->moved);
}

static void sixteen_are_read_at_once(void **state)
{
    struct finding *t = *state;
    start(t);
    for (int i = 0; i < 18; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d.pdf", i);
        add(t, name, "content");
    }
    give(t);
    assert_int_equal(fake_intake_asked(), 16);
    assert_null(strstr(record_take(), "walk_more")); /* the walk doesn't run ahead */
    fake_examined(&pdf);
    assert_recorded("file 0.pdf pages=-1 reject=-\nqueue_grew\nexamine /data/16.pdf flags=0\n");
    fake_examined(&pdf);
    assert_recorded("file 1.pdf pages=-1 reject=-\nqueue_grew\nexamine /data/17.pdf flags=0\n"
                    "walk_more\n");
    fake_examined(&pdf);
    assert_recorded("file 2.pdf pages=-1 reject=-\nqueue_grew\n");
    while (fake_intake_asked() > 0)
        fake_examined(&pdf);
    assert_true(find_busy(t->find)); /* there may be more */
}

/* Not from within the chunk that is gone then. */
static void more_is_asked_for_once_a_chunk(void **state)
{
    struct finding *t = *state;
    start(t);
    known(t, "a.pdf", DOC_QUEUED);
    known(t, "b.pdf", DOC_QUEUED);
    add(t, "a.pdf", "a.pdf");
    add(t, "b.pdf", "b.pdf");
    give(t);
    assert_recorded("walk_more\n");
    give_one(t, "c.pdf", "content");
    assert_recorded("examine /data/c.pdf flags=0\nwalk_more\n");
    fake_examined(&pdf);
    assert_recorded("file c.pdf pages=-1 reject=-\nqueue_grew\n");
}

static void how_files_are_read(void **state)
{
    struct finding *t = *state;
    start(t);
    t->part.options.walk.follow_symlinks = false;
    give_one(t, "a.pdf", "content");
    assert_recorded("examine /data/a.pdf flags=2\nwalk_more\n");
    t->part.options.walk.follow_symlinks = true;
    t->part.options.spending.budget.month = credits_of(0); /* a budget counts pages */
    give_one(t, "b.pdf", "content");
    assert_recorded("examine /data/b.pdf flags=1\nwalk_more\n");
    t->part.options.spending.budget.month = BUDGET_NONE;
    t->part.options.order = ORDER_PAGES;
    give_one(t, "c.pdf", "content");
    assert_recorded("examine /data/c.pdf flags=1\nwalk_more\n");
    t->part.options.order = ORDER_LARGEST;
    give_one(t, "d.pdf", "content");
    assert_recorded("examine /data/d.pdf flags=0\nwalk_more\n");
}

/* --- what is known --- */

static void an_unchanged_file_costs_a_look_up(void **state)
{
    struct finding *t = *state;
    start(t);
    known(t, "a.pdf", DOC_QUEUED);
    known(t, "b.pdf", DOC_STORED);
    add(t, "a.pdf", "a.pdf");
    add(t, "b.pdf", "b.pdf");
    give(t);
    assert_recorded("walk_more\n");
    assert_int_equal(fake_intake_asked(), 0);
}

static void each_part_of_a_stamp_counts(void **state)
{
    struct finding *t = *state;
    start(t);
    known(t, "a.pdf", DOC_QUEUED);
    for (int field = 0; field < 4; field++) {
        struct file_stamp *s = &add(t, "a.pdf", "a.pdf")->stamp;
        s->size_bytes += field == 0;
        s->mtime_ns += field == 1;
        s->ctime_ns += field == 2;
        s->inode += field == 3;
        give(t);
        assert_recorded("examine /data/a.pdf flags=0\nwalk_more\n");
    }
}

/* Its document is of other settings: the same content is another document now. */
static void a_file_of_other_settings_is_noted_unread(void **state)
{
    struct finding *t = *state;
    start(t);
    known(t, "a.pdf", DOC_QUEUED);
    other_settings(t);
    give_one(t, "a.pdf", "a.pdf");
    assert_recorded("file a.pdf pages=-1 reject=-\nqueue_grew\nwalk_more\n");
    assert_int_equal(t->journal->file.settings_id, 77);
    assert_int_equal(t->journal->file.type, 1);
    assert_int_equal(fake_intake_asked(), 0);
}

static void the_pages_of_what_is_queued_are_counted(void **state)
{
    struct finding *t = *state;
    t->part.options.order = ORDER_PAGES;
    start(t);
    int64_t id = known(t, "a.pdf", DOC_QUEUED);
    struct flight *f = fake_flight(t->flights, id, DOC_QUEUED);
    known(t, "b.pdf", DOC_STORED); /* not of this one any more */
    add(t, "a.pdf", "a.pdf");
    add(t, "b.pdf", "b.pdf");
    give(t);
    assert_recorded("count_pages /data/a.pdf type=1\nwalk_more\n");
    fake_walk_done();
    assert_true(find_busy(t->find));
    part_poked(&t->part);
    fake_counted(7);
    assert_recorded("pages doc=1 7\nqueue_grew\n");
    assert_int_equal(f->pages, 7);
    assert_true(part_poked(&t->part));
    turn(t);
    assert_false(find_busy(t->find));
}

static void pages_are_counted_once(void **state)
{
    struct finding *t = *state;
    t->part.options.order = ORDER_PAGES;
    start(t);
    int64_t id = known(t, "a.pdf", DOC_QUEUED);
    assert_ok(t->part.ledger->l, ledger_set_pages(t->part.ledger->l, id, 0)); /* not to be known */
    give_one(t, "a.pdf", "a.pdf");
    assert_recorded("walk_more\n");
}

static void pages_that_come_after_the_end(void **state)
{
    struct finding *t = *state;
    t->part.options.order = ORDER_PAGES;
    start(t);
    known(t, "a.pdf", DOC_QUEUED);
    give_one(t, "a.pdf", "a.pdf");
    find_stop(t->find);
    ending_close(t->part.ending);
    record_take();
    fake_counted(7);
    assert_recorded("");
}

/* --- who hears of it --- */

static void a_duplicate_may_be_stored_already(void **state)
{
    struct finding *t = *state;
    start(t);
    t->journal->put = PUT_DUPLICATE;
    give_one(t, "a.pdf", "content");
    record_take();
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nconsider doc=101\npublish_look\n");
}

static void one_that_was_only_touched(void **state)
{
    struct finding *t = *state;
    start(t);
    t->journal->put = PUT_UNCHANGED;
    give_one(t, "a.pdf", "content");
    record_take();
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nconsider doc=101\npublish_look\n");
}

static void while_the_ledger_is_down_it_is_as_if_queued(void **state)
{
    struct finding *t = *state;
    start(t);
    t->journal->down = true;
    t->journal->put = PUT_DUPLICATE;
    give_one(t, "a.pdf", "content");
    record_take();
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nqueue_grew\n");
}

/* Where others have its content, and were never sent, the pool looks whether they are there: a share
 * may hang. The file counts as being read until then, and what is gone goes with it. */
static void a_file_waits_for_the_others_of_its_content(void **state)
{
    struct finding *t = *state;
    struct loop *loop = t->part.context.loop;
    struct examined x = pdf;
    fixture_put(t->part.ledger, "gone", "same", NULL);
    sha256("same", 4, x.sha256);
    start(t);
    t->journal->put = PUT_DUPLICATE;
    give_one(t, "new.pdf", "same");
    record_take();
    fake_examined(&x);
    assert_recorded("");
    assert_int_equal(fake_loop_works(loop), 1);
    assert_true(find_is_examining(t->find) && find_busy(t->find));
    part_poked(&t->part);
    fake_loop_work(loop);
    assert_true(part_poked(&t->part));
    assert_recorded(
        "file new.pdf pages=-1 reject=-\ngone file=1\nconsider doc=101\npublish_look\n");
    assert_false(find_is_examining(t->find));
}

static void a_run_that_closes_while_others_are_looked_at(void **state)
{
    struct finding *t = *state;
    struct examined x = pdf;
    fixture_put(t->part.ledger, "gone", "same", NULL);
    sha256("same", 4, x.sha256);
    start(t);
    give_one(t, "new.pdf", "same");
    fake_examined(&x);
    ending_close(t->part.ending);
    record_take();
    fake_loop_work(t->part.context.loop);
    assert_recorded("");
    assert_false(find_is_examining(t->find));
}

/* A document in doubt whose last file was gone has one again. */
static void a_source_that_is_back(void **state)
{
    static const struct {
        bool resend;
        int64_t wait_ms;
        const char *event;
    } cases[] = {
        {true, 10000, "event doc=101 restart\n"}, /* waits for a webhook first */
        {true, 0, "event doc=101 resend\n"},
        {false, 0, ""}, /* held */
    };
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        struct finding *t = *state;
        const char *event = cases[i / 2].event;
        char lines[200];
        t->part.options.retry.resend_in_doubt = cases[i / 2].resend;
        t->part.options.retry.in_doubt_wait_ms = cases[i / 2].wait_ms;
        t->journal->put = i % 2 ? PUT_DUPLICATE : PUT_UNCHANGED;
        t->journal->document = 100;
        struct flight *held = fake_flight(t->flights, 101, DOC_IN_DOUBT);
        flight_park(held);
        if (!fake_walk_is_open())
            start(t);
        give_one(t, "a.pdf", "content");
        record_take();
        fake_examined(&pdf);
        snprintf(lines, sizeof lines,
                 "file a.pdf pages=-1 reject=-\n%sconsider doc=101\npublish_look\n", event);
        assert_recorded(lines);
        assert_int_equal(held->parked, *event == '\0');
        flight_retire(held);
        flights_reap(t->flights);
    }
}

static void one_in_doubt_that_waits_already(void **state)
{
    struct finding *t = *state;
    start(t);
    t->journal->put = PUT_DUPLICATE;
    struct flight *held = fake_flight(t->flights, 101, DOC_IN_DOUBT);
    flight_wake_at(held, WAKE_RESEND, part_at(5000));
    give_one(t, "a.pdf", "content");
    record_take();
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nconsider doc=101\npublish_look\n");
    flight_retire(held);
    t->journal->document = 100;
    held = fake_flight(t->flights, 101, DOC_IN_DOUBT);
    held->pending = DO_RESEND_AFTER; /* the wait begins with the commit */
    give_one(t, "b.pdf", "content");
    record_take();
    fake_examined(&pdf);
    assert_recorded("file b.pdf pages=-1 reject=-\nconsider doc=101\npublish_look\n");
}

static void one_that_is_not_in_doubt_goes_on(void **state)
{
    struct finding *t = *state;
    start(t);
    t->journal->put = PUT_DUPLICATE;
    fake_flight(t->flights, 101, DOC_PROCESSING);
    give_one(t, "a.pdf", "content");
    record_take();
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nconsider doc=101\npublish_look\n");
}

/* A new file's document isn't in doubt, whatever number it has. */
static void a_new_document_has_no_doubts(void **state)
{
    struct finding *t = *state;
    start(t);
    fake_flight(t->flights, 101, DOC_IN_DOUBT);
    give_one(t, "a.pdf", "content");
    record_take();
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nqueue_grew\n");
}

/* --- names that come again --- */

/* The ledger settles which file it is; those that need a number get it when all is read. */
static void names_are_given_when_all_is_read(void **state)
{
    struct finding *t = *state;
    start(t);
    known(t, "a.pdf", DOC_STORED);
    give_one(t, "a.pdf", "other content");
    record_take();
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nqueue_grew\n");
    find_turn(t->find, part_now(&t->part));
    assert_recorded("");
    fake_walk_done();
    assert_true(find_busy(t->find));
    find_turn(t->find, part_now(&t->part));
    assert_recorded("names\npublish_look\n");
    find_turn(t->find, part_now(&t->part)); /* once */
    assert_recorded("");
}

/* A run died after it had noted a file, and before the names were given: the next one gives them,
 * though it finds nothing new. */
static void names_that_a_dead_run_left_are_given(void **state)
{
    struct finding *t = *state;
    struct ledger *l = t->part.ledger->l;
    const struct file_stamp there = {7, 1, 9, 9};
    int64_t first = known(t, "a.pdf", DOC_STORED);
    const struct ledger_move move = {.file_id = fixture_file_id(t->part.ledger, "a.pdf"),
                                     .document_id = first,
                                     .state = DOC_STORED,
                                     .stamp = {5, 1, 2, 3},
                                     .target = "/done/a.pdf"};
    assert_ok(l, ledger_move_intend(l, &move));
    assert_ok(l, ledger_move_done(l, move.file_id, &there));
    assert_int_equal(ledger_names_wait(l), 0);
    fixture_put(t->part.ledger, "a.pdf", "other", NULL);
    assert_ok(l, ledger_commit(l));
    assert_int_equal(ledger_names_wait(l), 1);
    start(t);
    fake_walk_done();
    turn(t);
    assert_recorded("names\npublish_look\n");
    fake_loop_work_all(t->part.context.loop); /* the file isn't there */
}

static void one_of_a_known_document_is_looked_at_for_its_result(void **state)
{
    struct finding *t = *state;
    start(t);
    int64_t id = known(t, "a.pdf", DOC_STORED);
    t->journal->put = PUT_UNCHANGED;
    t->journal->document = id - 1;
    give_one(t, "a.pdf", "other content");
    record_take();
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nconsider doc=1\npublish_look\n");
}

static void other_content_before_the_first_was_sent(void **state)
{
    struct finding *t = *state;
    start(t);
    known(t, "a.pdf", DOC_QUEUED);
    give_one(t, "a.pdf", "other content");
    record_take();
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nqueue_grew\n");
}

static void nobody_knows_while_the_ledger_is_down(void **state)
{
    struct finding *t = *state;
    start(t);
    known(t, "a.pdf", DOC_STORED);
    t->journal->down = true;
    give_one(t, "a.pdf", "other content");
    record_take();
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nqueue_grew\n");
}

/* --- what can't be sent --- */

static void rejects(struct finding *t, const struct examined *x, const char *lines,
                    const char *detail)
{
    t->journal->put = PUT_REJECTED;
    t->journal->document = 100;
    give_one(t, "a.pdf", "content");
    record_take();
    fake_examined(x);
    assert_recorded(lines);
    assert_string_equal(t->journal->reject_detail, detail);
}

static void what_is_no_document_is_rejected(void **state)
{
    struct finding *t = *state;
    struct examined x = {.reject = REJECT_EMPTY, .stamp = {0, 1, 2, 3}, .pages = -1};
    start(t);
    rejects(t, &x, "file a.pdf pages=-1 reject=empty\nconsider doc=101\n",
            reject_reason_text(REJECT_EMPTY));
    x.reject = REJECT_TYPE;
    strcpy(x.detail, "looks like a GIF image");
    char detail[300];
    snprintf(detail, sizeof detail, "%s (looks like a GIF image)", reject_reason_text(REJECT_TYPE));
    rejects(t, &x, "file a.pdf pages=-1 reject=type\nconsider doc=101\n", detail);
    assert_null(t->journal->file.sha256);
    x = pdf;
    x.reject = REJECT_ENCRYPTED; /* its bytes are known: the same ones are rejected unread */
    rejects(t, &x, "file a.pdf pages=-1 reject=encrypted\nconsider doc=101\n",
            reject_reason_text(REJECT_ENCRYPTED));
    assert_ptr_equal(t->journal->file.sha256, x.sha256);
}

static void a_special_file_is_rejected_unread(void **state)
{
    struct finding *t = *state;
    start(t);
    t->journal->put = PUT_REJECTED;
    add(t, "pipe", "")->special = true;
    give(t);
    assert_recorded("file pipe pages=-1 reject=special\nconsider doc=101\nwalk_more\n");
}

static void what_was_rejected_and_is_unchanged(void **state)
{
    struct finding *t = *state;
    struct fixture *f = t->part.ledger;
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    int64_t id;
    sha256("encrypted", 9, digest);
    const struct ledger_new_file encrypted = {.root_id = f->root,
                                              .settings_id = f->settings,
                                              .path = "/data/a.pdf",
                                              .name = "a.pdf",
                                              .stamp = {9, 1, 2, 3},
                                              .pages = -1,
                                              .sha256 = digest,
                                              .reject_code = "encrypted"};
    assert_ok(f->l, ledger_file_put(f->l, &encrypted, &put, &id));
    start(t);
    other_settings(t); /* it would be rejected under any */
    give_one(t, "a.pdf", "encrypted");
    assert_recorded("walk_more\n");
}

/* --- what can't be read --- */

static void an_entry_that_cannot_be_looked_at(void **state)
{
    struct finding *t = *state;
    start(t);
    t->journal->put = PUT_REJECTED;
    add(t, "a.pdf", "content")->error = EACCES;
    give(t);
    assert_recorded("file a.pdf pages=-1 reject=unreadable\nconsider doc=101\nwalk_more\n");
    char detail[300];
    snprintf(detail, sizeof detail, "%s (Permission denied)",
             reject_reason_text(REJECT_UNREADABLE));
    assert_string_equal(t->journal->reject_detail, detail);
}

/* Nobody knows that the file changed: its result stands. */
static void a_result_outlives_a_file_that_cannot_be_looked_at(void **state)
{
    struct finding *t = *state;
    start(t);
    known(t, "a.pdf", DOC_STORED);
    add(t, "a.pdf", "a.pdf")->error = EACCES;
    give(t);
    assert_recorded("walk_more\n");
}

static struct examined unreadable(int error)
{
    struct examined x = {.reject = REJECT_UNREADABLE, .error = error, .pages = -1};
    snprintf(x.detail, sizeof x.detail, "%s", strerror(error));
    return x;
}

static void a_file_that_cannot_be_read(void **state)
{
    struct finding *t = *state;
    const struct examined x = unreadable(EACCES);
    start(t);
    char detail[300];
    snprintf(detail, sizeof detail, "%s (Permission denied)",
             reject_reason_text(REJECT_UNREADABLE));
    rejects(t, &x, "file a.pdf pages=-1 reject=unreadable\nconsider doc=101\n", detail);
    assert_false(ending_has_begun(t->part.ending));
}

static void a_result_outlives_a_file_that_cannot_be_read(void **state)
{
    struct finding *t = *state;
    const struct examined x = unreadable(EACCES);
    start(t);
    known(t, "a.pdf", DOC_STORED);
    give_one(t, "a.pdf", "other content");
    record_take();
    fake_examined(&x);
    assert_recorded("");
}

/* What could not be read then is read again, whatever its stamp. */
static void what_could_not_be_read_is_read_again(void **state)
{
    struct finding *t = *state;
    fixture_put(t->part.ledger, "a.pdf", NULL, NULL);
    start(t);
    give_one(t, "a.pdf", "7 bytes");
    assert_recorded("examine /data/a.pdf flags=0\nwalk_more\n");
}

static void an_empty_file_stays_empty(void **state)
{
    struct finding *t = *state;
    struct fixture *f = t->part.ledger;
    enum ledger_put put;
    int64_t id;
    const struct ledger_new_file empty = {.root_id = f->root,
                                          .settings_id = f->settings,
                                          .path = "/data/a.pdf",
                                          .name = "a.pdf",
                                          .stamp = {0, 1, 2, 3},
                                          .pages = -1,
                                          .reject_code = "empty"};
    assert_ok(f->l, ledger_file_put(f->l, &empty, &put, &id));
    start(t);
    give_one(t, "a.pdf", "");
    assert_recorded("walk_more\n");
}

/* Trouble of ours is not the file's: nothing is noted, and it is read again after a pause. */
static void trouble_that_passes(void **state)
{
    static const int errors[] = {EMFILE, ENOMEM, ESTALE};
    struct finding *t = *state;
    t->part.options.input_patience_ms = 600 * 1000;
    start(t);
    add(t, "a.pdf", "content");
    add(t, "b.pdf", "content");
    add(t, "c.pdf", "content");
    give(t);
    fake_walk_done();
    record_take();
    for (size_t i = 0; i < 3; i++) {
        const struct examined x = unreadable(errors[i]);
        fake_examined(&x);
    }
    assert_recorded("");
    turn(t);
    assert_int_equal(ending_exit_code(t->part.ending), -1);
    assert_true(find_busy(t->find));
    assert_true(find_waits(t->find));
    struct mono at = find_next(t->find, part_now(&t->part));
    part_pass(&t->part, mono_diff(at, part_now(&t->part)));
    turn(t);
    fake_loop_work_all(t->part.context.loop); /* whether another file can be read: there is none */
    turn(t);
    assert_recorded("examine /data/a.pdf flags=0\nexamine /data/b.pdf flags=0\n"
                    "examine /data/c.pdf flags=0\n");
    for (size_t i = 0; i < 3; i++)
        fake_examined(&pdf);
    turn(t);
    assert_false(find_busy(t->find));
    assert_false(find_waits(t->find));
}

static void patience_has_an_end(void **state)
{
    const struct examined x = unreadable(EIO);
    struct finding *t = *state;
    int64_t unread;
    t->part.options.input_patience_ms = 60 * 1000;
    start(t);
    give_one(t, "a.pdf", "content");
    fake_walk_done();
    fake_examined(&x);
    turn(t);
    part_pass(&t->part, 59999);
    assert_true(find_busy(t->find));
    part_pass(&t->part, 1);
    assert_false(find_busy(t->find));
    find_save(t->find);
    assert_ok(t->part.ledger->l, ledger_commit(t->part.ledger->l));
    assert_ok(t->part.ledger->l, ledger_unread_count(t->part.ledger->l, &unread));
    assert_int_equal(unread, 1);
    record_take();
}

/* --- what is left out --- */

static int64_t left_out(struct finding *t)
{
    struct ledger_counts c;
    assert_ok(t->part.ledger->l, ledger_commit(t->part.ledger->l));
    assert_ok(t->part.ledger->l, ledger_counts(t->part.ledger->l, &c));
    return c.left_out;
}

static void a_walk_that_ended_says_what_it_left_out(void **state)
{
    struct finding *t = *state;
    start(t);
    fake_walk_leaves_out(3);
    turn(t);
    assert_int_equal(left_out(t), 0);
    fake_walk_done();
    turn(t);
    assert_int_equal(left_out(t), 3);
    record_take();
}

/* What was written in a turn that was lost is written at the end. */
static void what_was_left_out_is_saved_at_the_end(void **state)
{
    struct finding *t = *state;
    start(t);
    fake_walk_leaves_out(2);
    fake_walk_done();
    turn(t);
    assert_ok(t->part.ledger->l, ledger_left_out(t->part.ledger->l, 0)); /* as if it were lost */
    find_save(t->find);
    assert_int_equal(left_out(t), 2);
    record_take();
}

static void a_walk_that_was_cut_off_says_nothing(void **state)
{
    struct finding *t = *state;
    assert_ok(t->part.ledger->l, ledger_left_out(t->part.ledger->l, 5));
    start(t);
    fake_walk_leaves_out(1);
    find_stop(t->find);
    turn(t);
    find_save(t->find);
    assert_int_equal(left_out(t), 5);
    record_take();
}

/* Each walk counts anew; a directory that was read after all adds what is in it. */
static void places_read_again_add_what_they_left_out(void **state)
{
    struct finding *t = *state;
    t->part.options.input_patience_ms = 600 * 1000;
    start(t);
    add(t, "sub", "")->error = ESTALE;
    t->entries[0].directory = true;
    give(t);
    fake_walk_leaves_out(1);
    fake_walk_done();
    turn(t);
    assert_int_equal(left_out(t), 1);
    struct mono at = find_next(t->find, part_now(&t->part));
    part_pass(&t->part, mono_diff(at, part_now(&t->part)));
    turn(t);
    fake_loop_work_all(t->part.context.loop);
    turn(t);
    turn(t);
    fake_walk_leaves_out(2);
    fake_walk_done();
    turn(t);
    assert_int_equal(left_out(t), 3);
    record_take();
}

/* What is read for another reason meanwhile ends while the walk is at work: it asks for no more. */
static void a_place_is_read_again_while_another_file_is_read(void **state)
{
    struct finding *t = *state;
    t->part.options.input_patience_ms = 600 * 1000;
    start(t);
    add(t, "sub", "")->error = ESTALE;
    t->entries[0].directory = true;
    add(t, "b.pdf", "content")->error = ESTALE;
    give(t);
    fake_walk_done();
    turn(t);
    struct mono at = find_next(t->find, part_now(&t->part));
    part_pass(&t->part, mono_diff(at, part_now(&t->part)));
    turn(t);
    fake_loop_work_all(t->part.context.loop);
    turn(t);
    while (fake_intake_asked() > 0)
        fake_examined(&pdf);
    record_take();
    turn(t);
    assert_non_null(strstr(record_take(), "walk_more\n")); /* the directory's */
    const struct ledger_source source = {.path = "/data/c.pdf", .name = "c.pdf"};
    find_changed(t->find, &source, t->root.id);
    fake_examined(&pdf);
    assert_null(strstr(record_take(), "walk_more\n"));
    fake_walk_done();
}

/* --- what is read again --- */

static void a_retry_reads_what_it_is_given(void **state)
{
    struct finding *t = *state;
    struct batch_retry retrying = {0};
    t->part.options.retrying = &retrying;
    t->part.options.root_count = 0;
    known(t, "a.pdf", DOC_QUEUED);
    find_start(t->find);
    add(t, "a.pdf", "a.pdf");
    add(t, "b.pdf", "b.pdf");
    find_take_again(t->find, t->entries, 2);
    assert_recorded("examine /data/a.pdf flags=0\nexamine /data/b.pdf flags=0\n");
    assert_true(part_poked(&t->part));
    assert_true(find_busy(t->find));
    assert_false(find_is_walking(t->find));
    fake_examined(&pdf);
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nqueue_grew\n"
                    "file b.pdf pages=-1 reject=-\nqueue_grew\n");
    find_turn(t->find, part_now(&t->part));
    assert_recorded("names\npublish_look\n");
    assert_false(find_busy(t->find));
}

static void move_to(struct finding *t, const char *place)
{
    struct ledger *l = t->part.ledger->l;
    struct ledger_move row;
    const struct file_stamp there = {5, 1, 99, 3};
    assert_int_equal(ledger_moves_of(l, 1, 1u << DOC_STORED, 0, &row, 1), 1);
    row.target = xstrdup(place);
    assert_ok(l, ledger_move_intend(l, &row));
    assert_ok(l, ledger_move_done(l, row.file_id, &there));
    ledger_move_release(&row);
}

/* Where it is now, under the name that it has. */
static void a_retry_reads_a_moved_file_at_its_place(void **state)
{
    struct finding *t = *state;
    struct batch_retry retrying = {0};
    t->part.options.retrying = &retrying;
    known(t, "a.pdf", DOC_STORED);
    move_to(t, "/done/a.pdf");
    add(t, "a.pdf", "a.pdf");
    find_take_again(t->find, t->entries, 1);
    assert_recorded("examine /done/a.pdf flags=0\n");
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nqueue_grew\n");
    assert_true(t->journal->file.moved);
}

/* One that a walk finds is at its path. */
static void a_walk_reads_what_it_finds(void **state)
{
    struct finding *t = *state;
    known(t, "a.pdf", DOC_STORED);
    move_to(t, "/done/a.pdf");
    start(t);
    give_one(t, "a.pdf", "content");
    assert_recorded("examine /data/a.pdf flags=0\nwalk_more\n");
    fake_examined(&pdf);
    assert_false(t->journal->file.moved);
}

/* Asked for beside a walk, whose entries wait meanwhile; at its place, and no more than is read at
 * once. */
static void one_that_is_asked_for(void **state)
{
    struct finding *t = *state;
    const struct intake_entry entry = {
        .root_id = t->root.id, .path = "/data/a.pdf", .name = "a.pdf"};
    known(t, "a.pdf", DOC_STORED);
    move_to(t, "/done/a.pdf");
    start(t);
    assert_false(find_is_examining(t->find));
    assert_true(find_look_at(t->find, &entry));
    assert_recorded("examine /done/a.pdf flags=0\n");
    assert_true(find_is_examining(t->find) && find_busy(t->find));
    int looks = 1;
    while (looks < 1000 && find_look_at(t->find, &entry))
        looks++;
    assert_in_range(looks, 2, 999);
    for (int i = 0; i < looks; i++)
        fake_examined(&pdf);
    assert_false(find_is_examining(t->find));
    record_take();
    ending_early(t->part.ending, 5, "interrupted");
    assert_false(find_look_at(t->find, &entry));
}

/* In a folder that is watched, too: what it was when it was seen last doesn't matter, and nobody looks
 * at it on the loop to know. */
static void one_that_is_asked_for_in_a_watched_folder(void **state)
{
    struct finding *t = *state;
    const struct intake_entry entry = {
        .root_id = t->root.id, .path = "/data/a.pdf", .name = "a.pdf"};
    t->part.options.mode = RUN_STAYS;
    t->part.options.watch.enabled = true;
    start(t);
    fake_walk_done();
    record_take();
    assert_true(find_look_at(t->find, &entry));
    fake_examined(&pdf);
    assert_non_null(strstr(record_take(), "file a.pdf pages=-1 reject=-\n"));
}

static const struct ledger_source changed = {
    .file_id = 1, .path = "/data/a.pdf", .name = "a.pdf", .stamp = {5, 1, 2, 3}};

static void a_file_that_changed_while_it_was_sent(void **state)
{
    struct finding *t = *state;
    start(t);
    fake_walk_done();
    find_changed(t->find, &changed, t->root.id);
    assert_recorded("examine /data/a.pdf flags=0\n");
    assert_true(find_busy(t->find));
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nqueue_grew\n");
    assert_int_equal(t->journal->file.root_id, t->root.id);
}

/* Another file may be at its path by now. */
static void one_that_changed_where_we_moved_it(void **state)
{
    struct finding *t = *state;
    struct ledger_source moved = changed;
    moved.path = "/done/a.pdf";
    moved.known_as = "/data/a.pdf";
    start(t);
    find_changed(t->find, &moved, t->root.id);
    assert_recorded("");
}

static void one_that_changes_for_ever(void **state)
{
    struct finding *t = *state;
    start(t);
    for (int i = 0; i < 1000; i++) {
        find_changed(t->find, &changed, t->root.id);
        assert_int_equal(fake_intake_asked(), 1);
        fake_examined(&pdf);
        record_take();
    }
    find_changed(t->find, &changed, t->root.id);
    assert_recorded(""); /* another run's */
}

static void one_that_changed_while_the_run_ends(void **state)
{
    struct finding *t = *state;
    start(t);
    ending_interrupt(t->part.ending, false);
    find_changed(t->find, &changed, t->root.id);
    assert_recorded("");
}

/* --- the end --- */

static void a_run_that_ends_takes_no_more(void **state)
{
    struct finding *t = *state;
    start(t);
    for (int i = 0; i < 20; i++)
        add(t, "a.pdf", "content");
    give(t);
    record_take();
    ending_interrupt(t->part.ending, false);
    turn(t);
    assert_recorded("walk_close\n");
    turn(t);
    assert_recorded(""); /* once */
    assert_false(find_is_walking(t->find));
    assert_true(find_busy(t->find)); /* what is being read is waited for, and noted */
    fake_examined(&pdf);
    assert_recorded("file a.pdf pages=-1 reject=-\nqueue_grew\n");
    while (fake_intake_asked() > 0)
        fake_examined(&pdf);
    assert_false(find_busy(t->find));
    assert_next(t, MONO_NEVER);
}

static void between_the_end_and_its_turn(void **state)
{
    struct finding *t = *state;
    start(t);
    ending_interrupt(t->part.ending, false);
    assert_false(find_busy(t->find));
    give_one(t, "a.pdf", "content");
    assert_recorded("");
}

static void what_is_read_after_the_end_is_not_noted(void **state)
{
    struct finding *t = *state;
    start(t);
    give_one(t, "a.pdf", "content");
    find_stop(t->find);
    ending_close(t->part.ending);
    record_take();
    fake_examined(&pdf);
    assert_recorded("");
}

static void stopped_twice(void **state)
{
    struct finding *t = *state;
    start(t);
    find_stop(t->find);
    assert_recorded("walk_close\n");
    find_stop(t->find);
    assert_recorded("");
}

static void a_ledger_that_cannot_be_read(void **state)
{
    struct finding *t = *state;
    start(t);
    ledger_damage(t->part.ledger, "DROP TABLE file");
    add(t, "a.pdf", "content");
    add(t, "b.pdf", "content");
    give(t);
    assert_recorded("cancel_uploads\n"); /* and b.pdf isn't looked up */
    assert_true(ending_storage_lost(t->part.ending));
}

static void the_last_of_a_chunk_that_cannot_be_looked_up(void **state)
{
    struct finding *t = *state;
    start(t);
    ledger_damage(t->part.ledger, "DROP TABLE file");
    give_one(t, "a.pdf", "content");
    assert_recorded("cancel_uploads\n"); /* the walk doesn't go on */
}

static void a_place_that_cannot_be_read(void **state)
{
    struct finding *t = *state;
    struct batch_retry retrying = {0};
    t->part.options.retrying = &retrying;
    known(t, "a.pdf", DOC_STORED);
    ledger_damage(t->part.ledger, "DROP TABLE move");
    add(t, "a.pdf", "other content");
    find_take_again(t->find, t->entries, 1);
    assert_true(ending_storage_lost(t->part.ending));
}

/* --- a folder that is watched --- */

static void watch(struct finding *t)
{
    t->part.options.mode = RUN_STAYS;
    t->part.options.watch.enabled = true;
    t->part.options.watch.quiet_ms = 5000;
    find_start(t->find);
    assert_recorded("rest_new\nwalk_new roots=1 directories=1\nrest_begins\nwalk_more\n");
}

static void a_watched_folder_is_walked_again(void **state)
{
    struct finding *t = *state;
    watch(t);
    fake_walk_done();
    assert_recorded("rest_ended\n");
    assert_false(find_is_walking(t->find));
    fake_rest->next = part_at(60000);
    assert_next(t, part_at(60000));
    turn(t);
    assert_recorded("rest_turn busy=0\n");
    fake_rest->due = true;
    turn(t);
    assert_recorded("rest_turn busy=0\nwalk_close\nwalk_new roots=1 directories=1\nrest_begins\n"
                    "walk_more\n");
    assert_true(find_is_walking(t->find));
    assert_next(t, MONO_NEVER); /* while it walks */
    turn(t);
    assert_recorded("rest_turn busy=1\n");
}

static void a_round_is_over_when_all_was_read(void **state)
{
    struct finding *t = *state;
    watch(t);
    give_one(t, "a.pdf", "content");
    fake_walk_done();
    record_take();
    turn(t);
    assert_recorded("rest_turn busy=1\n");
    fake_examined(&pdf);
    record_take();
    turn(t);
    assert_recorded("names\npublish_look\nrest_turn busy=0\n");
}

static void only_a_run_that_stays_watches(void **state)
{
    struct finding *t = *state;
    t->part.options.watch.enabled = true;
    find_start(t->find);
    assert_recorded("walk_new roots=1 directories=0\nwalk_more\n");
}

static void what_rest_has_seen_costs_nothing(void **state)
{
    struct finding *t = *state;
    watch(t);
    fake_rest->passes = true;
    add(t, "a.pdf", "content");
    add(t, "b.pdf", "content")->error = EACCES;
    give(t);
    assert_recorded("walk_more\n");
}

static void what_is_not_at_rest_is_not_read(void **state)
{
    struct finding *t = *state;
    watch(t);
    fake_rest->lets = false;
    give_one(t, "a.pdf", "content");
    assert_recorded("walk_more\n");
    assert_int_equal(fake_intake_asked(), 0);
}

static void rest_hears_when_stamps_were_read(void **state)
{
    struct finding *t = *state;
    watch(t);
    part_pass(&t->part, 300);
    give_one(t, "a.pdf", "content");
    assert_int_equal(fake_rest->walk.asked_at.ms, part_at(0).ms);
    assert_int_equal(fake_rest->walk.answered_at.ms, part_at(300).ms);
    part_pass(&t->part, 50);
    give_one(t, "b.pdf", "content");
    assert_int_equal(fake_rest->walk.asked_at.ms, part_at(300).ms);
    assert_int_equal(fake_rest->walk.answered_at.ms, part_at(350).ms);
}

static void rest_hears_what_is_settled(void **state)
{
    struct finding *t = *state;
    known(t, "a.pdf", DOC_QUEUED);
    watch(t);
    add(t, "a.pdf", "a.pdf");
    add(t, "pipe", "")->special = true;
    add(t, "closed", "closed")->error = EACCES;
    give(t);
    assert_recorded("rest_settled /data/a.pdf size=5 error=0\n"
                    "file pipe pages=-1 reject=special\nqueue_grew\n"
                    "rest_settled /data/pipe size=0 error=0\n"
                    "file closed pages=-1 reject=unreadable\nqueue_grew\n"
                    "rest_settled /data/closed size=6 error=13\nwalk_more\n");
    give_one(t, "new.pdf", "7 bytes");
    record_take();
    fake_examined(&pdf);
    assert_recorded("file new.pdf pages=-1 reject=-\nqueue_grew\n"
                    "rest_settled /data/new.pdf size=7 error=0\n");
}

/* It isn't what seemed to be at rest: another round will tell. */
static void what_changed_since_it_rested_is_not_noted(void **state)
{
    struct finding *t = *state;
    struct examined x[4] = {unreadable(ENOENT), unreadable(ENOTDIR), pdf, pdf};
    x[2].stamp.mtime_ns++;
    x[3].reject = REJECT_CHANGED;
    watch(t);
    for (size_t i = 0; i < 4; i++) {
        give_one(t, "a.pdf", "7 bytes");
        record_take();
        fake_examined(&x[i]);
        assert_recorded("");
    }
    give_one(t, "a.pdf", "7 bytes");
    record_take();
    x[0] = unreadable(EACCES);
    fake_examined(&x[0]);
    assert_recorded("file a.pdf pages=-1 reject=unreadable\nqueue_grew\n"
                    "rest_settled /data/a.pdf size=7 error=0\n");
}

/* It is taken when it has come to rest. */
static void a_change_in_a_watched_folder_is_doubt(void **state)
{
    struct finding *t = *state;
    watch(t);
    find_changed(t->find, &changed, t->root.id);
    assert_recorded("rest_doubts\n");
}

static void watching_ends_with_the_run(void **state)
{
    struct finding *t = *state;
    watch(t);
    fake_walk_done();
    record_take();
    fake_rest->next = part_at(1000);
    ending_interrupt(t->part.ending, false);
    assert_next(t, MONO_NEVER);
    turn(t);
    assert_recorded("rest_close\nwalk_close\n");
}

/* --- a scheduled run in a folder that is watched otherwise --- */

static void on_its_day(struct finding *t)
{
    t->part.options.mode = RUN_SCHEDULED;
    t->part.options.watch.enabled = true;
    t->part.options.watch.quiet_ms = 5000;
    start(t);
}

/* One look has to do: the file's times tell, the later of the two. */
static void what_was_just_written_is_left_to_the_watching(void **state)
{
    struct finding *t = *state;
    const int64_t now_ns = PART_START_MS * INT64_C(1000000), quiet_ns = INT64_C(5000) * 1000000;
    on_its_day(t);
    struct file_stamp *s = &add(t, "a.pdf", "content")->stamp;
    s->mtime_ns = now_ns - quiet_ns + 1000000;
    s = &add(t, "b.pdf", "content")->stamp;
    s->ctime_ns = now_ns - quiet_ns + 1000000;
    s = &add(t, "c.pdf", "content")->stamp;
    s->mtime_ns = s->ctime_ns = now_ns - quiet_ns;
    s = &add(t, "d.pdf", "content")->stamp;
    s->mtime_ns = now_ns + quiet_ns; /* by another machine's clock */
    add(t, "e.pdf.part", "content");
    give(t);
    assert_recorded("examine /data/c.pdf flags=0\nwalk_more\n");
}

static void one_that_cannot_be_looked_at_has_no_times(void **state)
{
    struct finding *t = *state;
    on_its_day(t);
    struct intake_entry *e = add(t, "a.pdf.part", "content");
    e->error = EACCES;
    give(t);
    assert_recorded("file a.pdf.part pages=-1 reject=unreadable\nqueue_grew\nwalk_more\n");
}

static void a_retry_takes_what_was_just_written(void **state)
{
    struct finding *t = *state;
    struct batch_retry retrying = {0};
    t->part.options.retrying = &retrying;
    on_its_day(t);
    add(t, "a.pdf", "content")->stamp.mtime_ns = PART_START_MS * INT64_C(1000000);
    find_take_again(t->find, t->entries, 1);
    assert_recorded("examine /data/a.pdf flags=0\nwalk_more\n");
}

static void where_nobody_watches_all_is_taken(void **state)
{
    struct finding *t = *state;
    on_its_day(t);
    t->part.options.watch.enabled = false;
    add(t, "a.pdf", "content")->stamp.mtime_ns = PART_START_MS * INT64_C(1000000);
    give(t);
    assert_recorded("examine /data/a.pdf flags=0\nwalk_more\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(without_roots_nothing_is_walked),
        TEST(the_roots_are_walked),
        TEST(a_new_file_is_read_and_noted),
        TEST(what_is_noted_of_a_file),
        TEST(sixteen_are_read_at_once),
        TEST(more_is_asked_for_once_a_chunk),
        TEST(how_files_are_read),
        TEST(an_unchanged_file_costs_a_look_up),
        TEST(each_part_of_a_stamp_counts),
        TEST(a_file_of_other_settings_is_noted_unread),
        TEST(the_pages_of_what_is_queued_are_counted),
        TEST(pages_are_counted_once),
        TEST(pages_that_come_after_the_end),
        TEST(a_duplicate_may_be_stored_already),
        TEST(one_that_was_only_touched),
        TEST(while_the_ledger_is_down_it_is_as_if_queued),
        TEST(a_source_that_is_back),
        TEST(one_in_doubt_that_waits_already),
        TEST(one_that_is_not_in_doubt_goes_on),
        TEST(a_new_document_has_no_doubts),
        TEST(names_are_given_when_all_is_read),
        TEST(names_that_a_dead_run_left_are_given),
        TEST(one_of_a_known_document_is_looked_at_for_its_result),
        TEST(other_content_before_the_first_was_sent),
        TEST(nobody_knows_while_the_ledger_is_down),
        TEST(what_is_no_document_is_rejected),
        TEST(a_special_file_is_rejected_unread),
        TEST(what_was_rejected_and_is_unchanged),
        TEST(an_entry_that_cannot_be_looked_at),
        TEST(a_result_outlives_a_file_that_cannot_be_looked_at),
        TEST(a_file_that_cannot_be_read),
        TEST(a_result_outlives_a_file_that_cannot_be_read),
        TEST(what_could_not_be_read_is_read_again),
        TEST(an_empty_file_stays_empty),
        TEST(trouble_that_passes),
        TEST(a_file_waits_for_the_others_of_its_content),
        TEST(a_run_that_closes_while_others_are_looked_at),
        TEST(patience_has_an_end),
        TEST(a_walk_that_ended_says_what_it_left_out),
        TEST(what_was_left_out_is_saved_at_the_end),
        TEST(a_walk_that_was_cut_off_says_nothing),
        TEST(places_read_again_add_what_they_left_out),
        TEST(a_place_is_read_again_while_another_file_is_read),
        TEST(a_retry_reads_what_it_is_given),
        TEST(a_retry_reads_a_moved_file_at_its_place),
        TEST(one_that_is_asked_for),
        TEST(one_that_is_asked_for_in_a_watched_folder),
        TEST(a_walk_reads_what_it_finds),
        TEST(a_file_that_changed_while_it_was_sent),
        TEST(one_that_changed_where_we_moved_it),
        TEST(one_that_changes_for_ever),
        TEST(one_that_changed_while_the_run_ends),
        TEST(a_run_that_ends_takes_no_more),
        TEST(between_the_end_and_its_turn),
        TEST(what_is_read_after_the_end_is_not_noted),
        TEST(stopped_twice),
        TEST(a_ledger_that_cannot_be_read),
        TEST(the_last_of_a_chunk_that_cannot_be_looked_up),
        TEST(a_place_that_cannot_be_read),
        TEST(a_watched_folder_is_walked_again),
        TEST(a_round_is_over_when_all_was_read),
        TEST(only_a_run_that_stays_watches),
        TEST(what_rest_has_seen_costs_nothing),
        TEST(what_is_not_at_rest_is_not_read),
        TEST(rest_hears_when_stamps_were_read),
        TEST(rest_hears_what_is_settled),
        TEST(what_changed_since_it_rested_is_not_noted),
        TEST(a_change_in_a_watched_folder_is_doubt),
        TEST(watching_ends_with_the_run),
        TEST(what_was_just_written_is_left_to_the_watching),
        TEST(one_that_cannot_be_looked_at_has_no_times),
        TEST(a_retry_takes_what_was_just_written),
        TEST(where_nobody_watches_all_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
