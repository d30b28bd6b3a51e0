/* See unread.h. The list is bounded: where it would grow over it, the PATHs that its entries are of
 * stand for them, and are walked again as a whole. */
#include "batch/unread.h"

#include "base/log.h"
#include "base/trouble.h"
#include "ledger/unread_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ITEMS_MOST = 1000,
    WAIT_FIRST_MS = 250,
    WAIT_MOST_MS = 15000,
    ALONE_MOST = 3, /* rounds in which another file of its PATH could be read */
    SHOWN_MOST = 10,
};

struct item {
    struct intake_entry entry; /* path and name owned */
    enum trouble trouble;
    int error;
    int alone;         /* rounds; see ALONE_MOST */
    struct mono since; /* it can't be read */
    bool walks;        /* a directory, or nobody knows what: it is looked at by a walk */
    bool tried;        /* in this round, and it failed again */
};

/* A PATH. */
struct place {
    int64_t id;
    char *control;     /* the file below it that was read last; NULL: none was */
    bool silent;       /* nothing could be read since */
    struct mono since; /* SILENT */
    bool answers;      /* the control could be read before this round */
};

enum phase { RESTING, PROBING, PROBED, ROUND };

struct unread {
    struct run_context *context;
    struct ending *ending;
    struct item *items;
    size_t count;
    struct place *places;
    size_t place_count;
    enum phase phase;
    struct mono retry_at;
    int64_t wait_ms;
    bool some_read; /* in this round */
    bool unsaved;
    size_t shown;
    struct intake_root *roots;    /* of the round */
    struct intake_entry *entries; /* of the round */
};

struct unread *unread_new(struct run_context *c, struct ending *ending)
{
    struct unread *u = xcalloc(1, sizeof *u);
    u->context = c;
    u->ending = ending;
    u->items = xcalloc(ITEMS_MOST, sizeof *u->items);
    u->roots = xcalloc(ITEMS_MOST, sizeof *u->roots);
    u->entries = xcalloc(ITEMS_MOST, sizeof *u->entries);
    u->wait_ms = WAIT_FIRST_MS;
    return u;
}

static void item_release(struct item *i)
{
    free(i->entry.path);
    free(i->entry.name);
}

void unread_free(struct unread *u)
{
    if (!u)
        return;
    for (size_t i = 0; i < u->count; i++)
        item_release(&u->items[i]);
    for (size_t i = 0; i < u->place_count; i++)
        free(u->places[i].control);
    free(u->items);
    free(u->places);
    free(u->roots);
    free(u->entries);
    free(u);
}

/* --- PATHs --- */

static struct place *place_of(struct unread *u, int64_t root_id)
{
    for (size_t i = 0; i < u->place_count; i++)
        if (u->places[i].id == root_id)
            return &u->places[i];
    u->places = realloc(u->places, (u->place_count + 1) * sizeof *u->places);
    REQUIRE(u->places != NULL);
    struct place *p = &u->places[u->place_count++];
    *p = (struct place){.id = root_id};
    return p;
}

static const struct intake_root *root_of(const struct unread *u, int64_t id)
{
    const struct batch_options *o = u->context->options;
    for (size_t i = 0; i < o->root_count; i++)
        if (o->roots[i].id == id)
            return &o->roots[i];
    return NULL;
}

void unread_read(struct unread *u, int64_t root_id, const char *path)
{
    struct place *p = place_of(u, root_id);
    if (p->silent)
        LOG(LOG_INFO, "files.readable_again", LOG_STR("path", path));
    p->silent = false;
    u->some_read = true;
    u->shown = 0;
    if (p->control && strcmp(p->control, path) == 0)
        return;
    free(p->control);
    p->control = xstrdup(path);
}

void unread_control(struct unread *u, int64_t root_id, const char *path)
{
    struct place *p = place_of(u, root_id);
    if (!p->control)
        p->control = xstrdup(path);
}

/* --- what can't be read --- */

static struct item *find_item(struct unread *u, const char *path)
{
    for (size_t i = 0; i < u->count; i++)
        if (strcmp(u->items[i].entry.path, path) == 0)
            return &u->items[i];
    return NULL;
}

static void drop_item(struct unread *u, size_t at)
{
    item_release(&u->items[at]);
    u->items[at] = u->items[--u->count];
    u->unsaved = true;
}

