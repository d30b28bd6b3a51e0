/* See journal_log.h. */
#include "service/journal_log.h"

#include "base/buffer.h"
#include "base/log_id.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

enum { OWN = 5, FIELDS_MAX = 32 };

bool journal_log_is_there(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    uint64_t device, inode;
    struct stat st;
    return stream && sscanf(stream, "%" SCNu64 ":%" SCNu64, &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

/* In the order of enum log_level, whose names syslog.h has, too, for other numbers. */
static const char *const priorities[] = {"PRIORITY=3", "PRIORITY=4", "PRIORITY=6", "PRIORITY=7"};

/* False: it says nothing. */
static bool put_field(struct buffer *b, const struct log_field *f)
{
    bool is_text = f->kind == LOG_FIELD_STR || f->kind == LOG_FIELD_CODE;
    if (is_text && (!f->text || !*f->text))
        return false;
    buffer_put(b, "MB_");
    for (const char *p = f->key; *p; p++) {
        char c = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
        REQUIRE(buffer_append(b, &c, 1) == 0);
    }
    if (is_text)
        buffer_printf(b, "=%s", f->text);
    else
        buffer_printf(b, "=%" PRId64, f->number);
    return true;
}

static struct iovec entry(struct buffer *b)
{
    return (struct iovec){.iov_base = b->data, .iov_len = b->len};
}

bool journal_log_send(enum log_level level, const char *event, const char *text,
                      const struct log_field *fields, size_t count)
{
    struct buffer parts[OWN + FIELDS_MAX];
    struct iovec v[OWN + FIELDS_MAX];
    char id[LOG_ID_TEXT];
    int n = 0;
    for (int i = 0; i < OWN + FIELDS_MAX; i++)
        buffer_init(&parts[i], 0);
    buffer_printf(&parts[n++], "MESSAGE=%s", text);
    buffer_put(&parts[n++], priorities[level]);
    buffer_printf(&parts[n++], "MESSAGE_ID=%s", log_event_id(event, id));
    buffer_put(&parts[n++], "SYSLOG_IDENTIFIER=mindee-batch");
    buffer_printf(&parts[n++], "MB_EVENT=%s", event);
    for (size_t i = 0; i < count && i < FIELDS_MAX; i++)
        n += put_field(&parts[n], &fields[i]);
    for (int i = 0; i < n; i++)
        v[i] = entry(&parts[i]);
    bool sent = sd_journal_sendv(v, n) >= 0;
    for (int i = 0; i < OWN + FIELDS_MAX; i++)
        buffer_release(&parts[i]);
    return sent;
}
