/* A directory of exports: whole sets, what is cleared away and what stays, what is in the way; and the
 * same with every operation of the disk failing, and with a kill at each. */
#include "export/export_files.h"

#include "base/digest.h"
#include "samples.h"
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a disk that fails at its k-th operation, or at which the process dies ---- */

static int operations, fail_at;
static bool dies;

static bool fails(void)
{
    operations++;
    if (operations != fail_at)
        return false;
    if (dies)
        _exit(9);
    errno = ENOSPC;
    return true;
}

int fsync(int fd)
{
    return fails() ? -1 : (int)syscall(SYS_fsync, fd);
}

int renameat(int from, const char *a, int to, const char *b)
{
    return fails() ? -1 : (int)syscall(SYS_renameat2, from, a, to, b, 0);
}

ssize_t write(int fd, const void *data, size_t len)
{
    if (fd > 2 && fails()) {
        syscall(SYS_write, fd, data, len / 2);
        return -1;
    }
    return syscall(SYS_write, fd, data, len);
}

int openat(int directory, const char *name, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    int mode = flags & O_CREAT ? va_arg(ap, int) : 0;
    va_end(ap);
    return flags & O_CREAT && fails() ? -1 : (int)syscall(SYS_openat, directory, name, flags, mode);
}

int unlinkat(int directory, const char *name, int flags)
{
    if (dies)
        fails();
    return (int)syscall(SYS_unlinkat, directory, name, flags);
}

/* ---- helpers ---- */

static struct folder folder;
static char exports[128];

static int set_up(void **state)
{
    (void)state;
    folder_make(&folder);
    snprintf(exports, sizeof exports, "%s/exports", folder.path);
    fail_at = 0;
    dies = false;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(&folder);
    return 0;
}

