#include "fake_outlet.h"

#include "base/require.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct outlet {
    const char *name;
    bool is_url, busy, cancelled;
    int tries;
    char cause[200];
    struct mono not_before;
    struct fake_item item;
    void (*done)(void *ctx, enum outlet_end end, const char *cause);
    void *ctx;
};

enum { MOST = 8 };
static struct outlet *made[MOST]; /* NULL: closed */
static const struct clock *now_by;

void fake_outlets_begin(const struct clock *clock)
{
    memset(made, 0, sizeof made); /* after a test that failed */
    now_by = clock;
}

int fake_outlets_open(void)
{
    int open = 0;
    for (int i = 0; i < MOST; i++)
        open += made[i] != NULL;
    return open;
}

static struct outlet *find(const char *name)
{
    for (int i = 0; i < MOST; i++)
        if (made[i] && strcmp(made[i]->name, name) == 0)
            return made[i];
    require_failed("there is an outlet of that name", __FILE__, __LINE__);
    return NULL;
}

/* --- outlet.h --- */

int outlet_new(struct outlet **out, struct loop *loop, const struct outlet_options *options,
               struct error *e)
{
    int i = 0;
    (void)loop, (void)e;
    while (made[i])
        REQUIRE(++i < MOST);
    struct outlet *o = xcalloc(1, sizeof *o);
    o->name = options->name;
    o->is_url = options->url != NULL;
    o->done = options->done;
    o->ctx = options->ctx;
    *out = made[i] = o;
    return 0;
}

bool outlet_is_url(const struct outlet *o)
{
    return o->is_url;
}

const char *outlet_name(const struct outlet *o)
{
    return o->name;
}

bool outlet_busy(const struct outlet *o)
{
    return o->busy;
}

bool outlet_ready(const struct outlet *o, struct mono now)
{
    return !o->busy && mono_reached(now, o->not_before);
}

struct mono outlet_next(const struct outlet *o)
{
    return o->not_before;
}

const char *outlet_cause(const struct outlet *o)
{
    return o->cause;
}

void outlet_send(struct outlet *o, const struct outlet_item *item)
{
    REQUIRE(outlet_ready(o, clock_mono(now_by)));
    REQUIRE(item->len < sizeof o->item.body && item->header_count <= FAKE_FACTS);
    memset(&o->item, 0, sizeof o->item);
    memcpy(o->item.body, item->body, item->len);
    size_t used = 0;
    for (size_t i = 0; i < item->header_count; i++)
        if (item->headers[i].value)
            snprintf(o->item.headers[used++], sizeof *o->item.headers, "%s: %s",
                     item->headers[i].name, item->headers[i].value);
    for (size_t i = 0; item->environment && item->environment[i]; i++)
        text_copy(o->item.environment[i], sizeof *o->item.environment, item->environment[i]);
    o->busy = true;
    o->cancelled = false;
    o->tries++;
}

void outlet_forgive(struct outlet *o)
{
    o->not_before = (struct mono){0};
}

void outlet_cancel(struct outlet *o)
{
    o->cancelled = o->cancelled || o->busy;
}

void outlet_close(struct outlet *o, void (*closed)(void *ctx), void *ctx)
{
    REQUIRE(!o->busy);
    for (int i = 0; i < MOST; i++)
        if (made[i] == o)
            made[i] = NULL;
    free(o);
    closed(ctx);
}

/* --- the test's --- */

const struct fake_item *fake_outlet_sending(const char *name)
{
    const struct outlet *o = find(name);
    return o->busy ? &o->item : NULL;
}

const char *fake_outlet_body(const char *name)
{
    const struct fake_item *item = fake_outlet_sending(name);
    return item ? item->body : NULL;
}

static const char *value_of(const char (*list)[400], const char *name, const char *between)
{
    size_t len = strlen(name);
    for (int i = 0; i < FAKE_FACTS; i++)
        if (strncmp(list[i], name, len) == 0 &&
            strncmp(list[i] + len, between, strlen(between)) == 0)
            return list[i] + len + strlen(between);
    return NULL;
}

const char *fake_outlet_header(const char *name, const char *of)
{
    const struct fake_item *item = fake_outlet_sending(name);
    return item ? value_of(item->headers, of, ": ") : NULL;
}

const char *fake_outlet_variable(const char *name, const char *of)
{
    char variable[64];
    const struct fake_item *item = fake_outlet_sending(name);
    snprintf(variable, sizeof variable, "MINDEE_BATCH_%s", of);
    return item ? value_of(item->environment, variable, "=") : NULL;
}

int fake_outlet_tries(const char *name)
{
    return find(name)->tries;
}

void fake_outlet_end(const char *name, enum outlet_end end, const char *cause, int64_t wait_ms)
{
    struct outlet *o = find(name);
    REQUIRE(o->busy);
    o->busy = o->cancelled = false;
    if (end == OUTLET_DELIVERED)
        cause = "";
    if (end != OUTLET_CANCELLED)
        text_copy(o->cause, sizeof o->cause, cause);
    if (end == OUTLET_FAILED || end == OUTLET_REFUSED)
        o->not_before = mono_add(clock_mono(now_by), wait_ms);
    o->done(o->ctx, end, o->cause);
}

const char *fake_outlet_deliver(const char *name)
{
    static char delivered[sizeof(((struct fake_item *)0)->body)];
    text_copy(delivered, sizeof delivered, find(name)->item.body);
    fake_outlet_end(name, OUTLET_DELIVERED, "", 0);
    return delivered;
}

bool fake_outlet_is_cancelled(const char *name)
{
    return find(name)->cancelled;
}

void fake_outlets_cancelled(void)
{
    for (int i = 0; i < MOST; i++)
        if (made[i] && made[i]->cancelled)
            fake_outlet_end(made[i]->name, OUTLET_CANCELLED, "", 0);
}
