/* wording.h - an answer as one sentence for people, at most MINDEE_TEXT_MAX bytes, fit for a
 * terminal whatever the server wrote:
 *
 *   401 Unauthorized: Invalid API key. The provided API key is invalid. (401-001)
 *   422 Unprocessable Content: Invalid fields in form. One or more fields failed validation.
 *   #/model_id: model_id must be a valid UUID format. (422-001)
 *   502 Bad Gateway, without an error body of Mindee's
 */
#ifndef MB_CLIENT_WORDING_H
#define MB_CLIENT_WORDING_H

#include "base/require.h"

#include <mindee.h>

/* "Too Many Requests"; "" for a status that has no name. */
const char *wording_status(int status);

/* PROBLEM may be NULL. */
void wording_refusal(char out[MINDEE_TEXT_MAX], int status, const struct mindee_problem *problem);

/* "200 OK, but WHAT" */
void wording_unexpected(char out[MINDEE_TEXT_MAX], int status, const char *what);

/* TEXT as it is, made fit and cut. */
void wording_plain(char out[MINDEE_TEXT_MAX], const char *text);

#endif
