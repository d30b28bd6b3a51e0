/* login.h - the form in which a person types the token, once a browser. */
#ifndef MB_MONITOR_LOGIN_H
#define MB_MONITOR_LOGIN_H

#include "monitor/guard.h"
#include "net/http_server.h"

enum { LOGIN_BODY_MAX = 8192 };

/* WRONG: what was typed isn't the token. */
void login_show(struct http_request *r, int status, bool wrong);
/* The form was sent: a cookie and the way to the page, or the form again. */
void login_take(struct http_request *r, struct guard *g, int64_t now_ms);

#endif
