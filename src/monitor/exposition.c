/* See exposition.h. A scrape is some thousand lines: they are put together from pieces, without printf. */
#include "monitor/exposition.h"

#include <string.h>

const char exposition_type_prometheus[] = "text/plain; version=0.0.4; charset=utf-8";
const char exposition_type_open_metrics[] =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

static void put(struct exposition *x, const char *text, size_t len)
{
    REQUIRE(buffer_append(x->out, text, len) == 0);
}

static void put_text(struct exposition *x, const char *text)
{
    put(x, text, strlen(text));
}

enum { NUMBER_MAX = 32 };

/* Backwards, as digits come. Returns where it begins in OUT. */
static char *write_number(char out[NUMBER_MAX], int64_t n)
{
    char *p = out + NUMBER_MAX - 1;
    uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;
    *p = '\0';
    do
        *--p = (char)('0' + rest % 10);
    while (rest /= 10);
    if (n < 0)
        *--p = '-';
    return p;
}

static void put_number(struct exposition *x, int64_t n)
{
    char text[NUMBER_MAX];
    put_text(x, write_number(text, n));
}

/* N / 10^DECIMALS, without zeros at its end. */
static void put_decimal(struct exposition *x, int64_t n, int decimals)
{
    char digits[NUMBER_MAX];
    int64_t unit = 1;
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    if (n < 0)
        put_text(x, "-");
    n = n < 0 ? -n : n;
    put_number(x, n / unit);
    if (n % unit == 0)
        return;
    const char *text = write_number(digits, n % unit + unit); /* a one before the zeros */
    size_t len = strlen(text);
    while (text[len - 1] == '0')
        len--;
    put_text(x, ".");
    put(x, text + 1, len - 1);
}

void exposition_init(struct exposition *x, struct buffer *out, bool open_metrics)
{
    x->out = out;
    x->open_metrics = open_metrics;
    x->labels_len = 0;
}

/* Only OpenMetrics has a name of the family that isn't its sample's. */
static const char *suffix_of(enum exposition_kind kind)
{
    return kind == EXPOSE_COUNTER ? "_total" : kind == EXPOSE_INFO ? "_info" : "";
}

static void put_head(struct exposition *x, const char *what, const char *text)
{
    put_text(x, what);
    put_text(x, x->name);
    if (!x->open_metrics)
        put_text(x, suffix_of(x->kind));
    put_text(x, " ");
    put_text(x, text);
    put_text(x, "\n");
}

void exposition_family(struct exposition *x, enum exposition_kind kind, const char *name,
                       const char *help)
{
    static const char *const types[] = {[EXPOSE_COUNTER] = "counter",
                                        [EXPOSE_GAUGE] = "gauge",
                                        [EXPOSE_HISTOGRAM] = "histogram",
                                        [EXPOSE_INFO] = "gauge"};
    x->name = name;
    x->kind = kind;
    x->labels_len = 0;
    x->needed = NULL;
    put_head(x, "# HELP ", help);
    put_head(x, "# TYPE ", kind == EXPOSE_INFO && x->open_metrics ? "info" : types[kind]);
}

static void add_label(struct exposition *x, const char *text)
{
    size_t len = strlen(text);
    REQUIRE(x->labels_len + len < sizeof x->labels);
    memcpy(x->labels + x->labels_len, text, len);
    x->labels_len += len;
}

void exposition_label(struct exposition *x, const char *name, const char *value)
{
    if (x->labels_len)
        add_label(x, ",");
    add_label(x, name);
    add_label(x, "=\"");
    add_label(x, value);
    add_label(x, "\"");
}

static void put_sample_name(struct exposition *x, const char *suffix)
{
    put_text(x, x->name);
    put_text(x, suffix);
    if (x->labels_len) {
        put_text(x, "{");
        put(x, x->labels, x->labels_len);
        put_text(x, "}");
    }
    put_text(x, " ");
}

static void end_sample(struct exposition *x)
{
    put_text(x, "\n");
    x->labels_len = 0;
}

void exposition_count(struct exposition *x, int64_t value)
{
    put_sample_name(x, suffix_of(x->kind));
    put_number(x, value);
    end_sample(x);
}

void exposition_micro(struct exposition *x, int64_t millionths)
{
    put_sample_name(x, suffix_of(x->kind));
    put_decimal(x, millionths, 6);
    end_sample(x);
}

void exposition_ms(struct exposition *x, int64_t ms)
{
    put_sample_name(x, suffix_of(x->kind));
    put_decimal(x, ms, 3);
    end_sample(x);
}

/* LE is what stands between the quotes; the labels before it stay for the next. */
static void put_bucket(struct exposition *x, int64_t bound_ms, int64_t count)
{
    put_text(x, x->name);
    put_text(x, "_bucket{");
    put(x, x->labels, x->labels_len);
    put_text(x, x->labels_len ? ",le=\"" : "le=\"");
    if (bound_ms < 0) {
        put_text(x, "+Inf");
    } else {
        put_decimal(x, bound_ms, 3);
        if (x->open_metrics && bound_ms % 1000 == 0) /* it wants one form: 1.0 */
            put_text(x, ".0");
    }
    put_text(x, "\"} ");
    put_number(x, count);
    put_text(x, "\n");
}

void exposition_only_buckets_of(struct exposition *x, const struct histogram *all)
{
    x->needed = all;
}

/* Something lies at both sides of its bound, or right below it. */
static bool is_needed(const struct exposition *x, const struct histogram_scale *scale, size_t i)
{
    int64_t below = 0, above = 0;
    if (!x->needed)
        return true;
    for (size_t k = 0; k <= scale->count; k++)
        *(k <= i ? &below : &above) += x->needed->count[k];
    return below > 0 && (above > 0 || x->needed->count[i] > 0);
}

void exposition_histogram(struct exposition *x, const struct histogram_scale *scale,
                          const struct histogram *h)
{
    int64_t total = histogram_total(h), below = 0;
    for (size_t i = 0; i < scale->count && total > 0; i++) {
        below += h->count[i];
        if (is_needed(x, scale, i))
            put_bucket(x, scale->bounds_ms[i], below);
    }
    put_bucket(x, -1, total);
    put_sample_name(x, "_sum");
    put_decimal(x, h->sum_us, 6);
    put_text(x, "\n");
    put_sample_name(x, "_count");
    put_number(x, total);
    end_sample(x);
}

void exposition_end(struct exposition *x)
{
    if (x->open_metrics)
        put_text(x, "# EOF\n");
}
