/* durable.h - what is in the ledger's file by now, seen through a connection of its own: what isn't
 * committed isn't there. Only SQL, none of the ledger's code. */
#ifndef MB_SIM_DURABLE_H
#define MB_SIM_DURABLE_H

#include <stdbool.h>
#include <stdint.h>

struct durable;
struct durable *durable_open(const char *path);
void durable_close(struct durable *d);

/* What is asked for from now on is as it is at this moment, until the next look. */
void durable_look(struct durable *d);

/* The attempt is recorded as begun, its document as submitting. */
bool durable_intent(struct durable *d, int64_t document, int attempt);
/* The document whose attempt has this job id; 0: none. */
int64_t durable_document_of_job(struct durable *d, const char *job_id);
/* A result is there for the document. */
bool durable_has_result(struct durable *d, int64_t document);
/* A delivery that belongs to nobody is kept. */
bool durable_has_orphan(struct durable *d, const char *body);
bool durable_is_dismissed(struct durable *d, int64_t document);
bool durable_is_ready(struct durable *d, int64_t document);

#endif
