/* mindee-batch-tools: what mindee-batch runs in processes of its own, with the libraries that only
 * these need: parsers of documents, which may be hostile, and what draws sample invoices. So the
 * program that holds the key and sends has none of them loaded.
 *
 *   mindee-batch-tools page-helper     counts pages, for intake (page_helper.h)
 *   mindee-batch-tools page-draw       draws one page, for the review page (page_draw.h)
 *   mindee-batch-tools sandbox ...     the local Mindee; `mindee-batch sandbox` becomes this one */
#include "base/program.h"
#include "cli/recorded_run.h"
#include "intake/intake.h"
#include "intake/page_draw.h"
#include "sandbox/sandbox.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    program_begin();
    if (strcmp(word, "page-helper") == 0)
        return page_helper_main();
    if (strcmp(word, "page-draw") == 0)
        return page_draw_main(argc - 1, argv + 1);
    if (strcmp(word, "sandbox") == 0)
        return sandbox_main(argc - 1, argv + 1, &recorded_run);
    fputs("mindee-batch-tools is a part of mindee-batch: run that\n", stderr);
    return 2;
}
