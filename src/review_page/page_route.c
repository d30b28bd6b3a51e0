/* See page_route.h. */
#include "review_page/page_route.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_DIGITS = 16, PART_DIGITS = 9 };

static const struct {
    const char *path;
    enum page_place place;
    bool post;
} fixed[] = {
    {"/", AT_HTML, false},         {"/review.css", AT_CSS, false}, {"/review.js", AT_JS, false},
    {"/api/list", AT_LIST, false}, {"/api/check", AT_CHECK, true}, {"/api/decide", AT_DECIDE, true},
};

/* The length of a number without a sign or leading zeros at TEXT; 0: there is none. */
static size_t number_length(const char *text)
{
    size_t len = strspn(text, "0123456789");
    return len > 0 && len <= PART_DIGITS && *text != '0' ? len : 0;
}

bool record_key_is_one(const char *text)
{
    if (strlen(text) >= PAGE_KEY_MAX || *text++ != 'd')
        return false;
    if (strspn(text, "0123456789abcdef") != KEY_DIGITS)
        return false;
    text += KEY_DIGITS;
    while (*text == '/') {
        size_t len = number_length(text + 1);
        if (!len)
            return false;
        text += 1 + len;
    }
    return *text == '\0';
}

static bool read_page(struct page_route *r, const char *rest)
{
    char key[PAGE_KEY_MAX + 16];
    if (!text_copy(key, sizeof key, rest))
        return false;
    char *slash = strrchr(key, '/');
    if (!slash || number_length(slash + 1) != strlen(slash + 1))
        return false;
    long page = strtol(slash + 1, NULL, 10);
    *slash = '\0';
    if (page < 1 || page > PAGE_NUMBER_MAX || !record_key_is_one(key))
        return false;
    r->page = (int)page;
    return text_copy(r->key, sizeof r->key, key);
}

/* What follows PREFIX in PATH, or NULL. */
static const char *behind(const char *path, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(path, prefix, len) == 0 ? path + len : NULL;
}

int page_route_read(struct page_route *r, const char *method, const char *path)
{
    bool post = strcmp(method, "POST") == 0;
    const char *rest;
    *r = (struct page_route){.place = AT_NOTHING};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (strcmp(path, fixed[i].path) == 0) {
            r->place = fixed[i].place;
            return fixed[i].post == post ? 0 : 405;
        }
    if ((rest = behind(path, "/api/record/")) && record_key_is_one(rest) &&
        text_copy(r->key, sizeof r->key, rest))
        r->place = AT_RECORD;
    else if ((rest = behind(path, "/api/page/")) && read_page(r, rest))
        r->place = AT_PAGE;
    if (r->place == AT_NOTHING)
        return 404;
    return post ? 405 : 0;
}
