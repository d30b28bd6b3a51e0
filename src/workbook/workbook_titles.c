/* See workbook_titles.h. A column's name is made of escaped names joined by dots (layout.h): the escapes
 * go, underscores become blanks, and words that are abbreviations get capitals. */
#include "workbook/workbook_titles.h"
#include "workbook/workbook_cells.h"

#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wctype.h>

/* Columns whose names say too little, or too much. */
static const struct {
    const char *name, *header;
} known_headers[] = {
    {"locale.currency", "Currency"},
    {"_n", "No."},
    {"_up1", "In item"},
    {"_up2", "In item (2)"},
    {"_stored_at", "Stored at (UTC)"},
    {"_rag_document", "RAG document"},
    {"_sha256", "SHA-256"},
    {"_extracted", "Extracted record"},
    {"_result", "Result file"},
};

static const char *const abbreviations[] = {"BIC",   "EAN", "GTIN",  "IBAN", "ID",  "PO", "SIREN",
                                            "SIRET", "SKU", "SWIFT", "URL",  "UTC", "VAT"};

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
}

/* A word of a name, its escapes undone: OUT ends with it. */
static void put_word(struct buffer *out, const char *word, size_t len)
{
    size_t from = out->len;
    for (size_t i = 0; i < len; i++) {
        char c = word[i];
        if (c == '%' && len - i > 2 && hex_digit(word[i + 1]) >= 0 && hex_digit(word[i + 2]) >= 0) {
            c = (char)(hex_digit(word[i + 1]) << 4 | hex_digit(word[i + 2]));
            i += 2;
        }
        if (c)
            buffer_printf(out, "%c", c);
    }
    for (size_t i = 0; i < sizeof abbreviations / sizeof *abbreviations; i++)
        if (out->len > from && strcasecmp(out->data + from, abbreviations[i]) == 0)
            memcpy(out->data + from, abbreviations[i], out->len - from);
}

/* One of the names that are joined by dots, with what is said about it behind a '#'. */
static void put_level(struct buffer *out, const char *level, size_t len)
{
    const char *about = memchr(level, '#', len);
    size_t name = about ? (size_t)(about - level) : len;
    if (!name && len == 1) { /* a list straight in a list */
        buffer_put(out, "list");
        return;
    }
    bool first = true;
    for (size_t i = 0; i < name;) {
        size_t word = 0;
        while (i + word < name && level[i + word] != '_')
            word++;
        if (word) {
            if (!first)
                buffer_put(out, " ");
            put_word(out, level + i, word);
            first = false;
        }
        i += word + 1;
    }
    if (first) /* underscores alone */
        buffer_printf(out, "%.*s", (int)name, level);
    if (about)
        buffer_printf(out, " (%.*s)", (int)(len - name - 1), about + 1);
}

void workbook_header(struct buffer *out, const char *name)
{
    buffer_clear(out);
    for (size_t i = 0; i < sizeof known_headers / sizeof *known_headers; i++)
        if (strcmp(name, known_headers[i].name) == 0) {
            buffer_put(out, known_headers[i].header);
            return;
        }
    for (const char *level = name;; level++) {
        size_t n = strcspn(level, ".");
        if (level != name)
            buffer_put(out, " \xc2\xb7 ");
        put_level(out, level, n);
        level += n;
        if (!*level)
            break;
    }
    if (out->len && out->data[0] >= 'a' && out->data[0] <= 'z')
        out->data[0] = (char)(out->data[0] - 'a' + 'A');
}

/* The most bytes of NAME that are whole characters within both limits, and how many units they have. */
static size_t fitting(const char *name, size_t len, int most_units, size_t most_bytes)
{
    int units = 0;
    size_t at = 0;
    while (at < len) {
        size_t bytes;
        int more = workbook_character(name + at, len - at, &bytes) > 0xffff ? 2 : 1;
        if (units + more > most_units || at + bytes > most_bytes)
            break;
        units += more;
        at += bytes;
    }
    while (at > 0 && name[at - 1] == ' ')
        at--;
    return at;
}

