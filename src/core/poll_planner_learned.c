/* Polls by what is known of how long jobs take. Inspection theory (J. B. Keller, "Optimum checking
 * schedules for systems subject to random failure", Management Science 21, 1974): let a poll cost 1
 * and a second that a job's end stays unseen cost w. Where polls come n a second and jobs end with
 * hazard h, an end stays unseen for 1 / 2n on the average; polling costs n and delay h w / 2n a
 * second. The sum is least at
 *
 *     n(t) = sqrt(h(t) w / 2),      poll k at the age where the integral of n reaches k,
 *
 * which is within a few per cent of the best schedule there is even where n changes from one poll
 * to the next. The hazard comes from poll_curve.h, for each size class of documents.
 *
 * The price: n is sqrt(h) times y = sqrt(w / 2), so what all jobs in flight will still cost is y
 * times a sum that the histogram gives, and half a poll for each (its last interval goes on past
 * its end). y is what makes the budget last, twice over: over the horizon, what the window has left
 * is spread over the jobs in flight (this is fast, and sees an unusual burst); and over a minute,
 * the limit is spread over as many jobs as the last minute brought (this leaves enough for the next
 * burst). Besides, w has a bound above which a poll isn't worth its while, so that quick jobs don't
 * eat all of a limit that others share. When no more documents are to come, what isn't spent is
 * wasted: only the window counts then. And the fewer jobs are left, the more their delay is the
 * batch's end's: for the last few w's bound is high.
 *
 * When a poll falls due it is planned again, and put off if it would come later now: because others
 * have shown meanwhile that jobs take longer, or GETs have become scarce. So of a burst of jobs of
 * unknown kind only the first ask too early. It is never hastened.
 *
 * However dear a poll is, it isn't put off past the age at which the job has nearly surely ended:
 * it is needed then, and waiting would only make the jobs in flight more, and polls dearer.
 *
 * Invariants: no poll sooner than the documented cadence, none later than poll_slowest_ms after the
 * one before. `in_flight` counts each job in the span up to which it is known to run, from its
 * first plan until it is gone. */
#include "core/poll_curve.h"
#include "core/poll_planner_impl.h"

#include "base/require.h"

#include <math.h>
#include <string.h>

enum {
    MIN_HORIZON_MS = 5000,
    MAX_HORIZON_MS = 60000,
    PRICE_MS = 100,  /* a price holds so long */
    CURVE_MS = 1000, /* and a curve, while */
    CURVE_NEWS = 20, /* no more than so many polls have told something new */
    FLOW_SECONDS = 60,
    PUT_OFF_LEAST_MS = 100,
};
static const double SPENT_AT_THE_END =
    0.5;                                /* of what is left: those that are left then want more */
static const double GETS_BESIDES = 1.6; /* a job's result, and the half poll */
static const double W_MOST = 1.5;
static const double W_OF_THE_END = 50; /* besides, for the last of all; for each FEW before, */
static const double FEW = 10;          /* a third of that */
static const double Y_LEAST = 0.001;
static const double HORIZON_OF_MEAN = 2; /* of the jobs' times */
static const double SURE = 3;            /* the hazard's integral: 19 of 20 jobs have ended */

struct class_memory {
    struct poll_histogram histogram;
    struct poll_curve curve;
    struct mono curve_made;
    int news; /* polls since then */
    bool remembered;
    uint32_t in_flight[POLL_BINS], jobs;
    uint32_t joined[2 * FLOW_SECONDS]; /* by second modulo the size */
};

struct learned_planner {
    struct poll_planner planner;
    int64_t first_delay_ms, interval_ms;
    struct class_memory classes[POLL_SIZE_CLASSES];
    int64_t second; /* the newest of `joined` */
    int64_t horizon_ms;
    double y;
    struct mono priced; /* when y was found */
    bool priced_last;   /* for the last jobs */
};

static struct class_memory *class_of(struct learned_planner *l, const struct poll_job *job)
{
    REQUIRE(job->size_class >= 0 && job->size_class < POLL_SIZE_CLASSES);
    return &l->classes[job->size_class];
}

static double seconds(int64_t ms)
{
    return (double)ms / 1000;
}

static int bin_of(const struct poll_job *job)
{
    return poll_bin_of(seconds(job->running_ms));
}

/* --- who is in flight --- */

static void advance_flow(struct learned_planner *l, struct mono now)
{
    int64_t second = now.ms / 1000;
    if (second - l->second > 2 * FLOW_SECONDS)
        l->second = second - 2 * FLOW_SECONDS;
    while (l->second < second) {
        l->second++;
        for (int i = 0; i < POLL_SIZE_CLASSES; i++)
            l->classes[i].joined[l->second % (2 * FLOW_SECONDS)] = 0;
    }
}

