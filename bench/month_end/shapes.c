/* What months look like, and the numbers drawn for each document. */
#include "month.h"

#include "base/random.h"

#include <math.h>

#define OFFICIAL .post_limit = 200, .get_limit = 1200

const struct shape shapes[] = {
    {.name = "usual", .title = "10 s jobs", .parts = {{1, 10, 0.6, 1}}, OFFICIAL},
    {.name = "slow", .title = "30 s jobs", .parts = {{1, 30, 0.6, 1}}, OFFICIAL},
    {.name = "quick", .title = "3 s jobs", .parts = {{1, 3, 0.6, 1}}, OFFICIAL},
    {.name = "alike", .title = "30 s jobs, all much alike", .parts = {{1, 30, 0.15, 1}}, OFFICIAL},
    {.name = "long", .title = "100 s jobs", .parts = {{1, 100, 0.4, 1}}, OFFICIAL},
    {.name = "sizes",
     .title = "1 page in 6 s, every fifth 40 pages in 60 s",
     .parts = {{0.8, 6, 0.5, 1}, {0.2, 60, 0.4, 40}},
     OFFICIAL},
    {.name = "mixed",
     .title = "the same, and nothing tells which is which",
     .parts = {{0.8, 6, 0.5, 1}, {0.2, 60, 0.4, 1}},
     OFFICIAL},
    {.name = "slowdown",
     .title = "8 s jobs, five times slower from the middle on",
     .parts = {{1, 8, 0.6, 1}},
     .slower_from = 0.5,
     .slower = 5,
     OFFICIAL},
    {.name = "stuck",
     .title = "10 s jobs, one in 50 hangs for 590 s",
     .parts = {{1, 10, 0.6, 1}},
     .never = 0.02,
     OFFICIAL},
    {.name = "tight",
     .title = "10 s jobs, 600 GETs a minute",
     .parts = {{1, 10, 0.6, 1}},
     .post_limit = 200,
     .get_limit = 600},
    {.name = "free",
     .title = "10 s jobs, no limits",
     .parts = {{1, 10, 0.6, 1}},
     .post_limit = 0,
     .get_limit = 0},
};
const int shape_count = sizeof shapes / sizeof *shapes;

struct document_draw month_draw(const struct month *m, int64_t number)
{
    struct random r;
    random_init(&r, m->seed * 1000003 + (uint64_t)number);
    const struct shape *s = m->shape;
    double kind = random_unit(&r), hangs = random_unit(&r), normal = random_normal(&r);
    const struct part *p = &s->parts[kind < s->parts[0].share ? 0 : 1];
    double took_s = p->median_s * exp(p->sigma * normal);
    if (s->slower > 0 && (double)number >= s->slower_from * (double)m->documents)
        took_s *= s->slower;
    int64_t took_ms = took_s < NEVER_MS / 1000.0 ? (int64_t)(took_s * 1000) : NEVER_MS;
    return (struct document_draw){
        .upload_ms =
            UPLOAD_LEAST_MS + (int64_t)random_below(&r, UPLOAD_MOST_MS - UPLOAD_LEAST_MS + 1),
        .took_ms = hangs < s->never ? NEVER_MS : took_ms,
        .pages = p->pages,
    };
}

static double part_survival(const struct part *p, double age_s)
{
    return age_s <= 0 ? 1 : erfc(log(age_s / p->median_s) / p->sigma / sqrt(2)) / 2;
}

double shape_survival(const struct shape *s, int part, double age_s)
{
    if (age_s >= NEVER_MS / 1000.0)
        return 0;
    double lasts = 0;
    for (int i = 0; i < PARTS_MAX; i++)
        if (part < 0 ? s->parts[i].share > 0 : part == i)
            lasts += (part < 0 ? s->parts[i].share : 1) * part_survival(&s->parts[i], age_s);
    return s->never + (1 - s->never) * lasts;
}

double shape_end_s(const struct shape *s)
{
    double end_s = 1;
    while (end_s < NEVER_MS / 1000.0 && shape_survival(s, -1, end_s) > 2e-5)
        end_s *= 1.02;
    return fmin(end_s, NEVER_MS / 1000.0);
}
