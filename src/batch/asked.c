/* See asked.h. */
#include "batch/asked.h"

#include "base/text.h"

#include <string.h>

void asked_for(struct asked *a, struct flight *f)
{
    a->flight = f;
    a->attempt = f->attempt;
    text_copy(a->job_id, sizeof a->job_id, f->job_id);
}

bool asked_is_late(const struct asked *a)
{
    const struct flight *f = a->flight;
    return a->attempt != f->attempt || (a->job_id[0] && strcmp(a->job_id, f->job_id) != 0);
}
