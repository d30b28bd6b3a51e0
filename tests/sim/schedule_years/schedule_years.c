/* simulate_schedule [--years 1..3] [SEED-SEED] [-v]
 *
 * Years of a service's schedule (three, or as many as --years says), in minutes: the real
 * supervisor, agenda and ledger on the virtual loop, with a stand-in for the runs. Two batches, one
 * of them watching a folder between its runs, in a zone with summer time. The process dies 50 times
 * in three years, in the middle of runs as often as between them, and stays away for up to three
 * days; now and then it is stopped instead; and the clock is set back by an hour right after
 * something was due, and forward again.
 *
 * Afterwards, against a list of the occurrences made without the program's calendar: each has one
 * row; its run began once, and went on only after a death or an end that says so; it ended once; it
 * was covered by a newer one of its rule only while nobody was there; nothing ran that wasn't due,
 * before it was, or later than at once while somebody was there. */
#include "schedule_years.h"

#include "../virtual_loop.h"
#include "tzif.h"

#include "base/log.h"
#include "ledger/periods.h"
#include "service/supervisor.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* DRAIN_MS: what a staying run may take to make room. */
enum { YEARS_MOST = 3, DEATHS_MOST = 50, LATE_MS = 5000, DRAIN_MS = 25000, FAILED_CHILD = 99 };
#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

static bool in_child, verbose;
static int years = YEARS_MOST, deaths = DEATHS_MOST; /* of the process, in that time */

static int64_t days(void)
{
    return years * 365 + 1;
}

void schedule_years_fail(struct schedule_years *w, const char *format, ...)
{
    if (!w->failure[0]) {
        va_list ap;
        va_start(ap, format);
        vsnprintf(w->failure, sizeof w->failure, format, ap);
        va_end(ap);
    }
    if (in_child)
        _exit(FAILED_CHILD);
}

int64_t schedule_years_wall_ms(const struct schedule_years *w)
{
    return VIRTUAL_WALL_START_S * 1000 + w->mono_ms - VIRTUAL_MONO_START_MS + w->wall_shift_ms;
}

/* --- one life of the service --- */

struct life {
    struct schedule_years *w;
    struct supervisor *supervisor;
};

