/* See spawn.h. posix_spawn, because fork() would copy the page tables of a process that may be
 * large. */
#include "base/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_ours_alone(const char *variable)
{
    static const char *const prefixes[] = {"MINDEE_", "NOTIFY_SOCKET=",         "WATCHDOG_",
                                           "LISTEN_", "CREDENTIALS_DIRECTORY=", "INVOCATION_ID="};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

/* An array to free, of texts that aren't its own. */
static char **make_environment(const char *const *more, bool bare)
{
    size_t count = 0, extra = 0, kept = 0;
    while (!bare && environ[count])
        count++;
    while (more && more[extra])
        extra++;
    char **out = xcalloc(count + extra + 1, sizeof *out);
    for (size_t i = 0; i < count; i++)
        if (!is_ours_alone(environ[i]))
            out[kept++] = environ[i];
    for (size_t i = 0; i < extra; i++)
        out[kept++] = (char *)more[i];
    return out;
}

static int set_descriptors(posix_spawn_file_actions_t *files, const struct spawn *s)
{
    int rc = posix_spawn_file_actions_adddup2(files, s->input, STDIN_FILENO);
    if (!rc && s->output > 0)
        rc = posix_spawn_file_actions_adddup2(files, s->output, STDOUT_FILENO);
    else if (!rc)
        rc = posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (!rc && s->errors >= 0)
        rc = posix_spawn_file_actions_adddup2(files, s->errors, STDERR_FILENO);
    else if (!rc)
        rc = posix_spawn_file_actions_addopen(files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    return rc ? rc : posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
}

static int set_attributes(posix_spawnattr_t *attributes, bool session)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    flags |= session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP; /* a group of its own: 0 */
    int rc = posix_spawnattr_setsigmask(attributes, &none);
    if (!rc)
        rc = posix_spawnattr_setsigdefault(attributes, &all);
    return rc ? rc : posix_spawnattr_setflags(attributes, (short)flags);
}

int spawn_start(const struct spawn *s, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    int rc = set_descriptors(&files, s);
    if (!rc)
        rc = set_attributes(&attributes, s->session);
    char **environment = make_environment(s->variables, s->bare);
    if (!rc)
        rc =
            posix_spawn(pid, s->program, &files, &attributes, (char *const *)s->words, environment);
    free(environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return rc;
}
