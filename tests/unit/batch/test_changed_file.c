/* Whether a file holds other bytes: found out by its bytes, behind a link too where links are followed,
 * and nothing is claimed of what can't be read. */
#include "batch/changed_file.h"

#include "base/file_stamp.h"

#include "samples.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static int make_folder(void **state)
{
    static struct folder folder;
    folder_make(&folder);
    *state = &folder;
    return 0;
}

static int remove_folder(void **state)
{
    folder_remove(*state);
    return 0;
}

/* As a run's ledger has what is at PATH now. */
static struct changed_file as_it_is(const char *path, const char *bytes)
{
    struct changed_file f = {.path = path};
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    f.size_bytes = file_stamp_of(&st).size_bytes;
    f.mtime_ns = file_stamp_of(&st).mtime_ns;
    sha256(bytes, strlen(bytes), f.sha256);
    return f;
}

static bool is_changed(struct changed_file *f)
{
    changed_file_look(f);
    return f->changed;
}

static void set_time(const char *path, int64_t mtime_s)
{
    const struct timespec times[] = {{.tv_sec = mtime_s}, {.tv_sec = mtime_s}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

static void other_bytes(void **state)
{
    struct changed_file f = as_it_is(folder_put(*state, "a.pdf", "one", 3), "one");
    assert_false(is_changed(&f));
    set_time(f.path, 1000); /* touched */
    assert_false(is_changed(&f));
    folder_put(*state, "a.pdf", "two", 3);
    set_time(f.path, 2000);
    assert_true(is_changed(&f));
    folder_put(*state, "a.pdf", "one and more", 12);
    assert_true(is_changed(&f));
    unlink(f.path);
    assert_false(is_changed(&f));
}

static void what_was_never_read_has_no_bytes_to_compare(void **state)
{
    struct changed_file f = as_it_is(folder_put(*state, "a.pdf", "one", 3), "one");
    memset(f.sha256, 0, sizeof f.sha256);
    folder_put(*state, "a.pdf", "other", 5);
    assert_false(is_changed(&f));
}

static void behind_a_link_where_links_are_followed(void **state)
{
    const char *target = folder_put(*state, "target", "one", 3),
               *link = folder_path(*state, "a.pdf");
    assert_int_equal(symlink(target, link), 0);
    struct changed_file f = as_it_is(link, "one");
    f.follow_symlinks = true;
    assert_false(is_changed(&f));
    folder_put(*state, "target", "other", 5);
    assert_true(is_changed(&f));
    f.follow_symlinks = false;
    assert_false(is_changed(&f));
    unlink(target);
    f.follow_symlinks = true;
    assert_false(is_changed(&f));
}

/* It would be taken in as a new file, and the one before would be called replaced. */
static void what_cannot_be_read_is_not_said_to_have_changed(void **state)
{
    struct changed_file f = as_it_is(folder_put(*state, "a.pdf", "one", 3), "one");
    folder_put(*state, "a.pdf", "other", 5);
    const bool root = geteuid() == 0; /* who reads it all the same */
    assert_int_equal(chmod(((const struct folder *)*state)->path, 0755), 0);
    assert_int_equal(chmod(f.path, 0), 0);
    if (root)
        assert_int_equal(seteuid(NOBODY), 0);
    const bool said = is_changed(&f);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_false(said);
    unlink(f.path);
    assert_int_equal(mkfifo(f.path, 0600), 0);
    assert_false(is_changed(&f));
    unlink(f.path);
    assert_int_equal(mkdir(f.path, 0700), 0);
    assert_false(is_changed(&f));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(other_bytes),
        TEST(what_was_never_read_has_no_bytes_to_compare),
        TEST(behind_a_link_where_links_are_followed),
        TEST(what_cannot_be_read_is_not_said_to_have_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
