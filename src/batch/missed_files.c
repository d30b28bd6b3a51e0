/* See missed_files.h. */
#include "batch/missed_files.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { AT_ONCE = 500, ELSEWHERE_MOST = 4 };

struct missed_files {
    struct run_context *context;
    struct ending *ending;
    struct journal *journal;
    int64_t upto; /* files of the ledger when the walk began */
    unsigned char *seen;
    size_t root;
    struct ledger_missed files[AT_ONCE];
    bool gone[AT_ONCE], there[AT_ONCE];
    int count;
    bool due, whole, looking, looked;
    bool again; /* once what is noted is durable */
};

struct missed_files *missed_files_new(struct run_context *c, struct ending *ending,
                                      struct journal *journal)
{
    struct missed_files *m = xcalloc(1, sizeof *m);
    m->context = c;
    m->ending = ending;
    m->journal = journal;
    return m;
}

static void release_files(struct missed_files *m)
{
    for (int i = 0; i < m->count; i++)
        free(m->files[i].path);
    m->count = 0;
}

void missed_files_free(struct missed_files *m)
{
    if (!m)
        return;
    release_files(m);
    free(m->seen);
    free(m);
}

void missed_walk_begins(struct missed_files *m)
{
    m->due = false;
    if (m->looking)
        return;
    free(m->seen);
    m->seen = NULL;
    if (!ending_wrote(m->ending, ledger_last_file(m->context->ledger, &m->upto)))
        m->upto = 0;
    if (m->upto > 0)
        m->seen = xcalloc((size_t)m->upto / 8 + 1, 1);
}

void missed_seen(struct missed_files *m, int64_t file_id)
{
    if (m->seen && file_id > 0 && file_id <= m->upto)
        m->seen[file_id / 8] |= (unsigned char)(1 << file_id % 8);
}

struct elsewhere {
    uint8_t sha256[SHA256_BYTES];
    int64_t settings_id;
    struct ledger_missed files[ELSEWHERE_MOST];
    bool gone[ELSEWHERE_MOST];
    int count;
};

static int find_elsewhere(struct missed_files *m, const uint8_t *sha256, int64_t settings_id,
                          struct ledger_missed files[ELSEWHERE_MOST])
{
    int n = m->seen ? ledger_gone_of(m->context->ledger, sha256, settings_id, m->upto, files,
                                     ELSEWHERE_MOST)
                    : 0;
    return ending_wrote(m->ending, n) ? n : 0;
}

struct elsewhere *missed_elsewhere(struct missed_files *m, const uint8_t sha256[SHA256_BYTES],
                                   int64_t settings_id)
{
    struct ledger_missed files[ELSEWHERE_MOST];
    int n = find_elsewhere(m, sha256, settings_id, files);
    if (n == 0)
        return NULL;
    struct elsewhere *e = xcalloc(1, sizeof *e);
    e->settings_id = settings_id;
    e->count = n;
    memcpy(e->sha256, sha256, SHA256_BYTES);
    memcpy(e->files, files, (size_t)n * sizeof *files);
    return e;
}

void elsewhere_look(struct elsewhere *e)
{
    struct stat st;
    for (int i = 0; i < e->count; i++)
        e->gone[i] = lstat(e->files[i].path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

static bool was_gone(const struct elsewhere *e, int64_t file_id)
{
    for (int i = 0; i < e->count; i++)
        if (e->files[i].file_id == file_id)
            return e->gone[i];
    return false;
}

void missed_elsewhere_gone(struct missed_files *m, const struct elsewhere *e)
{
    struct ledger_missed files[ELSEWHERE_MOST];
    int n = find_elsewhere(m, e->sha256, e->settings_id, files);
    for (int i = 0; i < n; i++) {
        if (was_gone(e, files[i].file_id))
            note_gone(m->journal, files[i].file_id);
        free(files[i].path);
    }
}

void elsewhere_free(struct elsewhere *e)
{
    for (int i = 0; e && i < e->count; i++)
        free(e->files[i].path);
    free(e);
}

void missed_walk_ended(struct missed_files *m, bool whole)
{
    m->due = m->seen && !m->looking;
    m->whole = whole;
    m->root = 0;
}

void missed_look_again(struct missed_files *m)
{
    m->again = m->seen != NULL;
}

struct mono missed_next(const struct missed_files *m, struct mono now)
{
    return m->again && !journal_dirty(m->journal) && !journal_out(m->journal) ? now : MONO_NEVER;
}

static bool was_seen(void *ctx, int64_t file_id)
{
    const struct missed_files *m = ctx;
    return m->seen[file_id / 8] & 1 << file_id % 8;
}

static void look_work(void *ctx)
{
    struct missed_files *m = ctx;
    struct stat st;
    for (int i = 0; i < m->count; i++) {
        m->there[i] = lstat(m->files[i].path, &st) == 0;
        m->gone[i] = m->there[i] ? m->whole : errno == ENOENT || errno == ENOTDIR;
    }
}

static void look_done(void *ctx)
{
    struct missed_files *m = ctx;
    m->looking = false;
    m->looked = true;
    run_poke(m->context);
}

static void take_looked(struct missed_files *m)
{
    m->looked = false;
    for (int i = 0; i < m->count; i++) {
        missed_seen(m, m->files[i].file_id); /* it was looked at */
        if (!m->gone[i] || ending_life(m->ending) == RUN_CLOSING)
            continue;
        LOG(LOG_INFO, m->there[i] ? "file.left_out" : "file.gone",
            LOG_STR("path", m->files[i].path),
            LOG_STR("next", "it was never sent, and doesn't count any more"));
        note_gone(m->journal, m->files[i].file_id);
    }
    release_files(m);
}

void missed_turn(struct missed_files *m)
{
    const struct batch_options *o = m->context->options;
    if (m->looked)
        take_looked(m);
    if (m->again && !m->due && !m->looking && !journal_dirty(m->journal) &&
        !journal_out(m->journal)) {
        m->again = false;
        m->due = true;
        m->root = 0;
    }
    while (m->due && !m->looking && !ending_has_begun(m->ending)) {
        if (m->root >= o->root_count) {
            m->due = false;
            break;
        }
        int n = ledger_gone_next(m->context->ledger, o->roots[m->root].path, m->upto, was_seen, m,
                                 m->files, AT_ONCE);
        if (!ending_wrote(m->ending, n))
            return;
        m->count = n;
        m->root += n < AT_ONCE;
        if (n == 0)
            continue;
        m->looking = true;
        loop_work(m->context->loop, look_work, look_done, m);
    }
}

bool missed_busy(const struct missed_files *m)
{
    return m->looking || m->looked || ((m->due || m->again) && !ending_has_begun(m->ending));
}
