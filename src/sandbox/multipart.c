/* The body is "--B CRLF headers CRLF CRLF data CRLF --B ... CRLF --B--". A part ends where the
 * delimiter (CRLF, two dashes, boundary) is found next; the search is memmem, so a part of any
 * bytes costs one pass. What comes after the last delimiter is ignored, as the RFC says. */
#include "sandbox/multipart.h"

#include "base/error.h"

#include <string.h>
#include <strings.h>

/* The value of parameter NAME in a header "...; NAME=value" or NAME="va\"lue".
 * False if it isn't there. */
static bool header_parameter(const char *header, size_t len, const char *name, char *out,
                             size_t max)
{
    size_t name_len = strlen(name);
    for (size_t i = 0; i + name_len + 1 < len; i++) {
        if (i > 0 && strchr("; \t", header[i - 1]) == NULL)
            continue;
        if (strncasecmp(header + i, name, name_len) != 0 || header[i + name_len] != '=')
            continue;
        size_t p = i + name_len + 1, n = 0;
        bool quoted = header[p] == '"';
        p += quoted;
        for (; p < len; p++) {
            if (quoted ? header[p] == '"' : strchr("; \t", header[p]) != NULL)
                break;
            /* Only the quote is escaped in practice: a backslash in a name stays one. */
            if (quoted && header[p] == '\\' && p + 1 < len && header[p + 1] == '"')
                p++;
            if (n + 1 < max)
                out[n++] = header[p];
        }
        out[n] = 0;
        return true;
    }
    return false;
}

int multipart_init(struct multipart *m, const char *content_type, const char *body, size_t len)
{
    char boundary[72]; /* at most 70 by the RFC */
    if (!header_parameter(content_type, strlen(content_type), "boundary", boundary,
                          sizeof boundary) ||
        boundary[0] == 0)
        return ERR_FORMAT;
    size_t boundary_len = strlen(boundary);
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary, boundary_len + 1);
    m->delimiter_len = 4 + boundary_len;
    m->end = body + len;
    /* The first delimiter may lack its line break. */
    if (len >= m->delimiter_len - 2 && memcmp(body, m->delimiter + 2, m->delimiter_len - 2) == 0) {
        m->at = body + m->delimiter_len - 2;
        return 0;
    }
    const char *first = len == 0 ? NULL : memmem(body, len, m->delimiter, m->delimiter_len);
    if (first == NULL)
        return ERR_FORMAT;
    m->at = first + m->delimiter_len;
    return 0;
}

/* From a part's first header line to after the empty line; NULL if there is none. */
static const char *read_headers(const char *at, const char *end, struct part *part)
{
    static const char disposition[] = "content-disposition:";
    part->name[0] = part->filename[0] = 0;
    part->has_filename = false;
    for (;;) {
        const char *eol = memmem(at, (size_t)(end - at), "\r\n", 2);
        if (eol == NULL)
            return NULL;
        size_t len = (size_t)(eol - at);
        if (len == 0)
            return eol + 2;
        if (len > sizeof disposition - 1 &&
            strncasecmp(at, disposition, sizeof disposition - 1) == 0) {
            header_parameter(at, len, "name", part->name, sizeof part->name);
            part->has_filename =
                header_parameter(at, len, "filename", part->filename, sizeof part->filename);
        }
        at = eol + 2;
    }
}

int multipart_next(struct multipart *m, struct part *part)
{
    const char *at = m->at;
    if (m->end - at >= 2 && memcmp(at, "--", 2) == 0)
        return 0;
    while (at < m->end && (*at == ' ' || *at == '\t'))
        at++;
    if (m->end - at < 2 || memcmp(at, "\r\n", 2) != 0)
        return ERR_FORMAT;
    part->data = read_headers(at + 2, m->end, part);
    if (part->data == NULL)
        return ERR_FORMAT;
    /* An empty part's delimiter begins with the line break that ends its headers. */
    const char *from = part->data - 2;
    const char *next = memmem(from, (size_t)(m->end - from), m->delimiter, m->delimiter_len);
    if (next == NULL)
        return ERR_FORMAT;
    part->len = next < part->data ? 0 : (size_t)(next - part->data);
    m->at = next + m->delimiter_len;
    return 1;
}