static const char *in_exports(const char *name)
{
    static char path[4][256];
    static int next;
    char *p = path[next++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", exports, name);
    return p;
}

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static const char *content(const char *path)
{
    static char text[8192];
    FILE *f = fopen(path, "re");
    if (!f)
        return NULL;
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

static void expect(const char *name, const char *expected)
{
    const char *there = content(in_exports(name));
    if (!expected)
        assert_null(there);
    else
        assert_string_equal(there ? there : "not there", expected);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The names in exports/, in order, joined by blanks. */
static const char *names(void)
{
    static char joined[8192];
    char each[32][256];
    size_t count = 0;
    DIR *d = opendir(exports);
    joined[0] = '\0';
    for (const struct dirent *entry; d && (entry = readdir(d));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && count < 32)
            snprintf(each[count++], sizeof each[0], "%s", entry->d_name);
    if (d)
        closedir(d);
    qsort(each, count, sizeof each[0], by_name);
    for (size_t i = 0; i < count; i++)
        snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", i ? " " : "",
                 each[i]);
    return joined;
}

/* An export of the files NAMES (NULL-ended), each of which holds its name and TEXT. */
static int export_to(enum export_place place, const char *const *list, const char *text,
                     struct error *e)
{
    struct export_files *set = NULL;
    struct export_file *f;
    const char *directory = place == EXPORT_PLACE_FILE ? folder.path : exports;
    int rc = export_files_open(&set, directory, place, ACCESS_PRIVATE, e);
    for (size_t i = 0; rc == 0 && list[i]; i++) {
        char line[128];
        rc = export_files_add(set, list[i], "documents", &f, e);
        snprintf(line, sizeof line, "%s %s", list[i], text);
        if (rc == 0)
            rc = export_file_write(f, line, strlen(line), e);
        if (rc == 0)
            export_file_rows(f, 1);
    }
    if (rc == 0)
        rc = export_files_commit(set, "\"tool\":\"mindee-batch 1\"", e);
    export_files_free(set);
    return rc;
}

#define FILES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void export_well(const char *const *list, const char *text)
{
    struct error e = {0};
    if (export_to(EXPORT_PLACE_OURS, list, text, &e) != 0)
        fail_msg("%s", e.text);
}

static void expect_refused(enum export_place place, int code, const char *words)
{
    struct error e = {0};
    assert_int_equal(export_to(place, FILES("a.csv"), "new", &e), code);
    if (!strstr(e.text, words))
        fail_msg("\"%s\" doesn't say \"%s\"", e.text, words);
}

/* ---- the tests ---- */

static void a_whole_set_and_its_manifest(void **state)
{
    char sum[SHA256_HEX], expected[1024];
    uint8_t digest[SHA256_BYTES];
    struct stat st;
    (void)state;
    mode_t before = umask(0);
    export_well(FILES("a.csv", "b.csv"), "1");
    umask(before);
    assert_string_equal(names(), "a.csv b.csv manifest.json");
    expect("a.csv", "a.csv 1");
    sha256("a.csv 1", 7, digest);
    hex_encode(digest, sizeof digest, sum);
    snprintf(
        expected, sizeof expected,
        "{\"tool\":\"mindee-batch 1\",\n\"files\":[\n"
        "{\"name\":\"a.csv\",\"table\":\"documents\",\"rows\":1,\"bytes\":7,\"sha256\":\"%s\"},\n",
        sum);
    assert_memory_equal(content(in_exports("manifest.json")), expected, strlen(expected));
    assert_int_equal(stat(in_exports("a.csv"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(in_exports("manifest.json"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(exports, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
}

static void the_groups_too(void **state)
{
    struct export_files *set;
    struct export_file *f;
    struct error e;
    struct stat st;
    (void)state;
    mode_t before = umask(077);
    assert_int_equal(export_files_open(&set, exports, EXPORT_PLACE_OURS, ACCESS_GROUP, &e), 0);
    assert_int_equal(export_files_add(set, "a.sqlite", NULL, &f, &e), 0);
    export_file_sheet(f, "Line \"items\"", "line_items", 4);
    export_file_sheet(f, "documents", "documents", 2);
    /* As a library does that replaces the file. */
    assert_int_equal(unlink(export_file_path(f)), 0);
    put(export_file_path(f), "x");
    assert_string_equal(export_file_shown(f), in_exports("a.sqlite"));
    assert_int_equal(export_files_commit(set, "\"tool\":\"mindee-batch 1\"", &e), 0);
    export_files_free(set);
    umask(before);
    assert_int_equal(stat(in_exports("a.sqlite"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(stat(exports, &st), 0);
    assert_int_equal(st.st_mode & 07777, 02770);
    assert_non_null(
        strstr(content(in_exports("manifest.json")),
               "\"sheets\":[{\"name\":\"Line \\\"items\\\"\",\"table\":\"line_items\","
               "\"rows\":4},{\"name\":\"documents\",\"table\":\"documents\",\"rows\":2}]}\n]}\n"));
}

static void without_a_commit_nothing_changed(void **state)
{
    struct export_files *set;
    struct export_file *f;
    struct error e;
    (void)state;
    export_well(FILES("a.csv"), "old");
    assert_int_equal(export_files_open(&set, exports, EXPORT_PLACE_OURS, ACCESS_PRIVATE, &e), 0);
    assert_int_equal(export_files_add(set, "a.csv", NULL, &f, &e), 0);
    assert_int_equal(export_file_write(f, "new", 3, &e), 0);
    expect_refused(EXPORT_PLACE_OURS, ERR_BUSY, "another export writes to ");
    export_files_free(set);
    assert_string_equal(names(), "a.csv manifest.json");
    expect("a.csv", "a.csv old");
}

static void what_exports_before_wrote_goes(void **state)
{
    (void)state;
    export_well(FILES("a.csv", "b.csv"), "1");
    put(in_exports("mine.csv"), "kept");
    put(in_exports(".mb-export-1-0.tmp"), "of a killed one");
    put(in_exports(".mb-export-1-0.tmp.txt"), "kept");
    export_well(FILES("b.csv", "c \"%2F.csv"), "2");
    assert_string_equal(names(), ".mb-export-1-0.tmp.txt b.csv c \"%2F.csv manifest.json mine.csv");
    export_well(FILES("a.csv"), "3"); /* a name is read as it was written */
    assert_string_equal(names(), ".mb-export-1-0.tmp.txt a.csv manifest.json mine.csv");
}

/* Cut short it may be anybody's: what has the bytes that it lists is ours, and nothing else. */
static void a_damaged_manifest(void **state)
{
    (void)state;
    export_well(FILES("a.csv", "b.csv", "c.csv"), "1");
    char *text = strdup(content(in_exports("manifest.json")));
    *strstr(text, "\n]}") = '\0';
    put(in_exports("manifest.json"), text);
    free(text);
    put(in_exports("b.csv"), "changed by hand");
    export_well(FILES("c.csv"), "2");
    assert_string_equal(names(), "b.csv c.csv manifest.json");
    put(in_exports("manifest.json"), "\xff{\"name\":\"..\",\"sha256\":\"");
    export_well(FILES("c.csv"), "3");
    expect("c.csv", "c.csv 3");
}

static void no_manifest_leads_elsewhere(void **state)
{
    (void)state;
    put(folder_path(&folder, "outside"), "kept");
    export_well(FILES("a.csv"), "1");
    put(in_exports("manifest.json"),
        "{\"tool\":\"mindee-batch\",\"files\":[\n"
        "{\"name\":\"../outside\",\"sha256\":\"\"},\n{\"name\":\"manifest.json\",\"sha256\":\"\"},\n"
        "{\"name\":\".\",\"sha256\":\"\"},{\"name\":\"link\",\"sha256\":\"\"}\n]}\n");
    assert_int_equal(symlink("../outside", in_exports("link")), 0);
    export_well(FILES("b.csv"), "2");
    assert_string_equal(content(folder_path(&folder, "outside")), "kept");
    assert_string_equal(names(), "a.csv b.csv link manifest.json");
}

static void what_is_in_the_way(void **state)
{
    (void)state;
    export_well(FILES("z.csv"), "old");
    assert_int_equal(mkdir(in_exports("a.csv"), 0700), 0);
    expect_refused(EXPORT_PLACE_OURS, ERR_USAGE, "exports/a.csv is a directory");
    assert_int_equal(rmdir(in_exports("a.csv")), 0);
    assert_int_equal(symlink("z.csv", in_exports("a.csv")), 0);
    expect_refused(EXPORT_PLACE_OURS, ERR_USAGE, "exports/a.csv is a symbolic link");
    assert_int_equal(unlink(in_exports("a.csv")), 0);
    assert_int_equal(mkfifo(in_exports("a.csv"), 0600), 0);
    expect_refused(EXPORT_PLACE_OURS, ERR_USAGE, "exports/a.csv is no file");
    assert_int_equal(unlink(in_exports("a.csv")), 0);
    assert_string_equal(names(), "manifest.json z.csv");
    assert_int_equal(unlink(in_exports("manifest.json")), 0);
    assert_int_equal(mkfifo(in_exports("manifest.json"), 0600), 0);
    expect_refused(EXPORT_PLACE_OURS, ERR_USAGE, "exports/manifest.json is no file");
}

static void a_directory_that_is_none(void **state)
{
    (void)state;
    put(exports, "a file");
    expect_refused(EXPORT_PLACE_OURS, ERR_USAGE, "exports: Not a directory");
    assert_int_equal(unlink(exports), 0);
    assert_int_equal(symlink(folder.path, exports), 0);
    expect_refused(EXPORT_PLACE_OURS, ERR_USAGE, "exports is a symbolic link");
    struct error e;
    assert_int_equal(export_to(EXPORT_PLACE_USERS, FILES("a.csv"), "", &e), 0);
    assert_int_equal(unlink(exports), 0);
    snprintf(exports, sizeof exports, "%s/no/exports", folder.path);
    expect_refused(EXPORT_PLACE_OURS, ERR_USAGE, "no/exports: No such file or directory");
}

static void in_a_users_directory_strangers_stay(void **state)
{
    struct error e;
    (void)state;
    assert_int_equal(mkdir(exports, 0755), 0);
    put(in_exports("a.csv"), "a stranger's");
    expect_refused(EXPORT_PLACE_USERS, ERR_USAGE, "exports/a.csv isn't of an export");
    expect("a.csv", "a stranger's");
    assert_int_equal(export_to(EXPORT_PLACE_USERS, FILES("b.csv"), "1", &e), 0);
    assert_int_equal(export_to(EXPORT_PLACE_USERS, FILES("b.csv"), "2", &e), 0);
    expect("b.csv", "b.csv 2");
    put(in_exports("manifest.json"), "{\"name\": \"a web page's\"}");
    expect_refused(EXPORT_PLACE_USERS, ERR_USAGE, "exports/manifest.json isn't of an export");
    expect("manifest.json", "{\"name\": \"a web page's\"}");
    /* In ours they are replaced. */
    export_well(FILES("a.csv"), "3");
    expect("a.csv", "a.csv 3");
}

static void one_file_that_was_named(void **state)
{
    struct error e;
    (void)state;
    put(folder_path(&folder, "x.csv"), "replaced");
    put(folder_path(&folder, "manifest.json"), "nobody looks at it");
    assert_int_equal(export_to(EXPORT_PLACE_FILE, FILES("x.csv"), "1", &e), 0);
    assert_string_equal(content(folder_path(&folder, "x.csv")), "x.csv 1");
    assert_string_equal(content(folder_path(&folder, "manifest.json")), "nobody looks at it");
    assert_int_equal(unlink(folder_path(&folder, "x.csv")), 0);
    assert_int_equal(unlink(folder_path(&folder, "manifest.json")), 0);
    strcpy(exports, folder.path);
    assert_string_equal(names(), "");
    snprintf(folder.path + strlen(folder.path), 4, "/no");
    int rc = export_to(EXPORT_PLACE_FILE, FILES("x.csv"), "1", &e);
    folder.path[strlen(folder.path) - 3] = '\0';
    assert_int_equal(rc, ERR_USAGE);
}

/* Each has its own; a whole set has the directory for itself. */
static void two_files_at_once(void **state)
{
    struct export_files *one, *other, *set;
    struct export_file *f;
    struct error e = {0};
    (void)state;
    assert_int_equal(export_files_open(&one, folder.path, EXPORT_PLACE_FILE, ACCESS_PRIVATE, &e),
                     0);
    assert_int_equal(export_files_add(one, "x.csv", NULL, &f, &e), 0);
    assert_int_equal(export_file_write(f, "x", 1, &e), 0);
    assert_int_equal(export_files_open(&other, folder.path, EXPORT_PLACE_FILE, ACCESS_PRIVATE, &e),
                     0);
    assert_int_equal(export_files_add(other, "y.csv", NULL, &f, &e), 0);
    assert_int_equal(export_file_write(f, "y", 1, &e), 0);
    assert_int_equal(export_files_open(&set, folder.path, EXPORT_PLACE_USERS, ACCESS_PRIVATE, &e),
                     ERR_BUSY);
    assert_int_equal(export_files_commit(other, "", &e), 0);
    assert_int_equal(export_files_commit(one, "", &e), 0);
    export_files_free(one);
    export_files_free(other);
    assert_string_equal(content(folder_path(&folder, "x.csv")), "x");
    assert_string_equal(content(folder_path(&folder, "y.csv")), "y");
}

static void many_files(void **state)
{
    static char text[300][16];
    const char *list[301] = {NULL};
    (void)state;
    for (int i = 0; i < 300; i++) {
        snprintf(text[i], sizeof text[i], "%d.csv", i);
        list[i] = text[i];
    }
    export_well(list, "1");
    expect("299.csv", "299.csv 1");
    expect("0.csv", "0.csv 1");
}

/* After whatever happened each file is an old or a new one, and the next export makes one set. */
static void expect_whole_files(int at)
{
    const char *const list[] = {"a.csv", "b.csv", "c.csv"};
    for (int i = 0; i < 3; i++) {
        const char *text = content(in_exports(list[i]));
        char is_old[32], is_new[32];
        snprintf(is_old, sizeof is_old, "%s old", list[i]);
        snprintf(is_new, sizeof is_new, "%s new", list[i]);
        if (text && strcmp(text, is_old) != 0 && strcmp(text, is_new) != 0)
            fail_msg("operation %d: %s holds \"%s\"", at, list[i], text);
    }
    const char *manifest = content(in_exports("manifest.json"));
    assert_non_null(manifest);
    assert_string_equal(manifest + strlen(manifest) - 4, "\n]}\n");
    fail_at = 0;
    dies = false;
    export_well(FILES("d.csv"), "next");
    assert_string_equal(names(), "d.csv manifest.json mine.csv");
}

static void start_over(void)
{
    folder_remove(&folder);
    folder_make(&folder);
    snprintf(exports, sizeof exports, "%s/exports", folder.path);
    fail_at = 0;
    export_well(FILES("a.csv", "b.csv"), "old");
    put(in_exports("mine.csv"), "kept");
    operations = 0;
}

static void each_operation_fails(void **state)
{
    int failed = 0, rc = -1;
    (void)state;
    for (int at = 1; rc != 0; at++) {
        struct error e = {0};
        start_over();
        fail_at = at;
        rc = export_to(EXPORT_PLACE_OURS, FILES("b.csv", "c.csv"), "new", &e);
        failed += rc != 0;
        if (rc != 0 && !(rc == ERR_IO && strstr(e.text, "exports") &&
                         strstr(e.text, "No space left on device")))
            fail_msg("operation %d: %s", at, e.text);
        expect_whole_files(at);
        assert_true(at < 100);
    }
    assert_true(failed > 15);
}

static void a_kill_at_each_operation(void **state)
{
    int killed = 0, status = 1;
    (void)state;
    for (int at = 1; status != 0; at++) {
        struct error e = {0};
        start_over();
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            fail_at = at;
            dies = true;
            _exit(export_to(EXPORT_PLACE_OURS, FILES("b.csv", "c.csv"), "new", &e) == 0 ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(status == 0 || WEXITSTATUS(status) == 9);
        killed += status != 0;
        expect_whole_files(at);
        assert_true(at < 100);
    }
    assert_true(killed > 15);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_whole_set_and_its_manifest),
        TEST(the_groups_too),
        TEST(without_a_commit_nothing_changed),
        TEST(what_exports_before_wrote_goes),
        TEST(a_damaged_manifest),
        TEST(no_manifest_leads_elsewhere),
        TEST(what_is_in_the_way),
        TEST(a_directory_that_is_none),
        TEST(in_a_users_directory_strangers_stay),
        TEST(one_file_that_was_named),
        TEST(two_files_at_once),
        TEST(many_files),
        TEST(each_operation_fails),
        TEST(a_kill_at_each_operation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
