/* The loop's side of a walk: one item at a time on the pool, its chunk handed on when it is done,
 * the next one only when asked for. So the walk is never further ahead than a chunk, and one that
 * nobody asks to go on costs nothing but its open directories.
 *
 * Closing while an item runs: the item ends early and its end frees the walk. Closing from within a
 * callback: the walk is freed when the callback has returned. */
#include "intake/walk.h"

#include <stdlib.h>
#include <string.h>

static char **copy_patterns(const char *const *patterns)
{
    size_t n = 0;
    if (!patterns)
        return NULL;
    while (patterns[n])
        n++;
    char **copy = xcalloc(n + 1, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = xstrdup(patterns[i]);
    return copy;
}

static void free_patterns(char **patterns)
{
    for (size_t i = 0; patterns && patterns[i]; i++)
        free(patterns[i]);
    free(patterns);
}

static void copy_root(struct walk_root *to, const struct intake_root *from)
{
    to->id = from->id;
    to->prefix = xstrdup(from->prefix ? from->prefix : "");
    to->path = xstrdup(from->path);
    for (size_t n = strlen(to->path); n > 1 && to->path[n - 1] == '/'; n--)
        to->path[n - 1] = '\0';
}

static void add_bar(struct intake_walk *w, const char *path, const char *why)
{
    REQUIRE(w->bar_count < WALK_BARS);
    w->bars[w->bar_count++] = (struct walk_bar){.path = xstrdup(path), .why = why};
}

struct intake_walk *intake_walk_new(struct loop *loop, const struct intake_walk_options *options,
                                    const struct intake_root *roots, size_t count,
                                    const struct intake_walk_callbacks *callbacks, void *ctx)
{
    struct intake_walk *w = xcalloc(1, sizeof *w);
    w->loop = loop;
    w->callbacks = *callbacks;
    w->ctx = ctx;
    w->include = copy_patterns(options->include);
    w->exclude = copy_patterns(options->exclude);
    w->recursive = options->recursive;
    w->follow_symlinks = options->follow_symlinks;
    w->directories = options->directories;
    if (options->output_directory && *options->output_directory)
        add_bar(w, options->output_directory, "the output directory");
    for (const char *const *p = options->never_walked; p && *p; p++)
        add_bar(w, *p, "where documents are moved to when they are done");
    w->roots = xcalloc(count + 1, sizeof *w->roots);
    w->root_count = count;
    for (size_t i = 0; i < count; i++)
        copy_root(&w->roots[i], &roots[i]);
    atomic_init(&w->closing, false);
    return w;
}

static void walk_free(struct intake_walk *w)
{
    walk_clear_chunk(w);
    left_out_release(&w->left_out);
    directory_stack_release(&w->stack);
    inode_set_release(&w->visited);
    for (size_t i = 0; i < w->root_count; i++) {
        free(w->roots[i].path);
        free(w->roots[i].prefix);
    }
    free(w->roots);
    free_patterns(w->include);
    free_patterns(w->exclude);
    for (size_t i = 0; i < w->bar_count; i++)
        free(w->bars[i].path);
    free(w);
}

static void log_notes(const struct intake_walk *w)
{
    for (size_t i = 0; i < w->note_count; i++)
        LOG(w->notes[i].level, w->notes[i].event, LOG_STR("path", w->notes[i].path),
            LOG_STR("why", w->notes[i].why));
}

static void work(void *ctx)
{
    walk_fill(ctx);
}

static void work_done(void *ctx);

static void begin_item(struct intake_walk *w)
{
    w->working = true;
    loop_work(w->loop, work, work_done, w);
}

static void work_done(void *ctx)
{
    struct intake_walk *w = ctx;
    w->working = false;
    if (atomic_load(&w->closing)) {
        walk_free(w);
        return;
    }
    log_notes(w);
    if (w->count == 0 && !w->ended) {
        begin_item(w);
        return;
    }
    w->in_callback = true;
    if (w->count) {
        w->callbacks.entries(w->ctx, w->entries, w->count);
    } else {
        w->done = true;
        w->callbacks.done(w->ctx);
    }
    w->in_callback = false;
    if (atomic_load(&w->closing) && !w->working)
        walk_free(w);
}

const struct left_out *intake_walk_left_out(const struct intake_walk *walk)
{
    REQUIRE(!walk->working);
    return &walk->left_out;
}

void intake_walk_more(struct intake_walk *walk)
{
    REQUIRE(!walk->working && !walk->done && !atomic_load(&walk->closing));
    begin_item(walk);
}

void intake_walk_close(struct intake_walk *walk)
{
    if (!walk)
        return;
    atomic_store(&walk->closing, true);
    if (!walk->working && !walk->in_callback)
        walk_free(walk);
}
