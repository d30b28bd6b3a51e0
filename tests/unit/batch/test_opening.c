/* What a run makes and opens on the disk before it begins, and how each of it is refused. */
#include "batch/opening.h"
#include "ledger/document_ledger.h"
#include "ledger_fixture.h"
#include "samples.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct opening {
    struct folder folder;
    char output[96], ledger[120];
    struct intake_root roots[2];
    struct batch_options options;
    struct run_context context;
};

static const char *full; /* a directory that there is no room for */

int mkdir(const char *path, mode_t mode)
{
    if (full && strcmp(path, full) == 0) {
        errno = ENOSPC;
        return -1;
    }
    return mkdirat(AT_FDCWD, path, mode);
}

static int setup(void **state)
{
    struct opening *t = calloc(1, sizeof *t);
    folder_make(&t->folder);
    snprintf(t->output, sizeof t->output, "%s/deep/out", t->folder.path);
    snprintf(t->ledger, sizeof t->ledger, "%s/ledger.db", t->output);
    t->roots[0] = (struct intake_root){.path = xstrdup("/in/june"), .prefix = xstrdup("june")};
    t->roots[1] = (struct intake_root){.path = xstrdup("/in/july"), .prefix = xstrdup("july")};
    t->options = (struct batch_options){.request = MINDEE_ENQUEUE_INIT,
                                        .request_json = "{}",
                                        .roots = t->roots,
                                        .root_count = 2,
                                        .output = t->output,
                                        .ledger = t->ledger};
    t->options.request.model_id = "model-1";
    t->context = (struct run_context){.options = &t->options, .clock = &fixture_clock};
    *state = t;
    return 0;
}

static void close_it(struct opening *t)
{
    if (t->context.ledger)
        ledger_close(t->context.ledger);
    t->context.ledger = NULL;
}

static void free_roots(struct opening *t)
{
    for (int i = 0; i < 2; i++) {
        free((char *)t->roots[i].path);
        free((char *)t->roots[i].prefix);
    }
}

static int teardown(void **state)
{
    struct opening *t = *state;
    full = NULL;
    close_it(t);
    free_roots(t);
    folder_remove(&t->folder);
    free(t);
    return 0;
}

static void opens(struct opening *t)
{
    struct error e = {0};
    if (opening_ledger(&t->context, &e) != 0)
        fail_msg("%s", e.text);
    assert_ok(t->context.ledger, ledger_commit(t->context.ledger));
}

static void opens_again(struct opening *t)
{
    close_it(t);
    opens(t);
}

/* WORDS begin the error's text; "%" in them stands for the folder. */
static void refuses(struct opening *t, int code, const char *words)
{
    struct error e = {0};
    struct buffer expected;
    buffer_init(&expected, 0);
    for (const char *p = words; *p; p++)
        if (*p == '%')
            buffer_put(&expected, t->folder.path);
        else
            buffer_printf(&expected, "%c", *p);
    close_it(t);
    assert_int_equal(opening_ledger(&t->context, &e), code);
    assert_int_equal(e.code, code);
    if (strncmp(e.text, buffer_text(&expected), strlen(buffer_text(&expected))) != 0)
        assert_string_equal(e.text, buffer_text(&expected));
    buffer_release(&expected);
}

static mode_t mode_of(const struct opening *t, const char *name)
{
    struct stat st;
    assert_int_equal(stat(folder_path(&t->folder, name), &st), 0);
    return st.st_mode & 07777;
}

/* A file of ROOT, in the open ledger. Returns its document. */
static int64_t put(struct opening *t, const struct intake_root *root, const char *name)
{
    char path[200];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put how;
    int64_t id;
    snprintf(path, sizeof path, "%s/%s", root->path, name);
    sha256(name, strlen(name), digest);
    const struct ledger_new_file file = {.root_id = root->id,
                                         .settings_id = t->context.settings_id,
                                         .path = path,
                                         .name = name,
                                         .stamp = {1, 2, 3, 4},
                                         .type = FILE_PDF,
                                         .pages = -1,
                                         .sha256 = digest};
    assert_ok(t->context.ledger, ledger_file_put(t->context.ledger, &file, &how, &id));
    return id;
}

