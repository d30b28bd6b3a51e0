/* test.h - what a unit test needs before it says anything: cmocka and the headers that cmocka.h
 * wants to have been included before it. */
#ifndef MB_TESTS_TEST_H
#define MB_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
