/* See served_batch_work.h. */
#include "service/served_batch_work.h"
#include "base/log.h"

#include <stdlib.h>

struct served_work {
    struct served_batch *batch;
    const struct config *config;
    int exit_code;
    struct summary_review review;
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

static void review_done(void *ctx)
{
    struct served_work *w = ctx;
    struct served_batch *s = w->batch;
    void (*done)(struct served_batch * s) = w->done;
    if (w->rc < 0)
        LOG(LOG_WARNING, "review.failed", LOG_STR("batch", served_batch_name(s)),
            LOG_STR("cause", w->error.text),
            LOG_STR("next", "`mindee-batch review` does it again"));
    s->review = w->review;
    s->work = NULL;
    free(w);
    notifier_to_review(served_batch_notifier(s), &s->review);
    done(s);
}

bool served_batch_review(struct served_batch *s, int exit_code,
                         void (*done)(struct served_batch *s))
{
    if (!s->host->review || !s->running_on)
        return false;
    REQUIRE(!s->work);
    s->work = xcalloc(1, sizeof *s->work);
    *s->work = (struct served_work){
        .batch = s, .config = s->running_on->config, .exit_code = exit_code, .done = done};
    loop_work(s->host->loop, review_work, review_done, s->work);
    return true;
}