/* --- what is made --- */

static void all_is_made(void **state)
{
    struct opening *t = *state;
    opens(t);
    assert_int_equal(mode_of(t, "deep"), 0700);
    assert_int_equal(mode_of(t, "deep/out"), 0700);
    assert_int_equal(mode_of(t, "deep/out/results"), 0700);
    assert_int_equal(mode_of(t, "deep/out/.partial"), 0700);
    assert_int_equal(mode_of(t, "deep/out/ledger.db"), 0600);
    assert_int_equal(t->context.settings_id, 1);
    assert_int_equal(t->roots[0].id, 1);
    assert_int_equal(t->roots[1].id, 2);
}

static void what_is_there_is_found_again(void **state)
{
    struct opening *t = *state;
    opens(t);
    uint64_t id = ledger_id(t->context.ledger);
    folder_put(&t->folder, "deep/out/results/a.pdf.json", "{}", 2);
    folder_put(&t->folder, "deep/out/.partial/7", "half", 4);
    const struct intake_root june = t->roots[0];
    t->roots[0] = t->roots[1];
    t->roots[1] = june;
    t->roots[0].id = t->roots[1].id = 0;
    opens_again(t);
    assert_true(ledger_id(t->context.ledger) == id);
    assert_int_equal(t->context.settings_id, 1);
    assert_int_equal(t->roots[0].id, 2);
    assert_int_equal(t->roots[1].id, 1);
    assert_int_equal(access(folder_path(&t->folder, "deep/out/results/a.pdf.json"), F_OK), 0);
    /* what an earlier run left half written */
    assert_int_equal(access(folder_path(&t->folder, "deep/out/.partial/7"), F_OK), -1);
}

static void the_ledger_may_be_elsewhere(void **state)
{
    struct opening *t = *state;
    snprintf(t->ledger, sizeof t->ledger, "%s/ledgers/a/my.db", t->folder.path);
    opens(t);
    assert_string_equal(t->ledger, folder_path(&t->folder, "ledgers/a/my.db")); /* as it was */
    assert_int_equal(mode_of(t, "ledgers"), 0700);
    assert_int_equal(mode_of(t, "ledgers/a/my.db"), 0600);
    assert_int_equal(access(folder_path(&t->folder, "deep/out/ledger.db"), F_OK), -1);
}

static void inputs_are_moved_to_directories_that_are_made(void **state)
{
    struct opening *t = *state;
    char stored[96], failed[96];
    snprintf(stored, sizeof stored, "%s/done", t->folder.path);
    snprintf(failed, sizeof failed, "%s/bad/failed", t->folder.path);
    t->options.move_directories[0] = stored;
    t->options.move_directories[1] = failed;
    opens(t);
    assert_int_equal(mode_of(t, "done"), 0700);
    assert_int_equal(mode_of(t, "bad/failed"), 0700);
}

static void other_options_are_other_settings(void **state)
{
    struct opening *t = *state;
    opens(t);
    t->options.request_json = "{\"rag\":true}";
    opens_again(t);
    assert_int_equal(t->context.settings_id, 2);
    t->options.request.product = MINDEE_OCR;
    opens_again(t);
    assert_int_equal(t->context.settings_id, 3);
    t->options.request.model_id = "model-2";
    opens_again(t);
    assert_int_equal(t->context.settings_id, 4);
    t->options.request = (struct mindee_enqueue)MINDEE_ENQUEUE_INIT;
    t->options.request.model_id = "model-1";
    t->options.request_json = "{}";
    opens_again(t);
    assert_int_equal(t->context.settings_id, 1);
}

