/* schema.h - a request's `data_schema`: what it may say, and the fields that follow from it.
 *
 * {"replace": {"fields": [{name, title, type, is_array, description, ...}]}} stands for the fields
 * of the model, for one inference. Each then has a value of its type: what is printed on a sample
 * where the model's own field of that name has one, both being simple ones, else a made-up one that says so. */
#ifndef MB_SANDBOX_SCHEMA_H
#define MB_SANDBOX_SCHEMA_H

#include "base/buffer.h"
#include "base/require.h"
#include "sandbox/problem.h"

#include <stdbool.h>

/* 0, and whether it REPLACES the model's; or -1 with the problem. */
MUST_CHECK int schema_check(const char *text, bool *replaces, struct problem *p);

/* Appends the `fields` of a result as SCHEMA (checked) has them. TRUTH: the fields of the sample as
 * JSON of TRUTH_LEN bytes, or NULL. SEED decides what numbers and dates are made up. */
void schema_put_fields(struct buffer *b, const char *schema, const char *truth, size_t truth_len,
                       unsigned seed);

#endif
