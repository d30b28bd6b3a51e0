/* See mail_message.h. Whatever a name of a file or batch holds, it can't become a line of the header:
 * there is only the subject, which is one line without control characters, and what isn't ASCII in it is encoded
 * (RFC 2047). The text is quoted-printable: readable as it is, whatever carries it. */
#include "notify/mail_message.h"
#include "base/text.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LINE_MAX_BYTES = 76 };

/* ---- the header ---- */

static void put_date(struct buffer *out, struct wall at)
{
    static const char days[] = "SunMonTueWedThuFriSat",
                      months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm t;
    time_t seconds = (time_t)(at.ms / 1000);
    REQUIRE(gmtime_r(&seconds, &t) != NULL);
    buffer_printf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n", days + 3 * t.tm_wday,
                  t.tm_mday, months + 3 * t.tm_mon, t.tm_year + 1900, t.tm_hour, t.tm_min,
                  t.tm_sec);
}

static void put_base64(struct buffer *out, const char *text, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0; i < len; i += 3) {
        unsigned three = (unsigned)p[i] << 16 | (i + 1 < len ? (unsigned)p[i + 1] << 8 : 0) |
                         (i + 2 < len ? p[i + 2] : 0);
        buffer_printf(out, "%c%c%c%c", digits[three >> 18], digits[three >> 12 & 63],
                      i + 1 < len ? digits[three >> 6 & 63] : '=',
                      i + 2 < len ? digits[three & 63] : '=');
    }
}

/* In words that each are whole characters. */
static void put_encoded(struct buffer *out, const char *text)
{
    enum { WORD_BYTES = 42 };
    for (const char *p = text; *p;) {
        size_t len = strnlen(p, WORD_BYTES);
        while (len > 1 && ((unsigned char)p[len] & 0xc0) == 0x80)
            len--;
        buffer_printf(out, "%s=?UTF-8?B?", p == text ? "" : "\r\n ");
        put_base64(out, p, len);
        buffer_put(out, "?=");
        p += len;
    }
}

/* Folded at its blanks; FIRST is how long the line is already. */
static void put_folded(struct buffer *out, const char *text, size_t first)
{
    size_t column = first;
    for (const char *p = text; *p;) {
        size_t len = (*p == ' ') + strcspn(p + (*p == ' '), " ");
        if (column + len > LINE_MAX_BYTES && *p == ' ' && p[1] && p[1] != ' ') {
            buffer_put(out, "\r\n");
            column = 0;
        }
        buffer_printf(out, "%.*s", (int)len, p);
        column += len;
        p += len;
    }
}

static void put_subject(struct buffer *out, const char *text)
{
    static const char name[] = "Subject: ";
    struct buffer line;
    bool plain = strstr(text, "=?") == NULL;
    size_t word = 0;
    buffer_init(&line, 0);
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        buffer_printf(&line, "%c", c < ' ' || c == 0x7f ? ' ' : c);
        word = c == ' ' ? 0 : word + 1;
        plain = plain && c < 0x80 && word < LINE_MAX_BYTES - sizeof name;
    }
    buffer_put(out, name);
    if (plain)
        put_folded(out, buffer_text(&line), sizeof name - 1);
    else
        put_encoded(out, buffer_text(&line));
    buffer_put(out, "\r\n");
    buffer_release(&line);
}

