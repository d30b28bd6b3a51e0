/* See picture_store.h. A picture is in one of three lists: waiting, being made, kept. Who waits for it hangs on it. One that
 * couldn't be made isn't kept: who asks again has it tried again. */
#include "review_page/picture_store.h"

#include "base/list.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct waiter {
    struct list node; /* in entry.waiters */
    picture_cb *cb;
    void *ctx;
};

struct entry {
    struct list node; /* in one of the store's lists */
    struct picture_store *store;
    char key[PAGE_KEY_MAX];
    int page;
    struct list waiters;
    struct desk_file file; /* until it is made */
    struct picture picture;
    struct error error;
};

struct picture_store {
    struct loop *loop;
    char *tools;
    struct list waiting, making, kept; /* kept: the one seen last is last */
    size_t waiting_count, making_count, bytes;
    bool closed;
};

struct picture_store *picture_store_new(struct loop *loop, const char *tools)
{
    struct picture_store *s = xcalloc(1, sizeof *s);
    s->loop = loop;
    s->tools = xstrdup(tools);
    list_init(&s->waiting);
    list_init(&s->making);
    list_init(&s->kept);
    return s;
}

size_t picture_store_bytes(const struct picture_store *s)
{
    return s->bytes;
}

static struct entry *find(struct list *in, const char *key, int page)
{
    LIST_EACH (node, in) {
        struct entry *entry = LIST_ENTRY(node, struct entry, node);
        if (entry->page == page && strcmp(entry->key, key) == 0)
            return entry;
    }
    return NULL;
}

/* Its waiters are told first, or it has none. */
static void entry_free(struct entry *entry)
{
    while (!list_empty(&entry->waiters)) {
        struct list *first = list_first(&entry->waiters);
        list_remove(first);
        free(LIST_ENTRY(first, struct waiter, node));
    }
    free(entry->file.path);
    picture_release(&entry->picture);
    free(entry);
}

bool picture_store_find(struct picture_store *s, const char *key, int page,
                        const struct picture **out)
{
    struct entry *entry = find(&s->kept, key, page);
    if (!entry)
        return false;
    list_remove(&entry->node);
    list_push_back(&s->kept, &entry->node);
    *out = &entry->picture;
    return true;
}

static void free_store(struct picture_store *s)
{
    struct list *const lists[] = {&s->waiting, &s->kept};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        while (!list_empty(lists[i])) {
            struct list *first = list_first(lists[i]);
            list_remove(first);
            entry_free(LIST_ENTRY(first, struct entry, node));
        }
    free(s->tools);
    free(s);
}

static void make(void *ctx)
{
    struct entry *entry = ctx;
    (void)!picture_make(&entry->picture, entry->store->tools, &entry->file, entry->page,
                        &entry->error);
}

static void tell(struct entry *entry)
{
    const struct picture *picture = entry->error.code ? NULL : &entry->picture;
    while (!list_empty(&entry->waiters)) {
        struct list *first = list_first(&entry->waiters);
        struct waiter w = *LIST_ENTRY(first, struct waiter, node);
        list_remove(first);
        free(LIST_ENTRY(first, struct waiter, node));
        w.cb(w.ctx, picture, &entry->error);
    }
}

static void keep(struct picture_store *s, struct entry *entry)
{
    list_push_back(&s->kept, &entry->node);
    s->bytes += entry->picture.bytes.len;
    while (s->bytes > PICTURES_BYTES_MAX) {
        struct entry *oldest = LIST_ENTRY(list_first(&s->kept), struct entry, node);
        s->bytes -= oldest->picture.bytes.len;
        list_remove(&oldest->node);
        entry_free(oldest);
    }
}

static void begin_next(struct picture_store *s);

static void made(void *ctx)
{
    struct entry *entry = ctx;
    struct picture_store *s = entry->store;
    list_remove(&entry->node);
    s->making_count--;
    if (s->closed) {
        entry_free(entry);
        if (s->making_count == 0)
            free_store(s);
        return;
    }
    tell(entry);
    if (entry->error.code || entry->picture.fd >= 0)
        entry_free(entry);
    else
        keep(s, entry);
    begin_next(s);
}

static void begin_next(struct picture_store *s)
{
    while (s->making_count < PICTURES_AT_ONCE && !list_empty(&s->waiting)) {
        struct entry *entry = LIST_ENTRY(list_first(&s->waiting), struct entry, node);
        list_remove(&entry->node);
        s->waiting_count--;
        list_push_back(&s->making, &entry->node);
        s->making_count++;
        loop_work(s->loop, make, made, entry);
    }
}

static struct entry *entry_new(struct picture_store *s, const char *key, int page,
                               struct desk_file *file)
{
    struct entry *entry = xcalloc(1, sizeof *entry);
    entry->store = s;
    entry->picture.fd = -1;
    entry->page = page;
    entry->file = *file;
    file->path = NULL;
    text_copy(entry->key, sizeof entry->key, key);
    list_init(&entry->waiters);
    list_push_back(&s->waiting, &entry->node);
    s->waiting_count++;
    return entry;
}

static void refuse(picture_cb *cb, void *ctx)
{
    struct error e;
    error_set(&e, ERR_BUSY, "too many pages are asked for at once");
    cb(ctx, NULL, &e);
}

void picture_store_ask(struct picture_store *s, const char *key, int page, struct desk_file *file,
                       picture_cb *cb, void *ctx)
{
    struct entry *entry = find(&s->making, key, page);
    if (!entry)
        entry = find(&s->waiting, key, page);
    if (!entry && s->waiting_count >= PICTURES_WAITING_MAX) {
        refuse(cb, ctx);
        return;
    }
    if (!entry)
        entry = entry_new(s, key, page, file);
    free(file->path);
    file->path = NULL;
    struct waiter *w = xcalloc(1, sizeof *w);
    *w = (struct waiter){.cb = cb, .ctx = ctx};
    list_push_back(&entry->waiters, &w->node);
    begin_next(s);
}

void picture_store_close(struct picture_store *s)
{
    s->closed = true;
    if (s->making_count == 0)
        free_store(s);
}
