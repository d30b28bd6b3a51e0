/* The best schedule there is, by dynamic programming over the true distribution. Ages are multiples
 * of a small step. V(a) is the least cost of what is still to come when a job was last polled at
 * age a and found running, times the share of jobs that get so far:
 *
 *     V(a) = min over b > a of  S(a) + w * (delay of those that end between a and b) + V(b)
 *
 * where S(a) is the poll itself, and a job that ends at age u < b waits b - u. For each price w the
 * minimum gives one point (polls, delay) on the lower hull of all schedules, mixtures of schedules
 * included; the price is searched for which the polls are as many as asked for. */
#include "month.h"

#include "base/require.h"

#include <math.h>
#include <stdlib.h>

enum { STEPS_MOST = 6000, STEPS_OF_MEDIAN = 60, LONGEST_S = 150, HALVINGS = 30 };

struct grid {
    double step_s;
    int steps;
    double *survival, *lived; /* S and its integral */
    double *value;
    int *next;
};

struct point {
    double polls, delay_s;
};

static void grid_init(struct grid *g, const struct shape *s, int part)
{
    double median_s = s->parts[part < 0 ? 0 : part].median_s, end_s = shape_end_s(s);
    g->step_s = fmax(median_s / STEPS_OF_MEDIAN, end_s / STEPS_MOST);
    g->steps = (int)ceil(end_s / g->step_s);
    size_t n = (size_t)g->steps + 1;
    g->survival = xcalloc(n, sizeof *g->survival);
    g->lived = xcalloc(n, sizeof *g->lived);
    g->value = xcalloc(n, sizeof *g->value);
    g->next = xcalloc(n, sizeof *g->next);
    for (int i = 0; i < g->steps; i++) /* all have ended at the last */
        g->survival[i] = shape_survival(s, part, i * g->step_s);
    for (int i = 0; i < g->steps; i++)
        g->lived[i + 1] = g->lived[i] + (g->survival[i] + g->survival[i + 1]) / 2 * g->step_s;
}

static void grid_release(struct grid *g)
{
    free(g->survival);
    free(g->lived);
    free(g->value);
    free(g->next);
}

static double delay_between(const struct grid *g, int a, int b)
{
    return (b - a) * g->step_s * g->survival[a] - (g->lived[b] - g->lived[a]);
}

static struct point best_at(struct grid *g, double price)
{
    struct point sum = {0, 0};
    int longest = (int)(LONGEST_S / g->step_s);
    for (int a = g->steps - 1; a >= 0; a--) {
        double best = INFINITY;
        int last = a + longest < g->steps ? a + longest : g->steps;
        for (int b = a + 1; b <= last; b++) {
            double waited = price * delay_between(g, a, b), cost = waited + g->value[b];
            if (cost < best) {
                best = cost;
                g->next[a] = b;
            }
            if (waited > best) /* it only grows */
                break;
        }
        g->value[a] = g->survival[a] + best;
    }
    for (int a = 0; a < g->steps; a = g->next[a]) {
        sum.polls += g->survival[a];
        sum.delay_s += delay_between(g, a, g->next[a]);
    }
    return sum;
}

/* Kinds that can be told apart are polled each in its own way, at one price. */
static int kinds(const struct shape *s)
{
    return s->parts[1].share > 0 && s->parts[1].pages != s->parts[0].pages ? PARTS_MAX : 1;
}

double optimum_delay_s(const struct shape *s, double gets_each)
{
    struct grid grids[PARTS_MAX];
    int n = kinds(s);
    double cheap = 1e-4, dear = 1e3;
    struct point low = {0, 0}, high = {0, 0};
    for (int i = 0; i < n; i++)
        grid_init(&grids[i], s, n == 1 ? -1 : i);
    for (int halving = 0; halving < HALVINGS; halving++) {
        double price = sqrt(cheap * dear);
        struct point p = {0, 0};
        for (int i = 0; i < n; i++) {
            struct point one = best_at(&grids[i], price);
            double share = n == 1 ? 1 : s->parts[i].share;
            p.polls += share * one.polls;
            p.delay_s += share * one.delay_s;
        }
        if (p.polls + 1 > gets_each) {
            dear = price;
            high = p;
        } else {
            cheap = price;
            low = p;
        }
    }
    for (int i = 0; i < n; i++)
        grid_release(&grids[i]);
    if (low.polls <= 0 || high.polls <= low.polls) /* out of reach on one side */
        return low.polls <= 0 ? INFINITY : low.delay_s;
    double part = (gets_each - 1 - low.polls) / (high.polls - low.polls);
    return low.delay_s + part * (high.delay_s - low.delay_s);
}
