/* record_fixture.h - records for tests, from fields in short: a value by itself, a list in brackets, an object in
 * braces, texts in single quotes, a confidence behind an @.
 *
 *   {total_amount: 119.01, invoice_number: 'A-1'@Medium, locale: {currency: 'EUR'}, taxes: [{rate: 0.2}]} */
#ifndef MB_TESTS_RECORD_FIXTURE_H
#define MB_TESTS_RECORD_FIXTURE_H

#include "review/invoice_check.h"

struct record_fixture {
    struct columns *columns;
    struct flat_document *doc;
    struct roles *roles;
    struct role_record record;
    struct invoice invoice;
    struct check_options options;
    struct circumstances circumstances;
    struct findings findings;
    struct buffer json, told;
};

/* Roles and options as by default; stored on 2026-11-30, no period. */
void record_fixture_init(struct record_fixture *f);
void record_fixture_release(struct record_fixture *f);
/* Fails the test if FIELDS aren't what they should be. */
void record_fixture_read(struct record_fixture *f, const char *fields);
/* A whole result of Mindee's; false: it has no record NUMBER. */
bool record_fixture_read_result(struct record_fixture *f, const char *json, size_t len,
                                size_t number);
/* "code field difference;" of each finding, in their order; with the texts too. */
const char *record_fixture_check(struct record_fixture *f, const char *fields);
const char *record_fixture_tell(struct record_fixture *f, bool texts);

#endif
