/* fake_intake.h - the walk and the examination of intake.h without a disk: a test gives the entries,
 * and what was found in each file. A line (record.h) each:
 *
 *   walk_new roots=1 directories=0
 *   walk_more
 *   walk_close
 *   examine /data/a.pdf flags=0        its answer: fake_examined()
 *   count_pages /data/a.pdf type=1     fake_counted() */
#ifndef MB_TESTS_BATCH_FAKE_INTAKE_H
#define MB_TESTS_BATCH_FAKE_INTAKE_H

#include "intake/intake.h"

/* The walk that is open: a chunk, which lives until it is asked for more; or its end. */
void fake_walk_entries(struct intake_entry *entries, size_t count);
void fake_walk_leaves_out(int count);
void fake_walk_done(void);
bool fake_walk_is_open(void);

size_t fake_intake_asked(void); /* files that have no answer yet */
/* Answers the oldest. */
void fake_examined(const struct examined *x);
void fake_counted(int pages);

#endif
