/* See life.h. */
#include "life.h"

#include <stdarg.h>
#include <stdio.h>

void complain(struct complaint *c, const char *format, ...)
{
    va_list ap;
    if (c->text[0])
        return;
    va_start(ap, format);
    vsnprintf(c->text, sizeof c->text, format, ap);
    va_end(ap);
}

bool job_is_charged(uint8_t job)
{
    return job == JOB_DONE || job == JOB_EXPIRED;
}

int life_charges(const struct life *l)
{
    int n = 0;
    for (int i = 0; i < LIFE_ROOM; i++)
        n += job_is_charged(l->outside[i].job);
    return n;
}

static int resent_from(const struct book *b, int first)
{
    int n = 0;
    for (int i = first; i < LIFE_ROOM; i++)
        n += b->records[i].resent;
    return n;
}

int book_resent(const struct book *b)
{
    return resent_from(b, 0);
}

int book_resent_since_retry(const struct book *b)
{
    return resent_from(b, b->retried);
}
