/* The JSON is copied as it stands, strings that are to be replaced excepted. Which field a string
 * belongs to shows in its place alone, since a field may have any name: a map of fields, a field, its list. */
#include "sandbox/anonymous.h"

#include "base/hash.h"
#include "base/json_scan.h"
#include "sandbox/invoice/bank.h"
#include "sandbox/json_text.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 64 };

struct known_text {
    char *text; /* the field's name, a newline, the text */
    unsigned number;
};

static const void *text_of(const void *entry)
{
    return ((const struct known_text *)entry)->text;
}

static uint64_t text_hash(const void *text)
{
    return hash_bytes(0, text, strlen(text));
}

static bool same_text(const void *a, const void *b)
{
    return strcmp(a, b) == 0;
}

static const struct hash_set_kind texts = {sizeof(struct known_text), text_of, text_hash,
                                           same_text};

void anonymous_init(struct anonymous *a, struct random *r)
{
    *a = (struct anonymous){.key = random_u64(r)};
}

void anonymous_release(struct anonymous *a)
{
    struct known_text *t = NULL;
    while ((t = hash_set_next(&a->texts, &texts, t)) != NULL)
        free(t->text);
    hash_set_release(&a->texts);
}

/* ---- texts ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Which one it is of all texts of that field. */
static unsigned number_of(struct anonymous *a, const char *name, const char *text)
{
    struct buffer key;
    size_t len;
    buffer_init(&key, 0);
    buffer_printf(&key, "%s\n%s", name, text);
    struct known_text *t = hash_set_put(&a->texts, &texts, buffer_text(&key));
    REQUIRE(t != NULL);
    if (t->text == NULL)
        *t = (struct known_text){buffer_detach(&key, &len), ++a->count};
    buffer_release(&key);
    return t->number;
}

/* "2026-08-31", "12:52:33". */
static bool is_time(const char *text)
{
    static const char *const shapes[] = {"0000-00-00", "00:00:00", "00:00"};
    for (size_t i = 0; i < 3; i++) {
        size_t k = 0;
        while (shapes[i][k] != '\0' &&
               (shapes[i][k] == '0' ? is_digit(text[k]) : text[k] == shapes[i][k]))
            k++;
        if (shapes[i][k] == '\0' && text[k] == '\0')
            return true;
    }
    return false;
}

