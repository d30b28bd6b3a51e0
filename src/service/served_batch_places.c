/* See served_batch_places.h. */
#include "service/served_batch_places.h"
#include "base/text.h"

#include <stdlib.h>
#include <sys/stat.h>

enum {
    PLACES_MOST = 5,
    SILENT_MS = 5000, /* a directory that takes longer hangs */
    FRESH_MS = 1000,  /* an answer holds so long */
};

/* The pool's, while it looks: it outlives the batch where that has to end. */
struct places {
    struct served_batch *batch; /* NULL: nobody wants to know any more */
    char *paths[PLACES_MOST];
    size_t count;
    struct mono asked_at, answered_at;
    bool answered;
};

static void places_free(struct places *p)
{
    for (size_t i = 0; i < p->count; i++)
        free(p->paths[i]);
    free(p);
}

static void look_work(void *ctx)
{
    struct places *p = ctx;
    struct stat st;
    for (size_t i = 0; i < p->count; i++)
        (void)!stat(p->paths[i], &st);
}

static void look_done(void *ctx)
{
    struct places *p = ctx;
    struct served_batch *s = p->batch;
    if (!s) {
        places_free(p);
        return;
    }
    p->answered = true;
    p->answered_at = loop_now(s->host->loop);
    s->host->poke(s->host->ctx);
}

static void add(struct places *p, const char *path)
{
    if (path && *path)
        p->paths[p->count++] = xstrdup(path);
}

static void begin_asking(struct served_batch *s)
{
    const struct settings *settings = config_settings(s->entry->config);
    struct places *p = xcalloc(1, sizeof *p);
    p->batch = s;
    p->asked_at = loop_now(s->host->loop);
    add(p, settings->input.directory);
    add(p, settings->input.move_stored);
    add(p, settings->input.move_failed);
    add(p, settings->input.move_rejected);
    add(p, settings->output.directory);
    s->places = p;
    loop_work(s->host->loop, look_work, look_done, p);
}

static bool is_silent(const struct served_batch *s)
{
    return mono_reached(loop_now(s->host->loop), mono_add(s->places->asked_at, SILENT_MS));
}

int served_batch_ask_places(struct served_batch *s, struct error *e)
{
    struct places *p = s->places;
    struct mono now = loop_now(s->host->loop);
    if (p && p->answered) {
        bool fresh = mono_diff(now, p->answered_at) <= FRESH_MS;
        served_batch_leave_places(s);
        if (fresh)
            return 1;
    }
    if (!s->places)
        begin_asking(s);
    else if (is_silent(s))
        return error_set(e, ERR_PASSING,
                         "%s, or a directory of input.move_* or the output, "
                         "doesn't answer: is its share reachable?",
                         text_show(s->places->paths[0]));
    return 0;
}

struct mono served_batch_places_next(const struct served_batch *s)
{
    const struct places *p = s->places;
    bool asked = p && !p->answered;
    return asked ? mono_add(p->asked_at, SILENT_MS) : (struct mono){0};
}

void served_batch_leave_places(struct served_batch *s)
{
    struct places *p = s->places;
    if (p && p->answered)
        places_free(p);
    else if (p)
        p->batch = NULL;
    s->places = NULL;
}
