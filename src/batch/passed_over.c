/* See passed_over.h. What a turn wrote that was rolled back is written once more at the run's end. A
 * write that fails is for the next turn: the number is worth no run. */
#include "batch/passed_over.h"

#include "base/log.h"

void passed_over_walk_begins(struct passed_over *p)
{
    left_out_release(&p->left_out);
    p->known = false;
}

void passed_over_walk_ended(struct passed_over *p, const struct intake_walk *walk)
{
    left_out_merge(&p->left_out, intake_walk_left_out(walk));
    p->known = p->unsaved = true;
}

static void tell(const struct left_out *o)
{
    LOG(LOG_INFO, "input.left_out", LOG_INT("excluded", o->by[LEFT_OUT_EXCLUDED]),
        LOG_INT("not_included", o->by[LEFT_OUT_NOT_INCLUDED]),
        LOG_INT("symbolic_links", o->by[LEFT_OUT_LINK]),
        LOG_INT("directories_below", o->by[LEFT_OUT_BELOW]),
        LOG_STR("next", "`mindee-batch plan` lists them"));
}

void passed_over_save(struct passed_over *p, struct run_context *c, bool final)
{
    struct ledger_counts now;
    int64_t total = left_out_total(&p->left_out);
    if (!p->known || (!p->unsaved && !final))
        return;
    if (ledger_counts(c->ledger, &now) < 0)
        return;
    bool news = now.left_out != total;
    p->unsaved = news && ledger_left_out(c->ledger, total) < 0;
    if (news && !p->unsaved && total > 0)
        tell(&p->left_out);
}

void passed_over_release(struct passed_over *p)
{
    left_out_release(&p->left_out);
}