static struct item *new_item(struct unread *u, const struct intake_entry *entry, struct mono now)
{
    const struct intake_root *root = root_of(u, entry->root_id);
    bool whole = root && strcmp(root->path, entry->path) == 0;
    struct item *i = &u->items[u->count++];
    *i = (struct item){.entry = *entry, .since = now};
    i->entry.path = xstrdup(entry->path);
    i->entry.name = xstrdup(whole ? root->prefix : entry->name);
    i->walks = entry->error != 0; /* else it was seen to be a file */
    i->entry.error = 0;
    u->unsaved = true;
    return i;
}

/* The PATHs stand for all that is below them. */
static void collapse(struct unread *u, struct mono now)
{
    const struct batch_options *o = u->context->options;
    for (size_t r = 0; r < o->root_count; r++) {
        bool any = false;
        struct item kept = {0};
        for (size_t i = u->count; i-- > 0;)
            if (u->items[i].entry.root_id == o->roots[r].id) {
                any = true;
                kept.trouble = u->items[i].trouble;
                kept.error = u->items[i].error;
                drop_item(u, i);
            }
        if (!any)
            continue;
        const struct intake_entry entry = {.root_id = o->roots[r].id,
                                           .path = (char *)o->roots[r].path,
                                           .name = (char *)o->roots[r].prefix,
                                           .directory = true,
                                           .error = kept.error};
        struct item *whole = new_item(u, &entry, now);
        whole->trouble = kept.trouble;
        whole->error = kept.error;
        whole->tried = true;
    }
}

static void show(struct unread *u, const struct intake_entry *entry, int error)
{
    if (u->shown++ >= SHOWN_MOST)
        return;
    LOG(LOG_WARNING, "file.unreadable_now", LOG_STR("path", entry->path),
        LOG_STR("reason", strerror(error)),
        LOG_STR("next", "it is tried again until input.patience is over"));
}

/* The PATH of ENTRY is to be walked again as a whole. */
static bool is_covered(struct unread *u, const struct intake_entry *entry)
{
    const struct intake_root *root = root_of(u, entry->root_id);
    const struct item *whole = root ? find_item(u, root->path) : NULL;
    return whole && whole->tried && strcmp(root->path, entry->path) != 0;
}

void unread_add(struct unread *u, const struct intake_entry *entry, int error, struct mono now)
{
    struct place *p = place_of(u, entry->root_id);
    if (!p->silent && !(u->phase == ROUND && p->answers)) {
        p->silent = true;
        p->since = now;
    }
    struct item *i = find_item(u, entry->path);
    if (!i) {
        if (is_covered(u, entry))
            return;
        if (u->count == ITEMS_MOST)
            collapse(u, now);
        show(u, entry, error);
        i = u->count == ITEMS_MOST || is_covered(u, entry) ? NULL : new_item(u, entry, now);
    }
    if (!i)
        return;
    i->trouble = trouble_of(error) == TROUBLE_OF_MACHINE ? TROUBLE_OF_MACHINE : TROUBLE_OF_PLACE;
    i->error = error;
    i->tried = true;
    if (u->phase == ROUND && p->answers)
        i->alone++;
}

/* --- rounds --- */

/* The files that are looked at to know whether their PATHs can be read at all. */
struct probe {
    struct unread *unread;
    size_t count;
    struct {
        char *path; /* NULL: there is none to look at */
        bool answers;
    } controls[];
};

static bool can_be_read(const char *path)
{
    char byte;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int error = fd < 0 || read(fd, &byte, 1) < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return trouble_of_open(path, error) == TROUBLE_NONE;
}

static void probe_work(void *ctx)
{
    struct probe *probe = ctx;
    for (size_t i = 0; i < probe->count; i++)
        if (probe->controls[i].path)
            probe->controls[i].answers = can_be_read(probe->controls[i].path);
}

static void probe_done(void *ctx)
{
    struct probe *probe = ctx;
    struct unread *u = probe->unread;
    for (size_t i = 0; i < probe->count; i++) {
        u->places[i].answers = probe->controls[i].answers;
        if (probe->controls[i].answers)
            u->places[i].silent = false;
        free(probe->controls[i].path);
    }
    free(probe);
    u->phase = PROBED;
    run_poke(u->context);
}

