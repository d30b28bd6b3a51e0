/* See scenario.h: a scenario for people, before what becomes of it. */
#include "scenario.h"

#include <stdio.h>
#include <string.h>

static void print_faults(const struct sim_faults *f)
{
    printf(
        "  posts: not sent %.2f, doubt accepted %.2f, refused %.2f, late %.2f, 5xx %.2f, gateway "
        "%.2f, no id %.2f, 429 %.2f, slow %.2f, 422 %.2f\n",
        f->not_sent, f->doubt_accepted, f->doubt_refused, f->late_arrival, f->own_5xx, f->gateway,
        f->no_job_id, f->spurious_429, f->slow_upload, f->refused_file);
    printf("  gets: broken %.2f, 5xx %.2f, garbage %.2f, result broken %.2f, garbage %.2f\n",
           f->get_broken, f->get_5xx, f->get_garbage, f->result_broken, f->result_garbage);
    printf("  jobs: slow %.2f, 422 %.2f, 500 %.2f, invalid %.2f, another's %.2f, foreign %.2f, "
           "endless %.2f; 404 for %lld ms, result %lld ms; expiry %lld ms%s\n",
           f->slow_job, f->job_422, f->job_500, f->invalid_result, f->foreign_result,
           f->foreign_url, f->endless_job, (long long)f->job_404_ms, (long long)f->result_404_ms,
           (long long)f->expiry_ms, f->delete_when_fetched ? ", deleted when fetched" : "");
    for (int i = 0; i < f->outage_count; i++)
        printf("  outage of kind %d from %lld to %lld ms\n", (int)f->outages[i].kind,
               (long long)f->outages[i].from_ms, (long long)f->outages[i].to_ms);
}

static void print_comings(const struct scenario *s)
{
    for (int i = 0; i < s->comings.count; i++) {
        static const char *const kinds[] = {"comes",   "comes over",     "taken",
                                            "touched", "strange result", "strange moved"};
        const struct sim_coming *c = &s->comings.list[i];
        printf("  %s: root %d name %d content %d, run %d step %lld\n", kinds[c->kind], c->root,
               c->name, c->content, c->run, (long long)c->step);
    }
    if (s->comings.on)
        printf("  %d PATHs, %d runs%s%s\n", s->comings.roots, s->comings.runs,
               s->comings.elsewhere ? ", moves to another file system"
               : s->comings.moves   ? ", moves"
                                    : "",
               s->comings.stays ? ", stays" : "");
}

static void print_people(const struct scenario *s)
{
    if (s->beside)
        printf("  another run beside, with files of its own\n");
    if (s->settings > 1)
        printf("  two settings, of another %s\n", s->other_model ? "model" : "option");
    for (int i = 0; i < s->retry_count; i++)
        printf("  retry %s:%s%s%s%s file %d, crash %lld\n",
               s->retries[i].once_settled ? "once settled" : "amidst",
               s->retries[i].failed ? " failed" : "", s->retries[i].in_doubt ? " in doubt" : "",
               s->retries[i].lost ? " lost" : "", s->retries[i].rejected ? " rejected" : "",
               s->retries[i].file, (long long)s->retries[i].crash_at);
    if (s->lives.on)
        printf(
            "  copied%s after %d runs, step %lld, put back%s %d times after %d more%s; restored dies at %lld\n",
            s->lives.by_backup ? " by backup" : "", s->lives.copy_after,
            (long long)s->lives.copy_step, s->lives.late ? ", once settled," : "", s->lives.times,
            s->lives.back_after, s->lives.taken_back ? "; the newer one comes back at first" : "",
            (long long)s->lives.crash_at);
}

static void print_webhooks(const struct sim_webhooks *h)
{
    printf("  webhooks%s: early %.2f, late %.2f, twice %.2f, lost %.2f, strangers %.2f, unheard "
           "%.2f; after %lld ms, polls after %lld ms, in doubt for %lld ms\n",
           h->by_turns ? " every second run" : "", h->early, h->late, h->twice, h->lost,
           h->strangers, h->unheard, (long long)h->usual_ms, (long long)h->fallback_ms,
           (long long)h->in_doubt_wait_ms);
}

/* Its files' share, its disk, the process itself. */
static void print_machine(const struct scenario *s)
{
    static const char *const where[] = {"", ", where a document is in doubt",
                                        ", before one is sent again"};
    if (s->trouble.error)
        printf("  files: %s from %lld to %lld ms, %.2f of the time; patience %lld ms\n",
               strerror(s->trouble.error), (long long)s->trouble.from_ms,
               (long long)s->trouble.to_ms, s->trouble.often, (long long)s->patience_ms);
    if (s->pause_ms)
        printf("  stopped at step %lld of each run%s, for %lld ms\n", (long long)s->pause_at_step,
               where[s->pause_where], (long long)s->pause_ms);
    if (s->sync_ms)
        printf("  a sync takes %d ms\n", s->sync_ms);
    if (s->disk_to_ms)
        printf("  disk %s from %lld to %lld ms, after %d results\n",
               s->disk_sync_fails    ? "fails"
               : s->disk_nearly_full ? "nearly full"
                                     : "full",
               (long long)s->disk_from_ms, (long long)s->disk_to_ms, s->disk_after_results);
    if (s->slow_ledger.most_ms)
        printf(
            "  a turn of the ledger takes up to %lld ms, %.2f are refused, %.2f of the answers lost\n",
            (long long)s->slow_ledger.most_ms, s->slow_ledger.refused, s->slow_ledger.lost);
}

void scenario_print(const struct scenario *s)
{
    printf("seed %llu: %d files, uploads %d, post %d, get %d, attempts %d, canary %d, credits %d, "
           "give up %lld s, %s, at most %d, %s, order %s%s; jobs of %lld ms, latency %lld ms\n",
           (unsigned long long)s->seed, s->file_count, s->uploads, s->post_per_minute,
           s->get_per_minute, s->max_attempts, s->canary, s->max_credits,
           (long long)s->give_up_ms / 1000, s->hold ? "hold" : "resend", s->max_resends,
           s->even ? "even" : "window", s->order, s->faultless ? ", no faults" : "",
           (long long)s->job_typical_ms, (long long)s->latency_ms);
    print_faults(&s->faults);
    printf("  revoked at %lld ms, shared %.2f, outages %d, changes %d, stop at %lld, crashes",
           (long long)s->faults.revoked_at_ms, s->faults.shared, s->faults.outage_count,
           s->mutation_count, (long long)s->stop_at_step);
    for (int i = 0; i < s->crash_count; i++)
        printf(" %lld", (long long)s->crash_points[i]);
    printf("%s\n", s->crash_count ? "" : " none");
    printf("  api.patience %lld ms\n", (long long)s->api_patience_ms);
    print_comings(s);
    print_people(s);
    if (s->webhooks.on)
        print_webhooks(&s->webhooks);
    print_machine(s);
}
