/* See keys.h. What isn't a letter or a digit is gone after folding, so bytes are classed by ASCII alone: all
 * others are letters. */
#include "review/keys.h"

#include "base/text.h"
#include "review/fold.h"

#include <string.h>

enum { WORDS_MOST = 128 /* words of a name that are looked at; those behind count as they are */ };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* Appends to a key: false if it is full. */
static bool put(char *out, size_t size, size_t *used, char c)
{
    if (*used + 1 >= size)
        return false;
    out[(*used)++] = c;
    out[*used] = '\0';
    return true;
}

/* --- suppliers --- */

struct word {
    char text[24]; /* of a longer one its beginning: it is neither an initial nor a legal form */
    size_t from, len;
    bool initial; /* letters with dots or slashes between them: S.r.l. */
};

static const char *const left_out[] = {
    /* legal forms */
    "ab",
    "ag",
    "aps",
    "as",
    "asa",
    "bhd",
    "bv",
    "bvba",
    "co",
    "company",
    "corp",
    "corporation",
    "cv",
    "doo",
    "eg",
    "ek",
    "eood",
    "eurl",
    "ev",
    "gbr",
    "gesmbh",
    "gmbh",
    "hb",
    "inc",
    "incorporated",
    "kb",
    "kft",
    "kg",
    "kgaa",
    "kk",
    "lda",
    "limited",
    "llc",
    "llp",
    "lp",
    "ltd",
    "ltda",
    "mbh",
    "nv",
    "nyrt",
    "ohg",
    "ood",
    "oo",
    "oy",
    "oyj",
    "plc",
    "pte",
    "pty",
    "pvt",
    "sa",
    "sapa",
    "sarl",
    "sas",
    "sasu",
    "sca",
    "scop",
    "scp",
    "se",
    "sl",
    "slu",
    "snc",
    "sp",
    "spa",
    "spk",
    "sprl",
    "spzoo",
    "srl",
    "srls",
    "sro",
    "ug",
    "zoo",
    "zrt",
    /* and */
    "and",
    "et",
    "und",
    "y",
    NULL,
};

static bool is_left_out(const struct word *w)
{
    for (const char *const *known = left_out; *known; known++)
        if (strcmp(*known, w->text) == 0)
            return true;
    return false;
}

/* The next word of FOLDED from *AT; initials with a dot or a slash between them are one. False: no more. */
static bool next_word(const char *folded, size_t *at, struct word *w)
{
    size_t used = 0;
    *w = (struct word){0};
    *at += strspn(folded + *at, " ./");
    w->from = *at;
    while (folded[*at]) {
        size_t len = strcspn(folded + *at, " ./");
        bool one = len == 1 && is_letter(folded[*at]);
        if (*at != w->from && !one)
            break;
        for (size_t i = *at; i < *at + len; i++)
            put(w->text, sizeof w->text, &used, folded[i]);
        *at += len;
        w->len = *at - w->from;
        size_t gap = strspn(folded + *at, " ./");
        if (!one || (folded[*at] != '.' && folded[*at] != '/'))
            break;
        w->initial = true;
        if (folded[*at + gap] == '\0' || strcspn(folded + *at + gap, " ./") != 1)
            break;
        *at += gap;
    }
    return w->len > 0;
}

/* Appends the letters and digits of a word; ae, oe and ue as a, o and u. */
static void put_word(const char *folded, const struct word *w, char out[SUPPLIER_KEY_MAX],
                     size_t *used)
{
    for (size_t i = w->from; i < w->from + w->len; i++) {
        char c = folded[i], before = i > w->from ? folded[i - 1] : ' ';
        if (c == 'e' && (before == 'a' || before == 'o' || before == 'u'))
            continue;
        if ((is_letter(c) || is_digit(c)) && !put(out, SUPPLIER_KEY_MAX, used, c))
            return;
    }
}

/* Takes off the beginning of a character whose rest had no room. */
static void end_on_character(char *key, size_t used)
{
    size_t start = used;
    while (start && ((unsigned char)key[start - 1] & 0xc0) == 0x80)
        start--;
    if (!start || (unsigned char)key[start - 1] < 0xc0)
        return;
    unsigned char lead = (unsigned char)key[start - 1];
    size_t wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (used - (start - 1) < wanted)
        key[start - 1] = '\0';
}

static size_t put_words(const char *folded, bool all, char out[SUPPLIER_KEY_MAX])
{
    struct word w;
    size_t used = 0, at = 0;
    out[0] = '\0';
    for (int n = 0; next_word(folded, &at, &w); n++)
        if (all || n >= WORDS_MOST || !is_left_out(&w))
            put_word(folded, &w, out, &used);
    return used;
}

void key_supplier(const char *text, size_t len, char out[SUPPLIER_KEY_MAX])
{
    char folded[FOLD_MAX];
    fold_text(text, len, folded);
    size_t used = put_words(folded, false, out);
    if (used == 0) /* a name of nothing but such words is all the name there is */
        used = put_words(folded, true, out);
    end_on_character(out, used);
}

/* --- numbers --- */

