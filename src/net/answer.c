/* An HTTP answer as it comes in. See answer.h.
 *
 * libcurl hands over header lines one by one, those of interim answers (100, 103) and the trailers
 * of a chunked body too. The answer's headers count as come once the empty line after a status of
 * 200 or more was seen; what comes later is a trailer and means nothing to us.
 *
 * Retry-After is read here because libcurl's number can't be told from the absence of the header,
 * and is 0 for what it can't read: that would be "at once". */
#include "net/answer.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { RETRY_AFTER_MAX_S = 366 * 86400 };

void answer_init(struct answer *a, size_t max_body_bytes)
{
    *a = (struct answer){.retry_after_ms = -1};
    buffer_init(&a->body, max_body_bytes);
}

void answer_release(struct answer *a)
{
    buffer_release(&a->body);
}

/* Seconds, or a date; a date in the past means now. */
static int64_t parse_retry_after(const char *value, struct wall now)
{
    int64_t s;
    if (isdigit((unsigned char)*value)) {
        char *end;
        s = strtoll(value, &end, 10);
        if (*end != '\0')
            return -1;
    } else {
        time_t date = curl_getdate(value, NULL);
        if (date < 0)
            return -1;
        int64_t ms = (int64_t)date * 1000 - now.ms;
        s = ms > 0 ? (ms + 999) / 1000 : 0;
    }
    return (s < RETRY_AFTER_MAX_S ? s : RETRY_AFTER_MAX_S) * 1000;
}

/* The value of the header NAME (with its colon) in LINE, without spaces around it, or false. */
static bool header_value(const char *line, size_t len, const char *name, char *out, size_t size)
{
    size_t skip = strlen(name);
    if (len < skip || strncasecmp(line, name, skip) != 0)
        return false;
    while (skip < len && isspace((unsigned char)line[skip]))
        skip++;
    while (len > skip && isspace((unsigned char)line[len - 1]))
        len--;
    if (len - skip >= size)
        return false;
    memcpy(out, line + skip, len - skip);
    out[len - skip] = '\0';
    return true;
}

/* "HTTP/1.1 200 OK" or "HTTP/2 200" */
static int parse_status(const char *line, size_t len)
{
    const char *space = memchr(line, ' ', len);
    if (!space || (size_t)(line + len - space) < 4)
        return 0;
    int status = 0;
    for (int i = 1; i <= 3; i++) {
        if (!isdigit((unsigned char)space[i]))
            return 0;
        status = status * 10 + (space[i] - '0');
    }
    return status;
}

int answer_header(struct answer *a, const char *line, size_t len, const struct clock *clock)
{
    char value[CONTENT_ENCODING_MAX];
    a->header_bytes += len;
    if (a->header_bytes > ANSWER_MAX_HEADER_BYTES) {
        a->too_large = true;
        return ERR_LIMIT;
    }
    if (a->whole_headers)
        return 0;
    if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        a->status = parse_status(line, len);
        a->continued |= a->status == 100;
        a->retry_after_ms = -1;
        a->encoding[0] = '\0';
    } else if (len > 0 && (line[0] == '\r' || line[0] == '\n')) {
        a->whole_headers = a->status >= 200;
    } else if (header_value(line, len, "retry-after:", value, sizeof value)) {
        a->retry_after_ms = parse_retry_after(value, clock_wall(clock));
    } else if (header_value(line, len, "content-encoding:", value, sizeof value)) {
        memcpy(a->encoding, value, sizeof value);
    }
    return 0;
}

int answer_body(struct answer *a, const char *data, size_t len)
{
    int rc = buffer_append(&a->body, data, len);
    a->too_large |= rc != 0;
    return rc;
}
