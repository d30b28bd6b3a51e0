/* Where paths lead: of files that are there, behind links, and gone. */
#include "cli/resolved_path.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[96], before[512];

static int set_up(void **state)
{
    (void)state;
    char made[] = "/tmp/test_resolved_path.XXXXXX";
    char *real = mkdtemp(made) ? realpath(made, NULL) : NULL;
    if (!real || !getcwd(before, sizeof before))
        return -1;
    snprintf(directory, sizeof directory, "%s", real);
    free(real);
    FILE *f = chdir(directory) == 0 ? fopen("file", "wb") : NULL;
    if (!f || fclose(f) != 0)
        return -1;
    return mkdir("folder", 0700) || symlink("folder", "link") || symlink("file", "name") ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink("file");
    unlink("link");
    unlink("name");
    rmdir("folder");
    return chdir(before) || rmdir(directory) ? -1 : 0;
}

/* BELOW is the rest of the path, after the directory. */
static void assert_path(const char *path, const char *below)
{
    char expected[256];
    char *found = resolved_path(path);
    snprintf(expected, sizeof expected, "%s%s", directory, below);
    assert_string_equal(found, expected);
    free(found);
}

static void of_what_is_there(void **state)
{
    (void)state;
    assert_path("file", "/file");
    assert_path("./folder/../file", "/file");
    assert_path("link", "/folder");
    assert_path("name", "/file");
}

static void of_what_is_gone(void **state)
{
    (void)state;
    assert_path("gone.pdf", "/gone.pdf");
    assert_path("folder/gone.pdf", "/folder/gone.pdf");
    assert_path("link/gone.pdf", "/folder/gone.pdf"); /* its directory is there, behind a link */
    assert_path("./link/../gone.pdf", "/gone.pdf");
}

/* A directory that went with its files, and what was above it. */
static void of_what_has_no_directory(void **state)
{
    char path[160];
    (void)state;
    assert_path("gone/a.pdf", "/gone/a.pdf");
    assert_path("link/gone/./../other//a.pdf", "/folder/other/a.pdf");
    snprintf(path, sizeof path, "%s/link/gone/deep/a.pdf", directory);
    assert_path(path, "/folder/gone/deep/a.pdf");
}

static void right_below_the_root(void **state)
{
    (void)state;
    char *found = resolved_path("/there is no such file");
    assert_string_equal(found, "/there is no such file");
    free(found);
    found = resolved_path("/no such directory/../..");
    assert_string_equal(found, "/");
    free(found);
}

/* A file stands where a directory was. */
static void below_a_file(void **state)
{
    (void)state;
    assert_path("file/a.pdf", "/file/a.pdf");
}

static void assert_but_last(const char *path, size_t count, const char *below)
{
    char expected[256];
    char *found = resolved_but_last(path, count);
    snprintf(expected, sizeof expected, "%s%s", directory, below);
    assert_non_null(found);
    assert_string_equal(found, expected);
    free(found);
}

static void but_the_last_components(void **state)
{
    (void)state;
    assert_but_last("name", 1, "/name");
    assert_but_last("./name/", 1, "/name");
    assert_but_last("link/name", 1, "/folder/name");
    assert_but_last("link/name", 2, "/link/name");
    assert_but_last("link/..//link//name", 2, "/link/name");
    char *found = resolved_but_last("/name", 1);
    assert_string_equal(found, "/name");
    free(found);
    assert_null(resolved_but_last("name", 2));
    assert_null(resolved_but_last("/name", 2));
    assert_null(resolved_but_last("", 1));
    assert_null(resolved_but_last("/", 1));
    assert_null(resolved_but_last("link/..", 1));
    assert_null(resolved_but_last("link/.", 1));
    assert_null(resolved_but_last("../name", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_what_is_there),
        cmocka_unit_test(of_what_is_gone),
        cmocka_unit_test(of_what_has_no_directory),
        cmocka_unit_test(right_below_the_root),
        cmocka_unit_test(below_a_file),
        cmocka_unit_test(but_the_last_components),
    };
    return cmocka_run_group_tests_name("resolved_path", tests, set_up, tear_down);
}
