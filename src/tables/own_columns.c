/* See own_columns.h. */
#include "tables/own_columns.h"

const struct own_column_facts own_columns[OWN_COLUMNS] = {
    [OWN_RECORD] = {"_record", false, 17},
    [OWN_FILE] = {"_file", false, 40},
    [OWN_N] = {"_n", true, 4},
    [OWN_UP] = {"_up", true, 4},
    [OWN_EXTRACTED] = {"_extracted", false, 19},
    [OWN_PART] = {"_part", false, 14},
    [OWN_PART_TYPE] = {"_part_type", false, 16},
    [OWN_FIRST_PAGE] = {"_first_page", true, 4},
    [OWN_LAST_PAGE] = {"_last_page", true, 4},
    [OWN_PAGES] = {"_pages", true, 4},
    [OWN_FILES] = {"_files", true, 4},
    [OWN_RESULT] = {"_result", false, 40},
    [OWN_STORED_AT] = {"_stored_at", false, 20},
    [OWN_PERIOD] = {"_period", false, 10},
    [OWN_MODEL] = {"_model", false, 36},
    [OWN_JOB] = {"_job", false, 36},
    [OWN_RAG_DOCUMENT] = {"_rag_document", false, 36},
    [OWN_SHA256] = {"_sha256", false, 64},
    [OWN_LOWEST_CONFIDENCE] = {"_lowest_confidence", false, 10},
    [OWN_LOWEST_FIELD] = {"_lowest_field", false, 24},
    [OWN_STATUS] = {"_status", false, 9},
    [OWN_REASONS] = {"_reasons", false, 30},
    [OWN_CORRECTED] = {"_corrected", false, 24},
    [OWN_DUPLICATES] = {"_duplicates", false, 19},
};

const enum own_column own_first[OWN_FIRST] = {OWN_RECORD, OWN_FILE};
const enum own_column own_last[OWN_LAST] = {
    OWN_PART,         OWN_PART_TYPE,
    OWN_FIRST_PAGE,   OWN_LAST_PAGE,
    OWN_PAGES,        OWN_FILES,
    OWN_RESULT,       OWN_STORED_AT,
    OWN_PERIOD,       OWN_MODEL,
    OWN_JOB,          OWN_RAG_DOCUMENT,
    OWN_SHA256,       OWN_LOWEST_CONFIDENCE,
    OWN_LOWEST_FIELD, OWN_STATUS,
    OWN_REASONS,      OWN_CORRECTED,
    OWN_DUPLICATES,
};
