/* The stack of open directories: deep trees with few descriptors, places found again, and what can
 * go wrong on the way back. And the set of inodes. */
#include "intake/directory_stack.h"
#include "samples.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_descriptors(void)
{
    int count = -1; /* the one that looks */
    DIR *dir = opendir("/proc/self/fd");
    for (struct dirent *d; (d = readdir(dir));)
        count += d->d_name[0] != '.';
    closedir(dir);
    return count;
}

/* DEPTH directories called "down" within each other, each with three files. */
static void make_tree(const char *root, int depth)
{
    int fd = open(root, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < depth; i++) {
        for (char name[] = "a"; name[0] <= 'c'; name[0]++)
            close(openat(fd, name, O_WRONLY | O_CREAT, 0600));
        assert_int_equal(mkdirat(fd, "down", 0700), 0);
        int below = openat(fd, "down", O_RDONLY | O_DIRECTORY);
        assert_true(below >= 0);
        close(fd);
        fd = below;
    }
    close(fd);
}

struct seen {
    int files, most_open, errors;
    size_t deepest;
};

/* Walks all of it, checking that the path is right wherever a file is met. */
static struct seen walk(struct directory_stack *s, const char *root)
{
    struct seen seen = {0};
    int before = open_descriptors(), error;
    assert_int_equal(directory_stack_enter(s, root, true), 0);
    while (s->depth) {
        struct dirent *d = directory_stack_read(s, &error);
        if (!d) {
            seen.errors += error != 0;
            directory_stack_leave(s);
        } else if (strcmp(d->d_name, "down") == 0) {
            seen.errors += directory_stack_enter(s, d->d_name, false) != 0;
            int open = open_descriptors() - before;
            seen.most_open = open > seen.most_open ? open : seen.most_open;
            seen.deepest = s->depth > seen.deepest ? s->depth : seen.deepest;
        } else if (d->d_name[0] != '.') {
            struct stat st;
            assert_int_equal(strlen(s->path), strlen(root) + 5 * (s->depth - 1));
            assert_int_equal(lstat(s->path, &st), 0);
            assert_int_equal(st.st_ino, directory_stack_top(s)->key.inode);
            seen.files++;
        }
    }
    assert_int_equal(open_descriptors(), before);
    return seen;
}

static void a_deep_tree_takes_few_descriptors(void **state)
{
    struct directory_stack *s = *state;
    struct folder f;
    folder_make(&f);
    make_tree(f.path, 200);
    struct seen seen = walk(s, f.path);
    assert_int_equal(seen.files, 600);
    assert_int_equal(seen.errors, 0);
    assert_int_equal(seen.deepest, 201);
    assert_int_equal(seen.most_open, DIRECTORY_STACK_OPEN);
    folder_remove(&f);
}

static void it_makes_do_when_descriptors_run_out(void **state)
{
    struct directory_stack *s = *state;
    struct folder f;
    struct rlimit saved, few;
    folder_make(&f);
    make_tree(f.path, 40);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &saved), 0);
    few = saved;
    int lowest = open("/dev/null", O_RDONLY);
    close(lowest);
    few.rlim_cur = (rlim_t)lowest + 12;
    assert_int_equal(directory_stack_enter(s, f.path, true), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    for (int i = 0; i < 40; i++)
        assert_int_equal(directory_stack_enter(s, "down", false), 0);
    assert_true(s->depth - s->first_open <= 12);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &saved), 0);
    directory_stack_release(s);
    folder_remove(&f);
}

/* Down to where the outermost was closed. */
static void go_deep(struct directory_stack *s, const char *root)
{
    int error;
    assert_int_equal(directory_stack_enter(s, root, true), 0);
    while (s->depth <= DIRECTORY_STACK_OPEN + 1) {
        struct dirent *d;
        while ((d = directory_stack_read(s, &error)) && strcmp(d->d_name, "down") != 0)
            ;
        assert_non_null(d);
        assert_int_equal(directory_stack_enter(s, "down", false), 0);
    }
    assert_null(s->levels[0].stream);
}

