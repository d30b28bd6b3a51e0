/* agenda.h - what a batch's schedule asks for now: the occurrences of its calendar against the
 * rows that its ledger has of them.
 *
 *     struct agenda a = {.calendar = calendar, .catch_up_ms = catch_up};
 *     rc = agenda_due(&a, ledger, now, &due);              only looks: 1, there is something to run
 *     rc = agenda_take(&a, ledger, now, &due);             the same, and its row, and those of what
 *     ledger_commit(ledger);                               won't run: commit before the run begins
 *     ... the run ...
 *     ledger_period_end(ledger, due.rule, due.period, exit_code);
 *
 * In this order: a run that was interrupted goes on (but for one that is held), under its own row, however long ago it was;
 * then what is due, the oldest first. An occurrence is due once its time has come, if it has no row
 * yet, and no more than catch_up has gone by since (or it became due while the service waited,
 * waited_from). Several of one rule that were missed run once, for the newest: the others are
 * covered by it. What was due longer ago is missed, and said. What was due before the rule was
 * asked for for the first time is neither.
 *
 * A clock that is set back changes nothing: the rows are there. One that is set forward brings
 * things due early, once. */
#ifndef MB_SERVICE_AGENDA_H
#define MB_SERVICE_AGENDA_H

#include "calendar/calendar.h"
#include "ledger/ledger.h"
#include "ledger/periods.h"

struct agenda {
    const struct calendar *calendar; /* NULL: only what was interrupted */
    int64_t catch_up_ms;
    struct wall waited_from; /* since then what is due waits for us; 0: nothing does */
    int64_t *missed;         /* counts what is missed for good; NULL: nobody counts */
    bool held; /* what was interrupted waits for a person: it is over when the next is due */
};

struct due {
    char rule[CALENDAR_RULE_TEXT_MAX], period[CALENDAR_PERIOD_MAX];
    struct wall at;
    bool resumed; /* its run began before */
};

enum {
    AGENDA_GRACE_MS = 60 * 1000, /* being late by so much is being in time */
    AGENDA_LOOK_BACK_DAYS = 62,  /* at least: what was missed before is forgotten */
};

/* 1 and *DUE, 0, or the ledger's error. */
MUST_CHECK int agenda_due(const struct agenda *a, struct ledger *l, struct wall now,
                          struct due *due);
MUST_CHECK int agenda_take(const struct agenda *a, struct ledger *l, struct wall now,
                           struct due *due);

/* What came due after BEGAN, up to NOW, came while a run was at work, and is not to wait: its rows
 * say skipped. Returns how many, or the ledger's error. */
MUST_CHECK int agenda_skip(const struct agenda *a, struct ledger *l, struct wall began,
                           struct wall now);

#endif
