/* See api_ask.h. */
#include "monitor/api_ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 100, LIMIT_MOST = 1000, TEXT_MOST = 1000 };

/* A whole number from LEAST on, of digits alone. */
static bool read_number(const char *text, int64_t least, int64_t most, int64_t *out)
{
    char *end;
    if (!*text || text[strspn(text, "0123456789")])
        return false;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno == 0 && *out >= least && *out <= most;
}

/* The words of `status`: what is on its way is processing, what was settled by hand is in no other. */
static bool read_state(const char *word, struct ledger_document_ask *d)
{
    d->dismissed = DISMISSED_NOT;
    if (strcmp(word, "dismissed") == 0) {
        d->dismissed = DISMISSED_ALONE;
        return true;
    }
    if (strcmp(word, "processing") == 0) {
        d->states = 1u << DOC_SUBMITTING | 1u << DOC_PROCESSING | 1u << DOC_READY;
        return true;
    }
    for (int s = 0; s < DOC_STATE_COUNT; s++)
        if (s != DOC_SUBMITTING && s != DOC_READY && strcmp(word, doc_state_names[s]) == 0)
            d->states = 1u << s;
    return d->states != 0;
}

static int read_documents(struct api_ask *ask, const struct http_request *r, const char **why)
{
    const char *state = http_request_argument(r, "state"),
               *after = http_request_argument(r, "after"),
               *limit = http_request_argument(r, "limit"), *text = http_request_argument(r, "text");
    int64_t n = LIMIT;
    *why =
        "state is one of queued, processing, stored, failed, rejected, lost, in_doubt, dismissed";
    if (state && *state && !read_state(state, &ask->documents))
        return 400;
    *why = "after is a document's number";
    if (after && *after &&
        !read_number(after, 0, INT64_MAX - LIMIT_MOST * 1000, &ask->documents.after))
        return 400;
    *why = "limit is a number from 1 to 1000";
    if (limit && *limit && !read_number(limit, 1, LIMIT_MOST, &n))
        return 400;
    *why = "text is too long";
    if (text && strlen(text) > TEXT_MOST)
        return 400;
    if (text && *text)
        ask->documents.text = ask->text = xstrdup(text);
    ask->limit = (int)n;
    return 0;
}

int api_ask_read(struct api_ask *ask, const struct http_request *r, const char **why)
{
    static const char documents[] = "/api/v1/documents";
    const char *path = http_request_path(r), *live = http_request_argument(r, "live");
    size_t len = sizeof documents - 1;
    *ask = (struct api_ask){.documents = {.text = ""}};
    if (strcmp(path, "/api/v1/status") == 0) {
        ask->place = API_STATUS;
        ask->live = live && strcmp(live, "1") == 0;
        return 0;
    }
    if (strcmp(path, documents) == 0) {
        ask->place = API_DOCUMENTS;
        return read_documents(ask, r, why);
    }
    if (strncmp(path, documents, len) == 0 && path[len] == '/' &&
        read_number(path + len + 1, 1, INT64_MAX, &ask->document))
        ask->place = API_DOCUMENT;
    return 0;
}

void api_ask_release(struct api_ask *ask)
{
    free(ask->text);
    ask->text = NULL;
}