static int come_back(struct directory_stack *s)
{
    int error;
    while (s->depth > 1)
        directory_stack_leave(s);
    (void)!directory_stack_read(s, &error);
    directory_stack_release(s);
    return error;
}

static void a_lost_place_is_an_error(void **state)
{
    struct directory_stack *s = *state;
    struct folder f;
    folder_make(&f);
    make_tree(f.path, 100);
    go_deep(s, f.path);
    assert_int_equal(come_back(s), 0);

    char from[PATH_MAX], to[PATH_MAX];
    snprintf(from, sizeof from, "%s/down", f.path);
    snprintf(to, sizeof to, "%s/elsewhere", f.path);
    go_deep(s, f.path);
    assert_int_equal(rename(from, to), 0); /* the name to read on behind is gone */
    assert_int_equal(come_back(s), ESTALE);
    assert_int_equal(rename(to, from), 0);

    go_deep(s, f.path);
    snprintf(to, sizeof to, "%s-moved", f.path);
    assert_int_equal(rename(f.path, to), 0);
    assert_int_equal(come_back(s), ENOENT);
    assert_int_equal(mkdir(f.path, 0700), 0); /* another directory in its place */
    assert_int_equal(rename(to, f.path), 0);
    go_deep(s, f.path);
    assert_int_equal(rename(f.path, to), 0);
    assert_int_equal(mkdir(f.path, 0700), 0);
    assert_int_equal(mkdir(from, 0700), 0);
    assert_int_equal(come_back(s), ESTALE);
    folder_remove(&f);
    assert_int_equal(rename(to, f.path), 0);
    folder_remove(&f);
}

static void links_and_files_are_no_directories(void **state)
{
    struct directory_stack *s = *state;
    struct folder f;
    folder_make(&f);
    folder_put(&f, "file", "x", 1);
    assert_int_equal(symlink(f.path, folder_path(&f, "link")), 0);
    assert_int_equal(mkfifo(folder_path(&f, "fifo"), 0600), 0);
    assert_int_equal(directory_stack_enter(s, f.path, true), 0);
    assert_int_equal(directory_stack_enter(s, "file", true), ENOTDIR);
    assert_int_equal(directory_stack_enter(s, "fifo", true), ENOTDIR);
    assert_int_equal(directory_stack_enter(s, "none", true), ENOENT);
    assert_int_not_equal(directory_stack_enter(s, "link", false), 0);
    assert_int_equal(directory_stack_enter(s, "link", true), 0);
    assert_true(inode_key_equal(s->levels[0].key, s->levels[1].key));
    directory_stack_release(s);
    folder_remove(&f);
}

static void the_set_knows_what_it_holds(void **state)
{
    (void)state;
    struct inode_set set = {0};
    for (int round = 0; round < 2; round++)
        for (ino_t i = 0; i < 5000; i++) {
            struct inode_key key = {.device = 1 + i % 3, .inode = 1 + i * 4096};
            assert_int_equal(inode_set_add(&set, key), round == 0);
        }
    assert_int_equal(set.keys.count, 5000);
    assert_true(set.keys.capacity <= 4 * set.keys.count);
    inode_set_release(&set);
    assert_int_equal(inode_set_add(&set, (struct inode_key){1, 1}), 1);
    inode_set_release(&set);
}

static int make_stack(void **state)
{
    *state = xcalloc(1, sizeof(struct directory_stack));
    return 0;
}

static int free_stack(void **state)
{
    directory_stack_release(*state);
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_deep_tree_takes_few_descriptors, make_stack, free_stack),
        cmocka_unit_test_setup_teardown(it_makes_do_when_descriptors_run_out, make_stack,
                                        free_stack),
        cmocka_unit_test_setup_teardown(a_lost_place_is_an_error, make_stack, free_stack),
        cmocka_unit_test_setup_teardown(links_and_files_are_no_directories, make_stack, free_stack),
        cmocka_unit_test(the_set_knows_what_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
