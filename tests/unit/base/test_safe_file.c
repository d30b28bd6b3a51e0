/* Whole or not there: what a reader finds at the path before, during and after, and when the disk
 * or the directory refuses. */
#include "base/safe_file.h"
#include "samples.h"
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct folder folder;

static int set_up(void **state)
{
    (void)state;
    folder_make(&folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(&folder);
    return 0;
}

static int entries_in(const char *directory)
{
    int count = 0;
    DIR *d = opendir(directory);
    assert_non_null(d);
    for (const struct dirent *entry; (entry = readdir(d));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(d);
    return count;
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

static void expect_content(const char *path, const char *expected)
{
    char text[256] = "";
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(text, expected);
}

static void not_there_until_it_is_whole(void **state)
{
    struct safe_file f;
    struct error e;
    const char *path = folder_path(&folder, "summary.json");
    (void)state;
    mode_t before = umask(0);
    assert_int_equal(safe_file_open(&f, path, ACCESS_PRIVATE, &e), 0);
    umask(before);
    fputs("{}", f.stream);
    fflush(f.stream);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(safe_file_commit(&f, &e), 0);
    assert_null(f.stream);
    expect_content(path, "{}");
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(entries_in(folder.path), 1);
}

static void it_takes_the_old_ones_place(void **state)
{
    struct safe_file f;
    struct error e;
    (void)state;
    const char *path = folder_put(&folder, "old", "the old one, longer", 19);
    assert_int_equal(chmod(path, 0644), 0);
    int reader = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(safe_file_open(&f, path, ACCESS_PRIVATE, &e), 0);
    fputs("new", f.stream);
    expect_content(path, "the old one, longer");
    assert_int_equal(safe_file_commit(&f, &e), 0);
    expect_content(path, "new");
    assert_int_equal(mode_of(path), 0600);
    char text[32];
    assert_int_equal(read(reader, text, sizeof text), 19); /* whoever had it open keeps it */
    close(reader);
}

static void a_link_is_replaced_not_followed(void **state)
{
    struct safe_file f;
    struct error e;
    (void)state;
    const char *target = folder_put(&folder, "target", "precious", 8);
    const char *path = folder_path(&folder, "link");
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(safe_file_open(&f, path, ACCESS_PRIVATE, &e), 0);
    fputs("new", f.stream);
    assert_int_equal(safe_file_commit(&f, &e), 0);
    expect_content(target, "precious");
    expect_content(path, "new");
}

static void abandoned_it_leaves_nothing(void **state)
{
    struct safe_file f;
    struct error e;
    (void)state;
    const char *path = folder_put(&folder, "kept", "old", 3);
    assert_int_equal(safe_file_open(&f, path, ACCESS_PRIVATE, &e), 0);
    fputs("half a", f.stream);
    safe_file_abandon(&f);
    safe_file_abandon(&f); /* is fine */
    expect_content(path, "old");
    assert_int_equal(entries_in(folder.path), 1);
}

static void no_place_to_write(void **state)
{
    struct safe_file f;
    struct error e;
    char expected[256];
    (void)state;
    const char *path = folder_path(&folder, "missing/summary.json");
    assert_int_equal(safe_file_open(&f, path, ACCESS_PRIVATE, &e), ERR_IO);
    snprintf(expected, sizeof expected, "write %s: No such file or directory", path);
    assert_string_equal(e.text, expected);
    assert_null(f.stream);

    folder_put(&folder, "file", "x", 1);
    path = folder_path(&folder, "file/summary.json");
    assert_int_equal(safe_file_open(&f, path, ACCESS_PRIVATE, &e), ERR_IO);
    snprintf(expected, sizeof expected, "write %s: Not a directory", path);
    assert_string_equal(e.text, expected);
}

static void a_directory_stands_in_its_place(void **state)
{
    struct safe_file f;
    struct error e;
    char expected[256];
    (void)state;
    const char *path = folder_path(&folder, "odd\x01name");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(safe_file_open(&f, path, ACCESS_PRIVATE, &e), 0);
    fputs("x", f.stream);
    assert_int_equal(safe_file_commit(&f, &e), ERR_IO);
    snprintf(expected, sizeof expected, "write %s/odd\\x01name: Is a directory", folder.path);
    assert_string_equal(e.text, expected);
    assert_int_equal(entries_in(folder.path), 1);
}

/* The file system says no in the middle: a size limit stands for a full disk. */
static void a_write_that_fails(size_t bytes, bool room_again)
{
    struct safe_file f;
    struct error e;
    struct rlimit saved, small;
    const char *path = folder_put(&folder, "kept", "old", 3);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &saved), 0);
    small = saved;
    small.rlim_cur = 1000;
    assert_int_equal(safe_file_open(&f, path, ACCESS_PRIVATE, &e), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (size_t i = 0; i < bytes; i++)
        putc('x', f.stream);
    if (room_again)
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &saved), 0);
    int rc = safe_file_commit(&f, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &saved), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(rc, ERR_IO);
    assert_non_null(strstr(e.text, "write "));
    assert_non_null(strstr(e.text, path));
    expect_content(path, "old");
    assert_int_equal(entries_in(folder.path), 1);
}

