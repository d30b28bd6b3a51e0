/* What a request's path and query say: checked one by one, the first that is wrong is the answer. */
#include "sandbox/sandbox_internal.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { PER_PAGE = 50, PER_PAGE_MAX = 1000, PAGE_MAX = 1000000 };

bool read_flag(const char *text, const char *name, bool *out, struct answer *a)
{
    struct problem p;
    if (text == NULL || form_bool(text, strlen(text), out))
        return true;
    problem_field(&p, name, "%s must be a valid boolean", name);
    answer_problem(a, &p);
    return false;
}

static bool read_count(const char *text, const char *name, int max, int *out, struct answer *a)
{
    struct problem p;
    char *end = NULL;
    long n = text != NULL ? strtol(text, &end, 10) : *out;
    if (text == NULL || (end > text && *end == 0 && n >= 1 && n <= max)) {
        *out = (int)n;
        return true;
    }
    problem_field(&p, name, "%s must be a positive integer", name);
    answer_problem(a, &p);
    return false;
}

bool check_id(const char *id, const char *name, struct answer *a)
{
    if (text_is_uuid4(id))
        return true;
    struct problem p;
    problem_field(&p, name, "%s must be a valid UUID format", name);
    answer_problem(a, &p);
    return false;
}

bool read_pages(struct http_request *r, int *page, int *per_page, struct answer *a)
{
    *page = 1;
    *per_page = PER_PAGE;
    return read_count(http_request_argument(r, "page"), "page", PAGE_MAX, page, a) &&
           read_count(http_request_argument(r, "per_page"), "per_page", PER_PAGE_MAX, per_page, a);
}
