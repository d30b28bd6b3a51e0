/* What a file system makes of names, as a trial finds it: on made-up ones, and on the one that is
 * here. */
#include "results/name_trial.h"
#include "samples.h"
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- a file system that is made up: in place of the C library's, and so of the real one --- */

enum { PARTIAL = 1000, RESULTS = 1001, FILES_MOST = 4 };

static struct {
    unsigned folds;
    size_t longest;
    long says; /* how long names may be */
    int fails; /* to make a file: errno; 0: it doesn't */
    bool attribute;
    char files[FILES_MOST][300];
    int made, sought_first;
} fs;

static char *find(const char *name)
{
    for (int i = 0; i < FILES_MOST; i++)
        if (fs.files[i][0] && naming_same(fs.files[i], name, fs.folds))
            return fs.files[i];
    return NULL;
}

static int refuse(int error)
{
    errno = error;
    return -1;
}

int openat(int directory, const char *name, int flags, ...)
{
    if (directory != PARTIAL) {
        va_list ap;
        va_start(ap, flags);
        int mode = flags & O_CREAT ? va_arg(ap, int) : 0;
        va_end(ap);
        return (int)syscall(SYS_openat, directory, name, flags, mode);
    }
    assert_true(flags & O_CREAT && flags & O_EXCL);
    if (strlen(name) > fs.longest)
        return refuse(ENAMETOOLONG);
    if (fs.fails)
        return refuse(fs.fails);
    if (find(name))
        return refuse(EEXIST);
    int i = 0;
    while (fs.files[i][0])
        i++;
    strcpy(fs.files[i], name);
    fs.made++;
    return (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_WRONLY | O_CLOEXEC, 0);
}

int fstatat(int directory, const char *name, struct stat *st, int flags)
{
    if (directory != PARTIAL)
        return (int)syscall(SYS_newfstatat, directory, name, st, flags);
    fs.sought_first += fs.made == 0;
    return find(name) ? 0 : refuse(ENOENT);
}

int unlinkat(int directory, const char *name, int flags)
{
    if (directory != PARTIAL)
        return (int)syscall(SYS_unlinkat, directory, name, flags);
    char *file = find(name);
    if (!file)
        return refuse(ENOENT);
    *file = '\0';
    return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list ap;
    va_start(ap, request);
    int *out = va_arg(ap, int *);
    va_end(ap);
    if (fd != RESULTS)
        return (int)syscall(SYS_ioctl, fd, request, out);
    assert_int_equal(request, FS_IOC_GETFLAGS);
    *out = FS_CASEFOLD_FL;
    return fs.attribute ? 0 : refuse(ENOTTY);
}

long fpathconf(int fd, int name)
{
    assert_int_equal(name, _PC_NAME_MAX);
    return fd == PARTIAL ? fs.says : 255;
}

/* --- trials --- */

static void mount_one(unsigned folds, size_t longest, long says)
{
    memset(&fs, 0, sizeof fs);
    fs.folds = folds;
    fs.longest = longest;
    fs.says = says;
}

static void expect(unsigned folds, size_t longest)
{
    struct naming_place found = name_trial(PARTIAL, RESULTS);
    assert_int_equal(found.folds, folds);
    assert_int_equal(found.longest, longest);
    for (int i = 0; i < FILES_MOST; i++)
        assert_string_equal(fs.files[i], ""); /* nothing is left */
    assert_int_equal(fs.sought_first, 0);
}

static void each_fold_is_found(void **state)
{
    (void)state;
    for (unsigned folds = 0; folds <= (FOLD_CASE | FOLD_FORM | FOLD_IGNORED); folds++) {
        mount_one(folds, 255, 255);
        expect(folds, 255);
    }
}

static void folding_by_attribute(void **state)
{
    (void)state;
    mount_one(0, 255, 255);
    fs.attribute = true;
    expect(FOLD_CASE | FOLD_FORM | FOLD_IGNORED, 255);
}

static void how_long_names_may_be(void **state)
{
    (void)state;
    mount_one(0, 143, 143);
    expect(0, 143);
    for (size_t longest = 32; longest <= 255; longest++) { /* and it says more */
        mount_one(0, longest, 255);
        expect(0, longest);
    }
    mount_one(0, 765, 1530);
    expect(0, 255);
    mount_one(0, 14, 14);
    expect(0, 32);
}

static void what_cannot_be_tried(void **state)
{
    (void)state;
    mount_one(FOLD_CASE, 255, 255);
    fs.fails = ENOSPC;
    expect(0, 255);
    fs.fails = EROFS;
    fs.says = 200;
    expect(0, 200);
}

/* The real one, whatever it is: nothing is left there either. */
static void the_one_that_is_here(void **state)
{
    struct folder folder;
    struct dirent *entry;
    (void)state;
    folder_make(&folder);
    int fd = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct naming_place first = name_trial(fd, fd), second = name_trial(fd, fd);
    assert_int_equal(naming_place_number(&first), naming_place_number(&second));
    DIR *entries = fdopendir(fd);
    while ((entry = readdir(entries)) != NULL)
        assert_int_equal(entry->d_name[0], '.');
    closedir(entries);
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fold_is_found),    cmocka_unit_test(folding_by_attribute),
        cmocka_unit_test(how_long_names_may_be), cmocka_unit_test(what_cannot_be_tried),
        cmocka_unit_test(the_one_that_is_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