/* What the file system of results/ says here, in place of the C library's. */
static long longest_said = 255;

long fpathconf(int fd, int name)
{
    (void)fd;
    assert_int_equal(name, _PC_NAME_MAX);
    return longest_said;
}

static void the_ledger_learns_where_results_are(void **state)
{
    struct opening *t = *state;
    opens(t);
    assert_int_equal(ledger_name_longest(t->context.ledger), 255);
    longest_said = 143;
    opens_again(t);
    longest_said = 255;
    assert_int_equal(ledger_name_longest(t->context.ledger), 143);
    opens_again(t);
    assert_int_equal(ledger_name_longest(t->context.ledger), 143);
}

/* --- what is refused --- */

static void an_output_directory_that_cannot_be_made(void **state)
{
    struct opening *t = *state;
    folder_put(&t->folder, "deep", "a file", 6);
    refuses(t, ERR_USAGE, "output.directory: ");
    assert_null(t->context.ledger);
}

static void a_ledger_directory_that_cannot_be_made(void **state)
{
    struct opening *t = *state;
    folder_put(&t->folder, "file", "a file", 6);
    snprintf(t->ledger, sizeof t->ledger, "%s/file/my.db", t->folder.path);
    refuses(t, ERR_USAGE, "output.directory: ");
    assert_string_equal(t->ledger, folder_path(&t->folder, "file/my.db"));
}

static void results_that_cannot_be_made(void **state)
{
    struct opening *t = *state;
    opens(t);
    close_it(t);
    assert_int_equal(rmdir(folder_path(&t->folder, "deep/out/results")), 0);
    folder_put(&t->folder, "deep/out/results", "a file", 6);
    refuses(t, ERR_IO, "%/deep/out/results is not a directory");
}

static void a_ledger_that_another_run_holds(void **state)
{
    struct opening *t = *state;
    opens(t);
    struct ledger *held = t->context.ledger;
    t->context.ledger = NULL;
    refuses(t, ERR_BUSY, "");
    ledger_close(held);
    opens(t);
}

static void what_is_no_ledger_is_left_as_it_is(void **state)
{
    struct opening *t = *state;
    char text[20] = "";
    assert_int_equal(mkdir(folder_path(&t->folder, "deep"), 0700), 0);
    assert_int_equal(mkdir(folder_path(&t->folder, "deep/out"), 0700), 0);
    folder_put(&t->folder, "deep/out/ledger.db", "somebody's own", 14);
    refuses(t, ERR_DAMAGED, "");
    int fd = open(t->ledger, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, text, sizeof text), 14);
    close(fd);
    assert_string_equal(text, "somebody's own");
}

static void a_move_directory_that_cannot_be_made(void **state)
{
    struct opening *t = *state;
    char directory[96];
    folder_put(&t->folder, "file", "a file", 6);
    snprintf(directory, sizeof directory, "%s/file/done", t->folder.path);
    t->options.move_directories[0] = directory;
    refuses(t, ERR_USAGE, "input.move_stored, .move_failed or .move_rejected: ");
    assert_int_equal(t->roots[0].id, 0);
}

static void a_move_directory_that_cannot_be_written(void **state)
{
    struct opening *t = *state;
    char directory[96];
    if (geteuid() == 0)
        skip(); /* may write anywhere */
    snprintf(directory, sizeof directory, "%s/done", t->folder.path);
    assert_int_equal(mkdir(directory, 0500), 0);
    t->options.move_directories[0] = directory;
    refuses(t, ERR_USAGE,
            "input.move_stored, .move_failed or .move_rejected: write to %/done: Permission");
}

/* It doesn't pass, and isn't what the user named: a person makes room. */
static void a_full_disk(void **state)
{
    struct opening *t = *state;
    char done[120];
    full = t->output;
    refuses(t, ERR_IO, "output.directory: make the directory ");
    full = done;
    snprintf(done, sizeof done, "%s/done", t->folder.path);
    t->options.move_directories[0] = done;
    refuses(t, ERR_IO, "input.move_stored, .move_failed or .move_rejected: make the directory ");
}

