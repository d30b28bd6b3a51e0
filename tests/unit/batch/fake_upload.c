/* See fake_upload.h. */
#include "fake_upload.h"

#include "record.h"

#include <stdlib.h>

struct upload *fake_upload;

struct upload *upload_new(struct run_context *c, const struct upload_neighbours *with)
{
    (void)c, (void)with;
    struct upload *u = xcalloc(1, sizeof *u);
    u->next = MONO_NEVER;
    return fake_upload = u;
}

void upload_free(struct upload *u)
{
    free(u);
    fake_upload = NULL;
}

void upload_send(struct upload *u, struct flight *f, struct mono now)
{
    (void)u, (void)now;
    record("upload doc=%lld", (long long)f->id);
}

void upload_unsend(struct upload *u, struct flight *f, struct mono now)
{
    (void)u, (void)now;
    record("unsend doc=%lld", (long long)f->id);
}

void upload_turn(struct upload *u, struct mono now)
{
    (void)u, (void)now;
    record("turn_upload");
}

struct mono upload_next(const struct upload *u, struct mono now)
{
    (void)now;
    return u->next;
}

int upload_out(const struct upload *u)
{
    return u->out;
}

bool upload_has_begun(const struct upload *u)
{
    return u->begun;
}

bool upload_busy(const struct upload *u)
{
    return u->busy;
}

bool upload_files_away(const struct upload *u, struct mono now)
{
    (void)now;
    return u->files_away;
}

struct mono upload_resumes_at(const struct upload *u)
{
    return u->resumes_at;
}

bool upload_gave_files_up(const struct upload *u, struct mono now)
{
    (void)now;
    return u->gave_files_up;
}

int upload_left_alone(const struct upload *u)
{
    return u->left_alone;
}