/* Letters and digits alone, and a slash where digits follow digits that aren't theirs. */
static bool shape_of(const char *folded, char out[NUMBER_SHAPE_MAX])
{
    size_t used = 0;
    bool apart = false, digits = false;
    out[0] = '\0';
    for (const char *p = folded; *p; p++) {
        if (!is_letter(*p) && !is_digit(*p)) {
            apart = true;
            continue;
        }
        if (apart && used && is_digit(*p) && is_digit(out[used - 1]) &&
            !put(out, NUMBER_SHAPE_MAX, &used, '/'))
            return false;
        if (!put(out, NUMBER_SHAPE_MAX, &used, *p))
            return false;
        digits = digits || is_digit(*p);
        apart = false;
    }
    return digits;
}

/* A run of digits or of letters from *P: where it begins without leading zeros, one digit staying. */
static const char *next_run(const char **p, size_t *len)
{
    const char *from = *p, *end = from;
    bool digits = is_digit(*from);
    while (*end && (digits ? is_digit(*end) : is_letter(*end)))
        end++;
    while (digits && from + 1 < end && *from == '0')
        from++;
    *p = *end == '/' ? end + 1 : end;
    *len = (size_t)(end - from);
    return from;
}

void key_number_of_shape(const char *shape, struct number_key *out)
{
    size_t parts = 0, whole = 0;
    text_copy(out->shape, sizeof out->shape, shape);
    out->parts[0] = out->whole[0] = '\0';
    for (const char *p = out->shape; *p;) { /* a dot at most behind each character: there is room */
        size_t len;
        const char *run = next_run(&p, &len);
        if (parts)
            put(out->parts, sizeof out->parts, &parts, '.');
        for (size_t i = 0; i < len; i++)
            put(out->parts, sizeof out->parts, &parts, run[i]);
    }
    for (const char *p = out->shape; *p; p++)
        if (*p != '/' && !(*p == '0' && whole == 0))
            put(out->whole, sizeof out->whole, &whole, *p);
    if (whole == 0 && *out->shape)
        put(out->whole, sizeof out->whole, &whole, '0');
}

void key_number(const char *text, size_t len, struct number_key *out)
{
    char folded[FOLD_MAX], shape[NUMBER_SHAPE_MAX];
    bool short_enough = len <= FOLD_TEXT_MOST;
    if (!short_enough || !shape_of(fold_text(text, len, folded), shape))
        shape[0] = '\0';
    key_number_of_shape(shape, out);
}

/* Whether the separators of one are among those of the other, counted from the end. */
static bool separators_agree(const char *a, const char *b)
{
    const char *p = a + strlen(a), *q = b + strlen(b);
    bool only_a = false, only_b = false;
    while (p > a && q > b) {
        bool slash_a = p[-1] == '/', slash_b = q[-1] == '/';
        only_a = only_a || (slash_a && !slash_b);
        only_b = only_b || (slash_b && !slash_a);
        p -= slash_a ? 1 : 0;
        q -= slash_b ? 1 : 0;
        if (!slash_a && !slash_b) {
            p--;
            q--;
        }
    }
    return !only_a || !only_b;
}

bool number_key_same(const struct number_key *a, const struct number_key *b)
{
    if (!*a->shape || !*b->shape)
        return false;
    if (strcmp(a->parts, b->parts) == 0)
        return true;
    return strcmp(a->whole, b->whole) == 0 && separators_agree(a->shape, b->shape);
}

/* --- numbers that may be misread --- */

static bool look_alike(char a, char b)
{
    static const char *const pairs[] = {"o0", "i1", "il", "1l", "17", "s5", "z2",
                                        "b8", "g6", "g9", "uv", "mn", NULL};
    for (const char *const *p = pairs; *p; p++)
        if ((a == (*p)[0] && b == (*p)[1]) || (a == (*p)[1] && b == (*p)[0]))
            return true;
    return false;
}

/* At most one edit apart. */
static bool one_edit(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    size_t rest_a = strlen(a), rest_b = strlen(b);
    if (rest_a == rest_b && rest_a == 0)
        return true;
    if (rest_a == rest_b + 1)
        return strcmp(a + 1, b) == 0;
    if (rest_b == rest_a + 1)
        return strcmp(a, b + 1) == 0;
    if (rest_a != rest_b)
        return false;
    if (look_alike(*a, *b) && strcmp(a + 1, b + 1) == 0)
        return true;
    return rest_a > 1 && a[0] == b[1] && a[1] == b[0] && strcmp(a + 2, b + 2) == 0;
}

static void without_dots(const char *parts, char out[NUMBER_KEY_MAX])
{
    size_t used = 0;
    out[0] = '\0';
    for (; *parts; parts++)
        if (*parts != '.')
            put(out, NUMBER_KEY_MAX, &used, *parts);
}

bool number_key_near(const struct number_key *a, const struct number_key *b)
{
    char x[NUMBER_KEY_MAX], y[NUMBER_KEY_MAX];
    if (!*a->shape || !*b->shape)
        return false;
    without_dots(a->parts, x);
    without_dots(b->parts, y);
    return one_edit(a->whole, b->whole) || one_edit(x, y);
}

/* --- VAT numbers --- */

void key_vat(const char *text, size_t len, char out[VAT_KEY_MAX])
{
    char folded[FOLD_MAX];
    size_t used = 0;
    bool digits = false, fits = true;
    out[0] = '\0';
    fold_text(text, len, folded);
    for (const char *p = folded; *p && fits; p++) {
        if (!is_letter(*p) && !is_digit(*p))
            continue;
        digits = digits || is_digit(*p);
        fits = put(out, VAT_KEY_MAX, &used, *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p);
    }
    if (!fits || used < 5 || !digits)
        out[0] = '\0';
}
