/* csv_choices.h - what the user may say of CSV files (export.profile and its parts): the words are
 * config's, what follows from them is report's (csv_profile.h). */
#ifndef MB_BASE_CSV_CHOICES_H
#define MB_BASE_CSV_CHOICES_H

enum csv_profile_name {
    CSV_EXCEL,    /* opens in an English Excel by a double click */
    CSV_EXCEL_EU, /* in a German, French, ... one */
    CSV_RFC4180,  /* for programs */
};

/* Parts: 0 (or -1 of a flag) is what the profile has. */
enum csv_delimiter {
    CSV_DELIMITER_OF_PROFILE,
    CSV_COMMA = ',',
    CSV_SEMICOLON = ';',
    CSV_TAB = '\t',
    CSV_PIPE = '|',
};
enum csv_decimal { CSV_DECIMAL_OF_PROFILE, CSV_DECIMAL_POINT = '.', CSV_DECIMAL_COMMA = ',' };
enum csv_dates { CSV_DATES_ISO, CSV_DATES_DMY_SLASH, CSV_DATES_DMY_DOT, CSV_DATES_MDY_SLASH };

struct csv_choices {
    enum csv_profile_name profile;
    enum csv_delimiter delimiter;
    enum csv_decimal decimal;
    enum csv_dates dates;
    int bom, defuse; /* 1, 0; -1: as the profile has it */
};

#endif
