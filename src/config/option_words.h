/* option_words.h - the words of the choices, for options.c. The default is named in options.def, the order
 * is that of --help. */
#ifndef MB_CONFIG_OPTION_WORDS_H
#define MB_CONFIG_OPTION_WORDS_H

#include "config/options.h"
#include "config/settings.h"

static const struct option_word product_words[] = {{"extraction", MINDEE_EXTRACTION},
                                                   {"classification", MINDEE_CLASSIFICATION},
                                                   {"crop", MINDEE_CROP},
                                                   {"split", MINDEE_SPLIT},
                                                   {"ocr", MINDEE_OCR},
                                                   {NULL, 0}};

static const struct option_word http_version_words[] = {
    {"1.1", HTTP_VERSION_1_1}, {"2", HTTP_VERSION_2}, {NULL, 0}};

static const struct option_word pace_words[] = {
    {"window", PACE_WINDOW}, {"even", PACE_EVEN}, {NULL, 0}};

static const struct option_word order_words[] = {
    {"name", INPUT_BY_NAME}, {"largest", INPUT_LARGEST}, {"pages", INPUT_BY_PAGES}, {NULL, 0}};

static const struct option_word access_words[] = {
    {"private", ACCESS_PRIVATE}, {"group", ACCESS_GROUP}, {NULL, 0}};

static const struct option_word planner_words[] = {
    {"learned", PLANNER_LEARNED}, {"fixed", PLANNER_FIXED}, {NULL, 0}};

static const struct option_word in_doubt_words[] = {
    {"resend", IN_DOUBT_RESEND}, {"hold", IN_DOUBT_HOLD}, {NULL, 0}};

static const struct option_word on_holiday_words[] = {{"run", ON_HOLIDAY_RUN},
                                                      {"before", ON_HOLIDAY_BEFORE},
                                                      {"after", ON_HOLIDAY_AFTER},
                                                      {"skip", ON_HOLIDAY_SKIP},
                                                      {NULL, 0}};

static const struct option_word late_words[] = {
    {"next", LATE_NEXT}, {"same", LATE_SAME}, {NULL, 0}};

static const struct option_word overlap_words[] = {
    {"wait", OVERLAP_WAIT}, {"skip", OVERLAP_SKIP}, {NULL, 0}};

/* Of notify.when, a list: the words themselves are its items. */
static const struct option_word notice_words[] = {{"end", 0}, {"trouble", 0}, {NULL, 0}};

static const struct option_word confidence_words[] = {
#define X(name, word) {#word, CONFIDENCE_##name},
    CONFIDENCES(X)
#undef X
        {NULL, 0}};

/* Of lists, whose items are these words. */
static const struct option_word check_words[] = {
#define X(name, code, severity) {code, CHECK_##name},
    CHECK_CODES(X)
#undef X
        {NULL, 0}};

static const struct option_word single_role_words[] = {
    {"supplier", 0}, {"number", 0}, {"type", 0}, {"date", 0},  {"due", 0},
    {"currency", 0}, {"net", 0},    {"tax", 0},  {"total", 0}, {"tip", 0},
    {"vat", 0},      {"iban", 0},   {NULL, 0}};

static const struct option_word stored_from_words[] = {
    {"now", STORED_FROM_NOW}, {"beginning", STORED_FROM_BEGINNING}, {NULL, 0}};

static const struct option_word csv_profile_words[] = {
    {"excel", CSV_EXCEL}, {"excel-eu", CSV_EXCEL_EU}, {"rfc4180", CSV_RFC4180}, {NULL, 0}};

static const struct option_word csv_delimiter_words[] = {{"profile", CSV_DELIMITER_OF_PROFILE},
                                                         {",", CSV_COMMA},
                                                         {";", CSV_SEMICOLON},
                                                         {"comma", CSV_COMMA},
                                                         {"semicolon", CSV_SEMICOLON},
                                                         {"tab", CSV_TAB},
                                                         {"pipe", CSV_PIPE},
                                                         {NULL, 0}};

static const struct option_word csv_decimal_words[] = {
    {"profile", CSV_DECIMAL_OF_PROFILE}, {".", CSV_DECIMAL_POINT},     {",", CSV_DECIMAL_COMMA},
    {"point", CSV_DECIMAL_POINT},        {"comma", CSV_DECIMAL_COMMA}, {NULL, 0}};

static const struct option_word csv_dates_words[] = {{"YYYY-MM-DD", CSV_DATES_ISO},
                                                     {"DD/MM/YYYY", CSV_DATES_DMY_SLASH},
                                                     {"DD.MM.YYYY", CSV_DATES_DMY_DOT},
                                                     {"MM/DD/YYYY", CSV_DATES_MDY_SLASH},
                                                     {NULL, 0}};

static const struct option_word headers_words[] = {
    {"friendly", HEADERS_FRIENDLY}, {"names", HEADERS_NAMES}, {NULL, 0}};

static const struct option_word export_confidence_words[] = {
    {"lowest", CONFIDENCE_LOWEST}, {"each", CONFIDENCE_EACH}, {"no", CONFIDENCE_NO}, {NULL, 0}};

static const struct option_word log_level_words[] = {{"error", LOG_ERROR},
                                                     {"warning", LOG_WARNING},
                                                     {"info", LOG_INFO},
                                                     {"debug", LOG_DEBUG},
                                                     {NULL, 0}};

static const struct option_word log_format_words[] = {
    {"text", LOG_TEXT}, {"json", LOG_JSON}, {NULL, 0}};

#endif
