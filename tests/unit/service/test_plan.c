/* What a run would do: counts that add up, rejects with their reasons, what an earlier run sent,
 * the time at the limits, and the page that tells it all. */
#include "batch_fixture.h"

#include "service/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATHS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct plan plan_of(struct scene *s)
{
    struct plan p;
    struct error e;
    struct loop *loop = loop_new(&system_clock);
    scene_read(s, PATHS("in"));
    if (plan_make(&p, loop, &s->options, &e) != 0)
        fail_msg("%s", e.text);
    loop_free(loop);
    assert_int_equal(p.files, p.documents + p.duplicates + p.known + p.dismissed + p.rejected);
    return p;
}

static void expect_printed(const struct scene *s, const struct plan *p, const char *const *lines)
{
    struct buffer out;
    buffer_init(&out, 0);
    plan_print(p, &s->options, &out);
    for (; *lines; lines++)
        if (!strstr(buffer_text(&out), *lines))
            fail_msg("not there: \"%s\" in\n%s", *lines, buffer_text(&out));
    buffer_release(&out);
}

static void put_png(struct scene *s, const char *name, bool animated)
{
    struct buffer b;
    buffer_init(&b, 0);
    sample_png(&b, animated, 10);
    folder_put_buffer(&s->folder, name, &b);
    buffer_release(&b);
}

static void put_tiff(struct scene *s, const char *name, int pages)
{
    struct buffer b;
    buffer_init(&b, 0);
    sample_tiff(&b, pages);
    folder_put_buffer(&s->folder, name, &b);
    buffer_release(&b);
}

static void nothing(void **state)
{
    struct scene *s = *state;
    struct plan p = plan_of(s);
    assert_int_equal(p.files, 0);
    assert_int_equal(p.seconds, 0);
    plan_release(&p);
    assert_int_equal(access(folder_path(&s->folder, "out"), F_OK), -1); /* writes nothing */
}

static void documents_by_type(void **state)
{
    struct scene *s = *state;
    assert_int_equal(mkdir(folder_path(&s->folder, "in/sub"), 0700), 0);
    scene_pdf(s, "in/a.pdf", 3, "a");
    scene_pdf(s, "in/sub/a again.pdf", 3, "a");
    scene_pdf(s, "in/sub/a.pdf", 3, "a");
    scene_pdf(s, "in/b.pdf", 1, "b");
    put_png(s, "in/c.png", false);
    put_tiff(s, "in/d.tif", 4);
    folder_put(&s->folder, "in/broken.pdf", "%PDF-1.4\nnot much of one", 24);
    struct plan p = plan_of(s);
    assert_int_equal(p.files, 7);
    assert_int_equal(p.documents, 5);
    assert_int_equal(p.duplicates, 2);
    assert_int_equal(p.known, 0);
    assert_int_equal(p.rejected, 0);
    assert_int_equal(p.broken, 1);
    assert_int_equal(p.uncounted, 1);
    assert_int_equal(p.pages, 3 + 1 + 1 + 4 + 1);
    assert_int_equal(p.types[FILE_PDF].documents, 3);
    assert_int_equal(p.types[FILE_PDF].pages, 5);
    assert_int_equal(p.types[FILE_PDF].uncounted, 1);
    assert_int_equal(p.types[FILE_PNG].documents, 1);
    assert_int_equal(p.types[FILE_TIFF].pages, 4);
    struct stat st;
    assert_int_equal(stat(folder_path(&s->folder, "in/d.tif"), &st), 0);
    assert_int_equal(p.types[FILE_TIFF].bytes, st.st_size);
    assert_int_equal(p.bytes,
                     p.types[FILE_TIFF].bytes + p.types[FILE_PDF].bytes + p.types[FILE_PNG].bytes);
    scene_set(s, "limits.max_credits=9");
    scene_read(s, PATHS("in"));
    expect_printed(s, &p,
                   PATHS("  to send               5         10", "files                    7\n",
                         "duplicates               2 ", "broken PDFs              1 ",
                         "credits                 10 ",
                         "limits.max_credits = 9 would stop the run"));
    plan_release(&p);
}

