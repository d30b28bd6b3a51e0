/* See failure_list.h. */
#include "notify/failure_list.h"

#include "base/text.h"
#include "base/units.h"

#include <stdlib.h>
#include <string.h>

enum { DETAIL_MOST = 48, AND_MORE_ROOM = 24 };

void failure_list_add(struct failure_list *f, const struct ledger_failure *failure)
{
    if (f->count < FAILURES_NAMED)
        f->named[f->count] = (struct failure_named){.name = xstrdup(failure->name),
                                                    .path = xstrdup(failure->path),
                                                    .code = xstrdup(failure->code),
                                                    .detail = xstrdup(failure->detail),
                                                    .state = failure->state};
    f->count++;
}

static int take(void *ctx, const struct ledger_failure *failure)
{
    failure_list_add(ctx, failure);
    return 0;
}

int failure_list_read(struct failure_list *f, struct ledger *l, int64_t after)
{
    *f = (struct failure_list){0};
    return ledger_failures_since(l, after, take, f);
}

void failure_list_release(struct failure_list *f)
{
    for (int64_t i = 0; i < f->count && i < FAILURES_NAMED; i++) {
        free(f->named[i].name);
        free(f->named[i].path);
        free(f->named[i].code);
        free(f->named[i].detail);
    }
    *f = (struct failure_list){0};
}

/* Few words for why a file isn't sent, whose sentence is too long for a list; NULL: there are none. */
static const char *reject_words(const struct failure_named *f)
{
    static const struct {
        const char *code, *words;
    } known[] = {
        {"unreadable", "can't be read"}, {"empty", "empty"},
        {"too_large", "over 100 MB"},    {"type", "no type that Mindee takes"},
        {"encrypted", "encrypted"},      {"special", "no regular file"},
        {"changed", "kept changing"},    {"animated", "animated"},
    };
    for (size_t i = 0; f->state == DOC_REJECTED && i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].code, f->code) == 0)
            return known[i].words;
    return NULL;
}

/* Mindee's words where they are short; else ours, else the code. */
static void put_reason(struct buffer *out, const struct failure_named *f)
{
    size_t len = strlen(f->detail);
    const char *words = reject_words(f);
    if (len > 0 && f->detail[len - 1] == '.')
        len--;
    if (len > 0 && len <= DETAIL_MOST)
        text_display(out, f->detail, len);
    else if (words)
        buffer_put(out, words);
    else if (*f->code)
        buffer_put(out, text_show(f->code));
    else
        buffer_put(out, doc_state_names[f->state]);
}

void failure_list_words(const struct failure_list *f, int64_t documents, size_t room,
                        struct buffer *out)
{
    char count[UNITS_TEXT_MAX], all[UNITS_TEXT_MAX];
    size_t end = out->len + room;
    buffer_printf(out, "%s of %s documents %s stored", count_format(f->count, count),
                  count_format(documents, all), f->count == 1 ? "isn't" : "aren't");
    int64_t named = 0;
    for (; named < f->count && named < FAILURES_NAMED; named++) {
        struct buffer item;
        buffer_init(&item, 0);
        buffer_put(&item, named ? ", " : ": ");
        buffer_put(&item, text_show(f->named[named].name));
        buffer_put(&item, " (");
        put_reason(&item, &f->named[named]);
        buffer_put(&item, ")");
        size_t tail = named + 1 < f->count ? AND_MORE_ROOM : 0;
        bool fits = out->len + item.len + tail <= end;
        if (fits)
            buffer_put(out, buffer_text(&item));
        buffer_release(&item);
        if (!fits)
            break;
    }
    if (named > 0 && named < f->count)
        buffer_printf(out, " and %s more", count_format(f->count - named, count));
}
