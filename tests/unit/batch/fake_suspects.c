/* See fake_suspects.h. */
#include "fake_suspects.h"

#include "record.h"

#include <stdlib.h>

struct suspects *fake_suspects;

struct suspects *suspects_new(struct ending *ending, struct flights *flights, int first)
{
    (void)ending, (void)flights;
    struct suspects *s = xcalloc(1, sizeof *s);
    *s = (struct suspects){.first = first, .room = SIZE_MAX};
    return fake_suspects = s;
}

void suspects_free(struct suspects *s)
{
    free(s);
    fake_suspects = NULL;
}

size_t suspects_room(const struct suspects *s, size_t out)
{
    return s->room > out ? s->room - out : 0;
}

void suspects_accepted(struct suspects *s)
{
    (void)s;
    record("suspects accepted");
}

void suspects_unreadable(struct suspects *s)
{
    (void)s;
    record("suspects unreadable");
}

void suspects_refused(struct suspects *s, const struct flight *f, const struct mindee_response *r)
{
    (void)s, (void)r;
    record("suspects refused doc=%lld", (long long)f->id);
}

void suspects_job_done(struct suspects *s)
{
    (void)s;
    record("suspects job_done");
}

void suspects_job_failed(struct suspects *s, const struct flight *f, bool fault,
                         const struct mindee_response *r)
{
    (void)s, (void)r;
    record("suspects job_failed doc=%lld%s", (long long)f->id, fault ? " fault" : "");
}

bool suspects_any(const struct suspects *s)
{
    return s->any;
}

void suspects_acquit(struct suspects *s)
{
    (void)s;
    record("suspects acquit");
}

void suspects_turn(struct suspects *s, struct mono now)
{
    (void)s, (void)now;
    record("turn_suspects");
}
