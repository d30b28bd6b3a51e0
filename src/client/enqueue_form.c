/* See enqueue_form.h. The fields are those of the API's forms: five products share the first half,
 * extraction alone has the second. What can't be sent is refused here, before anything is paid;
 * what only Mindee can judge (is this id a model?) is left to it. */
#include "client/enqueue_form.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { URL_MAX = 2048, SINGLE_FIELDS = 10 };

const char *const mindee_product_names[] = {"extraction", "classification", "crop", "split", "ocr",
                                            NULL};

static void make_room(struct enqueue_form *f, const char *webhook_ids)
{
    f->field_room = SINGLE_FIELDS + 1;
    f->webhook_ids = webhook_ids ? xstrdup(webhook_ids) : NULL;
    for (const char *p = webhook_ids; p && *p; p++)
        f->field_room += *p == ',';
    f->fields = xcalloc(f->field_room, sizeof *f->fields);
}

static void put(struct enqueue_form *f, const char *name, const char *value)
{
    if (!value)
        return;
    REQUIRE(f->field_count < f->field_room);
    f->fields[f->field_count++] = (struct transfer_field){name, value};
}

static int check_flag(const char *name, int value, struct error *e)
{
    if (value < -1 || value > 1)
        return error_set(e, ERR_USAGE, "%s is %d: 0, 1 or -1 (not set)", name, value);
    return 0;
}

static void put_flag(struct enqueue_form *f, const char *name, int value)
{
    if (value >= 0)
        put(f, name, value ? "true" : "false");
}

static void put_webhooks(struct enqueue_form *f)
{
    char *rest = f->webhook_ids, *id;
    while ((id = strsep(&rest, ","))) {
        id += strspn(id, " \t");
        id[strcspn(id, " \t")] = '\0';
        if (*id)
            put(f, "webhook_ids", id);
    }
}

static int put_url(struct enqueue_form *f, const struct mindee_enqueue *q, struct error *e)
{
    if (strncasecmp(q->url, "https://", 8) != 0)
        return error_set(e, ERR_USAGE, "the document's URL doesn't begin with https://");
    if (strlen(q->url) > URL_MAX)
        return error_set(e, ERR_USAGE, "the document's URL is over %d bytes", URL_MAX);
    put(f, "url", q->url);
    put(f, "filename", q->filename);
    return 0;
}

static int put_source(struct enqueue_form *f, const struct mindee_enqueue *q, struct error *e)
{
    if (!!q->path + !!q->url + !!q->bytes + !!q->read != 1)
        return error_set(e, ERR_USAGE,
                         q->bytes || q->read ? "one of path, URL, bytes and read is to be given"
                                             : "either a path or a URL must be given");
    if (q->url)
        return put_url(f, q, e);
    if (q->path && (!q->stamp || !q->filename || !*q->filename))
        return error_set(e, ERR_USAGE, "a path needs a stamp and a file name");
    if (q->read && q->read_len < 0)
        return error_set(e, ERR_USAGE, "a reader needs to say how many bytes it brings");
    if (q->bytes_len > INT64_MAX)
        return error_set(e, ERR_USAGE, "there can't be %zu bytes", q->bytes_len);
    if (q->path)
        f->stamp = (struct file_stamp){
            .size_bytes = q->stamp->size_bytes,
            .mtime_ns = q->stamp->mtime_ns,
            .ctime_ns = q->stamp->ctime_ns,
            .inode = q->stamp->inode,
        };
    f->file = (struct transfer_file){
        .path = q->path,
        .bytes = q->bytes,
        .read = q->read,
        .read_ctx = q->read_ctx,
        .size_bytes = q->bytes ? (int64_t)q->bytes_len : q->read_len,
        .field = "file",
        .filename = q->filename && *q->filename ? q->filename : "document",
        .content_type = q->content_type ? q->content_type : "application/octet-stream",
        .expected = &f->stamp,
    };
    f->has_file = true;
    return 0;
}

int mindee_stamp_of(const char *path, struct mindee_file_stamp *stamp)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return -1;
    if (!S_ISREG(st.st_mode)) {
        errno = EINVAL;
        return -1;
    }
    struct file_stamp s = file_stamp_of(&st);
    *stamp = (struct mindee_file_stamp){s.size_bytes, s.mtime_ns, s.ctime_ns, s.inode};
    return 0;
}

static int put_extraction(struct enqueue_form *f, const struct mindee_enqueue *q, struct error *e)
{
    if (check_flag("rag", q->rag, e) < 0 || check_flag("raw_text", q->raw_text, e) < 0 ||
        check_flag("polygon", q->polygon, e) < 0 || check_flag("confidence", q->confidence, e) < 0)
        return ERR_USAGE;
    bool set = q->rag >= 0 || q->raw_text >= 0 || q->polygon >= 0 || q->confidence >= 0 ||
               q->text_context || q->data_schema;
    if (set && q->product != MINDEE_EXTRACTION)
        return error_set(e, ERR_USAGE,
                         "rag, raw_text, polygon, confidence, text_context and data_schema are "
                         "for extraction, not for %s",
                         mindee_product_names[q->product]);
    put_flag(f, "rag", q->rag);
    put_flag(f, "raw_text", q->raw_text);
    put_flag(f, "polygon", q->polygon);
    put_flag(f, "confidence", q->confidence);
    put(f, "text_context", q->text_context);
    put(f, "data_schema", q->data_schema);
    return 0;
}

int enqueue_form_init(struct enqueue_form *f, const struct mindee_enqueue *q, struct error *e)
{
    memset(f, 0, sizeof *f);
    if ((int)q->product < MINDEE_EXTRACTION || q->product > MINDEE_OCR)
        return error_set(e, ERR_USAGE, "there is no product %d", (int)q->product);
    if (!q->model_id || !*q->model_id)
        return error_set(e, ERR_USAGE, "a model id is needed");
    snprintf(f->path, sizeof f->path, "/v2/products/%s/enqueue", mindee_product_names[q->product]);
    make_room(f, q->webhook_ids);
    put(f, "model_id", q->model_id);
    put(f, "alias", q->alias);
    put_webhooks(f);
    if (put_extraction(f, q, e) < 0)
        return ERR_USAGE;
    return put_source(f, q, e);
}

void enqueue_form_release(struct enqueue_form *f)
{
    free(f->webhook_ids);
    free(f->fields);
    memset(f, 0, sizeof *f);
}
