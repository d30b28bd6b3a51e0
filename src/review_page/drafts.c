/* See drafts.h. Each record's draft is kept as the JSON that goes back to the page. */
#include "review_page/drafts.h"

#include "base/list.h"
#include "format/json_string.h"

#include <stdlib.h>
#include <string.h>

struct draft {
    struct list node; /* in drafts.all */
    char key[PAGE_KEY_MAX];
    struct buffer json;
};

struct drafts {
    struct list all; /* touched last: last */
    size_t count, bytes;
};

struct drafts *drafts_new(void)
{
    struct drafts *d = xcalloc(1, sizeof *d);
    list_init(&d->all);
    return d;
}

static struct draft *find(const struct drafts *d, const char *key)
{
    LIST_EACH (node, (struct list *)&d->all) {
        struct draft *draft = LIST_ENTRY(node, struct draft, node);
        if (strcmp(draft->key, key) == 0)
            return draft;
    }
    return NULL;
}

static void drop(struct drafts *d, struct draft *draft)
{
    d->count--;
    d->bytes -= draft->json.len;
    list_remove(&draft->node);
    buffer_release(&draft->json);
    free(draft);
}

void drafts_free(struct drafts *d)
{
    if (!d)
        return;
    while (!list_empty(&d->all))
        drop(d, LIST_ENTRY(list_first(&d->all), struct draft, node));
    free(d);
}

void drafts_drop(struct drafts *d, const char *key)
{
    struct draft *draft = find(d, key);
    if (draft)
        drop(d, draft);
}

static void put_changes(struct buffer *out, const struct page_body *body)
{
    buffer_put(out, "[");
    for (size_t i = 0; i < body->change_count; i++) {
        const struct page_change *c = &body->changes[i];
        buffer_put(out, i ? ",{\"path\":" : "{\"path\":");
        json_string_put(out, c->path, strlen(c->path));
        buffer_put(out, ",\"value\":");
        json_string_put(out, c->value, strlen(c->value));
        buffer_put(out, "}");
    }
    buffer_put(out, "]");
}

void drafts_keep(struct drafts *d, const struct page_body *body)
{
    drafts_drop(d, body->record);
    if (!body->change_count)
        return;
    struct draft *draft = xcalloc(1, sizeof *draft);
    memcpy(draft->key, body->record, sizeof draft->key);
    buffer_init(&draft->json, 0);
    put_changes(&draft->json, body);
    list_push_back(&d->all, &draft->node);
    d->count++;
    d->bytes += draft->json.len;
    while (d->count > 1 && (d->count > DRAFTS_MAX || d->bytes > DRAFTS_BYTES_MAX))
        drop(d, LIST_ENTRY(list_first(&d->all), struct draft, node));
}

void drafts_put(const struct drafts *d, const char *key, struct buffer *out)
{
    const struct draft *draft = find(d, key);
    buffer_put(out, draft ? buffer_text(&draft->json) : "[]");
}
