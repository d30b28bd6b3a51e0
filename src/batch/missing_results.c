/* See missing_results.h. */
#include "batch/missing_results.h"

#include "base/log.h"
#include "ledger/projections.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AT_ONCE = 1000 };

struct missing_results {
    struct run_context *context;
    struct ending *ending;
    const struct result_place *place;
    struct ledger_published files[AT_ONCE];
    bool wrong[AT_ONCE], other[AT_ONCE]; /* OTHER: it is there, of another size */
    int count;
    int64_t after;
    bool due, reading, read, sizes; /* SIZES: of those published lately are compared too */
    int64_t found;
};

struct missing_results *missing_results_new(struct run_context *c, struct ending *ending)
{
    struct missing_results *m = xcalloc(1, sizeof *m);
    m->context = c;
    m->ending = ending;
    return m;
}

static void release_files(struct missing_results *m)
{
    for (int i = 0; i < m->count; i++)
        free(m->files[i].name);
    m->count = 0;
}

void missing_results_free(struct missing_results *m)
{
    if (m)
        release_files(m);
    free(m);
}

void missing_results_start(struct missing_results *m, const struct result_place *place)
{
    char boot[40];
    clock_boot_id(boot);
    int same = ledger_published_under(m->context->ledger, boot);
    m->place = place;
    m->due = ending_wrote(m->ending, same);
    m->sizes = same == 0 || ledger_was_unclean(m->context->ledger);
}

static void look_work(void *ctx)
{
    struct missing_results *m = ctx;
    struct buffer path;
    int in = result_place_look_in(m->place);
    buffer_init(&path, 0);
    for (int i = 0; i < m->count; i++) {
        struct stat st;
        bool there = result_place_look(m->place, in, m->files[i].name, &path, &st);
        bool gone = !there && (errno == ENOENT || errno == ENOTDIR);
        m->other[i] = there && m->sizes && m->files[i].lately && S_ISREG(st.st_mode) &&
                      st.st_size != m->files[i].size_bytes;
        m->wrong[i] = gone || m->other[i];
    }
    if (in >= 0)
        close(in);
    buffer_release(&path);
}

static void look_done(void *ctx)
{
    struct missing_results *m = ctx;
    m->reading = false;
    m->read = true;
    run_poke(m->context);
}

static bool take_found(struct missing_results *m)
{
    bool any = false;
    m->read = false;
    for (int i = 0; i < m->count; i++) {
        if (!m->wrong[i] || ending_has_begun(m->ending))
            continue;
        if (!ending_wrote(m->ending,
                          ledger_unpublish(m->context->ledger, m->files[i].file_id, m->other[i])))
            break;
        any = true;
        if (m->found++ < 10)
            LOG(LOG_WARNING, "result.missing", LOG_STR("name", m->files[i].name),
                LOG_STR("next", "it is written again"));
    }
    release_files(m);
    return any;
}

bool missing_results_turn(struct missing_results *m)
{
    bool any = m->read && take_found(m);
    if (!m->due || m->reading || ending_has_begun(m->ending))
        return any;
    int n = ledger_published_next(m->context->ledger, m->after, m->files, AT_ONCE);
    m->due = n == AT_ONCE;
    if (!ending_wrote(m->ending, n) || n == 0)
        return any;
    m->count = n;
    m->after = m->files[n - 1].file_id;
    m->reading = true;
    loop_work(m->context->loop, look_work, look_done, m);
    return any;
}

bool missing_results_busy(const struct missing_results *m)
{
    return m->due || m->reading || m->read;
}

bool missing_results_reading(const struct missing_results *m)
{
    return m->reading;
}

void missing_results_save(struct missing_results *m)
{
    char boot[40];
    clock_boot_id(boot);
    bool fine = ending_wrote(m->ending, ledger_published_mark(m->context->ledger, boot));
    (void)fine; /* the ending knows */
}
