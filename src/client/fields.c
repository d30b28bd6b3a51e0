/* A result's fields by path: see mindee.h, "what a result says".
 *
 * The bytes are copied and their values put into an array (base/json_tape.h); a path walks it from value to value, in
 * time with what it walks over. What a field says is worked out when it is first asked for, and kept: what was handed
 * out stays until the end. */
#include "base/json_tape.h"
#include "client/json_guard.h"

#include <limits.h>
#include <locale.h>
#include <mindee.h>
#include <stdlib.h>
#include <string.h>

struct seen { /* a field that was asked for */
    struct mindee_field field;
    uint32_t at;
    struct mindee_location *locations;
    double (*points)[2]; /* of all of them, one behind the other */
    char texts[];        /* name, text and confidence */
};

struct mindee_fields {
    char *json;
    struct json_tape tape;
    uint32_t root;
    struct seen **seen; /* by value; NULL: not yet */
    locale_t numbers;   /* with a point in them, whatever the program's locale */
};

/* ---- paths ---- */

static uint32_t member(const struct mindee_fields *f, uint32_t at, const char *name, size_t len)
{
    const struct json_tape *t = &f->tape;
    if (json_tape_kind(t, at) != JSON_OBJECT)
        return 0;
    for (uint32_t i = at + 1; i < t->values[at].next; i = t->values[i].next) {
        const struct tape_value *v = &t->values[i];
        if (v->key_len == len && !v->key_escaped && memcmp(t->json + v->key, name, len) == 0)
            return i;
    }
    return 0;
}

static uint32_t named(const struct mindee_fields *f, uint32_t at, const char *name,
                      enum json_kind kind)
{
    uint32_t found = member(f, at, name, strlen(name));
    return found && json_tape_kind(&f->tape, found) == kind ? found : 0;
}

/* What holds the items of AT: an array; 0: it has none. */
static uint32_t list_of(const struct mindee_fields *f, uint32_t at)
{
    return json_tape_kind(&f->tape, at) == JSON_ARRAY ? at : named(f, at, "items", JSON_ARRAY);
}

/* What holds the fields of AT: an object. */
static uint32_t object_of(const struct mindee_fields *f, uint32_t at)
{
    uint32_t fields = named(f, at, "fields", JSON_OBJECT);
    return fields ? fields : at;
}

static size_t count_in(const struct mindee_fields *f, uint32_t at)
{
    size_t count = 0;
    for (uint32_t i = at + 1; i < f->tape.values[at].next; i = f->tape.values[i].next)
        count++;
    return count;
}

static uint32_t nth(const struct mindee_fields *f, uint32_t at, size_t n)
{
    for (uint32_t i = at + 1; i < f->tape.values[at].next; i = f->tape.values[i].next)
        if (n-- == 0)
            return i;
    return 0;
}

/* "[N]" at *PATH, which is moved behind it: its item of AT; 0: there is none, or it isn't one. */
static uint32_t step_item(const struct mindee_fields *f, uint32_t at, const char **path)
{
    const char *p = *path + 1;
    size_t n = 0;
    for (; *p >= '0' && *p <= '9' && n < UINT32_MAX; p++)
        n = n * 10 + (size_t)(*p - '0');
    uint32_t list = list_of(f, at);
    if (p == *path + 1 || *p != ']' || !list)
        return 0;
    *path = p + 1;
    return nth(f, list, n);
}

static uint32_t step_name(const struct mindee_fields *f, uint32_t at, const char **path)
{
    size_t len = strcspn(*path, ".[");
    uint32_t found = member(f, object_of(f, at), *path, len);
    if (!found)
        found = member(f, at, *path, len);
    *path += len;
    return found;
}

/* The value at PATH; 0: there is none. The root is no member of another value, but is never 0 itself. */
static uint32_t find(const struct mindee_fields *f, const char *path)
{
    uint32_t at = f->root;
    const char *p = path;
    while (at && *p) {
        bool first = p == path;
        if (*p == '[') {
            at = step_item(f, at, &p);
            continue;
        }
        if (!first && *p++ != '.')
            return 0;
        at = step_name(f, at, &p);
    }
    return at;
}

/* ---- what a field says ---- */

static enum mindee_field_kind kind_of(const struct mindee_fields *f, uint32_t value)
{
    switch (json_tape_kind(&f->tape, value)) {
    case JSON_BOOLEAN:
        return MINDEE_FIELD_BOOLEAN;
    case JSON_NUMBER:
        return MINDEE_FIELD_NUMBER;
    case JSON_STRING:
        return MINDEE_FIELD_STRING;
    case JSON_ARRAY:
        return MINDEE_FIELD_LIST;
    case JSON_OBJECT:
        return MINDEE_FIELD_OBJECT;
    default:
        return MINDEE_FIELD_NULL;
    }
}

static const char *keep(char **room, const char *raw, size_t len)
{
    char *text = *room;
    int64_t mended = 0;
    size_t used = json_decode(raw, len, text, &mended);
    text[used] = '\0';
    *room += len + 1;
    return text;
}

/* A point is "[x, y]", proven to be JSON; what isn't two numbers reads 0. */
static void read_point(const struct mindee_fields *f, uint32_t at, double out[2])
{
    const struct tape_value *v = &f->tape.values[at];
    const char *p = f->tape.json + v->text + 1;
    for (int i = 0; i < 2 && v->kind == JSON_ARRAY; i++) {
        char *end;
        p += strspn(p, " \t\r\n,");
        out[i] = strtod_l(p, &end, f->numbers);
        p = end;
    }
}

static uint32_t polygon_of(const struct mindee_fields *f, uint32_t location)
{
    return named(f, location, "polygon", JSON_ARRAY);
}

