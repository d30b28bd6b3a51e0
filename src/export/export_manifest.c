/* See export_manifest.h. What is read is looked through for the strings that stand behind "name" and
 * "sha256", so that one which was cut, or set anew by another program, still tells what can be told;
 * whether all of it is there is seen from its last line. A file's own name is the last before its
 * sum: those of its sheets follow behind. */
#include "export/export_manifest.h"

#include "base/array.h"
#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAST_LINE "\n]}\n"

enum { BYTES_MOST = 16 * 1024 * 1024 };

bool export_manifest_plain(const char *name)
{
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

const struct export_manifest_entry *export_manifest_find(const struct export_manifest *m,
                                                         const char *name)
{
    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->entries[i].name, name) == 0)
            return &m->entries[i];
    return NULL;
}

void export_manifest_release(struct export_manifest *m)
{
    for (size_t i = 0; i < m->count; i++)
        free(m->entries[i].name);
    free(m->entries);
    free(m->batch);
    free(m->ledger);
    *m = (struct export_manifest){0};
}

/* The string that begins behind the quote at TEXT, into OUT; returns where it ended, or NULL. Of the
 * escapes those that json_string makes. */
static const char *read_string(const char *text, const char *end, struct buffer *out)
{
    static const char letters[] = "bftnr", meant[] = "\b\f\t\n\r";
    buffer_clear(out);
    for (const char *p = text; p < end; p++) {
        char c = *p;
        if (c == '"')
            return p + 1;
        if (c == '\\') {
            uint8_t byte = 0;
            if (++p == end)
                return NULL;
            c = *p;
            const char *letter = strchr(letters, c);
            char digits[3] = "";
            if (letter && *letter)
                c = meant[letter - letters];
            else if (c == 'u' && end - p > 4 && memcmp(p, "u00", 3) == 0) {
                memcpy(digits, p + 3, 2);
                if (hex_decode(digits, &byte, 1) < 0)
                    return NULL;
                c = (char)byte;
                p += 4;
            } else if (c != '"' && c != '\\' && c != '/')
                return NULL;
        }
        if (c == '\0' || buffer_append(out, &c, 1) < 0)
            return NULL;
    }
    return NULL;
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && strchr(" \t\r\n", *p))
        p++;
    return p;
}

static void keep(struct export_manifest *m, const char *name, const char *sum)
{
    if (m->count == EXPORT_MANIFEST_NAMES || !export_manifest_plain(name))
        return;
    ARRAY_RESERVE(m->entries, m->capacity, m->count + 1);
    struct export_manifest_entry *entry = &m->entries[m->count++];
    *entry = (struct export_manifest_entry){.name = xstrdup(name)};
    if (strlen(sum) == SHA256_HEX - 1)
        memcpy(entry->sha256, sum, SHA256_HEX);
}

/* Where what stands behind WORD is kept, the first time; NULL: it isn't. */
static char **fact_of(struct export_manifest *m, const char *word)
{
    char **fact = strcmp(word, "batch") == 0    ? &m->batch
                  : strcmp(word, "ledger") == 0 ? &m->ledger
                                                : NULL;
    return fact && !*fact ? fact : NULL;
}

static void look_through(struct export_manifest *m, const char *text, size_t len)
{
    const char *end = text + len, *p = text;
    struct buffer word, value, name;
    buffer_init(&word, 0);
    buffer_init(&value, 0);
    buffer_init(&name, 0);
    while (p && p < end && (p = memchr(p, '"', (size_t)(end - p))) != NULL) {
        p = read_string(p + 1, end, &word);
        const char *colon = p ? skip_blanks(p, end) : end;
        if (colon == end || *colon != ':')
            continue;
        const char *quote = skip_blanks(colon + 1, end);
        bool is_name = strcmp(buffer_text(&word), "name") == 0,
             is_sum = strcmp(buffer_text(&word), "sha256") == 0;
        char **fact = m->count ? NULL : fact_of(m, buffer_text(&word));
        if (quote == end || *quote != '"' || (!is_name && !is_sum && !fact))
            continue;
        p = read_string(quote + 1, end, is_name ? &name : &value);
        if (p && is_sum && name.len)
            keep(m, buffer_text(&name), buffer_text(&value));
        if (is_sum)
            buffer_clear(&name);
        if (p && fact)
            *fact = xstrdup(buffer_text(&value));
    }
    buffer_release(&word);
    buffer_release(&value);
    buffer_release(&name);
}

static bool begins_as_ours(const char *text, size_t len)
{
    static const char tool[] = "\"tool\"", name[] = "mindee-batch";
    enum { NEAR = 100 };
    const char *end = text + len, *p = skip_blanks(text, end);
    if (p == end || *p != '{')
        return false;
    p = skip_blanks(p + 1, end);
    if ((size_t)(end - p) < sizeof tool || memcmp(p, tool, sizeof tool - 1) != 0)
        return false;
    size_t near = (size_t)(end - p) < NEAR ? (size_t)(end - p) : NEAR;
    return memmem(p, near, name, sizeof name - 1) != NULL;
}

int export_manifest_read(struct export_manifest *m, int directory, const char *name,
                         struct error *e)
{
    struct buffer text;
    struct stat st;
    *m = (struct export_manifest){0};
    /* Not waited for: a pipe may stand there. */
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ELOOP
                   ? 0 /* what isn't a file is refused when it is to be replaced */
                   : error_system(e, ERR_IO, errno, "read %s", name);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return 0;
    }
    m->there = true;
    buffer_init(&text, BYTES_MOST);
    int rc = buffer_read(&text, fd);
    if (rc == ERR_IO)
        error_system(e, rc, errno, "read %s", name);
    else
        rc = 0; /* larger than any of ours: what was read of it is looked at */
    close(fd);
    size_t tail = strlen(LAST_LINE);
    m->ours = begins_as_ours(buffer_text(&text), text.len);
    m->whole =
        m->ours && text.len > tail && memcmp(text.data + text.len - tail, LAST_LINE, tail) == 0;
    look_through(m, buffer_text(&text), text.len);
    buffer_release(&text);
    return rc;
}

void export_manifest_begin(struct block_output *out, const char *head)
{
    block_output_char(out, '{');
    block_output_text(out, head);
    block_output_text(out, ",\n\"files\":[\n");
}

void export_manifest_end(struct block_output *out)
{
    block_output_text(out, LAST_LINE);
}