static void a_disk_that_is_full_at_the_end(void **state)
{
    (void)state;
    a_write_that_fails(1500, false); /* in stdio's buffer until the commit */
}

static void a_disk_that_is_full_on_the_way(void **state)
{
    (void)state;
    a_write_that_fails(100000, false); /* noticed by stdio long before the commit */
}

static void a_disk_that_was_full_for_a_while(void **state)
{
    (void)state;
    a_write_that_fails(100000, true); /* what was lost meanwhile is lost */
}

static void directories(void **state)
{
    struct error e;
    char expected[256];
    (void)state;
    mode_t before = umask(0);
    assert_int_equal(directory_make(folder_path(&folder, "a/b/c"), ACCESS_PRIVATE, &e), 0);
    umask(before);
    assert_int_equal(mode_of(folder_path(&folder, "a")), 0700);
    assert_int_equal(mode_of(folder_path(&folder, "a/b")), 0700);
    assert_int_equal(mode_of(folder_path(&folder, "a/b/c")), 0700);
    assert_int_equal(directory_make(folder_path(&folder, "a/b/c"), ACCESS_PRIVATE, &e), 0);
    assert_int_equal(directory_make(folder_path(&folder, "d//e/"), ACCESS_PRIVATE, &e), 0);
    assert_int_equal(access(folder_path(&folder, "d/e"), X_OK), 0);
    assert_int_equal(directory_make("/", ACCESS_PRIVATE, &e), 0);

    assert_int_equal(chmod(folder_path(&folder, "a"), 0750), 0); /* the user's choice */
    assert_int_equal(directory_make(folder_path(&folder, "a/x"), ACCESS_PRIVATE, &e), 0);
    assert_int_equal(mode_of(folder_path(&folder, "a")), 0750);

    const char *file = folder_put(&folder, "file", "x", 1);
    assert_int_equal(directory_make(file, ACCESS_PRIVATE, &e), ERR_IO);
    snprintf(expected, sizeof expected, "%s is not a directory", file);
    assert_string_equal(e.text, expected);
    assert_int_equal(directory_make(folder_path(&folder, "file/x/y"), ACCESS_PRIVATE, &e), ERR_IO);
    snprintf(expected, sizeof expected, "make the directory %s/x: Not a directory", file);
    assert_string_equal(e.text, expected);
    assert_int_equal(directory_make("/proc/mindee/x", ACCESS_PRIVATE, &e), ERR_IO);
    assert_non_null(strstr(e.text, "make the directory /proc/mindee: "));
}

static void a_relative_directory(void **state)
{
    struct error e;
    char *before = getcwd(NULL, 0);
    (void)state;
    assert_int_equal(chdir(folder.path), 0);
    int rc = directory_make("x/y", ACCESS_PRIVATE, &e),
        one = directory_make("z", ACCESS_PRIVATE, &e);
    assert_int_equal(chdir(before), 0);
    free(before);
    assert_true(rc == 0 && one == 0);
    assert_int_equal(mode_of(folder_path(&folder, "x/y")), 0700);
    assert_int_equal(mode_of(folder_path(&folder, "z")), 0700);
}

/* Who guesses the temporary name can plant a link there: it is made anew, and what it points to
 * stays. */
static void a_link_in_the_temporary_place_is_not_followed(void **state)
{
    struct safe_file f;
    struct error e;
    char path[256], planted[300], victim[256];
    (void)state;
    snprintf(path, sizeof path, "%s", folder_path(&folder, "summary.json"));
    snprintf(victim, sizeof victim, "%s", folder_put(&folder, "victim", "theirs", 6));
    snprintf(planted, sizeof planted, "%s.mb-%ld.tmp", path, (long)getpid());
    assert_int_equal(symlink(victim, planted), 0);
    assert_int_equal(safe_file_open(&f, path, ACCESS_PRIVATE, &e), 0);
    assert_true(fputs("ours", f.stream) >= 0);
    assert_int_equal(safe_file_commit(&f, &e), 0);
    expect_content(path, "ours");
    expect_content(victim, "theirs");
}

