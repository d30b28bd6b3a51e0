/* What a transfer sends, handed to libcurl as it asks for it.
 *
 * A form's body is its head, the file's bytes and its tail (form_text.h), put together here and not
 * by libcurl's own mime parts: those copy each byte once more, and ask for it in smaller pieces.
 * Of the file `sent` counts what is handed out; the count decides what a server can have seen, and
 * nothing of the tail leaves before the file's last byte does. A raw body is there as a whole.
 *
 * libcurl is given the length of it all, so that the request has a Content-Length, and a seek
 * function that refuses: no body is ever begun anew. */
#include "net/transfer_internal.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

/* Moves bytes of TEXT, of which *GIVEN are gone, to OUT. */
static size_t give(const struct buffer *text, size_t *given, char *out, size_t room)
{
    size_t n = text->len - *given < room ? text->len - *given : room;
    if (n > 0)
        memcpy(out, text->data + *given, n);
    *given += n;
    return n;
}

static size_t give_file(struct transfer *t, char *out, size_t room)
{
    size_t all = 0, n = 1;
    while (t->source && all < room && n > 0) {
        n = upload_source_take(t->source, out + all, room - all);
        all += n;
    }
    t->sent += (int64_t)all;
    return all;
}

static bool gave_all(const struct transfer *t)
{
    return t->sent == t->total && t->tail_given == t->form.tail.len;
}

static size_t read_form_cb(char *out, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    size_t room = size * count;
    size_t n = give(&t->form.head, &t->head_given, out, room);
    if (t->head_given == t->form.head.len && t->sent < t->total)
        n += give_file(t, out + n, room - n);
    if (t->head_given == t->form.head.len && t->sent == t->total)
        n += give(&t->form.tail, &t->tail_given, out + n, room - n);
    if (n > 0 || gave_all(t))
        return n;
    t->paused = true;
    return CURL_READFUNC_PAUSE;
}

static size_t read_raw_cb(char *out, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    size_t left = (size_t)(t->total - t->sent);
    size_t n = left < size * count ? left : size * count;
    memcpy(out, t->raw + t->sent, n);
    t->sent += (int64_t)n;
    return n;
}

static int seek_cb(void *ctx, curl_off_t offset, int origin)
{
    (void)ctx, (void)offset, (void)origin;
    return CURL_SEEKFUNC_FAIL;
}

static void copy_raw_body(struct transfer *t, const struct transfer_request *request)
{
    REQUIRE(!request->file && request->field_count == 0 && request->content_type);
    t->raw = xcalloc(1, request->raw_len + 1);
    if (request->raw_len > 0)
        memcpy(t->raw, request->raw_body, request->raw_len);
    t->total = (int64_t)request->raw_len;
}

static void write_form(struct transfer *t, const struct transfer_request *request)
{
    const struct transfer_file *file = request->file;
    t->has_form = true;
    form_text_init(&t->form, &t->pool->random);
    for (size_t i = 0; i < request->field_count; i++)
        form_text_field(&t->form, request->fields[i].name, request->fields[i].value);
    if (file)
        form_text_file(&t->form, file->field, file->filename, file->content_type);
    form_text_end(&t->form);
}

void transfer_body_init(struct transfer *t, const struct transfer_request *request)
{
    if (request->raw_body) {
        copy_raw_body(t, request);
    } else if (request->file || request->field_count > 0) {
        write_form(t, request);
    }
}

bool transfer_has_body(const struct transfer *t)
{
    return t->has_form || t->raw;
}

void transfer_body_set(struct transfer *t)
{
    int64_t around = t->has_form ? (int64_t)(t->form.head.len + t->form.tail.len) : 0;
    curl_easy_setopt(t->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(t->total + around));
    curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, t->has_form ? read_form_cb : read_raw_cb);
    curl_easy_setopt(t->easy, CURLOPT_READDATA, t);
    curl_easy_setopt(t->easy, CURLOPT_SEEKFUNCTION, seek_cb);
}

void transfer_body_unset(struct transfer *t)
{
    curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)-1);
    curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, NULL);
    curl_easy_setopt(t->easy, CURLOPT_READDATA, NULL);
    curl_easy_setopt(t->easy, CURLOPT_SEEKFUNCTION, NULL);
}

void transfer_body_release(struct transfer *t)
{
    if (t->has_form)
        form_text_release(&t->form);
    free(t->raw);
}