static void rejects_and_why(void **state)
{
    struct scene *s = *state;
    folder_put(&s->folder, "in/empty.pdf", "", 0);
    folder_put(&s->folder, "in/picture.gif", "GIF89a....", 10);
    put_png(s, "in/moving.png", true);
    sample_encrypted_pdf(folder_path(&s->folder, "in/secret.pdf"), "password");
    assert_int_equal(mkfifo(folder_path(&s->folder, "in/pipe"), 0600), 0);
    scene_pdf(s, "in/fine.pdf", 1, "fine");
    struct plan p = plan_of(s);
    assert_int_equal(p.files, 6);
    assert_int_equal(p.documents, 1);
    assert_int_equal(p.rejected, 5);
    char expected[5][300];
    static const struct {
        const char *name;
        enum reject_reason reason;
    } rejects[] = {{"empty.pdf", REJECT_EMPTY},
                   {"picture.gif", REJECT_TYPE},
                   {"moving.png", REJECT_ANIMATED},
                   {"secret.pdf", REJECT_ENCRYPTED},
                   {"pipe", REJECT_SPECIAL}};
    for (int i = 0; i < 5; i++)
        snprintf(expected[i], sizeof expected[i], "  %s/in/%s: %s", s->folder.path, rejects[i].name,
                 reject_reason_text(rejects[i].reason));
    expect_printed(s, &p,
                   PATHS("rejected                 5   listed below\n", expected[0], expected[1],
                         expected[2], expected[3], expected[4]));
    plan_release(&p);
}

static void more_rejects_than_are_shown(void **state)
{
    struct scene *s = *state;
    char name[32];
    for (int i = 0; i < PLAN_REJECTS_SHOWN + 3; i++) {
        snprintf(name, sizeof name, "in/%d \x01.pdf", i);
        folder_put(&s->folder, name, "", 0);
    }
    struct plan p = plan_of(s);
    assert_int_equal(p.rejected, PLAN_REJECTS_SHOWN + 3);
    assert_non_null(p.rejects[PLAN_REJECTS_SHOWN - 1]);
    expect_printed(s, &p, PATHS("  ... and 3 more\n", "0 \\x01.pdf: "));
    plan_release(&p);
}

/* --- beside a ledger --- */

static void what_was_sent_before(void **state)
{
    struct scene *s = *state;
    static const char *const names[] = {"stored.pdf", "failed.pdf", "queued.pdf", "changed.pdf"};
    char path[64];
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "in/%s", names[i]);
        scene_pdf(s, path, 1, names[i]);
    }
    scene_read(s, PATHS("in"));
    scene_ledger_open(s);
    scene_store(s, "stored.pdf", "{}");
    scene_fail(s, "failed.pdf");
    scene_put(s, "queued.pdf");
    scene_store(s, "changed.pdf", "{}");
    scene_ledger_close(s);
    scene_pdf(s, "in/changed.pdf", 2, "another content");
    scene_pdf(s, "in/new.pdf", 4, "new");
    struct plan p = plan_of(s);
    assert_int_equal(p.files, 5);
    assert_int_equal(p.known, 2);
    assert_int_equal(p.documents, 3);
    assert_int_equal(p.pages, 1 + 2 + 4);
    expect_printed(s, &p, PATHS("sent before              2   by an earlier run"));
    plan_release(&p);
}

/* A run knows contents, not names: neither a copy nor a touched file is paid for again. */
static void contents_that_were_sent_before(void **state)
{
    struct scene *s = *state;
    const struct timespec touched[] = {{1000, 0}, {1000, 0}};
    scene_pdf(s, "in/m.pdf", 5, "m");
    scene_pdf(s, "in/n.pdf", 7, "n");
    scene_read(s, PATHS("in"));
    scene_ledger_open(s);
    scene_store(s, "m.pdf", "{}");
    scene_put(s, "n.pdf");
    scene_ledger_close(s);
    scene_pdf(s, "in/a copy.pdf", 5, "m");
    scene_pdf(s, "in/z copy.pdf", 5, "m");
    scene_pdf(s, "in/z queued.pdf", 7, "n");
    assert_int_equal(utimensat(-1, folder_path(&s->folder, "in/m.pdf"), touched, 0), 0);
    struct plan p = plan_of(s);
    assert_int_equal(p.files, 5);
    assert_int_equal(p.known, 3);
    assert_int_equal(p.documents, 1);
    assert_int_equal(p.duplicates, 1);
    assert_int_equal(p.pages, 7);
    plan_release(&p);
}