static void join(struct learned_planner *l, struct poll_job *job, struct mono now)
{
    struct class_memory *c = class_of(l, job);
    if (job->counted)
        return;
    job->counted = true;
    c->in_flight[bin_of(job)]++;
    c->jobs++;
    c->joined[l->second % (2 * FLOW_SECONDS)] +=
        mono_diff(now, job->accepted_at) < FLOW_SECONDS * 1000;
}

static void learned_gone(struct poll_planner *p, struct poll_job *job)
{
    struct class_memory *c = class_of((struct learned_planner *)p, job);
    if (!job->counted)
        return;
    REQUIRE(c->in_flight[bin_of(job)] > 0);
    job->counted = false;
    c->in_flight[bin_of(job)]--;
    c->jobs--;
}

static void learned_running(struct poll_planner *p, struct poll_job *job, struct mono at)
{
    struct class_memory *c = class_of((struct learned_planner *)p, job);
    int64_t age_ms = mono_diff(at, job->accepted_at);
    if (!job->counted || age_ms <= job->running_ms)
        return;
    poll_histogram_running(&c->histogram, job->running_ms, age_ms);
    c->news++;
    c->in_flight[bin_of(job)]--;
    job->running_ms = age_ms;
    c->in_flight[bin_of(job)]++;
}

static void learned_finished(struct poll_planner *p, const struct poll_job *job,
                             int64_t processing_ms)
{
    struct class_memory *c = class_of((struct learned_planner *)p, job);
    poll_histogram_finished(&c->histogram, job->running_ms, processing_ms);
    c->news++;
    c->remembered = false;
}

/* --- the price --- */

static const struct poll_curve *curve_of(struct class_memory *c, struct mono now)
{
    bool old = c->news > 0 && mono_diff(now, c->curve_made) >= CURVE_MS;
    if (c->news > CURVE_NEWS || old) {
        poll_curve_make(&c->curve, &c->histogram);
        c->curve_made = now;
        c->news = 0;
    }
    return &c->curve;
}

static double polled_jobs(const struct learned_planner *l)
{
    double jobs = 0;
    for (int i = 0; i < POLL_SIZE_CLASSES; i++)
        jobs += l->classes[i].jobs;
    return jobs;
}

static int64_t horizon_of(const struct learned_planner *l)
{
    double jobs = polled_jobs(l), sum_s = 0;
    for (int i = 0; i < POLL_SIZE_CLASSES; i++)
        sum_s += l->classes[i].jobs * l->classes[i].curve.mean_s;
    double ms = jobs > 0 ? HORIZON_OF_MEAN * 1000 * sum_s / jobs : (double)l->horizon_ms;
    return (int64_t)fmin(fmax(ms, MIN_HORIZON_MS), MAX_HORIZON_MS);
}

/* What the window has left within the horizon, over what the jobs in flight will want by then. */
static double price_of_window(const struct learned_planner *l, const struct poll_budget *budget)
{
    double wanted = 0, ending = 0, horizon_s = seconds(l->horizon_ms);
    for (int i = 0; i < POLL_SIZE_CLASSES; i++) {
        const struct class_memory *c = &l->classes[i];
        for (int bin = 0; bin < POLL_BINS && c->jobs > 0; bin++) {
            double jobs = c->in_flight[bin], age_s = poll_bin_begin(bin);
            if (jobs > 0) {
                wanted += jobs * poll_curve_expected(&c->curve, age_s, horizon_s);
                ending += jobs * poll_curve_ends(&c->curve, age_s, horizon_s);
            }
        }
    }
    double coming = budget->jobs_coming;
    double found = fmax(0, (double)budget->jobs_in_flight - polled_jobs(l)); /* each has a result */
    double left = budget->get_free - found - GETS_BESIDES * (ending + coming);
    wanted += coming * l->classes[0].curve.to_come[0]; /* of the usual size, say */
    if (wanted <= 0)
        return INFINITY;
    return (budget->last_jobs ? SPENT_AT_THE_END : 1) * left / wanted;
}

/* A minute's GETs over what the jobs of FLOW_SECONDS, until AGO seconds ago, want in all. */
static double price_of_minute(const struct learned_planner *l, const struct poll_budget *budget,
                              int ago)
{
    double wanted = 0, jobs = 0;
    for (int i = 0; i < POLL_SIZE_CLASSES; i++) {
        double joined = 0;
        for (int s = 0; s < FLOW_SECONDS; s++)
            joined +=
                l->classes[i].joined[(l->second + 2 * FLOW_SECONDS - ago - s) % (2 * FLOW_SECONDS)];
        jobs += joined;
        wanted += joined * l->classes[i].curve.to_come[0];
    }
    double left = budget->get_per_minute - GETS_BESIDES * jobs;
    return wanted > 0 ? left / wanted : INFINITY;
}

/* Jobs come in a burst a minute: while one begins, the minute before tells its size. */
static double price_of_flow(const struct learned_planner *l, const struct poll_budget *budget)
{
    return fmin(price_of_minute(l, budget, 0), price_of_minute(l, budget, FLOW_SECONDS));
}

