/* See served_batch_work.h. */
#include "service/served_batch_work.h"
#include "base/crash_point.h"
#include "base/log.h"

#include <stdlib.h>

struct served_work {
    struct served_batch *batch;
    const struct config *config;
    int exit_code;
    struct summary_review review;
    struct buffer place; /* of the page */
    int rc;
    struct error error;
    void (*done)(struct served_batch *s);
};

static void review_work(void *ctx)
{
    struct served_work *w = ctx;
    w->rc =
        w->batch->host->review(w->config, &w->batch->options, w->exit_code, &w->review, &w->error);
}

/* W is freed. */
static void end(struct served_work *w)
{
    struct served_batch *s = w->batch;
    void (*done)(struct served_batch * s) = w->done;
    s->work = NULL;
    buffer_release(&w->place);
    free(w);
    done(s);
}

static void review_done(void *ctx)
{
    struct served_work *w = ctx;
    struct served_batch *s = w->batch;
    if (w->rc < 0)
        LOG(LOG_WARNING, "review.failed", LOG_STR("batch", served_batch_name(s)),
            LOG_STR("cause", w->error.text),
            LOG_STR("next", "`mindee-batch review` does it again"));
    if (w->review.field_missing)
        LOG(LOG_WARNING, "review.no_such_field", LOG_STR("batch", served_batch_name(s)),
            LOG_STR("cause", w->review.missing),
            LOG_STR("next", "`mindee-batch columns --roles` shows what is checked"));
    s->review = w->review;
    notifier_to_review(served_batch_notifier(s), &s->review);
    end(w);
}

static void page_work(void *ctx)
{
    struct served_work *w = ctx;
    struct served_batch *s = w->batch;
    w->rc = s->host->report(w->config, &s->options, s->running_on->name, &w->place, &w->error);
}

static void page_done(void *ctx)
{
    struct served_work *w = ctx;
    struct served_batch *s = w->batch;
    CRASH_POINT("report_made");
    if (w->rc < 0)
        LOG(LOG_WARNING, "report.failed", LOG_STR("batch", served_batch_name(s)),
            LOG_STR("cause", w->error.text),
            LOG_STR("next", "everything else is there; `mindee-batch report` makes it"));
    notifier_report(served_batch_notifier(s), buffer_text(&w->place));
    end(w);
}

static void begin(struct served_batch *s, int exit_code, void (*work)(void *ctx),
                  void (*worked)(void *ctx), void (*done)(struct served_batch *s))
{
    REQUIRE(!s->work);
    s->work = xcalloc(1, sizeof *s->work);
    *s->work = (struct served_work){
        .batch = s, .config = s->running_on->config, .exit_code = exit_code, .done = done};
    buffer_init(&s->work->place, 0);
    loop_work(s->host->loop, work, worked, s->work);
}

bool served_batch_review(struct served_batch *s, int exit_code,
                         void (*done)(struct served_batch *s))
{
    if (!s->host->review || !s->running_on)
        return false;
    begin(s, exit_code, review_work, review_done, done);
    return true;
}

bool served_batch_page(struct served_batch *s, void (*done)(struct served_batch *s))
{
    if (!s->host->report || !s->running_on)
        return false;
    begin(s, 0, page_work, page_done, done);
    return true;
}
