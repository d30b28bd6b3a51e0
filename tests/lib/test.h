/* test.h - what a unit test needs before it says anything: cmocka and the headers that cmocka.h
 * wants to have been included before it. */
#ifndef MB_TESTS_TEST_H
#define MB_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Whether the sanitizers are built in, under which a long sweep takes every n-th step alone. */
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#endif