/* CLEAN becomes WANTED with nothing in it that a sheet's name can't have. */
static void clean_name(struct buffer *clean, const char *wanted)
{
    struct buffer fit;
    buffer_init(&fit, 0);
    (void)workbook_text(&fit, wanted, strlen(wanted));
    buffer_clear(clean);
    for (const char *p = buffer_text(&fit); *p; p++) {
        if (strchr("[]:*?/\\", *p))
            buffer_put(clean, "-");
        else if (*p == '\'')
            buffer_put(clean, "\xe2\x80\x99"); /* a typographic apostrophe */
        else if (*p == '\n' || *p == '\t' || (*p == ' ' && !clean->len))
            buffer_put(clean, clean->len ? " " : "");
        else
            buffer_printf(clean, "%c", *p);
    }
    if (!clean->len)
        buffer_put(clean, "List");
    buffer_release(&fit);
}

/* NAME without the difference between capitals and small letters, into FOLDED. */
static void fold_name(const char *name, char folded[SHEET_NAME_FOLDED_MAX])
{
    locale_t locale = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0); /* of every Debian */
    size_t len = strlen(name), out = 0;
    for (size_t i = 0, bytes; i < len && out < SHEET_NAME_FOLDED_MAX - 9; i += bytes) {
        uint32_t c = workbook_character(name + i, len - i, &bytes);
        uint32_t lower = locale ? (uint32_t)towlower_l((wint_t)c, locale) : c;
        if (lower < 0x80)
            folded[out++] = (char)tolower((int)lower);
        else
            out += (size_t)snprintf(folded + out, 9, "~%x", lower);
    }
    folded[out] = '\0';
    if (locale)
        freelocale(locale);
}

static bool is_reserved(const char *name)
{
    static const char *const reserved[] = {"Summary", "Documents",  "Invoices",
                                           "Review",  "Duplicates", "Failures",
                                           "Credits", "About",      "History"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcasecmp(name, reserved[i]) == 0)
            return true;
    return false;
}

/* "2026", "Tax1", "R1C1", "c": the library doesn't put these in quotes where it names the sheet in an
 * area, and Excel takes them for cells or numbers. */
static bool looks_like_cell(const char *name)
{
    size_t letters = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    size_t digits = strspn(name + letters, "0123456789");
    if (isdigit((unsigned char)*name) || *name == '.')
        return true;
    if (letters <= 3 && digits > 0 && !name[letters + digits])
        return true;
    return name[strspn(name, "rcRC0123456789")] == '\0';
}

static bool is_taken(const struct sheet_names *s, const char *folded)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->folded[i], folded) == 0)
            return true;
    return false;
}

static void join(char name[SHEET_NAME_MAX], const char *base, const char *suffix)
{
    size_t n = fitting(base, strlen(base), SHEET_NAME_UNITS - (int)strlen(suffix),
                       SHEET_NAME_MAX - 1 - strlen(suffix));
    snprintf(name, SHEET_NAME_MAX, "%.*s%s", (int)n, base, suffix);
}

void sheet_name_take(struct sheet_names *s, const char *wanted, bool ours,
                     char name[SHEET_NAME_MAX])
{
    struct buffer clean;
    char folded[SHEET_NAME_FOLDED_MAX], suffix[24];
    buffer_init(&clean, 0);
    clean_name(&clean, wanted);
    const char *list = "";
    join(name, buffer_text(&clean), "");
    if (!ours && (is_reserved(name) || looks_like_cell(name)))
        list = " list";
    for (int n = 1;; n++) {
        snprintf(suffix, sizeof suffix, n > 1 ? "%s (%d)" : "%s", list, n);
        join(name, buffer_text(&clean), suffix);
        fold_name(name, folded);
        if (!is_taken(s, folded))
            break;
    }
    char(*more)[SHEET_NAME_FOLDED_MAX] = realloc(s->folded, (s->count + 1) * sizeof *more);
    REQUIRE(more != NULL);
    s->folded = more;
    memcpy(s->folded[s->count++], folded, sizeof folded);
    buffer_release(&clean);
}

void sheet_names_release(struct sheet_names *s)
{
    free(s->folded);
    *s = (struct sheet_names){0};
}
