/* fake_client.h - the calls of mindee.h without a network: each is recorded as a line, and answered
 * when the test says so.
 *
 *   enqueue a.pdf mb-3-1           its file's name and alias
 *   get_job JOB-ID
 *   get_result URL
 *   search_models NAME TYPE 1      "-" for NULL; the page
 *   cancel_uploads
 *   cancel_stalled 2000            for so many ms
 *   close */
#ifndef MB_TESTS_BATCH_FAKE_CLIENT_H
#define MB_TESTS_BATCH_FAKE_CLIENT_H

#include "mindee.h"

struct mindee_client *fake_client_new(void);
extern const char
    *fake_client_new_fails; /* mindee_client_new, with these words; NULL: it goes well */
void fake_client_free(struct mindee_client *client); /* no call may be open; nothing is recorded */

size_t fake_client_calls(const struct mindee_client *client); /* that have no answer yet */
/* Answers the oldest call. */
void fake_client_answer(struct mindee_client *client, const struct mindee_response *r);
/* Looks at what is enqueued, as it is called; NULL at first. */
extern void (*fake_client_look)(const struct mindee_enqueue *enqueue);
/* The next enqueue or get_job returns -1, with these words. */
void fake_client_refuse_next(struct mindee_client *client, const char *text);

/* A whole answer with this status: no problem, no job, no text. */
struct mindee_response fake_response(int status);
/* No answer. */
struct mindee_response fake_silence(enum mindee_delivery delivery, enum mindee_fault fault);

#endif
