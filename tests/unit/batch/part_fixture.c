/* See part_fixture.h. */
#include "part_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void timer_cb(void *ctx)
{
    (void)ctx; /* a turn would follow */
}

static void fill_options(struct part *p)
{
    snprintf(p->output, sizeof p->output, "%s/out", p->ledger->directory);
    p->options = (struct batch_options){
        .request = MINDEE_ENQUEUE_INIT,
        .uploads = 4,
        .patience_ms = 3600000,
        .spending = {.budget = {{-1}, {-1}}, .price = {CREDIT_MICROS}},
        .output = p->output,
        .ledger = p->ledger->path,
        .fallback_after_ms = 60000,
        .polling = {.first_ms = 2000, .interval_ms = 1000, .give_up_ms = 3600000},
        .retry = {.max_attempts = 5,
                  .first_delay_ms = 1000,
                  .max_delay_ms = 60000,
                  .resend_in_doubt = true,
                  .max_resends = 2,
                  .in_doubt_wait_ms = 10000},
        .seed = 1,
    };
}

void part_open(struct part *p)
{
    void *ledger;
    fixture_setup(&ledger);
    *p = (struct part){.ledger = ledger};
    fill_options(p);
    struct run_context *c = &p->context;
    c->options = &p->options;
    c->clock = &fixture_clock;
    c->loop = fake_loop_new(c->clock);
    c->ledger = p->ledger->l;
    c->settings_id = p->ledger->settings;
    c->client = fake_client_new();
    c->planner =
        poll_planner_new_fixed(p->options.polling.first_ms, p->options.polling.interval_ms);
    random_init(&c->random, p->options.seed);
    c->timer = loop_timer_new(c->loop, timer_cb, p);
    p->ending = ending_new(c);
    record_take();
}

void part_close(struct part *p)
{
    void *ledger = p->ledger;
    ending_free(p->ending);
    if (p->context.timer)
        loop_timer_close(p->context.timer);
    poll_planner_free(p->context.planner);
    fake_client_free(p->context.client);
    loop_free(p->context.loop);
    assert_int_equal(fixture_teardown(&ledger), 0);
}

void part_pass(struct part *p, int64_t ms)
{
    (void)p;
    fixture_now_ms += ms;
}

struct mono part_now(const struct part *p)
{
    return clock_mono(p->context.clock);
}

struct mono part_at(int64_t ms)
{
    return (struct mono){PART_START_MS + ms};
}

bool part_poked(struct part *p)
{
    bool poked = fake_loop_timer_at(p->context.timer).ms != MONO_NEVER.ms;
    loop_timer_set(p->context.timer, MONO_NEVER);
    return poked;
}

static const char *log_path(const struct part *p)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/log", p->ledger->directory);
    return path;
}

void part_log(struct part *p, enum log_level level)
{
    struct error e;
    const struct log_options o = {.level = level, .file = log_path(p), .clock = p->context.clock};
    unlink(log_path(p));
    assert_int_equal(log_open(&o, &e), 0);
}

const char *part_log_take(struct part *p)
{
    enum { STAMP = sizeof "1970-01-01T00:16:40Z " - 1 };
    static char text[16 * 1024];
    char line[4096];
    size_t len = 0;
    log_close();
    FILE *f = fopen(log_path(p), "re");
    assert_non_null(f);
    text[0] = '\0';
    while (fgets(line, sizeof line, f)) {
        REQUIRE(strlen(line) > STAMP && len + sizeof line < sizeof text);
        len += (size_t)snprintf(text + len, sizeof text - len, "%s", line + STAMP);
    }
    fclose(f);
    return text;
}
