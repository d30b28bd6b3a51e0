/* See wording.h. A text that is too long loses its middle's end; the status in front and Mindee's
 * code behind stay. */
#include "client/wording.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const struct {
    int status;
    const char *name;
} names[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

const char *wording_status(int status)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].status == status)
            return names[i].name;
    return "";
}

static void put_status(struct buffer *b, int status)
{
    const char *name = wording_status(status);
    buffer_printf(b, "%d%s%s", status, *name ? " " : "", name);
}

/* Appends " TEXT." with one full stop. What is far too long is cut before it is made fit. */
static void put_sentence(struct buffer *b, const char *text)
{
    size_t len = strnlen(text, (size_t)MINDEE_TEXT_MAX);
    if (!len)
        return;
    buffer_put(b, " ");
    text_display(b, text, len);
    if (!strchr(".!?", text[len - 1]))
        buffer_put(b, ".");
}

/* FRONT, cut where TAIL wouldn't fit behind it, never inside a character. */
static void finish(char out[MINDEE_TEXT_MAX], struct buffer *front, const char *tail)
{
    size_t room = MINDEE_TEXT_MAX - 1 - strlen(tail), len = front->len;
    const char *text = buffer_text(front);
    const char *dots = "";
    if (len > room) {
        dots = "...";
        len = room - 3;
        while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
            len--;
    }
    snprintf(out, MINDEE_TEXT_MAX, "%.*s%s%s", (int)len, text, dots, tail);
    buffer_release(front);
}

void wording_refusal(char out[MINDEE_TEXT_MAX], int status, const struct mindee_problem *problem)
{
    struct buffer b, tail;
    buffer_init(&b, 0);
    buffer_init(&tail, 0);
    put_status(&b, status);
    if (!problem) {
        if (status >= 500)
            buffer_put(&b, ", without an error body of Mindee's");
        finish(out, &b, "");
        return;
    }
    buffer_put(&b, ":");
    put_sentence(&b, problem->title);
    put_sentence(&b, problem->detail);
    if (*problem->pointer_detail && *problem->pointer) {
        buffer_put(&b, " ");
        text_display(&b, problem->pointer, strnlen(problem->pointer, 64));
        buffer_put(&b, ":");
    }
    put_sentence(&b, problem->pointer_detail);
    if (*problem->code) {
        buffer_put(&tail, " (");
        text_display(&tail, problem->code, strnlen(problem->code, 16));
        buffer_put(&tail, ")");
    }
    finish(out, &b, buffer_text(&tail));
    buffer_release(&tail);
}

void wording_unexpected(char out[MINDEE_TEXT_MAX], int status, const char *what)
{
    struct buffer b;
    buffer_init(&b, 0);
    put_status(&b, status);
    buffer_put(&b, ", but ");
    text_display(&b, what, strlen(what));
    finish(out, &b, "");
}

void wording_plain(char out[MINDEE_TEXT_MAX], const char *text)
{
    struct buffer b;
    buffer_init(&b, 0);
    text_display(&b, text, strlen(text));
    finish(out, &b, "");
}