static void read_locations(const struct mindee_fields *f, struct seen *s, uint32_t array)
{
    const struct tape_value *values = f->tape.values;
    size_t points = 0, used = 0;
    s->field.location_count = count_in(f, array);
    for (uint32_t i = array + 1; i < values[array].next; i = values[i].next)
        points += polygon_of(f, i) ? count_in(f, polygon_of(f, i)) : 0;
    s->locations = calloc(s->field.location_count + 1, sizeof *s->locations);
    s->points = calloc(points + 1, sizeof *s->points);
    s->field.locations = s->locations;
    if (!s->locations || !s->points) {
        s->field.location_count = 0;
        return;
    }
    struct mindee_location *out = s->locations;
    for (uint32_t i = array + 1; i < values[array].next; i = values[i].next, out++) {
        int page = json_tape_count(&f->tape, named(f, i, "page", JSON_NUMBER));
        uint32_t polygon = polygon_of(f, i);
        *out = (struct mindee_location){.page = page > 0 ? page : 0, .points = s->points + used};
        if (!polygon)
            continue;
        for (uint32_t p = polygon + 1; p < values[polygon].next; p = values[p].next)
            read_point(f, p, s->points[used + out->point_count++]);
        used += out->point_count;
    }
}

static void read_value(const struct mindee_fields *f, struct seen *s, uint32_t value, char **room)
{
    const struct tape_value *v = &f->tape.values[value];
    s->field.kind = kind_of(f, value);
    if (s->field.kind == MINDEE_FIELD_NUMBER)
        s->field.number = strtod_l(f->tape.json + v->text, NULL, f->numbers);
    if (s->field.kind == MINDEE_FIELD_LIST || s->field.kind == MINDEE_FIELD_OBJECT)
        s->field.count = count_in(f, value);
    else if (s->field.kind != MINDEE_FIELD_NULL)
        s->field.text = keep(room, f->tape.json + v->text, v->len);
}

static struct seen *make(const struct mindee_fields *f, uint32_t at)
{
    const struct json_tape *t = &f->tape;
    const struct tape_value *v = &t->values[at];
    uint32_t value = member(f, at, "value", 5), list = list_of(f, at);
    uint32_t says = named(f, at, "confidence", JSON_STRING);
    uint32_t places = named(f, at, "locations", JSON_ARRAY);
    value = value ? value : list ? list : object_of(f, at);
    size_t room = (size_t)v->key_len + t->values[value].len + (says ? t->values[says].len : 0) + 3;
    struct seen *s = calloc(1, sizeof *s + room);
    if (!s)
        return NULL;
    char *p = s->texts;
    s->at = at;
    s->field.text = s->field.confidence = s->field.name = "";
    if (v->key_len && at != f->root)
        s->field.name = keep(&p, t->json + v->key, v->key_len);
    if (says)
        s->field.confidence = keep(&p, t->json + t->values[says].text, t->values[says].len);
    read_value(f, s, value, &p);
    if (places)
        read_locations(f, s, places);
    return s;
}

static const struct mindee_field *look_at(struct mindee_fields *f, uint32_t at)
{
    if (!at)
        return NULL;
    if (!f->seen[at])
        f->seen[at] = make(f, at);
    return f->seen[at] ? &f->seen[at]->field : NULL;
}

const struct mindee_field *mindee_fields_get(struct mindee_fields *fields, const char *path)
{
    return look_at(fields, find(fields, path));
}

const struct mindee_field *mindee_fields_at(struct mindee_fields *fields,
                                            const struct mindee_field *field, size_t index)
{
    const struct seen *s =
        (const struct seen *)(const void *)((const char *)field - offsetof(struct seen, field));
    if (!field || index >= field->count)
        return NULL;
    uint32_t list = list_of(fields, s->at);
    return look_at(fields, nth(fields, list ? list : object_of(fields, s->at), index));
}

/* ---- beginning and end ---- */

static int read_result(struct mindee_fields *f, size_t len)
{
    struct error e;
    json_guard_mend(f->json, len);
    if (json_tape_read(&f->tape, f->json, len, &e) < 0)
        return -1;
    uint32_t inference = named(f, 0, "inference", JSON_OBJECT);
    uint32_t result = inference ? named(f, inference, "result", JSON_OBJECT) : 0;
    if (!result)
        return -1;
    f->root = object_of(f, result);
    f->seen = calloc(f->tape.count, sizeof *f->seen);
    f->numbers = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return f->seen && f->numbers ? 0 : -1;
}

int mindee_fields_parse(const char *body, size_t len, struct mindee_fields **fields)
{
    struct mindee_fields *f = calloc(1, sizeof *f);
    *fields = NULL;
    if (!f)
        return -1;
    f->json = len < SIZE_MAX ? malloc(len + 1) : NULL; /* a NUL ends the last number */
    if (f->json) {
        memcpy(f->json, len ? body : "", len);
        f->json[len] = '\0';
    }
    if (!f->json || read_result(f, len) < 0) {
        mindee_fields_free(f);
        return -1;
    }
    *fields = f;
    return 0;
}

void mindee_fields_free(struct mindee_fields *fields)
{
    if (!fields)
        return;
    for (size_t i = 0; fields->seen && i < fields->tape.count; i++) {
        if (!fields->seen[i])
            continue;
        free(fields->seen[i]->locations);
        free(fields->seen[i]->points);
        free(fields->seen[i]);
    }
    if (fields->numbers)
        freelocale(fields->numbers);
    free(fields->seen);
    free(fields->json);
    json_tape_release(&fields->tape);
    free(fields);
}
