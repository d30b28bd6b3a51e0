/* See buffer.h. Growth doubles, so appending n bytes in pieces costs O(n). */
#include "base/buffer.h"
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void buffer_init(struct buffer *b, size_t max_len)
{
    memset(b, 0, sizeof *b);
    b->max_len = max_len;
}

void buffer_release(struct buffer *b)
{
    free(b->data);
    buffer_init(b, b->max_len);
}

void buffer_clear(struct buffer *b)
{
    b->len = 0;
    if (b->data)
        b->data[0] = '\0';
}

int buffer_reserve(struct buffer *b, size_t more)
{
    if (more > SIZE_MAX / 4 || (b->max_len && more > b->max_len - b->len))
        return ERR_LIMIT;
    size_t need = b->len + more + 1;
    if (need <= b->cap)
        return 0;
    size_t cap = b->cap ? b->cap : 64;
    while (cap < need)
        cap *= 2;
    char *data = realloc(b->data, cap);
    if (!data)
        return ERR_MEMORY;
    data[b->len] = '\0';
    b->data = data;
    b->cap = cap;
    return 0;
}

void buffer_trim(struct buffer *b)
{
    char *data = b->data && b->cap > b->len + 1 ? realloc(b->data, b->len + 1) : NULL;
    if (!data)
        return;
    b->data = data;
    b->cap = b->len + 1;
}

int buffer_append(struct buffer *b, const void *data, size_t len)
{
    int rc = buffer_reserve(b, len);
    if (rc < 0)
        return rc;
    if (len)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
    return 0;
}

void buffer_put(struct buffer *b, const char *text)
{
    REQUIRE(buffer_append(b, text, strlen(text)) == 0);
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
    va_list ap, again;
    va_start(ap, format);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    REQUIRE(n >= 0 && buffer_reserve(b, (size_t)n) == 0);
    vsnprintf(b->data + b->len, (size_t)n + 1, format, again);
    va_end(again);
    b->len += (size_t)n;
}

const char *buffer_text(const struct buffer *b)
{
    return b->data ? b->data : "";
}

char *buffer_detach(struct buffer *b, size_t *len)
{
    char *data = b->data;
    if (len)
        *len = b->len;
    b->data = NULL;
    b->len = b->cap = 0;
    return data;
}

int buffer_read(struct buffer *b, int fd)
{
    char chunk[4096];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? ERR_IO : 0;
        int rc = buffer_append(b, chunk, (size_t)n);
        explicit_bzero(chunk, (size_t)n);
        if (rc < 0)
            return rc;
    }
}
