/* notes.h - what a turn writes into the ledger: one function a kind of write. All texts and bytes
 * are copied, but for a result's. */
#ifndef MB_BATCH_NOTES_H
#define MB_BATCH_NOTES_H

#include "batch/journal.h"
#include "ledger/document_ledger.h"
#include "ledger/file_book.h"

/* A file as intake saw it. *PUT and *DOCUMENT: what became of it; PUT_QUEUED and 0 while the ledger
 * can't be written. */
void note_file(struct journal *j, const struct ledger_new_file *f, enum ledger_put *put,
               int64_t *document);
void note_file_changed(struct journal *j, int64_t file_id, const char *code, const char *detail);
void note_pages(struct journal *j, int64_t document, int pages);
/* Files that need a number get it; FN hears of their documents. */
void note_names(struct journal *j, void (*fn)(void *ctx, int64_t document), void *ctx);
/* A file that was never sent isn't there any more. */
void note_gone(struct journal *j, int64_t file_id);
/* The document's result stands at NAME, which is that file's, and is on the disk. */
void note_published(struct journal *j, int64_t file_id, int64_t document, const char *name);
/* It can't stand there: ledger_name_clashes. */
void note_clash(struct journal *j, int64_t file_id, int64_t at);

/* Gives the attempt its number and its alias. False: the ledger can't be written, nothing may be
 * sent. */
bool note_attempt_start(struct journal *j, int64_t document, int *attempt,
                        char alias[LEDGER_ALIAS_MAX]);
void note_attempt_end(struct journal *j, int64_t document, int attempt,
                      enum attempt_outcome outcome, int status, const char *cause);
void note_accepted(struct journal *j, int64_t document, int attempt, const char *job_id);
void note_result_url(struct journal *j, int64_t document, int attempt, const char *url);
void note_resent(struct journal *j, int64_t document, int attempt);
void note_unresent(struct journal *j, int64_t document, int attempt);

void note_step(struct journal *j, const struct ledger_step *s);
/* BYTES must live until the commit. */
void note_result(struct journal *j, int64_t document, const char *bytes, size_t len,
                 int page_count);
void note_kept(struct journal *j, int64_t document, const char *bytes, size_t len);

/* A webhook that matched nothing. False: there is no memory for it. */
bool note_orphan(struct journal *j, const char *bytes, size_t len, const char *job_id,
                 const char *alias);
/* What was learned of a kind of documents. */
void note_learned(struct journal *j, int kind, const char *bytes, size_t len);

/* A move: intended; done, and the file's stamp there; not done. */
void note_move(struct journal *j, const struct ledger_move *m);
void note_moved(struct journal *j, int64_t file_id, const struct file_stamp *stamp);
void note_unmoved(struct journal *j, int64_t file_id);

void note_run(struct journal *j, int64_t post, int64_t get, int64_t http_429);

#endif
