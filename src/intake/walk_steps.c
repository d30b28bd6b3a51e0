/* The pool's side of a walk: one name after another, depth first, in the directories' own order.
 *
 * What is left out by name is counted and costs no stat; what goes while it is looked at is not there. What can't
 * be read is an entry with its error, never silence: it may be an invoice. Directories that are
 * skipped whole: this batch's output, where its documents are moved to, any batch's (or a run over
 * its own results would send them), one of the ancestors again (a loop of links), one that was
 * walked already by way of a link. */
#include "intake/walk.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void walk_clear_chunk(struct intake_walk *w)
{
    for (size_t i = 0; i < w->count; i++) {
        free(w->entries[i].path);
        free(w->entries[i].name);
    }
    for (size_t i = 0; i < w->note_count; i++)
        free(w->notes[i].path);
    w->count = w->note_count = 0;
}

/* The absolute path of LEAF in the directory on top; with LEAF NULL, of that directory, or of the
 * root if there is none. To be freed. */
static char *path_of(const struct intake_walk *w, const char *leaf)
{
    const struct directory_stack *s = &w->stack;
    const char *base = s->depth ? s->path : w->root->path;
    size_t len = s->depth ? s->levels[s->depth - 1].path_len : strlen(base);
    size_t slash = leaf && len && base[len - 1] != '/', leaf_len = leaf ? strlen(leaf) : 0;
    char *path = xcalloc(1, len + slash + leaf_len + 1);
    memcpy(path, base, len);
    if (slash)
        path[len] = '/';
    if (leaf)
        memcpy(path + len + slash, leaf, leaf_len);
    return path;
}

/* What PATH is called below the root, with the root's prefix; the root itself by its last
 * component. To be freed. */
static char *name_of(const struct walk_root *root, const char *path)
{
    const char *below = path + strlen(root->path);
    below += *below == '/';
    if (!*below && *root->prefix)
        return xstrdup(root->prefix);
    if (!*below) {
        const char *slash = strrchr(root->path, '/');
        return xstrdup(slash && slash[1] ? slash + 1 : root->path);
    }
    if (!*root->prefix) /* most often */
        return xstrdup(below);
    char *name;
    REQUIRE(asprintf(&name, "%s/%s", root->prefix, below) >= 0);
    return name;
}

static void add(struct intake_walk *w, const char *leaf, const struct stat *st, int error)
{
    struct intake_entry *e = &w->entries[w->count++];
    *e = (struct intake_entry){.root_id = w->root->id, .error = error};
    e->path = path_of(w, leaf);
    e->name = name_of(w->root, e->path);
    if (st) {
        e->stamp = file_stamp_of(st);
        e->special = !S_ISREG(st->st_mode);
    }
    if (!error && strlen(e->path) >= PATH_MAX)
        e->error = ENAMETOOLONG;
}

static void add_unreadable_directory(struct intake_walk *w, const char *leaf, int error)
{
    add(w, leaf, NULL, error);
    w->entries[w->count - 1].directory = true;
}

/* The one just entered. */
static void add_directory(struct intake_walk *w)
{
    struct stat st;
    if (fstat(dirfd(directory_stack_top(&w->stack)->stream), &st) != 0)
        return;
    add(w, NULL, &st, 0);
    w->entries[w->count - 1].directory = true;
    w->entries[w->count - 1].special = false;
}

static void note(struct intake_walk *w, enum log_level level, const char *event, const char *why)
{
    REQUIRE(w->note_count < WALK_NOTES);
    w->notes[w->note_count++] = (struct walk_note){level, event, why, path_of(w, NULL)};
}

static bool matches_one(char *const *patterns, const char *name)
{
    for (; patterns && *patterns; patterns++)
        if (text_matches(*patterns, name))
            return true;
    return false;
}

static bool is_included(const struct intake_walk *w, const char *name)
{
    return !w->include || matches_one(w->include, name);
}

/* Why the directory of that KEY is never walked; NULL: it may be. */
static const char *barred(struct intake_walk *w, struct inode_key key)
{
    static const struct inode_key none;
    for (size_t i = 0; i < w->bar_count; i++) {
        struct walk_bar *bar = &w->bars[i];
        struct stat st;
        if (inode_key_equal(bar->key, none) && stat(bar->path, &st) == 0)
            bar->key = (struct inode_key){st.st_dev, st.st_ino};
        if (inode_key_equal(bar->key, key))
            return bar->why;
    }
    return NULL;
}

