/* See login.h. It has no style and no script: nothing but the form is to be had without the token. */
#include "monitor/login.h"

#include "monitor/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char page[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\">"
    "<meta name=\"color-scheme\" content=\"light dark\">"
    "<title>mindee-batch</title></head><body><main><h1>mindee-batch</h1>%s"
    "<form method=\"post\" action=\"/login\">"
    "<input name=\"user\" value=\"mindee-batch\" autocomplete=\"username\" hidden>"
    "<p><label>Token <input type=\"password\" name=\"token\" autocomplete=\"current-password\" "
    "required></label> <button>Look</button></p></form>"
    "<p>It is the first line of the file that http.token_file names.</p>"
    "</main></body></html>\n";

void login_show(struct http_request *r, int status, bool wrong)
{
    struct buffer body;
    buffer_init(&body, 0);
    buffer_printf(&body, page, wrong ? "<p role=\"alert\">That isn't the token.</p>" : "");
    answer(r, status, "text/html; charset=utf-8", &body, NULL);
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* In place. */
static void decode(char *text)
{
    char *to = text;
    for (const char *p = text; *p; p++) {
        int high = *p == '%' ? hex_value(p[1]) : -1, low = high >= 0 ? hex_value(p[2]) : -1;
        if (low > 0 || (low == 0 && high > 0)) {
            *to++ = (char)(high * 16 + low);
            p += 2;
        } else {
            *to++ = *p == '+' ? ' ' : *p;
        }
    }
    *to = '\0';
}

/* The value of NAME in a form's body, which is changed; NULL: it isn't there. */
static char *form_value(char *body, const char *name)
{
    size_t len = strlen(name);
    char *rest = body;
    for (char *part; (part = strsep(&rest, "&")) != NULL;)
        if (strncmp(part, name, len) == 0 && part[len] == '=') {
            decode(part + len + 1);
            return part + len + 1;
        }
    return NULL;
}

void login_take(struct http_request *r, struct guard *g, int64_t now_ms)
{
    struct buffer *body = http_request_body(r);
    char cookie[160];
    char *typed = body->len ? form_value(body->data, "token") : NULL;
    bool right = typed && guard_takes_token(g, typed, now_ms);
    if (body->data)
        explicit_bzero(body->data, body->len);
    if (!right) {
        login_show(r, 401, true);
        return;
    }
    snprintf(cookie, sizeof cookie, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s", guard_cookie_name,
             g->cookie, g->place.tls ? "; Secure" : "");
    const struct http_header headers[] = {
        {"Location", "/"}, {"Set-Cookie", cookie}, {"Cache-Control", "no-store"}};
    http_request_reply(r, &(struct http_reply){.status = 303,
                                               .headers = headers,
                                               .header_count = sizeof headers / sizeof *headers});
}
