/* The file name that goes into the upload's form: what a person recognises, and nothing that could
 * break the form.
 *
 * The last component of the path, made UTF-8; what isn't (and control characters, quotes,
 * backslashes) becomes '_'. Mindee decides by the bytes, people by the extension, so a right one is
 * kept as it is written and a wrong one mended: replaced if it is an extension ("receipt.jpga",
 * "scan.png" for a PDF), otherwise part of the name and kept ("Invoice 2024.11" becomes
 * "Invoice 2024.11.pdf"). At most NAME_MAX_BYTES, cut between characters before the extension. */
#include "intake/intake.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_BYTES = 200 };

static const char *const right_extensions[][8] = {
    [FILE_UNKNOWN] = {NULL},
    [FILE_PDF] = {"pdf", NULL},
    [FILE_JPEG] = {"jpg", "jpeg", "jpe", "jfif", NULL},
    [FILE_PNG] = {"png", NULL},
    [FILE_WEBP] = {"webp", NULL},
    [FILE_TIFF] = {"tif", "tiff", NULL},
    [FILE_HEIC] = {"heic", "heics", "heif", "hif", NULL},
    [FILE_HEIF] = {"heif", "heic", "hif", "heifs", NULL},
};
enum { TYPES = sizeof right_extensions / sizeof *right_extensions };

/* What people and programs put behind a dot meaning "this is the kind of file". */
static const char *const other_extensions[] = {
    "gif",  "bmp",  "svg", "avif", "txt", "doc", "docx", "xls",  "xlsx",     "zip",   "htm",
    "html", "xml",  "eml", "msg",  "tmp", "bak", "bin",  "dat",  "img",      "image", "file",
    "part", "data", "ps",  "eps",  "ai",  "raw", "dng",  "scan", "download", NULL};

static bool is_among(const char *extension, const char *const *list)
{
    for (; *list; list++)
        if (strcasecmp(extension, *list) == 0)
            return true;
    return false;
}

/* "jpga", "pdf_", "tiff1": one of ours with a slip behind it. */
static bool is_misspelt(const char *extension)
{
    for (size_t t = 1; t < TYPES; t++)
        for (const char *const *e = right_extensions[t]; *e; e++) {
            size_t n = strlen(*e);
            if (strncasecmp(extension, *e, n) == 0 && strlen(extension) <= n + 2)
                return true;
        }
    return false;
}

/* Length of the character at P, well-formed within LEFT bytes; 0 if it isn't. */
static size_t character_length(const char *p, size_t left)
{
    for (size_t n = 1; n <= 4 && n <= left; n++)
        if (text_is_utf8(p, n))
            return n;
    return 0;
}

static bool is_unsafe(const unsigned char *p, size_t n)
{
    if (n == 1)
        return *p < 0x20 || *p == 0x7f || *p == '"' || *p == '\\' || *p == '/';
    bool c1_control = n == 2 && p[0] == 0xc2 && p[1] < 0xa0;
    bool line_or_direction = /* U+2028 to U+202E */
        n == 3 && p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae;
    return c1_control || line_or_direction;
}

/* NAME's last component with every byte in its place: never longer than it was. */
static void clean(const char *name, char *out)
{
    const char *slash = strrchr(name, '/');
    const char *p = slash ? slash + 1 : name;
    size_t left = strlen(p);
    while (left) {
        size_t n = character_length(p, left), used = n ? n : 1;
        if (!n || is_unsafe((const unsigned char *)p, n)) {
            *out++ = '_';
        } else {
            memcpy(out, p, n);
            out += n;
        }
        p += used;
        left -= used;
    }
    *out = '\0';
}

/* Up to MAX bytes of TEXT that end with a character. */
static size_t whole_characters(const char *text, size_t len, size_t max)
{
    if (len <= max)
        return len;
    while (max && ((unsigned char)text[max] & 0xc0) == 0x80)
        max--;
    return max;
}

void file_name_to_send(const char *name, enum file_type type, char *out, size_t size)
{
    if (!size)
        return;
    size_t t = (unsigned)type < TYPES ? (size_t)type : FILE_UNKNOWN;
    char *text = xcalloc(1, strlen(name) + 1);
    clean(name, text);

    size_t stem = strlen(text);
    const char *extension = file_type_extension(type);
    char *dot = strrchr(text, '.');
    if (dot) {
        bool right = is_among(dot + 1, right_extensions[t]);
        bool wrong =
            !right && t && (!dot[1] || is_among(dot + 1, other_extensions) || is_misspelt(dot + 1));
        if (right || wrong)
            stem = (size_t)(dot - text);
        if (right)
            extension = dot + 1;
    }
    if (stem == 0) {
        snprintf(out, size, "%s%s%s", "document", *extension ? "." : "", extension);
    } else {
        size_t room = size - 1 < NAME_MAX_BYTES ? size - 1 : NAME_MAX_BYTES;
        size_t tail = *extension ? strlen(extension) + 1 : 0;
        stem = whole_characters(text, stem, room > tail ? room - tail : 0);
        snprintf(out, size, "%.*s%s%s", (int)stem, text, tail ? "." : "", extension);
    }
    free(text);
}
