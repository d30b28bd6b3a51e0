/* Before the first result is written (result_files.h): its directories are there, and empty of what
 * an earlier run left half written. */
#include "base/directory.h"
#include "base/safe_file.h"
#include "results/name_trial.h"
#include "results/result_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The names that result_file_write gives, numbers, and those of a trial. */
static bool is_partial(const char *name)
{
    bool number = *name != '\0' && name[strspn(name, "0123456789")] == '\0';
    return number || strncmp(name, NAME_TRIAL, sizeof NAME_TRIAL - 1) == 0;
}

static int prepare(const char *directory, const char *below, enum file_access a, struct error *e)
{
    int fd = directory_open(directory, below, directory_make_for(a));
    int error = errno;
    struct buffer path;
    if (fd >= 0)
        return fd;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/%s", directory, below);
    errno = error;
    directory_refused(e, "use", buffer_text(&path));
    if (error == ELOOP) /* nothing that passes by itself */
        e->code = ERR_USAGE;
    buffer_release(&path);
    return -1;
}

/* Removes what an earlier run left half written. PARTIAL stays open. */
static void clear_partial(int partial)
{
    int fd = fcntl(partial, F_DUPFD_CLOEXEC, 0);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    if (!entries && fd >= 0)
        close(fd);
    while (entries && (entry = readdir(entries)) != NULL)
        if (is_partial(entry->d_name))
            unlinkat(partial, entry->d_name, 0);
    if (entries)
        closedir(entries);
}

int result_files_prepare(const char *directory, enum file_access a, struct naming_place *found,
                         struct error *e)
{
    if (directory_make(directory, a, e) < 0)
        return e->code;
    int results = prepare(directory, RESULTS, a, e);
    if (results < 0)
        return e->code;
    int partial = prepare(directory, RESULTS_PARTIAL, a, e);
    if (partial >= 0) {
        clear_partial(partial);
        *found = name_trial(partial, results);
        close(partial);
        safe_file_clear(directory);
    }
    close(results);
    return partial < 0 ? e->code : 0;
}
