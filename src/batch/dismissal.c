/* See dismissal.h. What is dismissed already is left, but for a new note to a PATH. */
#include "batch/dismissal.h"

#include "base/array.h"
#include "base/text.h"
#include "base/units.h"
#include "batch/exit_code.h"
#include "ledger/document_ledger.h"
#include "ledger/listing.h"

#include <stdlib.h>

struct selecting {
    struct dismissal *d;
    const struct control_request *request;
    size_t of_path;       /* documents of the PATH that can be dismissed */
    enum doc_state other; /* of one that can't */
};

static void add(struct dismissal *d, int64_t id)
{
    ARRAY_RESERVE(d->ids, d->capacity, d->count + 1);
    d->ids[d->count++] = id;
}

static int select_row(void *ctx, const struct ledger_listing *row)
{
    struct selecting *s = ctx;
    bool can = doc_state_can_be_dismissed(row->state) && !row->dismissed.ms;
    if (can && s->request->states[row->state])
        add(s->d, row->document_id);
    return 0;
}

static int select_named(void *ctx, const struct ledger_listing *row)
{
    struct selecting *s = ctx;
    if (!doc_state_can_be_dismissed(row->state)) {
        s->other = row->state;
        return 0;
    }
    s->of_path++;
    if (!row->dismissed.ms || s->request->note)
        add(s->d, row->document_id);
    return 0;
}

static int say(struct dismissal *d, int code, const char *subject, const char *words)
{
    buffer_printf(&d->words, "%s%s", text_show(subject), words);
    return code;
}

static int ledger_trouble(struct dismissal *d, struct ledger *l)
{
    const struct error *e = ledger_error(l);
    return say(d, exit_code_of(e), e->text, "");
}

static int select_path(struct selecting *s, struct ledger *l, const char *path)
{
    struct dismissal *d = s->d;
    s->of_path = 0;
    int found = ledger_list_meant(l, path, s->request->all, select_named, s);
    if (found < 0)
        return ledger_trouble(d, l);
    if (found == 0)
        return say(d, EXIT_USAGE, path,
                   " is not in the ledger; name files as failures.csv does; nothing was dismissed");
    if (s->of_path > 0)
        return 0;
    buffer_printf(&d->words,
                  "%s is %s: only what failed, was rejected, is lost or in doubt can be dismissed; "
                  "nothing was",
                  text_show(path), doc_state_names[s->other]);
    return EXIT_USAGE;
}

int dismissal_select(struct dismissal *d, struct ledger *l, const struct control_request *r)
{
    struct selecting s = {.d = d, .request = r};
    char count[UNITS_TEXT_MAX];
    *d = (struct dismissal){0};
    buffer_init(&d->words, 0);
    int code = ledger_list(l, false, select_row, &s) < 0 ? ledger_trouble(d, l) : 0;
    for (size_t i = 0; i < r->path_count && code == 0; i++)
        code = select_path(&s, l, r->paths[i]);
    d->count = array_sort_numbers(d->ids, d->count);
    if (code == 0 && d->count)
        buffer_printf(&d->words,
                      "%s document%s dismissed: `mindee-batch retry PATH` takes one up again",
                      count_format((int64_t)d->count, count), d->count == 1 ? " is" : "s are");
    else if (code == 0)
        buffer_put(&d->words, "there was nothing to dismiss");
    return code;
}

void dismissal_release(struct dismissal *d)
{
    free(d->ids);
    buffer_release(&d->words);
}

struct ledger_step dismissal_step(const struct ledger_document *doc, const char *note)
{
    return (struct ledger_step){.document_id = doc->id,
                                .from = doc->state,
                                .to = doc->state,
                                .event = EV_DISMISS,
                                .attempts = doc->attempts,
                                .attempt = doc->attempt,
                                .cause = note};
}