static void set(struct config *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void set(struct config *c, const char *format, ...)
{
    struct error_list errors = {0};
    char text[300];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    REQUIRE(config_set(c, text, &errors) == 0);
}

static struct calendar *make_calendar(const char *when)
{
    static const struct tzif paris = {
        .version = '2', .types = {3600}, .type_count = 1, .footer = "CET-1CEST,M3.5.0,M10.5.0/3"};
    struct calendar *c = calendar_new();
    struct buffer bytes, holidays;
    struct error e;
    buffer_init(&bytes, 0);
    buffer_init(&holidays, 0);
    tzif_write(&paris, &bytes);
    REQUIRE(zone_parse(&c->zone, bytes.data, bytes.len, &e) == 0);
    for (int year = 2026; year < 2031; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= 30; day++)
                if (expected_is_holiday(year, month, day))
                    buffer_printf(&holidays, "%d-%02d-%02d\n", year, month, day);
    REQUIRE(business_days_parse_holidays(&c->days, holidays.data, holidays.len, &e) == 0);
    REQUIRE(calendar_parse(c, when, &e) == 0);
    buffer_release(&bytes);
    buffer_release(&holidays);
    return c;
}

static struct served_batches *make_batches(const struct schedule_years *w)
{
    struct served_batches *r = xcalloc(1, sizeof *r);
    r->count = YEARS_BATCHES;
    r->entries = xcalloc(r->count, sizeof *r->entries);
    for (size_t i = 0; i < r->count; i++) {
        const struct year_batch *b = &w->batches[i];
        struct config *c = config_new();
        set(c, "api.key=md_simulated");
        set(c, "api.model_id=11111111-1111-4111-8111-111111111111");
        set(c, "limits.state=%s/limits", w->directory);
        set(c, "input.directory=%s/in", w->directory);
        set(c, "output.directory=%s/%s", w->directory, b->name);
        r->entries[i] = (struct served_entry){.name = b->name,
                                              .config = c,
                                              .calendar = make_calendar(b->when),
                                              .catch_up_ms = 5 * DAY_MS,
                                              .forecast_ms = HOUR_MS,
                                              .watch = b->watch,
                                              .stays = b->watch};
    }
    r->config = r->entries[0].config;
    return r;
}

static void before_step_cb(void *ctx)
{
    struct life *l = ctx;
    struct schedule_years *w = l->w;
    while (w->jumps_done < w->jump_count && w->mono_ms >= w->jumps[w->jumps_done].at_mono_ms)
        w->wall_shift_ms += w->jumps[w->jumps_done++].by_ms;
    quiet_point();
    if (w->die_at_mono_ms && w->mono_ms >= w->die_at_mono_ms) {
        if (!w->stop)
            _exit(0);
        w->die_at_mono_ms = 0;
        supervisor_stop(l->supervisor);
    }
    if (w->mono_ms >= w->end_mono_ms && !w->over) {
        w->over = true;
        supervisor_stop(l->supervisor);
    }
}

static void live(struct schedule_years *w)
{
    struct life l = {.w = w};
    struct virtual_clock clock;
    struct virtual_hooks hooks = {.before_step = before_step_cb, .ctx = &l};
    struct supervisor_options options = {.seed = 1};
    struct error e;
    virtual_clock_init(&clock, &w->mono_ms);
    clock.wall_shift_ms = &w->wall_shift_ms;
    struct log_options log = {.level = verbose ? LOG_DEBUG : LOG_ERROR, .clock = &clock.clock};
    REQUIRE(log_open(&log, &e) == 0);
    dice_batch_setup(w);
    quiet_arm(w);
    struct loop *loop = virtual_loop_new(&clock, random_u64(&w->random), &hooks);
    struct served_batches *batches = make_batches(w);
    struct config *other = batches->entries[1].config;
    if (supervisor_new(&l.supervisor, loop, batches, &options, &e) < 0)
        schedule_years_fail(w, "it can't begin: %s", e.text);
    supervisor_start(l.supervisor);
    loop_run(loop);
    supervisor_free(l.supervisor);
    config_free(other);
    loop_free(loop);
}

/* --- many --- */

static void list_batches(struct schedule_years *w)
{
    w->batches[0] = (struct year_batch){
        .name = "monthly",
        .when = "last-business-day 18:00, business-day+2 06:30, weekly SUN 02:30",
        .rules = {"last-business-day 18:00", "business-day+2 06:30", "weekly SUN 02:30"}};
    w->batches[1] = (struct year_batch){.name = "daily",
                                        .when = "daily 02:30, day 30 23:59",
                                        .rules = {"daily 02:30", "day 30 23:59"},
                                        .watch = true};
}

static int by_jump(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Back by an hour some minutes after something was due; put right within a day. Never two at once.
 */
static void plan_jumps(struct schedule_years *w)
{
    const struct year_batch *b = &w->batches[0];
    for (int i = 5; w->jump_count + 2 <= YEARS_JUMPS && i < b->due_count; i += b->due_count / 19) {
        int64_t due = b->dues[i].at_ms - VIRTUAL_WALL_START_S * 1000 + VIRTUAL_MONO_START_MS;
        int64_t by = random_below(&w->random, 5) == 0 ? HOUR_MS : -HOUR_MS;
        w->jumps[w->jump_count].at_mono_ms = due + (int64_t)random_below(&w->random, 50 * 60000);
        w->jumps[w->jump_count++].by_ms = by;
        w->jumps[w->jump_count].at_mono_ms =
            due + HOUR_MS + (int64_t)random_below(&w->random, (uint64_t)DAY_MS);
        w->jumps[w->jump_count++].by_ms = -by;
    }
    qsort(w->jumps, (size_t)w->jump_count, sizeof w->jumps[0], by_jump);
}

static void plan_death(struct schedule_years *w, int n)
{
    w->starts = w->points = 0;
    w->die_at_mono_ms = 0;
    w->die_in_start = w->die_at_point = 0;
    w->stop = n % 10 == 9;
    if (n >= deaths)
        return;
    if (n % 2) {
        uint64_t most = (uint64_t)(days() * DAY_MS / deaths * 2);
        w->die_at_mono_ms = w->mono_ms + (int64_t)random_below(&w->random, most);
    } else {
        w->die_in_start = 1 + (int)random_below(&w->random, 50);
        w->die_at_point = 1 + (int)random_below(&w->random, 60);
    }
}

static void be_away(struct schedule_years *w)
{
    static const int64_t most[] = {5000, 5000, HOUR_MS, 3 * DAY_MS};
    w->mono_ms += (int64_t)random_below(&w->random, (uint64_t)most[random_below(&w->random, 4)]);
}

/* --- what the ledgers say --- */

static int note_running(void *ctx, const struct ledger_period *p)
{
    struct year_batch *b = ctx;
    for (int i = 0; p->state == PERIOD_RUNNING && i < b->due_count; i++)
        if (strcmp(b->dues[i].rule, p->rule) == 0 && strcmp(b->dues[i].period, p->period) == 0)
            b->dues[i].deaths++;
    return 0;
}

static struct ledger *open_ledger(struct schedule_years *w, const struct year_batch *b)
{
    static const struct clock *clock = &system_clock;
    char path[200];
    struct ledger *l;
    struct error e;
    snprintf(path, sizeof path, "%s/%s/ledger.db", w->directory, b->name);
    const struct ledger_options o = {.path = path, .read_only = true, .clock = clock};
    if (ledger_open(&l, &o, &e) == 0)
        return l;
    if (e.code != ERR_NOT_FOUND && e.code != ERR_USAGE)
        schedule_years_fail(w, "%s", e.text);
    return NULL;
}

static void count_deaths(struct schedule_years *w)
{
    for (int i = 0; i < YEARS_BATCHES; i++) {
        struct ledger *l = open_ledger(w, &w->batches[i]);
        if (l && ledger_periods(l, note_running, &w->batches[i]) < 0)
            schedule_years_fail(w, "%s", ledger_error(l)->text);
        ledger_close(l);
    }
}

struct tally {
    struct schedule_years *w;
    struct year_batch *b;
    int64_t times[2 * DEATHS_MOST + YEARS_JUMPS + 10]; /* wall: deaths, returns, jumps */
    int time_count;
    int rows, done, covered, skipped, twice, in_time;
};

static bool quiet_around(const struct tally *t, const struct year_due *due)
{
    for (int i = 0; i < t->time_count; i++)
        if (llabs((long long)(t->times[i] - due->at_ms)) < 4 * DAY_MS)
            return false;
    for (int i = 0; i < t->b->due_count; i++) {
        int64_t before = due->at_ms - t->b->dues[i].at_ms;
        if (&t->b->dues[i] != due && before >= 0 && before < 2 * HOUR_MS)
            return false;
    }
    return true;
}

static void check_done(struct tally *t, const struct year_due *due)
{
    struct schedule_years *w = t->w;
    if (due->fresh > 1 || due->fresh + due->resumed < 1)
        schedule_years_fail(w, "%s of %s began %d times anew", due->rule, due->period, due->fresh);
    if (due->fresh + due->resumed > 1 + due->deaths + due->unfinished)
        schedule_years_fail(w, "%s of %s began %d times, with %d deaths and %d unfinished",
                            due->rule, due->period, due->fresh + due->resumed, due->deaths,
                            due->unfinished);
    if (due->finished < 1 || due->finished > 1 + due->deaths)
        schedule_years_fail(w, "%s of %s ended %d times, with %d deaths", due->rule, due->period,
                            due->finished, due->deaths);
    t->done++;
    t->skipped += due->skipped;
    t->twice += due->twice;
    if (due->fresh && quiet_around(t, due)) {
        t->in_time++;
        if (due->began_wall_ms - due->at_ms > LATE_MS + (t->b->watch ? DRAIN_MS : 0))
            schedule_years_fail(w, "%s of %s began %" PRId64 " ms late", due->rule, due->period,
                                due->began_wall_ms - due->at_ms);
    }
}

static int check_row(void *ctx, const struct ledger_period *p)
{
    struct tally *t = ctx;
    struct year_due *due = NULL;
    for (int i = 0; i < t->b->due_count && !due; i++)
        if (strcmp(t->b->dues[i].rule, p->rule) == 0 &&
            strcmp(t->b->dues[i].period, p->period) == 0)
            due = &t->b->dues[i];
    if (!due) {
        schedule_years_fail(t->w, "a row of %s, %s, which never is due", p->rule, p->period);
        return 1;
    }
    t->rows++;
    if (p->due_at.ms != due->at_ms)
        schedule_years_fail(t->w, "%s of %s is due at another time: %" PRId64 ", not %" PRId64,
                            p->rule, p->period, p->due_at.ms, due->at_ms);
    if (p->state == PERIOD_DONE) {
        check_done(t, due);
    } else if (p->state == PERIOD_COVERED) {
        t->covered++;
        if (due->fresh || due->resumed || quiet_around(t, due))
            schedule_years_fail(t->w, "%s of %s is covered, and needn't be", p->rule, p->period);
    } else {
        schedule_years_fail(t->w, "%s of %s is %s at the end", p->rule, p->period,
                            period_state_names[p->state]);
    }
    return 0;
}

/* --- the program --- */

static struct tally tallies[YEARS_BATCHES];

static void note_time(struct schedule_years *w, int64_t wall_ms)
{
    (void)w;
    for (int i = 0; i < YEARS_BATCHES; i++)
        tallies[i].times[tallies[i].time_count++] = wall_ms;
}

static void run_years(struct schedule_years *w)
{
    for (int n = 0; !w->over && !w->failure[0]; n++) {
        int status;
        REQUIRE(n <= deaths + 1);
        plan_death(w, n);
        fflush(NULL);
        pid_t pid = fork();
        REQUIRE(pid >= 0);
        if (pid == 0) {
            in_child = true;
            live(w);
            fflush(NULL);
            _exit(0);
        }
        REQUIRE(waitpid(pid, &status, 0) == pid);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            schedule_years_fail(w, "the service ended with %s %d",
                                WIFEXITED(status) ? "status" : "signal",
                                WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
        count_deaths(w);
        note_time(w, schedule_years_wall_ms(w));
        be_away(w);
        note_time(w, schedule_years_wall_ms(w));
    }
}

static void check_batch(struct schedule_years *w, struct tally *t)
{
    struct ledger *l = open_ledger(w, t->b);
    if (!l || ledger_periods(l, check_row, t) < 0)
        schedule_years_fail(w, "%s's rows can't be read", t->b->name);
    ledger_close(l);
    int missing = 0;
    for (int i = 0; i < t->b->due_count; i++)
        missing += t->b->dues[i].at_ms <= schedule_years_wall_ms(w) - DAY_MS * 4;
    if (t->rows < missing)
        schedule_years_fail(w, "%s: %d rows, but %d were due", t->b->name, t->rows, missing);
    printf("  %-8s %4d due, %4d ran, %3d covered by a newer one; %4d checked to have begun at "
           "once; %d at times that don't exist, %d at times that come twice\n",
           t->b->name, t->rows, t->done, t->covered, t->in_time, t->skipped, t->twice);
    if (t->done < t->rows / 2 || t->in_time == 0)
        schedule_years_fail(w, "%s: too few runs to say anything", t->b->name);
}

static bool run_seed(uint64_t seed)
{
    struct schedule_years *w =
        mmap(NULL, sizeof *w, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char in[128], command[160];
    REQUIRE(w != MAP_FAILED);
    w->seed = seed;
    random_init(&w->random, seed);
    w->mono_ms = VIRTUAL_MONO_START_MS;
    w->end_mono_ms = w->mono_ms + days() * DAY_MS;
    snprintf(w->directory, sizeof w->directory, "/tmp/mb-years-XXXXXX");
    REQUIRE(mkdtemp(w->directory) != NULL);
    snprintf(in, sizeof in, "%s/in", w->directory);
    REQUIRE(mkdir(in, 0700) == 0);
    list_batches(w);
    memset(tallies, 0, sizeof tallies);
    for (int i = 0; i < YEARS_BATCHES; i++) {
        expected_list(&w->batches[i], VIRTUAL_WALL_START_S,
                      VIRTUAL_WALL_START_S + (days() + 10) * (DAY_MS / 1000));
        tallies[i].w = w;
        tallies[i].b = &w->batches[i];
    }
    plan_jumps(w);
    for (int i = 0; i < w->jump_count; i++)
        note_time(w, VIRTUAL_WALL_START_S * 1000 + w->jumps[i].at_mono_ms - VIRTUAL_MONO_START_MS);
    run_years(w);
    printf("seed %" PRIu64 ": %" PRId64 " runs begun, %d deaths, %d changes of the clock\n", seed,
           w->began, deaths, w->jumps_done);
    for (int i = 0; i < YEARS_BATCHES && !w->failure[0]; i++)
        check_batch(w, &tallies[i]);
    if (w->failure[0])
        printf("seed %" PRIu64 " FAILED: %s\n", seed, w->failure);
    bool fine = !w->failure[0];
    snprintf(command, sizeof command, "rm -rf '%s'", w->directory);
    if (verbose && !fine)
        printf("kept: %s\n", w->directory);
    else
        REQUIRE(system(command) == 0);
    munmap(w, sizeof *w);
    return fine;
}

int main(int argc, char **argv)
{
    uint64_t from = 1, to = 1;
    unsetenv("NOTIFY_SOCKET");
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-v") == 0)
            verbose = true;
        else if (strcmp(argv[i], "--years") == 0 && i + 1 < argc)
            years = atoi(argv[++i]);
        else if (sscanf(argv[i], "%" SCNu64 "-%" SCNu64, &from, &to) == 1)
            to = from;
    REQUIRE(years >= 1 && years <= YEARS_MOST);
    deaths = DEATHS_MOST * years / YEARS_MOST;
    int failed = 0;
    for (uint64_t seed = from; seed <= to; seed++)
        failed += !run_seed(seed);
    return failed > 0;
}