static bool is_of_a_list(const char *name)
{
    static const char *const kept[] = {
        "document_type", "type",     "category",     "subcategory",       "country",
        "currency",      "language", "unit_measure", "purchase_category", "purchase_subcategory"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (strcmp(kept[i], name) == 0)
            return true;
    return false;
}

/* More digits than letters. */
static bool is_number(const char *text)
{
    size_t digits = 0, letters = 0;
    for (const char *p = text; *p != '\0'; p++) {
        digits += is_digit(*p);
        letters += (*p & 0x80) != 0 || ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z');
    }
    return digits > letters;
}

static void put_number(struct buffer *out, uint64_t key, const char *name, const char *text)
{
    char *copy = xstrdup(text);
    uint64_t x = key;
    for (char *p = copy; *p != '\0'; p++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        if (is_digit(*p))
            *p = (char)('0' + ((unsigned)(*p - '0') + (unsigned)(x >> 33) % 9 + 1) % 10);
    }
    if (strcmp(name, "iban") == 0)
        iban_make_valid(copy);
    json_put_text(out, copy);
    free(copy);
}

static void put_field_text(struct anonymous *a, struct buffer *out, const char *name,
                           const char *text)
{
    char named[NAME_MAX_BYTES + 16];
    if (*text == '\0' || is_time(text) || is_of_a_list(name)) {
        json_put_text(out, text);
        return;
    }
    unsigned number = number_of(a, name, text);
    if (is_number(text)) {
        put_number(out, hash_bytes(a->key, text, strlen(text)), name, text);
        return;
    }
    snprintf(named, sizeof named, "%.*s %u", NAME_MAX_BYTES, name, number);
    json_put_text(out, named);
}

/* Letters, of any script one x each, and digits; the rest stays. */
static void put_masked(struct buffer *out, const char *text)
{
    char *copy = xstrdup(text), *to = copy;
    for (const char *p = text; *p != '\0'; p++) {
        if ((*p & 0xc0) == 0x80)
            continue;
        bool letter = (*p & 0x80) != 0 || ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z');
        *to++ = letter ? 'x' : is_digit(*p) ? '0' : *p;
    }
    *to = '\0';
    json_put_text(out, copy);
    free(copy);
}

/* ---- the walk ---- */

enum place {
    OUTSIDE, /* of fields */
    MAP,     /* each member is a field, whatever it is called */
    FIELD,   /* its members are value, fields, items, and what is said of them */
    LIST,    /* of fields of one name */
};

/* For each open array and object. */
struct way {
    enum place place[JSON_DEPTH_MAX + 1];
    const char *name[JSON_DEPTH_MAX + 1]; /* of the field that it is, or belongs to */
    size_t len[JSON_DEPTH_MAX + 1];
};

static bool is_key(const struct json_scan *s, const char *key)
{
    return s->key != NULL && s->key_len == strlen(key) && memcmp(s->key, key, s->key_len) == 0;
}

static enum place place_of(enum place around, const struct json_scan *s)
{
    bool object = s->kind == JSON_OBJECT;
    if ((around == MAP || around == LIST) && object)
        return FIELD;
    if ((around == FIELD || around == OUTSIDE) && object && is_key(s, "fields"))
        return MAP;
    return around == FIELD && !object && is_key(s, "items") ? LIST : OUTSIDE;
}

static void open_container(struct way *w, const struct json_scan *s)
{
    size_t at = s->depth;
    enum place around = w->place[at - 1];
    w->place[at] = place_of(around, s);
    w->name[at] = around == MAP ? s->key : w->name[at - 1];
    w->len[at] = around == MAP ? s->key_len : w->len[at - 1];
}

static void put_replaced(struct anonymous *a, const struct way *w, const struct json_scan *s,
                         const char *text, struct buffer *out)
{
    char name[NAME_MAX_BYTES + 1];
    size_t len = w->len[s->depth] < NAME_MAX_BYTES ? w->len[s->depth] : NAME_MAX_BYTES;
    memcpy(name, len > 0 ? w->name[s->depth] : "", len);
    name[len] = '\0';
    if (is_key(s, "value"))
        put_field_text(a, out, len > 0 ? name : "text", text);
    else
        put_masked(out, text);
}

/* A field's text, a word's or page's, a file's name; and texts that are in no object. */
static bool is_replaced(const struct json_scan *s)
{
    return s->kind == JSON_STRING &&
           (s->key == NULL || is_key(s, "value") || is_key(s, "content") || is_key(s, "name") ||
            is_key(s, "alias"));
}

void anonymous_put(struct anonymous *a, const char *result, size_t len, struct buffer *out)
{
    struct json_scan s;
    struct way way = {.name = {NULL}};
    const char *run = result;
    json_scan_init(&s, result, len);
    while (json_scan_next(&s) > 0) {
        if ((s.kind == JSON_ARRAY || s.kind == JSON_OBJECT) && !s.closed)
            open_container(&way, &s);
        if (!is_replaced(&s))
            continue;
        REQUIRE(buffer_append(out, run, (size_t)(s.text - 1 - run)) == 0);
        run = s.text + s.len + 1;
        char *text = xcalloc(1, s.len + 1);
        int64_t mended = 0;
        text[json_decode(s.text, s.len, text, &mended)] = '\0';
        put_replaced(a, &way, &s, text, out);
        free(text);
    }
    REQUIRE(s.error == NULL);
    REQUIRE(buffer_append(out, run, (size_t)(result + len - run)) == 0);
}
