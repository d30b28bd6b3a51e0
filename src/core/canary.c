/* The first documents tell whether the run's own options are right. Equal refusals in a row before
 * anything was accepted, or equal failures of the run's first jobs, are the options' fault; the
 * first acceptance ends the first watch, the first job that succeeds (or fails otherwise) the
 * second. A refusal that names the file, or is about its size or type, says nothing of the options
 * and is passed over: three broken files at the head of a directory must not stop it. */
#include "core/canary.h"

#include "base/require.h"

#include <stdio.h>
#include <string.h>

enum { TOO_LARGE = 413, UNSUPPORTED_TYPE = 415 };

void canary_init(struct canary *c, int limit)
{
    REQUIRE(limit >= 0);
    *c = (struct canary){.limit = limit};
}

static int unreadable_most(const struct canary *c)
{
    return c->limit > 0 && c->limit < CANARY_UNREADABLE ? c->limit : CANARY_UNREADABLE;
}

size_t canary_room(const struct canary *c, size_t out)
{
    if (c->unreadable >= unreadable_most(c))
        return 0; /* with no limit, too: what was admitted before isn't sent any more */
    if (c->limit == 0 || (c->accepted && c->unreadable == 0))
        return SIZE_MAX;
    size_t taken = out + (size_t)c->unreadable;
    return taken < (size_t)c->limit ? (size_t)c->limit - taken : 0;
}

void canary_accepted(struct canary *c)
{
    c->accepted = true;
    c->unreadable = 0;
}

bool canary_unreadable(struct canary *c)
{
    return ++c->unreadable >= unreadable_most(c);
}

/* "#/file", "/file_base64", "file", "#/url": how a document is handed over. */
static bool names_file(const char *pointer)
{
    static const char *const names[] = {"file", "file_base64", "filename", "url"};
    const char *name = pointer + strspn(pointer, "#/");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i]);
        if (strncmp(name, names[i], len) == 0 && (name[len] == '\0' || name[len] == '/'))
            return true;
    }
    return false;
}

/* One more with this sign: how many equal ones in a row that makes. */
static int count_equal(char last[CANARY_SIGN_MAX], int count, const char *sign)
{
    if (count > 0 && strcmp(last, sign) == 0)
        return count + 1;
    snprintf(last, CANARY_SIGN_MAX, "%s", sign);
    return 1;
}

bool canary_refused(struct canary *c, int status, const char *code, const char *pointer)
{
    if (c->limit == 0 || c->accepted || status == TOO_LARGE || status == UNSUPPORTED_TYPE)
        return false;
    if (pointer == NULL)
        pointer = "";
    if (names_file(pointer))
        return false;

    char sign[CANARY_SIGN_MAX];
    snprintf(sign, sizeof sign, "%d %s %s", status, code ? code : "", pointer);
    c->refusals = count_equal(c->refusal, c->refusals, sign);
    return c->refusals >= CANARY_REFUSALS;
}

void canary_job_succeeded(struct canary *c)
{
    c->job_done = true;
}

bool canary_job_failed(struct canary *c, int status, const char *code)
{
    if (c->limit == 0 || c->job_done)
        return false;

    char sign[CANARY_SIGN_MAX];
    snprintf(sign, sizeof sign, "%d %s", status, code ? code : "");
    if (c->failed_jobs > 0 && strcmp(c->failure, sign) != 0) {
        c->job_done = true; /* not all alike */
        return false;
    }
    c->failed_jobs = count_equal(c->failure, c->failed_jobs, sign);
    return c->failed_jobs >= CANARY_JOBS;
}