static void a_ledger_that_is_none(void **state)
{
    struct scene *s = *state;
    struct plan p;
    struct error e;
    scene_pdf(s, "in/a.pdf", 1, "a");
    assert_int_equal(mkdir(folder_path(&s->folder, "out"), 0700), 0);
    folder_put(&s->folder, "out/ledger.db", "this is no database, whatever its name", 38);
    struct loop *loop = loop_new(&system_clock);
    scene_read(s, PATHS("in"));
    assert_int_equal(plan_make(&p, loop, &s->options, &e), ERR_DAMAGED);
    assert_non_null(strstr(e.text, "out/ledger.db"));
    loop_free(loop);
}

static void expect_refused(struct scene *s, const char *path, const char *words)
{
    struct plan p;
    struct error e;
    struct loop *loop = loop_new(&system_clock);
    scene_read(s, PATHS(path));
    assert_int_equal(plan_make(&p, loop, &s->options, &e), ERR_USAGE);
    if (!strstr(e.text, words))
        fail_msg("not there: \"%s\" in\n%s", words, e.text);
    loop_free(loop);
}

static void what_a_run_would_refuse(void **state)
{
    struct scene *s = *state;
    assert_int_equal(mkdir(folder_path(&s->folder, "in/sub"), 0700), 0);
    scene_pdf(s, "in/a.pdf", 1, "a");
    scene_read(s, PATHS("in"));
    scene_ledger_open(s);
    scene_store(s, "a.pdf", "{}");
    scene_ledger_close(s);
    expect_refused(s, "in/sub", "lie one inside the other");
    expect_refused(s, ".", "lie one inside the other");
    scene_set(s, "api.model_id=22222222-2222-4222-8222-0000000e0002");
    expect_refused(s, "in", "in/a.pdf was sent with another product or model before");
}

/* --- time --- */

static void expect_seconds(struct scene *s, int per_minute, int64_t seconds)
{
    char assignment[64];
    snprintf(assignment, sizeof assignment, "limits.post_per_minute=%d", per_minute);
    scene_set(s, assignment);
    struct plan p = plan_of(s);
    assert_int_equal(p.documents, 5);
    assert_int_equal(p.seconds, seconds);
    plan_release(&p);
}

/* floor((5 - 1) / N) windows of 60.5 s, in whole seconds and never too few. */
static void the_time_it_takes(void **state)
{
    struct scene *s = *state;
    char name[32];
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "in/%d.pdf", i);
        scene_pdf(s, name, 1, name);
    }
    expect_seconds(s, 200, 0);
    expect_seconds(s, 5, 0);
    expect_seconds(s, 4, 61);
    expect_seconds(s, 3, 61);
    expect_seconds(s, 2, 121);
    expect_seconds(s, 1, 242);
    expect_seconds(s, 0, 0);
    struct plan p = plan_of(s);
    expect_printed(s, &p, PATHS("no limit is set"));
    plan_release(&p);
    scene_set(s, "limits.post_per_minute=4");
    p = plan_of(s);
    expect_printed(s, &p, PATHS("  1 min 01 s   until the last one is sent, at 4 a minute"));
    plan_release(&p);
    scene_set(s, "limits.share=50%");
    p = plan_of(s);
    assert_int_equal(p.seconds, 121);
    plan_release(&p);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    if (argc > 1 && strcmp(argv[1], "page-helper") == 0)
        return page_helper_main();
    page_helper_use("/proc/self/exe");
    const struct CMUnitTest tests[] = {
        TEST(nothing),
        TEST(documents_by_type),
        TEST(rejects_and_why),
        TEST(more_rejects_than_are_shown),
        TEST(what_was_sent_before),
        TEST(contents_that_were_sent_before),
        TEST(a_ledger_that_is_none),
        TEST(what_a_run_would_refuse),
        TEST(the_time_it_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