static void what_a_dead_process_left_is_cleared_away(void **state)
{
    struct safe_file f, dead;
    struct error e;
    char left[300], path[256];
    (void)state;
    snprintf(path, sizeof path, "%s", folder_path(&folder, "summary.json"));
    pid_t child = fork();
    if (child == 0)
        _exit(safe_file_open(&dead, path, ACCESS_PRIVATE, &e) == 0 ? 0 : 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    snprintf(left, sizeof left, "%s.mb-%ld.tmp", path, (long)child);
    assert_int_equal(access(left, F_OK), 0);
    const char *const kept[] = {"notes.tmp",   ".mb-7.tmp", "x.mb-7a.tmp",
                                "x.mb-7.tmpx", "7.tmp",     "x.99999999.tmp"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        folder_put(&folder, kept[i], "x", 1);
    assert_int_equal(safe_file_open(&f, path, ACCESS_PRIVATE, &e),
                     0); /* our own is still being written */
    safe_file_clear(folder.path);
    assert_int_equal(access(left, F_OK), -1);
    assert_int_equal(access(f.temporary, F_OK), 0);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        assert_int_equal(access(folder_path(&folder, kept[i]), F_OK), 0);
    assert_int_equal(safe_file_commit(&f, &e), 0);
    safe_file_clear(folder_path(&folder, "nowhere"));
}

/* For the group too, whatever the umask; a set-group-ID bit above is handed down. */
static void for_the_group(void **state)
{
    (void)state;
    struct error e;
    struct safe_file f;
    const char *path = folder_path(&folder, "g");
    mode_t umask_was = umask(0077);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chmod(path, 02770), 0);
    int made = directory_make(folder_path(&folder, "g/x/y"), ACCESS_GROUP, &e);
    int written = safe_file_open(&f, folder_path(&folder, "g/file"), ACCESS_GROUP, &e);
    if (written == 0)
        written = safe_file_commit(&f, &e);
    umask(umask_was);
    assert_int_equal(made, 0);
    assert_int_equal(written, 0);
    assert_int_equal(mode_of(folder_path(&folder, "g")), 02770); /* it was there */
    assert_int_equal(mode_of(folder_path(&folder, "g/x")), 02750);
    assert_int_equal(mode_of(folder_path(&folder, "g/x/y")), 02750);
    assert_int_equal(mode_of(folder_path(&folder, "g/file")), 0640);
}

/* What is opened to the group: a file, not what a link leads to. */
static void opened_to_the_group(void **state)
{
    (void)state;
    folder_put(&folder, "target", "x", 1);
    folder_put(&folder, "plain", "x", 1);
    char target[300], plain[300];
    snprintf(target, sizeof target, "%s", folder_path(&folder, "target"));
    snprintf(plain, sizeof plain, "%s", folder_path(&folder, "plain"));
    assert_int_equal(chmod(target, 0600), 0);
    assert_int_equal(chmod(plain, 0600), 0);
    assert_int_equal(symlink("target", folder_path(&folder, "link")), 0);
    assert_int_equal(file_access_of(plain), ACCESS_PRIVATE);
    file_access_open_to_group(folder_path(&folder, "link"));
    file_access_open_to_group(folder_path(&folder, "missing"));
    file_access_open_to_group(plain);
    assert_int_equal(mode_of(target), 0600);
    assert_int_equal(mode_of(plain), 0640);
    assert_int_equal(file_access_of(plain), ACCESS_GROUP);
    assert_int_equal(file_access_of(folder_path(&folder, "missing")), ACCESS_PRIVATE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(not_there_until_it_is_whole),
        TEST(it_takes_the_old_ones_place),
        TEST(a_link_is_replaced_not_followed),
        TEST(abandoned_it_leaves_nothing),
        TEST(no_place_to_write),
        TEST(a_directory_stands_in_its_place),
        TEST(a_disk_that_is_full_at_the_end),
        TEST(a_disk_that_is_full_on_the_way),
        TEST(a_disk_that_was_full_for_a_while),
        TEST(directories),
        TEST(a_relative_directory),
        TEST(a_link_in_the_temporary_place_is_not_followed),
        TEST(what_a_dead_process_left_is_cleared_away),
        TEST(for_the_group),
        TEST(opened_to_the_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
