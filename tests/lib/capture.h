/* capture.h - what a command prints, as texts.
 *
 *     capture_begin();                   standard output and standard error go to files
 *     ... what prints ...
 *     capture_end();                     and back; captured_out and captured_err hold it
 *
 * A test that fails in between tells so on a standard error that nobody sees: assert after the end. */
#ifndef MB_TESTS_CAPTURE_H
#define MB_TESTS_CAPTURE_H

extern char captured_out[64 * 1024], captured_err[64 * 1024];

void capture_begin(void);
void capture_end(void);

#endif
