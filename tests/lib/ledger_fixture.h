/* ledger_fixture.h - a ledger in a directory of its own, a clock set by hand,
 * and the usual steps. */
#ifndef MB_TESTS_LEDGER_FIXTURE_H
#define MB_TESTS_LEDGER_FIXTURE_H

#include "ledger/file_book.h"
#include "ledger/file_names.h"
#include "ledger/projections.h"

#include "test.h"

struct fixture {
    char directory[64]; /* made by mkdtemp */
    char path[96];      /* its ledger.db */
    struct ledger *l;
    int64_t settings, root;
};

/* The clock's time; tests set it. */
extern int64_t fixture_now_ms;
extern const struct clock fixture_clock;

int fixture_setup(void **state);    /* for cmocka: *state is a struct fixture, its ledger open */
int fixture_teardown(void **state); /* closes it if open, removes the directory */
void fixture_open(struct fixture *f);
void fixture_close(struct fixture *f);
void fixture_reopen(struct fixture *f);
int fixture_try_open(const struct fixture *f, bool read_only, struct ledger **out, struct error *e);

/* The directory PATH, which need not exist, as a root. */
int64_t fixture_root(struct fixture *f, const char *path);
/* Puts /data/NAME, whose content is CONTENT; NULL: can't be read. Returns its document. */
int64_t fixture_put(struct fixture *f, const char *name, const char *content, enum ledger_put *put);
/* The same of the file at PATH. */
int64_t fixture_put_at(struct fixture *f, const char *path, const char *name, const char *content,
                       enum ledger_put *put);
void fixture_step(struct fixture *f, int64_t id, enum doc_state from, enum doc_state to,
                  enum doc_event_kind event, int attempt);
/* From queued on; returns the attempt. */
int fixture_submit(struct fixture *f, int64_t id);
int fixture_accept(struct fixture *f, int64_t id, const char *job_id);
/* From queued to stored, with RESULT. */
void fixture_store(struct fixture *f, int64_t id, const char *result, int pages);

struct ledger_counts fixture_counts(struct fixture *f); /* after checking that they add up */
int64_t fixture_file_id(struct fixture *f, const char *name);
/* That the first file of DOCUMENT is called so. */
void fixture_assert_name(struct fixture *f, int64_t document, const char *name);
enum doc_state fixture_state(struct fixture *f, int64_t id);

#define assert_ok(l, call)                                                                         \
    do {                                                                                           \
        int result_ = (call);                                                                      \
        if (result_ < 0)                                                                           \
            fail_msg("%s: %d %s", #call, result_, ledger_error(l)->text);                          \
    } while (0)

#endif
