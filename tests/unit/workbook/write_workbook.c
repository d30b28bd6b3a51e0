/* write_workbook DIRECTORY DOCUMENTS [LOCALE]: a month of invoices as DIRECTORY/workbook.xlsx, to be looked at and
 * opened by other programs. With LOCALE, the whole program has that one. */
#include "workbook_fixture.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

int main(int argc, char **argv)
{
    struct error e;
    struct table_sink *sink;
    struct left_out_notes notes = {0};
    struct workbook_fixture_sums sums;
    char path[4096];
    if (argc < 3 || (argc > 3 && !setlocale(LC_ALL, argv[3]))) {
        fprintf(stderr, "write_workbook DIRECTORY DOCUMENTS [LOCALE]\n");
        return 2;
    }
    snprintf(path, sizeof path, "%s/workbook.xlsx", argv[1]);
    const struct workbook_options o = {
        .path = path, .shown = path, .directory = argv[1], .created_s = 1796083200};
    int rc = workbook_tables_new(&sink, &o, &workbook_fixture_layout, &notes, &e);
    if (!rc) {
        rc = workbook_fixture_write(sink, atoi(argv[2]), &sums, &e);
        sink->kind->free(sink);
    }
    if (rc) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    for (size_t i = 0; i < notes.count; i++)
        fprintf(stderr, "%s\n", notes.text[i]);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("records %lld lines %lld eur %lld usd %lld jpy %lld\n", sums.records, sums.lines,
           sums.eur, sums.usd, sums.jpy);
    printf("cpu %ld ms, most memory %ld KB\n",
           (long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
               (long)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000,
           used.ru_maxrss);
    return 0;
}
