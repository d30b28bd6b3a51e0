/* How deliveries show: to the client in its job, to tests in the record.
 *
 * "webhooks" in /sandbox/stats:
 *   attempted        POSTs made, of every kind; when "pending" is 0 it is the sum of delivered,
 *                    duplicates, forged and refused
 *   delivered        (job, webhook) pairs answered with a 2xx
 *   duplicates       the same sent once more, and answered with a 2xx
 *   forged           sent with a wrong signature or none, whatever the answer
 *   forged_accepted  those of them answered with a 2xx: the receiver's fault
 *   refused          of the others, answered with another status, by its first digit, or not at all
 *   lost             given up without ever having been sent (drawn so)
 *   failed           given up after having been sent as often as it may be
 *   early            delivered before the 202 of its upload was answered
 *   pending          still to come or under way */
#include "sandbox/webhook.h"

#include "sandbox/json_text.h"

#include <inttypes.h>
#include <stdio.h>

static const struct model_webhook *webhook_of(const struct delivery *d)
{
    return &d->job->model->webhooks[d->place];
}

static const struct delivery *delivery_at(const struct job *j, int place)
{
    for (int i = 0; i < j->delivery_count; i++) {
        if (j->deliveries[i].place == place)
            return &j->deliveries[i];
    }
    return NULL;
}

static const char *words_for(enum transfer_end end)
{
    switch (end) {
    case TRANSFER_CONNECT:
        return "The webhook's endpoint can't be connected to.";
    case TRANSFER_TIMEOUT:
        return "The webhook's endpoint didn't answer in time.";
    default:
        return "The webhook's endpoint gave no answer.";
    }
}

static void put_error(struct buffer *b, const struct delivery *d)
{
    struct problem p;
    char words[64];
    snprintf(words, sizeof words, "The webhook's endpoint answered %d.", d->status);
    problem_set(&p, d->status > 0 ? d->status : 504, d->status > 0 ? words : words_for(d->end));
    problem_write(b, &p);
}

static void put_uncalled(struct buffer *b)
{
    struct problem p;
    problem_set(&p, 503, "The sandbox calls a webhook only where --webhook says so.");
    problem_write(b, &p);
}

/* D NULL: one that isn't called, not yet or, once the job is OVER, never. */
static void put_response(struct buffer *b, const struct job *j, const char *id,
                         const struct delivery *d, bool over)
{
    static const char *const names[] = {"Processing", "Processed", "Failed"};
    enum delivery_state state = over ? DELIVERY_GIVEN_UP : DELIVERY_PENDING;
    if (d != NULL)
        state = d->state;
    buffer_printf(b, "{\"id\":\"%s\",\"created_at\":", id);
    json_put_time(b, d != NULL && d->called_at.ms > 0 ? d->called_at : j->created_at,
                  job_micros(j));
    buffer_printf(b, ",\"status\":\"%s\",\"error\":", names[state]);
    if (d == NULL && over)
        put_uncalled(b);
    else if (d != NULL && d->tried && d->state != DELIVERY_DELIVERED)
        put_error(b, d);
    else
        buffer_put(b, "null");
    buffer_printf(b, ",\"attempts_count\":%d}", d != NULL ? d->attempts : 0);
}

void webhook_put_responses(struct buffer *b, const struct job *j, bool over)
{
    buffer_put(b, "[");
    for (int i = 0; i < j->webhooks.count; i++) {
        int place = j->webhooks.places[i];
        buffer_put(b, i > 0 ? "," : "");
        put_response(b, j, j->model->webhooks[place].id, delivery_at(j, place), over);
    }
    buffer_put(b, "]");
}

static const char *outcome_of(const struct delivery *d)
{
    if (d->state == DELIVERY_PENDING)
        return "pending";
    if (d->state == DELIVERY_DELIVERED)
        return "delivered";
    return d->lost ? "lost" : "failed";
}

void webhook_put_outcomes(struct buffer *b, const struct job *j)
{
    buffer_put(b, "[");
    for (int i = 0; i < j->delivery_count; i++) {
        const struct delivery *d = &j->deliveries[i];
        buffer_printf(b,
                      "%s{\"id\":\"%s\",\"outcome\":\"%s\",\"attempts\":%d,\"status\":%d,"
                      "\"early\":%s,\"duplicates\":%d,\"forged\":%d}",
                      i > 0 ? "," : "", webhook_of(d)->id, outcome_of(d), d->attempts, d->status,
                      d->early ? "true" : "false", d->duplicates, d->forgeries);
    }
    buffer_put(b, "]");
}

void webhook_put_stats(struct buffer *b, const struct webhook_stats *stats)
{
    static const struct webhook_stats none;
    static const char *const classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    const struct webhook_stats *w = stats != NULL ? stats : &none;
    buffer_printf(b,
                  "{\"attempted\":%" PRIu64 ",\"delivered\":%" PRIu64 ",\"duplicates\":%" PRIu64
                  ",\"forged\":%" PRIu64 ",\"forged_accepted\":%" PRIu64 ",\"lost\":%" PRIu64
                  ",\"failed\":%" PRIu64 ",\"early\":%" PRIu64 ",\"pending\":%" PRIu64
                  ",\"refused\":{",
                  w->attempted, w->delivered, w->duplicates, w->forged, w->forged_accepted, w->lost,
                  w->failed, w->early, w->pending);
    for (int i = 0; i < 6; i++) {
        if (i != 2)
            buffer_printf(b, "%s\"%s\":%" PRIu64, i > 0 ? "," : "", classes[i], w->refused[i]);
    }
    buffer_put(b, "}}");
}