static double price_that_pays(const struct learned_planner *l, const struct poll_budget *budget)
{
    double w = W_MOST;
    if (budget->last_jobs)
        w += W_OF_THE_END * exp(-(polled_jobs(l) + budget->jobs_coming) / FEW);
    return sqrt(w / 2);
}

static double price(struct learned_planner *l, const struct poll_budget *budget, struct mono now)
{
    if (mono_diff(now, l->priced) < PRICE_MS && l->priced_last == budget->last_jobs)
        return l->y;
    for (int i = 0; i < POLL_SIZE_CLASSES; i++)
        curve_of(&l->classes[i], now);
    l->priced = now;
    l->priced_last = budget->last_jobs;
    l->y = price_that_pays(l, budget);
    if (budget->get_per_minute) {
        l->y = fmin(l->y, price_of_window(l, budget));
        if (!budget->last_jobs)
            l->y = fmin(l->y, price_of_flow(l, budget));
    }
    l->y = fmax(l->y, Y_LEAST);
    l->horizon_ms = horizon_of(l); /* that the next budget will be for */
    return l->y;
}

/* --- the plan --- */

static int64_t learned_horizon_ms(const struct poll_planner *p)
{
    return ((const struct learned_planner *)p)->horizon_ms;
}

static struct mono plan(struct learned_planner *l, struct poll_job *job,
                        const struct poll_budget *budget, struct mono now)
{
    double y = price(l, budget, now);
    double from_ms = (double)job->running_ms;
    double age_ms = 1000 * poll_curve_reach(&class_of(l, job)->curve, from_ms / 1000, 1 / y, SURE);
    age_ms = fmin(age_ms, from_ms + poll_slowest_ms(budget));
    age_ms = fmax(age_ms,
                  job->polls == 0 ? (double)l->first_delay_ms : from_ms + (double)l->interval_ms);
    return mono_add(job->accepted_at, (int64_t)age_ms);
}

static struct mono learned_next(struct poll_planner *p, struct poll_job *job,
                                const struct poll_budget *budget, struct mono now)
{
    struct learned_planner *l = (struct learned_planner *)p;
    advance_flow(l, now);
    join(l, job, now);
    struct mono at = plan(l, job, budget, now);
    if (at.ms <= now.ms && job->polls == 0)
        return poll_planner_overdue(p, budget, now);
    return mono_max(now, at);
}

static struct mono learned_due(struct poll_planner *p, struct poll_job *job,
                               const struct poll_budget *budget, struct mono now)
{
    struct learned_planner *l = (struct learned_planner *)p;
    if (!job->counted)
        return now;
    advance_flow(l, now);
    struct mono at = plan(l, job, budget, now);
    return mono_diff(at, now) < PUT_OFF_LEAST_MS ? now : at;
}

/* --- from run to run --- */

static size_t learned_remember(struct poll_planner *p, int size_class,
                               uint8_t out[POLL_MEMORY_BYTES])
{
    struct class_memory *c = &((struct learned_planner *)p)->classes[size_class];
    _Static_assert((int)POLL_HISTOGRAM_BYTES <= (int)POLL_MEMORY_BYTES, "fits");
    if (c->remembered)
        return 0;
    c->remembered = true;
    poll_histogram_encode(&c->histogram, out);
    return POLL_HISTOGRAM_BYTES;
}

static void learned_recall(struct poll_planner *p, int size_class, const void *bytes, size_t len)
{
    struct class_memory *c = &((struct learned_planner *)p)->classes[size_class];
    if (!poll_histogram_decode(&c->histogram, bytes, len))
        return;
    poll_curve_make(&c->curve, &c->histogram);
    c->remembered = true;
}

struct poll_planner *poll_planner_new_learned(int64_t first_delay_ms, int64_t interval_ms)
{
    REQUIRE(first_delay_ms >= 0 && interval_ms > 0);
    struct learned_planner *l = xcalloc(1, sizeof *l);
    l->planner = (struct poll_planner){.next = learned_next,
                                       .due = learned_due,
                                       .horizon_ms = learned_horizon_ms,
                                       .running = learned_running,
                                       .finished = learned_finished,
                                       .gone = learned_gone,
                                       .remember = learned_remember,
                                       .recall = learned_recall};
    l->first_delay_ms = first_delay_ms;
    l->interval_ms = interval_ms;
    l->priced = (struct mono){-PRICE_MS};
    for (int i = 0; i < POLL_SIZE_CLASSES; i++) {
        struct class_memory *c = &l->classes[i];
        poll_histogram_init(&c->histogram);
        poll_curve_make(&c->curve, &c->histogram);
        c->remembered = true;
    }
    l->horizon_ms = (int64_t)(1000 * HORIZON_OF_MEAN * l->classes[0].curve.mean_s);
    return &l->planner;
}
