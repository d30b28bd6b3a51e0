/* results/: writing a file there on the pool: with its directories, over an old one, many at once,
 * and where something else stands in its way. */
#include "base/safe_file.h"
#include "base/text.h"
#include "results/result_files.h"
#include "samples.h"
#include "test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct folder folder;
static struct loop *loop;
static struct result_place *place;

static struct error refused; /* by prepare() */

static int prepare(void)
{
    struct naming_place found;
    return result_files_prepare(folder.path, ACCESS_PRIVATE, &found, &refused);
}

static int set_up(void **state)
{
    (void)state;
    folder_make(&folder);
    loop = loop_new(&system_clock);
    place = result_place_new(folder.path, NAME_CUT_MOST, ACCESS_PRIVATE);
    return prepare();
}

static int tear_down(void **state)
{
    (void)state;
    loop_free(loop);
    result_place_free(place);
    folder_remove(&folder);
    return 0;
}

struct written {
    int calls, code;
    enum result_outcome outcome;
    int64_t at;
    char text[512];
};

static void written_cb(void *ctx, const struct result_end *end)
{
    struct written *w = ctx;
    w->calls++;
    w->outcome = end->outcome;
    w->at = end->at;
    w->code = end->error.code;
    text_copy(w->text, sizeof w->text, end->error.code ? end->error.text : "");
}

static void start_file(struct result_file file, const char *content, struct written *w)
{
    *w = (struct written){.code = 1};
    file.data = xstrdup(content);
    file.len = strlen(content);
    result_file_write(loop, place, &file, written_cb, w);
}

static void start_write(const char *name, const char *content, struct written *w)
{
    start_file((struct result_file){.name = name}, content, w);
}

static struct written write_file(struct result_file file, const char *content)
{
    struct written w;
    start_file(file, content, &w);
    loop_run(loop);
    return w;
}

static struct written write_now(const char *name, const char *content)
{
    struct written w;
    start_write(name, content, &w);
    assert_int_equal(w.calls, 0); /* from the loop alone */
    loop_run(loop);
    assert_int_equal(w.calls, 1);
    return w;
}

