/* The samples' PDFs before another library's eyes: qpdf reads them without a warning and counts the
 * pages that were meant. */
#include "sandbox/invoice/draft.h"
#include "sandbox/invoice/render.h"
#include "test.h"

#include <qpdf/qpdf-c.h>
#include <stdlib.h>
#include <string.h>

static void qpdf_finds_nothing_to_complain_about(void **state)
{
    (void)state;
    struct invoice *v = xcalloc(1, sizeof *v);
    struct buffer pdf;
    struct error e = {0};
    int seen = 0;
    buffer_init(&pdf, 0);
    for (int i = 0; i < 200; i++) {
        invoice_draft(v, 31, i);
        if (v->medium != MEDIUM_PDF)
            continue;
        assert_int_equal(invoice_render_pdf(v, &pdf, &e), 0);
        qpdf_data q = qpdf_init();
        qpdf_silence_errors(q);
        qpdf_set_suppress_warnings(q, QPDF_TRUE);
        qpdf_set_attempt_recovery(q, QPDF_FALSE);
        assert_int_equal(qpdf_read_memory(q, "sample", pdf.data, pdf.len, NULL), QPDF_SUCCESS);
        assert_int_equal(qpdf_get_num_pages(q), v->pages);
        assert_false(qpdf_is_encrypted(q));
        assert_int_equal(qpdf_check_pdf(q), QPDF_SUCCESS);
        assert_false(qpdf_more_warnings(q));
        qpdf_cleanup(&q);
        seen++;
    }
    assert_int_equal(seen, 170);
    buffer_release(&pdf);
    free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qpdf_finds_nothing_to_complain_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
