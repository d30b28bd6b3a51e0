/* See page_body.h. One pass over the scan (json_scan.h). A member of the root is told by its depth, a member of a change by
 * being two levels below `corrections`; the same name again replaces what came before. */
#include "review_page/page_body.h"

#include "base/array.h"
#include "base/json_scan.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_ROOT = 1, DEPTH_LIST = 2, DEPTH_CHANGE = 3 };

static bool is_member(const struct json_scan *s, const char *name)
{
    return s->key && s->key_len == strlen(name) && memcmp(s->key, name, s->key_len) == 0;
}

/* A scalar as text, to free; null is "". NULL: it is an array or object, or a text that no C string can hold. */
static char *scalar(const struct json_scan *s)
{
    if (s->kind >= JSON_ARRAY)
        return NULL;
    char *text = xcalloc(s->len + 1, 1);
    int64_t mended = 0;
    if (s->kind == JSON_STRING) {
        size_t len = json_decode(s->text, s->len, text, &mended);
        text[len] = '\0';
        if (mended || strlen(text) != len) {
            free(text);
            return NULL;
        }
    } else if (s->kind != JSON_NULL) {
        memcpy(text, s->text, s->len);
    }
    return text;
}

static int take_text(char **slot, const struct json_scan *s, struct error *e)
{
    char *text = scalar(s);
    if (!text)
        return error_set(e, ERR_FORMAT, "`%.*s` isn't a plain text", (int)s->key_len, s->key);
    free(*slot);
    *slot = text;
    return 0;
}

static int take_record(struct page_body *b, const struct json_scan *s, struct error *e)
{
    char *text = s->kind == JSON_STRING ? scalar(s) : NULL;
    bool fine = text && record_key_is_one(text) && text_copy(b->record, sizeof b->record, text);
    free(text);
    return fine ? 0 : error_set(e, ERR_FORMAT, "`record` isn't a record's key");
}

static int take_root(struct page_body *b, const struct json_scan *s, bool *in_list, struct error *e)
{
    *in_list = false;
    if (is_member(s, "record"))
        return take_record(b, s, e);
    if (is_member(s, "version"))
        return take_text(&b->version, s, e);
    if (is_member(s, "action"))
        return take_text(&b->action, s, e);
    if (is_member(s, "note"))
        return take_text(&b->note, s, e);
    if (is_member(s, "keep"))
        b->keep = s->kind == JSON_BOOLEAN && *s->text == 't';
    if (is_member(s, "corrections")) {
        *in_list = s->kind == JSON_ARRAY;
        if (!*in_list && s->kind != JSON_NULL)
            return error_set(e, ERR_FORMAT, "`corrections` isn't a list");
    }
    return 0;
}

static int begin_change(struct page_body *b, const struct json_scan *s, struct error *e)
{
    if (s->kind != JSON_OBJECT)
        return error_set(e, ERR_FORMAT, "a correction isn't an object with `path` and `value`");
    if (b->change_count == PAGE_CHANGES_MAX)
        return error_set(e, ERR_FORMAT, "more than %d corrections", PAGE_CHANGES_MAX);
    ARRAY_RESERVE(b->changes, b->change_capacity, b->change_count + 1);
    b->changes[b->change_count++] = (struct page_change){NULL, NULL};
    return 0;
}

static int take(struct page_body *b, const struct json_scan *s, bool *in_list, struct error *e)
{
    bool opens = s->kind >= JSON_ARRAY;
    size_t depth = s->depth - (opens ? 1 : 0); /* of what it stands in */
    if (depth == 0)
        return s->kind == JSON_OBJECT ? 0 : error_set(e, ERR_FORMAT, "the body isn't an object");
    if (depth == DEPTH_ROOT)
        return take_root(b, s, in_list, e);
    if (!*in_list)
        return 0;
    if (depth == DEPTH_LIST)
        return begin_change(b, s, e);
    if (depth != DEPTH_CHANGE)
        return 0;
    struct page_change *change = &b->changes[b->change_count - 1];
    if (is_member(s, "path"))
        return take_text(&change->path, s, e);
    return is_member(s, "value") ? take_text(&change->value, s, e) : 0;
}

static int check(const struct page_body *b, struct error *e)
{
    if (!*b->record)
        return error_set(e, ERR_FORMAT, "`record` is missing");
    for (size_t i = 0; i < b->change_count; i++)
        if (!b->changes[i].path || !b->changes[i].value)
            return error_set(e, ERR_FORMAT, "correction %zu has no `path` or no `value`", i + 1);
    return 0;
}

int page_body_read(struct page_body *b, const char *text, size_t len, struct error *e)
{
    struct json_scan s;
    bool in_list = false;
    int r;
    *b = (struct page_body){.note = xstrdup("")};
    json_scan_init(&s, text, len);
    while ((r = json_scan_next(&s)) > 0) {
        int err = s.closed ? 0 : take(b, &s, &in_list, e);
        if (err)
            return err;
    }
    if (r < 0)
        return error_set(e, ERR_FORMAT, "the body isn't JSON: %s", s.error);
    return check(b, e);
}

void page_body_release(struct page_body *b)
{
    for (size_t i = 0; i < b->change_count; i++) {
        free(b->changes[i].path);
        free(b->changes[i].value);
    }
    free(b->changes);
    free(b->version);
    free(b->action);
    free(b->note);
    *b = (struct page_body){0};
}