static void expect_result(const char *file, const char *expected)
{
    char below[PATH_MAX], text[256] = "";
    struct stat st;
    snprintf(below, sizeof below, "results/%s", file);
    const char *path = folder_path(&folder, below);
    assert_int_equal(lstat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(text, expected);
}

static int entries_in(const char *directory)
{
    int count = 0;
    DIR *d = opendir(folder_path(&folder, directory));
    assert_non_null(d);
    for (const struct dirent *entry; (entry = readdir(d));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(d);
    return count;
}

static void expect_private_directory(const char *name)
{
    struct stat st;
    assert_int_equal(lstat(folder_path(&folder, name), &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(st.st_mode & 07777, 0700);
}

static void a_result_and_its_directories(void **state)
{
    (void)state;
    mode_t before = umask(0);
    assert_int_equal(write_now("a.pdf", "{\"a\": 1}").code, 0);
    assert_int_equal(write_now("2026/08/b.pdf", "").code, 0);
    umask(before);
    expect_result("a.pdf.json", "{\"a\": 1}");
    expect_result("2026/08/b.pdf.json", "");
    expect_private_directory("results");
    expect_private_directory(".partial");
    expect_private_directory("results/2026");
    expect_private_directory("results/2026/08");
    assert_int_equal(entries_in(".partial"), 0);
}

static void what_was_published_is_written_anew(void **state)
{
    (void)state;
    assert_int_equal(write_now("a", "the first and longer one").outcome, RESULT_WRITTEN);
    struct written w = write_file((struct result_file){.name = "a", .again = true}, "second");
    assert_int_equal(w.outcome, RESULT_WRITTEN);
    expect_result("a.json", "second");
    assert_int_equal(entries_in("results"), 1);
    assert_int_equal(entries_in(".partial"), 0);
}

static void what_stands_there_is_not_replaced(void **state)
{
    (void)state;
    assert_int_equal(write_now("a", "the first").outcome, RESULT_WRITTEN);
    assert_int_equal(write_now("a", "another").outcome, RESULT_TAKEN);
    assert_int_equal(write_now("a", "").outcome, RESULT_TAKEN);
    assert_int_equal(write_now("a", "the first").outcome, RESULT_WRITTEN); /* it is this one */
    expect_result("a.json", "the first");
    assert_int_equal(entries_in("results"), 1);
    assert_int_equal(entries_in(".partial"), 0);
}

static void it_goes_from_where_it_stood(void **state)
{
    (void)state;
    assert_int_equal(write_now("a", "a's").outcome, RESULT_WRITTEN);
    struct written w = write_file((struct result_file){.name = "b", .stands = "a"}, "a's");
    assert_int_equal(w.outcome, RESULT_WRITTEN);
    expect_result("b.json", "a's");
    assert_int_equal(entries_in("results"), 1);
    /* what isn't its bytes is somebody else's */
    w = write_file((struct result_file){.name = "c", .stands = "b"}, "c's");
    assert_int_equal(w.outcome, RESULT_WRITTEN);
    expect_result("b.json", "a's");
}

struct synced {
    int calls, code;
};

static void synced_cb(void *ctx, const struct error *error)
{
    struct synced *s = ctx;
    s->calls++;
    s->code = error ? error->code : 0;
}

static void onto_the_disk(void **state)
{
    static const char *const names[] = {"0", "1", "2", "3", "4", "5", "6", "7", "gone"};
    struct synced s = {0};
    (void)state;
    for (int i = 0; i < 8; i++)
        assert_int_equal(write_now(names[i], "x").outcome, RESULT_WRITTEN);
    result_files_sync(loop, place, names, 1, synced_cb, &s);
    result_files_sync(loop, place, names + 1, 8, synced_cb, &s);
    result_files_sync(loop, place, names, 9, synced_cb, &s);
    loop_run(loop);
    assert_int_equal(s.calls, 3);
    assert_int_equal(s.code, 0);
}

/* The directory that is open is the one under its path, whatever happens to that. */
static void another_directory_in_its_place(void **state)
{
    (void)state;
    assert_int_equal(write_now("a", "first").outcome, RESULT_WRITTEN);
    assert_int_equal(rename(folder_path(&folder, "results"), folder_path(&folder, "old")), 0);
    assert_int_equal(write_now("a", "second").outcome, RESULT_WRITTEN);
    expect_result("a.json", "second");
    expect_result("../old/a.json", "first");
    assert_int_equal(rename(folder_path(&folder, "results"), folder_path(&folder, "older")), 0);
    assert_int_equal(symlink("old", folder_path(&folder, "results")), 0);
    assert_int_equal(write_now("b", "third").outcome, RESULT_FAILED);
    assert_int_equal(unlink(folder_path(&folder, "results")), 0);
}

static void the_longest_name(void **state)
{
    char name[600];
    struct buffer file;
    (void)state;
    memset(name, 'd', sizeof name); /* its directory too */
    name[299] = '/';
    name[599] = '\0';
    buffer_init(&file, 0);
    naming_result(&file, name, NAME_CUT_MOST);
    assert_int_equal(strchr(buffer_text(&file), '/') - buffer_text(&file), 255);
    assert_int_equal(file.len, 255 + 1 + 255);
    assert_int_equal(write_now(name, "long").code, 0);
    expect_result(buffer_text(&file), "long");
    buffer_release(&file);
}

/* On a file system that holds less than others. */
static void a_place_with_shorter_names(void **state)
{
    char name[201], expected[300];
    struct buffer path;
    (void)state;
    result_place_free(place);
    place = result_place_new(folder.path, 143, ACCESS_PRIVATE);
    memset(name, 'n', 200);
    name[200] = '\0';
    assert_int_equal(write_now(name, "short").code, 0);
    buffer_init(&path, 0);
    naming_result(&path, name, 143);
    assert_int_equal(path.len, 143);
    expect_result(buffer_text(&path), "short");
    snprintf(expected, sizeof expected, "%s/results/%s", folder.path, buffer_text(&path));
    buffer_clear(&path);
    result_place_path(place, name, &path);
    assert_string_equal(buffer_text(&path), expected);
    buffer_release(&path);
}

static void zeros_and_bytes_are_kept(void **state)
{
    struct written w = {0};
    char *data = malloc(3), read_back[8];
    (void)state;
    memcpy(data, "\0\xff\n", 3);
    const struct result_file file = {.name = "bytes", .data = data, .len = 3};
    result_file_write(loop, place, &file, written_cb, &w);
    loop_run(loop);
    assert_int_equal(w.code, 0);
    FILE *f = fopen(folder_path(&folder, "results/bytes.json"), "re");
    assert_non_null(f);
    assert_int_equal(fread(read_back, 1, sizeof read_back, f), 3);
    fclose(f);
    assert_memory_equal(read_back, "\0\xff\n", 3);
}

static void expect_blocked(const struct written *w, int64_t at)
{
    assert_int_equal(w->outcome, RESULT_BLOCKED);
    assert_int_equal(w->at, at);
    assert_int_equal(entries_in(".partial"), 0);
}

/* Files a and a.json/b: the first's result wants the name of the second's directory. */
static void a_file_in_a_directorys_place(void **state)
{
    (void)state;
    assert_int_equal(write_now("a", "first").code, 0);
    struct written w = write_now("a.json/b", "second");
    expect_blocked(&w, 0);
    w = write_now("a.json/deeper/b", "third");
    expect_blocked(&w, 0);
    expect_result("a.json", "first");
    assert_int_equal(write_now("d/a", "fourth").code, 0);
    w = write_now("d/a.json/b", "fifth");
    expect_blocked(&w, 2);
}

/* It is counted in the name as the ledger has it. */
static void a_file_in_the_place_of_a_cut_name(void **state)
{
    char name[320];
    (void)state;
    memset(name, 'd', 300);
    strcpy(name + 300, "/fax.json/x");
    name[304] = '\0'; /* "/fax" */
    assert_int_equal(write_now(name, "first").code, 0);
    name[304] = '.';
    struct written w = write_now(name, "second");
    expect_blocked(&w, 301);
}

static void a_directory_in_a_files_place(void **state)
{
    (void)state;
    assert_int_equal(write_now("a.json/b", "first").code, 0);
    assert_int_equal(write_now("a", "second").outcome, RESULT_TAKEN);
    assert_int_equal(write_file((struct result_file){.name = "a", .again = true}, "x").outcome,
                     RESULT_TAKEN);
    expect_result("a.json/b.json", "first");
    assert_int_equal(entries_in(".partial"), 0);
}

/* What others plant below the output directory leads nowhere, and nothing of theirs is deleted. */
static void links_are_not_followed(void **state)
{
    char elsewhere[200];
    (void)state;
    snprintf(elsewhere, sizeof elsewhere, "%s", folder_path(&folder, "elsewhere"));
    assert_int_equal(mkdir(elsewhere, 0700), 0);
    folder_put(&folder, "elsewhere/7", "theirs", 6);
    folder_put(&folder, ".partial/notes", "theirs", 6);
    folder_put(&folder, ".partial/12", "an unfinished one", 17);
    assert_int_equal(prepare(), 0);
    assert_int_equal(access(folder_path(&folder, ".partial/notes"), F_OK), 0);
    assert_int_not_equal(access(folder_path(&folder, ".partial/12"), F_OK), 0);
    unlink(folder_path(&folder, ".partial/notes"));

    assert_int_equal(symlink(elsewhere, folder_path(&folder, "results/sub")), 0);
    struct written w = write_now("sub/7", "ours");
    assert_int_equal(w.code, ERR_IO);
    assert_non_null(strstr(w.text, "symbolic link"));
    w = write_file((struct result_file){.name = "7", .stands = "sub/7"}, "theirs");
    assert_int_equal(w.code, 0);
    w = write_now("sub", "ours"); /* its name in the way is another's: left alone */
    assert_int_equal(w.code, 0);
    assert_int_equal(access(folder_path(&folder, "elsewhere/sub.json"), F_OK), -1);

    assert_int_equal(rmdir(folder_path(&folder, ".partial")), 0);
    assert_int_equal(symlink(elsewhere, folder_path(&folder, ".partial")), 0);
    assert_int_equal(prepare(), ERR_USAGE);
    assert_non_null(strstr(refused.text, ".partial: there is a symbolic link"));
    w = write_now("b", "no");
    assert_int_equal(w.code, ERR_IO);
    assert_int_equal(access(folder_path(&folder, "elsewhere/7"), F_OK), 0);
    assert_int_not_equal(access(folder_path(&folder, "elsewhere/0"), F_OK), 0);
}

static void results_that_is_gone(void **state)
{
    (void)state;
    assert_int_equal(rmdir(folder_path(&folder, "results")), 0);
    assert_int_equal(write_now("x/a", "again").code, 0); /* made again */
    expect_result("x/a.json", "again");
    assert_int_equal(rmdir(folder_path(&folder, ".partial")), 0);
    struct written w = write_now("b", "no");
    assert_int_equal(w.code, ERR_IO);
    assert_non_null(strstr(w.text, "results/b.json: No such file or directory"));
}

static void many_at_once(void **state)
{
    enum { MANY = 200 };
    static struct written w[MANY];
    char name[64], file[64], content[64];
    (void)state;
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "d%d/e%d/%d", i % 3, i % 7, i);
        snprintf(content, sizeof content, "content %d", i);
        start_write(name, content, &w[i]);
    }
    loop_run(loop);
    for (int i = 0; i < MANY; i++) {
        snprintf(file, sizeof file, "d%d/e%d/%d.json", i % 3, i % 7, i);
        snprintf(content, sizeof content, "content %d", i);
        assert_int_equal(w[i].calls, 1);
        assert_string_equal(w[i].text, "");
        expect_result(file, content);
    }
    assert_int_equal(entries_in(".partial"), 0);
}

static void the_same_one_at_once(void **state)
{
    enum { MANY = 40 };
    static struct written w[MANY];
    char content[64], found[64] = "";
    (void)state;
    for (int i = 0; i < MANY; i++) {
        snprintf(content, sizeof content, "%d whole", i);
        start_write("same", content, &w[i]);
    }
    loop_run(loop);
    FILE *f = fopen(folder_path(&folder, "results/same.json"), "re");
    assert_non_null(f);
    assert_non_null(fgets(found, sizeof found, f));
    fclose(f);
    snprintf(content, sizeof content, "%d whole", atoi(found));
    assert_string_equal(found, content); /* one of them, never a mixture */
    for (int i = 0; i < MANY; i++)
        assert_int_equal(w[i].code, 0);
}

static void what_was_half_written_is_cleared(void **state)
{
    (void)state;
    assert_int_equal(write_now("kept", "kept").code, 0);
    folder_put(&folder, ".partial/0", "half", 4);
    folder_put(&folder, ".partial/17", "ha", 2);
    folder_put(&folder, ".partial/trial-case", "", 0);
    assert_int_equal(prepare(), 0);
    assert_int_equal(entries_in(".partial"), 0);
    expect_result("kept.json", "kept");
}

static void a_directory_that_cannot_be_prepared(void **state)
{
    struct naming_place found;
    struct error e;
    char expected[300];
    (void)state;
    const char *file = folder_put(&folder, "file", "x", 1);
    assert_int_equal(result_files_prepare(file, ACCESS_PRIVATE, &found, &e), ERR_IO);
    snprintf(expected, sizeof expected, "%s is not a directory", file);
    assert_string_equal(e.text, expected);
    assert_int_equal(rmdir(folder_path(&folder, "results")), 0);
    folder_put(&folder, "results", "x", 1);
    assert_int_equal(prepare(), ERR_IO);
    snprintf(expected, sizeof expected, "%s/results is not a directory", folder.path);
    assert_string_equal(refused.text, expected);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_result_and_its_directories),
        TEST(what_was_published_is_written_anew),
        TEST(what_stands_there_is_not_replaced),
        TEST(it_goes_from_where_it_stood),
        TEST(onto_the_disk),
        TEST(another_directory_in_its_place),
        TEST(the_longest_name),
        TEST(a_place_with_shorter_names),
        TEST(zeros_and_bytes_are_kept),
        TEST(a_file_in_a_directorys_place),
        TEST(a_file_in_the_place_of_a_cut_name),
        TEST(a_directory_in_a_files_place),
        TEST(links_are_not_followed),
        TEST(results_that_is_gone),
        TEST(many_at_once),
        TEST(the_same_one_at_once),
        TEST(what_was_half_written_is_cleared),
        TEST(a_directory_that_cannot_be_prepared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
