/* around.h - a part that talks to Mindee, and its neighbours: the real reading of answers (answers.c)
 * and the real ending; a journal, flights, a pace, suspects and a find that are fakes.
 *
 *   struct around a;
 *   around_open(&a);
 *   struct poll *poll = poll_new(&a.part.context, &a.with, receive);
 *   struct flight *f = around_document(&a, "a.pdf", "alpha", DOC_PROCESSING);
 *   ...
 *   around_answer(&a, &response);        the oldest call
 *   around_close(&a);                    after the part is freed */
#ifndef MB_TESTS_BATCH_AROUND_H
#define MB_TESTS_BATCH_AROUND_H

#include "batch/exit_code.h"
#include "batch/upload.h"
#include "fake_find.h"
#include "fake_flights.h"
#include "fake_log.h"
#include "fake_notes.h"
#include "fake_pace.h"
#include "fake_suspects.h"
#include "part_fixture.h"

struct around {
    struct part part;
    struct upload_neighbours with;
};

void around_open(struct around *a);
void around_close(struct around *a);

/* A PDF /data/NAME in the ledger, and in flight in that state, as if attempt 1 of it had got there:
 * alias mb-ID-1 (in the ledger: mb-LEDGER-ID-1), job id "job-ID", result URL "https://host/r/ID",
 * accepted now, its source found. */
struct flight *around_document(struct around *a, const char *name, const char *content,
                               enum doc_state state);
/* Answers the oldest call, as if it had been on the wire unless it says that it wasn't sent. */
void around_answer(struct around *a, struct mindee_response r);
struct mono around_now(const struct around *a);
/* Nothing can be read from the ledger from now on. */
void around_break_ledger(struct around *a);

#endif