static void begin_probe(struct unread *u)
{
    struct probe *probe = xcalloc(1, sizeof *probe + u->place_count * sizeof *probe->controls);
    probe->unread = u;
    probe->count = u->place_count;
    for (size_t i = 0; i < u->place_count; i++)
        if (u->places[i].control)
            probe->controls[i].path = xstrdup(u->places[i].control);
    u->phase = PROBING;
    loop_work(u->context->loop, probe_work, probe_done, probe);
}

static void begin_round(struct unread *u)
{
    u->phase = ROUND;
    u->some_read = false;
    for (size_t i = 0; i < u->count; i++)
        u->items[i].tried = false;
}

void unread_walk_begins(struct unread *u)
{
    for (size_t i = 0; i < u->place_count; i++)
        u->places[i].answers = false;
    begin_round(u);
}

bool unread_turn(struct unread *u, struct mono now)
{
    if (u->phase == RESTING && u->count > 0 && mono_reached(now, u->retry_at))
        begin_probe(u);
    if (u->phase != PROBED)
        return false;
    begin_round(u);
    return true;
}

size_t unread_places(struct unread *u, const struct intake_root **places)
{
    size_t n = 0;
    for (size_t i = 0; i < u->count; i++)
        if (u->items[i].walks)
            u->roots[n++] = (struct intake_root){.path = u->items[i].entry.path,
                                                 .prefix = u->items[i].entry.name,
                                                 .id = u->items[i].entry.root_id};
    *places = u->roots;
    return n;
}

size_t unread_files(struct unread *u, struct intake_entry **files)
{
    size_t n = 0;
    for (size_t i = 0; i < u->count; i++)
        if (!u->items[i].walks)
            u->entries[n++] = u->items[i].entry;
    *files = u->entries;
    return n;
}

void unread_round_ends(struct unread *u, struct mono now)
{
    for (size_t i = u->count; i-- > 0;)
        if (!u->items[i].tried)
            drop_item(u, i);
    bool fresh = u->some_read || u->count == 0;
    u->wait_ms = fresh ? WAIT_FIRST_MS : u->wait_ms * 2;
    u->wait_ms = u->wait_ms < WAIT_MOST_MS ? u->wait_ms : WAIT_MOST_MS;
    u->retry_at = mono_add(now, u->wait_ms);
    u->phase = RESTING;
}

struct mono unread_next(const struct unread *u)
{
    return u->phase == RESTING && u->count > 0 ? u->retry_at : MONO_NEVER;
}

/* --- how long --- */

static bool keeps_waiting(const struct unread *u, const struct item *i, struct mono now)
{
    int64_t patience_ms = u->context->options->input_patience_ms;
    for (size_t n = 0; n < u->place_count; n++)
        if (u->places[n].id == i->entry.root_id && u->places[n].silent)
            return mono_diff(now, u->places[n].since) < patience_ms;
    return i->trouble == TROUBLE_OF_MACHINE ? mono_diff(now, i->since) < patience_ms
                                            : i->alone < ALONE_MOST;
}

bool unread_busy(const struct unread *u, struct mono now)
{
    for (size_t i = 0; i < u->count; i++)
        if (keeps_waiting(u, &u->items[i], now))
            return true;
    return false;
}

bool unread_probing(const struct unread *u)
{
    return u->phase == PROBING;
}

bool unread_away(const struct unread *u)
{
    for (size_t i = 0; i < u->place_count; i++)
        if (u->places[i].silent)
            return true;
    return false;
}

size_t unread_count(const struct unread *u)
{
    return u->count;
}

void unread_save(struct unread *u, bool walked)
{
    const struct batch_options *o = u->context->options;
    struct ledger *l = u->context->ledger;
    bool fine = true;
    if (!u->unsaved && !walked)
        return;
    for (size_t i = 0; walked && fine && i < o->root_count; i++)
        fine = ending_wrote(u->ending, ledger_unread_clear(l, o->roots[i].id));
    for (size_t i = 0; fine && i < u->count; i++)
        fine = ending_wrote(u->ending,
                            ledger_unread_put(l, u->items[i].entry.root_id, u->items[i].entry.path,
                                              strerror(u->items[i].error)));
    u->unsaved = false;
}
