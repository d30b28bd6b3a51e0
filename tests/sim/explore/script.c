/* See script.h. */
#include "script.h"

#include "promises.h"

#include <string.h>

struct life life_at_first(void)
{
    struct life l;
    memset(&l, 0, sizeof l);
    return l;
}

static const char *on(bool what)
{
    return what ? "on" : "off";
}

void script_print_rules(const struct rules *r, FILE *out)
{
    fprintf(out, "rules attempts=%d in_doubt=%s webhooks=%s user=%s trusting=%s\n", r->attempts,
            r->resend ? "resend" : "hold", on(r->webhooks), on(r->user), on(r->trusting));
}

void script_print_move(struct move m, FILE *out)
{
    if (m.attempt)
        fprintf(out, "%s %d\n", move_names[m.kind], m.attempt);
    else
        fprintf(out, "%s\n", move_names[m.kind]);
}

/* --- reading --- */

static bool read_rules(const char *line, struct rules *r)
{
    char doubt[8], webhooks[8], user[8], trusting[8];
    if (sscanf(line, "rules attempts=%d in_doubt=%7s webhooks=%7s user=%7s trusting=%7s",
               &r->attempts, doubt, webhooks, user, trusting) != 5)
        return false;
    r->resend = strcmp(doubt, "resend") == 0;
    r->webhooks = strcmp(webhooks, "on") == 0;
    r->user = strcmp(user, "on") == 0;
    r->trusting = strcmp(trusting, "on") == 0;
    return r->attempts >= 1 && r->attempts <= LIFE_ROOM;
}

static bool read_move(const char *line, struct move *m)
{
    char name[40];
    int attempt = 0;
    int words = sscanf(line, "%39s %d", name, &attempt);
    for (int kind = 0; kind < MOVE_COUNT && words >= 1; kind++) {
        if (strcmp(name, move_names[kind]) != 0)
            continue;
        *m = (struct move){(uint8_t)kind, (uint8_t)attempt};
        return move_is_of_attempt((enum move_kind)kind) == (attempt > 0) && attempt <= LIFE_ROOM;
    }
    return false;
}

/* --- showing --- */

static const char *const outcomes[] = {"open",     "not_sent", "answered", "in_doubt",
                                       "accepted", "done",     "failed",   "unreadable"};
static const char *const jobs[] = {"-", "runs", "done", "expired", "failed_422", "failed_500"};
static const char *const uploads[] = {"", " upload_out", " upload_taken", " upload_stray"};
static const char *const wakes[] = {"nothing", "queue", "poll", "fetch", "resend"};

static void show_memory(const struct life *l, FILE *out)
{
    const struct memory *m = &l->memory;
    if (!l->up)
        fprintf(out, "  no run;");
    else if (!m->there)
        fprintf(out, "  not in memory;");
    else
        fprintf(out, "  %s%s, attempt %d, waits for %s%s;", doc_state_names[m->state],
                m->parked ? " (parked)" : "", m->attempt, wakes[m->wake],
                m->pending[0] || m->pending[1] ? " and the commit" : "");
}

static void show(const struct life *l, FILE *out)
{
    const struct book *b = &l->turn;
    show_memory(l, out);
    fprintf(out, " ledger: %s", doc_state_names[l->ledger.state]);
    for (int i = 0; i < b->attempt; i++) {
        const struct outside *o = &l->outside[i];
        fprintf(out, "; %d: %s%s, Mindee %s%s%s%s", i + 1, outcomes[b->records[i].outcome],
                b->records[i].resent ? " resent" : "", jobs[o->job], uploads[o->upload],
                o->poll ? " poll_out" : "", o->fetch ? " fetch_out" : "");
    }
    fprintf(out, "\n");
}

int script_replay(FILE *in, const char *name, FILE *out)
{
    struct rules rules = {0};
    struct life life = life_at_first(), next;
    struct complaint c = {0};
    char line[200];
    bool ruled = false;
    for (int n = 1; fgets(line, sizeof line, in) && !c.text[0]; n++) {
        struct move m;
        if (line[0] == '#' || line[0] == '\n')
            continue;
        if (!ruled) {
            ruled = read_rules(line, &rules);
            if (ruled)
                continue;
        }
        if (!ruled || !read_move(line, &m) || !move_is_possible(&rules, &life, m)) {
            fprintf(stderr, "%s:%d: %s: %s", name, n,
                    ruled ? "this can't happen here" : "the rules should be here", line);
            return 2;
        }
        move_make(&rules, &life, m, &next, &c);
        life = next;
        script_print_move(m, out);
        show(&life, out);
        promises_check(&rules, &life, &c);
    }
    if (!c.text[0])
        promises_check_quiet_finish(&rules, &life, &c, NULL, NULL);
    fprintf(out, "%s\n", c.text[0] ? c.text : "every promise is kept");
    return c.text[0] ? 1 : 0;
}