static bool holds_a_batch(int fd)
{
    struct stat ledger, results;
    return fstatat(fd, "ledger.db", &ledger, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(ledger.st_mode) &&
           fstatat(fd, "results", &results, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(results.st_mode);
}

static bool is_ancestor(const struct directory_stack *s, struct inode_key key)
{
    for (size_t i = 0; i + 1 < s->depth; i++)
        if (inode_key_equal(s->levels[i].key, key))
            return true;
    return false;
}

/* Whether the directory just entered is left again. A root that is skipped leaves its user with
 * nothing: that is worth a warning. */
static bool skips_top(struct intake_walk *w)
{
    struct directory *top = directory_stack_top(&w->stack);
    enum log_level level = w->stack.depth == 1 ? LOG_WARNING : LOG_DEBUG;
    const char *why = barred(w, top->key);
    if (why) {
        note(w, level, "intake.skip", why);
    } else if (holds_a_batch(dirfd(top->stream))) {
        note(w, level, "intake.skip", "a batch's output: it holds ledger.db and results");
    } else if (is_ancestor(&w->stack, top->key)) {
        note(w, LOG_WARNING, "intake.loop", "it leads back to a directory above it");
    } else if (w->follow_symlinks) {
        int added = inode_set_add(&w->visited, top->key);
        if (added < 0)
            add_unreadable_directory(w, NULL, ENOMEM);
        else if (added == 0)
            note(w, LOG_INFO, "intake.skip", "looked through already, by another path");
        return added != 1;
    } else {
        return false;
    }
    return true;
}

static void descend(struct intake_walk *w, const char *name, bool by_link)
{
    bool root = w->stack.depth == 0;
    int error = directory_stack_enter(&w->stack, name, by_link);
    bool gone = error == ENOENT || error == ENOTDIR || (error == ELOOP && !by_link);
    if (error && (root || !gone))
        add_unreadable_directory(w, root ? NULL : name, error);
    else if (!error && skips_top(w))
        directory_stack_leave(&w->stack);
    else if (!error && w->directories)
        add_directory(w);
}

static void begin_root(struct intake_walk *w)
{
    struct stat st;
    w->root = &w->roots[w->root_next++];
    inode_set_release(&w->visited);
    if (stat(w->root->path, &st) != 0)
        add(w, NULL, NULL, errno);
    else if (S_ISDIR(st.st_mode))
        descend(w, w->root->path, true);
    else
        add(w, NULL, &st, 0);
}

static void leave_out(struct intake_walk *w, const char *name, enum left_out_why why)
{
    left_out_add(&w->left_out, why, left_out_shows_more(&w->left_out) ? path_of(w, name) : NULL);
}

static void meet_directory(struct intake_walk *w, const char *name, bool by_link)
{
    if (w->recursive)
        descend(w, name, by_link);
    else
        leave_out(w, name, LEFT_OUT_BELOW);
}

/* Neither excluded nor known to be a directory. */
static void look_at(struct intake_walk *w, const char *name)
{
    struct stat st;
    int fd = dirfd(directory_stack_top(&w->stack)->stream);
    int error = fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
    if (error == ENOENT)
        return;
    bool link = !error && S_ISLNK(st.st_mode);
    if (link && !w->follow_symlinks) {
        leave_out(w, name, LEFT_OUT_LINK);
        return;
    }
    if (link && fstatat(fd, name, &st, 0) != 0)
        error = errno; /* one that leads nowhere, too */
    if (!error && S_ISDIR(st.st_mode))
        meet_directory(w, name, link);
    else if (is_included(w, name))
        add(w, name, error ? NULL : &st, error);
    else
        leave_out(w, name, LEFT_OUT_NOT_INCLUDED);
}

/* One name of the directory on top. */
static void meet(struct intake_walk *w, const struct dirent *d)
{
    const char *name = d->d_name;
    bool may_be_directory = d->d_type == DT_UNKNOWN || d->d_type == DT_LNK;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return;
    if (matches_one(w->exclude, name))
        leave_out(w, name, LEFT_OUT_EXCLUDED);
    else if (d->d_type == DT_DIR)
        meet_directory(w, name, false);
    else if (may_be_directory || is_included(w, name))
        look_at(w, name);
    else
        leave_out(w, name, LEFT_OUT_NOT_INCLUDED);
}

static void step(struct intake_walk *w)
{
    if (w->stack.depth == 0) {
        if (w->root_next < w->root_count)
            begin_root(w);
        else
            w->ended = true;
        return;
    }
    int error;
    const struct dirent *d = directory_stack_read(&w->stack, &error);
    if (d) {
        meet(w, d);
        return;
    }
    if (error)
        add_unreadable_directory(w, NULL, error);
    directory_stack_leave(&w->stack);
}

void walk_fill(struct intake_walk *w)
{
    walk_clear_chunk(w);
    for (int looked_at = 0; looked_at < INTAKE_CHUNK && !w->ended; looked_at++) {
        if (w->count == INTAKE_CHUNK || w->note_count == WALK_NOTES || atomic_load(&w->closing))
            return;
        step(w);
    }
}
