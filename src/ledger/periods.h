/* periods.h - periods: the occurrences of the schedule, which a scheduled run closes. */
#ifndef MB_LEDGER_PERIODS_H
#define MB_LEDGER_PERIODS_H

#include "ledger/ledger.h"

/* Stored: never renumber. */
enum period_state {
    PERIOD_RUNNING = 0, /* begun, and not over: a run that died goes on so */
    PERIOD_DONE = 1,
    PERIOD_COVERED = 2, /* missed, and a newer one of its rule ran for it */
    PERIOD_MISSED = 3,  /* for longer than is caught up */
    PERIOD_SKIPPED = 4, /* another run was at work when it was due */
    PERIOD_STATES
};
extern const char *const period_state_names[PERIOD_STATES];

struct ledger_period {
    char rule[48], period[24]; /* as calendar.h names an occurrence */
    char counts_to[24];        /* the period that its files belong to: most often the same */
    struct wall due_at, started_at, finished_at;
    enum period_state state;
    int64_t run;   /* its last run; 0: none yet */
    int exit_code; /* -1: none yet */
};

/* 1 and *STATE, or 0: it hasn't begun. */
MUST_CHECK int ledger_period_find(struct ledger *l, const char *rule, const char *period,
                                  enum period_state *state);
enum period_begin {
    PERIOD_NEW,         /* the row is there now: commit it before the run begins */
    PERIOD_INTERRUPTED, /* its run began once, and goes on */
    PERIOD_OVER,        /* nothing is to be run */
};
MUST_CHECK int ledger_period_begin(struct ledger *l, const char *rule, const char *period,
                                   struct wall due_at, enum period_begin *how);
/* The run that began is that of the row. */
MUST_CHECK int ledger_period_run(struct ledger *l, const char *rule, const char *period);
/* What the run that is at work takes in belongs to COUNTS_TO: it is that period's run, too. */
MUST_CHECK int ledger_period_counts_to(struct ledger *l, const char *rule, const char *period,
                                       const char *counts_to);
/* Ends what is running, as the work of this process's last run; else nothing. The numbers of the
 * period that it counts to are kept as they are then. */
MUST_CHECK int ledger_period_end(struct ledger *l, const char *rule, const char *period,
                                 int exit_code);
/* It won't run: WHY is covered, missed or skipped. One that has a row keeps it. */
MUST_CHECK int ledger_period_pass(struct ledger *l, const char *rule, const char *period,
                                  struct wall due_at, enum period_state why);
/* All, by the time they were due. */
MUST_CHECK int ledger_periods(struct ledger *l,
                              int (*fn)(void *ctx, const struct ledger_period *row), void *ctx);
/* The oldest that is running: 1, or 0. */
MUST_CHECK int ledger_period_interrupted(struct ledger *l, struct ledger_period *out);
/* When RULE was noted for the first time: 1; or 0, *SINCE now: it never was. Later than now (the
 * clock was ahead then) counts as now. */
MUST_CHECK int ledger_rule_since(struct ledger *l, const char *rule, struct wall *since);
MUST_CHECK int ledger_rule_note(struct ledger *l, const char *rule);
/* Forgets the first sight of the rules that KEEP is false for. */
MUST_CHECK int ledger_rules_keep(struct ledger *l, bool (*keep)(void *ctx, const char *rule),
                                 void *ctx);
/* As ledger_counts, of the documents that belong to PERIOD: files, documents, states, resent and
 * credits; the rest is 0. Looks at each of them. */
MUST_CHECK int ledger_period_counts(struct ledger *l, const char *period,
                                    struct ledger_counts *out);

/* 1 if the ledger has PERIOD: an occurrence of the schedule, or a file that belongs to it; or 0. */
MUST_CHECK int ledger_period_known(struct ledger *l, const char *period);
/* A period, in numbers. Requests are a run's and not a period's: they are 0 there. */
struct ledger_period_numbers {
    char name[24];
    struct ledger_counts counts; /* finished_at: 0 while a run of it is at work */
    int64_t ms;                  /* that its runs took which have ended */
};
/* Of the period NAME, which the runs in its rows count to. */
MUST_CHECK int ledger_period_numbers(struct ledger *l, const char *name,
                                     struct ledger_period_numbers *out);
/* 1 and the period of the newest run; 0: it has none. */
MUST_CHECK int ledger_run_period(struct ledger *l, char name[24]);
struct ledger_period_close {
    struct wall at; /* when its last run ended */
    bool kept;      /* false: that was a version that kept no numbers */
    struct ledger_counts counts;
};
/* 1 and OUT if a run of PERIOD has ended; 0 if none has. */
MUST_CHECK int ledger_period_closed(struct ledger *l, const char *period,
                                    struct ledger_period_close *out);
struct ledger_period_change {
    int64_t document_id;
    const char *path;      /* of its file in the period, where that is now */
    const char *from, *to; /* at the close, and now, in the words of summary.json; from is NULL
                                if it came since */
    struct wall at;        /* when it came to what it is now */
};
/* The documents that PERIOD counts and that are something else now than at its close, as it was
 * kept, in the order of what happened to them last. Takes no memory for them. */
MUST_CHECK int ledger_period_changes(struct ledger *l, const char *period,
                                     int (*fn)(void *ctx, const struct ledger_period_change *row),
                                     void *ctx);

#endif