/* --- roots --- */

static void roots_within_one_another(void **state)
{
    struct opening *t = *state;
    char in[96], below[96];
    snprintf(in, sizeof in, "%s/in", t->folder.path);
    snprintf(below, sizeof below, "%s/in/below", t->folder.path);
    assert_int_equal(mkdir(in, 0700), 0);
    assert_int_equal(mkdir(below, 0700), 0);
    free_roots(t);
    t->roots[0] = (struct intake_root){.path = xstrdup(in), .prefix = xstrdup("in")};
    t->roots[1] = (struct intake_root){.path = xstrdup(below), .prefix = xstrdup("below")};
    refuses(t, ERR_USAGE, "%/in/below");
    assert_non_null(t->context.ledger); /* the caller's to close */
    assert_int_equal(t->roots[0].id, 1);
    assert_int_equal(t->roots[1].id, 0);
}

static void what_was_paid_for_under_other_options(void **state)
{
    struct opening *t = *state;
    opens(t);
    struct ledger *l = t->context.ledger;
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    int64_t id = put(t, &t->roots[1], "a.pdf");
    assert_ok(l, ledger_attempt_start(l, id, credits_of(1), &attempt, alias));
    const struct ledger_step admit = {id,      DOC_QUEUED, DOC_SUBMITTING, EV_ADMIT, 0,
                                      attempt, NULL,       NULL,           NULL};
    assert_ok(l, ledger_step(l, &admit));
    assert_ok(l, ledger_attempt_accepted(l, id, attempt, "job"));
    const struct ledger_step accept = {id,      DOC_SUBMITTING, DOC_PROCESSING, EV_ACCEPTED, 0,
                                       attempt, NULL,           NULL,           NULL};
    assert_ok(l, ledger_step(l, &accept));
    assert_ok(l, ledger_commit(l));
    t->options.request.model_id = "model-2";
    refuses(t, ERR_USAGE,
            "/in/july/a.pdf was sent with another product or model before, and its result "
            "is in %/deep/out: use another output.directory for the new ones, or go back to the "
            "old ones");
    t->options.root_count = 1; /* the other root has none of it */
    opens_again(t);
    t->options.root_count = 2;
    t->options.request.model_id = "model-1";
    opens_again(t);
}

/* A wrong model, mended, costs nothing. */
static void what_was_only_queued_takes_the_new_options(void **state)
{
    struct opening *t = *state;
    struct ledger_document d;
    opens(t);
    int64_t id = put(t, &t->roots[0], "a.pdf");
    assert_ok(t->context.ledger, ledger_commit(t->context.ledger));
    t->options.request.model_id = "model-2";
    opens_again(t);
    assert_ok(t->context.ledger, ledger_document_get(t->context.ledger, id, &d));
    assert_int_equal(d.settings_id, 2);
    assert_int_equal(d.state, DOC_QUEUED);
    ledger_document_release(&d);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(all_is_made),
        TEST(what_is_there_is_found_again),
        TEST(the_ledger_may_be_elsewhere),
        TEST(inputs_are_moved_to_directories_that_are_made),
        TEST(other_options_are_other_settings),
        TEST(the_ledger_learns_where_results_are),
        TEST(an_output_directory_that_cannot_be_made),
        TEST(a_ledger_directory_that_cannot_be_made),
        TEST(results_that_cannot_be_made),
        TEST(a_ledger_that_another_run_holds),
        TEST(what_is_no_ledger_is_left_as_it_is),
        TEST(a_move_directory_that_cannot_be_made),
        TEST(a_move_directory_that_cannot_be_written),
        TEST(a_full_disk),
        TEST(roots_within_one_another),
        TEST(what_was_paid_for_under_other_options),
        TEST(what_was_only_queued_takes_the_new_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
