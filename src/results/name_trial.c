/* See name_trial.h. What it makes it looks for under another name, and never before it was made: a
 * file system may remember for a while that a name wasn't there. */
#include "results/name_trial.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    enum naming_fold fold;
    const char *made, *sought;
} trials[] = {
    {FOLD_CASE, NAME_TRIAL "case", NAME_TRIAL "CASE"},
    {FOLD_FORM, NAME_TRIAL "\xc3\xa9", NAME_TRIAL "e\xcc\x81"},
    {FOLD_IGNORED, NAME_TRIAL "joined", NAME_TRIAL "joi\xe2\x80\x8cned"},
};

/* 0, or errno. */
static int make(int directory, const char *name)
{
    int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static bool is_one(int directory, const char *made, const char *sought)
{
    struct stat st;
    if (make(directory, made) != 0)
        return false;
    bool found = fstatat(directory, sought, &st, AT_SYMLINK_NOFOLLOW) == 0;
    unlinkat(directory, made, 0);
    return found;
}

/* Some file systems fold in the directories that were made so, and below them. */
static bool folds_by_attribute(int directory)
{
    int flags = 0;
    return ioctl(directory, FS_IOC_GETFLAGS, &flags) == 0 && flags & FS_CASEFOLD_FL;
}

static bool is_too_long(int directory, size_t len)
{
    char name[NAME_CUT_MOST + 1];
    memset(name, 'n', len);
    memcpy(name, NAME_TRIAL, sizeof NAME_TRIAL - 1);
    name[len] = '\0';
    int error = make(directory, name);
    if (error == 0)
        unlinkat(directory, name, 0);
    return error == ENAMETOOLONG;
}

/* Not all that a file system says it holds it does: one that encrypts names may hold less. */
static size_t longest(int directory)
{
    size_t fits = NAME_CUT_LEAST, most = name_cut_longest(directory), next = most;
    while (fits < most) {
        if (is_too_long(directory, next))
            most = next - 1;
        else
            fits = next;
        next = (fits + most + 1) / 2;
    }
    return fits;
}

struct naming_place name_trial(int partial, int results)
{
    struct naming_place found = {.longest = longest(partial)};
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++)
        if (is_one(partial, trials[i].made, trials[i].sought))
            found.folds |= trials[i].fold;
    if (folds_by_attribute(results))
        found.folds |= FOLD_CASE | FOLD_FORM | FOLD_IGNORED;
    return found;
}
