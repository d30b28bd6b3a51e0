/* See aimed.h. */
#include "aimed.h"

#include "dice.h"

#include <string.h>

/* How many of all seeds become one of a kind. */
static const double share = 0.03;

static bool is_one(const struct scenario *s, struct random *r, uint64_t kind)
{
    random_init(r, s->seed * 69069u + kind * 7919u);
    return chance(r, share);
}

/* Nothing goes wrong, and nobody does anything; options are as they were drawn. */
static void calm_down(struct scenario *s)
{
    s->faultless = false;
    s->faults = (struct sim_faults){0};
    s->lives = (struct sim_restoring){0};
    s->comings = (struct sim_comings){0};
    s->trouble = (struct sim_trouble){0};
    s->slow_ledger = (struct sim_slow_ledger){0};
    s->crash_count = s->retry_count = s->mutation_count = s->file_count = 0;
    s->disk_to_ms = s->disk_after_results = s->sync_ms = 0;
    s->pause_at_step = s->pause_ms = s->stop_at_step = 0;
    s->pause_where = PAUSE_AT_STEP;
    s->max_credits = s->max_month = -1;
    s->give_up_ms = 900000;
    s->api_patience_ms = 3600000;
    s->beside = s->dismisses = false;
    s->settings = 1;
}

/* Documents whose jobs failed, and that a person asks for again by a retry that dies; before anybody
 * sends them their files are gone. */
static void aim_at_asked_for_and_gone(struct scenario *s)
{
    struct random r;
    if (!is_one(s, &r, 1))
        return;
    calm_down(s);
    s->canary = 0; /* jobs that fail don't end the run */
    s->max_attempts = between(&r, 1, 2);
    s->uploads = between(&r, 1, 2);
    s->post_per_minute = between(&r, 3, 8);
    s->faults.job_500 = 0.4 + 0.5 * random_unit(&r);
    s->file_count = between(&r, 3, 12);
    memset(s->files, 0, sizeof s->files);
    for (int i = 0; i < s->file_count; i++)
        s->files[i].content = i;
    s->crash_count = 1;
    s->crash_points[0] = INT64_MAX; /* a run, to its end */
    s->retry_count = 1;
    s->retries[0] = (struct sim_retry){.failed = true, .file = -1};
    s->retries[0].crash_at = between(&r, 40, 250); /* it asked, and few are sent */
    s->mutation_count = SIM_MUTATIONS_MAX;
    for (int i = 0; i < SIM_MUTATIONS_MAX; i++)
        s->mutations[i] =
            (struct sim_mutation){.at_ms = ASKED_FOR_AGAIN,
                                  .file = (int)random_below(&r, (uint64_t)s->file_count),
                                  .change = SIM_VANISH};
}

static struct sim_coming coming(enum sim_coming_kind kind, int name, int content, int run)
{
    return (struct sim_coming){.kind = kind, .name = name, .content = content, .run = run};
}

/* What each name's file becomes once a backup of the ledger was made, and when that was put back. */
static void draw_namesakes(struct sim_comings *c, struct random *r)
{
    enum { CONTENTS = 20, AFTER_THE_COPY = 1, ONCE_BACK };
    static const enum sim_coming_kind becomes[] = {COMES_OVER, COMES_OVER, TAKEN_AWAY, TOUCHED};
    enum { KINDS = sizeof becomes / sizeof *becomes };
    for (int name = 0; name < SIM_NAMES; name++) {
        int first = between(r, 0, CONTENTS - 1), other = between(r, 0, CONTENTS - 1);
        c->list[c->count++] = coming(COMES, name, first, 0);
        if (chance(r, 0.7))
            c->list[c->count++] = coming(COMES_OVER, name, other, AFTER_THE_COPY);
        if (chance(r, 0.7))
            c->list[c->count++] = coming(becomes[random_below(r, KINDS)], name, first, ONCE_BACK);
    }
}

/* Names that went over to other files after the backup: their results stand where those of the ledger
 * that is put back are to be. */
static void aim_at_names_of_a_former_life(struct scenario *s)
{
    struct random r;
    if (!is_one(s, &r, 2) || !SIM_FILE_BOOK)
        return;
    calm_down(s);
    s->lives = (struct sim_restoring){
        .on = true, .by_backup = chance(&r, 0.7), .times = 1, .copy_after = 1, .back_after = 1};
    s->comings = (struct sim_comings){
        .on = true, .moves = chance(&r, 0.3), .roots = 1, .runs = between(&r, 3, 4)};
    draw_namesakes(&s->comings, &r);
}

/* Runs that die while files are on their way to another file system: the next one sees to them while it
 * walks. */
static void aim_at_moves_that_die(struct scenario *s)
{
    enum { RUNS = 8 };
    struct random r;
    if (!is_one(s, &r, 3) || !SIM_FILE_BOOK)
        return;
    calm_down(s);
    s->webhooks.on = false;
    s->uploads = 16;
    s->post_per_minute = s->get_per_minute = 0;
    s->job_typical_ms = between(&r, 1, 300);
    s->slow_ledger.most_ms = 500; /* so that many are under way at once */
    s->comings = (struct sim_comings){.on = true,
                                      .moves = true,
                                      .elsewhere = true,
                                      .dies_moving = true,
                                      .roots = SIM_ROOTS,
                                      .runs = RUNS};
    for (int i = 0; i < SIM_COMINGS_MAX; i++) {
        int n = i % (SIM_ROOTS * SIM_NAMES), run = i / (SIM_ROOTS * SIM_NAMES) * 2;
        s->comings.list[i] = coming(COMES_OVER, n % SIM_NAMES, i, run);
        s->comings.list[i].root = n / SIM_NAMES;
        s->comings.list[i].file = chance(&r, 0.3) ? SIM_TEXT : SIM_PDF;
    }
    s->comings.count = SIM_COMINGS_MAX;
}

/* Answers that can't be read while much is admitted that waits for its commit, and nothing limits the first
 * uploads. */
static void aim_at_unreadable_answers(struct scenario *s)
{
    struct random r;
    if (!is_one(s, &r, 4))
        return;
    calm_down(s);
    s->canary = 0;
    s->faults.no_job_id = 1;
    s->uploads = between(&r, 3, 16);
    s->post_per_minute = 0;
    s->slow_ledger.most_ms = 500;
    s->file_count = SIM_FILES_MAX;
    memset(s->files, 0, sizeof s->files);
    for (int i = 0; i < s->file_count; i++)
        s->files[i].content = i;
}

void scenario_aim(struct scenario *s)
{
    aim_at_asked_for_and_gone(s);
    aim_at_names_of_a_former_life(s);
    aim_at_moves_that_die(s);
    aim_at_unreadable_answers(s);
}
