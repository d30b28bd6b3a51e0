/* batch_fixture.h - a directory of documents, its configuration,
 * and a ledger that knows some of them. */
#ifndef MB_TESTS_BATCH_FIXTURE_H
#define MB_TESTS_BATCH_FIXTURE_H

#include "batch/options.h"
#include "ledger/file_book.h"
#include "samples.h"
#include "test.h"

struct scene {
    struct folder folder; /* in/ holds documents, out/ is the output directory */
    struct config *config;
    struct batch_options options; /* of the last scene_read that went well */
    bool read;
    struct ledger *ledger;
    int64_t settings, root;
};

int scene_setup(void **state); /* for cmocka: *state is a struct scene */
int scene_teardown(void **state);

/* As -s ASSIGNMENT does. */
void scene_set(struct scene *s, const char *assignment);
/* PATHS are NULL-ended and taken from the folder unless absolute. */
int scene_try_read(struct scene *s, const char *const *paths, bool need_api, struct error *e);
void scene_read(struct scene *s, const char *const *paths);
/* That reading PATHS is refused with these words; "%" in them stands for the folder. */
void scene_refuses(struct scene *s, const char *const *paths, bool need_api, const char *words);

/* A PDF of PAGES pages, each TEXT another content. */
void scene_pdf(struct scene *s, const char *name, int pages, const char *text);

/* The ledger of the options' output directory, open for writing, with the root in/. */
void scene_ledger_open(struct scene *s);
void scene_ledger_close(struct scene *s); /* commits */
/* Puts in/NAME as it is on the disk; returns its document. */
int64_t scene_put(struct scene *s, const char *name);
/* The same, with a result, which also stands under results/. */
int64_t scene_store(struct scene *s, const char *name, const char *result);
void scene_fail(struct scene *s, const char *name);
void scene_dismiss(struct scene *s, const char *name); /* what failed */

#endif
