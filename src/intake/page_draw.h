/* page_draw.h - one page of an untrusted file drawn as a picture, in a process that does nothing else: the tools' word
 * `page-draw TYPE N`. The file is its standard input, the picture its standard output: of a PDF a JPEG, by pdftoppm, which it
 * becomes; of a TIFF or HEIC a PNG.
 *
 * It bounds itself before it looks at the file: memory, processor time, no file written, no core. */
#ifndef MB_INTAKE_PAGE_DRAW_H
#define MB_INTAKE_PAGE_DRAW_H

enum {
    PAGE_DRAW_PAGES_MAX = 100000,
    PAGE_DRAW_FAILED = 1,    /* it can't be drawn */
    PAGE_DRAW_NOT_THERE = 3, /* what draws this kind of file isn't installed */
};

/* The exit code. ARGV: the word, the type (pdf, tiff, heic), the page from 1. */
int page_draw_main(int argc, char **argv);

#endif