static void put_header(struct buffer *out, const struct mail_message *m, const char *subject)
{
    put_date(out, m->at);
    buffer_printf(out, "From: mindee-batch <%s>\r\nTo:", m->from);
    for (const char *const *to = m->to; *to; to++)
        buffer_printf(out, "%s <%s>%s", to == m->to ? "" : "\r\n", *to, to[1] ? "," : "");
    buffer_put(out, "\r\n");
    put_subject(out, subject);
    const char *at = strchr(m->from, '@');
    buffer_printf(out, "Message-ID: <%s%s>\r\n", m->id, at ? at : "@localhost");
    buffer_put(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                    "Content-Type: text/plain; charset=UTF-8\r\n"
                    "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
}

/* ---- the text ---- */

static void put_quoted(struct buffer *out, const char *text)
{
    size_t column = 0;
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '\n') {
            buffer_put(out, "\r\n");
            column = 0;
            continue;
        }
        bool plain = c > ' ' && c < 0x7f && c != '=' && !(c == '.' && column == 0);
        plain = plain || (c == ' ' && p[1] && p[1] != '\n');
        size_t width = plain ? 1 : 3;
        if (column + width > LINE_MAX_BYTES - 1) {
            buffer_put(out, "=\r\n");
            column = 0;
            p--;
            continue;
        }
        if (plain)
            buffer_printf(out, "%c", c);
        else
            buffer_printf(out, "=%02X", (unsigned)c);
        column += width;
    }
}

static const char *text_of(const cJSON *o, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
    return text ? text : "";
}

static void put_fact(struct buffer *out, const char *label, const char *text)
{
    if (*text)
        buffer_printf(out, "%s %s\n", label, text);
}

static void put_numbers(struct buffer *out, const cJSON *notice)
{
    static const struct {
        const char *name, *words;
        bool always;
    } rows[] = {{"documents", "documents", true},  {"stored", "stored", true},
                {"failed", "failed", true},        {"rejected", "rejected", true},
                {"lost", "lost", false},           {"in_doubt", "in doubt", false},
                {"dismissed", "dismissed", false}, {"processing", "processing", false},
                {"queued", "queued", false},       {"unread", "unread files", false}};
    const cJSON *run = cJSON_GetObjectItemCaseSensitive(notice, "run");
    const cJSON *from = cJSON_IsObject(run) ? run : notice;
    if (!cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(from, "stored")))
        return;
    buffer_put(out, "\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(from, rows[i].name);
        if (cJSON_IsNumber(item) && (rows[i].always || item->valuedouble > 0))
            buffer_printf(out, "%-14s%10.0f\n", rows[i].words, item->valuedouble);
    }
    const cJSON *review = cJSON_GetObjectItemCaseSensitive(notice, "to_review");
    if (cJSON_IsNumber(review) && review->valuedouble > 0)
        buffer_printf(out, "%-14s%10.0f\n", "to review", review->valuedouble);
}

static void put_list(struct buffer *out, const cJSON *notice, const char *list,
                     const char *const names[3])
{
    const cJSON *one, *all = cJSON_GetObjectItemCaseSensitive(notice, list);
    const char *before = "\n";
    cJSON_ArrayForEach(one, all)
    {
        buffer_printf(out, "%s-", before);
        before = "";
        const char *between = " ";
        for (int i = 0; i < 3; i++)
            if (*text_of(one, names[i])) {
                buffer_printf(out, "%s%s", between, text_of(one, names[i]));
                between = "; ";
            }
        buffer_put(out, "\n");
    }
}

static void put_text(struct buffer *out, const cJSON *notice)
{
    buffer_printf(out, "%s\n", text_of(notice, "text"));
    put_numbers(out, notice);
    put_list(out, notice, "troubles", (const char *const[]){"text", "next", ""});
    put_list(out, notice, "failures", (const char *const[]){"name", "state", "detail"});
    buffer_put(out, "\n");
    put_fact(out, "Why it ended:", text_of(notice, "reason"));
    put_fact(out, "Report:", text_of(notice, "report"));
    put_fact(out, "Results:", text_of(notice, "output"));
}

void mail_message(struct buffer *out, const struct mail_message *m)
{
    struct buffer text;
    cJSON *notice = cJSON_Parse(m->notice);
    const char *subject = text_of(notice, "text");
    buffer_init(&text, 0);
    put_header(out, m, *subject ? subject : "mindee-batch");
    put_text(&text, notice);
    put_quoted(out, buffer_text(&text));
    buffer_release(&text);
    cJSON_Delete(notice);
}
